//! Scripts of keys: tabs, trees, the copy menu, links, related alerts.

use super::*;
use crate::app::{Line, Tab, steps};
use crate::view::testing::{press, send, state_with};
use jiff::Timestamp;

fn effects(state: &mut State, code: KeyCode) -> Vec<Effect> {
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    crate::app::update(state, Msg::Key(key), Timestamp::UNIX_EPOCH)
}

fn copied(state: &mut State, letter: char) -> Copy {
    press(state, KeyCode::Char('y'));
    match effects(state, KeyCode::Char(letter)).as_slice() {
        [Effect::Copy(copy)] => copy.clone(),
        other => panic!("{letter}: {other:?}"),
    }
}

/// A console of which the parameters of a trust policy are open, the cursor on its principal.
fn at_the_principal() -> State {
    let mut state = state_with(120, 40, 1);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char(']'));
    for _ in 0..30 {
        press(&mut state, KeyCode::Char('j'));
    }
    state
}

#[test]
fn the_menu_copies_what_is_under_the_cursor_and_of_the_alert() {
    let mut state = at_the_principal();
    let text = |letter| copied(&mut state, letter).text;
    let texts: Vec<_> = "ykpqail".chars().map(text).collect();
    assert_eq!(
        texts,
        [
            "arn:aws:iam::999900001111:root",
            "AWS",
            "policyDocument.Statement[0].Principal.AWS",
            ".requestParameters.policyDocument | fromjson | .Statement[0].Principal.AWS",
            "arn:aws:iam::999900001111:root",
            "203.0.113.7",
            "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/alert-0",
        ]
    );
    let json: serde_json::Value = serde_json::from_str(&copied(&mut state, 'j').text).unwrap();
    assert_eq!(json["eventName"], "UpdateAssumeRolePolicy");
    assert!(copied(&mut state, 'c').text.starts_with("aws cloudtrail lookup-events"));
    assert!(copied(&mut state, 's').text.starts_with("CRITICAL: alice "));
}

#[test]
fn the_menu_moves_closes_and_lets_ctrl_c_through() {
    let mut state = at_the_principal();
    press(&mut state, KeyCode::Char('y'));
    press(&mut state, KeyCode::Down);
    let of = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Copy(copy)] => copy.what,
        other => panic!("{other:?}"),
    };
    assert_eq!(of(effects(&mut state, KeyCode::Enter)), "key");
    press(&mut state, KeyCode::Char('y'));
    assert_eq!(effects(&mut state, KeyCode::Char('z')), []);
    assert!(state.desk.over.is_none());
    press(&mut state, KeyCode::Char('y'));
    let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(crate::app::update(&mut state, Msg::Key(quit), Timestamp::UNIX_EPOCH), [Effect::Quit(0)]);
}

#[test]
fn a_list_alone_copies_and_links_too() {
    let mut state = state_with(80, 24, 2);
    assert_eq!(copied(&mut state, 'i').text, "203.0.113.7");
    let open = effects(&mut state, KeyCode::Char('o'));
    let [Effect::Open(url)] = open.as_slice() else { panic!("{open:?}") };
    assert!(url.ends_with("/events/alert-1"));
    let copy = crate::app::update(&mut state, Msg::NoBrowser(url.clone()), Timestamp::UNIX_EPOCH);
    assert!(matches!(copy.as_slice(), [Effect::Copy(copy)] if copy.text == *url));
    assert!(matches!(state.desk.over, Some(Over::Link(_))));
}

#[test]
fn nothing_is_copied_of_nothing() {
    let mut state = state_with(80, 24, 0);
    for key in ['y', 'o', ']', 'R', 'y'] {
        assert_eq!(effects(&mut state, KeyCode::Char(key)), []);
    }
}

#[test]
fn hidden_characters_are_copied_as_marks_unless_asked_for() {
    let mut state = state_with(120, 40, 1);
    press(&mut state, KeyCode::Enter);
    let content = Content::Unreadable { why: "x\u{202e}y\u{1b}".into(), raw: String::new() };
    let id = state.detail.as_ref().unwrap().id.clone();
    send(&mut state, Msg::Loaded(id, Some(content)));
    let safe = copied(&mut state, 'y');
    assert_eq!((safe.text.as_str(), safe.marks), ("x⟨U+202E⟩y␛", 2));
    assert!(
        safe.told("xclip").ends_with("2 characters that can't be seen are marks (capital letter: as it is)")
    );
    assert_eq!(copied(&mut state, 'Y').text, "x\u{202e}y\u{1b}");
}

