//! The Related tab: one list of the alerts within a day that share the actor, source IP, access key, session or target
//! with the open one, from the store. Where the store fails or finds nothing, the rows in memory are searched for the
//! same actor and source IP.

use std::collections::HashMap;

use detector::AlertId;
use jiff::SignedDuration;

use crate::app::detail::page::{Line, Page};
use crate::model::{Facet, Row};

/// Alerts by what they share with the open one.
pub(crate) type Groups = Vec<(Facet, Vec<Row>)>;

/// Letters of what is shared, in the order in which they stand.
pub(crate) const LETTERS: [(Facet, char, &str); 5] = [
    (Facet::Actor, 'A', "actor"),
    (Facet::Address, 'I', "source IP"),
    (Facet::AccessKey, 'K', "access key"),
    (Facet::Session, 'S', "session"),
    (Facet::Target, 'T', "target"),
];

/// An alert that shares something with the open one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Related {
    pub(crate) row: Row,
    /// For each of [`LETTERS`], a dot where it is not shared: `AI··T`.
    pub(crate) letters: String,
}

/// Returns true where a row, the first, has something in common with the open one, the second.
type Same = fn(&Row, &Row) -> bool;

/// Finds the rows in memory within a day that share the actor or the source IP of an alert. Unreadable messages are
/// left out.
pub(crate) fn in_memory<'a>(rows: impl Iterator<Item = &'a Row>, of: &Row) -> Groups {
    let day = SignedDuration::from_hours(24);
    let near = |row: &&Row| row.time.duration_since(of.time).abs() <= day;
    let within: Vec<_> = rows.filter(near).filter(|row| row.id != of.id && row.severity.is_some()).collect();
    let kinds: [(Facet, bool, Same); 2] = [
        (Facet::Actor, is_known(of.actor.as_str()), |row, of| {
            row.actor == of.actor && row.account == of.account
        }),
        (Facet::Address, is_known(of.source_ip.as_str()), |row, of| row.source_ip == of.source_ip),
    ];
    let known = kinds.into_iter().filter(|(_, known, _)| *known);
    known
        .map(|(facet, _, same)| {
            (facet, within.iter().copied().filter(|row| same(row, of)).cloned().collect())
        })
        .collect()
}

/// True where the record holds a value to compare.
fn is_known(text: &str) -> bool {
    text.len() > 1 && !text.starts_with('(')
}

/// Makes one list of groups: each alert once, newest first, with letters of all that it shares.
pub(super) fn merged(groups: Groups) -> Vec<Related> {
    let mut found: HashMap<AlertId, (Row, Vec<Facet>)> = HashMap::new();
    for (facet, rows) in groups {
        for row in rows {
            found.entry(row.id.clone()).or_insert_with(|| (row, Vec::new())).1.push(facet);
        }
    }
    let related = |(row, facets): (Row, Vec<Facet>)| {
        let letter =
            |(facet, letter, _): &(Facet, char, _)| if facets.contains(facet) { *letter } else { '·' };
        Related { row, letters: LETTERS.iter().map(letter).collect() }
    };
    let mut all: Vec<_> = found.into_values().map(related).collect();
    all.sort_by(|a, b| a.row.key().cmp(&b.row.key()));
    all
}

/// `related` is none while they are being looked for; `failed`: why they are from memory only.
pub(super) fn lay_out(page: &mut Page, related: Option<&[Related]>, failed: Option<&str>) {
    let Some(related) = related else {
        page.heading("Looking up related alerts…");
        return;
    };
    if let Some(why) = failed {
        page.warning(&format!("The database could not be searched: {why}"));
        page.summary("Enter tries again.");
        page.text("Below: alerts in memory only.");
    }
    if related.is_empty() {
        page.summary("No related alerts within a day.");
        return;
    }
    let names: Vec<_> = LETTERS.iter().map(|(_, letter, name)| format!("{letter} {name}")).collect();
    page.text(&format!("Shared within a day: {}", names.join(" · ")));
    page.start_here();
    (0..related.len()).for_each(|number| page.line(Line::Related(number)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::rows;

    #[test]
    fn each_alert_stands_once_with_all_that_it_shares_and_what_is_far_not_at_all() {
        let mut all = rows(0..3);
        all.extend(rows(7_000..7_001));
        all.extend(rows(90_000..90_001));
        let of = all.iter().find(|row| row.id.0 == "alert-1").unwrap().clone();
        let merged = merged(in_memory(all.iter(), &of));
        let ids: Vec<_> =
            merged.iter().map(|related| (related.row.id.0.as_str(), related.letters.as_str())).collect();
        assert_eq!(ids, [("alert-7000", "AI···"), ("alert-2", "AI···"), ("alert-0", "AI···")]);
    }
}
