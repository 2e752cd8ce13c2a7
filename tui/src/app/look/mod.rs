//! How one looks at the alerts: filters, search, columns, order, times, and where one has come from.
//!
//! State of its own, and its share of `update`: [`act`] for actions, [`key`] while something is being
//! written or chosen. It changes the list and itself, and asks nothing of the outside.

mod chips;
mod columns;
mod menu;
mod prompt;
#[cfg(test)]
mod tests;
mod trail;
pub(crate) mod views;

use crossterm::event::KeyEvent;
use jiff::tz::TimeZone;

pub(crate) use chips::Chip;
pub(crate) use columns::{Column, Columns, Placed, Sort, TimeStyle};
pub(crate) use menu::{LETTERS, Menu, Of, Purpose};
pub(crate) use prompt::{Asking, Prompt};

use self::chips::Chips;
use self::menu::Asked;
use self::prompt::Typed;
use self::trail::Step;
use self::views::{Change, Views};
use super::State;
use super::list::Found;
use super::search::Search;
use crate::filter::{self, Clock, Field, Filter, FilterError, quote};
use crate::keymap::Action;
use crate::store::Row;

/// Rows whose values are proposed while a filter is written: the newest.
const PROPOSED_FROM: usize = 2_000;
/// Texts that can be had again with ↑.
const REMEMBERED: usize = 100;

/// What to say where there is nothing to take a value from.
const NO_ALERT: &str = "no alert is shown to take it from";

/// How one looks at the alerts.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) chips: Chips,
    pub(crate) columns: Columns,
    /// What is being written.
    pub(crate) prompt: Option<Prompt>,
    /// What is being chosen.
    pub(crate) menu: Option<Menu>,
    /// Where one came from, step by step.
    pub(crate) trail: Vec<Step>,
    /// The saved views.
    pub(crate) views: Views,
    /// Why they could not be read, where that is so.
    pub(crate) views_trouble: Option<String>,
    /// What is to be changed of them, until the loop does it.
    change: Option<Change>,
    /// One thing to say until the next key.
    pub(crate) notice: Option<&'static str>,
    /// What was written before, the newest last.
    earlier: Vec<String>,
}

impl Look {
    /// Whether keys go here and not to the list.
    pub(crate) const fn takes_keys(&self) -> bool {
        self.prompt.is_some() || self.menu.is_some()
    }

    fn remember(&mut self, text: &str) {
        self.earlier.retain(|known| known != text);
        self.earlier.push(text.to_owned());
        let most = self.earlier.len().saturating_sub(REMEMBERED);
        self.earlier.drain(..most);
    }
}

/// Whether the line of filters, search and steps has something to say.
pub(crate) fn has_bar(state: &State) -> bool {
    let look = &state.look;
    !look.chips.chips.is_empty() || !look.trail.is_empty() || state.list.search().is_some()
}

fn clock(state: &State) -> Clock {
    Clock { now: state.now, zone: state.look.columns.shown_zone() }
}

/// Does what an action asks, where it is about how one looks. False where it is not.
pub(super) fn act(state: &mut State, action: Action) -> bool {
    state.look.notice = None;
    let field = |state: &mut State, purpose: Purpose| match state.look.columns.at {
        Some(column) => with_field(state, purpose, column),
        None if state.list.len() == 0 => state.look.notice = Some(NO_ALERT),
        None => state.look.menu = Some(Menu { of: Of::Field(purpose), at: 0 }),
    };
    match action {
        Action::Filter => ask(state, Asking::Filter(None), ""),
        Action::Search => ask(state, Asking::Search, ""),
        Action::JumpToTime => ask(state, Asking::Time, ""),
        Action::Filters if state.look.chips.chips.is_empty() => {
            state.look.notice = Some("there are no filters yet: f writes one");
        }
        Action::Filters => state.look.menu = Some(Menu { of: Of::Filters, at: 0 }),
        Action::Views if state.look.views_trouble.is_some() => {
            state.trouble.clone_from(&state.look.views_trouble);
        }
        Action::Views if state.look.views.is_empty() => {
            state.look.notice = Some("no views are saved yet: & and w save the filters as one");
        }
        Action::Views => state.look.menu = Some(Menu { of: Of::Views, at: 0 }),
        Action::Columns => state.look.menu = Some(Menu { of: Of::Columns, at: 0 }),
        Action::FiltersOff => {
            state.look.chips.off = !state.look.chips.off;
            refilter(state);
        }
        Action::Include => field(state, Purpose::Include),
        Action::Exclude => field(state, Purpose::Exclude),
        Action::Sort => field(state, Purpose::Sort),
        Action::Pivot if state.list.len() == 0 => state.look.notice = Some(NO_ALERT),
        Action::Pivot => state.look.menu = Some(Menu { of: Of::Field(Purpose::Pivot), at: 0 }),
        Action::ColumnLeft => state.look.columns.step(false),
        Action::ColumnRight => state.look.columns.step(true),
        Action::SearchNext => next_hit(state, true),
        Action::SearchPrevious => next_hit(state, false),
        Action::TimeStyle => {
            let columns = &mut state.look.columns;
            columns.time = match columns.time {
                TimeStyle::Utc => TimeStyle::Local,
                TimeStyle::Local => TimeStyle::Relative,
                TimeStyle::Relative => TimeStyle::Utc,
            };
        }
        _ => return false,
    }
    true
}

