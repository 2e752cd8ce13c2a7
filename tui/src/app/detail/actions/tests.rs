//! Scripts of keys: tabs, trees, the copy menu, links, related alerts.

use crate::app::detail::actions::*;
use crate::app::detail::{Line, Tab};
use crate::app::msg::{Answer, Msg};
use crate::app::{State, update};
use crate::console::steps;
use crate::model::Event;
use crate::view::testing::{press, press_alt, send, state_with};
use crossterm::event::KeyModifiers;
use jiff::Timestamp;

fn effects(state: &mut State, code: KeyCode) -> Vec<Effect> {
    let key = KeyEvent::new(code, KeyModifiers::NONE);
    update(state, Msg::Key(key), Timestamp::UNIX_EPOCH)
}

fn copied(state: &mut State, letter: char) -> Copy {
    press(state, KeyCode::Char('y'));
    match effects(state, KeyCode::Char(letter)).as_slice() {
        [Effect::Terminal(TerminalWork::Copy(copy))] => copy.clone(),
        other => panic!("{letter}: {other:?}"),
    }
}

/// A console of which the parameters of a trust policy are open, the cursor on its principal.
fn at_the_principal() -> State {
    let mut state = state_with(120, 40, 1);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char(']'));
    for _ in 0..30 {
        press(&mut state, KeyCode::Char('j'));
    }
    state
}

#[test]
fn the_menu_copies_what_is_under_the_cursor_and_of_the_alert() {
    let mut state = at_the_principal();
    let text = |letter| copied(&mut state, letter).text;
    let texts: Vec<_> = "ykpqvanrtxiwel".chars().filter(|c| !"rx".contains(*c)).map(text).collect();
    assert_eq!(
        texts,
        [
            "arn:aws:iam::999900001111:root",
            "AWS",
            "policyDocument.Statement[0].Principal.AWS",
            ".requestParameters.policyDocument | fromjson | .Statement[0].Principal.AWS",
            "arn:aws:iam::999900001111:root",
            "arn:aws:iam::111122223333:user/alice",
            "alice",
            "deploy",
            "203.0.113.7",
            "111122223333",
            "alert-0",
            "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/alert-0",
        ]
    );
    let json: serde_json::Value = serde_json::from_str(&copied(&mut state, 'j').text).unwrap();
    assert_eq!(json["eventName"], "UpdateAssumeRolePolicy");
    assert!(copied(&mut state, 'c').text.starts_with("aws cloudtrail lookup-events"));
    assert!(copied(&mut state, 's').text.starts_with("CRITICAL: alice "));
}

#[test]
fn the_menu_moves_closes_and_lets_ctrl_c_through() {
    let mut state = at_the_principal();
    press(&mut state, KeyCode::Char('y'));
    press(&mut state, KeyCode::Down);
    let of = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Terminal(TerminalWork::Copy(copy))] => copy.what,
        other => panic!("{other:?}"),
    };
    assert_eq!(of(effects(&mut state, KeyCode::Enter)), "key");
    press(&mut state, KeyCode::Char('y'));
    assert_eq!(effects(&mut state, KeyCode::Char('z')), []);
    assert!(!state.overlay.is_open());
    press(&mut state, KeyCode::Char('y'));
    let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(update(&mut state, Msg::Key(quit), Timestamp::UNIX_EPOCH), [Effect::Quit(0)]);
}

#[test]
fn a_list_alone_copies_and_links_too() {
    let mut state = state_with(80, 24, 2);
    assert_eq!(copied(&mut state, 'i').text, "203.0.113.7");
    let open = effects(&mut state, KeyCode::Char('o'));
    let [Effect::Terminal(TerminalWork::OpenLink(url))] = open.as_slice() else { panic!("{open:?}") };
    assert!(url.ends_with("/events/alert-1"));
    let copy = update(&mut state, Msg::NoBrowser(url.clone()), Timestamp::UNIX_EPOCH);
    assert!(matches!(copy.as_slice(), [Effect::Terminal(TerminalWork::Copy(copy))] if copy.text == *url));
    assert!(matches!(state.overlay.get(), Some(Overlay::Notice(_))));
}

#[test]
fn nothing_is_copied_of_nothing() {
    let mut state = state_with(80, 24, 0);
    for key in ['y', 'o', ']', 'R', 'y'] {
        assert_eq!(effects(&mut state, KeyCode::Char(key)), []);
    }
}

