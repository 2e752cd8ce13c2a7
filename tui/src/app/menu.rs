//! The list of actions over the screen: those of this place (`?`), or all there are (`:`). What is
//! typed searches it by name, by words and by key; Enter runs the action.

use detector::SafeText;
use frizbee::{Config, Matcher};

use crate::app::Focus;
use crate::keymap::{Action, Bound, Keymap};

/// Which actions it lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// What can be done in the pane that has the keys.
    Here,
    Everything,
}

/// The open list.
#[derive(Debug)]
pub(crate) struct Menu {
    scope: Scope,
    place: Focus,
    query: String,
    actions: Vec<Action>,
    cursor: usize,
}

impl Menu {
    pub(super) fn new(scope: Scope, place: Focus, keymap: &Keymap) -> Self {
        let mut menu = Self { scope, place, query: String::new(), actions: Vec::new(), cursor: 0 };
        menu.search(keymap);
        menu
    }

    pub(crate) const fn scope(&self) -> Scope {
        self.scope
    }

    /// What was typed.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// What is listed, best first.
    pub(crate) fn actions(&self) -> &[Action] {
        &self.actions
    }

    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) fn selected(&self) -> Option<Action> {
        self.actions.get(self.cursor).copied()
    }

    pub(super) fn type_in(&mut self, text: &str, keymap: &Keymap) {
        self.query.push_str(SafeText::new(text).as_str());
        self.search(keymap);
    }

    pub(super) fn rub_out(&mut self, keymap: &Keymap) {
        self.query.pop();
        self.search(keymap);
    }

    pub(super) fn clear(&mut self, keymap: &Keymap) {
        self.query.clear();
        self.search(keymap);
    }

    pub(super) fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.actions.len().saturating_sub(1));
    }

    pub(super) fn go(&mut self, to: usize) {
        self.cursor = to.min(self.actions.len().saturating_sub(1));
    }

    fn search(&mut self, keymap: &Keymap) {
        let mut bound: Vec<&Bound> = match self.scope {
            Scope::Here => keymap.here(self.place).collect(),
            Scope::Everything => keymap.all().collect(),
        };
        // What is possible only here comes before what is possible everywhere.
        bound.sort_by_key(|bound| self.scope == Scope::Here && bound.action.place().is_none());
        self.cursor = 0;
        let words = self.query.trim();
        if words.is_empty() {
            self.actions = bound.iter().map(|bound| bound.action).collect();
            return;
        }
        let texts: Vec<_> =
            bound.iter().map(|b| format!("{} {} {}", b.action.name(), b.help, b.keys())).collect();
        let found = Matcher::new(words, &Config::default()).match_list(&texts);
        let action = |at: u32| bound.get(usize::try_from(at).ok()?).map(|bound| bound.action);
        // Whoever types a key wants what it does.
        let by_key = bound.iter().filter(|bound| bound.keys().split(' ').any(|key| key == words));
        self.actions = by_key.map(|bound| bound.action).collect();
        for action in found.iter().filter_map(|hit| action(hit.index)) {
            if !self.actions.contains(&action) {
                self.actions.push(action);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(scope: Scope, query: &str) -> Vec<Action> {
        let keymap = Keymap::default();
        let mut menu = Menu::new(scope, Focus::List, &keymap);
        menu.type_in(query, &keymap);
        menu.actions().to_vec()
    }

    #[test]
    fn actions_are_found_by_name_by_words_and_by_key() {
        for (query, action) in [
            ("page-down", Action::PageDown),
            ("hlfdn", Action::HalfPageDown),
            ("notifications", Action::Mute),
            ("quit", Action::Quit),
            ("G", Action::Last),
            ("Ctrl-L", Action::Redraw),
        ] {
            assert_eq!(found(Scope::Everything, query).first(), Some(&action), "{query}");
        }
        assert_eq!(found(Scope::Everything, "xyzzy"), []);
    }

    #[test]
    fn the_list_of_this_place_holds_what_is_possible_here() {
        let (here, everything) = (found(Scope::Here, ""), found(Scope::Everything, ""));
        assert!(!here.contains(&Action::Parent) && everything.contains(&Action::Parent));
        assert_eq!(here.first().and_then(|action| action.place()), Some(Focus::List));
    }

    #[test]
    fn every_move_in_an_empty_list_is_harmless() {
        let keymap = Keymap::default();
        let mut menu = Menu::new(Scope::Here, Focus::List, &keymap);
        menu.type_in("xyzzy", &keymap);
        menu.step(1);
        menu.step(-5);
        menu.go(7);
        assert_eq!((menu.query(), menu.cursor(), menu.selected()), ("xyzzy", 0, None));
        menu.rub_out(&keymap);
        menu.clear(&keymap);
        menu.rub_out(&keymap);
        assert!(menu.selected().is_some());
    }
}
