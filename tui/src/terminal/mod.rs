//! The terminal: taken over at the start, given back whole on every way out, drawn to in one write
//! a frame. What it can do is told by the environment; its background is asked for once.

pub(crate) mod background;
pub(crate) mod browser;
pub(crate) mod clipboard;
pub(crate) mod environment;
mod event;
mod guard;
pub(crate) mod hangup;
mod hyperlink;
pub(crate) mod notify;
pub(crate) mod signals;
mod stdout;
pub(crate) mod suspend;
mod writer;

use std::io;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use crate::widget::hyperlink::Hyperlink;
pub(crate) use event::Event;
use guard::TerminalGuard;
use writer::{Paper, Writer};

/// The terminal while the console has it.
pub(crate) struct Terminal {
    screen: ratatui::Terminal<CrosstermBackend<Paper>>,
    paper: Paper,
    writer: Writer,
    /// Bytes that go out with the next frame and draw nothing: a bell, a title.
    extra: Vec<u8>,
    title: String,
    /// Links of the last frame.
    links: Vec<Hyperlink>,
    // Dropped last.
    _guard: TerminalGuard,
}

impl Terminal {
    /// Takes the terminal, and the mouse too if so.
    pub(crate) fn enter(mouse: bool) -> io::Result<Self> {
        let guard = TerminalGuard::enter(mouse)?;
        let paper = Paper::default();
        Ok(Self {
            screen: ratatui::Terminal::new(CrosstermBackend::new(paper.clone()))?,
            paper,
            writer: Writer::start()?,
            extra: Vec::new(),
            title: String::new(),
            links: Vec::new(),
            _guard: guard,
        })
    }

    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.screen.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what has changed, between the marks of a synchronised update. Not while the last frame
    /// is still being written: the terminal gets the newest picture, and no queue of old ones.
    pub(crate) fn draw(
        &mut self,
        title: String,
        links: &[Hyperlink],
        view: impl FnOnce(&mut Frame<'_>),
    ) -> io::Result<()> {
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        let buffer = self.screen.draw(view)?.buffer;
        // Cells of a link that is gone may be as they were, and so were not written.
        let gone = self.links.iter().filter(|link| !links.contains(link));
        let gone: Vec<_> = gone.flat_map(|link| hyperlink::cells(link, buffer)).collect();
        let placed: Vec<_> = links.iter().map(|link| (hyperlink::cells(link, buffer), link)).collect();
        if environment::has_title() {
            hyperlink::write(self.screen.backend_mut(), &gone, &placed)?;
        }
        self.links = links.to_vec();
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        if title != self.title {
            self.extra.extend(notify::title(&title));
            self.title = title;
        }
        let mut frame = self.paper.take();
        // Before the picture, so that the last bytes of a frame end its update.
        frame.splice(0..0, self.extra.drain(..));
        self.writer.write(frame)
    }

    /// True while the last frame is still being written.
    pub(crate) fn is_busy(&self) -> bool {
        self.writer.is_busy()
    }

    /// Waits until the last frame is written.
    pub(crate) async fn written(&self) {
        self.writer.written().await;
    }

    /// Sends something that is no picture, with the next frame.
    pub(crate) fn send(&mut self, bytes: Vec<u8>) {
        self.extra.extend(bytes);
    }

    /// Takes the mouse, or leaves it to the terminal.
    pub(crate) fn mouse(&mut self, on: bool) {
        self.extra.extend_from_slice(if on { guard::MOUSE_ON } else { guard::MOUSE_OFF });
    }

    /// The next frame writes every cell.
    pub(crate) fn redraw(&mut self) -> io::Result<()> {
        let (width, height) = self.size()?;
        // Not `clear`, which asks the terminal where its cursor is, and waits for the answer.
        self.screen.resize(Rect::new(0, 0, width, height))
    }

    /// Gives the terminal back for the time that somebody else has it.
    pub(crate) fn leave(&mut self) {
        self.extra.clear();
        guard::restore();
    }

    /// Takes it again, whatever was made of it meanwhile.
    pub(crate) fn take_again(&mut self, mouse: bool) -> io::Result<()> {
        guard::take(mouse)?;
        self.title.clear();
        self.redraw()
    }

    /// Asks the terminal to put a text on its clipboard, with the next frame. Returns the means by which it
    /// does so.
    ///
    /// # Errors
    /// Returns a message where the terminal has no clipboard, or the text is too long for it.
    pub(crate) fn copy(&mut self, text: &str) -> Result<&'static str, String> {
        let (sequence, by) = clipboard::by_terminal(text, clipboard::env)?;
        self.extra.extend(sequence.into_bytes());
        Ok(by)
    }
}
