//! Answers of the store.

use detector::AlertId;
use jiff::Timestamp;

use super::row::Row;
use super::triage::{Change, Deed};

/// Rows of a stretch of the database that a filter lets through.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sought {
    pub(crate) rows: Vec<Row>,
    /// The last row that was looked at, or the last that the index gave; none where there was none.
    pub(crate) end: Option<(Timestamp, AlertId)>,
    /// True where nothing more is to be found behind the stretch.
    pub(crate) last: bool,
    /// True where the rows were looked at one by one: to ask the index again would be of no use.
    pub(crate) walked: bool,
}

/// Result of triage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Triaged {
    /// The rows that changed, as they are now.
    pub(crate) rows: Vec<Row>,
    /// Deeds that undo the changes.
    pub(crate) undo: Vec<Deed>,
}

impl Triaged {
    pub(crate) fn add(&mut self, row: Row, undo: Change) {
        match self.undo.iter_mut().find(|deed| deed.change == undo) {
            Some(deed) => deed.alerts.push(row.id.clone()),
            None => self.undo.push(Deed { alerts: vec![row.id.clone()], change: undo }),
        }
        self.rows.push(row);
    }

    /// Returns the store's answer to these deeds if these were its rows.
    #[cfg(test)]
    pub(crate) fn of_rows(mut rows: Vec<Row>, deeds: &[Deed]) -> Self {
        let mut done = Self { rows: Vec::new(), undo: Vec::new() };
        for deed in deeds {
            for row in rows.iter_mut().filter(|row| deed.alerts.contains(&row.id)) {
                if let Some(undo) =
                    deed.change.apply(&mut row.state, &mut row.remarks, "ana", Timestamp::UNIX_EPOCH)
                {
                    done.add(row.clone(), undo);
                }
            }
        }
        done
    }
}
