//! State of the console that does not concern the alerts: its keys, its theme, the mouse, notifications.

use crossterm::event::{KeyCode, KeyEvent};
use jiff::Timestamp;
use ratatui::layout::Position;

use crate::app::effect::{Effect, Handled, TerminalWork};
use crate::app::notifications::Notifications;
use crate::app::preferences::Preferences;
use crate::app::status::StatusLine;
use crate::keymap::{Action, Keymap};
use crate::model::{ReplayCommand, SourceStatus};
use crate::theme::Theme;

/// The largest count before an action.
const MOST: usize = 99_999;

/// State of the shell.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) keymap: Keymap,
    pub(crate) theme: Theme,
    /// Only ASCII is drawn.
    pub(crate) ascii: bool,
    pub(crate) mouse: Mouse,
    /// Lines that were run from the list of actions, the latest first.
    pub(crate) recent: Vec<String>,
    pub(crate) notifications: Notifications,
    /// Digits that were typed before an action.
    pub(crate) count: Option<usize>,
    /// The preferences as they were last read from their file or sent to it.
    pub(crate) saved: Preferences,
}

/// State of the mouse.
#[derive(Debug)]
pub(crate) struct Mouse {
    /// True where the terminal gives the mouse to the console.
    pub(crate) on: bool,
    /// Choice made at the keyboard, in this run or an earlier one: true for the console, false for the
    /// terminal; `None` without a choice.
    pub(crate) chosen: Option<bool>,
    /// Place and time of the last click; `None` after a double click.
    pub(crate) last: Option<(Position, Timestamp)>,
    /// The thing that is dragged; `None` where nothing is.
    pub(crate) held: Option<Held>,
}

/// Thing on the screen that the mouse can drag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Scrollbar,
    /// The line between list and detail.
    Divider,
}

impl Default for Shell {
    fn default() -> Self {
        Self {
            keymap: Keymap::default().of_live(),
            theme: Theme::new(true),
            ascii: false,
            mouse: Mouse { on: true, chosen: None, last: None, held: None },
            recent: Vec::new(),
            notifications: Notifications::new(detector::Severity::High, false),
            count: None,
            saved: Preferences::default(),
        }
    }
}

impl Shell {
    /// Counts on with a digit; any other key forgets the count.
    pub(crate) fn count_on(&mut self, key: KeyEvent) {
        let digit = match key.code {
            KeyCode::Char(letter) if key.modifiers.is_empty() => letter.to_digit(10),
            _ => None,
        };
        let digit = digit.and_then(|digit| usize::try_from(digit).ok());
        // A zero begins no number.
        self.count = digit
            .filter(|digit| *digit > 0 || self.count.is_some())
            .map(|digit| (self.count.unwrap_or(0) * 10 + digit).min(MOST));
    }

    /// Does an action of the shell.
    pub(crate) fn act(
        &mut self,
        status: &mut StatusLine,
        source: &SourceStatus,
        action: Action,
        now: Timestamp,
    ) -> Handled {
        let effect = match action {
            Action::Mouse => {
                let on = !self.mouse.on;
                (self.mouse.on, self.mouse.chosen) = (on, Some(on));
                let key = self.keymap.keys_of(Action::Mouse);
                let words = if on {
                    "the mouse is the console's again: click, double click, wheel, scrollbar".to_owned()
                } else {
                    format!("the mouse is the terminal's: select text with it; {key} takes it back")
                };
                status.pass(&words, now);
                Effect::Terminal(TerminalWork::Mouse(on))
            }
            Action::Mute => {
                self.notifications.mute(now);
                let words = match self.notifications.muted_until() {
                    Some(until) => format!("no notifications until {} UTC", until.strftime("%H:%M")),
                    None => "notifications are on again".to_owned(),
                };
                status.pass(&words, now);
                return Some(Vec::new());
            }
            Action::Theme => {
                self.theme = self.theme.next();
                status.pass(&format!("theme: {}", self.theme.name()), now);
                return Some(Vec::new());
            }
            Action::Redraw => Effect::Terminal(TerminalWork::Redraw),
            Action::Suspend => Effect::Terminal(TerminalWork::Suspend),
            Action::Pause => return Some(self.played(status, source, ReplayCommand::Pause, now)),
            Action::Step => return Some(self.played(status, source, ReplayCommand::Step, now)),
            Action::Faster => return Some(self.played(status, source, ReplayCommand::Faster, now)),
            Action::Slower => return Some(self.played(status, source, ReplayCommand::Slower, now)),
            _ => return None,
        };
        Some(vec![effect])
    }

    /// Gives a running replay a command; where none is running, a message says so.
    fn played(
        &self,
        status: &mut StatusLine,
        source: &SourceStatus,
        command: ReplayCommand,
        now: Timestamp,
    ) -> Vec<Effect> {
        if self.keymap.offered().any(|bound| bound.action == Action::Pause) {
            return vec![Effect::Replay(command)];
        }
        let is_over = matches!(source, SourceStatus::Replay(replayed) if replayed.speed.is_some());
        let words = if is_over {
            "the replay is over: all of it is in the list"
        } else {
            "only for log files that are played: replay --speed 60 PATH"
        };
        status.pass(words, now);
        Vec::new()
    }
}
