//! The query: filters, columns and times, saved views, and the pivots that led here.
//!
//! `actions` does what the query's actions ask for, `prompt_keys` and `picker_keys` take the keys of its prompt and
//! of its small lists; all work on [`Browse`](browse::Browse), the parts that they change.

pub(crate) mod actions;
pub(crate) mod browse;
pub(crate) mod columns;
mod counters;
pub(crate) mod facets;
pub(crate) mod filters;
pub(crate) mod picker;
pub(crate) mod picker_keys;
pub(crate) mod pivot;
pub(crate) mod prompt;
pub(crate) mod prompt_keys;
pub(crate) mod saved_views;
#[cfg(test)]
mod tests;
pub(crate) mod value_filter;

use detector::AlertId;

use self::columns::Columns;
use self::facets::Counted;
use self::filters::Chips;
use self::pivot::Pivot;
use self::saved_views::Views;

/// Texts that can be had again with ↑.
const REMEMBERED: usize = 100;

/// State of the query.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) chips: Chips,
    pub(crate) columns: Columns,
    /// An alert and its values for [`SHARED`](picker::SHARED), in that order; its row knows them by their hash
    /// only. `None` until the store has answered.
    pub(crate) values: Option<(AlertId, Vec<Option<String>>)>,
    /// Counts of what is shown, when they were last asked for.
    pub(crate) counted: Vec<Counted>,
    /// The pivots, the last one last.
    pub(crate) pivots: Vec<Pivot>,
    /// The saved views.
    pub(crate) views: Views,
    /// Reason why the saved views could not be read; `None` where they could.
    pub(crate) views_trouble: Option<String>,
    /// Texts that were written before, the newest last.
    pub(crate) earlier: Vec<String>,
}

impl Query {
    /// True where filters or pivots are set, so that they have a line on the screen.
    pub(crate) const fn has_bar(&self) -> bool {
        !self.chips.chips.is_empty() || !self.pivots.is_empty()
    }

    /// True where a filter other than the last pivot's own is set.
    pub(crate) fn is_narrowed(&self) -> bool {
        let own = self.pivots.last().map(|pivot| pivot.text.as_str());
        self.chips.chips.iter().any(|chip| Some(chip.text.as_str()) != own)
    }

    /// Remembers a text that was written, to be had again with ↑.
    pub(crate) fn remember(&mut self, text: &str) {
        self.earlier.retain(|known| known != text);
        self.earlier.push(text.to_owned());
        let most = self.earlier.len().saturating_sub(REMEMBERED);
        self.earlier.drain(..most);
    }
}
