//! Records around an alert, over the screen.
//!
//! ```text
//! ╭ 37 records, 8 denied, 2 alerts · by key AKIA… · 01:00 – 03:00 UTC · CloudTrail asked 3 times ─────╮
//! │ 02:00:01         7 × ListUsers, ListRoles, … (iam)                                              │
//! │ 02:02:10 denied  mallory tried to get secret value … secretsmanager us-east-1 203.0.113.7 new IP│
//! │▌02:03:00 ▲ HIGH  mallory created an access key for user backup  iam us-east-1 203.0.113.7       │
//! ╰ Enter alert  Tab other property  + longer  f filter  l unfold  y copy  Esc close ───────────────╯
//! ```

use detector::{Call, SafeText};
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line as TextLine, Span};
use ratatui::widgets::Padding;

use crate::app::context::lines::{self, Line};
use crate::app::context::{self, Context};
use crate::app::query::prompt::{Prompt, PromptKind};
use crate::format;
use crate::theme::{self, Theme};
use crate::view::popup::{self, Titles};
use crate::view::prompt::{name, typed};
use crate::widget::text;

/// Width from which on a line names service, region and address.
const WIDE: usize = 100;
/// Cells of these.
const PLACE: usize = 42;
/// Most proposals that are shown while a filter is written.
const MOST_PROPOSED: usize = 8;

/// Draws the list.
pub(super) fn draw(frame: &mut Frame<'_>, context: &Context, theme: Theme) {
    let screen = frame.area();
    // The status line stays in sight.
    let area = Rect { height: screen.height.saturating_sub(1), ..screen };
    let titles = Titles { top: title(context), bottom: keys(context, area.width) };
    let block = popup::open(frame, area, titles, theme).padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let buffer = frame.buffer_mut();
    let width = usize::from(inner.width);
    if context.lines.is_empty() {
        let failed = context.failed.as_ref().map(|(why, _)| why.as_str());
        let failed = failed.filter(|_| context.calls.is_empty());
        let words = failed.unwrap_or(match (context.is_done, context.calls.is_empty()) {
            (_, false) => "The filter lets no record through",
            (true, true) => "No records",
            (false, true) => "Reading…",
        });
        let y = inner.y + inner.height / 3;
        buffer.set_stringn(inner.x, y, text::fit(words, width), width, theme.label());
    }
    let rows = context::rows(screen.height);
    let top = context.top_of(rows);
    let lines = context.lines.iter().enumerate().skip(top).take(rows);
    for ((number, line), y) in lines.zip(inner.y..inner.bottom()) {
        buffer.set_line(inner.x, y, &row(context, (number, *line), theme, width), inner.width);
        if context.is_hit(number) {
            buffer.set_style(Rect::new(inner.x, y, inner.width, 1), Theme::hit());
        }
        if number == context.line {
            buffer.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected());
        }
    }
    let Some(y) = inner.bottom().checked_sub(1).filter(|y| *y >= inner.y) else { return };
    let below = Rect { y, height: 1, ..inner };
    if let Some(prompt) = &context.finding.prompt {
        return writing(buffer, below, prompt, theme);
    }
    let (words, style) = match (&context.waits, &context.failed) {
        (Some(why), _) => (format!("waiting: {why}"), theme.label()),
        (None, Some(_)) if context.calls.is_empty() => return,
        (None, Some((why, 1))) => (why.to_string(), theme.bad()),
        (None, Some((why, count))) => (format!("{why} ({} more)", count - 1), theme.bad()),
        (None, None) => return,
    };
    buffer.set_stringn(below.x, below.y, text::fit(&words, width), width, style);
}

/// Draws the filter or the search that is being written, and behind it its error, or what Tab writes next.
fn writing(buffer: &mut Buffer, area: Rect, prompt: &Prompt, theme: Theme) {
    let width = usize::from(area.width);
    let (words, style) = match &prompt.error {
        Some(error) if prompt.proposals.is_empty() => (SafeText::new(&error.what), theme.bad()),
        _ if matches!(prompt.asking, PromptKind::Path(_)) => {
            (SafeText::new(".jsonl  .csv  .md   Ctrl-U clears"), theme.label())
        }
        _ if prompt.proposals.is_empty() => (SafeText::new(""), theme.label()),
        _ => {
            let first = prompt.chosen.unwrap_or(0);
            let next = prompt.proposals.iter().skip(first).take(MOST_PROPOSED);
            let next: Vec<&str> = next.map(|candidate| candidate.text.as_str()).collect();
            (SafeText::new(&format!("Tab  {}", next.join("  "))), theme.label())
        }
    };
    let words = text::fit(words.as_str(), text::width(words.as_str()).min(width / 2));
    let left = text::width(name(prompt.asking));
    let right = text::width(&words);
    typed(buffer, area, prompt, (left, width.saturating_sub(left + right + 2).max(1)), theme);
    let x = area.right().saturating_sub(u16::try_from(right).unwrap_or(0));
    buffer.set_stringn(x, area.y, &words, right, style);
}

