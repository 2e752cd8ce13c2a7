//! Records inside what other tools put around them, other encodings, and inputs that hold none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Pieces, gzip, read, read_with};
use crate::log_file::Reader;

fn record(name: &str) -> Value {
    json!({"eventName": name, "eventSource": "iam.amazonaws.com", "requestParameters": {"userName": "bob"}})
}

/// Reads one input as a whole and in pieces.
fn found(bytes: &[u8]) -> Vec<String> {
    let mut reader = Reader::default();
    let expected = read_with(&mut reader, bytes, Some(bytes.len() as u64));
    for pieces in [1, 7, 4_096] {
        assert_eq!(read_with(&mut reader, Pieces(bytes, pieces), None), expected, "{pieces}");
    }
    expected
}

#[test]
fn records_are_found_in_what_other_tools_put_around_them() {
    let (a, b) = (record("A"), record("B"));
    let text = |value: &Value| value.to_string();
    let event = |value: &Value| json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": value});
    let sns =
        |value: &Value| json!({"Type": "Notification", "MessageId": "m", "Message": text(&event(value))});
    let logs = json!({"messageType": "DATA_MESSAGE", "logGroup": "trail",
        "logEvents": [{"id": "1", "timestamp": 1, "message": text(&a)}, {"id": "2", "timestamp": 2, "message": text(&b)}]});
    let packed = STANDARD.encode(gzip(text(&logs).as_bytes()));
    let row = |value: &Value| json!([{"field": "@timestamp", "value": "2026-11-20 10:00:01.000"}, {"field": "@message", "value": text(value)}]);
    for (what, input) in [
        (
            "lookup-events",
            json!({"Events": [{"EventId": "1", "EventName": "A", "CloudTrailEvent": text(&a)},
            {"EventId": "2", "CloudTrailEvent": text(&b)}], "NextToken": "x"}),
        ),
        (
            "filter-log-events",
            json!({"events": [{"message": text(&a)}, {"message": text(&b)}], "searchedLogStreams": []}),
        ),
        (
            "Logs Insights, exported",
            json!([{"@timestamp": "x", "@message": text(&a)}, {"@message": text(&b)}]),
        ),
        ("Logs Insights, by the CLI", json!({"results": [row(&a), row(&b)], "status": "Complete"})),
        ("a subscription", logs.clone()),
        ("a subscription for Lambda", json!({"awslogs": {"data": packed}})),
        ("Firehose", json!({"records": [{"recordId": "1", "data": packed}]})),
        (
            "Kinesis for Lambda",
            json!({"Records": [{"eventSource": "aws:kinesis", "eventName": "aws:kinesis:record", "kinesis": {"data": packed}}]}),
        ),
        ("SNS", json!([sns(&a), sns(&b)])),
        (
            "receive-message",
            json!({"Messages": [{"MessageId": "x", "Body": text(&sns(&a))}, {"Body": text(&b)}]}),
        ),
        (
            "SQS for Lambda",
            json!({"Records": [{"messageId": "x", "eventSource": "aws:sqs", "body": text(&sns(&a))}, {"eventSource": "aws:sqs", "body": text(&b)}]}),
        ),
        (
            "Elasticsearch",
            json!({"hits": {"total": {"value": 2}, "hits": [{"_source": a}, {"_source": {"event": {"original": text(&b)}}}]}}),
        ),
        ("Splunk", json!([{"preview": false, "result": {"_raw": text(&a)}}, {"result": {"_raw": text(&b)}}])),
        (
            "Wazuh",
            json!([{"rule": {"level": 3}, "data": {"integration": "aws", "aws": a}}, {"data": {"aws": b}}]),
        ),
        ("a failed invocation", json!({"requestPayload": event(&a), "responsePayload": {}, "x": [b]})),
    ] {
        let wanted: &[&str] = if what == "a failed invocation" { &["A"] } else { &["A", "B"] };
        assert_eq!(read(input.to_string().as_bytes()), wanted, "{what}");
        assert_eq!(
            read(serde_json::to_string_pretty(&input).unwrap().as_bytes()),
            wanted,
            "{what}, on many lines"
        );
    }
    // CloudWatch Logs writes one packed document behind the other.
    let members = [gzip(text(&logs).as_bytes()), gzip(text(&logs).as_bytes())].concat();
    assert_eq!(found(&members), ["A", "B", "A", "B"]);
}

#[test]
fn text_of_any_encoding_is_read() {
    let text = format!("{{\"Records\":[{},{}]}}", record("Ä𐀀"), record("B"));
    let utf16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let start = if mark { "\u{feff}" } else { "" };
        format!("{start}{text}").encode_utf16().flat_map(bytes).collect()
    };
    for input in [
        utf16(true, u16::to_le_bytes),
        utf16(true, u16::to_be_bytes),
        utf16(false, u16::to_le_bytes),
        utf16(false, u16::to_be_bytes),
        format!("\u{feff}{text}").into_bytes(),
    ] {
        assert_eq!(found(&input), ["Ä𐀀", "B"]);
    }
    let joined = format!("\u{feff}{text}\n\u{feff}{text}");
    assert_eq!(found(joined.as_bytes()), ["Ä𐀀", "B", "Ä𐀀", "B"]);
}

