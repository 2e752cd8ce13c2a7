//! Pivoting: from one alert to all that shares something with it, and back to where one was.

use crate::app::query::filters::Chips;
use crate::app::query::{State, clock, refilter};
use crate::model::Row;

/// One step away from where one was.
#[derive(Debug)]
pub(crate) struct Pivot {
    /// The filter that was pivoted to.
    pub(crate) text: String,
    /// The filters that were set before.
    chips: Chips,
    /// The alert that was selected before; None where the list was followed.
    selected: Option<Row>,
}

/// Shows everything that this filter lets through, whatever else was set.
pub(crate) fn pivot(state: &mut State, text: &str) {
    let selected = state.list.selected_row().cloned().filter(|_| !state.list.is_followed());
    // The alert that one pivots from stays under the hand.
    state.list.stay();
    let chips = show_only(state, text);
    state.query.pivots.push(Pivot { text: text.to_owned(), chips, selected });
}

/// Shows what this filter lets through in the place of what the last step did; back goes where that did.
pub(crate) fn turn(state: &mut State, text: &str) {
    show_only(state, text);
    if let Some(step) = state.query.pivots.last_mut() {
        text.clone_into(&mut step.text);
    }
}

/// Sets this filter alone, and hands back those that were set.
fn show_only(state: &mut State, text: &str) -> Chips {
    let clock = clock(state);
    let chips = std::mem::take(&mut state.query.chips);
    // It was written by us.
    let _ = state.query.chips.set(text, None, &clock);
    chips
}

/// Back to the filters and the alert before the last step.
pub(crate) fn back(state: &mut State) -> bool {
    let Some(step) = state.query.pivots.pop() else { return false };
    state.query.chips = step.chips;
    refilter(state);
    match step.selected {
        Some(row) => {
            // From further back than the list goes, it may have left.
            state.list.insert_loose(vec![row.clone()]);
            state.list.go_to(&row);
        }
        None => state.list.follow(),
    }
    true
}
