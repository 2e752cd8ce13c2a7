//! The open alert: what it says, and its parameters as a tree.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::layout::Layout;
use super::theme::Theme;
use crate::app::{Detail, Focus, State};
use crate::store::Content;
use crate::widget::text;

/// Cells that one level of the tree is indented by.
const INDENT: usize = 2;

pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, detail: &Detail, state: &State, theme: Theme) {
    let divider = layout.divider;
    for y in divider.top()..divider.bottom() {
        let line =
            if divider.width == 1 { "│".to_owned() } else { "─".repeat(usize::from(divider.width)) };
        buffer.set_string(divider.x, y, line, Style::new());
    }
    let area = layout.detail;
    let lines = detail.lines().iter().enumerate().skip(detail.top()).take(usize::from(area.height));
    for ((number, line), y) in lines.zip(area.y..) {
        buffer.set_line(area.x, y, &render(line, detail, theme, usize::from(area.width)), area.width);
        if number == detail.cursor() && state.focus == Focus::Detail {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), Theme::selected());
        }
    }
}

fn render(line: &crate::app::Line, detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
    use crate::app::Line as Of;
    match line {
        Of::Title(title) => {
            let severity = match detail.content() {
                Some(Content::Alert(alert)) => Some(alert.severity),
                _ => None,
            };
            Line::styled(title.to_string(), theme.severity(severity))
        }
        Of::Summary(summary) => Line::styled(summary.to_string(), Theme::strong()),
        Of::Fact(name, value) => Line::from(vec![
            Span::styled(text::fit(name, crate::app::NAME_WIDTH), theme.label()),
            Span::raw(value.to_string()),
        ]),
        Of::Heading(words) => Line::styled(*words, Theme::strong()),
        Of::Blank => Line::default(),
        Of::Node(number) => node(*number, detail, theme, width),
    }
}

fn node(number: usize, detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
    let Some(node) = detail.tree().node_at(number) else { return Line::default() };
    let mark = match (node.container, detail.tree().is_folded(number)) {
        (false, _) => "  ",
        (true, true) => "▸ ",
        (true, false) => "▾ ",
    };
    let indent = " ".repeat((node.depth * INDENT).min(width / 2));
    let key = node.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
    let used = text::width(&indent) + text::width(mark) + text::width(&key);
    let value = text::fit(node.value.as_str(), width.saturating_sub(used).max(1));
    Line::from(vec![
        Span::raw(indent),
        Span::raw(mark),
        Span::styled(key, theme.label()),
        Span::raw(value.trim_end().to_owned()),
    ])
}
