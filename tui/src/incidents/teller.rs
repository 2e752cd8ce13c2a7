//! Questions that an incident's story asks of its records: who gave which identity, and who used it.

use std::collections::{HashMap, HashSet};

use detector::joins::{Join, Part};

use super::group::{Edge, Group};
use super::record::Record;

/// The records of one group and what joins them.
pub(super) struct Teller<'a> {
    pub(super) records: Vec<&'a Record>,
    all: &'a [Record],
    /// Edges by the id of the record that they begin at.
    edges: HashMap<&'a str, Vec<&'a Edge>>,
    /// Identities that a record of the group gave and another used.
    pub(super) given: HashSet<(&'a str, &'a str)>,
    /// Identities that records of the group used.
    pub(super) used: HashSet<(&'a str, &'a str)>,
}

impl<'a> Teller<'a> {
    pub(super) fn new(all: &'a [Record], group: &'a Group) -> Self {
        let records: Vec<&Record> = group.records.iter().filter_map(|at| all.get(*at)).collect();
        let mut edges: HashMap<&str, Vec<&Edge>> = HashMap::new();
        let mut given = HashSet::new();
        for edge in &group.edges {
            if let Some(from) = all.get(edge.from) {
                edges.entry(from.id.as_str()).or_default().push(edge);
            }
            let is_gift = |join: &Join| join.0 == Part::Give && join.1 == edge.kind && join.2 == edge.value;
            let is_giver = |at: usize| all.get(at).is_some_and(|record| record.joins.iter().any(is_gift));
            if is_giver(edge.from) || is_giver(edge.to) {
                given.insert((edge.kind.as_str(), edge.value.as_str()));
            }
        }
        let joins = records.iter().flat_map(|record| &record.joins);
        let used =
            joins.filter(|join| join.0 == Part::Use).map(|join| (join.1.as_str(), join.2.as_str())).collect();
        Self { records, all, edges, given, used }
    }

    /// The records with a join of this part and kind, each with that join.
    pub(super) fn gives(
        &self,
        part: Part,
        kind: &'static str,
    ) -> impl Iterator<Item = (&'a Record, &'a Join)> {
        self.records.iter().flat_map(move |record| {
            let joins = record.joins.iter().filter(move |join| join.0 == part && join.1 == kind);
            joins.map(|join| (*record, join))
        })
    }

    /// The records that used what a record gave, in order of time.
    pub(super) fn users(&self, giver: &Record, join: &Join) -> impl Iterator<Item = &'a Record> {
        let edges = self.edges.get(giver.id.as_str()).into_iter().flatten();
        let of_join = edges.filter(|edge| edge.kind == join.1 && edge.value == join.2);
        let mut to: Vec<usize> = of_join.map(|edge| edge.to).collect();
        to.sort_unstable();
        to.into_iter().filter_map(|at| self.all.get(at))
    }

    pub(super) fn is_used(&self, giver: &Record, join: &Join) -> bool {
        self.users(giver, join).next().is_some()
    }

    /// The calls that assumed a role, with the role.
    pub(super) fn assumed(&self) -> impl Iterator<Item = (&'a Record, &'a String)> {
        let calls = self.records.iter().filter(|record| record.event == "AssumeRole");
        let by_service = |record: &&&Record| record.actor.ends_with(".amazonaws.com");
        calls
            .filter(move |record| !by_service(record))
            .filter_map(|record| Some((*record, record.role.as_ref()?)))
    }
}

/// The name at the end of an ARN.
pub(super) fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
