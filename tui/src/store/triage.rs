//! Triage: what somebody says about alerts, and what the database makes of it.
//!
//! An alert's state now stands beside its row; the journal (`triage`) keeps who did what and when. A
//! change comes back with its undoing, worked out in the same transaction from what really changed.

use std::fmt;

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

use super::{Row, StoreError, heard, read};

/// Whether somebody has to look at it still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum TriageState {
    #[default]
    Open,
    Acknowledged,
}

impl TriageState {
    /// The word for it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
        }
    }

    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Open => 0,
            Self::Acknowledged => 1,
        }
    }

    pub(super) const fn of_number(number: i64) -> Self {
        // What a newer version calls otherwise is still to be looked at.
        if number == 1 { Self::Acknowledged } else { Self::Open }
    }
}

/// What was said of an alert. Foreign text: another console, or another program, may have written it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Remarks {
    /// Who touched it last.
    pub(crate) by: String,
    /// When.
    pub(crate) at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) tags: Vec<String>,
}

/// One thing that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Acknowledge,
    Reopen,
    /// The note, in place of the one before; none takes it away.
    Note(Option<String>),
    Tag(String),
    Untag(String),
}

impl Change {
    /// Its name in the journal, and between consoles.
    pub(crate) const fn action(&self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Reopen => "reopen",
            Self::Note(_) => "note",
            Self::Tag(_) => "tag",
            Self::Untag(_) => "untag",
        }
    }

    /// What an action of the journal was; none for one of a later version.
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

    /// Changes the row, and gives back what would undo it. None where nothing changes.
    pub(super) fn apply(&self, row: &mut Row, by: &str, at: Timestamp) -> Option<Self> {
        let before = row.remarks.as_deref();
        let (mut note, mut tags) =
            before.map(|before| (before.note.clone(), before.tags.clone())).unwrap_or_default();
        let undo = match self {
            Self::Acknowledge if row.state == TriageState::Open => {
                row.state = TriageState::Acknowledged;
                Self::Reopen
            }
            Self::Reopen if row.state == TriageState::Acknowledged => {
                row.state = TriageState::Open;
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
        row.remarks = Some(std::sync::Arc::new(Remarks { by: by.to_owned(), at, note, tags }));
        Some(undo)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Acknowledge => f.write_str("acknowledged"),
            Self::Reopen => f.write_str("reopened"),
            Self::Note(Some(_)) => f.write_str("note written"),
            Self::Note(None) => f.write_str("note taken away"),
            Self::Tag(tag) => write!(f, "tag {tag} added"),
            Self::Untag(tag) => write!(f, "tag {tag} taken away"),
        }
    }
}

/// One thing said of some alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deed {
    pub(crate) alerts: Vec<AlertId>,
    pub(crate) change: Change,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Triaged {
    /// The rows that changed, as they are now.
    pub(crate) rows: Vec<Row>,
    /// What undoes it.
    pub(crate) undo: Vec<Deed>,
}

impl Triaged {
    fn add(&mut self, row: Row, undo: Change) {
        match self.undo.iter_mut().find(|deed| deed.change == undo) {
            Some(deed) => deed.alerts.push(row.id.clone()),
            None => self.undo.push(Deed { alerts: vec![row.id.clone()], change: undo }),
        }
        self.rows.push(row);
    }

    /// What the store would answer if these were its rows.
    #[cfg(test)]
    pub(crate) fn of_rows(mut rows: Vec<Row>, deeds: &[Deed]) -> Self {
        let mut done = Self { rows: Vec::new(), undo: Vec::new() };
        for deed in deeds {
            for row in rows.iter_mut().filter(|row| deed.alerts.contains(&row.id)) {
                if let Some(undo) = deed.change.apply(row, "ana", Timestamp::UNIX_EPOCH) {
                    done.add(row.clone(), undo);
                }
            }
        }
        done
    }
}

/// Does all of it or nothing; `tells`: what is done is to be told to other consoles.
pub(super) fn perform(
    connection: &mut Connection,
    deeds: &[Deed],
    by: &str,
    at: Timestamp,
    tells: bool,
) -> Result<Triaged, StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let journal = heard::journal(&transaction)?;
    let done = perform_within(&transaction, deeds, by, at)?;
    if tells {
        heard::tell_after(&transaction, journal)?;
    }
    transaction.commit()?;
    Ok(done)
}

/// The same within the caller's transaction.
pub(super) fn perform_within(
    transaction: &Transaction<'_>,
    deeds: &[Deed],
    by: &str,
    at: Timestamp,
) -> Result<Triaged, StoreError> {
    let mut done = Triaged { rows: Vec::new(), undo: Vec::new() };
    let mut known = transaction.prepare_cached(read::BY_ID)?;
    for deed in deeds {
        for id in &deed.alerts {
            // What is gone by now can't be told anything.
            let found = known.query_row([&id.0], |row| Ok((row.get(16)?, read::row(row)?))).optional()?;
            let Some((number, mut row)) = found else { continue };
            let Some(undo) = deed.change.apply(&mut row, by, at) else { continue };
            write(transaction, number, &row, &deed.change, by, at)?;
            done.add(row, undo);
        }
    }
    Ok(done)
}

/// Writes what an alert is now, and who has said what of it.
pub(super) fn write(
    connection: &Connection,
    number: i64,
    row: &Row,
    change: &Change,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let remarks = row.remarks.as_deref().map(serde_json::to_string).transpose()?;
    connection
        .prepare_cached("UPDATE alert SET state = ?2, remarks = ?3 WHERE number = ?1")?
        .execute(params![number, row.state.number(), remarks])?;
    connection
        .prepare_cached("INSERT INTO triage (alert, at, by, action, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![number, at.as_microsecond(), by, change.action(), change.text()])?;
    Ok(())
}
