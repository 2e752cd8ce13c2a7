//! What a message changes, and what must be done about it. No I/O, and the clock is an argument.

use jiff::Timestamp;

use super::{Detail, Effect, Focus, Msg, State, history, look, triage};
use crate::keymap::{self, Action};
use crate::source::Health;

/// Takes one message in.
pub(crate) fn update(state: &mut State, msg: Msg, now: Timestamp) -> Vec<Effect> {
    state.now = now;
    let effects = take(state, msg);
    state.list.tally();
    effects
}

fn take(state: &mut State, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => {
            if let Some(effects) = triage::key(state, key) {
                return effects;
            }
            if state.look.takes_keys() {
                look::key(state, key);
                let mut effects = resized(state);
                effects.extend(look::change_of_views(state).map(Effect::View));
                return effects;
            }
            match keymap::action(key) {
                Some(action) => {
                    let mut effects = act(state, action);
                    if state.list.settle() {
                        state.count();
                    }
                    effects.extend(history::wanted(state));
                    return effects;
                }
                // Any other key closes what lies over the screen.
                None => state.help = false,
            }
        }
        Msg::Resize { width, height } => {
            (state.width, state.height) = (width, height);
            return resized(state);
        }
        Msg::Stored(rows) => {
            state.trouble = None;
            state.list.insert(rows);
            state.count();
            return preview(state);
        }
        Msg::Page { rows, last } => {
            history::page(state, rows, last);
            return preview(state);
        }
        Msg::Triaged { deeds, undo, triaged } => {
            triage::done(state, &deeds, undo, triaged);
            return preview(state);
        }
        Msg::Notice(words) => state.triage.notice = Some(words),
        Msg::StoreFailed(why) => {
            state.trouble = Some(why);
            history::failed(state);
            // What could not be read is asked for again with the next move.
            state.detail = state.detail.take().filter(|detail| !detail.is_loading());
        }
        Msg::Health(health) => {
            if matches!(health, Health::Live { .. }) {
                state.trouble = None;
            }
            state.health = health;
        }
        Msg::Loaded(id, content) => {
            let area = state.layout().detail;
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == id) {
                detail.load(content, usize::from(area.width), usize::from(area.height));
            }
        }
        Msg::Signal(number) => return vec![Effect::Quit(128 + number)],
        Msg::Views(views) => (state.look.views, state.look.views_trouble) = (views, None),
        Msg::Tick => {}
    }
    Vec::new()
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit(0)],
        Action::Help => {
            state.help = !state.help;
            return Vec::new();
        }
        _ if state.help => {
            state.help = false;
            return Vec::new();
        }
        _ => {}
    }
    if let Some(mut effects) = triage::act(state, action) {
        effects.extend(preview(state));
        return effects;
    }
    if look::act(state, action) {
        return resized(state);
    }
    match state.focus {
        Focus::List => in_list(state, action),
        Focus::Detail => {
            in_detail(state, action);
            Vec::new()
        }
    }
}

fn in_list(state: &mut State, action: Action) -> Vec<Effect> {
    let height = state.layout().list_rows();
    let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
    match action {
        Action::Down => state.list.step(1, height),
        Action::Up => state.list.step(-1, height),
        Action::PageDown => state.list.step(page, height),
        Action::PageUp => state.list.step(-page, height),
        Action::First => {
            state.list.settle_all();
            state.list.first();
            state.count();
        }
        Action::Last => state.list.last(height),
        Action::Open => return open(state),
        Action::SwitchPane if state.layout().detail.width > 0 => return open(state),
        Action::Back if !state.opened && look::back(state) => return resized(state),
        Action::Back => return close(state),
        Action::Fold => state.list.hold(),
        _ => {}
    }
    preview(state)
}

