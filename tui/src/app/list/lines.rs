//! Lines of the list. In an order by time, neighbours that are alike (actor, event, outcome and severity; never
//! critical, never unreadable) within a minute of the first of them fold to one line, and a line names each day but
//! today at the top. In other orders each row is a line.
//!
//! Places count rows, lines count what is on the screen. Lines are laid again after each change: one look at a few
//! numbers for each row, which are kept by slot.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use detector::{AlertId, Severity};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use crate::app::list::sort::Sort;
use crate::app::list::{List, index};
use crate::model::Row;

/// Longest time from the first row of a line to its last, in seconds.
const LONGEST: i64 = 60;

/// The time of a row, and a number that rows have in common which may fold; `None` for one that may not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Likeness {
    second: i64,
    kind: Option<u64>,
}

impl Likeness {
    pub(super) fn of(row: &Row) -> Self {
        let second = row.time.as_second();
        if row.severity.is_none_or(|severity| severity == Severity::Critical) || row.is_test() {
            return Self { second, kind: None };
        }
        let mut hasher = DefaultHasher::new();
        (row.actor.as_str(), row.event.as_str(), row.account.as_str()).hash(&mut hasher);
        // Not the state: triage moves no line.
        (row.outcome.map(|verdict| verdict as u8), row.severity.map(|severity| severity as u8))
            .hash(&mut hasher);
        Self { second, kind: Some(hasher.finish()) }
    }

    /// True where `later` folds into the line that begins with this row.
    fn takes(self, later: Self) -> bool {
        self.kind.is_some() && self.kind == later.kind && (later.second - self.second).abs() <= LONGEST
    }
}

/// A line on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListLine<'a> {
    /// The day of the rows below.
    Day(Date),
    Rows(Folded<'a>),
}

/// The rows of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Folded<'a> {
    /// The place of the first of them.
    pub(crate) at: usize,
    pub(crate) count: usize,
    /// The row that stands for them: the selected one where it is among them, else the first.
    pub(crate) row: &'a Row,
}

impl Eq for Folded<'_> {}

/// The beginning of a line: the place of its first row; of a day, of the first row of that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Start {
    place: u32,
    is_day: bool,
}

/// The lines, and what they depend on besides the rows.
#[derive(Debug, Default)]
pub(super) struct Lines {
    starts: Vec<Start>,
    /// Rows of lines that were unfolded: all of them, so that a line stays unfolded when rows join or leave.
    unfolded: HashSet<AlertId>,
    /// Zone and date of today; `None` where no days are named.
    days: Option<(TimeZone, Date)>,
}

impl List {
    /// Names the days of the rows in this zone, except today's at the top; `None`: names none.
    pub(crate) fn set_days(&mut self, days: Option<(TimeZone, Date)>) {
        if self.lines.days != days {
            self.lines.days = days;
            self.lay_lines_again();
        }
    }

    /// True where lines name the days, so that a row needs no date.
    pub(crate) fn has_days(&self) -> bool {
        self.lines.days.is_some() && self.is_by_time()
    }

    /// The number of lines.
    pub(crate) const fn line_count(&self) -> usize {
        self.lines.starts.len()
    }

    /// The line that a place is in.
    pub(crate) fn line_of(&self, place: usize) -> usize {
        let is_before = |start: &Start| index(start.place) < place || (index(start.place) == place);
        self.lines.starts.partition_point(is_before).saturating_sub(1)
    }

    /// The places of the rows of a line; empty for a day.
    pub(crate) fn places_of_line(&self, line: usize) -> Range<usize> {
        let Some(start) = self.lines.starts.get(line) else { return 0..0 };
        let first = index(start.place);
        if start.is_day {
            return first..first;
        }
        let next = self.lines.starts.get(line + 1);
        first..next.map_or(self.shown.len(), |next| index(next.place))
    }

    /// The places of the rows that share the line of a place.
    pub(crate) fn folded_with(&self, place: usize) -> Range<usize> {
        self.places_of_line(self.line_of(place))
    }

    /// The rows of the selected line.
    pub(crate) fn selected_rows(&self) -> impl Iterator<Item = &Row> {
        let places = self.selected().map_or(0..0, |at| self.folded_with(at));
        places.filter_map(|at| self.shown_at(at))
    }

    /// The row by which a line is known again after others have come: the one that stands for it, which is the
    /// selected one where it is in it, else the first; of a day, the row below.
    pub(super) fn anchor_of_line(&self, line: usize) -> Option<&Row> {
        let places = self.places_of_line(line);
        let selected = self.selected().filter(|at| places.contains(at));
        self.shown_at(selected.unwrap_or(places.start))
    }

