//! The board of incidents: a list above, the timeline of the one under the cursor below.
//!
//! ```text
//! ╭ Incidents · 2 open · 5 single alerts ────────────────────────────────╮
//! │▌▲ CRIT 11-26 12:01  2 h     eve created an access key for bob; …    6 │
//! │ ● HIGH 11-26 09:40  –       …                                       2 │
//! │── persistence → defense-evasion ── 6 alerts, 1 link ──────────────────│
//! │  11-26 10:01:00 ◆ MED   eve created user bob                          │
//! │  11-26 10:05:00 →       eve assumed role ops                          │
//! ╰ Enter timeline  a ack all  c note  y copy  1 single alerts  Esc close ╯
//! ```

use detector::SafeText;
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Padding;

use crate::app::State;
use crate::app::incidents::board::{Board, BoardLayout};
use crate::app::incidents::page::{Line as Of, Page};
use crate::format;
use crate::incidents::{Incident, State as IncidentState};
use crate::theme::{self, Theme};
use crate::view::popup::{self, Titles};
use crate::widget::text;

/// Cells of the name of whoever acted, where there is room for it.
const WHO: usize = 18;
/// Width from which on there is.
const WIDE: usize = 100;

/// Draws the board.
pub(super) fn draw(frame: &mut Frame<'_>, board: &Board, state: &State, theme: Theme) {
    let screen = frame.area();
    // The status line stays in sight.
    let area = Rect { height: screen.height.saturating_sub(1), ..screen };
    let known = state.incidents();
    let shown = known.shown(board);
    let layout = BoardLayout::new(screen.width, screen.height, shown.len());
    let titles = Titles { top: title(state, board), bottom: keys(board, area.width).to_owned() };
    let block = popup::open(frame, area, titles, theme).padding(Padding::horizontal(1));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let buffer = frame.buffer_mut();
    if shown.is_empty() {
        let words = match known.known() {
            None => "Reading incidents…".to_owned(),
            Some(_) => "No open incident of more than one alert.  1 shows single alerts, A acknowledged ones"
                .to_owned(),
        };
        let y = inner.y + inner.height / 3;
        buffer.set_stringn(inner.x, y, words, usize::from(inner.width), theme.label());
        return;
    }
    let cursor = board.cursor(&shown);
    let width = usize::from(inner.width);
    let top = board.top_of(cursor, layout.list_rows());
    let rows = shown.iter().enumerate().skip(top).take(layout.list_rows());
    for ((number, incident), y) in rows.zip(inner.y..inner.bottom()) {
        let is_current = number == cursor;
        let line = row(incident, is_current, theme, width);
        buffer.set_line(inner.x, y, &line, inner.width);
        if is_current && !board.is_open {
            buffer.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected());
        }
    }
    let Some(incident) = shown.get(cursor) else { return };
    let Ok(list_rows) = u16::try_from(layout.list_rows()) else { return };
    let between = inner.y.saturating_add(list_rows);
    if between >= inner.bottom() {
        return;
    }
    buffer.set_line(inner.x, between, &heading(incident, board, theme, width), inner.width);
    let page = Page::of(incident, width);
    let lines = page.lines.iter().enumerate().skip(board.line_top).take(layout.page_rows());
    for ((number, line), y) in lines.zip(between + 1..inner.bottom()) {
        buffer.set_line(inner.x, y, &words(line, theme, width), inner.width);
        if number == board.line && board.is_open {
            buffer.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected());
        }
    }
}

/// ` Incidents · 2 open · 5 single alerts `
fn title(state: &State, board: &Board) -> String {
    let Some(known) = state.incidents().known() else { return " Incidents ".to_owned() };
    let is_open = |incident: &&Incident| incident.state == IncidentState::Open;
    let open = || known.incidents.iter().filter(is_open);
    let singles = open().filter(|incident| incident.alerts.len() == 1).count();
    let more = open().count() - singles;
    let plural = if singles == 1 { "" } else { "s" };
    let hidden = if board.singles { "shown" } else { "hidden" };
    let since =
        known.since.map(|since| format!(" · alerts since {}", since.strftime("%F"))).unwrap_or_default();
    let count = |count: usize| format::number(u64::try_from(count).unwrap_or(0));
    format!(" Incidents · {} open · {} single alert{plural} {hidden}{since} ", count(more), count(singles))
}

/// Returns the keys, as many as the lower edge has room for.
fn keys(board: &Board, width: u16) -> &'static str {
    let all: &[&str] = if board.is_open {
        &[" Enter go to alert  a ack all  c note  y copy  Esc list ", " Enter go to  a ack all  Esc list "]
    } else {
        &[
            " Enter timeline  a ack all  c note  y copy  1 single alerts  A acknowledged  Esc close ",
            " Enter timeline  a ack all  c note  y copy  Esc close ",
            " Enter timeline  a ack all  Esc close ",
        ]
    };
    let fits = all.iter().find(|words| text::width(words) + 4 <= usize::from(width));
    fits.or(all.last()).copied().unwrap_or_default()
}

