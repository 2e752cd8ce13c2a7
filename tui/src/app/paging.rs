//! Reach of the list into the past: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight. A move to the oldest alert fetches page after
//! page, until that alert is there, the list is full, or a key or the mouse stops it.
//!
//! With filters set, the database is asked for the rows beyond that end that the filters let through,
//! stretch by stretch, until the screen and a little more is full. These rows stand alone, without the rows
//! between them: they leave when the filters change.

use detector::AlertId;
use jiff::Timestamp;

use crate::app::list::sort::Sort;
use crate::app::{Effect, State};
use crate::format;
use crate::model::{Row, SearchPage};
use crate::store::PAGE;

/// Screens before the end at which more is asked for.
const AHEAD: usize = 3;

/// Part of the database that the list holds.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    /// The last row of the last page: everything newer is in the list. An older row that came from
    /// elsewhere, such as an alert that another console has triaged, does not count.
    end: Option<(Timestamp, AlertId)>,
    /// True where nothing is stored behind `end`.
    whole: bool,
    asked: bool,
    /// True while the oldest alert is being fetched, to be selected.
    to_oldest: bool,
    /// Part of the database beyond `end` that the filters have looked at.
    further: Lookback,
}

/// Part of the database beyond the list's end that the filters have looked at.
#[derive(Debug, Default)]
struct Lookback {
    /// The filters' turn.
    turn: u64,
    /// The last row that was looked at; none before the first.
    end: Option<(Timestamp, AlertId)>,
    whole: bool,
    asked: bool,
    way: LookbackMode,
}

/// Way in which older rows are looked for.
#[derive(Debug, Default, PartialEq, Eq)]
enum LookbackMode {
    /// The search index may know where.
    #[default]
    Asks,
    /// It is of no use: row after row.
    Walks,
    /// An index is asked that has all that the filters let through.
    Indexed,
}

impl Paging {
    /// True where the list holds all that is stored, and before the first row has come.
    pub(crate) const fn is_whole(&self) -> bool {
        self.end.is_none() || self.whole
    }

    /// True where the filters of this turn have looked at all that is stored.
    pub(crate) const fn has_looked_at_all(&self, turn: u64) -> bool {
        self.further.turn == turn && self.further.whole
    }

    /// Time back to which the filters have looked, and true while they are still looking; `None` where
    /// they have looked at everything or no row has come yet.
    pub(crate) fn looked_back_to(&self) -> Option<(Timestamp, bool)> {
        if self.whole || self.further.whole {
            return None;
        }
        let (time, _) = self.further.end.as_ref().or(self.end.as_ref())?;
        Some((*time, self.further.asked))
    }
}

/// Takes a page in; asks for the next one where the oldest is wanted.
pub(crate) fn page(state: &mut State, rows: Vec<Row>, last: bool) -> Option<Effect> {
    let history = &mut state.paging;
    (history.asked, history.whole) = (false, last);
    if let Some(row) = rows.last() {
        history.end = Some((row.time, row.id.clone()));
    }
    state.list.insert_page(rows);
    state.count();
    on(state)
}

/// Takes in what the filters have found, and asks for more where the oldest is wanted. What other
/// filters have found is of no use.
pub(crate) fn found(state: &mut State, turn: u64, sought: SearchPage) -> Option<Effect> {
    if turn != state.list.turn() || turn != state.paging.further.turn {
        return None;
    }
    let further = &mut state.paging.further;
    // After a failure it may have been asked for twice.
    if further.end.as_ref().zip(sought.end.as_ref()).is_some_and(|((known, _), (end, _))| end > known) {
        return None;
    }
    (further.asked, further.whole) = (false, sought.last);
    further.way = if sought.walked { LookbackMode::Walks } else { LookbackMode::Asks };
    further.end = sought.end.or_else(|| further.end.take());
    state.list.insert_loose(sought.rows);
    on(state)
}

/// An index is asked for all that the filters of this turn let through and the list does not have: it
/// need not be looked for row by row.
pub(crate) fn ask_index(state: &mut State) {
    let turn = state.list.turn();
    state.paging.further = Lookback { turn, asked: true, way: LookbackMode::Indexed, ..Lookback::default() };
    if state.list.forget_loose() {
        state.count();
    }
}

