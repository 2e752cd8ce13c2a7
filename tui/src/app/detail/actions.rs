//! Actions on the open alert: its tabs, the copy menu, its link, its related alerts.

use crossterm::event::{KeyCode, KeyEvent};
use detector::AlertId;

use crate::app::copy::{self, CopyMenu};
use crate::app::detail::pane::{DetailPane, Pending};
use crate::app::detail::{Detail, Groups, Showing, Tab, in_memory};
use crate::app::effect::{Copy, Effect, Handled, Lookup, TerminalWork};
use crate::app::list::List;
use crate::app::notice::Notice;
use crate::app::overlay::{Overlay, Overlays};
use crate::app::status::{NONE_SELECTED, StatusLine};
use crate::keymap::{Action, Pane};
use crate::model::Content;
use crate::respond::{self, link};

#[cfg(test)]
mod tests;

/// The parts that actions on the open alert work on, borrowed from the state for one key or action.
pub(crate) struct Reading<'a> {
    pub(crate) detail: &'a mut Option<Detail>,
    pub(crate) pane: &'a mut DetailPane,
    pub(crate) list: &'a mut List,
    pub(crate) overlay: &'a mut Overlays,
    pub(crate) status: &'a mut StatusLine,
    /// The focused pane.
    pub(crate) focus: Pane,
    /// Columns and rows of the detail on the screen.
    pub(crate) size: (usize, usize),
}

/// Does an action on the open alert.
pub(crate) fn act(on: &mut Reading<'_>, action: Action, count: Option<usize>) -> Handled {
    let Showing { tab, as_text } = on.pane.showing;
    match action {
        Action::NextTab => Some(show(on, Showing { tab: tab.next(), as_text })),
        Action::PreviousTab => Some(show(on, Showing { tab: tab.previous(), as_text })),
        Action::AsText => Some(show(on, Showing { tab, as_text: !as_text })),
        Action::TabSummary => Some(show_tab(on, Tab::Summary)),
        Action::TabParams => Some(show_tab(on, Tab::Parameters)),
        Action::TabPolicy => Some(show_tab(on, Tab::Policy)),
        Action::TabRecord => Some(show_tab(on, Tab::Record)),
        Action::TabRelated => Some(show_tab(on, Tab::Related)),
        Action::TabRespond => Some(show_tab(on, Tab::Respond)),
        Action::Copy if count.is_some() => Some(copy_command(on, count)),
        Action::CopyAll => Some(copy_command(on, None)),
        Action::Rule => Some(want(on, Pending::Rule)),
        Action::Copy => Some(want(on, Pending::CopyMenu)),
        Action::OpenLink => Some(want(on, Pending::OpenLink)),
        _ => None,
    }
}

/// Copies a command of the Respond tab by its number, or all of them.
fn copy_command(on: &mut Reading<'_>, number: Option<usize>) -> Vec<Effect> {
    let content = on.detail.as_ref().and_then(Detail::content);
    let text = match (content, number) {
        (Some(Content::Alert(alert)), Some(number)) => number
            .checked_sub(1)
            .and_then(|at| respond::commands(alert).into_iter().nth(at))
            .map(|command| command.line),
        (Some(Content::Alert(alert)), None) => {
            Some(respond::script(alert)).filter(|script| !script.is_empty())
        }
        _ => None,
    };
    let Some(text) = text else {
        on.status.set("no such command in Respond");
        return Vec::new();
    };
    let what = if number.is_some() { "command" } else { "commands" };
    vec![Effect::Terminal(TerminalWork::Copy(Copy { what, text, marks: 0 }))]
}

/// Takes a key of the copy menu.
pub(crate) fn copy_menu_key(on: &mut Reading<'_>, key: KeyEvent) -> Vec<Effect> {
    let Some(Overlay::CopyMenu(menu)) = on.overlay.get_mut() else { return Vec::new() };
    let copy = match key.code {
        KeyCode::Down => {
            menu.step(1);
            return Vec::new();
        }
        KeyCode::Up => {
            menu.step(-1);
            return Vec::new();
        }
        KeyCode::Enter => menu.selected(),
        KeyCode::Char(letter) => {
            let copy = menu.by_letter(letter);
            if copy.is_none() {
                on.status.set(&format!("nothing here to copy under {letter}"));
            }
            copy
        }
        _ => None,
    };
    // A key without a meaning closes the menu too: nobody is held in it.
    on.overlay.close();
    copy.map(|copy| Effect::Terminal(TerminalWork::Copy(copy))).into_iter().collect()
}

/// Shows a tab, for a click on its name.
pub(crate) fn show_tab(on: &mut Reading<'_>, tab: Tab) -> Vec<Effect> {
    let as_text = on.pane.showing.as_text;
    show(on, Showing { tab, as_text })
}

