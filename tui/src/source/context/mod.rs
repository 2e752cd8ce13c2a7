//! Records around an alert, also those that are no alerts: by access key, session, user or address, from CloudTrail's
//! event history or from log files.
//!
//! ```text
//!  Question ──► live.rs: LookupEvents, two calls a second ──┐
//!          └──► files.rs: the replay's reader, all records ─┴──► Step ──► context, the console's records
//! ```

mod files;
mod issued;
mod live;
#[cfg(test)]
mod tests;

use std::time::Duration;

use detector::joins::Part;
use detector::{Alert, Call};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::model::hash;

pub(crate) use files::read;
pub(crate) use live::{look_up, start_of};

/// Time to either side of an alert that is looked at first.
pub(crate) const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Most identities of one incident that are asked for.
const MOST: usize = 50;

/// Returns the region in which IAM, STS's global endpoint and sign-ins are recorded, of the partition of a region.
fn global_region(region: &str) -> &'static str {
    if region.starts_with("us-gov-") {
        "us-gov-west-1"
    } else if region.starts_with("cn-") {
        "cn-north-1"
    } else {
        "us-east-1"
    }
}

/// Property by which records belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// `userIdentity.accessKeyId`.
    Key(String),
    /// `userIdentity.arn` of a session.
    Session(String),
    /// ARN and name of a user.
    User { arn: String, name: String },
    /// `sourceIPAddress`.
    Address(String),
    /// Identities of an incident: any of these.
    Any(Vec<Self>),
}

impl By {
    /// Returns the properties of an alert by which records can be found, the narrowest first.
    pub(crate) fn all_of(alert: &Alert) -> Vec<Self> {
        let identity = |key: &str| {
            let record = alert.record.as_ref()?;
            record.pointer("/userIdentity")?.get(key)?.as_str().filter(|text| !text.is_empty())
        };
        let arn = identity("arn").or(alert.user.as_deref()).map(str::to_owned);
        let is_session = |arn: &String| arn.contains(":assumed-role/") || arn.contains(":federated-user/");
        let session = arn.clone().filter(is_session).map(Self::Session);
        let user = arn.filter(|arn| arn.contains(":user/"));
        let user = user.map(|arn| Self::User { name: last_part(&arn).to_owned(), arn });
        let address = alert.source_ip.as_deref().filter(|text| text.parse::<std::net::IpAddr>().is_ok());
        [
            identity("accessKeyId").map(|key| Self::Key(key.to_owned())),
            session,
            user,
            address.map(|address| Self::Address(address.to_owned())),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Returns the identities of an incident: of each alert's call the narrowest, the keys that it issued, and the keys of
    /// the incident's links; `None` where there are none. At most [`MOST`].
    pub(crate) fn any_of(alerts: &[Alert], keys: &[String]) -> Option<Self> {
        let mut all: Vec<Self> = Vec::new();
        // Keys that the alerts' calls created: they may have acted without raising an alert.
        let issued = |alert: &Alert| -> Vec<Self> {
            let keys = alert.joins.iter().filter(|join| join.0 == Part::Give && join.1 == "cred");
            keys.map(|join| Self::Key(join.2.clone())).collect()
        };
        let of_calls = alerts.iter().filter_map(|alert| Self::all_of(alert).into_iter().next());
        let of_links = keys.iter().cloned().map(Self::Key);
        for by in of_calls.chain(of_links).chain(alerts.iter().flat_map(issued)) {
            if all.len() < MOST && !matches!(by, Self::Address(_)) && !all.contains(&by) {
                all.push(by);
            }
        }
        (!all.is_empty()).then_some(Self::Any(all))
    }

    /// True for so many identities of an incident that some may be left out.
    pub(crate) const fn is_cut(&self) -> bool {
        matches!(self, Self::Any(all) if all.len() >= MOST)
    }

    /// Returns the properties that are looked up one after the other.
    fn each(&self) -> &[Self] {
        if let Self::Any(all) = self { all } else { std::slice::from_ref(self) }
    }

    /// True for a record that has the property.
    fn takes(&self, call: &Call) -> bool {
        match self {
            Self::Key(key) => call.access_key.as_ref() == Some(key),
            Self::Session(arn) => call.session.as_ref() == Some(arn),
            Self::User { arn, .. } => call.actor.id == *arn,
            Self::Address(address) => call.source_ip.as_ref() == Some(address),
            Self::Any(all) => all.iter().any(|by| by.takes(call)),
        }
    }

    /// The text that the record of each such call has; empty for several identities.
    const fn text(&self) -> &str {
        match self {
            Self::Key(text) | Self::Session(text) | Self::Address(text) => text.as_str(),
            Self::User { name, .. } => name.as_str(),
            Self::Any(_) => "",
        }
    }

    /// The text that no other identity has.
    const fn identity(&self) -> &str {
        match self {
            Self::User { arn, .. } => arn.as_str(),
            other => other.text(),
        }
    }

    /// The kind of property, as `--by` has it.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Session(_) => "session",
            Self::User { .. } => "user",
            Self::Address(_) => "ip",
            Self::Any(_) => "incident",
        }
    }

