//! Meaning of a filter: the tree with its values read, so that asking is cheap.

use std::ops::Range;

use detector::Severity;
use ipnet::IpNet;
use jiff::Timestamp;
use regex::{Regex, RegexBuilder};

use super::members::Named;
use super::pattern::{AnswerCache, Pattern, Question};
use super::syntax::{Expr, Op, Term, Value};
use super::{Clock, FilterError, Subject};
use crate::filter::time;
use crate::model::field::{Field, Kind, OUTCOMES, SEVERITIES, STATES};
use crate::model::{Facet, Members, TriageState};

/// A filter that can be asked.
#[derive(Debug, Clone)]
pub(super) enum Meaning {
    Everything,
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
    /// Words in the text of any field: the same question of each.
    Words(Vec<Pattern>),
    Text(Pattern),
    /// This severity; None is what could not be read.
    Severity(Option<Severity>),
    /// From one severity to another, both included.
    Severities(Severity, Severity),
    /// From this time, and before that.
    Time(Timestamp, Timestamp),
    State(TriageState),
    /// Alerts that have this property, by the hash of its value.
    Shared(Facet, i64),
    /// Alerts of this incident.
    Incident(Named),
    Nothing,
}

impl Meaning {
    pub(super) fn of(expr: &Expr, clock: &Clock) -> Result<Self, FilterError> {
        let list =
            |parts: &[Expr]| parts.iter().map(|part| Self::of(part, clock)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::All => Self::Everything,
            Expr::Not(inner) => Self::of(inner, clock)?.negated(),
            Expr::And(parts) => Self::All(list(parts)?),
            Expr::Or(parts) => Self::Any(list(parts)?),
            Expr::Term(term) => of_term(term, clock)?,
        })
    }

    fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Numbers its patterns.
    pub(super) fn number(&mut self, next: &mut usize) {
        match self {
            Self::Not(inner) => inner.number(next),
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().for_each(|part| part.number(next)),
            Self::Words(patterns) => patterns.iter_mut().for_each(|pattern| pattern.number(next)),
            Self::Text(pattern) => pattern.number(next),
            _ => {}
        }
    }

    pub(super) fn holds(&self, subject: &impl Subject, answers: &mut AnswerCache) -> bool {
        match self {
            Self::Everything => true,
            Self::Nothing => false,
            Self::Not(inner) => !inner.holds(subject, answers),
            Self::All(parts) => parts.iter().all(|part| part.holds(subject, answers)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(subject, answers)),
            Self::Words(patterns) => have_words(patterns, subject, answers),
            Self::Text(pattern) => pattern.holds(subject, answers),
            Self::Severity(wanted) => subject.severity() == *wanted,
            Self::Severities(least, most) => {
                subject.severity().is_some_and(|severity| (*least..=*most).contains(&severity))
            }
            Self::State(wanted) => subject.state() == Some(*wanted),
            Self::Shared(facet, key) => subject.shares(*facet) == Some(*key),
            Self::Incident(named) => named.holds(subject),
            Self::Time(from, before) => subject.time().is_some_and(|time| (*from..*before).contains(&time)),
        }
    }
}

impl Meaning {
    /// Returns the bounds in time (from the first, before the second) of all that is let through.
    pub(super) fn span(&self) -> (Timestamp, Timestamp) {
        let always = (Timestamp::MIN, Timestamp::MAX);
        match self {
            Self::Time(from, before) => (*from, *before),
            Self::Incident(named) => named.span(),
            Self::All(parts) => parts
                .iter()
                .map(Self::span)
                .fold(always, |(from, before), part| (from.max(part.0), before.min(part.1))),
            _ => always,
        }
    }

    /// Visits the incidents that are named.
    pub(super) fn incidents(&mut self, visit: &mut dyn FnMut(&mut Named)) {
        match self {
            Self::Not(inner) => inner.incidents(visit),
            Self::All(parts) | Self::Any(parts) => parts.iter_mut().for_each(|part| part.incidents(visit)),
            Self::Incident(named) => visit(named),
            _ => {}
        }
    }

