//! The board of incidents: seen on the screen, and worked by its keys.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::app::State;
use crate::app::effect::{Effect, TerminalWork};
use crate::app::msg::{Answer, Msg};
use crate::app::update;
use crate::incidents::{Incident, Related};
use crate::model::testing::{alert, now, rows};
use crate::model::{Event, Row, TriageState};
use crate::view::testing::{press, screen, send, state_with, type_in};

fn board(width: u16, height: u16) -> State {
    let mut state = state_with(width, height, 9);
    // The newest alert stands alone, and is shown for that it is selected.
    type_in(&mut state, "iG");
    state
}

#[test]
fn the_board_at_120x30() {
    let mut state = board(120, 30);
    press(&mut state, KeyCode::Enter);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn the_board_at_80x24_with_single_alerts() {
    let mut state = board(80, 24);
    type_in(&mut state, "1j");
    assert_snapshot!(screen(&state, true));
}

#[test]
fn the_board_at_60x18() {
    assert_snapshot!(screen(&board(60, 18), true));
}

#[test]
fn the_board_at_160x24_with_tactics_and_one_that_was_reopened() {
    let mut state = board(160, 24);
    let mut known = state.incidents().known().unwrap().clone();
    let incident = known.incidents.iter_mut().find(|incident| incident.alerts.len() > 1).unwrap();
    (incident.acknowledged, incident.reopened) = (1, 2);
    incident.tactics = vec!["persistence".to_owned(), "defense-evasion".to_owned()];
    incident.related = vec![Related {
        id: "other-incident".to_owned(),
        address: "198.51.100.7".to_owned(),
        severity: incident.severity,
        last: incident.last,
        title: "Denied attempt".to_owned(),
    }];
    send(&mut state, Answer::Incidents(Ok(known)));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_preview_shows_its_incident_until_something_changes() {
    let mut state = board(160, 40);
    let many = |incident: &&Incident| incident.alerts.len() > 1;
    let incident = state.incidents().known().unwrap().incidents.iter().find(many).unwrap().clone();
    press(&mut state, KeyCode::Esc);
    let is_of_it =
        |state: &State| state.list().selected_row().is_some_and(|row| incident.alerts.contains(&row.id.0));
    type_in(&mut state, "g");
    while !is_of_it(&state) {
        press(&mut state, KeyCode::Char('j'));
    }
    let selected = state.list().selected_row().unwrap().clone();
    send(&mut state, Answer::Loaded(selected.id.clone(), Some(alert(&selected.id.0, 1).content)));
    let shown = screen(&state, false);
    assert!(shown.contains(" Incident ") && shown.contains(&incident.title), "{shown}");
    send(&mut state, Event::Stored(vec![Row::of(&alert("later", 90))]));
    let shown = screen(&state, false);
    assert!(!shown.contains(" Incident "), "it may have grown: {shown}");
}

#[test]
fn it_opens_at_the_incident_of_the_selected_alert_and_enter_goes_to_an_alert() {
    let mut state = state_with(120, 30, 9);
    // Number 6, which stands alone.
    type_in(&mut state, "jj");
    press(&mut state, KeyCode::Char('i'));
    let text = screen(&state, false);
    assert!(text.contains("1 open · 6 single alerts hidden"), "{text}");
    let current = text.lines().find(|line| line.contains('▌')).unwrap();
    assert!(current.contains("02:00") && current.contains("    1"), "the single alert is shown: {current}");
    type_in(&mut state, "k");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('i'));
    type_in(&mut state, "G");
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Enter);
    assert!(!state.overlay().is_open());
    assert_eq!(state.list().selected_row().unwrap().id.0, "alert-4");
    assert!(screen(&state, false).contains("Incident   alert-3, 3 alerts"), "its Summary names the incident");
}

#[test]
fn acknowledging_takes_all_alerts_and_a_note_goes_on_the_first() {
    let mut state = board(120, 30);
    type_in(&mut state, "a");
    let acknowledged = |state: &State| {
        let rows = state.list().all().filter(|row| row.state == TriageState::Acknowledged);
        rows.map(|row| row.id.0.clone()).collect::<Vec<_>>()
    };
    assert_eq!(acknowledged(&state), ["alert-5", "alert-4", "alert-3"]);
    assert!(state.overlay().is_open(), "the board stays");
    type_in(&mut state, "cwe know");
    press(&mut state, KeyCode::Enter);
    let noted =
        state.list().all().find(|row| row.remarks.as_ref().is_some_and(|of| of.note.is_some())).unwrap();
    assert_eq!(noted.id.0, "alert-3");
    assert!(screen(&state, false).contains("Incidents · "), "one is back at the board");
}

#[test]
fn a_copy_is_the_whole_incident_as_text() {
    let mut state = board(120, 30);
    let key = crossterm::event::KeyEvent::new(KeyCode::Char('y'), crossterm::event::KeyModifiers::NONE);
    let effects = update(&mut state, Msg::Key(key), now());
    let copied = effects.iter().find_map(|effect| match effect {
        Effect::Terminal(TerminalWork::Copy(copy)) => Some(copy.text.clone()),
        _ => None,
    });
    let text = copied.unwrap();
    assert!(text.starts_with("CRITICAL incident: ") && text.contains("Timeline\n- "), "{text}");
    for id in ["[alert-3]", "[alert-4]", "[alert-5]"] {
        assert!(text.contains(id), "{id}: {text}");
    }
}

