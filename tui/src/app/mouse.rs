//! The mouse: the wheel moves, a click selects (on a bar its newest alert; on a column's name it sorts; on
//! a count of the header it lists), a double click opens, the scrollbar is dragged. The places on the
//! screen are those of [`Layout`](crate::app::layout::Layout).

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use jiff::{SignedDuration, Timestamp};
use ratatui::layout::{Position, Rect};

use crate::app::detail::actions;
use crate::app::update::preview;
use crate::app::{Effect, State, query, shell, timeline, update};
use crate::keymap::{Action, Pane};
use crate::view;

/// Two clicks in so short a time are one double click.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);
/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

/// State of the mouse.
#[derive(Debug)]
pub(crate) struct Mouse {
    /// True where the terminal gives the mouse to the console.
    pub(crate) on: bool,
    /// Choice made at the keyboard, in this run or an earlier one: true for the console, false for the
    /// terminal; `None` without a choice.
    pub(crate) chosen: Option<bool>,
    /// Place and time of the last click; `None` after a double click.
    last: Option<(Position, Timestamp)>,
    /// The scrollbar is held.
    dragging: bool,
}

impl Default for Mouse {
    fn default() -> Self {
        Self { on: true, chosen: None, last: None, dragging: false }
    }
}

/// Takes in what the mouse did.
pub(super) fn event(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    if state.query.takes_keys() || state.triage.takes_keys() {
        // A click beside a small list closes it; what is being written is not lost to a click.
        if matches!(event.kind, MouseEventKind::Down(_)) {
            state.query.menu = None;
        }
        return Vec::new();
    }
    let at = Position::new(event.column, event.row);
    match event.kind {
        MouseEventKind::ScrollDown => wheel(state, at, NOTCH),
        MouseEventKind::ScrollUp => wheel(state, at, -NOTCH),
        MouseEventKind::Down(MouseButton::Left) => {
            state.shell.attention.seen(state.now);
            click(state, at)
        }
        MouseEventKind::Drag(MouseButton::Left) if state.shell.mouse.dragging => drag(state, at.y),
        MouseEventKind::Up(_) => {
            state.shell.mouse.dragging = false;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn wheel(state: &mut State, at: Position, by: isize) -> Vec<Effect> {
    state.shell.attention.seen(state.now);
    if let Some(menu) = &mut state.shell.menu {
        menu.step(by.signum());
        return Vec::new();
    }
    let layout = state.layout();
    if layout.detail.contains(at) {
        if let Some(detail) = &mut state.detail {
            detail.step(by);
        }
        return Vec::new();
    }
    state.list.step(by, layout.list_rows());
    preview(state)
}

fn click(state: &mut State, at: Position) -> Vec<Effect> {
    let now = state.now;
    let before = state.shell.mouse.last.replace((at, now));
    let double = before.is_some_and(|(place, time)| place == at && now.duration_since(time) < DOUBLE);
    if double {
        // A third click begins anew.
        state.shell.mouse.last = None;
    }
    if state.shell.menu.is_some() {
        return in_menu(state, at);
    }
    let layout = state.layout();
    if layout.scrollbar.contains(at) && state.list.len() > layout.list_rows() {
        state.shell.mouse.dragging = true;
        return drag(state, at.y);
    }
    if layout.header.contains(at) {
        let action = view::action_at(state, at.x);
        return action.map_or_else(Vec::new, |action| update::act(state, action));
    }
    if layout.strip.contains(at) {
        return if timeline::click(state, at) { preview(state) } else { Vec::new() };
    }
    if let Some(line) = line_in(layout.detail, at)
        && let Some(detail) = &mut state.detail
    {
        // The first line holds the names of the tabs.
        let Some(line) = line.checked_sub(1) else { return actions::click(state, at.x) };
        let page = detail.page();
        let wanted = isize::try_from(page.top() + line).unwrap_or(isize::MAX);
        let by = wanted.saturating_sub_unsigned(page.cursor());
        detail.step(by);
        state.focus = Pane::Detail;
        return if double { update::act(state, Action::Open) } else { Vec::new() };
    }
    let Some(line) = line_in(layout.list, at) else { return Vec::new() };
    // The list's first line holds the names of the columns.
    let Some(line) = line.checked_sub(1) else {
        if let Some(column) = view::column_at(state, at.x) {
            query::sort_by(state, column);
        }
        return preview(state);
    };
    let row = state.list.top() + line;
    if row >= state.list.len() {
        return Vec::new();
    }
    state.focus = Pane::List;
    state.list.select(row);
    // What was clicked is meant, and not whatever is newest.
    state.list.stay();
    if double { update::act(state, Action::Open) } else { preview(state) }
}

fn in_menu(state: &mut State, at: Position) -> Vec<Effect> {
    let (width, height) = (state.width, state.height);
    let Some(menu) = &mut state.shell.menu else { return Vec::new() };
    let area = view::menu_area(menu, width, height);
    if !area.outer.contains(at) {
        state.shell.menu = None;
        return Vec::new();
    }
    match line_in(area.rows, at).map(|line| area.top + line) {
        Some(row) if row < menu.entries().len() => {
            menu.go(row);
            shell::run_selected(state)
        }
        _ => Vec::new(),
    }
}

/// The list goes to where the scrollbar is held.
fn drag(state: &mut State, y: u16) -> Vec<Effect> {
    let layout = state.layout();
    let bar = layout.scrollbar;
    let last = usize::from(bar.height.saturating_sub(1)).max(1);
    let place = usize::from(y.saturating_sub(bar.y)).min(last);
    let row = state.list.len().saturating_sub(1) * place / last;
    state.list.select(row);
    preview(state)
}

/// The line of an area that a place is in.
fn line_in(area: Rect, at: Position) -> Option<usize> {
    area.contains(at).then(|| usize::from(at.y - area.y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Msg;
    use crate::app::list::sort::{Column, Sort};
    use crate::model::Event;
    use crate::view::testing::{press, send, state_with};
    use crate::widget::text;
    use crossterm::event::{KeyCode, KeyModifiers};

    fn mouse(state: &mut State, kind: MouseEventKind, column: u16, row: u16) {
        send(state, Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
    }

    const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

    #[test]
    fn a_click_selects_a_double_click_opens_and_the_wheel_moves() {
        let mut state = state_with(80, 24, 50);
        mouse(&mut state, LEFT, 9, 4);
        assert_eq!((state.list.selected(), state.opened), (Some(2), false));
        mouse(&mut state, MouseEventKind::ScrollDown, 5, 4);
        assert_eq!(state.list.selected(), Some(5));
        mouse(&mut state, LEFT, 5, 4);
        mouse(&mut state, LEFT, 5, 4);
        assert_eq!((state.list.selected(), state.opened, state.focus), (Some(2), true, Pane::Detail));
        let divider = state.layout().divider.y;
        mouse(&mut state, MouseEventKind::ScrollDown, 5, divider + 2);
        assert_eq!(state.list.selected(), Some(2), "the wheel is over the detail");
        mouse(&mut state, LEFT, 5, 0);
        mouse(&mut state, LEFT, 0, 1);
        assert_eq!(state.list.selected(), Some(2), "header and column names are no alerts");
    }

    #[test]
    fn a_click_on_the_name_of_a_column_sorts_by_it_and_again_turns_it_round() {
        let mut state = state_with(120, 24, 6);
        press(&mut state, KeyCode::Char('j'));
        let chosen = state.list.selected_row().unwrap().id.clone();
        let shown = crate::view::testing::screen(&state, true);
        let names = shown.lines().nth(1).unwrap();
        for (name, by) in [("SEV", Column::Severity), ("ACTOR", Column::Actor), ("TIME", Column::Time)] {
            let x = u16::try_from(names.find(name).unwrap()).unwrap();
            for reversed in [false, true] {
                mouse(&mut state, LEFT, x, 1);
                assert_eq!(state.list.sort(), Sort { by, reversed }, "{name}");
                assert_eq!(state.list.selected_row().unwrap().id, chosen);
            }
        }
        let shown = crate::view::testing::screen(&state, true);
        assert!(shown.lines().nth(1).unwrap().contains("▲ SEV"), "{shown}");
    }

    #[test]
    fn a_click_on_the_newest_stays_with_it_though_newer_ones_come() {
        let mut state = state_with(80, 24, 5);
        mouse(&mut state, LEFT, 5, 2);
        send(&mut state, Event::Stored(crate::model::testing::rows(100..103)));
        assert_eq!((state.list.selected(), state.list.newer().count), (Some(3), 3));
    }

    #[test]
    fn a_click_on_a_count_lists_what_it_counts_and_esc_goes_back() {
        let mut state = state_with(120, 40, 40);
        send(&mut state, Event::Duplicates(3));
        press(&mut state, KeyCode::Char('j'));
        let before = state.list.selected_row().unwrap().id.clone();
        let shown = crate::view::testing::screen(&state, false);
        let header = shown.lines().next().unwrap();
        assert!(header.contains("3 duplicates"), "{header}");
        let x = |word: &str| u16::try_from(text::width(header.split(word).next().unwrap())).unwrap();
        let (critical, all) = (x("critical") - 2, x("alerts") + 2);
        mouse(&mut state, LEFT, critical, 0);
        let count = state.counts.critical;
        assert_eq!((state.list.len(), state.list.selected()), (count, Some(0)));
        assert!(count > 0 && state.query.pivots.len() == 1);
        press(&mut state, KeyCode::F(5));
        assert_eq!((state.list.len(), state.query.pivots.len()), (40, 0), "again is back");
        press(&mut state, KeyCode::F(8));
        assert_eq!(state.list.len(), 0);
        press(&mut state, KeyCode::Esc);
        assert_eq!(state.list.selected_row().unwrap().id, before);
        press(&mut state, KeyCode::Char('a'));
        mouse(&mut state, LEFT, all, 0);
        assert_eq!((state.list.len(), state.query.pivots.len()), (39, 1), "what is open");
        for x in 0..=120 {
            mouse(&mut state, LEFT, x, 0);
        }
    }

    #[test]
    fn the_scrollbar_goes_to_where_it_is_dragged() {
        let mut state = state_with(80, 24, 500);
        let bar = state.layout().scrollbar;
        mouse(&mut state, LEFT, bar.x, bar.bottom() - 1);
        assert_eq!(state.list.selected(), Some(499));
        mouse(&mut state, MouseEventKind::Drag(MouseButton::Left), 3, 0);
        assert_eq!(state.list.selected(), Some(0), "held, it follows the hand off the bar");
        mouse(&mut state, MouseEventKind::Up(MouseButton::Left), 3, 0);
        mouse(&mut state, MouseEventKind::Drag(MouseButton::Left), 3, 20);
        assert_eq!(state.list.selected(), Some(0));
    }

    #[test]
    fn a_click_in_the_list_of_actions_runs_one_and_a_click_beside_it_closes() {
        let mut state = state_with(80, 24, 5);
        press(&mut state, KeyCode::Char(':'));
        let area = view::menu_area(state.shell.menu.as_ref().unwrap(), 80, 24);
        mouse(&mut state, LEFT, area.rows.x, area.rows.y);
        assert_eq!(
            (state.shell.menu.is_some(), state.list.selected()),
            (false, Some(1)),
            "down is the first"
        );
        press(&mut state, KeyCode::Char('?'));
        mouse(&mut state, LEFT, 0, 0);
        assert!(state.shell.menu.is_none());
    }

    #[test]
    fn every_click_on_every_empty_screen_is_harmless() {
        for (width, height) in [(0, 0), (39, 7), (40, 8), (80, 24), (200, 60)] {
            for key in ['x', '?', ':'] {
                let mut state = State::new(width, height, crate::model::testing::now());
                press(&mut state, KeyCode::Char(key));
                for (column, row) in
                    [(0, 0), (1, 1), (width, height), (width / 2, height / 2), (u16::MAX, u16::MAX)]
                {
                    mouse(&mut state, LEFT, column, row);
                    mouse(&mut state, MouseEventKind::Drag(MouseButton::Left), column, row);
                    mouse(&mut state, MouseEventKind::ScrollUp, column, row);
                }
            }
        }
    }
}
