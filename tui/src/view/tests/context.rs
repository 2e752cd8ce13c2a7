//! Records around an alert, on the screen.

use crossterm::event::KeyCode;
use detector::{Call, Detector, Record};
use insta::assert_snapshot;
use jiff::Timestamp;
use serde_json::json;

use crate::app::State;
use crate::app::msg::{ContextNews, Msg};
use crate::view::testing::{press, screen, send, state_with, type_in};

/// A record so many seconds after the beginning of the fixtures, with hostile text where it may be.
fn call(second: u32, service: &str, event: &str, address: &str, error: &str) -> Call {
    let mut record = json!({"eventID": format!("record-{second}"), "eventName": event, "readOnly": event.starts_with("List"),
        "eventSource": format!("{service}.amazonaws.com"), "eventTime": format!("2026-11-24T02:00:{second:02}Z"),
        "awsRegion": "us-east-1", "sourceIPAddress": address, "recipientAccountId": "111122223333",
        "requestParameters": {"userName": "bob\u{1b}[2J\u{202e}", "secretId": "db"},
        "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice"}});
    if !error.is_empty() {
        record["errorCode"] = json!(error);
    }
    Detector::default().call(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).0
}

/// Records around the newest of nine alerts, as far as they came.
fn records(width: u16, height: u16) -> State {
    let mut state = state_with(width, height, 9);
    press(&mut state, KeyCode::Char('x'));
    let turn = state.context().unwrap().turn();
    let time = |text: &str| text.parse().unwrap();
    let span = (time("2026-11-24T01:00:08Z"), time("2026-11-24T03:00:08Z"));
    let ways = vec!["key AKIAEXAMPLE0000000001".to_owned(), "ip 203.0.113.7".to_owned()];
    let calls = vec![
        call(1, "iam", "ListUsers", "203.0.113.7", ""),
        call(2, "iam", "ListRoles", "203.0.113.7", ""),
        call(3, "s3", "ListBuckets", "203.0.113.7", ""),
        call(5, "secretsmanager", "GetSecretValue", "203.0.113.7", "AccessDenied"),
        call(8, "iam", "CreateAccessKey", "198.51.100.9", ""),
    ];
    for news in [ContextNews::Begun { ways, by: 0, span }, ContextNews::Found { calls, asked: 2 }] {
        send(&mut state, Msg::Context(turn, news));
    }
    state
}

#[test]
fn records_at_120x20_while_they_come() {
    assert_snapshot!(screen(&records(120, 20), true));
}

#[test]
fn records_at_60x14_with_a_part_that_could_not_be_read() {
    let mut state = records(60, 14);
    let turn = state.context().unwrap().turn();
    let why = "us-east-1 incomplete: no permission for cloudtrail:LookupEvents".to_owned();
    send(&mut state, Msg::Context(turn, ContextNews::Failed(why)));
    send(&mut state, Msg::Context(turn, ContextNews::Done));
    assert_snapshot!(screen(&state, true));
    press(&mut state, KeyCode::Esc);
    assert!(state.context().is_none() && !state.overlay().is_open());
}

#[test]
fn from_the_board_of_incidents_one_goes_to_the_records_and_back() {
    let mut state = state_with(120, 30, 9);
    press(&mut state, KeyCode::Char('i'));
    press(&mut state, KeyCode::Char('x'));
    assert!(screen(&state, false).contains("0 records"));
    press(&mut state, KeyCode::Esc);
    assert!(screen(&state, false).contains("Incidents"), "the board is there again");
}

#[test]
fn records_at_120x20_by_a_filter_that_is_typed() {
    let mut state = records(120, 20);
    type_in(&mut state, "/secret");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "f-event:List* \"a");
    assert_snapshot!(screen(&state, true));
}

#[test]
fn the_help_lies_over_the_records_and_closes_onto_them() {
    let mut state = records(120, 30);
    type_in(&mut state, "?");
    assert_snapshot!(screen(&state, true));
    press(&mut state, KeyCode::Esc);
    assert!(state.context().is_some() && screen(&state, true).contains("5 records"));
    press(&mut state, KeyCode::Esc);
    assert!(state.context().is_none() && !state.overlay().is_open());
    type_in(&mut state, "i?");
    assert_snapshot!(screen(&state, true));
    press(&mut state, KeyCode::Char('q'));
    assert!(screen(&state, true).contains("Enter timeline"));
}
