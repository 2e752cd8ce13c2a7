//! The two panes, list and detail: open, close, their sizes; the detail follows the selection.

use crate::app::State;
use crate::app::detail::Detail;
use crate::app::effect::{Effect, Lookup};
use crate::keymap::Pane;

/// Opens the detail of the selected alert.
pub(super) fn open(state: &mut State) {
    // What one reads must not be replaced by what comes next.
    state.list.stay();
    if state.list.selected_row().is_some() {
        state.detail_pane.opened = true;
        state.focus = Pane::Detail;
    }
}

/// Goes back to the list.
pub(super) fn close(state: &mut State) {
    state.detail_pane.opened = false;
    state.focus = Pane::List;
}

/// Shows the timeline, or hides it.
pub(super) fn toggle_timeline(state: &mut State) {
    let is_shown = |state: &State| state.layout().timeline.height > 0;
    let was_shown = is_shown(state);
    state.timeline.asked = Some(!was_shown);
    if !was_shown && !is_shown(state) {
        // It is not to come as a surprise, later, on a larger screen.
        state.timeline.asked = None;
        state.status.set("no room for bars: enlarge the window");
    }
}

/// Gives list and detail the sizes that they have on the screen now.
pub(super) fn fit(state: &mut State) {
    let layout = state.layout();
    state.list.show(layout.list_rows());
    if let Some(detail) = &mut state.detail {
        detail.resize((usize::from(layout.detail.width), usize::from(layout.detail.height)));
    }
}

/// Shows the selected alert in the detail, where the detail is on the screen.
pub(super) fn preview(state: &mut State) -> Vec<Effect> {
    if state.layout().detail.width == 0 {
        return Vec::new();
    }
    let Some(row) = state.list.selected_row() else {
        // Of an alert that a filter hides nothing is shown, unless it is being read.
        state.detail = state.detail.take().filter(|_| state.detail_pane.opened);
        return Vec::new();
    };
    if state.detail.as_ref().is_some_and(|detail| detail.id == row.id) {
        return Vec::new();
    }
    let id = row.id.clone();
    let detail = Detail::loading(row, state.detail_pane.showing, state.detail_size());
    state.detail = Some(detail);
    vec![Effect::Lookup(Lookup::Load(id))]
}
