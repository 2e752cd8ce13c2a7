//! State around the open alert: the shown tab, the copy menu, a link, a word about what was done. Also
//! the part of `update` that is about these.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use detector::{AlertId, SafeText};

use crate::app::detail::{Groups, Showing, Tab, in_memory};
use crate::app::update::preview;
use crate::app::{Copy, Detail, Effect, Item, Msg, State, copy};
use crate::keymap::{Action, Pane};
use crate::model::Content;
use crate::respond::link;

/// The state of it.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    pub(crate) showing: Showing,
    pub(crate) over: Option<Over>,
    /// Shown until the next key.
    pub(crate) word: Option<Word>,
    /// The action to take once the alert is loaded.
    wanted: Option<Wanted>,
}

/// An overlay on the screen.
#[derive(Debug)]
pub(crate) enum Over {
    Copy(CopyMenu),
    Link(SafeText),
}

/// The copy menu.
#[derive(Debug)]
pub(crate) struct CopyMenu {
    pub(crate) items: Vec<Item>,
    pub(crate) at: usize,
}

/// A word about what was done.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) text: SafeText,
    pub(crate) bad: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    CopyMenu,
    Link,
}

/// The size that the detail has on the screen.
pub(crate) fn size(state: &State) -> (usize, usize) {
    let area = state.layout().detail;
    (usize::from(area.width), usize::from(area.height))
}

/// Takes a key that is for what lies over the screen. None: it is for the rest.
pub(crate) fn key(state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
    state.desk.word = None;
    let over = state.desk.over.take()?;
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return None;
    }
    let Over::Copy(mut menu) = over else { return Some(Vec::new()) };
    let last = menu.items.len().saturating_sub(1);
    match key.code {
        KeyCode::Down => menu.at = (menu.at + 1).min(last),
        KeyCode::Up => menu.at = menu.at.saturating_sub(1),
        KeyCode::Enter => {
            return Some(
                menu.items.get(menu.at).map(|item| Effect::Copy(item.copy(false))).into_iter().collect(),
            );
        }
        KeyCode::Char(letter) => {
            let item = menu.items.iter().find(|item| item.letter == letter.to_ascii_lowercase());
            let effect = item.map(|item| Effect::Copy(item.copy(letter.is_ascii_uppercase())));
            // What has no letter closes it too: nobody is held in a menu.
            return Some(match effect {
                Some(effect) => vec![effect],
                None => say(state, &format!("nothing here to copy under {letter}"), false),
            });
        }
        _ => return Some(Vec::new()),
    }
    state.desk.over = Some(Over::Copy(menu));
    Some(Vec::new())
}

/// Takes what the mouse does while something lies over the screen: a click closes it.
pub(crate) fn mouse(state: &mut State, event: MouseEvent) -> Option<Vec<Effect>> {
    state.desk.over.as_ref()?;
    if matches!(event.kind, MouseEventKind::Down(_)) {
        state.desk.over = None;
    }
    Some(Vec::new())
}

/// Takes an action that is about this. None: it is not.
pub(crate) fn act(state: &mut State, action: Action) -> Option<Vec<Effect>> {
    let Showing { tab, as_text } = state.desk.showing;
    match action {
        Action::NextTab => Some(show(state, Showing { tab: tab.next(), as_text })),
        Action::PreviousTab => Some(show(state, Showing { tab: tab.previous(), as_text })),
        Action::AsText => Some(show(state, Showing { tab, as_text: !as_text })),
        Action::Copy => Some(want(state, Wanted::CopyMenu)),
        Action::OpenLink => Some(want(state, Wanted::Link)),
        _ => None,
    }
}

/// A click on the names of the tabs, in this column of the screen.
pub(crate) fn click(state: &mut State, column: u16) -> Vec<Effect> {
    let area = state.layout().detail;
    let Showing { tab, as_text } = state.desk.showing;
    let at = Tab::at(usize::from(column.saturating_sub(area.x)), usize::from(area.width), tab);
    at.map(|tab| show(state, Showing { tab, as_text })).unwrap_or_default()
}

fn show(state: &mut State, showing: Showing) -> Vec<Effect> {
    state.desk.showing = showing;
    let Some(detail) = &mut state.detail else { return Vec::new() };
    detail.show(showing);
    detail.wants().into_iter().collect()
}

/// Does it now where the selected alert is there, else once it is.
fn want(state: &mut State, wanted: Wanted) -> Vec<Effect> {
    state.list.stay();
    let Some(row) = state.list.selected_row() else { return Vec::new() };
    let id = row.id.clone();
    state.desk.wanted = Some(wanted);
    match &state.detail {
        Some(detail) if detail.id == id && detail.is_loading() => Vec::new(),
        Some(detail) if detail.id == id => do_wanted(state),
        _ => {
            let detail = Detail::loading(row, state.desk.showing, size(state));
            state.detail = Some(detail);
            vec![Effect::Load(id)]
        }
    }
}

fn do_wanted(state: &mut State) -> Vec<Effect> {
    let Some(detail) = &state.detail else { return Vec::new() };
    match state.desk.wanted.take() {
        Some(Wanted::CopyMenu) => {
            let items = copy::items(detail, state.focus == Pane::Detail);
            if !items.is_empty() {
                state.desk.over = Some(Over::Copy(CopyMenu { items, at: 0 }));
            }
            Vec::new()
        }
        Some(Wanted::Link) => match detail.content() {
            Some(Content::Alert(alert)) => vec![Effect::Open(link::event(alert))],
            _ => say(state, "there is no link to a message that could not be read", true),
        },
        None => Vec::new(),
    }
}

/// An alert has come.
pub(crate) fn loaded(state: &mut State) -> Vec<Effect> {
    let mut effects = do_wanted(state);
    effects.extend(state.detail.as_mut().and_then(Detail::wants));
    effects
}

/// Shows the related alert under the cursor.
pub(crate) fn go_to_related(state: &mut State) -> Vec<Effect> {
    let row = state.detail.as_ref().and_then(Detail::related_row).cloned();
    let Some(row) = row else { return Vec::new() };
    if state.list.find(&row.id) {
        preview(state)
    } else {
        say(state, "that alert is not in the list as it is shown now", true)
    }
}

/// Takes what was asked for outside.
pub(crate) fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Steps(id, steps) => {
            if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == id) {
                detail.take_steps(steps);
            }
        }
        Msg::Related(id, groups) => related(state, &id, groups, None),
        Msg::RelatedFailed(id, why) => related(state, &id, Vec::new(), Some(why)),
        Msg::Told { words, bad } => return say(state, &words, bad),
        Msg::CopyByTerminal(copy) => return vec![Effect::CopyByTerminal(copy)],
        Msg::NoBrowser(url) => {
            state.desk.over = Some(Over::Link(SafeText::new(&url)));
            return vec![Effect::Copy(Copy { what: "link", text: url, marks: 0 })];
        }
        _ => {}
    }
    Vec::new()
}

/// Takes the related alerts that the store has found; where it has found none, those in memory.
fn related(state: &mut State, id: &AlertId, groups: Groups, failed: Option<String>) {
    let row = state.list.selected_row().filter(|row| row.id == *id);
    let groups = match row {
        Some(row) if groups.is_empty() => in_memory(state.list.all(), row),
        _ => groups,
    };
    if let Some(detail) = state.detail.as_mut().filter(|detail| detail.id == *id) {
        detail.take_related(groups, failed);
    }
}

fn say(state: &mut State, words: &str, bad: bool) -> Vec<Effect> {
    state.desk.word = Some(Word { text: SafeText::new(words), bad });
    Vec::new()
}

#[cfg(test)]
mod tests;
