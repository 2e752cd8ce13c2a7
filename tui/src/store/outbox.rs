//! Exchange of triage between consoles that have databases of their own. `to_tell` keeps the changes made
//! here until the others are told; `heard` keeps others' changes to alerts that are not stored here yet,
//! until these arrive.
//!
//! SNS keeps no order, may deliver a message twice, and returns a console's own messages to it. So for each
//! thing that can be changed of an alert (its state, its note, each tag) the latest change counts, by the
//! time that goes with it: the result is the same on every console, whatever came first.

use std::sync::Arc;

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, TransactionBehavior, params};

use crate::model::{Remarks, TriageAction, TriageEvent};
use crate::store::{StoreError, lenient, read, triage};

pub(crate) const CREATE: &str = "
    CREATE TABLE to_tell (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        alert TEXT NOT NULL,
        at INTEGER NOT NULL,
        by TEXT NOT NULL,
        action TEXT NOT NULL,
        text TEXT
    ) STRICT;
    CREATE TABLE heard (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        alert TEXT NOT NULL,
        at INTEGER NOT NULL,
        by TEXT NOT NULL,
        action TEXT NOT NULL,
        text TEXT
    ) STRICT;
    CREATE INDEX heard_by_alert ON heard (alert);
";

/// Largest number of changes in each of the two tables; the newest are kept.
const MOST: i64 = 10_000;
/// Number of messages that SNS takes at once.
const BATCH: i64 = 10;

/// Returns the number of the journal's last entry; 0 where there is none.
pub(crate) fn journal(connection: &Connection) -> Result<i64, StoreError> {
    let last = "SELECT coalesce(max(number), 0) FROM triage";
    Ok(connection.prepare_cached(last)?.query_row([], |row| row.get(0))?)
}

/// Queues the journal's entries above this number, to be published to other consoles.
pub(crate) fn queue_after(connection: &Connection, journal: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO to_tell (alert, at, by, action, text)
        SELECT alert.id, triage.at, triage.by, triage.action, triage.text
        FROM triage JOIN alert ON alert.number = triage.alert
        WHERE triage.number > ?1 ORDER BY triage.number";
    connection.prepare_cached(sql)?.execute([journal])?;
    let many =
        forget(connection, "DELETE FROM to_tell WHERE number <= (SELECT max(number) FROM to_tell) - ?1")?;
    if many > 0 {
        tracing::warn!(many, "dropped the oldest triage events: could not be published to other consoles");
    }
    Ok(())
}

/// Deletes the events beyond the newest [`MOST`], and returns their number.
fn forget(connection: &Connection, sql: &str) -> Result<usize, StoreError> {
    Ok(connection.prepare_cached(sql)?.execute([MOST])?)
}

/// Returns the next events to publish, at most `BATCH`, with the number of the last; `None` where all are published.
pub(crate) fn next_batch(connection: &Connection) -> Result<Option<(i64, Vec<TriageEvent>)>, StoreError> {
    let sql = "SELECT alert, at, by, action, text, number FROM to_tell ORDER BY number LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([BATCH], |row| Ok((row.get(5)?, event(row)?)))?;
    let rows = rows.collect::<Result<Vec<(i64, Option<TriageEvent>)>, _>>()?;
    let Some((last, _)) = rows.last() else { return Ok(None) };
    Ok(Some((*last, rows.into_iter().filter_map(|(_, event)| event).collect())))
}

/// Removes the events up to this number, which are published.
pub(crate) fn delivered(connection: &Connection, last: i64) -> Result<(), StoreError> {
    connection.prepare_cached("DELETE FROM to_tell WHERE number <= ?1")?.execute([last])?;
    Ok(())
}

/// Applies triage of other consoles. Events about an alert that is not stored yet are kept until it is.
pub(crate) fn apply_remote(connection: &mut Connection, all: &[TriageEvent]) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for event in all {
        if take(&transaction, event)? {
            continue;
        }
        let sql = "INSERT INTO heard (alert, at, by, action, text) VALUES (?1, ?2, ?3, ?4, ?5)";
        transaction.prepare_cached(sql)?.execute(params![
            event.alert.0,
            event.at.as_microsecond(),
            event.by,
            event.action.name(),
            event.action.text()
        ])?;
    }
    let many =
        forget(&transaction, "DELETE FROM heard WHERE number <= (SELECT max(number) FROM heard) - ?1")?;
    transaction.commit()?;
    if many > 0 {
        tracing::warn!(
            many,
            "dropped the oldest triage events of other consoles: their alerts never arrived"
        );
    }
    Ok(())
}

/// Selects others' changes to an alert that came before the alert did; run for each alert that is stored.
pub(crate) const WAITING: &str =
    "SELECT alert, at, by, action, text FROM heard WHERE alert = ?1 ORDER BY number";

