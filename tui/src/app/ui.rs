//! What belongs to the console and not to the alerts: its keys, its looks, the mouse, the list of
//! actions over the screen, a word about what was just done.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::{SignedDuration, Timestamp};

use super::attention::Attention;
use super::menu::{Menu, Scope};
use super::mouse::Mouse;
use super::{Effect, State, look};
use crate::keymap::{Action, Keymap};
use crate::view::Theme;

/// How long a word about what was just done stays.
const NOTICE: SignedDuration = SignedDuration::from_secs(6);
/// The largest count before an action.
const MOST: usize = 99_999;

/// The console's own state.
#[derive(Debug)]
pub(crate) struct Ui {
    pub(crate) keymap: Keymap,
    pub(crate) theme: Theme,
    /// Only ASCII is drawn.
    pub(crate) ascii: bool,
    pub(crate) mouse: Mouse,
    pub(crate) menu: Option<Menu>,
    pub(crate) attention: Attention,
    /// Digits that were typed before an action.
    pub(crate) count: Option<usize>,
    /// What was just done, in words, and until when that is said.
    notice: Option<(String, Timestamp)>,
}

impl Default for Ui {
    fn default() -> Self {
        Self {
            keymap: Keymap::default(),
            theme: Theme::new(true),
            ascii: false,
            mouse: Mouse::default(),
            menu: None,
            attention: Attention::new(detector::Severity::High, false),
            count: None,
            notice: None,
        }
    }
}

impl Ui {
    /// Says what was done, for some seconds or until the next key.
    pub(crate) fn say(&mut self, words: impl Into<String>, now: Timestamp) {
        self.notice = Some((words.into(), now + NOTICE));
    }

    pub(crate) fn notice(&self) -> Option<&str> {
        self.notice.as_ref().map(|(words, _)| words.as_str())
    }

    /// When something is to be done though nothing happens.
    pub(crate) fn wake(&self) -> Option<Timestamp> {
        let notice = self.notice.as_ref().map(|(_, until)| *until);
        notice.into_iter().chain(self.attention.wake()).min()
    }

    /// Takes the count that was typed.
    pub(super) fn take_count(&mut self) -> Option<usize> {
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
pub(super) fn key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.ui.notice = None;
    state.look.notice = None;
    state.triage.notice = None;
    state.ui.attention.seen(state.now);
    if state.ui.menu.is_some() {
        let effects = in_menu(state, key);
        if state.ui.menu.is_none() {
            // It was for the action that one looked for.
            state.ui.count = None;
        }
        return effects;
    }
    if let Some(effects) = super::desk::key(state, key) {
        return effects;
    }
    if let Some(effects) = super::triage::key(state, key) {
        return effects;
    }
    if state.look.takes_keys() {
        look::key(state, key);
        let mut effects = super::update::resized(state);
        effects.extend(look::change_of_views(state).map(Effect::View));
        return effects;
    }
    if let Some(action) = state.ui.keymap.action(key, state.focus) {
        return super::update::act(state, action);
    }
    state.ui.count_on(key);
    Vec::new()
}

/// Text that was pasted: typed where one types, and no keys anywhere.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(menu) = &mut state.ui.menu {
        menu.type_in(text, &state.ui.keymap);
        return Vec::new();
    }
    // A line's end stands between words, and ends nothing.
    let words = text.trim().replace(['\r', '\n', '\t'], " ");
    let keys = words.chars().filter(|letter| !letter.is_control());
    let keys = keys.map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    if state.triage.prompt.is_some() {
        keys.for_each(|key| drop(super::triage::key(state, key)));
    } else if state.look.prompt.is_some() {
        keys.for_each(|key| look::key(state, key));
        return super::update::resized(state);
    }
    Vec::new()
}

fn in_menu(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let ui = &mut state.ui;
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

/// Closes the list of actions and runs what is selected in it.
pub(super) fn run_selected(state: &mut State) -> Vec<Effect> {
    let selected = state.ui.menu.take().and_then(|menu| menu.selected());
    selected.map_or_else(Vec::new, |action| super::update::act(state, action))
}

/// What does not depend on the pane; none where the pane has to do it.
pub(super) fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    let (now, focus) = (state.now, state.focus);
    let ui = &mut state.ui;
    let effect = match action {
        Action::Help | Action::Palette => {
            let scope = if action == Action::Help { Scope::Here } else { Scope::Everything };
            ui.menu = Some(Menu::new(scope, focus, &ui.keymap));
            None
        }
        Action::Mouse => {
            ui.mouse.on = !ui.mouse.on;
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
        Action::Redraw => Some(Effect::Redraw),
        Action::Suspend => Some(Effect::Suspend),
        _ => return None,
    };
    Some(effect.into_iter().collect())
}

/// Time has passed: what was said is taken away, what waited is told.
pub(super) fn tick(state: &mut State) -> Vec<Effect> {
    let ui = &mut state.ui;
    ui.notice = ui.notice.take().filter(|(_, until)| *until > state.now);
    ui.attention.tell(state.now).map(Effect::Tell).into_iter().collect()
}
