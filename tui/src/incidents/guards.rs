//! Guards: who gives to many at once, and which alerts are a job's daily work. Each is a function of the set of
//! alerts, and keeps one identity of many from joining what has nothing to do with each other.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use detector::joins::Part;

use super::record::Record;

pub(crate) const DAY: i64 = 86_400;

/// Half the window in which a giver's identities are counted.
pub(crate) const GIVING: i64 = DAY / 2;
/// Most identities that one gives to within that window and is not yet a bulk giver.
pub(crate) const BULK: usize = 8;
/// Time in which earlier days of a job count.
pub(crate) const ROUTINE_SPAN: i64 = 14 * DAY;
/// Earlier days with the same alert that make it a routine.
pub(crate) const ROUTINE_DAYS: usize = 3;

/// Guards of one record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Guarded {
    /// True where the giver gives to more identities than a person would.
    pub(crate) bulk: bool,
    /// True where the giver gives to no other identity.
    pub(crate) alone: bool,
    /// True where the alert is a job's daily work.
    pub(crate) routine: bool,
}

/// True for a join that hands an identity to somebody.
fn is_counted(part: Part, kind: &str) -> bool {
    match part {
        Part::Made | Part::Key | Part::Granted => true,
        Part::Give => matches!(kind, "login" | "opened" | "prov"),
        Part::Use | Part::Unknown => false,
    }
}

/// The identity that a record hands over.
fn given(record: &Record) -> Option<String> {
    let join = record.joins.iter().find(|join| is_counted(join.0, &join.1))?;
    let account = record.account.as_deref().unwrap_or_default();
    Some(match &record.target {
        Some((kind, name)) => format!("{account}|{kind}|{name}"),
        None => join.2.clone(),
    })
}

/// The giver of an alert's call, and the identity that it handed over.
pub(super) fn handed_over(record: &Record) -> Option<(String, String)> {
    record.alert.as_ref()?;
    Some((record.giver()?, given(record)?))
}

/// The job that an alert may be of: giver, event, account and target.
pub(super) fn job(record: &Record) -> Option<String> {
    record.alert.as_ref()?;
    let giver = record.giver()?;
    let (kind, name) = record.target.clone().unwrap_or_default();
    Some(format!("{giver}|{}|{}|{kind}|{name}", record.event, record.account.as_deref().unwrap_or_default()))
}

/// Returns the guards of each record. Records are in order of time.
pub(super) fn of(records: &[Record]) -> Vec<Guarded> {
    let mut guarded = vec![Guarded::default(); records.len()];
    let mut givers: HashMap<String, Vec<(i64, String, usize)>> = HashMap::new();
    let mut jobs: HashMap<String, Vec<(i64, usize)>> = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        let (Some(time), Some(_)) = (record.seconds(), &record.alert) else { continue };
        if let Some((giver, given)) = handed_over(record) {
            givers.entry(giver).or_default().push((time, given, at));
        }
        if let Some(job) = job(record) {
            jobs.entry(job).or_default().push((time, at));
        }
    }
    for gives in givers.values() {
        count_given(gives, &mut guarded);
    }
    for times in jobs.values() {
        find_routine(times, &mut guarded);
    }
    guarded
}

/// Counts the identities within half a day of each give.
fn count_given(gives: &[(i64, String, usize)], guarded: &mut [Guarded]) {
    let (mut from, mut to) = (0, 0);
    let mut within: BTreeMap<&str, usize> = BTreeMap::new();
    for (time, _, at) in gives {
        while let Some((_, identity, _)) = gives.get(to).filter(|(later, ..)| later - time <= GIVING) {
            *within.entry(identity).or_default() += 1;
            to += 1;
        }
        while let Some((_, identity, _)) = gives.get(from).filter(|(earlier, ..)| time - earlier > GIVING) {
            if let Some(count) = within.get_mut(identity.as_str()) {
                *count -= 1;
                if *count == 0 {
                    within.remove(identity.as_str());
                }
            }
            from += 1;
        }
        if let Some(guarded) = guarded.get_mut(*at) {
            guarded.bulk = within.len() > BULK;
            guarded.alone = within.len() == 1;
        }
    }
}

/// Marks the alerts of a job that had alerts on enough earlier days.
fn find_routine(times: &[(i64, usize)], guarded: &mut [Guarded]) {
    let mut from = 0;
    let mut days: BTreeMap<i64, usize> = BTreeMap::new();
    for (time, at) in times {
        let today = time.div_euclid(DAY);
        while let Some((earlier, _)) = times.get(from).filter(|(earlier, _)| time - earlier > ROUTINE_SPAN) {
            if let Entry::Occupied(mut day) = days.entry(earlier.div_euclid(DAY)) {
                *day.get_mut() -= 1;
                if *day.get() == 0 {
                    day.remove();
                }
            }
            from += 1;
        }
        let earlier_days = days.range(..today).take(ROUTINE_DAYS).count();
        if let Some(guarded) = guarded.get_mut(*at) {
            guarded.routine = earlier_days >= ROUTINE_DAYS;
        }
        *days.entry(today).or_default() += 1;
    }
}
