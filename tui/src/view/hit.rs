//! Finds what lies at a place of the screen.

use ratatui::layout::{Position, Rect};

use super::{header, list, palette};
use crate::app::State;
use crate::app::detail::tabs::Tabs;
use crate::app::hit::Hit;
use crate::app::timeline::first_in_sight;

/// Returns what lies at a place of the screen.
pub(crate) fn hit(state: &State, column: u16, row: u16) -> Hit {
    let at = Position::new(column, row);
    if let Some(open) = state.overlay().palette() {
        let (width, height) = state.size();
        let area = palette::area(open, width, height);
        if !area.outer.contains(at) {
            return Hit::OutsidePalette;
        }
        let row = line_in(area.rows, at).map(|line| area.top + line);
        return row.filter(|row| *row < open.entries().len()).map_or(Hit::Nothing, Hit::PaletteRow);
    }
    let (layout, rows) = (state.layout(), state.list());
    if layout.scrollbar.contains(at) && rows.line_count() > layout.list_rows() {
        return Hit::Scrollbar;
    }
    if layout.header.contains(at) {
        return header::action_at(state, column).map_or(Hit::Nothing, Hit::Action);
    }
    let bars = layout.timeline;
    if layout.timeline_frame.contains(at) {
        let first = first_in_sight(rows, bars.width).filter(|_| bars.contains(at));
        return first.map_or(Hit::Nothing, |first| Hit::Bar(first + i64::from(column - bars.x)));
    }
    if layout.divider.contains(at) {
        return Hit::Divider;
    }
    if layout.tabs.contains(at) {
        let cell = usize::from(column - layout.tabs.x);
        let tabs = state.detail().map(|detail| Tabs::new(detail, usize::from(layout.tabs.width)));
        return tabs.and_then(|tabs| tabs.at(cell)).map_or(Hit::Detail, Hit::Tab);
    }
    if let Some(line) = line_in(layout.detail, at) {
        return state.detail().map_or(Hit::Detail, |detail| Hit::DetailLine(detail.page().top() + line));
    }
    if layout.detail_frame.contains(at) {
        return Hit::Detail;
    }
    // The list's first line holds the names of the columns.
    match line_in(layout.list, at).map(|line| line.checked_sub(1)) {
        Some(None) => list::column_at(state, column).map_or(Hit::Nothing, Hit::Column),
        Some(Some(line)) => match rows.places_of_line(rows.top() + line) {
            places if places.is_empty() => Hit::Nothing,
            // The line shows the selected one of its rows.
            places => Hit::Row(rows.selected().filter(|at| places.contains(at)).unwrap_or(places.start)),
        },
        _ => Hit::Nothing,
    }
}

/// Returns the line of an area that a place is in.
fn line_in(area: Rect, at: Position) -> Option<usize> {
    area.contains(at).then(|| usize::from(at.y - area.y))
}
