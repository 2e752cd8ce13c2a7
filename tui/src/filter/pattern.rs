//! A question about the text of one field, and what the answer was for texts that rows share: of a
//! hundred thousand rows only a few thousand texts are looked at.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use regex::Regex;

use super::Subject;
use crate::model::rule_names::{has_rule, other_names};
use crate::model::{Field, SharedText};

/// Question about a text.
#[derive(Debug, Clone)]
pub(super) enum Question {
    /// Holds where the expression is found in the text. Such a text has all of the literals, in any case of
    /// letters.
    Matches(Regex, Vec<String>),
    /// Holds where the expression is found in the names of the rules in the text: their titles of today and of
    /// before, and their ids.
    IsRule(Regex),
    /// Holds where an address in the text is of this network.
    IsIn(IpNet),
}

/// Returns the beginning that all addresses of a network have, in whole octets: `203.0.113.` for a /24, the
/// whole address for a /32, nothing for less than a /8.
fn beginning(network: Ipv4Net) -> String {
    let known = usize::from(network.prefix_len() / 8);
    let end = if known < 4 { "." } else { "" };
    let octets: Vec<_> = network.addr().octets().iter().take(known).map(u8::to_string).collect();
    if octets.is_empty() { String::new() } else { octets.join(".") + end }
}

/// The question, and the field that it is about.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    pub(super) field: Field,
    question: Question,
    /// Place among its filter's patterns, from 0.
    number: usize,
}

/// Cache of the answers that a filter's patterns have given for shared texts.
#[derive(Debug, Default)]
pub(super) struct AnswerCache(Vec<HashMap<SharedText, bool, foldhash::fast::RandomState>>);

/// Then those of a pattern are forgotten: each keeps its text, and a filter may stand for days.
const MOST_ANSWERS: usize = 1 << 16;

impl Pattern {
    pub(super) fn new(field: Field, question: Question) -> Self {
        Self { field, question, number: 0 }
    }

    /// Makes it the next of its filter.
    pub(super) fn number(&mut self, next: &mut usize) {
        self.number = *next;
        *next += 1;
    }

    /// Returns texts that are in every text the pattern holds for; none for a field that is no text of the
    /// alert itself, and none where nothing is known.
    pub(super) fn literals(&self) -> Vec<String> {
        match &self.question {
            Question::Matches(_, literals) if Field::TEXTS.contains(&self.field) => literals.clone(),
            // An address of this version is written in one way only.
            Question::IsIn(IpNet::V4(network)) => vec![beginning(*network)],
            _ => Vec::new(),
        }
    }

    /// True where it asks for a rule by a name that no built-in rule has, or had.
    pub(super) fn names_unknown_rule(&self) -> bool {
        matches!(&self.question, Question::IsRule(regex) if !has_rule(|name| regex.is_match(name)))
    }

    /// True where the question holds for this text.
    pub(super) fn holds_for(&self, text: &str) -> bool {
        match &self.question {
            Question::Matches(regex, _) => regex.is_match(text),
            Question::IsRule(regex) => {
                regex.is_match(text) || other_names(text).iter().any(|names| regex.is_match(names))
            }
            // Behind a proxy there are several, with commas between.
            Question::IsIn(network) => text
                .split(',')
                .filter_map(|one| one.trim().parse::<IpAddr>().ok())
                .any(|address| network.contains(&address)),
        }
    }

    /// True where the question holds for a text of the subject's field. The answer for a shared text is
    /// remembered.
    pub(super) fn holds(&self, subject: &impl Subject, answers: &mut AnswerCache) -> bool {
        let Some(shared) = subject.shared(self.field) else { return self.look(subject) };
        if answers.0.len() <= self.number {
            answers.0.resize_with(self.number + 1, HashMap::default);
        }
        let Some(answers) = answers.0.get_mut(self.number) else { return self.look(subject) };
        if let Some(known) = answers.get(shared) {
            return *known;
        }
        if answers.len() >= MOST_ANSWERS {
            answers.clear();
        }
        let holds = self.look(subject);
        answers.insert(shared.clone(), holds);
        holds
    }

    fn look(&self, subject: &impl Subject) -> bool {
        subject.any(self.field, &mut |text| self.holds_for(text))
    }
}
