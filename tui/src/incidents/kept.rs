//! Part of a record that a store keeps to find incidents by: numbers, not texts. Values are hashed
//! (`model/facet.rs`); of four million of them two are alike by chance once in two million databases.

use detector::Severity;
use detector::joins::Part;
use jiff::Timestamp;

use super::group;
use super::guards;
use super::record::Record;
use crate::model::hash;

/// Number of an identity, or of a routine job.
pub(crate) type Node = i64;

/// Parts of a record that a store keeps.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Seconds since 1970; what has no time touches nothing.
    pub(crate) time: i64,
    pub(crate) lane: Lane,
    /// Identities that it used and gave.
    pub(crate) touches: Vec<(Node, Part)>,
    /// Those of them that make the calls live which issued them.
    pub(crate) used: Vec<Issued>,
    /// Those of them that were issued, and make this record live where they are used.
    pub(crate) issued: Vec<Issued>,
    /// Job that the alert may be of, one of its touches.
    pub(crate) job: Option<Node>,
    /// Giver, and what it handed over.
    pub(crate) given: Option<(i64, i64)>,
}

/// An issued identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Issued {
    pub(crate) node: Node,
    /// Longest time in seconds from the call that issued it to its use; `None` where any is.
    pub(crate) within: Option<i64>,
}

/// Weight of a record at an identity. Stored as a number, so their order stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// An alert of HIGH or CRITICAL.
    Severe,
    Alert,
    /// A link from which issued credentials led to an alert, which may be gone by now.
    Warm,
    /// A link that led to none.
    Cold,
}

impl Lane {
    pub(crate) const ALL: [Self; 4] = [Self::Severe, Self::Alert, Self::Warm, Self::Cold];
}

/// Parts of a touch, in the order of their stored numbers.
pub(crate) const PARTS: [Part; 5] = [Part::Use, Part::Give, Part::Made, Part::Key, Part::Granted];

/// Returns the number of an identity.
pub(super) fn node(kind: &str, value: &str) -> Node {
    hash(kind, value)
}

/// Returns how a use of an identity leads to the call that issued it; `None` for a kind that no call issues.
fn issued(kind: &str, value: &str) -> Option<Issued> {
    let within = match kind {
        "cred" if value.starts_with("AKIA") => return None,
        "cred" | "sess" | "signin" | "token" => None,
        "arn" => Some(super::table::ARN_AGE),
        _ => return None,
    };
    Some(Issued { node: node(kind, value), within })
}

impl Kept {
    /// Returns what is kept of a record; `None` for one that joins nothing.
    pub(crate) fn of(record: &Record) -> Option<Self> {
        let time = record.time.map(Timestamp::as_second).filter(|_| !record.joins.is_empty())?;
        let lane = match &record.alert {
            Some(alert) if alert.severity >= Severity::High => Lane::Severe,
            Some(_) => Lane::Alert,
            None => Lane::Cold,
        };
        let known = record.joins.iter().filter(|join| join.0 != Part::Unknown);
        let mut touches: Vec<(Node, Part)> = known.map(|join| (node(&join.1, &join.2), join.0)).collect();
        let job = guards::job(record).map(|job| node("routine", &job));
        // Of a job those that are told by a session's name are counted, and joined by nothing.
        let part = if group::routine(record).is_some() { Part::Use } else { Part::Give };
        touches.extend(job.map(|job| (job, part)));
        touches.sort();
        touches.dedup();
        let issuing = |part| {
            let joins = record.joins.iter().filter(move |join| join.0 == part);
            joins.filter_map(|join| issued(&join.1, &join.2)).collect::<Vec<_>>()
        };
        Some(Self {
            time,
            lane,
            touches,
            used: issuing(Part::Use),
            issued: issuing(Part::Give),
            job,
            given: guards::handed_over(record)
                .map(|(giver, given)| (hash("giver", &giver), hash("given", &given))),
        })
    }
}
