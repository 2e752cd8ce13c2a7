//! Changes the state as a message requires, and returns the effects to carry out. No I/O, and the clock is
//! an argument.

use crossterm::event::{MouseEvent, MouseEventKind};
use jiff::Timestamp;

use crate::app::detail::actions;
use crate::app::list::sort::{Column, Sort};
use crate::app::{
    Detail, Effect, Msg, State, mouse, paging, pipeline, preferences, query, shell, timeline, triage,
};
use crate::keymap::{Action, Pane};
use crate::model::{Event, SourceStatus, TriageState};

/// Takes one message in.
pub(crate) fn update(state: &mut State, msg: impl Into<Msg>, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    let effects = take(state, msg.into());
    paging::note_eviction(state);
    state.list.tally();
    timeline::recut(state);
    effects
}

/// Handles a mouse event; a list or menu that lies over the screen takes it first.
fn pointed(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    if !matches!(event.kind, MouseEventKind::Moved) {
        paging::stop(state);
    }
    let over = pipeline::mouse(state, event).or_else(|| actions::mouse(state, event));
    let effects = over.unwrap_or_else(|| mouse::event(state, event));
    moved(state, effects)
}

/// Takes in a message.
fn take(state: &mut State, msg: Msg) -> Vec<Effect> {
    let now = state.now;
    match msg {
        Msg::Event(event) => return news(state, event),
        Msg::Key(key) => {
            paging::stop(state);
            let effects = shell::key(state, key);
            return moved(state, effects);
        }
        Msg::Mouse(event) => return pointed(state, event),
        Msg::Paste(text) => return shell::paste(state, &text),
        Msg::Focus(focused) => state.shell.attention.focus(focused, now),
        Msg::Said(words) => state.shell.say(words, now),
        Msg::Suspend => return vec![Effect::Suspend],
        Msg::Continued => return vec![Effect::Resume],
        Msg::Signal(number) => return vec![Effect::Quit(128 + number)],
        Msg::Resize { width, height } => {
            (state.width, state.height) = (width, height);
            return resized(state);
        }
        Msg::Tick => return shell::tick(state),
        msg => return answer(state, msg),
    }
    Vec::new()
}

/// Takes in the answer to an effect.
fn answer(state: &mut State, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::SearchPage { turn, sought } => {
            if let Some(more) = paging::found(state, turn, sought) {
                return vec![more];
            }
            let mut effects = preview(state);
            // Further, where that was not enough.
            effects.extend(paging::wanted(state));
            return effects;
        }
        Msg::TriageOutcome { commands, undo, triaged } => {
            triage::done(state, &commands, undo, triaged);
            return preview(state);
        }
        Msg::Loaded(id, content) => {
            let size = actions::size(state);
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == id) {
                detail.load(content, size);
                return actions::loaded(state);
            }
        }
        Msg::Views(views) => (state.query.views, state.query.views_trouble) = (views, None),
        Msg::Shared(id, facet, value) => {
            query::shared(state, &id, facet, value.as_deref());
            let mut effects = resized(state);
            effects.extend(query::effect(state));
            effects.extend(paging::wanted(state));
            return effects;
        }
        Msg::Found { turn, rows } => {
            // Of another turn, it would leave holes.
            if turn == state.list.turn() {
                paging::index_answered(state, rows.len());
                state.list.insert_loose(rows);
                return preview(state);
            }
        }
        Msg::Values(id, values) => state.query.values = Some((id, values)),
        Msg::Writing(writing) => state.query.writing = writing,
        msg => return actions::update(state, msg),
    }
    Vec::new()
}

/// Takes in news from the store or the source.
fn news(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Stored(rows) => {
            state.trouble = None;
            // What was only triaged, here or elsewhere, is nothing new.
            let new: Vec<_> = rows
                .iter()
                .filter(|row| row.state == TriageState::Open && !state.list.holds(&row.id))
                .cloned()
                .collect();
            let note = state.shell.attention.stored(&new, state.now);
            state.list.insert(rows);
            state.count();
            let mut effects = preview(state);
            effects.extend(note.map(Effect::Tell));
            return effects;
        }
        Event::Page { rows, last } => {
            let more = paging::page(state, rows, last);
            // What is only passed by on the way to the oldest is not opened.
            return if more.is_some() { more.into_iter().collect() } else { preview(state) };
        }
        Event::StoreFailed(why) => {
            state.trouble = Some(why);
            paging::failed(state);
            // What could not be read is asked for again with the next move.
            state.detail = state.detail.take().filter(|detail| !detail.is_loading());
        }
        Event::Duplicates(more) => state.duplicates += more,
        Event::StoreBlocked(why) => state.unstored = why,
        Event::DeleteBlocked(why) => state.undeleted = why,
        Event::Identity(identity) => state.identity = Some(identity),
        Event::Notice(words) => state.triage.notice = Some(words),
        Event::Source(status) => doing(state, status),
        Event::Alarms { alarms, first } => return pipeline::alarms(state, alarms, first),
        Event::Probe(status) => state.pipeline.probed = Some(status),
        Event::PipelineProbe(probe) => pipeline::probe(state, probe),
        Event::UnknownKind(kind) => pipeline::unknown_kind(state, &kind),
    }
    Vec::new()
}

