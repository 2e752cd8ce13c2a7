//! The view of the alerts: filters, search, columns, order, times, and the steps back from pivots.
//!
//! State of its own, and its share of `update`: [`act`] for actions, [`key`] while something is being
//! written or chosen. It changes the list and itself; it requests everything else as an effect.

mod columns;
mod counters;
mod filters;
mod picker;
mod picker_keys;
mod pivot;
mod prompt;
mod prompt_keys;
pub(crate) mod saved_views;
#[cfg(test)]
mod tests;

use crossterm::event::KeyEvent;
use detector::AlertId;
use jiff::tz::TimeZone;

pub(crate) use columns::{Columns, Placed, TimeStyle};
pub(crate) use filters::Chip;
pub(crate) use picker::{LETTERS, Picker, PickerKind, Purpose, SHARED};
pub(crate) use picker_keys::{asks_for, shared};
pub(crate) use prompt::{Prompt, PromptKind};

use crate::app::list::Found;
use crate::app::list::sort::Column;
use crate::app::preferences::Preferences;
use crate::app::query::filters::Chips;
use crate::app::query::picker_keys::{in_menu, with_field};
use crate::app::query::pivot::Pivot;
use crate::app::query::prompt::PromptKey;
use crate::app::query::prompt_keys::{accept, ask, read};
use crate::app::query::saved_views::Views;
use crate::app::{Detail, Effect, State};
use crate::filter::{Clock, Subject as _};
use crate::keymap::{Action, Pane};
use crate::model::{Row, SourceStatus};

/// Texts that can be had again with ↑.
const REMEMBERED: usize = 100;

/// Notice where no alert is shown to take a value from.
const NO_ALERT: &str = "no alert is shown to take it from";

/// State of the view of the alerts.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pub(crate) chips: Chips,
    pub(crate) columns: Columns,
    /// The text that is being written, if any.
    pub(crate) prompt: Option<Prompt>,
    /// The list that is open to choose from, if any.
    pub(crate) menu: Option<Picker>,
    /// An alert and its values for [`SHARED`], in that order; its row knows them by their hash only. `None`
    /// until the store has answered.
    pub(crate) values: Option<(AlertId, Vec<Option<String>>)>,
    /// The steps of pivoting, the last one last.
    pub(crate) pivots: Vec<Pivot>,
    /// The saved views.
    pub(crate) views: Views,
    /// Reason why the saved views could not be read; `None` where they could.
    pub(crate) views_trouble: Option<String>,
    /// The settings as they were last read from their file or sent to it.
    pub(crate) kept: Preferences,
    /// The effect that the last key asks for, until the loop takes it.
    effect: Option<Effect>,
    /// One thing to say until the next key.
    pub(crate) notice: Option<&'static str>,
    /// Number of alerts that the export has written, and of all it is to write; `None` while none runs.
    pub(crate) writing: Option<(u64, u64)>,
    /// Texts that were written before, the newest last.
    earlier: Vec<String>,
}

impl Query {
    /// True where keys go here and not to the list.
    pub(crate) const fn takes_keys(&self) -> bool {
        self.prompt.is_some() || self.menu.is_some()
    }

    /// True where a filter other than the last step's own is set.
    fn is_narrowed(&self) -> bool {
        let own = self.pivots.last().map(|step| step.text.as_str());
        self.chips.chips.iter().any(|chip| Some(chip.text.as_str()) != own)
    }

    fn remember(&mut self, text: &str) {
        self.earlier.retain(|known| known != text);
        self.earlier.push(text.to_owned());
        let most = self.earlier.len().saturating_sub(REMEMBERED);
        self.earlier.drain(..most);
    }
}

/// True where the line of filters, search and steps has something to show.
pub(crate) fn has_bar(state: &State) -> bool {
    let look = &state.query;
    !look.chips.chips.is_empty() || !look.pivots.is_empty() || state.list.search().is_some()
}

/// The clock of times that are typed. In a replay spans count back from the newest record, and a time of the
/// day is of the selected alert's day: today is not what one looks at.
fn clock(state: &State) -> Clock {
    let zone = state.query.columns.shown_zone();
    let replayed = matches!(state.health, SourceStatus::Replay(_));
    let newest = state.list.newest_time().filter(|_| replayed);
    let day = state
        .list
        .selected_row()
        .filter(|_| replayed)
        .map(|row| row.time.to_zoned_datetime(zone.clone()).date());
    Clock { now: newest.unwrap_or(state.now), zone, day }
}

