//! Pages, filters that look further back, and what is asked for when.

use detector::AlertId;

use crate::app::State;
use crate::app::msg::{Answer, Msg};
use crate::app::paging::*;
use crate::model::Event;
use crate::model::testing::{now, rows};
use crate::view::testing::type_in;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Sends a message, and returns the effects but that of the alert's sentence, which is loaded with each move.
fn update(state: &mut State, msg: impl Into<Msg>, now: Timestamp) -> Vec<Effect> {
    let mut effects = crate::app::update(state, msg, now);
    effects.retain(|effect| !matches!(effect, Effect::Lookup(Lookup::Load(_))));
    effects
}

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
    inner.record = Some(serde_json::json!({"userIdentity": {"accessKeyId": "AKIAEXAMPLE"}}).into());
    let (id, found) = (keyed.id.clone(), Row::of(&keyed));
    let ask = |answer: Vec<Row>| {
        let mut state = State::new(80, 12, now());
        let mut page = back(100..200);
        page[49] = found.clone();
        update(&mut state, Event::page(page, 100), now());
        state.list.find(&id);
        let shared = Answer::FacetValue(id.clone(), Facet::AccessKey, Some("AKIAEXAMPLE".to_owned()));
        let asked = update(&mut state, shared, now());
        assert!(matches!(asked.as_slice(), [Effect::Lookup(Lookup::Sharing { .. })]), "{asked:?}");
        assert_eq!((state.list.len(), press(&mut state, 'k')), (1, vec![]), "while it is on its way");
        let turn = state.list.turn();
        update(&mut state, Answer::Sharing { turn, last: answer.len() < 2_000, rows: answer }, now());
        press(&mut state, 'k')
    };
    assert_eq!(ask(Vec::new()), [], "that was all");
    let template = back(0..1).remove(0);
    let row = |number: usize| Row { id: AlertId(format!("more-{number}")), ..template.clone() };
    let many = (0..2_000).map(row).collect();
    assert!(matches!(ask(many).as_slice(), [Effect::Lookup(Lookup::Seek { .. })]), "there may be more");
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
        [Effect::Lookup(Lookup::Older((end.time, end.id)))],
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
    assert!(matches!(asked.as_slice(), [Effect::Lookup(Lookup::Older(..))]), "{asked:?}");
    let selected = |state: &State| state.list.selected_row().unwrap().id.0.clone();
    assert_eq!(selected(&state), "alert-80");
    assert!(state.status.text().is_some_and(|words| words.contains("20 loaded")));
    assert_eq!(press(&mut state, 'k'), [], "it is on its way");
    assert_eq!(update(&mut state, Event::page(back(70..80), 10), now()), [], "a key was pressed");
    assert_eq!(selected(&state), "alert-81");
    press(&mut state, 'G');
    update(&mut state, Event::page(back(60..70), 10), now());
    assert_eq!(update(&mut state, Event::page(back(55..60), 10), now()), []);
    assert_eq!(selected(&state), "alert-55");
    assert_eq!(state.status.text(), Some("the oldest is reached: all 45 alerts are loaded"));
    assert_eq!((press(&mut state, 'G'), state.status.text().map(str::to_owned)), (vec![], None));
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
    let scope = Scope { filters: state.list.filters().to_vec(), acknowledged: false };
    let seek = |row: &Row, walks| {
        let older_than = (row.time, row.id.clone());
        Effect::Lookup(Lookup::Seek { older_than, turn, scope: scope.clone(), walks })
    };
    assert_eq!(asked.last(), Some(&seek(&end, false)), "behind the page: {asked:?}");
    assert!(matches!(state.paging.looked_back_to(), Some((time, true)) if time == end.time));
    assert_eq!(press(&mut state, 'j').len(), 0, "it is on its way");

    // Nothing in this stretch: on to the next at once.
    let place = |second: i64| rows(second..second + 1).remove(0);
    let sought = |rows, second, last| {
        let end = place(second);
        Answer::Sought { turn, page: SearchPage { rows, end: Some((end.time, end.id)), last, walked: true } }
    };
    let asked = update(&mut state, sought(vec![], 60, false), now());
    assert_eq!(asked.last(), Some(&seek(&place(60), true)));
    let shown = state.list.len();
    update(&mut state, sought(vec![place(15)], 0, true), now());
    assert_eq!((state.list.len(), state.list.total()), (shown + 1, 101));
    assert_eq!(state.paging.looked_back_to(), None, "that was all");

    // Loose rows go with the filter, and the list goes on where its page ended.
    press(&mut state, 'F');
    assert_eq!(state.list.total(), 100);
    update(&mut state, sought(vec![place(15)], 0, true), now());
    assert_eq!(state.list.total(), 100, "that was asked for another filter");
    assert_eq!(press(&mut state, 'G'), [Effect::Lookup(Lookup::Older((end.time, end.id)))]);
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
    let page = SearchPage { end: Some((rows[0].time, rows[0].id.clone())), rows, last: true, walked: true };
    update(&mut state, Answer::Sought { turn, page }, now());
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
    assert!(!state.paging.has_older(&state.list));
    let one = rows(10..11).remove(0);
    let after = |second: i64| Row {
        id: AlertId(format!("alert-{second}")),
        time: one.time + jiff::SignedDuration::from_secs(second - 10),
        ..one.clone()
    };
    update(&mut state, Event::Stored((10..100_015).map(after).collect()), now());
    assert!(state.paging.has_older(&state.list) && is_full(&state.list));
    assert_eq!(state.paging.end.as_ref().unwrap().0, after(15).time);
}
