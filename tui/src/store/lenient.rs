//! Columns as they can be read, whatever is in them. SQLite checks no text for being UTF-8, and a file can
//! be damaged in one place: a row with such a text must cost that text, and not all rows that are read with it.

use rusqlite::Row as SqlRow;
use rusqlite::types::ValueRef;

/// A text; what is no UTF-8 in it becomes `\u{fffd}`, and what is no text is empty.
pub(super) fn text(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(option(row, at)?.unwrap_or_default())
}

/// The same of a column that may be null.
pub(super) fn option(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    })
}

/// A whole number; anything else is none.
pub(super) fn number(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Option<i64>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(number) => Some(number),
        _ => None,
    })
}

/// Bytes; anything else is none.
pub(super) fn bytes(row: &SqlRow<'_>, at: usize) -> rusqlite::Result<Vec<u8>> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}
