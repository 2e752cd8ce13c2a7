//! How far back the list goes: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight.
//!
//! With filters set, the database is asked for what they let through beyond that, stretch by stretch,
//! until the screen and a little more is full. These rows stand alone, without what is between them: they
//! go when the filters change.

use detector::AlertId;
use jiff::Timestamp;

use super::look::Sort;
use super::{Effect, State};
use crate::store::{Row, Sought};

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
    /// What the filters have looked at beyond it.
    further: Further,
}

/// How far beyond the list's end the filters have looked.
#[derive(Debug, Default)]
struct Further {
    /// The filters' turn.
    turn: u64,
    /// The last row that was looked at; none before the first.
    end: Option<(Timestamp, AlertId)>,
    whole: bool,
    asked: bool,
}

impl History {
    /// How far back the filters have looked, and whether they are still looking; none where they have
    /// looked at everything.
    pub(crate) fn looked_back_to(&self) -> Option<(Timestamp, bool)> {
        if self.whole || self.further.whole {
            return None;
        }
        let (time, _) = self.further.end.as_ref().or(self.end.as_ref())?;
        Some((*time, self.further.asked))
    }
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

/// Takes in what the filters have found; what those of before have found is of no use.
pub(super) fn found(state: &mut State, turn: u64, sought: Sought) {
    if turn != state.list.turn() || turn != state.history.further.turn {
        return;
    }
    let further = &mut state.history.further;
    (further.asked, further.whole) = (false, sought.last);
    further.end = sought.end.or_else(|| further.end.take());
    state.list.insert(sought.rows);
    state.count();
}

/// What could not be read is asked for again with the next move.
pub(super) const fn failed(state: &mut State) {
    (state.history.asked, state.history.further.asked) = (false, false);
}

/// Asks for the next page where the end of the list is near.
pub(super) fn wanted(state: &mut State) -> Option<Effect> {
    let turn = state.list.turn();
    // While a filter is written, each letter is another one.
    if state.look.prompt.is_none() && state.history.further.turn != turn {
        state.history.further = Further { turn, ..Further::default() };
        if let Some((time, _)) = state.history.end {
            state.list.forget_before(time);
            state.count();
        }
    }
    let height = state.layout().list_rows();
    let at = state.list.selected().unwrap_or(0);
    // The end where the oldest are.
    let left = if state.list.sort() == Sort::OLDEST_FIRST { at } else { state.list.len().saturating_sub(at) };
    let near = left <= height * (AHEAD + 1);
    if !near || state.history.whole || state.list.is_full() {
        return None;
    }
    let (time, id) = state.history.end.clone()?;
    if !state.list.is_filtered() {
        let asked = std::mem::replace(&mut state.history.asked, true);
        return (!asked).then_some(Effect::Older(time, id));
    }
    let further = &mut state.history.further;
    if further.turn != turn || further.whole || std::mem::replace(&mut further.asked, true) {
        return None;
    }
    Some(Effect::Seek { behind: further.end.clone().unwrap_or((time, id)), turn })
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

    #[test]
    fn filters_look_further_back_than_the_list_goes_and_leave_no_holes() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Msg::page(back(100..200), 100), now());
        type_in(&mut state, "fevent:AttachUserPolicy");
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        type_in(&mut state, " id:15");
        let asked = update(&mut state, Msg::Key(enter), now());
        let end = rows(100..101).remove(0);
        let turn = state.list.turn();
        let seek = |row: &Row| Effect::Seek { behind: (row.time, row.id.clone()), turn };
        assert_eq!(asked.last(), Some(&seek(&end)), "behind the page: {asked:?}");
        assert!(matches!(state.history.looked_back_to(), Some((time, true)) if time == end.time));
        assert_eq!(press(&mut state, 'j').len(), 0, "it is on its way");

        // Nothing in this stretch: on to the next at once.
        let place = |second: i64| rows(second..second + 1).remove(0);
        let sought = |rows, second, last| {
            let end = place(second);
            Msg::Sought { turn, sought: Sought { rows, end: Some((end.time, end.id)), last } }
        };
        let asked = update(&mut state, sought(vec![], 60, false), now());
        assert_eq!(asked.last(), Some(&seek(&place(60))));
        let shown = state.list.len();
        update(&mut state, sought(vec![place(15)], 0, true), now());
        assert_eq!((state.list.len(), state.list.total()), (shown + 1, 101));
        assert_eq!(state.history.looked_back_to(), None, "that was all");

        // What stood alone goes with the filter, and the list goes on where its page ended.
        press(&mut state, 'F');
        assert_eq!(state.list.total(), 100);
        update(&mut state, sought(vec![place(15)], 0, true), now());
        assert_eq!(state.list.total(), 100, "that was asked for another filter");
        assert_eq!(press(&mut state, 'G'), [Effect::Older(end.time, end.id)]);
    }
}
