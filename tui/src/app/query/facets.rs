//! Counts of what is shown by actor, source IP, event and account: a list that filters to what is chosen.

use std::collections::HashMap;

use crate::app::list::List;
use crate::app::list::sort::Column;
use crate::app::query::picker::Purpose;
use crate::app::query::value_filter::asks_for;
use crate::model::Row;

/// The columns that are counted.
const COLUMNS: [Column; 4] = [Column::Actor, Column::SourceIp, Column::Event, Column::Account];
/// Values that are named of one column.
const MOST: usize = 12;

/// A value that shown alerts have, and their number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) column: Column,
    pub(crate) value: String,
    pub(crate) count: usize,
    /// The filter that lets them through.
    pub(crate) filter: String,
}

/// Counts the shown alerts by value, those of most alerts first in each column.
pub(crate) fn count(list: &List) -> Vec<Counted> {
    COLUMNS.into_iter().flat_map(|column| count_by(list, column)).collect()
}

fn count_by(list: &List, column: Column) -> Vec<Counted> {
    let mut counts: HashMap<&str, (usize, &Row)> = HashMap::new();
    for row in list.shown_rows() {
        counts.entry(row.text(column.field())).or_insert((0, row)).0 += 1;
    }
    let mut counts: Vec<_> =
        counts.into_iter().filter(|(value, _)| !value.is_empty() && *value != "–").collect();
    counts.sort_by(|(a, (more, _)), (b, (fewer, _))| fewer.cmp(more).then(a.cmp(b)));
    let counted = |(value, (count, row)): (&str, (usize, &Row))| {
        let filter = asks_for(row, column, Purpose::Include)?;
        Some(Counted { column, value: value.to_owned(), count, filter })
    };
    counts.into_iter().take(MOST).filter_map(counted).collect()
}
