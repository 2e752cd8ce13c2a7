//! State of the console that does not concern the alerts: its keys, its theme, the mouse, the list of
//! actions over the screen, a message about the last action.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};

use crate::app::mouse::Mouse;
use crate::app::notifications::Notifications;
use crate::app::palette::{MOST_RECENT, Palette, Scope};
use crate::app::{Effect, State, query};
use crate::keymap::{Action, Keymap, Pane};
use crate::model::{ReplayCommand, SourceStatus};
use crate::theme::Theme;

/// Time for which a message about the last action stays.
const NOTICE: SignedDuration = SignedDuration::from_secs(6);
/// The largest count before an action.
const MOST: usize = 99_999;

/// The console's own state.
#[derive(Debug)]
pub(crate) struct Shell {
    pub(crate) keymap: Keymap,
    pub(crate) theme: Theme,
    /// Only ASCII is drawn.
    pub(crate) ascii: bool,
    pub(crate) mouse: Mouse,
    pub(crate) menu: Option<Palette>,
    /// Lines that were run from the list of actions, the latest first.
    pub(crate) recent: Vec<String>,
    pub(crate) attention: Notifications,
    /// Digits that were typed before an action.
    pub(crate) count: Option<usize>,
    /// Message about the last action, and the time until which it is shown.
    notice: Option<(String, Timestamp)>,
}

impl Default for Shell {
    fn default() -> Self {
        Self {
            keymap: Keymap::default().of_live(),
            theme: Theme::new(true),
            ascii: false,
            mouse: Mouse::default(),
            menu: None,
            recent: Vec::new(),
            attention: Notifications::new(detector::Severity::High, false),
            count: None,
            notice: None,
        }
    }
}

impl Shell {
    /// Says what was done, for some seconds or until the next key.
    pub(crate) fn say(&mut self, words: impl Into<String>, now: Timestamp) {
        self.notice = Some((words.into(), now + NOTICE));
    }

    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(words, _)| words.as_str())
    }

    /// Time at which something is to be done without a message from outside; `None` where there is nothing.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let notice = self.notice.as_ref().map(|(_, until)| *until);
        notice.into_iter().chain(self.attention.wake()).min()
    }

    /// Takes the count that was typed.
    pub(crate) fn take_count(&mut self) -> Option<usize> {
        self.count.take()
    }

    fn count_on(&mut self, key: KeyEvent) {
        let digit = match key.code {
            KeyCode::Char(letter) if key.modifiers.is_empty() => letter.to_digit(10),
            _ => None,
        };
        let digit = digit.and_then(|digit| usize::try_from(digit).ok());
        // A zero begins no number.
        self.count = digit
            .filter(|digit| *digit > 0 || self.count.is_some())
            .map(|digit| (self.count.unwrap_or(0) * 10 + digit).min(MOST));
    }
}

/// A key: to the list of actions where it is open, else to what it is bound to.
pub(crate) fn key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.shell.notice = None;
    if let Some(away) = state.away() {
        state.read_trouble = Some(away.to_owned());
    }
    state.query.notice = None;
    state.triage.notice = None;
    state.shell.attention.seen(state.now);
    if state.shell.menu.is_some() {
        let effects = in_menu(state, key);
        if state.shell.menu.is_none() {
            // It was for the action that one looked for.
            state.shell.count = None;
        }
        return effects;
    }
    if let Some(effects) = crate::app::pipeline::key(state, key) {
        return effects;
    }
    if let Some(effects) = crate::app::detail::actions::key(state, key) {
        return effects;
    }
    if let Some(effects) = crate::app::triage::key(state, key) {
        return effects;
    }
    if state.query.takes_keys() {
        query::key(state, key);
        let mut effects = crate::app::update::resized(state);
        effects.extend(query::effect(state));
        return effects;
    }
    // Only Esc: the other keys that go back fold what was found.
    if key.code == KeyCode::Esc && query::end_search_in_alert(state) {
        return crate::app::update::resized(state);
    }
    if let Some(action) = action(state, key) {
        return crate::app::update::act(state, action);
    }
    state.shell.count_on(key);
    Vec::new()
}

