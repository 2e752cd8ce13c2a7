//! The language: what it finds, what it refuses and where, and that a filter written out reads the same.

mod properties;

use std::sync::Arc;

use detector::facts::Verdict;
use detector::{AlertId, Severity};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::syntax::{Expr, Op, Term, Value};
use super::{Clock, Filter, complete, parser};
use crate::model::field::Field;
use crate::model::{Content, Facet, Members, Remarks, Row, SharedText, Stored, TriageState};

fn clock() -> Clock {
    Clock { now: "2026-11-24T02:10:00Z".parse().unwrap(), zone: TimeZone::UTC, day: None }
}

fn row() -> Row {
    Row {
        id: AlertId("4f2a-0001".into()),
        time: "2026-11-24T02:00:00Z".parse().unwrap(),
        severity: Some(Severity::High),
        event: SharedText::new("✗ CreateAccessKey"),
        actor: SharedText::new("Marta Ruiz"),
        source_ip: SharedText::new("203.0.113.7"),
        account: SharedText::new("111122223333"),
        target: SharedText::new("user svc-backup"),
        what: SharedText::new("CreateAccessKey  → user svc-backup"),
        region: SharedText::new("us-east-1"),
        source: SharedText::new("iam.amazonaws.com"),
        outcome: Some(Verdict::Denied),
        rules: SharedText::new("An access key for somebody else; Key made by root"),
        state: TriageState::Acknowledged,
        remarks: Some(Arc::new(Remarks {
            by: "ana".into(),
            at: Timestamp::UNIX_EPOCH,
            note: Some("Expected: the new pipeline".into()),
            tags: vec!["drill".into(), "ops".into()],
        })),
        session_key: Some(Facet::Session.key("arn:aws:sts::111122223333:assumed-role/deploy/marta")),
        access_key: Some(Facet::AccessKey.key("ASIAEXAMPLE")),
    }
}

fn takes(filter: &str) -> bool {
    Filter::parse(filter, &clock()).unwrap_or_else(|error| panic!("{}", error.report(filter))).matches(&row())
}

#[test]
fn a_time_of_a_day_is_of_the_day_that_one_looks_at() {
    let day = Some("2024-02-29".parse().unwrap());
    let at = |text: &str, clock: &Clock| super::time::parse(text, clock).unwrap().to_string();
    let replay = Clock { day, ..clock() };
    assert_eq!(at("03:30", &replay), "2024-02-29T03:30:00Z");
    assert_eq!(at("03:30", &clock()), "2026-11-23T03:30:00Z", "the last time that it was so");
    assert_eq!(at("2h", &replay), "2026-11-24T00:10:00Z");
}

#[test]
fn it_finds_what_is_there() {
    for filter in [
        "",
        " ",
        "marta",
        "Marta",
        "AccessKey",
        "accesskey",
        "203.0.113",
        "arn",
        "actor:ruiz",
        "who:marta",
        "actor=\"marta ruiz\"",
        "event:Create*",
        "event:create*key",
        "event:*",
        "event=CreateAccessKey",
        "event~^Create(Access|Other)Key$",
        "~^us-east-\\d$",
        "event~\\S",
        "target:svc",
        "target=svc-backup",
        "target=\"user svc-backup\"",
        "rule:root",
        "sev:high",
        "severity=HIGH",
        "sev>=med",
        "sev>medium",
        "sev<=high",
        "sev<critical",
        "sev!=low",
        "level:h",
        "ip:203.0.113.0/24",
        "ip:203.0.113.7",
        "ip!=10.0.0.0/8",
        "ip:203.0.113.*",
        "ip~^203",
        "since:15m",
        "since:02:00",
        "since:2026-11-24",
        "since:2026-11-24T01:59:59Z",
        "until:5m",
        "time>=02:00",
        "time<=02:00",
        "time<02:01",
        "time>01:59",
        "outcome:denied",
        "outcome!=success",
        "account:111122223333",
        "region!=eu-west-1",
        "id:4f2a",
        "marta -event:Delete",
        "marta and not alice",
        "alice or marta",
        "(alice or marta) createaccesskey",
        "NOT alice AND marta",
        "-(alice or bob)",
        "not not marta",
        "-alice",
        "service:iam",
        "user!=alice",
        "event!~^Delete",
        "state:acknowledged",
        "state=ack",
        "state!=open",
        "-state:o",
        "tag:drill",
        "tag:#Ops or tag=#ops",
        "tag:dr*",
        "tag~^o",
        "note:pipeline",
        "note:Expected*",
        "session=arn:aws:sts::111122223333:assumed-role/deploy/marta",
        "key:ASIAEXAMPLE",
        "access_key!=ASIAOTHER",
    ] {
        // `arn` is in none of its texts.
        assert_eq!(takes(filter), filter != "arn", "{filter}");
    }
}

