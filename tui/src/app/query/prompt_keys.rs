//! Writing a filter, a search, a time, a name or a path: the text is read with each key, and its effect
//! shown at once.

use crate::app::query::saved_views::ViewChange;
use crate::app::query::{Prompt, PromptKind, clock, next_hit, refilter};
use crate::app::{DetailSearch, Effect, List, Search, State, paging};
use crate::filter::{self, Clock, Filter, FilterError};
use crate::model::{ExportFormat, Field, Row};

/// Notice for a time before the list's end.
const NOT_THAT_FAR: &str =
    "the list does not go back that far: G loads on, and f until:… finds what is stored before a time";

/// Rows whose values are proposed while a filter is written: the newest.
const PROPOSED_FROM: usize = 2_000;

pub(crate) fn ask(state: &mut State, asking: PromptKind, text: &str) {
    state.query.prompt = Some(Prompt::new(asking, text));
    read(state, true);
    if let Some(prompt) = &mut state.query.prompt {
        prompt.first = (prompt.stands.clone(), prompt.good.clone());
    }
}

/// Reads what is written and shows what it would do. What can't be read leaves the last that could be.
pub(crate) fn read(state: &mut State, propose: bool) {
    let clock = clock(state);
    let Some(prompt) = &mut state.query.prompt else { return };
    let text = prompt.text().to_owned();
    if matches!(prompt.asking, PromptKind::Name | PromptKind::Path(_)) {
        return;
    }
    if prompt.asking == PromptKind::Time {
        let is_time = text.trim().is_empty() || filter::time::parse(&text, &clock).is_some();
        prompt.error = (!is_time).then(|| no_time(&text));
        return;
    }
    if prompt.asking == PromptKind::InAlert {
        let pattern = filter::pattern(&text);
        prompt.error = pattern.as_ref().err().cloned();
        if prompt.error.is_none() {
            text.trim().clone_into(&mut prompt.stands);
        }
        if let (Ok(pattern), Some(detail)) = (pattern, &mut state.detail) {
            let words = text.trim();
            detail.find((!words.is_empty()).then(|| DetailSearch::new(words.to_owned(), pattern)));
        }
        return;
    }
    if propose {
        let completion = filter::complete(&text, prompt.cursor_byte(), |field| values(&state.list, field));
        // Of one that stands there already there is nothing to propose.
        let typed = text.get(completion.at.clone()).unwrap_or_default();
        let candidates: Vec<_> =
            completion.candidates.into_iter().filter(|candidate| candidate.text != typed).collect();
        prompt.propose(completion.at, candidates);
    }
    match Filter::parse(&text, &clock) {
        Ok(filter) => {
            prompt.error = None;
            prompt.good = Some(filter.clone());
            text.trim().clone_into(&mut prompt.stands);
            match prompt.asking {
                PromptKind::Search if text.trim().is_empty() => state.list.set_search(None),
                PromptKind::Search => {
                    state.list.set_search(Some(Search::new(text.trim().to_owned(), filter)));
                }
                PromptKind::Filter(_) => refilter(state),
                PromptKind::InAlert | PromptKind::Time | PromptKind::Name | PromptKind::Path(_) => {}
            }
        }
        Err(error) => {
            if matches!(prompt.asking, PromptKind::Filter(_)) {
                fall_back(prompt, &text, &error, &clock);
            }
            prompt.error = Some(error);
            refilter(state);
        }
    }
}

/// Applies the terms before the error. Where they make no filter, keeps the last good filter, unless the
/// text now begins with it: then it restores the filter from when the prompt was opened.
fn fall_back(prompt: &mut Prompt, text: &str, error: &FilterError, clock: &Clock) {
    let before = without_joints(text.get(..error.at.start).unwrap_or_default());
    let counts = error.unfinished || !before.is_empty();
    match Filter::parse(before, clock).ok().filter(|_| counts) {
        Some(filter) => {
            prompt.good = Some(filter);
            before.clone_into(&mut prompt.stands);
        }
        None if text.trim_start().starts_with(&prompt.stands) => {
            (prompt.stands, prompt.good) = prompt.first.clone();
        }
        None => {}
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

fn no_time(text: &str) -> FilterError {
    FilterError { at: 0..text.len(), what: filter::time::HINT.to_owned(), unfinished: false }
}

pub(crate) fn accept(state: &mut State) {
    // What can't be read stays open, with its error.
    let Some(prompt) = state.query.prompt.take_if(|prompt| prompt.error.is_none()) else { return };
    let text = prompt.text().trim().to_owned();
    if !text.is_empty() && !matches!(prompt.asking, PromptKind::Name | PromptKind::Path(_)) {
        state.query.remember(&text);
    }
    match prompt.asking {
        PromptKind::Filter(place) => {
            let clock = clock(state);
            // It was read a moment ago.
            let _ = state.query.chips.set(&text, place, &clock);
            refilter(state);
        }
        PromptKind::Search | PromptKind::InAlert | PromptKind::Name | PromptKind::Path(_)
            if text.is_empty() => {}
        PromptKind::Search => {
            if state.list.is_on_hit() {
                state.list.stay();
            } else {
                next_hit(state, true);
            }
        }
        PromptKind::InAlert => {
            if state.detail.as_ref().is_some_and(|detail| detail.find_at().is_none()) {
                next_hit(state, true);
            }
        }
        PromptKind::Name => {
            let filters: Vec<String> = state.query.chips.chips.iter().map(|chip| chip.text.clone()).collect();
            state.query.views.insert(text.clone(), filters.clone());
            state.query.effect = Some(Effect::View(ViewChange::Save(text, filters)));
            state.query.notice = Some("saved as a view: V brings it back");
        }
        PromptKind::Path(chosen) => {
            // Whoever opens the file goes by its name.
            let format = ExportFormat::of_name(text.as_ref()).unwrap_or(chosen);
            let older = paging::has_older(state);
            state.query.effect = Some(Effect::Export { path: text, format, alerts: state.list.ids(), older });
            state.query.writing = Some((0, state.list.len() as u64));
        }
        PromptKind::Time => {
            if let Some(time) = filter::time::parse(&text, &clock(state)) {
                state.list.go_to_time(time);
                state.list.stay();
                if paging::behind(state).is_some_and(|end| time < end) {
                    state.query.notice = Some(NOT_THAT_FAR);
                }
            }
        }
    }
}

/// Returns the values that the newest alerts have in a field, the most frequent first; none for notes.
fn values(list: &List, field: Field) -> Vec<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    let rows = list.all().take(PROPOSED_FROM);
    let texts: Vec<&str> = match field {
        Field::Tag => rows.flat_map(Row::tags).collect(),
        // A note is a sentence that nobody writes twice.
        Field::Note => Vec::new(),
        _ => rows.map(|row| row.text(field)).collect(),
    };
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