    /// True where some part asks for a rule by a name that no built-in rule has, or had.
    pub(super) fn names_unknown_rule(&self) -> bool {
        match self {
            Self::Not(inner) => inner.names_unknown_rule(),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::names_unknown_rule),
            Self::Text(pattern) => pattern.names_unknown_rule(),
            _ => false,
        }
    }

    /// Texts that are in some field of whatever is let through.
    pub(super) fn literals(&self) -> Vec<String> {
        match self {
            Self::Words(patterns) => patterns.first().map(Pattern::literals).unwrap_or_default(),
            Self::Text(pattern) => pattern.literals(),
            Self::All(parts) => parts.iter().flat_map(Self::literals).collect(),
            Self::Any(parts) => {
                let mut each = parts.iter().map(Self::literals);
                let mut shared = each.next().unwrap_or_default();
                each.for_each(|other| shared.retain(|text| other.contains(text)));
                shared
            }
            _ => Vec::new(),
        }
    }

    /// True where a text of a field is among those looked for, so that it can be marked.
    pub(super) fn marks(&self, field: Field, text: &str) -> bool {
        match self {
            Self::Words(patterns) => patterns.iter().any(|pattern| is_marked(pattern, field, text)),
            Self::Text(pattern) => is_marked(pattern, field, text),
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.marks(field, text)),
            Self::Severity(_) | Self::Severities(..) => field == Field::Severity,
            Self::State(_) => field == Field::State,
            Self::Everything
            | Self::Nothing
            | Self::Not(_)
            | Self::Time(..)
            | Self::Shared(..)
            | Self::Incident(_) => false,
        }
    }
}

fn of_term(term: &Term, clock: &Clock) -> Result<Meaning, FilterError> {
    let positive = match term.op {
        Op::IsNot => Op::Is,
        Op::MatchesNot => Op::Matches,
        op => op,
    };
    let meaning = match term.field.map(|field| (field, field.kind())) {
        None => {
            let regex = text(&term.value, positive, &term.value_at)?;
            let literals = literals(&term.value, positive);
            let question = Question::Matches(regex, literals);
            let each = Field::TEXTS.map(|field| Pattern::new(field, question.clone()));
            let is_words = positive == Op::Holds && !has_wildcards(&term.value);
            if is_words { Meaning::Words(each.into()) } else { Meaning::Any(each.map(Meaning::Text).into()) }
        }
        Some((_, Kind::Severity)) => severity(term, positive)?,
        Some((field, Kind::Time)) => time(term, field, positive, clock)?,
        Some((_, Kind::State)) => state(term, positive)?,
        Some((field, Kind::Shared(facet))) => shared(term, field, facet, positive)?,
        Some((_, Kind::Incident)) => incident(term, positive)?,
        Some((field, kind)) => {
            if matches!(positive, Op::Less | Op::AtMost | Op::More | Op::AtLeast) {
                let name = field.name();
                let what = format!("{name} has no order: use {name}:, {name}= or {name}~");
                return Err(FilterError::new(term.at.clone(), what));
            }
            if kind == Kind::Outcome && !known(OUTCOMES, &term.value.text) {
                return Err(unknown(term, &OUTCOMES));
            }
            let is_address = kind == Kind::Address && positive != Op::Matches;
            if is_address && network(term).is_none() && looks_like_a_network(&term.value) {
                let (value, at) = (&term.value.text, term.value_at.clone());
                let what =
                    format!("{value} is no address and no network: write 203.0.113.7 or 203.0.113.0/24");
                let is_unfinished = value.ends_with('/');
                return Err(if is_unfinished {
                    FilterError::unfinished(at, what)
                } else {
                    FilterError::new(at, what)
                });
            }
            let question = if let Some(network) = network(term).filter(|_| is_address) {
                Question::IsIn(network)
            } else {
                let value = as_kept(field, &term.value);
                if field == Field::Rule {
                    let regex = text(&value, positive, &term.value_at)?;
                    let pattern = Pattern::new(field, Question::IsRule(regex));
                    let meaning = Meaning::Text(pattern);
                    return Ok(if positive == term.op { meaning } else { meaning.negated() });
                }
                Question::Matches(text(&value, positive, &term.value_at)?, literals(&value, positive))
            };
            Meaning::Text(Pattern::new(field, question))
        }
    };
    Ok(if positive == term.op { meaning } else { meaning.negated() })
}

