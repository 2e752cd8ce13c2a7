//! The columns of the list: which, in which order, how wide, and by which the list is sorted.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::model::{Field, Row};

/// Column of the list, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Column {
    #[default]
    Time,
    Severity,
    Event,
    Actor,
    Target,
    SourceIp,
    Account,
    Region,
    Triage,
    Source,
    Rule,
}

impl Column {
    /// Every column, in the order in which they stand at first.
    pub(crate) const ALL: [Self; 11] = [
        Self::Time,
        Self::Severity,
        Self::Event,
        Self::Actor,
        Self::Target,
        Self::SourceIp,
        Self::Account,
        Self::Region,
        Self::Triage,
        Self::Source,
        Self::Rule,
    ];

    /// As it stands over the list.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Time => "TIME",
            Self::Severity => "SEV",
            Self::Event => "EVENT",
            Self::Actor => "ACTOR",
            Self::Target => "TARGET",
            Self::SourceIp => "SOURCE IP",
            Self::Account => "ACCOUNT",
            Self::Region => "REGION",
            Self::Triage => "TRIAGE",
            Self::Source => "SERVICE",
            Self::Rule => "RULE",
        }
    }

    /// Returns the field by which filters know the column.
    pub(crate) const fn field(self) -> Field {
        match self {
            Self::Time => Field::Time,
            Self::Severity => Field::Severity,
            Self::Event => Field::Event,
            Self::Actor => Field::Actor,
            Self::Target => Field::Target,
            Self::SourceIp => Field::Ip,
            Self::Account => Field::Account,
            Self::Region => Field::Region,
            Self::Triage => Field::State,
            Self::Source => Field::Source,
            Self::Rule => Field::Rule,
        }
    }

    /// Cells without which it is not shown, and cells that it wants; what is left over goes to those
    /// that can use it.
    pub(crate) const fn cells(self) -> (usize, usize) {
        match self {
            Self::Time => (8, 8),
            Self::Severity => (6, 6),
            Self::Event => (14, 22),
            Self::Actor => (10, 12),
            Self::Target => (10, 18),
            Self::SourceIp => (15, 15),
            Self::Account => (12, 12),
            Self::Region => (9, 14),
            Self::Triage => (6, 12),
            Self::Source => (8, 18),
            Self::Rule => (12, 30),
        }
    }

    /// Returns the column's rank in being dropped for lack of room: the highest is dropped first.
    const fn dropped(self) -> u8 {
        match self {
            Self::Time => 0,
            Self::Severity => 1,
            Self::Event => 2,
            Self::Actor => 3,
            Self::Target => 4,
            Self::SourceIp => 5,
            Self::Account => 6,
            Self::Region => 7,
            Self::Rule => 8,
            Self::Source => 9,
            Self::Triage => 10,
        }
    }
}

/// Style in which times are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TimeStyle {
    #[default]
    Utc,
    Local,
    /// As an age.
    Relative,
}

/// A column's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) column: Column,
    pub(crate) on: bool,
    /// Cells more or fewer than it would have.
    pub(crate) wider: i16,
}

/// Setup of the list's columns.
#[derive(Debug)]
pub(crate) struct Columns {
    pub(crate) placed: Vec<Placed>,
    /// The column of the cell under the cursor, once one has moved there.
    pub(crate) at: Option<Column>,
    pub(crate) time: TimeStyle,
    /// The local time zone; UTC until the loop has set it.
    pub(crate) zone: TimeZone,
}

impl Default for Columns {
    fn default() -> Self {
        let on = |column| !matches!(column, Column::Source | Column::Rule);
        let placed = Column::ALL.map(|column| Placed { column, on: on(column), wider: 0 });
        Self { placed: placed.into(), at: None, time: TimeStyle::default(), zone: TimeZone::UTC }
    }
}

impl Columns {
    /// The zone that times are shown in, and read in where they name none.
    pub(crate) fn shown_zone(&self) -> TimeZone {
        match self.time {
            TimeStyle::Utc => TimeZone::UTC,
            TimeStyle::Local | TimeStyle::Relative => self.zone.clone(),
        }
    }