/// So many rows came out of an index. Where these are as many as were asked for, there may be more.
pub(crate) fn index_answered(state: &mut State, rows: usize) {
    let further = &mut state.paging.further;
    if further.way == LookbackMode::Indexed {
        (further.way, further.asked, further.whole) = (LookbackMode::Asks, false, rows < PAGE);
    }
}

/// The oldest rows had to leave: the list ends before them, and they are stored.
pub(crate) fn note_eviction(state: &mut State) {
    if let Some(end) = state.list.take_new_end() {
        (state.paging.end, state.paging.whole) = (Some(end), false);
    }
}

/// Goes on where the oldest is wanted.
fn on(state: &mut State) -> Option<Effect> {
    if !state.paging.to_oldest {
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
pub(crate) fn to_the_oldest(state: &mut State, end_of: Sort) {
    if state.list.sort() != end_of || state.paging.end.is_none() {
        return;
    }
    state.paging.to_oldest = has_older(state) && !is_full(state);
    if state.paging.to_oldest || is_full(state) {
        state.triage.notice = Some(progress(state));
    }
}

/// Stays where the list is, though older alerts are on their way.
pub(crate) const fn stop(state: &mut State) {
    state.paging.to_oldest = false;
}

/// True where alerts may be stored that are older than all in the list and that the filters let through.
pub(crate) fn has_older(state: &State) -> bool {
    let (history, turn) = (&state.paging, state.list.turn());
    let looked_at = state.list.is_filtered() && history.further.turn == turn && history.further.whole;
    history.end.is_some() && !history.whole && !looked_at
}

/// The time behind which alerts are stored that are not in the list; none where there are none.
pub(crate) fn behind(state: &State) -> Option<Timestamp> {
    state.paging.end.as_ref().filter(|_| !state.paging.whole).map(|(time, _)| *time)
}

/// True where the list takes no more older alerts.
pub(crate) fn is_full(state: &State) -> bool {
    if state.list.is_filtered() { state.list.is_full_of_loose() } else { state.list.is_full() }
}

fn progress(state: &State) -> String {
    let loaded = format::number(state.list.total() as u64);
    if is_full(state) {
        format!("the list holds {loaded} alerts and no more; sentinel-tui export reaches further back")
    } else if state.paging.to_oldest {
        format!("on to the oldest alert: {loaded} loaded …; any key stays here")
    } else if state.list.is_filtered() {
        "the oldest that the filters let through is reached".to_owned()
    } else {
        format!("the oldest is reached: all {loaded} alerts are loaded")
    }
}

/// Handles a failed read: the next move asks again, and a move to the oldest alert ends.
pub(crate) const fn failed(state: &mut State) {
    (state.paging.asked, state.paging.further.asked) = (false, false);
    state.paging.to_oldest = false;
}

/// Asks for the next page where the end of the list is near.
pub(crate) fn wanted(state: &mut State) -> Option<Effect> {
    let turn = state.list.turn();
    // While a filter is written, each letter is another one.
    if state.query.prompt.is_none() && state.paging.further.turn != turn {
        state.paging.further = Lookback { turn, ..Lookback::default() };
        if state.list.forget_loose() {
            state.count();
        }
    }
    let height = state.layout().list_rows();
    let at = state.list.selected().unwrap_or(0);
    // Behind what was looked at there may be single rows that came out of turn.
    let further = state.paging.further.end.as_ref().filter(|_| state.list.is_filtered());
    let (time, id) = further.or(state.paging.end.as_ref())?;
    let newer =
        if state.list.sort() == Sort::OLDEST_FIRST { state.list.len().saturating_sub(at) } else { at };
    let left = state.list.down_to(*time, id).saturating_sub(newer);
    let near = left <= height * (AHEAD + 1);
    if near { next(state) } else { None }
}

/// Asks for the rows behind all that was looked at; `None` where there are no more, the list is full, or they
/// are on their way.
fn next(state: &mut State) -> Option<Effect> {
    let (time, id) = state.paging.end.clone().filter(|_| has_older(state) && !is_full(state))?;
    if !state.list.is_filtered() {
        let asked = std::mem::replace(&mut state.paging.asked, true);
        return (!asked).then_some(Effect::Older(time, id));
    }
    let (turn, further) = (state.list.turn(), &mut state.paging.further);
    if further.turn != turn || std::mem::replace(&mut further.asked, true) {
        return None;
    }
    let walks = further.way == LookbackMode::Walks;
    Some(Effect::Seek { behind: further.end.clone().unwrap_or((time, id)), turn, walks })
}

#[cfg(test)]
mod tests {
    use crate::app::paging::*;
    use crate::app::{Msg, update};
    use crate::model::Event;
    use crate::model::testing::{now, rows};
    use crate::view::testing::type_in;
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

    fn press(state: &mut State, key: char) -> Vec<Effect> {
        update(state, Msg::Key(KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE)), now())
    }

    /// As the store gives them: newest first.
    fn back(seconds: std::ops::Range<i64>) -> Vec<Row> {
        rows(seconds).into_iter().rev().collect()
    }

    #[test]
    fn what_an_index_finds_is_not_looked_for_row_by_row() {
        use crate::model::{Content, Facet};
        let mut keyed = crate::model::testing::alert("alert-150", 150);
        let Content::Alert(inner) = &mut keyed.content else { unreachable!() };
        inner.record = Some(serde_json::json!({"userIdentity": {"accessKeyId": "AKIAEXAMPLE"}}));
        let (id, found) = (keyed.id.clone(), Row::of(&keyed));
        let ask = |answer: Vec<Row>| {
            let mut state = State::new(80, 12, now());
            let mut page = back(100..200);
            page[49] = found.clone();
            update(&mut state, Event::page(page, 100), now());
            state.list.find(&id);
            let shared = Msg::Shared(id.clone(), Facet::AccessKey, Some("AKIAEXAMPLE".to_owned()));
            let asked = update(&mut state, shared, now());
            assert!(matches!(asked.as_slice(), [Effect::Sharing { .. }]), "{asked:?}");
            assert_eq!((state.list.len(), press(&mut state, 'k')), (1, vec![]), "while it is on its way");
            let turn = state.list.turn();
            update(&mut state, Msg::Found { turn, rows: answer }, now());
            press(&mut state, 'k')
        };
        assert_eq!(ask(Vec::new()), [], "that was all");
        let template = back(0..1).remove(0);
        let row = |number: usize| Row { id: AlertId(format!("more-{number}")), ..template.clone() };
        let many = (0..PAGE).map(row).collect();
        assert!(matches!(ask(many).as_slice(), [Effect::Seek { .. }]), "there may be more");
    }

    #[test]
    fn the_next_page_is_asked_for_once_and_before_the_end_is_seen() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(100..200), 100), now());
        // Another console has triaged something that is far older.
        update(&mut state, Event::Stored(rows(3..4)), now());
        assert_eq!(press(&mut state, 'j'), []);
        let asked = press(&mut state, 'G');
        let end = rows(100..101).remove(0);
        assert_eq!(
            asked,
            [Effect::Older(end.time, end.id)],
            "behind the page, not behind what came beside it"
        );
        assert_eq!(press(&mut state, 'k'), [], "it is on its way");
        update(&mut state, Event::page(back(50..100), 50), now());
        assert_eq!(state.list.len(), 151);
        type_in(&mut state, "g");
        assert_eq!(press(&mut state, 'G').len(), 1);
        update(&mut state, Event::page(back(0..50), 100), now());
        assert_eq!((state.list.len(), press(&mut state, 'G')), (200, vec![]), "that was all");
    }

    #[test]
    fn the_end_is_the_oldest_that_is_stored_page_after_page_until_a_key_is_pressed() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(90..100), 10), now());
        assert_eq!(press(&mut state, 'G').len(), 1);
        let asked = update(&mut state, Event::page(back(80..90), 10), now());
        assert!(matches!(asked.as_slice(), [Effect::Older(..)]), "{asked:?}");
        let selected = |state: &State| state.list.selected_row().unwrap().id.0.clone();
        assert_eq!(selected(&state), "alert-80");
        assert!(state.triage.notice.as_deref().is_some_and(|words| words.contains("20 loaded")));
        assert_eq!(press(&mut state, 'k'), [], "it is on its way");
        assert_eq!(update(&mut state, Event::page(back(70..80), 10), now()), [], "a key was pressed");
        assert_eq!(selected(&state), "alert-81");
        press(&mut state, 'G');
        update(&mut state, Event::page(back(60..70), 10), now());
        assert_eq!(update(&mut state, Event::page(back(55..60), 10), now()), []);
        assert_eq!(selected(&state), "alert-55");
        assert_eq!(state.triage.notice.as_deref(), Some("the oldest is reached: all 45 alerts are loaded"));
        assert_eq!((press(&mut state, 'G'), state.triage.notice.take()), (vec![], None));
        assert_eq!(state.wake(), None, "nothing wakes the console");
    }

    #[test]
    fn what_failed_is_asked_for_again() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(0..10), 10), now());
        assert_eq!(press(&mut state, 'j').len(), 1);
        update(&mut state, Event::StoreFailed("disk".to_owned()), now());
        assert_eq!(press(&mut state, 'j').len(), 1);
    }

    #[test]
    fn filters_look_further_back_than_the_list_goes_and_leave_no_holes() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(100..200), 100), now());
        type_in(&mut state, "fevent:AttachUserPolicy");
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        type_in(&mut state, " id:15");
        let asked = update(&mut state, Msg::Key(enter), now());
        let end = rows(100..101).remove(0);
        let turn = state.list.turn();
        let seek = |row: &Row, walks| Effect::Seek { behind: (row.time, row.id.clone()), turn, walks };
        assert_eq!(asked.last(), Some(&seek(&end, false)), "behind the page: {asked:?}");
        assert!(matches!(state.paging.looked_back_to(), Some((time, true)) if time == end.time));
        assert_eq!(press(&mut state, 'j').len(), 0, "it is on its way");

        // Nothing in this stretch: on to the next at once.
        let place = |second: i64| rows(second..second + 1).remove(0);
        let sought = |rows, second, last| {
            let end = place(second);
            Msg::SearchPage {
                turn,
                sought: SearchPage { rows, end: Some((end.time, end.id)), last, walked: true },
            }
        };
        let asked = update(&mut state, sought(vec![], 60, false), now());
        assert_eq!(asked.last(), Some(&seek(&place(60), true)));
        let shown = state.list.len();
        update(&mut state, sought(vec![place(15)], 0, true), now());
        assert_eq!((state.list.len(), state.list.total()), (shown + 1, 101));
        assert_eq!(state.paging.looked_back_to(), None, "that was all");

        // What stood alone goes with the filter, and the list goes on where its page ended.
        press(&mut state, 'F');
        assert_eq!(state.list.total(), 100);
        update(&mut state, sought(vec![place(15)], 0, true), now());
        assert_eq!(state.list.total(), 100, "that was asked for another filter");
        assert_eq!(press(&mut state, 'G'), [Effect::Older(end.time, end.id)]);
    }

    #[test]
    fn what_came_late_stays_whatever_is_filtered() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(100..110), 100), now());
        update(&mut state, Event::Stored(rows(3..4)), now());
        type_in(&mut state, "f");
        update(&mut state, Msg::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE)), now());
        press(&mut state, 'F');
        assert_eq!(state.list.total(), 11);
    }

    #[test]
    fn what_a_filter_has_found_stays_under_the_hand_without_it() {
        let mut state = State::new(120, 40, now());
        update(&mut state, Event::page(back(100..200), 100), now());
        type_in(&mut state, "fid:15");
        update(&mut state, Msg::Key(KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE)), now());
        let turn = state.list.turn();
        let rows = rows(15..16);
        let sought =
            SearchPage { end: Some((rows[0].time, rows[0].id.clone())), rows, last: true, walked: true };
        update(&mut state, Msg::SearchPage { turn, sought }, now());
        press(&mut state, 'G');
        let selected = |state: &State| state.list.selected_row().unwrap().id.0.clone();
        assert_eq!(selected(&state), "alert-15");
        press(&mut state, 'F');
        press(&mut state, 'A');
        let detail = state.detail.as_ref().unwrap().id.0.clone();
        assert_eq!((selected(&state), detail), ("alert-15".to_owned(), "alert-15".to_owned()));
    }

    #[test]
    fn a_list_that_overflows_has_older_alerts_again() {
        let mut state = State::new(80, 12, now());
        update(&mut state, Event::page(back(0..10), 100), now());
        assert!(!has_older(&state));
        let one = rows(10..11).remove(0);
        let after = |second: i64| Row {
            id: AlertId(format!("alert-{second}")),
            time: one.time + jiff::SignedDuration::from_secs(second - 10),
            ..one.clone()
        };
        update(&mut state, Event::Stored((10..100_015).map(after).collect()), now());
        assert!(has_older(&state) && is_full(&state));
        assert_eq!(state.paging.end.as_ref().unwrap().1.0, "alert-15");
    }
}
