//! Subjects of a filter: a row of the list, a whole alert, or an entry of the database.

use detector::facts::Verdict;
use detector::{Alert, Call, Severity};
use jiff::Timestamp;

use crate::model::{Content, Facet, Field, Row, SharedText, Stored, TriageState, what};

/// Something that a filter lets through or not.
pub(crate) trait Subject {
    /// None where it could not be read.
    fn severity(&self) -> Option<Severity>;

    /// None where it does not say.
    fn time(&self) -> Option<Timestamp>;

    /// None where it is not known.
    fn state(&self) -> Option<TriageState>;

    /// The hash of what it may have in common with others; none where it has none.
    fn shares(&self, facet: Facet) -> Option<i64>;

    /// True where `holds` returns true for a text of this field; a field may have none, and may have several.
    fn any(&self, field: Field, holds: &mut dyn FnMut(&str) -> bool) -> bool;

    /// The text that alone says what [`Self::any`] answers for this field, where others may have the same.
    fn shared(&self, _field: Field) -> Option<&SharedText> {
        None
    }
}

impl Subject for Row {
    fn severity(&self) -> Option<Severity> {
        self.severity
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.time)
    }

    fn state(&self) -> Option<TriageState> {
        Some(self.state)
    }

    fn shares(&self, facet: Facet) -> Option<i64> {
        match facet {
            Facet::Session => self.session_key,
            Facet::AccessKey => self.access_key,
            Facet::Actor | Facet::Address | Facet::Target => None,
        }
    }

    fn any(&self, field: Field, holds: &mut dyn FnMut(&str) -> bool) -> bool {
        if field == Field::Tag {
            return self.tags().any(holds);
        }
        let text = self.text(field);
        !text.is_empty() && if field == Field::Target { of_target(text, holds) } else { holds(text) }
    }

    fn shared(&self, field: Field) -> Option<&SharedText> {
        Some(match field {
            Field::Event => &self.event,
            Field::Actor => &self.actor,
            Field::Target => &self.target,
            Field::What => &self.what,
            Field::Ip => &self.source_ip,
            Field::Account => &self.account,
            Field::Region => &self.region,
            Field::Source => &self.source,
            Field::Rule => &self.rules,
            _ => return None,
        })
    }
}

/// A target is asked for with its kind or without: `role deploy`, `deploy`.
fn of_target(text: &str, holds: &mut dyn FnMut(&str) -> bool) -> bool {
    holds(text) || text.rsplit_once(' ').is_some_and(|(_, name)| holds(name))
}

impl Row {
    /// The text of a field, without marks of ours; empty where it has none.
    pub(crate) fn text(&self, field: Field) -> &str {
        let text = match (self.shared(field), field) {
            (Some(event), Field::Event) => event.as_str().trim_start_matches("✗ "),
            (Some(shared), _) => shared.as_str(),
            (None, Field::Id) => &self.id.0,
            (None, Field::Outcome) => self.outcome.map_or("", outcome),
            (None, Field::State) => self.state.label(),
            (None, Field::Note) => {
                self.remarks.as_deref().and_then(|remarks| remarks.note.as_deref()).unwrap_or_default()
            }
            (None, _) => "",
        };
        if text == "–" { "" } else { text }
    }

    /// Foreign text.
    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        self.remarks.iter().flat_map(|remarks| &remarks.tags).map(String::as_str)
    }
}

impl Subject for Call {
    fn severity(&self) -> Option<Severity> {
        self.severity
    }

    fn time(&self) -> Option<Timestamp> {
        self.time
    }

    fn state(&self) -> Option<TriageState> {
        None
    }

    fn shares(&self, facet: Facet) -> Option<i64> {
        let value = match facet {
            Facet::Session => self
                .session
                .as_deref()
                .filter(|arn| arn.contains(":assumed-role/") || arn.contains(":federated-user/")),
            Facet::AccessKey => self.access_key.as_deref(),
            Facet::Actor | Facet::Address | Facet::Target => None,
        };
        value.map(|value| facet.key(value))
    }

