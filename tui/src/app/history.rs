//! How far back the list goes: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight.

use detector::AlertId;
use jiff::Timestamp;

use super::look::Sort;
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
    let at = state.list.selected().unwrap_or(0);
    // The end where the oldest are.
    let left = if state.list.sort() == Sort::OLDEST_FIRST { at } else { state.list.len().saturating_sub(at) };
    let near = left <= height * (AHEAD + 1);
    if !near || state.history.whole || state.history.asked || state.list.is_full() {
        return None;
    }
    let (time, id) = state.history.end.clone()?;
    state.history.asked = true;
    Some(Effect::Older(time, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Msg, update};
    use crate::view::testing::{now, rows, type_in};
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn press(state: &mut State, key: char) -> Vec<Effect> {
        update(state, Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)), now())
    }

    /// As the store gives them: newest first.
    fn back(seconds: std::ops::Range<i64>) -> Vec<Row> {
        rows(seconds).into_iter().rev().collect()
    }

    #[test]
    fn the_next_page_is_asked_for_once_and_before_the_end_is_seen() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Msg::page(back(100..200), 100), now());
        // Another console has triaged something that is far older.
        update(&mut state, Msg::Stored(rows(3..4)), now());
        assert_eq!(press(&mut state, 'j'), []);
        let asked = press(&mut state, 'G');
        let end = rows(100..101).remove(0);
        assert_eq!(
            asked,
            [Effect::Older(end.time, end.id)],
            "behind the page, not behind what came beside it"
        );
        assert_eq!(press(&mut state, 'k'), [], "it is on its way");
        update(&mut state, Msg::page(back(50..100), 50), now());
        assert_eq!(state.list.len(), 151);
        type_in(&mut state, "g");
        assert_eq!(press(&mut state, 'G').len(), 1);
        update(&mut state, Msg::page(back(0..50), 100), now());
        assert_eq!((state.list.len(), press(&mut state, 'G')), (200, vec![]), "that was all");
    }

    #[test]
    fn what_failed_is_asked_for_again() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Msg::page(back(0..10), 10), now());
        assert_eq!(press(&mut state, 'j').len(), 1);
        update(&mut state, Msg::StoreFailed("disk".to_owned()), now());
        assert_eq!(press(&mut state, 'j').len(), 1);
    }
}
