//! The mouse: the wheel moves, a click selects (on a bar its newest alert; on a column's name it sorts; on a count of
//! the header it lists), a double click opens, the scrollbar is dragged. [`Hit`] is the place of the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use jiff::SignedDuration;
use ratatui::layout::Position;

use crate::app::detail::actions as detail;
use crate::app::effect::Effect;
use crate::app::hit::Hit;
use crate::app::overlay::Overlay;
use crate::app::pipeline::page::Page;
use crate::app::query::actions::sort_by;
use crate::app::shell::Held;
use crate::app::{State, actions, keys, panes};
use crate::keymap::{Action, Pane};

/// Two clicks in so short a time are one double click.
const DOUBLE: SignedDuration = SignedDuration::from_millis(400);
/// Rows that one notch of the wheel moves.
const NOTCH: isize = 3;

/// Takes what the mouse did at a place.
pub(super) fn event(state: &mut State, event: MouseEvent, hit: Hit) -> Vec<Effect> {
    if !matches!(event.kind, MouseEventKind::Moved) {
        state.paging.stop();
    }
    if matches!(event.kind, MouseEventKind::Up(_) | MouseEventKind::Down(_)) {
        state.shell.mouse.held = None;
    }
    if matches!(event.kind, MouseEventKind::Down(_)) {
        // A pending action is for a user who still looks at that alert.
        state.detail_pane.pending = None;
    }
    if state.overlay.is_open() {
        return over(state, event, hit);
    }
    match event.kind {
        MouseEventKind::ScrollDown => wheel(state, hit, NOTCH),
        MouseEventKind::ScrollUp => wheel(state, hit, -NOTCH),
        MouseEventKind::Down(MouseButton::Left) => {
            state.shell.notifications.seen(state.now);
            return click(state, Position::new(event.column, event.row), hit);
        }
        MouseEventKind::Drag(MouseButton::Left) => match state.shell.mouse.held {
            Some(Held::Scrollbar) => drag(state, event.row),
            Some(Held::Divider) => {
                panes::drag_split(state, event.column, event.row);
                panes::fit(state);
            }
            None => {}
        },
        _ => {}
    }
    Vec::new()
}

/// Takes what the mouse did while something lies over the screen.
fn over(state: &mut State, event: MouseEvent, hit: Hit) -> Vec<Effect> {
    let is_click = matches!(event.kind, MouseEventKind::Down(_));
    let by = match event.kind {
        MouseEventKind::ScrollDown => 1,
        MouseEventKind::ScrollUp => -1,
        _ => 0,
    };
    if is_click || by != 0 {
        state.shell.notifications.seen(state.now);
    }
    match state.overlay.get_mut() {
        Some(Overlay::Palette(palette)) => {
            palette.step(by);
            match hit {
                Hit::PaletteRow(row) if is_click => {
                    palette.go(row);
                    return actions::run_selected(state);
                }
                Hit::OutsidePalette if is_click => state.overlay.close(),
                _ => {}
            }
        }
        Some(Overlay::Alarms(list)) if !is_click => {
            let page = Page::new(&state.pipeline, *list, state.now, (state.width, state.height));
            list.scroll(by, page.below);
        }
        Some(Overlay::Incidents | Overlay::Context) if by != 0 => {
            let code = if by > 0 { KeyCode::Down } else { KeyCode::Up };
            return keys::key(state, KeyEvent::new(code, KeyModifiers::NONE));
        }
        Some(Overlay::Notice(_)) if is_click => keys::close_notice(state),
        Some(Overlay::Picker(_) | Overlay::CopyMenu(_) | Overlay::Alarms(_)) if is_click => {
            state.overlay.close();
        }
        // Text that is being typed is not lost to a click.
        _ => {}
    }
    Vec::new()
}

fn wheel(state: &mut State, hit: Hit, by: isize) {
    state.shell.notifications.seen(state.now);
    match (hit, &mut state.detail) {
        (Hit::Detail | Hit::Tab(_) | Hit::DetailLine(_), Some(detail)) => detail.step(by),
        (Hit::Detail | Hit::Tab(_) | Hit::DetailLine(_), None) => {}
        _ => state.list.step(by),
    }
}

