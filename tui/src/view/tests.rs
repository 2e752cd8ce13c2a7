//! Screens as snapshots, each with its styles: text alone does not show an invisible selection.

use crossterm::event::KeyCode;
use insta::assert_snapshot;
use jiff::SignedDuration;

use super::testing::{now, press, rows, screen, send, state_with};
use crate::app::{Msg, State};
use crate::source::Health;
use crate::store::{Content, Incoming, Row};
use detector::AlertId;

#[test]
fn list_at_80x24() {
    assert_snapshot!(screen(&state_with(80, 24, 4), true));
}

#[test]
fn detail_below_the_list_at_80x24() {
    let mut state = state_with(80, 24, 4);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Enter);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn detail_beside_the_list_at_120x40_without_colours() {
    assert_snapshot!(screen(&state_with(120, 40, 4), false));
}

#[test]
fn detail_instead_of_the_list_at_60x16() {
    let mut state = state_with(60, 16, 2);
    press(&mut state, KeyCode::Enter);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn smallest_and_too_small() {
    assert_snapshot!("40x8", screen(&state_with(40, 8, 20), true));
    assert_snapshot!("39x8", screen(&state_with(39, 8, 20), true));
}

#[test]
fn help_over_the_list() {
    let mut state = state_with(100, 24, 1);
    press(&mut state, KeyCode::Char('?'));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn nothing_yet_and_no_connection() {
    let mut state = State::new(100, 10, now());
    let next = now() + SignedDuration::from_secs(8);
    let why = "cannot reach SQS: connection refused".to_owned();
    send(&mut state, Msg::Health(Health::Retrying { why, next, last_receive: None }));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn newer_alerts_are_counted_and_the_screen_stays() {
    let mut state = state_with(100, 12, 6);
    press(&mut state, KeyCode::Char('j'));
    send(&mut state, Msg::Stored(rows(100..105)));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn hostile_text_moves_nothing() {
    let mut state = state_with(100, 8, 1);
    let content = Content::Unreadable { why: "\u{1b}[2J\u{202e}\t\u{200b}".into(), raw: String::new() };
    let incoming = Incoming { id: AlertId("m".into()), received: now(), content };
    send(&mut state, Msg::Stored(vec![Row::of(&incoming)]));
    assert_snapshot!(screen(&state, true));
}
