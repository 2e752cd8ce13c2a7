//! A text over the screen, wrapped: an error, whole; a detection rule; a link. The keys that move scroll it, any other
//! closes it.

use crossterm::event::{KeyCode, KeyEvent};
use detector::SafeText;

use crate::widget::text;

/// The widest it gets, in cells of text.
const WIDEST: usize = 96;

/// A text over the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    pub(crate) title: &'static str,
    /// Each line of the text, before it is wrapped.
    lines: Vec<SafeText>,
    /// The first line that is shown, of the wrapped ones.
    top: usize,
}

impl Notice {
    pub(crate) fn new(title: &'static str, text: &str) -> Self {
        Self { title, lines: text.lines().map(SafeText::new).collect(), top: 0 }
    }

    /// Returns the cells of its text on a screen of this width.
    pub(crate) fn width(screen: u16) -> usize {
        usize::from(screen).saturating_sub(6).clamp(1, WIDEST)
    }

    /// Returns the lines, wrapped for a width.
    pub(crate) fn wrapped(&self, width: usize) -> Vec<SafeText> {
        let wrap = |line: &SafeText| match line.as_str() {
            "" => vec![SafeText::default()],
            _ => text::wrap(line, width),
        };
        self.lines.iter().flat_map(wrap).collect()
    }

    /// Returns the first line that is shown of so many, where so many fit.
    pub(crate) fn top(&self, lines: usize, rows: usize) -> usize {
        self.top.min(lines.saturating_sub(rows))
    }

    /// Takes a key. Returns false where it closes the notice.
    pub(crate) fn key(&mut self, key: KeyEvent, (width, height): (u16, u16)) -> bool {
        let rows = usize::from(height.saturating_sub(4)).max(1);
        let last = self.wrapped(Self::width(width)).len().saturating_sub(rows);
        let by = match key.code {
            KeyCode::Char('j') | KeyCode::Down => 1,
            KeyCode::Char('k') | KeyCode::Up => -1,
            KeyCode::Char(' ') | KeyCode::PageDown => isize::try_from(rows).unwrap_or(1),
            KeyCode::PageUp => -isize::try_from(rows).unwrap_or(1),
            KeyCode::Char('g') | KeyCode::Home => isize::MIN,
            KeyCode::Char('G') | KeyCode::End => isize::MAX,
            _ => return false,
        };
        self.top = self.top.saturating_add_signed(by).min(last);
        true
    }
}
