//! The first and the last line: how the intake is doing and what there is; the keys that matter.

use ratatui::text::{Line, Span};

use super::theme::Theme;
use crate::app::State;
use crate::app::look::Sort;
use crate::source::Health;
use crate::source::replay::Replayed;
use crate::widget::text;
use detector::SafeText;

/// Cells of a progress bar.
const BAR: usize = 20;

/// State of the intake, counts, and what is wrong.
pub(super) fn header(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let clock = |time: jiff::Timestamp| format!("{} UTC", time.strftime("%H:%M:%S"));
    let (word, style, note) = match &state.health {
        Health::Connecting => ("◌ connecting".to_owned(), Theme::strong(), String::new()),
        Health::Live { last_receive } => {
            ("● live".to_owned(), theme.good(), format!("last receive {}", clock(*last_receive)))
        }
        Health::Retrying { next, last_receive, .. } => {
            let left = next.duration_since(state.now).as_secs().max(0);
            let until = last_receive.map_or_else(
                || "nothing received yet".to_owned(),
                |time| format!("alerts up to {}", clock(time)),
            );
            (format!("○ retry in {left} s"), theme.bad(), until)
        }
        Health::Demo { read, of } if read < of => {
            (format!("▶ demo x{}", 60), Theme::strong(), format!("{read} of {of} records read"))
        }
        Health::Demo { of, .. } => {
            ("■ demo".to_owned(), Theme::strong(), format!("the story is told: {of} records read"))
        }
        Health::Replay(replayed) => (replay(replayed), Theme::strong(), String::new()),
    };
    let rows = state.list.total();
    let alerts = rows - state.counts.unreadable;
    let mut spans = vec![Span::styled(" IAM Sentinel  ", Theme::strong()), Span::styled(word, style)];
    // A replay that is done has said it, and of all of them.
    if !matches!(&state.health, Health::Replay(replayed) if replayed.done) {
        spans.push(Span::raw(format!("  {alerts} alert{}", if alerts == 1 { "" } else { "s" })));
    }
    let counts = [
        (state.counts.critical, "critical", theme.severity(Some(detector::Severity::Critical))),
        (state.counts.high, "high", theme.severity(Some(detector::Severity::High))),
        (state.counts.unreadable, "unreadable", theme.severity(None)),
        (state.counts.acknowledged, "acknowledged (A)", Theme::faded()),
    ];
    for (count, name, style) in counts {
        if count > 0 {
            spans.push(Span::raw("  "));
            spans.push(Span::styled(format!("{count} {name}"), style));
        }
    }
    if let Some(newer) = newer(state) {
        spans.push(Span::raw("  "));
        spans.push(Span::styled(newer, Theme::strong()));
    }
    // What one has switched off and may forget.
    if let Some(until) = state.ui.attention.muted_until() {
        spans.push(Span::raw(format!("  muted until {}", until.strftime("%H:%M UTC"))));
    }
    if !state.ui.mouse.on {
        spans.push(Span::raw("  mouse off"));
    }
    if !note.is_empty() {
        spans.push(Span::raw("  "));
        spans.push(Span::raw(note));
    }
    clip(spans, usize::from(width))
}

/// `‖ held  ▲ 12 newer, 2 critical (g)`: what is there that one does not see, and the key to it.
fn newer(state: &State) -> Option<String> {
    let newer = state.list.newer();
    let held = if state.list.is_held() { "‖ held (Space)  " } else { "" };
    if newer.count == 0 {
        return state.list.is_held().then(|| held.trim_end().to_owned());
    }
    let critical = match newer.critical {
        0 => String::new(),
        critical => format!(", {} critical", text::number(critical as u64)),
    };
    let (arrow, key) = match state.list.sort() {
        Sort::NEWEST_FIRST => ("▲ ", " (g)"),
        Sort::OLDEST_FIRST => ("▼ ", " (G)"),
        _ => ("", ""),
    };
    Some(format!("{held}{arrow}{} newer{critical}{key}", text::number(newer.count as u64)))
}

/// `REPLAY  ████░░░░░░ 42 %  1.2M records/s`, and at the end what was read.
fn replay(replayed: &Replayed) -> String {
    let standing = &replayed.standing;
    let count = |count: u64, name: &str| {
        format!("{} {name}{}", text::number(count), if count == 1 { "" } else { "s" })
    };
    let records = count(standing.records, "record");
    if replayed.done {
        return format!("■ REPLAY  done: {records}, {}", count(replayed.alerts, "alert"));
    }
    let rate = text::rate(standing.rate());
    let Some(percent) = standing.percent() else { return format!("▶ REPLAY  {records}  {rate}") };
    let full = usize::try_from(percent).unwrap_or(0) * BAR / 100;
    format!("▶ REPLAY  {}{} {percent} %  {rate}", "█".repeat(full), "░".repeat(BAR - full))
}

/// What is wrong, if anything is; else the keys that the keymap marks for it.
pub(super) fn footer(state: &State, theme: Theme, width: u16) -> Line<'static> {
    // What was asked for just now comes first, until the next key.
    if let Some(word) = &state.desk.word {
        let style = if word.bad { theme.bad() } else { Theme::strong() };
        return clip(vec![Span::styled(format!(" {}", word.text), style)], usize::from(width));
    }
    if let Some(line) = super::triage::footer(state, theme, width).filter(|_| state.triage.asks()) {
        return line;
    }
    let trouble = match (&state.trouble, &state.health) {
        (Some(trouble), _) | (None, Health::Retrying { why: trouble, .. }) => Some(SafeText::new(trouble)),
        (None, Health::Replay(Replayed { first_unread: Some(first), unread, .. })) => {
            Some(SafeText::from(format!("{} could not be read: {first}", text::number(*unread))))
        }
        _ => None,
    };
    if let Some(notice) = state.look.notice {
        return clip(vec![Span::styled(format!(" {notice}"), Theme::strong())], usize::from(width));
    }
    if let Some(trouble) = trouble {
        return clip(vec![Span::styled(format!(" {trouble}"), theme.bad())], usize::from(width));
    }
    if let Some(notice) = state.ui.notice() {
        let words = SafeText::new(notice);
        return clip(vec![Span::styled(format!(" {words}"), Theme::strong())], usize::from(width));
    }
    if let Some(line) = super::triage::footer(state, theme, width) {
        return line;
    }
    let mut left = usize::from(width).saturating_sub(1);
    let mut spans = vec![Span::raw(" ")];
    if let Some(count) = state.ui.count {
        spans.push(Span::styled(format!("{count} times  "), Theme::strong()));
    }
    for bound in state.ui.keymap.here(state.focus) {
        if let (Some(word), Some(key)) = (bound.footer, bound.key()) {
            // A hint that does not fit is left out whole.
            let cells = text::width(&key) + 1 + text::width(word);
            let Some(rest) = left.checked_sub(cells) else { continue };
            left = rest.saturating_sub(2);
            spans.push(Span::styled(key, theme.label()));
            spans.push(Span::raw(format!(" {word}  ")));
        }
    }
    clip(spans, usize::from(width))
}

/// Cuts the last span that does not fit, with a mark, and drops what is behind.
pub(super) fn clip(spans: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let mut line = Line::default();
    let mut left = width;
    for span in spans {
        let cells = text::width(&span.content);
        if cells > left {
            line.push_span(Span::styled(text::fit(&span.content, left), span.style));
            break;
        }
        left -= cells;
        line.push_span(span);
    }
    line
}
