//! The header's counters as ways to what they count: each opens the list of it, as a step that leads
//! back.

use super::{refilter, trail};
use crate::app::State;
use crate::keymap::Action;

/// The filter of what a counter counts; None where an action is no counter's.
const fn filter(action: Action) -> Option<&'static str> {
    Some(match action {
        Action::OnlyCritical => "severity=critical state:open",
        Action::OnlyHigh => "severity=high state:open",
        Action::OnlyOpen => "state:open",
        Action::OnlyUnreadable => "severity=unreadable state:open",
        _ => return None,
    })
}

/// Shows all that a counter counts, the first of it selected; asked for again, it goes back. False where
/// the action is no counter's.
pub(super) fn act(state: &mut State, action: Action) -> bool {
    let Some(text) = filter(action) else { return false };
    if state.look.trail.last().is_some_and(|step| step.text == text) {
        return trail::back(state);
    }
    trail::pivot(state, text);
    refilter(state);
    // One comes to look at these, and not at what is near the alert that one comes from.
    state.list.first();
    true
}
