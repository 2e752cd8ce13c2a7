//! Panes, counts, marks and what is asked before something is lost: seen on the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEventKind};

use crate::app::effect::{Effect, TerminalWork};
use crate::app::msg::Msg;
use crate::app::update;
use crate::model::testing::{now, rows};
use crate::model::{Event, ExportFormat, ReplayStatus, SourceStatus};
use crate::view::testing::{mouse, press, press_alt, screen, send, state_with, type_in};

fn footer(state: &crate::app::State) -> String {
    screen(state, false)
        .lines()
        .find(|line| line.contains("Esc ") || line.contains("ack"))
        .unwrap()
        .to_owned()
}

#[test]
fn a_second_enter_zooms_the_detail_and_esc_shows_the_list_again() {
    let mut state = state_with(120, 40, 9);
    let widths = |state: &crate::app::State| (state.layout().list.width > 0, state.layout().detail.width);
    press(&mut state, KeyCode::Enter);
    let beside = widths(&state);
    assert!(beside.0 && screen(&state, false).contains("Timeline"));
    press(&mut state, KeyCode::Enter);
    let zoomed = widths(&state);
    assert!(!zoomed.0 && zoomed.1 > 100, "{zoomed:?}");
    assert!(screen(&state, false).contains(" 1/9 ╯"), "the place in the list stays in sight");
    press_alt(&mut state, KeyCode::Char('j'));
    assert!(screen(&state, false).contains(" 2/9 ╯"), "the next alert without leaving");
    press(&mut state, KeyCode::Enter);
    assert_eq!(widths(&state), beside);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Esc);
    assert_eq!(widths(&state), beside);
}

#[test]
fn keys_and_the_mouse_move_the_split_which_is_kept() {
    let mut state = state_with(160, 40, 9);
    let width = |state: &crate::app::State| state.layout().list_frame.width;
    let before = width(&state);
    let control = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::CONTROL));
    let kept = update(&mut state, control(KeyCode::Right), now());
    assert!(matches!(kept.as_slice(), [Effect::File(_)]), "{kept:?}");
    assert!(width(&state) > before);
    update(&mut state, control(KeyCode::Left), now());
    assert_eq!(width(&state), before);
    let divider = state.layout().divider;
    mouse(&mut state, MouseEventKind::Down(MouseButton::Left), divider.x, 20);
    mouse(&mut state, MouseEventKind::Drag(MouseButton::Left), 60, 20);
    mouse(&mut state, MouseEventKind::Up(MouseButton::Left), 60, 20);
    assert_eq!((width(&state), state.list().selected()), (59, Some(0)), "37 % of 160");
    (0..40).for_each(|_| drop(update(&mut state, control(KeyCode::Right), now())));
    assert_eq!(width(&state), 128, "the detail keeps a fifth");
}

#[test]
fn each_tab_has_a_key() {
    let mut state = state_with(120, 40, 2);
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    for (key, shown) in
        [('3', "Detector's reading"), ('6', "INVESTIGATE"), ('4', "eventName"), ('1', "Triage")]
    {
        press_alt(&mut state, KeyCode::Char(key));
        assert!(screen(&state, false).contains(shown), "{key}: {}", screen(&state, false));
    }
}

#[test]
fn counts_of_what_is_shown_filter_to_what_is_chosen() {
    let mut state = state_with(100, 30, 9);
    type_in(&mut state, "%");
    let shown = screen(&state, false);
    assert!(
        shown.contains("ACTOR      9  alice") && shown.contains("EVENT      5  UpdateAssumeRolePolicy"),
        "{shown}"
    );
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Enter);
    assert_eq!(
        (state.list().len(), state.query().chips.chips[0].text.as_str()),
        (5, "event=UpdateAssumeRolePolicy")
    );
}

#[test]
fn a_range_is_named_with_its_number_and_all_that_is_shown_can_be_marked() {
    let mut state = state_with(100, 30, 9);
    type_in(&mut state, "vjj");
    assert!(footer(&state).starts_with(" RANGE 3 marked  a ack"), "{}", footer(&state));
    press(&mut state, KeyCode::Esc);
    type_in(&mut state, "fevent:Attach*");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "*");
    assert!(footer(&state).starts_with(" MARKED 4 marked"), "{}", footer(&state));
    type_in(&mut state, "*");
    assert!(footer(&state).starts_with(" a ack"), "{}", footer(&state));
}

