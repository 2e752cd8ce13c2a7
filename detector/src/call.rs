//! Calls: any record, told in one line with what the detector makes of it. An alert shows one call; whoever reads it
//! asks at once for the calls around it, also those that are no alerts: reads, refused tries, credentials taken.

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Detector;
    use serde_json::{Value, json};

    fn call(patch: &Value) -> Call {
        let mut record = json!({"eventID": "e", "eventName": "ListBuckets", "eventSource": "s3.amazonaws.com",
            "eventTime": "2026-11-26T10:00:00Z", "awsRegion": "eu-west-1", "recipientAccountId": "111122223333",
            "sourceIPAddress": "192.0.2.1", "userIdentity": {"type": "IAMUser", "userName": "eve",
                "arn": "arn:aws:iam::111122223333:user/eve", "accessKeyId": "AKIAEVE"}});
        for (key, value) in patch.as_object().unwrap() {
            record[key] = value.clone();
        }
        Detector::default().call(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).0
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
}
