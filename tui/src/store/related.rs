//! Alerts that share a property with another one: its actor, session, access key, address or target.
//!
//! Table `facet` holds a row for each property of an alert. It is filled behind the alerts, many at a time: an alert's
//! rows lie far apart, and with each batch they would be two fifths of the pages that storing writes. Alerts that it
//! lacks are looked at one by one; a batch that leaves more than [`MOST_BEHIND`] of them takes them all in.

use detector::AlertId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};

use super::read::{self, rows};
use super::{StoreError, index, lenient};
use crate::model::{Facet, Row};

/// `key` is the hash of a property and its value (`model/facet.rs`), `time` the alert's.
const CREATE: &str = "
    CREATE TABLE facet (
        key INTEGER NOT NULL,
        time INTEGER NOT NULL,
        alert INTEGER NOT NULL,
        PRIMARY KEY (key, time, alert)
    ) STRICT, WITHOUT ROWID;
    -- Alerts above this number are not in it yet.
    CREATE TABLE facet_end (alert INTEGER NOT NULL) STRICT;
    INSERT INTO facet_end VALUES (0);
    -- A trigger, since a console of schema 7 that is still open deletes alerts too.
    CREATE TRIGGER facet_gone AFTER DELETE ON alert BEGIN
        DELETE FROM facet WHERE time = old.time AND alert = old.number
        AND key IN (old.actor_key, old.session_key, old.access_key, old.address_key, old.target_key);
    END;
";

/// Takes in the alerts behind the end, up to the number `?1`. In the order of the table: neighbours share a page. A cell
/// that is damaged is left out: it must not keep other alerts from being stored.
const FILL: &str = "
    INSERT OR IGNORE INTO facet
    SELECT key, time, number FROM (
        SELECT number, time, actor_key AS key FROM alert UNION ALL
        SELECT number, time, session_key FROM alert UNION ALL
        SELECT number, time, access_key FROM alert UNION ALL
        SELECT number, time, address_key FROM alert UNION ALL
        SELECT number, time, target_key FROM alert
    ) WHERE number > (SELECT alert FROM facet_end) AND number <= ?1
    AND typeof(key) = 'integer' AND typeof(time) = 'integer'
    ORDER BY key, time, number";

/// Most alerts that are looked at one by one.
const MOST_BEHIND: i64 = 500;
/// Most alerts that a batch takes in: more than any batch brings.
const MOST_AT_ONCE: i64 = 2_000;
/// Related alerts of one kind; who wants more, filters.
const MOST_RELATED: usize = 50;

const KEYS: &str =
    "SELECT time, actor_key, session_key, access_key, address_key, target_key FROM alert WHERE number = ?1";
/// The alerts that share a key within a span of time, newest first.
const SHARING: &str = rows!(
    "facet CROSS JOIN alert ON alert.number = facet.alert \
     WHERE facet.key = ?1 AND facet.time >= ?2 AND facet.time <= ?3 \
     ORDER BY facet.time DESC, facet.alert DESC LIMIT ?4"
);
/// Those of them that the table lacks. The plus rules out the index by time, which would be walked over the whole span.
const BEHIND: &str = rows!(
    "alert WHERE alert.number > (SELECT alert FROM facet_end) \
     AND ?1 IN (actor_key, session_key, access_key, address_key, target_key) AND +time >= ?2 AND +time <= ?3"
);
/// Their numbers alone, of all times.
const NUMBERS: &str = "SELECT alert FROM facet WHERE key = ?1 LIMIT ?2";
const NUMBERS_BEHIND: &str = "SELECT number FROM alert WHERE number > (SELECT alert FROM facet_end) \
     AND ?1 IN (actor_key, session_key, access_key, address_key, target_key) LIMIT ?2";
/// The last of the alerts that are taken in next.
const NEXT: &str =
    "SELECT max(number) FROM (SELECT number FROM alert WHERE number > ?1 ORDER BY number LIMIT ?2)";
const ENDS: &str = "SELECT (SELECT alert FROM facet_end), (SELECT max(number) FROM alert)";

/// Questions whose plans a test of `read.rs` holds.
#[cfg(test)]
pub(super) const QUESTIONS: [(&str, &str); 7] = [
    ("keys", KEYS),
    ("sharing", SHARING),
    ("sharing, behind", BEHIND),
    ("numbers", NUMBERS),
    ("numbers, behind", NUMBERS_BEHIND),
    ("next", NEXT),
    ("ends", ENDS),
];

/// Distance in time from an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    Hour,
    /// And not within the hour.
    Day,
}

/// Property that alerts share with another one, and their distance in time from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RelatedBy {
    pub(crate) facet: Facet,
    pub(crate) within: Within,
}