/// Returns the action of a key in the focused pane. The key of notes folds trees in the detail; where the
/// detail shows no tree, that key writes a note as in the list.
fn action(state: &State, key: KeyEvent) -> Option<Action> {
    let keymap = &state.shell.keymap;
    let here = keymap.action(key, state.focus);
    let has_tree = state.detail.as_ref().is_some_and(|detail| detail.tree().is_some());
    let is_free = !has_tree && here.is_none_or(|action| action == Action::FoldSiblings);
    let in_list = keymap.action(key, Pane::List).filter(|action| is_free && *action == Action::Note);
    in_list.or(here)
}

/// Text that was pasted: typed where one types, and no keys anywhere.
pub(crate) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(menu) = &mut state.shell.menu {
        menu.type_in(text, &state.shell.keymap);
        return Vec::new();
    }
    // A line's end stands between words, and ends nothing.
    let words = text.trim().replace(['\r', '\n', '\t'], " ");
    let keys = words.chars().filter(|letter| !letter.is_control());
    let keys = keys.map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    if state.triage.prompt.is_some() {
        keys.for_each(|key| drop(crate::app::triage::key(state, key)));
    } else if state.query.prompt.is_some() {
        keys.for_each(|key| query::key(state, key));
        return crate::app::update::resized(state);
    }
    Vec::new()
}

fn in_menu(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let ui = &mut state.shell;
    let Some(menu) = &mut ui.menu else { return Vec::new() };
    let control = key.modifiers.contains(KeyModifiers::CONTROL);
    match key.code {
        KeyCode::Enter => return run_selected(state),
        KeyCode::Esc | KeyCode::F(1) => ui.menu = None,
        KeyCode::Char('c' | 'g') if control => ui.menu = None,
        KeyCode::Up | KeyCode::BackTab => menu.step(-1),
        KeyCode::Down | KeyCode::Tab => menu.step(1),
        KeyCode::Char('p' | 'k') if control => menu.step(-1),
        KeyCode::Char('n' | 'j') if control => menu.step(1),
        KeyCode::PageUp => menu.step(-10),
        KeyCode::PageDown => menu.step(10),
        KeyCode::Home => menu.go(0),
        KeyCode::End => menu.go(usize::MAX),
        KeyCode::Char('?') | KeyCode::Backspace if menu.query().is_empty() => ui.menu = None,
        KeyCode::Backspace => menu.rub_out(&ui.keymap),
        KeyCode::Char('u' | 'w') if control => menu.clear(&ui.keymap),
        KeyCode::Char(letter) if !control => menu.type_in(letter.encode_utf8(&mut [0; 4]), &ui.keymap),
        _ => {}
    }
    Vec::new()
}

/// Closes the list of actions and runs what is selected in it. Where nothing is, it stays open with what
/// was typed, and goes on to say that nothing is found.
pub(crate) fn run_selected(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.shell.menu.as_ref().and_then(|menu| menu.selected().cloned()) else {
        return Vec::new();
    };
    state.shell.menu = None;
    let line = entry.line();
    state.shell.recent.retain(|known| *known != line);
    state.shell.recent.insert(0, line);
    state.shell.recent.truncate(MOST_RECENT);
    if entry.argument.is_empty() {
        return crate::app::update::act(state, entry.action);
    }
    crate::app::update::act_with(state, entry.action, &entry.argument)
}

