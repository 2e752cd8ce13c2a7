//! The list of alerts: newest first, with a cursor that is an alert and never a row number.

use std::collections::HashSet;

use detector::AlertId;
use jiff::Timestamp;

use crate::store::{Row, TriageState};

/// Rows that are kept in memory; the oldest leave first (they stay in the database).
const MOST_ROWS: usize = 100_000;

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Cursor {
    /// Whatever is newest: the list is followed.
    #[default]
    Newest,
    /// This alert, wherever it stands.
    At(Timestamp, AlertId),
}

/// The rows and what is selected among them.
#[derive(Debug, Default)]
pub(crate) struct List {
    rows: Vec<Row>,
    cursor: Cursor,
    /// The newest alert when the list was last followed.
    seen: Option<(Timestamp, AlertId)>,
    /// The first row on the screen.
    top: usize,
    /// Rows that fit on the screen.
    height: usize,
    /// Acknowledged rows that are not shown.
    aside: Vec<Row>,
    shows_acknowledged: bool,
    /// Acknowledged rows that are shown still, since they were on the screen or selected.
    lingering: HashSet<AlertId>,
}

impl List {
    /// Every row in memory, shown or not.
    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().chain(&self.aside)
    }

    /// Acknowledged rows that are not shown.
    pub(crate) const fn hidden(&self) -> usize {
        self.aside.len()
    }

    /// Whether no more rows are taken.
    pub(crate) const fn is_full(&self) -> bool {
        self.rows.len() + self.aside.len() >= MOST_ROWS
    }

    /// Shows acknowledged rows, or hides them again; which of both comes back.
    pub(crate) fn show_acknowledged(&mut self) -> bool {
        self.shows_acknowledged = !self.shows_acknowledged;
        self.lingering.clear();
        self.insert(Vec::new());
        self.shows_acknowledged
    }

    /// Acknowledged rows that are out of sight now leave the list: nothing that is seen moves.
    pub(crate) fn settle(&mut self) {
        if self.lingering.is_empty() {
            return;
        }
        let seen = self.in_sight();
        let before = self.lingering.len();
        self.lingering.retain(|id| seen.contains(id));
        if self.lingering.len() < before {
            self.insert(Vec::new());
        }
    }

    /// The alerts on the screen, and the selected one.
    fn in_sight(&self) -> HashSet<AlertId> {
        let on_screen = self.rows.iter().skip(self.top).take(self.height);
        on_screen.chain(self.selected_row()).map(|row| row.id.clone()).collect()
    }

    /// The places from this alert to the cursor.
    pub(crate) fn range(&self, (time, id): (Timestamp, &AlertId)) -> std::ops::Range<usize> {
        let Some(cursor) = self.selected() else { return 0..0 };
        let other = self.place(time, id).unwrap_or_else(|at| at.min(self.rows.len().saturating_sub(1)));
        cursor.min(other)..cursor.max(other) + 1
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    #[cfg(test)]
    pub(crate) const fn cursor(&self) -> &Cursor {
        &self.cursor
    }

    pub(crate) const fn top(&self) -> usize {
        self.top
    }

    /// The selected row's place.
    pub(crate) fn selected(&self) -> Option<usize> {
        match &self.cursor {
            Cursor::Newest if self.rows.is_empty() => None,
            Cursor::Newest => Some(0),
            Cursor::At(time, id) => {
                // Where it left the memory, what took its place.
                let at = self.place(*time, id).unwrap_or_else(|at| at.min(self.rows.len().saturating_sub(1)));
                (!self.rows.is_empty()).then_some(at)
            }
        }
    }

    pub(crate) fn selected_row(&self) -> Option<&Row> {
        self.rows.get(self.selected()?)
    }

    /// Rows above what was newest when the list was last followed.
    pub(crate) fn newer(&self) -> usize {
        match (&self.cursor, &self.seen) {
            (Cursor::At(..), Some((time, id))) => self.place(*time, id).unwrap_or_else(|at| at),
            _ => 0,
        }
    }

    fn place(&self, time: Timestamp, id: &AlertId) -> Result<usize, usize> {
        self.rows.binary_search_by(|row| row.key().cmp(&(std::cmp::Reverse(time), id)))
    }

    /// From here on newer alerts are counted and not followed.
    fn leave(&mut self, to: Cursor) {
        if self.cursor == Cursor::Newest {
            self.seen = self.rows.first().map(|row| (row.time, row.id.clone()));
        }
        self.cursor = to;
    }

    /// Takes new rows in. Neither the selection nor the rows on the screen move, unless the list is
    /// followed.
    pub(crate) fn insert(&mut self, new: Vec<Row>) {
        let first_on_screen = self.rows.get(self.top).map(|row| (row.time, row.id.clone()));
        if new.iter().any(|row| row.state == TriageState::Acknowledged) {
            let seen = self.in_sight();
            let acknowledged = new.iter().filter(|row| row.state == TriageState::Acknowledged);
            self.lingering.extend(acknowledged.map(|row| &row.id).filter(|id| seen.contains(*id)).cloned());
        }
        self.rows.append(&mut self.aside);
        let known = self.rows.len();
        self.rows.extend(new);
        if known > 0 || !self.rows.is_sorted_by(|a, b| a.key() <= b.key()) {
            // Timsort-like: a sorted list with a few new rows behind it costs one merge.
            self.rows.sort_by(|a, b| a.key().cmp(&b.key()));
        }
        // Of one alert, what came last is how it is now.
        self.rows.dedup_by(|a, b| {
            let same = a.id == b.id;
            if same {
                std::mem::swap(a, b);
            }
            same
        });
        self.rows.truncate(MOST_ROWS);
        let (show_all, lingering) = (self.shows_acknowledged, &self.lingering);
        let hide = |row: &mut Row| {
            row.state == TriageState::Acknowledged && !show_all && !lingering.contains(&row.id)
        };
        self.aside = self.rows.extract_if(.., hide).collect();
        self.top = match (&self.cursor, first_on_screen) {
            (Cursor::At(..), Some((time, id))) => self.place(time, &id).unwrap_or_else(|at| at),
            _ => 0,
        };
    }

    /// Moves the selection by rows, and keeps it in sight of a list of this height.
    pub(crate) fn step(&mut self, by: isize, height: usize) {
        let at = self.selected().unwrap_or(0).saturating_add_signed(by);
        // Up from the top is back to following; a single step down from it is not.
        self.select(at, height);
    }

    pub(crate) fn follow(&mut self) {
        // Back at the top the list is as it would be afresh.
        if !self.lingering.is_empty() {
            self.lingering.clear();
            self.insert(Vec::new());
        }
        self.cursor = Cursor::Newest;
        self.top = 0;
    }

    pub(crate) fn last(&mut self, height: usize) {
        self.select(self.rows.len(), height);
    }

    /// Stays with the alert that is selected now, though newer ones come.
    pub(crate) fn stay(&mut self) {
        if let Some(row) = self.selected_row() {
            let at = Cursor::At(row.time, row.id.clone());
            self.leave(at);
        }
    }

    /// Keeps the selection in sight after the height has changed.
    pub(crate) fn show(&mut self, height: usize) {
        if height == 0 {
            // Not on the screen: where it was is where it comes back.
            return;
        }
        self.height = height;
        let at = self.selected().unwrap_or(0);
        let lowest = self.rows.len().saturating_sub(height);
        self.top = self.top.min(lowest).clamp((at + 1).saturating_sub(height), at);
    }

    fn select(&mut self, at: usize, height: usize) {
        let at = at.min(self.rows.len().saturating_sub(1));
        match self.rows.get(at) {
            Some(row) if at > 0 => {
                let cursor = Cursor::At(row.time, row.id.clone());
                self.leave(cursor);
            }
            _ => self.cursor = Cursor::Newest,
        }
        self.show(height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detector::{SafeText, Severity};
    use proptest::prelude::*;

    fn row(id: u8, second: u8) -> Row {
        Row {
            id: AlertId(id.to_string()),
            time: Timestamp::from_second(i64::from(second)).unwrap(),
            severity: Some(Severity::Low),
            event: SafeText::default(),
            actor: SafeText::default(),
            source_ip: SafeText::default(),
            account: SafeText::default(),
            target: SafeText::default(),
            region: SafeText::default(),
            source: SafeText::default(),
            outcome: None,
            rules: SafeText::default(),
            state: TriageState::Open,
            remarks: None,
        }
    }

    fn ids(list: &List) -> Vec<&str> {
        list.rows().iter().map(|row| row.id.0.as_str()).collect()
    }

    #[test]
    fn the_newest_is_followed_until_one_moves_away() {
        let mut list = List::default();
        list.insert(vec![row(1, 10), row(2, 20)]);
        assert_eq!((ids(&list), list.selected()), (vec!["2", "1"], Some(0)));
        list.insert(vec![row(3, 30)]);
        assert_eq!(list.selected_row().unwrap().id.0, "3");
        list.step(1, 10);
        list.insert(vec![row(4, 40), row(5, 5)]);
        assert_eq!((list.selected_row().unwrap().id.0.as_str(), list.newer()), ("2", 1));
        list.follow();
        assert_eq!(list.selected_row().unwrap().id.0, "4");
    }

    #[test]
    fn every_move_on_an_empty_list_is_harmless() {
        let mut list = List::default();
        list.step(1, 5);
        list.step(-1, 0);
        list.last(5);
        list.stay();
        list.show(0);
        assert_eq!((list.selected(), list.top()), (None, 0));
    }

    proptest! {
        #[test]
        fn the_selection_and_the_screen_stay_whatever_comes(
            first in prop::collection::btree_map(0..60_u8, 0..50_u8, 3..20),
            moves in prop::collection::vec(-3..6_isize, 1..8),
            later in prop::collection::btree_map(60..250_u8, 0..50_u8, 0..60),
        ) {
            let mut list = List::default();
            list.insert(first.iter().map(|(id, second)| row(*id, *second)).collect());
            for by in &moves {
                list.step(*by, 4);
            }
            list.stay();
            let (selected, top) = (list.selected_row().unwrap().clone(), list.rows()[list.top()].clone());
            for (id, second) in &later {
                list.insert(vec![row(*id, *second)]);
            }
            prop_assert_eq!(&selected, list.selected_row().unwrap());
            prop_assert_eq!(&top, &list.rows()[list.top()]);
            let place = list.selected().unwrap();
            prop_assert!(place >= list.top() && list.rows().is_sorted_by(|a, b| a.key() < b.key()));
        }
    }
}
