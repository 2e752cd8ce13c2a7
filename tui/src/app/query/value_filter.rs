//! The filter that a value of an alert stands for.

use crate::app::list::sort::Column;
use crate::app::query::picker::Purpose;
use crate::filter::quote;
use crate::model::Row;

/// Returns the filter that this field of a row asks for; `None` where the row has nothing there.
pub(crate) fn asks_for(row: &Row, column: Column, purpose: Purpose) -> Option<String> {
    // Of the line of a call, the call is what others have in common with it.
    let column = if column == Column::What { Column::Event } else { column };
    let field = column.field().name();
    let excludes = purpose == Purpose::Exclude;
    let is = if excludes { "!=" } else { "=" };
    match column {
        // From that moment on, or before it.
        Column::Time => Some(format!("{field}{}{}", if excludes { "<" } else { ">=" }, row.time)),
        Column::Severity => {
            let word = row.severity.map_or("unreadable", |severity| severity.as_str()).to_lowercase();
            Some(format!("{field}{is}{word}"))
        }
        _ => Some(row.text(column.field()))
            .filter(|text| !text.is_empty())
            .map(|text| format!("{field}{is}{}", quote(text))),
    }
}
