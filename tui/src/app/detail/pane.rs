//! State of the detail pane besides its alert: the tab that is shown, and what waits for the alert to be loaded.

use detector::AlertId;

use crate::app::detail::tab::Showing;
use crate::app::layout::{DetailState, Split};

/// State of the detail pane.
#[derive(Debug, Default)]
pub(crate) struct DetailPane {
    /// True where the detail was opened; a wide screen shows it even where not.
    pub(crate) opened: bool,
    /// True where it fills the screen, in the place of the list.
    pub(crate) zoomed: bool,
    /// The shares of list and detail.
    pub(crate) split: Split,
    pub(crate) showing: Showing,
    /// Action to take once this alert is loaded; any key forgets it.
    pub(crate) pending: Option<(AlertId, Pending)>,
}

impl DetailPane {
    /// Returns the state of the pane, as the layout goes by it.
    pub(crate) const fn opened(&self) -> DetailState {
        match (self.opened, self.zoomed) {
            (false, _) => DetailState::Preview,
            (true, false) => DetailState::Open,
            (true, true) => DetailState::Zoomed,
        }
    }
}

/// Action on an alert that must be loaded first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    CopyMenu,
    OpenLink,
    /// Show its detection rules.
    Rule,
}
