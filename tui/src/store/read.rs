//! The questions that are asked of the database while somebody waits. Each walks an index from where
//! its answer begins, and stops at its limit; a test holds SQLite's plans to that.

use std::sync::Arc;

use detector::facts::Verdict;
use detector::{AlertId, Severity};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};

use super::{StoreError, body, lenient};
use crate::model::{Content, Row, SharedText, TriageState};

/// A statement that gives rows, with what comes behind `FROM`.
macro_rules! rows {
    ($behind_from:literal) => {
        concat!(
            "SELECT alert.id, alert.time, severity, event, actor, target, source_ip, account, region, source, ",
            "state, remarks, outcome, (SELECT words FROM titles WHERE titles.number = alert.titles), session_key, ",
            "access_key, what, alert.number FROM ",
            $behind_from
        )
    };
}
pub(super) use rows;

/// Column of `rows!` that holds the alert's number.
const NUMBER_COLUMN: usize = 17;

pub(super) const BY_ID: &str = rows!("alert WHERE id = ?1");
/// Those of one moment in the order of their numbers, which every index holds anyway.
const NEWEST: &str = rows!("alert ORDER BY time DESC, number DESC LIMIT ?1");
pub(super) const OLDER: &str = rows!(
    "alert WHERE (time, number) < (?1, (SELECT number FROM alert WHERE id = ?2)) \
     ORDER BY time DESC, number DESC LIMIT ?3"
);
const ABOVE: &str = rows!("alert WHERE number > ?1 ORDER BY number LIMIT ?2");
const TRIAGED: &str = rows!(
    "triage JOIN alert ON alert.number = triage.alert WHERE triage.number > ?1 ORDER BY triage.number LIMIT ?2"
);
pub(super) const BY_NUMBER: &str = rows!("alert WHERE number = ?1");
pub(super) const NUMBER: &str = "SELECT number FROM alert WHERE id = ?1";
const BODY: &str = "SELECT body.packed FROM alert JOIN body USING (number) WHERE alert.id = ?1";
const LAST: &str = "SELECT (SELECT max(number) FROM alert), (SELECT max(number) FROM triage)";

/// Reads the number of an alert and its row from a statement of `rows!`.
pub(super) fn numbered_row(found: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, Row)> {
    Ok((found.get(NUMBER_COLUMN)?, row(found)?))
}

pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

