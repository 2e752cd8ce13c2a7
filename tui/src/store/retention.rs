//! Retention of alerts: up to an age, and as many as fit into a size. A few hundred go at a time, so
//! that what comes in never waits for it.
//!
//! By age the oldest go, whatever they are. By size goes what is worth least: tests, then the least
//! severe, of one severity what is acknowledged before what is open, and of these the oldest. Else a flood of
//! large alerts, or of forged ones, would push out what an attacker did before.
//!
//! SQLite uses freed pages again: the file stops growing, and does not shrink.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use super::graph::{self, Numbered};
use super::{StoreError, context};

/// Limits of retention: an age and a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Alerts whose call is longer ago are forgotten.
    pub(crate) age: SignedDuration,
    /// Bytes that the database may take.
    pub(crate) bytes: u64,
}

impl Retention {
    /// Keeps everything: a case is kept until somebody deletes its file.
    pub(crate) const FOREVER: Self = Self { age: SignedDuration::MAX, bytes: u64::MAX };

    /// Days and mebibytes, as people give them.
    pub(crate) fn new(days: u32, mebibytes: u32) -> Self {
        Self { age: SignedDuration::from_hours(24 * i64::from(days)), bytes: u64::from(mebibytes) << 20 }
    }
}

/// Alerts that are forgotten in one transaction.
pub(super) const STEP: usize = 500;
/// After so many the size is looked at again.
const FEW: usize = 10;

pub(super) const OLDEST: &str = "SELECT number FROM alert WHERE time < ?1 ORDER BY time, number LIMIT ?2";

/// Worth of an alert: 0 a test; else more for each severity, and for what is open. What could not
/// be read counts as LOW.
macro_rules! worth {
    () => {
        "(CASE WHEN id >= 'test-' AND id < 'test.' THEN 0 \
         ELSE coalesce(severity, 1) * 2 + (state = 0) END)"
    };
}

/// An index of what is worth least. A database of this schema that is older has none, and is given one
/// when the first alert must go by size; older consoles keep it up, since SQLite does.
const BY_WORTH: &str = concat!("CREATE INDEX IF NOT EXISTS alert_by_worth ON alert (", worth!(), ", time)");

const LEAST: &str =
    concat!("SELECT number FROM alert WHERE time < ?1 ORDER BY ", worth!(), ", time LIMIT ?2");

