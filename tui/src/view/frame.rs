//! Frames of the panes: a title, a position at the foot, and the accent where the pane has the focus.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, BorderType, Widget as _};

use super::line::{cells, clip};
use crate::theme::Theme;

/// Words on a frame. They are safe to show.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) title: Vec<Span<'static>>,
    /// At the right of the upper edge, where the title leaves room.
    pub(super) aside: Vec<Span<'static>>,
    /// At the left of the lower edge.
    pub(super) day: Option<String>,
    /// At the right of the lower edge: `5/12`.
    pub(super) position: Option<String>,
}

/// Style of a frame, and of a title that has none of its own.
fn styles(focused: bool, theme: Theme) -> (Style, Style) {
    if focused { (theme.accent(), theme.accent()) } else { (theme.label(), theme.label()) }
}

/// Draws a frame around a pane.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, words: Words, focused: bool, theme: Theme) {
    if area.width < 4 || area.height < 2 {
        return;
    }
    let (border, plain) = styles(focused, theme);
    let room = usize::from(area.width - 4);
    let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(border);
    let titled = |spans: Vec<Span<'static>>, room: usize| {
        let mut line = clip(spans, room).style(plain);
        line.spans.insert(0, Span::raw(" "));
        line.push_span(Span::raw(" "));
        line
    };
    let used = cells(&words.title);
    if !words.title.is_empty() {
        block = block.title_top(titled(words.title, room));
    }
    if !words.aside.is_empty() && used + cells(&words.aside) + 5 <= room {
        block = block.title_top(titled(words.aside, room).right_aligned());
    }
    let quiet = |words: String| Line::styled(format!(" {words} "), plain);
    if let Some(day) = words.day {
        block = block.title_bottom(quiet(day));
    }
    if let Some(position) = words.position {
        block = block.title_bottom(quiet(position).right_aligned());
    }
    block.render(area, buffer);
}
