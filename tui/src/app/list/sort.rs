//! Columns of the list, and its order by one of them.

use std::cmp::Ordering;

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
    What,
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
    pub(crate) const ALL: [Self; 12] = [
        Self::Time,
        Self::Severity,
        Self::Event,
        Self::Actor,
        Self::What,
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
            Self::What => "WHAT",
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
            Self::What => Field::What,
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
            Self::What => (14, 44),
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
    pub(crate) const fn dropped(self) -> u8 {
        match self {
            Self::Time => 0,
            Self::Severity => 1,
            Self::What => 2,
            Self::Actor => 3,
            Self::Event => 4,
            Self::Target => 5,
            Self::SourceIp => 6,
            Self::Account => 7,
            Self::Region => 8,
            Self::Rule => 9,
            Self::Source => 10,
            Self::Triage => 11,
        }
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
        // Of one second, what follows from the other is the newer one: a policy is attached to a user who is there.
        let newest = b.time.cmp(&a.time).then_with(|| b.step().cmp(&a.step())).then_with(|| a.id.cmp(&b.id));
        let field = self.by.field();
        let first = match self.by {
            Column::Time => newest,
            Column::Severity => b.severity.cmp(&a.severity),
            _ => a.text(field).cmp(b.text(field)),
        };
        let first = if self.reversed { first.reverse() } else { first };
        first.then(newest)
    }
}
