//! What the function is given. The shapes are told apart by what is in them, so that one function
//! serves EventBridge, its own Slack queue, its own failure queue and the console's test button.

use serde_json::Value;

use crate::record::{Record, RecordError};

/// One invocation's input.
#[derive(Debug, PartialEq)]
pub(super) enum Input {
    /// A CloudTrail record: bare, in an EventBridge event, or in what Lambda keeps of a failed
    /// invocation.
    Event(Record),
    /// Messages of an SQS queue.
    Batch(Vec<Message>),
}

/// A message of an SQS queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Message {
    /// What to name in a partial batch response.
    pub(super) id: String,
    /// What was sent.
    pub(super) body: String,
    /// The attribute `kind`: alert, triage, probe or health.
    pub(super) kind: Option<String>,
}

/// Failure records can hold failure records when they are fed back; no deeper than this.
const MAX_DEPTH: u8 = 4;

impl Input {
    /// Tells what this is.
    ///
    /// # Errors
    /// Where it is nothing that the function knows.
    pub(super) fn parse(value: Value) -> Result<Self, RecordError> {
        Self::parse_at(value, 0)
    }

    fn parse_at(mut value: Value, depth: u8) -> Result<Self, RecordError> {
        if let Some(messages) = batch(&value) {
            return Ok(Self::Batch(messages));
        }
        for inner in ["requestPayload", "detail"] {
            if depth < MAX_DEPTH
                && let Some(inner) = value.get_mut(inner).filter(|inner| inner.is_object())
            {
                return Self::parse_at(inner.take(), depth + 1);
            }
        }
        Record::new(value).map(Self::Event)
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

    #[test]
    fn each_shape_is_told_apart() {
        let record = json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"});
        let event =
            json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": record});
        let failure = json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event});
        for shape in [&record, &event, &failure] {
            let Input::Event(found) = Input::parse(shape.clone()).unwrap() else { panic!("{shape}") };
            assert_eq!(found.value(), &record);
        }
        let batch = json!({"Records": [{"eventSource": "aws:sqs", "messageId": "m1", "body": "{}",
            "messageAttributes": {"kind": {"stringValue": "probe", "dataType": "String"}}}]});
        let expected = Message { id: "m1".into(), body: "{}".into(), kind: Some("probe".into()) };
        assert_eq!(Input::parse(batch), Ok(Input::Batch(vec![expected])));
    }

    #[test]
    fn what_is_nothing_known_is_an_error_that_says_why() {
        assert_eq!(Input::parse(json!("hello")), Err(RecordError::NotAnObject("a text")));
        assert_eq!(
            Input::parse(json!({"Records": [{"eventSource": "aws:s3"}]})),
            Err(RecordError::NoEventName)
        );
        assert_eq!(Input::parse(json!({"detail": {"state": "x"}})), Err(RecordError::NoEventName));
    }
}
