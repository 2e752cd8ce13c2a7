//! Keys, mouse, focus and size from the terminal.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use crossterm::event::{Event, EventStream, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEvent};
use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout_at};

use crate::terminal::background;

/// Longest wait for an answer before the terminal is given back, from the question on.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest time between the two pieces of an answer that came in two; a person takes longer from Esc to the next key.
const BETWEEN: Duration = Duration::from_millis(50);

/// The terminal's events; none while somebody else has the terminal.
pub(super) struct Input {
    events: Option<EventStream>,
    /// Time of the question that is not answered yet; that of its first frame, once that is out.
    asked: Option<Instant>,
    is_out: bool,
    answer: Answer,
}

/// Something that was typed, or done with the mouse or the window.
pub(super) enum InputEvent {
    Key(KeyEvent),
    Mouse(MouseEvent),
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// The terminal's answer about its background: true where it is light.
    Background(bool),
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
        Self { events: None, asked: None, is_out: false, answer: Answer::None }
    }

    /// Reads from now on, or goes on with it. A reader that is there stays: a second one would wait
    /// for the first to let go of the terminal, which it may do only at the next key.
    pub(super) fn open(&mut self) {
        self.events.get_or_insert_with(EventStream::new);
    }

    /// Reads nothing more: whoever has the terminal now gets every key.
    pub(super) fn close(&mut self) {
        self.events = None;
        self.answer = Answer::None;
    }

    /// The terminal is asked about its background, with the first frame.
    pub(super) fn ask(&mut self) {
        self.asked = Some(Instant::now());
    }

    /// A frame is out, and so is the question.
    pub(super) fn frame_is_out(&mut self) {
        if !std::mem::replace(&mut self.is_out, true) && self.asked.is_some() {
            self.asked = Some(Instant::now());
        }
    }

    /// Waits for an answer that may still be on its way, so that it is not typed into the shell. Keys that come
    /// meanwhile are lost.
    pub(super) async fn settle(&mut self) {
        while let Some(asked) = self.asked.filter(|asked| asked.elapsed() < PATIENCE) {
            match timeout_at(asked + PATIENCE, self.next()).await {
                Ok(Ok(_)) => {}
                Ok(Err(Gone)) | Err(_) => break,
            }
        }
        self.asked = None;
    }

    /// The next event, for as long as it takes; none where it means nothing to the console.
    pub(super) async fn next(&mut self) -> Result<Option<InputEvent>, Gone> {
        match &mut self.events {
            Some(events) => {
                let event = events.next().await.map_or(Err(Gone), read)?;
                Ok(self.pass(event))
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
        Some(event.map(|event| self.pass(event)))
    }

    /// Lets an event through that is not part of an answer, and makes one of a whole answer.
    fn pass(&mut self, event: Option<InputEvent>) -> Option<InputEvent> {
        let Some(InputEvent::Key(key)) = &event else { return event };
        match self.answer.take(*key, self.asked.is_some()) {
            Taken::No => event,
            Taken::Part => None,
            // Of another program's question, where nothing was asked.
            Taken::Whole(answer) => {
                let light = background::is_light(&answer).filter(|_| self.asked.is_some())?;
                self.asked = None;
                Some(InputEvent::Background(light))
            }
        }
    }
}

/// An answer of the terminal, as that about its background. It comes as keys: Alt-], letters and digits, and at the
/// end Ctrl-G or Alt-\. None of them may act, but that an Esc of its own, where it comes in two pieces, has acted.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    None,
    /// Esc came then, and has acted.
    Escape(Instant),
    /// The answer so far.
    Within(String),
    /// The same, and the Esc of its end.
    Ending(String),
}

/// Part that a key has in an answer.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    No,
    Part,
    Whole(String),
}

/// Bytes of the longest answer: `11;rgba:ffff/ffff/ffff/ffff`, and a clipboard that nobody asked for is none.
const LONGEST_ANSWER: usize = 64;

