//! The prompt for a note or tags, at the bottom of the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::AlertId;
use tui_input::{Input, InputRequest};

use crate::model::{TriageAction, TriageCommand};

/// Characters of a note.
const LONGEST_NOTE: usize = 1_000;

/// Text that is typed for some alerts.
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

/// Result of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PromptKey {
    Accepted,
    Left,
    /// The prompt stays open.
    Stays,
}

impl TriagePrompt {
    pub(crate) fn new(asks: TriagePromptKind, alerts: Vec<AlertId>, text: &str) -> Self {
        Self { asks, alerts, input: Input::new(text.chars().take(LONGEST_NOTE).collect()) }
    }

    /// Takes a key.
    pub(crate) fn key(&mut self, key: KeyEvent) -> PromptKey {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let request = match key.code {
            KeyCode::Enter => return PromptKey::Accepted,
            KeyCode::Esc => return PromptKey::Left,
            KeyCode::Char('c') if control => return PromptKey::Left,
            KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
            KeyCode::Char('u') if control => InputRequest::DeleteLine,
            KeyCode::Char('a') if control => InputRequest::GoToStart,
            KeyCode::Char('e') if control => InputRequest::GoToEnd,
            KeyCode::Char(letter) if !control && self.input.value().chars().count() < LONGEST_NOTE => {
                InputRequest::InsertChar(letter)
            }
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            _ => return PromptKey::Stays,
        };
        self.input.handle(request);
        PromptKey::Stays
    }

    /// Returns the commands that the text stands for.
    pub(crate) fn commands(&self) -> Vec<TriageCommand> {
        let typed = self.input.value().trim();
        let actions: Vec<TriageAction> = match self.asks {
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
        actions.into_iter().map(|action| TriageCommand { alerts: self.alerts.clone(), action }).collect()
    }
}

fn tag_of(word: &str) -> Option<String> {
    let tag = word.trim_start_matches('#');
    (!tag.is_empty()).then(|| tag.to_owned())
}
