//! Rows that stand alone: found for a filter or a pivot further back than the list goes, without what is
//! between them and its end. They go when the filters change, so that the list has no holes, but for one
//! that is under the cursor or comes back there. They have a budget of their own: a full list looks
//! further back too.

use std::collections::HashSet;

use detector::AlertId;

use crate::app::list::{Cursor, List, MOST_ROWS, index};
use crate::model::{Position, Row};

/// Rows of this kind that are kept.
const MOST_LOOSE: usize = 20_000;

impl List {
    /// True where no more rows are taken, except those that filters find further back.
    pub(crate) fn is_full(&self) -> bool {
        self.attached_len() >= MOST_ROWS
    }

    /// Takes in what was found further back. What is in the list already stays what it is.
    pub(crate) fn insert_loose(&mut self, mut rows: Vec<Row>) {
        rows.retain(|row| !self.holds(&row.id));
        if rows.is_empty() {
            return;
        }
        self.loose.extend(rows.iter().map(|row| row.id.clone()));
        self.insert(rows);
    }

    /// Takes in the page behind the end: its rows stand alone no longer.
    pub(crate) fn insert_page(&mut self, rows: Vec<Row>) {
        for row in &rows {
            self.loose.remove(&row.id);
        }
        self.insert(rows);
    }

    /// True where no more rows that stand alone are taken.
    pub(crate) fn is_full_of_loose(&self) -> bool {
        self.loose.len() >= MOST_LOOSE
    }

    /// Returns the number of rows that do not stand alone.
    pub(crate) fn attached_len(&self) -> usize {
        self.all.len() - self.loose.len()
    }

    /// Forgets the rows that stand alone, except those that are selected or to be selected again. Returns
    /// false where there were none.
    pub(crate) fn forget_loose(&mut self) -> bool {
        if self.loose.is_empty() {
            return false;
        }
        let selected = match &self.cursor {
            Cursor::At(row) => Some(&row.id),
            Cursor::Newest => None,
        };
        let back = self.hidden.as_ref().map(|row| &row.id);
        let kept: HashSet<AlertId> =
            selected.into_iter().chain(back).filter(|id| self.loose.contains(*id)).cloned().collect();
        let mut gone = std::mem::replace(&mut self.loose, kept);
        gone.retain(|id| !self.loose.contains(id));
        let rows = &self.rows;
        self.all.retain(|slot| rows.get(index(*slot)).is_none_or(|row| !gone.contains(&row.id)));
        self.free.extend(gone.iter().filter_map(|id| self.slots.remove(id)));
        self.rearrange();
        true
    }

    /// Returns the list's new end, the time and id of its oldest row that does not stand alone; `None` where
    /// no rows had to leave since the last call.
    pub(crate) fn take_new_end(&mut self) -> Option<Position> {
        if !std::mem::take(&mut self.evicted) {
            return None;
        }
        let oldest = self.all.iter().rev().filter_map(|slot| self.row(*slot));
        let oldest = oldest.into_iter().find(|row| !self.loose.contains(&row.id))?;
        // Others of that moment may have left: it is read again from its beginning.
        Some((oldest.time, AlertId(String::new())))
    }
}
