//! The alert: what the detector publishes, and every reader relies on.
//!
//! This is the wire contract, version 1: one JSON object, the body of the SNS message. A reader
//! skips fields it does not know and refuses a higher version. `event`, `user`, `source_ip`,
//! `parameters` and `severity` are what subscribers of the first version know.

mod reasons;
mod summary;
mod truncate;
mod weight;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::facts::{Facts, Verdict};
use crate::joins::{self, Join};
use crate::json;
use crate::record::Record;
use crate::rules::sigma::{Level, Rule};
use weight::severity;

/// The version of the contract that this code writes, and the highest that it reads.
pub const VERSION: u32 = 1;

/// Text that the title and the summary of a test begin with.
const TEST: &str = "TEST: ";

/// Severity of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Severity {
    /// Everyday work that belongs to the picture of an attack: nobody is disturbed.
    Low,
    /// Seldom an incident by itself, and a piece of one when there is one: looked at within the day.
    Medium,
    /// A door is open, or much is given, and it may be on purpose: looked at within the hour.
    High,
    /// Somebody can act now who should not, or the watch over the account is off: somebody must get up.
    Critical,
}

impl Severity {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no severity.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("unknown severity `{0}`: use LOW, MEDIUM, HIGH or CRITICAL")]
pub struct UnknownSeverity(String);

impl FromStr for Severity {
    type Err = UnknownSeverity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Low, Self::Medium, Self::High, Self::Critical]
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| UnknownSeverity(text.to_owned()))
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Informational | Level::Low => Self::Low,
            Level::Medium => Self::Medium,
            Level::High => Self::High,
            Level::Critical => Self::Critical,
        }
    }
}

/// An alert's identity everywhere: CloudTrail's `eventID`. The same id twice is the same alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AlertId(pub String);

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AlertId {
    pub(crate) fn of(record: &Record) -> Self {
        let id = record.event_id().filter(|id| id.len() <= LONGEST_ID);
        Self(id.map_or_else(|| content_id(record.value()), str::to_owned))
    }
}

/// The most bytes of an `eventID` that is taken as it is; CloudTrail's have 36. A cut one could be that of
/// another alert.
const LONGEST_ID: usize = 256;

/// An id for a record that has none, as a hand-written test event: the same content, the same id.
fn content_id(record: &Value) -> String {
    // FNV-1a, 64 bits: stable over versions and machines, which std's hasher does not promise.
    let hash = record.to_string().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("no-event-id-{hash:016x}")
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleMatch {
    /// The rule's id.
    pub id: String,
    /// The rule's title.
    pub title: String,
    /// The rule's level, before the outcome of the call is weighed.
    pub level: Level,
    /// ATT&CK tactics and techniques.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Error of a failed call, as CloudTrail recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallError {
    /// `errorCode`; a sign-in has none.
    pub code: Option<String>,
    /// `errorMessage`.
    pub message: Option<String>,
}

/// The alert. Fields stand in the order in which a person reads them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// [`VERSION`].
    pub version: u32,
    /// CloudTrail's `eventID`.
    pub id: AlertId,
    /// Severity of the alert.
    pub severity: Severity,
    /// `eventName`.
    pub event: String,
    /// The principal's ARN.
    pub user: Option<String>,
    /// `sourceIPAddress`: an address, or the name of an AWS service.
    pub source_ip: Option<String>,
    /// `requestParameters` as CloudTrail wrote them.
    pub parameters: Value,
    /// The title of the rule that weighs most.
    pub title: String,
    /// One sentence: who did what to whom.
    pub summary: String,
    /// Reasons for the severity, strongest first.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// Every rule that matched, strongest first.
    #[serde(default)]
    pub rules: Vec<RuleMatch>,
    /// Facts of the record. Absent in alerts that older detectors wrote.
    #[serde(default)]
    pub facts: Option<Facts>,
    /// Identities that the call used, issued, created or opened. Absent in alerts that older detectors wrote.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joins: Vec<Join>,
    /// Time of the call (`eventTime`).
    pub time: Option<Timestamp>,
    /// Time at which the detector saw the record.
    pub detected_at: Option<Timestamp>,
    /// The account the event is about.
    pub account: Option<String>,
    /// `awsRegion`.
    pub region: Option<String>,
    /// `eventSource`.
    pub event_source: Option<String>,
    /// `userAgent`.
    pub user_agent: Option<String>,
    /// Null when the call worked.
    pub error: Option<CallError>,
    /// True where somebody tries the pipeline out: nobody did what the alert tells of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
    /// Fields that were left out or cut so that the message fits: `record`, `parameters`, then others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub truncated: Vec<String>,
    /// The whole CloudTrail record, shared with the [`Record`] that it was made of.
    #[serde(default)]
    pub record: Option<Arc<Value>>,
}

