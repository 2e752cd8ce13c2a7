use super::*;
use crate::app::actions::act;
use crate::app::list::Cursor;
use crate::keymap::BINDINGS;
use crate::view::testing::{press, send, state_with};
use crossterm::event::KeyCode;

#[test]
fn every_action_on_an_empty_screen_of_any_size_is_harmless() {
    for (width, height) in [(0, 0), (1, 1), (39, 7), (80, 24), (200, 60)] {
        let mut state = State::new(width, height, Timestamp::UNIX_EPOCH);
        for binding in BINDINGS {
            act(&mut state, binding.action);
            update(&mut state, Msg::Tick, Timestamp::UNIX_EPOCH);
            for key in [KeyCode::Down, KeyCode::Char('9'), KeyCode::Char('G'), KeyCode::Esc] {
                press(&mut state, key);
            }
        }
    }
}

#[test]
fn an_open_alert_stays_open_though_newer_ones_come() {
    let mut state = state_with(80, 24, 3);
    press(&mut state, KeyCode::Enter);
    let open = state.detail.as_ref().unwrap().id.clone();
    let newer = crate::model::testing::rows(10..20);
    update(&mut state, Event::Stored(newer), Timestamp::UNIX_EPOCH);
    assert_eq!(state.detail.as_ref().unwrap().id, open);
    assert_eq!((state.list.newer().count, state.focus), (10, Pane::Detail));
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('g'));
    assert_eq!((state.list.cursor(), state.detail_pane.opened), (&Cursor::Newest, false));
}

#[test]
fn folding_goes_up_the_tree_and_then_back_to_the_list() {
    let mut state = state_with(80, 24, 1);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char(']'));
    let lines = |state: &State| state.detail.as_ref().unwrap().page().len();
    let unfolded = lines(&state);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Char('h'));
    assert!(lines(&state) < unfolded);
    press(&mut state, KeyCode::Char('l'));
    assert_eq!(lines(&state), unfolded);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Char('j'));
    for left in ["folds the list of statements' parent", "folds it", "back to the list"] {
        assert_eq!(state.focus, Pane::Detail, "{left}");
        press(&mut state, KeyCode::Char('h'));
    }
    press(&mut state, KeyCode::Char('h'));
    assert_eq!((state.focus, state.detail_pane.opened), (Pane::List, false));
}

#[test]
fn a_count_goes_before_a_move() {
    let mut state = state_with(80, 24, 50);
    let keys = |state: &mut State, keys: &str| {
        keys.chars().for_each(|key| press(state, KeyCode::Char(key)));
        state.list.selected().unwrap()
    };
    assert_eq!(keys(&mut state, "12j"), 12);
    assert_eq!((keys(&mut state, "5k"), state.shell.count), (7, None));
    assert_eq!(keys(&mut state, "30G"), 29);
    assert_eq!(keys(&mut state, "4g"), 3);
    assert_eq!(keys(&mut state, "7dj"), 4, "any other key forgets the count");
    assert_eq!(keys(&mut state, "0j"), 5);
    assert_eq!(keys(&mut state, "99999999j"), 49);
    assert_eq!(keys(&mut state, "g"), 0);
    for key in "3:".chars() {
        press(&mut state, KeyCode::Char(key));
    }
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.list.selected(), Some(3), "the list of actions keeps the count: down, three times");
}

#[test]
fn jumps_go_to_what_is_severe_and_to_places_on_the_screen() {
    let mut state = state_with(80, 24, 60);
    let at = |state: &mut State, key| {
        press(state, KeyCode::Char(key));
        state.list.selected().unwrap()
    };
    assert_eq!((at(&mut state, 'L'), at(&mut state, 'M'), at(&mut state, 'H')), (17, 9, 0));
    let severe =
        |state: &State| state.list.selected_row().unwrap().severity >= Some(detector::Severity::High);
    at(&mut state, 'e');
    assert!(severe(&state));
    at(&mut state, 'G');
    at(&mut state, 'E');
    assert!(severe(&state));
}

#[test]
fn the_selected_row_goes_to_the_middle_the_top_and_the_bottom() {
    let mut state = state_with(80, 24, 60);
    let keys = |state: &mut State, keys: &str| {
        keys.chars().for_each(|key| press(state, KeyCode::Char(key)));
        (state.list.selected().unwrap(), state.list.top())
    };
    assert_eq!(keys(&mut state, "30j"), (30, 13));
    assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 21), (30, 30)));
    assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 13), (30, 21)));
    assert_eq!(keys(&mut state, "GZ"), (59, 42), "there is nothing behind the last");
    press(&mut state, KeyCode::Enter);
    keys(&mut state, "]GZ");
    let page = state.detail.as_ref().unwrap().page();
    assert!(page.top() <= page.cursor() && page.cursor() < page.len());
}

#[test]
fn what_is_new_is_told_and_what_was_there_or_was_only_triaged_is_not() {
    let mut state = State::new(80, 24, Timestamp::UNIX_EPOCH);
    let rows = crate::model::testing::rows;
    let told = |state: &mut State, msg| {
        let effects = update(state, msg, Timestamp::UNIX_EPOCH);
        effects.iter().any(|effect| matches!(effect, Effect::Notify(_)))
    };
    assert!(!told(&mut state, Event::page(rows(0..5), 10)));
    assert!(!told(&mut state, Event::Stored(rows(3..4))));
    assert!(told(&mut state, Event::Stored(rows(5..6))));
}

#[test]
fn what_is_pasted_is_no_keys() {
    let mut state = state_with(80, 24, 3);
    send(&mut state, Msg::Paste("q\u{1b}[Bj".into()));
    assert_eq!(state.list.selected(), Some(0));
    press(&mut state, KeyCode::Char(':'));
    send(&mut state, Msg::Paste("quit".into()));
    assert_eq!(state.overlay.palette().unwrap().query(), "quit");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('f'));
    send(&mut state, Msg::Paste("actor:alice\n".into()));
    assert_eq!(state.overlay.prompt().unwrap().text(), "actor:alice");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('c'));
    send(&mut state, Msg::Paste("quite\nexpected".into()));
    assert_eq!(state.overlay.triage_prompt().unwrap().input.value(), "quite expected");
}

#[test]
fn signals_end_with_their_number() {
    let mut state = state_with(80, 24, 0);
    assert_eq!(update(&mut state, Msg::Signal(15), Timestamp::UNIX_EPOCH), [Effect::Quit(143)]);
}
