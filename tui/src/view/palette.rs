//! The list of actions over the screen: what was typed, and the actions that it finds, each with
//! its keys and what it does.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::palette::{Palette, Shown};
use crate::theme::Theme;
use crate::view::popup::{self, Titles};
use crate::widget::text;
use detector::SafeText;

/// Cells of the keys, and of the names.
const KEYS: usize = 16;
const NAME: usize = 18;
/// Cells of the name of a group.
const GROUP: usize = 25;
/// Below this width the list takes all of it, and the keys take less.
const SMALL: u16 = 60;
const FEWER_KEYS: usize = 9;
/// The widest it gets.
const WIDEST: u16 = 108;

/// Place of the list of actions on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MenuArea {
    /// All of it, with its border.
    pub(crate) outer: Rect,
    /// The actions.
    pub(crate) rows: Rect,
    /// The first action that is shown.
    pub(crate) top: usize,
}

/// Returns the place of the list of actions on a screen of this size.
pub(crate) fn area(palette: &Palette, width: u16, height: u16) -> MenuArea {
    // It keeps its height while one types, so that nothing jumps.
    let is_small = width < SMALL;
    // There each cell is needed.
    let wide = if is_small { width } else { width.saturating_sub(4).min(WIDEST) };
    let high = height.saturating_sub(2);
    let outer = Rect::new((width - wide) / 2, height.min(1), wide, high);
    let edge = if is_small { 1 } else { 2 };
    let rows = Rect::new(
        outer.x + outer.width.min(edge),
        outer.y + outer.height.min(2),
        outer.width.saturating_sub(2 * edge),
        outer.height.saturating_sub(3),
    );
    let top = (palette.cursor() + 1).saturating_sub(usize::from(rows.height).max(1));
    MenuArea { outer, rows, top }
}

pub(crate) fn draw(frame: &mut Frame<'_>, palette: &Palette, state: &State, theme: Theme) {
    let screen = frame.area();
    let area = area(palette, screen.width, screen.height);
    let title = match palette.shown() {
        Shown::Here => " Keys and actions here ",
        Shown::Everything => " All actions ",
    };
    let text = palette.selected().and_then(|entry| Some((entry.action.name(), entry.action.argument()?)));
    let hint = match text {
        Some((name, text)) if area.outer.width >= SMALL => {
            format!(" Enter runs it, and {name} {text} at once ")
        }
        _ => " type to search  Enter runs  Esc closes ".to_owned(),
    };
    let titles = Titles { top: title.to_owned(), bottom: hint };
    let block = popup::open(frame, area.outer, titles, theme);
    frame.render_widget(block, area.outer);
    let cells = usize::from(area.rows.width);
    let for_keys = if screen.width < SMALL { FEWER_KEYS } else { KEYS };
    let input = Rect::new(area.rows.x, area.outer.y + 1, area.rows.width, 1);
    let typed = text::fit(&format!("> {}_", tail(palette.query(), cells.saturating_sub(3))), cells);
    frame.render_widget(Line::styled(typed, Theme::strong()), input);
    if palette.entries().is_empty() {
        let words = text::fit("No matching command.", cells);
        frame.render_widget(Line::raw(words), Rect { height: 1, ..area.rows });
    }
    let bound = |action| state.shell().keymap.all().find(|bound| bound.action == action);
    // Actions stand in groups until something is typed.
    let in_groups =
        palette.shown() == Shown::Here && palette.query().is_empty() && cells > for_keys + GROUP + 20;
    let group_of =
        |at: usize| palette.entries().get(at).and_then(|entry| bound(entry.action)).map(|bound| bound.group);
    let shown = palette.entries().iter().enumerate().skip(area.top).take(usize::from(area.rows.height));
    for ((at, entry), y) in shown.zip(area.rows.y..) {
        let action = &entry.action;
        let keys = bound(*action).map(crate::keymap::Bound::keys).filter(|keys| !keys.is_empty());
        let keys = keys.unwrap_or_else(|| "(no key)".to_owned());
        let with = SafeText::new(&entry.argument);
        let help = match entry.argument.as_str() {
            "" if at < palette.recent() => {
                format!("again: {}", bound(*action).map_or("", |bound| bound.help))
            }
            "" => bound(*action).map_or("", |bound| bound.help).to_owned(),
            _ if cells > for_keys + NAME + 20 => with.to_string(),
            _ => format!("{} {with}", action.name()),
        };
        let group = bound(*action).map(|bound| bound.group);
        let head = match group {
            Some(group) if in_groups && (at == area.top || group_of(at.wrapping_sub(1)) != Some(group)) => {
                group.name()
            }
            _ => "",
        };
        let head = if in_groups { text::fit(head, GROUP) } else { String::new() };
        let name = if !in_groups && cells > for_keys + NAME + 20 {
            text::fit(&action.name(), NAME)
        } else {
            String::new()
        };
        let left = cells.saturating_sub(for_keys + text::width(&name) + text::width(&head));
        let mut line = Line::from(vec![
            Span::styled(head, theme.label()),
            Span::styled(text::fit(&keys, for_keys.min(cells)), theme.accent()),
            Span::raw(name),
            Span::raw(text::fit(&help, left)),
        ]);
        if at == palette.cursor() {
            // Over the cells' own styles, so that no colour can hide it.
            for span in &mut line.spans {
                span.style = span.style.patch(theme.selected());
            }
        }
        frame.render_widget(line, Rect::new(area.rows.x, y, area.rows.width, 1));
    }
}

/// The end of a text, where it does not fit.
fn tail(text: &str, cells: usize) -> &str {
    let starts = text.char_indices().map(|(at, _)| at);
    let mut rests = starts.filter_map(|at| text.get(at..));
    rests.find(|rest| text::width(rest) <= cells).unwrap_or_default()
}
