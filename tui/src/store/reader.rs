//! Whole entries: a second look at the database, beside the console that writes it, for `tail` and
//! `export`, and what the console itself exports. It
//! reads whole entries, in the order in which they came or happened, a page at a time.
//!
//! It opens the file for reading only, and changes nothing: not even an older schema.

use std::path::Path;

use detector::AlertId;
use detector::link::Link;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row as SqlRow, params};

use super::version::SCHEMA;
use super::{StoreError, alarms, body, lenient, links, read};
use crate::model::{Alarm, Content, Stored};

/// The database, to be read.
#[derive(Debug)]
pub(crate) struct Reader(pub(super) Connection);

/// A statement that gives entries, with what comes behind the tables.
macro_rules! entries {
    ($rest:literal) => {
        concat!(
            "SELECT alert.number, alert.id, alert.time, body.packed, alert.state, alert.remarks ",
            "FROM alert JOIN body USING (number) ",
            $rest
        )
    };
}

const ARRIVED: &str = entries!("WHERE alert.number > ?1 ORDER BY alert.number LIMIT ?2");
const HAPPENED: &str = entries!(
    "WHERE (alert.time, alert.number) > (?1, ?2) AND alert.time < ?3 ORDER BY alert.time, alert.number LIMIT ?4"
);

const UP_TO: &str = entries!("WHERE alert.number <= ?1 ORDER BY alert.number DESC LIMIT ?2");
const OF_NUMBER: &str = entries!("WHERE alert.number = ?1");
const OF_ID: &str = entries!("WHERE alert.id = ?1");

/// These entries, in this order; what is gone is left out.
pub(super) fn of_ids(connection: &Connection, ids: &[AlertId]) -> Result<Vec<Stored>, StoreError> {
    let mut statement = connection.prepare_cached(OF_ID)?;
    let mut entries = Vec::with_capacity(ids.len());
    for id in ids {
        entries.extend(statement.query_row([&id.0], stored).optional()?);
    }
    Ok(entries)
}

/// Returns the entry of a number; `None` where it is gone.
pub(super) fn of_number(connection: &Connection, number: i64) -> Result<Option<Stored>, StoreError> {
    Ok(connection.prepare_cached(OF_NUMBER)?.query_row([number], stored).optional()?)
}

/// Returns the entries up to a number, the last one first, at most `most`.
pub(super) fn up_to(connection: &Connection, number: i64, most: i64) -> Result<Vec<Stored>, StoreError> {
    let mut statement = connection.prepare_cached(UP_TO)?;
    Ok(statement.query_map([number, most], stored)?.collect::<Result<_, _>>()?)
}