/// Applies the events that came before their alert, which is stored now.
pub(crate) fn catch_up(
    connection: &Connection,
    waiting: &mut CachedStatement<'_>,
    id: &AlertId,
) -> Result<(), StoreError> {
    let found = waiting.query_map([&id.0], event)?.collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Ok(());
    }
    for event in found.iter().flatten() {
        take(connection, event)?;
    }
    connection.prepare_cached("DELETE FROM heard WHERE alert = ?1")?.execute([&id.0])?;
    Ok(())
}

/// Applies an event, unless a newer one changed the same matter. False where there is no such alert.
fn take(connection: &Connection, event: &TriageEvent) -> Result<bool, StoreError> {
    let mut known = connection.prepare_cached(read::BY_ID)?;
    let Some((number, mut row)) = known.query_row([&event.alert.0], read::numbered_row).optional()? else {
        return Ok(false);
    };
    if last_change(connection, number, &event.action)? >= Some(event.at.as_microsecond()) {
        return Ok(true);
    }
    let before = row.remarks.clone().filter(|before| before.at > event.at);
    // A change without effect moves the time only.
    let _ = event.action.apply(&mut row.state, &mut row.remarks, &event.by, event.at);
    // A later change of another kind keeps its author.
    let (by, at) = before.as_ref().map_or((&event.by, event.at), |before| (&before.by, before.at));
    let (note, tags) =
        row.remarks.as_deref().map(|now| (now.note.clone(), now.tags.clone())).unwrap_or_default();
    row.remarks = Some(Arc::new(Remarks { by: by.clone(), at, note, tags }));
    triage::write(connection, number, &row, &event.action, &event.by, event.at)?;
    Ok(true)
}

/// Returns the time of the last change to the same matter, in microseconds since 1970; `None` where there was
/// none.
fn last_change(
    connection: &Connection,
    number: i64,
    action: &TriageAction,
) -> Result<Option<i64>, StoreError> {
    let sql = match action {
        TriageAction::Acknowledge | TriageAction::Reopen => {
            "SELECT max(at) FROM triage WHERE alert = ?1 AND action IN ('acknowledge', 'reopen') AND ?2 IS ?2"
        }
        TriageAction::Note(_) => {
            "SELECT max(at) FROM triage WHERE alert = ?1 AND action = 'note' AND ?2 IS ?2"
        }
        TriageAction::Tag(_) | TriageAction::Untag(_) => {
            "SELECT max(at) FROM triage WHERE alert = ?1 AND action IN ('tag', 'untag') AND text = ?2"
        }
    };
    Ok(connection.prepare_cached(sql)?.query_row(params![number, action.text()], |row| row.get(0))?)
}

