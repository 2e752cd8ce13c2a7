//! Tables by which incidents are found: who touched which identity, who handed over how much, and which alerts
//! are of one job. It is written with the record, in the same transaction, and an incident is worked out of it when
//! somebody looks (`incidents/walk.rs`).
//!
//! Records of a database that is older are taken in behind the rest, newest first ([`fill`]).

use std::collections::HashSet;

use detector::joins::Part;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, TransactionBehavior, params};

use super::{StoreError, links, read, reader};
use crate::incidents::{
    BULK, DAY, GIVING, Guarded, Issued, Kept, Lane, Node, PARTS, ROUTINE_DAYS, ROUTINE_SPAN, Record, Source,
    StoredTouch, Touches,
};
use crate::model::{Content, TriageState};

/// `record` is twice the number of an alert, or twice that of a link and one. Times are seconds since 1970.
pub(super) const CREATE: &str = "
    CREATE TABLE touch (
        node INTEGER NOT NULL,
        part INTEGER NOT NULL,
        lane INTEGER NOT NULL,
        time INTEGER NOT NULL,
        record INTEGER NOT NULL,
        PRIMARY KEY (node, part, lane, time, record)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE given (
        giver INTEGER NOT NULL,
        time INTEGER NOT NULL,
        record INTEGER NOT NULL,
        identity INTEGER NOT NULL,
        PRIMARY KEY (giver, time, record)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX given_by_record ON given (record);
    ALTER TABLE alert ADD COLUMN job INTEGER;
    -- Alerts up to this number are not taken in yet.
    CREATE TABLE unfilled (alert INTEGER NOT NULL) STRICT;
    INSERT INTO unfilled SELECT coalesce(max(number), 0) FROM alert;
";

/// Most touches of an identity that are read as a whole.
const WHOLE: usize = 1_000;
/// Alerts and links of an older database that are taken in with one transaction.
const STEP: i64 = 100;

const ALL: &str = "SELECT part, lane, time, record FROM touch WHERE node = ?1 LIMIT ?2";
const ANY: &str = "SELECT EXISTS (SELECT 1 FROM touch WHERE node = ?1 AND part = ?2 AND lane = ?3)";
const BEFORE: &str = "SELECT part, lane, time, record FROM touch \
    WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time < ?4 ORDER BY time DESC, record DESC LIMIT ?5";
const FROM: &str = "SELECT part, lane, time, record FROM touch \
    WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time >= ?4 ORDER BY time, record LIMIT ?5";
/// Links that issued an identity and led to no alert so far.
const COLD: &str = "SELECT record FROM touch \
    WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time >= ?4 AND time <= ?5";
const USED: &str = "SELECT EXISTS (SELECT 1 FROM touch \
    WHERE node = ?1 AND part = ?2 AND lane < ?3 AND time >= ?4 AND time <= ?5 AND record <> ?6)";
const JOB: &str = "SELECT job, time FROM alert WHERE number = ?1 AND job IS NOT NULL";
const EARLIER_DAY: &str = "SELECT max(time) FROM touch \
    WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time < ?4 AND time >= ?5";
const GIVEN: &str = "SELECT giver, time FROM given WHERE record = ?1";
const GIVEN_AROUND: &str = "SELECT identity FROM given WHERE giver = ?1 AND time >= ?2 AND time <= ?3";

/// A record of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbered {
    Alert(i64),
    Link(i64),
}

impl Numbered {
    /// Its number among all records.
    pub(super) const fn record(self) -> u64 {
        self.number().cast_unsigned()
    }

    const fn number(self) -> i64 {
        match self {
            Self::Alert(number) => number.saturating_mul(2),
            Self::Link(number) => number.saturating_mul(2).saturating_add(1),
        }
    }

    fn of(record: u64) -> Self {
        let number = (record / 2).cast_signed();
        if record.is_multiple_of(2) { Self::Alert(number) } else { Self::Link(number) }
    }
}

/// Returns the stored number of a part.
fn number_of(part: Part) -> i64 {
    (0..).zip(PARTS).find(|(_, one)| *one == part).map_or(-1, |(number, _)| number)
}

/// Returns the entry of a table that has a stored number.
fn entry<T: Copy>(table: &[T], number: i64) -> Option<T> {
    table.get(usize::try_from(number).ok()?).copied()
}

/// Takes a record in, unless it joins nothing. Where a credential leads from a link to an alert by now, the links up to
/// its start are warm from here on. An alert's job is written with its row.
pub(super) fn add(connection: &Connection, of: Numbered, kept: Option<Kept>) -> Result<(), StoreError> {
    let Some(kept) = kept else {
        // It joins nothing, and is done with.
        if let Numbered::Link(number) = of {
            links::mark(connection, number, false)?;
        }
        return Ok(());
    };
    let number = of.number();
    let warm = matches!(of, Numbered::Link(_)) && is_used(connection, &kept, number)?;
    let lane = if warm { Lane::Warm } else { kept.lane };
    {
        let mut touch =
            connection.prepare_cached("INSERT OR IGNORE INTO touch VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (node, part) in &kept.touches {
            touch.execute(params![node, number_of(*part), lane as i64, kept.time, number])?;
        }
    }
    if let Some((giver, identity)) = kept.given {
        let mut given = connection.prepare_cached("INSERT OR IGNORE INTO given VALUES (?1, ?2, ?3, ?4)")?;
        given.execute(params![giver, kept.time, number, identity])?;
    }
    if let Numbered::Link(number) = of {
        links::mark(connection, number, warm)?;
    }
    if lane == Lane::Cold { Ok(()) } else { warm_up(connection, kept) }
}

/// True where an alert or a warm link uses what a record issued.
fn is_used(connection: &Connection, kept: &Kept, number: i64) -> Result<bool, StoreError> {
    let mut used = connection.prepare_cached(USED)?;
    for Issued { node, within } in &kept.issued {
        let (from, to) = within.map_or((i64::MIN, i64::MAX), |within| (kept.time, kept.time + within));
        let values = params![node, number_of(Part::Use), Lane::Cold as i64, from, to, number];
        if used.query_row(values, |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Warms the links that issued what a record uses, and those that lead to them.
fn warm_up(connection: &Connection, kept: Kept) -> Result<(), StoreError> {
    let mut waiting = vec![kept];
    while let Some(kept) = waiting.pop() {
        for Issued { node, within } in kept.used {
            let (from, to) = within.map_or((i64::MIN, i64::MAX), |within| (kept.time - within, kept.time));
            let values = params![node, number_of(Part::Give), Lane::Cold as i64, from, to];
            let mut cold = connection.prepare_cached(COLD)?;
            let found = cold.query_map(values, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            for number in found {
                let Numbered::Link(link) = Numbered::of(number.cast_unsigned()) else { continue };
                let record = links::of_number(connection, link)?.map(Record::of_link);
                let Some(issuer) = record.and_then(|record| Kept::of(&record)) else { continue };
                let mut touch = connection.prepare_cached(
                    "UPDATE OR REPLACE touch SET lane = ?6
                     WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time = ?4 AND record = ?5",
                )?;
                for (node, part) in &issuer.touches {
                    let (old, new) = (Lane::Cold as i64, Lane::Warm as i64);
                    touch.execute(params![node, number_of(*part), old, issuer.time, number, new])?;
                }
                links::mark(connection, link, true)?;
                waiting.push(issuer);
            }
        }
    }
    Ok(())
}

/// Takes a record out, before it is deleted.
pub(super) fn remove(connection: &Connection, of: Numbered) -> Result<(), StoreError> {
    let number = of.number();
    let record = Shelf::of(connection).record(number.cast_unsigned())?;
    let Some(kept) = record.as_ref().and_then(Kept::of) else { return Ok(()) };
    let mut touch = connection.prepare_cached(
        "DELETE FROM touch WHERE node = ?1 AND part = ?2 AND lane = ?3 AND time = ?4 AND record = ?5",
    )?;
    for (node, part) in &kept.touches {
        let lanes: &[Lane] = match of {
            Numbered::Alert(_) => &[kept.lane],
            Numbered::Link(_) => &[Lane::Warm, Lane::Cold],
        };
        for lane in lanes {
            touch.execute(params![node, number_of(*part), *lane as i64, kept.time, number])?;
        }
    }
    if let Some((giver, _)) = kept.given {
        let sql = "DELETE FROM given WHERE giver = ?1 AND time = ?2 AND record = ?3";
        connection.prepare_cached(sql)?.execute(params![giver, kept.time, number])?;
    }
    Ok(())
}

/// Takes in some records of an older database, the newest first. True where there may be more.
pub(super) fn fill(connection: &mut Connection) -> Result<bool, StoreError> {
    if !is_filling(connection)? {
        return Ok(false);
    }
    let unfilled = unfilled(connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (number, link) in links::unmarked(&transaction, STEP)? {
        match link {
            Some(link) => add(&transaction, Numbered::Link(number), Kept::of(&Record::of_link(link)))?,
            // A damaged one joins nothing, and is deleted by its age.
            None => links::mark(&transaction, number, false)?,
        }
    }
    let alerts = reader::up_to(&transaction, unfilled, STEP)?;
    for stored in &alerts {
        if let Content::Alert(alert) = &stored.content {
            let kept = Kept::of(&Record::of_alert(alert, false));
            let mut job = transaction.prepare_cached("UPDATE alert SET job = ?2 WHERE number = ?1")?;
            job.execute(params![stored.number, kept.as_ref().and_then(|kept| kept.job)])?;
            add(&transaction, Numbered::Alert(stored.number), kept)?;
        }
    }
    let rest = alerts.last().map_or(0, |last| last.number.saturating_sub(1));
    transaction.execute("UPDATE unfilled SET alert = ?1", [rest])?;
    transaction.commit()?;
    Ok(true)
}

/// True while records of an older database are not all taken in.
pub(super) fn is_filling(connection: &Connection) -> Result<bool, StoreError> {
    Ok(unfilled(connection)? > 0 || links::is_unmarked(connection)?)
}

/// Returns the number up to which alerts are not taken in yet; 0 where all are.
pub(super) fn unfilled(connection: &Connection) -> Result<i64, StoreError> {
    let mut unfilled = connection.prepare_cached("SELECT alert FROM unfilled")?;
    Ok(unfilled.query_row([], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// The database, as incidents are found in it.
pub(super) struct Shelf<'c> {
    connection: &'c Connection,
    whole: usize,
}

impl<'c> Shelf<'c> {
    pub(super) const fn of(connection: &'c Connection) -> Self {
        Self { connection, whole: WHOLE }
    }

    /// True for an alert of a job with alerts on enough earlier days.
    fn is_routine(&self, alert: i64) -> Result<bool, StoreError> {
        let job =
            self.connection.prepare_cached(JOB)?.query_row([alert], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some((job, time)) = job.optional()? else { return Ok(false) };
        let (job, micros): (Node, i64) = (job, time);
        let time = micros.div_euclid(1_000_000);
        let mut earlier = self.connection.prepare_cached(EARLIER_DAY)?;
        let mut day = time.div_euclid(DAY);
        for _ in 0..ROUTINE_DAYS {
            let mut last: Option<i64> = None;
            for part in [Part::Use, Part::Give].map(number_of) {
                for lane in [Lane::Severe, Lane::Alert] {
                    let values = params![job, part, lane as i64, day * DAY, time - ROUTINE_SPAN];
                    last = last.max(earlier.query_row(values, |row| row.get(0))?);
                }
            }
            let Some(last) = last else { return Ok(false) };
            day = last.div_euclid(DAY);
        }
        Ok(true)
    }
}

fn touch(row: &SqlRow<'_>) -> rusqlite::Result<Option<StoredTouch>> {
    let (part, lane) = (entry(&PARTS, row.get(0)?), entry(&Lane::ALL, row.get(1)?));
    let (time, record): (i64, i64) = (row.get(2)?, row.get(3)?);
    let (Some(part), Some(lane)) = (part, lane) else { return Ok(None) };
    Ok(Some(StoredTouch { record: record.cast_unsigned(), time, part, lane }))
}

impl Source for Shelf<'_> {
    type Error = StoreError;

    fn touches(&self, node: Node) -> Result<Touches, StoreError> {
        if let Some(all) = self.all(node, self.whole)? {
            return Ok(Touches::All(all));
        }
        let mut any = self.connection.prepare_cached(ANY)?;
        let mut found = Vec::new();
        for of @ (part, lane) in PARTS.into_iter().flat_map(|part| Lane::ALL.map(|lane| (part, lane))) {
            if any.query_row([node, number_of(part), lane as i64], |row| row.get(0))? {
                found.push(of);
            }
        }
        Ok(Touches::Many(found))
    }

    fn all(&self, node: Node, most: usize) -> Result<Option<Vec<StoredTouch>>, StoreError> {
        let mut all = self.connection.prepare_cached(ALL)?;
        let all = all.query_map(params![node, read::limit(most + 1)], touch)?;
        let all = all.collect::<Result<Vec<_>, _>>()?;
        Ok((all.len() <= most).then(|| all.into_iter().flatten().collect()))
    }

    fn near(
        &self,
        node: Node,
        second: i64,
        of: &[(Part, Lane)],
        most: usize,
    ) -> Result<Vec<StoredTouch>, StoreError> {
        let mut found = Vec::new();
        for (part, lane) in of {
            for sql in [BEFORE, FROM] {
                let mut near = self.connection.prepare_cached(sql)?;
                let values = params![node, number_of(*part), *lane as i64, second, read::limit(most)];
                for one in near.query_map(values, touch)? {
                    found.extend(one?);
                }
            }
        }
        Ok(found)
    }

    fn place(&self, record: u64) -> Result<Option<(Timestamp, String)>, StoreError> {
        let (sql, number) = match Numbered::of(record) {
            Numbered::Alert(number) => ("SELECT time, id FROM alert WHERE number = ?1", number),
            Numbered::Link(number) => ("SELECT time, id FROM link WHERE number = ?1", number),
        };
        let place = self.connection.prepare_cached(sql)?.query_row([number], |row| {
            let time: i64 = row.get(0)?;
            Ok((Timestamp::from_microsecond(time).unwrap_or_default(), row.get(1)?))
        });
        Ok(place.optional()?)
    }

    fn guarded(&self, record: u64) -> Result<Guarded, StoreError> {
        let Numbered::Alert(alert) = Numbered::of(record) else { return Ok(Guarded::default()) };
        let mut guarded = Guarded { routine: self.is_routine(alert)?, ..Guarded::default() };
        let mut handed_over = self.connection.prepare_cached(GIVEN)?;
        let handed_over = handed_over.query_row([record.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some((giver, time)) = handed_over.optional()? else { return Ok(guarded) };
        let (giver, time): (i64, i64) = (giver, time);
        let mut around = self.connection.prepare_cached(GIVEN_AROUND)?;
        let mut identities = HashSet::new();
        for identity in around.query_map([giver, time - GIVING, time + GIVING], |row| row.get::<_, i64>(0))? {
            identities.insert(identity?);
            if identities.len() > BULK {
                break;
            }
        }
        (guarded.bulk, guarded.alone) = (identities.len() > BULK, identities.len() == 1);
        Ok(guarded)
    }

    fn record(&self, record: u64) -> Result<Option<Record>, StoreError> {
        match Numbered::of(record) {
            Numbered::Link(number) => Ok(links::of_number(self.connection, number)?.map(Record::of_link)),
            Numbered::Alert(number) => {
                let Some(stored) = reader::of_number(self.connection, number)? else { return Ok(None) };
                let Content::Alert(alert) = stored.content else { return Ok(None) };
                Ok(Some(Record::of_alert(&alert, stored.state == TriageState::Acknowledged)))
            }
        }
    }
}

#[cfg(test)]
mod tests;
