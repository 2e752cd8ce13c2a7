//! Changes the state as a message requires, and returns the effects to carry out. No I/O, and the clock is
//! an argument.

use detector::SafeText;
use jiff::Timestamp;

use crate::app::context::Context;
use crate::app::detail::{Detail, actions as detail};
use crate::app::effect::{Effect, TerminalWork};
use crate::app::incidents::Incidents;
use crate::app::msg::{Answer, Msg};
use crate::app::query::actions as query;
use crate::app::query::columns::TimeStyle;
use crate::app::status::Status;
use crate::app::triage::outcome;
use crate::app::{State, keys, mouse, panes};
use crate::keymap::{Action, Pane};
use crate::model::{Alarm, Event, Row, SourceStatus, TriageState};

/// Takes a message in.
pub(crate) fn update(state: &mut State, msg: impl Into<Msg>, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    let effects = take(state, msg.into());
    state.pipeline.note_away(now);
    state.paging.note_eviction(&mut state.list);
    state.list.tally();
    let (columns, zone) = (state.layout().timeline.width, state.query.columns.shown_zone());
    state.timeline.divide(&mut state.list, columns, &zone, now);
    let has_days = state.query.columns.time != TimeStyle::Relative;
    state.list.set_days(has_days.then(|| (zone.clone(), zone.to_datetime(now).date())));
    effects
}

fn take(state: &mut State, msg: Msg) -> Vec<Effect> {
    let now = state.now;
    match msg {
        Msg::Event(event) => return take_event(state, event),
        Msg::Answer(answer) => return self::answer(state, answer),
        Msg::Key(key) => {
            state.paging.stop();
            let effects = keys::key(state, key);
            return moved(state, effects);
        }
        Msg::Mouse(event, hit) => {
            let effects = mouse::event(state, event, hit);
            return moved(state, effects);
        }
        Msg::Paste(text) => {
            keys::paste(state, &text);
            panes::fit(state);
            return panes::preview(state);
        }
        Msg::Resize { width, height } => {
            (state.width, state.height) = (width, height);
            panes::fit(state);
            return panes::preview(state);
        }
        Msg::Background(light) => state.shell.theme = state.shell.theme.on_background(light),
        Msg::Focus(focused) => state.shell.notifications.focus(focused, now),
        Msg::Tick => {
            state.status.tick(now);
            return state.shell.notifications.due(now).map(Effect::Notify).into_iter().collect();
        }
        Msg::Suspend => return vec![Effect::Terminal(TerminalWork::Suspend)],
        Msg::Continued => {
            return vec![Effect::Terminal(TerminalWork::Resume { mouse: state.shell.mouse.on })];
        }
        Msg::Signal(number) => return vec![Effect::Quit(128 + number)],
        Msg::Triaged { commands, undo, outcome } => {
            outcome::take(&mut state.triaging(), &commands, undo, outcome);
            state.incidents.changed();
            let mut effects = Vec::from_iter(show_triage(state));
            effects.extend(panes::preview(state));
            effects.extend(looked_at(state));
            return effects;
        }
        Msg::Views(views) => (state.query.views, state.query.views_trouble) = (views, None),
        Msg::Context(turn, news) => {
            if let Some(context) = &mut state.context {
                context.take(turn, news);
            }
        }
        Msg::Exporting(progress) => state.status.exporting(progress),
        Msg::ExportFailed { path, format, why } => {
            query::export_failed(&mut state.browse(), &path, format, &why);
        }
        Msg::RecordsWritten(Ok(words)) => {
            state.context.iter_mut().for_each(Context::is_written);
            state.status.result(Status::info(&words));
        }
        Msg::RecordsWritten(Err((path, why))) => {
            state.context.iter_mut().for_each(|context| context.finding.open_path(&path));
            state.status.result(Status::bad(&why));
        }
        Msg::Status(status) => state.status.result(status),
        Msg::Passing(text) => state.status.pass(&text, now),
        Msg::CopyByTerminal(copy) => return vec![Effect::Terminal(TerminalWork::CopyByTerminal(copy))],
        Msg::NoBrowser(url) => return detail::no_browser(&mut state.overlay, url),
    }
    Vec::new()
}

