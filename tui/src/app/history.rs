//! How far back the list goes: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight. Who wants the oldest gets page after page, until
//! it is there, the list is full, or a key says otherwise.

use detector::AlertId;
use jiff::Timestamp;

use super::look::Sort;
use super::{Effect, State};
use crate::store::Row;
use crate::widget::text;

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
    /// Whether the oldest is on its way to be selected.
    to_oldest: bool,
}

/// Takes a page in; asks for the next one where the oldest is wanted.
pub(super) fn page(state: &mut State, rows: Vec<Row>, last: bool) -> Option<Effect> {
    let history = &mut state.history;
    (history.asked, history.whole) = (false, last);
    if let Some(row) = rows.last() {
        history.end = Some((row.time, row.id.clone()));
    }
    state.list.insert(rows);
    state.count();
    if !state.history.to_oldest {
        return None;
    }
    state.list.select(if state.list.sort() == Sort::OLDEST_FIRST { 0 } else { usize::MAX });
    let next = next(state);
    if next.is_none() {
        stop(state);
    }
    state.triage.notice = Some(progress(state));
    next
}

/// Goes on to the oldest alert that is stored, where the end of this order is meant.
pub(super) fn to_the_oldest(state: &mut State, end_of: Sort) {
    if state.list.sort() != end_of || state.history.end.is_none() {
        return;
    }
    state.history.to_oldest = !state.history.whole && !state.list.is_full();
    if state.history.to_oldest || state.list.is_full() {
        state.triage.notice = Some(progress(state));
    }
}

/// Stays where the list is, though older alerts are on their way.
pub(super) const fn stop(state: &mut State) {
    state.history.to_oldest = false;
}

/// The time behind which alerts are stored that are not in the list; none where there are none.
pub(super) fn behind(state: &State) -> Option<Timestamp> {
    state.history.end.as_ref().filter(|_| !state.history.whole).map(|(time, _)| *time)
}

fn progress(state: &State) -> String {
    let loaded = text::number(state.list.total() as u64);
    if state.list.is_full() {
        format!(
            "the list holds the newest {loaded} alerts and no more; sentinel-tui export reaches further back"
        )
    } else if state.history.to_oldest {
        format!("on to the oldest alert: {loaded} loaded …; any key stays here")
    } else {
        format!("the oldest is reached: all {loaded} alerts are loaded")
    }
}

/// What could not be read is asked for again with the next move.
pub(super) const fn failed(state: &mut State) {
    state.history.asked = false;
    state.history.to_oldest = false;
}

/// Asks for the next page where the end of the list is near.
pub(super) fn wanted(state: &mut State) -> Option<Effect> {
    let height = state.layout().list_rows();
    let at = state.list.selected().unwrap_or(0);
    // Behind the last page there may be single rows that came out of turn.
    let (time, id) = state.history.end.as_ref()?;
    let newer =
        if state.list.sort() == Sort::OLDEST_FIRST { state.list.len().saturating_sub(at) } else { at };
    let left = state.list.down_to(*time, id).saturating_sub(newer);
    let near = left <= height * (AHEAD + 1);
    if near { next(state) } else { None }
}

/// The next page, where there is one and it is not on its way.
fn next(state: &mut State) -> Option<Effect> {
    if state.history.whole || state.history.asked || state.list.is_full() {
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
    fn the_end_is_the_oldest_that_is_stored_page_after_page_until_a_key_is_pressed() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Msg::page(back(90..100), 10), now());
        assert_eq!(press(&mut state, 'G').len(), 1);
        let asked = update(&mut state, Msg::page(back(80..90), 10), now());
        assert!(matches!(asked.as_slice(), [Effect::Older(..)]), "{asked:?}");
        let selected = |state: &State| state.list.selected_row().unwrap().id.0.clone();
        assert_eq!(selected(&state), "alert-80");
        assert!(state.triage.notice.as_deref().is_some_and(|words| words.contains("20 loaded")));
        assert_eq!(press(&mut state, 'k'), [], "it is on its way");
        assert_eq!(update(&mut state, Msg::page(back(70..80), 10), now()), [], "a key was pressed");
        assert_eq!(selected(&state), "alert-81");
        press(&mut state, 'G');
        update(&mut state, Msg::page(back(60..70), 10), now());
        assert_eq!(update(&mut state, Msg::page(back(55..60), 10), now()), []);
        assert_eq!(selected(&state), "alert-55");
        assert_eq!(state.triage.notice.as_deref(), Some("the oldest is reached: all 45 alerts are loaded"));
        assert_eq!((press(&mut state, 'G'), state.triage.notice.take()), (vec![], None));
        assert_eq!(state.wake(), None, "nothing wakes the console");
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