    /// The property in words: `key AKIA…`.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Session(arn) => format!("session {}", last_part(arn)),
            Self::Any(all) if all.len() == 1 => "incident, 1 identity".to_owned(),
            Self::Any(all) if self.is_cut() => format!("incident, {} identities, the most", all.len()),
            Self::Any(all) => format!("incident, {} identities", all.len()),
            other => format!("{} {}", other.label(), other.text()),
        }
    }
}

fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// A question for the records around an alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) by: By,
    /// From this time on.
    pub(crate) since: Timestamp,
    /// Before this time.
    pub(crate) until: Timestamp,
    /// Accounts that the alerts are of.
    pub(crate) accounts: Vec<String>,
    /// Regions to be asked.
    pub(crate) regions: Vec<String>,
}

impl Question {
    /// Returns the same question over all alerts of an incident: from before the first of its records to after the last
    /// alert, in all their regions.
    pub(crate) fn over(mut self, alerts: &[Alert], first: Option<Timestamp>, span: SignedDuration) -> Self {
        if let Some(first) = first {
            self.since = self.since.min(first.checked_sub(span).unwrap_or(Timestamp::MIN));
        }
        for alert in alerts {
            let one = Self::around(alert, self.by.clone(), span);
            (self.since, self.until) = (self.since.min(one.since), self.until.max(one.until));
            let new = one.regions.into_iter().filter(|region| !self.regions.contains(region));
            let new: Vec<String> = new.collect();
            self.regions.extend(new);
            let new = one.accounts.into_iter().filter(|account| !self.accounts.contains(account));
            let new: Vec<String> = new.collect();
            self.accounts.extend(new);
        }
        self
    }

    /// Returns the question for the records by this property, so long to either side of an alert.
    pub(crate) fn around(alert: &Alert, by: By, span: SignedDuration) -> Self {
        let time = alert.time.or(alert.detected_at).unwrap_or_default();
        let mut regions: Vec<String> = alert.region.iter().cloned().collect();
        let global = global_region(alert.region.as_deref().unwrap_or_default());
        if !regions.iter().any(|region| region == global) {
            regions.push(global.to_owned());
        }
        Self {
            by,
            since: time.checked_sub(span).unwrap_or(Timestamp::MIN),
            until: time.checked_add(span).unwrap_or(Timestamp::MAX),
            accounts: alert.account.iter().cloned().collect(),
            regions,
        }
    }

    /// Hash of what is asked for, by which its records are kept: the identities, whatever the time.
    pub(crate) fn hash(&self) -> i64 {
        let mut texts: Vec<String> =
            self.by.each().iter().map(|by| format!("{} {}", by.label(), by.identity())).collect();
        texts.sort();
        hash("context", &texts.join("\0"))
    }

    /// True for a record that is asked for.
    pub(crate) fn takes(&self, call: &Call) -> bool {
        self.by.takes(call) && self.takes_time(call)
    }

    /// True for a record of a time that is asked for.
    pub(crate) fn takes_time(&self, call: &Call) -> bool {
        call.time.is_none_or(|time| time >= self.since && time < self.until)
    }
}

/// A step of an answer.
#[derive(Debug)]
pub(crate) enum Step {
    /// Records, each with its JSON, in no order; none twice. `asked`: calls to CloudTrail so far.
    Calls { found: Vec<(Call, Value)>, asked: u64 },
    /// It waits so long before it asks again.
    Waits { wait: Duration, why: String },
    /// A part could not be read; why, and what to do. `denied`: the region that refused.
    Failed { why: String, denied: Option<String> },
}
