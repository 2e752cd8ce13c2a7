//! Choosing from the small lists: what each of their keys does.

use crossterm::event::KeyEvent;
use detector::AlertId;

use crate::app::list::sort::Column;
use crate::app::preferences::{NARROWEST, WIDEST};
use crate::app::query::filters::Chips;
use crate::app::query::picker::{PickerKey, SHARED, letters};
use crate::app::query::prompt_keys::ask;
use crate::app::query::saved_views::ViewChange;
use crate::app::query::{LETTERS, Picker, PickerKind, PromptKind, Purpose, clock, pivot, refilter};
use crate::app::{Effect, State, paging};
use crate::filter::{Subject as _, quote};
use crate::model::{ExportFormat, Facet, Field, Row};

/// Notice where the selected alert has no such value.
const NOTHING_THERE: &str = "this alert has nothing there";

pub(crate) fn in_menu(state: &mut State, key: KeyEvent) {
    let lines = match state.query.menu.map(|menu| menu.of) {
        Some(PickerKind::Field(purpose)) => letters(purpose).count(),
        Some(PickerKind::Filters) => state.query.chips.chips.len(),
        Some(PickerKind::Views) => state.query.views.len(),
        Some(PickerKind::Columns) => state.query.columns.placed.len(),
        Some(PickerKind::Export) => ExportFormat::ALL.len(),
        None => return,
    };
    let Some(menu) = &mut state.query.menu else { return };
    let asked = menu.key(key, lines);
    let Picker { of, at } = *menu;
    match (of, asked) {
        (_, PickerKey::Close) => state.query.menu = None,
        (PickerKind::Field(purpose), PickerKey::Choose) => {
            state.query.menu = None;
            if let Some((_, column)) = LETTERS.get(at) {
                with_field(state, purpose, *column);
            } else if let Some((_, facet, _)) = at.checked_sub(LETTERS.len()).and_then(|at| SHARED.get(at)) {
                ask_for_shared(state, *facet);
            }
        }
        (PickerKind::Filters, PickerKey::Toggle) => {
            state.query.chips.toggle(at);
            refilter(state);
        }
        (PickerKind::Filters, PickerKey::Remove) => {
            state.query.chips.remove(at);
            refilter(state);
            if state.query.chips.chips.is_empty() {
                state.query.menu = None;
            }
        }
        (PickerKind::Filters, PickerKey::Choose | PickerKey::Edit) => {
            let text = state.query.chips.chips.get(at).map(|chip| chip.text.clone()).unwrap_or_default();
            state.query.menu = None;
            ask(state, PromptKind::Filter(Some(at)), &text);
        }
        (PickerKind::Filters, PickerKey::Save) => {
            state.query.menu = None;
            ask(state, PromptKind::Name, "");
        }
        (PickerKind::Views, PickerKey::Choose) => open_view(state, at),
        (PickerKind::Views, PickerKey::Remove) => {
            if let Some(name) = state.query.views.keys().nth(at).cloned() {
                state.query.views.remove(&name);
                state.query.effect = Some(Effect::View(ViewChange::Remove(name)));
            }
            if state.query.views.is_empty() {
                state.query.menu = None;
            }
        }
        (PickerKind::Columns, asked) => in_columns(state, at, asked),
        (PickerKind::Export, PickerKey::Choose) => {
            state.query.menu = None;
            if let Some(format) = ExportFormat::ALL.get(at) {
                let name =
                    format!("sentinel-alerts-{}.{}", state.now.strftime("%Y%m%dT%H%MZ"), format.extension());
                ask(state, PromptKind::Path(*format), &name);
            }
        }
        _ => {}
    }
}

fn in_columns(state: &mut State, at: usize, asked: PickerKey) {
    let placed = &mut state.query.columns.placed;
    let other = match asked {
        PickerKey::Up => at.checked_sub(1),
        PickerKey::Down => Some(at + 1).filter(|other| *other < placed.len()),
        _ => None,
    };
    if let Some(other) = other {
        placed.swap(at, other);
        state.query.menu = Some(Picker { of: PickerKind::Columns, at: other });
        return;
    }
    let Some(place) = placed.get_mut(at) else { return };
    match asked {
        PickerKey::Toggle | PickerKey::Choose => place.on = !place.on,
        PickerKey::Wider => place.wider = place.wider.saturating_add(1).min(WIDEST),
        PickerKey::Narrower => place.wider = place.wider.saturating_sub(1).max(NARROWEST),
        _ => {}
    }
    if !place.on && state.query.columns.at == Some(place.column) {
        state.query.columns.at = None;
    }
}

