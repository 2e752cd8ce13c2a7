//! The table of alerts: only the rows that are on the screen are looked at.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::layout::Layout;
use crate::app::list::search::Search;
use crate::app::list::sort::{Column, Sort};
use crate::app::list::{Folded, ListLine};
use crate::app::query::columns::{Columns, TimeStyle};
use crate::filter::Filter;
use crate::keymap::Pane;
use crate::model::{Row, TriageState};
use crate::theme::Theme;
use crate::view::empty;
use crate::view::frame::{self, Words};
use crate::view::{query_bar, what};
use crate::widget::text;
use crate::{format, theme};

/// Cells before a row.
const MARKER: usize = 2;
/// From this width the seconds stand behind the day.
const ROOM_FOR_SECONDS: u16 = 66;

pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, state: &State, theme: Theme) {
    let area = layout.list;
    if area.width == 0 || area.height == 0 {
        return;
    }
    if layout.framed {
        let is_focused = state.focus() == Pane::List;
        frame::draw(buffer, layout.list_frame, words(state), is_focused, theme);
    }
    let lines = state.list().on_screen().take(usize::from(area.height - 1));
    let search = state.list().search();
    let (columns, times, width) = columns(state, area);
    buffer.set_line(area.x, area.y, &head(state, &columns, &times, theme), width);
    if state.list().len() == 0 {
        let below = Rect::new(area.x, area.y + 1, width, area.height - 1);
        return empty::draw(buffer, below, state);
    }
    let selected = state.list().selected();
    let range = crate::view::triage::range(state);
    for (line, y) in lines.zip(area.y + 1..) {
        let Folded { at, count, row } = match line {
            ListLine::Rows(rows) => rows,
            ListLine::Day(day) => {
                let words = format!("  ── {} {}", day, "─".repeat(usize::from(width).saturating_sub(16)));
                buffer.set_stringn(area.x, y, words, usize::from(width), theme.label());
                continue;
            }
        };
        let is_selected = selected.is_some_and(|selected| (at..at + count).contains(&selected));
        // The signs of a line hold for all that are folded into it.
        let rows = || (at..at + count).filter_map(|at| state.list().shown_at(at));
        let is_marked = range.contains(&at) || rows().all(|row| state.triage().is_marked(&row.id));
        let open = rows().find(|row| row.state != TriageState::Acknowledged);
        let sign = open.filter(|_| row.state == TriageState::Acknowledged).unwrap_or(row);
        let mut spans = vec![Span::raw(crate::view::triage::marker(sign, is_selected, is_marked))];
        for (at, (column, cells)) in columns.iter().enumerate() {
            if at > 0 {
                spans.push(Span::raw(" "));
            }
            let style = cell_style(row, *column, search.map(Search::filter), theme);
            let of = if *column == Column::Triage { sign } else { row };
            let cell = cell(of, *column, &times, count);
            let fitted = match column {
                Column::What => what::fit(&cell, *cells),
                Column::Actor | Column::Target => text::fit_middle(&cell, *cells),
                _ => text::fit(&cell, *cells),
            };
            spans.push(Span::styled(fitted, style));
        }
        buffer.set_line(area.x, y, &Line::from(spans), width);
        if open.is_none() {
            buffer.set_style(Rect::new(area.x, y, width, 1), Theme::faded());
        }
        if is_selected {
            // Over the cells' own styles, so that no colour can hide it.
            let style = if state.focus() == Pane::List { theme.selected() } else { Theme::strong() };
            buffer.set_style(Rect::new(area.x, y, width, 1), style);
        }
    }
    if let Some(search) = search {
        ticks(buffer, Rect::new(area.x + width, area.y + 1, 1, area.height - 1), search);
    }
}

/// The words on the frame: what is shown, in which order, and the selected alert's place.
fn words(state: &State) -> Words {
    let (list, sort) = (state.list(), state.list().sort());
    let order = match sort {
        Sort::NEWEST_FIRST => "newest first".to_owned(),
        Sort::OLDEST_FIRST => "oldest first".to_owned(),
        sort => format!("by {} {}", sort.by.name(), sort.arrow()),
    };
    let has_chips = !state.query().chips.chips.is_empty();
    let shown = if has_chips || list.is_filtered() || !state.paging().is_whole() {
        query_bar::shown(state)
    } else {
        format::number(list.len() as u64)
    };
    let back = query_bar::looked_back(state);
    let position = list
        .selected()
        .map(|at| format!("{}/{}", format::number(at as u64 + 1), format::number(list.len() as u64)));
    let title =
        vec![Span::styled("Alerts", Theme::strong()), Span::raw(format!(" · {shown}{back} · {order}"))];
    Words { title, position, ..Words::default() }
}

/// The columns with their cells, how the times are written, and the cells of a row.
fn columns(state: &State, area: Rect) -> (Vec<(Column, usize)>, Times, u16) {
    let rows = state.list().rows_on_screen(usize::from(area.height.saturating_sub(1)));
    // Lines that name the days make the date in a row needless.
    let rows = rows.filter(|_| !state.list().has_days());
    let times = Times::new(&state.query().columns, rows, state.now(), area.width);
    // The ticks of a search have a column of their own.
    let width = area.width.saturating_sub(u16::from(state.list().search().is_some()));
    let columns = state.query().columns.fit(usize::from(width).saturating_sub(MARKER), times.cells());
    (columns, times, width)
}

/// True where the name of the column by which the list is sorted is on the screen.
pub(super) fn shows_sort(state: &State) -> bool {
    shows(state, state.list().sort().by)
}

/// True where the list has room for a column.
pub(super) fn shows(state: &State, column: Column) -> bool {
    columns(state, state.layout().list).0.iter().any(|(shown, _)| *shown == column)
}

