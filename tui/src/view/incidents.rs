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

use detector::{SafeText, Severity};
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
use crate::incidents::{Incident, State as IncidentState, TACTICS};
use crate::theme::{self, Theme};
use crate::view::popup::{self, Titles};
use crate::widget::text;

/// Cells of the name of whoever acted, where there is room for it.
const WHO: usize = 18;
/// Width from which on there is.
const WIDE: usize = 100;
/// Width from which on there is room for tactics and accounts.
const WIDEST: usize = 140;

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
    let top = board.top_of(cursor.unwrap_or(board.top), layout.list_rows());
    let list_top = inner.y + u16::from(layout.has_names());
    if layout.has_names() {
        buffer.set_line(inner.x, inner.y, &names(theme, width), inner.width);
    }
    let rows = shown.iter().enumerate().skip(top).take(layout.list_rows());
    for ((number, incident), y) in rows.zip(list_top..inner.bottom()) {
        let is_current = Some(number) == cursor;
        let line = row(incident, is_current, theme, width);
        buffer.set_line(inner.x, y, &line, inner.width);
        if is_current && !board.is_open {
            buffer.set_style(Rect::new(inner.x, y, inner.width, 1), theme.selected());
        }
    }
    let Ok(list_rows) = u16::try_from(layout.list_rows()) else { return };
    let between = list_top.saturating_add(list_rows);
    if between >= inner.bottom() {
        return;
    }
    let Some(incident) = cursor.and_then(|at| shown.get(at)) else {
        let words = "The alert is in none of these incidents so far; j goes to the first";
        buffer.set_stringn(inner.x, between, words, width, theme.label());
        return;
    };
    let page = Page::of(incident, width);
    let above = board.line_top.min(page.lines.len().saturating_sub(layout.page_rows()));
    let below = page.lines.len().saturating_sub(above + layout.page_rows());
    buffer.set_line(inner.x, between, &heading(incident, board, theme, (width, below)), inner.width);
    let lines = page.lines.iter().enumerate().skip(above).take(layout.page_rows());
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
    let count = |count: usize| format::number(u64::try_from(count).unwrap_or(0));
    let singles = open().filter(|incident| incident.alerts.len() == 1).count();
    let more = open().count() - singles;
    let singles = match singles {
        0 => String::new(),
        1 => format!(" · 1 single alert {}", if board.singles { "shown" } else { "hidden" }),
        _ => {
            format!(" · {} single alerts {}", count(singles), if board.singles { "shown" } else { "hidden" })
        }
    };
    let since =
        known.since.map(|since| format!(" · alerts since {}", since.strftime("%F"))).unwrap_or_default();
    format!(" Incidents · {} open{singles}{since} ", count(more))
}

/// Returns the keys, as many as the lower edge has room for.
fn keys(board: &Board, width: u16) -> &'static str {
    let all: &[&str] = if board.is_open {
        &[
            " Enter go to alert  a ack all  c note  y copy  w report  x records  ? keys  Esc list ",
            " Enter alert  a ack all  c note  y copy  w report  x records  Esc list ",
            " Enter alert  a ack all  w report  x records  ? keys  Esc list ",
            " Enter go to  a ack all  ? keys  Esc list ",
        ]
    } else {
        &[
            " Enter timeline  a ack all  c note  y copy  w report  x records  p alerts  1 single  A acknowledged  ? keys  Esc close ",
            " Enter timeline  a ack all  c note  y copy  w report  x records  ? keys  Esc close ",
            " Enter timeline  a ack all  w report  x records  ? keys  Esc close ",
            " Enter timeline  a ack all  c note  ? keys  Esc close ",
            " Enter timeline  a ack all  Esc close ",
        ]
    };
    let fits = all.iter().find(|words| text::width(words) + 4 <= usize::from(width));
    fits.or(all.last()).copied().unwrap_or_default()
}

fn moment(time: Option<Timestamp>, format: &str) -> String {
    time.map_or_else(|| "–".to_owned(), |time| time.strftime(format).to_string())
}

/// Cells of the list's columns; 0 for one that there is no room for.
#[derive(Debug, Clone, Copy)]
struct Columns {
    when: usize,
    what: usize,
    who: usize,
    tactics: usize,
    accounts: usize,
}

impl Columns {
    const SEVERITY: usize = 7;
    const SPAN: usize = 9;
    /// The number of alerts and the state.
    const COUNT: usize = 7;

    const fn new(width: usize) -> Self {
        let is_wide = width >= WIDE;
        let (when, who) = if is_wide { (17, WHO + 1) } else { (12, 0) };
        let (tactics, accounts) = if width >= WIDEST { (TACTICS.len() + 2, 10) } else { (0, 0) };
        let used = 1 + Self::SEVERITY + when + Self::SPAN + who + tactics + accounts + Self::COUNT + 1;
        Self { when, what: width.saturating_sub(used), who, tactics, accounts }
    }
}

/// Names of the list's columns.
fn names(theme: Theme, width: usize) -> Line<'static> {
    let columns = Columns::new(width);
    let words = format!(
        " {}{}{}{} {}{}{}ALERTS",
        text::fit("SEV", Columns::SEVERITY),
        text::fit("LAST UTC", columns.when),
        text::fit("SPAN", Columns::SPAN),
        text::fit("WHAT", columns.what),
        text::fit("WHO", columns.who),
        text::fit("TACTICS", columns.tactics),
        text::fit("ACCOUNTS", columns.accounts),
    );
    Line::styled(words, theme.label())
}

