//! Triage: what somebody says about alerts, and what the database makes of it.
//!
//! An alert's state now stands beside its row; the journal (`triage`) keeps who did what and when. A
//! change comes back with its undoing, worked out in the same transaction from what really changed.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{StoreError, read};
use crate::model::{Row, TriageAction, TriageCommand, TriageOutcome};

/// Carries commands out within the caller's transaction.
pub(super) fn apply_commands(
    transaction: &Transaction<'_>,
    commands: &[TriageCommand],
    by: &str,
    at: Timestamp,
) -> Result<TriageOutcome, StoreError> {
    let mut done = TriageOutcome { rows: Vec::new(), undo: Vec::new() };
    let mut known = transaction.prepare_cached(read::BY_ID)?;
    for command in commands {
        for id in &command.alerts {
            // What is gone by now can't be told anything.
            let found = known.query_row([&id.0], read::numbered_row).optional()?;
            let Some((number, mut row)) = found else { continue };
            let Some(undo) = command.action.apply(&mut row.state, &mut row.remarks, by, at) else { continue };
            write(transaction, number, &row, &command.action, by, at)?;
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
    action: &TriageAction,
    by: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    let remarks = row.remarks.as_deref().map(serde_json::to_string).transpose()?;
    connection
        .prepare_cached("UPDATE alert SET state = ?2, remarks = ?3 WHERE number = ?1")?
        .execute(params![number, read::state_number(row.state), remarks])?;
    connection
        .prepare_cached("INSERT INTO triage (alert, at, by, action, text) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![number, at.as_microsecond(), by, action.name(), action.text()])?;
    Ok(())
}
