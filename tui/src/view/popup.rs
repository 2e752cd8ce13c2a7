//! Boxes over the screen while an alert is worked on: the copy menu, and a link that no browser took.

use detector::SafeText;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::app::copy::{CopyMenu, Item};
use crate::theme::Theme;
use crate::widget::text;

/// Cells of what a thing is called.
const WHAT: usize = 20;

/// Draws the copy menu.
pub(super) fn copy_menu(frame: &mut Frame<'_>, menu: &CopyMenu, theme: Theme) {
    let screen = frame.area();
    let width = screen.width.min(76);
    let lines = items(menu, theme, usize::from(width.saturating_sub(4)));
    // On a small screen, as far down as the chosen one.
    let room = usize::from(screen.height.saturating_sub(2)).max(1);
    let lines = lines.into_iter().skip((menu.at + 1).saturating_sub(room)).collect();
    block(frame, " Copy: a letter, or ↑ ↓ Enter; any other key closes ", lines, width);
}

/// Draws a link that no browser took.
pub(super) fn link(frame: &mut Frame<'_>, url: &SafeText) {
    let width = frame.area().width.min(100);
    let lines = text::wrap(url, usize::from(width.saturating_sub(4)));
    let lines = lines.into_iter().map(|line| Line::raw(line.to_string())).collect();
    block(frame, " No browser here. The link; any key closes ", lines, width);
}

fn items(menu: &CopyMenu, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let line = |(at, item): (usize, &Item)| {
        let is_current = at == menu.at;
        let preview = text::fit(item.preview().as_str(), width.saturating_sub(WHAT + 4));
        let line = Line::from(vec![
            Span::raw(if is_current { "▌" } else { " " }),
            Span::styled(item.letter.to_string(), theme.accent()),
            Span::raw("  "),
            Span::raw(text::fit(item.what, WHAT)),
            Span::raw(preview),
        ]);
        if is_current { line.style(theme.selected()) } else { line }
    };
    menu.items.iter().enumerate().map(line).collect()
}

fn block(frame: &mut Frame<'_>, title: &'static str, lines: Vec<Line<'static>>, width: u16) {
    let screen = frame.area();
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let height = rows.min(screen.height);
    let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
    let block = Block::bordered().title(title).padding(Padding::horizontal(1)).style(Style::new());
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}
