//! Input of the function. The shapes are told apart by their content, so that one function serves
//! EventBridge, its own Slack queue, its own failure queue and the console's test button.
//!
//! The function's own test events are known by the envelope's `source`, `sentinel.NAME`: only AWS can send
//! one that begins with `aws.`, so no call that somebody made can pass as a test, nor a test as a call. The
//! content of `detail` is a record and nothing else, whatever it claims.

use jiff::Timestamp;
use serde_json::Value;

use crate::record::{Record, RecordError};

/// The beginning of the `source` of the pipeline's own events; behind it stands the pipeline's name.
const OWN_SOURCE: &str = "sentinel.";
/// The `detail-type` of the event that a schedule sends to prove that the way is open.
const CANARY: &str = "IAM Sentinel Canary";
/// The `detail-type` of an event with a record that somebody has made up.
const TEST: &str = "IAM Sentinel Test";

/// One invocation's input.
#[derive(Debug, PartialEq)]
pub(super) enum Input {
    /// A CloudTrail record: bare, in an EventBridge event, or in what Lambda keeps of a failed
    /// invocation.
    Event(Record),
    /// A made-up record that goes the whole way, and the time of its envelope.
    Test(Record, Option<Timestamp>),
    /// A sign of life, and when it was sent.
    Canary(Option<Timestamp>),
    /// Messages of an SQS queue.
    Batch(Vec<Message>),
}

/// A message of an SQS queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// Id by which a partial batch response names the message.
    pub(super) id: String,
    /// Text that was sent.
    pub(super) body: String,
    /// The attribute `kind`: alert, triage, probe or health.
    pub(super) kind: Option<String>,
}

/// Reason why an input is nothing that the function knows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InputError {
    /// The input holds no record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It comes from a source of the pipeline's own, and the pipeline sends no such events.
    #[error("events from {source_name} must be {CANARY} or {TEST}, not {detail_type}")]
    Own {
        /// The envelope's `source`.
        source_name: String,
        /// The envelope's `detail-type`.
        detail_type: String,
    },
}

/// Failure records can hold failure records when they are fed back; no deeper than this.
const MAX_DEPTH: u8 = 4;

impl Input {
    /// Tells which kind of input a value is.
    ///
    /// # Errors
    /// Returns an error where the value is nothing that the function knows.
    pub(super) fn parse(mut value: Value) -> Result<Self, InputError> {
        if let Some(messages) = batch(&value) {
            return Ok(Self::Batch(messages));
        }
        for _ in 0..MAX_DEPTH {
            match value.get_mut("requestPayload").filter(|inner| inner.is_object()) {
                Some(inner) => value = inner.take(),
                None => break,
            }
        }
        let Some(detail) = value.get_mut("detail").filter(|detail| detail.is_object()) else {
            return Ok(Self::Event(Record::new(value)?));
        };
        let detail = detail.take();
        let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
        if !text("source").starts_with(OWN_SOURCE) {
            return Ok(Self::Event(Record::new(detail)?));
        }
        let sent = text("time").parse().ok();
        match text("detail-type") {
            CANARY => Ok(Self::Canary(sent)),
            TEST => Ok(Self::Test(Record::new(detail)?, sent)),
            other => {
                Err(InputError::Own { source_name: text("source").to_owned(), detail_type: other.to_owned() })
            }
        }
    }
}

fn batch(value: &Value) -> Option<Vec<Message>> {
    let records = value.get("Records")?.as_array()?;
    let text = |record: &Value, key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
    records
        .iter()
        .map(|record| {
            (record.get("eventSource")?.as_str()? == "aws:sqs").then_some(())?;
            let kind = record.get("messageAttributes").and_then(|all| all.get("kind"));
            Some(Message {
                id: text(record, "messageId")?,
                body: text(record, "body")?,
                kind: kind.and_then(|kind| text(kind, "stringValue")),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"})
    }

    fn own(detail_type: &str) -> Value {
        json!({"source": "sentinel.iam-sentinel", "detail-type": detail_type, "time": "2026-11-24T02:03:04Z", "detail": record()})
    }

    #[test]
    fn each_shape_is_told_apart() {
        let record = record();
        let event =
            json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": record});
        let failure = json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event});
        let twice = json!({"version": "1.0", "requestPayload": failure});
        for shape in [&record, &event, &failure, &twice] {
            let Input::Event(found) = Input::parse(shape.clone()).unwrap() else { panic!("{shape}") };
            assert_eq!(found.value(), &record);
        }
        let batch = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m1", "body": "{}",
            "messageAttributes": {"kind": {"stringValue": "probe", "dataType": "String"}}}]});
        let expected = Message { id: "m1".into(), body: "{}".into(), kind: Some("probe".into()) };
        assert_eq!(Input::parse(batch), Ok(Input::Batch(vec![expected])));
    }

    #[test]
    fn its_own_events_are_known_by_their_envelope_and_by_nothing_inside_it() {
        let sent: Timestamp = "2026-11-24T02:03:04Z".parse().unwrap();
        let test = Input::Test(Record::new(record()).unwrap(), Some(sent));
        assert_eq!(Input::parse(own(TEST)), Ok(test));
        let failure = json!({"version": "1.0", "requestPayload": own(CANARY)});
        assert_eq!(Input::parse(failure), Ok(Input::Canary(Some(sent))));
        // A record that claims to be a test is a record: alone, and in a real envelope.
        let mut claims = own(TEST);
        claims["eventName"] = "CreateUser".into();
        claims["detail"] = Value::Null;
        let in_detail = json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail",
            "detail": {"eventName": "CreateUser", "source": "sentinel.x", "detail-type": TEST, "detail": record()}});
        let other_source = json!({"source": "aws.sentinel.x", "detail-type": TEST, "detail": record()});
        for record in [claims, in_detail, other_source] {
            assert!(matches!(Input::parse(record.clone()), Ok(Input::Event(_))), "{record}");
        }
        // And its own source brings no real call.
        let error = Input::parse(own("AWS API Call via CloudTrail")).unwrap_err().to_string();
        assert!(error.contains("sentinel.iam-sentinel must be IAM Sentinel Canary or"), "{error}");
    }

    #[test]
    fn what_is_nothing_known_is_an_error_that_says_why() {
        let parse = |value| match Input::parse(value) {
            Err(InputError::Record(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(parse(json!("hello")), RecordError::NotAnObject("a string"));
        assert_eq!(parse(json!({"Records": [{"eventSource": "aws:s3"}]})), RecordError::NoEventName);
        assert_eq!(parse(json!({"detail": {"detail": {}}})), RecordError::NoEventName);
    }
}
