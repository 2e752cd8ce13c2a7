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
    let around = Around {
        alert: AlertId("e05".to_owned()),
        incident: Vec::new(),
        keys: Vec::new(),
        first: None,
        is_incident: false,
    };
    let (mut context, effect) = Context::around(around, 7);
    let Effect::Context(ContextWork::Ask { hours: 1, turn: 7, by: Some(0), .. }) = effect else {
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
    context.key(KeyEvent::new(code, KeyModifiers::NONE), 10, Timestamp::UNIX_EPOCH)
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
    assert_eq!(lines::words_of_reads(&context.calls_of(context.lines[0])), "2 × ListUsers, ListRoles (iam)");
    assert_eq!(context.line, 3, "the cursor stays at the alert");
    assert_eq!(press(&mut context, KeyCode::Char('l')), Pressed::Stays);
    assert_eq!((context.lines.len(), context.line), (6, 4), "unfolded, and still at the alert");
}

#[test]
fn enter_goes_to_alerts_and_other_keys_ask_anew() {
    let mut context = context();
    assert_eq!(press(&mut context, KeyCode::Enter), Pressed::GoTo(AlertId("e05".to_owned())));
    press(&mut context, KeyCode::Char('g'));
    assert_eq!(press(&mut context, KeyCode::Enter), Pressed::Says("no alert on this line"));
    let Pressed::Copy(text) = press(&mut context, KeyCode::Char('y')) else { panic!() };
    assert!(text.contains("denied") && text.lines().count() == 7, "{text}");
    let asked = press(&mut context, KeyCode::Char('+'));
    let Pressed::Asks(Effect::Context(ContextWork::Ask { hours: 2, turn: 8, by: Some(0), .. })) = asked
    else {
        panic!("{asked:?}")
    };
    assert!(context.calls.is_empty());
    context.take(7, ContextNews::Found { calls: vec![call(1, "ListUsers", "", "")], asked: 3 });
    assert!(context.calls.is_empty(), "an answer to the earlier question");
    let asked = press(&mut context, KeyCode::Tab);
    let Pressed::Asks(Effect::Context(ContextWork::Ask { by: Some(1), hours: 2, turn: 9, .. })) = asked
    else {
        panic!("{asked:?}")
    };
    context.take(9, ContextNews::Failed("no permission".to_owned()));
    context.take(9, ContextNews::Done);
    assert!(context.is_done && context.failed.is_some());
    assert_eq!(press(&mut context, KeyCode::Esc), Pressed::Closes);
}

fn type_in(context: &mut Context, text: &str) {
    text.chars().for_each(|letter| drop(press(context, KeyCode::Char(letter))));
}

#[test]
fn a_filter_hides_records_and_folds_what_is_left() {
    let mut context = context();
    type_in(&mut context, "fevent:List");
    let shown = |context: &Context| context.shown().map(|call| call.id.0.clone()).collect::<Vec<_>>();
    assert_eq!(shown(&context), ["e01", "e02", "e04", "e06"], "with each key");
    type_in(&mut context, " state:open");
    let error = context.finding.prompt.as_ref().unwrap().error.as_ref().unwrap();
    assert!(error.what.contains("state is a field of stored alerts"), "{error}");
    assert_eq!(press(&mut context, KeyCode::Enter), Pressed::Stays);
    assert!(context.finding.prompt.is_some(), "what can't be read stays open");
    (0.." state:open".len()).for_each(|_| drop(press(&mut context, KeyCode::Backspace)));
    press(&mut context, KeyCode::Enter);
    assert_eq!(context.finding.filter(), Some("event:List"));
    let folded =
        [Line::Reads { at: 0, count: 3 }, Line::Call { at: 3, is_new_address: true, is_new_region: false }];
    assert_eq!(context.lines, folded);
    let Pressed::Copy(text) = press(&mut context, KeyCode::Char('y')) else { panic!() };
    assert!(text.contains("Filter: event:List") && !text.contains("CreateAccessKey"), "{text}");
    press(&mut context, KeyCode::Char('w'));
    (0.."jsonl".len()).for_each(|_| drop(press(&mut context, KeyCode::Backspace)));
    type_in(&mut context, "csv");
    let Pressed::Write(path, calls) = press(&mut context, KeyCode::Enter) else { panic!() };
    assert_eq!((path.as_str(), calls.len()), ("records-e05.csv", 4));
    context.is_written();
    press(&mut context, KeyCode::Char('w'));
    assert_eq!(context.finding.prompt.as_ref().unwrap().text(), "records-e05-2.jsonl");
    assert_eq!(press(&mut context, KeyCode::Esc), Pressed::Stays, "closes the line alone");
    assert_eq!(context.finding.filter(), Some("event:List"));
    assert_eq!(press(&mut context, KeyCode::Esc), Pressed::Stays, "ends the filter first");
    assert_eq!(context.shown().count(), 6);
    // Keys are letters while a filter is typed.
    type_in(&mut context, "fq");
    assert_eq!(context.shown().count(), 0);
    press(&mut context, KeyCode::Esc);
    assert_eq!((context.shown().count(), press(&mut context, KeyCode::Char('q'))), (6, Pressed::Closes));
}

