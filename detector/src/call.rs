//! Calls: any record, told in one line with what the detector makes of it. An alert shows one call; whoever reads it
//! asks at once for the calls around it, also those that are no alerts: reads, refused tries, credentials taken.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use crate::alert::{self, AlertId};
use crate::facts::{Actor, Facts, Outcome, Target, Verdict};
use crate::link::{Class, Link};
use crate::record::Record;
use crate::{Alert, Severity};

/// Version of the JSON form.
pub const VERSION: u32 = 1;

/// A record and what the detector makes of it. Its JSON is one line of `sentinel-tui context --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// [`VERSION`].
    pub version: u32,
    /// CloudTrail's `eventID`.
    pub id: AlertId,
    /// Time of the call; `None` where the record has no readable one.
    pub time: Option<Timestamp>,
    /// `eventName`.
    pub event: String,
    /// The service, without `.amazonaws.com`.
    pub service: String,
    /// The account that the event is about.
    pub account: Option<String>,
    /// `awsRegion`.
    pub region: Option<String>,
    /// Identity that made the call.
    pub actor: Actor,
    /// ARN of the session or user, as `userIdentity.arn` has it.
    pub session: Option<String>,
    /// `userIdentity.accessKeyId`.
    pub access_key: Option<String>,
    /// `sourceIPAddress`.
    pub source_ip: Option<String>,
    /// `userAgent`.
    pub user_agent: Option<String>,
    /// Target of the call, where the record names it.
    pub target: Option<Target>,
    /// Success, denial or failure.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// True for a call that changes nothing, as CloudTrail says; by the event's name where it does not.
    pub read_only: bool,
    /// One sentence: who did what to whom.
    pub summary: String,
    /// Severity of the alert that the record raises; `None` for a record that raises none.
    pub severity: Option<Severity>,
    /// Titles of the rules that match, the strongest first.
    pub rules: Vec<String>,
    /// Class of the link that the record is, where it issues a credential or signs somebody in.
    pub link: Option<Class>,
}

/// Beginnings of names of calls that change nothing, for records that do not say.
const READS: [&str; 6] = ["Get", "List", "Describe", "Lookup", "Search", "BatchGet"];

/// Returns whether a call changes nothing.
fn reads(record: &Record) -> bool {
    match record.get(&["readOnly"]) {
        Some(serde_json::Value::Bool(is)) => *is,
        Some(serde_json::Value::String(is)) => is == "true",
        _ => READS.iter().any(|begun| record.event_name().starts_with(begun)),
    }
}

impl Call {
    /// Tells a record, with the alert that it raises.
    #[must_use]
    pub fn of(record: &Record, facts: Facts, alert: Option<&Alert>) -> Self {
        let text = |path: &[&str]| record.text(path).map(str::to_owned);
        let link = Link::of(record, &facts, |_| false).map(|link| link.class);
        Self {
            version: VERSION,
            id: AlertId::of(record),
            time: record.event_time(),
            event: record.event_name().to_owned(),
            service: record.service().unwrap_or_default().to_owned(),
            account: record.account().map(str::to_owned),
            region: text(&["awsRegion"]),
            session: text(&["userIdentity", "arn"]),
            access_key: text(&["userIdentity", "accessKeyId"]),
            source_ip: text(&["sourceIPAddress"]),
            user_agent: text(&["userAgent"]),
            read_only: reads(record),
            summary: match facts.lets_in() {
                Some(whom) => format!("{}, open to {whom}", alert::sentence(record, &facts)),
                None => alert::sentence(record, &facts),
            },
            severity: alert.map(|alert| alert.severity),
            rules: alert
                .into_iter()
                .flat_map(|alert| alert.rules.iter().map(|rule| rule.title.clone()))
                .collect(),
            link,
            target: facts.target,
            outcome: facts.outcome,
            actor: facts.actor,
        }
    }

    /// True for a call that was refused for want of permissions.
    #[must_use]
    pub fn is_denied(&self) -> bool {
        self.outcome.verdict == Verdict::Denied
    }
}

