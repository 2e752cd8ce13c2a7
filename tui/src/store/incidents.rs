//! Incidents of the stored alerts: of the newest ones, each with all its alerts and links, however old these are.

use std::collections::BTreeSet;

use detector::{AlertId, SafeText};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::graph::{self, Numbered, Shelf};
use super::{Reader, StoreError, read, reader, related, triage};
use crate::incidents::{Incident, Overview, Said, State, Walk, network, relate};
use crate::model::{Facet, Members, Stored, TriageAction, TriageState};

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
    for incident in &mut incidents {
        incident.reopened = reopened(&connection, incident)?;
    }
    let oldest = newest.last().filter(|_| newest.len() == NEWEST).map(|(_, time)| *time);
    let since = oldest.max(unfilled_since(&connection)?);
    let since = since.map(|time| Timestamp::from_microsecond(time).unwrap_or_default());
    relate(&mut incidents, &BTreeSet::new(), since);
    Ok(Overview { incidents, since })
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
    for incident in &mut incidents {
        incident.reopened = reopened(&connection, incident)?;
    }
    let found = incidents.len();
    // Those that may be related, in the same walk: it tells no incident twice.
    let (sharing, shared) = sharing(&connection, &incidents)?;
    for alert in sharing {
        incidents.extend(walk.incident(Numbered::Alert(alert).record())?);
    }
    relate(&mut incidents, &shared, None);
    incidents.truncate(found);
    Ok(incidents)
}

/// Most alerts of one address that are looked at for related incidents; more are an address of many.
const MOST_SHARING: usize = 200;

/// Returns the numbers of the alerts from these incidents' addresses, and the addresses of too many.
fn sharing(
    connection: &Connection,
    incidents: &[Incident],
) -> Result<(Vec<i64>, BTreeSet<String>), StoreError> {
    let addresses = incidents.iter().flat_map(|incident| &incident.addresses);
    let addresses: BTreeSet<&str> = addresses.filter_map(|address| network(address)).collect();
    let (mut sharing, mut shared) = (Vec::new(), BTreeSet::new());
    for address in addresses {
        let found = related::numbers(connection, Facet::Address.key(address), MOST_SHARING + 1)?;
        if found.len() <= MOST_SHARING {
            sharing.extend(found);
        } else {
            shared.insert(address.to_owned());
        }
    }
    Ok((sharing, shared))
}

/// Returns the number of an incident's alerts that opened it again: those that are open, where all of them came after
/// the last acknowledgement of the others.
fn reopened(connection: &Connection, incident: &Incident) -> Result<usize, StoreError> {
    if incident.state != State::Open || incident.acknowledged == 0 {
        return Ok(0);
    }
    let mut of = connection.prepare_cached(
        "SELECT state, received, (SELECT max(at) FROM triage WHERE triage.alert = alert.number AND action = ?2)
         FROM alert WHERE id = ?1",
    )?;
    let (mut came, mut settled) = (Vec::new(), i64::MIN);
    for id in &incident.alerts {
        let found = of.query_row(params![id, TriageAction::Acknowledge.name()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, Option<i64>>(2)?))
        });
        let Some((state, received, acknowledged)) = found.optional()? else { continue };
        if state == read::state_number(TriageState::Acknowledged) {
            settled = settled.max(acknowledged.unwrap_or(i64::MIN));
        } else {
            came.push(received);
        }
    }
    let is_again = settled > i64::MIN && came.iter().all(|received| *received > settled);
    Ok(if is_again { came.len() } else { 0 })
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
