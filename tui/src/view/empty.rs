//! The empty list: why nothing is there, what is watched since when, and what to try.

use detector::SafeText;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::State;
use crate::format::number;
use crate::model::{ReplayStatus, SourceStatus};
use crate::widget::text;

/// Draws the reason why the list is empty, wrapped, in the middle.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, state: &State) {
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let reason = reason(state);
    let lines: Vec<_> = reason.iter().flat_map(|line| text::wrap(&SafeText::new(line), room)).collect();
    let above = usize::from(area.height).saturating_sub(lines.len()) / 2;
    let rows = (area.top()..area.bottom()).skip(above);
    for (line, y) in lines.iter().zip(rows) {
        let left = usize::from(area.width).saturating_sub(text::width(line.as_str())) / 2;
        buffer.set_string(area.x + u16::try_from(left).unwrap_or(0), y, line.as_str(), Style::new());
    }
}

/// Returns the reason why the list is empty, and what to do.
fn reason(state: &State) -> Vec<String> {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    // While one writes, keys are letters.
    let is_writing = state.overlay().takes_letters();
    if state.list().total() > 0 && !state.list().is_filtered() {
        return lines(&["All alerts acknowledged.", "A to show."]);
    }
    if state.list().total() > 0 {
        let mut reason = lines(&["No alert passes the filters."]);
        // Of several it is not known which one lets nothing through.
        if let [only] = state.list().filters() {
            reason.extend(only.meant().map(|meant| format!("Try {meant}.")));
        }
        if !is_writing {
            reason.push("F switches them off, & lists them.".to_owned());
        }
        return reason;
    }
    match &state.pipeline().source {
        _ if state.pipeline().store_blocked.is_some() => {
            lines(&["Alerts can't be stored: they stay in the queue.", "W shows the error."])
        }
        SourceStatus::Connecting => lines(&["Connecting…"]),
        SourceStatus::Retrying { .. } => {
            lines(&["Can't read the queue. Retrying.", "W shows the error, Ctrl-R retries now."])
        }
        SourceStatus::Live { .. } => vec![
            "Connected. No alerts yet.".to_owned(),
            watching(state),
            "`sentinel-tui test-alert` sends a test.".to_owned(),
        ],
        SourceStatus::Demo { .. } => lines(&["Starting demo…"]),
        SourceStatus::Replay(ReplayStatus {
            done: true, progress, unread, first_unread: Some(why), ..
        }) if progress.records == 0 => {
            let first = if *unread == 1 { "" } else { ", the first" };
            vec![
                "No records in these files.".to_owned(),
                format!("{} unreadable{first}: {why}", number(*unread)),
            ]
        }
        SourceStatus::Replay(replayed) if replayed.done && replayed.progress.records == 0 => {
            lines(&["No records in these files, or no alerts in this case."])
        }
        SourceStatus::Replay(replayed) if replayed.done && replayed.leaves_out => {
            lines(&["No alert passes --since, --until, --min-severity and --filter."])
        }
        SourceStatus::Replay(replayed) if replayed.done => lines(&["No alerts: no rule matches."]),
        SourceStatus::Replay(_) => lines(&["No alerts yet."]),
    }
}

/// `Watching iam-sentinel-console-oncall in us-east-1 since 10:02 UTC.`
fn watching(state: &State) -> String {
    let pipeline = state.pipeline();
    let queue = pipeline.watched.as_deref().unwrap_or("the queue");
    let region = pipeline.identity.as_ref().map(|identity| format!(" in {}", identity.region));
    let since = pipeline.live_since.map(|since| format!(" since {}", since.strftime("%H:%M UTC")));
    format!("Watching {queue}{}{}.", region.unwrap_or_default(), since.unwrap_or_default())
}
