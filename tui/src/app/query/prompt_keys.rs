//! Writing a filter, a search, a time, a name or a path: the text is read with each key, and its effect
//! shown at once. While a filter is written nothing is asked of the store; once it is set, `update.rs` does that
//! through `paging.rs`.

use crossterm::event::KeyEvent;

use crate::app::detail::DetailSearch;
use crate::app::effect::{Effect, FileWork};
use crate::app::list::List;
use crate::app::list::search::Search;
use crate::app::overlay::Overlay;
use crate::app::query::browse::Browse;
use crate::app::query::prompt::{Prompt, PromptKey, PromptKind};
use crate::app::query::saved_views::{SavedView, ViewChange};
use crate::filter::{self, Clock, Filter, FilterError};
use crate::model::{ExportFormat, Field, Row};

/// Notice for a time before the list's end.
const NOT_THAT_FAR: &str =
    "the list does not go back that far: G loads on, and f until:… finds what is stored before a time";

/// Rows whose values are proposed while a filter is written: the newest.
const PROPOSED_FROM: usize = 2_000;

/// Opens the prompt for a text.
pub(crate) fn ask(on: &mut Browse<'_>, asking: PromptKind, text: &str) {
    on.overlay.open(Overlay::Prompt(Box::new(Prompt::new(asking, text))));
    read(on, true);
    if let Some(prompt) = on.overlay.prompt_mut() {
        prompt.on_open = (prompt.last_valid_text.clone(), prompt.last_valid.clone());
    }
}

/// Takes a key of the prompt.
pub(crate) fn key(on: &mut Browse<'_>, key: KeyEvent) -> Vec<Effect> {
    let Some(prompt) = on.overlay.prompt_mut() else { return Vec::new() };
    // Names and paths are not among what was written earlier.
    let is_filter = !matches!(prompt.asking, PromptKind::Name | PromptKind::Path(_));
    let earlier = if is_filter { on.query.earlier.as_slice() } else { &[] };
    match prompt.key(key, earlier) {
        PromptKey::Changed => read(on, true),
        PromptKey::Completed => read(on, false),
        PromptKey::Accepted => return accept(on),
        PromptKey::Left => {
            let asking = prompt.asking;
            on.overlay.close();
            match asking {
                PromptKind::Search => on.list.set_search(None),
                PromptKind::InAlert => drop(on.end_search_in_alert()),
                PromptKind::Filter(_) => on.refilter(),
                PromptKind::Time | PromptKind::Name | PromptKind::Path(_) => {}
            }
        }
        PromptKey::Nothing => {}
    }
    Vec::new()
}

/// Reads what is written and shows what it would do. What can't be read leaves the last that could be.
fn read(on: &mut Browse<'_>, propose: bool) {
    let clock = on.clock();
    let Some(prompt) = on.overlay.prompt_mut() else { return };
    let text = prompt.text().to_owned();
    match prompt.asking {
        PromptKind::Name | PromptKind::Path(_) => prompt.error = None,
        PromptKind::Time => {
            let is_time = text.trim().is_empty() || filter::time::parse(&text, &clock).is_some();
            prompt.error = (!is_time).then(|| no_time(&text));
        }
        PromptKind::InAlert => {
            let pattern = filter::pattern(&text);
            prompt.error = pattern.as_ref().err().cloned();
            if prompt.error.is_none() {
                text.trim().clone_into(&mut prompt.last_valid_text);
            }
            if let (Ok(pattern), Some(detail)) = (pattern, &mut *on.detail) {
                let words = text.trim();
                detail.find((!words.is_empty()).then(|| DetailSearch::new(words.to_owned(), pattern)));
            }
        }
        PromptKind::Filter(_) | PromptKind::Search => {
            if propose {
                prompt.propose(|_| true, |field| values(on.list, field));
            }
            read_filter(on, &text, &clock);
        }
    }
}

