//! The line in which a filter, a search or a time is written, with what could come next.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tui_input::{Input, InputRequest};

use crate::filter::{self, Candidate, Filter, FilterError};
use crate::model::{ExportFormat, Field};

/// Kind of text that is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PromptKind {
    /// A filter: a new one, or in the place of this one.
    Filter(Option<usize>),
    Search,
    /// A text to look for in the open alert.
    InAlert,
    /// A time to go to.
    Time,
    /// A name for the filters that are set.
    Name,
    /// A file for the alerts that are shown.
    Path(ExportFormat),
}

/// The text that is being written, and the results of reading it.
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) asking: PromptKind,
    pub(crate) input: Input,
    pub(crate) error: Option<FilterError>,
    /// Filter of the last text that could be read.
    pub(crate) last_valid: Option<Filter>,
    /// Its text; empty where nothing was asked for yet.
    pub(crate) last_valid_text: String,
    /// Text and filter at the opening, which hold where nothing that is written can be read.
    pub(crate) on_open: (String, Option<Filter>),
    pub(crate) proposals: Vec<Candidate>,
    /// The proposal that stands in the text now.
    pub(crate) chosen: Option<usize>,
    /// Bytes of the text that a proposal takes the place of.
    place: Range<usize>,
    /// Number of the earlier text that stands here, the newest being one; zero where none does.
    earlier: usize,
}

/// Result of a key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PromptKey {
    /// The text is another one: read it again, and propose again.
    Changed,
    /// A proposal was put in: read it again.
    Completed,
    Accepted,
    Left,
    Nothing,
}

impl Prompt {
    pub(crate) fn new(asking: PromptKind, text: &str) -> Self {
        Self {
            asking,
            input: Input::new(text.to_owned()),
            error: None,
            last_valid: None,
            last_valid_text: String::new(),
            on_open: (String::new(), None),
            proposals: Vec::new(),
            chosen: None,
            place: 0..0,
            earlier: 0,
        }
    }

    /// Returns the text written so far.
    pub(crate) fn text(&self) -> &str {
        self.input.value()
    }

    /// The cursor, in characters.
    pub(crate) fn cursor(&self) -> usize {
        self.input.cursor()
    }

    /// The cursor, in bytes.
    pub(crate) fn cursor_byte(&self) -> usize {
        self.text().char_indices().nth(self.cursor()).map_or(self.text().len(), |(at, _)| at)
    }

    /// Proposes what could come next, or stand in the place of what is typed, of these fields alone. `values` gives those
    /// of a field, the most frequent first.
    pub(crate) fn propose(
        &mut self,
        may_be: impl Fn(Field) -> bool,
        values: impl FnOnce(Field) -> Vec<String>,
    ) {
        let completion = filter::complete(self.text(), self.cursor_byte(), may_be, values);
        // Of one that stands there already there is nothing to propose.
        let typed = self.text().get(completion.at.clone()).unwrap_or_default().to_owned();
        let candidates = completion.candidates.into_iter().filter(|candidate| candidate.text != typed);
        (self.place, self.proposals, self.chosen) = (completion.at, candidates.collect(), None);
    }

    /// Reads the text as a filter; `None` where it is none, with the error. Of a filter that is half written the terms
    /// before the error hold; of a search the last one that could be read.
    pub(crate) fn read_filter(
        &mut self,
        parse: impl Fn(&str) -> Result<Filter, FilterError>,
    ) -> Option<Filter> {
        let text = self.text().to_owned();
        match parse(&text) {
            Ok(filter) => {
                self.error = None;
                self.last_valid = Some(filter.clone());
                text.trim().clone_into(&mut self.last_valid_text);
                Some(filter)
            }
            Err(error) => {
                if matches!(self.asking, PromptKind::Filter(_)) {
                    self.fall_back(&text, &error, parse);
                }
                self.error = Some(error);
                None
            }
        }
    }

    /// Applies the terms before the error. Where they make no filter, keeps the last good filter, unless the
    /// text now begins with it: then it restores the filter from when the prompt was opened.
    fn fall_back(
        &mut self,
        text: &str,
        error: &FilterError,
        parse: impl Fn(&str) -> Result<Filter, FilterError>,
    ) {
        let before = without_joints(text.get(..error.at.start).unwrap_or_default());
        let counts = error.unfinished || !before.is_empty();
        match parse(before).ok().filter(|_| counts) {
            Some(filter) => {
                self.last_valid = Some(filter);
                before.clone_into(&mut self.last_valid_text);
            }
            None if text.trim_start().starts_with(&self.last_valid_text) => {
                (self.last_valid_text, self.last_valid) = self.on_open.clone();
            }
            None => {}
        }
    }