fn show(on: &mut Reading<'_>, showing: Showing) -> Vec<Effect> {
    on.pane.showing = showing;
    let Some(detail) = on.detail else { return Vec::new() };
    detail.show(showing);
    detail.wants().into_iter().collect()
}

/// Takes an action on the selected alert: now where it is loaded, else once it is.
fn want(on: &mut Reading<'_>, pending: Pending) -> Vec<Effect> {
    on.list.stay();
    let Some(row) = on.list.selected_row() else {
        on.status.set(NONE_SELECTED);
        return Vec::new();
    };
    let id = row.id.clone();
    on.pane.pending = Some((id.clone(), pending));
    match &on.detail {
        Some(detail) if detail.id == id && detail.is_loading() => Vec::new(),
        Some(detail) if detail.id == id => do_pending(on),
        _ => {
            *on.detail = Some(Detail::loading(row, on.pane.showing, on.size));
            vec![Effect::Lookup(Lookup::Load(id))]
        }
    }
}

/// Takes the action that waits for the open alert.
fn do_pending(on: &mut Reading<'_>) -> Vec<Effect> {
    let Some(detail) = &on.detail else { return Vec::new() };
    let pending = on.pane.pending.take_if(|(id, _)| *id == detail.id);
    match pending.map(|(_, pending)| pending) {
        Some(Pending::CopyMenu) => {
            let items = copy::items(detail, on.focus == Pane::Detail);
            if !items.is_empty() {
                on.overlay.open_late(Overlay::CopyMenu(CopyMenu::new(items)));
            }
            Vec::new()
        }
        Some(Pending::OpenLink) => {
            if let Some(Content::Alert(alert)) = detail.content() {
                return vec![Effect::Terminal(TerminalWork::OpenLink(link::event(alert)))];
            }
            on.status.fail("an unreadable message has no link");
            Vec::new()
        }
        Some(Pending::Rule) => {
            if let Some(Content::Alert(alert)) = detail.content() {
                let ids = alert.rules.iter().map(|rule| rule.id.clone()).collect();
                return vec![Effect::Lookup(Lookup::Rules(ids))];
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Shows detection rules in words, unless the user is doing something else by now.
pub(crate) fn rules(overlay: &mut Overlays, status: &mut StatusLine, words: &str) {
    if words.is_empty() {
        status.set("the rule is not among the built-in ones, so its text is not here");
    } else {
        overlay.open_late(Overlay::Notice(Notice::new("Detection", words)));
    }
}

/// Takes in an alert that was asked for, unless another one is open by now.
pub(crate) fn loaded(on: &mut Reading<'_>, id: &AlertId, content: Option<Content>) -> Vec<Effect> {
    let Some(detail) = on.detail.as_mut().filter(|detail| detail.id == *id) else { return Vec::new() };
    detail.load(content, on.size);
    let mut effects = do_pending(on);
    effects.extend(on.detail.as_mut().and_then(Detail::wants));
    // The tab's name counts them. Not while one only walks through the list: each costs five searches.
    if on.focus == Pane::Detail {
        effects.extend(on.detail.as_mut().and_then(Detail::wants_related));
    }
    effects
}

/// Shows a link that no browser took, where nothing else lies over the screen, and copies it.
pub(crate) fn no_browser(overlay: &mut Overlays, url: String) -> Vec<Effect> {
    let is_shown = overlay.open_late(Overlay::Notice(Notice::new("No browser here: the link", &url)));
    let what = if is_shown { "link" } else { "link, which no browser opened" };
    vec![Effect::Terminal(TerminalWork::Copy(Copy { what, text: url, marks: 0 }))]
}

/// Selects the related alert under the cursor.
pub(crate) fn go_to_related(on: &mut Reading<'_>) {
    let Some(row) = on.detail.as_ref().and_then(Detail::related_row).cloned() else { return };
    // It may be older than the list goes.
    on.list.insert_loose(vec![row.clone()]);
    if !on.list.find(&row.id) {
        on.status.fail("that alert is hidden: F switches filters off, A shows acknowledged alerts");
    }
}

/// Takes the related alerts that the store has found; where it has found none, those in memory.
pub(crate) fn related(detail: &mut Option<Detail>, list: &List, id: &AlertId, found: Result<Groups, String>) {
    let (groups, failed) = match found {
        Ok(groups) => (groups, None),
        Err(why) => (Groups::new(), Some(why)),
    };
    let row = list.selected_row().filter(|row| row.id == *id);
    let groups = match row {
        Some(row) if groups.is_empty() => in_memory(list.all(), row),
        _ => groups,
    };
    if let Some(detail) = detail.as_mut().filter(|detail| detail.id == *id) {
        detail.take_related(groups, failed);
    }
}
