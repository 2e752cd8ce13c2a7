//! Answers of the store.

use super::row::{Position, Row};
use super::triage::{TriageAction, TriageCommand};

/// Rows of a stretch of the database that a filter lets through.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SearchPage {
    pub(crate) rows: Vec<Row>,
    /// The last row that was looked at, or the last that the index gave; none where there was none.
    pub(crate) end: Option<Position>,
    /// True where nothing more is to be found behind the stretch.
    pub(crate) last: bool,
    /// True where the rows were looked at one by one: to ask the index again would be of no use.
    pub(crate) walked: bool,
}

/// Result of triage.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TriageOutcome {
    /// The rows that changed, as they are now.
    pub(crate) rows: Vec<Row>,
    /// Commands that undo the changes.
    pub(crate) undo: Vec<TriageCommand>,
}

impl TriageOutcome {
    pub(crate) fn add(&mut self, row: Row, undo: TriageAction) {
        match self.undo.iter_mut().find(|command| command.action == undo) {
            Some(command) => command.alerts.push(row.id.clone()),
            None => self.undo.push(TriageCommand { alerts: vec![row.id.clone()], action: undo }),
        }
        self.rows.push(row);
    }

    /// Returns the store's answer to these commands if these were its rows.
    #[cfg(test)]
    pub(crate) fn of_rows(mut rows: Vec<Row>, commands: &[TriageCommand]) -> Self {
        let mut done = Self { rows: Vec::new(), undo: Vec::new() };
        for command in commands {
            for row in rows.iter_mut().filter(|row| command.alerts.contains(&row.id)) {
                if let Some(undo) =
                    command.action.apply(&mut row.state, &mut row.remarks, "ana", jiff::Timestamp::UNIX_EPOCH)
                {
                    done.add(row.clone(), undo);
                }
            }
        }
        done
    }
}
