//! The table of alerts: only the rows that are on the screen are looked at.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::theme::{self, Theme};
use crate::app::{Focus, State};
use crate::source::Health;
use crate::store::Row;
use crate::widget::text;

/// What can be in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Time,
    Severity,
    Event,
    Actor,
    SourceIp,
    Account,
}

/// Cells of a time: `02:03:04`, `11-24 02:03`, `11-24 02:03:04`.
const TIME: usize = 8;
const DAY_AND_MINUTE: usize = 11;
const DAY_AND_TIME: usize = 14;

/// The columns in their order; each with its name, its cells, and the width of the list from which
/// it is shown. The actor takes what is left.
const COLUMNS: [(Column, &str, usize, u16); 6] = [
    (Column::Time, "TIME UTC", TIME, 0),
    (Column::Severity, "SEV", 6, 0),
    (Column::Event, "EVENT", 22, 0),
    (Column::Actor, "ACTOR", 0, 50),
    (Column::SourceIp, "SOURCE IP", 15, 66),
    (Column::Account, "ACCOUNT", 12, 78),
];

const MARKER: &str = "▌ ";

pub(super) fn draw(buffer: &mut Buffer, area: Rect, state: &State, theme: Theme) {
    if area.width == 0 {
        return;
    }
    let height = area.height - 1;
    let rows = state.list.rows().iter().enumerate().skip(state.list.top()).take(usize::from(height));
    let today = day(state.now);
    let columns = columns(area.width, rows.clone().any(|(_, row)| day(row.time) != today));
    let names: Vec<_> = columns.iter().map(|(_, name, cells)| text::fit(name, *cells)).collect();
    let head = Line::styled(format!("  {}", names.join(" ")), theme.label());
    buffer.set_line(area.x, area.y, &head, area.width);
    if state.list.rows().is_empty() {
        let words = match &state.health {
            Health::Connecting | Health::Retrying { .. } => "  No alerts yet.",
            Health::Live { .. } => "  No alerts. The queue is empty, and each new alert shows here at once.",
            Health::Demo { .. } => "  The story begins …",
            Health::Replay(replayed) if !replayed.done => "  Nothing found yet.",
            Health::Replay(replayed) if replayed.standing.records == 0 => {
                "  No alerts: there were no records."
            }
            Health::Replay(replayed) if replayed.is_bounded => {
                "  No alerts: no rule matches any of the records between --since and --until."
            }
            Health::Replay(_) => "  No alerts: no rule matches any of the records.",
        };
        buffer.set_string(area.x, area.y + 1, text::fit(words, usize::from(area.width)), Style::new());
        return;
    }
    let selected = state.list.selected();
    for ((number, row), y) in rows.zip(area.y + 1..) {
        let is_selected = selected == Some(number);
        let mut spans = vec![Span::raw(if is_selected { MARKER } else { "  " })];
        for (at, (column, _, cells)) in columns.iter().enumerate() {
            if at > 0 {
                spans.push(Span::raw(" "));
            }
            let style = if *column == Column::Severity { theme.severity(row.severity) } else { Style::new() };
            spans.push(Span::styled(text::fit(&cell(row, *column, *cells), *cells), style));
        }
        buffer.set_line(area.x, y, &Line::from(spans), area.width);
        if is_selected {
            // Over the cells' own styles, so that no colour can hide it.
            let style = if state.focus == Focus::List { Theme::selected() } else { Theme::strong() };
            buffer.set_style(Rect::new(area.x, y, area.width, 1), style);
        }
    }
}

/// The columns for a list of this width; the day stands in the time where a row is not of today.
fn columns(width: u16, dated: bool) -> Vec<(Column, &'static str, usize)> {
    let shown: Vec<_> = COLUMNS.iter().filter(|(.., from)| width >= *from).collect();
    let day = match (dated, width) {
        (false, _) => 0,
        (true, ..66) => DAY_AND_MINUTE - TIME,
        (true, _) => DAY_AND_TIME - TIME,
    };
    let fixed: usize = shown.iter().map(|(_, _, cells, _)| cells + 1).sum::<usize>() + day;
    let left = (usize::from(width) - MARKER.chars().count() + 1).saturating_sub(fixed);
    let cells = |column, cells| match column {
        Column::Actor => left,
        Column::Time => cells + day,
        _ => cells,
    };
    shown.into_iter().map(|&(column, name, wide, _)| (column, name, cells(column, wide))).collect()
}

fn day(time: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(time).date()
}

fn cell(row: &Row, column: Column, cells: usize) -> String {
    match column {
        Column::Time => {
            let format = match cells {
                TIME => "%H:%M:%S",
                DAY_AND_MINUTE => "%m-%d %H:%M",
                _ => "%m-%d %H:%M:%S",
            };
            row.time.strftime(format).to_string()
        }
        Column::Severity => theme::word(row.severity).to_owned(),
        Column::Event => row.event.to_string(),
        Column::Actor => row.actor.to_string(),
        Column::SourceIp => row.source_ip.to_string(),
        Column::Account => row.account.to_string(),
    }
}