#[test]
fn new_alerts_move_nothing_under_the_cursor() {
    let mut state = board(120, 30);
    type_in(&mut state, "1G");
    let current =
        |state: &State| screen(state, false).lines().find(|line| line.contains('▌')).map(str::to_owned);
    let before = current(&state);
    send(&mut state, Event::Stored(rows(10..20)));
    assert_eq!(current(&state), before);
    send(&mut state, Event::LinksStored);
    assert_eq!(current(&state), before);
}

#[test]
fn a_pivot_shows_the_incident_s_alerts_alone_and_esc_goes_back() {
    let mut state = board(120, 30);
    type_in(&mut state, "p");
    let shown: Vec<String> = state.list().ids().into_iter().map(|id| id.0).collect();
    assert_eq!(shown, ["alert-5", "alert-4", "alert-3"]);
    assert!(!state.overlay().is_open());
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.list().ids().len(), 9);
}

#[test]
fn a_filter_names_an_incident_by_any_of_its_alerts_however_old() {
    let mut state = state_with(120, 30, 14);
    let shown = |state: &State| -> Vec<String> { state.list().ids().into_iter().map(|id| id.0).collect() };
    type_in(&mut state, "fincident:alert-1");
    assert!(state.overlay().prompt().unwrap().error.is_some(), "at least 8 characters");
    type_in(&mut state, "1");
    assert_eq!(shown(&state), ["alert-12", "alert-11", "alert-10"], "with each key");
    press(&mut state, KeyCode::Enter);
    assert_eq!(shown(&state), ["alert-12", "alert-11", "alert-10"]);
    // Incidents that come anew without it leave it as it is, and it is asked for again.
    send(&mut state, Event::LinksStored);
    assert_eq!(shown(&state), ["alert-12", "alert-11", "alert-10"]);
    type_in(&mut state, "fincident:");
    press(&mut state, KeyCode::Tab);
    let completed = state.overlay().prompt().unwrap().text().to_owned();
    assert!(completed.starts_with("incident:alert-"), "{completed}");
    (0..30).for_each(|_| press(&mut state, KeyCode::Backspace));
    type_in(&mut state, "fincident:alert-99");
    assert!(shown(&state).is_empty());
    press(&mut state, KeyCode::Enter);
    assert!(screen(&state, false).contains("no alert with ID alert-99"), "{}", screen(&state, false));
}

#[test]
fn keys_with_control_have_their_own_meaning() {
    let mut state = board(120, 30);
    let control = |letter| {
        let modifiers = crossterm::event::KeyModifiers::CONTROL;
        Msg::Key(crossterm::event::KeyEvent::new(KeyCode::Char(letter), modifiers))
    };
    assert_eq!(update(&mut state, control('c'), now()), [Effect::Quit(0)]);
}

#[test]
fn nothing_is_done_to_another_incident_while_the_alert_is_in_none() {
    let mut state = state_with(120, 30, 15);
    // The newest alert is not among those that the incidents were made of.
    type_in(&mut state, "ia");
    assert!(state.list().all().all(|row| row.state == TriageState::Open));
    assert!(screen(&state, false).contains("The alert is in none of these incidents so far"));
    type_in(&mut state, "ja");
    assert!(state.list().all().any(|row| row.state == TriageState::Acknowledged));
}

/// Draws `SENTINEL_FRAMES` frames of the board at 200x60 over `SENTINEL_INCIDENTS` incidents, each after a key: run under
/// callgrind with two numbers, the difference is the cost of a key and its frame.
#[test]
#[ignore = "a measurement, see CONTRIBUTING.md"]
fn board_frames_to_count() {
    let given = |name: &str, usual: usize| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (frames, count) = (given("SENTINEL_FRAMES", 20), given("SENTINEL_INCIDENTS", 10_000));
    let mut state = board(200, 60);
    let mut known = state.incidents().known().unwrap().clone();
    let one = known.incidents.iter().find(|incident| incident.alerts.len() > 1).unwrap().clone();
    known.incidents = (0..count)
        .map(|number| {
            let mut incident = one.clone();
            incident.alerts = (0..3).map(|alert| format!("{number:06}-alert-{alert}")).collect();
            incident.id.clone_from(&incident.alerts[0]);
            incident
        })
        .collect();
    send(&mut state, Answer::Incidents(Ok(known)));
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('i'));
    press(&mut state, KeyCode::Char('g'));
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(200, 60)).unwrap();
    for _ in 0..frames {
        press(&mut state, KeyCode::Char('j'));
        terminal.draw(|frame| crate::view::draw(frame, &state)).unwrap();
    }
    let title =
        terminal.backend().buffer().content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    assert!(title.contains(&format!("{} open", crate::format::number(count as u64))), "the board is open");
}
