//! Records inside something else: JSON in JSON. A record stands as an object, or as text, under a key that is
//! known to hold one, in whatever depth: `lookup-events`, CloudWatch Logs, SNS, SQS, Firehose, Kinesis,
//! EventBridge, Elasticsearch, Splunk, Wazuh. What such tools renamed field by field is no record any more.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use serde_json::{Deserializer, Map, Value};

use super::not_a_record::{NotARecord, Passed};
use crate::json::exact_member_of;
use crate::record::{Record, RecordError};

/// Keys under which records stand, as objects, lists or text, where an object is no record itself.
const INSIDE: [&str; 39] = [
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
    "Sns",
    "Data",
    "QueryResultRows",
    "eventJson",
    "eventData",
    "log",
    "full_log",
    "full_message",
    "attributes",
    "messages",
    "map",
    "raw_log",
    "lines",
    "values",
    "streams",
    "line",
];
/// Keys that only say something together with what stands under them.
const OBJECTS: [&str; 3] = ["event", "result", "aws"];

/// Layers that somebody wraps around a record: lists, objects and texts of an EventBridge event in SNS in SQS in a
/// Lambda event are ten.
const DEEPEST: usize = 32;
/// Bytes that all texts of one value may unpack to, and values that may come out of it. CloudWatch Logs packs a
/// megabyte at a time.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
const MOST_VALUES: usize = 100_000;

/// Takes the records out of a value, and says what of it is none.
pub(super) fn records(value: Value) -> Vec<Result<Record, NotARecord>> {
    let mut inside = Inside { found: Vec::with_capacity(1), bytes: MOST_BYTES, is_full: false };
    inside.value(value, 0);
    inside.found
}

/// Records that were found so far, and how much more may come.
struct Inside {
    found: Vec<Result<Record, NotARecord>>,
    bytes: u64,
    is_full: bool,
}

/// Contents of a key that can hold a record.
enum Held {
    Value(Value),
    /// JSON, unpacked where it was packed.
    Text(String),
}

impl Inside {
    fn push(&mut self, result: Result<Record, NotARecord>) {
        if self.is_full {
            return;
        }
        self.is_full = self.found.len() >= MOST_VALUES;
        self.found.push(if self.is_full { Err(NotARecord::TooMuch) } else { result });
    }

    fn no_record(&mut self) {
        self.push(Err(NotARecord::Record(RecordError::NoEventName)));
    }

    fn value(&mut self, value: Value, depth: usize) {
        if self.is_full {
            return;
        }
        if depth >= DEEPEST {
            return self.no_record();
        }
        match value {
            Value::Array(items) => items.into_iter().for_each(|item| self.value(item, depth + 1)),
            Value::Object(object) => self.object(object, depth),
            Value::String(text) if depth > 0 => match self.text_of(text) {
                Some(text) => self.text(&text, depth),
                None => self.no_record(),
            },
            other => self.push(Record::new(other).map_err(NotARecord::from)),
        }
    }

    fn object(&mut self, mut object: Map<String, Value>, depth: usize) {
        if let Some(passed) = Passed::of_object(&object) {
            return self.push(Err(NotARecord::Passed(passed)));
        }
        let text = |key: &str| exact_member_of(&object, key).and_then(Value::as_str).unwrap_or_default();
        if !text("eventName").is_empty() && !text("eventSource").starts_with("aws:") {
            let record = Record::new(Value::Object(object)).map_err(NotARecord::from);
            let passed = record.as_ref().ok().and_then(Passed::of_record);
            return self.push(passed.map_or(record, |passed| Err(NotARecord::Passed(passed))));
        }
        // A cell of Logs Insights is {"field": "@message", "value": "…"}, and a row is a list of them.
        if object.len() == 2 && object.contains_key("value") && text("field").starts_with('@') {
            if text("field") == "@message" {
                let message = object.remove("value").unwrap_or_default();
                self.value(message, depth + 1);
            }
            return;
        }
        match INSIDE.iter().find_map(|key| self.held(&mut object, key)) {
            Some(Held::Value(inner)) => self.value(inner, depth + 1),
            Some(Held::Text(text)) => self.text(&text, depth + 1),
            None if renamed(&object).is_some() => {
                self.push(Err(NotARecord::Renamed(renamed(&object).unwrap_or_default())));
            }
            None => match OBJECTS.iter().find_map(|key| object.remove(*key).filter(Value::is_object)) {
                Some(inner) => self.value(inner, depth + 1),
                None => self.no_record(),
            },
        }
    }

    /// Takes what stands under a key, where that can hold a record: an object, a list, or text that is JSON or
    /// packed.
    fn held(&mut self, object: &mut Map<String, Value>, key: &str) -> Option<Held> {
        match object.get_mut(key)? {
            inner @ (Value::Object(_) | Value::Array(_)) => Some(Held::Value(inner.take())),
            Value::String(text) => self.text_of(std::mem::take(text)).map(Held::Text),
            _ => None,
        }
    }

    /// Returns a text that is JSON, unpacked where it was base64, gzip or not: so write CloudWatch Logs, Kinesis
    /// and Firehose.
    fn text_of(&mut self, text: String) -> Option<String> {
        if is_json(&text) {
            return Some(text);
        }
        let bytes = STANDARD.decode(text.trim()).ok().filter(|bytes| !bytes.is_empty())?;
        let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
            let mut out = Vec::new();
            MultiGzDecoder::new(bytes.as_slice()).take(self.bytes).read_to_end(&mut out).ok()?;
            out
        } else {
            bytes
        };
        self.bytes = self.bytes.saturating_sub(bytes.len() as u64);
        String::from_utf8(bytes).ok().filter(|text| is_json(text))
    }

    /// Reads JSON values one after another.
    fn text(&mut self, text: &str, depth: usize) {
        for value in Deserializer::from_str(text).into_iter::<Value>() {
            match value {
                Ok(value) => self.value(value, depth + 1),
                Err(error) => return self.push(Err(error.into())),
            }
        }
    }
}

/// Returns the form of an object in which a tool renamed a record's fields, so that the record can't be had back.
fn renamed(object: &Map<String, Value>) -> Option<&'static str> {
    let has = |key: &str| object.contains_key(key);
    if has("class_uid") && has("metadata") {
        Some("a Security Lake OCSF event (no raw_data)")
    } else if has("eventname") && has("eventsource") {
        Some("an Athena row (lower-case field names)")
    } else if has("EventName") && has("EventSource") {
        Some("a Microsoft Sentinel row")
    } else {
        None
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}
