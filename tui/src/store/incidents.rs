//! Incidents of the stored alerts: of the newest ones, each with all its alerts and links, however old these are.

use detector::{AlertId, SafeText};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::graph::{self, Numbered, Shelf};
use super::{Reader, StoreError, read, reader, triage};
use crate::incidents::{Incident, Overview, Said, Walk};
use crate::model::{Members, Stored};

/// Alerts whose incidents are listed: some weeks of a large organisation.
const NEWEST: usize = 5_000;

/// Returns the incidents of the newest alerts.
pub(super) fn overview(connection: &Connection) -> Result<Overview, StoreError> {
    // One state of the database, whatever is written meanwhile.
    let connection = connection.unchecked_transaction()?;
    let mut newest = connection.prepare_cached(
        "SELECT number, time FROM alert WHERE severity IS NOT NULL ORDER BY time DESC, number DESC LIMIT ?1",
    )?;
    let newest = newest.query_map([read::limit(NEWEST)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let newest = newest.collect::<Result<Vec<(i64, i64)>, _>>()?;
    let shelf = Shelf::of(&connection);
    let mut walk = Walk::new(&shelf);
    let mut incidents: Vec<Incident> = Vec::new();
    for (number, _) in &newest {
        incidents.extend(walk.incident(Numbered::Alert(*number).record())?);
    }
    incidents.sort_by(Incident::by_time);
    let oldest = newest.last().filter(|_| newest.len() == NEWEST).map(|(_, time)| *time);
    let since = oldest.max(unfilled_since(&connection)?);
    Ok(Overview { incidents, since: since.map(|time| Timestamp::from_microsecond(time).unwrap_or_default()) })
}

/// Most alerts whose ids may begin alike.
const MOST_ALIKE: i64 = 10;

/// Returns the numbers of the alerts whose ids begin so, at most ten; of the one that has the whole of it, if there is
/// one.
fn numbers_of(connection: &Connection, id: &str) -> Result<Vec<i64>, StoreError> {
    let mut exact = connection.prepare_cached("SELECT number FROM alert WHERE id = ?1")?;
    if let Some(number) = exact.query_row([id], |row| row.get(0)).optional()? {
        return Ok(vec![number]);
    }
    let sql = "SELECT number FROM alert WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3";
    let begun = id.to_ascii_lowercase();
    // Behind each text that begins so.
    let behind = format!("{begun}\u{10ffff}");
    let mut alike = connection.prepare_cached(sql)?;
    Ok(alike.query_map(params![begun, behind, MOST_ALIKE], |row| row.get(0))?.collect::<Result<_, _>>()?)
}

/// Returns the incidents of the alerts whose ids begin so, at most ten.
pub(super) fn of(connection: &Connection, id: &str) -> Result<Vec<Incident>, StoreError> {
    let connection = connection.unchecked_transaction()?;
    let numbers = numbers_of(&connection, id)?;
    let shelf = Shelf::of(&connection);
    let mut walk = Walk::new(&shelf);
    let mut incidents = Vec::new();
    for number in numbers {
        incidents.extend(walk.incident(Numbered::Alert(number).record())?);
    }
    Ok(incidents)
}

/// Returns the time of the newest alert that incidents do not know yet, of a database that was older.
fn unfilled_since(connection: &Connection) -> Result<Option<i64>, StoreError> {
    // Links come last: without them all incidents may be in pieces.
    let unfilled = match graph::unfilled(connection)? {
        0 if graph::is_filling(connection)? => i64::MAX,
        unfilled => unfilled,
    };
    let mut time = connection
        .prepare_cached("SELECT time FROM alert WHERE number <= ?1 ORDER BY number DESC LIMIT 1")?;
    Ok(time.query_row([unfilled], |row| row.get(0)).optional()?)
}

impl Reader {
    /// Returns the incidents of the alerts whose ids begin so; `None` where the database is from an older console and
    /// not all of its alerts are taken in yet.
    pub(crate) fn incidents_of(&self, id: &str) -> Result<Option<Vec<Incident>>, StoreError> {
        if graph::is_filling(&self.0)? { Ok(None) } else { of(&self.0, id).map(Some) }
    }

    /// Returns the alerts of the incidents of the alerts whose ids begin so.
    ///
    /// # Errors
    ///
    /// Fails where no alert's id begins so, and while alerts of an older console are being taken in.
    pub(crate) fn members(&self, id: &str) -> Result<Members, StoreError> {
        let found = self.incidents_of(id)?.ok_or(StoreError::Filling)?;
        let members = found.iter().map(Incident::members).reduce(Members::and);
        members.ok_or_else(|| StoreError::NoAlert(SafeText::new(id)))
    }

    /// Returns the alerts whose ids begin so, at most ten; the one that has the whole of it, if there is one.
    pub(crate) fn named(&self, id: &str) -> Result<Vec<Stored>, StoreError> {
        let mut found = Vec::new();
        for number in numbers_of(&self.0, id)? {
            found.extend(reader::of_number(&self.0, number)?);
        }
        Ok(found)
    }

    /// Returns what people did with these alerts, in order of time.
    pub(crate) fn said(&self, alerts: &[String]) -> Result<Vec<Said>, StoreError> {
        let mut said = Vec::new();
        for alert in alerts {
            let history = triage::history(&self.0, &AlertId(alert.clone()))?;
            said.extend(history.into_iter().map(|step| Said { alert: alert.clone(), step }));
        }
        said.sort_by(|one, other| (one.step.at, &one.alert).cmp(&(other.step.at, &other.alert)));
        Ok(said)
    }
}
