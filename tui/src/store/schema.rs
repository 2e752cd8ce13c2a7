//! The database's tables, and the way from an older schema to this one.
//!
//! `alert` is what the list needs, `body` the rest, packed, so that listing never reads bodies.
//! `search` finds numbers of alerts by three letters of their texts (`index.rs`), and keeps no text. `triage` is
//! the journal of who did what; an alert's state now stands in `alert`. `alarm` and `probe`: `alarms.rs`;
//! `to_tell` and `heard`: `outbox.rs`; `touch` and `given`: `graph.rs`; `facet`: `related.rs`. Times are microseconds
//! since 1970, UTC. The `…_key` columns are hashes (`model/facet.rs`): 64 bits of an index instead of an ARN.

use rusqlite::{Connection, Transaction};

use super::insert::Insert;
use super::version::SCHEMA;
use super::{StoreError, alarms, body, graph, index, links, related};
use crate::model::Incoming;
use crate::store::outbox;
use detector::AlertId;
use jiff::Timestamp;

/// `IAMS`, kept in `application_id` since schema 2: whose file it is.
const APPLICATION: i64 = 0x4941_4d53;

const CREATE: &str = "
    CREATE TABLE alert (
        -- Never used again after a deletion: other consoles ask for what is above the last they know.
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        received INTEGER NOT NULL,
        severity INTEGER,
        event TEXT NOT NULL,
        actor TEXT NOT NULL,
        target TEXT NOT NULL,
        -- NULL in rows of schema 4 and before: event and target stand for it.
        what TEXT,
        source_ip TEXT NOT NULL,
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        source TEXT NOT NULL,
        outcome INTEGER,
        titles INTEGER REFERENCES titles (number),
        state INTEGER NOT NULL DEFAULT 0,
        remarks TEXT,
        actor_key INTEGER,
        session_key INTEGER,
        access_key INTEGER,
        address_key INTEGER,
        target_key INTEGER
    ) STRICT;
    CREATE INDEX alert_by_time ON alert (time);
    -- The titles of the rules that matched: few combinations, on many alerts.
    CREATE TABLE titles (
        number INTEGER PRIMARY KEY,
        words TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE body (
        number INTEGER PRIMARY KEY REFERENCES alert (number),
        packed BLOB NOT NULL
    ) STRICT;
    CREATE TABLE triage (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        alert INTEGER NOT NULL REFERENCES alert (number),
        at INTEGER NOT NULL,
        by TEXT NOT NULL,
        action TEXT NOT NULL,
        text TEXT
    ) STRICT;
    CREATE INDEX triage_by_alert ON triage (alert);
";

/// Brings the file to this schema, in the caller's transaction. `path` is for the words of errors.
pub(super) fn migrate(transaction: &Transaction<'_>, path: &str) -> Result<(), StoreError> {
    let number = |pragma: &str| transaction.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (found, application) = (number("user_version")?, number("application_id")?);
    let foreign = || StoreError::Foreign { path: path.to_owned() };
    if application != 0 && application != APPLICATION {
        return Err(foreign());
    }
    match found {
        SCHEMA => return Ok(()),
        newer if newer > SCHEMA => return Err(StoreError::Newer { path: path.to_owned(), found }),
        1 if has_table(transaction, "alert")? && has_table(transaction, "body")? => from_1(transaction)?,
        2 if has_table(transaction, "alert")? => {
            transaction.execute_batch(alarms::CREATE)?;
            from_3(transaction)?;
            from_4(transaction)?;
        }
        3 if has_table(transaction, "alert")? => {
            from_3(transaction)?;
            from_4(transaction)?;
        }
        4 if has_table(transaction, "alert")? => from_4(transaction)?,
        5 | 7 if has_table(transaction, "alert")? => {}
        6 if has_table(transaction, "link")? => links::from_6(transaction)?,
        0 if !has_table(transaction, "%")? => {
            transaction.execute_batch(CREATE)?;
            transaction.execute_batch(index::CREATE)?;
            transaction.execute_batch(alarms::CREATE)?;
            transaction.execute_batch(outbox::CREATE)?;
        }
        _ => return Err(foreign()),
    }
    // Schema 5 and before knew no links, and schema 6 and before not what joins records.
    if !has_table(transaction, "link")? {
        transaction.execute_batch(links::CREATE)?;
    }
    if !has_table(transaction, "touch")? {
        transaction.execute_batch(graph::CREATE)?;
    }
    // Schemas 2 to 7 had an index for each property.
    if !has_table(transaction, "facet")? {
        related::begin(transaction)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    Ok(())
}

/// True where there is a table whose name matches this `LIKE` pattern.
fn has_table(connection: &Connection, like: &str) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name LIKE ?1)";
    connection.query_row(sql, [like], |row| row.get(0))
}

/// From schema 1: bodies were text, and there was nothing to search or to find related alerts by. All
/// of it is made from the bodies.
fn from_1(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    transaction.execute_batch(
        "DROP INDEX alert_by_time; ALTER TABLE alert RENAME TO alert_1; ALTER TABLE body RENAME TO body_1;",
    )?;
    transaction.execute_batch(CREATE)?;
    transaction.execute_batch(index::CREATE)?;
    transaction.execute_batch(outbox::CREATE)?;
    transaction.execute_batch(links::CREATE)?;
    transaction.execute_batch(graph::CREATE)?;
    {
        let mut insert = Insert::new(transaction)?;
        let mut old = transaction
            .prepare("SELECT id, received, json FROM alert_1 JOIN body_1 USING (number) ORDER BY number")?;
        let mut rows = old.query([])?;
        while let Some(row) = rows.next()? {
            let incoming = Incoming {
                id: AlertId(row.get(0)?),
                received: Timestamp::from_microsecond(row.get(1)?).unwrap_or_default(),
                content: body::decode(&row.get::<_, String>(2)?),
            };
            insert.one(&incoming)?;
        }
    }
    transaction.execute_batch("DROP TABLE body_1; DROP TABLE alert_1;")?;
    transaction.execute_batch(alarms::CREATE)?;
    Ok(())
}

/// From schema 3: the index held words, and found only their beginnings; it is filled anew in time. And
/// triage was published to no other console.
fn from_3(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch("DROP TABLE search;")?;
    transaction.execute_batch(index::CREATE)?;
    transaction.execute_batch(outbox::CREATE)
}

/// From schema 4: the call and its objects had no column. Rows that are there keep none.
fn from_4(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch("ALTER TABLE alert ADD COLUMN what TEXT;")
}
