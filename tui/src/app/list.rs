//! The list of alerts: what the filter lets through, in the order that was asked for, with a cursor
//! that is an alert and never a row number.
//!
//! Rows have slots that stay; two lists of slots say what there is (`all`, newest first) and what is
//! shown. A batch costs its own rows and a copy of the slots; only another filter or sort looks at
//! every row. What comes never moves the screen, what the user does may.

mod acknowledged;

use std::cmp::Ordering;
use std::collections::HashMap;

use detector::{AlertId, Severity};
use jiff::Timestamp;

use acknowledged::Acknowledged;

use super::look::Sort;
use super::search::Search;
use crate::filter::Filter;
use crate::store::Row;

/// Rows that are kept in memory; the oldest leave first (they stay in the database).
const MOST_ROWS: usize = 100_000;

/// What is selected.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) enum Cursor {
    /// Whatever is newest: the list is followed.
    #[default]
    Newest,
    /// This alert, wherever it stands.
    At(Box<Row>),
}

/// What has come since the list was last followed, of what is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Newer {
    pub(crate) count: usize,
    pub(crate) critical: usize,
}

/// That the list is held still.
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
    slots: HashMap<AlertId, u32>,
    free: Vec<u32>,
    /// Slots of all rows, newest first.
    all: Vec<u32>,
    /// Slots of the rows that the filters let through, in the order of the sort.
    shown: Vec<u32>,
    /// Each must let a row through.
    filters: Vec<Filter>,
    sort: Sort,
    cursor: Cursor,
    /// What was selected before a filter hid it; it comes back with it.
    hidden: Option<Box<Row>>,
    /// While it is held nothing is followed, whatever the cursor does.
    held: Option<Held>,
    /// The newest alert when the list was last followed.
    seen: Option<(Timestamp, AlertId)>,
    newer: Newer,
    /// The first row on the screen, and how many fit.
    top: usize,
    height: usize,
    pub(super) search: Option<Search>,
    acknowledged: Acknowledged,
}

