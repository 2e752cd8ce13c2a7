//! A summary of records by whoever made them: `replay --summary`.

use std::collections::BTreeSet;
use std::io::{self, Write};

use detector::SafeText;
use jiff::Timestamp;

use crate::format::number;
use crate::model::{MOST_LISTED, Sum, Sums};
use crate::output;

/// Writes one actor a line.
pub(super) fn write_json(sums: &Sums, out: &mut impl Write) -> io::Result<()> {
    sums.actors().into_iter().try_for_each(|actor| output::json_line(out, actor))
}

/// Writes a table for people.
pub(super) fn write_table(sums: &Sums, out: &mut impl Write) -> io::Result<()> {
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
    let rows = sums.actors().into_iter().map(row);
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

fn row(actor: &Sum) -> [String; 11] {
    let time = |time: Option<Timestamp>| {
        time.map_or_else(|| "-".to_owned(), |time| time.strftime("%F %H:%M:%S").to_string())
    };
    let count = |of: &BTreeSet<String>| {
        let more = if of.len() == MOST_LISTED { "+" } else { "" };
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
