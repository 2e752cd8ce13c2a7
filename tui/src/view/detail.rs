//! The open alert: the names of its tabs, then the lines of the one that is shown, and below them how many
//! hits a search has and, of a tree, the path of what is under the cursor.
//!
//! ```text
//! ╭ ▲ CRITICAL · Administrator permissions granted to a user ─╮
//! │  Summary  Params  Policy ⚠2  Record  Related 9  Respond 8 │
//! │  ▔▔▔▔▔▔▔                                                  │
//! │ alice attached policy AdministratorAccess to user bob     │
//! ```

use detector::{SafeText, Severity};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::detail::tab::Mark;
use crate::app::detail::tabs::Tabs;
use crate::app::detail::{COMMAND_INDENT, Detail, DetailSearch, Line as Of, NAME_WIDTH, Related, Tab};
use crate::app::layout::Layout;
use crate::keymap::Pane;
use crate::model::Content;
use crate::theme::Theme;
use crate::view::frame::{self, Words};
use crate::view::{highlight, scrollbar, tree};
use crate::widget::json_tree::{WARNING, jq};
use crate::widget::text;
use crate::{format, theme};

pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, state: &State, theme: Theme) {
    if layout.detail.width == 0 {
        return;
    }
    let is_focused = state.focus() == Pane::Detail;
    if layout.framed {
        frame::draw(buffer, layout.detail_frame, frame_words(state, theme), is_focused, theme);
    } else {
        divider(buffer, layout.divider, theme);
    }
    let Some(detail) = state.detail() else { return };
    tabs(buffer, layout.tabs, &Tabs::new(detail, usize::from(layout.tabs.width)), theme);
    let area = layout.detail;
    let page = detail.page();
    scrollbar::draw(buffer, layout.detail_scrollbar, page.top(), detail.rows(), page.len(), theme);
    for ((number, line), y) in page.visible(detail.rows()).zip(area.y..area.bottom()) {
        let is_current = number == page.cursor() && is_focused;
        let node = if let Of::Node(node) = line { Some(*node) } else { None };
        let line = render(line, detail, theme, usize::from(area.width), is_current);
        buffer.set_line(area.x, y, &line, area.width);
        // A hit may be cut off, or folded away.
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

fn divider(buffer: &mut Buffer, divider: Rect, theme: Theme) {
    for y in divider.top()..divider.bottom() {
        let line =
            if divider.width == 1 { "│".to_owned() } else { "─".repeat(usize::from(divider.width)) };
        buffer.set_string(divider.x, y, line, theme.label());
    }
}

/// The words on the frame: how bad, the headline, and where the list is not shown, the alert's place in it.
fn frame_words(state: &State, theme: Theme) -> Words {
    let title = match state.detail().and_then(Detail::content) {
        Some(Content::Alert(alert)) => vec![
            Span::styled(severity_words(alert.severity), theme.severity(Some(alert.severity))),
            Span::raw(" · "),
            Span::styled(SafeText::new(&alert.headline()).to_string(), Theme::strong()),
        ],
        Some(Content::Unreadable { .. }) => {
            vec![Span::styled("A message that could not be read", theme.severity(None))]
        }
        None => vec![Span::raw("Alert")],
    };
    let list = state.list();
    let position = list
        .selected()
        .filter(|_| state.layout().list.width == 0)
        .map(|at| format!("{}/{}", format::number(at as u64 + 1), format::number(list.len() as u64)));
    Words { title, position, ..Words::default() }
}

/// `▲ CRITICAL`
fn severity_words(severity: Severity) -> String {
    let sign = theme::severity_label(Some(severity)).split(' ').next().unwrap_or_default();
    format!("{sign} {severity}")
}

/// Draws the tabs' names; the shown one is underlined, or in brackets where there is no line for that.
fn tabs(buffer: &mut Buffer, area: Rect, tabs: &Tabs, theme: Theme) {
    let strong = theme.accent().add_modifier(Modifier::BOLD);
    let width = usize::from(area.width);
    if !tabs.is_whole() {
        let number = Tab::ALL.iter().position(|tab| *tab == tabs.shown).unwrap_or(0) + 1;
        let line = Line::from(vec![
            Span::styled(format!("[{}]", tabs.shown.name()), strong),
            Span::styled(format!(" {number} of {}", Tab::ALL.len()), theme.label()),
        ]);
        buffer.set_line(area.x, area.y, &line, area.width);
        return;
    }
    for label in &tabs.labels {
        let is_shown = label.tab == tabs.shown;
        let style = match label.mark {
            _ if is_shown => strong,
            Mark::Empty => theme.label().add_modifier(Modifier::DIM),
            Mark::Plain | Mark::Count(_) | Mark::Warnings(_) => Style::new(),
        };
        let (start, end) = (label.cells.start.min(width), label.cells.end.min(width));
        let x = |cell: usize| area.x + u16::try_from(cell).unwrap_or(0);
        buffer.set_stringn(x(start), area.y, &label.text, width - start, style);
        if is_shown && area.height > 1 {
            buffer.set_string(x(start), area.y + 1, "▔".repeat(end - start), theme.accent());
        } else if is_shown {
            buffer.set_string(x(start.saturating_sub(1)), area.y, "[", strong);
            buffer.set_string(x(end), area.y, "]", strong);
        }
    }
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
    matches!(name, "Actor" | "Target")
}

/// A line that is no node.
fn words(line: &Of, detail: &Detail, theme: Theme, width: usize) -> Line<'static> {
    match line {
        Of::Summary(words) | Of::Heading(words) => Line::styled(words.to_string(), Theme::strong()),
        Of::Fact(name, value) => Line::from(vec![
            Span::styled(text::fit(name, NAME_WIDTH), theme.label()),
            Span::styled(value.to_string(), if is_identity(name) { theme.identity() } else { Style::new() }),
        ]),
        Of::Text(words) => Line::raw(words.to_string()),
        Of::Warning(words) => Line::styled(format!("{WARNING}{words}"), theme.bad()),
        Of::WarningGoesOn(words) => Line::styled(format!("  {words}"), theme.bad()),
        Of::Numbered(number, purpose) => Line::from(vec![
            Span::styled(format!("{number:>2}  "), theme.accent()),
            Span::raw(purpose.to_string()),
        ]),
        Of::Command(words) => Line::styled(format!("{:COMMAND_INDENT$}{words}", ""), theme.good()),
        Of::Row(cells) => {
            let cell = |(words, width, is_bad): &(SafeText, usize, bool)| {
                let style = if *is_bad { theme.bad() } else { Style::new() };
                Span::styled(text::fit(words.as_str(), *width), style)
            };
            Line::from(cells.iter().map(cell).collect::<Vec<_>>())
        }
        Of::Related(number) => {
            detail.related_number(*number).map(|found| related(found, theme, width)).unwrap_or_default()
        }
        Of::Node(_) | Of::Blank => Line::default(),
    }
}

/// A related alert: what it shares, when, how bad, who did what.
fn related(found: &Related, theme: Theme, width: usize) -> Line<'static> {
    let row = &found.row;
    // Z as in UTC: the list beside it may be in another zone.
    let when = row.time.strftime("%m-%d %H:%M:%SZ").to_string();
    let severity = theme::severity_label(row.severity);
    let what = format!("{}  {}", row.actor, row.what_words());
    let used = text::width(&when) + text::width(severity) + text::width(&found.letters) + 3;
    Line::from(vec![
        Span::styled(found.letters.clone(), theme.label()),
        Span::raw(" "),
        Span::raw(when),
        Span::raw(" "),
        Span::styled(severity, theme.severity(row.severity)),
        Span::raw(" "),
        Span::raw(text::fit_middle(&what, width.saturating_sub(used)).trim_end().to_owned()),
    ])
}