impl List {
    /// Every row in memory, newest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.all.iter().filter_map(|slot| self.row(*slot))
    }

    /// Rows in memory.
    pub(crate) const fn total(&self) -> usize {
        self.all.len()
    }

    /// Rows that are shown.
    pub(crate) const fn len(&self) -> usize {
        self.shown.len()
    }

    /// The shown rows from the first on the screen on, each with its place.
    pub(crate) fn on_screen(&self) -> impl Iterator<Item = (usize, &Row)> + Clone {
        self.shown
            .iter()
            .enumerate()
            .skip(self.top)
            .filter_map(|(at, slot)| Some((at, self.rows.get(index(*slot))?)))
    }

    /// Whether an alert is among the rows in memory.
    pub(crate) fn holds(&self, id: &AlertId) -> bool {
        self.slots.contains_key(id)
    }

    /// Whether the newest alert is followed.
    pub(crate) fn is_followed(&self) -> bool {
        self.cursor == Cursor::Newest
    }

    #[cfg(test)]
    pub(crate) const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    /// The place of the first row on the screen.
    pub(crate) const fn top(&self) -> usize {
        self.top
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

    /// What came since the list was last followed.
    pub(crate) const fn newer(&self) -> Newer {
        self.newer
    }

    /// The selected row's place.
    pub(crate) fn selected(&self) -> Option<usize> {
        let last = self.shown.len().checked_sub(1)?;
        Some(match &self.cursor {
            Cursor::Newest => self.newest_at().unwrap_or(0),
            // Where it is not there any more, what took its place.
            Cursor::At(row) => self.place(row).unwrap_or_else(|at| at.min(last)),
        })
    }

    pub(crate) fn selected_row(&self) -> Option<&Row> {
        self.shown_at(self.selected()?)
    }

    pub(super) fn shown_at(&self, at: usize) -> Option<&Row> {
        self.row(*self.shown.get(at)?)
    }

    fn row(&self, slot: u32) -> Option<&Row> {
        self.rows.get(index(slot))
    }

    /// Where the newest row stands, in an order that has a place for what comes.
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

    /// Takes new rows in. Neither the selection nor the rows on the screen move, unless the list is
    /// followed.
    pub(crate) fn insert(&mut self, new: Vec<Row>) {
        self.let_linger(&new);
        let first_on_screen = self.shown_at(self.top).cloned();
        let (mut added, mut changed) = (Vec::with_capacity(new.len()), Vec::new());
        for row in new {
            // Of one alert, what came last is how it is now.
            if let Some(slot) = self.slots.get(&row.id).copied() {
                // Twice in one batch it has no place yet.
                if self.take_out(slot) {
                    changed.push(slot);
                }
                if let Some(place) = self.rows.get_mut(index(slot)) {
                    *place = row;
                }
                continue;
            }
            let slot = self.free.pop().unwrap_or_else(|| u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
            self.slots.insert(row.id.clone(), slot);
            match self.rows.get_mut(index(slot)) {
                Some(place) => *place = row,
                None => self.rows.push(row),
            }
            added.push(slot);
        }
        let passes = |slot: &u32| self.row(*slot).is_some_and(|row| self.lets_through(row));
        let newer: Vec<u32> = added.iter().copied().filter(passes).collect();
        self.count_newer(&newer);
        added.append(&mut changed);
        self.search_in(&added);
        self.all = self.merged(&self.all, &mut added, Sort::NEWEST_FIRST);
        added.retain(|slot| self.row(*slot).is_some_and(|row| self.lets_through(row)));
        self.shown = self.merged(&self.shown, &mut added, self.sort);
        self.evict();
        match (&self.cursor, first_on_screen) {
            (Cursor::At(_), Some(row)) => {
                let (top, at) = (self.place(&row).unwrap_or_else(|at| at), self.selected().unwrap_or(0));
                // A late alert may have landed between the first row on the screen and the selected one.
                let lowest = if self.height == 0 { 0 } else { (at + 1).saturating_sub(self.height) };
                self.top = top.clamp(lowest, at);
            }
            _ => self.keep_in_sight(),
        }
    }

    /// Takes a slot out of both lists: its row leaves or is about to be another. False where it is in
    /// neither.
    fn take_out(&mut self, slot: u32) -> bool {
        let Some(row) = self.row(slot) else { return false };
        let shown = self.place(row);
        let all = self.all.binary_search_by(|known| self.compare(*known, row, Sort::NEWEST_FIRST));
        if let Ok(at) = all {
            self.all.remove(at);
        }
        if let Ok(at) = shown {
            self.shown.remove(at);
        }
        all.is_ok()
    }

    /// A list with more slots in their places. The work is that of the new ones, and one copy.
    fn merged(&self, known: &[u32], new: &mut [u32], sort: Sort) -> Vec<u32> {
        new.sort_by(|a, b| self.row(*b).map_or(Ordering::Equal, |b| self.compare(*a, b, sort)));
        let mut out = Vec::with_capacity(known.len() + new.len());
        let mut copied = 0;
        for slot in new {
            let Some(row) = self.row(*slot) else { continue };
            let place = known.binary_search_by(|known| self.compare(*known, row, sort));
            let place = place.unwrap_or_else(|at| at);
            out.extend(known.get(copied..place).into_iter().flatten());
            out.push(*slot);
            copied = place;
        }
        out.extend(known.get(copied..).into_iter().flatten());
        out
    }

    fn lets_through(&self, row: &Row) -> bool {
        !self.acknowledged.hides(row) && self.filters.iter().all(|filter| filter.matches(row))
    }

    fn count_newer(&mut self, slots: &[u32]) {
        let (Cursor::At(_), Some((time, id))) = (&self.cursor, &self.seen) else { return };
        let seen = (std::cmp::Reverse(*time), id);
        let newer = |row: &&Row| row.key() < seen;
        let rows = || slots.iter().filter_map(|slot| self.row(*slot)).filter(newer);
        let critical = rows().filter(|row| row.severity == Some(Severity::Critical)).count();
        self.newer =
            Newer { count: self.newer.count + rows().count(), critical: self.newer.critical + critical };
    }

    fn evict(&mut self) {
        while self.all.len() > MOST_ROWS {
            let Some(slot) = self.all.pop() else { return };
            let Some(id) = self.row(slot).map(|row| row.id.clone()) else { return };
            self.take_out(slot);
            self.slots.remove(&id);
            self.free.push(slot);
        }
    }

    /// Whether anything but triage hides rows.
    pub(crate) const fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Shows what these filters let through. The selected alert stays selected; where it is hidden its
    /// neighbour is, and it comes back when it is shown again.
    pub(crate) fn set_filters(&mut self, filters: Vec<Filter>) {
        self.filters = filters;
        self.rearrange();
    }

    /// Puts the rows into another order, the selected one in sight.
    pub(crate) fn set_sort(&mut self, sort: Sort) {
        if let (Cursor::Newest, Some(row)) = (&self.cursor, self.selected_row()) {
            let row = Box::new(row.clone());
            self.leave(Cursor::At(row));
        }
        self.sort = sort;
        self.rearrange();
        // On the newest row of an order by time one follows again.
        if let Some(at) = self.selected() {
            self.select(at);
        }
    }

    fn rearrange(&mut self) {
        let offset = self.selected().map_or(0, |at| at.saturating_sub(self.top));
        let passes = |slot: &u32| self.row(*slot).is_some_and(|row| self.lets_through(row));
        let mut shown: Vec<u32> = self.all.iter().copied().filter(passes).collect();
        match self.sort {
            Sort::NEWEST_FIRST => {}
            Sort::OLDEST_FIRST => shown.reverse(),
            sort => {
                shown.sort_by(|a, b| self.row(*b).map_or(Ordering::Equal, |b| self.compare(*a, b, sort)));
            }
        }
        self.newer = Newer::default();
        self.count_newer(&shown);
        self.shown = shown;
        if let Cursor::At(row) = &self.cursor {
            let wanted = self.hidden.take().unwrap_or_else(|| row.clone());
            match self.place(&wanted) {
                Ok(_) => self.cursor = Cursor::At(wanted),
                Err(at) => {
                    let neighbour = self.shown_at(at.min(self.shown.len().saturating_sub(1))).cloned();
                    self.cursor = Cursor::At(neighbour.map_or_else(|| wanted.clone(), Box::new));
                    self.hidden = Some(wanted);
                }
            }
        }
        self.top = self.selected().unwrap_or(0).saturating_sub(offset);
        self.keep_in_sight();
    }

    /// Moves the selection by rows, and keeps it in sight of a list of this height.
    pub(crate) fn step(&mut self, by: isize, height: usize) {
        self.height = height;
        self.select(self.selected().unwrap_or(0).saturating_add_signed(by));
    }

    /// Goes to the newest alert, and stays with the newest.
    pub(crate) fn follow(&mut self) {
        self.held = None;
        if self.newest_at().is_some() {
            self.cursor = Cursor::Newest;
            self.at_newest();
        }
    }

    /// To the first row; where that is the newest, it is followed.
    pub(crate) fn first(&mut self) {
        if self.sort == Sort::NEWEST_FIRST {
            self.held = None;
        }
        self.select(0);
    }

    /// To the last row; where that is the newest, it is followed.
    pub(crate) fn last(&mut self, height: usize) {
        self.height = height;
        if self.sort == Sort::OLDEST_FIRST {
            self.held = None;
        }
        self.select(self.shown.len());
    }

    /// Stays with the alert that is selected now, though newer ones come.
    pub(crate) fn stay(&mut self) {
        if let Some(row) = self.selected_row() {
            let row = Box::new(row.clone());
            self.leave(Cursor::At(row));
        }
    }

    /// Holds the list still, or lets go of it again; the intake goes on all the same.
    pub(crate) fn hold(&mut self) {
        let Some(held) = self.held.take() else {
            let is_followed = self.cursor == Cursor::Newest;
            let followed = self.selected_row().filter(|_| is_followed).map(|row| row.id.clone());
            self.held = Some(Held { followed });
            self.stay();
            return;
        };
        let selected = self.selected_row().map(|row| &row.id);
        if held.followed.is_some() && held.followed.as_ref() == selected {
            self.follow();
        } else if let Some(at) = self.selected() {
            self.select(at);
        }
    }

    /// Selects this alert, where it is shown; else its neighbour.
    pub(crate) fn go_to(&mut self, row: &Row) {
        self.select(self.place(row).unwrap_or_else(|at| at));
    }

    /// Selects an alert where it is shown, and stays with it. False where it is not shown.
    pub(crate) fn find(&mut self, id: &AlertId) -> bool {
        let slot = self.slots.get(id);
        let Some(at) = slot.and_then(|slot| self.shown.iter().position(|shown| shown == slot)) else {
            return false;
        };
        self.select(at);
        self.stay();
        true
    }

    /// Goes to the next high or critical alert down or up the list, and so many more; where there is
    /// none it stays.
    pub(crate) fn go_to_severe(&mut self, down: bool, count: Option<usize>) {
        let severe = |at: &usize| self.shown_at(*at).is_some_and(|row| row.severity >= Some(Severity::High));
        let at = self.selected().unwrap_or(0);
        let nth = count.unwrap_or(1).saturating_sub(1);
        let found = if down {
            (at + 1..self.shown.len()).filter(severe).nth(nth)
        } else {
            (0..at).rev().filter(severe).nth(nth)
        };
        if let Some(found) = found {
            self.select(found);
        }
    }

    /// Selects the newest alert that is not newer than this. In orders that are not of time, that is
    /// the first such row.
    pub(crate) fn go_to_time(&mut self, time: Timestamp) {
        let near = |slot: &u32| self.row(*slot).is_some_and(|row| row.time <= time);
        let at = match self.sort {
            Sort::OLDEST_FIRST => self.shown.partition_point(near).saturating_sub(1),
            Sort::NEWEST_FIRST => self.shown.partition_point(|slot| !near(slot)),
            _ => self.shown.iter().position(near).unwrap_or(self.shown.len()),
        };
        self.select(at);
    }

    /// Keeps the selection in sight after the height has changed.
    pub(crate) fn show(&mut self, height: usize) {
        // Not on the screen: where it was is where it comes back.
        if height > 0 {
            self.height = height;
            self.keep_in_sight();
        }
    }

    fn keep_in_sight(&mut self) {
        if self.height == 0 {
            return;
        }
        let at = self.selected().unwrap_or(0);
        let lowest = self.shown.len().saturating_sub(self.height);
        self.top = self.top.min(lowest).clamp((at + 1).saturating_sub(self.height), at);
    }

    /// Selects a row by its place; at the newest one follows.
    pub(crate) fn select(&mut self, at: usize) {
        self.hidden = None;
        let at = at.min(self.shown.len().saturating_sub(1));
        match self.shown_at(at) {
            Some(row) if self.held.is_some() || self.newest_at() != Some(at) => {
                let row = Box::new(row.clone());
                self.leave(Cursor::At(row));
            }
            _ => {
                self.cursor = Cursor::Newest;
                self.at_newest();
            }
        }
        self.keep_in_sight();
    }

    /// From here on newer alerts are counted and not followed.
    fn leave(&mut self, to: Cursor) {
        if self.cursor == Cursor::Newest {
            let newest = self.all.first().and_then(|slot| self.row(*slot));
            self.seen = newest.map(|row| (row.time, row.id.clone()));
        }
        self.cursor = to;
    }

    fn at_newest(&mut self) {
        self.hidden = None;
        self.newer = Newer::default();
        self.keep_in_sight();
    }

    /// Looks for something in the rows, or for nothing any more.
    pub(super) fn set_search(&mut self, search: Option<Search>) {
        self.search = search;
        self.search_in(&self.all.clone());
    }

    fn search_in(&mut self, slots: &[u32]) {
        let Some(mut search) = self.search.take() else { return };
        for slot in slots {
            if let Some(row) = self.row(*slot) {
                search.look_at(index(*slot), row);
            }
        }
        self.search = Some(search);
    }

    /// Goes to the next or previous hit, round the end where there is none before it. False where
    /// there is none at all.
    pub(super) fn next_hit(&mut self, forward: bool) -> Option<Found> {
        let (search, at) = (self.search.as_ref()?, self.selected()?);
        let is_hit = |at: &usize| self.shown.get(*at).is_some_and(|slot| search.is_hit(index(*slot)));
        let (before, behind) = (0..at, at + 1..self.shown.len());
        let (found, wrapped) = if forward {
            (behind.into_iter().find(is_hit), before.into_iter().find(is_hit))
        } else {
            (before.rev().find(is_hit), behind.rev().find(is_hit))
        };
        let (to, how) = match (found, wrapped) {
            (Some(to), _) => (to, Found::Ahead),
            (None, Some(to)) => (to, Found::Wrapped),
            (None, None) => return is_hit(&at).then_some(Found::Only),
        };
        // A search is reading: what comes must not take the hit away.
        self.select(to);
        self.stay();
        Some(how)
    }

    /// Whether the selected row is a hit.
    pub(super) fn is_on_hit(&self) -> bool {
        let slot = self.selected().and_then(|at| self.shown.get(at));
        slot.zip(self.search.as_ref()).is_some_and(|(slot, search)| search.is_hit(index(*slot)))
    }

    /// Counts the hits among the shown rows.
    pub(super) fn tally(&mut self) {
        let Some(mut search) = self.search.take() else { return };
        search.tally(self.shown.iter().map(|slot| index(*slot)), self.selected(), self.height);
        self.search = Some(search);
    }
}

/// How a hit was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Ahead,
    /// Past the end of the list.
    Wrapped,
    /// There is no other.
    Only,
}

const fn index(slot: u32) -> usize {
    slot as usize
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
