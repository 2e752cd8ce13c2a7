//! Keys in, and what is looked at then.

mod outside;

use crossterm::event::KeyCode;

use crate::app::State;
use crate::app::list::sort::{Column, Sort};
use crate::app::msg::Msg;
use crate::app::query::*;
use crate::keymap::Pane;
use crate::model::Event;
use crate::model::testing::{now, rows};
use crate::view::testing::{press, send, state_with};

fn keys(state: &mut State, text: &str) {
    for letter in text.chars() {
        press(state, KeyCode::Char(letter));
    }
}

fn enter(state: &mut State, text: &str) {
    keys(state, text);
    press(state, KeyCode::Enter);
}

fn shown(state: &State) -> usize {
    state.list.len()
}

fn selected(state: &State) -> &str {
    &state.list.selected_row().unwrap().id.0
}

#[test]
fn a_search_that_can_not_be_read_leaves_the_filters_alone() {
    let mut state = state_with(80, 24, 10);
    let turn = state.list.turn();
    keys(&mut state, "/bob acto:x");
    assert!(state.overlay.prompt().unwrap().error.is_some());
    assert_eq!(
        state.list.turn(),
        turn,
        "rows that the filters found further back stay, and so does a lookup"
    );
    press(&mut state, KeyCode::Esc);
    keys(&mut state, "facto:x");
    assert!(state.list.turn() > turn, "a filter takes effect with each key");
}

#[test]
fn a_filter_shows_what_it_does_while_it_is_written() {
    let mut state = state_with(80, 24, 10);
    keys(&mut state, "fAttach");
    assert_eq!((shown(&state), state.list.total()), (5, 10));
    keys(&mut state, " and");
    assert_eq!(shown(&state), 5, "what can't be read leaves the last that could be");
    assert!(state.overlay.prompt().unwrap().error.is_some());
    press(&mut state, KeyCode::Enter);
    assert!(state.overlay.prompt().is_some(), "and stays open");
    press(&mut state, KeyCode::Esc);
    assert_eq!((shown(&state), state.overlay.prompt().is_none()), (10, true));
    enter(&mut state, "fAttach");
    enter(&mut state, "f-bob");
    assert_eq!((shown(&state), state.query.chips.chips.len()), (0, 2));
    keys(&mut state, "F");
    assert_eq!(shown(&state), 10, "all off");
    keys(&mut state, "F&");
    press(&mut state, KeyCode::Down);
    keys(&mut state, " ");
    assert_eq!(shown(&state), 5, "one off");
    press(&mut state, KeyCode::Enter);
    for _ in 0..4 {
        press(&mut state, KeyCode::Backspace);
    }
    enter(&mut state, "since:02:00:08");
    assert_eq!((shown(&state), state.query.chips.chips.len()), (1, 2), "changed in its place");
    keys(&mut state, "&dd");
    assert_eq!((shown(&state), state.overlay.picker().is_none()), (10, true));
}

#[test]
fn what_comes_passes_the_filter_too() {
    let mut state = state_with(80, 24, 4);
    enter(&mut state, "fevent:Attach*");
    send(&mut state, Event::Stored(rows(10..20)));
    assert_eq!((shown(&state), state.list.total(), selected(&state)), (7, 14, "alert-19"));
    press(&mut state, KeyCode::Down);
    send(&mut state, Event::Stored(rows(30..34)));
    assert_eq!(
        (state.list.newer().count, selected(&state)),
        (2, "alert-17"),
        "hidden ones are not announced"
    );
}

#[test]
fn proposals_are_taken_with_tab() {
    let mut state = state_with(80, 24, 4);
    keys(&mut state, "fsev");
    press(&mut state, KeyCode::Tab);
    assert_eq!(state.overlay.prompt().unwrap().text(), "severity:");
    press(&mut state, KeyCode::Tab);
    press(&mut state, KeyCode::Tab);
    assert_eq!(state.overlay.prompt().unwrap().text(), "severity:high");
    press(&mut state, KeyCode::BackTab);
    keys(&mut state, " target:");
    press(&mut state, KeyCode::Tab);
    assert_eq!(state.overlay.prompt().unwrap().text(), "severity:critical target:\"user bob\"");
    press(&mut state, KeyCode::Enter);
    assert_eq!(shown(&state), 2);
    keys(&mut state, "f");
    press(&mut state, KeyCode::Up);
    assert!(
        state.overlay.prompt().unwrap().text().starts_with("severity:critical"),
        "what was written before"
    );
}

