//! The open alert: the names of its tabs, then the lines of the one that is shown, and below them how many
//! hits a search has and, of a tree, the path of what is under the cursor.
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

use crate::app::State;
use crate::app::detail::{Detail, DetailSearch, Line as Of, NAME_WIDTH, Tab};
use crate::app::layout::Layout;
use crate::keymap::Pane;
use crate::model::{Content, Row};
use crate::theme::Theme;
use crate::view::{highlight, scrollbar, tree};
use crate::widget::json_tree::{WARNING, jq};
use crate::widget::text;
use crate::{format, theme};

pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, detail: &Detail, state: &State, theme: Theme) {
    let divider = layout.divider;
    for y in divider.top()..divider.bottom() {
        let line =
            if divider.width == 1 { "│".to_owned() } else { "─".repeat(usize::from(divider.width)) };
        buffer.set_string(divider.x, y, line, theme.label());
    }
    let area = layout.detail;
    buffer.set_line(area.x, area.y, &tabs(detail.showing().tab, theme, usize::from(area.width)), area.width);
    let page = detail.page();
    // In the free column at the edge, under the marks of what is found.
    let rows = u16::try_from(detail.rows()).unwrap_or(u16::MAX);
    let bar = Rect::new(area.right(), area.y.saturating_add(1), 1, rows);
    scrollbar::draw(buffer, bar, page.top(), detail.rows(), page.len(), theme);
    for ((number, line), y) in page.visible(detail.rows()).zip(area.y.saturating_add(1)..area.bottom()) {
        let is_current = number == page.cursor() && state.focus() == Pane::Detail;
        let node = if let Of::Node(node) = line { Some(*node) } else { None };
        let line = render(line, detail, theme, usize::from(area.width), is_current);
        buffer.set_line(area.x, y, &line, area.width);
        // What is found may be cut off, or folded away.
        if detail.has_find(number, node) {
            buffer.set_string(area.right(), y, "◂", Style::new());
        }
        if is_current {
            buffer.set_style(Rect::new(area.x, y, area.width, 1), theme.selected());
        }
    }
    if detail.has_foot() {
        let y = area.bottom().saturating_sub(1);
        buffer.set_line(area.x, y, &foot(detail, theme, usize::from(area.width)), area.width);
    }
}

/// The tabs' names, where they fit; else the shown one's and which of how many it is.
fn tabs(shown: Tab, theme: Theme, width: usize) -> Line<'static> {
    let strong = theme.accent().add_modifier(Modifier::BOLD.union(Modifier::UNDERLINED));
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
        spans.push(Span::styled(tab.name(), if is_shown { strong } else { Style::new() }));
        before_is_shown = is_shown;
    }
    spans.push(if before_is_shown { Span::styled("]", strong) } else { Span::raw(" ") });
    Line::from(spans)
}

/// `/alice: 3/41  .requestParameters.userName`: where one is among the hits, and in the tree.
fn foot(detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
    let mut spans = Vec::new();
    if let Some(search) = detail.search() {
        let hits = match (search.count(), detail.find_at()) {
            (0, _) => "no hits in this tab".to_owned(),
            (1, None) => "1 hit (n)".to_owned(),
            (count, None) => format!("{} hits (n N)", format::number(count as u64)),
            (count, Some(at)) => format!("{}/{}", format::number(at as u64), format::number(count as u64)),
        };
        let words = SafeText::new(&search.text);
        let room = text::width(words.as_str()).min(width / 3);
        spans.push(Span::styled("/", theme.label()));
        spans.push(Span::styled(format!("{}: {hits}  ", text::fit(words.as_str(), room)), Theme::strong()));
    }
    let left = width.saturating_sub(spans.iter().map(|span| text::width(&span.content)).sum());
    let path = detail.node_path().zip(detail.tree_root());
    let words = path.map(|(path, (_, root))| SafeText::from(jq(root, &path))).unwrap_or_default();
    spans.push(Span::styled(text::fit_end(words.as_str(), left), theme.label()));
    Line::from(spans)
}

fn render(line: &Of, detail: &Detail, theme: Theme, width: usize, is_current: bool) -> Line<'static> {
    if let Of::Node(number) = line {
        let shift = if is_current { detail.shift() } else { 0 };
        let node = |tree| tree::node(tree, *number, shift, detail.search(), theme, width);
        return detail.tree().map(node).unwrap_or_default();
    }
    let line = words(line, detail, theme, width);
    let pattern = detail.search().map(DetailSearch::pattern);
    let marked = line.spans.into_iter().flat_map(|span| {
        let span = Span::styled(span.content, line.style.patch(span.style));
        highlight::hits(span, pattern)
    });
    Line::from(marked.collect::<Vec<_>>())
}

/// True for a fact that names who acted or what was acted on.
fn is_identity(name: &str) -> bool {
    matches!(name, "Principal" | "Target")
}

/// A line that is no node.
fn words(line: &Of, detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
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
            Span::styled(value.to_string(), if is_identity(name) { theme.identity() } else { Style::new() }),
        ]),
        Of::Text(words) => Line::raw(words.to_string()),
        Of::Warning(words) => Line::styled(format!("{WARNING}{words}"), theme.bad()),
        Of::WarningGoesOn(words) => Line::styled(format!("  {words}"), theme.bad()),
        Of::Command(words) => Line::styled(format!("  {words}"), theme.good()),
        Of::Related(number) => {
            detail.related_at(*number).map(|row| related(row, theme, width)).unwrap_or_default()
        }
        Of::Node(_) | Of::Blank => Line::default(),
    }
}

/// Another alert: when, how bad, what, by whom.
fn related(row: &Row, theme: Theme, width: usize) -> Line<'static> {
    // Z as in UTC: the list beside it may be in another zone.
    let when = row.time.strftime("%m-%d %H:%M:%SZ").to_string();
    let what = format!("{}  {}", row.event, row.actor);
    let left = width.saturating_sub(text::width(&when) + 8);
    Line::from(vec![
        Span::raw(when),
        Span::raw(" "),
        Span::styled(theme::severity_label(row.severity), theme.severity(row.severity)),
        Span::raw(" "),
        Span::raw(text::fit(&what, left).trim_end().to_owned()),
    ])
}
