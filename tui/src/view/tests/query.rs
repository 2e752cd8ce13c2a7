//! Screens of filters, searches and pivots.

use super::*;

#[test]
fn a_filter_that_is_written_proposes_and_counts() {
    let mut state = state_with(80, 12, 7);
    type_in(&mut state, "fsev>=high target:");
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_filter_that_can_not_be_read_says_where() {
    let mut state = state_with(80, 12, 7);
    type_in(&mut state, "fsev>=high acto:alice");
    assert_snapshot!("wrong_80x12", screen(&state, true));
    send(&mut state, Msg::Resize { width: 40, height: 8 });
    assert_snapshot!("wrong_40x8", screen(&state, false));
}

#[test]
fn what_is_wrong_off_the_screen_is_said_and_no_caret_points_at_something_else() {
    let mut state = state_with(60, 16, 7);
    type_in(&mut state, "fseverty:high and event:Create and actor:priya");
    let last = |state: &State| screen(state, false).lines().nth(15).unwrap().to_owned();
    assert_eq!(last(&state).trim(), "there is no field severty: did you mean severity?");
    press(&mut state, KeyCode::Home);
    send(&mut state, Msg::Resize { width: 70, height: 16 });
    assert!(last(&state).starts_with("          ^^^^^^^ there is no field"), "{}", last(&state));
    press(&mut state, KeyCode::Esc);
    type_in(&mut state, "fbob) and event:Create and actor:priya and alice");
    assert_eq!(last(&state).trim(), "“)”: this bracket was not opened: take it away");
}

#[test]
fn what_a_step_asks_for_is_said_to_be_off_where_it_is() {
    let mut state = state_with(80, 24, 7);
    press(&mut state, KeyCode::F(7));
    let bar = |state: &State| screen(state, false).lines().nth(1).unwrap().to_owned();
    assert!(!bar(&state).contains("(off)"), "{}", bar(&state));
    type_in(&mut state, "F");
    assert!(bar(&state).contains(" (off) (Esc back)"), "{}", bar(&state));
    type_in(&mut state, "F");
    assert!(!bar(&state).contains("(off)"), "{}", bar(&state));
}

#[test]
fn what_goes_on_to_hold_is_named_while_the_text_cannot_be_read() {
    let said = |typed: &str| {
        let mut state = state_with(100, 12, 7);
        type_in(&mut state, typed);
        let screen = screen(&state, false);
        assert!(!screen.contains("as before"), "{screen}");
        let line = screen.lines().nth(10).unwrap().to_owned();
        line.split_once("   ").map(|(_, said)| said.trim().to_owned()).unwrap()
    };
    assert_eq!(said("f("), "no valid filter yet: 7 of 7");
    assert_eq!(said("facto:alice"), "no valid filter yet: 7 of 7", "acto was to be no text");
    assert_eq!(said("f-acto:alice"), "no valid filter yet: 7 of 7");
    assert_eq!(said("fbob or not acto:alice"), "last good filter (bob) stays: 3 of 7");
    assert_eq!(said("fbob acto:alice"), "last good filter (bob) stays: 3 of 7");
    assert_eq!(said("/bob acto:alice"), "last good search (bob acto) stays: 0 hits");
    let mut state = state_with(100, 12, 7);
    type_in(&mut state, "fbob");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "&e");
    (0..3).for_each(|_| press(&mut state, KeyCode::Backspace));
    type_in(&mut state, "acto:alice");
    assert!(screen(&state, false).contains("last good filter (bob) stays: 3 of 7"));
}

#[test]
fn a_search_in_the_alert_is_counted_marked_and_gone_through() {
    let mut state = tab(120, 40, 3);
    type_in(&mut state, "GHHHHHgC/9999");
    assert_snapshot!("search_in_the_alert_is_written", screen(&state, false));
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "n");
    assert_snapshot!("search_in_the_alert", screen(&state, false));
    let mut small = tab(80, 24, 0);
    type_in(&mut small, "/alice");
    press(&mut small, KeyCode::Enter);
    assert_snapshot!("search_in_the_summary", screen(&small, true));
}

#[test]
fn filters_a_search_and_its_ticks_without_colours() {
    let mut state = state_with(120, 16, 40);
    type_in(&mut state, "fevent:Attach*");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "f-zzz");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "& ");
    press(&mut state, KeyCode::Esc);
    type_in(&mut state, "/since:02:00:20 bob");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "nn");
    assert_snapshot!(screen(&state, false));
}

#[test]
fn a_pivot_is_chosen_and_stands_in_the_trail() {
    let mut state = state_with(80, 24, 5);
    press(&mut state, KeyCode::Down);
    type_in(&mut state, "p");
    assert_snapshot!("choosing", screen(&state, true));
    type_in(&mut state, "t");
    assert_snapshot!("pivoted", screen(&state, true));
}

#[test]
fn a_word_that_is_an_outcome_or_a_severity_is_proposed_as_one_where_no_text_has_it() {
    let mut state = state_with(80, 24, 3);
    type_in(&mut state, "fdenied");
    assert!(screen(&state, false).contains(" Try outcome:denied. "));
    press(&mut state, KeyCode::Enter);
    assert!(screen(&state, false).contains(" Try outcome:denied. "), "and stays so");
    let mut state = state_with(80, 24, 3);
    type_in(&mut state, "fUnreadable");
    assert!(screen(&state, false).contains(" Try severity:unreadable. "));
    let mut state = state_with(80, 24, 3);
    type_in(&mut state, "fdenied nobody");
    assert!(!screen(&state, false).contains(" Try "));
    let mut state = state_with(80, 24, 3);
    for filter in ["fcritical", "factor:nobody"] {
        type_in(&mut state, filter);
        press(&mut state, KeyCode::Enter);
    }
    assert!(!screen(&state, false).contains(" Try "), "another filter may be the one");
}

#[test]
fn the_detail_closes_once_a_filter_lets_nothing_through() {
    for size in [(120, 40), (80, 24), (60, 16)] {
        let mut state = state_with(size.0, size.1, 3);
        press(&mut state, KeyCode::Enter);
        type_in(&mut state, "fnobody");
        assert!(screen(&state, false).contains("Summary"), "while one still writes it stays");
        press(&mut state, KeyCode::Enter);
        assert!(state.detail().is_none());
        let shown = screen(&state, false);
        assert!(shown.contains("No alert passes the filters.") && !shown.contains("Summary"), "{shown}");
    }
}

#[test]
fn a_replay_that_could_read_nothing_says_why() {
    let mut state = State::new(80, 10, now());
    let why = "/tmp/here: no log files found (names ending in .json)".to_owned();
    let replayed = ReplayStatus { done: true, unread: 1, first_unread: Some(why), ..ReplayStatus::default() };
    send(&mut state, Event::Source(SourceStatus::Replay(replayed)));
    let shown = screen(&state, false);
    assert!(
        shown.contains("No records in these files.")
            && shown.contains("1 unreadable: /tmp/here: no log files"),
        "{shown}"
    );
}