    /// The lines from the first on the screen on.
    pub(crate) fn on_screen(&self) -> impl Iterator<Item = ListLine<'_>> + Clone {
        let selected = self.selected();
        (self.top..self.lines.starts.len()).filter_map(move |line| self.line(line, selected))
    }

    fn line(&self, line: usize, selected: Option<usize>) -> Option<ListLine<'_>> {
        let start = self.lines.starts.get(line)?;
        let first = self.shown_at(index(start.place))?;
        if start.is_day {
            let (zone, _) = self.lines.days.as_ref()?;
            return Some(ListLine::Day(zone.to_datetime(first.time).date()));
        }
        let places = self.places_of_line(line);
        let row = selected.filter(|at| places.contains(at)).and_then(|at| self.shown_at(at)).unwrap_or(first);
        Some(ListLine::Rows(Folded { at: places.start, count: places.len(), row }))
    }

    /// The rows on the screen of this height, those that are folded away included.
    pub(crate) fn rows_on_screen(&self, height: usize) -> impl Iterator<Item = &Row> {
        let lines = self.top..(self.top + height).min(self.lines.starts.len());
        lines.flat_map(|line| self.places_of_line(line)).filter_map(|at| self.shown_at(at))
    }

    /// Unfolds the selected line. Returns false where there is nothing to unfold.
    pub(crate) fn unfold(&mut self) -> bool {
        let Some(at) = self.selected() else { return false };
        let places = self.folded_with(at);
        if places.len() < 2 {
            return false;
        }
        let rows: Vec<_> = self.ids_of(places).collect();
        self.stay();
        self.lines.unfolded.extend(rows);
        self.lay_lines_again();
        true
    }

    /// Folds the lines again that were unfolded and to which the selected row belongs. Returns false where it is in
    /// none.
    pub(crate) fn fold(&mut self) -> bool {
        let Some(at) = self.selected() else { return false };
        let Some(places) = self.unfolded_around(at) else { return false };
        let rows: Vec<_> = self.ids_of(places).collect();
        self.stay();
        for id in &rows {
            self.lines.unfolded.remove(id);
        }
        self.lay_lines_again();
        true
    }

    /// The places of the unfolded line that a place would be in; `None` where it would be in none.
    fn unfolded_around(&self, place: usize) -> Option<Range<usize>> {
        if self.lines.unfolded.is_empty() || !self.is_by_time() {
            return None;
        }
        let groups = self.groups();
        groups.into_iter().find(|group| group.contains(&place)).filter(|group| self.is_unfolded(group))
    }

    /// True where a row of the line was unfolded.
    fn is_unfolded(&self, places: &Range<usize>) -> bool {
        let mut rows = places.clone().filter_map(|at| self.shown_at(at));
        places.len() > 1
            && !self.lines.unfolded.is_empty()
            && rows.any(|row| self.lines.unfolded.contains(&row.id))
    }

    fn ids_of(&self, places: Range<usize>) -> impl Iterator<Item = AlertId> {
        places.filter_map(|at| self.shown_at(at)).map(|row| row.id.clone())
    }

    fn is_by_time(&self) -> bool {
        matches!(self.sort, Sort::NEWEST_FIRST | Sort::OLDEST_FIRST)
    }

    /// The rows that fold together, by their places, in the order of the list. Each begins with its oldest row, so
    /// that a newer alert joins the line that is there and moves no other.
    fn groups(&self) -> Vec<Range<usize>> {
        let count = self.shown.len();
        let is_reversed = self.sort == Sort::NEWEST_FIRST;
        // From the oldest on.
        let place = |step: usize| if is_reversed { count - 1 - step } else { step };
        let likeness = |step: usize| {
            self.shown.get(place(step)).and_then(|slot| self.likenesses.get(index(*slot))).copied()
        };
        let mut groups = Vec::with_capacity(count);
        let mut from = 0;
        while from < count {
            let first = likeness(from);
            let mut to = from + 1;
            while to < count && first.zip(likeness(to)).is_some_and(|(first, later)| first.takes(later)) {
                to += 1;
            }
            groups.push(if is_reversed { count - to..count - from } else { from..to });
            from = to;
        }
        if is_reversed {
            groups.reverse();
        }
        groups
    }

    /// Lays the lines for the rows as they are now.
    pub(super) fn lay_lines(&mut self) {
        let mut starts = Vec::with_capacity(self.shown.len());
        let start = |place: usize, is_day| Start { place: u32::try_from(place).unwrap_or(u32::MAX), is_day };
        if self.is_by_time() {
            let mut days = Days::new(self.lines.days.as_ref());
            for group in self.groups() {
                let time = self.shown_at(group.start).map_or(Timestamp::MIN, |row| row.time);
                if days.is_new(time) {
                    starts.push(start(group.start, true));
                }
                if self.is_unfolded(&group) {
                    starts.extend(group.map(|place| start(place, false)));
                } else {
                    starts.push(start(group.start, false));
                }
            }
        } else {
            starts.extend((0..self.shown.len()).map(|place| start(place, false)));
        }
        self.lines.starts = starts;
    }

    /// Lays the lines anew, with the selected one as far from the top of the screen as it was.
    fn lay_lines_again(&mut self) {
        let offset = self.selected().map_or(0, |at| self.line_of(at).saturating_sub(self.top));
        self.lay_lines();
        self.top = self.selected().map_or(0, |at| self.line_of(at)).saturating_sub(offset);
        self.keep_in_sight();
    }

    /// True for a line that names a day.
    pub(super) fn is_day(&self, line: usize) -> bool {
        self.lines.starts.get(line).is_some_and(|start| start.is_day)
    }
}

/// The days of rows, one after the other.
struct Days<'a> {
    of: Option<&'a (TimeZone, Date)>,
    /// The times that the last day begins and ends at.
    last: Option<(Timestamp, Timestamp)>,
}

impl<'a> Days<'a> {
    const fn new(of: Option<&'a (TimeZone, Date)>) -> Self {
        Self { of, last: None }
    }

    /// Returns true where a row of this time is of another day than the one before, and that day has a line.
    fn is_new(&mut self, time: Timestamp) -> bool {
        let Some((zone, today)) = self.of else { return false };
        if self.last.is_some_and(|(from, to)| from <= time && time < to) {
            return false;
        }
        let date = zone.to_datetime(time).date();
        let begins = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0));
        let from = begins(date).unwrap_or(Timestamp::MIN);
        let to = date.checked_add(1.day()).and_then(begins).unwrap_or(Timestamp::MAX);
        let is_first = self.last.replace((from, to)).is_none();
        !(is_first && date == *today)
    }
}