/// A tag is written as it is shown, too: `tag:#drill`.
fn as_kept(field: Field, value: &Value) -> Value {
    let text = if field == Field::Tag { value.text.trim_start_matches('#') } else { &value.text };
    Value { text: text.to_owned(), quoted: value.quoted }
}

fn state(term: &Term, op: Op) -> Result<Meaning, FilterError> {
    const ALL: [TriageState; 2] = [TriageState::Open, TriageState::Acknowledged];
    if !matches!(op, Op::Holds | Op::Is) {
        let what = "a state is open or acknowledged: use state:open or state!=open";
        return Err(FilterError::new(term.at.clone(), what));
    }
    let text = term.value.text.to_ascii_lowercase();
    let found = ALL.into_iter().find(|state| state.label().starts_with(&text));
    found.map(Meaning::State).ok_or_else(|| unknown(term, &STATES))
}

fn shared(term: &Term, field: Field, facet: Facet, op: Op) -> Result<Meaning, FilterError> {
    if !matches!(op, Op::Holds | Op::Is) || has_wildcards(&term.value) {
        let name = field.name();
        let what = format!("{name} is asked for as a whole: use {name}= or {name}!=, without * and ?");
        return Err(FilterError::new(term.at.clone(), what));
    }
    Ok(Meaning::Shared(facet, facet.key(&term.value.text)))
}

fn incident(term: &Term, op: Op) -> Result<Meaning, FilterError> {
    let id = &term.value.text;
    if !matches!(op, Op::Holds | Op::Is) || has_wildcards(&term.value) {
        let what = "an incident is named by an alert's ID: use incident:ID or incident!=ID, without * and ?";
        return Err(FilterError::new(term.at.clone(), what));
    }
    if id.chars().count() < Members::LEAST {
        let what = format!("give at least {} characters of the ID of one of its alerts", Members::LEAST);
        return Err(FilterError::unfinished(term.value_at.clone(), what));
    }
    Ok(Meaning::Incident(Named::new(id.clone())))
}

fn known<const N: usize>(words: [&str; N], text: &str) -> bool {
    words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn unknown(term: &Term, words: &[&str]) -> FilterError {
    let what = format!("{} is none of {}", term.value.text, words.join(", "));
    FilterError::new(term.value_at.clone(), what)
}

/// True where a value looks like a whole address or a network, and not like a part of one or a service's
/// name.
fn looks_like_a_network(value: &Value) -> bool {
    let text = &value.text;
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split('.');
    text.contains('/') || (parts.clone().count() >= 4 && parts.clone().all(is_number))
}

/// An address is the network that holds only it.
fn network(term: &Term) -> Option<IpNet> {
    let text = &term.value.text;
    text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}

/// One kind of pattern for all texts: words, wildcards and regular expressions.
fn text(value: &Value, op: Op, at: &Range<usize>) -> Result<Regex, FilterError> {
    let has_wildcards = has_wildcards(value);
    let inner = match op {
        Op::Matches => value.text.clone(),
        _ if has_wildcards => wildcards(&value.text),
        _ => regex::escape(&value.text),
    };
    let whole = op == Op::Is || (op == Op::Holds && has_wildcards);
    let pattern = if whole { format!(r"\A(?:{inner})\z") } else { inner };
    // Small letters are found in any case. In a regular expression `\S` is no capital.
    let has_capital = value.text.replace('\\', "\0").split('\0').enumerate().any(|(at, part)| {
        let skipped = usize::from(at > 0 && op == Op::Matches);
        part.chars().skip(skipped).any(char::is_uppercase)
    });
    RegexBuilder::new(&pattern)
        .case_insensitive(!has_capital)
        .dot_matches_new_line(true)
        .size_limit(1 << 20)
        .build()
        .map_err(|error| {
            let words = error.to_string();
            let last = words.lines().last().unwrap_or_default().trim_start_matches("error: ");
            FilterError::new(at.clone(), format!("invalid regular expression: {last}"))
        })
}

/// The texts that are in whatever [`text`] matches.
fn literals(value: &Value, op: Op) -> Vec<String> {
    match op {
        Op::Matches => Vec::new(),
        _ if has_wildcards(value) => value.text.split(['*', '?']).map(str::to_owned).collect(),
        _ => vec![value.text.clone()],
    }
}

/// Reads what is looked for in texts that have no fields: the words as they stand, quotes round them or
/// not, or a regular expression behind a `~`. Signs such as `*` are themselves: policies are full of them.
pub(crate) fn pattern(written: &str) -> Result<Regex, FilterError> {
    let start = written.len() - written.trim_start().len();
    let (op, words) = match written.trim().strip_prefix('~') {
        Some(regex) => (Op::Matches, regex),
        None => (Op::Holds, written.trim()),
    };
    let quoted = words.strip_prefix('"').and_then(|words| words.strip_suffix('"'));
    let words = quoted.filter(|words| !words.is_empty() && op == Op::Holds).unwrap_or(words);
    let value = Value { text: words.to_owned(), quoted: true };
    text(&value, op, &(start..start + written.trim().len()))
}

fn has_wildcards(value: &Value) -> bool {
    !value.quoted && value.text.contains(['*', '?'])
}

/// True where the words are in the text of some field. Texts that are not shared are joined and searched
/// once, which is several times as fast as a search of each; between them stands a NUL, which is in no text
/// that is looked for.
fn have_words(patterns: &[Pattern], subject: &impl Subject, answers: &mut AnswerCache) -> bool {
    let mut joined = String::with_capacity(256);
    for pattern in patterns {
        if subject.shared(pattern.field).is_none() {
            subject.any(pattern.field, &mut |text| {
                joined.push_str(text);
                joined.push('\0');
                false
            });
        } else if pattern.holds(subject, answers) {
            return true;
        }
    }
    patterns.first().is_some_and(|pattern| pattern.holds_for(&joined))
}

fn is_marked(pattern: &Pattern, field: Field, text: &str) -> bool {
    pattern.field == field && pattern.holds_for(text)
}

fn wildcards(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '*' => out.push_str(".*"),
            '?' => out.push('.'),
            c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
        out
    })
}

