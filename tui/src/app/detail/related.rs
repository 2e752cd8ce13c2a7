//! The Related tab: alerts with the same actor, session, access key, address or target, from the store. Where the
//! store fails or finds nothing, the rows in memory are searched for the same actor and address.

use jiff::SignedDuration;

use crate::app::detail::page::{Line, Page};
use crate::model::Row;

/// Rows that are shown of one kind.
const MOST: usize = 50;

/// Groups of alerts, each with what they have in common with the open one.
pub(crate) type Groups = Vec<(String, Vec<Row>)>;

/// Returns true where a row, the first, has something in common with the open one, the second.
type Same = fn(&Row, &Row) -> bool;

/// Groups the rows in memory that are related to an alert, of each kind those within an hour, then the
/// others within a day. Unreadable messages are left out.
pub(crate) fn in_memory<'a>(rows: impl Iterator<Item = &'a Row>, of: &Row) -> Groups {
    let day = SignedDuration::from_hours(24);
    let near = |row: &&Row| row.time.duration_since(of.time).abs() <= day;
    let within: Vec<_> = rows.filter(near).filter(|row| row.id != of.id && row.severity.is_some()).collect();
    let hour = |row: &Row| row.time.duration_since(of.time).abs() <= SignedDuration::from_hours(1);
    let kinds: [(&str, bool, Same); 2] = [
        ("Same actor", is_known(of.actor.as_str()), |row, of| {
            row.actor == of.actor && row.account == of.account
        }),
        ("Same address", is_known(of.source_ip.as_str()), |row, of| row.source_ip == of.source_ip),
    ];
    let mut groups = Vec::new();
    for (name, _, same) in kinds.into_iter().filter(|(_, known, _)| *known) {
        let (near, far): (Vec<_>, Vec<_>) =
            within.iter().copied().filter(|row| same(row, of)).cloned().partition(hour);
        groups.push((format!("{name}, within the hour"), near));
        groups.push((format!("{name}, within the day"), far));
    }
    groups
}

/// True where the record holds a value to compare.
fn is_known(text: &str) -> bool {
    text.len() > 1 && !text.starts_with('(')
}

/// `groups` is none while they are being looked for; `failed`: why they are from memory only.
pub(super) fn lay_out(page: &mut Page, groups: Option<&Groups>, failed: Option<&str>) {
    let Some(groups) = groups else {
        page.heading("looking …");
        return;
    };
    if let Some(why) = failed {
        page.warning(&format!("What is related could not be looked up: {why}"));
        page.summary("Enter here tries again, and so does coming back to this tab.");
        page.text("What follows is of the alerts in memory only.");
    }
    if groups.iter().all(|(_, rows)| rows.is_empty()) {
        page.summary("Nothing else by the same actor or from the same address within a day.");
        return;
    }
    let mut number = 0;
    for (name, rows) in groups {
        if !rows.is_empty() {
            let more = if rows.len() > MOST { format!(", the first {MOST} of them") } else { String::new() };
            page.heading(&format!("{name}: {}{more}", rows.len()));
        }
        for at in 0..rows.len() {
            if at < MOST {
                page.line(Line::Related(number + at));
            }
        }
        number += rows.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::rows;

    #[test]
    fn what_is_near_comes_first_and_what_is_far_not_at_all() {
        let mut all = rows(0..3);
        all.extend(rows(7_000..7_001));
        all.extend(rows(90_000..90_001));
        all.sort_by(|a, b| a.key().cmp(&b.key()));
        let of = all.iter().find(|row| row.id.0 == "alert-1").unwrap().clone();
        let ids =
            |groups: &Groups, at: usize| groups[at].1.iter().map(|row| row.id.0.clone()).collect::<Vec<_>>();
        let groups = in_memory(all.iter(), &of);
        assert_eq!(groups[0].0, "Same actor, within the hour");
        assert_eq!(
            (ids(&groups, 0), ids(&groups, 1)),
            (vec!["alert-2".to_owned(), "alert-0".into()], vec!["alert-7000".to_owned()])
        );
        assert_eq!(groups.len(), 4);
    }
}
