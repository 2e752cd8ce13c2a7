//! Completion at the cursor: the names of fields, or the values of one field.

use std::collections::HashMap;
use std::ops::Range;

use super::quote;
use crate::model::field::{Field, Kind, OUTCOMES, SEVERITIES, STATES};

/// Proposals for one place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    /// The bytes that a proposal takes the place of.
    pub(crate) at: Range<usize>,
    pub(crate) candidates: Vec<Candidate>,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Text that takes the place of the bytes at [`Completion::at`].
    pub(crate) text: String,
    /// Explanation of a field; empty for a value.
    pub(crate) help: &'static str,
}

/// Proposals for the word that ends at the cursor, a place in bytes, of these fields alone. `values` gives what the
/// alerts have in a field, the most frequent first.
pub(crate) fn complete(
    text: &str,
    cursor: usize,
    may_be: impl Fn(Field) -> bool,
    values: impl FnOnce(Field) -> Vec<String>,
) -> Completion {
    let before = text.get(..cursor).unwrap_or(text);
    let start = word_start(before);
    let word = before.get(start..).unwrap_or_default();
    let name = word.find(|c: char| !(c.is_ascii_alphabetic() || c == '_')).unwrap_or(word.len());
    let field = Field::named(word.get(..name).unwrap_or_default()).filter(|field| may_be(*field));
    let operator = word.get(name..).unwrap_or_default();
    let typed = operator.trim_start_matches([':', '=', '!', '~', '<', '>']);
    match field.filter(|_| !operator.is_empty()) {
        Some(field) => {
            let candidates = of_field(field, typed, values);
            Completion { at: before.len() - typed.len()..before.len(), candidates }
        }
        None => Completion { at: start..before.len(), candidates: fields(word, may_be) },
    }
}

/// Returns texts once each, the most frequent first, of equals the first; without empty ones.
pub(crate) fn by_frequency<'t>(texts: impl IntoIterator<Item = &'t str>) -> Vec<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places = HashMap::new();
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        let at = *places.entry(text).or_insert_with(|| {
            counts.push((text, 0));
            counts.len() - 1
        });
        if let Some((_, count)) = counts.get_mut(at) {
            *count += 1;
        }
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts.into_iter().map(|(text, _)| text.to_owned()).collect()
}

/// Returns the place, in bytes, of the beginning of the text's last word; a quote holds a word together.
fn word_start(text: &str) -> usize {
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted && (c.is_whitespace() || matches!(c, '(' | ')')) => start = at + c.len_utf8(),
            '-' if at == start => start += 1,
            _ => {}
        }
    }
    start
}

fn fields(word: &str, may_be: impl Fn(Field) -> bool) -> Vec<Candidate> {
    let word = word.to_ascii_lowercase();
    let wanted = |field: &Field| may_be(*field) && field.name().starts_with(&word);
    Field::ALL
        .into_iter()
        .filter(wanted)
        .map(|field| {
            let op = match field {
                Field::Time => ">=",
                Field::Session | Field::AccessKey => "=",
                _ => ":",
            };
            Candidate { text: format!("{}{op}", field.name()), help: field.help() }
        })
        .collect()
}

fn of_field(field: Field, typed: &str, values: impl FnOnce(Field) -> Vec<String>) -> Vec<Candidate> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let all: Vec<String> = match field.kind() {
        Kind::Severity => words(&SEVERITIES),
        Kind::Outcome => words(&OUTCOMES),
        Kind::State => words(&STATES),
        Kind::Time => words(&["15m", "1h", "2h", "8h", "24h", "7d"]),
        Kind::Text | Kind::Address | Kind::Incident | Kind::Shared(_) => values(field),
    };
    let typed = typed.trim_start_matches('"').to_lowercase();
    let (begins, holds): (Vec<_>, Vec<_>) = all
        .into_iter()
        .filter(|value| value.to_lowercase().contains(&typed))
        .partition(|value| value.to_lowercase().starts_with(&typed));
    let written = |value: String| Candidate { text: quote(&value), help: "" };
    begins.into_iter().chain(holds).map(written).collect()
}
