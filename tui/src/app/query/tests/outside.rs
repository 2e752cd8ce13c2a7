//! Tests of requests to the store and to files and of their answers, and of filters on alerts' remarks.

use detector::AlertId;

use crate::app::effect::{Effect, FileWork, Lookup};
use crate::app::msg::Answer;
use crate::app::query::columns::TimeStyle;
use crate::app::query::saved_views::{SavedView, ViewChange};
use crate::app::query::tests::*;
use crate::app::{State, update};
use crate::model::{Event, ExportFormat, Facet};

#[test]
fn a_pivot_to_the_session_asks_the_store_and_comes_back_to_the_same_alert() {
    let mut state = state_with(80, 24, 10);
    let arn = "arn:aws:sts::111122223333:assumed-role/deploy/marta ruiz";
    let mut of_session = rows(2..6);
    for row in &mut of_session {
        row.session_key = Some(Facet::Session.key(arn));
    }
    send(&mut state, Event::Stored(of_session));
    press(&mut state, KeyCode::Down);
    keys(&mut state, "pS");
    assert_eq!(state.status.text(), Some("this alert has nothing there"));
    keys(&mut state, "4jp");
    let key = crossterm::event::KeyEvent::from(KeyCode::Char('S'));
    let effects = update(&mut state, Msg::Key(key), now());
    let id = AlertId("alert-4".into());
    assert_eq!(effects, [Effect::Lookup(Lookup::FacetValue(id.clone(), Facet::Session))]);
    send(&mut state, Answer::FacetValue(id.clone(), Facet::Session, Some(arn.to_owned())));
    assert_eq!((shown(&state), selected(&state)), (4, "alert-4"));
    let mut older = rows(-3..0);
    for row in &mut older {
        row.session_key = Some(Facet::Session.key(arn));
    }
    let turn = state.list.turn();
    send(&mut state, Answer::Sharing { turn, rows: older.clone(), last: true });
    assert_eq!((shown(&state), selected(&state), state.list.newer().count), (7, "alert-4", 0));
    press(&mut state, KeyCode::Down);
    press(&mut state, KeyCode::Up);
    assert_eq!(shown(&state), 7, "what was found stays");
    assert_eq!(state.query.pivots[0].text, format!("session=\"{arn}\""));
    press(&mut state, KeyCode::Esc);
    assert_eq!((shown(&state), selected(&state)), (10, "alert-4"), "no holes are left");
    send(&mut state, Answer::Sharing { turn, rows: older, last: true });
    assert_eq!(shown(&state), 10, "nor by what comes too late");
    keys(&mut state, "f");
    send(&mut state, Answer::FacetValue(id.clone(), Facet::Session, Some(arn.to_owned())));
    assert_eq!(shown(&state), 10, "who writes something else by now is left alone");
    press(&mut state, KeyCode::Esc);
    send(&mut state, Answer::FacetValue(id, Facet::AccessKey, None));
    assert_eq!((shown(&state), state.status.text()), (10, Some("this alert has nothing there")));
}

#[test]
fn a_pivot_fetches_what_is_older_than_the_list() {
    let mut state = state_with(80, 24, 0);
    send(&mut state, Event::page(rows(0..6).into_iter().rev().collect(), 6));
    keys(&mut state, "jp");
    let key = crossterm::event::KeyEvent::from(KeyCode::Char('t'));
    let effects = update(&mut state, Msg::Key(key), now());
    let first = rows(0..1).remove(0);
    let turn = state.list.turn();
    let sharing = Effect::Lookup(Lookup::Sharing {
        id: AlertId("alert-4".into()),
        facet: Facet::Target,
        before: first.time,
        turn,
    });
    assert!(effects.contains(&sharing), "{effects:?}");
    send(&mut state, Answer::Sharing { turn, rows: rows(-4..1), last: true });
    assert_eq!((shown(&state), selected(&state), state.list.total()), (5, "alert-4", 10));
    press(&mut state, KeyCode::Esc);
    assert_eq!((shown(&state), selected(&state)), (6, "alert-4"), "no holes are left");
}

#[test]
fn what_is_shown_is_written_to_a_file_that_is_asked_for() {
    let mut state = state_with(80, 24, 0);
    keys(&mut state, "X");
    assert!(state.status.text().is_some_and(|words| words.contains("no alert is shown")));
    send(&mut state, Event::Stored(rows(0..6)));
    enter(&mut state, "fevent:Attach*");
    keys(&mut state, "Xj");
    press(&mut state, KeyCode::Enter);
    assert_eq!(state.overlay.prompt().unwrap().text(), "sentinel-alerts-20261124T0210Z.csv");
    let enter_key = crossterm::event::KeyEvent::from(KeyCode::Enter);
    let effects = update(&mut state, Msg::Key(enter_key), now());
    let alerts = ["alert-5", "alert-3", "alert-1"].map(|id| AlertId(id.to_owned())).to_vec();
    let path = "sentinel-alerts-20261124T0210Z.csv".to_owned();
    assert_eq!(
        effects,
        [Effect::File(FileWork::Export { path, format: ExportFormat::Csv, alerts, older: false })]
    );
    assert!(state.status.is_exporting());
    send(&mut state, Msg::Exporting(Some((2, 3))));
    let shown = crate::view::testing::screen(&state, false);
    assert!(shown.contains("writing the file: 2 of 3 alerts; X stops it"), "{shown}");
    let key = Msg::Key(crossterm::event::KeyEvent::from(KeyCode::Char('X')));
    assert_eq!(update(&mut state, key, now()), [Effect::File(FileWork::StopExport)]);
    send(&mut state, Msg::Exporting(None));
    keys(&mut state, "X");
    press(&mut state, KeyCode::Enter);
    press(&mut state, KeyCode::Esc);
    assert!(!state.overlay.takes_letters());
}