    /// The columns that have room in so many cells, with the cells of each and one between them. The
    /// time takes what it is given.
    pub(crate) fn fit(&self, width: usize, time: usize) -> Vec<(Column, usize)> {
        let bounds = |placed: &Placed| {
            let (least, wish) =
                if placed.column == Column::Time { (time, time) } else { placed.column.cells() };
            let sized = |cells: usize| cells.saturating_add_signed(isize::from(placed.wider)).max(3);
            (sized(least), sized(wish))
        };
        let mut shown: Vec<_> = self.placed.iter().filter(|placed| placed.on).copied().collect();
        let taken = |shown: &[Placed]| shown.iter().map(|placed| bounds(placed).0 + 1).sum::<usize>();
        // The last one stays: something of it is better than nothing.
        while let [_, _, ..] = shown.as_slice() {
            let Some(last) = shown.iter().map(|placed| placed.column).max_by_key(|column| column.dropped())
            else {
                break;
            };
            // What is only nice to have is not shown at the cost of the call's name; triage, which has a
            // mark before the row too, at the cost of no name.
            let names: &[Column] = match last {
                Column::Triage => &[Column::Event, Column::Actor, Column::Target],
                last if last.dropped() > Column::Target.dropped() => &[Column::Event],
                _ => &[],
            };
            let whole = shown.iter().filter(|placed| names.contains(&placed.column)).map(bounds);
            let more: usize = whole.map(|(least, wish)| wish.saturating_sub(least)).sum();
            if taken(&shown) + more <= width + 1 {
                break;
            }
            shown.retain(|placed| placed.column != last);
        }
        let mut left = (width + 1).saturating_sub(taken(&shown));
        let mut order: Vec<usize> = (0..shown.len()).collect();
        order.sort_by_key(|at| shown.get(*at).map(|placed| placed.column.dropped()));
        let mut cells: Vec<usize> = shown.iter().map(|placed| bounds(placed).0).collect();
        let mut give = |at: usize, most: usize, left: &mut usize| {
            if let Some(cells) = cells.get_mut(at) {
                let more = most.saturating_sub(*cells).min(*left);
                *cells += more;
                *left -= more;
            }
        };
        for at in &order {
            give(*at, shown.get(*at).map_or(0, |placed| bounds(placed).1), &mut left);
        }
        // Names are what can be longer than wished for.
        for most in [30, usize::MAX] {
            for wanted in [Column::Actor, Column::Target, Column::Event] {
                if let Some(at) = shown.iter().position(|placed| placed.column == wanted) {
                    give(at, most, &mut left);
                }
            }
        }
        shown.iter().map(|placed| placed.column).zip(cells).collect()
    }

    /// Moves to the next column that is on, or the one before it; stays at the ends.
    pub(crate) fn step(&mut self, forward: bool) {
        let on: Vec<_> = self.placed.iter().filter(|placed| placed.on).map(|placed| placed.column).collect();
        let at = self.at.and_then(|column| on.iter().position(|known| *known == column));
        let next = match (at, forward) {
            (None, _) => on.iter().position(|column| *column == Column::Actor).unwrap_or(0),
            (Some(at), true) => (at + 1).min(on.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        self.at = on.get(next).copied();
    }
}

/// The order of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Sort {
    pub(crate) by: Column,
    /// Against its first direction: newest first, worst first, names from A.
    pub(crate) reversed: bool,
}

impl Sort {
    pub(crate) const NEWEST_FIRST: Self = Self { by: Column::Time, reversed: false };
    pub(crate) const OLDEST_FIRST: Self = Self { by: Column::Time, reversed: true };

    /// As it stands behind the column's name.
    pub(crate) const fn arrow(self) -> &'static str {
        if self.reversed { "▲" } else { "▼" }
    }

    /// By this column; by the same again, the other way round.
    pub(crate) fn then(self, by: Column) -> Self {
        Self { by, reversed: self.by == by && !self.reversed }
    }

    /// Compares two rows: the lesser stands first. No two different rows are equal, so each has one place.
    pub(crate) fn compare(self, a: &Row, b: &Row) -> Ordering {
        let (field, newest) = (self.by.field(), a.key().cmp(&b.key()));
        let first = match self.by {
            Column::Time => newest,
            Column::Severity => b.severity.cmp(&a.severity),
            _ => a.text(field).cmp(b.text(field)),
        };
        let first = if self.reversed { first.reverse() } else { first };
        first.then(newest)
    }
}
