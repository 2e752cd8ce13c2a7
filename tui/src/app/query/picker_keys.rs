//! Choosing from the small lists: what each of their keys does.

use crossterm::event::KeyEvent;
use detector::AlertId;

use crate::app::effect::{Effect, FileWork, Lookup};
use crate::app::list::sort::Column;
use crate::app::overlay::Overlay;
use crate::app::query::browse::Browse;
use crate::app::query::columns::{NARROWEST, WIDEST};
use crate::app::query::filters::Chips;
use crate::app::query::picker::{LETTERS, Picker, PickerKey, PickerKind, Purpose, SHARED, letters};
use crate::app::query::prompt::PromptKind;
use crate::app::query::prompt_keys::ask;
use crate::app::query::saved_views::ViewChange;
use crate::app::query::value_filter::asks_for;
use crate::filter::Subject as _;
use crate::model::{ExportFormat, Facet};

/// Notice where the selected alert has no such value.
pub(crate) const NOTHING_THERE: &str = "this alert has nothing there";

/// Takes a key of the small list that is open.
pub(crate) fn key(on: &mut Browse<'_>, key: KeyEvent) -> Vec<Effect> {
    let Some(mut picker) = on.overlay.picker() else { return Vec::new() };
    let lines = match picker.of {
        PickerKind::Field(purpose) => letters(purpose).count(),
        PickerKind::Filters => on.query.chips.chips.len(),
        PickerKind::Views => on.query.views.len(),
        PickerKind::Columns => on.query.columns.placed.len(),
        PickerKind::Counts => on.query.counted.len(),
        PickerKind::Export => ExportFormat::ALL.len(),
    };
    let asked = picker.key(key, lines);
    on.overlay.open(Overlay::Picker(picker));
    let Picker { of, at } = picker;
    match (of, asked) {
        (_, PickerKey::Close) => on.overlay.close(),
        (PickerKind::Field(purpose), PickerKey::Choose) => {
            on.overlay.close();
            return choose_field(on, purpose, at);
        }
        (PickerKind::Filters, asked) => in_filters(on, at, asked),
        (PickerKind::Views, PickerKey::Choose) => open_view(on, at),
        (PickerKind::Views, PickerKey::Remove) => return remove_view(on, at),
        (PickerKind::Columns, asked) => in_columns(on, at, asked),
        (PickerKind::Counts, PickerKey::Choose) => {
            on.overlay.close();
            if let Some(filter) = on.query.counted.get(at).map(|counted| counted.filter.clone()) {
                on.set_filter(&filter);
                on.refilter();
            }
        }
        (PickerKind::Export, PickerKey::Choose) => {
            on.overlay.close();
            if let Some(format) = ExportFormat::ALL.get(at) {
                let name =
                    format!("sentinel-alerts-{}.{}", on.now.strftime("%Y%m%dT%H%MZ"), format.extension());
                ask(on, PromptKind::Path(*format), &name);
            }
        }
        _ => {}
    }
    Vec::new()
}

fn choose_field(on: &mut Browse<'_>, purpose: Purpose, at: usize) -> Vec<Effect> {
    if let Some((_, column)) = LETTERS.get(at) {
        return with_field(on, purpose, *column);
    }
    let shared = at.checked_sub(LETTERS.len()).and_then(|at| SHARED.get(at));
    // The store has the whole alert, and answers in a moment.
    match shared.zip(on.list.selected_row()) {
        Some(((_, facet, _), row)) if row.shares(*facet).is_some() => {
            vec![Effect::Lookup(Lookup::FacetValue(row.id.clone(), *facet))]
        }
        _ => {
            on.status.set(NOTHING_THERE);
            Vec::new()
        }
    }
}

fn in_filters(on: &mut Browse<'_>, at: usize, asked: PickerKey) {
    match asked {
        PickerKey::Toggle => {
            on.query.chips.toggle(at);
            on.refilter();
        }
        PickerKey::Remove => {
            on.query.chips.remove(at);
            on.refilter();
            if on.query.chips.chips.is_empty() {
                on.overlay.close();
            }
        }
        PickerKey::Choose | PickerKey::Edit => {
            let text = on.query.chips.chips.get(at).map(|chip| chip.text.clone()).unwrap_or_default();
            ask(on, PromptKind::Filter(Some(at)), &text);
        }
        PickerKey::Save => ask(on, PromptKind::Name, ""),
        _ => {}
    }
}