fn moment(time: Option<Timestamp>, format: &str) -> String {
    time.map_or_else(|| "–".to_owned(), |time| time.strftime(format).to_string())
}

/// `▌▲ CRIT  11-26 12:01  2 h  eve created an access key…  eve +1  6`
fn row(incident: &Incident, is_current: bool, theme: Theme, width: usize) -> Line<'static> {
    let span = match (incident.first, incident.last) {
        (Some(first), Some(last)) if last > first => format::span(last.duration_since(first).as_secs()),
        _ => "–".to_owned(),
    };
    let who = match incident.names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [one, more @ ..] => format!("{one} +{}", more.len()),
    };
    let is_acknowledged = incident.state == IncidentState::Acknowledged;
    let count = format!("{:>5}{}", incident.alerts.len(), if is_acknowledged { " ✓" } else { "  " });
    let (who, who_width) =
        if width >= WIDE { (SafeText::new(&who).to_string(), WHO + 1) } else { (String::new(), 0) };
    let severity = text::fit(theme::severity_label(Some(incident.severity)), 7);
    let (when, when_width) = if width >= WIDE { ("%F %H:%M", 17) } else { ("%m-%d %H:%M", 12) };
    let when = text::fit(&moment(incident.last, when), when_width);
    let span = text::fit(&span, 9);
    let used = 1 + 7 + when_width + 9 + who_width + text::width(&count) + 1;
    let title = SafeText::new(&incident.title);
    let title = text::fit(title.as_str(), width.saturating_sub(used));
    let faded = if is_acknowledged { Theme::faded() } else { Style::new() };
    Line::from(vec![
        Span::styled(if is_current { "▌" } else { " " }, theme.accent()),
        Span::styled(severity, theme.severity(Some(incident.severity))),
        Span::styled(when, theme.label()),
        Span::styled(span, theme.label()),
        Span::styled(title, faded),
        Span::raw(" "),
        Span::styled(text::fit(&who, who_width), theme.identity()),
        Span::styled(count, theme.label()),
    ])
}

/// `── persistence → defense-evasion ── 6 alerts, 1 link ──`
fn heading(incident: &Incident, board: &Board, theme: Theme, width: usize) -> Line<'static> {
    let links = incident.steps.iter().filter(|step| !step.alert).count();
    let alerts = incident.alerts.len();
    let count = |count: usize, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    let mut parts = vec![count(alerts, "alert")];
    if links > 0 {
        parts.push(count(links, "link"));
    }
    if incident.accounts.len() > 1 {
        parts.push(count(incident.accounts.len(), "account"));
    }
    if incident.raised {
        parts.push("severity raised by one".to_owned());
    }
    let tactics = incident.tactics.join(" → ");
    let words =
        format!("── {} ── {} ", parts.join(", "), if tactics.is_empty() { "no tactic" } else { &tactics });
    let rest = "─".repeat(width.saturating_sub(text::width(&words)));
    let style = if board.is_open { theme.accent().add_modifier(Modifier::BOLD) } else { theme.label() };
    Line::styled(format!("{}{rest}", text::fit(&words, text::width(&words).min(width))), style)
}

/// A line of the timeline.
fn words(line: &Of, theme: Theme, width: usize) -> Line<'static> {
    let time =
        |time: Option<Timestamp>| Span::styled(text::fit(&moment(time, "%m-%d %H:%M:%S"), 15), theme.label());
    match line {
        Of::Alert { time: at, severity, words, .. } => Line::from(vec![
            time(*at),
            Span::styled(text::fit(theme::severity_label(*severity), 7), theme.severity(*severity)),
            Span::raw(text::fit(words.as_str(), width.saturating_sub(22)).trim_end().to_owned()),
        ]),
        Of::Link { time: at, words } => Line::from(vec![
            time(*at),
            Span::styled(text::fit("→", 7), theme.accent()),
            Span::styled(
                text::fit(words.as_str(), width.saturating_sub(22)).trim_end().to_owned(),
                theme.label(),
            ),
        ]),
        Of::Heading(words) => Line::styled((*words).to_owned(), Theme::strong()),
        Of::Revoke(words, is_used) => {
            let style = if *is_used { theme.bad() } else { Style::new() };
            Line::styled(format!("{} {words}", if *is_used { "⚠" } else { "·" }), style)
        }
        Of::Unknown(words) => Line::styled(format!("? {words}"), theme.label()),
        Of::Blank => Line::default(),
    }
}
