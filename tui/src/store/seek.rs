//! Search further back than the list goes: through the search index where it knows where to look, else row after row.

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::{PAGE, SOUGHT, StoreError, index, read};
use crate::model::{Row, SearchPage};

/// Of the rows behind this place, those that match, newest first. Where few have all of the literals,
/// the index says which, and they are all of them.
pub(super) fn seek(
    connection: &Connection,
    place: (Timestamp, &AlertId),
    since: Timestamp,
    literals: &[String],
    matches: impl Fn(&Row) -> bool,
) -> Result<SearchPage, StoreError> {
    // One look at the database for all: each look has its price.
    let transaction = connection.unchecked_transaction()?;
    match index::hits(&transaction, literals, SOUGHT) {
        Some(hits) => among(&transaction, &hits, place, |row| row.time >= since && matches(row)),
        None => walk(&transaction, place, since, matches),
    }
}

fn walk(
    connection: &Connection,
    (time, id): (Timestamp, &AlertId),
    since: Timestamp,
    matches: impl Fn(&Row) -> bool,
) -> Result<SearchPage, StoreError> {
    let mut statement = connection.prepare_cached(read::OLDER)?;
    let mut found = statement.query(params![time.as_microsecond(), id.0, read::limit(SOUGHT)])?;
    let mut sought = SearchPage { rows: Vec::new(), end: None, last: false, walked: true };
    let mut looked_at = 0;
    while sought.rows.len() < PAGE {
        let Some(next) = found.next()? else {
            sought.last = looked_at < SOUGHT;
            break;
        };
        let next = read::row(next)?;
        if next.time < since {
            sought.last = true;
            break;
        }
        looked_at += 1;
        sought.end = Some((next.time, next.id.clone()));
        if matches(&next) {
            sought.rows.push(next);
        }
    }
    Ok(sought)
}

/// Of the alerts of these numbers, those behind this place that match, newest first.
fn among(
    connection: &Connection,
    numbers: &[i64],
    (time, id): (Timestamp, &AlertId),
    matches: impl Fn(&Row) -> bool,
) -> Result<SearchPage, StoreError> {
    let place: Option<i64> =
        connection.prepare_cached(read::NUMBER)?.query_row([&id.0], |row| row.get(0)).optional()?;
    let place = (time, place.unwrap_or(i64::MIN));
    let mut statement = connection.prepare_cached(read::BY_NUMBER)?;
    let mut found = Vec::new();
    for number in numbers {
        // One may be forgotten at this moment.
        let Some(row) = statement.query_row([number], read::row).optional()? else { continue };
        if (row.time, *number) < place && matches(&row) {
            found.push((row.time, *number, row));
        }
    }
    found.sort_by_key(|(time, number, _)| std::cmp::Reverse((*time, *number)));
    let last = found.len() <= PAGE;
    let rows: Vec<Row> = found.into_iter().take(PAGE).map(|(.., row)| row).collect();
    Ok(SearchPage { end: rows.last().map(|row| (row.time, row.id.clone())), rows, last, walked: false })
}
