//! Reach of the list into the past: the newest rows are in memory, and the next page of older ones is
//! fetched before the end of the list comes into sight. A move to the oldest alert fetches page after
//! page, until that alert is there, the list is full, or a key or the mouse stops it.
//!
//! With filters set, the database is asked for the rows beyond that end that the filters let through,
//! stretch by stretch, until the screen and a little more is full. These rows stand alone, without the rows
//! between them: they leave when the filters change.
//!
//! `update.rs` calls it: `wanted` asks the store, `page` and `sought` take the answers.

use jiff::Timestamp;

use crate::app::effect::{Effect, Lookup, Scope};
use crate::app::list::sort::Sort;
use crate::app::list::{Counts, List};
use crate::app::status::StatusLine;
use crate::format;
use crate::model::{Position, Row, SearchPage};

/// Screens before the end at which more is asked for.
const AHEAD: usize = 3;

/// Part of the database that the list holds.
#[derive(Debug, Default)]
pub(crate) struct Paging {
    /// The last row of the last page: everything newer is in the list. An older row that came from
    /// elsewhere, such as an alert that another console has triaged, does not count.
    end: Option<Position>,
    /// True where nothing is stored behind `end`.
    whole: bool,
    asked: bool,
    /// True while the oldest alert is being fetched, to be selected.
    to_oldest: bool,
    /// Part of the database beyond `end` that the filters have looked at.
    lookback: Lookback,
}

/// Part of the database beyond the list's end that the filters have looked at.
#[derive(Debug, Default)]
struct Lookback {
    /// The filters' turn.
    turn: u64,
    /// The last row that was looked at; none before the first.
    end: Option<Position>,
    whole: bool,
    asked: bool,
    mode: LookbackMode,
}

/// Mode in which older rows are looked for.
#[derive(Debug, Default, PartialEq, Eq)]
enum LookbackMode {
    /// The search index may know where.
    #[default]
    Ask,
    /// It is of no use: row after row.
    Walk,
    /// An index is asked that has all that the filters let through.
    Index,
}

impl Paging {
    /// True where the list holds all that is stored, and before the first row has come.
    pub(crate) const fn is_whole(&self) -> bool {
        self.end.is_none() || self.whole
    }

    /// True where the filters of this turn have looked at all that is stored.
    pub(crate) const fn has_looked_at_all(&self, turn: u64) -> bool {
        self.lookback.turn == turn && self.lookback.whole
    }

    /// Time back to which the filters have looked, and true while they are still looking; `None` where
    /// they have looked at everything or no row has come yet.
    pub(crate) fn looked_back_to(&self) -> Option<(Timestamp, bool)> {
        if self.whole || self.lookback.whole {
            return None;
        }
        let (time, _) = self.lookback.end.as_ref().or(self.end.as_ref())?;
        Some((*time, self.lookback.asked))
    }

    /// Takes a page in; returns the request for the next one where the oldest alert is wanted.
    pub(crate) fn page(
        &mut self,
        list: &mut List,
        counts: &mut Counts,
        status: &mut StatusLine,
        (rows, is_last): (Vec<Row>, bool),
    ) -> Option<Effect> {
        (self.asked, self.whole) = (false, is_last);
        if let Some(row) = rows.last() {
            self.end = Some((row.time, row.id.clone()));
        }
        list.insert_page(rows);
        *counts = list.counts();
        self.go_on(list, status)
    }

    /// Takes in what the filters have found; returns the request for more where the oldest alert is wanted, or
    /// `None`. Rows that other filters have found are of no use.
    pub(crate) fn sought(
        &mut self,
        list: &mut List,
        status: &mut StatusLine,
        turn: u64,
        page: SearchPage,
    ) -> Option<Effect> {
        if turn != list.turn() || turn != self.lookback.turn {
            return None;
        }
        let lookback = &mut self.lookback;
        // After a failure it may have been asked for twice.
        if lookback.end.as_ref().zip(page.end.as_ref()).is_some_and(|((known, _), (end, _))| end > known) {
            return None;
        }
        (lookback.asked, lookback.whole) = (false, page.last);
        lookback.mode = if page.walked { LookbackMode::Walk } else { LookbackMode::Ask };
        lookback.end = page.end.or_else(|| lookback.end.take());
        list.insert_loose(page.rows);
        self.go_on(list, status)
    }

    /// Notes that an index is asked for all that the filters of this turn let through and the list does not
    /// have: it need not be looked for row by row.
    pub(crate) fn ask_index(&mut self, list: &mut List, counts: &mut Counts) {
        let turn = list.turn();
        self.lookback = Lookback { turn, asked: true, mode: LookbackMode::Index, ..Lookback::default() };
        if list.forget_loose() {
            *counts = list.counts();
        }
    }

    /// Takes the answer of an index; `last`: it has no more.
    pub(crate) fn index_answered(&mut self, last: bool) {
        let lookback = &mut self.lookback;
        if lookback.mode == LookbackMode::Index {
            (lookback.mode, lookback.asked, lookback.whole) = (LookbackMode::Ask, false, last);
        }
    }

