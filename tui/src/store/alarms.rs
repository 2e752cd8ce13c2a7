//! The alarms of the pipeline itself, one row each: the state it is in now, and since when. Few, and
//! small, so they are read as a whole. Beside them the last probes that another program on this machine
//! has published and that came back here: `doctor` looks for its own.
//!
//! SNS keeps no order and tells twice: what is not newer than what is known changes nothing.

use detector::health::State;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, TransactionBehavior, params};

use super::{StoreError, lenient};
use crate::model::{Alarm, AlarmKey, alarm_label};

pub(super) const CREATE: &str = "
    CREATE TABLE alarm (
        account TEXT NOT NULL,
        region TEXT NOT NULL,
        name TEXT NOT NULL,
        state TEXT NOT NULL,
        since INTEGER NOT NULL,
        description TEXT,
        reason TEXT,
        PRIMARY KEY (account, region, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE probe (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE
    ) STRICT;
";

/// Probes of others that are remembered.
const PROBES: i64 = 50;

/// Change to the stored alarms and probes.
#[derive(Debug)]
pub(crate) enum AlarmChange {
    /// These messages came.
    Came(Vec<Alarm>),
    /// Somebody knows that this one is gone.
    Forget(AlarmKey),
    /// A probe of this id came back that is not this console's own.
    Probe(String),
}

/// Does it in one transaction.
pub(super) fn change(connection: &mut Connection, change: &AlarmChange) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    match change {
        AlarmChange::Came(alarms) => {
            let mut put = transaction.prepare_cached(
                "INSERT INTO alarm (account, region, name, state, since, description, reason)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (account, region, name) DO UPDATE SET state = excluded.state,
                 since = excluded.since, description = excluded.description, reason = excluded.reason
                 WHERE excluded.since > alarm.since",
            )?;
            for alarm in alarms {
                let AlarmKey { account, region, name } = &alarm.key;
                let since = alarm.since.as_microsecond();
                let Alarm { description, reason, .. } = alarm;
                put.execute(params![
                    account,
                    region,
                    name,
                    alarm_label(alarm.state),
                    since,
                    description,
                    reason
                ])?;
            }
        }
        AlarmChange::Forget(AlarmKey { account, region, name }) => {
            let sql = "DELETE FROM alarm WHERE account = ?1 AND region = ?2 AND name = ?3";
            transaction.execute(sql, params![account, region, name])?;
        }
        // An id of ours is a UUID; what is longer is nobody's.
        AlarmChange::Probe(id) if id.len() > 64 => {}
        AlarmChange::Probe(id) => {
            transaction.execute("INSERT INTO probe (id) VALUES (?1) ON CONFLICT (id) DO NOTHING", [id])?;
            let sql = "DELETE FROM probe WHERE number <= (SELECT max(number) FROM probe) - ?1";
            transaction.execute(sql, [PROBES])?;
        }
    }
    transaction.commit()?;
    Ok(())
}

/// All that are known: what is in ALARM first, then what is not known, the latest change first.
pub(super) fn all(connection: &Connection) -> Result<Vec<Alarm>, StoreError> {
    let sql = "SELECT account, region, name, state, since, description, reason FROM alarm";
    let mut statement = connection.prepare_cached(sql)?;
    let mut alarms: Vec<Alarm> = statement.query_map([], alarm)?.collect::<Result<_, _>>()?;
    let rank = |state| match state {
        State::Alarm => 0,
        State::Unknown => 1,
        State::Ok => 2,
    };
    alarms.sort_by(|a, b| (rank(a.state), b.since, &a.key.name).cmp(&(rank(b.state), a.since, &b.key.name)));
    Ok(alarms)
}

fn alarm(row: &SqlRow<'_>) -> rusqlite::Result<Alarm> {
    let text = |at| lenient::text(row, at);
    let state = match text(3)?.as_str() {
        "ALARM" => State::Alarm,
        "OK" => State::Ok,
        // A state that a newer version names is not known to be OK.
        _ => State::Unknown,
    };
    Ok(Alarm {
        key: AlarmKey { account: text(0)?, region: text(1)?, name: text(2)? },
        state,
        since: Timestamp::from_microsecond(row.get(4)?).unwrap_or_default(),
        description: lenient::option(row, 5)?,
        reason: lenient::option(row, 6)?,
    })
}

/// True where a probe of this id, among the last that are remembered, came back to a console that did not
/// publish it.
pub(super) fn saw_probe(connection: &Connection, id: &str) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM probe WHERE id = ?1")?;
    Ok(statement.query_row([id], |_| Ok(())).optional()?.is_some())
}

#[cfg(test)]
mod tests {
    use super::super::database::Database;
    use super::*;
    use crate::model::testing::alarm;

    fn known(database: &Database) -> Vec<(String, &'static str)> {
        let alarms = all(database.connection()).unwrap();
        alarms.into_iter().map(|alarm| (alarm.key.name, alarm_label(alarm.state))).collect()
    }

    fn came(database: &mut Database, alarms: &[Alarm]) {
        database.alarms(&AlarmChange::Came(alarms.to_vec())).unwrap();
    }

    #[test]
    fn the_newest_state_of_each_alarm_holds_whatever_the_order() {
        let mut database = Database::in_memory().unwrap();
        let late = |state, minute| alarm("iam-sentinel-slack-late", state, minute);
        came(&mut database, &[late(State::Alarm, 10), alarm("iam-sentinel-errors", State::Ok, 1)]);
        let (first, second) = ("iam-sentinel-slack-late".to_owned(), "iam-sentinel-errors".to_owned());
        assert_eq!(known(&database), [(first.clone(), "ALARM"), (second.clone(), "OK")]);
        came(&mut database, &[late(State::Ok, 12)]);
        came(&mut database, &[late(State::Alarm, 10), late(State::Alarm, 11)]);
        assert_eq!(known(&database), [(first.clone(), "OK"), (second, "OK")], "late news are no news");
        assert_eq!(all(database.connection()).unwrap()[0], late(State::Ok, 12));
        came(&mut database, &[late(State::Unknown, 13)]);
        assert_eq!(known(&database)[0], (first, "UNKNOWN"));
        let elsewhere = Alarm {
            key: AlarmKey { account: "2".into(), ..late(State::Alarm, 1).key },
            ..late(State::Alarm, 1)
        };
        came(&mut database, std::slice::from_ref(&elsewhere));
        assert_eq!(known(&database).len(), 3, "one of that name in another account is another one");
        database.alarms(&AlarmChange::Forget(elsewhere.key)).unwrap();
        assert_eq!(known(&database).len(), 2);
    }

    #[test]
    fn the_last_probes_of_others_are_remembered() {
        let mut database = Database::in_memory().unwrap();
        for number in 0..60 {
            database.alarms(&AlarmChange::Probe(number.to_string())).unwrap();
        }
        let saw = |id| saw_probe(database.connection(), id).unwrap();
        assert!(saw("59") && saw("10") && !saw("9") && !saw("x"));
    }
}