/// Undoes the last of what narrows the view: the cell's column, the search, the last step. False where
/// there was nothing.
pub(super) fn back(state: &mut State) -> bool {
    if state.look.columns.at.take().is_some() {
        return true;
    }
    if state.list.search().is_some() {
        state.list.set_search(None);
        return true;
    }
    trail::back(state)
}

/// Takes a key while something is written or chosen.
pub(super) fn key(state: &mut State, key: KeyEvent) {
    state.look.notice = None;
    if let Some(prompt) = &mut state.look.prompt {
        match prompt.key(key, &state.look.earlier) {
            Typed::Changed => read(state, true),
            Typed::Completed => read(state, false),
            Typed::Accepted => accept(state),
            Typed::Left => {
                let asking = state.look.prompt.take().map(|prompt| prompt.asking);
                if asking == Some(Asking::Search) {
                    state.list.set_search(None);
                }
                refilter(state);
            }
            Typed::Nothing => {}
        }
    } else if state.look.menu.is_some() {
        in_menu(state, key);
    }
}

fn ask(state: &mut State, asking: Asking, text: &str) {
    state.look.prompt = Some(Prompt::new(asking, text));
    read(state, true);
}

/// Reads what is written and shows what it would do. What can't be read leaves the last that could be.
fn read(state: &mut State, propose: bool) {
    let clock = clock(state);
    let Some(prompt) = &mut state.look.prompt else { return };
    let text = prompt.text().to_owned();
    if prompt.asking == Asking::Name {
        return;
    }
    if prompt.asking == Asking::Time {
        let is_time = text.trim().is_empty() || filter::moment::parse(&text, &clock).is_some();
        prompt.error = (!is_time).then(|| no_time(&text));
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
            match prompt.asking {
                Asking::Search if text.trim().is_empty() => state.list.set_search(None),
                Asking::Search => state.list.set_search(Some(Search::new(text.trim().to_owned(), filter))),
                Asking::Filter(_) => refilter(state),
                Asking::Time | Asking::Name => {}
            }
        }
        Err(error) => {
            // What stands before the error goes on to count. Where nothing does, what counted before,
            // unless this is only not written to its end.
            let before = text.get(..error.at.start).unwrap_or_default().trim();
            let counts = error.unfinished || !before.is_empty();
            if let (true, Ok(filter)) = (counts, Filter::parse(before, &clock)) {
                prompt.good = Some(filter);
            }
            prompt.error = Some(error);
            refilter(state);
        }
    }
}

fn no_time(text: &str) -> FilterError {
    FilterError { at: 0..text.len(), what: filter::moment::HINT.to_owned(), unfinished: false }
}