/// Reads a filter, or the filter of a search.
fn read_filter(on: &mut Browse<'_>, text: &str, clock: &Clock) {
    let Some(prompt) = on.overlay.prompt_mut() else { return };
    let filter = prompt.read_filter(|text| Filter::parse(text, clock));
    match (prompt.asking, filter, text.trim()) {
        (PromptKind::Search, Some(_), "") => on.list.set_search(None),
        (PromptKind::Search, Some(filter), text) => {
            on.list.set_search(Some(Search::new(text.to_owned(), filter)));
        }
        (PromptKind::Search, None, _) => {}
        _ => on.refilter(),
    }
}

fn no_time(text: &str) -> FilterError {
    FilterError { at: 0..text.len(), what: filter::time::HINT.to_owned(), unfinished: false }
}

/// Does what the text in the prompt asks for. What can't be read stays open, with its error.
pub(crate) fn accept(on: &mut Browse<'_>) -> Vec<Effect> {
    let Some(prompt) = on.overlay.prompt().filter(|prompt| prompt.error.is_none()) else { return Vec::new() };
    let (asking, text) = (prompt.asking, prompt.text().trim().to_owned());
    on.overlay.close();
    if !text.is_empty() && !matches!(asking, PromptKind::Name | PromptKind::Path(_)) {
        on.query.remember(&text);
    }
    match asking {
        PromptKind::Filter(place) => {
            let clock = on.clock();
            // It was read a moment ago.
            let _ = on.query.chips.set(&text, place, &clock);
            on.refilter();
        }
        PromptKind::Search | PromptKind::InAlert | PromptKind::Name | PromptKind::Path(_)
            if text.is_empty() => {}
        PromptKind::Search if on.list.is_on_hit() => on.list.stay(),
        PromptKind::Search => on.next_hit(true),
        PromptKind::InAlert => {
            if on.detail.as_ref().is_some_and(|detail| detail.find_at().is_none()) {
                on.next_hit(true);
            }
        }
        PromptKind::Name => {
            let filters: Vec<String> = on.query.chips.chips.iter().map(|chip| chip.text.clone()).collect();
            let view = SavedView {
                filters,
                columns: Some(on.query.columns.placed.clone()),
                sort: Some(on.list.sort()),
                times: Some(on.query.columns.time),
            };
            on.query.views.insert(text.clone(), view.clone());
            on.status.set("view saved (V opens it)");
            return vec![Effect::File(FileWork::ChangeViews(ViewChange::Save(text, view)))];
        }
        PromptKind::Path(chosen) => {
            // Whoever opens the file goes by its name.
            let format = ExportFormat::of_name(text.as_ref()).unwrap_or(chosen);
            let older = on.paging.has_older(on.list);
            on.status.exporting(Some((0, on.list.len() as u64)));
            let export = FileWork::Export { path: text, format, alerts: on.list.ids(), older };
            return vec![Effect::File(export)];
        }
        PromptKind::Time => {
            if let Some(time) = filter::time::parse(&text, &on.clock()) {
                on.list.go_to_time(time);
                on.list.stay();
                if on.paging.older_than().is_some_and(|end| time < end) {
                    on.status.set(NOT_THAT_FAR);
                }
            }
        }
    }
    Vec::new()
}

/// Returns the values that the newest alerts have in a field, the most frequent first; none for notes.
fn values(list: &List, field: Field) -> Vec<String> {
    let rows = list.all().take(PROPOSED_FROM);
    let texts: Vec<&str> = match field {
        Field::Tag => rows.flat_map(Row::tags).collect(),
        // A note is a sentence that nobody writes twice.
        Field::Note => Vec::new(),
        // The selected alert's comes first.
        Field::Incident => list.selected_row().into_iter().chain(rows).map(|row| row.id.0.as_str()).collect(),
        _ => rows.map(|row| row.text(field)).collect(),
    };
    filter::by_frequency(texts)
}
