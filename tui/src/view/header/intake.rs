//! State of the intake in words: a live queue, a replay, the demo.

use jiff::Timestamp;
use ratatui::style::Style;

use super::rank::Rank;
use crate::app::State;
use crate::format;
use crate::model::{DEMO_SPEED, ReplayStatus, SourceStatus};
use crate::theme::Theme;

/// Cells of a progress bar.
const BAR: usize = 20;

/// Returns the state of the intake, as words from the longest to the shortest, and their style.
pub(super) fn health(state: &State, theme: Theme) -> (Vec<String>, Style) {
    let (word, style) = match &state.pipeline().source {
        // The worst of what is so: whatever is received, nobody would keep it.
        SourceStatus::Retrying { next, .. } if state.pipeline().store_blocked.is_some() => {
            let left = next.duration_since(state.now()).as_secs().max(0);
            let words = vec![format!("✗ can't store, retry in {left} s"), "✗ can't store".to_owned()];
            return (words, theme.bad());
        }
        _ if state.pipeline().store_blocked.is_some() => ("✗ can't store".to_owned(), theme.bad()),
        SourceStatus::Live { .. } if state.pipeline().delete_blocked.is_some() => {
            ("✗ can't delete".to_owned(), theme.bad())
        }
        SourceStatus::Connecting => ("◌ connecting".to_owned(), Theme::strong()),
        SourceStatus::Live { .. } => ("● live".to_owned(), theme.good()),
        // The banner says why, since when, and when it is tried again.
        SourceStatus::Retrying { .. } => ("○ disconnected".to_owned(), theme.bad()),
        SourceStatus::Demo { read, of } if read < of => (format!("▶ demo x{DEMO_SPEED}"), Theme::strong()),
        SourceStatus::Demo { .. } => ("■ demo".to_owned(), Theme::strong()),
        SourceStatus::Replay(replayed) => return (replay(replayed), Theme::strong()),
    };
    (vec![word], style)
}

/// Up to when the picture is true, or how far it is.
pub(super) fn note(state: &State) -> Option<(Rank, String)> {
    let clock = |time: Timestamp| format!("{} UTC", time.strftime("%H:%M:%S"));
    Some(match &state.pipeline().source {
        SourceStatus::Live { last_receive, .. } => {
            (Rank::LastReceive, format!("last receive {}", clock(*last_receive)))
        }
        SourceStatus::Retrying { last_receive: Some(time), .. } => {
            (Rank::UpTo, format!("last data {}", clock(*time)))
        }
        SourceStatus::Retrying { last_receive: None, .. } => (Rank::UpTo, "nothing received yet".to_owned()),
        SourceStatus::Demo { read, of } if read < of => (Rank::Probe, format!("{read} of {of} records read")),
        SourceStatus::Demo { of, .. } => (Rank::Probe, format!("demo finished ({of} events)")),
        SourceStatus::Connecting | SourceStatus::Replay(_) => return None,
    })
}

/// `▶ REPLAY  ████░░░░░░ 42 %  1.2M records/s` (played slowly, `▶ REPLAY x60  2026-11-24 14:03:22 UTC`),
/// and at the end what was read; then the same in fewer words.
fn replay(replayed: &ReplayStatus) -> Vec<String> {
    let progress = &replayed.progress;
    let count = |count: u64, name: &str| {
        format!("{} {name}{}", format::number(count), if count == 1 { "" } else { "s" })
    };
    let records = count(progress.records, "record");
    if replayed.done {
        if progress.records == 0 {
            // A case that is opened again reads no files.
            return vec!["■ REPLAY  done".to_owned()];
        }
        let alerts = count(replayed.alerts, "alert");
        let unread = match replayed.unread {
            0 => String::new(),
            unread => format!(", {} unreadable", format::number(unread)),
        };
        return vec![
            format!("■ REPLAY  done: {records}, {alerts}{unread}"),
            format!("■ REPLAY  done{unread}"),
            "■ REPLAY  done".to_owned(),
        ];
    }
    if let Some(speed) = replayed.speed {
        let (sign, paused) = if replayed.paused { ("‖", " paused") } else { ("▶", "") };
        let word = format!("{sign} REPLAY {speed}{paused}");
        let clock = replayed.clock.map(|time| time.strftime("  %Y-%m-%d %H:%M:%S UTC").to_string());
        return vec![format!("{word}{}", clock.unwrap_or_default()), word];
    }
    let rate = format::rate(progress.rate());
    let Some(percent) = progress.percent() else {
        return vec![format!("▶ REPLAY  {records}  {rate}"), format!("▶ REPLAY  {records}")];
    };
    let full = usize::try_from(percent).unwrap_or(0) * BAR / 100;
    let bar = format!("{}{}", "█".repeat(full), "░".repeat(BAR - full));
    vec![
        format!("▶ REPLAY  {bar} {percent} %  {rate}"),
        format!("▶ REPLAY  {bar} {percent} %"),
        format!("▶ REPLAY  {percent} %"),
    ]
}
