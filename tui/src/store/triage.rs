//! Triage: what somebody says about alerts, and what the database makes of it.
//!
//! An alert's state now stands beside its row; the journal (`triage`) keeps who did what and when. A
//! change comes back with its undoing, worked out in the same transaction from what really changed.

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::{StoreError, read};
use crate::model::{Row, TriageAction, TriageCommand, TriageOutcome, TriageStep};

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
            // Retention may have deleted the alert.
            let found = known.query_row([&id.0], read::numbered_row).optional()?;
            let Some((number, mut row)) = found else { continue };
            let Some(undo) = command.action.apply(&mut row.state, &mut row.remarks, by, at) else { continue };
            write(transaction, number, &row, &command.action, by, at)?;
            done.add(row, undo);
        }
    }
    Ok(done)
}

/// Steps of one alert's history that are read; more would push the facts off the screen.
const MOST_STEPS: i64 = 20;

/// Returns the newest steps of an alert's triage, newest first. Leaves out actions of a later version.
pub(super) fn history(connection: &Connection, id: &AlertId) -> Result<Vec<TriageStep>, StoreError> {
    let sql = "SELECT triage.at, triage.by, triage.action, triage.text FROM alert \
        JOIN triage ON triage.alert = alert.number WHERE alert.id = ?1 ORDER BY triage.number DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![id.0, MOST_STEPS], |row| {
        let action = TriageAction::of(&row.get::<_, String>(2)?, row.get(3)?);
        Ok(action.map(|action| (row.get::<_, i64>(0), row.get::<_, String>(1), action)))
    })?;
    let mut steps = Vec::new();
    for row in rows {
        let Some((at, by, action)) = row? else { continue };
        let at = Timestamp::from_microsecond(at?).unwrap_or(Timestamp::MIN);
        steps.push(TriageStep { by: by?, at, action });
    }
    Ok(steps)
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
