//! The list of actions over the screen: those of this place (`?`), or all there are (`:`). What is
//! typed searches it by name, by words and by key; Enter runs the action. A text behind the name of an
//! action that takes one is given to it: `filter ip:10.0.0.0/8`. What was run last stands first.
//!
//! Enter runs what stands first without another look, so only that is found of which one sees why:
//! what is typed is in its name, begins its words or keys, or leaves out letters of its name.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use detector::SafeText;
use frizbee::{Config, Matcher};

use crate::keymap::{Action, Bound, Keymap, Pane};

/// Set of actions that the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Actions that are possible in the pane that has the keys.
    Here,
    Everything,
}

/// Actions that are needed most. Where nothing is typed yet they stand first, behind those run before.
const FIRST: [Action; 19] = [
    Action::Down,
    Action::Up,
    Action::Open,
    Action::Back,
    Action::NextTab,
    Action::First,
    Action::Filter,
    Action::Filters,
    Action::Search,
    Action::SearchNext,
    Action::Pivot,
    Action::Acknowledge,
    Action::Note,
    Action::Undo,
    Action::Copy,
    Action::NextSevere,
    Action::Palette,
    Action::Help,
    Action::Quit,
];

/// From so many letters on, the beginning of a name stands for it.
const LEAST_OF_NAME: usize = 3;

/// Number of lines run before that are kept, to be run again.
pub(crate) const MOST_RECENT: usize = 20;

/// A line of the list: an action, and the text that it gets, where one was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    /// Nothing where it asks for it itself.
    pub(crate) argument: String,
}

impl Entry {
    const fn of(action: Action) -> Self {
        Self { action, argument: String::new() }
    }

    /// As one would write it: `filter ip:10.0.0.0/8`.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.action.name(), self.argument).trim_end().to_owned()
    }

    /// Reads such a line, of an action that there is.
    fn read(line: &str, keymap: &Keymap) -> Option<Self> {
        let (name, argument) = parts(line);
        let is_named = |bound: &&Bound| bound.action.is_called(name);
        let action = keymap.offered().find(is_named)?.action;
        if !argument.is_empty() && action.argument().is_none() {
            return None;
        }
        Some(Self { action, argument: argument.to_owned() })
    }

    /// Reads a line with a text in which the action's name is only begun; `None` where that beginning is too
    /// short or not exactly one action can be meant. Note and tag, whose text others read, need their whole
    /// name.
    fn guess(line: &str, keymap: &Keymap) -> Option<Self> {
        let (begun, argument) = parts(line);
        let takes_text =
            |action: &Action| action.argument().is_some() && !matches!(action, Action::Note | Action::Tag);
        let mut meant = keymap.offered().map(|bound| bound.action).filter(takes_text);
        let is_enough = begun.len() >= LEAST_OF_NAME && !argument.is_empty();
        let action = meant.by_ref().find(|action| action.is_begun(begun)).filter(|_| is_enough)?;
        let is_only = !meant.any(|action| action.is_begun(begun));
        is_only.then(|| Self { action, argument: argument.to_owned() })
    }
}

/// The name and the text of a line.
fn parts(line: &str) -> (&str, &str) {
    let line = line.trim();
    let (name, argument) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    (name, argument.trim())
}

/// True where the reader sees why this action is found: each word that was typed is part of its name or
/// begins a word of its help or one of its keys, or the whole is its name with letters left out.
fn is_seen_in(bound: &Bound, typed: &str) -> bool {
    let (name, help, keys) = (bound.action.name(), bound.help.to_lowercase(), bound.keys());
    let is_seen = |word: &str| {
        let small = word.to_lowercase();
        // A letter is one key and not the other; nobody cares how Ctrl is written.
        let is_key = |key: &str| key == word || (small.len() > 1 && key.to_lowercase().starts_with(&small));
        let mut own = help.split(|c: char| !c.is_alphanumeric());
        name.contains(&small) || own.any(|own| own.starts_with(&small)) || keys.split(' ').any(is_key)
    };
    typed.split_whitespace().all(is_seen) || is_short_for(&typed.to_lowercase(), &name)
}

/// True where `short` is the name with some of its letters left out, but not the first.
fn is_short_for(short: &str, name: &str) -> bool {
    let mut letters = name.chars();
    short.chars().next() == name.chars().next() && short.chars().all(|c| letters.any(|own| own == c))
}

/// Result of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PaletteKey {
    Stays,
    Closes,
    /// Run what is selected.
    Runs,
}

/// The open list.
#[derive(Debug)]
pub(crate) struct Palette {
    shown: Shown,
    place: Pane,
    query: String,
    entries: Vec<Entry>,
    /// Entries that were run before, the latest first.
    recent: Vec<Entry>,
    cursor: usize,
}