    fn any(&self, field: Field, holds: &mut dyn FnMut(&str) -> bool) -> bool {
        let mut said = |text: Option<&str>| text.is_some_and(&mut *holds);
        match field {
            Field::Event => said(Some(&self.event)),
            Field::Actor => said(Some(&self.actor.name)),
            Field::Target => self
                .target
                .as_ref()
                .is_some_and(|target| of_target(&format!("{} {}", target.kind.label(), target.name), holds)),
            Field::What => said(Some(&self.summary)),
            Field::Ip => said(self.source_ip.as_deref()),
            Field::Account => said(self.account.as_deref()),
            Field::Region => said(self.region.as_deref()),
            Field::Source => said(Some(&self.service)),
            Field::Rule => self.rules.iter().any(|rule| holds(rule)),
            Field::Outcome => said(Some(outcome(self.outcome.verdict))),
            Field::Id => said(Some(&self.id.0)),
            Field::Severity
            | Field::Time
            | Field::Since
            | Field::Until
            | Field::State
            | Field::Tag
            | Field::Note
            | Field::Incident
            | Field::Session
            | Field::AccessKey => false,
        }
    }
}

impl Subject for Alert {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn time(&self) -> Option<Timestamp> {
        self.time.or(self.detected_at)
    }

    fn state(&self) -> Option<TriageState> {
        None
    }

    fn shares(&self, facet: Facet) -> Option<i64> {
        facet.of(self)
    }

    fn any(&self, field: Field, holds: &mut dyn FnMut(&str) -> bool) -> bool {
        let facts = self.facts.as_ref();
        let mut said = |text: Option<&str>| text.is_some_and(&mut *holds);
        match field {
            Field::Event => said(Some(&self.event)),
            Field::Actor => said(facts.map(|facts| facts.actor.name.as_str()).or(self.user.as_deref())),
            Field::Target => facts
                .and_then(|facts| facts.target.as_ref())
                .is_some_and(|target| of_target(&format!("{} {}", target.kind.label(), target.name), holds)),
            Field::What => said(Some(&what(self))),
            Field::Ip => said(self.source_ip.as_deref()),
            Field::Account => said(self.account.as_deref()),
            Field::Region => said(self.region.as_deref()),
            Field::Source => said(self.event_source.as_deref()),
            Field::Rule => self.rules.iter().any(|rule| holds(&rule.title)) || holds(&self.title),
            Field::Outcome => said(facts.map(|facts| outcome(facts.outcome.verdict))),
            Field::Id => said(Some(&self.id.0)),
            Field::Severity
            | Field::Time
            | Field::Since
            | Field::Until
            | Field::State
            | Field::Tag
            | Field::Note
            | Field::Incident
            | Field::Session
            | Field::AccessKey => false,
        }
    }
}

/// An entry of the database: the alert, and its triage.
impl Subject for Stored {
    fn severity(&self) -> Option<Severity> {
        self.alert().and_then(Subject::severity)
    }

    fn time(&self) -> Option<Timestamp> {
        Some(self.time)
    }

    fn state(&self) -> Option<TriageState> {
        Some(self.state)
    }

    fn shares(&self, facet: Facet) -> Option<i64> {
        self.alert().and_then(|alert| alert.shares(facet))
    }

    fn any(&self, field: Field, holds: &mut dyn FnMut(&str) -> bool) -> bool {
        let remarks = self.remarks.as_ref();
        match (field, &self.content) {
            (Field::Tag, _) => remarks.is_some_and(|said| said.tags.iter().any(|tag| holds(tag))),
            (Field::Note, _) => remarks.and_then(|said| said.note.as_deref()).is_some_and(holds),
            (Field::Id, _) => holds(&self.id.0),
            // As the list has it.
            (Field::Actor, Content::Unreadable { why, .. }) => holds(why),
            (Field::Event, Content::Unreadable { .. }) => holds("unreadable message"),
            (_, Content::Unreadable { .. }) => false,
            (_, Content::Alert(alert)) => alert.any(field, holds),
        }
    }
}

impl Stored {
    fn alert(&self) -> Option<&Alert> {
        match &self.content {
            Content::Alert(alert) => Some(alert),
            Content::Unreadable { .. } => None,
        }
    }
}

const fn outcome(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Success => "success",
        Verdict::Denied => "denied",
        Verdict::Failed => "failed",
    }
}
