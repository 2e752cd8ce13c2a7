//! Actions of the query: filters, searches, columns, sorting, pivots, views, exports.

use detector::AlertId;

use crate::app::effect::{Effect, FileWork, Handled, Lookup};
use crate::app::list::sort::Column;
use crate::app::overlay::Overlay;
use crate::app::query::browse::Browse;
use crate::app::query::columns::TimeStyle;
use crate::app::query::counters;
use crate::app::query::facets;
use crate::app::query::picker::{LETTERS, Picker, PickerKind, Purpose, SHARED};
use crate::app::query::picker_keys::{NOTHING_THERE, fetch, open_view_called, with_field};
use crate::app::query::prompt::PromptKind;
use crate::app::query::prompt_keys::{accept, ask};
use crate::filter::{FilterError, Subject as _, quote};
use crate::keymap::Action;
use crate::model::{ExportFormat, Facet, Field, Row};

/// Notice where no alert is shown to take a value from.
const NO_ALERT: &str = "no alert is shown to take it from";

/// Does an action of the query.
pub(crate) fn act(on: &mut Browse<'_>, action: Action) -> Handled {
    let open = |on: &mut Browse<'_>, of| on.overlay.open(Overlay::Picker(Picker { of, at: 0 }));
    match action {
        Action::Filter => ask(on, PromptKind::Filter(None), ""),
        Action::Search if on.searches_alert() => ask(on, PromptKind::InAlert, ""),
        Action::Search => ask(on, PromptKind::Search, ""),
        Action::JumpToTime => ask(on, PromptKind::Time, ""),
        Action::Filters if on.query.chips.chips.is_empty() => {
            on.status.set("there are no filters yet: f writes one");
        }
        Action::Filters => open(on, PickerKind::Filters),
        Action::Views if on.query.views_trouble.is_some() => {
            on.status.trouble(on.query.views_trouble.clone());
        }
        Action::Views if on.query.views.is_empty() => {
            on.status.set("no views are saved yet: & and w save the filters as one");
        }
        Action::Views => open(on, PickerKind::Views),
        Action::Export if on.status.is_exporting() => return Some(vec![Effect::File(FileWork::StopExport)]),
        Action::Export if on.list.len() == 0 => on.status.set("no alert is shown that could be written"),
        Action::Export => open(on, PickerKind::Export),
        Action::Columns => open(on, PickerKind::Columns),
        Action::Facets if on.list.len() == 0 => on.status.set("nothing to count: no alert is shown"),
        Action::Facets => {
            on.query.counted = facets::count(on.list);
            open(on, PickerKind::Counts);
        }
        Action::FiltersOff => {
            on.query.chips.off = !on.query.chips.off;
            on.refilter();
        }
        Action::Include => return Some(field(on, Purpose::Include)),
        Action::Exclude => return Some(field(on, Purpose::Exclude)),
        Action::Sort => return Some(field(on, Purpose::Sort)),
        Action::Pivot if on.list.len() == 0 => on.status.set(NO_ALERT),
        Action::Pivot => {
            open(on, PickerKind::Field(Purpose::Pivot));
            on.query.values = None;
            let has_some = |row: &&Row| SHARED.iter().any(|(_, facet, _)| row.shares(*facet).is_some());
            let row = on.list.selected_row().filter(has_some);
            let facets = || SHARED.map(|(_, facet, _)| facet).to_vec();
            let ask = |row: &Row| Effect::Lookup(Lookup::FacetValues(row.id.clone(), facets()));
            return Some(row.map(ask).into_iter().collect());
        }
        Action::ColumnLeft => on.query.columns.step(false),
        Action::ColumnRight => on.query.columns.step(true),
        Action::SearchNext => on.next_hit(true),
        Action::SearchPrevious => on.next_hit(false),
        Action::TimeStyle => {
            let columns = &mut on.query.columns;
            columns.time = match columns.time {
                TimeStyle::Utc => TimeStyle::Local,
                TimeStyle::Local => TimeStyle::Relative,
                TimeStyle::Relative => TimeStyle::Utc,
            };
        }
        action => return counters::act(on, action),
    }
    Some(Vec::new())
}

/// Does something with the field in the cursor's column; without one, asks which field.
fn field(on: &mut Browse<'_>, purpose: Purpose) -> Vec<Effect> {
    match on.query.columns.at {
        Some(column) => return with_field(on, purpose, column),
        None if on.list.len() == 0 => on.status.set(NO_ALERT),
        None => {
            let by = on.list.sort().by;
            let sorted = LETTERS.iter().position(|(_, column)| purpose == Purpose::Sort && *column == by);
            let picker = Picker { of: PickerKind::Field(purpose), at: sorted.unwrap_or(0) };
            on.overlay.open(Overlay::Picker(picker));
        }
    }
    Vec::new()
}

/// Does an action with a text that is written already. What can't be read stays open, with its error.
pub(crate) fn act_with(on: &mut Browse<'_>, action: Action, text: &str) -> Handled {
    let asking = match action {
        Action::Filter => PromptKind::Filter(None),
        Action::Search if on.searches_alert() => PromptKind::InAlert,
        Action::Search => PromptKind::Search,
        Action::JumpToTime => PromptKind::Time,
        Action::Views => {
            open_view_called(on, text);
            return Some(Vec::new());
        }
        _ => return None,
    };
    ask(on, asking, text);
    Some(accept(on))
}

/// Opens the line for the path again where an export was not written, with the reason; only tells it where the user
/// is doing something else by now.
pub(crate) fn export_failed(on: &mut Browse<'_>, path: &str, format: ExportFormat, why: &str) {
    if on.overlay.is_open() {
        on.status.fail(why);
        return;
    }
    ask(on, PromptKind::Path(format), path);
    if let Some(prompt) = on.overlay.prompt_mut() {
        prompt.error = Some(FilterError { at: 0..path.len(), what: why.to_owned(), unfinished: false });
    }
}

/// Sorts by a column; by the same again, the other way round.
pub(crate) fn sort_by(on: &mut Browse<'_>, column: Column) {
    with_field(on, Purpose::Sort, column);
}

/// Undoes the last of what narrows the list: the cursor's column, the search, the last pivot. Returns false
/// where there was nothing.
pub(crate) fn back(on: &mut Browse<'_>) -> bool {
    if on.query.columns.at.take().is_some() {
        return true;
    }
    if on.list.search().is_some() {
        on.list.set_search(None);
        return true;
    }
    on.end_pivot()
}

/// Takes an alert's value of a facet: shows all that share it with the alert, unless the user is doing something
/// else by now.
pub(crate) fn facet_value(
    on: &mut Browse<'_>,
    id: &AlertId,
    facet: Facet,
    value: Option<&str>,
) -> Vec<Effect> {
    let is_there = on.list.selected_row().is_some_and(|row| row.id == *id);
    if on.overlay.takes_letters() || !(is_there || on.list.find(id)) {
        return Vec::new();
    }
    let field = if facet == Facet::Session { Field::Session } else { Field::AccessKey };
    let Some(value) = value else {
        on.status.set(NOTHING_THERE);
        return Vec::new();
    };
    on.pivot(&format!("{}={}", field.name(), quote(value)));
    on.refilter();
    let fetch = fetch(on, id.clone(), facet);
    // These filters ask for what the index holds. (Actors, addresses and targets have words of their own in the
    // list, by which more may pass than the index says.)
    if fetch.is_some() {
        on.paging.ask_index(on.list, on.counts);
    }
    fetch.into_iter().collect()
}
