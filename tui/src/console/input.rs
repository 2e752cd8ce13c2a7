//! Keys, mouse, focus and size from the terminal.

use std::future::poll_fn;
use std::task::Poll;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};
use futures_util::StreamExt as _;

/// The terminal's events; none while somebody else has the terminal.
pub(super) struct Input {
    events: Option<EventStream>,
    late: LateAnswer,
}

/// Something that was typed, or done with the mouse or the window.
pub(super) enum InputEvent {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    Resize {
        width: u16,
        height: u16,
    },
}

/// The terminal is gone: nobody is there to be told.
pub(super) struct Gone;

impl Input {
    /// Nothing is read yet.
    pub(super) const fn closed() -> Self {
        Self { events: None, late: LateAnswer::None }
    }

    /// Reads from now on, or goes on with it. A reader that is there stays: a second one would wait
    /// for the first to let go of the terminal, which it may do only at the next key.
    pub(super) fn open(&mut self) {
        self.events.get_or_insert_with(EventStream::new);
    }

    /// Reads nothing more: whoever has the terminal now gets every key.
    pub(super) fn close(&mut self) {
        self.events = None;
    }

    /// The next event, for as long as it takes; none where it means nothing to the console.
    pub(super) async fn next(&mut self) -> Result<Option<InputEvent>, Gone> {
        match &mut self.events {
            Some(events) => {
                let event = events.next().await.map_or(Err(Gone), read)?;
                Ok(self.late.pass(event))
            }
            None => std::future::pending().await,
        }
    }

    /// An event that is there already.
    pub(super) async fn ready(&mut self) -> Option<Result<Option<InputEvent>, Gone>> {
        let events = self.events.as_mut()?;
        // Polled with this task's own waker: the stream keeps the one it was last asked with.
        let ready = poll_fn(|context| match events.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        });
        let event = ready.await?.map_or(Err(Gone), read);
        Some(event.map(|event| self.late.pass(event)))
    }
}

/// An answer of the terminal that comes after it was waited for, as that to the question for its background. It comes as
/// keys: Alt-], letters and digits, and at the end Ctrl-G or Alt-\. None of them may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LateAnswer {
    None,
    /// Keys of it so far.
    Within(usize),
}

/// Keys of the longest answer: `]11;rgba:ffff/ffff/ffff/ffff`, and a clipboard that nobody asked for is none.
const LONGEST_ANSWER: usize = 64;

impl LateAnswer {
    /// Lets an event through that is not part of an answer.
    fn pass(&mut self, event: Option<InputEvent>) -> Option<InputEvent> {
        let Some(InputEvent::Key(key)) = &event else { return event };
        let (alt, control) =
            (key.modifiers.contains(KeyModifiers::ALT), key.modifiers.contains(KeyModifiers::CONTROL));
        let (next, is_answer) = match (*self, key.code) {
            (Self::None, KeyCode::Char(']')) if alt => (Self::Within(1), true),
            (Self::Within(_), KeyCode::Char('\\')) if alt => (Self::None, true),
            (Self::Within(_), KeyCode::Char('g')) if control => (Self::None, true),
            (Self::Within(count), KeyCode::Char(letter))
                if count < LONGEST_ANSWER
                    && !alt
                    && !control
                    && (letter.is_ascii_hexdigit() || "rgb:;/?".contains(letter)) =>
            {
                (Self::Within(count + 1), true)
            }
            _ => (Self::None, false),
        };
        *self = next;
        event.filter(|_| !is_answer)
    }
}

fn read(event: std::io::Result<Event>) -> Result<Option<InputEvent>, Gone> {
    Ok(match event.map_err(|_| Gone)? {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(InputEvent::Key(key)),
        Event::Key(_) => None,
        Event::Mouse(event) => Some(InputEvent::Mouse(event)),
        Event::Paste(text) => Some(InputEvent::Paste(text)),
        Event::FocusGained => Some(InputEvent::Focus(true)),
        Event::FocusLost => Some(InputEvent::Focus(false)),
        Event::Resize(width, height) => Some(InputEvent::Resize { width, height }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that get through, of these.
    fn through(keys: &[KeyEvent]) -> String {
        let mut late = LateAnswer::None;
        let passed = keys.iter().filter_map(|key| late.pass(Some(InputEvent::Key(*key))));
        passed
            .filter_map(|event| if let InputEvent::Key(key) = event { key.code.as_char() } else { None })
            .collect()
    }

    fn keys(text: &str) -> Vec<KeyEvent> {
        text.chars().map(|letter| KeyEvent::from(KeyCode::Char(letter))).collect()
    }

    #[test]
    fn an_answer_that_comes_late_is_no_key() {
        let start = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT);
        for end in [
            KeyEvent::new(KeyCode::Char('\\'), KeyModifiers::ALT),
            KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL),
        ] {
            let answer = [vec![start], keys("11;rgb:1e1e/2a2a/ffff"), vec![end]].concat();
            assert_eq!(through(&[keys("a"), answer, keys("jq")].concat()), "ajq");
        }
        // One whose end is lost hides no key that can't be part of it, and not for long.
        assert_eq!(through(&[vec![start], keys("11;rgb:"), keys("jb")].concat()), "jb");
        assert_eq!(through(&[vec![start], keys(&"f".repeat(100))].concat()).len(), 100 - LONGEST_ANSWER + 1);
        assert_eq!(through(&keys("]11;q")), "]11;q");
    }
}