#[test]
fn a_filter_that_is_half_written_keeps_what_was_written_and_tab_completes_it() {
    let mut context = context();
    type_in(&mut context, "fevent:List outcome:");
    assert!(context.finding.prompt.as_ref().unwrap().error.is_some());
    assert_eq!((context.shown().count(), context.finding.filter()), (4, Some("event:List")));
    type_in(&mut context, "d");
    press(&mut context, KeyCode::Tab);
    assert_eq!(context.finding.filter(), Some("event:List outcome:denied"));
    press(&mut context, KeyCode::Esc);
    type_in(&mut context, "fip:");
    assert_eq!(context.shown().count(), 6, "of a filter that is not begun all are shown");
    press(&mut context, KeyCode::Tab);
    assert_eq!(context.finding.filter(), Some("ip:192.0.2.1"), "the most frequent");
    press(&mut context, KeyCode::Tab);
    assert_eq!(context.finding.filter(), Some("ip:198.51.100.1"));
    press(&mut context, KeyCode::Esc);
    type_in(&mut context, "fsta");
    assert!(context.finding.prompt.as_ref().unwrap().proposals.is_empty(), "records have no state");
}

#[test]
fn a_search_hides_nothing_and_goes_round_the_ends() {
    let mut context = context();
    assert_eq!(press(&mut context, KeyCode::Char('n')), Pressed::Says("nothing is searched for: / searches"));
    type_in(&mut context, "/listusers");
    press(&mut context, KeyCode::Enter);
    let hits: Vec<usize> = (0..context.lines.len()).filter(|line| context.is_hit(*line)).collect();
    assert_eq!((context.shown().count(), hits), (6, vec![0, 2, 4]), "folded reads too");
    let mut lines = Vec::new();
    for key in ['n', 'n', 'n', 'N'] {
        press(&mut context, KeyCode::Char(key));
        lines.push(context.line);
    }
    assert_eq!(lines, [4, 0, 2, 0]);
    type_in(&mut context, "/");
    (0..9).for_each(|_| drop(press(&mut context, KeyCode::Backspace)));
    type_in(&mut context, "nowhere");
    press(&mut context, KeyCode::Enter);
    assert_eq!(press(&mut context, KeyCode::Char('n')), Pressed::Says("no hit among the records shown"));
}

#[test]
fn the_span_is_doubled_and_halved_within_its_bounds() {
    let mut context = context();
    assert_eq!(press(&mut context, KeyCode::Char('-')), Pressed::Says("an hour to either side is the least"));
    let mut hours = Vec::new();
    for key in "+++++++-".chars() {
        match press(&mut context, KeyCode::Char(key)) {
            Pressed::Asks(Effect::Context(ContextWork::Ask { hours: asked, .. })) => hours.push(asked),
            other => assert_eq!(other, Pressed::Says("64 hours to either side is the most")),
        }
    }
    assert_eq!(hours, [2, 4, 8, 16, 32, 64, 32]);
}
