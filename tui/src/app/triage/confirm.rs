//! The question before something is said of many alerts at once: a slip of the hand with a thousand
//! marked must not take a thousand out of everybody's sight. One key answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::SafeText;

use crate::app::triage::{TriagePrompt, perform};
use crate::app::{Effect, State};
use crate::format;
use crate::model::{TriageAction, TriageCommand};
use crate::widget::text;

/// Of more alerts than this nothing is said unasked.
const MANY: usize = 20;
/// Characters of a note or a tag that the question repeats.
const REPEATED: usize = 30;

/// Changes of many alerts that wait for a yes.
#[derive(Debug)]
pub(crate) struct Confirm {
    commands: Vec<TriageCommand>,
    /// Prompt in which they were typed; it opens again where the answer is no.
    prompt: Option<TriagePrompt>,
}

impl Confirm {
    /// As it is asked: `Acknowledge 137 alerts?`.
    pub(crate) fn words(&self) -> String {
        let alerts = format::number(alerts(&self.commands) as u64);
        let word = |change: &TriageAction| match change {
            TriageAction::Acknowledge => "Acknowledge".to_owned(),
            TriageAction::Reopen => "Reopen".to_owned(),
            TriageAction::Note(Some(note)) => format!("Write the note “{}” on", short(note)),
            TriageAction::Note(None) => "Take the note from".to_owned(),
            TriageAction::Tag(tag) => format!("Put #{} on", short(tag)),
            TriageAction::Untag(tag) => format!("Take #{} from", short(tag)),
        };
        match self.commands.as_slice() {
            [command] => format!("{} {alerts} alerts?", word(&command.change)),
            commands => format!("Change {} tags of {alerts} alerts?", commands.len()),
        }
    }
}

fn short(words: &str) -> String {
    let safe = SafeText::new(words).to_string();
    text::fit(&safe, REPEATED.min(text::width(&safe)))
}

/// The most alerts that one of them is about.
fn alerts(commands: &[TriageCommand]) -> usize {
    commands.iter().map(|command| command.alerts.len()).max().unwrap_or(0)
}

/// Does it, after a question where it is about many.
pub(crate) fn first(
    state: &mut State,
    commands: Vec<TriageCommand>,
    prompt: Option<TriagePrompt>,
) -> Vec<Effect> {
    if alerts(&commands) <= MANY {
        return perform(state, commands);
    }
    // What is meant must not change while it is asked.
    state.list.stay();
    state.triage.question = Some(Confirm { commands, prompt });
    Vec::new()
}

/// Takes the answer: y is yes, every other key is no. Marks stay, and so does what was typed.
pub(crate) fn key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(Confirm { commands, prompt }) = state.triage.question.take() else { return Vec::new() };
    if matches!(key.code, KeyCode::Char('y' | 'Y'))
        && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    {
        return perform(state, commands);
    }
    if prompt.is_none() {
        state.triage.notice = Some("nothing was changed".to_owned());
    }
    state.triage.prompt = prompt;
    Vec::new()
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyCode;

    use crate::app::State;
    use crate::model::TriageState;
    use crate::view::testing::{press, screen, state_with, type_in};

    fn acknowledged(state: &State) -> usize {
        state.list.all().filter(|row| row.state == TriageState::Acknowledged).count()
    }

    fn last_line(state: &State) -> String {
        let screen = screen(state, false);
        screen.lines().nth(usize::from(state.height) - 1).unwrap().to_owned()
    }

    #[test]
    fn of_more_than_twenty_nothing_is_said_before_a_yes_and_it_can_be_undone() {
        let mut state = state_with(80, 24, 137);
        type_in(&mut state, "v19ja");
        assert_eq!(acknowledged(&state), 20, "twenty are done at once");
        type_in(&mut state, "zgvGa");
        assert!(last_line(&state).contains("Acknowledge 137 alerts?  y/n"), "{}", last_line(&state));
        assert_eq!(acknowledged(&state), 0);
        for no in [KeyCode::Esc, KeyCode::Char('n'), KeyCode::Enter, KeyCode::Char('a')] {
            press(&mut state, no);
            assert!(state.triage.question.is_none() && state.triage.has_marks(), "{no:?}");
            assert_eq!(acknowledged(&state), 0, "{no:?}");
            type_in(&mut state, "a");
        }
        type_in(&mut state, "y");
        assert_eq!(acknowledged(&state), 137);
        type_in(&mut state, "z");
        assert_eq!(acknowledged(&state), 0, "undo asks nothing");
    }

    #[test]
    fn a_note_that_is_not_written_on_many_is_still_there() {
        let mut state = state_with(80, 24, 30);
        type_in(&mut state, "vGcthe \u{202e}drill");
        press(&mut state, KeyCode::Enter);
        let asked = last_line(&state);
        assert!(asked.contains("on 30 alerts?  y/n") && !asked.contains('\u{202e}'), "{asked}");
        press(&mut state, KeyCode::Esc);
        assert!(last_line(&state).contains("Note for 30 alerts: the"), "{}", last_line(&state));
        press(&mut state, KeyCode::Enter);
        type_in(&mut state, "y");
        let noted = |row: &&crate::model::Row| row.remarks.as_deref().is_some_and(|said| said.note.is_some());
        assert_eq!(state.list.all().filter(noted).count(), 30);
    }
}
