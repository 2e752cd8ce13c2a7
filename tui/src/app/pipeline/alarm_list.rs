//! The list of alarms over the screen: its cursor, and its keys.

use crossterm::event::{KeyCode, KeyEvent};

use crate::app::pipeline::Pipeline;
use crate::model::AlarmKey;

/// Cursor of the open list.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct AlarmList {
    /// The chosen alarm.
    pub(crate) at: usize,
    /// Lines that are above the screen, from the first of the chosen alarm.
    pub(crate) skipped: usize,
}

/// Result of a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AlarmKeyPress {
    Stays,
    Closes,
    /// Forget this alarm: its pipeline may be gone, and CloudWatch will never say that it is OK.
    Forget(AlarmKey),
}

impl AlarmList {
    /// Takes a key of a list of so many rows, of which `below` lines can be skipped.
    pub(crate) fn key(
        &mut self,
        key: KeyEvent,
        pipeline: &Pipeline,
        (rows, below): (usize, usize),
    ) -> AlarmKeyPress {
        let rows = rows.max(1).cast_signed();
        match key.code {
            KeyCode::Down | KeyCode::Char('j') => self.step(1, pipeline),
            KeyCode::Up | KeyCode::Char('k') => self.step(-1, pipeline),
            KeyCode::PageDown => self.scroll(rows, below),
            KeyCode::PageUp => self.scroll(-rows, below),
            KeyCode::Char('x') => {
                let chosen = pipeline.troubles().nth(self.at);
                return chosen.map_or(AlarmKeyPress::Stays, |alarm| AlarmKeyPress::Forget(alarm.key.clone()));
            }
            _ => return AlarmKeyPress::Closes,
        }
        AlarmKeyPress::Stays
    }

    fn step(&mut self, by: isize, pipeline: &Pipeline) {
        *self = Self { at: self.at.saturating_add_signed(by), skipped: 0 };
        self.clamp(pipeline);
    }

    /// Reads on by lines, of which `below` can be skipped.
    pub(crate) fn scroll(&mut self, by: isize, below: usize) {
        self.skipped = self.skipped.saturating_add_signed(by).min(below);
    }

    /// Keeps the cursor on an alarm, after the alarms have changed.
    pub(crate) fn clamp(&mut self, pipeline: &Pipeline) {
        self.at = self.at.min(pipeline.troubles().count().saturating_sub(1));
    }
}
