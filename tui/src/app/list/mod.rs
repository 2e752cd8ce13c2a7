//! The list of alerts: what the filter lets through, in the order that was asked for, with a cursor
//! that is an alert and never a row number.
//!
//! Rows have slots that stay; two lists of slots say what there is (`all`, newest first) and what is
//! shown. New rows never move the screen; the user's actions may. `intake` changes the rows, `moves` the
//! selection, `hits` goes to a search's hits; `loose` are rows from further back; `buckets` counts by time.

mod acknowledged;
mod buckets;
mod counts;
mod hits;
mod intake;
mod lines;
mod loose;
mod moves;
pub(crate) mod search;
pub(crate) mod sort;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use detector::AlertId;
use jiff::Timestamp;

use acknowledged::Acknowledged;
pub(crate) use buckets::{Bucketing, Buckets, SeverityCounts};
pub(crate) use counts::Counts;
use counts::Kind;
pub(crate) use hits::Found;
use lines::Likeness;
use lines::Lines;
pub(crate) use lines::{Folded, ListLine};
pub(crate) use moves::next_top;

use crate::app::list::search::Search;
use crate::app::list::sort::Sort;
use crate::filter::Filter;
use crate::model::Row;

/// Rows that are kept in memory; the oldest leave first (they stay in the database).
const MOST_ROWS: usize = 100_000;

/// The selection.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Cursor {
    /// Whatever is newest: the list is followed.
    #[default]
    Newest,
    /// This alert, wherever it stands.
    At(Box<Row>),
}

/// Numbers of newer alerts that have come since the list was last followed, among those shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Newer {
    pub(crate) count: usize,
    pub(crate) critical: usize,
    pub(crate) high: usize,
}

/// State of a list that is held still.
#[derive(Debug)]
struct Held {
    /// The alert that was newest, where the list was followed.
    followed: Option<AlertId>,
}

/// The rows and what is selected among them.
#[derive(Debug, Default)]
pub(crate) struct List {
    /// By slot. A slot that is free holds what was there.
    rows: Vec<Row>,
    /// The kind as which each row is counted, by slot.
    kinds: Vec<Kind>,
    /// Fold key of each row, by slot: rows with the same one may fold.
    likenesses: Vec<Likeness>,
    slots: HashMap<AlertId, u32>,
    free: Vec<u32>,
    /// Slots of all rows, newest first.
    all: Vec<u32>,
    /// Slots of the rows that the filters let through, in the order of the sort.
    shown: Vec<u32>,
    /// The lines of those rows.
    lines: Lines,
    /// Each must let a row through.
    filters: Vec<Filter>,
    /// Number of times that the filters, or the showing of acknowledged rows, were changed.
    turn: u64,
    sort: Sort,
    cursor: Cursor,
    /// The row that was selected before a filter hid it; it is selected again once it is shown again.
    hidden: Option<Box<Row>>,
    /// While it is held nothing is followed, whatever the cursor does.
    held: Option<Held>,
    /// The newest alert when the list was last followed.
    seen: Option<Row>,
    newer: Newer,
    /// The first line on the screen, and how many fit.
    top: usize,
    height: usize,
    pub(super) search: Option<Search>,
    acknowledged: Acknowledged,
    /// The shown rows, counted by time.
    buckets: Buckets,
    /// Rows that stand alone.
    loose: HashSet<AlertId>,
    /// True where the oldest rows had to leave, until `take_new_end` is called.
    evicted: bool,
}

impl List {
    /// Every row in memory, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.all.iter().filter_map(|slot| self.row(*slot))
    }

    /// The row of an alert; `None` where it is not in memory.
    pub(crate) fn row_of(&self, id: &AlertId) -> Option<&Row> {
        self.row(*self.slots.get(id)?)
    }

    /// Rows in memory.
    pub(crate) const fn total(&self) -> usize {
        self.all.len()
    }

    /// Rows that are shown.
    pub(crate) const fn len(&self) -> usize {
        self.shown.len()
    }

    /// Returns the filters; each must let a row through.
    pub(crate) fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// Returns the number of the filters' turn; answers to requests from another turn are of no use now.
    pub(crate) const fn turn(&self) -> u64 {
        self.turn
    }

    /// The alerts that are shown, in the order of the list.
    pub(crate) fn ids(&self) -> Vec<AlertId> {
        self.shown.iter().filter_map(|slot| Some(self.row(*slot)?.id.clone())).collect()
    }

    /// The shown rows, in the order of the list.
    pub(crate) fn shown_rows(&self) -> impl Iterator<Item = &Row> {
        self.shown.iter().filter_map(|slot| self.row(*slot))
    }

    /// True where an alert is among the rows in memory.
    pub(crate) fn holds(&self, id: &AlertId) -> bool {
        self.slots.contains_key(id)
    }

    /// True where the newest alert is followed.
    pub(crate) fn is_followed(&self) -> bool {
        self.cursor == Cursor::Newest
    }

    #[cfg(test)]
    pub(crate) const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The first line on the screen.
    pub(crate) const fn top(&self) -> usize {
        self.top
    }

    /// Lines of the list on the screen, when it was last there.
    pub(crate) const fn height(&self) -> usize {
        self.height
    }

    pub(crate) const fn sort(&self) -> Sort {
        self.sort
    }

    pub(crate) const fn is_held(&self) -> bool {
        self.held.is_some()
    }

    pub(crate) const fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Returns the numbers of alerts that came since the list was last followed.
    pub(crate) const fn newer(&self) -> Newer {
        self.newer
    }

    /// The selected row's place.
    pub(crate) fn selected(&self) -> Option<usize> {
        let last = self.shown.len().checked_sub(1)?;
        Some(match &self.cursor {
            Cursor::Newest => self.newest_at().unwrap_or(0),
            // If it is gone, the row in its place.
            Cursor::At(row) => self.place(row).unwrap_or_else(|at| at.min(last)),
        })
    }

    /// The time of the newest alert, filtered out or not.
    pub(crate) fn newest_time(&self) -> Option<Timestamp> {
        self.rows.iter().map(|row| row.time).max()
    }

    pub(crate) fn selected_row(&self) -> Option<&Row> {
        self.shown_at(self.selected()?)
    }

    pub(crate) fn shown_at(&self, at: usize) -> Option<&Row> {
        self.row(*self.shown.get(at)?)
    }

    fn row(&self, slot: u32) -> Option<&Row> {
        self.rows.get(index(slot))
    }

    /// Returns the newest row's place in an order by time; `None` in other orders.
    fn newest_at(&self) -> Option<usize> {
        match self.sort {
            Sort::NEWEST_FIRST => Some(0),
            Sort::OLDEST_FIRST => Some(self.shown.len().saturating_sub(1)),
            _ => None,
        }
    }

    fn place(&self, row: &Row) -> Result<usize, usize> {
        self.shown.binary_search_by(|slot| self.compare(*slot, row, self.sort))
    }

    fn compare(&self, slot: u32, row: &Row, sort: Sort) -> Ordering {
        self.row(slot).map_or(Ordering::Equal, |known| sort.compare(known, row))
    }
}

const fn index(slot: u32) -> usize {
    slot as usize
}
