//! Boxes over the screen: the copy menu, and texts to be read; and the look that all boxes have.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, BorderType, Clear, Padding, Paragraph};

use crate::app::copy::{CopyMenu, Item};
use crate::app::notice::Notice;
use crate::theme::Theme;
use crate::widget::text;

/// Draws the copy menu.
pub(super) fn copy_menu(frame: &mut Frame<'_>, menu: &CopyMenu, theme: Theme) {
    let screen = frame.area();
    let width = screen.width.min(76);
    let lines = items(menu, theme, usize::from(width.saturating_sub(4)));
    // On a small screen, as far down as the chosen one.
    let room = usize::from(screen.height.saturating_sub(2)).max(1);
    let lines = lines.into_iter().skip((menu.at + 1).saturating_sub(room)).collect();
    let titles = Titles { top: " Copy ".to_owned(), bottom: " letter or Enter copy  Esc cancel ".to_owned() };
    draw(frame, titles, lines, (usize::from(width.saturating_sub(4)), room), theme);
}

/// Draws a text: an error, a detection rule, a link.
pub(super) fn notice(frame: &mut Frame<'_>, notice: &Notice, theme: Theme) {
    let screen = frame.area();
    let cells = Notice::width(screen.width);
    let lines = notice.wrapped(cells);
    let rows = usize::from(screen.height.saturating_sub(4)).max(1);
    let top = notice.top(lines.len(), rows);
    let keys = if lines.len() > rows { " j k scroll  Esc close " } else { " Esc close " };
    let width = lines.iter().map(|line| text::width(line.as_str())).max().unwrap_or(0).max(40).min(cells);
    let shown = lines.into_iter().skip(top).take(rows).map(|line| Line::raw(line.to_string())).collect();
    let size = (width, rows);
    draw(frame, Titles { top: format!(" {} ", notice.title), bottom: keys.to_owned() }, shown, size, theme);
}

fn items(menu: &CopyMenu, theme: Theme, width: usize) -> Vec<Line<'static>> {
    let named = menu.items.iter().map(|item| text::width(item.what)).max().unwrap_or(0) + 2;
    let line = |(at, item): (usize, &Item)| {
        let is_current = at == menu.at;
        let preview = text::fit(item.preview().as_str(), width.saturating_sub(named + 4));
        let line = Line::from(vec![
            Span::raw(if is_current { "▌" } else { " " }),
            Span::styled(item.letter.to_string(), theme.accent()),
            Span::raw("  "),
            Span::raw(text::fit(item.what, named)),
            Span::raw(preview),
        ]);
        if is_current { line.style(theme.selected()) } else { line }
    };
    menu.items.iter().enumerate().map(line).collect()
}

/// Titles on the upper and lower edge of a box.
pub(super) struct Titles {
    pub(super) top: String,
    pub(super) bottom: String,
}

/// Draws a box in the middle of the screen, with a cell free around it, over a screen that is dimmed. `size`: the
/// cells of its text, and the most lines of it.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    titles: Titles,
    lines: Vec<Line<'static>>,
    (cells, rows): (usize, usize),
    theme: Theme,
) {
    let screen = frame.area();
    let lines: Vec<_> = lines.into_iter().take(rows.max(1)).collect();
    let cells = cells.max(text::width(&titles.top)).max(text::width(&titles.bottom));
    let fits = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    let (width, height) = (fits(cells + 4).min(screen.width), fits(lines.len() + 2).min(screen.height));
    let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
    let block = open(frame, area, titles, theme).padding(Padding::horizontal(1));
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}

/// Dims the screen, clears an area and a cell around it, and returns the frame to be drawn there.
pub(super) fn open(frame: &mut Frame<'_>, area: Rect, titles: Titles, theme: Theme) -> Block<'static> {
    let screen = frame.area();
    let dim = theme.label().bg(Color::Reset).remove_modifier(Modifier::all()).add_modifier(Modifier::DIM);
    frame.buffer_mut().set_style(screen, dim);
    let left = area.x.saturating_sub(1);
    let right = (area.right() + 1).min(screen.width);
    frame.render_widget(Clear, Rect { x: left, width: right - left, ..area });
    let (top, bottom) = (titles.top, titles.bottom);
    let mut block = Block::bordered().border_type(BorderType::Rounded).border_style(theme.accent());
    block = block.title_top(Line::styled(top, theme.accent().add_modifier(Modifier::BOLD)));
    if bottom.is_empty() { block } else { block.title_bottom(Line::styled(bottom, theme.label())) }
}
