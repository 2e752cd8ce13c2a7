//! How long alerts are kept: up to an age, and as many as fit into a size. The oldest go first, a few
//! hundred at a time, so that what comes in never waits for it.
//!
//! SQLite uses freed pages again: the file stops growing, and does not shrink.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use super::StoreError;

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keep {
    /// Alerts whose call is longer ago are forgotten.
    pub(crate) age: SignedDuration,
    /// Bytes that the database may take.
    pub(crate) bytes: u64,
}

impl Keep {
    /// Days and mebibytes, as people give them.
    pub(crate) fn new(days: u32, mebibytes: u32) -> Self {
        Self { age: SignedDuration::from_hours(24 * i64::from(days)), bytes: u64::from(mebibytes) << 20 }
    }
}

/// Alerts that are forgotten in one transaction.
pub(super) const STEP: usize = 500;

pub(super) const OLDEST: &str = "SELECT number FROM alert WHERE time < ?1 ORDER BY time, number LIMIT ?2";

/// Forgets a few of the oldest, if there is something to forget. True where there may be more.
pub(super) fn step(connection: &mut Connection, keep: Keep, now: Timestamp) -> Result<bool, StoreError> {
    let too_old = now.checked_sub(keep.age).unwrap_or(Timestamp::MIN);
    let before = if size(connection)? > keep.bytes { Timestamp::MAX } else { too_old };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut forgotten = 0;
    {
        let mut oldest = transaction.prepare_cached(OLDEST)?;
        let mut tables = Vec::new();
        for table in ["DELETE FROM search WHERE rowid = ?1", "DELETE FROM body WHERE number = ?1"] {
            tables.push(transaction.prepare_cached(table)?);
        }
        for table in ["DELETE FROM triage WHERE alert = ?1", "DELETE FROM alert WHERE number = ?1"] {
            tables.push(transaction.prepare_cached(table)?);
        }
        let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
        let numbers =
            oldest.query_map(params![before.as_microsecond(), limit], |row| row.get::<_, i64>(0))?;
        for number in numbers.collect::<Result<Vec<_>, _>>()? {
            for table in &mut tables {
                table.execute([number])?;
            }
            forgotten += 1;
        }
    }
    transaction.commit()?;
    if forgotten > 0 {
        tracing::info!(forgotten, "the oldest alerts are forgotten, by --keep-days or --keep-size");
    }
    Ok(forgotten == STEP)
}

/// Bytes in use: free pages are room for what comes.
pub(super) fn size(connection: &Connection) -> Result<u64, StoreError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(number("page_size")?)).unwrap_or(0))
}
