//! Links: records that are no alerts and that incidents need. Each is kept once, packed like a body, for as long as an
//! identity that it issued can still join anything.

use detector::link::Link;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::StoreError;
use super::body::{self, Packer};

pub(super) const CREATE: &str = "
    CREATE TABLE link (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        packed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX link_by_time ON link (time);
";

/// Age from which on a link is forgotten where alerts are forgotten too: twice the longest hand-over.
const AGE: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Most links that are kept; a default publication brings a thousand a day for 30 accounts.
const MOST: i64 = 200_000;
/// Links that are forgotten in one go.
const STEP: i64 = 500;

/// Stores links; one that is there already stays as it is.
pub(super) fn insert(connection: &mut Connection, links: &[Link]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let mut packer = Packer::new();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO link (id, time, packed) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING",
        )?;
        for link in links {
            let text = serde_json::to_string(link)?;
            insert.execute(params![link.id.0, link.time.as_microsecond(), packer.pack(&text)?])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Returns the links from a time on. One that can't be read is left out.
pub(super) fn since(connection: &Connection, since: Timestamp) -> Result<Vec<Link>, StoreError> {
    let mut select = connection.prepare_cached("SELECT packed FROM link WHERE time >= ?1")?;
    let packed = select.query_map([since.as_microsecond()], |row| row.get::<_, Vec<u8>>(0))?;
    let mut links = Vec::new();
    for packed in packed {
        links.extend(serde_json::from_str::<Link>(&body::unpack(&packed?)?).ok());
    }
    Ok(links)
}

/// Forgets a few links that are too old or too many. True where there may be more.
pub(super) fn forget(connection: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    let too_old = now.checked_sub(AGE).unwrap_or(Timestamp::MIN).as_microsecond();
    let old = connection.execute(
        "DELETE FROM link WHERE number IN (SELECT number FROM link WHERE time < ?1 ORDER BY time LIMIT ?2)",
        params![too_old, STEP],
    )?;
    let over = connection.execute(
        "DELETE FROM link WHERE number IN (SELECT number FROM link ORDER BY time
         LIMIT max(0, min(?2, (SELECT count(*) FROM link) - ?1)))",
        params![MOST, STEP],
    )?;
    let step = usize::try_from(STEP).unwrap_or(usize::MAX);
    Ok(old == step || over == step)
}
