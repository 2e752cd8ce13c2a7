//! Every shape a log file can have, whole and in pieces of any size, sound and broken; and that the
//! prefilter never changes what is found.

use std::io::{self, Read, Write as _};
use std::ops::ControlFlow;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

mod wrapped;

use super::{Prefilter, Reader};
use crate::{Detector, Record};

/// Gives so many bytes at a time: what a pipe may do.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        let (now, later) = self.0.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// The records of an input by name, and what could not be read, in their order.
fn read_with(reader: &mut Reader, input: impl Read, size: Option<u64>) -> Vec<String> {
    let mut found = Vec::new();
    let flow = reader.read(input, size).unwrap().each(|entry| {
        match entry {
            Ok(entry) => found.extend(entry.records().into_iter().map(|record| match record {
                Ok(record) => record.event_name().to_owned(),
                Err(error) => format!("! {error}"),
            })),
            Err(error) => found.push(format!("!! {error}")),
        }
        ControlFlow::Continue(())
    });
    assert_eq!(flow, ControlFlow::Continue(()));
    found
}

/// Reads it in every way there is; all must give the same.
fn read(text: &[u8]) -> Vec<String> {
    let mut reader = Reader::default();
    let expected = read_with(&mut reader, text, Some(text.len() as u64));
    for pieces in [1, 2, 7, 4_096] {
        assert_eq!(read_with(&mut reader, Pieces(text, pieces), None), expected, "{pieces}");
    }
    for packed in [gzip(text), gzip_in_two(text)] {
        assert_eq!(read_with(&mut reader, packed.as_slice(), Some(packed.len() as u64)), expected);
        assert_eq!(read_with(&mut reader, Pieces(&packed, 3), None), expected);
    }
    expected
}

/// Two members, as `cat a.gz b.gz` makes them.
fn gzip_in_two(text: &[u8]) -> Vec<u8> {
    let (first, second) = text.split_at(text.len() / 2);
    [gzip(first), gzip(second)].concat()
}