fn in_detail(state: &mut State, action: Action) {
    let height = usize::from(state.layout().detail.height);
    let page = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(1);
    let Some(detail) = &mut state.detail else {
        state.focus = Focus::List;
        return;
    };
    match action {
        Action::Down => detail.step(1),
        Action::Up => detail.step(-1),
        Action::PageDown => detail.step(page),
        Action::PageUp => detail.step(-page),
        Action::First => detail.step(isize::MIN),
        Action::Last => detail.step(isize::MAX),
        Action::Open if !detail.unfold() => detail.step(1),
        Action::Fold => drop(detail.toggle()),
        Action::Back if !detail.fold() => drop(close(state)),
        Action::SwitchPane => state.focus = Focus::List,
        _ => {}
    }
}

fn open(state: &mut State) -> Vec<Effect> {
    // What one reads must not be replaced by what comes next.
    state.list.stay();
    if state.list.selected_row().is_none() {
        return Vec::new();
    }
    state.opened = true;
    state.focus = Focus::Detail;
    resized(state)
}

fn close(state: &mut State) -> Vec<Effect> {
    state.opened = false;
    state.focus = Focus::List;
    resized(state)
}

fn resized(state: &mut State) -> Vec<Effect> {
    let layout = state.layout();
    state.list.show(layout.list_rows());
    if let Some(detail) = &mut state.detail {
        detail.resize(usize::from(layout.detail.width), usize::from(layout.detail.height));
    }
    preview(state)
}

/// Where a detail is on the screen, it is the selected alert's.
fn preview(state: &mut State) -> Vec<Effect> {
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
    state.detail = Some(Detail::loading(id.clone()));
    vec![Effect::Load(id)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Cursor;
    use crate::keymap::BINDINGS;
    use crate::view::testing::{press, state_with};
    use crossterm::event::KeyCode;

    #[test]
    fn every_action_on_an_empty_screen_of_any_size_is_harmless() {
        for (width, height) in [(0, 0), (1, 1), (39, 7), (80, 24), (200, 60)] {
            let mut state = State::new(width, height, Timestamp::UNIX_EPOCH);
            for binding in BINDINGS {
                act(&mut state, binding.action);
                update(&mut state, Msg::Tick, Timestamp::UNIX_EPOCH);
            }
        }
    }

    #[test]
    fn an_open_alert_stays_open_though_newer_ones_come() {
        let mut state = state_with(80, 24, 3);
        press(&mut state, KeyCode::Enter);
        let open = state.detail.as_ref().unwrap().id.clone();
        let newer = crate::view::testing::rows(10..20);
        update(&mut state, Msg::Stored(newer), Timestamp::UNIX_EPOCH);
        assert_eq!(state.detail.as_ref().unwrap().id, open);
        assert_eq!((state.list.newer().count, state.focus), (10, Focus::Detail));
        for _ in 0..3 {
            press(&mut state, KeyCode::Esc);
        }
        press(&mut state, KeyCode::Char('g'));
        assert_eq!((state.list.cursor(), state.opened), (&Cursor::Newest, false));
    }

    #[test]
    fn folding_goes_up_the_tree_and_then_back_to_the_list() {
        let mut state = state_with(80, 24, 1);
        press(&mut state, KeyCode::Enter);
        let lines = |state: &State| state.detail.as_ref().unwrap().lines().len();
        let unfolded = lines(&state);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char(' '));
        assert!(lines(&state) < unfolded);
        press(&mut state, KeyCode::Char(' '));
        assert_eq!(lines(&state), unfolded);
        press(&mut state, KeyCode::Char('j'));
        press(&mut state, KeyCode::Char('j'));
        for left in ["folds the list of statements' parent", "folds it", "back to the list"] {
            assert_eq!(state.focus, Focus::Detail, "{left}");
            press(&mut state, KeyCode::Char('h'));
        }
        press(&mut state, KeyCode::Char('h'));
        assert_eq!((state.focus, state.opened), (Focus::List, false));
    }

    #[test]
    fn signals_end_with_their_number() {
        let mut state = state_with(80, 24, 0);
        assert_eq!(update(&mut state, Msg::Signal(15), Timestamp::UNIX_EPOCH), [Effect::Quit(143)]);
    }
}
