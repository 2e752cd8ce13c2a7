//! Actions of triage, and the keys of its prompt and its question. They become `Effect::Triage`; the store's
//! answer goes to `outcome.rs`.

use crossterm::event::KeyEvent;
use detector::AlertId;

use crate::app::effect::{Effect, Handled};
use crate::app::list::{Counts, List};
use crate::app::overlay::{Overlay, Overlays};
use crate::app::status::{NONE_SELECTED, StatusLine};
use crate::app::triage::Triage;
use crate::app::triage::confirm::Confirm;
use crate::app::triage::prompt::{PromptKey, TriagePrompt, TriagePromptKind};
use crate::keymap::{Action, Pane};
use crate::model::{TriageAction, TriageCommand};

/// The parts that triage works on, borrowed from the state for one key or action.
pub(crate) struct Triaging<'a> {
    pub(crate) triage: &'a mut Triage,
    pub(crate) list: &'a mut List,
    pub(crate) counts: &'a mut Counts,
    pub(crate) overlay: &'a mut Overlays,
    pub(crate) status: &'a mut StatusLine,
    /// The focused pane.
    pub(crate) pane: Pane,
}

/// Does an action of triage.
pub(crate) fn act(on: &mut Triaging<'_>, action: Action) -> Handled {
    match action {
        Action::Mark => mark(on),
        Action::MarkAll => mark_all(on),
        Action::Range => range(on),
        Action::Acknowledge => return Some(change(on, TriageAction::Acknowledge)),
        Action::Reopen => return Some(change(on, TriageAction::Reopen)),
        Action::Note => ask(on, TriagePromptKind::Note),
        Action::Tag => ask(on, TriagePromptKind::Tags),
        Action::Undo => return Some(undo(on)),
        Action::Acknowledged => {
            on.status.set(match on.list.show_acknowledged() {
                Some(true) => "acknowledged alerts are shown",
                Some(false) => "acknowledged alerts are hidden",
                None => "a filter asks for the state, and says which are shown: & lists the filters",
            });
            *on.counts = on.list.counts();
        }
        // Marks go first: they are what the user sees.
        Action::Back if on.pane == Pane::List && on.triage.has_marks() => {
            if on.triage.anchor.take().is_none() {
                on.triage.marks.clear();
            }
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Writes a note or tags that are there already.
pub(crate) fn act_with(on: &mut Triaging<'_>, action: Action, text: &str) -> Handled {
    let asks = match action {
        Action::Note => TriagePromptKind::Note,
        Action::Tag => TriagePromptKind::Tags,
        _ => return None,
    };
    let alerts = meant(on);
    if alerts.is_empty() {
        return None;
    }
    on.list.stay();
    Some(submit(on, TriagePrompt::new(asks, alerts, text)))
}

/// Takes a key of the prompt.
pub(crate) fn prompt_key(on: &mut Triaging<'_>, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::TriagePrompt(prompt)) = on.overlay.get_mut() else { return Vec::new() };
    match prompt.key(key) {
        PromptKey::Stays => Vec::new(),
        PromptKey::Left => {
            on.overlay.close();
            Vec::new()
        }
        PromptKey::Accepted => match on.overlay.take() {
            Some(Overlay::TriagePrompt(prompt)) => submit(on, prompt),
            _ => Vec::new(),
        },
    }
}

/// Takes the answer to the question: y is yes, every other key is no. Marks stay, and so does what was typed.
pub(crate) fn confirm_key(on: &mut Triaging<'_>, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Confirm(Confirm { commands, prompt })) = on.overlay.take() else { return Vec::new() };
    if Confirm::is_yes(key) {
        return request(on, commands);
    }
    match prompt {
        Some(prompt) => on.overlay.open(Overlay::TriagePrompt(prompt)),
        None => on.status.set("nothing was changed"),
    }
    Vec::new()
}

fn submit(on: &mut Triaging<'_>, prompt: TriagePrompt) -> Vec<Effect> {
    let commands = prompt.commands();
    confirm(on, commands, Some(prompt))
}

/// Acknowledges these alerts, after a question where they are many.
pub(crate) fn acknowledge(on: &mut Triaging<'_>, alerts: Vec<AlertId>) -> Vec<Effect> {
    confirm(on, vec![TriageCommand { alerts, action: TriageAction::Acknowledge }], None)
}

/// Changes alerts, after a question where these are many.
fn confirm(on: &mut Triaging<'_>, commands: Vec<TriageCommand>, prompt: Option<TriagePrompt>) -> Vec<Effect> {
    if !Confirm::is_needed(&commands) {
        return request(on, commands);
    }
    // The alerts that are meant must not change while the question is open.
    on.list.stay();
    on.overlay.open(Overlay::Confirm(Confirm { commands, prompt }));
    Vec::new()
}

fn mark(on: &mut Triaging<'_>) {
    if on.triage.anchor.is_some() {
        end_range(on);
        return;
    }
    let ids: Vec<_> = on.list.selected_rows().map(|row| row.id.clone()).collect();
    if ids.iter().all(|id| on.triage.is_marked(id)) {
        on.triage.marks.retain(|id| !ids.contains(id));
    } else {
        on.triage.marks.extend(ids);
    }
    // So that a row after the other can be marked; and what comes must not move the cursor.
    on.list.stay();
    if on.pane == Pane::List {
        on.list.step(1);
    }
}

/// Marks all that is shown; where it is marked, none.
fn mark_all(on: &mut Triaging<'_>) {
    on.list.stay();
    on.triage.anchor = None;
    let ids = on.list.ids();
    if ids.iter().all(|id| on.triage.is_marked(id)) {
        on.triage.marks.clear();
    } else {
        on.triage.marks.extend(ids);
    }
}

fn range(on: &mut Triaging<'_>) {
    if on.triage.anchor.is_some() {
        end_range(on);
    } else if let Some(row) = on.list.selected_row() {
        on.triage.anchor = Some(Box::new(row.clone()));
        on.list.stay();
    }
}

/// Makes marks of the range that is being drawn.
fn end_range(on: &mut Triaging<'_>) {
    on.triage.marks = meant(on).into_iter().collect();
    on.triage.anchor = None;
}

/// Returns the alerts that are meant: marks and range, else the selected one.
fn meant(on: &Triaging<'_>) -> Vec<AlertId> {
    let mut meant = on.triage.marks.clone();
    if let Some(anchor) = on.triage.anchor() {
        let rows = on.list.range(anchor).filter_map(|at| on.list.shown_at(at));
        meant.extend(rows.map(|row| row.id.clone()));
    }
    if meant.is_empty() && on.pane == Pane::Detail {
        // The detail shows one alert, and no line into which others may be folded.
        meant.extend(on.list.selected_row().map(|row| row.id.clone()));
    } else if meant.is_empty() {
        // A line stands for all that are folded into it.
        meant.extend(on.list.selected_rows().map(|row| row.id.clone()));
    }
    meant.into_iter().collect()
}

fn change(on: &mut Triaging<'_>, action: TriageAction) -> Vec<Effect> {
    let alerts = meant(on);
    if alerts.is_empty() {
        on.status.set(NONE_SELECTED);
    }
    confirm(on, vec![TriageCommand { alerts, action }], None)
}

fn ask(on: &mut Triaging<'_>, asks: TriagePromptKind) {
    let alerts = meant(on);
    if alerts.is_empty() {
        on.status.set(NONE_SELECTED);
        return;
    }
    // Of one alert the note is there to be changed; of several a new one takes their place.
    let row = on.list.selected_row().filter(|row| alerts.len() == 1 && alerts.contains(&row.id));
    let remarks = row.and_then(|row| row.remarks.as_deref()).filter(|_| asks == TriagePromptKind::Note);
    let known = remarks.and_then(|remarks| remarks.note.clone()).unwrap_or_default();
    on.list.stay();
    on.overlay.open(Overlay::TriagePrompt(TriagePrompt::new(asks, alerts, &known)));
}

fn request(on: &mut Triaging<'_>, commands: Vec<TriageCommand>) -> Vec<Effect> {
    if commands.iter().all(|command| command.alerts.is_empty()) {
        return Vec::new();
    }
    on.list.stay();
    on.triage.unmark();
    vec![Effect::Triage { commands, undo: false }]
}

fn undo(on: &mut Triaging<'_>) -> Vec<Effect> {
    let Some(commands) = on.triage.take_undo() else {
        on.status.set("there is nothing to undo");
        return Vec::new();
    };
    vec![Effect::Triage { commands, undo: true }]
}
