//! A CloudTrail record as CloudTrail writes it: any field can be absent, null or of another kind,
//! and none of that is an error here.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use jiff::Timestamp;
use serde_json::Value;

/// One record. It has an `eventName`; for the rest it is what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(Value);

/// Why something is no CloudTrail record.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordError {
    /// It is not even an object.
    #[error("a CloudTrail record is a JSON object, and this is {0}")]
    NotAnObject(&'static str),
    /// Nothing says what was done.
    #[error("a CloudTrail record has an `eventName`, and this has none")]
    NoEventName,
}

impl Record {
    /// Takes a value that should be a record.
    ///
    /// # Errors
    /// Where it is no object, or nothing in it says what was done.
    pub fn new(value: Value) -> Result<Self, RecordError> {
        let kind = match &value {
            Value::Object(_) => None,
            Value::Null => Some("null"),
            Value::Bool(_) => Some("a boolean"),
            Value::Number(_) => Some("a number"),
            Value::String(_) => Some("a text"),
            Value::Array(_) => Some("a list"),
        };
        if let Some(kind) = kind {
            return Err(RecordError::NotAnObject(kind));
        }
        if value.get("eventName").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(RecordError::NoEventName);
        }
        Ok(Self(value))
    }

    /// The whole record.
    pub const fn value(&self) -> &Value {
        &self.0
    }

    /// The text at a path of keys; empty texts count as absent.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The value at a path of keys.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    /// `eventName`: what was called, `CreateUser`.
    pub fn event_name(&self) -> &str {
        self.text(&["eventName"]).unwrap_or_default()
    }

    /// `eventSource`: the service, `iam.amazonaws.com`.
    pub fn event_source(&self) -> Option<&str> {
        self.text(&["eventSource"])
    }

    /// `eventID`: a UUID, the same in every copy of the record.
    pub fn event_id(&self) -> Option<&str> {
        self.text(&["eventID"])
    }

    /// `eventTime`: when the call was made, to the second.
    pub fn event_time(&self) -> Option<Timestamp> {
        self.text(&["eventTime"])?.parse().ok()
    }

    /// The account that the event is about: `recipientAccountId`, else the caller's.
    pub fn account(&self) -> Option<&str> {
        self.text(&["recipientAccountId"]).or_else(|| self.text(&["userIdentity", "accountId"]))
    }

    /// `requestParameters` as recorded; null where the call was denied or took none.
    pub fn parameters(&self) -> &Value {
        self.get(&["requestParameters"]).unwrap_or(&Value::Null)
    }

    /// One text of `requestParameters`, whatever the case of its key: services write `roleArn`,
    /// `roleARN` and `RoleArn`.
    pub fn parameter(&self, key: &str) -> Option<&str> {
        self.parameter_value(key).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// One value of `requestParameters`, whatever the case of its key; null counts as absent. EC2's
    /// newer calls put all of theirs into one object more, `ModifySnapshotAttributeRequest`.
    pub fn parameter_value(&self, key: &str) -> Option<&Value> {
        let parameters = self.parameters();
        member(parameters, key).or_else(|| member(nested_request(parameters)?, key))
    }

    /// The service, `iam` of `iam.amazonaws.com`.
    pub fn service(&self) -> Option<&str> {
        self.event_source()?.split('.').next()
    }

    /// Whether CloudTrail left `requestParameters` out because they were too large.
    pub fn parameters_are_omitted(&self) -> bool {
        self.parameters().get("omitted") == Some(&Value::Bool(true))
    }

    /// Why something that stands in the parameters of such a call is not known here.
    pub(crate) fn why_no_parameters(&self, what: &str) -> String {
        if self.parameters_are_omitted() {
            format!("CloudTrail left the parameters out because they were too large: {what} is not known")
        } else if self.text(&["errorCode"]).is_some() {
            format!("CloudTrail records no parameters of a refused call: {what} is not known")
        } else {
            format!("{what} is not in the record")
        }
    }
}

/// A member of an object, whatever the case of its key; null counts as absent.
pub(crate) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    let found = map
        .get(key)
        .or_else(|| map.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value));
    found.filter(|value| !value.is_null())
}

/// The one object in which a call's parameters are wrapped.
fn nested_request(parameters: &Value) -> Option<&Value> {
    let mut entries = parameters.as_object()?.iter();
    let (key, value) = entries.next()?;
    (key.ends_with("Request") && entries.next().is_none() && value.is_object()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn needs_an_object_with_an_event_name_and_nothing_else() {
        assert_eq!(Record::new(json!([1])), Err(RecordError::NotAnObject("a list")));
        assert_eq!(Record::new(json!({"eventName": 7})), Err(RecordError::NoEventName));
        let bare = Record::new(json!({"eventName": "CreateUser", "userIdentity": "odd"})).unwrap();
        assert_eq!(bare.event_name(), "CreateUser");
        assert_eq!(bare.account(), None);
        assert_eq!(bare.parameters(), &Value::Null);
        assert_eq!(bare.event_time(), None);
    }
}
