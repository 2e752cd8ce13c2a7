//! A CloudTrail record as CloudTrail writes it: any field can be absent, null or of another kind,
//! and none of that is an error here.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::json;

/// One record. It has an `eventName`; for the rest it is what came. Cheap to clone: its alert shares it.
#[derive(Debug, Clone, PartialEq)]
pub struct Record(Arc<Value>);

/// Fields that CloudTrail writes as objects or lists. Athena, CloudTrail Lake and others export them as JSON
/// text.
const OBJECTS: [&str; 6] = [
    "userIdentity",
    "requestParameters",
    "responseElements",
    "resources",
    "additionalEventData",
    "serviceEventDetails",
];

/// The key under which parameters stand that are text and no JSON.
const UNREADABLE: &str = "unreadable";

/// Reads a field that came as text; `None` where it stays as it is.
fn parsed(field: &str, text: &str) -> Option<Value> {
    match json::read(text.trim().as_bytes()) {
        // A text in a text.
        Ok(Value::String(inner)) if inner != text => parsed(field, &inner),
        Ok(value @ (Value::Object(_) | Value::Array(_) | Value::Null)) => Some(value),
        _ if text.trim().is_empty() => Some(Value::Null),
        // As CloudTrail marks parameters that it left out.
        _ => (field == "requestParameters").then(|| json!({"omitted": true, UNREADABLE: text})),
    }
}

/// Kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A call, a sign-in, or something that a service did.
    Event,
    /// Statistics of a call that was made unusually often, by `CloudTrail` Insights: it names a call that
    /// was not made then.
    Insight,
    /// A call through a VPC endpoint, seen from the endpoint's side. The call itself has a record of its own
    /// in the account that it was made in; this one has no parameters.
    NetworkActivity,
    /// A summary of data events over some minutes.
    Aggregated,
}

impl Kind {
    /// Reads `eventCategory` and `eventType`.
    /// <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>
    pub fn of(category: Option<&str>, of_type: Option<&str>) -> Self {
        match (category, of_type) {
            (Some("Insight"), _) | (_, Some("AwsCloudTrailInsight")) => Self::Insight,
            (Some("NetworkActivity"), _) | (_, Some("AwsVpceEvents" | "AwsVpceEvent")) => {
                Self::NetworkActivity
            }
            (Some("Aggregated"), _) | (_, Some("AwsAggregatedEvent")) => Self::Aggregated,
            _ => Self::Event,
        }
    }

    /// The words for some of them: "Insight events".
    pub const fn words(self) -> &'static str {
        match self {
            Self::Event => "events",
            Self::Insight => "Insight events",
            Self::NetworkActivity => "network activity events",
            Self::Aggregated => "aggregated events",
        }
    }
}

/// Reason why a value is no CloudTrail record.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordError {
    /// It is not even an object.
    #[error("not a CloudTrail record: {0} instead of a JSON object")]
    NotAnObject(&'static str),
    /// Nothing says what was done.
    #[error("not a CloudTrail record: no `eventName`")]
    NoEventName,
}

impl Record {
    /// Takes a value that should be a record. A shared one is copied only where a field that came as text is read.
    ///
    /// # Errors
    /// Returns an error where the value is no object, or nothing in it says what was done.
    pub fn new(value: impl Into<Arc<Value>>) -> Result<Self, RecordError> {
        let mut value = value.into();
        let kind = match &*value {
            Value::Object(_) => None,
            Value::Null => Some("null"),
            Value::Bool(_) => Some("a boolean"),
            Value::Number(_) => Some("a number"),
            Value::String(_) => Some("a string"),
            Value::Array(_) => Some("an array"),
        };
        if let Some(kind) = kind {
            return Err(RecordError::NotAnObject(kind));
        }
        if json::exact_member(&value, "eventName").and_then(Value::as_str).is_none_or(str::is_empty) {
            return Err(RecordError::NoEventName);
        }
        for field in OBJECTS {
            if let Some(Value::String(text)) = json::exact_member(&value, field) {
                let parsed = parsed(field, text);
                if let Some(parsed) = parsed
                    && let Some(place) = Arc::make_mut(&mut value).get_mut(field)
                {
                    *place = parsed;
                }
            }
        }
        Ok(Self(value))
    }

    /// Returns what kind of record it is.
    pub fn kind(&self) -> Kind {
        Kind::of(self.text(&["eventCategory"]), self.text(&["eventType"]))
    }