/// Does an action that does not depend on the pane; `None` for every other action.
pub(crate) fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    if action == Action::Trouble {
        state.read_trouble = None;
        if state.away().is_none() && state.trouble.is_none() {
            state.shell.say(
                "nothing is wrong that the console knows of; sentinel-tui doctor looks further",
                state.now,
            );
        }
        return Some(Vec::new());
    }
    let (now, focus) = (state.now, state.focus);
    let ui = &mut state.shell;
    let effect = match action {
        Action::Help | Action::Palette => {
            let scope = if action == Action::Help { Scope::Here } else { Scope::Everything };
            ui.menu = Some(Palette::new(scope, focus, &ui.keymap, &ui.recent));
            None
        }
        Action::Mouse => {
            ui.mouse.on = !ui.mouse.on;
            ui.mouse.chosen = Some(ui.mouse.on);
            let key = ui.keymap.keys_of(Action::Mouse);
            ui.say(
                if ui.mouse.on {
                    "the mouse is the console's again: click, double click, wheel, scrollbar".to_owned()
                } else {
                    format!("the mouse is the terminal's: select text with it; {key} takes it back")
                },
                now,
            );
            Some(Effect::Mouse(ui.mouse.on))
        }
        Action::Mute => {
            ui.attention.mute(now);
            ui.say(
                match ui.attention.muted_until() {
                    Some(until) => format!("no notifications until {} UTC", until.strftime("%H:%M")),
                    None => "notifications are on again".to_owned(),
                },
                now,
            );
            None
        }
        Action::Theme => {
            ui.theme = ui.theme.next();
            ui.say(format!("theme: {}", ui.theme.name()), now);
            None
        }
        Action::Pipeline => {
            crate::app::pipeline::open(state);
            None
        }
        Action::Redraw => Some(Effect::Redraw),
        Action::Pause => played(state, ReplayCommand::Pause),
        Action::Step => played(state, ReplayCommand::Step),
        Action::Faster => played(state, ReplayCommand::Faster),
        Action::Slower => played(state, ReplayCommand::Slower),
        Action::Suspend => Some(Effect::Suspend),
        _ => return None,
    };
    Some(effect.into_iter().collect())
}

/// Returns the effect that gives a running replay this order; `None`, with a message, where none is running.
fn played(state: &mut State, order: ReplayCommand) -> Option<Effect> {
    if state.shell.keymap.offered().any(|bound| bound.action == Action::Pause) {
        return Some(Effect::Replay(order));
    }
    let is_over = matches!(&state.health, SourceStatus::Replay(replayed) if replayed.speed.is_some());
    let words = if is_over {
        "the replay is over: all of it is in the list"
    } else {
        "only for log files that are played: replay --speed 60 PATH"
    };
    state.shell.say(words, state.now);
    None
}

