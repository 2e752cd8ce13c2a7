//! Triage of an alert: its state, its note and tags, and the changes to them.

use std::fmt;
use std::sync::Arc;

use detector::AlertId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// State of triage: open while somebody still has to look at the alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum TriageState {
    #[default]
    Open,
    Acknowledged,
}

impl TriageState {
    /// The word for it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
        }
    }
}

/// Remarks on an alert: its note and tags, and the author and time of the last change. Foreign text: another
/// console, or another program, may have written it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remarks {
    /// Author of the last change.
    pub(crate) by: String,
    /// Time of the last change.
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// Entry of an alert's triage history. Foreign text, as [`Remarks`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriageStep {
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    pub(crate) action: TriageAction,
}

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TriageAction {
    Acknowledge,
    Reopen,
    /// The note, in place of the one before; none takes it away.
    Note(Option<String>),
    Tag(String),
    Untag(String),
}

impl TriageAction {
    /// Its name in the journal, and between consoles.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Reopen => "reopen",
            Self::Note(_) => "note",
            Self::Tag(_) => "tag",
            Self::Untag(_) => "untag",
        }
    }

    /// Returns the change of a journal entry; `None` for an action of a later version, or a tag without its
    /// text.
    pub(crate) fn of(action: &str, text: Option<String>) -> Option<Self> {
        Some(match (action, text) {
            ("acknowledge", _) => Self::Acknowledge,
            ("reopen", _) => Self::Reopen,
            ("note", text) => Self::Note(text),
            ("tag", Some(tag)) => Self::Tag(tag),
            ("untag", Some(tag)) => Self::Untag(tag),
            _ => return None,
        })
    }

    /// The note or the tag that it is about.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Acknowledge | Self::Reopen => None,
            Self::Note(note) => note.as_deref(),
            Self::Tag(tag) | Self::Untag(tag) => Some(tag),
        }
    }

    /// Returns what was done, in words.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Acknowledge => "acknowledged".to_owned(),
            Self::Reopen => "reopened".to_owned(),
            Self::Note(Some(note)) => format!("note: {note}"),
            Self::Note(None) => "note removed".to_owned(),
            Self::Tag(tag) => format!("tag #{tag}"),
            Self::Untag(tag) => format!("tag #{tag} removed"),
        }
    }

    /// Changes an alert's state or remarks, and returns the change that undoes it; `None` where nothing changes.
    pub(crate) fn apply(
        &self,
        state: &mut TriageState,
        remarks: &mut Option<Arc<Remarks>>,
        by: &str,
        at: Timestamp,
    ) -> Option<Self> {
        let before = remarks.as_deref();
        let (mut note, mut tags) =
            before.map(|before| (before.note.clone(), before.tags.clone())).unwrap_or_default();
        let undo = match self {
            Self::Acknowledge if *state == TriageState::Open => {
                *state = TriageState::Acknowledged;
                Self::Reopen
            }
            Self::Reopen if *state == TriageState::Acknowledged => {
                *state = TriageState::Open;
                Self::Acknowledge
            }
            Self::Note(new) if *new != note => Self::Note(std::mem::replace(&mut note, new.clone())),
            Self::Tag(tag) if !tags.contains(tag) => {
                tags.push(tag.clone());
                Self::Untag(tag.clone())
            }
            Self::Untag(tag) if tags.contains(tag) => {
                tags.retain(|known| known != tag);
                Self::Tag(tag.clone())
            }
            _ => return None,
        };
        *remarks = Some(Arc::new(Remarks { by: by.to_owned(), at, note, tags }));
        Some(undo)
    }
}

impl fmt::Display for TriageAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledge => f.write_str("acknowledged"),
            Self::Reopen => f.write_str("reopened"),
            Self::Note(Some(_)) => f.write_str("note saved"),
            Self::Note(None) => f.write_str("note removed"),
            Self::Tag(tag) => write!(f, "tag {tag} added"),
            Self::Untag(tag) => write!(f, "tag {tag} removed"),
        }
    }
}

/// One thing said of some alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriageCommand {
    pub(crate) alerts: Vec<AlertId>,
    pub(crate) action: TriageAction,
}

/// Triage of an alert by somebody. Foreign text: whoever may publish to the topic has written
/// it, in any name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TriageEvent {
    pub(crate) alert: AlertId,
    pub(crate) action: TriageAction,
    pub(crate) by: String,
    /// Not finer than microseconds.
    pub(crate) at: Timestamp,
}
