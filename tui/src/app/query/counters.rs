//! The header's counters as ways to what they count: each opens the list of it, as a pivot that leads
//! back.

use crate::app::effect::Handled;
use crate::app::query::browse::Browse;
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
/// counter takes the place of the one that is shown.
pub(super) fn act(on: &mut Browse<'_>, action: Action) -> Handled {
    let text = filter(action)?;
    match on.query.pivots.last() {
        Some(pivot) if pivot.text == text => {
            on.end_pivot();
            return Some(Vec::new());
        }
        // A pivot that was narrowed further keeps its place in the way back.
        Some(pivot) if is_counter(&pivot.text) && !on.query.is_narrowed() => on.replace_pivot(text),
        _ => on.pivot(text),
    }
    on.refilter();
    // One comes to look at these, and not at what is near the alert that one comes from.
    on.list.first();
    Some(Vec::new())
}

fn is_counter(text: &str) -> bool {
    COUNTERS.iter().any(|(_, filter)| *filter == text)
}
