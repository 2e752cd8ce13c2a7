//! The keys, over the screen, from the one table that the keys come from.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use super::theme::Theme;
use crate::keymap::BINDINGS;
use crate::widget::text;

pub(super) fn draw(frame: &mut Frame<'_>, theme: Theme) {
    let rows: Vec<(String, &str)> = BINDINGS
        .iter()
        .map(|binding| {
            let keys: Vec<_> = binding.keys.iter().map(|key| key.name).collect();
            (keys.join(" "), binding.help)
        })
        .collect();
    let keys = rows.iter().map(|(keys, _)| text::width(keys)).max().unwrap_or(0) + 2;
    let lines: Vec<Line<'_>> = rows
        .iter()
        .map(|(names, help)| {
            Line::from(vec![Span::styled(text::fit(names, keys), theme.label()), Span::raw(*help)])
        })
        .collect();
    let screen = frame.area();
    let cells = rows.iter().map(|(_, help)| keys + text::width(help)).max().unwrap_or(0) + 4;
    let width = u16::try_from(cells).unwrap_or(u16::MAX).min(screen.width);
    let height = u16::try_from(rows.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
    let block = Block::bordered().title(" Keys: any key closes ").padding(Padding::horizontal(1));
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}
