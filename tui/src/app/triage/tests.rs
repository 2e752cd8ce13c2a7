//! Keys of triage, and what becomes of the list and of its alerts.

use crossterm::event::KeyCode;
use detector::AlertId;

use crate::app::State;
use crate::app::overlay::Overlay;
use crate::app::triage::outcome::describe;
use crate::model::{Event, TriageAction, TriageCommand, TriageState};

use crate::model::testing::{now, rows};
use crate::view::testing::{press, screen, send, state_with, type_in};
use proptest::prelude::*;

fn name(id: &AlertId) -> &str {
    id.0.trim_start_matches("alert-")
}

fn shown(state: &State) -> Vec<&str> {
    (0..state.list.len()).filter_map(|at| state.list.shown_at(at)).map(|row| name(&row.id)).collect()
}

fn selected(state: &State) -> &str {
    name(&state.list.selected_row().unwrap().id)
}

fn acknowledged(state: &State) -> Vec<&str> {
    let acknowledged = state.list.all().filter(|row| row.state == TriageState::Acknowledged);
    let mut ids: Vec<_> = acknowledged.map(|row| name(&row.id)).collect();
    ids.sort_unstable();
    ids
}

fn notice(state: &State) -> &str {
    state.status.text().unwrap_or_default()
}

#[test]
fn an_acknowledged_alert_fades_where_it_is_and_leaves_when_it_is_out_of_sight() {
    let mut state = state_with(80, 8, 20);
    type_in(&mut state, "ja");
    assert_eq!((selected(&state), acknowledged(&state)), ("18", vec!["18"]));
    assert_eq!((shown(&state).len(), notice(&state)), (20, "1 alert: acknowledged; z undoes"));
    type_in(&mut state, "jjjjjjj");
    assert_eq!((selected(&state), shown(&state).len(), state.counts.acknowledged), ("11", 19, 1));
    type_in(&mut state, "A");
    assert_eq!((selected(&state), shown(&state).len()), ("11", 20));
    type_in(&mut state, "Az");
    assert_eq!((shown(&state).len(), acknowledged(&state).len()), (20, 0));
    type_in(&mut state, "z");
    assert_eq!(notice(&state), "there is nothing to undo");
}

#[test]
fn the_newest_brings_the_list_as_it_would_be_afresh() {
    let mut state = state_with(80, 24, 3);
    type_in(&mut state, "a");
    assert_eq!(shown(&state), ["2", "1", "0"]);
    type_in(&mut state, "g");
    assert_eq!((shown(&state), selected(&state)), (vec!["1", "0"], "1"));
}

#[test]
fn marks_and_ranges_are_meant_instead_of_the_selected_one() {
    let mut state = state_with(80, 24, 6);
    // 5 and 3 are marked, each with a step down; the range goes from 1 to 0.
    type_in(&mut state, "mjmjvj");
    type_in(&mut state, "a");
    assert_eq!(acknowledged(&state), ["0", "1", "3", "5"]);
    assert!(!state.triage.has_marks());
    type_in(&mut state, "zmv");
    press(&mut state, KeyCode::Esc);
    assert!(state.triage.anchor().is_none() && state.triage.has_marks());
    press(&mut state, KeyCode::Esc);
    assert!(!state.triage.has_marks());
}

#[test]
fn notes_and_tags_are_typed_and_keys_are_letters_then() {
    let mut state = state_with(80, 24, 2);
    let said = |state: &State| state.list.selected_row().unwrap().remarks.clone().unwrap();
    type_in(&mut state, "cquit at 3");
    press(&mut state, KeyCode::Backspace);
    press(&mut state, KeyCode::Enter);
    assert_eq!(said(&state).note.as_deref(), Some("quit at"));
    type_in(&mut state, "##drill -none ops");
    press(&mut state, KeyCode::Enter);
    assert_eq!(said(&state).tags, ["drill", "ops"]);
    type_in(&mut state, "#-drill");
    press(&mut state, KeyCode::Enter);
    assert_eq!(said(&state).tags, ["ops"]);
    type_in(&mut state, "cx");
    assert_eq!(state.overlay.triage_prompt().unwrap().input.value(), "quit atx", "it is there to be changed");
    press(&mut state, KeyCode::Esc);
    assert_eq!(
        (said(&state).note.as_deref(), state.overlay.triage_prompt().is_none()),
        (Some("quit at"), true)
    );
    type_in(&mut state, "c");
    for _ in 0..9 {
        press(&mut state, KeyCode::Backspace);
    }
    press(&mut state, KeyCode::Enter);
    assert_eq!(said(&state).note, None);
}

