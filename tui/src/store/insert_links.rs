//! Storing and forgetting of links: each is kept for as long as an identity that it issued can still join anything.

use detector::AlertId;
use detector::link::Link;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::body::Packer;
use super::graph::{self, Numbered};
use super::{Retention, StoreError};
use crate::incidents::{Kept, Record};

/// Age from which on a link is forgotten that leads to no alert: twice the longest hand-over.
const AGE: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Most links that lead to no alert; a default publication brings a thousand a day for 30 accounts.
const MOST: u64 = 200_000;
/// Bytes that a link takes, with its share of the indices.
const BYTES: u64 = 800;
/// Links that are looked at in one go.
const STEP: i64 = 200;

/// Stores links; one that is there already stays as it is, and one that is an alert is one.
pub(super) fn insert(connection: &mut Connection, links: &[Link]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    {
        let mut packer = Packer::new();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO link (id, time, packed)
             SELECT ?1, ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM alert WHERE id = ?1)
             ON CONFLICT (id) DO NOTHING",
        )?;
        for link in links {
            let text = serde_json::to_string(link)?;
            let time = link.time.as_microsecond();
            if insert.execute(params![link.id.0, time, packer.pack(&text)?])? > 0 {
                let number = Numbered::Link(transaction.last_insert_rowid());
                graph::add(&transaction, number, Kept::of(&Record::of_link(link.clone())))?;
            }
        }
    }
    transaction.commit()?;
    Ok(())
}

/// Deletes the link of an id, if there is one: its record is an alert.
pub(super) fn remove(connection: &Connection, id: &AlertId) -> Result<(), StoreError> {
    let mut number = connection.prepare_cached("SELECT number FROM link WHERE id = ?1")?;
    if let Some(number) = number.query_row([&id.0], |row| row.get(0)).optional()? {
        delete(connection, number)?;
    }
    Ok(())
}

fn delete(connection: &Connection, number: i64) -> Result<(), StoreError> {
    graph::remove(connection, Numbered::Link(number))?;
    connection.prepare_cached("DELETE FROM link WHERE number = ?1")?.execute([number])?;
    Ok(())
}

/// Forgets a few links that lead to no alert and are too old, or more than their share of the size. True where there
/// may be more.
pub(super) fn forget(
    connection: &mut Connection,
    keep: Retention,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let before = |time: Timestamp| time.checked_sub(AGE).unwrap_or(Timestamp::MIN).as_microsecond();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // An eighth of the database at most, and beyond that warm links go too: alerts matter more.
    let share = keep.bytes / 8 / BYTES;
    let count: i64 = transaction.query_row("SELECT count(*) FROM link", [], |row| row.get(0))?;
    let count = count.unsigned_abs();
    let oldest: Option<i64> = transaction.query_row("SELECT min(time) FROM alert", [], |row| row.get(0))?;
    let oldest = oldest.and_then(|micros| Timestamp::from_microsecond(micros).ok()).unwrap_or(now);
    let gone = if count > share {
        numbers(&transaction, "SELECT number FROM link ORDER BY time LIMIT ?1", params![STEP])?
    } else if graph::is_filling(&transaction)? {
        // A link of an older database may lead to an alert that is not taken in yet.
        Vec::new()
    } else {
        // Cold ones by their age, and warm ones once the alerts are gone that they led to.
        let cold = if count > MOST { i64::MAX } else { before(now) };
        let of_lane = "SELECT number FROM link WHERE warm = ?2 AND time < ?3 ORDER BY time LIMIT ?1";
        let mut gone = numbers(&transaction, of_lane, params![STEP, false, cold])?;
        gone.extend(numbers(&transaction, of_lane, params![STEP, true, before(oldest)])?);
        gone
    };
    for number in &gone {
        delete(&transaction, *number)?;
    }
    transaction.commit()?;
    Ok(i64::try_from(gone.len()).unwrap_or(STEP) >= STEP)
}

fn numbers(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<i64>, StoreError> {
    Ok(connection.prepare_cached(sql)?.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;
    use crate::model::testing::alert;
    use crate::store::database::Database;
    use detector::joins::{Join, Part};
    use serde_json::json;

    fn link(id: &str, uses: &str, gives: &str) -> Link {
        let link = json!({"version": 1, "id": id, "time": "2026-11-24T02:00:00Z", "event": "AssumeRole",
            "class": "person", "actor": {"kind": "iam_user", "id": "a", "name": "a"}, "summary": "a assumed role r",
            "joins": [["use", "cred", uses], ["give", "cred", gives]]});
        serde_json::from_value(link).unwrap()
    }

    fn left(database: &Database) -> Vec<String> {
        let links = crate::store::links::all(database.connection()).unwrap();
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
        of.joins.push(Join(Part::Use, "cred".to_owned(), "ASIA3".to_owned()));
        database.insert(&[acts]).unwrap();
        let (first, second) = (link("first", "AKIA1", "ASIA2"), link("second", "ASIA2", "ASIA3"));
        database.insert_links(&[first, second, link("nowhere", "AKIA1", "ASIA4")]).unwrap();
        let forget = |database: &mut Database, keep, now: &str| {
            while forget(database.connection_mut(), keep, now.parse().unwrap()).unwrap() {}
        };
        let keep = Retention::new(400, 64);
        forget(&mut database, keep, "2026-12-20T00:00:00Z");
        assert_eq!(left(&database), ["first", "nowhere", "second"], "none is old");
        forget(&mut database, keep, "2027-03-01T00:00:00Z");
        assert_eq!(left(&database), ["first", "second"]);
        forget(&mut database, Retention { bytes: 8 * BYTES, ..keep }, "2027-03-01T00:00:00Z");
        assert!(left(&database).len() <= 1, "alerts matter more: links have an eighth of the room");
    }
}
