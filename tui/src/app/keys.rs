//! Keys and pasted text: to what lies over the screen, else to the action that the keymap has for them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::app::context::{self, Pressed as InContext};
use crate::app::detail::actions as detail;
use crate::app::effect::{ContextWork, Copy, Effect, FileWork, Lookup, TerminalWork};
use crate::app::incidents::board::{self, BoardLayout, Pressed};
use crate::app::notice::Notice;
use crate::app::overlay::Overlay;
use crate::app::palette::PaletteKey;
use crate::app::pipeline::alarm_list::AlarmKeyPress;
use crate::app::pipeline::page::Page;
use crate::app::query::{picker_keys, prompt_keys};
use crate::app::triage::actions as triage;
use crate::app::triage::prompt::{TriagePrompt, TriagePromptKind};
use crate::app::{State, actions};
use crate::keymap::Action;

/// Takes a key.
pub(super) fn key(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.shell.notifications.seen(state.now);
    // A pending action is for a user who still looks at that alert.
    state.detail_pane.pending = None;
    // A text or a question hides the status line: what it says is not read yet.
    if !state.overlay.is_typing() {
        state.status.key_pressed(state.pipeline.away());
    }
    if let Some(effects) = overlay(state, key) {
        return effects;
    }
    // Only Esc: the other keys that go back fold what was found.
    if key.code == KeyCode::Esc && state.browse().end_search_in_alert() {
        return Vec::new();
    }
    let action = state.shell.keymap.action(key, state.focus);
    state.triage.has_asked &= action == Some(Action::Quit);
    if let Some(action) = action {
        return actions::act(state, action);
    }
    state.shell.count_on(key);
    Vec::new()
}

/// Gives a key to the overlay; `None` where none is open, or where the key closes it and has its own meaning.
fn overlay(state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
    let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
    match state.overlay.get()? {
        Overlay::CopyMenu(_) | Overlay::Notice(_) | Overlay::Alarms(_) | Overlay::Incidents
            if is_control && state.context.is_none() =>
        {
            close_board(state);
            return None;
        }
        Overlay::Context | Overlay::Notice(_) if is_control && !is_typing_in_context(state) => {
            // The list closes, and the key has its own meaning.
            let mut effects = vec![close_context(state)];
            state.overlay.close();
            close_board(state);
            effects.extend(self::key(state, key));
            return Some(effects);
        }
        Overlay::Palette(_) => return Some(in_palette(state, key)),
        Overlay::Picker(_) => return Some(picker_keys::key(&mut state.browse(), key)),
        Overlay::Prompt(_) => return Some(prompt_keys::key(&mut state.browse(), key)),
        Overlay::TriagePrompt(_) => {
            let effects = triage::prompt_key(&mut state.triaging(), key);
            back_to_board(state);
            return Some(effects);
        }
        Overlay::Confirm(_) => {
            let effects = triage::confirm_key(&mut state.triaging(), key);
            back_to_board(state);
            return Some(effects);
        }
        Overlay::CopyMenu(_) => return Some(detail::copy_menu_key(&mut state.reading(), key)),
        Overlay::Alarms(_) => return Some(in_alarms(state, key)),
        Overlay::Incidents => return Some(in_incidents(state, key)),
        Overlay::Context => return Some(in_context(state, key)),
        Overlay::Notice(_) => {}
    }
    let size = (state.width, state.height);
    if let Some(Overlay::Notice(notice)) = state.overlay.get_mut()
        && !notice.key(key, size)
    {
        close_notice(state);
    }
    Some(Vec::new())
}

fn in_palette(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::Palette(palette)) = state.overlay.get_mut() else { return Vec::new() };
    match palette.key(key, &state.shell.keymap) {
        PaletteKey::Stays => Vec::new(),
        PaletteKey::Closes => {
            state.overlay.close();
            // The count was for the action that was looked for.
            state.shell.count = None;
            Vec::new()
        }
        PaletteKey::Runs => actions::run_selected(state),
    }
}

fn in_alarms(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(mut list) = state.overlay.alarms() else { return Vec::new() };
    let page = Page::new(&state.pipeline, list, state.now, (state.width, state.height));
    let pressed = list.key(key, &state.pipeline, (page.rows, page.below));
    state.overlay.open(Overlay::Alarms(list));
    match pressed {
        AlarmKeyPress::Stays => Vec::new(),
        AlarmKeyPress::Closes => {
            state.overlay.close();
            Vec::new()
        }
        AlarmKeyPress::Forget(key) => {
            let name = state.pipeline.short(&key);
            state.status.pass(&format!("{name} is forgotten, until CloudWatch tells of it again"), state.now);
            vec![Effect::ForgetAlarm(key)]
        }
    }
}

