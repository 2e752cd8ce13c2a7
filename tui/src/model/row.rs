//! Entries as the list shows them.

use std::sync::Arc;

use detector::facts::Verdict;
use detector::{AlertId, Severity};
use jiff::Timestamp;

use super::entry::{Content, Incoming};
use super::facet::Facet;
use super::rule_names::BETWEEN;
use super::shared_text::SharedText;
use super::triage::{Remarks, TriageState};
use super::what::what;

/// Position of a row in the order of time: the time of its call, and its id.
pub(crate) type Position = (Timestamp, AlertId);

/// The tag of what back-fill found.
pub(crate) const BACK_FILLED: &str = "backfill";

/// An entry as the list shows it: small, safe, with nothing to look up. Its texts are shared with all
/// rows that have the same.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: AlertId,
    /// Time of the call; of its detection where the alert names none, of its arrival where it names neither.
    pub(crate) time: Timestamp,
    /// None for what could not be read.
    pub(crate) severity: Option<Severity>,
    pub(crate) event: SharedText,
    pub(crate) actor: SharedText,
    pub(crate) source_ip: SharedText,
    pub(crate) account: SharedText,
    /// Target of the call, with its kind: `role deploy`.
    pub(crate) target: SharedText,
    pub(crate) region: SharedText,
    /// The call and its objects: `AttachUserPolicy  AdministratorAccess → user bob`.
    pub(crate) what: SharedText,
    /// The service that was called: `iam.amazonaws.com`.
    pub(crate) source: SharedText,
    /// None where the detector did not say, or what came could not be read.
    pub(crate) outcome: Option<Verdict>,
    /// The titles of the rules that matched, empty where there is none.
    pub(crate) rules: SharedText,
    pub(crate) state: TriageState,
    /// Remarks of triage; `None` where there are none. Foreign text.
    pub(crate) remarks: Option<Arc<Remarks>>,
    /// Hashes of the session and of the access key, as [`Facet`] makes them; none where there is none.
    pub(crate) session_key: Option<i64>,
    pub(crate) access_key: Option<i64>,
}

impl Row {
    /// True where back-fill found the alert: it never arrived by itself, or did so afterwards.
    pub(crate) fn is_back_filled(&self) -> bool {
        self.remarks.iter().any(|remarks| remarks.tags.iter().any(|tag| tag == BACK_FILLED))
    }

    /// True for a test of the pipeline: nobody made the call that it describes. The detector gives such an
    /// alert an id that no event of CloudTrail has.
    pub(crate) fn is_test(&self) -> bool {
        self.id.0.starts_with(TEST)
    }

    /// The event as people see it: of a test, that it is one.
    pub(crate) fn event_words(&self) -> String {
        if self.is_test() { format!("TEST {}", self.event) } else { self.event.to_string() }
    }

    /// The call and its objects as people see them: of a test and of an attempt, that it is one.
    pub(crate) fn what_words(&self) -> String {
        let test = if self.is_test() { "TEST " } else { "" };
        let attempt = if self.event.as_str().starts_with(ATTEMPT) { ATTEMPT } else { "" };
        format!("{test}{attempt}{}", self.what)
    }

    /// Returns the step of an attack that a call is likely to be, by its verb: of calls of one moment, an earlier step
    /// is the cause of a later one.
    pub(crate) fn step(&self) -> u8 {
        let event = self.event.as_str();
        let event = event.strip_prefix(ATTEMPT).unwrap_or(event);
        let begins = |verbs: &[&str]| verbs.iter().any(|verb| event.starts_with(verb));
        match event {
            "CreateAccessKey"
            | "CreateLoginProfile"
            | "UpdateLoginProfile"
            | "CreateServiceSpecificCredential" => 3,
            _ if begins(&["Create", "Run", "Register"]) => 0,
            _ if begins(&["Attach", "Put", "Add", "Set", "Update", "Modify", "Associate"]) => 1,
            _ if begins(&["Deactivate", "Disable", "Stop", "Detach", "Remove"]) => 4,
            _ if begins(&["Delete", "Schedule"]) => 5,
            _ => 2,
        }
    }

    /// Key of the order in the store: newest first, and by id among those of one moment.
    pub(crate) fn key(&self) -> (std::cmp::Reverse<Timestamp>, &AlertId) {
        (std::cmp::Reverse(self.time), &self.id)
    }

    pub(crate) fn of(incoming: &Incoming) -> Self {
        let text = |text: Option<&String>| SharedText::new(text.map_or("–", String::as_str));
        match &incoming.content {
            Content::Alert(alert) => Self {
                id: incoming.id.clone(),
                time: alert.time.or(alert.detected_at).unwrap_or(incoming.received),
                severity: Some(alert.severity),
                event: match alert.facts.as_ref().map(|facts| facts.outcome.verdict) {
                    Some(Verdict::Denied | Verdict::Failed) => {
                        SharedText::new(&format!("{ATTEMPT}{}", alert.event))
                    }
                    Some(Verdict::Success) | None => SharedText::new(&alert.event),
                },
                actor: match &alert.facts {
                    Some(facts) => SharedText::new(&facts.actor.name),
                    None => text(alert.user.as_ref()),
                },
                source_ip: text(alert.source_ip.as_ref()),
                account: text(alert.account.as_ref()),
                target: match alert.facts.as_ref().and_then(|facts| facts.target.as_ref()) {
                    Some(target) => SharedText::new(&format!("{} {}", target.kind.label(), target.name)),
                    None => text(None),
                },
                what: SharedText::new(&what(alert)),
                region: text(alert.region.as_ref()),
                source: text(alert.event_source.as_ref()),
                outcome: alert.facts.as_ref().map(|facts| facts.outcome.verdict),
                rules: SharedText::new(
                    &alert.rules.iter().map(|rule| rule.title.as_str()).collect::<Vec<_>>().join(BETWEEN),
                ),
                state: TriageState::Open,
                remarks: None,
                session_key: Facet::Session.of(alert),
                access_key: Facet::AccessKey.of(alert),
            },
            Content::Unreadable { why, .. } => Self {
                id: incoming.id.clone(),
                time: incoming.received,
                severity: None,
                event: SharedText::new("unreadable message"),
                actor: SharedText::new(why),
                source_ip: text(None),
                account: text(None),
                target: text(None),
                what: SharedText::new("unreadable message"),
                region: text(None),
                source: text(None),
                outcome: None,
                rules: SharedText::new(""),
                state: TriageState::Open,
                remarks: None,
                session_key: None,
                access_key: None,
            },
        }
    }
}

/// Mark before the event of a call that was denied or failed.
const ATTEMPT: &str = "✗ ";

/// Beginning of the ids of tests.
pub(crate) const TEST: &str = "test-";
