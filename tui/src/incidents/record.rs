//! A record as incidents see it: an alert, or a link, which is no alert and issues a credential or signs somebody in.

use detector::facts::TargetKind;
use detector::joins::{self, Join, Part};
use detector::link::Link;
use detector::{Alert, Facts, Severity, Watched};
use jiff::Timestamp;

use super::incident::TACTICS;

/// A record that may be part of an incident. Ordered by time and id; of two with one id, an alert comes first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Record {
    pub(crate) time: Option<Timestamp>,
    /// CloudTrail's `eventID`.
    pub(crate) id: String,
    /// Identities that it used and gave; empty where it joins nothing.
    pub(crate) joins: Vec<Join>,
    /// `eventName`.
    pub(crate) event: String,
    /// The account that the event is about.
    pub(crate) account: Option<String>,
    /// ARN of the user or role that made the call.
    pub(crate) actor: String,
    /// Name of that identity.
    pub(crate) actor_name: String,
    /// Account of that identity.
    pub(crate) actor_account: Option<String>,
    /// True where only the account of the caller is known: another record of the call may know more.
    pub(crate) by_account: bool,
    pub(crate) address: Option<String>,
    /// One sentence: who did what to whom.
    pub(crate) sentence: String,
    /// ARN of the role that the call assumed.
    pub(crate) role: Option<String>,
    /// Kind and name of the call's target.
    pub(crate) target: Option<(String, String)>,
    /// Those whom the call lets in from outside of the account.
    pub(crate) lets_in: Option<String>,
    /// The alert; `None` for a link.
    pub(crate) alert: Option<Told>,
}

/// Part of a record that only an alert has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Told {
    pub(crate) severity: Severity,
    pub(crate) title: String,
    /// First tactic of the strongest rule.
    pub(crate) tactic: Option<String>,
    pub(crate) acknowledged: bool,
}

/// First ATT&CK tactic of a rule's tags.
fn tactic(tags: &[String]) -> Option<String> {
    tags.iter().find_map(|tag| {
        let name = tag.strip_prefix("attack.")?.replace('_', "-");
        TACTICS.contains(&name.as_str()).then_some(name)
    })
}

impl Record {
    /// Makes the record of an alert.
    pub(crate) fn of_alert(alert: &Alert, acknowledged: bool) -> Self {
        let facts = alert.facts.as_ref();
        let actor = facts.map(|facts| &facts.actor);
        let target = facts.and_then(|facts| facts.target.as_ref());
        let tactic = alert.rules.first().and_then(|rule| tactic(&rule.tags));
        Self {
            time: alert.time,
            id: alert.id.0.clone(),
            joins: joins_of(alert),
            event: alert.event.clone(),
            account: alert.account.clone(),
            actor: actor.map_or_else(|| alert.user.clone().unwrap_or_default(), |actor| actor.id.clone()),
            actor_name: actor
                .map_or_else(|| alert.user.clone().unwrap_or_default(), |actor| actor.name.clone()),
            actor_account: actor.and_then(|actor| actor.account.clone()),
            by_account: actor.is_some_and(|actor| actor.kind == detector::facts::ActorKind::Account),
            address: alert.source_ip.clone(),
            sentence: sentence(alert),
            lets_in: lets_in(alert),
            role: role(alert),
            target: target.map(|target| (target.kind.label().to_owned(), target.name.clone())),
            alert: Some(Told { severity: alert.severity, title: alert.headline(), tactic, acknowledged }),
        }
    }

    /// Makes the record of a link.
    pub(crate) fn of_link(link: Link) -> Self {
        Self {
            time: Some(link.time),
            id: link.id.0,
            joins: link.joins,
            event: link.event,
            account: link.account,
            actor: link.actor.id,
            actor_name: link.actor.name,
            actor_account: link.actor.account,
            by_account: link.actor.kind == detector::facts::ActorKind::Account,
            address: link.source_ip,
            sentence: link.summary,
            lets_in: None,
            target: link.role.as_deref().map(|role| (TargetKind::Role.label().to_owned(), role.to_owned())),
            role: link.role,
            alert: None,
        }
    }

    /// Seconds since 1970; `None` where nothing can be put in order by it.
    pub(crate) fn seconds(&self) -> Option<i64> {
        self.time.map(Timestamp::as_second)
    }

    /// The identity that made the call, as guards tell givers apart: the user, the person, the instance, of another
    /// role the session. Never the role: a thousand runs of a pipeline share it.
    pub(crate) fn giver(&self) -> Option<String> {
        ["user", "name", "person", "inst", "sess", "cred", "foreign", "arn"].into_iter().find_map(|kind| {
            let join = self.joins.iter().find(|join| join.0 == Part::Use && join.1 == kind)?;
            Some(format!("{kind}|{}", join.2))
        })
    }
}

/// Joins of an alert; those of one that an older detector wrote are derived from its record.
fn joins_of(alert: &Alert) -> Vec<Join> {
    if alert.test || alert.time.is_none() {
        return Vec::new();
    }
    if !alert.joins.is_empty() {
        return alert.joins.clone();
    }
    let record = alert.record.clone().and_then(|record| detector::Record::new(record).ok());
    record.map_or_else(Vec::new, |record| match &alert.facts {
        Some(facts) => joins::of(&record, facts),
        None => joins::of(&record, &Facts::of(&record, &Watched::default())),
    })
}

/// Those whom an alert's call lets in.
fn lets_in(alert: &Alert) -> Option<String> {
    alert.facts.as_ref().and_then(Facts::lets_in)
}

/// The alert's sentence, with whom its call lets in.
fn sentence(alert: &Alert) -> String {
    match lets_in(alert) {
        Some(whom) => format!("{}, open to {whom}", alert.summary),
        None => alert.summary.clone(),
    }
}

/// ARN of the role that an alert's call assumed.
fn role(alert: &Alert) -> Option<String> {
    let arn = alert.parameters.get("roleArn").and_then(serde_json::Value::as_str);
    arn.filter(|_| alert.event.starts_with("AssumeRole") && alert.error.is_none()).map(str::to_owned)
}
