//! Records inside something else: JSON in JSON. A record stands as an object, or as text, under a key that is
//! known to hold one, in whatever depth: `lookup-events`, CloudWatch Logs, SNS, SQS, Firehose, Kinesis,
//! EventBridge, Elasticsearch, Splunk, Wazuh. What such tools renamed field by field is no record any more.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde_json::{Deserializer, Map, Value};

use super::entry::NotARecord;
use crate::record::{Record, RecordError};

/// Keys under which records stand, as objects, lists or text, where an object is no record itself.
const INSIDE: [&str; 23] = [
    "Records",
    "Events",
    "CloudTrailEvent",
    "events",
    "logEvents",
    "message",
    "@message",
    "Messages",
    "Message",
    "Body",
    "body",
    "detail",
    "requestPayload",
    "awslogs",
    "kinesis",
    "records",
    "data",
    "hits",
    "_source",
    "original",
    "_raw",
    "raw_data",
    "results",
];
/// Keys that only say something together with what stands under them.
const OBJECTS: [&str; 3] = ["event", "result", "aws"];

/// Layers that somebody wraps around a record: an EventBridge event in SNS in SQS in a Lambda event is five.
const DEEPEST: usize = 16;
/// Most bytes that one text may unpack to.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Something in a log file that holds no calls, and is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passed {
    /// Hashes of log files, by which CloudTrail proves that none was changed.
    Digest,
    /// Statistics of CloudTrail Insights.
    Insight,
    /// Calls through VPC endpoints, seen from the endpoint's side.
    NetworkActivity,
    /// Summaries of data events.
    Aggregated,
    /// Notices that S3 sends about objects.
    S3Notification,
    /// Records of a stream that is no log: DynamoDB's and the like.
    StreamRecord,
    /// Words of a service about itself: CloudWatch Logs tries a subscription out, SNS confirms one.
    ControlMessage,
    /// Items of AWS Config.
    ConfigItem,
    /// A finding of `GuardDuty` or Security Hub.
    Finding,
}

impl Passed {
    /// The word for one of them; an `s` makes it several.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Digest => "digest",
            Self::Insight => "Insight event",
            Self::NetworkActivity => "network activity event",
            Self::Aggregated => "aggregated event",
            Self::S3Notification => "S3 notification",
            Self::StreamRecord => "stream record",
            Self::ControlMessage => "control message",
            Self::ConfigItem => "AWS Config item",
            Self::Finding => "security finding",
        }
    }

    fn of_record(record: &Record) -> Option<Self> {
        match record.kind() {
            crate::record::Kind::Event => None,
            crate::record::Kind::Insight => Some(Self::Insight),
            crate::record::Kind::NetworkActivity => Some(Self::NetworkActivity),
            crate::record::Kind::Aggregated => Some(Self::Aggregated),
        }
    }

    fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let has = |key: &str| object.contains_key(key);
        let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
        if has("digestS3Object") || has("digestEndTime") {
            Some(Self::Digest)
        } else if text("eventSource") == "aws:s3" && has("s3") || text("Event") == "s3:TestEvent" {
            Some(Self::S3Notification)
        } else if text("eventSource").starts_with("aws:")
            && has("eventName")
            && !has("kinesis")
            && !has("body")
        {
            Some(Self::StreamRecord)
        } else if text("messageType") == "CONTROL_MESSAGE"
            || matches!(text("Type"), "SubscriptionConfirmation" | "UnsubscribeConfirmation")
        {
            Some(Self::ControlMessage)
        } else if has("configurationItems") || has("configurationItem") {
            Some(Self::ConfigItem)
        } else if has("schemaVersion") && has("service") && has("severity")
            || has("findings") && has("account")
        {
            Some(Self::Finding)
        } else {
            None
        }
    }
}

/// Takes records out of a value.
pub(super) fn records(value: Value, found: &mut Vec<Result<Record, NotARecord>>) {
    unwrap(value, 0, found);
}

fn unwrap(value: Value, depth: usize, found: &mut Vec<Result<Record, NotARecord>>) {
    let mut object = match value {
        Value::Array(items) => return items.into_iter().for_each(|item| unwrap(item, depth, found)),
        Value::Object(object) => object,
        Value::String(text) if depth > 0 => return text_inside(&text, depth, found),
        other => return found.push(Record::new(other).map_err(NotARecord::from)),
    };
    if let Some(passed) = Passed::of_object(&object) {
        return found.push(Err(NotARecord::Passed(passed)));
    }
    let is_named = object.get("eventName").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    let from_stream =
        object.get("eventSource").and_then(Value::as_str).is_some_and(|of| of.starts_with("aws:"));
    if is_named && !from_stream {
        let record = Record::new(Value::Object(object)).map_err(NotARecord::from);
        return found.push(match record {
            Ok(record) => {
                Passed::of_record(&record).map_or(Ok(record), |passed| Err(NotARecord::Passed(passed)))
            }
            error => error,
        });
    }
    if depth >= DEEPEST {
        return found.push(Err(NotARecord::Record(RecordError::NoEventName)));
    }
    // A row of Logs Insights is a list of {"field": "@message", "value": "…"}.
    if let Some(field) = object.get("field").and_then(Value::as_str) {
        if field == "@message" {
            let text = object.remove("value").unwrap_or_default();
            unwrap(text, depth + 1, found);
        }
        return;
    }
    let before = found.len();
    if let Some(inner) = INSIDE.iter().find_map(|key| holds(&mut object, key)) {
        unwrap(inner, depth + 1, found);
    } else if let Some(inner) =
        OBJECTS.iter().find_map(|key| object.get_mut(*key).filter(|of| of.is_object()).map(Value::take))
    {
        unwrap(inner, depth + 1, found);
    } else {
        found.push(Err(NotARecord::Record(RecordError::NoEventName)));
    }
    // `{"Records": []}`, and a page of results without any, hold none and are none.
    debug_assert!(found.len() >= before, "nothing is taken away");
}

/// Takes what stands under a key, where that can hold a record: an object, a list, or text that is JSON or
/// packed.
fn holds(object: &mut Map<String, Value>, key: &str) -> Option<Value> {
    let inner = object.get_mut(key)?;
    let may = match inner {
        Value::Object(_) | Value::Array(_) => true,
        Value::String(text) => is_json(text) || unpacked(text).is_some(),
        _ => false,
    };
    may.then(|| inner.take())
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Reads a text: JSON values one after another, or such that are packed.
fn text_inside(text: &str, depth: usize, found: &mut Vec<Result<Record, NotARecord>>) {
    let unpacked = if is_json(text) { None } else { unpacked(text) };
    let text = unpacked.as_deref().unwrap_or(text);
    if !is_json(text) {
        return found.push(Err(NotARecord::Record(RecordError::NoEventName)));
    }
    for value in Deserializer::from_str(text).into_iter::<Value>() {
        match value {
            Ok(value) => unwrap(value, depth + 1, found),
            Err(error) => return found.push(Err(error.into())),
        }
    }
}

/// The text in base64, gzip or not: the data of CloudWatch Logs, Kinesis and Firehose.
fn unpacked(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty())?;
    let mut out = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes.as_slice()).take(LARGEST).read_to_end(&mut out).ok()?;
    } else {
        out = bytes;
    }
    String::from_utf8(out).ok().filter(|text| is_json(text))
}