/// Closes a text that lies over the screen; the records or the board below it are there again.
pub(super) fn close_notice(state: &mut State) {
    state.overlay.close();
    back_to_context(state);
    back_to_board(state);
}

/// True while a filter or a search among the records around an alert is typed.
fn is_typing_in_context(state: &State) -> bool {
    let is_open = matches!(state.overlay.get(), Some(Overlay::Context));
    is_open && state.context.as_ref().is_some_and(|context| context.finding.prompt.is_some())
}

/// Shows the records around an alert again, over which a text lay.
fn back_to_context(state: &mut State) {
    if state.context.is_some() && !state.overlay.is_open() {
        state.overlay.open(Overlay::Context);
    }
}

/// Shows the board of incidents again, from which a note was written.
fn back_to_board(state: &mut State) {
    if state.incidents.board.is_some() && !state.overlay.is_open() {
        state.overlay.open(Overlay::Incidents);
    }
}

/// Gives a key to the board of incidents.
fn in_incidents(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(mut board) = state.incidents.board.take() else { return Vec::new() };
    let count = state.incidents.shown(&board).len();
    let layout = BoardLayout::new(state.width, state.height, count);
    let rows = (layout.list_rows(), layout.page_rows());
    let pressed = board.key(key, &state.incidents, rows, layout.width());
    state.incidents.board = Some(board);
    match pressed {
        Pressed::Stays => state.incidents.wants_starts().into_iter().collect(),
        Pressed::NoAlert => {
            state.status.pass("no alert on this line", state.now);
            Vec::new()
        }
        Pressed::Closes => {
            close_board(state);
            Vec::new()
        }
        Pressed::GoTo(id) => {
            close_board(state);
            vec![Effect::Lookup(Lookup::Row(id))]
        }
        Pressed::Acknowledge(alerts) => triage::acknowledge(&mut state.triaging(), alerts),
        Pressed::Pivot(filter) => {
            close_board(state);
            let mut browse = state.browse();
            browse.pivot(&filter);
            browse.refilter();
            Vec::new()
        }
        Pressed::Undo => triage::act(&mut state.triaging(), Action::Undo).unwrap_or_default(),
        Pressed::Note(id) => {
            // A note that is there is changed, and not lost.
            let Some(row) = state.list.row_of(&id) else {
                state
                    .status
                    .set("its first alert is further back than the list: Enter opens it, c writes there");
                return Vec::new();
            };
            let known = row.remarks.as_ref().and_then(|remarks| remarks.note.clone()).unwrap_or_default();
            let prompt = TriagePrompt::new(TriagePromptKind::Note, vec![id], &known);
            state.overlay.open(Overlay::TriagePrompt(prompt));
            Vec::new()
        }
        Pressed::Report(incident) => vec![Effect::File(FileWork::Report(incident))],
        Pressed::Context(id) => vec![state.open_context(id, true)],
        Pressed::Help => {
            state.overlay.open(Overlay::Notice(Notice::new("Incidents: keys", board::KEYS)));
            Vec::new()
        }
        Pressed::Copy(text) => {
            let copy = Copy { what: "incident", text, marks: 0 };
            vec![Effect::Terminal(TerminalWork::Copy(copy))]
        }
    }
}

/// Gives a key to the records around an alert.
fn in_context(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    let Some(context) = &mut state.context else { return Vec::new() };
    match context.key(key, context::rows(state.height), state.now) {
        InContext::Stays => Vec::new(),
        InContext::Says(words) => {
            state.status.pass(words, state.now);
            Vec::new()
        }
        InContext::Help => {
            state.overlay.open(Overlay::Notice(Notice::new("Records: keys", context::KEYS)));
            Vec::new()
        }
        InContext::Write(path, calls) => vec![Effect::File(FileWork::Records(path, calls))],
        InContext::Closes => vec![close_context(state)],
        InContext::GoTo(id) => {
            let stop = close_context(state);
            close_board(state);
            vec![stop, Effect::Lookup(Lookup::Row(id))]
        }
        InContext::Asks(effect) => vec![effect],
        InContext::Copy(text) => {
            let copy = Copy { what: "records", text, marks: 0 };
            vec![Effect::Terminal(TerminalWork::Copy(copy))]
        }
    }
}