/// Takes in the health of the source.
fn doing(state: &mut State, health: SourceStatus) {
    if let SourceStatus::Live { last_receive, .. } = health {
        (state.trouble, state.read_trouble) = (None, None);
        state.pipeline.live_since.get_or_insert(last_receive);
    } else {
        // Probes that came meanwhile are received first.
        state.pipeline.live_since = None;
    }
    if matches!(&health, SourceStatus::Replay(replayed) if replayed.done) {
        state.shell.keymap.end_replay();
    }
    state.health = health;
}

/// After a key or the mouse: what is acknowledged and out of sight leaves, and older alerts are asked
/// for before the end of the list is seen.
fn moved(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    if !state.triage.takes_keys() && !state.query.takes_keys() && state.list.drop_lingering() {
        state.count();
    }
    effects.extend(paging::wanted(state));
    effects.extend(preferences::wanted(state));
    effects
}

pub(super) fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if action == Action::Quit {
        return vec![Effect::Quit(0)];
    }
    if let Some(effects) = shell::act(state, action) {
        return effects;
    }
    let count = state.shell.take_count();
    if let Some(effects) = actions::act(state, action) {
        return effects;
    }
    if let Some(mut effects) = triage::act(state, action) {
        effects.extend(preview(state));
        return effects;
    }
    if query::act(state, action) {
        let mut effects = resized(state);
        effects.extend(query::effect(state));
        return effects;
    }
    if timeline::act(state, action, count) {
        return resized(state);
    }
    match state.focus {
        Pane::List => in_list(state, action, count),
        Pane::Detail => in_detail(state, action, count),
    }
}

/// Does what an action asks with a text that was written for it; where it takes none, as without.
pub(super) fn act_with(state: &mut State, action: Action, text: &str) -> Vec<Effect> {
    if let Some(mut effects) = triage::act_with(state, action, text) {
        effects.extend(preview(state));
        return effects;
    }
    if query::act_with(state, action, text) {
        let mut effects = resized(state);
        effects.extend(query::effect(state));
        return effects;
    }
    act(state, action)
}

/// Rows that an action moves by, in a pane of this height; none where it does not move by rows.
fn rows(action: Action, height: usize, count: Option<usize>) -> Option<isize> {
    let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
    let half = (page / 2).max(1);
    let by = match action {
        Action::Down => 1,
        Action::Up => -1,
        Action::PageDown => page,
        Action::PageUp => -page,
        Action::HalfPageDown => half,
        Action::HalfPageUp => -half,
        _ => return None,
    };
    Some(by * isize::try_from(count.unwrap_or(1)).unwrap_or(1))
}

fn in_list(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let height = state.layout().list_rows();
    if let Some(by) = rows(action, height, count) {
        state.list.step(by, height);
        return preview(state);
    }
    let line = count.unwrap_or(1).saturating_sub(1);
    let top = state.list.top();
    match action {
        Action::First | Action::Last if count.is_some() => state.list.select(line),
        Action::First => {
            if state.list.sort().by != Column::Time {
                state.query.notice =
                    Some("the first row of this sort, in which nothing is followed: s m sorts by time");
            }
            state.list.drop_all_lingering();
            state.list.first();
            state.count();
            paging::to_the_oldest(state, Sort::OLDEST_FIRST);
        }
        Action::Last => {
            state.list.last(height);
            paging::to_the_oldest(state, Sort::NEWEST_FIRST);
        }
        Action::NextSevere => state.list.go_to_severe(true, count),
        Action::PreviousSevere => state.list.go_to_severe(false, count),
        Action::ScreenTop => state.list.select(top + line.min(height.saturating_sub(1))),
        Action::ScreenMiddle => state.list.select(top + height / 2),
        Action::ScreenBottom => {
            state.list.select((top + height).saturating_sub(line + 1).max(top));
        }
        Action::Recentre => state.list.recentre(),
        Action::Open => return open(state),
        Action::SwitchPane if state.layout().detail.width > 0 => return open(state),
        Action::Back if !state.opened && query::back(state) => return resized(state),
        Action::Back => return close(state),
        Action::Fold => state.list.hold(),
        _ => {}
    }
    preview(state)
}