    pub(crate) fn key(&mut self, key: KeyEvent, earlier: &[String]) -> PromptKey {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let request = match key.code {
            KeyCode::Enter => return PromptKey::Accepted,
            KeyCode::Esc => return PromptKey::Left,
            KeyCode::Char('c') if control => return PromptKey::Left,
            // From an empty line one step further back is out of it.
            KeyCode::Backspace if self.text().is_empty() => return PromptKey::Left,
            KeyCode::Tab => return self.complete(true),
            KeyCode::BackTab => return self.complete(false),
            KeyCode::Up => return self.recall(1, earlier),
            KeyCode::Down => return self.recall(-1, earlier),
            KeyCode::Left if control || alt => InputRequest::GoToPrevWord,
            KeyCode::Right if control || alt => InputRequest::GoToNextWord,
            KeyCode::Left => InputRequest::GoToPrevChar,
            KeyCode::Right => InputRequest::GoToNextChar,
            KeyCode::Home => InputRequest::GoToStart,
            KeyCode::End => InputRequest::GoToEnd,
            KeyCode::Backspace if alt => InputRequest::DeletePrevWord,
            KeyCode::Backspace => InputRequest::DeletePrevChar,
            KeyCode::Delete => InputRequest::DeleteNextChar,
            KeyCode::Char(c) if control => match c {
                'a' => InputRequest::GoToStart,
                'e' => InputRequest::GoToEnd,
                'b' => InputRequest::GoToPrevChar,
                'f' => InputRequest::GoToNextChar,
                'w' => InputRequest::DeletePrevWord,
                'u' => InputRequest::DeleteLine,
                'k' => InputRequest::DeleteTillEnd,
                _ => return PromptKey::Nothing,
            },
            KeyCode::Char(c) if !c.is_control() && !alt => InputRequest::InsertChar(c),
            _ => return PromptKey::Nothing,
        };
        self.input.handle(request);
        PromptKey::Changed
    }

    fn complete(&mut self, forward: bool) -> PromptKey {
        let last = self.proposals.len().saturating_sub(1);
        let next = match (self.chosen, forward) {
            (None, true) => 0,
            (None | Some(0), false) => last,
            (Some(at), true) => {
                if at >= last {
                    0
                } else {
                    at + 1
                }
            }
            (Some(at), false) => at - 1,
        };
        let Some(candidate) = self.proposals.get(next) else { return PromptKey::Nothing };
        let mut text = self.text().to_owned();
        let (start, written) = (self.place.start, candidate.text.clone());
        if text.get(self.place.clone()).is_none() {
            return PromptKey::Nothing;
        }
        text.replace_range(self.place.clone(), &written);
        self.place = start..start + written.len();
        let cursor = text.get(..self.place.end).map_or(0, |before| before.chars().count());
        self.input = Input::new(text).with_cursor(cursor);
        // The only one is no choice: what could follow it is what matters now.
        if last == 0 {
            return PromptKey::Changed;
        }
        self.chosen = Some(next);
        PromptKey::Completed
    }

    fn recall(&mut self, by: isize, earlier: &[String]) -> PromptKey {
        let to = self.earlier.saturating_add_signed(by).min(earlier.len());
        if to == self.earlier {
            return PromptKey::Nothing;
        }
        self.earlier = to;
        let text = earlier.iter().rev().nth(to.wrapping_sub(1)).cloned().unwrap_or_default();
        self.input = Input::new(text);
        PromptKey::Changed
    }
}

/// The terms that a text begins with, without what joins or turns the next one.
fn without_joints(text: &str) -> &str {
    let mut text = text.trim();
    loop {
        let word = text.rsplit([' ', '\t', '(', ')']).next().unwrap_or_default();
        let joint = match word.to_ascii_lowercase().as_str() {
            "and" | "or" | "not" | "-" => word,
            _ => "(",
        };
        let Some(rest) = text.strip_suffix(joint) else { return text };
        text = rest.trim_end();
    }
}
