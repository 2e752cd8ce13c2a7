//! Triage at the keyboard: choosing alerts, acknowledging, noting and tagging them, and undoing it.
//!
//! An action is about the marked alerts and the range that is being drawn, else about the selected
//! one; always by id. The store makes the change and answers with the rows as they are then, so that the
//! screen never shows what is not on disk; its answer also holds the changes that undo it.

mod confirm;

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::AlertId;
use tui_input::{Input, InputRequest};

use crate::app::triage::confirm::Confirm;
use crate::app::{Effect, State};
use crate::format;
use crate::keymap::{Action, Pane};
use crate::model::{Row, TriageAction, TriageCommand, TriageOutcome};
use crate::widget::text;

/// Steps that can be undone.
const MOST_UNDO: usize = 100;
/// Characters of a note.
const LONGEST_NOTE: usize = 1_000;
/// Cells that what was done may take.
const MOST_TOLD: usize = 50;

/// Text that is typed at the bottom of the screen for some alerts.
#[derive(Debug)]
pub(crate) struct TriagePrompt {
    pub(crate) asks: TriagePromptKind,
    pub(crate) alerts: Vec<AlertId>,
    pub(crate) input: Input,
}

/// Kind of text that a [`TriagePrompt`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TriagePromptKind {
    Note,
    Tags,
}

/// State of triage: the marked alerts, the open prompt or question, and the steps to undo.
#[derive(Debug, Default)]
pub(crate) struct Triage {
    marks: HashSet<AlertId>,
    /// The end of a range that stays; the other is the cursor.
    anchor: Option<Box<Row>>,
    pub(crate) prompt: Option<TriagePrompt>,
    /// Question to be answered before many alerts are changed.
    pub(crate) question: Option<Confirm>,
    /// Changes that undo each earlier step, the latest step at the end.
    undo: Vec<Vec<TriageCommand>>,
    /// Message on the last line, shown until the next key.
    pub(crate) notice: Option<String>,
}

impl Triage {
    pub(crate) fn is_marked(&self, id: &AlertId) -> bool {
        self.marks.contains(id)
    }

    pub(crate) fn anchor(&self) -> Option<&Row> {
        self.anchor.as_deref()
    }

    /// True where the last line must show a prompt, a question or a message, whatever else is wrong.
    pub(crate) const fn asks(&self) -> bool {
        self.takes_keys() || self.notice.is_some()
    }

    /// True where keys go to a prompt or a question and not to the list.
    pub(crate) const fn takes_keys(&self) -> bool {
        self.prompt.is_some() || self.question.is_some()
    }

    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty() || self.anchor.is_some()
    }
}

/// Takes a key while something is typed. None where nothing is.
pub(super) fn key(state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
    // What was said of the last key is read by now.
    state.triage.notice = None;
    if state.triage.question.is_some() {
        return Some(confirm::key(state, key));
    }
    let prompt = state.triage.prompt.as_mut()?;
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    let request = match key.code {
        KeyCode::Enter => {
            let prompt = state.triage.prompt.take()?;
            return Some(submit(state, prompt));
        }
        KeyCode::Esc => {
            state.triage.prompt = None;
            return Some(Vec::new());
        }
        KeyCode::Char('c') if control => {
            state.triage.prompt = None;
            return Some(Vec::new());
        }
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char('u') if control => InputRequest::DeleteLine,
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char(letter) if !control && prompt.input.value().chars().count() < LONGEST_NOTE => {
            InputRequest::InsertChar(letter)
        }
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return Some(Vec::new()),
    };
    prompt.input.handle(request);
    Some(Vec::new())
}

fn submit(state: &mut State, prompt: TriagePrompt) -> Vec<Effect> {
    let typed = prompt.input.value().trim();
    let changes: Vec<TriageAction> = match prompt.asks {
        TriagePromptKind::Note => {
            vec![TriageAction::Note(Some(typed.to_owned()).filter(|note| !note.is_empty()))]
        }
        TriagePromptKind::Tags => typed
            .split_whitespace()
            .filter_map(|word| match word.strip_prefix('-') {
                Some(tag) => Some(TriageAction::Untag(tag_of(tag)?)),
                None => Some(TriageAction::Tag(tag_of(word)?)),
            })
            .collect(),
    };
    let commands: Vec<_> =
        changes.into_iter().map(|change| TriageCommand { alerts: prompt.alerts.clone(), change }).collect();
    confirm::first(state, commands, Some(prompt))
}