/// The parts of a call that a summary by actor counts. Parameters and policies are not read for it, so it costs a
/// fraction of a [`Call`].
#[derive(Debug, Clone)]
pub struct Brief<'a> {
    /// CloudTrail's `eventID`.
    pub id: AlertId,
    /// Time of the call; `None` where the record has no readable one.
    pub time: Option<Timestamp>,
    /// Identity that made the call.
    pub actor: Cow<'a, Actor>,
    /// The service, without `.amazonaws.com`.
    pub service: &'a str,
    /// `awsRegion`.
    pub region: Option<&'a str>,
    /// `userIdentity.accessKeyId`.
    pub access_key: Option<&'a str>,
    /// `sourceIPAddress`.
    pub source_ip: Option<&'a str>,
    /// True for a call that was refused for want of permissions.
    pub denied: bool,
    /// True for a call that changes nothing.
    pub read_only: bool,
    /// Severity of the alert that the record raises; `None` for a record that raises none.
    pub severity: Option<Severity>,
}

impl<'a> Brief<'a> {
    /// Reads a record that raises an alert of this severity, or none.
    #[must_use]
    pub fn of(record: &'a Record, severity: Option<Severity>) -> Self {
        Self {
            id: AlertId::of(record),
            time: record.event_time(),
            actor: Cow::Owned(Actor::of(record)),
            service: record.service().unwrap_or_default(),
            region: record.text(&["awsRegion"]),
            access_key: record.text(&["userIdentity", "accessKeyId"]),
            source_ip: record.text(&["sourceIPAddress"]),
            denied: Outcome::of(record).verdict == Verdict::Denied,
            read_only: reads(record),
            severity,
        }
    }
}

impl<'a> From<&'a Call> for Brief<'a> {
    fn from(call: &'a Call) -> Self {
        Self {
            id: call.id.clone(),
            time: call.time,
            actor: Cow::Borrowed(&call.actor),
            service: &call.service,
            region: call.region.as_deref(),
            access_key: call.access_key.as_deref(),
            source_ip: call.source_ip.as_deref(),
            denied: call.is_denied(),
            read_only: call.read_only,
            severity: call.severity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use serde_json::{Value, json};

    fn record(patch: &Value) -> Record {
        let mut record = json!({"eventID": "e", "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
            "eventTime": "2026-11-26T10:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "sourceIPAddress": "192.0.2.1", "userIdentity": {"type": "IAMUser", "userName": "eve",
                "arn": "arn:aws:iam::111122223333:user/eve", "accessKeyId": "AKIAEVE"}});
        for (key, value) in patch.as_object().unwrap() {
            record[key] = value.clone();
        }
        Record::new(record).unwrap()
    }

    fn call(patch: &Value) -> Call {
        Detector::default().call(&record(patch), Timestamp::UNIX_EPOCH).0
    }

    #[test]
    fn a_read_and_a_refused_try_are_told_like_an_alert() {
        let read = call(&json!({}));
        assert_eq!((read.read_only, read.severity, read.service.as_str()), (true, None, "s3"));
        let tried =
            call(&json!({"eventName": "GetSecretValue", "eventSource": "secretsmanager.amazonaws.com",
            "errorCode": "AccessDenied", "requestParameters": {"secretId": "db"}}));
        assert!(tried.is_denied() && tried.summary.contains("denied"), "{tried:?}");
        let alert = call(&json!({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com",
            "requestParameters": {"name": "main"}}));
        assert!(alert.severity >= Some(Severity::High) && !alert.rules.is_empty() && !alert.read_only);
        let said = call(&json!({"eventName": "DescribeX", "readOnly": false}));
        assert!(!said.read_only, "CloudTrail knows better than a name");
        let line: Value = serde_json::to_value(tried).unwrap();
        assert_eq!((&line["outcome"], &line["actor"]["name"]), (&json!("denied"), &json!("eve")));
    }

    #[test]
    fn a_brief_says_what_the_call_says() {
        let detector = Detector::default();
        for patch in [
            json!({}),
            json!({"errorCode": "AccessDenied", "awsRegion": null, "sourceIPAddress": "ec2.amazonaws.com"}),
            json!({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com",
                "requestParameters": {"name": "main"}}),
            json!({"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
                "responseElements": {"ConsoleLogin": "Failure"}}),
            json!({"eventSource": null, "eventTime": "soon", "readOnly": "false", "userIdentity": null}),
        ] {
            let record = record(&patch);
            let call = detector.call(&record, Timestamp::UNIX_EPOCH).0;
            let (brief, of_call) = (Brief::of(&record, call.severity), Brief::from(&call));
            assert_eq!(format!("{brief:?}"), format!("{of_call:?}"));
        }
    }
}
