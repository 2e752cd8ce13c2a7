//! Values of a log file that give no record: things that are known and hold no call, and things that are broken.

use serde_json::{Map, Value};

use crate::json::exact_member_of;
use crate::record::{Kind, Record, RecordError};

/// Reason why a value of a log file gives no record.
#[derive(Debug, thiserror::Error)]
pub enum NotARecord {
    /// It is JSON, and not a record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// It is known, and holds no call.
    #[error("skipped: {}", .0.label())]
    Passed(Passed),
    /// A tool renamed a record's fields.
    #[error("{0} without the original record: replay the trail's own files")]
    Renamed(&'static str),
    /// One value holds more than anybody writes: what is packed in it has no end.
    #[error("more than 100,000 nested values: rest skipped")]
    TooMuch,
    /// It can't be taken as JSON.
    #[error("invalid JSON: {0}")]
    Json(#[from] serde_json::Error),
}

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
    /// Records of a stream that is no log: `DynamoDB`'s and the like.
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
    pub const fn label(self) -> &'static str {
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

    pub(super) fn of_record(record: &Record) -> Option<Self> {
        match record.kind() {
            Kind::Event => None,
            Kind::Insight => Some(Self::Insight),
            Kind::NetworkActivity => Some(Self::NetworkActivity),
            Kind::Aggregated => Some(Self::Aggregated),
        }
    }

    pub(super) fn of_object(object: &Map<String, Value>) -> Option<Self> {
        let member = |key: &str| exact_member_of(object, key);
        let has = |key: &str| member(key).is_some();
        let text = |key: &str| member(key).and_then(Value::as_str).unwrap_or_default();
        // Real Insight events have no name at the top.
        let kind = Kind::of(
            member("eventCategory").and_then(Value::as_str),
            member("eventType").and_then(Value::as_str),
        );
        if kind == Kind::Insight || has("insightDetails") {
            Some(Self::Insight)
        } else if has("digestS3Object") || has("digestEndTime") {
            Some(Self::Digest)
        } else if text("eventSource") == "aws:s3" && has("s3") || text("Event") == "s3:TestEvent" {
            Some(Self::S3Notification)
        } else if text("eventSource").starts_with("aws:")
            && has("eventName")
            && !has("kinesis")
            && !has("body")
        {
            Some(Self::StreamRecord)
        } else if object.len() == 1 && (has("index") || has("create")) {
            // The lines between documents of Elasticsearch's bulk form.
            Some(Self::ControlMessage)
        } else if text("messageType") == "CONTROL_MESSAGE"
            || matches!(text("Type"), "SubscriptionConfirmation" | "UnsubscribeConfirmation")
        {
            Some(Self::ControlMessage)
        } else if has("configurationItems") || has("configurationItem") {
            Some(Self::ConfigItem)
        } else if has("schemaVersion") && has("service") && has("severity") {
            Some(Self::Finding)
        } else {
            None
        }
    }
}
