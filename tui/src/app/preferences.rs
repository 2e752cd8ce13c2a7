//! Preferences that are kept from one run to the next: the columns, their order and widths, the sort and the style of
//! times; also the choice whether the console takes the mouse, and the actions run by name.

use serde::{Deserialize, Serialize};

use crate::app::layout::Split;
use crate::app::list::sort::{Column, Sort};
use crate::app::palette::MOST_RECENT;
use crate::app::query::columns::{Columns, Placed, TimeStyle};

/// Settings that are kept from one run to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Preferences {
    pub(crate) columns: Vec<Placed>,
    pub(crate) sort: Sort,
    pub(crate) times: TimeStyle,
    /// The shares of list and detail.
    #[serde(default)]
    pub(crate) split: Split,
    /// True where the console takes the mouse, false where the terminal has it; `None` where nobody has ever
    /// chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mouse: Option<bool>,
    /// Entries that were run from the list of actions, the last one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) recent: Vec<String>,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            columns: Columns::default().placed,
            sort: Sort::default(),
            times: TimeStyle::default(),
            split: Split::default(),
            mouse: None,
            recent: Vec::new(),
        }
    }
}

impl Preferences {
    /// Makes sound what a file may say: each column once, widths within bounds. A column that the file does not
    /// know, since it is younger, comes behind the others as it is at first.
    pub(crate) fn sound(mut self) -> Self {
        let mut columns = Columns::default();
        columns.place(self.columns);
        self.columns = columns.placed;
        if self.sort.by == Column::Triage {
            self.sort = Sort::default();
        }
        self.recent.truncate(MOST_RECENT);
        let Split { beside, below } = self.split;
        self.split = Split { beside: Split::bound(beside), below: Split::bound(below) };
        self
    }
}
