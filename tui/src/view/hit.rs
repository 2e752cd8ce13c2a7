//! Finds what lies at a place of the screen.

use ratatui::layout::{Position, Rect};

use super::{header, list, palette};
use crate::app::State;
use crate::app::detail::Tab;
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
    if layout.scrollbar.contains(at) && rows.len() > layout.list_rows() {
        return Hit::Scrollbar;
    }
    if layout.header.contains(at) {
        return header::action_at(state, column).map_or(Hit::Nothing, Hit::Action);
    }
    let bars = layout.bars();
    if layout.timeline.contains(at) {
        let first = first_in_sight(rows, bars.width).filter(|_| bars.contains(at));
        return first.map_or(Hit::Nothing, |first| Hit::Bar(first + i64::from(column - bars.x)));
    }
    if let Some(line) = line_in(layout.detail, at) {
        return in_detail(state, layout.detail, column, line);
    }
    // The list's first line holds the names of the columns.
    match line_in(layout.list, at).map(|line| line.checked_sub(1)) {
        Some(None) => list::column_at(state, column).map_or(Hit::Nothing, Hit::Column),
        Some(Some(line)) if rows.top() + line < rows.len() => Hit::Row(rows.top() + line),
        _ => Hit::Nothing,
    }
}

/// Returns what lies in a line of the detail: the first holds the names of the tabs.
fn in_detail(state: &State, area: Rect, column: u16, line: usize) -> Hit {
    let Some(detail) = state.detail() else { return Hit::Detail };
    match line.checked_sub(1) {
        None => {
            let cell = usize::from(column.saturating_sub(area.x));
            Tab::at(cell, usize::from(area.width), state.tab()).map_or(Hit::Detail, Hit::Tab)
        }
        Some(line) => Hit::DetailLine(detail.page().top() + line),
    }
}

/// Returns the line of an area that a place is in.
fn line_in(area: Rect, at: Position) -> Option<usize> {
    area.contains(at).then(|| usize::from(at.y - area.y))
}
