//! Changes the state as a message requires, and returns the effects to carry out. No I/O, and the clock is
//! an argument.

use jiff::Timestamp;

use crate::app::detail::{Detail, actions as detail};
use crate::app::effect::{Effect, TerminalWork};
use crate::app::msg::{Answer, Msg};
use crate::app::query::actions as query;
use crate::app::query::columns::TimeStyle;
use crate::app::triage::outcome;
use crate::app::{State, keys, mouse, panes};
use crate::incidents::Overview;
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
        Msg::Exporting(progress) => state.status.exporting(progress),
        Msg::ExportFailed { path, format, why } => {
            query::export_failed(&mut state.browse(), &path, format, &why);
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
        Answer::Loaded(id, content) => return detail::loaded(&mut state.reading(), &id, content),
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
        Answer::Incidents(found) => return incidents(state, found),
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
                return state.incidents.wants().into_iter().collect();
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
    let mut effects = Vec::from_iter(show_triage(state));
    effects.extend(panes::preview(state));
    effects.extend(looked_at(state));
    effects.extend(notification.map(Effect::Notify));
    effects
}

/// Asks for the incidents where they are on the screen and have changed.
fn looked_at(state: &mut State) -> Option<Effect> {
    let is_shown = state.incidents.board.is_some() || state.focus == Pane::Detail;
    if is_shown { state.incidents.wants() } else { None }
}

