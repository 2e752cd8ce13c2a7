//! Groups: the connected parts of the graph of records, worked out for a whole set at once.

use std::collections::{HashMap, HashSet};

use detector::joins::Part;

use super::guards::{self, Guarded};
use super::record::Record;
use super::table::{self, Issuers, Touch};

/// Joins of records by one identity, or by one routine job.
type Nodes<'a> = HashMap<(&'a str, &'a str), Vec<Touch>>;

/// Records that are one incident.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Group {
    /// Numbers of the records, in order.
    pub(super) records: Vec<usize>,
    /// The edges between them, the giver first, each with the identity by which it is.
    pub(super) edges: Vec<Edge>,
}

/// An edge and the identity by which it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: String,
    pub(super) value: String,
}

/// Returns the incidents of a set of records, which are in order of time and id. Records that are no alerts and lead to
/// none are in no incident.
pub(super) fn groups(records: &[Record]) -> Vec<Group> {
    let guarded = guards::of(records);
    let jobs: Vec<Option<String>> = records
        .iter()
        .zip(&guarded)
        .map(|(record, guarded)| if guarded.routine { routine(record) } else { None })
        .collect();
    let mut nodes = nodes(records, &guarded, &jobs);
    let live = live(records, &nodes);
    for touch in nodes.values_mut().flatten() {
        touch.live = at(touch.record).and_then(|at| live.get(at)).is_some_and(|live| *live);
    }
    let mut parts = Parts::new(records.len());
    let mut edges = Vec::new();
    for ((kind, value), touches) in &nodes {
        for (from, to) in table::edges(kind, value, touches) {
            if let (Some(from), Some(to)) = (at(from), at(to)) {
                parts.join(from, to);
                edges.push(Edge { from, to, kind: (*kind).to_owned(), value: (*value).to_owned() });
            }
        }
    }
    let mut groups: HashMap<usize, Group> = HashMap::new();
    for number in live.iter().enumerate().filter_map(|(number, live)| live.then_some(number)) {
        groups.entry(parts.root(number)).or_default().records.push(number);
    }
    for edge in edges {
        if let Some(group) = groups.get_mut(&parts.root(edge.from)) {
            group.edges.push(edge);
        }
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    for group in &mut groups {
        group.edges.sort();
    }
    groups.sort_by_key(|group| group.records.first().copied());
    groups
}

fn at(record: u64) -> Option<usize> {
    usize::try_from(record).ok()
}

/// The job of a routine alert that is told by a long-lived key or an instance. A session's name would make a job of
/// what somebody else does under it.
pub(super) fn routine(record: &Record) -> Option<String> {
    let is_steady = record.joins.iter().any(|join| {
        join.0 == Part::Use && (join.1 == "inst" || (join.1 == "cred" && join.2.starts_with("AKIA")))
    });
    guards::job(record).filter(|_| is_steady)
}

/// Collects the touches of each identity, in the order of the records.
fn nodes<'a>(records: &'a [Record], guarded: &[Guarded], jobs: &'a [Option<String>]) -> Nodes<'a> {
    let mut calls: HashMap<&str, u64> = HashMap::new();
    let mut nodes = Nodes::new();
    for (number, ((record, guarded), job)) in (0_u64..).zip(records.iter().zip(guarded).zip(jobs)) {
        let Some(time) = record.seconds() else { continue };
        let shared = record.joins.iter().find(|join| join.1 == "shared");
        let call = shared.map_or(number, |join| *calls.entry(join.2.as_str()).or_insert(number));
        let touch = |part| Touch {
            record: number,
            time,
            part,
            live: record.alert.is_some(),
            severe: record.alert.as_ref().is_some_and(|alert| alert.severity >= detector::Severity::High),
            routine: guarded.routine,
            call,
            bulk: guarded.bulk,
            alone: guarded.alone,
        };
        for join in record.joins.iter().filter(|join| join.0 != Part::Unknown) {
            nodes.entry((join.1.as_str(), join.2.as_str())).or_default().push(touch(join.0));
        }
        if let Some(job) = job {
            nodes.entry(("routine", job.as_str())).or_default().push(touch(Part::Use));
        }
    }
    nodes
}

/// Returns which records count: alerts, and links from which issued credentials lead to one.
fn live(records: &[Record], nodes: &Nodes<'_>) -> Vec<bool> {
    let mut live: Vec<bool> = records.iter().map(|record| record.alert.is_some()).collect();
    let mut waiting: Vec<usize> =
        live.iter().enumerate().filter_map(|(number, live)| live.then_some(number)).collect();
    let mut done: HashSet<(&str, &str)> = HashSet::new();
    while let Some(number) = waiting.pop() {
        let Some(record) = records.get(number) else { continue };
        for join in record.joins.iter().filter(|join| join.0 == Part::Use) {
            let (kind, value) = (join.1.as_str(), join.2.as_str());
            // One live use of a credential makes all its givers live; only by a session's ARN each has its own.
            let is_new = match kind {
                "cred" | "sess" | "signin" | "token" => done.insert((kind, value)),
                _ => kind == "arn",
            };
            let Some(touches) = nodes.get(&(kind, value)).filter(|_| is_new) else { continue };
            // Touches are in the order of the records.
            let first = touches.partition_point(|touch| at(touch.record).is_some_and(|at| at < number));
            let mut own = touches.iter().skip(first);
            let Some(used) = own.find(|touch| touch.part == Part::Use) else { continue };
            let gives: Vec<&Touch> = match table::issuers(kind, value, touches, used) {
                Issuers::All => touches.iter().filter(|touch| touch.part == Part::Give).collect(),
                Issuers::At(place) => same_call(touches, place),
                Issuers::Nobody => Vec::new(),
            };
            for give in gives {
                let Some(place) = at(give.record).and_then(|at| live.get_mut(at)) else { continue };
                if !*place {
                    *place = true;
                    waiting.extend(at(give.record));
                }
            }
        }
    }
    live
}

/// Returns the records of the call at a place: two accounts record one call in the same second.
pub(super) fn same_call(touches: &[Touch], place: usize) -> Vec<&Touch> {
    let Some(give) = touches.get(place) else { return Vec::new() };
    let is_it = |touch: &&Touch| touch.part == Part::Give && touch.call == give.call;
    let before = touches.get(..place).unwrap_or_default().iter().rev();
    let after = touches.get(place..).unwrap_or_default().iter();
    let now = |touch: &&Touch| touch.time == give.time;
    before.take_while(now).filter(is_it).chain(after.take_while(now).filter(is_it)).collect()
}

/// Disjoint sets of records.
struct Parts(Vec<usize>);

impl Parts {
    fn new(count: usize) -> Self {
        Self((0..count).collect())
    }

    fn root(&mut self, of: usize) -> usize {
        let mut at = of;
        while let Some(above) = self.0.get(at).copied().filter(|above| *above != at) {
            let next = self.0.get(above).copied().unwrap_or(above);
            if let Some(place) = self.0.get_mut(at) {
                *place = next;
            }
            at = next;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        // The earlier record stands for the whole.
        let (first, second) = (one.min(other), one.max(other));
        if let Some(place) = self.0.get_mut(second) {
            *place = first;
        }
    }
}