#[test]
fn commands_are_copied_by_their_number_or_all_at_once() {
    let mut state = state_with(120, 40, 2);
    press(&mut state, KeyCode::Enter);
    let copied = |state: &mut crate::app::State, keys: &str| {
        let mut effects = Vec::new();
        for letter in keys.chars() {
            effects = update(state, Msg::Key(KeyEvent::from(KeyCode::Char(letter))), now());
        }
        match effects.as_slice() {
            [Effect::Terminal(TerminalWork::Copy(copy))] => copy.text.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(copied(&mut state, "2y"), "aws iam list-access-keys --user-name bob");
    let all = copied(&mut state, "Y");
    let (investigate, contain) = all.split_once("\n\n").unwrap();
    assert!(investigate.lines().all(|line| line.starts_with("aws ")), "{all}");
    assert!(contain.lines().count() > 1 && contain.lines().all(|line| line.starts_with("# ")), "{all}");
    type_in(&mut state, "99y");
    assert!(screen(&state, false).contains("no such command"));
}

#[test]
fn a_replay_asks_before_triage_is_lost() {
    let quit =
        |state: &mut crate::app::State| update(state, Msg::Key(KeyEvent::from(KeyCode::Char('q'))), now());
    let mut state = state_with(100, 30, 3);
    let done = ReplayStatus { done: true, ..ReplayStatus::default() };
    send(&mut state, Event::Source(SourceStatus::Replay(done)));
    assert_eq!(quit(&mut state), [Effect::Quit(0)], "nothing is lost");
    type_in(&mut state, "a");
    assert_eq!(quit(&mut state), []);
    let asked = screen(&state, false);
    assert!(asked.contains("triage of 1 alert not saved: q again quits, X exports"), "{asked}");
    type_in(&mut state, "j");
    assert_eq!(quit(&mut state), [], "another key is no answer");
    assert_eq!(quit(&mut state), [Effect::Quit(0)]);
}

#[test]
fn an_export_that_fails_keeps_the_path_and_says_why_until_it_is_changed() {
    let mut state = state_with(100, 30, 3);
    let failed = Msg::ExportFailed {
        path: "/nowhere/x.csv".to_owned(),
        format: ExportFormat::Csv,
        why: "folder /nowhere does not exist: choose another, or make it".to_owned(),
    };
    send(&mut state, failed);
    let shown = screen(&state, false);
    assert!(shown.contains("/nowhere/x.csv") && shown.contains("folder /nowhere does not exist"), "{shown}");
    press(&mut state, KeyCode::Enter);
    assert!(state.overlay().is_open(), "as it stands it fails again");
    press(&mut state, KeyCode::Backspace);
    assert!(!screen(&state, false).contains("does not exist"));
}

#[test]
fn an_action_on_a_line_takes_all_that_are_folded_into_it() {
    let mut state = state_with(100, 30, 0);
    let low = |row| crate::model::Row { severity: Some(detector::Severity::Low), ..row };
    send(&mut state, Event::Stored(rows(0..6).into_iter().step_by(2).map(low).collect()));
    let shown = screen(&state, false);
    assert!(shown.contains("UpdateAssumeRolePolicy ×3") && shown.contains(" 1/3 ╯"), "{shown}");
    type_in(&mut state, "a");
    assert!(screen(&state, false).contains("3 alerts: acknowledged"), "{}", screen(&state, false));
    press(&mut state, KeyCode::Right);
    assert_eq!(state.list().line_count(), 3, "unfolded");
}

#[test]
fn summary_shows_the_history_of_triage() {
    let mut state = state_with(120, 40, 3);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Enter);
    assert!(!screen(&state, false).contains("History"), "nobody did anything yet");
    press(&mut state, KeyCode::Char('a'));
    let screen = screen(&state, false);
    let history = screen.lines().skip_while(|line| !line.contains("History")).take(3).collect::<Vec<_>>();
    let [first, second, third] = history.as_slice() else { panic!("{screen}") };
    assert!(first.contains("ana: acknowledged") && second.contains("bo: tag #drill"), "{screen}");
    assert!(third.contains("ana: note: asked the team"), "{screen}");
}

#[test]
fn the_summary_shows_state_author_tags_and_the_whole_note_as_they_are_now() {
    let mut state = state_with(80, 30, 2);
    press(&mut state, KeyCode::Enter);
    assert!(screen(&state, false).contains(" Triage     open "), "{}", screen(&state, false));
    press(&mut state, KeyCode::Esc);
    let note =
        "agreed with the lead of the platform team: the migration of the pipeline needs it until Friday";
    type_in(&mut state, "a#drill ops");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, &format!("c{note}"));
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Enter);
    let shown = screen(&state, false);
    assert!(
        shown.contains(" Triage     acknowledged by ana, ") && shown.contains(" Tags       #drill #ops "),
        "{shown}"
    );
    let words = shown.replace(['│', '┃', '\n'], " ");
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(note), "{shown}");
    type_in(&mut state, "r");
    assert!(
        screen(&state, false).contains(" Triage     open; last change by ana, "),
        "while it is open in the detail"
    );
}