impl Alert {
    /// Makes the alert of a record that these rules match. `None` where there is nothing to tell:
    /// no rule, or a call that failed in an everyday way.
    pub fn of(record: &Record, facts: Facts, rules: &[&Rule], detected_at: Timestamp) -> Option<Self> {
        if facts.outcome.is_routine_failure() {
            return None;
        }
        let mut weighed: Vec<(Severity, &Rule)> =
            rules.iter().filter_map(|rule| Some((severity(rule, &facts)?, *rule))).collect();
        // Stable, so rules of one weight stay in the pack's order.
        weighed.sort_by_key(|(severity, rule)| std::cmp::Reverse((*severity, rule.level)));
        let (worst, first) = *weighed.first()?;
        let text = |path: &[&str]| record.text(path).map(str::to_owned);
        Some(Self {
            version: VERSION,
            id: AlertId::of(record),
            severity: worst,
            event: record.event_name().to_owned(),
            user: text(&["userIdentity", "arn"]).or_else(|| Some(facts.actor.id.clone())),
            source_ip: text(&["sourceIPAddress"]),
            parameters: json::limited(record.parameters().clone()),
            title: first.title.clone(),
            summary: summary::sentence(record, &facts),
            reasons: weighed.iter().map(|(_, rule)| reasons::reason(rule, &facts)).collect(),
            rules: weighed
                .iter()
                .map(|(_, rule)| RuleMatch {
                    id: rule.id.clone(),
                    title: rule.title.clone(),
                    level: rule.level,
                    tags: rule.tags.clone(),
                })
                .collect(),
            time: record.event_time(),
            detected_at: Some(detected_at),
            account: record.account().map(str::to_owned),
            region: text(&["awsRegion"]),
            event_source: record.event_source().map(str::to_owned),
            user_agent: text(&["userAgent"]),
            error: match (text(&["errorCode"]), text(&["errorMessage"])) {
                _ if facts.outcome.verdict == Verdict::Success => None,
                (None, None) => None,
                (code, message) => Some(CallError { code, message }),
            },
            joins: joins::of(record, &facts),
            facts: Some(facts),
            test: false,
            truncated: Vec::new(),
            record: Some(record.limited()),
        })
    }

    /// The same as the alert of a test: seen to be one by whoever reads any part of it, and with an id
    /// of its own, so that no real alert is taken for its repetition.
    #[must_use]
    pub fn into_test(self) -> Self {
        Self {
            id: AlertId(format!("test-{}", self.id)),
            title: format!("{TEST}{}", self.title),
            summary: format!("{TEST}{}", self.summary),
            test: true,
            joins: Vec::new(),
            ..self
        }
    }

    /// The title as people see it first: of a call that failed, that it was an attempt.
    pub fn headline(&self) -> String {
        let (test, title) = match self.title.strip_prefix(TEST) {
            Some(title) if self.test => (TEST, title),
            _ => ("", self.title.as_str()),
        };
        match self.facts.as_ref().map(|facts| facts.outcome.verdict) {
            Some(Verdict::Denied) => format!("{test}Denied attempt: {title}"),
            Some(Verdict::Failed) => format!("{test}Failed attempt: {title}"),
            Some(Verdict::Success) | None => self.title.clone(),
        }
    }

    /// The message to publish: JSON of at most `limit` bytes. What does not fit is left out or cut
    /// and named in `truncated`: first the record, then the parameters, then any other field.
    ///
    /// # Errors
    /// Returns an error where the alert can't be written as JSON, or does not fit even when it is cut.
    pub fn to_message(&self, limit: usize) -> Result<String, truncate::TooLarge> {
        truncate::message(self, limit)
    }
}

pub(crate) use summary::sentence;
pub use truncate::TooLarge;

#[cfg(test)]
mod tests;
