//! Triage at the keyboard: choosing alerts, acknowledging, noting and tagging them, and undoing it.
//!
//! An action is about the marked alerts and the range that is being drawn, else about the selected
//! one; always by id. The store makes the change and answers with the rows as they are then, so that the
//! screen never shows what is not on disk; its answer also holds the commands that undo it.

pub(crate) mod actions;
pub(crate) mod confirm;
pub(crate) mod outcome;
pub(crate) mod prompt;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use detector::AlertId;

use crate::model::{Row, TriageCommand};

/// Steps that can be undone.
const MOST_UNDO: usize = 100;

/// State of triage: the marked alerts, and the steps to undo.
#[derive(Debug, Default)]
pub(crate) struct Triage {
    marks: HashSet<AlertId>,
    /// The end of a range that stays; the other is the cursor.
    pub(crate) anchor: Option<Box<Row>>,
    /// True where what people do about alerts is kept when the console ends.
    pub(crate) is_kept: bool,
    /// True once the user was asked whether to quit and lose it.
    pub(crate) has_asked: bool,
    /// Commands that undo each earlier step, the latest step at the end.
    undo: Vec<Vec<TriageCommand>>,
}

impl Triage {
    pub(crate) fn is_marked(&self, id: &AlertId) -> bool {
        self.marks.contains(id)
    }

    pub(crate) fn anchor(&self) -> Option<&Row> {
        self.anchor.as_deref()
    }

    /// Returns the number of marked alerts.
    pub(crate) fn marks(&self) -> usize {
        self.marks.len()
    }

    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty() || self.anchor.is_some()
    }

    /// Takes marks and range away.
    pub(crate) fn unmark(&mut self) {
        self.marks.clear();
        self.anchor = None;
    }

    /// Remembers the commands that undo a step; the oldest of too many are forgotten.
    pub(crate) fn remember(&mut self, undo: Vec<TriageCommand>) {
        self.undo.push(undo);
        let surplus = self.undo.len().saturating_sub(MOST_UNDO);
        self.undo.drain(..surplus);
    }

    /// Takes the commands that undo the latest step; `None` where there is none.
    pub(crate) fn take_undo(&mut self) -> Option<Vec<TriageCommand>> {
        self.undo.pop()
    }
}