impl std::fmt::Display for RelatedBy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let within = match self.within {
            Within::Hour => "within the hour",
            Within::Day => "within the day",
        };
        write!(f, "same {}, {within}", self.facet.label())
    }
}

/// Makes the table and takes in all alerts. Schemas 2 to 7 had an index for each property.
pub(super) fn begin(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(CREATE)?;
    for column in ["actor_key", "session_key", "access_key", "address_key", "target_key"] {
        transaction.execute_batch(&format!(
            "INSERT OR IGNORE INTO facet SELECT {column}, time, number FROM alert
             WHERE typeof({column}) = 'integer' AND typeof(time) = 'integer' ORDER BY {column}, time, number;"
        ))?;
    }
    transaction.execute_batch(
        "UPDATE facet_end SET alert = coalesce((SELECT max(number) FROM alert), 0);
         DROP INDEX IF EXISTS alert_by_actor; DROP INDEX IF EXISTS alert_by_session;
         DROP INDEX IF EXISTS alert_by_access_key; DROP INDEX IF EXISTS alert_by_address;
         DROP INDEX IF EXISTS alert_by_target;",
    )
}

/// Takes in some alerts. True where there may be more.
pub(super) fn fill(connection: &Connection) -> Result<bool, StoreError> {
    let (end, last) = ends(connection)?;
    let Some(to) = next(connection, end, index::STEP)? else { return Ok(false) };
    fill_to(connection, to)?;
    Ok(to < last)
}

/// Takes alerts in where too many are missing: while alerts come without a pause, nothing else fills the table. A
/// console of schema 7 that is still open may have left any number of them, and other writers wait only so long.
pub(super) fn keep_up(connection: &Connection) -> Result<(), StoreError> {
    let (end, last) = ends(connection)?;
    if last.saturating_sub(end) <= MOST_BEHIND {
        return Ok(());
    }
    let next = next(connection, end, MOST_AT_ONCE)?;
    next.map_or(Ok(()), |to| fill_to(connection, to))
}

/// Returns the number of the last of the `most` alerts that are taken in next; `None` where all are taken in. By alerts,
/// since each message that comes again leaves a hole in the numbers.
fn next(connection: &Connection, end: i64, most: i64) -> Result<Option<i64>, StoreError> {
    Ok(connection.prepare_cached(NEXT)?.query_row([end, most], |row| row.get(0))?)
}

fn fill_to(connection: &Connection, alert: i64) -> Result<(), StoreError> {
    connection.prepare_cached(FILL)?.execute([alert])?;
    connection.prepare_cached("UPDATE facet_end SET alert = ?1")?.execute([alert])?;
    Ok(())
}

/// Returns the number of the last alert that is taken in, and that of the last one.
fn ends(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let ends = connection
        .prepare_cached(ENDS)?
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?.unwrap_or_default())));
    Ok(ends?)
}

/// Hashes of an alert's properties, in the order of [`Facet::ALL`].
type Keys = [Option<i64>; 5];

/// Returns an alert's time and the hashes of its properties.
fn keys(connection: &Connection, alert: i64) -> Result<Option<(i64, Keys)>, StoreError> {
    let keys = connection.prepare_cached(KEYS)?.query_row([alert], |row| {
        let key = |at| lenient::number(row, at);
        Ok((row.get(0)?, [key(1)?, key(2)?, key(3)?, key(4)?, key(5)?]))
    });
    Ok(keys.optional()?)
}

fn number(connection: &Connection, id: &AlertId) -> Result<Option<i64>, StoreError> {
    Ok(connection.prepare_cached(read::NUMBER)?.query_row([&id.0], |row| row.get(0)).optional()?)
}

/// Returns the alerts that share a key within a span of time, newest first, at most `most`, each with its number.
fn sharing(
    connection: &Connection,
    key: i64,
    (from, to): (i64, i64),
    most: usize,
) -> Result<Vec<(i64, Row)>, StoreError> {
    let mut found = Vec::new();
    let mut table = connection.prepare_cached(SHARING)?;
    for row in table.query_map(params![key, from, to, read::limit(most)], read::numbered_row)? {
        found.push(row?);
    }
    let mut behind = connection.prepare_cached(BEHIND)?;
    for row in behind.query_map([key, from, to], read::numbered_row)? {
        found.push(row?);
    }
    found.sort_by_key(|(number, row)| std::cmp::Reverse((row.time, *number)));
    found.truncate(most);
    Ok(found)
}