    /// Notes the list's new end where the oldest rows had to leave: they are stored.
    pub(crate) fn note_eviction(&mut self, list: &mut List) {
        if let Some(end) = list.take_new_end() {
            (self.end, self.whole) = (Some(end), false);
        }
    }

    /// Goes on to the oldest alert, where it is wanted.
    fn go_on(&mut self, list: &mut List, status: &mut StatusLine) -> Option<Effect> {
        if !self.to_oldest {
            return None;
        }
        list.select(if list.sort() == Sort::OLDEST_FIRST { 0 } else { usize::MAX });
        let next = self.next(list);
        if next.is_none() {
            self.stop();
        }
        status.set(&self.progress(list));
        next
    }

    /// Goes on to the oldest alert that is stored, where the end of this order is meant.
    pub(crate) fn go_to_oldest(&mut self, list: &List, status: &mut StatusLine, end_of: Sort) {
        if list.sort() != end_of || self.end.is_none() {
            return;
        }
        self.to_oldest = self.has_older(list) && !is_full(list);
        if self.to_oldest || is_full(list) {
            status.set(&self.progress(list));
        }
    }

    /// Stays where the list is, though older alerts are on their way.
    pub(crate) const fn stop(&mut self) {
        self.to_oldest = false;
    }

    /// True where alerts may be stored that are older than all in the list and that the filters let through.
    pub(crate) fn has_older(&self, list: &List) -> bool {
        let looked_at = list.is_filtered() && self.lookback.turn == list.turn() && self.lookback.whole;
        self.end.is_some() && !self.whole && !looked_at
    }

    /// Returns the time before which alerts are stored that are not in the list; `None` where there are none.
    pub(crate) fn older_than(&self) -> Option<Timestamp> {
        self.end.as_ref().filter(|_| !self.whole).map(|(time, _)| *time)
    }

    fn progress(&self, list: &List) -> String {
        let loaded = format::number(list.total() as u64);
        if is_full(list) {
            format!("the list holds {loaded} alerts and no more; sentinel-tui export reaches further back")
        } else if self.to_oldest {
            format!("on to the oldest alert: {loaded} loaded …; any key stays here")
        } else if list.is_filtered() {
            "the oldest that the filters let through is reached".to_owned()
        } else {
            format!("the oldest is reached: all {loaded} alerts are loaded")
        }
    }

    /// Handles a failed read: the next move asks again, and a move to the oldest alert ends.
    pub(crate) const fn failed(&mut self) {
        (self.asked, self.lookback.asked) = (false, false);
        self.to_oldest = false;
    }

    /// Returns the request for the next page, where the end of the list is near. While a filter is written
    /// (`is_writing`), each letter makes another one, and nothing is asked for it.
    pub(crate) fn wanted(
        &mut self,
        list: &mut List,
        counts: &mut Counts,
        is_writing: bool,
    ) -> Option<Effect> {
        let turn = list.turn();
        if !is_writing && self.lookback.turn != turn {
            self.lookback = Lookback { turn, ..Lookback::default() };
            if list.forget_loose() {
                *counts = list.counts();
            }
        }
        let at = list.selected().unwrap_or(0);
        // Beyond what was looked at there may be single rows that came out of turn.
        let lookback = self.lookback.end.as_ref().filter(|_| list.is_filtered());
        let (time, id) = lookback.or(self.end.as_ref())?;
        let newer = if list.sort() == Sort::OLDEST_FIRST { list.len().saturating_sub(at) } else { at };
        let left = list.down_to(*time, id).saturating_sub(newer);
        // Rows that are folded away fill no screen.
        let is_near = left <= list.height() * (AHEAD + 1) || list.line_count() < list.height();
        if is_near { self.next(list) } else { None }
    }

    /// Returns the request for the rows beyond all that was looked at; `None` where there are no more, the list
    /// is full, or they are on their way.
    fn next(&mut self, list: &List) -> Option<Effect> {
        let end = self.end.clone().filter(|_| self.has_older(list) && !is_full(list))?;
        if !list.is_filtered() {
            let asked = std::mem::replace(&mut self.asked, true);
            return (!asked).then_some(Effect::Lookup(Lookup::Older(end)));
        }
        let (turn, lookback) = (list.turn(), &mut self.lookback);
        if lookback.turn != turn || std::mem::replace(&mut lookback.asked, true) {
            return None;
        }
        let walks = lookback.mode == LookbackMode::Walk;
        let scope = Scope { filters: list.filters().to_vec(), acknowledged: list.shows_acknowledged() };
        let older_than = lookback.end.clone().unwrap_or(end);
        Some(Effect::Lookup(Lookup::Seek { older_than, turn, scope, walks }))
    }
}

/// True where the list takes no more older alerts.
fn is_full(list: &List) -> bool {
    if list.is_filtered() { list.is_full_of_loose() } else { list.is_full() }
}

#[cfg(test)]
mod tests;