/// Closes the records around an alert; the board from which they were opened is there again.
fn close_context(state: &mut State) -> Effect {
    if let Some(context) = state.context.take() {
        state.last_context = context.turn();
    }
    state.overlay.close();
    back_to_board(state);
    Effect::Context(ContextWork::Stop)
}

fn close_board(state: &mut State) {
    state.incidents.board = None;
    state.overlay.close();
}

/// Takes pasted text: typed where a text is typed, and no keys anywhere.
pub(super) fn paste(state: &mut State, text: &str) {
    // A line's end stands between words, and ends nothing.
    let words = text.trim().replace(['\r', '\n', '\t'], " ");
    let keys = words.chars().filter(|letter| !letter.is_control());
    let keys = keys.map(|letter| KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
    let is_in_context = is_typing_in_context(state);
    match state.overlay.get_mut() {
        Some(Overlay::Palette(palette)) => palette.type_in(text, &state.shell.keymap),
        Some(Overlay::TriagePrompt(_)) => {
            keys.for_each(|key| drop(triage::prompt_key(&mut state.triaging(), key)));
        }
        Some(Overlay::Prompt(_)) => keys.for_each(|key| drop(prompt_keys::key(&mut state.browse(), key))),
        Some(Overlay::Context) if is_in_context => keys.for_each(|key| drop(in_context(state, key))),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::app::keys::*;
    use crate::app::msg::Msg;
    use crate::app::update;
    use crate::keymap::Keymap;
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
                    let mut send = |key| drop(update(&mut state, Msg::Key(key), now()));
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
    fn notes_and_tags_are_written_in_the_detail_too_in_every_tab() {
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
        assert!(state.overlay.triage_prompt().is_some(), "a key means the same beside a tree");
    }

    #[test]
    fn the_keys_of_a_replay_say_what_they_are_for_where_nothing_is_played() {
        for key in ["P", "S", ")", "("] {
            let mut state = state_with(100, 12, 3);
            let effects = update(
                &mut state,
                Msg::Key(KeyEvent::from(KeyCode::Char(key.chars().next().unwrap()))),
                now(),
            );
            assert_eq!(effects, []);
            assert!(state.status.text().unwrap().contains("replay --speed"));
            assert!(!screen(&state, false).contains("P pause"));
        }
    }

    #[test]
    fn keys_of_ones_own_are_those_that_the_screen_shows() {
        let mut state = state_with(100, 24, 3);
        let own = [("down".to_owned(), vec!["d".to_owned()]), ("help".to_owned(), vec!["F9".to_owned()])];
        state.shell.keymap = Keymap::with(&own).unwrap();
        assert!(screen(&state, true).contains("Enter open") && screen(&state, true).contains("F9 help"));
        press(&mut state, KeyCode::Char('d'));
        assert_eq!(state.list.selected(), Some(1));
        press(&mut state, KeyCode::F(9));
        assert!(screen(&state, true).contains("d               down"), "{}", screen(&state, true));
    }

    #[test]
    fn a_mistyped_name_runs_nothing_and_stays() {
        let mut state = state_with(100, 24, 3);
        type_in(&mut state, ":fliter actor:alice");
        press(&mut state, KeyCode::Enter);
        assert_eq!(state.overlay.palette().unwrap().query(), "fliter actor:alice");
        assert!(screen(&state, true).contains("No matching command"));
        assert!(!state.overlay.takes_letters() && state.shell.recent.is_empty());
        (0..17).for_each(|_| press(&mut state, KeyCode::Backspace));
        type_in(&mut state, "ilter actor:alice");
        press(&mut state, KeyCode::Enter);
        assert_eq!((state.query.chips.chips.len(), state.overlay.palette().is_none()), (1, true));
    }

    #[test]
    fn what_is_bad_is_told_to_somebody_who_does_not_look() {
        let mut state = state_with(100, 12, 0);
        let new = crate::model::testing::rows(7..9);
        let effects = update(&mut state, Event::Stored(new), now());
        let [.., Effect::Notify(note)] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(note.alerts.len(), 2);
        send(&mut state, Msg::Focus(true));
        let new = crate::model::testing::rows(9..10);
        let effects = update(&mut state, Event::Stored(new), now());
        assert!(!effects.iter().any(|effect| matches!(effect, Effect::Notify(_))), "{effects:?}");
    }
}