    /// Returns the whole record: a copy where an alert shares it.
    pub fn into_value(self) -> Value {
        Arc::unwrap_or_clone(self.0)
    }

    /// The whole record.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Returns the whole record, not deeper than [`json::DEEPEST`]: shared, or a copy where something had to be cut.
    pub(crate) fn limited(&self) -> Arc<Value> {
        if json::is_deeper(&self.0, json::DEEPEST) {
            return Arc::new(json::limited((*self.0).clone()));
        }
        Arc::clone(&self.0)
    }

    /// The text at a path of keys; empty texts count as absent.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    /// The value at a path of keys.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(&*self.0, |value, key| json::exact_member(value, key))
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

    /// `eventTime`: when the call was made, to the second. Exports write `2026-11-20 10:00:00` too, with a
    /// fraction or not; CloudTrail's times are UTC.
    pub fn event_time(&self) -> Option<Timestamp> {
        let text = self.text(&["eventTime"])?.trim();
        let civil = || text.trim_end_matches(" UTC").parse::<jiff::civil::DateTime>().ok();
        text.parse().ok().or_else(|| jiff::tz::TimeZone::UTC.to_timestamp(civil()?).ok())
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

    /// `requestParameters`, or the one object in which a newer call of EC2 or S3 Control wraps them.
    pub(crate) fn request(&self) -> &Value {
        nested_request(self.parameters()).unwrap_or(self.parameters())
    }

    /// The service, `iam` of `iam.amazonaws.com`.
    pub fn service(&self) -> Option<&str> {
        self.event_source()?.split('.').next()
    }

    /// Returns whether there are `requestParameters` that can't be read: CloudTrail left them out because they were
    /// too large, or they are text that is no JSON.
    pub fn parameters_are_omitted(&self) -> bool {
        self.parameters()
            .get("omitted")
            .is_some_and(|omitted| omitted == &Value::Bool(true) || omitted == "true")
    }

    /// Returns the reason why a part of the call's parameters, named by `what`, is not known here.
    pub(crate) fn why_no_parameters(&self, what: &str) -> String {
        if self.parameters().get(UNREADABLE).is_some() {
            format!("{what} unknown: parameters are not valid JSON")
        } else if self.parameters_are_omitted() {
            format!("{what} unknown: parameters too large, omitted by CloudTrail")
        } else if self.text(&["errorCode"]).is_some() {
            format!("{what} unknown: CloudTrail does not record the parameters of denied calls")
        } else {
            format!("{what} not recorded")
        }
    }
}

/// A member of an object, whatever the case of its key; null counts as absent.
pub(crate) fn member<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    let found = json::exact_member_of(map, key)
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

    #[test]
    fn json_in_text_is_read_and_what_is_none_is_said() {
        let record = |parameters: &str| {
            Record::new(json!({"eventName": "CreateAccessKey", "requestParameters": parameters,
                "userIdentity": "{\"accountId\": \"111122223333\"}"}))
            .unwrap()
        };
        let read = record("{\"userName\": \"bob\"}");
        assert_eq!((read.parameter("userName"), read.account()), (Some("bob"), Some("111122223333")));
        assert_eq!(record("null").parameters(), &Value::Null);
        let cut = record("{\"userName\": \"bo");
        assert!(cut.parameters_are_omitted());
        assert_eq!(cut.why_no_parameters("which user"), "which user unknown: parameters are not valid JSON");
    }

    #[test]
    fn times_are_read_as_exports_write_them() {
        let at = |text: &str| Record::new(json!({"eventName": "X", "eventTime": text})).unwrap().event_time();
        let wanted: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
        for text in [
            "2026-11-20T10:00:00Z",
            "2026-11-20 10:00:00",
            "2026-11-20 10:00:00.000",
            "2026-11-20 10:00:00 UTC",
        ] {
            assert_eq!(at(text), Some(wanted), "{text}");
        }
        assert_eq!(at("yesterday"), None);
    }

    #[test]
    fn needs_an_object_with_an_event_name_and_nothing_else() {
        assert_eq!(Record::new(json!([1])), Err(RecordError::NotAnObject("an array")));
        assert_eq!(Record::new(json!({"eventName": 7})), Err(RecordError::NoEventName));
        let bare = Record::new(json!({"eventName": "CreateUser", "userIdentity": "odd"})).unwrap();
        assert_eq!(bare.event_name(), "CreateUser");
        assert_eq!(bare.account(), None);
        assert_eq!(bare.parameters(), &Value::Null);
        assert_eq!(bare.event_time(), None);
    }
}