#[test]
fn hidden_characters_are_copied_as_marks_unless_asked_for() {
    let mut state = state_with(120, 40, 1);
    press(&mut state, KeyCode::Enter);
    let content = Content::Unreadable { why: "x\u{202e}y\u{1b}".into(), raw: String::new() };
    let id = state.detail.as_ref().unwrap().id.clone();
    send(&mut state, Answer::Loaded(id, Some(content)));
    let safe = copied(&mut state, 'y');
    assert_eq!((safe.text.as_str(), safe.marks), ("x⟨U+202E⟩y␛", 2));
    assert!(
        safe.done("xclip").ends_with("2 characters that can't be seen are marks (capital letter: as it is)")
    );
    assert_eq!(copied(&mut state, 'Y').text, "x\u{202e}y\u{1b}");
}

#[test]
fn tabs_go_round_stay_with_the_next_alert_and_remember_their_place() {
    let mut state = at_the_principal();
    let place = |state: &State| state.detail.as_ref().unwrap().page().cursor();
    let before = place(&state);
    for _ in 0..6 {
        press(&mut state, KeyCode::Char(']'));
    }
    assert_eq!((state.detail_pane.showing.tab, place(&state)), (Tab::Parameters, before));
    press(&mut state, KeyCode::Char('['));
    press(&mut state, KeyCode::Char('['));
    assert_eq!(state.detail_pane.showing.tab, Tab::Respond);
    press(&mut state, KeyCode::Tab);
    send(&mut state, Event::Stored(crate::model::testing::rows(5..6)));
    press(&mut state, KeyCode::Char('g'));
    assert_eq!(state.detail.as_ref().unwrap().showing().tab, Tab::Respond);
}

#[test]
fn a_related_alert_is_gone_to() {
    let mut state = state_with(120, 40, 4);
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Char('['));
    press(&mut state, KeyCode::Char('['));
    assert_eq!(state.detail_pane.showing.tab, Tab::Related);
    let detail = state.detail.as_ref().unwrap();
    assert!(matches!(detail.page().current(), Some(Line::Related(0))), "{:?}", detail.page());
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.list.selected_row().unwrap().id.0, "alert-2");
    assert_eq!(state.detail.as_ref().unwrap().id.0, "alert-2");
}

#[test]
fn moving_in_a_tree() {
    let mut state = at_the_principal();
    let at = |state: &mut State, text: &str| {
        keys(state, text);
        crate::widget::json_tree::dotted(&state.detail.as_ref().unwrap().node_path().unwrap())
    };
    assert_eq!(at(&mut state, "u"), "policyDocument.Statement[0].Principal");
    assert_eq!(at(&mut state, "^"), "policyDocument.Statement[0].Effect");
    assert_eq!(at(&mut state, "J"), "policyDocument.Statement[0].Action");
    assert_eq!(at(&mut state, "$"), "policyDocument.Statement[0].Principal");
    assert_eq!(at(&mut state, "K"), "policyDocument.Statement[0].Action");
    assert_eq!(at(&mut state, "b"), "policyDocument.Statement[0]");
    assert_eq!(at(&mut state, "uu⌥C⌥Ew"), "policyDocument.Version");
    assert_eq!(at(&mut state, "..,,"), "policyDocument.Version");
    assert_eq!(at(&mut state, "K⌥c"), "policyDocument.Version");
}

/// Types keys; a line's end is Enter, and `⌥` is Alt with the next.
fn keys(state: &mut State, text: &str) {
    let mut with_alt = false;
    for key in text.chars() {
        match key {
            '⌥' => with_alt = true,
            '\n' => press(state, KeyCode::Enter),
            _ if std::mem::take(&mut with_alt) => press_alt(state, KeyCode::Char(key)),
            _ => press(state, KeyCode::Char(key)),
        }
    }
}

/// Returns the path of the node under the cursor, the number of the hit there, the number of hits, and
/// that of the page's lines.
fn found(state: &State) -> (String, Option<usize>, usize, usize) {
    let detail = state.detail.as_ref().unwrap();
    let path = crate::widget::json_tree::dotted(&detail.node_path().unwrap_or_default());
    (
        path,
        detail.find_at(),
        detail.search().map_or(0, crate::app::detail::DetailSearch::count),
        detail.page().len(),
    )
}

