//! The two panes, list and detail: open, close, their sizes; the detail follows the selection.

use crate::app::State;
use crate::app::detail::Detail;
use crate::app::effect::{Effect, Lookup};
use crate::app::layout::Split;
use crate::keymap::Pane;
use crate::model::Row;

/// Opens the detail of the selected alert.
pub(super) fn open(state: &mut State) {
    // An alert that is being read must not be replaced by a new one.
    state.list.stay();
    if state.list.selected_row().is_some() {
        state.detail_pane.opened = true;
        state.focus = Pane::Detail;
    }
}

/// Lets the detail fill the screen, or gives the list its place again.
pub(super) fn zoom(state: &mut State) {
    open(state);
    state.detail_pane.zoomed = state.detail_pane.opened && !state.detail_pane.zoomed;
}

/// Gives the list more of what it shares with the detail, or less, in percent.
pub(super) fn resize_split(state: &mut State, by: i16) {
    let layout = state.layout();
    if layout.divider.width == 0 {
        state.status.set("no split here: list and detail are not shown together");
        return;
    }
    let split = &mut state.detail_pane.split;
    let share = if layout.divider.width == 1 { &mut split.beside } else { &mut split.below };
    *share = Split::bound(share.saturating_add_signed(by));
}

/// Puts the divider of list and detail at a place of the screen.
pub(super) fn drag_split(state: &mut State, column: u16, row: u16) {
    let layout = state.layout();
    let (list, detail) = (layout.list_frame, layout.detail_frame);
    let percent = |from: u16, to: u16, all: u16| {
        let share = u32::from(to.saturating_sub(from)) * 100 / u32::from(all.max(1));
        Split::bound(u16::try_from(share).unwrap_or(u16::MAX))
    };
    let split = &mut state.detail_pane.split;
    if layout.divider.width == 1 {
        split.beside = percent(list.x, column, detail.right());
    } else if layout.divider.width > 1 {
        split.below = percent(list.y, row, detail.bottom().saturating_sub(list.y));
    }
}

/// Goes back to the list.
pub(super) fn close(state: &mut State) {
    state.detail_pane.opened = false;
    state.detail_pane.zoomed = false;
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
    let (rows, size) = (state.layout().list_rows(), state.detail_size());
    state.list.show(rows);
    if let Some(detail) = &mut state.detail {
        detail.resize(size);
    }
}

/// Shows the selected alert in the detail, where the detail or the alert's sentence is on the screen.
pub(super) fn preview(state: &mut State) -> Vec<Effect> {
    let layout = state.layout();
    if layout.detail.width == 0 && layout.sentence.width == 0 {
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

/// Goes to an alert that was looked up.
pub(super) fn go_to(state: &mut State, row: Option<Row>) -> Vec<Effect> {
    let Some(row) = row else {
        state.status.fail("that alert is not stored any more");
        return Vec::new();
    };
    let id = row.id.clone();
    // It may be older than the list goes.
    state.list.insert_loose(vec![row]);
    if !state.list.find(&id) {
        state.status.fail("that alert is hidden: F switches filters off, A shows acknowledged alerts");
        return Vec::new();
    }
    open(state);
    fit(state);
    preview(state)
}
