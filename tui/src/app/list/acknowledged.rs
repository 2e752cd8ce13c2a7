//! Acknowledged alerts in the list. They are hidden, except those that are on the screen or selected when
//! they are acknowledged: these fade in place and leave once they are out of sight, so that triage moves
//! nothing. The same holds for alerts that a filter would hide because their remarks have just changed.
//! A filter that asks for the state decides alone which acknowledged alerts are shown.

use std::collections::HashSet;

use detector::AlertId;

use crate::app::list::List;
use crate::filter::Filter;
use crate::model::{Row, TriageState};

/// Settings that decide which acknowledged alerts are shown.
#[derive(Debug, Default)]
pub(super) struct Acknowledged {
    all: bool,
    /// A filter says which.
    asked: bool,
    /// Shown still, since they were on the screen or selected.
    lingering: HashSet<AlertId>,
}

impl Acknowledged {
    pub(super) fn hides(&self, row: &Row) -> bool {
        row.state == TriageState::Acknowledged && !self.all && !self.asked && !self.lingers(row)
    }

    pub(super) fn lingers(&self, row: &Row) -> bool {
        self.lingering.contains(&row.id)
    }
}

impl List {
    /// True where acknowledged rows are shown like any others.
    pub(crate) const fn shows_acknowledged(&self) -> bool {
        self.acknowledged.all || self.acknowledged.asked
    }

    /// Shows acknowledged rows, or hides them again. Returns true where they are shown now; `None` where
    /// a filter decides which are.
    pub(crate) fn show_acknowledged(&mut self) -> Option<bool> {
        if self.acknowledged.asked {
            return None;
        }
        self.acknowledged.all = !self.acknowledged.all;
        self.acknowledged.lingering.clear();
        // Rows found further back were sought without them.
        self.turn += 1;
        self.rearrange();
        Some(self.acknowledged.all)
    }

    /// Before rows are taken in: what would leave for what is said of it now, and is before one's eyes,
    /// stays there.
    pub(super) fn let_linger(&mut self, new: &[Row]) {
        let leaves = |row: &&Row| {
            let known = self.slots.get(&row.id).and_then(|slot| self.row(*slot));
            known.is_some_and(|known| known.state != row.state || known.remarks != row.remarks)
                && !self.lets_through(row)
        };
        let leaving: Vec<_> = new.iter().filter(leaves).map(|row| &row.id).collect();
        if leaving.is_empty() {
            return;
        }
        let seen = self.in_sight();
        let lingering = leaving.into_iter().filter(|id| seen.contains(*id)).cloned();
        self.acknowledged.lingering.extend(lingering);
    }

    /// Other filters are set: what lingers must pass them too.
    pub(super) fn refilter(&mut self) {
        self.acknowledged.asked = self.filters.iter().any(Filter::asks_for_state);
        let mut lingering = std::mem::take(&mut self.acknowledged.lingering);
        lingering.retain(|id| {
            let row = self.slots.get(id).and_then(|slot| self.row(*slot));
            row.is_some_and(|row| self.passes(row))
        });
        self.acknowledged.lingering = lingering;
    }

    /// Lets the lingering rows that are out of sight leave. Returns true where there were any.
    pub(crate) fn drop_lingering(&mut self) -> bool {
        if self.acknowledged.lingering.is_empty() {
            return false;
        }
        let (seen, before) = (self.in_sight(), self.acknowledged.lingering.len());
        self.acknowledged.lingering.retain(|id| seen.contains(id));
        let left = self.acknowledged.lingering.len() < before;
        if left {
            self.rearrange();
        }
        left
    }

    /// All that lingers leaves: the list is as it would be afresh.
    pub(crate) fn drop_all_lingering(&mut self) {
        if !std::mem::take(&mut self.acknowledged.lingering).is_empty() {
            self.rearrange();
        }
    }

    /// The alerts on the screen, and the selected one.
    fn in_sight(&self) -> HashSet<AlertId> {
        let on_screen = self.rows_on_screen(self.height);
        on_screen.chain(self.selected_row()).map(|row| row.id.clone()).collect()
    }
}
