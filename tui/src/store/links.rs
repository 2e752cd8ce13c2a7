//! Links: records that are no alerts and that incidents need. Each is kept once, packed like a body. Storing and
//! forgetting them: `insert_links.rs`.

use detector::link::Link;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, Transaction, params};

use super::{StoreError, body, lenient};

pub(super) const CREATE: &str = "
    CREATE TABLE link (
        -- Never used again after a deletion: what is left of a link must not become another's.
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        -- 1 where issued credentials led from it to an alert, 0 where they did not so far; NULL before it was looked at.
        warm INTEGER,
        packed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX link_by_time ON link (time);
    CREATE INDEX link_by_warm ON link (warm, time);
";

/// From schema 6: links had keys of their own to be found by. They are taken into the graph behind the rest.
pub(super) fn from_6(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(
        "DROP INDEX link_by_time; DROP INDEX link_by_key; ALTER TABLE link RENAME TO link_6;",
    )?;
    transaction.execute_batch(CREATE)?;
    transaction.execute_batch(
        "INSERT INTO link (number, id, time, packed) SELECT number, id, time, packed FROM link_6;
         DROP TABLE link_6;",
    )
}

/// Returns all links. One that can't be read is left out.
pub(super) fn all(connection: &Connection) -> Result<Vec<Link>, StoreError> {
    let mut select = connection.prepare_cached("SELECT packed FROM link")?;
    let packed = select.query_map([], link)?;
    Ok(packed.filter_map(Result::transpose).collect::<Result<_, _>>()?)
}

/// Returns the link of a number; `None` where it is gone or can't be read.
pub(super) fn of_number(connection: &Connection, number: i64) -> Result<Option<Link>, StoreError> {
    let mut select = connection.prepare_cached("SELECT packed FROM link WHERE number = ?1")?;
    Ok(select.query_row([number], link).optional()?.flatten())
}

/// Reads a packed link; `None` where it is damaged.
fn link(row: &SqlRow<'_>) -> rusqlite::Result<Option<Link>> {
    let text = body::unpack(&lenient::bytes(row, 0)?).ok();
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes whether issued credentials led from a link to an alert.
pub(super) fn mark(connection: &Connection, number: i64, warm: bool) -> Result<(), StoreError> {
    let mut mark = connection.prepare_cached("UPDATE link SET warm = ?2 WHERE number = ?1")?;
    mark.execute(params![number, warm])?;
    Ok(())
}

/// True where a link of an older database is not in the graph yet.
pub(super) fn is_unmarked(connection: &Connection) -> Result<bool, StoreError> {
    let mut any = connection.prepare_cached("SELECT EXISTS (SELECT 1 FROM link WHERE warm IS NULL)")?;
    Ok(any.query_row([], |row| row.get(0))?)
}

/// Returns some links that are not in the graph yet, the newest first, with their numbers.
pub(super) fn unmarked(connection: &Connection, most: i64) -> Result<Vec<(i64, Option<Link>)>, StoreError> {
    let sql = "SELECT packed, number FROM link WHERE warm IS NULL ORDER BY time DESC LIMIT ?1";
    let mut select = connection.prepare_cached(sql)?;
    let links = select.query_map([most], |row| Ok((row.get(1)?, link(row)?)))?;
    Ok(links.collect::<Result<_, _>>()?)
}
