//! Lines of the records around an alert: one a record, one for reads that follow each other.

use std::collections::{BTreeSet, HashSet};

use detector::facts::Verdict;
use detector::{AlertId, Call};

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A record, by its place among those that are shown; first sight of its address or region.
    Call { at: usize, is_new_address: bool, is_new_region: bool },
    /// Reads that follow each other: the place of the first, and how many.
    Reads { at: usize, count: usize },
}

impl Line {
    /// Place of the record, or of the first of them.
    pub(crate) const fn at(self) -> usize {
        match self {
            Self::Call { at, .. } | Self::Reads { at, .. } => at,
        }
    }

    /// Number of records.
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Call { .. } => 1,
            Self::Reads { count, .. } => count,
        }
    }
}

/// Returns the lines of records that are in order of time.
pub(super) fn lines<'a>(calls: impl Iterator<Item = &'a Call>, folds: bool) -> Vec<Line> {
    let (mut addresses, mut regions) = (HashSet::new(), HashSet::new());
    let mut lines: Vec<Line> = Vec::new();
    for (at, call) in calls.enumerate() {
        let is_new = |seen: &mut HashSet<String>, value: Option<&String>| {
            // The first of all is no news.
            let is_first = seen.is_empty();
            value.is_some_and(|value| seen.insert(value.clone())) && !is_first
        };
        // A service that calls for somebody is no place.
        let address = call.source_ip.as_ref().filter(|text| text.parse::<std::net::IpAddr>().is_ok());
        let is_new_address = is_new(&mut addresses, address);
        let is_new_region = is_new(&mut regions, call.region.as_ref());
        let is_plain = is_plain_read(call) && !is_new_address && !is_new_region;
        match lines.last_mut() {
            Some(Line::Reads { count, .. }) if folds && is_plain => *count += 1,
            _ if folds && is_plain => lines.push(Line::Reads { at, count: 1 }),
            _ => lines.push(Line::Call { at, is_new_address, is_new_region }),
        }
    }
    lines
}

/// True for a read that worked, raises no alert and issues nothing.
fn is_plain_read(call: &Call) -> bool {
    call.read_only
        && call.severity.is_none()
        && call.link.is_none()
        && call.outcome.verdict == Verdict::Success
}

/// Returns the place of the line of a record.
pub(super) fn line_of<'a>(
    lines: &[Line],
    mut calls: impl Iterator<Item = &'a Call>,
    id: &AlertId,
) -> Option<usize> {
    let place = calls.position(|call| call.id == *id)?;
    lines.iter().position(|line| (line.at()..line.at() + line.count()).contains(&place))
}

/// Words of folded reads: `31 × DescribeInstances, ListUsers, … (6 services)`.
pub(crate) fn words_of_reads(reads: &[&Call]) -> String {
    let services: BTreeSet<&str> = reads.iter().map(|call| call.service.as_str()).collect();
    let mut names: Vec<&str> = Vec::new();
    for call in reads {
        if !names.contains(&call.event.as_str()) && names.len() < 4 {
            names.push(&call.event);
        }
    }
    let all: HashSet<&str> = reads.iter().map(|call| call.event.as_str()).collect();
    let more = if all.len() > names.len() { ", …" } else { "" };
    let services = match services.len() {
        1 => services.first().map_or_else(String::new, |one| (*one).to_owned()),
        many => format!("{many} services"),
    };
    format!("{} × {}{more} ({services})", reads.len(), names.join(", "))
}

/// Word for what a record is.
pub(crate) fn mark(call: &Call) -> String {
    match (call.severity, call.outcome.verdict) {
        (Some(severity), _) => severity.to_string(),
        (None, Verdict::Denied) => "denied".to_owned(),
        (None, Verdict::Failed) => "failed".to_owned(),
        (None, Verdict::Success) if call.link.is_some() => "→".to_owned(),
        (None, Verdict::Success) => String::new(),
    }
}