#[test]
fn it_leaves_out_what_is_not() {
    for filter in [
        "alice",
        "MARTA",
        "actor:MARTA",
        "event:Create",
        "-marta",
        "event=Create",
        "sev:critical",
        "sev>high",
        "sev<high",
        "sev<low",
        "sev>critical",
        "sev:unreadable",
        "ip:198.51.100.0/24",
        "ip!=203.0.113.7",
        "since:5m",
        "until:15m",
        "outcome:success",
        "time>02:00",
        "time<02:00",
        "marta alice",
        "alice or bob",
        "\"Create*\"",
        "event:\"Create*\"",
        "actor:\"Ruiz Marta\"",
        "since:02:05",
        "event~^Access",
        "event!~^Create",
        "arn:aws:iam::1:user/x",
        "state:open",
        "tag=dril",
        "tag:none",
        "-tag:*",
        "note:drill",
        "expected",
        "session=marta",
        "key!=ASIAEXAMPLE",
    ] {
        assert_eq!(takes(filter), filter == "event:Create", "{filter}");
    }
}

#[test]
fn a_row_and_its_alert_are_asked_alike() {
    let incoming = crate::model::testing::alert("a", 1);
    let Content::Alert(alert) = &incoming.content else { unreachable!() };
    let row = Row::of(&incoming);
    for filter in [
        "alice",
        "event:AttachUserPolicy",
        "target:bob",
        "target=bob",
        "target=\"user bob\"",
        "sev:critical",
        "ip:203.0.113.7",
        "outcome:success",
        "service:iam",
        "rule:administrator",
        "bob -rule:zzz",
        "region:us-*",
        "account:1111*",
        "since:02:00",
        "mallory",
    ] {
        let filter_read = Filter::parse(filter, &clock()).unwrap();
        assert_eq!(filter_read.matches(&row), filter_read.matches(&**alert), "{filter}");
        assert_eq!(filter_read.matches(&row), filter != "mallory", "{filter}");
    }
}

#[test]
fn what_people_said_is_known_of_the_database_and_refused_elsewhere() {
    for (filter, at, words) in [
        ("x state:open", 2..12, "state is a field of stored alerts"),
        ("-(a or tag:x)", 7..12, "in the console's list and in export"),
        ("incident:4f0e9a1b", 0..17, "incident is a field of stored alerts"),
        ("not note:x", 4..10, "note is a field of stored alerts"),
    ] {
        let error = Filter::parse_untriaged(filter, &clock()).map(drop).expect_err(filter);
        assert_eq!(error.at, at, "{filter}");
        assert!(error.what.contains(words), "{filter}: {error}");
    }
    assert!(Filter::parse_untriaged("session=x outcome:denied", &clock()).is_ok());
    assert!(Filter::parse_untriaged("since:yesterday", &clock()).is_err());

    let incoming = crate::model::testing::alert("a", 1);
    let said = row();
    let remarks = said.remarks.as_deref().cloned();
    let stored = |content| Stored {
        number: 1,
        id: AlertId("a".into()),
        time: incoming.received,
        content,
        state: TriageState::Acknowledged,
        remarks: remarks.clone(),
    };
    let unreadable = Content::Unreadable { why: "not JSON".into(), raw: String::new() };
    for filter in ["state:ack", "tag:drill", "note:pipeline", "-state:open id=a"] {
        let filter = Filter::parse(filter, &clock()).unwrap();
        assert!(filter.asks_for_stored());
        assert!(
            filter.matches(&stored(incoming.content.clone())) && filter.matches(&stored(unreadable.clone()))
        );
    }
    let takes = |filter: &str, content| Filter::parse(filter, &clock()).unwrap().matches(&stored(content));
    assert!(takes("alice sev:critical event:Attach*", incoming.content.clone()));
    assert!(takes("sev:unreadable \"not json\"", unreadable));
}