/// Takes in the incidents.
fn incidents(state: &mut State, found: Result<Overview, String>) -> Vec<Effect> {
    match found {
        Ok(found) => {
            let missing = state.incidents.take(found);
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
    // Others may have come meanwhile.
    looked_at(state).into_iter().collect()
}

/// Shows the incident of the open alert in its Summary.
fn show_incident(state: &mut State) {
    if let Some(detail) = &mut state.detail {
        detail.set_incident(state.incidents.words_of(&detail.id));
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

/// After a key or the mouse: what is acknowledged and out of sight leaves, the panes have their sizes, the detail
/// follows the selection, and older alerts are asked for before the end of the list is seen.
fn moved(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    if !state.overlay.takes_letters() && state.list.drop_lingering() {
        state.counts = state.list.counts();
    }
    panes::fit(state);
    effects.extend(panes::preview(state));
    effects.extend(state.older_wanted());
    effects.extend(state.preferences_to_save());
    if state.focus == Pane::Detail {
        effects.extend(state.detail.as_mut().and_then(Detail::wants_related));
        effects.extend(state.incidents.wants());
        show_incident(state);
    }
    effects
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::actions::act;
    use crate::app::list::Cursor;
    use crate::keymap::BINDINGS;
    use crate::view::testing::{press, send, state_with};
    use crossterm::event::KeyCode;

    #[test]
    fn every_action_on_an_empty_screen_of_any_size_is_harmless() {
        for (width, height) in [(0, 0), (1, 1), (39, 7), (80, 24), (200, 60)] {
            let mut state = State::new(width, height, Timestamp::UNIX_EPOCH);
            for binding in BINDINGS {
                act(&mut state, binding.action);
                update(&mut state, Msg::Tick, Timestamp::UNIX_EPOCH);
                for key in [KeyCode::Down, KeyCode::Char('9'), KeyCode::Char('G'), KeyCode::Esc] {
                    press(&mut state, key);
                }
            }
        }
    }

    #[test]
    fn an_open_alert_stays_open_though_newer_ones_come() {
        let mut state = state_with(80, 24, 3);
        press(&mut state, KeyCode::Enter);
        let open = state.detail.as_ref().unwrap().id.clone();
        let newer = crate::model::testing::rows(10..20);
        update(&mut state, Event::Stored(newer), Timestamp::UNIX_EPOCH);
        assert_eq!(state.detail.as_ref().unwrap().id, open);
        assert_eq!((state.list.newer().count, state.focus), (10, Pane::Detail));
        press(&mut state, KeyCode::Esc);
        press(&mut state, KeyCode::Char('g'));
        assert_eq!((state.list.cursor(), state.detail_pane.opened), (&Cursor::Newest, false));
    }

    #[test]
    fn folding_goes_up_the_tree_and_then_back_to_the_list() {
        let mut state = state_with(80, 24, 1);
        press(&mut state, KeyCode::Enter);
        press(&mut state, KeyCode::Char(']'));
        let lines = |state: &State| state.detail.as_ref().unwrap().page().len();
        let unfolded = lines(&state);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char('h'));
        assert!(lines(&state) < unfolded);
        press(&mut state, KeyCode::Char('l'));
        assert_eq!(lines(&state), unfolded);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char('j'));
        for left in ["folds the list of statements' parent", "folds it", "back to the list"] {
            assert_eq!(state.focus, Pane::Detail, "{left}");
            press(&mut state, KeyCode::Char('h'));
        }
        press(&mut state, KeyCode::Char('h'));
        assert_eq!((state.focus, state.detail_pane.opened), (Pane::List, false));
    }

    #[test]
    fn a_count_goes_before_a_move() {
        let mut state = state_with(80, 24, 50);
        let keys = |state: &mut State, keys: &str| {
            keys.chars().for_each(|key| press(state, KeyCode::Char(key)));
            state.list.selected().unwrap()
        };
        assert_eq!(keys(&mut state, "12j"), 12);
        assert_eq!((keys(&mut state, "5k"), state.shell.count), (7, None));
        assert_eq!(keys(&mut state, "30G"), 29);
        assert_eq!(keys(&mut state, "4g"), 3);
        assert_eq!(keys(&mut state, "7xj"), 4, "any other key forgets the count");
        assert_eq!(keys(&mut state, "0j"), 5);
        assert_eq!(keys(&mut state, "99999999j"), 49);
        assert_eq!(keys(&mut state, "g"), 0);
        for key in "3:".chars() {
            press(&mut state, KeyCode::Char(key));
        }
        press(&mut state, KeyCode::Enter);
        assert_eq!(state.list.selected(), Some(3), "the list of actions keeps the count: down, three times");
    }

    #[test]
    fn jumps_go_to_what_is_severe_and_to_places_on_the_screen() {
        let mut state = state_with(80, 24, 60);
        let at = |state: &mut State, key| {
            press(state, KeyCode::Char(key));
            state.list.selected().unwrap()
        };
        assert_eq!((at(&mut state, 'L'), at(&mut state, 'M'), at(&mut state, 'H')), (17, 9, 0));
        let severe =
            |state: &State| state.list.selected_row().unwrap().severity >= Some(detector::Severity::High);
        at(&mut state, 'e');
        assert!(severe(&state));
        at(&mut state, 'G');
        at(&mut state, 'E');
        assert!(severe(&state));
    }

    #[test]
    fn the_selected_row_goes_to_the_middle_the_top_and_the_bottom() {
        let mut state = state_with(80, 24, 60);
        let keys = |state: &mut State, keys: &str| {
            keys.chars().for_each(|key| press(state, KeyCode::Char(key)));
            (state.list.selected().unwrap(), state.list.top())
        };
        assert_eq!(keys(&mut state, "30j"), (30, 13));
        assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 21), (30, 30)));
        assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 13), (30, 21)));
        assert_eq!(keys(&mut state, "GZ"), (59, 42), "there is nothing behind the last");
        press(&mut state, KeyCode::Enter);
        keys(&mut state, "]GZ");
        let page = state.detail.as_ref().unwrap().page();
        assert!(page.top() <= page.cursor() && page.cursor() < page.len());
    }

    #[test]
    fn what_is_new_is_told_and_what_was_there_or_was_only_triaged_is_not() {
        let mut state = State::new(80, 24, Timestamp::UNIX_EPOCH);
        let rows = crate::model::testing::rows;
        let told = |state: &mut State, msg| {
            let effects = update(state, msg, Timestamp::UNIX_EPOCH);
            effects.iter().any(|effect| matches!(effect, Effect::Notify(_)))
        };
        assert!(!told(&mut state, Event::page(rows(0..5), 10)));
        assert!(!told(&mut state, Event::Stored(rows(3..4))));
        assert!(told(&mut state, Event::Stored(rows(5..6))));
    }

    #[test]
    fn what_is_pasted_is_no_keys() {
        let mut state = state_with(80, 24, 3);
        send(&mut state, Msg::Paste("q\u{1b}[Bj".into()));
        assert_eq!(state.list.selected(), Some(0));
        press(&mut state, KeyCode::Char(':'));
        send(&mut state, Msg::Paste("quit".into()));
        assert_eq!(state.overlay.palette().unwrap().query(), "quit");
        press(&mut state, KeyCode::Esc);
        press(&mut state, KeyCode::Char('f'));
        send(&mut state, Msg::Paste("actor:alice\n".into()));
        assert_eq!(state.overlay.prompt().unwrap().text(), "actor:alice");
        press(&mut state, KeyCode::Esc);
        press(&mut state, KeyCode::Char('c'));
        send(&mut state, Msg::Paste("quite\nexpected".into()));
        assert_eq!(state.overlay.triage_prompt().unwrap().input.value(), "quite expected");
    }

    #[test]
    fn signals_end_with_their_number() {
        let mut state = state_with(80, 24, 0);
        assert_eq!(update(&mut state, Msg::Signal(15), Timestamp::UNIX_EPOCH), [Effect::Quit(143)]);
    }
}