fn accept(state: &mut State) {
    // What can't be read stays open, with its error.
    let Some(prompt) = state.look.prompt.take_if(|prompt| prompt.error.is_none()) else { return };
    let text = prompt.text().trim().to_owned();
    if !text.is_empty() && prompt.asking != Asking::Name {
        state.look.remember(&text);
    }
    match prompt.asking {
        Asking::Filter(place) => {
            let clock = clock(state);
            // It was read a moment ago.
            let _ = state.look.chips.set(&text, place, &clock);
            refilter(state);
        }
        Asking::Search | Asking::Name if text.is_empty() => {}
        Asking::Search => {
            if state.list.is_on_hit() {
                state.list.stay();
            } else {
                next_hit(state, true);
            }
        }
        Asking::Name => {
            let filters: Vec<String> = state.look.chips.chips.iter().map(|chip| chip.text.clone()).collect();
            state.look.views.insert(text.clone(), filters.clone());
            state.look.change = Some(Change::Save(text, filters));
            state.look.notice = Some("saved as a view: V brings it back");
        }
        Asking::Time => {
            if let Some(time) = filter::moment::parse(&text, &clock(state)) {
                state.list.go_to_time(time);
                state.list.stay();
            }
        }
    }
}

/// Lets the list show what the filters say, and what is being written.
fn refilter(state: &mut State) {
    let draft = state.look.prompt.as_ref().and_then(|prompt| match prompt.asking {
        Asking::Filter(place) => Some((place, prompt.good.clone())),
        Asking::Search | Asking::Time | Asking::Name => None,
    });
    let mut filters = state.look.chips.filters(draft.as_ref().and_then(|(place, _)| *place));
    filters.extend(draft.and_then(|(_, good)| good));
    state.list.set_filters(filters);
}

fn next_hit(state: &mut State, forward: bool) {
    if state.list.search().is_none() {
        state.look.notice = Some("nothing is searched for: / searches");
        return;
    }
    state.look.notice = match (state.list.next_hit(forward), forward) {
        (Some(Found::Ahead), _) => None,
        (Some(Found::Wrapped), true) => Some("past the end: on from the top"),
        (Some(Found::Wrapped), false) => Some("past the top: on from the end"),
        (Some(Found::Only), _) => Some("this is the only hit"),
        (None, _) => Some("no hit among the alerts shown"),
    };
}

fn in_menu(state: &mut State, key: KeyEvent) {
    let lines = match state.look.menu.map(|menu| menu.of) {
        Some(Of::Field(_)) => LETTERS.len(),
        Some(Of::Filters) => state.look.chips.chips.len(),
        Some(Of::Views) => state.look.views.len(),
        Some(Of::Columns) => state.look.columns.placed.len(),
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
                state.look.change = Some(Change::Remove(name));
            }
            if state.look.views.is_empty() {
                state.look.menu = None;
            }
        }
        (Of::Columns, asked) => in_columns(state, at, asked),
        _ => {}
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

/// What is to be changed of the saved views; asked once, it is the loop's.
pub(super) const fn change_of_views(state: &mut State) -> Option<Change> {
    state.look.change.take()
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
        Asked::Wider => place.wider = place.wider.saturating_add(1).min(100),
        Asked::Narrower => place.wider = place.wider.saturating_sub(1).max(-20),
        _ => {}
    }
    if !place.on && state.look.columns.at == Some(place.column) {
        state.look.columns.at = None;
    }
}

/// Does with a field of the selected alert what it was chosen for.
fn with_field(state: &mut State, purpose: Purpose, column: Column) {
    if purpose == Purpose::Sort {
        let sort = state.list.sort().then(column);
        state.list.set_sort(sort);
        return;
    }
    let Some(text) = state.list.selected_row().and_then(|row| asks_for(row, column, purpose)) else {
        state.look.notice = Some("this alert has nothing there");
        return;
    };
    if purpose == Purpose::Pivot {
        trail::pivot(state, &text);
    } else {
        let clock = clock(state);
        // It was written by us.
        let _ = state.look.chips.set(&text, None, &clock);
    }
    refilter(state);
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

/// What the newest alerts have in a field, the most frequent first.
fn values(list: &super::List, field: Field) -> Vec<String> {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for text in list.all().take(PROPOSED_FROM).map(|row| row.text(field)).filter(|text| !text.is_empty()) {
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

/// Says where we are; the loop does, since asking is I/O.
pub(super) fn is_at(state: &mut State, zone: TimeZone) {
    state.look.columns.zone = zone;
}
