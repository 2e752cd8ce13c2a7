//! State of the detail pane besides its alert: the tab that is shown, and what waits for the alert to be loaded.

use detector::AlertId;

use crate::app::detail::tab::Showing;

/// State of the detail pane.
#[derive(Debug, Default)]
pub(crate) struct DetailPane {
    /// True where the detail was opened; a wide screen shows it even where not.
    pub(crate) opened: bool,
    pub(crate) showing: Showing,
    /// Action to take once this alert is loaded; any key forgets it.
    pub(crate) pending: Option<(AlertId, Pending)>,
}

/// Action on an alert that must be loaded first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    CopyMenu,
    OpenLink,
}