/// The column that is in this column of the screen.
pub(crate) fn column_at(state: &State, x: u16) -> Option<Column> {
    let area = state.layout().list;
    let at = usize::from(x).checked_sub(usize::from(area.x) + MARKER)?;
    let mut end = 0;
    columns(state, area).0.into_iter().find_map(|(column, cells)| {
        // The gap between two names belongs to the first.
        end += cells + 1;
        (at < end).then_some(column)
    })
}

/// Marks where the hits are in the whole list, beside the part of it that is on the screen.
fn ticks(buffer: &mut Buffer, area: Rect, search: &Search) {
    for (tick, y) in search.ticks.iter().zip(area.top()..area.bottom()) {
        if *tick {
            buffer.set_string(area.x, y, "◂", Style::new());
        }
    }
}

/// The names of the columns: an arrow where the list is sorted, reversed where the cursor's cell is.
fn head(state: &State, columns: &[(Column, usize)], times: &Times, theme: Theme) -> Line<'static> {
    let sort = state.list().sort();
    let mut spans = vec![Span::raw("  ")];
    for (column, cells) in columns {
        let name = if *column == Column::Time { times.name.clone() } else { column.name().to_owned() };
        // The order that everything begins with needs no word.
        let arrow = if sort.by == *column && sort != Sort::NEWEST_FIRST { sort.arrow() } else { "" };
        let is_at = state.query().columns.at == Some(*column);
        let style = if is_at { theme.selected() } else { theme.label() };
        let room = cells.saturating_sub(text::width(arrow));
        let name = if text::width(&name) > room { text::fit(&name, room) } else { name };
        spans.push(Span::styled(text::fit(&format!("{name}{arrow}"), *cells), style));
        spans.push(Span::raw(" "));
    }
    Line::from(spans)
}

fn cell_style(row: &Row, column: Column, search: Option<&Filter>, theme: Theme) -> Style {
    let style = match column {
        Column::Severity => theme.severity(row.severity),
        Column::Actor => theme.identity(),
        _ => Style::new(),
    };
    let field = column.field();
    let is_hit = search.is_some_and(|search| search.matches(row) && search.marks(field, row.text(field)));
    if is_hit { style.patch(Theme::hit()) } else { style }
}

fn cell(row: &Row, column: Column, times: &Times, count: usize) -> String {
    match column {
        Column::Time => times.of(row.time),
        Column::Severity => theme::severity_label(row.severity).to_owned(),
        Column::Event if count > 1 => format!("{} ×{}", row.event_words(), format::number(count as u64)),
        Column::Event => row.event_words(),
        Column::Actor => row.actor.to_string(),
        Column::What if count > 1 => folded(&row.what_words(), count),
        Column::What => row.what_words(),
        Column::Target => row.target.to_string(),
        Column::SourceIp => row.source_ip.to_string(),
        Column::Account => row.account.to_string(),
        Column::Region => row.region.to_string(),
        Column::Triage => crate::view::triage::cell(row),
        Column::Source => row.source.to_string(),
        Column::Rule => row.rules.to_string(),
    }
}

/// `DeleteSecret ×17  secret a, …`
fn folded(what: &str, count: usize) -> String {
    let count = format::number(count as u64);
    match what.split_once("  ") {
        Some((event, object)) => format!("{event} ×{count}  {object}, …"),
        None => format!("{what} ×{count}"),
    }
}

/// Format of the times on this screen, the same for all rows.
struct Times {
    /// Name of the column, with the zone.
    name: String,
    /// `None` where ages are shown.
    format: Option<&'static str>,
    zone: TimeZone,
    now: Timestamp,
}

impl Times {
    /// The day stands before the time where a row is not of today, the year where one is not of this year.
    fn new<'a>(columns: &Columns, rows: impl Iterator<Item = &'a Row>, now: Timestamp, width: u16) -> Self {
        let zone = columns.shown_zone();
        let day = |time: Timestamp| zone.to_datetime(time).date();
        let today = day(now);
        let (mut other_day, mut other_year) = (false, false);
        for day in rows.map(|row| day(row.time)).filter(|day| *day != today) {
            other_day = true;
            other_year |= day.year() != today.year();
        }
        let format = match (columns.time, other_day, other_year) {
            (TimeStyle::Relative, ..) => None,
            (_, false, _) => Some("%H:%M:%S"),
            (_, true, false) if width < ROOM_FOR_SECONDS => Some("%m-%d %H:%M"),
            (_, true, false) => Some("%m-%d %H:%M:%S"),
            (_, true, true) if width < ROOM_FOR_SECONDS => Some("%Y-%m-%d %H:%M"),
            (_, true, true) => Some("%Y-%m-%d %H:%M:%S"),
        };
        let name = match columns.time {
            TimeStyle::Utc => "TIME UTC".to_owned(),
            TimeStyle::Local => {
                let name = now.to_zoned_datetime(zone.clone()).strftime("%Z").to_string();
                if name == "UTC" { "TIME UTC".to_owned() } else { format!("LOCAL {name}") }
            }
            TimeStyle::Relative => "AGE".to_owned(),
        };
        Self { name, format, zone, now }
    }

    fn cells(&self) -> usize {
        text::width(&self.of(self.now)).max(text::width(&self.name))
    }

    fn of(&self, time: Timestamp) -> String {
        match self.format {
            Some(format) => time.to_zoned_datetime(self.zone.clone()).strftime(format).to_string(),
            // Clocks may differ by a little.
            None => format!("{:>8}", format::span(self.now.duration_since(time).as_secs().max(0))),
        }
    }
}
