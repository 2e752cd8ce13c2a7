//! The header's counters as ways to what they count: each opens the list of it, as a step that leads
//! back.

use crate::app::State;
use crate::app::query::{pivot, refilter};
use crate::keymap::Action;

/// The counters, each with the filter of what it counts.
const COUNTERS: [(Action, &str); 4] = [
    (Action::OnlyCritical, "severity=critical state:open"),
    (Action::OnlyHigh, "severity=high state:open"),
    (Action::OnlyOpen, "state:open"),
    (Action::OnlyUnreadable, "severity=unreadable state:open"),
];

/// None where an action is no counter's.
fn filter(action: Action) -> Option<&'static str> {
    COUNTERS.iter().find(|(counter, _)| *counter == action).map(|(_, filter)| *filter)
}

/// Shows all that a counter counts, the first of it selected; asked for again, it goes back. Another
/// counter takes the place of the one that is looked at. False where the action is no counter's.
pub(crate) fn act(state: &mut State, action: Action) -> bool {
    let Some(text) = filter(action) else { return false };
    match state.query.pivots.last() {
        Some(step) if step.text == text => return pivot::back(state),
        // What was narrowed further is worth a way back of its own.
        Some(step) if is_counter(&step.text) && !state.query.is_narrowed() => pivot::turn(state, text),
        _ => pivot::pivot(state, text),
    }
    refilter(state);
    // One comes to look at these, and not at what is near the alert that one comes from.
    state.list.first();
    true
}

fn is_counter(text: &str) -> bool {
    COUNTERS.iter().any(|(_, filter)| *filter == text)
}