#[test]
fn what_is_no_log_is_named_once() {
    let mut tar = vec![b'x'; 600];
    tar[257..265].copy_from_slice(b"ustar\x0000");
    for (bytes, what) in [
        (b"PK\x03\x04 and more".to_vec(), "a zip archive"),
        (b"BZh91AY".to_vec(), "compressed with bzip2"),
        (tar.clone(), "a tar archive"),
        (gzip(&tar), "a tar archive"),
        (b"Event ID,Event time,User name\n1,2,3\n4,5,6\n".to_vec(), "CSV"),
        (b"\"Event ID\",\"Event time\",\"User name\"\n".to_vec(), "CSV"),
        (b"2 111122223333 eni-0a1b 10.0.0.1 10.0.0.2 443\n".to_vec(), "a VPC flow log"),
        (b"<html>".to_vec(), "HTML"),
        (b"ab\0\0cd".to_vec(), "a binary file"),
    ] {
        let found = found(&bytes);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("!! not a log file: {what}")), "{found:?}");
    }
    assert_eq!(found(b""), ["!! empty"]);
}

#[test]
fn what_holds_no_calls_is_passed_over_by_what_it_is() {
    for (input, what) in [
        (
            json!({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {}}]}),
            "S3 notification",
        ),
        (json!({"Service": "Amazon S3", "Event": "s3:TestEvent"}), "S3 notification"),
        (json!({"awsAccountId": "1", "digestS3Object": "x", "logFiles": []}), "digest"),
        (json!({"Records": [{"eventName": "RunInstances", "eventCategory": "Insight"}]}), "Insight event"),
        (json!([{"eventName": "GetObject", "eventCategory": "NetworkActivity"}]), "network activity event"),
        (
            json!({"messageType": "CONTROL_MESSAGE", "logEvents": [{"message": "CWL CONTROL MESSAGE"}]}),
            "control message",
        ),
        (json!({"fileVersion": "1.0", "configurationItems": []}), "AWS Config item"),
    ] {
        assert_eq!(found(input.to_string().as_bytes()), [format!("! skipped: {what}")]);
    }
}

#[test]
fn what_nests_without_end_or_only_looks_packed_is_no_record() {
    let none = ["! not a CloudTrail record: no `eventName`"];
    let mut deep = record("A");
    for _ in 0..40 {
        deep = json!({"detail": deep});
    }
    assert_eq!(found(deep.to_string().as_bytes()), none);
    // Texts in lists in texts, each packed.
    let mut packed = json!([record("A")]);
    for _ in 0..20 {
        packed = json!([STANDARD.encode(gzip(packed.to_string().as_bytes()))]);
    }
    assert_eq!(found(json!({"Body": packed}).to_string().as_bytes()), none);
    for input in
        [json!({"data": "aGVsbG8="}), json!({"message": "hello"}), json!({"Body": "{\"eventName\": "})]
    {
        assert!(found(input.to_string().as_bytes())[0].starts_with("! "), "{input}");
    }
}

#[test]
fn one_value_gives_no_more_than_somebody_can_read() {
    let bomb = STANDARD.encode(gzip(format!("[{}0]", "0,".repeat(300_000)).as_bytes()));
    let input = json!({"Messages": [{"Body": bomb}, {"Body": bomb}]}).to_string();
    let mut reader = Reader::default();
    let found = read_with(&mut reader, format!("[{input}]").as_bytes(), None);
    assert_eq!(found.len(), 100_001);
    assert_eq!(found[100_000], "! more than 100,000 nested values: rest skipped");
}

#[test]
fn a_row_without_its_record_is_named() {
    let row = json!([[{"field": "eventName", "value": "A"}, {"field": "eventTime", "value": "x"}]]);
    assert!(
        found(row.to_string().as_bytes()).iter().all(|one| one.starts_with("! ")),
        "fields that were chosen"
    );
    let list = json!({"field": "x", "Records": [record("A")]});
    assert_eq!(found(list.to_string().as_bytes()), ["A"]);
}

/// Found by fuzzing: a tar archive is known by a word at a place, and anybody may choose a name.
#[test]
fn a_record_with_a_word_at_the_place_of_an_archive_s_is_a_record() {
    let begun = "{\"eventName\":\"CreateUser\",\"userIdentity\":{\"userName\":\"";
    let text = format!("{begun}{}ustar\"}}}}", "a".repeat(257 - begun.len()));
    assert_eq!(text.get(257..262), Some("ustar"));
    assert_eq!(found(text.as_bytes()), ["CreateUser"]);
    assert_eq!(found(format!("  \n[{text}]").as_bytes()), ["CreateUser"]);
}