/// Handles the passing of time: takes an old message away, and returns the notification that is due.
pub(crate) fn tick(state: &mut State) -> Vec<Effect> {
    let ui = &mut state.shell;
    ui.notice = ui.notice.take().filter(|(_, until)| *until > state.now);
    ui.attention.tell(state.now).map(Effect::Tell).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use crate::app::Msg;
    use crate::app::shell::*;
    use crate::model::Event;
    use crate::model::testing::now;
    use crate::view::testing::{press, screen, send, state_with, type_in};

    fn every_key() -> Vec<KeyEvent> {
        let letters = (' '..='~').map(KeyCode::Char);
        let named = [
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Backspace,
            KeyCode::Delete,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Null,
            KeyCode::Char('é'),
            KeyCode::Char('東'),
        ];
        let codes: Vec<_> = letters.chain((1..=12).map(KeyCode::F)).chain(named).collect();
        let held = [KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT];
        held.into_iter().flat_map(|held| codes.iter().map(move |code| KeyEvent::new(*code, held))).collect()
    }

    #[test]
    fn every_key_on_every_view_of_nothing_and_of_something_is_harmless() {
        for (width, height) in [(0, 0), (40, 8), (120, 40)] {
            for alerts in [0, 1] {
                for opener in ["", "?", ":#", "\r"] {
                    let mut state = state_with(width, height, alerts);
                    // The alert that is opened stays the one that is still being read.
                    let mut send = |key| drop(crate::app::update(&mut state, Msg::Key(key), now()));
                    let open = |letter| if letter == '\r' { KeyCode::Enter } else { KeyCode::Char(letter) };
                    for key in every_key() {
                        opener.chars().for_each(|letter| send(KeyEvent::from(open(letter))));
                        send(key);
                    }
                }
            }
        }
    }

    #[test]
    fn a_word_about_what_was_done_goes_by_itself_or_with_the_next_key() {
        let mut state = state_with(100, 12, 3);
        press(&mut state, KeyCode::F(4));
        assert_eq!((state.shell.notice(), state.wake()), (Some("theme: dark"), Some(now() + NOTICE)));
        crate::app::update(&mut state, Msg::Tick, now() + NOTICE);
        assert_eq!((state.shell.notice(), state.wake()), (None, None), "and then nothing wakes the console");
        press(&mut state, KeyCode::F(4));
        press(&mut state, KeyCode::Char('j'));
        assert_eq!(state.shell.notice(), None);
    }

    #[test]
    fn in_the_detail_notes_and_tags_are_written_too_and_a_tree_is_folded() {
        let mut state = state_with(80, 24, 3);
        press(&mut state, KeyCode::Enter);
        for (key, typed) in [("c", "why"), ("#", "drill")] {
            type_in(&mut state, key);
            type_in(&mut state, typed);
            press(&mut state, KeyCode::Enter);
        }
        let remarks = state.list.selected_row().unwrap().remarks.clone().unwrap();
        assert_eq!((remarks.note.as_deref(), remarks.tags.clone()), (Some("why"), vec!["drill".to_owned()]));
        type_in(&mut state, "]c");
        assert!(state.triage.prompt.is_none() && state.focus == Pane::Detail);
    }

    #[test]
    fn the_keys_of_a_replay_say_what_they_are_for_where_nothing_is_played() {
        for key in ["P", "S", ")", "("] {
            let mut state = state_with(100, 12, 3);
            let effects = crate::app::update(
                &mut state,
                Msg::Key(KeyEvent::from(KeyCode::Char(key.chars().next().unwrap()))),
                now(),
            );
            assert_eq!(effects, []);
            assert!(state.shell.notice().unwrap().contains("replay --speed"));
            assert!(!screen(&state, false).contains("P pause"));
        }
    }

    #[test]
    fn keys_of_ones_own_are_those_that_the_screen_shows() {
        let mut state = state_with(100, 24, 3);
        let own = [("down".to_owned(), vec!["x".to_owned()]), ("help".to_owned(), vec!["F9".to_owned()])];
        state.shell.keymap = Keymap::with(&own).unwrap();
        assert!(
            screen(&state, true).contains("x down  Enter open") && screen(&state, true).contains("F9 help")
        );
        press(&mut state, KeyCode::Char('x'));
        assert_eq!(state.list.selected(), Some(1));
        press(&mut state, KeyCode::F(9));
        assert!(screen(&state, true).contains("x               down"));
    }

    #[test]
    fn a_mistyped_name_runs_nothing_and_stays() {
        let mut state = state_with(100, 24, 3);
        type_in(&mut state, ":fliter actor:alice");
        press(&mut state, KeyCode::Enter);
        assert_eq!(state.shell.menu.as_ref().unwrap().query(), "fliter actor:alice");
        assert!(screen(&state, true).contains("so Enter runs nothing"));
        assert!(!state.query.takes_keys() && state.shell.recent.is_empty());
        (0..17).for_each(|_| press(&mut state, KeyCode::Backspace));
        type_in(&mut state, "ilter actor:alice");
        press(&mut state, KeyCode::Enter);
        assert_eq!((state.query.chips.chips.len(), state.shell.menu.is_none()), (1, true));
    }

    #[test]
    fn what_is_bad_is_told_to_somebody_who_does_not_look() {
        let mut state = state_with(100, 12, 0);
        let new = crate::model::testing::rows(7..9);
        let effects = crate::app::update(&mut state, Event::Stored(new), now());
        let [Effect::Tell(note)] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(note.alerts.len(), 2);
        send(&mut state, Msg::Focus(true));
        let new = crate::model::testing::rows(9..10);
        assert_eq!(crate::app::update(&mut state, Event::Stored(new), now()), []);
    }
}
