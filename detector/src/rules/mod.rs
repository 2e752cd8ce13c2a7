//! The rules: built in and loaded, found by event, and what matches a record.
//!
//! ```text
//!  rules/*.yml ──build──► built_in ─┐
//!  --rules DIR ──folder───────────► Rules ── index by event ──► candidates ──► matches ──► exceptions
//! ```
//!
//! The module [`crate::alert`] makes alerts of matches. Rules read the raw record and the facts beside it,
//! and know no recipient of alerts.

mod built_in;
mod event_patterns;
pub mod exception;
#[cfg(feature = "folder")]
pub mod folder;
mod index;
pub mod sigma;

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use serde_json::Value;

pub use event_patterns::{EventRule, LARGEST as LARGEST_EVENT_PATTERN, event_patterns};

use self::exception::Exception;
use self::index::Index;
use self::sigma::{Event, Rule};
use crate::facts::Watched;

/// All rules that a detector goes by, with their exceptions.
#[derive(Debug)]
pub struct Rules {
    built_in: built_in::Pack,
    loaded: Vec<Rule>,
    loaded_index: Index,
    /// Ids of loaded rules: a built-in rule of the same id gives way.
    replaced: HashSet<String>,
    /// Built-in and loaded rules, by number, that need a list of watched names which is empty.
    asleep: [Box<[bool]>; 2],
    exceptions: Vec<Counted>,
}

/// An exception, and how often it kept a rule from raising an alert.
#[derive(Debug)]
struct Counted {
    exception: Exception,
    swallowed: AtomicU64,
}

/// Outcome of the rules for one record.
#[derive(Debug, Default)]
pub struct Matches<'a> {
    /// Rules that match and that no exception covers.
    pub rules: Vec<&'a Rule>,
    /// Rules that match and are kept silent, each with the exception that does it.
    pub silenced: Vec<(&'a Rule, &'a Exception)>,
}

impl Default for Rules {
    fn default() -> Self {
        Self::with(Vec::new(), Vec::new())
    }
}

impl Rules {
    /// The built-in rules and exceptions, and these besides. A rule with the id of a built-in one
    /// takes its place.
    pub fn with(loaded: Vec<Rule>, exceptions: Vec<Exception>) -> Self {
        let scopes: Vec<_> = loaded.iter().map(|rule| rule.detection.scope()).collect();
        let exceptions = built_in::exceptions().into_iter().chain(exceptions);
        Self {
            built_in: built_in::Pack::default(),
            loaded_index: Index::of(scopes.iter()),
            replaced: loaded.iter().map(|rule| rule.id.clone()).collect(),
            loaded,
            asleep: Default::default(),
            exceptions: exceptions
                .map(|exception| Counted { exception, swallowed: AtomicU64::new(0) })
                .collect(),
        }
    }

    /// Lets rules sleep that need a list of watched names where there is none: such a rule can't
    /// match, and some are about calls that come by the million.
    pub(crate) fn sleep_without(&mut self, watched: &Watched) {
        let empty = |lists: &[&str]| !lists.iter().any(|list| watched.has_list(list));
        let built_in = built_in::need_watched().iter().filter(|(_, lists)| empty(lists));
        let loaded = self.loaded.iter().enumerate().filter_map(|(number, rule)| {
            let lists = rule.detection.needs(sigma::WATCHED)?;
            empty(&lists.iter().map(String::as_str).collect::<Vec<_>>()).then_some(number)
        });
        let mut asleep = [vec![false; self.built_in.len()], vec![false; self.loaded.len()]];
        for (list, numbers) in
            asleep.iter_mut().zip([built_in.map(|(number, _)| *number).collect(), loaded.collect::<Vec<_>>()])
        {
            for number in numbers {
                if let Some(asleep) = list.get_mut(number) {
                    *asleep = true;
                }
            }
        }
        self.asleep = asleep.map(Vec::into_boxed_slice);
    }

    /// True where any rule could match an event of this name and source. It is never false for an event that
    /// a rule matches.
    pub fn may_match(&self, event_name: &str, event_source: &str) -> bool {
        let mut buffer = [0; LONGEST_KEY];
        match lower(event_name, event_source, &mut buffer) {
            Some((name, source)) => {
                let [built_in, loaded] = &self.asleep;
                built_in::INDEX.find(name, source, |number| built_in.get(number) != Some(&true))
                    || self.loaded_index.find(name, source, |number| loaded.get(number) != Some(&true))
            }
            // A name that no service has: let the rules look at it.
            None => true,
        }
    }

    /// The rules that could match an event, in the order of their files.
    pub fn candidates(&self, event_name: &str, event_source: &str) -> Vec<&Rule> {
        let (name, source) = (event_name.to_lowercase(), event_source.to_lowercase());
        let numbers = |index: &Index| {
            let mut numbers = Vec::new();
            index.find(&name, &source, |number| {
                numbers.push(number);
                false
            });
            numbers.sort_unstable();
            numbers.dedup();
            numbers
        };
        let built_in = numbers(&built_in::INDEX).into_iter().filter_map(|number| self.built_in(number));
        let loaded = numbers(&self.loaded_index).into_iter().filter_map(|number| self.loaded.get(number));
        built_in.chain(loaded).collect()
    }

