//! Changes to the list's rows: batches, filters, orders, eviction. A batch costs its own rows and a copy
//! of the slots; only another filter or sort looks at every row.

use std::cmp::Ordering;

use detector::Severity;

use crate::app::list::counts::Kind;
use crate::app::list::lines::Likeness;
use crate::app::list::sort::Sort;
use crate::app::list::{Cursor, List, MOST_ROWS, Newer, index};
use crate::filter::Filter;
use crate::model::Row;

impl List {
    /// Puts a row into its slot.
    pub(super) fn put(&mut self, slot: u32, row: Row) {
        let kind = Kind::of(&row);
        let likeness = Likeness::of(&row);
        let at = index(slot);
        let places = (self.rows.get_mut(at), self.kinds.get_mut(at), self.likenesses.get_mut(at));
        if let (Some(place), Some(known), Some(alike)) = places {
            (*place, *known, *alike) = (row, kind, likeness);
        } else {
            self.rows.push(row);
            self.kinds.push(kind);
            self.likenesses.push(likeness);
        }
    }

    /// Takes new rows in. Neither the selection nor the rows on the screen move, unless the list is
    /// followed.
    pub(crate) fn insert(&mut self, new: Vec<Row>) {
        self.let_linger(&new);
        let first_on_screen = self.anchor_of_line(self.top).map(|row| (row.clone(), self.is_day(self.top)));
        let (mut added, mut changed) = (Vec::with_capacity(new.len()), Vec::new());
        for row in new {
            // Of one alert, what came last is how it is now.
            if let Some(slot) = self.slots.get(&row.id).copied() {
                // Twice in one batch it has no place yet.
                if self.take_out(slot) {
                    changed.push(slot);
                }
                self.put(slot, row);
                continue;
            }
            let slot = self.free.pop().unwrap_or_else(|| u32::try_from(self.rows.len()).unwrap_or(u32::MAX));
            self.slots.insert(row.id.clone(), slot);
            self.put(slot, row);
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
        self.count_in(&added);
        self.evict();
        self.lay_lines();
        match (&self.cursor, first_on_screen) {
            (Cursor::At(_), Some((row, was_day))) => {
                let line = self.line_of(self.place(&row).unwrap_or_else(|at| at));
                let has_day = was_day && line.checked_sub(1).is_some_and(|above| self.is_day(above));
                let top = if has_day { line - 1 } else { line };
                let at = self.selected().map_or(0, |at| self.line_of(at));
                // A late alert may have landed between the first row on the screen and the selected one.
                let lowest = if self.height == 0 { 0 } else { (at + 1).saturating_sub(self.height) };
                self.top = top.clamp(lowest, at);
            }
            _ => self.keep_in_sight(),
        }
        // An order without a place for what comes can't be followed: stay with what is read.
        if self.cursor == Cursor::Newest && self.newest_at().is_none() {
            self.stay();
        }
    }

    /// Takes a slot out of both lists: its row leaves or is about to be another. False where it is in
    /// neither.
    fn take_out(&mut self, slot: u32) -> bool {
        let Some(row) = self.row(slot) else { return false };
        let (shown, time, severity) = (self.place(row), row.time, row.severity);
        let all = self.all.binary_search_by(|known| self.compare(*known, row, Sort::NEWEST_FIRST));
        if let Ok(at) = all {
            self.all.remove(at);
        }
        if let Ok(at) = shown {
            self.shown.remove(at);
            self.count_out(time, severity);
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

    pub(super) fn lets_through(&self, row: &Row) -> bool {
        self.acknowledged.lingers(row) || (!self.acknowledged.hides(row) && self.passes(row))
    }

    /// True where the filters let the row through, acknowledged or not.
    pub(super) fn passes(&self, row: &Row) -> bool {
        self.filters.iter().all(|filter| filter.matches(row))
    }

    fn count_newer(&mut self, slots: &[u32]) {
        let (Cursor::At(_), Some(seen)) = (&self.cursor, &self.seen) else { return };
        let newer = |row: &&Row| Sort::NEWEST_FIRST.compare(row, seen).is_lt();
        let rows = || slots.iter().filter_map(|slot| self.row(*slot)).filter(newer);
        let of = |severity| rows().filter(|row| row.severity == Some(severity)).count();
        self.newer = Newer {
            count: self.newer.count + rows().count(),
            critical: self.newer.critical + of(Severity::Critical),
            high: self.newer.high + of(Severity::High),
        };
    }

    fn evict(&mut self) {
        let many = self.attached_len().saturating_sub(MOST_ROWS);
        if many == 0 {
            return;
        }
        let oldest = self.all.iter().rev().filter_map(|slot| Some((*slot, &self.row(*slot)?.id)));
        let attached = oldest.filter(|(_, id)| !self.loose.contains(*id)).take(many);
        let leaving: Vec<_> = attached.map(|(slot, id)| (slot, id.clone())).collect();
        for (slot, id) in leaving {
            self.take_out(slot);
            self.slots.remove(&id);
            self.free.push(slot);
        }
        self.evicted = true;
    }

    /// True where filters are set, so that more than triage can hide rows.
    pub(crate) const fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    /// Shows what these filters let through. The selected alert stays selected; where it is hidden its
    /// neighbour is, and it comes back when it is shown again.
    pub(crate) fn set_filters(&mut self, filters: Vec<Filter>) {
        self.filters = filters;
        self.turn += 1;
        self.refilter();
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

    pub(super) fn rearrange(&mut self) {
        let offset = self.selected().map_or(0, |at| self.line_of(at).saturating_sub(self.top));
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
        self.lay_lines();
        self.recount();
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
        self.top = self.selected().map_or(0, |at| self.line_of(at)).saturating_sub(offset);
        self.keep_in_sight();
    }
}