/// Takes in the answer to a lookup.
fn answer(state: &mut State, answer: Answer) -> Vec<Effect> {
    match answer {
        Answer::Loaded(id, content) => {
            let effects = detail::loaded(&mut state.reading(), &id, content);
            show_incident(state);
            return effects;
        }
        Answer::Sought { turn, page } => {
            let more = state.paging.sought(&mut state.list, &mut state.status, turn, page);
            if more.is_some() {
                return more.into_iter().collect();
            }
            let mut effects = panes::preview(state);
            // Further, where that was not enough.
            effects.extend(state.older_wanted());
            return effects;
        }
        Answer::Rules(words) => detail::rules(&mut state.overlay, &mut state.status, &words),
        Answer::Steps(id, steps) => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == id) {
                detail.take_steps(steps);
            }
        }
        Answer::History(id, steps) => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == id) {
                detail.take_history(steps);
            }
        }
        Answer::Incidents(found) => return incidents(state, found, Incidents::take),
        Answer::IncidentsOf(id, found) => {
            let is_named = state.list.named_incidents().contains(&id.0);
            if is_named && found.as_ref().is_ok_and(Vec::is_empty) {
                state.status.set(&format!("no alert with ID {}, so no such incident", SafeText::new(&id.0)));
            }
            return incidents(state, found, |known, found| known.take_of(id, found));
        }
        Answer::Row(row) => {
            let effects = panes::go_to(state, row.map(|row| *row));
            show_incident(state);
            return effects;
        }
        Answer::Related(id, found) => detail::related(&mut state.detail, &state.list, &id, found),
        Answer::Sharing { turn, rows, last } => {
            // Of another turn, they would leave holes.
            if turn == state.list.turn() {
                state.paging.index_answered(last);
                state.list.insert_loose(rows);
                return panes::preview(state);
            }
        }
        Answer::FacetValue(id, facet, value) => {
            let mut effects = query::facet_value(&mut state.browse(), &id, facet, value.as_deref());
            panes::fit(state);
            effects.extend(panes::preview(state));
            effects.extend(state.older_wanted());
            return effects;
        }
        Answer::FacetValues(id, values) => state.query.values = Some((id, values)),
    }
    Vec::new()
}

/// Takes in an event from the store or the source.
fn take_event(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Stored(rows) => return stored(state, rows),
        Event::Page { rows, last } => {
            let page = (rows, last);
            let more = state.paging.page(&mut state.list, &mut state.counts, &mut state.status, page);
            // Alerts passed on the way to the oldest are not opened.
            let mut effects = if more.is_some() { more.into_iter().collect() } else { panes::preview(state) };
            effects.extend(looked_at(state));
            return effects;
        }
        Event::LinksStored => {
            state.incidents.changed();
            return looked_at(state).into_iter().collect();
        }
        Event::StoreFailed(why) => {
            state.status.trouble(Some(why));
            state.paging.failed();
            // A page that could not be read is asked for again with the next move.
            state.detail = state.detail.take().filter(|detail| !detail.is_loading());
        }
        Event::StoreBlocked(why) => state.pipeline.store_blocked = why,
        Event::DeleteBlocked(why) => state.pipeline.delete_blocked = why,
        Event::Duplicates(more) => state.pipeline.duplicates += more,
        Event::Identity(identity) => state.pipeline.identity = Some(identity),
        Event::Notice(text) => state.status.set(&text),
        Event::Source(status) => {
            if matches!(status, SourceStatus::Live { .. }) {
                state.status.trouble(None);
                state.status.unread();
            }
            if matches!(&status, SourceStatus::Replay(replayed) if replayed.done) {
                state.shell.keymap.end_replay();
            }
            let was_reading = state.pipeline.is_reading();
            let is_played =
                |source: &SourceStatus| matches!(source, SourceStatus::Demo { read, of } if read == of);
            let ends = is_played(&status) && !is_played(&state.pipeline.source);
            state.pipeline.source(status);
            if ends {
                state.status.set(&end_of_demo(state));
            }
            // An alert that was asked for by id is there by now, or nowhere.
            if was_reading && !state.pipeline.is_reading() && state.incidents.is_looking() {
                state.incidents.changed();
                return state.incidents.wants(None, Vec::new()).into_iter().collect();
            }
        }
        Event::Alarms { alarms, first } => return self::alarms(state, alarms, first),
        Event::Probe(status) => state.pipeline.probed = Some(status),
        Event::PipelineProbe(probe) => state.pipeline.pipeline_probe(probe, state.now),
        Event::UnknownKind(kind) => state.pipeline.unknown_kind(&kind),
    }
    Vec::new()
}

fn stored(state: &mut State, rows: Vec<Row>) -> Vec<Effect> {
    state.status.trouble(None);
    // Triage, here or elsewhere, makes no alert new.
    let new: Vec<_> = rows
        .iter()
        .filter(|row| row.state == TriageState::Open && !state.list.holds(&row.id))
        .cloned()
        .collect();
    let notification = state.shell.notifications.stored(&new, state.now);
    state.list.insert(rows);
    state.counts = state.list.counts();
    state.incidents.changed();
    show_incident(state);
    let mut effects = Vec::from_iter(show_triage(state));
    effects.extend(panes::preview(state));
    effects.extend(looked_at(state));
    effects.extend(notification.map(Effect::Notify));
    effects
}

