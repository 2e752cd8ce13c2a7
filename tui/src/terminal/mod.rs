//! The terminal: taken over at the start, given back whole on every way out, drawn to in one write
//! a frame.

pub(crate) mod browser;
pub(crate) mod clipboard;
mod guard;
pub(crate) mod signals;

use std::io::{self, BufWriter, Stdout, Write as _};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;

use crate::app::{Copy, Msg, State};
use guard::TerminalGuard;

/// A whole frame of a large screen fits, so it is one write.
const BUFFER: usize = 64 * 1024;

/// The terminal while the console has it.
pub(crate) struct Terminal {
    // Dropped after the last frame is written.
    screen: ratatui::Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    _guard: TerminalGuard,
}

impl Terminal {
    pub(crate) fn enter() -> io::Result<Self> {
        let guard = TerminalGuard::enter()?;
        let writer = BufWriter::with_capacity(BUFFER, io::stdout());
        Ok(Self { screen: ratatui::Terminal::new(CrosstermBackend::new(writer))?, _guard: guard })
    }

    pub(crate) fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.screen.size()?;
        Ok((size.width, size.height))
    }

    /// Draws what has changed, between the marks of a synchronised update.
    pub(crate) fn draw(
        &mut self,
        state: &State,
        view: impl FnOnce(&mut Frame<'_>, &State),
    ) -> io::Result<()> {
        let taken = guard::hold();
        if !*taken {
            return Ok(());
        }
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        self.screen.draw(|frame| view(frame, state))?;
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        self.screen.backend_mut().flush()
    }
    /// Asks the terminal to put a text on its clipboard, and says what came of it.
    pub(crate) fn copy(&mut self, copy: &Copy) -> Msg {
        let taken = guard::hold();
        let written = clipboard::by_terminal(copy, clipboard::env).map(|(sequence, words)| {
            if !*taken {
                return Ok(words);
            }
            let out = self.screen.backend_mut();
            out.write_all(sequence.as_bytes()).and_then(|()| out.flush()).map(|()| words)
        });
        match written {
            Ok(Ok(words)) => Msg::Told { words, bad: false },
            Ok(Err(error)) => Msg::Told { words: format!("not copied: {error}"), bad: true },
            Err(words) => Msg::Told { words, bad: true },
        }
    }
}
