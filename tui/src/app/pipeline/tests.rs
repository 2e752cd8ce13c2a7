//! Alarms and probes as they come, and the keys of their list.

use super::*;
use crate::app::effect::Effect;
use crate::app::{State, update};
use crate::model::Event;
use crate::model::testing::{alarm, now};
use crate::view::testing::{press, send, state_with, type_in};
use crossterm::event::{KeyCode, KeyEvent};

fn alarms(alarms: &[(&str, AlarmState, i64)], first: bool) -> Event {
    let alarm = |(name, state, minute): &(&str, AlarmState, i64)| alarm(name, *state, *minute);
    Event::Alarms { alarms: alarms.iter().map(alarm).collect(), first }
}

fn told(state: &mut State, msg: Event) -> Option<String> {
    update(state, msg, now()).into_iter().find_map(|effect| match effect {
        Effect::Notify(note) => Some(note.text.to_string()),
        _ => None,
    })
}

#[test]
fn what_goes_into_alarm_is_told_once_and_what_was_so_before_is_not() {
    let mut state = state_with(80, 24, 0);
    state.pipeline.name = Some("iam-sentinel".to_owned());
    let late = |state, minute| ("iam-sentinel-slack-late", state, minute);
    let dead = ("iam-sentinel-errors", AlarmState::Alarm, 2);
    assert_eq!(told(&mut state, alarms(&[late(AlarmState::Alarm, 1)], true)), None);
    assert_eq!(told(&mut state, alarms(&[late(AlarmState::Alarm, 1)], false)), None);
    let text = told(&mut state, alarms(&[dead, late(AlarmState::Alarm, 1)], false)).unwrap();
    assert_eq!(text, "the pipeline is in ALARM: errors");
    assert_eq!(state.pipeline.in_alarm().count(), 2);
    assert_eq!(told(&mut state, alarms(&[dead, late(AlarmState::Ok, 3)], false)), None);
    assert_eq!(state.status.text(), Some("the pipeline's alarm slack-late is OK again"));
    assert_eq!(state.pipeline.troubles().count(), 1);
}

#[test]
fn the_list_is_gone_through_forgotten_from_and_closed() {
    let mut state = state_with(80, 24, 3);
    let two = [("a-x", AlarmState::Alarm, 2), ("a-y", AlarmState::Unknown, 1), ("a-z", AlarmState::Ok, 1)];
    send(&mut state, alarms(&two, true));
    type_in(&mut state, "Ijjj");
    assert_eq!(state.overlay.alarms().unwrap().at, 1, "what is OK is not there");
    let key = KeyEvent::from(KeyCode::Char('x'));
    let effects = update(&mut state, crate::app::msg::Msg::Key(key), now());
    assert!(matches!(effects.as_slice(), [Effect::ForgetAlarm(key)] if key.name == "a-y"), "{effects:?}");
    send(&mut state, alarms(&two[..1], false));
    assert_eq!(state.overlay.alarms().unwrap().at, 0);
    press(&mut state, KeyCode::Esc);
    assert!(!state.overlay.is_open());
    type_in(&mut state, "j");
    assert_eq!(state.list.selected(), Some(1), "and the keys are the list's again");
}

#[test]
fn a_small_screen_reads_on_to_the_end_and_no_further() {
    let mut state = state_with(40, 8, 3);
    send(&mut state, alarms(&[("a-x", AlarmState::Alarm, 2)], true));
    type_in(&mut state, "I");
    for _ in 0..50 {
        press(&mut state, KeyCode::PageDown);
    }
    let skipped = state.overlay.alarms().unwrap().skipped;
    assert!(skipped > 0 && skipped < 20, "{skipped}");
    press(&mut state, KeyCode::PageUp);
    assert!(state.overlay.alarms().unwrap().skipped < skipped);
}

#[test]
fn nothing_of_it_wakes_the_console() {
    let mut state = state_with(80, 24, 3);
    send(&mut state, alarms(&[("a-x", AlarmState::Alarm, 2)], true));
    send(
        &mut state,
        Event::Probe(ProbeStatus::Back { took: jiff::SignedDuration::from_millis(400), at: now() }),
    );
    type_in(&mut state, "I");
    assert_eq!(state.wake(), None);
}