/// Returns the alerts within an hour and within a day of this one that share a property with it, at most
/// `MOST_RELATED` a group. Empty groups are left out.
pub(super) fn related(
    connection: &Connection,
    id: &AlertId,
) -> Result<Vec<(RelatedBy, Vec<Row>)>, StoreError> {
    // One state of the database: an alert that is taken in between the two questions would be found by neither.
    let connection = connection.unchecked_transaction()?;
    let Some(alert) = number(&connection, id)? else { return Ok(Vec::new()) };
    let Some((time, keys)) = keys(&connection, alert)? else { return Ok(Vec::new()) };
    let micros = |span: SignedDuration| i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
    let (hour, day) = (micros(SignedDuration::from_hours(1)), micros(SignedDuration::from_hours(24)));
    let mut groups = Vec::new();
    for (facet, key) in Facet::ALL.into_iter().zip(keys) {
        let Some(key) = key else { continue };
        let between = |from: i64, to: i64| sharing(&connection, key, (from, to), MOST_RELATED + 1);
        let mut of_hour = between(time.saturating_sub(hour), time.saturating_add(hour))?;
        of_hour.retain(|(number, _)| *number != alert);
        let mut of_day = between(time.saturating_add(hour + 1), time.saturating_add(day))?;
        of_day.extend(between(time.saturating_sub(day), time.saturating_sub(hour + 1))?);
        for (within, rows) in [(Within::Hour, of_hour), (Within::Day, of_day)] {
            let rows: Vec<Row> = rows.into_iter().take(MOST_RELATED).map(|(_, row)| row).collect();
            if !rows.is_empty() {
                groups.push((RelatedBy { facet, within }, rows));
            }
        }
    }
    Ok(groups)
}

