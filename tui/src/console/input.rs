//! Keys, mouse, focus and size from the terminal, as messages.

use std::future::poll_fn;
use std::task::Poll;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt as _;

use crate::app::Msg;

/// The terminal's events; none while somebody else has the terminal.
pub(crate) struct Input(Option<EventStream>);

/// The terminal is gone: nobody is there to be told.
pub(crate) struct Gone;

impl Input {
    /// Nothing is read yet.
    pub(crate) const fn closed() -> Self {
        Self(None)
    }

    /// Reads from now on, or goes on with it. A reader that is there stays: a second one would wait
    /// for the first to let go of the terminal, which it may do only at the next key.
    pub(crate) fn open(&mut self) {
        self.0.get_or_insert_with(EventStream::new);
    }

    /// Reads nothing more: whoever has the terminal now gets every key.
    pub(crate) fn close(&mut self) {
        self.0 = None;
    }

    /// The next event, for as long as it takes; none where it means nothing to the console.
    pub(crate) async fn next(&mut self) -> Result<Option<Msg>, Gone> {
        match &mut self.0 {
            Some(events) => events.next().await.map_or(Err(Gone), read),
            None => std::future::pending().await,
        }
    }

    /// An event that is there already.
    pub(crate) async fn ready(&mut self) -> Option<Result<Option<Msg>, Gone>> {
        let events = self.0.as_mut()?;
        // Polled with this task's own waker: the stream keeps the one it was last asked with.
        let ready = poll_fn(|context| match events.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(Some(event)),
            Poll::Pending => Poll::Ready(None),
        });
        ready.await.map(|event| event.map_or(Err(Gone), read))
    }
}

fn read(event: std::io::Result<Event>) -> Result<Option<Msg>, Gone> {
    Ok(match event.map_err(|_| Gone)? {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(key)),
        Event::Key(_) => None,
        Event::Mouse(event) => Some(Msg::Mouse(event)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::FocusGained => Some(Msg::Focus(true)),
        Event::FocusLost => Some(Msg::Focus(false)),
        Event::Resize(width, height) => Some(Msg::Resize { width, height }),
    })
}