#[test]
fn the_ending_of_the_files_name_says_what_it_is() {
    let mut state = state_with(80, 24, 3);
    let mut written = |name: &str| {
        keys(&mut state, "Xj");
        press(&mut state, KeyCode::Enter);
        let control = crossterm::event::KeyModifiers::CONTROL;
        send(&mut state, Msg::Key(crossterm::event::KeyEvent::new(KeyCode::Char('u'), control)));
        keys(&mut state, name);
        let said = crate::view::testing::screen(&state, false).contains("by its ending, not CSV");
        let enter_key = crossterm::event::KeyEvent::from(KeyCode::Enter);
        let effects = update(&mut state, Msg::Key(enter_key), now());
        send(&mut state, Msg::Exporting(None));
        let [Effect::File(FileWork::Export { format, .. })] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        (*format, said)
    };
    for (name, format) in [
        ("week.md", ExportFormat::Markdown),
        ("~/week.jsonl ", ExportFormat::Jsonl),
        ("week.NDJSON", ExportFormat::Jsonl),
        ("week.json", ExportFormat::Jsonl),
    ] {
        assert_eq!(written(name), (format, true), "{name}");
    }
    for name in ["week.csv", "week", "week.2026-11"] {
        assert_eq!(written(name), (ExportFormat::Csv, false), "{name}");
    }
}

#[test]
fn filters_are_saved_as_a_view_and_come_back() {
    let mut state = state_with(80, 24, 10);
    keys(&mut state, "V");
    assert!(state.status.text().is_some_and(|notice| notice.contains("no views")));
    enter(&mut state, "fevent:Attach*");
    enter(&mut state, "fsince:02:00:05");
    keys(&mut state, "&wnight");
    let enter_key = crossterm::event::KeyEvent::from(KeyCode::Enter);
    let effects = update(&mut state, Msg::Key(enter_key), now());
    let [crate::app::effect::Effect::File(FileWork::ChangeViews(ViewChange::Save(name, view)))] =
        effects.as_slice()
    else {
        panic!("{effects:?}")
    };
    assert_eq!(
        (name.as_str(), view.filters.as_slice()),
        ("night", ["event:Attach*", "since:02:00:05"].map(str::to_owned).as_slice())
    );
    assert_eq!((view.sort, view.times), (Some(Sort::NEWEST_FIRST), Some(TimeStyle::Utc)));
    keys(&mut state, "&dd");
    assert_eq!(shown(&state), 10);
    keys(&mut state, "saT");
    keys(&mut state, "V");
    press(&mut state, KeyCode::Enter);
    assert_eq!((shown(&state), state.query.chips.chips.len()), (3, 2));
    assert_eq!(
        (state.list.sort(), state.query.columns.time),
        (Sort::NEWEST_FIRST, TimeStyle::Utc),
        "all of the view"
    );
    keys(&mut state, "Vd");
    assert_eq!((state.query.views.len(), state.overlay.picker().is_none(), shown(&state)), (0, true, 3));
    let broken = Views::from([(
        "x".to_owned(),
        SavedView { filters: vec!["acto:x".to_owned(), "bob".to_owned()], ..SavedView::default() },
    )]);
    send(&mut state, Msg::Views(broken));
    keys(&mut state, "V");
    press(&mut state, KeyCode::Enter);
    assert_eq!((state.query.chips.chips.len(), state.status.text().is_some()), (1, true));
}

#[test]
fn what_was_said_of_alerts_is_filtered_by_and_stays_until_it_is_out_of_sight() {
    let mut state = state_with(80, 24, 6);
    keys(&mut state, "ja");
    enter(&mut state, "#drill");
    enter(&mut state, "jcexpected");
    enter(&mut state, "fstate:open");
    assert_eq!((shown(&state), selected(&state)), (5, "alert-3"));
    keys(&mut state, "a");
    assert_eq!((shown(&state), selected(&state)), (5, "alert-3"), "it stays before one's eyes");
    keys(&mut state, "A");
    assert!(state.status.text().is_some_and(|words| words.contains("a filter asks")));
    keys(&mut state, "zg");
    assert_eq!(shown(&state), 5);
    keys(&mut state, "&d");
    for (filter, ids) in [
        ("state:ack", vec!["alert-4"]),
        ("tag:#drill", vec!["alert-4"]),
        ("note:EXPECTED", vec![]),
        ("note:expected", vec!["alert-3"]),
        ("-state:open", vec!["alert-4"]),
        ("tag:* or note:*", vec!["alert-4", "alert-3"]),
    ] {
        enter(&mut state, &format!("f{filter}"));
        if !filter.contains("state") {
            keys(&mut state, "A");
        }
        let found: Vec<_> = state.list.rows_on_screen(40).map(|row| row.id.0.as_str()).collect();
        assert_eq!(found, ids, "{filter}");
        if !filter.contains("state") {
            keys(&mut state, "A");
        }
        keys(&mut state, "&d");
    }
    keys(&mut state, "ftag:");
    let proposed = |state: &State| {
        let proposals = &state.overlay.prompt().unwrap().proposals;
        proposals.iter().map(|proposal| proposal.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(proposed(&state), ["drill"]);
    press(&mut state, KeyCode::Esc);
    keys(&mut state, "fstate:");
    assert_eq!(proposed(&state), ["open", "acknowledged"]);
    press(&mut state, KeyCode::Esc);
    keys(&mut state, "sg");
    assert!(state.status.text().is_some_and(|words| words.contains("not by triage")));
}