fn in_columns(on: &mut Browse<'_>, at: usize, asked: PickerKey) {
    let placed = &mut on.query.columns.placed;
    let other = match asked {
        PickerKey::Up => at.checked_sub(1),
        PickerKey::Down => Some(at + 1).filter(|other| *other < placed.len()),
        _ => None,
    };
    if let Some(other) = other {
        placed.swap(at, other);
        on.overlay.open(Overlay::Picker(Picker { of: PickerKind::Columns, at: other }));
        return;
    }
    let Some(place) = placed.get_mut(at) else { return };
    match asked {
        PickerKey::Toggle | PickerKey::Choose => place.on = !place.on,
        PickerKey::Wider => place.wider = place.wider.saturating_add(1).min(WIDEST),
        PickerKey::Narrower => place.wider = place.wider.saturating_sub(1).max(NARROWEST),
        _ => {}
    }
    if !place.on && on.query.columns.at == Some(place.column) {
        on.query.columns.at = None;
    }
}

/// Sets the filters of a saved view in the place of those that are set, and its columns, order and times.
fn open_view(on: &mut Browse<'_>, at: usize) {
    on.overlay.close();
    let Some(view) = on.query.views.values().nth(at).cloned() else { return };
    let clock = on.clock();
    let mut chips = Chips::default();
    for filter in &view.filters {
        if chips.set(filter, None, &clock).is_err() {
            on.status.set("a filter of this view can't be read, and was left out");
        }
    }
    on.query.chips = chips;
    on.query.columns.time = view.times.unwrap_or(on.query.columns.time);
    if let Some(columns) = view.columns {
        on.query.columns.place(columns);
    }
    on.refilter();
    if let Some(sort) = view.sort.filter(|sort| *sort != on.list.sort()) {
        on.list.set_sort(sort);
    }
}

/// Opens the view of this name, or the one whose name begins so.
pub(crate) fn open_view_called(on: &mut Browse<'_>, name: &str) {
    let named = |known: &String| known.to_lowercase() == name.to_lowercase();
    let begins = |known: &String| known.to_lowercase().starts_with(&name.to_lowercase());
    let views = &on.query.views;
    match views.keys().position(named).or_else(|| views.keys().position(begins)) {
        Some(at) => open_view(on, at),
        None => on.status.set("no view has that name: V lists them"),
    }
}

fn remove_view(on: &mut Browse<'_>, at: usize) -> Vec<Effect> {
    let name = on.query.views.keys().nth(at).cloned();
    if let Some(name) = &name {
        on.query.views.remove(name);
    }
    if on.query.views.is_empty() {
        on.overlay.close();
    }
    name.map(|name| Effect::File(FileWork::ChangeViews(ViewChange::Remove(name)))).into_iter().collect()
}

/// Does with a field of the selected alert what it was chosen for.
pub(crate) fn with_field(on: &mut Browse<'_>, purpose: Purpose, column: Column) -> Vec<Effect> {
    if purpose == Purpose::Sort && column == Column::Triage {
        // Triage moves nothing under the hand; sorted by it, each change would.
        on.status.set("not by triage: a row would jump away when it is acknowledged; f state:open");
        return Vec::new();
    }
    if purpose == Purpose::Sort {
        on.list.set_sort(on.list.sort().then(column));
        return Vec::new();
    }
    let Some(text) = on.list.selected_row().and_then(|row| asks_for(row, column, purpose)) else {
        on.status.set(NOTHING_THERE);
        return Vec::new();
    };
    if purpose != Purpose::Pivot {
        on.set_filter(&text);
        on.refilter();
        return Vec::new();
    }
    on.pivot(&text);
    let facet = match column {
        Column::Actor => Some(Facet::Actor),
        Column::SourceIp => Some(Facet::Address),
        Column::Target => Some(Facet::Target),
        _ => None,
    };
    let id = on.list.selected_row().map(|row| row.id.clone());
    on.refilter();
    facet.zip(id).and_then(|(facet, id)| fetch(on, id, facet)).into_iter().collect()
}

/// Returns the request for the stored alerts that share this facet with the alert and are older than
/// the list; `None` where nothing older is stored. Must be called after the filters are set.
pub(crate) fn fetch(on: &Browse<'_>, id: AlertId, facet: Facet) -> Option<Effect> {
    let before = on.paging.older_than()?;
    Some(Effect::Lookup(Lookup::Sharing { id, facet, before, turn: on.list.turn() }))
}
