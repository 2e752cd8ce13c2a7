//! Filter and search among the records around an alert, in the language of the list's.

use crossterm::event::KeyEvent;
use detector::Call;

use crate::app::query::prompt::{Prompt, PromptKey, PromptKind};
use crate::filter::{self, Clock, Filter, Subject as _};
use crate::model::{ExportFormat, Field};

/// Records whose values are proposed while a filter is written.
const PROPOSED_FROM: usize = 2_000;

/// Filter and search, and the line in which one of them is typed.
#[derive(Debug, Default)]
pub(crate) struct Finding {
    filter: Option<Filter>,
    search: Option<Filter>,
    /// Line that is typed in.
    pub(crate) prompt: Option<Prompt>,
}

impl Finding {
    /// Opens the line for the filter, or for the search, with the text that is in force.
    pub(crate) fn open(&mut self, asking: PromptKind) {
        let known = self.of(asking).clone();
        let text = known.as_ref().map_or("", Filter::text).to_owned();
        let mut prompt = Prompt::new(asking, &text);
        (prompt.last_valid, prompt.last_valid_text) = (known.clone(), text.clone());
        prompt.on_open = (text, known);
        self.prompt = Some(prompt);
    }

    /// Opens the line for the path of a new file.
    pub(crate) fn open_path(&mut self, path: &str) {
        self.prompt = Some(Prompt::new(PromptKind::Path(ExportFormat::Jsonl), path));
    }

    /// Ends the line in which a path is typed, and returns the path; `None` where there is no such line.
    pub(crate) fn take_path(&mut self) -> Option<String> {
        let prompt = self.prompt.take_if(|prompt| matches!(prompt.asking, PromptKind::Path(_)))?;
        Some(prompt.text().trim().to_owned())
    }

    const fn of(&mut self, asking: PromptKind) -> &mut Option<Filter> {
        if matches!(asking, PromptKind::Search) { &mut self.search } else { &mut self.filter }
    }

    /// Takes a key of the line that is typed in. The text takes effect with each key; of a filter that can't be read the
    /// terms before its error do. Returns whether filter or search changed; `None` where no line is open.
    pub(crate) fn key(&mut self, key: KeyEvent, clock: &Clock, calls: &[Call]) -> Option<bool> {
        let mut prompt = self.prompt.take()?;
        let asking = prompt.asking;
        let mut is_changed = false;
        let pressed = prompt.key(key, &[]);
        if matches!(asking, PromptKind::Path(_)) {
            self.prompt = Some(prompt).filter(|_| pressed != PromptKey::Left);
            return Some(false);
        }
        match pressed {
            PromptKey::Accepted if prompt.error.is_none() => return Some(false),
            PromptKey::Left => return Some(self.of(asking).take().is_some()),
            PromptKey::Changed | PromptKey::Completed => {
                if pressed == PromptKey::Changed {
                    prompt.propose(|field| !field.is_of_stored(), |field| values(calls, field));
                }
                // Records have no triage and no incident.
                let _ = prompt.read_filter(|text| Filter::parse_untriaged(text, clock));
                let holds = prompt.last_valid.clone();
                *self.of(asking) = holds.filter(|filter| !filter.text().trim().is_empty());
                is_changed = true;
            }
            PromptKey::Accepted | PromptKey::Nothing => {}
        }
        self.prompt = Some(prompt);
        Some(is_changed)
    }

    /// Ends the search, else the filter. Returns false where there is neither.
    pub(crate) fn end(&mut self) -> bool {
        self.search.take().or_else(|| self.filter.take()).is_some()
    }

    /// Text of the filter in force.
    pub(crate) fn filter(&self) -> Option<&str> {
        self.filter.as_ref().map(Filter::text)
    }

    /// Text of the search in force.
    pub(crate) fn search(&self) -> Option<&str> {
        self.search.as_ref().map(Filter::text)
    }

    /// True where the filter lets a record through.
    pub(crate) fn lets_through(&self, call: &Call) -> bool {
        self.filter.as_ref().is_none_or(|filter| filter.matches(call))
    }

    /// True where the search finds a record.
    pub(crate) fn is_hit(&self, call: &Call) -> bool {
        self.search.as_ref().is_some_and(|search| search.matches(call))
    }
}

/// Returns the values that records have in a field, the most frequent first.
fn values(calls: &[Call], field: Field) -> Vec<String> {
    let mut texts = Vec::new();
    for call in calls.iter().take(PROPOSED_FROM) {
        let _ = call.any(field, &mut |text| {
            texts.push(text.to_owned());
            false
        });
    }
    filter::by_frequency(texts.iter().map(String::as_str))
}