/// The tactics of an incident, a cell for each of ATT&CK's: `··■·■■········`.
fn strip(incident: &Incident) -> String {
    TACTICS.iter().map(|name| if incident.tactics.iter().any(|of| of == name) { '■' } else { '·' }).collect()
}

/// `▌▲ CRIT  11-26 12:01  2 h  eve created an access key…  eve +1  6`
fn row(incident: &Incident, is_current: bool, theme: Theme, width: usize) -> Line<'static> {
    let columns = Columns::new(width);
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
    let when_format = if width >= WIDE { "%F %H:%M" } else { "%m-%d %H:%M" };
    let state = if incident.reopened > 0 { format!("{}: ", incident.state_words()) } else { String::new() };
    let title = SafeText::new(&incident.title);
    let title = text::fit(title.as_str(), columns.what.saturating_sub(text::width(&state)));
    let faded = if is_acknowledged { Theme::faded() } else { Style::new() };
    let accounts = incident.accounts.len().to_string();
    Line::from(vec![
        Span::styled(if is_current { "▌" } else { " " }, theme.accent()),
        Span::styled(
            text::fit(theme::severity_label(Some(incident.severity)), Columns::SEVERITY),
            theme.severity(Some(incident.severity)),
        ),
        Span::styled(text::fit(&moment(incident.last, when_format), columns.when), theme.label()),
        Span::styled(text::fit(&span, Columns::SPAN), theme.label()),
        Span::styled(state, theme.accent()),
        Span::styled(title, faded),
        Span::raw(" "),
        Span::styled(
            text::fit(SafeText::new(&who).as_str(), columns.who.saturating_sub(1)),
            theme.identity(),
        ),
        Span::raw(if columns.who > 0 { " " } else { "" }),
        Span::styled(text::fit(&strip(incident), columns.tactics), theme.accent()),
        Span::styled(text::fit(&accounts, columns.accounts), theme.label()),
        Span::styled(count, theme.label()),
    ])
}

/// `── persistence → defense-evasion ── 6 alerts, 1 link ──`
fn heading(
    incident: &Incident,
    board: &Board,
    theme: Theme,
    (width, below): (usize, usize),
) -> Line<'static> {
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
    if incident.reopened > 0 {
        parts.push(incident.state_words());
    } else if (1..alerts).contains(&incident.acknowledged) {
        parts.push(format!("{} acknowledged", incident.acknowledged));
    }
    if incident.raised {
        parts.push("severity raised by one".to_owned());
    }
    let tactics = incident.tactics.join(" → ");
    let words =
        format!("── {} ── {} ", parts.join(", "), if tactics.is_empty() { "no tactic" } else { &tactics });
    // Identities to revoke may be below the screen, and must not be overlooked.
    let more = if below == 0 { String::new() } else { format!(" ▼ {below} lines more ") };
    let room = width.saturating_sub(text::width(&more));
    let rest = "─".repeat(room.saturating_sub(text::width(&words)));
    let style = if board.is_open { theme.accent().add_modifier(Modifier::BOLD) } else { theme.label() };
    let words = text::fit(&words, text::width(&words).min(room));
    Line::from(vec![Span::styled(format!("{words}{rest}"), style), Span::styled(more, theme.accent())])
}

/// A line of the timeline.
fn words(line: &Of, theme: Theme, width: usize) -> Line<'static> {
    // On a small screen the sentence needs the room.
    let (shown, time_width, sign_width) =
        if width >= WIDE { ("%m-%d %H:%M:%S", 15, 7) } else { ("%m-%d %H:%M", 12, 2) };
    let time =
        |time: Option<Timestamp>| Span::styled(text::fit(&moment(time, shown), time_width), theme.label());
    let room = width.saturating_sub(time_width + sign_width);
    let sentence = |words: &SafeText| text::fit_middle(words.as_str(), room).trim_end().to_owned();
    match line {
        Of::Alert { time: at, severity, words, .. } => Line::from(vec![
            time(*at),
            Span::styled(sign(*severity, sign_width), theme.severity(*severity)),
            Span::raw(sentence(words)),
        ]),
        Of::Link { time: at, words } => Line::from(vec![
            time(*at),
            Span::styled(text::fit("→", sign_width), theme.accent()),
            Span::styled(sentence(words), theme.label()),
        ]),
        Of::Heading(words) => Line::styled((*words).to_owned(), Theme::strong()),
        Of::Revoke(words, is_used) => {
            let sign = if *is_used { "⚠" } else { "·" };
            Line::styled(format!("{sign} {words}"), used(*is_used, theme))
        }
        Of::More(words, is_used) => Line::styled(format!("  {words}"), used(*is_used, theme)),
        Of::Actor(words) => Line::raw(words.to_string()),
        Of::Unknown(words) => Line::styled(format!("? {words}"), theme.label()),
        Of::Related { severity, words } => Line::from(vec![
            Span::raw("~ "),
            Span::styled(
                text::fit(theme::severity_label(Some(*severity)), 7),
                theme.severity(Some(*severity)),
            ),
            Span::raw(text::fit(words.as_str(), width.saturating_sub(9))),
        ]),
        Of::Blank => Line::default(),
    }
}

/// Severity in so many cells: its sign alone where there are two.
fn sign(severity: Option<Severity>, width: usize) -> String {
    let label = theme::severity_label(severity);
    text::fit(if width < 7 { label.split(' ').next().unwrap_or_default() } else { label }, width)
}

fn used(is_used: bool, theme: Theme) -> Style {
    if is_used { theme.bad() } else { Style::new() }
}