impl Palette {
    pub(crate) fn new(shown: Shown, place: Pane, keymap: &Keymap, recent: &[String]) -> Self {
        let recent = recent.iter().filter(|_| shown == Shown::Everything);
        let recent = recent.filter_map(|line| Entry::read(line, keymap)).collect();
        let mut palette = Self { shown, place, query: String::new(), entries: Vec::new(), recent, cursor: 0 };
        palette.search(keymap);
        palette
    }

    pub(crate) const fn shown(&self) -> Shown {
        self.shown
    }

    /// Text that was typed.
    pub(crate) fn query(&self) -> &str {
        &self.query
    }

    /// Listed entries, best first.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Number of entries at the top that were run before; 0 once something is typed.
    pub(crate) fn recent(&self) -> usize {
        if self.query.trim().is_empty() { self.recent.len() } else { 0 }
    }

    pub(crate) const fn cursor(&self) -> usize {
        self.cursor
    }

    pub(crate) fn selected(&self) -> Option<&Entry> {
        self.entries.get(self.cursor)
    }

    pub(crate) fn type_in(&mut self, text: &str, keymap: &Keymap) {
        self.query.push_str(SafeText::new(text).as_str());
        self.search(keymap);
    }

    pub(crate) fn rub_out(&mut self, keymap: &Keymap) {
        self.query.pop();
        self.search(keymap);
    }

    pub(crate) fn clear(&mut self, keymap: &Keymap) {
        self.query.clear();
        self.search(keymap);
    }