/// Does what an action asks, where it is about how one looks. False where it is not.
pub(crate) fn act(state: &mut State, action: Action) -> bool {
    state.query.notice = None;
    let field = |state: &mut State, purpose: Purpose| match state.query.columns.at {
        Some(column) => with_field(state, purpose, column),
        None if state.list.len() == 0 => state.query.notice = Some(NO_ALERT),
        None => {
            let by = state.list.sort().by;
            let sorted = LETTERS.iter().position(|(_, column)| purpose == Purpose::Sort && *column == by);
            state.query.menu = Some(Picker { of: PickerKind::Field(purpose), at: sorted.unwrap_or(0) });
        }
    };
    match action {
        Action::Filter => ask(state, PromptKind::Filter(None), ""),
        Action::Search if is_in_alert(state) => ask(state, PromptKind::InAlert, ""),
        Action::Search => ask(state, PromptKind::Search, ""),
        Action::JumpToTime => ask(state, PromptKind::Time, ""),
        Action::Filters if state.query.chips.chips.is_empty() => {
            state.query.notice = Some("there are no filters yet: f writes one");
        }
        Action::Filters => state.query.menu = Some(Picker { of: PickerKind::Filters, at: 0 }),
        Action::Views if state.query.views_trouble.is_some() => {
            state.trouble.clone_from(&state.query.views_trouble);
        }
        Action::Views if state.query.views.is_empty() => {
            state.query.notice = Some("no views are saved yet: & and w save the filters as one");
        }
        Action::Views => state.query.menu = Some(Picker { of: PickerKind::Views, at: 0 }),
        Action::Export if state.query.writing.is_some() => state.query.effect = Some(Effect::StopExport),
        Action::Export if state.list.len() == 0 => {
            state.query.notice = Some("no alert is shown that could be written");
        }
        Action::Export => state.query.menu = Some(Picker { of: PickerKind::Export, at: 0 }),
        Action::Columns => state.query.menu = Some(Picker { of: PickerKind::Columns, at: 0 }),
        Action::FiltersOff => {
            state.query.chips.off = !state.query.chips.off;
            refilter(state);
        }
        Action::Include => field(state, Purpose::Include),
        Action::Exclude => field(state, Purpose::Exclude),
        Action::Sort => field(state, Purpose::Sort),
        Action::Pivot if state.list.len() == 0 => state.query.notice = Some(NO_ALERT),
        Action::Pivot => {
            state.query.menu = Some(Picker { of: PickerKind::Field(Purpose::Pivot), at: 0 });
            state.query.values = None;
            let row = state.list.selected_row();
            let has_some = |row: &&Row| SHARED.iter().any(|(_, facet, _)| row.shares(*facet).is_some());
            state.query.effect = row.filter(has_some).map(|row| Effect::Values(row.id.clone()));
        }
        Action::ColumnLeft => state.query.columns.step(false),
        Action::ColumnRight => state.query.columns.step(true),
        Action::SearchNext => next_hit(state, true),
        Action::SearchPrevious => next_hit(state, false),
        Action::TimeStyle => {
            let columns = &mut state.query.columns;
            columns.time = match columns.time {
                TimeStyle::Utc => TimeStyle::Local,
                TimeStyle::Local => TimeStyle::Relative,
                TimeStyle::Relative => TimeStyle::Utc,
            };
        }
        action => return counters::act(state, action),
    }
    true
}

/// Does it with a text that is written already. What can't be read stays open, with its error. False
/// where the action takes no text here.
pub(crate) fn act_with(state: &mut State, action: Action, text: &str) -> bool {
    let asking = match action {
        Action::Filter => PromptKind::Filter(None),
        Action::Search if is_in_alert(state) => PromptKind::InAlert,
        Action::Search => PromptKind::Search,
        Action::JumpToTime => PromptKind::Time,
        Action::Views => {
            picker_keys::open_view_called(state, text);
            return true;
        }
        _ => return false,
    };
    state.query.notice = None;
    ask(state, asking, text);
    accept(state);
    true
}