fn severity(term: &Term, op: Op) -> Result<Meaning, FilterError> {
    const ALL: [Severity; 4] = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low];
    let text = term.value.text.to_ascii_lowercase();
    let place = SEVERITIES.iter().position(|word| word.starts_with(&text));
    let Some(place) = place else { return Err(unknown(term, &SEVERITIES)) };
    let wanted = ALL.get(place).copied();
    let up = |by: usize| place.checked_sub(by).and_then(|at| ALL.get(at)).copied();
    let range = |least: Option<Severity>, most: Option<Severity>| match (least, most) {
        (Some(least), Some(most)) => Meaning::Severities(least, most),
        _ => Meaning::Nothing,
    };
    match op {
        Op::Holds | Op::Is => Ok(Meaning::Severity(wanted)),
        Op::AtLeast if wanted.is_some() => Ok(range(wanted, Some(Severity::Critical))),
        Op::AtMost if wanted.is_some() => Ok(range(Some(Severity::Low), wanted)),
        Op::More if wanted.is_some() => Ok(range(up(1), Some(Severity::Critical))),
        Op::Less if wanted.is_some() => Ok(range(Some(Severity::Low), ALL.get(place + 1).copied())),
        _ => {
            let what = "a severity is compared: use severity:high, severity!=low or severity>=medium";
            Err(FilterError::new(term.at.clone(), what))
        }
    }
}

fn time(term: &Term, field: Field, op: Op, clock: &Clock) -> Result<Meaning, FilterError> {
    let Some(moment) = time::parse(&term.value.text, clock) else {
        let what = format!("{} is no time: {}", term.value.text, time::HINT);
        return Err(FilterError::new(term.value_at.clone(), what));
    };
    let (first, last) = (Timestamp::MIN, Timestamp::MAX);
    let just_after = moment.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(last);
    match (field, op) {
        (Field::Since, Op::Holds | Op::Is) | (Field::Time, Op::AtLeast) => Ok(Meaning::Time(moment, last)),
        (Field::Until, Op::Holds | Op::Is) | (Field::Time, Op::Less) => Ok(Meaning::Time(first, moment)),
        (Field::Time, Op::More) => Ok(Meaning::Time(just_after, last)),
        (Field::Time, Op::AtMost) => Ok(Meaning::Time(first, just_after)),
        _ => {
            let what = "a time is compared: use since:2h, until:1h, or time with < <= > >=";
            Err(FilterError::new(term.at.clone(), what))
        }
    }
}
