//! The open alert: the names of its tabs, then the lines of the one that is shown, and under a tree
//! the path of what is under the cursor.
//!
//! ```text
//! │ [Summary] Parameters Policy Record Related Respond
//! │ CRITICAL  Administrator rights were given to a user
//! │ Why        AWS's policy AdministratorAccess allows everything
//! ```

use detector::SafeText;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::layout::Layout;
use super::theme::{self, Theme};
use super::tree;
use crate::app::{Detail, Focus, Line as Of, NAME_WIDTH, State, Tab};
use crate::store::{Content, Row};
use crate::widget::json_tree::jq;
use crate::widget::text;

/// What must not be overlooked, said by more than its colour.
pub(super) const WARNING: &str = "⚠ ";

pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, detail: &Detail, state: &State, theme: Theme) {
    let divider = layout.divider;
    for y in divider.top()..divider.bottom() {
        let line =
            if divider.width == 1 { "│".to_owned() } else { "─".repeat(usize::from(divider.width)) };
        buffer.set_string(divider.x, y, line, Style::new());
    }
    let area = layout.detail;
    buffer.set_line(area.x, area.y, &tabs(detail.showing().tab, theme, usize::from(area.width)), area.width);
    let page = detail.page();
    for ((number, line), y) in page.visible(detail.rows()).zip(area.y.saturating_add(1)..area.bottom()) {
        let is_current = number == page.cursor() && state.focus == Focus::Detail;
        let line = render(line, detail, theme, usize::from(area.width), is_current);
        buffer.set_line(area.x, y, &line, area.width);
        if is_current {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), Theme::selected());
        }
    }
    if detail.shows_path() {
        let y = area.bottom().saturating_sub(1);
        buffer.set_line(area.x, y, &path(detail, theme, usize::from(area.width)), area.width);
    }
}

/// The tabs' names, where they fit; else the shown one's and which of how many it is.
fn tabs(shown: Tab, theme: Theme, width: usize) -> Line<'static> {
    let strong = Theme::strong().add_modifier(Modifier::REVERSED);
    if !Tab::fit(width) {
        let number = Tab::ALL.iter().position(|tab| *tab == shown).unwrap_or(0) + 1;
        return Line::from(vec![
            Span::styled(format!("[{}]", shown.name()), strong),
            Span::styled(format!(" {number} of {}", Tab::ALL.len()), theme.label()),
        ]);
    }
    let mut spans = Vec::new();
    let mut before_is_shown = false;
    for tab in Tab::ALL {
        let is_shown = tab == shown;
        // The brackets take the place of the spaces between, so that nothing moves.
        let between = match (before_is_shown, is_shown) {
            (true, _) => "]",
            (_, true) => "[",
            _ => " ",
        };
        spans.push(Span::styled(between, if is_shown || before_is_shown { strong } else { Style::new() }));
        spans.push(Span::styled(tab.name(), if is_shown { strong } else { theme.label() }));
        before_is_shown = is_shown;
    }
    spans.push(if before_is_shown { Span::styled("]", strong) } else { Span::raw(" ") });
    Line::from(spans)
}

fn path(detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
    let path = detail.node_path().zip(detail.tree_root());
    let words = path.map(|(path, (_, root))| SafeText::from(jq(root, &path))).unwrap_or_default();
    Line::styled(text::fit_end(words.as_str(), width), theme.label())
}

fn render(line: &Of, detail: &Detail, theme: Theme, width: usize, is_current: bool) -> Line<'static> {
    match line {
        Of::Title(title) => {
            let severity = match detail.content() {
                Some(Content::Alert(alert)) => Some(alert.severity),
                _ => None,
            };
            Line::styled(title.to_string(), theme.severity(severity))
        }
        Of::Summary(words) | Of::Heading(words) => Line::styled(words.to_string(), Theme::strong()),
        Of::Fact(name, value) => Line::from(vec![
            Span::styled(text::fit(name, NAME_WIDTH), theme.label()),
            Span::raw(value.to_string()),
        ]),
        Of::Text(words) => Line::raw(words.to_string()),
        Of::Warning(words) => Line::styled(format!("{WARNING}{words}"), theme.bad()),
        Of::WarningGoesOn(words) => Line::styled(format!("  {words}"), theme.bad()),
        Of::Command(words) => Line::styled(format!("  {words}"), theme.good()),
        Of::Related(number) => {
            detail.related_at(*number).map(|row| related(row, theme, width)).unwrap_or_default()
        }
        Of::Node(number) => {
            let shift = if is_current { detail.shift() } else { 0 };
            detail.tree().map(|tree| tree::node(tree, *number, shift, theme, width)).unwrap_or_default()
        }
        Of::Blank => Line::default(),
    }
}

/// Another alert: when, how bad, what, by whom.
fn related(row: &Row, theme: Theme, width: usize) -> Line<'static> {
    let when = row.time.strftime("%m-%d %H:%M:%S").to_string();
    let what = format!("{}  {}", row.event, row.actor);
    let left = width.saturating_sub(text::width(&when) + 8);
    Line::from(vec![
        Span::raw(when),
        Span::raw(" "),
        Span::styled(theme::word(row.severity), theme.severity(row.severity)),
        Span::raw(" "),
        Span::raw(text::fit(&what, left).trim_end().to_owned()),
    ])
}
