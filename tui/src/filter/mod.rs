//! The filter language: one for the console, its search and its saved filters, and for
//! `replay --filter`. Reading and asking a filter reads no clock and
//! no file, and knows no screen.
//!
//! ```text
//! filter  = all ("or" all)*
//! all     = one ("and"? one)*                      alice CreateUser  is  alice and CreateUser
//! one     = ("not" | "-") one | "(" filter ")" | term
//! term    = [field op] value                       no field: any text of the alert
//! op      = ":"  holds it (the whole of it where there are * or ?)    "=" "!="  is it, is it not
//!         | "~" "!~"  matches the regular expression                  "<" "<=" ">" ">="
//! value   = word | "quoted, with \" and \\ inside"  quotes take * and ? as they are
//! ```
//!
//! A value in small letters is found in any case, one with a capital only as it is written.
//! `severity` and `time` are compared; `ip` takes networks (`ip:203.0.113.0/24`); `since:2h` and
//! `until:2026-11-24` bound the time. A span of time is counted back from when the filter was read.
//! `state`, `tag` and `note` are triage, which the console and export know.
//! `session` and `key` are known by their hashes only, and so are asked for as a whole.
//! `incident:4f0e9a1b` is all alerts of that alert's incident, which the console and export know.

mod complete;
pub(crate) mod criteria;
mod lexer;
mod meaning;
mod members;
mod parser;
mod pattern;
mod subject;
mod syntax;
#[cfg(test)]
mod tests;
pub(crate) mod time;

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use complete::{Candidate, by_frequency, complete};
pub(crate) use meaning::pattern;
use pattern::AnswerCache;
pub(crate) use subject::Subject;
pub(crate) use syntax::quote;

use crate::model::field::{OUTCOMES, SEVERITIES, STATES};
use crate::model::{Field, Members};

/// Reference for the times in a filter.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    /// Now: what spans are counted back from.
    pub(crate) now: Timestamp,
    /// The zone of times that name none.
    pub(crate) zone: TimeZone,
    /// The day of times that name none: in a replay that of the selected alert. Otherwise the last time that
    /// it was so.
    pub(crate) day: Option<jiff::civil::Date>,
}

impl Clock {
    /// The clock of the command line.
    pub(crate) fn utc_now() -> Self {
        Self { now: Timestamp::now(), zone: TimeZone::UTC, day: None }
    }
}

/// A filter, ready to be asked.
#[derive(Debug)]
pub(crate) struct Filter {
    /// As it was written.
    text: String,
    meaning: meaning::Meaning,
    asks_for_state: bool,
    asks_for_stored: bool,
    answers: Mutex<AnswerCache>,
}

impl Clone for Filter {
    /// The same filter, which has not been asked yet.
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            meaning: self.meaning.clone(),
            asks_for_state: self.asks_for_state,
            asks_for_stored: self.asks_for_stored,
            answers: Mutex::default(),
        }
    }
}

/// Filters are equal where their texts are.
impl PartialEq for Filter {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Filter {}

impl Filter {
    /// Reads a filter. An empty text lets everything through.
    pub(crate) fn parse(text: &str, clock: &Clock) -> Result<Self, FilterError> {
        let expr = parser::parse(text)?;
        let asks_for_state = expr.find(|term| term.field == Some(Field::State)).is_some();
        let asks_for_stored = expr.find(is_of_stored).is_some();
        let mut meaning = meaning::Meaning::of(&expr, clock)?;
        meaning.number(&mut 0);
        Ok(Self {
            text: text.to_owned(),
            meaning,
            asks_for_state,
            asks_for_stored,
            answers: Mutex::default(),
        })
    }

    /// The same where alerts come straight from a record or a queue, and nobody can have said anything
    /// of them: what asks for that is refused.
    pub(crate) fn parse_untriaged(text: &str, clock: &Clock) -> Result<Self, FilterError> {
        let expr = parser::parse(text)?;
        match expr.find(is_of_stored).map(|term| (term.field.map_or("", Field::name), &term.at)) {
            None => Self::parse(text, clock),
            Some((name, at)) => Err(FilterError::new(
                at.clone(),
                format!("{name} is a field of stored alerts: use it in the console's list and in export"),
            )),
        }
    }