fn tag_of(word: &str) -> Option<String> {
    let tag = word.trim_start_matches('#');
    (!tag.is_empty()).then(|| tag.to_owned())
}

/// Does an action of triage; `None` for every other action.
pub(super) fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Mark => mark(state),
        Action::Range => range(state),
        Action::Acknowledge => return Some(say(state, TriageAction::Acknowledge)),
        Action::Reopen => return Some(say(state, TriageAction::Reopen)),
        Action::Note => ask(state, TriagePromptKind::Note),
        Action::Tag => ask(state, TriagePromptKind::Tags),
        Action::Undo => return Some(undo(state)),
        Action::Acknowledged => {
            let words = match state.list.show_acknowledged() {
                Some(true) => "acknowledged alerts are shown",
                Some(false) => "acknowledged alerts are hidden",
                None => "a filter asks for the state, and says which are shown: & lists the filters",
            };
            state.triage.notice = Some(words.to_owned());
            state.count();
        }
        // What is marked goes first: one can't see what else Back would do.
        Action::Back if state.focus == Pane::List && state.triage.has_marks() => {
            if state.triage.anchor.take().is_none() {
                state.triage.marks.clear();
            }
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Writes a note or tags that are there already. None for every other action.
pub(super) fn act_with(state: &mut State, action: Action, text: &str) -> Option<Vec<Effect>> {
    let asks = match action {
        Action::Note => TriagePromptKind::Note,
        Action::Tag => TriagePromptKind::Tags,
        _ => return None,
    };
    ask(state, asks);
    let mut prompt = state.triage.prompt.take()?;
    prompt.input = Input::new(text.chars().take(LONGEST_NOTE).collect());
    Some(submit(state, prompt))
}

fn mark(state: &mut State) {
    if state.triage.anchor.is_some() {
        // A range becomes marks.
        state.triage.marks = meant(state).into_iter().collect();
        state.triage.anchor = None;
        return;
    }
    let Some(row) = state.list.selected_row() else { return };
    let id = row.id.clone();
    if !state.triage.marks.remove(&id) {
        state.triage.marks.insert(id);
    }
    // So that a row after the other can be marked; and what comes must not move the cursor.
    state.list.stay();
    let height = state.layout().list_rows();
    if state.focus == Pane::List {
        state.list.step(1, height);
    }
}

fn range(state: &mut State) {
    if state.triage.anchor.is_some() {
        state.triage.marks = meant(state).into_iter().collect();
        state.triage.anchor = None;
    } else if let Some(row) = state.list.selected_row() {
        state.triage.anchor = Some(Box::new(row.clone()));
        state.list.stay();
    }
}

/// The alerts that are meant: marks and range, else the selected one.
fn meant(state: &State) -> Vec<AlertId> {
    let mut meant = state.triage.marks.clone();
    if let Some(anchor) = state.triage.anchor() {
        let rows = state.list.range(anchor).filter_map(|at| state.list.shown_at(at));
        meant.extend(rows.map(|row| row.id.clone()));
    }
    if meant.is_empty() {
        meant.extend(state.list.selected_row().map(|row| row.id.clone()));
    }
    meant.into_iter().collect()
}

fn say(state: &mut State, change: TriageAction) -> Vec<Effect> {
    let alerts = meant(state);
    confirm::first(state, vec![TriageCommand { alerts, change }], None)
}

fn ask(state: &mut State, asks: TriagePromptKind) {
    let alerts = meant(state);
    if alerts.is_empty() {
        return;
    }
    // Of one alert the note is there to be changed; of several a new one takes their place.
    let row = state.list.selected_row().filter(|row| alerts.len() == 1 && alerts.contains(&row.id));
    let remarks = row.and_then(|row| row.remarks.as_deref()).filter(|_| asks == TriagePromptKind::Note);
    let known = remarks.and_then(|remarks| remarks.note.clone()).unwrap_or_default();
    state.list.stay();
    state.triage.prompt = Some(TriagePrompt { asks, alerts, input: Input::new(known) });
}

fn perform(state: &mut State, commands: Vec<TriageCommand>) -> Vec<Effect> {
    if commands.iter().all(|command| command.alerts.is_empty()) {
        return Vec::new();
    }
    state.list.stay();
    state.triage.marks.clear();
    state.triage.anchor = None;
    vec![Effect::Triage { commands, undo: false }]
}

fn undo(state: &mut State) -> Vec<Effect> {
    let Some(commands) = state.triage.undo.pop() else {
        state.triage.notice = Some("there is nothing to undo".to_owned());
        return Vec::new();
    };
    vec![Effect::Triage { commands, undo: true }]
}

/// Takes in the store's answer to triage changes.
pub(super) fn done(state: &mut State, commands: &[TriageCommand], undo: bool, done: TriageOutcome) {
    let changed = done.rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len();
    state.list.insert(done.rows);
    state.count();
    let words = told(commands);
    let alerts = format!("{} alert{}", format::number(changed as u64), if changed == 1 { "" } else { "s" });
    state.triage.notice = Some(match (changed, undo) {
        (0, _) => "nothing to change: it is so already".to_owned(),
        (_, true) => format!("undone. {alerts}: {words}"),
        (_, false) => format!("{alerts}: {words}; z undoes"),
    });
    if !undo && changed > 0 {
        state.triage.undo.push(done.undo);
        let surplus = state.triage.undo.len().saturating_sub(MOST_UNDO);
        state.triage.undo.drain(..surplus);
    }
}

/// Describes the changes in so few words that the text behind them is on the screen too.
fn told(commands: &[TriageCommand]) -> String {
    let all: Vec<_> = commands.iter().map(|command| command.change.to_string()).collect();
    let mut words = String::new();
    for (at, word) in all.iter().enumerate() {
        if at > 0 && text::width(&words) + text::width(word) > MOST_TOLD {
            return format!("{words} and {} more", all.len() - at);
        }
        words.push_str(if at > 0 { ", " } else { "" });
        words.push_str(&text::fit(word, text::width(word).min(MOST_TOLD)));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::model::testing::{now, rows};
    use crate::model::{Event, TriageState};
    use crate::view::testing::{press, send, state_with, type_in};
    use proptest::prelude::*;

    fn name(id: &AlertId) -> &str {
        id.0.trim_start_matches("alert-")
    }

    fn shown(state: &State) -> Vec<&str> {
        (0..state.list.len()).filter_map(|at| state.list.shown_at(at)).map(|row| name(&row.id)).collect()
    }

    fn selected(state: &State) -> &str {
        name(&state.list.selected_row().unwrap().id)
    }

    fn acknowledged(state: &State) -> Vec<&str> {
        let acknowledged = state.list.all().filter(|row| row.state == TriageState::Acknowledged);
        let mut ids: Vec<_> = acknowledged.map(|row| name(&row.id)).collect();
        ids.sort_unstable();
        ids
    }

    fn notice(state: &State) -> &str {
        state.triage.notice.as_deref().unwrap_or_default()
    }

    #[test]
    fn an_acknowledged_alert_fades_where_it_is_and_leaves_when_it_is_out_of_sight() {
        let mut state = state_with(80, 8, 20);
        type_in(&mut state, "ja");
        assert_eq!((selected(&state), acknowledged(&state)), ("18", vec!["18"]));
        assert_eq!((shown(&state).len(), notice(&state)), (20, "1 alert: acknowledged; z undoes"));
        type_in(&mut state, "jjjjjjj");
        assert_eq!((selected(&state), shown(&state).len(), state.counts.acknowledged), ("11", 19, 1));
        type_in(&mut state, "A");
        assert_eq!((selected(&state), shown(&state).len()), ("11", 20));
        type_in(&mut state, "Az");
        assert_eq!((shown(&state).len(), acknowledged(&state).len()), (20, 0));
        type_in(&mut state, "z");
        assert_eq!(notice(&state), "there is nothing to undo");
    }

    #[test]
    fn the_newest_brings_the_list_as_it_would_be_afresh() {
        let mut state = state_with(80, 24, 3);
        type_in(&mut state, "a");
        assert_eq!(shown(&state), ["2", "1", "0"]);
        type_in(&mut state, "g");
        assert_eq!((shown(&state), selected(&state)), (vec!["1", "0"], "1"));
    }

    #[test]
    fn marks_and_ranges_are_meant_instead_of_the_selected_one() {
        let mut state = state_with(80, 24, 6);
        // 5 and 3 are marked, each with a step down; the range goes from 1 to 0.
        type_in(&mut state, "mjmjvj");
        type_in(&mut state, "a");
        assert_eq!(acknowledged(&state), ["0", "1", "3", "5"]);
        assert!(!state.triage.has_marks());
        type_in(&mut state, "zmv");
        press(&mut state, KeyCode::Esc);
        assert!(state.triage.anchor().is_none() && state.triage.has_marks());
        press(&mut state, KeyCode::Esc);
        assert!(!state.triage.has_marks());
    }

    #[test]
    fn notes_and_tags_are_typed_and_keys_are_letters_then() {
        let mut state = state_with(80, 24, 2);
        let said = |state: &State| state.list.selected_row().unwrap().remarks.clone().unwrap();
        type_in(&mut state, "cquit at 3");
        press(&mut state, KeyCode::Backspace);
        press(&mut state, KeyCode::Enter);
        assert_eq!(said(&state).note.as_deref(), Some("quit at"));
        type_in(&mut state, "##drill -none ops");
        press(&mut state, KeyCode::Enter);
        assert_eq!(said(&state).tags, ["drill", "ops"]);
        type_in(&mut state, "#-drill");
        press(&mut state, KeyCode::Enter);
        assert_eq!(said(&state).tags, ["ops"]);
        type_in(&mut state, "cx");
        assert_eq!(
            state.triage.prompt.as_ref().unwrap().input.value(),
            "quit atx",
            "it is there to be changed"
        );
        press(&mut state, KeyCode::Esc);
        assert_eq!((said(&state).note.as_deref(), state.triage.prompt.is_none()), (Some("quit at"), true));
        type_in(&mut state, "c");
        for _ in 0..9 {
            press(&mut state, KeyCode::Backspace);
        }
        press(&mut state, KeyCode::Enter);
        assert_eq!(said(&state).note, None);
    }

    #[test]
    fn of_many_tags_some_are_named_when_they_are_undone_too() {
        let commands = ["drill", "expected", "vendor", "ticket-4711"]
            .map(|tag| TriageCommand { alerts: Vec::new(), change: TriageAction::Untag(tag.to_owned()) });
        assert_eq!(told(&commands), "tag drill taken away, tag expected taken away and 2 more");
        assert_eq!(told(&commands[..1]), "tag drill taken away");
        let long = TriageCommand { alerts: Vec::new(), change: TriageAction::Tag("x".repeat(90)) };
        assert!(told(&[long]).ends_with('…'));
    }

    #[test]
    fn what_another_console_says_is_seen_and_moves_nothing() {
        let mut state = state_with(80, 24, 6);
        let mut changed = rows(2..4);
        for row in &mut changed {
            row.state = TriageState::Acknowledged;
        }
        send(&mut state, Event::Stored(changed));
        assert_eq!((selected(&state), shown(&state)), ("5", vec!["5", "4", "3", "2", "1", "0"]));
        assert_eq!(acknowledged(&state), ["2", "3"]);
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        let mut state = State::new(80, 24, now());
        type_in(&mut state, "arc#mvzA");
        assert!(state.triage.prompt.is_none() && !state.triage.has_marks());
    }

    proptest! {
        // Each makes thirty alerts with the real detector.
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn nothing_that_is_seen_moves_by_triage(
            down in 1..25_usize,
            filter in prop::sample::select(vec!["", "state:open", "-tag:x"]),
            keys in prop::collection::vec(prop::sample::select(vec!["a", "r", "z", "m", "v"]), 1..12),
        ) {
            let mut state = state_with(80, 9, 30);
            type_in(&mut state, &format!("f{filter}"));
            press(&mut state, KeyCode::Enter);
            type_in(&mut state, &"j".repeat(down));
            for key in keys {
                let screen = |state: &State| {
                    let rows = state.list.on_screen().take(state.layout().list_rows());
                    rows.map(|(_, row)| row.id.clone()).collect::<Vec<_>>()
                };
                let (seen, at) = (screen(&state), state.list.selected_row().unwrap().id.clone());
                type_in(&mut state, key);
                // A mark steps down.
                if key != "m" {
                    prop_assert_eq!(&state.list.selected_row().unwrap().id, &at);
                    prop_assert_eq!(screen(&state), seen);
                }
            }
        }
    }
}
