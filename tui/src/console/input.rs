//! Keys, mouse, focus and size from the terminal.

use std::future::poll_fn;
use std::task::Poll;

use crossterm::event::{Event, EventStream, KeyEvent, KeyEventKind, MouseEvent};
use futures_util::StreamExt as _;

/// The terminal's events; none while somebody else has the terminal.
pub(super) struct Input(Option<EventStream>);

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
        Self(None)
    }

    /// Reads from now on, or goes on with it. A reader that is there stays: a second one would wait
    /// for the first to let go of the terminal, which it may do only at the next key.
    pub(super) fn open(&mut self) {
        self.0.get_or_insert_with(EventStream::new);
    }

    /// Reads nothing more: whoever has the terminal now gets every key.
    pub(super) fn close(&mut self) {
        self.0 = None;
    }

    /// The next event, for as long as it takes; none where it means nothing to the console.
    pub(super) async fn next(&mut self) -> Result<Option<InputEvent>, Gone> {
        match &mut self.0 {
            Some(events) => events.next().await.map_or(Err(Gone), read),
            None => std::future::pending().await,
        }
    }

    /// An event that is there already.
    pub(super) async fn ready(&mut self) -> Option<Result<Option<InputEvent>, Gone>> {
        let events = self.0.as_mut()?;
        // Polled with this task's own waker: the stream keeps the one it was last asked with.
        let ready = poll_fn(|context| match events.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        });
        ready.await.map(|event| event.map_or(Err(Gone), read))
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
