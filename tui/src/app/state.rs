//! All that the screen is drawn from.

use detector::Severity;
use jiff::{SignedDuration, Timestamp};

use super::ui::Ui;
use super::{Desk, Detail, List};
use crate::source::Health;
use crate::view::Layout;

/// Which pane the keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Focus {
    #[default]
    List,
    Detail,
}

/// How many of each, among the rows in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) critical: usize,
    pub(crate) high: usize,
    pub(crate) unreadable: usize,
}

/// What is so now.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) list: List,
    pub(crate) counts: Counts,
    pub(crate) detail: Option<Detail>,
    /// Whether the detail was opened; a wide screen shows it all the same.
    pub(crate) opened: bool,
    pub(crate) focus: Focus,
    pub(crate) health: Health,
    /// What the database says is wrong.
    pub(crate) trouble: Option<String>,
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The time of the last message: what ages are counted from.
    pub(crate) now: Timestamp,
    /// What belongs to the console and not to the alerts.
    pub(crate) ui: Ui,
    /// What lies on the detail: which tab, the copy menu, a word.
    pub(crate) desk: Desk,
}

impl State {
    pub(crate) fn new(width: u16, height: u16, now: Timestamp) -> Self {
        Self {
            list: List::default(),
            counts: Counts::default(),
            detail: None,
            opened: false,
            focus: Focus::List,
            health: Health::Connecting,
            trouble: None,
            width,
            height,
            now,
            ui: Ui::default(),
            desk: Desk::default(),
        }
    }

    /// Where everything is on a screen of this size.
    pub(crate) fn layout(&self) -> Layout {
        Layout::new(self.width, self.height, self.opened)
    }

    /// Whether something on the screen changes with every second.
    const fn counts_down(&self) -> bool {
        matches!(self.health, Health::Retrying { .. })
    }

    /// When something is to be done though nothing happens; nothing else may wake the console.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let second = self.counts_down().then(|| self.now + SignedDuration::from_secs(1));
        second.into_iter().chain(self.ui.wake()).min()
    }

    pub(super) fn count(&mut self) {
        let of = |wanted| self.list.rows().iter().filter(|row| row.severity == wanted).count();
        self.counts = Counts {
            critical: of(Some(Severity::Critical)),
            high: of(Some(Severity::High)),
            unreadable: of(None),
        };
    }
}
