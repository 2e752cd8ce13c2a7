//! Links: records that are no alerts and that incidents need. Each is kept once, packed like a body, for as long as an
//! identity that it issued can still join anything.

use detector::joins::Part;
use detector::link::Link;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

use super::body::{self, Packer};
use super::{Retention, StoreError};
use crate::model::Facet;

pub(super) const CREATE: &str = "
    CREATE TABLE link (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        -- Hashes of the access keys that the call was made with and that it issued (model/facet.rs).
        uses INTEGER,
        gives INTEGER,
        packed BLOB NOT NULL
    ) STRICT;
    CREATE INDEX link_by_time ON link (time);
    CREATE INDEX link_by_key ON link (uses) WHERE uses IS NOT NULL;
";

/// Age from which on a link is forgotten that leads to no alert: twice the longest hand-over.
const AGE: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Most links that lead to no alert; a default publication brings a thousand a day for 30 accounts.
const MOST: u64 = 200_000;
/// Bytes that a link takes, with its share of the indices.
const BYTES: u64 = 700;
/// Links that are looked at in one go.
const STEP: i64 = 500;

/// Links that lead to no stored alert: by the access key that one issued, over any number of links up to eight.
const LEADS_NOWHERE: &str = "NOT EXISTS (
    WITH RECURSIVE chain (key, hops) AS (
        SELECT gone.gives, 0
        UNION
        SELECT link.gives, hops + 1 FROM link JOIN chain ON link.uses = chain.key WHERE hops < 8
    )
    SELECT 1 FROM chain JOIN alert ON alert.access_key = chain.key
)";

/// Stores links; one that is there already stays as it is.
pub(super) fn insert(connection: &mut Connection, links: &[Link]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let mut packer = Packer::new();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO link (id, time, uses, gives, packed) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id) DO NOTHING",
        )?;
        for link in links {
            let text = serde_json::to_string(link)?;
            let key = |part| {
                let join = link.joins.iter().find(|join| join.0 == part && join.1 == "cred")?;
                Some(Facet::AccessKey.key(&join.2))
            };
            let (uses, gives) = (key(Part::Use), key(Part::Give));
            let time = link.time.as_microsecond();
            insert.execute(params![link.id.0, time, uses, gives, packer.pack(&text)?])?;
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
        let text = body::unpack(&packed?).ok();
        links.extend(text.and_then(|text| serde_json::from_str::<Link>(&text).ok()));
    }
    Ok(links)
}

/// Forgets a few links that lead to no alert and are too old, or more than their share of the size. True where there
/// may be more.
pub(super) fn forget(connection: &Connection, keep: Retention, now: Timestamp) -> Result<bool, StoreError> {
    let too_old = now.checked_sub(AGE).unwrap_or(Timestamp::MIN).as_microsecond();
    // An eighth of the database at most, and beyond that live links go too: alerts matter more.
    let share = keep.bytes / 8 / BYTES;
    let count: i64 = connection.query_row("SELECT count(*) FROM link", [], |row| row.get(0))?;
    let count = count.unsigned_abs();
    if count > share {
        let sql = "DELETE FROM link WHERE number IN (SELECT number FROM link ORDER BY time LIMIT ?1)";
        return Ok(connection.execute(sql, [STEP])? > 0);
    }
    let before = if count > MOST { i64::MAX } else { too_old };
    let sql = format!(
        "DELETE FROM link WHERE number IN (
             SELECT number FROM link AS gone WHERE time < ?1 AND {LEADS_NOWHERE} ORDER BY time LIMIT ?2)"
    );
    let gone = connection.execute(&sql, params![before, STEP])?;
    Ok(i64::try_from(gone).unwrap_or(0) == STEP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;
    use crate::model::testing::alert;
    use crate::store::database::Database;
    use serde_json::json;

    fn link(id: &str, uses: &str, gives: &str) -> Link {
        let link = json!({"version": 1, "id": id, "time": "2026-11-24T02:00:00Z", "event": "AssumeRole",
            "class": "person", "actor": {"kind": "iam_user", "id": "a", "name": "a"}, "summary": "a assumed role r",
            "joins": [["use", "cred", uses], ["give", "cred", gives]]});
        serde_json::from_value(link).unwrap()
    }

    fn left(database: &Database) -> Vec<String> {
        let links = since(database.connection(), Timestamp::MIN).unwrap();
        let mut left: Vec<String> = links.into_iter().map(|link| link.id.0).collect();
        left.sort();
        left
    }

    #[test]
    fn a_link_that_is_damaged_hides_no_other() {
        let mut database = Database::in_memory().unwrap();
        database.insert_links(&[link("whole", "AKIA1", "ASIA2"), link("broken", "AKIA1", "ASIA3")]).unwrap();
        let damage = "UPDATE link SET packed = x'00' WHERE id = 'broken'";
        assert_eq!(database.connection().execute(damage, []).unwrap(), 1);
        assert_eq!(left(&database), ["whole"]);
    }

    #[test]
    fn a_link_is_kept_as_long_as_an_alert_that_it_leads_to() {
        let mut database = Database::in_memory().unwrap();
        let mut acts = alert("acts", 3);
        let Content::Alert(of) = &mut acts.content else { panic!() };
        of.record.as_mut().unwrap()["userIdentity"]["accessKeyId"] = json!("ASIA3");
        database.insert(&[acts]).unwrap();
        let (first, second) = (link("first", "AKIA1", "ASIA2"), link("second", "ASIA2", "ASIA3"));
        database.insert_links(&[first, second, link("nowhere", "AKIA1", "ASIA4")]).unwrap();
        let forget = |keep, now: &str| {
            while forget(database.connection(), keep, now.parse().unwrap()).unwrap() {}
        };
        let keep = Retention::new(400, 64);
        forget(keep, "2026-12-20T00:00:00Z");
        assert_eq!(left(&database), ["first", "nowhere", "second"], "none is old");
        forget(keep, "2027-03-01T00:00:00Z");
        assert_eq!(left(&database), ["first", "second"]);
        forget(Retention { bytes: 8 * BYTES, ..keep }, "2027-03-01T00:00:00Z");
        assert!(left(&database).len() <= 1, "alerts matter more: links have an eighth of the room");
    }
}