impl Answer {
    /// Takes a key that is part of an answer. `is_awaited` is true while one may come in two pieces.
    fn take(&mut self, key: KeyEvent, is_awaited: bool) -> Taken {
        let (alt, control) =
            (key.modifiers.contains(KeyModifiers::ALT), key.modifiers.contains(KeyModifiers::CONTROL));
        let before = std::mem::replace(self, Self::None);
        let is_split = matches!(before, Self::Escape(at) if at.elapsed() < BETWEEN);
        match (before, key.code) {
            (_, KeyCode::Char(']')) if alt || is_split => {
                *self = Self::Within(String::new());
                Taken::Part
            }
            (Self::Within(answer), KeyCode::Char('\\')) if alt => Taken::Whole(answer),
            (Self::Ending(answer), KeyCode::Char('\\')) => Taken::Whole(answer),
            (Self::Within(answer), KeyCode::Char('g')) if control => Taken::Whole(answer),
            (Self::Within(answer), KeyCode::Esc) if is_awaited && !answer.is_empty() => {
                *self = Self::Ending(answer);
                Taken::Part
            }
            (Self::Within(mut answer), KeyCode::Char(letter))
                if answer.len() < LONGEST_ANSWER
                    && !alt
                    && !control
                    && (letter.is_ascii_hexdigit() || "rgb:;/?#".contains(letter)) =>
            {
                answer.push(letter);
                *self = Self::Within(answer);
                Taken::Part
            }
            (_, KeyCode::Esc) if is_awaited => {
                *self = Self::Escape(Instant::now());
                Taken::No
            }
            _ => Taken::No,
        }
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

    /// Keys that get through, of these, and the answers between them.
    fn through(is_awaited: bool, keys: &[KeyEvent]) -> String {
        let mut answer = Answer::None;
        keys.iter()
            .map(|key| match answer.take(*key, is_awaited) {
                Taken::No => key.code.as_char().unwrap_or('^').to_string(),
                Taken::Part => String::new(),
                Taken::Whole(answer) => format!("<{answer}>"),
            })
            .collect()
    }

    fn keys(text: &str) -> Vec<KeyEvent> {
        text.chars().map(|letter| KeyEvent::from(KeyCode::Char(letter))).collect()
    }

    #[test]
    fn an_answer_is_no_key_whenever_it_comes() {
        let start = KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT);
        for end in [
            KeyEvent::new(KeyCode::Char('\\'), KeyModifiers::ALT),
            KeyEvent::new(KeyCode::Char('g'), KeyModifiers::CONTROL),
        ] {
            let answer = [vec![start], keys("11;rgb:1e1e/2a2a/ffff"), vec![end]].concat();
            for is_awaited in [true, false] {
                let typed = through(is_awaited, &[keys("a"), answer.clone(), keys("jq")].concat());
                assert_eq!(typed, "a<11;rgb:1e1e/2a2a/ffff>jq");
            }
        }
        // One whose end is lost hides no key that can't be part of it, and not for long.
        assert_eq!(through(true, &[vec![start], keys("11;rgb:"), keys("jb")].concat()), "jb");
        let endless = [vec![start], keys(&"f".repeat(100))].concat();
        assert_eq!(through(true, &endless).len(), 100 - LONGEST_ANSWER);
        assert_eq!(through(true, &keys("]11;q")), "]11;q");
    }

    #[test]
    fn an_answer_in_two_pieces_is_none_either_while_it_is_awaited() {
        let escape = || vec![KeyEvent::from(KeyCode::Esc)];
        let answer = [escape(), keys("]11;rgb:0/0/0"), escape(), keys("\\j")].concat();
        assert_eq!(through(true, &answer), "^<11;rgb:0/0/0>j");
        assert_eq!(through(false, &answer), "^]11;rgb:0/0/0^\\j");
        // Keys of a person act at once.
        assert_eq!(through(true, &[escape(), escape(), keys("j]")].concat()), "^^j]");
        let mut answer = Answer::None;
        assert_eq!(answer.take(KeyCode::Esc.into(), true), Taken::No);
        std::thread::sleep(BETWEEN);
        assert_eq!(answer.take(KeyCode::Char(']').into(), true), Taken::No);
    }
}