/// Reads an event; `None` for one that a later version has written.
fn event(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<TriageEvent>> {
    let (name, text) = (lenient::text(row, 3)?, lenient::option(row, 4)?);
    let Some(action) = TriageAction::of(&name, text) else { return Ok(None) };
    Ok(Some(TriageEvent {
        alert: AlertId(lenient::text(row, 0)?),
        at: Timestamp::from_microsecond(row.get(1)?).unwrap_or_default(),
        by: lenient::text(row, 2)?,
        action,
    }))
}

#[cfg(test)]
mod tests {
    use crate::model::testing::alert;
    use crate::model::{TriageCommand, TriageState};
    use crate::store::database::Database;
    use crate::store::outbox::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn event_of(alert: &str, action: TriageAction, by: &str, second: i64) -> TriageEvent {
        TriageEvent { alert: AlertId(alert.to_owned()), action, by: by.to_owned(), at: at(second) }
    }

    /// State, who and when, note, tags.
    fn looks(database: &Database, id: &str) -> (TriageState, String, Timestamp, Option<String>, Vec<String>) {
        let row = database.connection().query_row(read::BY_ID, [id], read::row).unwrap();
        let remarks = row.remarks.unwrap();
        let mut tags = remarks.tags.clone();
        tags.sort();
        (row.state, remarks.by.clone(), remarks.at, remarks.note.clone(), tags)
    }

    fn next(database: &Database) -> Vec<TriageEvent> {
        next_batch(database.connection()).unwrap().map(|(_, all)| all).unwrap_or_default()
    }

    #[test]
    fn what_is_done_here_is_told_until_it_is_and_one_who_hears_oneself_changes_nothing() {
        let mut database = Database::in_memory().unwrap();
        database.insert(&[alert("a", 1), alert("b", 2)]).unwrap();
        let command = |alerts: &[&str], action| TriageCommand {
            alerts: alerts.iter().map(|id| AlertId((*id).to_owned())).collect(),
            action,
        };
        let mut triage = |change, second| {
            database.triage(&[command(&["a", "b", "gone"], change)], "ana", at(second)).unwrap();
        };
        triage(TriageAction::Acknowledge, 10);
        assert_eq!(next(&database), [], "nobody is told where nobody can be");
        database.publishes = true;
        let mut triage = |change, second| {
            database.triage(&[command(&["a", "b"], change)], "ana", at(second)).unwrap();
        };
        triage(TriageAction::Acknowledge, 11);
        triage(TriageAction::Note(Some("drill".to_owned())), 12);
        triage(TriageAction::Reopen, 13);
        let all = next(&database);
        let note = || TriageAction::Note(Some("drill".to_owned()));
        assert_eq!(
            all,
            [
                event_of("a", note(), "ana", 12),
                event_of("b", note(), "ana", 12),
                event_of("a", TriageAction::Reopen, "ana", 13),
                event_of("b", TriageAction::Reopen, "ana", 13)
            ],
            "what changes nothing is not told"
        );
        let before = looks(&database, "a");
        apply_remote(database.connection_mut(), &all).unwrap();
        apply_remote(database.connection_mut(), &[event_of("a", TriageAction::Acknowledge, "ana", 10)])
            .unwrap();
        assert_eq!(looks(&database, "a"), before);
        assert_eq!(next(&database).len(), 4, "what is heard is not told again");
        let (last, _) = next_batch(database.connection()).unwrap().unwrap();
        delivered(database.connection(), last - 1).unwrap();
        assert_eq!(next(&database), [event_of("b", TriageAction::Reopen, "ana", 13)]);
    }

    #[test]
    fn what_is_said_before_the_alert_comes_waits_for_it() {
        let mut database = Database::in_memory().unwrap();
        let all = [
            event_of("a", TriageAction::Acknowledge, "ben", 10),
            event_of("a", TriageAction::Tag("drill".into()), "ben", 11),
        ];
        apply_remote(database.connection_mut(), &all).unwrap();
        let rows = database.insert(&[alert("a", 1), alert("b", 2)]).unwrap();
        let row = rows.iter().find(|row| row.id.0 == "a").unwrap();
        assert_eq!(row.state, TriageState::Acknowledged, "it comes as it is");
        let (state, by, when, note, tags) = looks(&database, "a");
        assert_eq!((state, by.as_str(), when), (TriageState::Acknowledged, "ben", at(11)));
        assert_eq!((note, tags), (None, vec!["drill".to_owned()]));
        let left: i64 =
            database.connection().query_row("SELECT count(*) FROM heard", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0);
        let many: Vec<_> =
            (0..MOST + 5).map(|n| event_of(&format!("x{n}"), TriageAction::Reopen, "eve", n)).collect();
        apply_remote(database.connection_mut(), &many).unwrap();
        let left: i64 =
            database.connection().query_row("SELECT count(*) FROM heard", [], |row| row.get(0)).unwrap();
        assert_eq!(left, MOST, "who floods a console fills no disk");
    }

    fn any_event() -> impl Strategy<Value = TriageEvent> {
        let change = prop_oneof![
            Just(TriageAction::Acknowledge),
            Just(TriageAction::Reopen),
            Just(TriageAction::Note(None)),
            Just(TriageAction::Note(Some("x".to_owned()))),
            Just(TriageAction::Note(Some("y".to_owned()))),
            Just(TriageAction::Tag("t".to_owned())),
            Just(TriageAction::Untag("t".to_owned())),
            Just(TriageAction::Tag("u".to_owned())),
        ];
        (change, prop::sample::select(vec!["ana", "ben"]))
            .prop_map(|(change, by)| event_of("a", change, by, 0))
    }

    proptest! {
        #[test]
        fn in_whatever_order_it_comes_and_however_often_all_consoles_show_the_same(
            mut all in prop::collection::vec(any_event(), 1..8),
            order in prop::collection::vec(any::<prop::sample::Index>(), 1..24),
            comes_after in 0_usize..24,
        ) {
            for (second, event) in (1..).zip(&mut all) {
                event.at = at(second);
            }
            let mut first = Database::in_memory().unwrap();
            first.insert(&[alert("a", 1)]).unwrap();
            apply_remote(first.connection_mut(), &all).unwrap();
            let mut second = Database::in_memory().unwrap();
            for (turn, index) in order.iter().enumerate() {
                if turn == comes_after {
                    second.insert(&[alert("a", 1)]).unwrap();
                }
                apply_remote(second.connection_mut(), &[index.get(&all).clone()]).unwrap();
            }
            // Each at least once.
            let rest: Vec<TriageEvent> = all.iter().rev().cloned().collect();
            apply_remote(second.connection_mut(), &rest).unwrap();
            second.insert(&[alert("a", 1)]).unwrap();
            prop_assert_eq!(looks(&first, "a"), looks(&second, "a"));
        }
    }
}