#[test]
fn every_shape_gives_its_records() {
    let (a, b) = (r#"{"eventName":"A"}"#, r#"{ "eventName" : "B" , "detail" : 1 }"#);
    for text in [
        format!(r#"{{"Records":[{a},{b}]}}"#),
        format!("\u{feff} {{ \"Records\" :\n[ {a} ,\t{b} ]\r\n}}\n"),
        format!(r#"{{"Records":[{a},{b}],"more":{{"x":[1]}},"count":2}}"#),
        format!(r#"{{"count":2,"Records":[{a},{b}]}}"#),
        format!(r#"{{"Records":[{a}],"Records":[{b}]}}"#),
        format!("[{a},{b}]"),
        format!("[[{a}],[{b}]]"),
        format!("{a}\n{b}"),
        format!("{a}{b}\n\n"),
        format!("{{\"Records\":[{a}]}}\n{{\"Records\":[{b}]}}"),
        format!("{{\"detail-type\":\"x\",\"detail\":{a}}}\n{{\"requestPayload\":{{\"detail\":{b}}}}}\n"),
        format!("[{{\"detail\":{a}}}, {b}]"),
    ] {
        assert_eq!(read(text.as_bytes()), ["A", "B"], "{text}");
    }
    for nothing in [" \n", "[]", r#"{"Records":[]}"#, r#"{ "Records" : [ ] , "x" : 1 }"#] {
        assert!(read(nothing.as_bytes()).is_empty(), "{nothing}");
    }
}

/// The first byte of the byte order mark alone is none: what the input is, is told by as many bytes of a pipe as of a file.
#[test]
fn an_input_is_named_alike_at_once_and_in_pieces() {
    let record = r#"{"eventName":"A"}"#;
    let table = [b"\xef\xbbur,a,b,c\n", record.as_bytes()].concat();
    assert!(matches!(&read(&table)[..], [why] if why.contains("CSV")), "{:?}", read(&table));
    let marked = format!("\u{feff}ur,a,b,c\n{record}");
    assert_eq!(read(marked.as_bytes()).last().map(String::as_str), Some("A"));
}

#[test]
fn what_is_no_record_is_named_and_the_rest_is_read() {
    let text =
        r#"{"Records":[{"eventName":"A"},7,"x",null,{"eventName":7},{"eventName":""},{"eventName":"B"}]}"#;
    let found = read(text.as_bytes());
    assert_eq!((found.first().unwrap().as_str(), found.last().unwrap().as_str(), found.len()), ("A", "B", 7));
    assert_eq!(found[1], "! not a CloudTrail record: a number instead of a JSON object");
    assert_eq!(found[4], "! not a CloudTrail record: no `eventName`");
    // Parts that the parser refuses are replaced: nobody hides a call behind one.
    for hiding in
        [format!("{}{}", "[".repeat(500), "]".repeat(500)), "1e999".to_owned(), r#""\ud800""#.to_owned()]
    {
        let record = format!(r#"{{"eventName":"A","x":{hiding}}}"#);
        assert_eq!(read(format!("{record}\n{{\"eventName\":\"B\"}}").as_bytes()), ["A", "B"], "{record}");
    }
}

#[test]
fn a_broken_line_costs_that_line_and_a_broken_array_the_rest_of_it() {
    let lines = "{\"eventName\":\"A\"}\n{\"eventName\": nonsense}\nneither is this\n{\"a\":\"no end\n{\"eventName\":\"B\"}\n{\n  \"eventName\": x,\n  \"y\": {}\n}\n{\"eventName\":\"C\"}\n{\"eventName\":\"D";
    let found = read(lines.as_bytes());
    let names: Vec<_> = found.iter().filter(|name| !name.starts_with('!')).collect();
    assert_eq!(names, ["A", "B", "C"], "{found:?}");
    assert_eq!(found[1], "!! record 2: invalid JSON at byte 18: expected ident; line skipped");
    let at = lines.rfind("{\"eventName\":\"D").unwrap();
    let last =
        format!("!! record 4: invalid JSON at byte {at}: unexpected end of input in a record; rest skipped");
    assert_eq!(found.last(), Some(&last));

    for (array, why) in [
        (r#"[{"eventName":"A"},{"eventName":oh}, {"eventName":"B"}]"#, "at byte 19: expected value"),
        (r#"[{"eventName":"A"} {"eventName":"B"}]"#, "missing comma between two records"),
        (r#"{"Records":[{"eventName":"A"},"#, "unexpected end of input in"),
        (r#"{"Records":[{"eventName":"A"}"#, "unexpected end of input in the list of records"),
        (r#"{"Records":[{"eventName":"A"}]"#, "unexpected end of input in the list of records"),
        (r#"{"Records":[{"eventName":"A"}] "x":1}"#, "expected `,` or `}`"),
        (r#"{"Records":[{"eventName":"A"}],"x" 1}"#, "invalid JSON"),
        (r#"[{"eventName":"A"},]"#, "expected value"),
    ] {
        let found = read(array.as_bytes());
        assert_eq!((found[0].as_str(), found.len()), ("A", 2), "{found:?}");
        assert!(found[1].contains(why) && found[1].ends_with("rest skipped"), "{found:?}");
    }
}

#[test]
fn damaged_gzip_gives_what_is_before_the_damage_and_says_so() {
    let records: Vec<_> =
        (0..5_000).map(|n| json!({"eventName": format!("Call{n}"), "n": n * 7_919})).collect();
    let whole = gzip(json!({"Records": records}).to_string().as_bytes());
    let mut changed = whole.clone();
    let last = changed.len() - 6;
    changed[last] ^= 0x40;
    let mut behind = whole.clone();
    behind.extend_from_slice(b"no gzip");
    for (name, bytes, least) in
        [("cut", &whole[..whole.len() / 2], 1_000), ("changed", &changed, 4_000), ("behind", &behind, 5_000)]
    {
        let mut reader = Reader::default();
        for size in [Some(bytes.len() as u64), None] {
            let found = read_with(&mut reader, bytes, size);
            assert!(found.len() > least, "{name}: {}", found.len());
            assert!(
                found.last().unwrap().starts_with("!! read error at record"),
                "{name}: {:?}",
                found.last()
            );
        }
        assert_eq!(read_with(&mut reader, whole.as_slice(), Some(1)).len(), 5_000, "the reader can go on");
    }
}

#[test]
fn two_members_of_the_same_content_are_two() {
    let member = gzip(b"{\"eventName\":\"A\"}\n");
    let both = [member.clone(), member].concat();
    assert_eq!(read_with(&mut Reader::default(), both.as_slice(), Some(both.len() as u64)), ["A", "A"]);
}

#[test]
fn a_value_that_is_too_large_for_a_record_is_refused_and_memory_stays_bounded() {
    let mut text = br#"{"eventName":"A","x":""#.to_vec();
    text.resize(20 * 1024 * 1024, b'x');
    text.extend_from_slice(b"\"}\n{\"eventName\":\"B\"}\n");
    let mut reader = Reader::default();
    let found = read_with(&mut reader, Pieces(&text, 1 << 16), None);
    assert!(found[0].contains("not a record; line skipped"), "{found:?}");
    assert_eq!(found[1..], ["B"]);
    // A bomb: a thousand times as large unpacked, and not unpacked at once.
    let bomb = gzip(&vec![b' '; 64 * 1024 * 1024]);
    assert!(read_with(&mut reader, bomb.as_slice(), Some(bomb.len() as u64)).is_empty());
    assert!(reader.held() < 40 * 1024 * 1024, "{}", reader.held());
}

#[test]
fn text_that_closes_nothing_is_given_up_and_not_read_to_its_end_from_every_line() {
    let lines = "{\"a\":\n".repeat(2_000_000);
    let found = read_with(&mut Reader::default(), lines.as_bytes(), Some(lines.len() as u64));
    assert!(found.len() < 20, "{}", found.len());
    assert!(found.last().unwrap().ends_with("rest skipped"), "{found:?}");
}

// From here on: the prefilter against the rules on everything.

/// Alerts of an input, by its entries.
fn alerts(detector: &Detector, text: &[u8], prefiltered: bool) -> Vec<Value> {
    let mut alerts = Vec::new();
    let mut reader = Reader::default();
    let prefilter = Prefilter::new(detector);
    let flow = reader.read(text, Some(text.len() as u64)).unwrap().each(|entry| {
        let entry = entry.unwrap();
        if !prefiltered || prefilter.may_alert(&entry) {
            for record in entry.records().into_iter().flatten() {
                let alert = detector.detect(&record, Timestamp::UNIX_EPOCH).alert;
                alerts.extend(alert.map(|alert| serde_json::to_value(alert).unwrap()));
            }
        }
        ControlFlow::Continue(())
    });
    assert_eq!(flow, ControlFlow::Continue(()));
    alerts
}

/// Alerts of values that serde has read, with no reader of ours.
fn expected(detector: &Detector, values: &[String]) -> Vec<Value> {
    let records =
        values.iter().filter_map(|text| Record::new(serde_json::from_str::<Value>(text).ok()?).ok());
    records
        .filter_map(|record| detector.detect(&record, Timestamp::UNIX_EPOCH).alert)
        .map(|alert| serde_json::to_value(alert).unwrap())
        .collect()
}

/// A JSON string in which any character may be written as an escape.
fn text_of(text: &str, escaped: &[bool]) -> String {
    let chars = text.chars().zip(escaped.iter().chain(std::iter::repeat(&false)));
    let inside: String = chars
        .map(|(c, escape)| match c {
            _ if *escape => {
                let mut units = [0; 2];
                c.encode_utf16(&mut units)
                    .iter()
                    .fold(String::new(), |all, unit| format!("{all}\\u{unit:04x}"))
            }
            '"' | '\\' | '\0'..='\x1f' => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{inside}\"")
}

fn name() -> impl Strategy<Value = String> {
    let known = &[
        "CreateUser",
        "CREATEUSER",
        "AttachUserPolicy",
        "ListUsers",
        "Decrypt",
        "CreateUser ",
        "",
        "Ünbekannt",
    ];
    let escapes = prop::collection::vec(prop::bool::weighted(0.1), 0..20);
    (prop::sample::select(&known[..]), escapes).prop_map(|(name, escaped)| text_of(name, &escaped))
}

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => name(),
        4 => Just("\"iam.amazonaws.com\"".to_owned()),
        1 => Just("\"IAM.amazonaws.com\"".to_owned()),
        1 => Just("\"sts.amazonaws.com\"".to_owned()),
        1 => Just("null".to_owned()),
        1 => Just("7".to_owned()),
        1 => Just("-1.5e3".to_owned()),
        1 => Just("true".to_owned()),
        1 => any::<String>().prop_map(|text| text_of(&text, &[])),
    ]
}

fn key() -> impl Strategy<Value = String> {
    let known = &[
        "eventName",
        "eventSource",
        "EventName",
        "eventname",
        "userIdentity",
        "requestParameters",
        "detail",
        "errorCode",
        "eventID",
    ];
    let escapes = prop::collection::vec(prop::bool::weighted(0.05), 0..16);
    (prop::sample::select(&known[..]), escapes).prop_map(|(name, escaped)| text_of(name, &escaped))
}

fn object(value: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = String> {
    let space = prop::sample::select(&["", "", " ", "\t", "\n ", "\r\n", "\n         "][..]);
    prop::collection::vec((key(), value, space), 0..most).prop_map(|fields| {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(key, value, space)| format!("{space}{key}{space}:{space}{value}{space}"))
            .collect();
        format!("{{{}}}", fields.join(","))
    })
}

fn record() -> impl Strategy<Value = String> {
    let value = scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            object(inner.clone(), 4),
            prop::collection::vec(inner, 0..3).prop_map(|items| format!("[{}]", items.join(" , "))),
        ]
    });
    let tail = prop_oneof![
        Just(String::new()),
        (name(), value.clone()).prop_map(|(name, value)| {
            format!(r#""eventSource":"iam.amazonaws.com","eventName":{name},"requestParameters":{value}"#)
        })
    ];
    (object(value, 8), tail, any::<bool>()).prop_map(|(object, tail, first)| {
        let inside = &object[1..object.len() - 1];
        match (inside.trim().is_empty(), tail.is_empty()) {
            (_, true) => object.clone(),
            (true, _) => format!("{{{tail}}}"),
            (_, _) if first => format!("{{{tail},{inside}}}"),
            _ => format!("{{{inside},{tail}}}"),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn the_prefilter_changes_nothing(records in prop::collection::vec(record(), 1..5)) {
        let detector = Detector::default();
        let text = format!("{{\"Records\":[{}]}}", records.join(","));
        let prefiltered = alerts(&detector, text.as_bytes(), true);
        prop_assert_eq!(&prefiltered, &alerts(&detector, text.as_bytes(), false));
        // `detail` makes an envelope of what has no name; without one nothing is unwrapped.
        if !records.iter().any(|record| record.contains("detail") || record.contains("\\u00")) {
            prop_assert_eq!(&prefiltered, &expected(&detector, &records));
        }
        let lines = records.iter().map(|record| record.replace(['\n', '\r'], " ")).collect::<Vec<_>>().join("\n");
        prop_assert_eq!(prefiltered.len(), alerts(&detector, lines.as_bytes(), true).len());
    }

    #[test]
    fn no_input_is_too_odd_and_pieces_change_nothing(
        mut bytes in record().prop_map(String::into_bytes),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"{}[],:\"\\ \n0"[..])), 0..4),
        pieces in 1..40_usize,
    ) {
        bytes.splice(0..0, *b"[");
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let mut reader = Reader::default();
        let whole = read_with(&mut reader, bytes.as_slice(), Some(bytes.len() as u64));
        prop_assert_eq!(read_with(&mut reader, Pieces(&bytes, pieces), None), whole);
    }
}

/// Briefs of the records of an input, from their outlines and from the whole.
fn briefs(text: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut outlined, mut whole) = (Vec::new(), Vec::new());
    let brief = |record: &Record| format!("{:?}", crate::Brief::of(record, None));
    let mut reader = Reader::default();
    let _ = reader.read(text, Some(text.len() as u64)).unwrap().each(|entry| {
        if let Ok(entry) = entry {
            outlined.extend(entry.outlines().iter().flatten().map(brief));
            whole.extend(entry.records().iter().flatten().map(brief));
        }
        ControlFlow::Continue(())
    });
    (outlined, whole)
}

#[test]
fn an_outline_says_of_a_call_what_the_whole_says() {
    let identity = json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/r/s",
        "accessKeyId": "ASIA", "sessionContext": {"sessionIssuer": {"userName": "r",
        "arn": "arn:aws:iam::111122223333:role/r"}}});
    let base = json!({"eventID": "a", "eventName": "DescribeThings", "eventSource": "ec2.amazonaws.com",
        "eventTime": "2026-11-20T10:00:00Z", "awsRegion": "eu-west-1", "sourceIPAddress": "192.0.2.1",
        "userIdentity": identity, "requestParameters": {"a": [1, {"b": "c"}]}, "readOnly": true,
        "responseElements": null, "resources": [{"ARN": "x"}]});
    let patches = [
        json!({}),
        json!({"errorCode": "AccessDenied", "errorMessage": "no"}),
        json!({"eventID": null}),
        json!({"eventName": "SomeSignIn", "eventSource": "signin.amazonaws.com",
            "responseElements": {"SomeSignIn": "Failure"}}),
        json!({"eventName": "Authenticate", "eventSource": "sso.amazonaws.com",
            "responseElements": {"Authenticate": "Failure"}}),
        json!({"userIdentity": {"type": "IdentityCenterUser"}, "additionalEventData": {"UserName": "ana"}}),
        json!({"eventCategory": "Insight"}),
    ];
    let with = |patch: &Value| {
        let mut record = base.clone();
        record.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        record.to_string()
    };
    let mut lines: Vec<String> = patches.iter().map(with).collect();
    // A number that the parser refuses, in a part that is passed over and in one that is kept.
    lines.push(base.to_string().replace("[1,", "[1e999,"));
    lines.push(base.to_string().replace("true", "1e999"));
    let (outlined, whole) = briefs(lines.join("\n").as_bytes());
    assert_eq!(outlined, whole);
    assert_eq!(outlined.len(), patches.len() + 2 - 1, "the Insight event is none");
}
