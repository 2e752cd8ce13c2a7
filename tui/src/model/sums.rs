//! Sums of records by whoever made them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use detector::{Brief, Severity};
use jiff::Timestamp;
use serde::Serialize;

/// Most services, regions, addresses or keys of one actor that are listed; all are counted up to here.
pub(crate) const MOST_LISTED: usize = 1_000;

/// One actor's records. Its JSON is a line of `replay --summary --json`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Sum {
    /// ARN of the user or role.
    pub(crate) actor: String,
    pub(crate) name: String,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    pub(crate) calls: u64,
    /// Calls that were refused for want of permissions.
    pub(crate) denied: u64,
    pub(crate) reads: u64,
    pub(crate) services: BTreeSet<String>,
    pub(crate) regions: BTreeSet<String>,
    pub(crate) addresses: BTreeSet<String>,
    pub(crate) keys: BTreeSet<String>,
    /// Number of alerts by severity.
    pub(crate) alerts: BTreeMap<Severity, u64>,
}

/// Records by actor.
#[derive(Debug, Default)]
pub(crate) struct Sums(HashMap<String, Sum>);

fn insert(into: &mut BTreeSet<String>, value: Option<&str>) {
    let Some(value) = value.filter(|value| !value.is_empty() && !into.contains(*value)) else { return };
    // The first in the alphabet, so that the order of the records does not matter.
    if into.len() >= MOST_LISTED && into.last().is_some_and(|last| last.as_str() < value) {
        return;
    }
    into.insert(value.to_owned());
    if into.len() > MOST_LISTED {
        into.pop_last();
    }
}

impl Sum {
    fn is_at(&mut self, time: Option<Timestamp>) {
        if let Some(time) = time {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
    }

    /// Takes a name of the actor: people of one role of Identity Center have several, and the first in the alphabet is
    /// told.
    fn is_called(&mut self, name: &str) {
        if name < self.name.as_str() {
            name.clone_into(&mut self.name);
        }
    }

    fn merge(&mut self, other: Self) {
        self.is_called(&other.name);
        self.is_at(other.first);
        self.is_at(other.last);
        self.calls += other.calls;
        self.denied += other.denied;
        self.reads += other.reads;
        let lists = [
            (&mut self.services, &other.services),
            (&mut self.regions, &other.regions),
            (&mut self.addresses, &other.addresses),
            (&mut self.keys, &other.keys),
        ];
        for (into, from) in lists {
            for value in from {
                insert(into, Some(value));
            }
        }
        for (severity, many) in other.alerts {
            *self.alerts.entry(severity).or_default() += many;
        }
    }
}

impl Sums {
    /// Counts a call.
    pub(crate) fn add(&mut self, call: &Brief<'_>) {
        let id = &call.actor.id;
        if !self.0.contains_key(id) {
            let new = Sum { actor: id.clone(), name: call.actor.name.clone(), ..Sum::default() };
            self.0.insert(id.clone(), new);
        }
        let Some(actor) = self.0.get_mut(id) else { return };
        actor.is_called(&call.actor.name);
        actor.calls += 1;
        actor.denied += u64::from(call.denied);
        actor.reads += u64::from(call.read_only);
        actor.is_at(call.time);
        insert(&mut actor.services, Some(call.service));
        insert(&mut actor.regions, call.region);
        insert(&mut actor.addresses, call.source_ip);
        insert(&mut actor.keys, call.access_key);
        if let Some(severity) = call.severity {
            *actor.alerts.entry(severity).or_default() += 1;
        }
    }

    /// Adds the sums of other records.
    pub(crate) fn merge(&mut self, other: Self) {
        for (actor, sum) in other.0 {
            match self.0.get_mut(&actor) {
                Some(known) => known.merge(sum),
                None => drop(self.0.insert(actor, sum)),
            }
        }
    }

    /// Returns the number of calls.
    pub(crate) fn calls(&self) -> u64 {
        self.0.values().map(|sum| sum.calls).sum()
    }

    /// Returns the actors, those with the worst alerts first, then those with the most denied calls.
    pub(crate) fn actors(&self) -> Vec<&Sum> {
        let mut actors: Vec<&Sum> = self.0.values().collect();
        actors.sort_by(|one, other| {
            let key = |of: &Sum| {
                let worst: Vec<(Severity, u64)> =
                    of.alerts.iter().rev().map(|(at, many)| (*at, *many)).collect();
                (worst, of.denied, of.calls)
            };
            key(other).cmp(&key(one)).then_with(|| one.actor.cmp(&other.actor))
        });
        actors
    }
}
