//! The terminal: taken over at the start, given back whole on every way out, drawn to in one write
//! a frame.

mod guard;
pub(crate) mod signals;

use std::io::{self, BufWriter, Stdout, Write as _};

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};
use ratatui::Frame;
use ratatui::backend::CrosstermBackend;

use crate::app::State;
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
}