#[test]
fn a_search_hides_nothing_and_goes_round() {
    let mut state = state_with(80, 24, 6);
    enter(&mut state, "/bob");
    let at = |state: &State| (selected(state).to_owned(), state.list.search().unwrap().at);
    assert_eq!((at(&state), shown(&state)), (("alert-5".to_owned(), Some(1)), 6));
    keys(&mut state, "nn");
    assert_eq!(at(&state), ("alert-1".to_owned(), Some(3)));
    keys(&mut state, "n");
    assert_eq!((at(&state).1, state.status.text()), (Some(1), Some("past the end: on from the top")));
    keys(&mut state, "N");
    assert_eq!((at(&state).1, state.status.text()), (Some(3), Some("past the top: on from the end")));
    send(&mut state, Event::Stored(rows(20..22)));
    assert_eq!((at(&state), state.list.search().unwrap().count), (("alert-1".to_owned(), Some(4)), 4));
    press(&mut state, KeyCode::Esc);
    assert!(state.list.search().is_none());
    keys(&mut state, "n");
    assert_eq!(state.status.text(), Some("nothing is searched for: / searches"));
}

#[test]
fn a_pivot_goes_to_all_that_share_it_and_comes_back() {
    let mut state = state_with(80, 24, 10);
    enter(&mut state, "f-event:zzz");
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Down);
    assert_eq!(selected(&state), "alert-7");
    keys(&mut state, "pt");
    assert_eq!((shown(&state), selected(&state), state.query.pivots.len()), (5, "alert-7", 1));
    press(&mut state, KeyCode::End);
    keys(&mut state, "pe");
    assert_eq!((selected(&state), state.query.pivots.len()), ("alert-1", 2));
    press(&mut state, KeyCode::Esc);
    assert_eq!((shown(&state), selected(&state)), (5, "alert-1"));
    press(&mut state, KeyCode::Esc);
    assert_eq!((shown(&state), selected(&state), state.query.chips.chips.len()), (10, "alert-7", 1));
    assert_eq!(state.focus, Pane::List);
}

#[test]
fn one_counter_takes_the_place_of_another_and_back_is_where_one_was_before_the_first() {
    let mut state = state_with(80, 24, 10);
    enter(&mut state, "fevent:Attach*");
    press(&mut state, KeyCode::Down);
    let before = selected(&state).to_owned();
    let trail = |state: &State| state.query.pivots.iter().map(|step| step.text.clone()).collect::<Vec<_>>();
    for (key, text, count) in [
        (5, "severity=critical state:open", 10),
        (6, "severity=high state:open", 0),
        (8, "severity=unreadable state:open", 0),
        (7, "state:open", 10),
    ] {
        press(&mut state, KeyCode::F(key));
        assert_eq!((trail(&state), shown(&state)), (vec![text.to_owned()], count));
    }
    press(&mut state, KeyCode::F(7));
    assert_eq!((trail(&state), shown(&state), selected(&state)), (vec![], 5, before.as_str()));
    press(&mut state, KeyCode::F(6));
    press(&mut state, KeyCode::F(5));
    press(&mut state, KeyCode::Esc);
    assert_eq!((trail(&state), shown(&state), selected(&state)), (vec![], 5, before.as_str()));
    press(&mut state, KeyCode::F(5));
    enter(&mut state, "fevent:Update*");
    press(&mut state, KeyCode::F(7));
    assert_eq!((trail(&state).len(), shown(&state)), (2, 10));
    press(&mut state, KeyCode::Esc);
    assert_eq!((trail(&state).len(), shown(&state)), (1, 5), "what was narrowed is there again");
    keys(&mut state, "F");
    press(&mut state, KeyCode::F(7));
    press(&mut state, KeyCode::Esc);
    assert_eq!(trail(&state).len(), 1);
}

#[test]
fn the_cell_under_the_cursor_is_filtered_by() {
    let mut state = state_with(120, 24, 4);
    keys(&mut state, "<");
    assert_eq!(state.query.columns.at, Some(Column::Actor));
    keys(&mut state, ">=");
    assert_eq!((shown(&state), state.query.chips.chips[0].text.as_str()), (2, "event=AttachUserPolicy"));
    keys(&mut state, "F!");
    assert_eq!((shown(&state), state.query.chips.chips.len()), (2, 2), "what was off stays off");
    press(&mut state, KeyCode::Esc);
    assert_eq!(state.query.columns.at, None);
    keys(&mut state, "&dd=v");
    assert_eq!(state.query.chips.chips[0].text, "severity=critical", "without a column one is chosen");
}

