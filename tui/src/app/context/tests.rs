//! Records as they come: in order, folded, with what is new.

use crossterm::event::KeyModifiers;
use detector::{Detector, Record};
use serde_json::json;

use super::*;

/// A record of a second, by an event, from an address, with an error or none.
fn call(second: u32, event: &str, address: &str, error: &str) -> Call {
    let mut record = json!({"eventID": format!("e{second:02}"), "eventName": event, "eventSource": "iam.amazonaws.com",
        "eventTime": format!("2026-11-24T02:00:{second:02}Z"), "awsRegion": "us-east-1", "sourceIPAddress": address,
        "recipientAccountId": "111122223333", "requestParameters": {"userName": "bob"},
        "userIdentity": {"type": "IAMUser", "userName": "eve", "arn": "arn:aws:iam::111122223333:user/eve"}});
    if !error.is_empty() {
        record["errorCode"] = json!(error);
    }
    Detector::default().call(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).0
}

/// Records around the alert of second 5, which came in two pages.
fn context() -> Context {
    let (mut context, effect) = Context::around(AlertId("e05".to_owned()), 7);
    let Effect::Context(ContextWork::Ask { hours: 1, turn: 7, by: 0, .. }) = effect else {
        panic!("{effect:?}")
    };
    let ways = vec!["key AKIA1".to_owned(), "ip 192.0.2.1".to_owned()];
    let span = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
    context.take(7, ContextNews::Begun { ways, by: 0, span });
    let late = vec![call(5, "CreateAccessKey", "192.0.2.1", ""), call(6, "ListUsers", "198.51.100.1", "")];
    context.take(7, ContextNews::Found { calls: late, asked: 1 });
    let early = vec![
        call(1, "ListUsers", "192.0.2.1", ""),
        call(2, "ListRoles", "192.0.2.1", ""),
        call(3, "GetUser", "192.0.2.1", "AccessDenied"),
        call(4, "ListUsers", "192.0.2.1", ""),
        call(5, "CreateAccessKey", "192.0.2.1", ""),
    ];
    context.take(7, ContextNews::Found { calls: early, asked: 2 });
    context
}

fn press(context: &mut Context, code: KeyCode) -> Pressed {
    context.key(KeyEvent::new(code, KeyModifiers::NONE), 10)
}

#[test]
fn reads_are_folded_and_what_is_refused_or_new_is_not() {
    let mut context = context();
    let plain = |at| Line::Call { at, is_new_address: false, is_new_region: false };
    let folded = [
        Line::Reads { at: 0, count: 2 },
        plain(2),
        Line::Reads { at: 3, count: 1 },
        plain(4),
        Line::Call { at: 5, is_new_address: true, is_new_region: false },
    ];
    assert_eq!(context.lines, folded, "each once, in order of time");
    assert_eq!(context.words_of_reads(0, 2), "2 × ListUsers, ListRoles (iam)");
    assert_eq!(context.line, 3, "the cursor stays at the alert");
    assert_eq!(press(&mut context, KeyCode::Char('f')), Pressed::Stays);
    assert_eq!((context.lines.len(), context.line), (6, 4), "unfolded, and still at the alert");
}

#[test]
fn enter_goes_to_alerts_and_other_keys_ask_anew() {
    let mut context = context();
    assert_eq!(press(&mut context, KeyCode::Enter), Pressed::GoTo(AlertId("e05".to_owned())));
    press(&mut context, KeyCode::Char('g'));
    assert_eq!(press(&mut context, KeyCode::Enter), Pressed::NoAlert);
    let Pressed::Copy(text) = press(&mut context, KeyCode::Char('y')) else { panic!() };
    assert!(text.contains("denied") && text.lines().count() == 7, "{text}");
    let asked = press(&mut context, KeyCode::Char('+'));
    let Pressed::Asks(Effect::Context(ContextWork::Ask { hours: 2, turn: 8, by: 0, .. })) = asked else {
        panic!("{asked:?}")
    };
    assert!(context.calls.is_empty());
    context.take(7, ContextNews::Found { calls: vec![call(1, "ListUsers", "", "")], asked: 3 });
    assert!(context.calls.is_empty(), "an answer to the earlier question");
    let asked = press(&mut context, KeyCode::Tab);
    let Pressed::Asks(Effect::Context(ContextWork::Ask { by: 1, hours: 2, turn: 9, .. })) = asked else {
        panic!("{asked:?}")
    };
    context.take(9, ContextNews::Failed("no permission".to_owned()));
    context.take(9, ContextNews::Done);
    assert!(context.is_done && context.failed.is_some());
    assert_eq!(press(&mut context, KeyCode::Esc), Pressed::Closes);
}