/// Sets the filters of a saved view in the place of those that are set.
fn open_view(state: &mut State, at: usize) {
    state.query.menu = None;
    let Some(filters) = state.query.views.values().nth(at).cloned() else { return };
    let clock = clock(state);
    let mut chips = Chips::default();
    for filter in &filters {
        if chips.set(filter, None, &clock).is_err() {
            state.query.notice = Some("a filter of this view can't be read, and was left out");
        }
    }
    state.query.chips = chips;
    refilter(state);
}

/// Opens the view of this name, or the one whose name begins so.
pub(crate) fn open_view_called(state: &mut State, name: &str) {
    let named = |known: &String| known.to_lowercase() == name.to_lowercase();
    let begins = |known: &String| known.to_lowercase().starts_with(&name.to_lowercase());
    let views = &state.query.views;
    match views.keys().position(named).or_else(|| views.keys().position(begins)) {
        Some(at) => open_view(state, at),
        None => state.query.notice = Some("no view has that name: V lists them"),
    }
}

/// Does with a field of the selected alert what it was chosen for.
pub(crate) fn with_field(state: &mut State, purpose: Purpose, column: Column) {
    if purpose == Purpose::Sort && column == Column::Triage {
        // Triage moves nothing under the hand; sorted by it, each word would.
        state.query.notice =
            Some("not by triage: a row would jump away when it is acknowledged; f state:open");
        return;
    }
    if purpose == Purpose::Sort {
        let sort = state.list.sort().then(column);
        state.list.set_sort(sort);
        return;
    }
    let Some(text) = state.list.selected_row().and_then(|row| asks_for(row, column, purpose)) else {
        state.query.notice = Some(NOTHING_THERE);
        return;
    };
    if purpose == Purpose::Pivot {
        pivot::pivot(state, &text);
        let facet = match column {
            Column::Actor => Some(Facet::Actor),
            Column::SourceIp => Some(Facet::Address),
            Column::Target => Some(Facet::Target),
            _ => None,
        };
        let id = state.list.selected_row().map(|row| row.id.clone());
        refilter(state);
        state.query.effect = facet.zip(id).and_then(|(facet, id)| fetch(state, id, facet));
    } else {
        let clock = clock(state);
        // It was written by us.
        let _ = state.query.chips.set(&text, None, &clock);
        refilter(state);
    }
}

/// Asks what the selected alert has of it: the store has the whole alert, and answers in a moment.
fn ask_for_shared(state: &mut State, facet: Facet) {
    match state.list.selected_row().filter(|row| row.shares(facet).is_some()) {
        Some(row) => state.query.effect = Some(Effect::Shared(row.id.clone(), facet)),
        None => state.query.notice = Some(NOTHING_THERE),
    }
}

/// Takes the answer: shows all that share it with this alert, unless one is doing something else by now.
pub(crate) fn shared(state: &mut State, id: &AlertId, facet: Facet, value: Option<&str>) {
    let is_there = state.list.selected_row().is_some_and(|row| row.id == *id);
    if state.query.takes_keys() || !(is_there || state.list.find(id)) {
        return;
    }
    let field = if facet == Facet::Session { Field::Session } else { Field::AccessKey };
    match value {
        Some(value) => {
            pivot::pivot(state, &format!("{}={}", field.name(), quote(value)));
            refilter(state);
            state.query.effect = fetch(state, id.clone(), facet);
            // These filters ask for what the index holds. (Actors, addresses and targets have words of
            // their own in the list, by which more may pass than the index says.)
            if state.query.effect.is_some() {
                paging::ask_index(state);
            }
        }
        None => state.query.notice = Some(NOTHING_THERE),
    }
}

/// Returns the request for the stored alerts that share this facet with the alert and are older than
/// the list; `None` where nothing older is stored. Must be called after the filters are set.
fn fetch(state: &State, id: AlertId, facet: Facet) -> Option<Effect> {
    let before = paging::behind(state)?;
    Some(Effect::Sharing { id, facet, before, turn: state.list.turn() })
}

/// The filter that this field of a row asks for; None where the row has nothing there.
pub(crate) fn asks_for(row: &Row, column: Column, purpose: Purpose) -> Option<String> {
    let field = column.field().name();
    let excludes = purpose == Purpose::Exclude;
    let is = if excludes { "!=" } else { "=" };
    match column {
        // From that moment on, or before it.
        Column::Time => Some(format!("{field}{}{}", if excludes { "<" } else { ">=" }, row.time)),
        Column::Severity => {
            let word = row.severity.map_or("unreadable", |severity| severity.as_str()).to_lowercase();
            Some(format!("{field}{is}{word}"))
        }
        _ => Some(row.text(column.field()))
            .filter(|text| !text.is_empty())
            .map(|text| format!("{field}{is}{}", quote(text))),
    }
}