fn collect(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<Row>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(values, row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The newest rows, newest first.
pub(super) fn newest(connection: &Connection, most: usize) -> Result<Vec<Row>, StoreError> {
    collect(connection, NEWEST, [limit(most)])
}

/// The rows behind this place in the list, newest first.
pub(super) fn older(
    connection: &Connection,
    (time, id): (Timestamp, &AlertId),
    most: usize,
) -> Result<Vec<Row>, StoreError> {
    collect(connection, OLDER, params![time.as_microsecond(), id.0, limit(most)])
}

/// The alerts of numbers above this one, each with its number, at most so many.
pub(super) fn above(
    connection: &Connection,
    number: i64,
    most: usize,
) -> Result<Vec<(i64, Row)>, StoreError> {
    let mut statement = connection.prepare_cached(ABOVE)?;
    let rows = statement.query_map([number, limit(most)], numbered_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Returns the numbers of the last alert and of the journal's last entry; 0 where there is none.
pub(super) fn last(connection: &Connection) -> Result<(i64, i64), StoreError> {
    let number = |row: &SqlRow<'_>, at| row.get::<_, Option<i64>>(at).map(Option::unwrap_or_default);
    Ok(connection.query_row(LAST, [], |row| Ok((number(row, 0)?, number(row, 1)?)))?)
}

/// Returns the alerts above the first number, and those that the journal's entries above the second are
/// about, at most `most` of each.
pub(super) fn since(
    connection: &Connection,
    (alert, triage): (i64, i64),
    most: usize,
) -> Result<Vec<Row>, StoreError> {
    let mut rows = collect(connection, ABOVE, [alert, limit(most)])?;
    rows.extend(collect(connection, TRIAGED, [triage, limit(most)])?);
    Ok(rows)
}

/// Returns the row of an entry.
pub(super) fn row_of(connection: &Connection, id: &AlertId) -> Result<Option<Row>, StoreError> {
    Ok(connection.prepare_cached(BY_ID)?.query_row([&id.0], row).optional()?)
}

/// Returns the whole of an entry.
pub(super) fn content(connection: &Connection, id: &AlertId) -> Result<Option<Content>, StoreError> {
    let mut statement = connection.prepare_cached(BODY)?;
    let packed = statement.query_row([&id.0], |row| lenient::bytes(row, 0)).optional()?;
    packed.map(|packed| Ok(body::decode(&body::unpack(&packed)?))).transpose()
}

/// A row of any of the statements above.
pub(super) fn row(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    // Nearly all are well, and are shared without a copy of their own.
    let text = |at: usize| {
        let text = row.get_ref(at)?.as_str_or_null();
        Ok::<_, rusqlite::Error>(match text {
            Ok(text) => SharedText::new(text.unwrap_or_default()),
            Err(_) => SharedText::new(&lenient::text(row, at)?),
        })
    };
    let remarks = lenient::option(row, 11)?;
    Ok(Row {
        id: AlertId(lenient::text(row, 0)?),
        time: Timestamp::from_microsecond(row.get(1)?).unwrap_or_default(),
        severity: lenient::number(row, 2)?.and_then(severity),
        event: text(3)?,
        actor: text(4)?,
        target: text(5)?,
        source_ip: text(6)?,
        account: text(7)?,
        region: text(8)?,
        source: text(9)?,
        state: triage_state(row.get(10)?),
        // An entry of a newer version in another form is left out.
        outcome: lenient::number(row, 12)?.and_then(outcome),
        rules: text(13)?,
        session_key: lenient::number(row, 14)?,
        access_key: lenient::number(row, 15)?,
        what: match lenient::option(row, 16)? {
            Some(what) => SharedText::new(&what),
            None => without_what(&text(3)?, &text(5)?),
        },
        remarks: remarks.and_then(|json| serde_json::from_str(&json).ok()).map(Arc::new),
    })
}

/// Returns the stand-in for the call and its objects, for a row that was stored before there was a column.
fn without_what(event: &SharedText, target: &SharedText) -> SharedText {
    let event = event.as_str().trim_start_matches("✗ ");
    match target.as_str() {
        "–" => SharedText::new(event),
        target => SharedText::new(&format!("{event}  {target}")),
    }
}

pub(super) const fn number(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

pub(super) const fn number_of_outcome(verdict: Verdict) -> i64 {
    match verdict {
        Verdict::Success => 1,
        Verdict::Denied => 2,
        Verdict::Failed => 3,
    }
}

const fn outcome(number: i64) -> Option<Verdict> {
    Some(match number {
        1 => Verdict::Success,
        2 => Verdict::Denied,
        3 => Verdict::Failed,
        _ => return None,
    })
}

const fn severity(number: i64) -> Option<Severity> {
    Some(match number {
        1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        4 => Severity::Critical,
        _ => return None,
    })
}

/// Returns a state as the database writes it.
pub(super) const fn state_number(state: TriageState) -> i64 {
    match state {
        TriageState::Open => 0,
        TriageState::Acknowledged => 1,
    }
}

/// Returns the state of a number; a state that only a newer version knows counts as open.
pub(super) const fn triage_state(number: i64) -> TriageState {
    if number == 1 { TriageState::Acknowledged } else { TriageState::Open }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::Database;
    use rusqlite::params_from_iter;
    use rusqlite::types::Value as Sql;
    use std::fmt::Write as _;

    #[test]
    fn no_question_scans_or_sorts() {
        let database = Database::in_memory().unwrap();
        let mut all = vec![("by id", BY_ID), ("newest", NEWEST), ("older", OLDER), ("above", ABOVE)];
        all.extend([
            ("triaged", TRIAGED),
            ("hits", crate::store::index::HITS),
            ("filled", crate::store::index::FILLED),
            ("behind", crate::store::index::BEHIND),
            ("by number", BY_NUMBER),
            ("number", NUMBER),
            ("body", BODY),
            ("last", LAST),
        ]);
        all.extend(crate::store::related::QUESTIONS);
        all.push(("oldest", crate::store::retention::OLDEST));
        let mut plans = String::new();
        for (name, sql) in all {
            let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = vec![Sql::Text("1".to_owned()); plan.parameter_count()];
            let steps = plan.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            for step in steps.map(Result::unwrap) {
                assert!(!step.contains("TEMP B-TREE"), "{name}: {step}");
                writeln!(plans, "{name}: {step}").unwrap();
            }
        }
        insta::assert_snapshot!(plans);
    }
}
