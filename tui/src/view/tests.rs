//! Screens as snapshots, each with its styles: text alone does not show an invisible selection.

mod context;
mod incidents;
mod panes;
mod query;

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;
use jiff::SignedDuration;

use crate::app::effect::Effect;
use crate::app::msg::{Answer, Msg};
use crate::app::status::Status;
use crate::app::{State, update};
use crate::model::testing::{alert, now, rows};
use crate::model::{
    BACK_FILLED, Content, Event, Incoming, Remarks, ReplayProgress, ReplayStatus, Row, SourceStatus,
};
use crate::view::testing::{press, screen, send, state_with, type_in};
use detector::AlertId;
use proptest::prelude::*;
use serde_json::json;

#[test]
fn list_at_80x24() {
    assert_snapshot!(screen(&state_with(80, 24, 4), true));
}

#[test]
fn detail_below_the_list_at_80x24() {
    let mut state = state_with(80, 24, 4);
    press(&mut state, KeyCode::Char('j'));
    press(&mut state, KeyCode::Enter);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn detail_beside_the_list_at_120x40_without_colours() {
    assert_snapshot!(screen(&state_with(120, 40, 4), false));
}

/// The alert of which a role's trust was opened, with this tab shown.
fn tab(width: u16, height: u16, steps: usize) -> State {
    let mut state = state_with(width, height, 3);
    press(&mut state, KeyCode::Enter);
    for _ in 0..steps {
        press(&mut state, KeyCode::Char(']'));
    }
    state
}

#[test]
fn each_tab_at_120x40() {
    for (steps, name) in ["parameters", "policy", "record", "related", "respond"].into_iter().enumerate() {
        assert_snapshot!(format!("tab_{name}_at_120x40"), screen(&tab(120, 40, steps + 1), false));
    }
}

#[test]
fn parameters_below_the_list_at_80x24() {
    let mut state = tab(80, 24, 1);
    for _ in 0..20 {
        press(&mut state, KeyCode::Char('j'));
    }
    assert_snapshot!(screen(&state, true));
}

#[test]
fn record_as_text_at_60x16() {
    let mut state = tab(60, 16, 3);
    press(&mut state, KeyCode::Char('R'));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn policy_at_40x8() {
    assert_snapshot!(screen(&tab(40, 8, 2), true));
}

#[test]
fn copy_menu_over_the_tree() {
    let mut state = tab(80, 24, 1);
    press(&mut state, KeyCode::Char('y'));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_link_that_no_browser_took() {
    let mut state = tab(80, 24, 0);
    let url = "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/e";
    send(&mut state, Msg::NoBrowser(url.to_owned()));
    send(&mut state, Msg::Status(Status::info("copied link, 84 bytes (OSC 52)")));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn detail_instead_of_the_list_at_60x16() {
    let mut state = state_with(60, 16, 2);
    press(&mut state, KeyCode::Enter);
    assert_snapshot!(screen(&state, true));
}

#[test]
fn smallest_and_too_small() {
    assert_snapshot!("40x8", screen(&state_with(40, 8, 20), true));
    assert_snapshot!("39x8", screen(&state_with(39, 8, 20), true));
}

#[test]
fn help_over_the_list() {
    let mut state = state_with(100, 24, 1);
    press(&mut state, KeyCode::Char('?'));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn nothing_yet_and_no_connection() {
    let mut state = State::new(100, 10, now());
    let next = now() + SignedDuration::from_secs(8);
    let why = "check the network: SQS is unreachable: connection refused".to_owned();
    send(&mut state, Event::Source(SourceStatus::Retrying { why, next, last_receive: None }));
    assert_snapshot!(screen(&state, true));
    let mut state = state_with(80, 24, 3);
    type_in(&mut state, "fnobody");
    let shown = screen(&state, false);
    assert!(shown.contains("  No alert passes the filters. "), "its keys are letters now: {shown}");
    assert!(!shown.contains("F switches them off"), "{shown}");
}

#[test]
fn a_banner_says_why_the_queue_is_away_and_since_when_and_w_shows_all_of_it() {
    let mut state = state_with(80, 12, 3);
    let long = format!("SQS is unreachable: {}; check the network", "refused ".repeat(20));
    let away = |state: &mut State| {
        let next = now() + SignedDuration::from_secs(8);
        let health = SourceStatus::Retrying { why: long.clone(), next, last_receive: None };
        send(state, Event::Source(health));
    };
    away(&mut state);
    let banner = |state: &State| screen(state, false).lines().nth(1).unwrap_or_default().to_owned();
    assert!(banner(&state).starts_with(" ✗ DISCONNECTED 0 s · SQS is unreachable"), "{}", banner(&state));
    assert!(banner(&state).ends_with(" · retry 8 s (Ctrl-R now) · W whole"), "{}", banner(&state));
    press(&mut state, KeyCode::Char('j'));
    away(&mut state);
    assert!(banner(&state).contains("DISCONNECTED"), "no key takes it away");
    press(&mut state, KeyCode::Char('W'));
    let shown = screen(&state, false);
    assert!(shown.contains(" Last error ") && shown.contains("check the network"), "{shown}");
    press(&mut state, KeyCode::Esc);
    let key = KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL);
    assert_eq!(update(&mut state, Msg::Key(key), now()), [Effect::RetryNow]);
    let backlog = crate::model::Backlog::default();
    send(&mut state, Event::Source(SourceStatus::Live { last_receive: now(), backlog }));
    assert!(!screen(&state, false).contains("DISCONNECTED"));
    press(&mut state, KeyCode::Char('W'));
    assert!(screen(&state, false).contains("no error"));
}

#[test]
fn however_long_the_filters_are_the_count_is_in_sight() {
    let long = format!("-actor:{}", "x".repeat(90));
    for (width, filters) in [(80, 1), (80, 3), (120, 4), (40, 2)] {
        let mut state = state_with(width, 24, 30);
        for number in 0..filters {
            type_in(&mut state, &format!("f{long}{number}"));
            press(&mut state, KeyCode::Enter);
        }
        type_in(&mut state, "pa");
        let screen = screen(&state, false);
        assert!(screen.lines().any(|line| line.contains("30 of 30")), "{screen}");
        press(&mut state, KeyCode::Esc);
        let screen = self::screen(&state, false);
        assert!(screen.lines().any(|line| line.contains("30 of 30")), "{screen}");
    }
}

#[test]
fn the_list_of_what_to_pivot_to_says_the_key_and_the_session() {
    let mut state = state_with(100, 30, 3);
    let mut incoming = alert("alert-9", 9);
    let Content::Alert(inner) = &mut incoming.content else { unreachable!() };
    inner.record = Some(json!({"userIdentity": {"accessKeyId": "AKIAEXAMPLE0000000003"}}).into());
    send(&mut state, Event::Stored(vec![Row::of(&incoming)]));
    type_in(&mut state, "p");
    let screen = screen(&state, false);
    assert!(
        screen.contains("key=AKIAEXAMPLE0000000003") || screen.contains(r#"key="AKIAEXAMPLE0000000003""#),
        "{screen}"
    );
}

#[test]
fn times_of_another_year_say_so() {
    // In an order by time, lines name the days.
    let mut state = state_with(100, 40, 0);
    let old =
        |days| Row { time: now() - SignedDuration::from_hours(24 * days), ..rows(days..days + 1).remove(0) };
    send(&mut state, Event::Stored(vec![old(3), old(1)]));
    type_in(&mut state, "sa");
    assert!(!screen(&state, false).contains("  2026-11-2"), "{}", screen(&state, false));
    send(&mut state, Event::Stored(vec![old(400)]));
    let list = screen(&state, false);
    assert!(list.contains("2026-11-23 02:10") && list.contains("2025-10-20 02:10"), "{list}");
    press(&mut state, KeyCode::End);
    let bars = screen(&state, false);
    assert!(bars.lines().take(6).any(|line| line.contains("2025-10-2")), "{bars}");
}

#[test]
fn newer_alerts_are_counted_and_the_screen_stays() {
    let mut state = state_with(100, 12, 6);
    press(&mut state, KeyCode::Char('j'));
    send(&mut state, Event::Stored(rows(100..105)));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn hostile_text_moves_nothing() {
    let mut state = state_with(100, 8, 1);
    let content = Content::Unreadable { why: "\u{1b}[2J\u{202e}\t\u{200b}".into(), raw: String::new() };
    let incoming = Incoming { id: AlertId("m".into()), received: now(), content };
    send(&mut state, Event::Stored(vec![Row::of(&incoming)]));
    assert_snapshot!(screen(&state, true));
}

/// A replay of which 620,000,000 of 1,000,000,000 bytes are read.
fn half_way() -> ReplayStatus {
    let progress = ReplayProgress {
        files: 300,
        records: 1_240_000,
        bytes: 620_000_000,
        of: Some(1_000_000_000),
        millis: 1_000,
        unfinished: 4,
    };
    ReplayStatus { progress, alerts: 3, ..ReplayStatus::default() }
}

#[test]
fn a_replay_says_how_far_it_is() {
    let mut state = state_with(100, 8, 3);
    send(&mut state, Event::Source(SourceStatus::Replay(half_way())));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_replay_of_a_pipe_says_what_it_has_read() {
    let mut state = State::new(100, 8, now());
    let progress = ReplayProgress { of: None, ..half_way().progress };
    send(
        &mut state,
        Event::Source(SourceStatus::Replay(ReplayStatus { progress, ..ReplayStatus::default() })),
    );
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_replay_that_is_done_says_what_could_not_be_read() {
    let mut state = state_with(100, 8, 3);
    let first_unread = Some("logs/\u{1b}[2J.json.gz: read error at record 12".to_owned());
    let done = ReplayStatus { unread: 2, first_unread, done: true, ..half_way() };
    send(&mut state, Event::Source(SourceStatus::Replay(done)));
    assert_snapshot!(screen(&state, true));
    let said = |state: &State| screen(state, false).contains("2 unreadable: logs/");
    press(&mut state, KeyCode::Char('j'));
    assert!(!said(&state) && screen(&state, false).contains("a ack"), "any key takes it away");
    press(&mut state, KeyCode::Char('W'));
    assert!(screen(&state, false).contains("read error at record 12"), "W shows it");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::F(4));
    assert!(!said(&state) && screen(&state, false).contains("theme: dark"));
}

#[test]
fn a_replay_that_is_over_offers_no_keys_for_it_and_says_so() {
    let mut state = state_with(120, 40, 3);
    state.shell_mut().keymap = crate::keymap::Keymap::default();
    let offered = |state: &mut State| {
        let footer = screen(state, false).contains("P pause");
        press(state, KeyCode::Char(':'));
        type_in(state, "faster");
        let listed = screen(state, false).contains(") ");
        press(state, KeyCode::Esc);
        (footer, listed)
    };
    send(&mut state, Event::Source(SourceStatus::Replay(half_way())));
    assert_eq!(offered(&mut state), (true, true));
    let played = ReplayStatus { speed: "60".parse().ok(), done: true, ..half_way() };
    send(&mut state, Event::Source(SourceStatus::Replay(played)));
    assert_eq!(offered(&mut state), (false, false));
    type_in(&mut state, ")");
    assert!(screen(&state, false).contains("the replay is over: all of it is in the list"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever a record says, in whichever tab: the line between list and detail stays where it is.
    #[test]
    fn hostile_text_moves_nothing_in_any_tab(text in any::<String>(), key in any::<String>()) {
        let mut state = state_with(120, 40, 1);
        press(&mut state, KeyCode::Enter);
        let policy = json!({"Statement": [{"Effect": "Allow", "Sid": text, "Action": text, "Principal": {"AWS": text},
            "Condition": {key.clone(): {key.clone(): text}}}]});
        let Some(Content::Alert(mut alert)) = state.detail().and_then(|open| open.content().cloned()) else {
            panic!("no alert")
        };
        alert.summary.clone_from(&text);
        alert.user = Some(text.clone());
        alert.parameters = json!({key: text, "policyDocument": policy.to_string()});
        alert.record = Some(json!({"requestParameters": alert.parameters}).into());
        if let Some(target) = alert.facts.as_mut().and_then(|facts| facts.target.as_mut()) {
            target.name.clone_from(&text);
        }
        let id = alert.id.clone();
        send(&mut state, Answer::Loaded(id, Some(Content::Alert(alert))));
        for key in "]]]R]]]".chars() {
            press(&mut state, KeyCode::Char(key));
            let screen = screen(&state, true);
            // Header and bars go over the whole width.
            for line in screen.lines().take(38).skip(7) {
                let list = line.split("││").next().unwrap_or_default();
                prop_assert_eq!(crate::widget::text::width(list), 65, "{}", line);
                prop_assert!(line.chars().all(crate::widget::text::is_safe), "{:?}", line);
            }
        }
    }
}

#[test]
fn triage_marks_fades_and_asks() {
    let mut state = state_with(80, 12, 6);
    type_in(&mut state, "a#drill");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "jvjjc");
    type_in(&mut state, "expected \u{202e}");
    assert_snapshot!("triage_asks", screen(&state, true));
    press(&mut state, KeyCode::Enter);
    assert_snapshot!("triage_notice", screen(&state, false));
    press(&mut state, KeyCode::Char('m'));
    press(&mut state, KeyCode::Char('k'));
    assert_snapshot!("triage_said", screen(&state, true));
}

#[test]
fn triage_has_a_column_of_its_own() {
    let mut state = state_with(119, 12, 4);
    type_in(&mut state, "a");
    type_in(&mut state, "#drill \u{202e}ops");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "jcexpected");
    press(&mut state, KeyCode::Enter);
    type_in(&mut state, "ja");
    assert_snapshot!(screen(&state, true));
}

#[test]
fn a_file_is_asked_for() {
    let mut state = state_with(80, 12, 3);
    type_in(&mut state, "X");
    assert_snapshot!("export_formats", screen(&state, true));
    press(&mut state, KeyCode::Enter);
    assert_snapshot!("export_path", screen(&state, false));
}

#[test]
fn columns_at_200x60() {
    let mut state = state_with(200, 20, 5);
    type_in(&mut state, "<<sOJ+");
    assert_snapshot!(screen(&state, true));
}

#[test]
fn times_of_another_zone_and_ages() {
    let mut state = state_with(80, 8, 2);
    state.query_mut().columns.zone = jiff::tz::TimeZone::fixed(jiff::tz::Offset::constant(-3));
    type_in(&mut state, "T");
    assert_snapshot!("local", screen(&state, false));
    type_in(&mut state, "T");
    assert_snapshot!("ages", screen(&state, false));
}

#[test]
fn what_is_held_says_so_and_counts() {
    let mut state = state_with(120, 9, 4);
    type_in(&mut state, " ");
    send(&mut state, Event::Stored(rows(100..105)));
    assert_snapshot!(screen(&state, true));
}

#[test]
fn tests_and_what_back_fill_found_say_so() {
    let mut state = state_with(120, 24, 0);
    let [mut lost, test] = [2, 1].map(|second| rows(second..second + 1).remove(0));
    let found = Remarks { by: "ana".to_owned(), at: now(), note: None, tags: vec![BACK_FILLED.to_owned()] };
    lost.remarks = Some(Arc::new(found));
    let test = Row { id: AlertId("test-1".to_owned()), ..test };
    send(&mut state, Event::Stored(vec![lost, test]));
    let said = screen(&state, false);
    assert!(said.contains("TEST Att") && !said.contains("TEST UpdateAssume"), "{said}");
    press(&mut state, KeyCode::Enter);
    let said = screen(&state, false);
    assert!(said.contains("Back-fill  found by backfill at"), "{said}");
    press(&mut state, KeyCode::Esc);
    press(&mut state, KeyCode::Char('j'));
    assert!(!screen(&state, false).contains("found by backfill"));
}

/// Draws `SENTINEL_FRAMES` frames at 200x60 over `SENTINEL_ROWS` alerts, each after a key: run under callgrind with two
/// numbers, the difference is the cost of a key and its frame. With `SENTINEL_UNANSWERED` the detail stays unread, so
/// that the frame is the list's; without, it has the answer to the key's lookup too.
#[test]
#[ignore = "a measurement, see CONTRIBUTING.md"]
fn frames_to_count() {
    let given = |name: &str, usual: usize| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let frames = given("SENTINEL_FRAMES", 100);
    let is_unanswered = std::env::var_os("SENTINEL_UNANSWERED").is_some();
    let rows = i64::try_from(given("SENTINEL_ROWS", 2_000)).unwrap();
    let mut state = state_with(200, 60, rows);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Tab);
    let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(200, 60)).unwrap();
    for _ in 0..frames {
        if is_unanswered {
            drop(update(&mut state, Msg::Key(KeyEvent::from(KeyCode::Char('j'))), now()));
        } else {
            press(&mut state, KeyCode::Char('j'));
        }
        terminal.draw(|frame| crate::view::draw(frame, &state)).unwrap();
    }
}