/// ` 37 records, 8 denied, 2 alerts · by key AKIA… · 01:00 – 03:00 UTC · CloudTrail asked 3 times `
fn title(context: &Context) -> String {
    let count = |count: usize, name: &str| {
        let plural = if count == 1 || name == "denied" { "" } else { "s" };
        format!("{} {name}{plural}", format::number(u64::try_from(count).unwrap_or(0)))
    };
    let denied = context.calls.iter().filter(|call| call.is_denied()).count();
    let alerts = context.calls.iter().filter(|call| call.severity.is_some()).count();
    let counts = [count(context.calls.len(), "record"), count(denied, "denied"), count(alerts, "alert")];
    let mut parts = vec![counts.join(", ")];
    if let Some(filter) = context.finding.filter() {
        let shown = format::number(context.shown().count() as u64);
        parts.push(format!("{shown} by filter {}", SafeText::new(filter)));
    }
    parts.extend(context.finding.search().map(|words| {
        let hits = (0..context.lines.len()).filter(|line| context.is_hit(*line)).count();
        format!("search {}: {}", SafeText::new(words), count(hits, "line"))
    }));
    if !context.way().is_empty() {
        parts.push(format!("by {}", SafeText::new(context.way())));
    }
    parts.extend(context.span.map(|(since, until)| {
        let is_one_day = since.strftime("%F").to_string() == until.strftime("%F").to_string();
        let end = until.strftime(if is_one_day { "%H:%M" } else { "%m-%d %H:%M" });
        format!("{} – {end} UTC", since.strftime("%m-%d %H:%M"))
    }));
    if context.asked > 0 {
        let times = if context.asked == 1 { "time" } else { "times" };
        parts.push(format!("CloudTrail asked {} {times}", format::number(context.asked)));
    }
    if !context.is_done {
        parts.insert(1, "reading…".to_owned());
    }
    format!(" {} ", parts.join(" · "))
}

/// Returns the keys, as many as the lower edge has room for.
fn keys(context: &Context, width: u16) -> String {
    let other = if context.ways.len() > 1 { "Tab other property  " } else { "" };
    let all = [
        format!(
            " Enter alert  {other}+ longer  f filter  / search  l unfold  y copy  w write  ? keys  Esc close "
        ),
        format!(" Enter alert  {other}+ longer  f filter  / search  l unfold  ? keys  Esc close "),
        format!(" Enter alert  {other}f filter  / search  w write  ? keys  Esc close "),
        format!(" Enter alert  {other}f filter  / search  ? keys  Esc close "),
        " Enter alert  f filter  ? keys  Esc close ".to_owned(),
        " Esc close ".to_owned(),
    ];
    let fits = all.iter().find(|words| text::width(words) + 4 <= usize::from(width));
    fits.or(all.last()).cloned().unwrap_or_default()
}

fn row(context: &Context, (number, line): (usize, Line), theme: Theme, width: usize) -> TextLine<'static> {
    let calls = context.calls_of(line);
    let Some(call) = calls.first() else { return TextLine::default() };
    let is_here = calls.iter().any(|call| call.id == context.around.alert);
    let (format, time_width) = if width >= WIDE { ("%m-%d %H:%M:%S", 15) } else { ("%H:%M:%S", 9) };
    let time = call.time.map_or_else(|| "–".to_owned(), |time| time.strftime(format).to_string());
    let mut spans = vec![
        Span::styled(if is_here { "▌" } else { " " }, theme.accent()),
        Span::styled(text::fit(&time, time_width), theme.label()),
    ];
    let (words, news) = match line {
        Line::Reads { count, .. } if count > 1 => {
            spans.push(Span::raw(" ".repeat(8)));
            (context.words(number).to_owned(), String::new())
        }
        Line::Reads { .. } => {
            spans.push(Span::raw(" ".repeat(8)));
            (call.summary.clone(), String::new())
        }
        Line::Call { is_new_address, is_new_region, .. } => {
            spans.push(marked(call, theme));
            let news = match (is_new_address, is_new_region) {
                (true, true) => " new IP, new region",
                (true, false) => " new IP",
                (false, true) => " new region",
                (false, false) => "",
            };
            // The severity stands where an alert would say so.
            let refused = if call.severity.is_some() && call.is_denied() { "✗ " } else { "" };
            (format!("{refused}{}", call.summary), news.to_owned())
        }
    };
    let place = place(call, line, width);
    let used = 1 + time_width + 8 + text::width(&place) + text::width(&news) + 1;
    let words = SafeText::new(&words);
    let is_read = matches!(line, Line::Reads { .. });
    let style = if is_read { Theme::faded() } else { Style::new() };
    spans.push(Span::styled(text::fit_middle(words.as_str(), width.saturating_sub(used)), style));
    spans.push(Span::styled(format!(" {place}"), theme.label()));
    spans.push(Span::styled(news, theme.bad()));
    TextLine::from(spans)
}

/// Service, region and address of a record, where there is room.
fn place(call: &Call, line: Line, width: usize) -> String {
    if width < WIDE || matches!(line, Line::Reads { count, .. } if count > 1) {
        return String::new();
    }
    let words = format!(
        "{} {} {}",
        call.service,
        call.region.as_deref().unwrap_or("–"),
        call.source_ip.as_deref().unwrap_or("–")
    );
    text::fit(SafeText::new(&words).as_str(), PLACE)
}

/// Severity of an alert, or what else a record is, in eight cells.
fn marked(call: &Call, theme: Theme) -> Span<'static> {
    if let Some(severity) = call.severity {
        return Span::styled(
            text::fit(theme::severity_label(Some(severity)), 8),
            theme.severity(Some(severity)),
        );
    }
    let style = if call.is_denied() { theme.bad() } else { theme.accent() };
    Span::styled(text::fit(&lines::mark(call), 8), style)
}