    /// Takes a key.
    pub(crate) fn key(&mut self, key: KeyEvent, keymap: &Keymap) -> PaletteKey {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return PaletteKey::Runs,
            KeyCode::Esc | KeyCode::F(1) => return PaletteKey::Closes,
            KeyCode::Char('c' | 'g') if control => return PaletteKey::Closes,
            KeyCode::Char('?') | KeyCode::Backspace if self.query.is_empty() => return PaletteKey::Closes,
            KeyCode::Up | KeyCode::BackTab => self.step(-1),
            KeyCode::Down | KeyCode::Tab => self.step(1),
            KeyCode::Char('p' | 'k') if control => self.step(-1),
            KeyCode::Char('n' | 'j') if control => self.step(1),
            KeyCode::PageUp => self.step(-10),
            KeyCode::PageDown => self.step(10),
            KeyCode::Home => self.go(0),
            KeyCode::End => self.go(usize::MAX),
            KeyCode::Backspace => self.rub_out(keymap),
            KeyCode::Char('u' | 'w') if control => self.clear(keymap),
            KeyCode::Char(letter) if !control => self.type_in(letter.encode_utf8(&mut [0; 4]), keymap),
            _ => {}
        }
        PaletteKey::Stays
    }

    pub(crate) fn step(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.entries.len().saturating_sub(1));
    }

    pub(crate) fn go(&mut self, to: usize) {
        self.cursor = to.min(self.entries.len().saturating_sub(1));
    }

    fn search(&mut self, keymap: &Keymap) {
        let mut bound: Vec<&Bound> = match self.shown {
            Shown::Here => keymap.here(self.place).collect(),
            Shown::Everything => keymap.offered().collect(),
        };
        // The table's order is that of the groups, in which all that is possible here stands.
        if self.shown == Shown::Everything || !self.query.trim().is_empty() {
            bound.sort_by_key(|bound| {
                FIRST.iter().position(|action| *action == bound.action).unwrap_or(FIRST.len())
            });
        }
        self.cursor = 0;
        let query = self.query.clone();
        let words = query.trim();
        if words.is_empty() {
            self.entries.clone_from(&self.recent);
            self.add(bound.iter().map(|bound| bound.action));
            return;
        }
        let texts: Vec<_> =
            bound.iter().map(|b| format!("{} {} {}", b.action.name(), b.help, b.keys())).collect();
        let found = Matcher::new(words, &Config::default()).match_list(&texts);
        let action = |at: u32| bound.get(usize::try_from(at).ok()?).map(|bound| bound.action);
        let seen = |action: &Action| bound.iter().any(|b| b.action == *action && is_seen_in(b, words));
        // Whoever writes a name and a text wants it done with that, whoever types a key what it does.
        let with_text = Entry::read(words, keymap).filter(|entry| !entry.argument.is_empty());
        let with_text = with_text.or_else(|| Entry::guess(words, keymap));
        self.entries = with_text.into_iter().collect();
        let by_key = bound.iter().filter(|bound| bound.keys().split(' ').any(|key| key == words));
        self.add(by_key.map(|bound| bound.action));
        self.add(found.iter().filter_map(|hit| action(hit.index)).filter(seen));
    }

    /// Adds actions that are not there yet.
    fn add(&mut self, actions: impl Iterator<Item = Action>) {
        for entry in actions.map(Entry::of) {
            if !self.entries.contains(&entry) {
                self.entries.push(entry);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::palette::*;

    fn found(shown: Shown, query: &str) -> Vec<Action> {
        let keymap = Keymap::default();
        let mut palette = Palette::new(shown, Pane::List, &keymap, &[]);
        palette.type_in(query, &keymap);
        palette.entries().iter().map(|entry| entry.action).collect()
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
            assert_eq!(found(Shown::Everything, query).first(), Some(&action), "{query}");
        }
        assert_eq!(found(Shown::Everything, "xyzzy"), []);
    }

    #[test]
    fn only_that_is_found_of_which_one_sees_why() {
        for query in ["fliter", "opne", "quti", "fliter foo", "quit now", "filters foo", "ac priya"] {
            assert_eq!(found(Shown::Everything, query), [], "{query}");
        }
        for (query, action) in [
            ("serch", Action::Search),
            ("half page", Action::HalfPageDown),
            ("saved views", Action::Views),
            ("mute notif", Action::Mute),
            ("Markdown", Action::Export),
            ("to-time", Action::JumpToTime),
            ("pgdn", Action::PageDown),
        ] {
            assert_eq!(found(Shown::Everything, query).first(), Some(&action), "{query}");
        }
    }

    #[test]
    fn a_name_that_is_begun_takes_a_text_where_only_one_can_be_meant() {
        let keymap = Keymap::default();
        let line = |query: &str| {
            let mut palette = Palette::new(Shown::Everything, Pane::List, &keymap, &[]);
            palette.type_in(query, &keymap);
            palette.selected().map(Entry::line)
        };
        assert_eq!(line("filt alice").as_deref(), Some("filter alice"));
        assert_eq!(line("jump 02:30").as_deref(), Some("jump-to-time 02:30"));
        assert_eq!(line("vie night").as_deref(), Some("views night"));
        for none in ["fi priya", "t 02:30", "not priya"] {
            assert_eq!(line(none), None, "{none}");
        }
    }

    #[test]
    fn the_list_of_this_place_holds_what_is_possible_here() {
        let (here, everything) = (found(Shown::Here, ""), found(Shown::Everything, ""));
        assert!(!here.contains(&Action::Parent) && everything.contains(&Action::Parent));
        let table: Vec<_> = crate::keymap::BINDINGS
            .iter()
            .map(|binding| binding.action)
            .filter(|action| here.contains(action))
            .collect();
        assert_eq!(here, table, "in groups, as the table has them");
    }

    #[test]
    fn the_list_begins_with_what_one_needs_first() {
        assert_eq!(found(Shown::Everything, "")[..FIRST.len()], FIRST);
    }

    #[test]
    fn a_text_behind_a_name_is_what_it_is_run_with_and_what_was_run_stands_first() {
        let keymap = Keymap::default();
        let ran = ["filter ip:10.0.0.0/8", "theme", "no-such-thing", "quit now"].map(str::to_owned);
        let mut palette = Palette::new(Shown::Everything, Pane::List, &keymap, &ran);
        let lines: Vec<_> = palette.entries().iter().take(3).map(Entry::line).collect();
        assert_eq!((lines, palette.recent()), (vec![ran[0].clone(), "theme".into(), "down".into()], 2));
        palette.type_in("time 02:30", &keymap);
        let entry = palette.selected().unwrap();
        assert_eq!((entry.action, entry.argument.as_str()), (Action::JumpToTime, "02:30"));
        palette.clear(&keymap);
        palette.type_in("quit now", &keymap);
        assert!(palette.selected().is_none_or(|entry| entry.argument.is_empty()), "quit takes no text");
        assert_eq!(Palette::new(Shown::Here, Pane::List, &keymap, &ran).recent(), 0);
    }

    #[test]
    fn every_move_in_an_empty_list_is_harmless() {
        let keymap = Keymap::default();
        let mut palette = Palette::new(Shown::Here, Pane::List, &keymap, &[]);
        palette.type_in("xyzzy", &keymap);
        palette.step(1);
        palette.step(-5);
        palette.go(7);
        assert_eq!((palette.query(), palette.cursor(), palette.selected()), ("xyzzy", 0, None));
        palette.rub_out(&keymap);
        palette.clear(&keymap);
        palette.rub_out(&keymap);
        assert!(palette.selected().is_some());
    }
}