fn in_detail(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    let Some(detail) = &mut state.detail else {
        state.focus = Pane::List;
        return Vec::new();
    };
    if let Some(by) = rows(action, detail.rows(), count) {
        detail.step(by);
        return Vec::new();
    }
    match action {
        Action::First => detail.step(isize::MIN),
        Action::Last => detail.step(isize::MAX),
        Action::Open => {
            if detail.related_row().is_some() {
                return actions::go_to_related(state);
            }
            if let Some(again) = detail.ask_again() {
                return vec![again];
            }
            if !detail.unfold() {
                detail.step(1);
            }
        }
        Action::Fold => drop(detail.toggle()),
        Action::Back => {
            if !detail.fold() {
                return close(state);
            }
        }
        Action::SwitchPane => state.focus = Pane::List,
        Action::Recentre => detail.recentre(),
        other => detail.in_tree(other),
    }
    Vec::new()
}

fn open(state: &mut State) -> Vec<Effect> {
    // What one reads must not be replaced by what comes next.
    state.list.stay();
    if state.list.selected_row().is_none() {
        return Vec::new();
    }
    state.opened = true;
    state.focus = Pane::Detail;
    resized(state)
}

fn close(state: &mut State) -> Vec<Effect> {
    state.opened = false;
    state.focus = Pane::List;
    resized(state)
}

pub(super) fn resized(state: &mut State) -> Vec<Effect> {
    let layout = state.layout();
    state.list.show(layout.list_rows());
    if let Some(detail) = &mut state.detail {
        detail.resize((usize::from(layout.detail.width), usize::from(layout.detail.height)));
    }
    preview(state)
}

/// Shows the selected alert in the detail, where the detail is on the screen.
pub(super) fn preview(state: &mut State) -> Vec<Effect> {
    if state.layout().detail.width == 0 {
        return Vec::new();
    }
    let Some(row) = state.list.selected_row() else {
        // Of an alert that a filter hides there is nothing to say, unless it is being read.
        state.detail = state.detail.take().filter(|_| state.opened);
        return Vec::new();
    };
    if state.detail.as_ref().is_some_and(|detail| detail.id == row.id) {
        return Vec::new();
    }
    let id = row.id.clone();
    let detail = Detail::loading(row, state.desk.showing, actions::size(state));
    state.detail = Some(detail);
    vec![Effect::Load(id)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Cursor;
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
        assert_eq!((state.list.cursor(), state.opened), (&Cursor::Newest, false));
    }

    #[test]
    fn folding_goes_up_the_tree_and_then_back_to_the_list() {
        let mut state = state_with(80, 24, 1);
        press(&mut state, KeyCode::Enter);
        press(&mut state, KeyCode::Char(']'));
        let lines = |state: &State| state.detail.as_ref().unwrap().page().len();
        let unfolded = lines(&state);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char(' '));
        assert!(lines(&state) < unfolded);
        press(&mut state, KeyCode::Char(' '));
        assert_eq!(lines(&state), unfolded);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char('j'));
        for left in ["folds the list of statements' parent", "folds it", "back to the list"] {
            assert_eq!(state.focus, Pane::Detail, "{left}");
            press(&mut state, KeyCode::Char('h'));
        }
        press(&mut state, KeyCode::Char('h'));
        assert_eq!((state.focus, state.opened), (Pane::List, false));
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
        assert_eq!((at(&mut state, 'L'), at(&mut state, 'M'), at(&mut state, 'H')), (20, 10, 0));
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
        assert_eq!(keys(&mut state, "30j"), (30, 10));
        assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 20), (30, 30)));
        assert_eq!((keys(&mut state, "Z"), keys(&mut state, "Z")), ((30, 10), (30, 20)));
        assert_eq!(keys(&mut state, "GZ"), (59, 39), "there is nothing behind the last");
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
            effects.iter().any(|effect| matches!(effect, Effect::Tell(_)))
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
        assert_eq!(state.shell.menu.as_ref().unwrap().query(), "quit");
        press(&mut state, KeyCode::Esc);
        press(&mut state, KeyCode::Char('f'));
        send(&mut state, Msg::Paste("actor:alice\n".into()));
        assert_eq!(state.query.prompt.as_ref().unwrap().text(), "actor:alice");
        press(&mut state, KeyCode::Esc);
        press(&mut state, KeyCode::Char('c'));
        send(&mut state, Msg::Paste("quite\nexpected".into()));
        assert_eq!(state.triage.prompt.as_ref().unwrap().input.value(), "quite expected");
    }

    #[test]
    fn signals_end_with_their_number() {
        let mut state = state_with(80, 24, 0);
        assert_eq!(update(&mut state, Msg::Signal(15), Timestamp::UNIX_EPOCH), [Effect::Quit(143)]);
    }
}
