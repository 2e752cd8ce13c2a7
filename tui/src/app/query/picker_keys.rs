//! Choosing from the small lists: what each of their keys does.

use crossterm::event::KeyEvent;
use detector::AlertId;

use crate::app::preferences::{NARROWEST, WIDEST};
use crate::app::query::filters::Chips;
use crate::app::query::picker::{Asked, SHARED, letters};
use crate::app::query::prompt_keys::ask;
use crate::app::query::saved_views::Change;
use crate::app::query::{Asking, Column, LETTERS, Menu, Of, Purpose, clock, pivot, refilter};
use crate::app::{Effect, State, paging};
use crate::filter::{Subject as _, quote};
use crate::model::{ExportFormat, Facet, Field, Row};

/// Notice where the selected alert has no such value.
const NOTHING_THERE: &str = "this alert has nothing there";

pub(crate) fn in_menu(state: &mut State, key: KeyEvent) {
    let lines = match state.look.menu.map(|menu| menu.of) {
        Some(Of::Field(purpose)) => letters(purpose).count(),
        Some(Of::Filters) => state.look.chips.chips.len(),
        Some(Of::Views) => state.look.views.len(),
        Some(Of::Columns) => state.look.columns.placed.len(),
        Some(Of::Export) => ExportFormat::ALL.len(),
        None => return,
    };
    let Some(menu) = &mut state.look.menu else { return };
    let asked = menu.key(key, lines);
    let Menu { of, at } = *menu;
    match (of, asked) {
        (_, Asked::Close) => state.look.menu = None,
        (Of::Field(purpose), Asked::Choose) => {
            state.look.menu = None;
            if let Some((_, column)) = LETTERS.get(at) {
                with_field(state, purpose, *column);
            } else if let Some((_, facet, _)) = at.checked_sub(LETTERS.len()).and_then(|at| SHARED.get(at)) {
                ask_for_shared(state, *facet);
            }
        }
        (Of::Filters, Asked::Toggle) => {
            state.look.chips.toggle(at);
            refilter(state);
        }
        (Of::Filters, Asked::Remove) => {
            state.look.chips.remove(at);
            refilter(state);
            if state.look.chips.chips.is_empty() {
                state.look.menu = None;
            }
        }
        (Of::Filters, Asked::Choose | Asked::Edit) => {
            let text = state.look.chips.chips.get(at).map(|chip| chip.text.clone()).unwrap_or_default();
            state.look.menu = None;
            ask(state, Asking::Filter(Some(at)), &text);
        }
        (Of::Filters, Asked::Save) => {
            state.look.menu = None;
            ask(state, Asking::Name, "");
        }
        (Of::Views, Asked::Choose) => open_view(state, at),
        (Of::Views, Asked::Remove) => {
            if let Some(name) = state.look.views.keys().nth(at).cloned() {
                state.look.views.remove(&name);
                state.look.effect = Some(Effect::View(Change::Remove(name)));
            }
            if state.look.views.is_empty() {
                state.look.menu = None;
            }
        }
        (Of::Columns, asked) => in_columns(state, at, asked),
        (Of::Export, Asked::Choose) => {
            state.look.menu = None;
            if let Some(format) = ExportFormat::ALL.get(at) {
                let name =
                    format!("sentinel-alerts-{}.{}", state.now.strftime("%Y%m%dT%H%MZ"), format.extension());
                ask(state, Asking::Path(*format), &name);
            }
        }
        _ => {}
    }
}

fn in_columns(state: &mut State, at: usize, asked: Asked) {
    let placed = &mut state.look.columns.placed;
    let other = match asked {
        Asked::Up => at.checked_sub(1),
        Asked::Down => Some(at + 1).filter(|other| *other < placed.len()),
        _ => None,
    };
    if let Some(other) = other {
        placed.swap(at, other);
        state.look.menu = Some(Menu { of: Of::Columns, at: other });
        return;
    }
    let Some(place) = placed.get_mut(at) else { return };
    match asked {
        Asked::Toggle | Asked::Choose => place.on = !place.on,
        Asked::Wider => place.wider = place.wider.saturating_add(1).min(WIDEST),
        Asked::Narrower => place.wider = place.wider.saturating_sub(1).max(NARROWEST),
        _ => {}
    }
    if !place.on && state.look.columns.at == Some(place.column) {
        state.look.columns.at = None;
    }
}

/// Sets the filters of a saved view in the place of those that are set.
fn open_view(state: &mut State, at: usize) {
    state.look.menu = None;
    let Some(filters) = state.look.views.values().nth(at).cloned() else { return };
    let clock = clock(state);
    let mut chips = Chips::default();
    for filter in &filters {
        if chips.set(filter, None, &clock).is_err() {
            state.look.notice = Some("a filter of this view can't be read, and was left out");
        }
    }
    state.look.chips = chips;
    refilter(state);
}

/// Opens the view of this name, or the one whose name begins so.
pub(crate) fn open_view_called(state: &mut State, name: &str) {
    let named = |known: &String| known.to_lowercase() == name.to_lowercase();
    let begins = |known: &String| known.to_lowercase().starts_with(&name.to_lowercase());
    let views = &state.look.views;
    match views.keys().position(named).or_else(|| views.keys().position(begins)) {
        Some(at) => open_view(state, at),
        None => state.look.notice = Some("no view has that name: V lists them"),
    }
}

/// Does with a field of the selected alert what it was chosen for.
pub(crate) fn with_field(state: &mut State, purpose: Purpose, column: Column) {
    if purpose == Purpose::Sort && column == Column::Triage {
        // Triage moves nothing under the hand; sorted by it, each word would.
        state.look.notice =
            Some("not by triage: a row would jump away when it is acknowledged; f state:open");
        return;
    }
    if purpose == Purpose::Sort {
        let sort = state.list.sort().then(column);
        state.list.set_sort(sort);
        return;
    }
    let Some(text) = state.list.selected_row().and_then(|row| asks_for(row, column, purpose)) else {
        state.look.notice = Some(NOTHING_THERE);
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
        state.look.effect = facet.zip(id).and_then(|(facet, id)| fetch(state, id, facet));
    } else {
        let clock = clock(state);
        // It was written by us.
        let _ = state.look.chips.set(&text, None, &clock);
        refilter(state);
    }
}

/// Asks what the selected alert has of it: the store has the whole alert, and answers in a moment.
fn ask_for_shared(state: &mut State, facet: Facet) {
    match state.list.selected_row().filter(|row| row.shares(facet).is_some()) {
        Some(row) => state.look.effect = Some(Effect::Shared(row.id.clone(), facet)),
        None => state.look.notice = Some(NOTHING_THERE),
    }
}

/// Takes the answer: shows all that share it with this alert, unless one is doing something else by now.
pub(crate) fn shared(state: &mut State, id: &AlertId, facet: Facet, value: Option<&str>) {
    let is_there = state.list.selected_row().is_some_and(|row| row.id == *id);
    if state.look.takes_keys() || !(is_there || state.list.find(id)) {
        return;
    }
    let field = if facet == Facet::Session { Field::Session } else { Field::AccessKey };
    match value {
        Some(value) => {
            pivot::pivot(state, &format!("{}={}", field.name(), quote(value)));
            refilter(state);
            state.look.effect = fetch(state, id.clone(), facet);
            // These filters ask for what the index holds. (Actors, addresses and targets have words of
            // their own in the list, by which more may pass than the index says.)
            if state.look.effect.is_some() {
                paging::ask_index(state);
            }
        }
        None => state.look.notice = Some(NOTHING_THERE),
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