#[test]
fn a_search_in_the_alert_goes_through_what_is_folded_and_unfolds_only_what_hides_a_hit() {
    let mut state = at_the_principal();
    keys(&mut state, "g⌥C/effect: a\n");
    let statement = "policyDocument.Statement[0]";
    assert_eq!(found(&state), (format!("{statement}.Effect"), Some(1), 1, 8), "the principal stays folded");
    keys(&mut state, "n");
    assert_eq!(state.status.text(), Some("this is the only hit"));
    keys(&mut state, "g⌥C/9999\n");
    assert_eq!(found(&state), (format!("{statement}.Principal"), Some(1), 2, 8), "what is noted counts");
    keys(&mut state, "n");
    assert_eq!(found(&state), (format!("{statement}.Principal.AWS"), Some(2), 2, 9));
    assert_eq!(state.status.text(), None);
    keys(&mut state, "n");
    assert_eq!((found(&state).1, state.status.text()), (Some(1), Some("past the end: on from the top")));
    keys(&mut state, "N");
    assert_eq!((found(&state).1, state.status.text()), (Some(2), Some("past the top: on from the end")));
    keys(&mut state, "h");
    assert_eq!(found(&state).1, Some(1), "h goes up the tree, and the search goes on");
    press(&mut state, KeyCode::Esc);
    assert_eq!((found(&state).2, state.focus), (0, Pane::Detail), "Esc ends the search and nothing else");
    keys(&mut state, "n");
    assert_eq!(state.status.text(), Some("nothing is searched for: / searches"));
}

#[test]
fn a_search_in_the_alert_goes_with_the_tabs_and_ends_with_the_alert() {
    let mut state = at_the_principal();
    keys(&mut state, "/aws-CLI\n");
    assert_eq!((found(&state).2, state.status.text()), (0, Some("no hit in this tab: ] goes to the next")));
    keys(&mut state, "/aws-cli\n]]n");
    assert_eq!(found(&state).0, "userAgent");
    keys(&mut state, "R");
    assert_eq!(found(&state).2, 1, "in the record as text too");
    keys(&mut state, "]]]");
    assert_eq!((state.detail_pane.showing.tab, found(&state).2), (Tab::Summary, 1));
    keys(&mut state, "/~^(who|203[.].*7)$\nn");
    assert_eq!((found(&state).1, found(&state).2), (Some(1), 1));
    keys(&mut state, "/~(");
    press(&mut state, KeyCode::Enter);
    assert!(state.overlay.prompt().is_some_and(|prompt| prompt.error.is_some()));
    press(&mut state, KeyCode::Esc);
    assert!(state.detail.as_ref().unwrap().search().is_none());
    keys(&mut state, "/203\n");
    assert!(state.list.search().is_none() && found(&state).2 > 0);
    press(&mut state, KeyCode::Tab);
    send(&mut state, Event::Stored(crate::model::testing::rows(5..6)));
    keys(&mut state, "g/alice\n");
    assert!(state.detail.as_ref().unwrap().search().is_none() && state.list.search().is_some());
}

/// A value that is longer than its line, somewhere in 256 KiB.
#[test]
fn what_is_found_far_down_and_far_to_the_right_comes_onto_the_screen() {
    let mut state = at_the_principal();
    let Some(Content::Alert(mut alert)) = state.detail.as_ref().unwrap().content().cloned() else { panic!() };
    let one = |at: usize| serde_json::json!({"Sid": format!("s{at}"), "Action": ["s3:Get*", "s3:List*"]});
    let policy = serde_json::json!({"Statement": (0..6_000).map(one).collect::<Vec<_>>()}).to_string();
    assert!(policy.len() > 200_000);
    alert.parameters = serde_json::json!({
        "policyDocument": policy,
        "tags": [{"value": format!("{}needle{}", "x".repeat(300), "y".repeat(300))}],
    });
    let id = alert.id.clone();
    send(&mut state, Answer::Loaded(id, Some(Content::Alert(alert))));
    keys(&mut state, "g⌥C/s3:get*\nN");
    assert_eq!(
        (found(&state).0.as_str(), found(&state).1),
        ("policyDocument.Statement[5999].Action[0]", Some(6_000))
    );
    assert_eq!(found(&state).3, 2 + 1 + 6_000 + 2 * 4, "of 6,000 statements two are unfolded");
    keys(&mut state, "/needle\n");
    assert_eq!(found(&state).0, "tags[0].value");
    let screen = crate::view::testing::screen(&state, false);
    assert!(screen.contains("xxxneedleyyy") && screen.contains("/needle: 1/1"), "{screen}");
}

#[test]
fn what_is_related_says_why_it_is_not_there_and_is_asked_for_again() {
    let mut state = state_with(120, 40, 4);
    press(&mut state, KeyCode::Enter);
    keys(&mut state, "[[");
    let id = state.detail.as_ref().unwrap().id.clone();
    send(&mut state, Answer::Related(id.clone(), Err("disk I/O error".to_owned())));
    let screen = crate::view::testing::screen(&state, false);
    for words in ["database could not be searched: disk I/O", "Enter tries again", "AI···"] {
        assert!(screen.contains(words), "{words} is not in\n{screen}");
    }
    assert_eq!(effects(&mut state, KeyCode::Enter), [Effect::Lookup(Lookup::Related(id.clone()))]);
    assert_eq!(effects(&mut state, KeyCode::Enter), [], "it is on its way");
    send(&mut state, Answer::Related(id.clone(), Err("disk I/O error".to_owned())));
    keys(&mut state, "]");
    assert_eq!(
        effects(&mut state, KeyCode::Char('[')),
        [Effect::Lookup(Lookup::Related(id.clone()))],
        "so does coming back"
    );
    send(&mut state, Answer::Related(id, Ok(Vec::new())));
    assert!(!crate::view::testing::screen(&state, false).contains("disk I/O"));
}

