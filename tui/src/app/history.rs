//! How far back the list goes: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight.

use detector::AlertId;
use jiff::Timestamp;

use super::{Effect, State};
use crate::store::Row;

/// Screens before the end at which more is asked for.
const AHEAD: usize = 3;

/// What of the database is in the list.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The last row of the last page: everything newer is in the list. What came from elsewhere and is
    /// older, an alert that another console has triaged, is not counted on.
    end: Option<(Timestamp, AlertId)>,
    /// Whether there is nothing behind it.
    whole: bool,
    asked: bool,
}

/// Takes a page in.
pub(super) fn page(state: &mut State, rows: Vec<Row>, last: bool) {
    let history = &mut state.history;
    (history.asked, history.whole) = (false, last);
    if let Some(row) = rows.last() {
        history.end = Some((row.time, row.id.clone()));
    }
    state.list.insert(rows);
    state.count();
}

/// What could not be read is asked for again with the next move.
pub(super) const fn failed(state: &mut State) {
    state.history.asked = false;
}

/// Asks for the next page where the end of the list is near.
pub(super) fn wanted(state: &mut State) -> Option<Effect> {
    let height = state.layout().list_rows();
    let near = state.list.top() + height * (AHEAD + 1) >= state.list.rows().len();
    if !near || state.history.whole || state.history.asked || state.list.is_full() {
        return None;
    }
    let (time, id) = state.history.end.clone()?;
    state.history.asked = true;
    Some(Effect::Older(time, id))
}
