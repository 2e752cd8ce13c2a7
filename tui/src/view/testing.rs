//! The harness of tests of keys and screens: a console with alerts, keys and mouse as the user sends them, and the
//! screen as text with a map of its styles beside it.

use std::fmt::Write as _;
use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use detector::joins::{Join, Part};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Style};

use crate::app::effect::{Effect, Lookup};
use crate::app::msg::{Answer, Msg};
use crate::app::{State, update};
use crate::console::steps;
use crate::incidents::{Incident, Overview, Record, Records};
use crate::model::testing::{alert, now, rows};
use crate::model::{Backlog, Content, Event, SourceStatus, TriageAction, TriageOutcome, TriageStep};
use crate::theme::Theme;

/// Makes a live console with so many alerts.
pub(crate) fn state_with(width: u16, height: u16, alerts: i64) -> State {
    let mut state = State::new(width, height, now());
    send(&mut state, Event::Source(SourceStatus::Live { last_receive: now(), backlog: Backlog::default() }));
    send(&mut state, Event::Stored(rows(0..alerts)));
    state
}

/// Presses a key.
pub(crate) fn press(state: &mut State, code: KeyCode) {
    send(state, Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
}

/// Presses a key with Alt held down.
pub(crate) fn press_alt(state: &mut State, code: KeyCode) {
    send(state, Msg::Key(KeyEvent::new(code, KeyModifiers::ALT)));
}

/// Types, a key for each letter.
pub(crate) fn type_in(state: &mut State, text: &str) {
    for letter in text.chars() {
        press(state, KeyCode::Char(letter));
    }
}

/// Does something with the mouse, at a place of the screen.
pub(crate) fn mouse(state: &mut State, kind: MouseEventKind, column: u16, row: u16) {
    let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
    let hit = super::hit(state, column, row);
    send(state, Msg::Mouse(event, hit));
}

/// Sends a message, and answers its effects as the store would.
pub(crate) fn send(state: &mut State, msg: impl Into<Msg>) {
    for effect in update(state, msg, now()) {
        match effect {
            Effect::Lookup(lookup) => {
                if let Some(answer) = answer(lookup) {
                    send(state, answer);
                }
            }
            Effect::Triage { commands, undo } => {
                let outcome = TriageOutcome::of_rows(state.list().all().cloned().collect(), &commands);
                send(state, Msg::Triaged { commands, undo, outcome });
            }
            _ => {}
        }
    }
}

/// Makes the triage history of an alert, newest step first.
fn history() -> Vec<TriageStep> {
    let step = |by: &str, action| TriageStep { by: by.to_owned(), at: now(), action };
    let note = TriageAction::Note(Some("asked the team".to_owned()));
    vec![
        step("ana", TriageAction::Acknowledge),
        step("bo", TriageAction::Tag("drill".to_owned())),
        step("ana", note),
    ]
}

/// Incidents of the first nine alerts: three by one key, and others that nothing joins.
fn incidents() -> Overview {
    Overview { incidents: incidents_of(0..9, 3..6), since: None }
}

/// Incidents of so many alerts, of which these are by one key.
fn incidents_of(alerts: Range<i64>, by_one_key: Range<i64>) -> Vec<Incident> {
    let mut records = Records::default();
    for second in alerts {
        let incoming = alert(&format!("alert-{second}"), second);
        let Content::Alert(mut alert) = incoming.content else { continue };
        let joins = vec![Join(Part::Use, "cred".to_owned(), "AKIAONE".to_owned())];
        alert.joins = if by_one_key.contains(&second) { joins } else { Vec::new() };
        alert.record = None;
        records.add(Record::of_alert(&alert, false));
    }
    records.incidents()
}

fn answer(lookup: Lookup) -> Option<Answer> {
    Some(match lookup {
        Lookup::Load(id) => {
            let second = id.0.trim_start_matches("alert-").parse().unwrap_or(0);
            let content = alert(&id.0, second).content;
            Answer::Loaded(id, Some(content))
        }
        Lookup::Rules(rules) => Answer::Rules(rules.join(" ")),
        Lookup::Steps(id, rules) => Answer::Steps(id, steps(&rules)),
        Lookup::Related(id) => Answer::Related(id, Ok(Vec::new())),
        Lookup::History(id) => Answer::History(id, history()),
        Lookup::Incidents => Answer::Incidents(Ok(incidents())),
        Lookup::IncidentsOf(id) => {
            let mut older = incidents_of(10..13, 10..13);
            older.retain(|incident| incident.alerts.contains(&id.0));
            Answer::IncidentsOf(id, Ok(older))
        }
        Lookup::Row(id) => Answer::Row(rows(0..20).into_iter().find(|row| row.id == id).map(Box::new)),
        Lookup::FacetValues(id, _) => {
            Answer::FacetValues(id, vec![None, Some("AKIAEXAMPLE0000000003".to_owned())])
        }
        Lookup::FacetValue(id, facet) => Answer::FacetValue(id, facet, None),
        Lookup::Sharing { .. } | Lookup::Older(..) | Lookup::Seek { .. } => return None,
    })
}

/// The screen, then a letter for each cell's style and what each letter is.
pub(crate) fn screen(state: &State, colours: bool) -> String {
    screen_in(state, Theme::new(colours))
}

/// The same in a theme.
pub(crate) fn screen_in(state: &State, theme: Theme) -> String {
    let (width, height) = state.size();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| crate::view::draw_with(frame, state, theme)).unwrap();
    let buffer = terminal.backend().buffer();
    let (mut text, mut map, mut styles) = (String::new(), String::new(), vec![Style::new()]);
    for y in 0..height {
        let (mut line, mut letters) = (String::new(), String::new());
        for x in 0..width {
            let cell = &buffer[(x, y)];
            line.push_str(cell.symbol());
            let style = Style::new().fg(cell.fg).add_modifier(cell.modifier);
            let style =
                if cell.fg == Color::Reset { Style::new().add_modifier(cell.modifier) } else { style };
            let at = styles.iter().position(|known| *known == style).unwrap_or_else(|| {
                styles.push(style);
                styles.len() - 1
            });
            letters.push(if at == 0 { '.' } else { char::from(b'a' + u8::try_from(at - 1).unwrap()) });
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
        writeln!(map, "{letters}").unwrap();
    }
    let mut out = format!("{text}\n{map}\n");
    for (at, style) in styles.iter().enumerate().skip(1) {
        let colour = style.fg.map_or_else(String::new, |colour| format!("{colour} "));
        let weight: Vec<_> = style.add_modifier.iter_names().map(|(name, _)| name).collect();
        let letter = char::from(b'a' + u8::try_from(at - 1).unwrap());
        writeln!(out, "{letter} = {}", format!("{colour}{}", weight.join(" ")).trim()).unwrap();
    }
    out
}