#[test]
fn the_rules_steps_are_there() {
    let state = at_the_principal();
    let Some(Content::Alert(alert)) = state.detail.as_ref().unwrap().content() else { panic!() };
    let ids: Vec<_> = alert.rules.iter().map(|rule| rule.id.clone()).collect();
    let steps = steps(&ids);
    assert!(!steps.is_empty() && steps.iter().all(|rule| !rule.steps.is_empty()));
}

#[test]
fn a_click_chooses_a_tab_and_closes_what_lies_over() {
    use crossterm::event::{MouseButton, MouseEventKind};
    let mut state = state_with(120, 40, 2);
    let click = |state: &mut State, column, row| {
        crate::view::testing::mouse(state, MouseEventKind::Down(MouseButton::Left), column, row);
    };
    let area = state.layout().tabs;
    click(&mut state, area.x + 10, area.y);
    assert_eq!(state.detail_pane.showing.tab, Tab::Parameters);
    press(&mut state, KeyCode::Char('y'));
    assert!(state.overlay.is_open());
    click(&mut state, area.x + 18, area.y);
    assert!(!state.overlay.is_open() && state.detail_pane.showing.tab == Tab::Parameters);
    click(&mut state, area.x + 18, area.y);
    assert_eq!(state.detail_pane.showing.tab, Tab::Policy);
}

/// Sends a key, and returns its effects without answering them.
fn unanswered(state: &mut State, key: char) -> Vec<Effect> {
    effects(state, KeyCode::Char(key))
}

#[test]
fn a_link_without_a_browser_that_comes_while_a_filter_is_typed_loses_no_letter() {
    let mut state = state_with(80, 24, 4);
    let opened = unanswered(&mut state, 'o');
    let [Effect::Terminal(TerminalWork::OpenLink(url))] = opened.as_slice() else { panic!("{opened:?}") };
    keys(&mut state, "fali");
    let copy = update(&mut state, Msg::NoBrowser(url.clone()), Timestamp::UNIX_EPOCH);
    assert!(matches!(copy.as_slice(), [Effect::Terminal(TerminalWork::Copy(copy))] if copy.text == *url));
    send(&mut state, Msg::Status(crate::app::status::Status::info("copied link, which no browser opened")));
    keys(&mut state, "ce");
    assert_eq!(state.overlay.prompt().unwrap().text(), "alice");
    press(&mut state, KeyCode::Enter);
    assert_eq!(
        state.status.text(),
        Some("copied link, which no browser opened"),
        "and it is still to be read"
    );
}

#[test]
fn a_link_without_a_browser_leaves_the_list_of_actions_open_and_a_click_runs_its_row() {
    use crossterm::event::{MouseButton, MouseEventKind};
    let mut state = state_with(80, 24, 5);
    press(&mut state, KeyCode::Char(':'));
    send(&mut state, Msg::NoBrowser("https://example.com".to_owned()));
    let shown = crate::view::testing::screen(&state, false);
    let down = shown.lines().position(|line| line.contains(" down ")).unwrap();
    let click = MouseEventKind::Down(MouseButton::Left);
    crate::view::testing::mouse(&mut state, click, 10, u16::try_from(down).unwrap());
    assert_eq!((state.overlay.is_open(), state.list.selected()), (false, Some(1)));
}

#[test]
fn the_copy_menu_that_was_asked_for_opens_for_no_other_alert() {
    let mut state = state_with(80, 24, 0);
    let stored = Event::Stored(crate::model::testing::rows(0..3));
    let loads = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Lookup(Lookup::Load(id))] => id.clone(),
        other => panic!("{other:?}"),
    };
    let mut effects = update(&mut state, stored, Timestamp::UNIX_EPOCH);
    effects.retain(|effect| matches!(effect, Effect::Lookup(_)));
    let first = loads(effects);
    assert_eq!(unanswered(&mut state, 'y'), [], "it is on its way");
    let second = loads(unanswered(&mut state, 'j'));
    assert_ne!(first, second);
    for id in [first, second] {
        let content = crate::model::testing::alert(&id.0, 1).content;
        update(&mut state, Answer::Loaded(id, Some(content)), Timestamp::UNIX_EPOCH);
        assert!(!state.overlay.is_open());
    }
}
