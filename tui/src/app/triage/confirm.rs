//! The question before many alerts are changed at once: a slip of the hand with a thousand marked must not take a
//! thousand out of everybody's sight. One key answers.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::SafeText;

use crate::app::triage::prompt::TriagePrompt;
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
    pub(crate) commands: Vec<TriageCommand>,
    /// Prompt in which they were typed; it opens again where the answer is no.
    pub(crate) prompt: Option<TriagePrompt>,
}

impl Confirm {
    /// True where so many alerts are to be changed that it needs a yes.
    pub(crate) fn is_needed(commands: &[TriageCommand]) -> bool {
        alerts(commands) > MANY
    }

    /// True where a key is a yes: every other key is a no.
    pub(crate) fn is_yes(key: KeyEvent) -> bool {
        matches!(key.code, KeyCode::Char('y' | 'Y'))
            && !key.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    }

    /// As it is asked: `Acknowledge 137 alerts?`.
    pub(crate) fn text(&self) -> String {
        let alerts = format::number(alerts(&self.commands) as u64);
        let word = |action: &TriageAction| match action {
            TriageAction::Acknowledge => "Acknowledge".to_owned(),
            TriageAction::Reopen => "Reopen".to_owned(),
            TriageAction::Note(Some(note)) => format!("Save the note “{}” on", short(note)),
            TriageAction::Note(None) => "Remove the note from".to_owned(),
            TriageAction::Tag(tag) => format!("Add #{} to", short(tag)),
            TriageAction::Untag(tag) => format!("Remove #{} from", short(tag)),
        };
        match self.commands.as_slice() {
            [command] => format!("{} {alerts} alerts?", word(&command.action)),
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