/// Returns the alerts that share this property with an alert, itself included, from this time back; newest
/// first, at most `most`.
pub(super) fn sharing_before(
    connection: &Connection,
    id: &AlertId,
    facet: Facet,
    before: Timestamp,
    most: usize,
) -> Result<Vec<Row>, StoreError> {
    let connection = connection.unchecked_transaction()?;
    let Some(alert) = number(&connection, id)? else { return Ok(Vec::new()) };
    let Some((_, keys)) = keys(&connection, alert)? else { return Ok(Vec::new()) };
    let of_facet = Facet::ALL.into_iter().zip(keys).find(|(known, _)| *known == facet);
    let Some((_, Some(key))) = of_facet else { return Ok(Vec::new()) };
    let found = sharing(&connection, key, (i64::MIN, before.as_microsecond()), most)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// Returns the numbers of the alerts that have this hash of a property, in no order, at most `most`. It asks twice: in
/// the caller's transaction.
pub(super) fn numbers(connection: &Connection, key: i64, most: usize) -> Result<Vec<i64>, StoreError> {
    let mut found = Vec::new();
    for sql in [NUMBERS, NUMBERS_BEHIND] {
        let mut numbers = connection.prepare_cached(sql)?;
        for number in numbers.query_map([key, read::limit(most)], |row| row.get(0))? {
            found.push(number?);
        }
    }
    found.truncate(most);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::model::{Content, Incoming};
    use crate::store::Retention;
    use crate::store::database::Database;

    /// An alert with all five properties.
    fn whole(id: &str, second: i64) -> Incoming {
        let mut incoming = alert(id, second);
        let Content::Alert(inner) = &mut incoming.content else { unreachable!() };
        inner.user = Some("arn:aws:sts::111122223333:assumed-role/deploy/alice".to_owned());
        let mut record = inner.record.as_deref().unwrap().clone();
        record["userIdentity"]["accessKeyId"] = "ASIA1".into();
        inner.record = Some(std::sync::Arc::new(record));
        incoming
    }

    fn count(database: &Database, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        database.connection().query_row(&sql, [], |row| row.get(0)).unwrap()
    }

    /// All that is asked of the table, about one alert.
    fn answers(database: &Database, id: &AlertId) -> (String, Vec<Vec<Row>>, Vec<i64>) {
        let connection = database.connection();
        let related = related(connection, id).unwrap();
        let before = Timestamp::MAX;
        let shared = Facet::ALL.map(|facet| sharing_before(connection, id, facet, before, 7).unwrap());
        let key = keys(connection, number(connection, id).unwrap().unwrap()).unwrap().unwrap().1[3].unwrap();
        let mut numbers = numbers(connection, key, 1_000).unwrap();
        numbers.sort_unstable();
        (format!("{related:?}"), shared.to_vec(), numbers)
    }

    #[test]
    fn alerts_that_are_not_taken_in_yet_are_found_as_those_that_are() {
        let mut database = Database::in_memory().unwrap();
        let all: Vec<_> = (0..300).map(|number| whole(&format!("a{number}"), number % 97 * 61)).collect();
        let middle = AlertId("a150".to_owned());
        for part in all.chunks(60) {
            database.insert(part).unwrap();
        }
        assert_eq!(count(&database, "facet"), 0, "storing writes none");
        let before = answers(&database, &middle);
        assert_eq!((before.1[0].len(), before.2.len()), (7, 300));
        for turn in 0..2 {
            fill(database.connection()).unwrap();
            assert_eq!(answers(&database, &middle), before, "turn {turn}");
        }
        assert_eq!(count(&database, "facet"), 5 * 300, "each property");
        assert!(!fill(database.connection()).unwrap());
    }

    #[test]
    fn alerts_are_taken_in_without_a_look_at_those_that_are() {
        let database = Database::in_memory().unwrap();
        let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {FILL}")).unwrap();
        let steps: Vec<String> = plan.query_map([1], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let of_alerts: Vec<_> = steps.iter().filter(|step| step.contains(" alert ")).collect();
        assert_eq!(of_alerts.len(), 5, "{steps:?}");
        let gone = "DELETE FROM facet WHERE time = ?1 AND alert = ?2 AND key IN (?3, ?4)";
        let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {gone}")).unwrap();
        let step: String = plan.query_row([1; 4], |row| row.get(3)).unwrap();
        assert!(step.ends_with("USING PRIMARY KEY (key=? AND time=? AND alert=?)"), "{step}");
        assert!(of_alerts.iter().all(|step| step.contains("(rowid>? AND rowid<?)")), "{steps:?}");
    }

    #[test]
    fn however_many_come_one_after_the_other_few_are_not_taken_in() {
        let mut database = Database::in_memory().unwrap();
        let mut most = 0;
        for part in 0..40 {
            let batch: Vec<_> = (0..50).map(|number| alert(&format!("{part}-{number}"), number)).collect();
            database.insert(&batch).unwrap();
            let (end, last) = ends(database.connection()).unwrap();
            most = most.max(last - end);
        }
        assert_eq!(most, MOST_BEHIND);
    }

    #[test]
    fn maintenance_takes_them_in_and_holes_in_the_numbers_are_no_alerts() {
        let mut database = Database::in_memory().unwrap();
        let batch: Vec<_> = (0..10).map(|number| whole(&format!("a{number}"), number)).collect();
        database.insert(&batch).unwrap();
        for _ in 0..100 {
            database.insert(&batch).unwrap();
        }
        database.insert(&[whole("last", 10)]).unwrap();
        assert!(!fill(database.connection()).unwrap(), "eleven alerts, whatever their numbers");
        database.insert(&[whole("later", 11)]).unwrap();
        while database.maintain(Retention::FOREVER, Timestamp::UNIX_EPOCH).unwrap() {}
        assert_eq!(count(&database, "facet"), 5 * 12);
    }

    #[test]
    fn a_damaged_cell_keeps_no_alert_from_being_stored_or_deleted() {
        let mut database = Database::in_memory().unwrap();
        database.insert(&[alert("damaged", 0)]).unwrap();
        // As a flipped bit in the record's header does.
        let damage = "PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, ') STRICT', ')') WHERE name IN ('alert');
            PRAGMA writable_schema = RESET;
            UPDATE alert SET target_key = 0.5 WHERE id = 'damaged'";
        database.connection().execute_batch(damage).unwrap();
        let kind = "SELECT typeof(target_key) FROM alert WHERE id = 'damaged'";
        let kind: String = database.connection().query_row(kind, [], |row| row.get(0)).unwrap();
        assert_eq!(kind, "real");
        let batch: Vec<_> = (0..600).map(|number| alert(&format!("a{number}"), number)).collect();
        database.insert(&batch).unwrap();
        assert_eq!(count(&database, "facet"), 3 * 601 - 1);
        assert!(!related(database.connection(), &AlertId("damaged".to_owned())).unwrap().is_empty());
        let now = "2036-01-01T00:00:00Z".parse().unwrap();
        while database.maintain(Retention::new(30, 64), now).unwrap() {}
        assert_eq!(["alert", "facet"].map(|table| count(&database, table)), [0, 0]);
    }

    #[test]
    fn alerts_that_are_deleted_leave_nothing_behind() {
        let mut database = Database::in_memory().unwrap();
        let batch: Vec<_> = (0..600).map(|number| alert(&format!("a{number}"), number)).collect();
        database.insert(&batch).unwrap();
        assert!(count(&database, "facet") > 0);
        // One that is not taken in when it goes, and one that a console of schema 7 deletes.
        database.insert(&[alert("last", 601)]).unwrap();
        database
            .connection()
            .execute_batch("DELETE FROM body WHERE number = 7; DELETE FROM alert WHERE number = 7")
            .unwrap();
        let sql = "SELECT count(*) FROM facet WHERE alert = 7";
        assert_eq!(database.connection().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
        let now = "2036-01-01T00:00:00Z".parse().unwrap();
        while database.maintain(Retention::new(30, 64), now).unwrap() {}
        assert_eq!(["alert", "facet"].map(|table| count(&database, table)), [0, 0]);
    }
}
