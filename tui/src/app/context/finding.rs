//! Filter and search among the records around an alert, in the language of the list's.

use crossterm::event::KeyEvent;
use detector::Call;

use crate::app::query::prompt::{Prompt, PromptKey, PromptKind};
use crate::filter::{Clock, Filter};

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
        let known = self.of(asking).as_ref().map_or("", Filter::text).to_owned();
        self.prompt = Some(Prompt::new(asking, &known));
    }

    const fn of(&mut self, asking: PromptKind) -> &mut Option<Filter> {
        if matches!(asking, PromptKind::Search) { &mut self.search } else { &mut self.filter }
    }

    /// Takes a key of the line that is typed in. A text that can be read takes effect with each key; one that can't be
    /// read stays open with its error. Returns whether filter or search changed; `None` where no line is open.
    pub(crate) fn key(&mut self, key: KeyEvent, clock: &Clock) -> Option<bool> {
        let mut prompt = self.prompt.take()?;
        let asking = prompt.asking;
        let mut is_changed = false;
        match prompt.key(key, &[]) {
            PromptKey::Accepted if prompt.error.is_none() => return Some(false),
            PromptKey::Left => return Some(self.of(asking).take().is_some()),
            PromptKey::Changed | PromptKey::Completed => {
                // Records have no triage and no incident.
                match Filter::parse_untriaged(prompt.text(), clock) {
                    Ok(filter) => {
                        prompt.error = None;
                        *self.of(asking) = Some(filter).filter(|filter| !filter.text().trim().is_empty());
                        is_changed = true;
                    }
                    Err(error) => prompt.error = Some(error),
                }
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