#[test]
fn what_could_not_be_read_has_no_severity() {
    let content = Content::Unreadable { why: "not JSON".into(), raw: String::new() };
    let incoming =
        crate::model::Incoming { id: AlertId("m".into()), received: Timestamp::UNIX_EPOCH, content };
    let row = Row::of(&incoming);
    let takes = |filter: &str| Filter::parse(filter, &clock()).unwrap().matches(&row);
    assert!(takes("sev:unreadable") && takes("sev!=low") && takes("\"not json\"") && !takes("sev>=low"));
    assert!(!takes("ip:*") && takes("-ip:*") && !takes("region:*"), "what is not there is no text");
}

#[test]
fn errors_say_what_and_where() {
    for (filter, at, words) in [
        ("acto:alice", 0..4, "there is no field acto: did you mean actor?"),
        ("x severty>=high", 2..9, "did you mean severity?"),
        ("zzzzzzz:1", 0..7, "put quotes round it"),
        ("sts:AssumeRole", 0..3, "put quotes round it"),
        ("sev>=bad", 5..8, "bad is none of critical, high, medium, low, unreadable"),
        ("actor>alice", 0..11, "actor has no order: use actor:, actor= or actor~"),
        ("since:yesterday", 6..15, "yesterday is no time: use a time such as 02:30"),
        ("time:2h", 0..7, "use since:2h"),
        ("sev~x", 4..5, "none of"),
        ("event~(", 6..7, "invalid regular expression"),
        ("state:done", 6..10, "done is none of open, acknowledged"),
        ("state~open", 0..10, "use state:open or state!=open"),
        ("tag>x", 0..5, "tag has no order"),
        ("key:ASIA*", 0..9, "key is asked for as a whole"),
        ("session~x", 0..9, "use session= or session!="),
        ("outcome:bad", 8..11, "success, denied, failed"),
        ("(alice", 0..1, "not closed: add a )"),
        ("alice)", 5..6, "was not opened"),
        ("alice and", 9..9, "something is missing here"),
        ("or", 0..2, "something is missing here"),
        ("()", 1..2, "something is missing here"),
        ("actor:", 0..6, "write what to look for behind actor:"),
        ("actor:\"ali", 6..10, "not closed: add a \""),
        ("not", 3..3, "something is missing"),
    ] {
        let error = Filter::parse(filter, &clock()).map(drop).expect_err(filter);
        assert_eq!(error.at, at, "{filter}: {error}");
        assert!(error.what.contains(words), "{filter}: {error}");
        assert!(filter.get(error.at).is_some(), "{filter}");
    }
    let error = Filter::parse("žofie acto:x", &clock()).unwrap_err();
    assert_eq!(error.report("žofie acto:x").lines().last().unwrap(), "        ^^^^");
    let deep = "(".repeat(100_000);
    assert!(Filter::parse(&deep, &clock()).unwrap_err().what.contains("too many brackets"));
}