/// Sorts by a column; by the same again, the other way round.
pub(crate) fn sort_by(state: &mut State, column: Column) {
    state.query.notice = None;
    with_field(state, Purpose::Sort, column);
}

/// Undoes the last of what narrows the view: the cell's column, the search, the last step. False where
/// there was nothing.
pub(crate) fn back(state: &mut State) -> bool {
    if state.query.columns.at.take().is_some() {
        return true;
    }
    if state.list.search().is_some() {
        state.list.set_search(None);
        return true;
    }
    pivot::back(state)
}

/// Takes a key while something is written or chosen.
pub(crate) fn key(state: &mut State, key: KeyEvent) {
    state.query.notice = None;
    if let Some(prompt) = &mut state.query.prompt {
        // Names and paths are not among what was written earlier.
        let is_filter = !matches!(prompt.asking, PromptKind::Name | PromptKind::Path(_));
        let earlier = if is_filter { state.query.earlier.as_slice() } else { &[] };
        match prompt.key(key, earlier) {
            PromptKey::Changed => read(state, true),
            PromptKey::Completed => read(state, false),
            PromptKey::Accepted => accept(state),
            PromptKey::Left => {
                let asking = state.query.prompt.take().map(|prompt| prompt.asking);
                match asking {
                    Some(PromptKind::Search) => state.list.set_search(None),
                    Some(PromptKind::InAlert) => drop(end_search_in_alert(state)),
                    Some(PromptKind::Filter(_)) => refilter(state),
                    Some(PromptKind::Time | PromptKind::Name | PromptKind::Path(_)) | None => {}
                }
            }
            PromptKey::Nothing => {}
        }
    } else if state.query.menu.is_some() {
        in_menu(state, key);
    }
}

/// Lets the list show what the filters say, and what is being written.
fn refilter(state: &mut State) {
    let draft = state.query.prompt.as_ref().and_then(|prompt| match prompt.asking {
        PromptKind::Filter(place) => Some((place, prompt.good.clone())),
        PromptKind::Search
        | PromptKind::InAlert
        | PromptKind::Time
        | PromptKind::Name
        | PromptKind::Path(_) => None,
    });
    let mut filters = state.query.chips.filters(draft.as_ref().and_then(|(place, _)| *place));
    filters.extend(draft.and_then(|(_, good)| good));
    state.list.set_filters(filters);
    // Where a filter asks for the state, no acknowledged alert is hidden for being one.
    state.count();
}

/// True where a search is one in the open alert, and not one in the list.
fn is_in_alert(state: &State) -> bool {
    state.focus == Pane::Detail && state.detail.is_some()
}

/// Ends the search in the open alert. False where there is none.
pub(crate) fn end_search_in_alert(state: &mut State) -> bool {
    let searched = |detail: &&mut Detail| detail.finds().is_some();
    let detail = state.detail.as_mut().filter(|_| state.focus == Pane::Detail).filter(searched);
    detail.map(|detail| detail.find(None)).is_some()
}

fn next_hit(state: &mut State, forward: bool) {
    let in_alert = is_in_alert(state);
    let detail = state.detail.as_mut().filter(|detail| in_alert && detail.finds().is_some());
    let (found, nowhere) = match detail {
        Some(detail) => (detail.next_find(forward), "no hit in this tab: ] goes to the next"),
        None if state.list.search().is_none() => {
            state.query.notice = Some("nothing is searched for: / searches");
            return;
        }
        None => (state.list.next_hit(forward), "no hit among the alerts shown"),
    };
    state.query.notice = match (found, forward) {
        (Some(Found::Ahead), _) => None,
        (Some(Found::Wrapped), true) => Some("past the end: on from the top"),
        (Some(Found::Wrapped), false) => Some("past the top: on from the end"),
        (Some(Found::Only), _) => Some("this is the only hit"),
        (None, _) => Some(nowhere),
    };
}

/// Takes the effect that the last key asks for: a second call returns `None`.
pub(crate) const fn effect(state: &mut State) -> Option<Effect> {
    state.query.effect.take()
}

/// Says where we are; the loop does, since asking is I/O.
pub(crate) fn is_at(state: &mut State, zone: TimeZone) {
    state.query.columns.zone = zone;
}
