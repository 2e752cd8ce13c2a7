//! Counts for the header, from one byte per row: the rows themselves are large, and to touch each of a
//! hundred thousand with every batch would keep the keys waiting.

use std::ops::AddAssign;

use detector::Severity;

use crate::app::list::{List, index};
use crate::model::{Row, TriageState};

/// Numbers of alerts in memory: open ones that are critical, high or unreadable, without rows that stand
/// alone; and all acknowledged ones, hidden or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) critical: usize,
    pub(crate) high: usize,
    pub(crate) unreadable: usize,
    pub(crate) acknowledged: usize,
}

/// Kind as which a row is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Critical,
    High,
    Unreadable,
    Acknowledged,
    Other,
}

impl Kind {
    pub(super) const fn of(row: &Row) -> Self {
        match (row.state, row.severity) {
            (TriageState::Acknowledged, _) => Self::Acknowledged,
            (TriageState::Open, Some(Severity::Critical)) => Self::Critical,
            (TriageState::Open, Some(Severity::High)) => Self::High,
            (TriageState::Open, None) => Self::Unreadable,
            (TriageState::Open, Some(Severity::Medium | Severity::Low)) => Self::Other,
        }
    }
}

impl AddAssign<Kind> for Counts {
    fn add_assign(&mut self, kind: Kind) {
        match kind {
            Kind::Critical => self.critical += 1,
            Kind::High => self.high += 1,
            Kind::Unreadable => self.unreadable += 1,
            Kind::Acknowledged => self.acknowledged += 1,
            Kind::Other => {}
        }
    }
}

impl List {
    /// Counts the rows that do not stand alone, and of all rows those that are acknowledged.
    pub(crate) fn counts(&self) -> Counts {
        let kind = |slot: &u32| self.kinds.get(index(*slot)).copied();
        let (mut all, mut loose) = (Counts::default(), Counts::default());
        self.all.iter().filter_map(kind).for_each(|kind| all += kind);
        let alone = self.loose.iter().filter_map(|id| self.slots.get(id));
        alone.filter_map(kind).for_each(|kind| loose += kind);
        Counts {
            critical: all.critical.saturating_sub(loose.critical),
            high: all.high.saturating_sub(loose.high),
            unreadable: all.unreadable.saturating_sub(loose.unreadable),
            acknowledged: all.acknowledged,
        }
    }
}
