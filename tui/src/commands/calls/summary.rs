//! A summary of records by whoever made them: `replay --summary`.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};

use detector::{Call, SafeText, Severity};
use jiff::Timestamp;
use serde::Serialize;

use crate::format::number;
use crate::output;

/// Most services, regions, addresses or keys of one actor that are listed; all are counted up to here.
const MOST: usize = 1_000;

/// One actor's records. Its JSON is a line of `replay --summary --json`.
#[derive(Debug, Default, Serialize)]
struct Sum {
    /// ARN of the user or role.
    actor: String,
    name: String,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    calls: u64,
    /// Calls that were refused for want of permissions.
    denied: u64,
    reads: u64,
    services: BTreeSet<String>,
    regions: BTreeSet<String>,
    addresses: BTreeSet<String>,
    keys: BTreeSet<String>,
    /// Number of alerts by severity.
    alerts: BTreeMap<Severity, u64>,
}

/// Records by actor.
#[derive(Debug, Default)]
pub(super) struct Summary(HashMap<String, Sum>);

fn insert(into: &mut BTreeSet<String>, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty())
        && into.len() < MOST
        && !into.contains(value)
    {
        into.insert(value.to_owned());
    }
}

impl Summary {
    pub(super) fn add(&mut self, call: &Call) {
        let id = &call.actor.id;
        if !self.0.contains_key(id) {
            let new = Sum { actor: id.clone(), name: call.actor.name.clone(), ..Sum::default() };
            self.0.insert(id.clone(), new);
        }
        let Some(actor) = self.0.get_mut(id) else { return };
        actor.calls += 1;
        actor.denied += u64::from(call.is_denied());
        actor.reads += u64::from(call.read_only);
        if let Some(time) = call.time {
            actor.first = Some(actor.first.map_or(time, |first| first.min(time)));
            actor.last = actor.last.max(Some(time));
        }
        insert(&mut actor.services, Some(&call.service));
        insert(&mut actor.regions, call.region.as_deref());
        insert(&mut actor.addresses, call.source_ip.as_deref());
        insert(&mut actor.keys, call.access_key.as_deref());
        if let Some(severity) = call.severity {
            *actor.alerts.entry(severity).or_default() += 1;
        }
    }

    /// Returns the actors, those with the worst alerts first, then those with the most denied calls.
    fn actors(&self) -> Vec<&Sum> {
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

    /// Writes one actor a line.
    pub(super) fn write_json(&self, out: &mut impl Write) -> io::Result<()> {
        self.actors().into_iter().try_for_each(|actor| output::json_line(out, actor))
    }

    /// Writes a table for people.
    pub(super) fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let heads = [
            "ACTOR",
            "FIRST UTC",
            "LAST UTC",
            "CALLS",
            "DENIED",
            "READS",
            "SERVICES",
            "REGIONS",
            "ADDRESSES",
            "KEYS",
            "ALERTS",
        ];
        let rows = self.actors().into_iter().map(row);
        let mut table = vec![heads.map(str::to_owned)];
        table.extend(rows);
        let width = |column: usize| {
            let cells = table.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        for row in &table {
            let mut line = String::new();
            for ((column, cell), width) in row.iter().enumerate().zip(&widths) {
                let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
                // Numbers stand to the right.
                let is_number = (3..10).contains(&column);
                let (before, behind) = if is_number { (gap.as_str(), "") } else { ("", gap.as_str()) };
                line.push_str(before);
                line.push_str(cell);
                line.push_str(behind);
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn row(actor: &Sum) -> [String; 11] {
    let time = |time: Option<Timestamp>| {
        time.map_or_else(|| "-".to_owned(), |time| time.strftime("%F %H:%M:%S").to_string())
    };
    let count = |of: &BTreeSet<String>| {
        let more = if of.len() == MOST { "+" } else { "" };
        format!("{}{more}", number(u64::try_from(of.len()).unwrap_or(u64::MAX)))
    };
    let alerts: Vec<String> =
        actor.alerts.iter().rev().map(|(severity, many)| format!("{} {severity}", number(*many))).collect();
    [
        SafeText::new(&actor.name).to_string(),
        time(actor.first),
        time(actor.last),
        number(actor.calls),
        number(actor.denied),
        number(actor.reads),
        count(&actor.services),
        count(&actor.regions),
        count(&actor.addresses),
        count(&actor.keys),
        alerts.join(", "),
    ]
}
