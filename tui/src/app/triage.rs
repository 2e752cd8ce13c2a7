//! Triage at the keyboard: which alerts are meant, what is said of them, and the way back.
//!
//! What is meant are the marked alerts and the range that is being drawn, else the selected one;
//! always by id. The store does it and answers with the rows as they are then, so that the screen
//! never says what is not on disk; its answer also holds what undoes it.

use std::collections::HashSet;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::AlertId;
use jiff::Timestamp;
use tui_input::{Input, InputRequest};

use super::{Effect, Focus, State};
use crate::keymap::Action;
use crate::store::{Change, Deed, Triaged};
use crate::widget::text;

/// Steps that can be undone.
const MOST_UNDO: usize = 100;
/// Characters of a note.
const LONGEST_NOTE: usize = 1_000;

/// What is typed at the bottom of the screen.
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) asks: Asks,
    pub(crate) alerts: Vec<AlertId>,
    pub(crate) input: Input,
}

/// What it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    Note,
    Tags,
}

/// What is so now.
#[derive(Debug, Default)]
pub(crate) struct Triage {
    marks: HashSet<AlertId>,
    /// The end of a range that stays; the other is the cursor.
    anchor: Option<(Timestamp, AlertId)>,
    pub(crate) prompt: Option<Prompt>,
    /// What undoes what was done, the last at the end.
    undo: Vec<Vec<Deed>>,
    /// What came of the last key.
    pub(crate) notice: Option<String>,
}

impl Triage {
    pub(crate) fn is_marked(&self, id: &AlertId) -> bool {
        self.marks.contains(id)
    }

    pub(crate) fn anchor(&self) -> Option<(Timestamp, &AlertId)> {
        self.anchor.as_ref().map(|(time, id)| (*time, id))
    }

    /// Whether something must be on the last line whatever else is wrong.
    pub(crate) const fn asks(&self) -> bool {
        self.prompt.is_some() || self.notice.is_some()
    }

    pub(crate) fn has_marks(&self) -> bool {
        !self.marks.is_empty() || self.anchor.is_some()
    }
}

/// Takes a key while something is typed. None where nothing is.
pub(super) fn key(state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
    // What was said of the last key is read by now.
    state.triage.notice = None;
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

fn submit(state: &mut State, prompt: Prompt) -> Vec<Effect> {
    let typed = prompt.input.value().trim();
    let changes: Vec<Change> = match prompt.asks {
        Asks::Note => vec![Change::Note(Some(typed.to_owned()).filter(|note| !note.is_empty()))],
        Asks::Tags => typed
            .split_whitespace()
            .filter_map(|word| match word.strip_prefix('-') {
                Some(tag) => Some(Change::Untag(tag_of(tag)?)),
                None => Some(Change::Tag(tag_of(word)?)),
            })
            .collect(),
    };
    let deeds: Vec<_> =
        changes.into_iter().map(|change| Deed { alerts: prompt.alerts.clone(), change }).collect();
    perform(state, deeds)
}

fn tag_of(word: &str) -> Option<String> {
    let tag = word.trim_start_matches('#');
    (!tag.is_empty()).then(|| tag.to_owned())
}

/// Does what triage's keys ask for. None for every other action.
pub(super) fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    match action {
        Action::Mark => mark(state),
        Action::Range => range(state),
        Action::Acknowledge => return Some(say(state, Change::Acknowledge)),
        Action::Reopen => return Some(say(state, Change::Reopen)),
        Action::Note => ask(state, Asks::Note),
        Action::Tag => ask(state, Asks::Tags),
        Action::Undo => return Some(undo(state)),
        Action::Acknowledged => {
            let shown = state.list.show_acknowledged();
            let words =
                if shown { "acknowledged alerts are shown" } else { "acknowledged alerts are hidden" };
            state.triage.notice = Some(words.to_owned());
            state.count();
        }
        // What is marked goes first: one can't see what else Back would do.
        Action::Back if state.focus == Focus::List && state.triage.has_marks() => {
            if state.triage.anchor.take().is_none() {
                state.triage.marks.clear();
            }
        }
        _ => return None,
    }
    Some(Vec::new())
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
    if state.focus == Focus::List {
        state.list.step(1, height);
    }
}

fn range(state: &mut State) {
    if state.triage.anchor.is_some() {
        state.triage.marks = meant(state).into_iter().collect();
        state.triage.anchor = None;
    } else if let Some(row) = state.list.selected_row() {
        state.triage.anchor = Some((row.time, row.id.clone()));
        state.list.stay();
    }
}

/// The alerts that are meant: marks and range, else the selected one.
fn meant(state: &State) -> Vec<AlertId> {
    let mut meant = state.triage.marks.clone();
    if let Some(anchor) = state.triage.anchor() {
        let rows = state.list.range(anchor);
        meant.extend(state.list.rows().get(rows).into_iter().flatten().map(|row| row.id.clone()));
    }
    if meant.is_empty() {
        meant.extend(state.list.selected_row().map(|row| row.id.clone()));
    }
    meant.into_iter().collect()
}

fn say(state: &mut State, change: Change) -> Vec<Effect> {
    let alerts = meant(state);
    perform(state, vec![Deed { alerts, change }])
}

fn ask(state: &mut State, asks: Asks) {
    let alerts = meant(state);
    if alerts.is_empty() {
        return;
    }
    // Of one alert the note is there to be changed; of several a new one takes their place.
    let row = state.list.selected_row().filter(|row| alerts.len() == 1 && alerts.contains(&row.id));
    let remarks = row.and_then(|row| row.remarks.as_deref()).filter(|_| asks == Asks::Note);
    let known = remarks.and_then(|remarks| remarks.note.clone()).unwrap_or_default();
    state.list.stay();
    state.triage.prompt = Some(Prompt { asks, alerts, input: Input::new(known) });
}

fn perform(state: &mut State, deeds: Vec<Deed>) -> Vec<Effect> {
    if deeds.iter().all(|deed| deed.alerts.is_empty()) {
        return Vec::new();
    }
    state.list.stay();
    state.triage.marks.clear();
    state.triage.anchor = None;
    vec![Effect::Triage { deeds, undo: false }]
}

fn undo(state: &mut State) -> Vec<Effect> {
    let Some(deeds) = state.triage.undo.pop() else {
        state.triage.notice = Some("there is nothing to undo".to_owned());
        return Vec::new();
    };
    vec![Effect::Triage { deeds, undo: true }]
}

/// Takes in what came of it.
pub(super) fn done(state: &mut State, deeds: &[Deed], undo: bool, done: Triaged) {
    let changed = done.rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len();
    state.list.insert(done.rows);
    state.count();
    let words: Vec<_> = deeds.iter().map(|deed| deed.change.to_string()).collect();
    let mut words = words.join(", ");
    if words.len() > 60 {
        "changed".clone_into(&mut words);
    }
    let alerts = format!("{} alert{}", text::number(changed as u64), if changed == 1 { "" } else { "s" });
    state.triage.notice = Some(match (changed, undo) {
        (0, _) => "nothing to change: it is so already".to_owned(),
        (_, true) => format!("undone: {words} {alerts}"),
        (_, false) => format!("{words} {alerts}: z undoes"),
    });
    if !undo && changed > 0 {
        state.triage.undo.push(done.undo);
        let surplus = state.triage.undo.len().saturating_sub(MOST_UNDO);
        state.triage.undo.drain(..surplus);
    }
}