/// Forgets a few, if there is something to forget. True where there may be more.
pub(super) fn step(connection: &mut Connection, keep: Retention, now: Timestamp) -> Result<bool, StoreError> {
    let too_old = now.checked_sub(keep.age).unwrap_or(Timestamp::MIN);
    context::forget_before(connection, too_old)?;
    let is_too_large = size(connection)? > keep.bytes;
    // Records that CloudTrail has, too, are worth less than any alert.
    if is_too_large && context::forget(connection)? {
        return Ok(true);
    }
    let (before, which) = if is_too_large { (Timestamp::MAX, LEAST) } else { (too_old, OLDEST) };
    // Some room below the limit, so that the next alert does not make another step.
    let enough = keep.bytes - keep.bytes / 64;
    if is_too_large {
        connection.execute_batch(BY_WORTH)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let (mut forgotten, mut is_done) = (0, false);
    {
        let mut going = transaction.prepare_cached(which)?;
        let mut tables = Vec::new();
        for table in ["DELETE FROM search WHERE rowid = ?1", "DELETE FROM body WHERE number = ?1"] {
            tables.push(transaction.prepare_cached(table)?);
        }
        for table in ["DELETE FROM triage WHERE alert = ?1", "DELETE FROM alert WHERE number = ?1"] {
            tables.push(transaction.prepare_cached(table)?);
        }
        let limit = i64::try_from(STEP).unwrap_or(i64::MAX);
        let numbers = going.query_map(params![before.as_microsecond(), limit], |row| row.get::<_, i64>(0))?;
        for number in numbers.collect::<Result<Vec<_>, _>>()? {
            // No more than must: of large alerts a few are enough.
            if is_too_large && forgotten % FEW == 0 && size(&transaction)? <= enough {
                is_done = true;
                break;
            }
            graph::remove(&transaction, Numbered::Alert(number))?;
            for table in &mut tables {
                table.execute([number])?;
            }
            forgotten += 1;
        }
    }
    transaction.commit()?;
    if forgotten > 0 {
        let by = if is_too_large { "--keep-size" } else { "--keep-days" };
        tracing::info!(forgotten, by, "alerts deleted");
    }
    Ok(forgotten == STEP && !is_done)
}

/// Bytes in use: free pages are room for what comes.
pub(super) fn size(connection: &Connection) -> Result<u64, StoreError> {
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let pages = number("page_count")?.saturating_sub(number("freelist_count")?);
    Ok(u64::try_from(pages.saturating_mul(number("page_size")?)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::model::{Content, Incoming, TriageAction, TriageCommand};
    use crate::store::database::Database;
    use detector::{AlertId, Severity};

    fn of(severity: Severity, id: &str, second: i64) -> Incoming {
        let mut incoming = alert(id, second);
        let Content::Alert(alert) = &mut incoming.content else { panic!() };
        alert.severity = severity;
        incoming
    }

    fn left(database: &Database) -> Vec<String> {
        let mut statement =
            database.connection().prepare("SELECT id FROM alert ORDER BY time, number").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// The ids in the order in which they would go by size.
    fn order(database: &Database) -> Vec<String> {
        let mut going = database.connection().prepare(LEAST).unwrap();
        let numbers = going.query_map(params![i64::MAX, 99], |row| row.get::<_, i64>(0)).unwrap();
        let id = |number: i64| {
            let sql = "SELECT id FROM alert WHERE number = ?1";
            database.connection().query_row(sql, [number], |row| row.get(0)).unwrap()
        };
        numbers.map(|number| id(number.unwrap())).collect()
    }

    #[test]
    fn by_size_tests_go_first_then_the_least_severe_and_what_is_acknowledged_before_what_is_open() {
        let mut database = Database::in_memory().unwrap();
        let unreadable = Incoming {
            content: Content::Unreadable { why: "x".into(), raw: "y".into() },
            ..alert("unreadable", 3)
        };
        database
            .insert(&[
                of(Severity::Critical, "critical-old", 1),
                of(Severity::High, "high", 2),
                unreadable,
                of(Severity::Low, "low-old", 4),
                of(Severity::Low, "low-new", 5),
                of(Severity::Critical, "critical-seen", 6),
                of(Severity::Low, "low-seen", 7),
                of(Severity::Medium, "medium", 8),
                of(Severity::Critical, "test-1", 9),
                of(Severity::Critical, "critical-new", 10),
            ])
            .unwrap();
        let seen = ["critical-seen", "low-seen"].map(|id| AlertId(id.to_owned())).to_vec();
        let command = TriageCommand { alerts: seen, action: TriageAction::Acknowledge };
        database.triage(&[command], "ana", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(
            order(&database),
            [
                "test-1",
                "low-seen",
                "unreadable",
                "low-old",
                "low-new",
                "medium",
                "high",
                "critical-seen",
                "critical-old",
                "critical-new"
            ]
        );
    }

    #[test]
    fn what_goes_by_size_is_found_by_an_index() {
        let database = Database::in_memory().unwrap();
        database.connection().execute_batch(BY_WORTH).unwrap();
        let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {LEAST}")).unwrap();
        let steps: Vec<String> =
            plan.query_map(params![1, 1], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(
            steps.iter().all(|step| step.contains("alert_by_worth") && !step.contains("TEMP B-TREE")),
            "{steps:?}"
        );
    }

    #[test]
    fn a_flood_of_large_alerts_pushes_out_itself_and_not_what_was_there() {
        let mut database = Database::in_memory().unwrap();
        database.insert(&[of(Severity::Critical, "the attack", 1)]).unwrap();
        let keep = Retention { age: SignedDuration::from_hours(24 * 400), bytes: 2 << 20 };
        let now = "2026-11-24T03:00:00Z".parse().unwrap();
        let mut random = 1_u64;
        // Nothing that packs well.
        let mut noise = || {
            let text: String = (0..60_000)
                .map(|_| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    char::from(b' ' + u8::try_from((random >> 33) % 90).unwrap())
                })
                .collect();
            serde_json::json!({ "x": text })
        };
        for n in 0..200 {
            let mut large = of(Severity::Low, &format!("flood-{n}"), 10 + n);
            let Content::Alert(alert) = &mut large.content else { panic!() };
            alert.parameters = noise();
            database.insert(&[large]).unwrap();
            while database.maintain(keep, now).unwrap() {}
            let size = size(database.connection()).unwrap();
            assert!(size <= keep.bytes, "the limit always holds: {size}");
        }
        let left = left(&database);
        assert_eq!(left.first().map(String::as_str), Some("the attack"));
        assert!(left.len() < 150, "{}", left.len());
    }
}
