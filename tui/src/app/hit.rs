//! Places of the screen that the mouse can hit, as `view/hit.rs` finds them.

use crate::app::detail::Tab;
use crate::app::list::sort::Column;
use crate::keymap::Action;

/// A place of the screen, by what lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hit {
    /// A word of the header that starts an action.
    Action(Action),
    /// The name of a column.
    Column(Column),
    /// A row of the list, by its place among all that are shown.
    Row(usize),
    /// A bar of the timeline, by its bucket.
    Bar(i64),
    Scrollbar,
    /// The line between list and detail.
    Divider,
    /// The name of a tab.
    Tab(Tab),
    /// A line of the detail's page, by its number.
    DetailLine(usize),
    /// The detail, where no line is.
    Detail,
    /// A row of the list of actions, by its place among all that are found.
    PaletteRow(usize),
    OutsidePalette,
    Nothing,
}
