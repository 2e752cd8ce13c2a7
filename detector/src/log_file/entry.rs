//! One value of a log file: looked at cheaply first, and parsed whole only where that can matter.

use serde_json::Value;

use super::scan::Head;

use crate::Detector;
use crate::record::{Record, RecordError};

/// A value of a log file: a record, or an envelope with one or more in it.
#[derive(Debug)]
pub struct Entry<'a> {
    bytes: &'a [u8],
    head: Option<Head<'a>>,
}

/// Why a value of a log file gives no record.
#[derive(Debug, thiserror::Error)]
pub enum NotARecord {
    /// It is JSON, and not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It can't be taken as JSON.
    #[error("it can't be parsed: {0}")]
    Json(#[from] serde_json::Error),
}

impl<'a> Entry<'a> {
    pub(super) const fn new(bytes: &'a [u8], head: Option<Head<'a>>) -> Self {
        Self { bytes, head }
    }

    /// Its text.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Whether it could hold a record that raises an alert. Where this says no, it is one record,
    /// and that raises none.
    pub fn may_alert(&self, detector: &Detector) -> bool {
        // An empty name is none, and what has none may be an envelope.
        let named = self.head.and_then(|head| {
            let name = head.event_name.filter(|name| !name.is_empty())?;
            Some((name, head.event_source.unwrap_or_default()))
        });
        named.is_none_or(|(name, source)| detector.may_alert(name, source))
    }

    /// The records in it, in order, each parsed whole.
    pub fn records(&self) -> Vec<Result<Record, NotARecord>> {
        let mut records = Vec::with_capacity(1);
        match serde_json::from_slice(self.bytes) {
            Ok(value) => unwrap(value, &mut records),
            Err(error) => records.push(Err(error.into())),
        }
        records
    }
}

/// Takes records out of what is around them. As deep as the parser goes, which is 128.
fn unwrap(mut value: Value, records: &mut Vec<Result<Record, NotARecord>>) {
    if let Value::Array(items) = value {
        for item in items {
            unwrap(item, records);
        }
        return;
    }
    match envelope(&value).and_then(|key| value.get_mut(key)) {
        Some(inner) => unwrap(inner.take(), records),
        None => records.push(Record::new(value).map_err(NotARecord::from)),
    }
}

/// The key under which an envelope holds what it holds: CloudTrail's file, EventBridge's event, and
/// what Lambda keeps of a failed invocation. What has a name is a record, and no envelope.
fn envelope(value: &Value) -> Option<&'static str> {
    if value.get("eventName").and_then(Value::as_str).is_some_and(|name| !name.is_empty()) {
        return None;
    }
    if value.get("Records").is_some_and(Value::is_array) {
        return Some("Records");
    }
    ["detail", "requestPayload"].into_iter().find(|key| value.get(*key).is_some_and(Value::is_object))
}
