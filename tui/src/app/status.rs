//! The status line: messages about what was done, and what is wrong, in one order of precedence.

use detector::SafeText;
use jiff::{SignedDuration, Timestamp};

/// Time for which a passing message stays.
const PASSING: SignedDuration = SignedDuration::from_secs(6);

/// Answer to a key that needs an alert, where none is selected: a note that is typed next would be keys.
pub(crate) const NONE_SELECTED: &str = "no alert is selected";

/// Weight of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Info,
    /// Something did not work.
    Bad,
}

/// A message about what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    pub(crate) text: SafeText,
    pub(crate) level: Level,
}

impl Status {
    pub(crate) fn info(text: &str) -> Self {
        Self { text: SafeText::new(text), level: Level::Info }
    }

    pub(crate) fn bad(text: &str) -> Self {
        Self { text: SafeText::new(text), level: Level::Bad }
    }
}

/// Contents of the status line, in the order of their precedence.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// A message that stays until the next key.
    Message(&'a Status),
    /// A question to the database that failed.
    Trouble(&'a str),
    /// The reason why alerts can't be received, stored or deleted.
    Away(&'a str),
    /// Alerts that an export has written, and all that it is to write.
    Exporting(u64, u64),
    /// A message that goes away by itself.
    Passing(&'a Status),
}

/// State of the status line.
#[derive(Debug, Default)]
pub(crate) struct StatusLine {
    message: Option<Status>,
    passing: Option<(Status, Timestamp)>,
    trouble: Option<String>,
    /// Trouble of the source that the user has read: the line does not show it again, though the header goes
    /// on to say that the source is away.
    read: Option<String>,
    exporting: Option<(u64, u64)>,
}

impl StatusLine {
    /// Shows a message until the next key.
    pub(crate) fn set(&mut self, text: &str) {
        self.message = Some(Status::info(text));
    }

    /// Shows until the next key that something did not work.
    pub(crate) fn fail(&mut self, text: &str) {
        self.message = Some(Status::bad(text));
    }

    /// Shows a result until the next key.
    pub(crate) fn result(&mut self, status: Status) {
        self.message = Some(status);
    }

    /// Shows a message for some seconds, or until the next key.
    pub(crate) fn pass(&mut self, text: &str, now: Timestamp) {
        self.passing = Some((Status::info(text), now + PASSING));
    }

    /// Takes away what the user has read by pressing a key; `away` is what is wrong with the source now.
    pub(crate) fn key_pressed(&mut self, away: Option<&str>) {
        (self.message, self.passing) = (None, None);
        if let Some(away) = away {
            self.read = Some(away.to_owned());
        }
    }

    /// Takes away a passing message whose time is over.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.passing.take_if(|(_, until)| *until <= now);
    }

    /// Returns the time at which a passing message is to be taken away.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        self.passing.as_ref().map(|(_, until)| *until)
    }

    /// Shows the failure of a question to the database, until one works.
    pub(crate) fn trouble(&mut self, why: Option<String>) {
        self.trouble = why;
    }

    /// Shows the source's trouble again, though it was read.
    pub(crate) fn unread(&mut self) {
        self.read = None;
    }

    /// Returns the failure of a question to the database; `None` where the last one worked.
    pub(crate) fn trouble_text(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    pub(crate) fn exporting(&mut self, progress: Option<(u64, u64)>) {
        self.exporting = progress;
    }

    pub(crate) const fn is_exporting(&self) -> bool {
        self.exporting.is_some()
    }

    /// Returns what the line shows; `away` is what is wrong with the source, `None` where nothing is.
    pub(crate) fn shown<'a>(&'a self, away: Option<&'a str>) -> Option<Shown<'a>> {
        let away = away.filter(|away| self.read.as_deref() != Some(away));
        let message = self.message.as_ref().map(Shown::Message);
        let trouble = self.trouble.as_deref().map(Shown::Trouble);
        let exporting = self.exporting.map(|(written, of)| Shown::Exporting(written, of));
        let passing = self.passing.as_ref().map(|(status, _)| Shown::Passing(status));
        message.or(trouble).or(away.map(Shown::Away)).or(exporting).or(passing)
    }

    #[cfg(test)]
    pub(crate) fn text(&self) -> Option<&str> {
        match self.shown(None)? {
            Shown::Message(status) | Shown::Passing(status) => Some(status.text.as_str()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::now;

    #[test]
    fn messages_go_before_trouble_and_what_is_read_is_not_shown_again() {
        let mut line = StatusLine::default();
        assert_eq!(line.shown(None), None);
        line.pass("muted", now());
        line.exporting(Some((2, 3)));
        assert_eq!(line.shown(None), Some(Shown::Exporting(2, 3)));
        assert_eq!(line.shown(Some("refused")), Some(Shown::Away("refused")));
        line.trouble(Some("disk".to_owned()));
        assert_eq!(line.shown(Some("refused")), Some(Shown::Trouble("disk")));
        line.set("copied");
        assert_eq!(line.text(), Some("copied"));
        line.key_pressed(Some("refused"));
        line.trouble(None);
        line.exporting(None);
        assert_eq!(line.shown(Some("refused")), None, "read, and the passing message is gone");
        assert_eq!(line.shown(Some("no route")), Some(Shown::Away("no route")));
        line.unread();
        assert_eq!(line.shown(Some("refused")), Some(Shown::Away("refused")));
    }

    #[test]
    fn a_passing_message_goes_by_itself_and_then_nothing_wakes_the_console() {
        let mut line = StatusLine::default();
        line.pass("theme: dark", now());
        assert_eq!((line.text(), line.wake()), (Some("theme: dark"), Some(now() + PASSING)));
        line.tick(now() + PASSING);
        assert_eq!((line.text(), line.wake()), (None, None));
    }
}
