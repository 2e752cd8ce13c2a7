//! Records around alerts, as CloudTrail's event history gave them: each beside the property that it was asked for by, so
//! that it is there at once when somebody asks again, and without AWS. They are worth less than any alert: they go
//! first.

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};

use super::body::{self, Packer};
use super::{StoreError, lenient};

/// Made with the first records: a database that never had any has no table, whichever console made it.
const CREATE: &str = "
    CREATE TABLE IF NOT EXISTS context (
        -- Hash of the property, as the question has it in words.
        asked INTEGER NOT NULL,
        -- CloudTrail's eventID.
        id TEXT NOT NULL,
        time INTEGER NOT NULL,
        packed BLOB NOT NULL,
        PRIMARY KEY (asked, id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS context_by_time ON context (asked, time);
";
/// Most records that are kept: some 20 MB.
const MOST: i64 = 20_000;
/// Records that are forgotten in one go.
const STEP: i64 = 500;

/// A record as it is kept: its id, its time and its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: AlertId,
    pub(crate) time: Timestamp,
    pub(crate) json: String,
}

/// Stores records that a question brought; of more than are kept those go that came first.
pub(super) fn insert(connection: &mut Connection, asked: i64, records: &[Kept]) -> Result<(), StoreError> {
    connection.execute_batch(CREATE)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut packer = Packer::new();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO context (asked, id, time, packed) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?;
        for record in records {
            let time = record.time.as_microsecond();
            insert.execute(params![asked, record.id.0, time, packer.pack(&record.json)?])?;
        }
    }
    let count: i64 = transaction.query_row("SELECT count(*) FROM context", [], |row| row.get(0))?;
    if count > MOST {
        drop_first(&transaction, count - MOST)?;
    }
    transaction.commit()?;
    Ok(())
}

/// Returns the JSON of the records that a question brought before, of a span of time. One that is damaged is left out.
pub(super) fn of(
    connection: &Connection,
    asked: i64,
    (since, until): (Timestamp, Timestamp),
) -> Result<Vec<String>, StoreError> {
    if !is_there(connection)? {
        return Ok(Vec::new());
    }
    let sql = "SELECT packed FROM context WHERE asked = ?1 AND time >= ?2 AND time < ?3 ORDER BY time";
    let mut select = connection.prepare_cached(sql)?;
    let span = params![asked, since.as_microsecond(), until.as_microsecond()];
    let packed = select.query_map(span, |row| lenient::bytes(row, 0))?;
    let packed = packed.collect::<Result<Vec<_>, _>>()?;
    Ok(packed.iter().filter_map(|packed| body::unpack(packed).ok()).collect())
}

/// Forgets those of calls before a time.
pub(super) fn forget_before(connection: &Connection, time: Timestamp) -> Result<(), StoreError> {
    if is_there(connection)? {
        let mut delete = connection.prepare_cached("DELETE FROM context WHERE time < ?1")?;
        delete.execute([time.as_microsecond()])?;
    }
    Ok(())
}

/// Forgets a few where the database is too large. True where there were any.
pub(super) fn forget(connection: &Connection) -> Result<bool, StoreError> {
    Ok(is_there(connection)? && drop_first(connection, STEP)? > 0)
}

fn drop_first(connection: &Connection, count: i64) -> Result<usize, StoreError> {
    let sql = "DELETE FROM context WHERE rowid IN (SELECT rowid FROM context ORDER BY rowid LIMIT ?1)";
    Ok(connection.prepare_cached(sql)?.execute([count])?)
}

fn is_there(connection: &Connection) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'context')";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::store::Retention;
    use crate::store::database::Database;
    use crate::store::retention;

    fn kept(number: i64) -> Kept {
        let time = Timestamp::from_second(1_795_485_600 + number).unwrap();
        Kept { id: AlertId(format!("r{number}")), time, json: format!("{{\"n\":{number}}}") }
    }

    #[test]
    fn records_are_there_again_by_what_they_were_asked_for_and_when_they_were() {
        let mut database = Database::in_memory().unwrap();
        let all = (Timestamp::MIN, Timestamp::MAX);
        assert!(of(database.connection(), 1, all).unwrap().is_empty(), "no table yet");
        insert(database.connection_mut(), 1, &[kept(3), kept(1), kept(2), kept(1)]).unwrap();
        insert(database.connection_mut(), 2, &[kept(1)]).unwrap();
        let found = |asked, span| of(database.connection(), asked, span).unwrap();
        assert_eq!(found(1, all), [r#"{"n":1}"#, r#"{"n":2}"#, r#"{"n":3}"#]);
        assert_eq!(found(1, (kept(2).time, kept(3).time)), [r#"{"n":2}"#]);
        assert_eq!(found(2, all).len(), 1);
        assert!(found(3, all).is_empty());
    }

    #[test]
    fn of_too_many_the_oldest_go_and_all_of_them_before_any_alert() {
        let mut database = Database::in_memory().unwrap();
        database.insert(&[alert("a", 1)]).unwrap();
        let before = retention::size(database.connection()).unwrap();
        let records: Vec<Kept> = (0..MOST + 5).map(kept).collect();
        insert(database.connection_mut(), 1, &records).unwrap();
        let all = of(database.connection(), 1, (Timestamp::MIN, Timestamp::MAX)).unwrap();
        assert_eq!((all.len(), all.first().map(String::as_str)), (20_000, Some(r#"{"n":5}"#)));
        let keep = Retention { bytes: before + (256 << 10), ..Retention::new(4_000, 1) };
        let now = "2026-11-30T00:00:00Z".parse().unwrap();
        while retention::step(database.connection_mut(), keep, now).unwrap() {}
        let alerts: i64 =
            database.connection().query_row("SELECT count(*) FROM alert", [], |row| row.get(0)).unwrap();
        let left = of(database.connection(), 1, (Timestamp::MIN, Timestamp::MAX)).unwrap();
        assert!(alerts == 1 && left.len() < 20_000, "{alerts} alerts, {} records", left.len());
    }
}
