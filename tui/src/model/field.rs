//! The fields that a filter can ask for: their names, what they hold, what they are compared with.

use super::facet::Facet;
use super::triage::TriageState;

/// A field of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    Severity,
    /// Time of the call; only compared.
    Time,
    /// `since:2h` is `time>=2h`.
    Since,
    /// `until:1h` is `time<1h`.
    Until,
    Event,
    Actor,
    Target,
    /// The call and its objects, in a line.
    What,
    Ip,
    Account,
    Region,
    Source,
    Rule,
    Outcome,
    Id,
    /// State of triage: open or acknowledged. This field and the next three are known of stored alerts only.
    State,
    Tag,
    Note,
    /// The incident that it belongs to, by the beginning of the id of any alert of it.
    Incident,
    /// The session of a role that it was done in.
    Session,
    /// The access key that it was done with.
    AccessKey,
}

/// Kind of a field's values, which decides the questions that can be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Severity,
    Time,
    Text,
    /// An address, or the name of a service that called.
    Address,
    /// One of a few words.
    Outcome,
    State,
    Incident,
    /// Value that is known by its hash only, and so is asked for as a whole.
    Shared(Facet),
}

/// Words for a call's outcome.
pub(crate) const OUTCOMES: [&str; 3] = ["success", "denied", "failed"];
/// Words for the state of triage; the beginning of a word is enough.
pub(crate) const STATES: [&str; 2] = [TriageState::Open.label(), TriageState::Acknowledged.label()];
/// Words for a severity, worst first. The last is for entries that could not be read.
pub(crate) const SEVERITIES: [&str; 5] = ["critical", "high", "medium", "low", "unreadable"];

impl Field {
    /// Every field, in the order in which they are proposed.
    pub(crate) const ALL: [Self; 21] = [
        Self::Severity,
        Self::Event,
        Self::Actor,
        Self::Target,
        Self::What,
        Self::Ip,
        Self::Account,
        Self::Region,
        Self::Source,
        Self::Rule,
        Self::Outcome,
        Self::State,
        Self::Tag,
        Self::Note,
        Self::Incident,
        Self::Session,
        Self::AccessKey,
        Self::Since,
        Self::Until,
        Self::Time,
        Self::Id,
    ];

    /// The fields whose text a word without a field is looked for in.
    pub(crate) const TEXTS: [Self; 10] = [
        Self::Event,
        Self::Actor,
        Self::Target,
        Self::What,
        Self::Ip,
        Self::Account,
        Self::Region,
        Self::Source,
        Self::Rule,
        Self::Id,
    ];

    /// Its name, and other names for it.
    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Severity => &["severity", "sev", "level"],
            Self::Time => &["time"],
            Self::Since => &["since"],
            Self::Until => &["until"],
            Self::Event => &["event"],
            Self::Actor => &["actor", "user", "who"],
            Self::Target => &["target", "whom"],
            Self::What => &["what"],
            Self::Ip => &["ip", "source_ip", "address"],
            Self::Account => &["account"],
            Self::Region => &["region"],
            Self::Source => &["source", "event_source", "service"],
            Self::Rule => &["rule", "title"],
            Self::Outcome => &["outcome"],
            Self::Id => &["id"],
            Self::State => &["state", "triage"],
            Self::Tag => &["tag", "tags"],
            Self::Note => &["note", "notes"],
            Self::Incident => &["incident"],
            Self::Session => &["session"],
            Self::AccessKey => &["key", "access_key"],
        }
    }

    /// The name that is written.
    pub(crate) fn name(self) -> &'static str {
        self.names().first().copied().unwrap_or_default()
    }

    /// Returns a description of the field's content in a few words.
    pub(crate) const fn help(self) -> &'static str {
        match self {
            Self::Severity => "how bad: low, medium, high, critical",
            Self::Time => "when, with < <= > >=",
            Self::Since => "not before: 2h, 02:30, 2026-11-24",
            Self::Until => "before: 1h, 02:30, 2026-11-24",
            Self::Event => "the call: CreateUser",
            Self::Actor => "who did it",
            Self::Target => "to whom or what",
            Self::What => "the call and its objects",
            Self::Ip => "from where: an address or a network",
            Self::Account => "in which account",
            Self::Region => "in which region",
            Self::Source => "of which service: iam.amazonaws.com",
            Self::Rule => "by which rule: words of its title",
            Self::Outcome => "success, denied or failed",
            Self::Id => "CloudTrail's event id",
            Self::State => "open or acknowledged",
            Self::Tag => "with this tag",
            Self::Note => "words of its note",
            Self::Incident => "in the incident of the alert with this ID",
            Self::Session => "in this session of a role: its whole ARN",
            Self::AccessKey => "with this access key: its whole id",
        }
    }

    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::Severity => Kind::Severity,
            Self::Time | Self::Since | Self::Until => Kind::Time,
            Self::Ip => Kind::Address,
            Self::Outcome => Kind::Outcome,
            Self::State => Kind::State,
            Self::Incident => Kind::Incident,
            Self::Session => Kind::Shared(Facet::Session),
            Self::AccessKey => Kind::Shared(Facet::AccessKey),
            _ => Kind::Text,
        }
    }

    /// True where the field's content comes from triage or from other alerts, and not from the alert itself.
    pub(crate) const fn is_of_stored(self) -> bool {
        matches!(self, Self::State | Self::Tag | Self::Note | Self::Incident)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let is = |field: &Self| field.names().iter().any(|known| known.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(is)
    }

    /// The name that was probably meant: one that begins alike, or is one or two letters away.
    pub(crate) fn near(name: &str) -> Option<&'static str> {
        let name = name.to_ascii_lowercase();
        let names = || Self::ALL.into_iter().flat_map(|field| field.names().iter().copied());
        names()
            .find(|known| name.len() > 1 && known.starts_with(&name))
            .or_else(|| names().find(|known| distance(&name, known) <= known.len() / 3))
    }
}

/// Letters to add, take away or change (Levenshtein), for short words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}
