//! Moving: by rows, to an end, to a time; following the newest, staying, holding still.

use std::ops::Range;

use detector::{AlertId, Severity};
use jiff::Timestamp;

use crate::app::list::sort::Sort;
use crate::app::list::{Cursor, Held, List, Newer};
use crate::model::Row;

impl List {
    /// The places from this row to the cursor, with all rows of their lines.
    pub(crate) fn range(&self, from: &Row) -> Range<usize> {
        let Some(cursor) = self.selected() else { return 0..0 };
        let other = self.place(from).unwrap_or_else(|at| at.min(self.len().saturating_sub(1)));
        self.folded_with(cursor.min(other)).start..self.folded_with(cursor.max(other)).end
    }

    /// Moves the selection by lines, over those that name a day.
    pub(crate) fn step(&mut self, by: isize) {
        let from = self.selected().map_or(0, |at| self.line_of(at));
        self.select_line(from.saturating_add_signed(by), by >= 0);
    }

    /// Selects the first row of a line; where that names a day, of the next one down the list, or up.
    pub(crate) fn select_line(&mut self, line: usize, down: bool) {
        let line = line.min(self.line_count().saturating_sub(1));
        let line = match (self.is_day(line), down) {
            (false, _) => line,
            (true, false) if line > 0 => line - 1,
            // A day has rows below it.
            (true, _) => line + 1,
        };
        let places = self.places_of_line(line);
        // The newest alert, so that the list follows it.
        let is_end = self.sort == Sort::OLDEST_FIRST && line + 1 == self.line_count();
        self.select(if is_end { places.end.saturating_sub(1) } else { places.start });
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
        if self.newest_at().is_none() {
            // In this order nothing is followed; what has come is seen all the same.
            self.see_all();
        }
        self.select(0);
    }

    /// To the last row; where that is the newest, it is followed.
    pub(crate) fn last(&mut self) {
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

    /// Returns the number of shown rows that are not older than this place in time; in orders that are not
    /// of time, that of all shown rows.
    pub(crate) fn down_to(&self, time: Timestamp, id: &AlertId) -> usize {
        let is_older =
            |slot: &u32| self.row(*slot).is_some_and(|row| row.key() > (std::cmp::Reverse(time), id));
        match self.sort {
            Sort::NEWEST_FIRST => self.shown.partition_point(|slot| !is_older(slot)),
            Sort::OLDEST_FIRST => self.shown.len() - self.shown.partition_point(is_older),
            _ => self.shown.len(),
        }
    }

    /// Keeps the selection in sight after the height has changed.
    pub(crate) fn show(&mut self, height: usize) {
        // Not on the screen: where it was is where it comes back.
        if height > 0 {
            self.height = height;
            self.keep_in_sight();
        }
    }

    /// Scrolls, so that the selected row is in the middle of the screen; from there at its top, from
    /// there at its bottom.
    pub(crate) fn recentre(&mut self) {
        if let Some(at) = self.selected() {
            self.top = next_top(self.top, self.line_of(at), self.line_count(), self.height);
        }
    }

    pub(super) fn keep_in_sight(&mut self) {
        if self.height == 0 {
            return;
        }
        let at = self.selected().map_or(0, |at| self.line_of(at));
        let lowest = self.line_count().saturating_sub(self.height);
        // The day of the first row is in sight with it.
        let highest = if self.height > 1 && at == 1 && self.is_day(0) { 0 } else { at };
        self.top = self.top.min(lowest).clamp((at + 1).saturating_sub(self.height).min(highest), highest);
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
    pub(super) fn leave(&mut self, to: Cursor) {
        if self.cursor == Cursor::Newest {
            self.see_all();
        }
        self.cursor = to;
    }

    fn see_all(&mut self) {
        let newest = self.all.first().and_then(|slot| self.row(*slot));
        self.seen = newest.cloned();
        self.newer = Newer::default();
    }

    fn at_newest(&mut self) {
        self.hidden = None;
        self.newer = Newer::default();
        self.keep_in_sight();
    }
}

/// The first line of a screen of which the line under the cursor goes to the middle; from there to the
/// top, from there to the bottom. No line behind the last is shown.
pub(crate) fn next_top(top: usize, at: usize, lines: usize, height: usize) -> usize {
    let lowest = lines.saturating_sub(height);
    let middle = at.saturating_sub(height / 2).min(lowest);
    let (first, last) = (at.min(lowest), (at + 1).saturating_sub(height));
    if top == middle && first != middle {
        first
    } else if top == middle || top == first {
        last
    } else {
        middle
    }
}