#[test]
fn columns_are_chosen_and_moved_and_sorted_by() {
    let mut state = state_with(120, 24, 4);
    let selected_before = selected(&state).to_owned();
    keys(&mut state, "st");
    assert_eq!(
        (state.list.sort(), selected(&state)),
        (Sort { by: Column::Target, reversed: false }, selected_before.as_str())
    );
    keys(&mut state, "st");
    assert!(state.list.sort().reversed);
    keys(&mut state, "sm");
    assert_eq!(state.list.sort(), Sort::NEWEST_FIRST);
    keys(&mut state, "OJ k+");
    let placed = &state.query.columns.placed;
    assert_eq!((placed[0].column, placed[0].wider), (Column::Severity, 1));
    assert_eq!((placed[1].column, placed[1].on), (Column::Time, false));
    press(&mut state, KeyCode::Esc);
    let fit = state.query.columns.fit(30, 8);
    assert_eq!(fit, [(Column::Severity, 7), (Column::What, 22)]);
}

#[test]
fn columns_fill_the_width_and_the_least_needed_go_first() {
    let columns = Columns::default();
    for width in 1..300 {
        let fit = columns.fit(width, 8);
        let cells: usize = fit.iter().map(|(_, cells)| cells + 1).sum();
        assert!(cells <= width + 1 || fit.len() == 1, "{width}: {fit:?}");
        assert!(width < 31 || cells == width + 1, "{width}: {fit:?}");
    }
    let shown = |width| columns.fit(width, 8).iter().map(|(column, _)| *column).collect::<Vec<_>>();
    assert_eq!(shown(38), [Column::Time, Column::Severity, Column::What]);
    assert_eq!(shown(78).last(), Some(&Column::What));
    assert_eq!(shown(100).last(), Some(&Column::Account));
    assert_eq!(shown(150).last(), Some(&Column::Triage));
}

#[test]
fn times_are_shown_in_three_ways_and_gone_to() {
    let mut state = state_with(80, 24, 10);
    assert_eq!(state.pace(), None);
    state.query.columns.zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(1));
    keys(&mut state, "T");
    enter(&mut state, "@03:00:04");
    assert_eq!(selected(&state), "alert-4", "in the zone that is shown");
    keys(&mut state, "T");
    assert_eq!(state.pace(), Some(std::time::Duration::from_secs(60)), "ages of minutes");
    state.now = now() - jiff::SignedDuration::from_mins(9);
    assert_eq!(state.pace(), Some(std::time::Duration::from_secs(1)));
    enter(&mut state, "@never");
    assert!(state.overlay.prompt().is_some_and(|prompt| prompt.error.is_some()));
}

#[test]
fn space_holds_the_list_and_lets_go() {
    let mut state = state_with(80, 24, 4);
    keys(&mut state, " ");
    send(&mut state, Event::Stored(rows(10..12)));
    assert_eq!((selected(&state), state.list.newer().count, state.list.newer().critical), ("alert-3", 2, 2));
    keys(&mut state, " ");
    assert_eq!(selected(&state), "alert-11");
}

#[test]
fn every_key_on_every_empty_view_is_harmless() {
    let codes: Vec<KeyCode> = (' '..='~')
        .map(KeyCode::Char)
        .chain([
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Backspace,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Delete,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Home,
            KeyCode::End,
        ])
        .collect();
    for (width, height) in [(0, 0), (40, 8), (80, 24), (120, 40)] {
        for opening in ["", "f", "/", "@", "p", "s", "=", "O", "&", "V", "X"] {
            for code in &codes {
                let mut state = state_with(width, height, 0);
                keys(&mut state, opening);
                press(&mut state, *code);
                press(&mut state, *code);
                if width > 0 {
                    crate::view::testing::screen(&state, true);
                }
            }
        }
    }
}

#[test]
fn one_more_filter_does_not_switch_on_those_that_are_off() {
    let mut state = state_with(80, 24, 10);
    enter(&mut state, "factor:nobody");
    keys(&mut state, "F");
    assert_eq!(shown(&state), 10);
    keys(&mut state, "fevent:Attach*");
    assert_eq!(shown(&state), 5);
    press(&mut state, KeyCode::Enter);
    assert_eq!(shown(&state), 5, "as it was while it was written");
    assert!(!state.query.chips.chips[0].on && state.query.chips.chips[1].on);
}

#[test]
fn in_an_order_without_a_newest_the_first_row_has_seen_what_has_come() {
    let mut state = state_with(80, 24, 10);
    keys(&mut state, ">>s");
    send(&mut state, Event::Stored(rows(10..14)));
    assert_eq!(state.list.newer().count, 4);
    keys(&mut state, "g");
    assert_eq!(state.list.newer().count, 0);
}