#[test]
fn tabs_go_round_stay_with_the_next_alert_and_remember_their_place() {
    let mut state = at_the_principal();
    let place = |state: &State| state.detail.as_ref().unwrap().page().cursor();
    let before = place(&state);
    for _ in 0..6 {
        press(&mut state, KeyCode::Char(']'));
    }
    assert_eq!((state.desk.showing.tab, place(&state)), (Tab::Parameters, before));
    press(&mut state, KeyCode::Char('['));
    press(&mut state, KeyCode::Char('['));
    assert_eq!(state.desk.showing.tab, Tab::Respond);
    press(&mut state, KeyCode::Tab);
    send(&mut state, Msg::Stored(crate::view::testing::rows(5..6)));
    press(&mut state, KeyCode::Char('g'));
    assert_eq!(state.detail.as_ref().unwrap().showing().tab, Tab::Respond);
}

#[test]
fn a_related_alert_is_gone_to() {
    let mut state = state_with(120, 40, 4);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char('['));
    press(&mut state, KeyCode::Char('['));
    assert_eq!(state.desk.showing.tab, Tab::Related);
    press(&mut state, KeyCode::Char('j'));
    let detail = state.detail.as_ref().unwrap();
    assert!(matches!(detail.page().current(), Some(Line::Related(_))), "{:?}", detail.page());
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.list.selected_row().unwrap().id.0, "alert-2");
    assert_eq!(state.detail.as_ref().unwrap().id.0, "alert-2");
}

#[test]
fn moving_in_a_tree() {
    let mut state = at_the_principal();
    let at = |state: &mut State, keys: &str| {
        keys.chars().for_each(|key| press(state, KeyCode::Char(key)));
        crate::widget::json_tree::dotted(&state.detail.as_ref().unwrap().node_path().unwrap())
    };
    assert_eq!(at(&mut state, "H"), "policyDocument.Statement[0].Principal");
    assert_eq!(at(&mut state, "^"), "policyDocument.Statement[0].Effect");
    assert_eq!(at(&mut state, "J"), "policyDocument.Statement[0].Action");
    assert_eq!(at(&mut state, "$"), "policyDocument.Statement[0].Principal");
    assert_eq!(at(&mut state, "K"), "policyDocument.Statement[0].Action");
    assert_eq!(at(&mut state, "b"), "policyDocument.Statement[0]");
    assert_eq!(at(&mut state, "HHCEw"), "policyDocument.Version");
    assert_eq!(at(&mut state, "..,,"), "policyDocument.Version");
    assert_eq!(at(&mut state, "Kc"), "policyDocument.Version");
}

#[test]
fn the_rules_steps_are_there() {
    let state = at_the_principal();
    let Some(Content::Alert(alert)) = state.detail.as_ref().unwrap().content() else { panic!() };
    let ids: Vec<_> = alert.rules.iter().map(|rule| rule.id.clone()).collect();
    let steps = steps(&ids);
    assert!(!steps.is_empty() && steps.iter().all(|rule| !rule.steps.is_empty()));
}

#[test]
fn a_click_chooses_a_tab_and_closes_what_lies_over() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut state = state_with(120, 40, 2);
    let click = |state: &mut State, column, row| {
        let kind = MouseEventKind::Down(MouseButton::Left);
        send(state, Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    };
    let area = state.layout().detail;
    click(&mut state, area.x + 10, area.y);
    assert_eq!(state.desk.showing.tab, Tab::Parameters);
    press(&mut state, KeyCode::Char('y'));
    assert!(state.desk.over.is_some());
    click(&mut state, area.x + 21, area.y);
    assert!(state.desk.over.is_none() && state.desk.showing.tab == Tab::Parameters);
    click(&mut state, area.x + 21, area.y);
    assert_eq!(state.desk.showing.tab, Tab::Policy);
}
