//! An incident as it is written: version 1 of the contract of `sentinel-tui incidents --json`
//! (docs/incidents.md). No field depends on the clock or the machine.

use std::cmp::Ordering;

use detector::Severity;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

use crate::model::Members;

/// Version of the contract.
pub(crate) const VERSION: u32 = 1;

/// ATT&CK's tactics, in its order.
pub(crate) const TACTICS: [&str; 14] = [
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
];

/// State of an incident: open while one of its alerts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Open,
    Acknowledged,
}

/// Incidents of the alerts from a time on, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overview {
    pub(crate) incidents: Vec<Incident>,
    /// Time of the oldest alert that was looked at; `None` where all were.
    pub(crate) since: Option<Timestamp>,
}

/// An incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Incident {
    pub(crate) version: u32,
    /// The id of its first alert. Every alert's id names its incident.
    pub(crate) id: String,
    /// Its worst alert's severity, or one step more.
    pub(crate) severity: Severity,
    /// True where the severity is one step more than the worst alert's: something created, opened or taken over acted.
    pub(crate) raised: bool,
    pub(crate) state: State,
    pub(crate) title: String,
    /// Sentences in order of time, at most 8.
    pub(crate) story: Vec<String>,
    /// Time of its first alert; null where none has a time.
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) accounts: Vec<String>,
    /// ARNs of the users and roles that made the alerts' calls.
    pub(crate) actors: Vec<String>,
    pub(crate) addresses: Vec<String>,
    /// In ATT&CK's order.
    pub(crate) tactics: Vec<String>,
    /// Ids of its alerts, by time and id.
    pub(crate) alerts: Vec<String>,
    /// Alerts and links, by time and id; those without a time last.
    pub(crate) steps: Vec<Step>,
    pub(crate) created: Vec<Created>,
    pub(crate) opened: Vec<Opened>,
    pub(crate) taken_over: Vec<TakenOver>,
    /// Resources that the alerts' calls opened beside roles and providers.
    pub(crate) exposed: Vec<Exposed>,
    /// Access keys by which the alerts' calls were made, in order of time.
    pub(crate) keys: Vec<Key>,
    /// Gaps: sessions whose start is in no record.
    pub(crate) unknown: Vec<String>,
    /// Ids of incidents that share an address which no other has; missing where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) related: Vec<Related>,
    /// Access keys of these sessions. This and what follows is no part of the contract.
    #[serde(skip)]
    pub(crate) unknown_keys: Vec<String>,
    /// Names of those who made the alerts' calls, in order of time.
    #[serde(skip)]
    pub(crate) names: Vec<String>,
    /// Access keys that its links used and issued, in order of time.
    #[serde(skip)]
    pub(crate) link_keys: Vec<String>,
    /// Number of its alerts that are acknowledged.
    #[serde(skip)]
    pub(crate) acknowledged: usize,
    /// Number of its alerts that came after all others had been acknowledged, and that opened it again.
    #[serde(skip)]
    pub(crate) reopened: usize,
}

impl Incident {
    /// Order of incidents: by the time of their first alert and their id; those without a time come last.
    pub(crate) fn by_time(&self, other: &Self) -> Ordering {
        let key = |of: &Self| (of.first.is_none(), of.first, of.id.clone());
        key(self).cmp(&key(other))
    }

    /// Returns its state in words: `open`, `reopened by 2`, `acknowledged`.
    pub(crate) fn state_words(&self) -> String {
        match (self.state, self.reopened) {
            (State::Acknowledged, _) => "acknowledged".to_owned(),
            (State::Open, 0) => "open".to_owned(),
            (State::Open, count) => format!("reopened by {count}"),
        }
    }

    /// Returns its alerts, as a filter asks for them.
    pub(crate) fn members(&self) -> Members {
        let has_times = self.steps.iter().all(|step| step.time.is_some());
        let behind = self.last.and_then(|last| last.checked_add(SignedDuration::from_nanos(1)).ok());
        let span = self.first.zip(behind).filter(|_| has_times);
        Members {
            alerts: self.alerts.iter().cloned().collect(),
            span: span.unwrap_or((Timestamp::MIN, Timestamp::MAX)),
        }
    }
}

/// An incident that shares an address with another. On the wire it is its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Related {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) severity: Severity,
    pub(crate) last: Option<Timestamp>,
    pub(crate) title: String,
}

impl Related {
    /// Returns it in words.
    pub(crate) fn words(&self) -> String {
        format!(
            "incident {} ({}) came from {} too, and no third one within 30 days",
            self.id, self.title, self.address
        )
    }
}

impl Serialize for Related {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.id)
    }
}

/// An alert or a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Step {
    pub(crate) time: Option<Timestamp>,
    pub(crate) event_id: String,
    pub(crate) event: String,
    pub(crate) tactic: Option<String>,
    pub(crate) sentence: String,
    /// False for a link.
    pub(crate) alert: bool,
    /// Severity of the alert; `None` for a link. This and what follows is no part of the contract.
    #[serde(skip)]
    pub(crate) severity: Option<Severity>,
    /// Whoever made the call.
    #[serde(skip)]
    pub(crate) actor: String,
    #[serde(skip)]
    pub(crate) address: Option<String>,
    /// The call, where two accounts may have recorded it.
    #[serde(skip)]
    pub(crate) call: Option<String>,
}

/// An identity that was created.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Created {
    /// `access_key` or `user`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// The user whose key it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) of: Option<String>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) used: bool,
}

/// A role or provider that was opened to somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Opened {
    /// `role` or `provider`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// Account, provider or service; `*` for everybody. Null for a provider.
    pub(crate) to: Option<String>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) used: bool,
}

/// A resource that was opened to somebody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Exposed {
    /// `bucket`, `image`, …
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) to: String,
}

/// An access key that acted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Key {
    pub(crate) id: String,
    /// Name of the caller.
    pub(crate) of: String,
}

/// An identity that was there before and was taken over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct TakenOver {
    /// `user`, `role` or `instance`.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// The call, or `password set`, or `function`.
    pub(crate) how: String,
    pub(crate) at: Option<Timestamp>,
    pub(crate) used: bool,
}