    /// The rules that match an event, but for those that an exception keeps silent at this time.
    /// `protected` events are beyond exceptions.
    pub fn matching(
        &self,
        event_name: &str,
        event_source: &str,
        event: &Event<'_>,
        now: Timestamp,
        protected: &dyn Fn() -> bool,
    ) -> Matches<'_> {
        let mut matches = Matches::default();
        for rule in self.candidates(event_name, event_source) {
            if !rule.detection.matches(event) {
                continue;
            }
            let exception = self.exceptions.iter().find(|counted| {
                counted.exception.covers(rule, event) && counted.exception.holds_at(now) && !protected()
            });
            match exception {
                Some(counted) => {
                    counted.swallowed.fetch_add(1, Ordering::Relaxed);
                    matches.silenced.push((rule, &counted.exception));
                }
                None => matches.rules.push(rule),
            }
        }
        matches
    }

    /// A built-in rule, unless another has taken its place.
    fn built_in(&self, number: usize) -> Option<&Rule> {
        self.built_in.rule(number).filter(|rule| !self.replaced.contains(&rule.id))
    }

    /// All rules, the built-in ones first.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        (0..self.built_in.len()).filter_map(|number| self.built_in(number)).chain(&self.loaded)
    }

    /// All exceptions, and how many matches each has kept silent so far.
    pub fn exceptions(&self) -> impl Iterator<Item = (&Exception, u64)> {
        self.exceptions.iter().map(|counted| (&counted.exception, counted.swallowed.load(Ordering::Relaxed)))
    }
}

/// Returns the watched names of the built-in pack.
pub fn built_in_watched() -> Watched {
    built_in::watched()
}

/// The longest name and source that the prefilter handles; AWS's longest name is about 70.
const LONGEST_KEY: usize = 256;

/// Both in lower case, without asking for memory. `None` where they are long or not ASCII.
fn lower<'a>(name: &str, source: &str, buffer: &'a mut [u8; LONGEST_KEY]) -> Option<(&'a str, &'a str)> {
    let length = name.len() + source.len();
    if !name.is_ascii() || !source.is_ascii() {
        return None;
    }
    let both = buffer.get_mut(..length)?;
    let (left, right) = both.split_at_mut(name.len());
    left.copy_from_slice(name.as_bytes());
    right.copy_from_slice(source.as_bytes());
    both.make_ascii_lowercase();
    std::str::from_utf8(both).ok()?.split_at_checked(name.len())
}

/// A document as the loader reads it: a rule or an exception.
#[derive(Debug)]
pub enum Document {
    /// A Sigma rule.
    Rule(Box<Rule>),
    /// A Sigma filter: an exception to rules.
    Exception(Box<Exception>),
}

impl Document {
    /// Reads what was YAML.
    ///
    /// # Errors
    /// Returns an error where the value is neither a rule nor an exception, or a part of it can't be used.
    pub fn from_value(value: &Value) -> Result<Self, sigma::SigmaError> {
        if value.get("correlation").is_some() {
            Err(sigma::SigmaError::Unsupported("correlation rules"))
        } else if value.get("filter").is_some() {
            Exception::from_value(value).map(|exception| Self::Exception(Box::new(exception)))
        } else {
            Rule::from_value(value).map(|rule| Self::Rule(Box::new(rule)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_uuids() {
        let mut ids: Vec<_> = Rules::default().all().map(|rule| rule.id.clone()).collect();
        assert!(ids.iter().all(|id| id.len() == 36 && id.split('-').count() == 5), "{ids:?}");
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn a_rule_that_needs_a_list_sleeps_while_it_is_empty() {
        let may = |lists: &str| {
            let mut rules = Rules::default();
            rules.sleep_without(&serde_json::from_str(lists).unwrap());
            rules.may_match("AssumeRole", "sts.amazonaws.com")
        };
        assert!(Rules::default().may_match("AssumeRole", "sts.amazonaws.com"));
        assert!(!may("{}") && !may(r#"{"groups": ["x"], "detector": ["y"]}"#));
        assert!(may(r#"{"roles": ["break-glass"]}"#) && may(r#"{"targets": ["x"]}"#));
    }

    #[test]
    fn the_prefilter_takes_any_case_and_says_no_to_what_no_rule_names() {
        let rules = Rules::default();
        assert!(rules.may_match("CREATEUSER", "IAM.amazonaws.com"));
        assert!(!rules.may_match("ListUsers", "iam.amazonaws.com"));
        assert!(!rules.may_match("CreateUser", "quicksight.amazonaws.com"));
        assert!(rules.may_match(&"x".repeat(LONGEST_KEY + 1), ""), "too long to tell");
        assert!(rules.may_match("Ünknown", ""), "not ASCII");
    }
}