/// Asks for the incidents where they are on the screen or in a filter, and have changed.
fn looked_at(state: &mut State) -> Option<Effect> {
    let named = state.list.named_incidents();
    let read = state.detail.as_ref().filter(|_| state.focus == Pane::Detail).map(|detail| &detail.id);
    let is_shown = state.incidents.board.is_some() || read.is_some() || !named.is_empty();
    if is_shown { state.incidents.wants(read, named) } else { None }
}

/// Gives the list the alerts of the incidents that its filters name.
fn bind(state: &mut State) {
    let incidents = &state.incidents;
    if state.list.bind(incidents.version(), &|id| incidents.members(id)) {
        state.counts = state.list.counts();
    }
}

/// Takes in the incidents.
fn incidents<T>(
    state: &mut State,
    found: Result<T, String>,
    take: impl FnOnce(&mut Incidents, T) -> Option<String>,
) -> Vec<Effect> {
    match found {
        Ok(found) => {
            let missing = take(&mut state.incidents, found);
            // A replay may not have come to it yet.
            if let Some(why) = missing.filter(|_| !state.pipeline.is_reading()) {
                state.status.set(&why);
            }
        }
        Err(why) => {
            state.incidents.failed();
            state.status.fail(&format!("incidents can't be read: {why}"));
            return Vec::new();
        }
    }
    show_incident(state);
    bind(state);
    // Others may have come meanwhile.
    let mut effects = Vec::from_iter(looked_at(state));
    effects.extend(state.incidents.wants_starts());
    effects.extend(state.older_wanted());
    effects
}

/// Shows the incident of the alert in its Summary. For one that is not opened nothing is asked, so an answer from before
/// the last change is not shown.
fn show_incident(state: &mut State) {
    let is_known = state.focus == Pane::Detail || state.incidents.is_current();
    if let Some(detail) = &mut state.detail {
        detail.set_incident(state.incidents.words_of(&detail.id).filter(|_| is_known));
    }
}

/// Returns what to try once the demo is over, with the keys for it.
fn end_of_demo(state: &State) -> String {
    let tries = [
        (Action::NextSevere, "next high or critical"),
        (Action::Open, "open"),
        (Action::Incidents, "incidents"),
        (Action::Pivot, "pivot"),
        (Action::TabRespond, "respond"),
        (Action::Facets, "counts"),
        (Action::Quit, "quit"),
    ];
    let keys = &state.shell.keymap;
    let hints = tries.iter().filter_map(|(action, word)| Some(format!("{} {word}", keys.key_of(*action)?)));
    format!("demo finished: {} alerts. Try: {}", state.list.total(), hints.collect::<Vec<_>>().join(" · "))
}

/// Shows the triage of the open alert as its row has it now.
fn show_triage(state: &mut State) -> Option<Effect> {
    let detail = state.detail.as_mut()?;
    detail.set_triage(state.list.row_of(&detail.id)?);
    detail.wants()
}

/// Takes in the alarms of the pipeline; of those that were there before the console started (`first`) nobody is
/// notified.
fn alarms(state: &mut State, alarms: Vec<Alarm>, first: bool) -> Vec<Effect> {
    let (new, over) = state.pipeline.alarms(alarms);
    if let Some(name) = over {
        state.status.pass(&format!("the pipeline's alarm {name} is OK again"), state.now);
    }
    if let Some(list) = state.overlay.alarms_mut() {
        list.clamp(&state.pipeline);
    }
    if first {
        return Vec::new();
    }
    state.shell.notifications.alarms(new, state.now).map(Effect::Notify).into_iter().collect()
}

/// After a key or the mouse: what is acknowledged and out of sight leaves, the detail of an alert closes once filters
/// let nothing through, the panes have their sizes, the detail follows the selection, and older alerts are asked for
/// before the end of the list is seen.
fn moved(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    if !state.overlay.takes_letters() && state.list.drop_lingering() {
        state.counts = state.list.counts();
    }
    bind(state);
    if state.list.len() == 0 && !state.overlay.takes_letters() {
        panes::close(state);
    }
    panes::fit(state);
    effects.extend(panes::preview(state));
    effects.extend(state.older_wanted());
    effects.extend(state.preferences_to_save());
    effects.extend(looked_at(state));
    if state.focus == Pane::Detail {
        effects.extend(state.detail.as_mut().and_then(Detail::wants_related));
    }
    show_incident(state);
    effects
}

#[cfg(test)]
mod tests;