    /// Returns the incidents that the filter names, each by the beginning of the id of any of its alerts.
    pub(crate) fn incidents(&mut self) -> Vec<String> {
        let mut ids = Vec::new();
        self.meaning.incidents(&mut |named| ids.push(named.id().to_owned()));
        ids
    }

    /// Gives the filter the alerts of the incidents that it names, once for each `state` of their reader. Returns true
    /// where they have changed.
    pub(crate) fn bind(&mut self, state: u64, members: &dyn Fn(&str) -> Option<Arc<Members>>) -> bool {
        let mut is_changed = false;
        self.meaning.incidents(&mut |named| is_changed |= named.bind(state, members));
        is_changed
    }

    /// Returns the filter as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the filter that a word by itself may have been meant as: `denied` is looked for in texts, and is an
    /// outcome. `None` for any other text.
    pub(crate) fn meant(&self) -> Option<String> {
        let word = self.text.trim().to_ascii_lowercase();
        let of = |(_, words): &(Field, &[&str])| words.contains(&word.as_str());
        let all = [
            (Field::Outcome, OUTCOMES.as_slice()),
            (Field::Severity, SEVERITIES.as_slice()),
            (Field::State, STATES.as_slice()),
        ];
        all.into_iter().find(of).map(|(field, _)| format!("{}:{word}", field.name()))
    }

    /// True where the filter asks for a rule by a name that no built-in rule has, or had.
    pub(crate) fn names_unknown_rule(&self) -> bool {
        self.meaning.names_unknown_rule()
    }

    /// True where the filter asks for the state of triage: open or acknowledged.
    pub(crate) const fn asks_for_state(&self) -> bool {
        self.asks_for_state
    }

    /// True where the filter asks for a field that only stored alerts have: state, tag, note or incident.
    pub(crate) const fn asks_for_stored(&self) -> bool {
        self.asks_for_stored
    }

    /// True where the filter lets this subject through.
    pub(crate) fn matches(&self, subject: &impl Subject) -> bool {
        if subject.shared(Field::Event).is_none() {
            // There is nothing to remember, and whoever replays asks from many threads at once.
            return self.meaning.holds(subject, &mut AnswerCache::default());
        }
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        self.meaning.holds(subject, &mut answers)
    }

    /// Returns the bounds in time (from the first, before the second) of all that the filter lets through:
    /// nothing else needs to be looked at.
    pub(crate) fn span(&self) -> (Timestamp, Timestamp) {
        self.meaning.span()
    }

    /// Texts that are in some field of whatever it lets through: nothing else needs to be looked at.
    pub(crate) fn literals(&self) -> Vec<String> {
        self.meaning.literals()
    }

    /// True where this text of a field is one that the filter looks for, so that it can be marked.
    pub(crate) fn marks(&self, field: Field, text: &str) -> bool {
        self.meaning.marks(field, text)
    }
}

fn is_of_stored(term: &syntax::Term) -> bool {
    term.field.is_some_and(Field::is_of_stored)
}

/// Error in the text of a filter, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(crate) struct FilterError {
    /// Bytes of the text.
    pub(crate) at: Range<usize>,
    /// Description of the error, and of the text to write instead.
    pub(crate) what: String,
    /// True where the only error is that the end is not written yet.
    pub(crate) unfinished: bool,
}

impl FilterError {
    fn new(at: Range<usize>, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), unfinished: false }
    }

    fn unfinished(at: Range<usize>, what: impl Into<String>) -> Self {
        Self { unfinished: true, ..Self::new(at, what) }
    }

    /// The error under the text, for a terminal without a screen.
    pub(crate) fn report(&self, text: &str) -> String {
        let before = text.get(..self.at.start).unwrap_or(text).chars().count();
        let marked = text.get(self.at.clone()).unwrap_or_default().chars().count().max(1);
        format!("{}\n  {text}\n  {}{}", self.what, " ".repeat(before), "^".repeat(marked))
    }
}