impl Reader {
    /// Opens the database of a console, which may be running.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let name = || path.display().to_string();
        if !path.exists() {
            return Err(StoreError::None { path: name() });
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
            Ok((connection, found))
        };
        let (connection, found) = open().map_err(|source| StoreError::Open { path: name(), source })?;
        match found {
            SCHEMA => Ok(Self(connection)),
            found if found > SCHEMA => Err(StoreError::Newer { path: name(), found }),
            found => Err(StoreError::Older { path: name(), found }),
        }
    }

    /// The number of the last arrival, 0 where there is none; as many before it if so many are wanted.
    pub(crate) fn before_last(&self, many: usize) -> Result<i64, StoreError> {
        let sql = "SELECT number FROM alert ORDER BY number DESC LIMIT 1 OFFSET ?1";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query([i64::try_from(many).unwrap_or(i64::MAX)])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?.unwrap_or(0))
    }

    /// True where this entry is stored.
    pub(crate) fn has(&self, id: &AlertId) -> Result<bool, StoreError> {
        let mut statement = self.0.prepare_cached("SELECT EXISTS (SELECT 1 FROM alert WHERE id = ?1)")?;
        Ok(statement.query_row([&id.0], |row| row.get(0))?)
    }

    /// Returns the time of arrival of the first entry that is still stored; `None` where there is none.
    pub(crate) fn first_received(&self) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT received FROM alert ORDER BY number LIMIT 1";
        let received: Option<i64> = self.0.query_row(sql, [], |row| row.get(0)).optional()?;
        Ok(received.and_then(|micros| Timestamp::from_microsecond(micros).ok()))
    }

    /// Returns the number of entries. Counts them all, so it is for people who wait, not for screens.
    pub(crate) fn count(&self) -> Result<u64, StoreError> {
        let count: i64 = self.0.query_row("SELECT count(*) FROM alert", [], |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The pipeline's alarms as they are now.
    pub(crate) fn alarms(&self) -> Result<Vec<Alarm>, StoreError> {
        alarms::all(&self.0)
    }

    /// True where a console on this database has received a probe of this id that was not its own.
    pub(crate) fn saw_probe(&self, id: &str) -> Result<bool, StoreError> {
        alarms::saw_probe(&self.0, id)
    }

    /// Returns the entries above this number, in the order of their arrival, at most `most`.
    pub(crate) fn arrived_after(&self, number: i64, most: usize) -> Result<Vec<Stored>, StoreError> {
        self.entries(ARRIVED, params![number, read::limit(most)])
    }

    /// Returns the entries behind this place in the order of time (from its time on, where the number is
    /// below all numbers) and before `until`, in that order, at most `most`.
    pub(crate) fn happened_after(
        &self,
        (time, number): (Timestamp, i64),
        until: Timestamp,
        most: usize,
    ) -> Result<Vec<Stored>, StoreError> {
        self.entries(
            HAPPENED,
            params![time.as_microsecond(), number, until.as_microsecond(), read::limit(most)],
        )
    }

    /// Returns all links.
    pub(crate) fn links(&self) -> Result<Vec<Link>, StoreError> {
        links::all(&self.0)
    }

    fn entries(&self, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Stored>, StoreError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let rows = statement.query_map(values, stored)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }
}

fn stored(row: &SqlRow<'_>) -> rusqlite::Result<Stored> {
    let packed = lenient::bytes(row, 3)?;
    // One that is damaged must not keep the others back.
    let content = match body::unpack(&packed) {
        Ok(json) => body::decode(&json),
        Err(error) => Content::Unreadable { why: error.to_string(), raw: String::new() },
    };
    let remarks = lenient::option(row, 5)?;
    Ok(Stored {
        number: row.get(0)?,
        id: AlertId(lenient::text(row, 1)?),
        time: Timestamp::from_microsecond(row.get(2)?).unwrap_or_default(),
        content,
        state: read::triage_state(row.get(4)?),
        // An entry of a newer version in another form is left out.
        remarks: remarks.and_then(|json| serde_json::from_str(&json).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::store::database::Database;

    fn ids(entries: Vec<Stored>) -> Vec<String> {
        entries.into_iter().map(|entry| entry.id.0).collect()
    }

    #[test]
    fn pages_follow_each_other_by_arrival_and_by_time() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let mut database = Database::open(&path).unwrap();
        database.insert(&[alert("late", 30), alert("b", 10), alert("a", 10), alert("mid", 20)]).unwrap();
        let reader = Reader::open(&path).unwrap();
        let first = reader.arrived_after(0, 3).unwrap();
        let last = first[2].number;
        assert_eq!(ids(first), ["late", "b", "a"]);
        assert_eq!(ids(reader.arrived_after(last, 3).unwrap()), ["mid"]);
        assert_eq!(ids(reader.arrived_after(reader.before_last(2).unwrap(), 9).unwrap()), ["a", "mid"]);
        assert_eq!(reader.before_last(9).unwrap(), 0);

        let (start, end) = (Timestamp::MIN, Timestamp::MAX);
        let first = reader.happened_after((start, 0), end, 2).unwrap();
        let place = (first[1].time, first[1].number);
        assert_eq!(ids(first), ["b", "a"], "of one moment, in the order in which they came");
        assert_eq!(ids(reader.happened_after(place, end, 9).unwrap()), ["mid", "late"]);
        let thirty = "2026-11-24T02:00:30Z".parse().unwrap();
        assert_eq!(ids(reader.happened_after((place.0, 0), thirty, 9).unwrap()), ["b", "a", "mid"]);

        database.insert(&[alert("new", 5)]).unwrap();
        assert_eq!(
            ids(reader.arrived_after(reader.before_last(1).unwrap(), 9).unwrap()),
            ["new"],
            "while it is open"
        );
    }

    #[test]
    fn pages_walk_indices() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        drop(Database::open(&path).unwrap());
        let reader = Reader::open(&path).unwrap();
        for sql in [ARRIVED, HAPPENED, UP_TO, OF_NUMBER, OF_ID] {
            let mut plan = reader.0.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = rusqlite::params_from_iter(vec![1; plan.parameter_count()]);
            let steps = plan.query_map(values, |row| row.get(3)).unwrap();
            let steps: Vec<String> = steps.map(Result::unwrap).collect();
            assert!(steps.iter().all(|step| step.starts_with("SEARCH ")), "{steps:?}");
        }
    }

    #[test]
    fn what_is_no_database_of_ours_is_refused_in_words() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let refused = || Reader::open(&path).unwrap_err().to_string();
        assert!(refused().contains("no database"), "{}", refused());
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE x (y)").unwrap();
        assert!(refused().contains("schema 0"), "{}", refused());
        connection.pragma_update(None, "user_version", 99).unwrap();
        assert!(refused().contains("newer sentinel-tui"), "{}", refused());
    }
}