#[test]
fn of_many_tags_some_are_named_when_they_are_undone_too() {
    let commands = ["drill", "expected", "vendor", "ticket-4711"]
        .map(|tag| TriageCommand { alerts: Vec::new(), action: TriageAction::Untag(tag.to_owned()) });
    assert_eq!(describe(&commands), "tag drill removed, tag expected removed and 2 more");
    assert_eq!(describe(&commands[..1]), "tag drill removed");
    let long = TriageCommand { alerts: Vec::new(), action: TriageAction::Tag("x".repeat(90)) };
    assert!(describe(&[long]).ends_with('…'));
}

#[test]
fn what_another_console_says_is_seen_and_moves_nothing() {
    let mut state = state_with(80, 24, 6);
    let mut changed = rows(2..4);
    for row in &mut changed {
        row.state = TriageState::Acknowledged;
    }
    send(&mut state, Event::Stored(changed));
    assert_eq!((selected(&state), shown(&state)), ("5", vec!["5", "4", "3", "2", "1", "0"]));
    assert_eq!(acknowledged(&state), ["2", "3"]);
}

#[test]
fn nothing_is_said_of_nothing() {
    let mut state = State::new(80, 24, now());
    type_in(&mut state, "arc#mvzA");
    assert!(state.overlay.triage_prompt().is_none() && !state.triage.has_marks());
}

#[test]
fn a_key_that_needs_an_alert_says_that_none_is_selected() {
    for key in ["a", "r", "c", "#", "y", "D", "x"] {
        let mut state = State::new(80, 24, now());
        type_in(&mut state, key);
        assert_eq!(notice(&state), "no alert is selected", "{key}");
    }
}

proptest! {
    // Each makes thirty alerts with the real detector.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn nothing_that_is_seen_moves_by_triage(
        down in 1..25_usize,
        filter in prop::sample::select(vec!["", "state:open", "-tag:x"]),
        keys in prop::collection::vec(prop::sample::select(vec!["a", "r", "z", "m", "v"]), 1..12),
    ) {
        let mut state = state_with(80, 9, 30);
        type_in(&mut state, &format!("f{filter}"));
        press(&mut state, KeyCode::Enter);
        type_in(&mut state, &"j".repeat(down));
        for key in keys {
            let screen = |state: &State| {
                let rows = state.list.rows_on_screen(state.layout().list_rows());
                rows.map(|row| row.id.clone()).collect::<Vec<_>>()
            };
            let (seen, at) = (screen(&state), state.list.selected_row().unwrap().id.clone());
            type_in(&mut state, key);
            // A mark steps down.
            if key != "m" {
                prop_assert_eq!(&state.list.selected_row().unwrap().id, &at);
                prop_assert_eq!(screen(&state), seen);
            }
        }
    }
}

fn last_line(state: &State) -> String {
    let screen = screen(state, false);
    screen.lines().nth(usize::from(state.height) - 1).unwrap().to_owned()
}

#[test]
fn of_more_than_twenty_nothing_is_said_before_a_yes_and_it_can_be_undone() {
    let mut state = state_with(80, 24, 137);
    type_in(&mut state, "v19ja");
    assert_eq!(acknowledged(&state).len(), 20, "twenty are done at once");
    type_in(&mut state, "zgvGa");
    assert!(last_line(&state).contains("Acknowledge 137 alerts?  y/n"), "{}", last_line(&state));
    assert_eq!(acknowledged(&state).len(), 0);
    for no in [KeyCode::Esc, KeyCode::Char('n'), KeyCode::Enter, KeyCode::Char('a')] {
        press(&mut state, no);
        assert!(
            !matches!(state.overlay.get(), Some(Overlay::Confirm(_))) && state.triage.has_marks(),
            "{no:?}"
        );
        assert_eq!(acknowledged(&state).len(), 0, "{no:?}");
        type_in(&mut state, "a");
    }
    type_in(&mut state, "y");
    assert_eq!(acknowledged(&state).len(), 137);
    type_in(&mut state, "z");
    assert_eq!(acknowledged(&state).len(), 0, "undo asks nothing");
}

#[test]
fn a_note_that_is_not_written_on_many_is_still_there() {
    let mut state = state_with(80, 24, 30);
    type_in(&mut state, "vGcthe \u{202e}drill");
    press(&mut state, KeyCode::Enter);
    let asked = last_line(&state);
    assert!(asked.contains("on 30 alerts?  y/n") && !asked.contains('\u{202e}'), "{asked}");
    press(&mut state, KeyCode::Esc);
    assert!(last_line(&state).contains("Note for 30 alerts: the"), "{}", last_line(&state));
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "y");
    let noted = |row: &&crate::model::Row| row.remarks.as_deref().is_some_and(|said| said.note.is_some());
    assert_eq!(state.list.all().filter(noted).count(), 30);
}
