//! Setup of the list's columns: the columns shown, their order and widths, and the style of times.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::app::list::sort::Column;

/// Cells more or fewer that a column may have.
pub(crate) const NARROWEST: i16 = -20;
pub(crate) const WIDEST: i16 = 100;
/// Cells in which nearly every call and its objects are whole.
const LONG_WHAT: usize = 64;

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
        let on = |column| !matches!(column, Column::Event | Column::Target | Column::Source | Column::Rule);
        let placed = Column::ALL.map(|column| Placed { column, on: on(column), wider: 0 });
        Self { placed: placed.into(), at: None, time: TimeStyle::default(), zone: TimeZone::UTC }
    }
}

impl Columns {
    /// Takes these columns, each once; those that are missing come behind, as they are at first.
    pub(crate) fn place(&mut self, columns: Vec<Placed>) {
        let mut placed: Vec<Placed> = Vec::new();
        for one in columns.into_iter().chain(Self::default().placed) {
            if !placed.iter().any(|known| known.column == one.column) {
                placed.push(Placed { wider: one.wider.clamp(NARROWEST, WIDEST), ..one });
            }
        }
        self.placed = placed;
    }

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
            let sized = |cells: usize, by: i16| cells.saturating_add_signed(isize::from(by)).max(3);
            // A wider column asks for more room, and not for the place of others or its own.
            (sized(least, placed.wider.min(0)), sized(wish, placed.wider))
        };
        let mut shown: Vec<_> = self.placed.iter().filter(|placed| placed.on).copied().collect();
        let taken = |shown: &[Placed]| shown.iter().map(|placed| bounds(placed).0 + 1).sum::<usize>();
        // The last one stays: something of it is better than nothing.
        while let [_, _, ..] = shown.as_slice() {
            let Some(last) = shown.iter().map(|placed| placed.column).max_by_key(|column| column.dropped())
            else {
                break;
            };
            // Optional columns are not shown at the cost of the call's name; triage, which has a
            // mark before the row too, at the cost of no name.
            let names: &[Column] = match last {
                Column::Triage => &[Column::What, Column::Actor, Column::Event, Column::Target],
                last if last.dropped() > Column::Target.dropped() => &[Column::What, Column::Event],
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
        // Names can be longer than what is wished for them.
        let names = [Column::Actor, Column::Target, Column::Event, Column::What];
        let wants = names.map(|name| (name, 30)).into_iter().chain(names.map(|name| (name, usize::MAX)));
        for (wanted, most) in std::iter::once((Column::What, LONG_WHAT)).chain(wants) {
            if let Some(at) = shown.iter().position(|placed| placed.column == wanted) {
                give(at, most, &mut left);
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