#[test]
fn fields_and_values_are_proposed_for_the_word_at_the_cursor() {
    let of = |text: &str| {
        let completion = complete(
            text,
            text.len(),
            |_| true,
            |field| {
                assert_eq!(field, Field::Actor);
                vec!["alice".into(), "Marta Ruiz".into(), "malice".into()]
            },
        );
        let texts: Vec<_> = completion.candidates.into_iter().map(|candidate| candidate.text).collect();
        (completion.at, texts)
    };
    assert_eq!(of("sev").1, ["severity:"]);
    assert_eq!(of("ses").1, ["session="]);
    assert_eq!(of("state:").1, ["open", "acknowledged"]);
    assert_eq!(of("alice -ev"), (7..9, vec!["event:".into()]));
    assert_eq!(of("(ti").1, ["time>="]);
    assert_eq!(of("who:al"), (4..6, vec!["alice".into(), "malice".into()]));
    assert_eq!(of("actor:mar").1, ["\"Marta Ruiz\""]);
    assert_eq!(of("actor:\"Marta R").1, ["\"Marta Ruiz\""]);
    assert_eq!(of("sev>=").1.len(), 5);
    assert_eq!(of("outcome:de"), (8..10, vec!["denied".into()]));
    assert!(of("nothing-like-it").1.is_empty());
}

#[test]
fn a_mistyped_network_is_told_and_a_part_of_an_address_is_not() {
    for wrong in ["ip:10.0.0.0/33", "-ip:10.0.0.0/8x", "ip=300.1.1.1", "ip:203.0.113.0/"] {
        let error = Filter::parse(wrong, &clock()).map(drop).expect_err(wrong);
        assert!(error.what.contains("no address and no network"), "{error}");
        assert_eq!(error.unfinished, wrong.ends_with('/'));
    }
    for right in ["ip:203.0.113", "ip:10.*", "ip:2001:db8::/32", "ip=cloudtrail.amazonaws.com", "ip~/"] {
        assert!(Filter::parse(right, &clock()).is_ok(), "{right}");
    }
}

#[test]
fn the_time_that_a_filter_is_about_bounds_what_is_looked_at() {
    let span = |text: &str| Filter::parse(text, &clock()).unwrap().span();
    let [first, last] = ["2026-11-01", "2026-11-03"].map(|day| format!("{day}T00:00:00Z").parse().unwrap());
    assert_eq!(span("since:2026-11-01 bob (until:2026-11-03 event:x)"), (first, last));
    assert_eq!(span("since:2026-11-01 or bob"), (Timestamp::MIN, Timestamp::MAX));
    assert_eq!(span("-since:2026-11-01"), (Timestamp::MIN, Timestamp::MAX));
}

#[test]
fn an_incident_lets_through_its_alerts_once_they_are_known() {
    let mut filter = Filter::parse("incident:4f0e9a1b -ip:10.0.0.0/8", &clock()).unwrap();
    assert_eq!(filter.incidents(), ["4f0e9a1b"]);
    assert!(!filter.matches(&row()), "nothing is known of it yet");
    let time = row().time;
    let span = (time, time.checked_add(jiff::SignedDuration::from_secs(1)).unwrap());
    let members = Arc::new(Members { alerts: [row().id.0].into(), span });
    assert!(filter.bind(1, &|id| (id == "4f0e9a1b").then(|| Arc::clone(&members))));
    assert!(filter.matches(&row()));
    assert_eq!(filter.span(), span, "a lookup of older alerts ends where the incident begins");
    assert!(!filter.bind(2, &|_| Some(Arc::clone(&members))), "the same again is no change");
    assert!(!filter.bind(3, &|_| None), "they stay while they are looked up anew");
    assert!(filter.matches(&row()));
    let mut others = Filter::parse("incident!=4f0e9a1b", &clock()).unwrap();
    assert!(others.matches(&row()));
    assert!(others.bind(1, &|_| Some(Arc::clone(&members))));
    assert!(!others.matches(&row()));
    for (filter, words) in [
        ("incident:4f0e", "at least 8 characters"),
        ("incident~4f0e9a1b", "use incident:ID"),
        ("incident:4f0e9a1b*", "use incident:ID"),
    ] {
        let error = Filter::parse(filter, &clock()).map(drop).expect_err(filter);
        assert!(error.what.contains(words), "{filter}: {error}");
    }
}