fn click(state: &mut State, at: Position, hit: Hit) -> Vec<Effect> {
    let now = state.now;
    let before = state.shell.mouse.last.replace((at, now));
    let double = before.is_some_and(|(place, time)| place == at && now.duration_since(time) < DOUBLE);
    if double {
        // A third click begins anew.
        state.shell.mouse.last = None;
    }
    match hit {
        Hit::Scrollbar => {
            state.shell.mouse.held = Some(Held::Scrollbar);
            drag(state, at.y);
        }
        Hit::Divider => state.shell.mouse.held = Some(Held::Divider),
        Hit::Action(action) => return actions::act(state, action),
        Hit::Bar(bucket) => {
            if state.list.go_to_bucket(bucket) {
                // The clicked bar stays selected, whatever comes.
                state.list.stay();
                state.focus = Pane::List;
            }
        }
        Hit::Tab(tab) => return detail::show_tab(&mut state.reading(), tab),
        Hit::DetailLine(line) => {
            if let Some(detail) = &mut state.detail {
                let line = isize::try_from(line).unwrap_or(isize::MAX);
                detail.step(line.saturating_sub_unsigned(detail.page().cursor()));
                state.focus = Pane::Detail;
            }
            if double {
                return actions::act(state, Action::Open);
            }
        }
        Hit::Column(column) => sort_by(&mut state.browse(), column),
        Hit::Row(row) => {
            state.focus = Pane::List;
            state.list.select(row);
            state.list.stay();
            if double {
                return actions::act(state, Action::Open);
            }
        }
        Hit::Detail | Hit::PaletteRow(_) | Hit::OutsidePalette | Hit::Nothing => {}
    }
    Vec::new()
}

/// The list goes to where the scrollbar is held.
fn drag(state: &mut State, y: u16) {
    let bar = state.layout().scrollbar;
    let last = usize::from(bar.height.saturating_sub(1)).max(1);
    let place = usize::from(y.saturating_sub(bar.y)).min(last);
    // The bar is of lines; its ends are the first and the last row.
    let line = state.list.line_count().saturating_sub(1) * place / last;
    state.list.select_line(line, true);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::list::sort::{Column, Sort};

    use crate::model::Event;
    use crate::view::testing::{mouse, press, send, state_with};
    use crate::widget::text;
    use crossterm::event::KeyCode;

    const LEFT: MouseEventKind = MouseEventKind::Down(MouseButton::Left);

    #[test]
    fn a_click_selects_a_double_click_opens_and_the_wheel_moves() {
        let mut state = state_with(100, 40, 50);
        let row = state.layout().list.y + 3;
        mouse(&mut state, LEFT, 9, row);
        assert_eq!((state.list.selected(), state.detail_pane.opened), (Some(2), false));
        mouse(&mut state, MouseEventKind::ScrollDown, 5, row);
        assert_eq!(state.list.selected(), Some(5));
        mouse(&mut state, LEFT, 5, row);
        mouse(&mut state, LEFT, 5, row);
        assert_eq!(
            (state.list.selected(), state.detail_pane.opened, state.focus),
            (Some(2), true, Pane::Detail)
        );
        let detail = state.layout().detail.y;
        mouse(&mut state, MouseEventKind::ScrollDown, 5, detail + 1);
        assert_eq!(state.list.selected(), Some(2), "the wheel is over the detail");
        let heads = state.layout().list.y;
        mouse(&mut state, LEFT, 5, 0);
        mouse(&mut state, LEFT, 0, heads);
        assert_eq!(state.list.selected(), Some(2), "header and column names are no alerts");
    }

    #[test]
    fn a_click_on_the_name_of_a_column_sorts_by_it_and_again_turns_it_round() {
        let mut state = state_with(120, 24, 6);
        press(&mut state, KeyCode::Char('j'));
        let chosen = state.list.selected_row().unwrap().id.clone();
        let shown = crate::view::testing::screen(&state, true);
        let y = state.layout().list.y;
        let names = shown.lines().nth(usize::from(y)).unwrap();
        for (name, by) in [("SEV", Column::Severity), ("ACTOR", Column::Actor), ("TIME", Column::Time)] {
            let x = u16::try_from(text::width(names.split(name).next().unwrap())).unwrap();
            for reversed in [false, true] {
                mouse(&mut state, LEFT, x, y);
                assert_eq!(state.list.sort(), Sort { by, reversed }, "{name}");
                assert_eq!(state.list.selected_row().unwrap().id, chosen);
            }
        }
        let shown = crate::view::testing::screen(&state, true);
        assert!(shown.lines().nth(usize::from(y)).unwrap().contains("▲ SEV"), "{shown}");
    }

    #[test]
    fn a_click_on_the_newest_stays_with_it_though_newer_ones_come() {
        let mut state = state_with(80, 24, 5);
        let first = state.layout().list.y + 1;
        mouse(&mut state, LEFT, 5, first);
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
        let (critical, all) = (x("critical") - 2, x("open") + 2);
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
        let shown = crate::view::testing::screen(&state, false);
        let first = shown.lines().position(|line| line.contains(" down ")).unwrap();
        mouse(&mut state, LEFT, 10, u16::try_from(first).unwrap());
        assert_eq!(
            (state.overlay.palette().is_some(), state.list.selected()),
            (false, Some(1)),
            "down is the first"
        );
        press(&mut state, KeyCode::Char('?'));
        mouse(&mut state, LEFT, 0, 0);
        assert!(state.overlay.palette().is_none());
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
