//! One table: which key does what. The help and the footer are drawn from it, so they can't lie.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    /// Open the detail, or what is folded in it.
    Open,
    /// Fold, or go back to the list.
    Back,
    Fold,
    SwitchPane,
    Help,
    Quit,
    // Triage
    Mark,
    Range,
    Acknowledge,
    Reopen,
    Note,
    Tag,
    Undo,
    /// Show or hide what is acknowledged.
    Acknowledged,
}

/// One line of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) keys: &'static [Key],
    pub(crate) action: Action,
    /// As the help says it.
    pub(crate) help: &'static str,
    /// As the footer says it, where it does.
    pub(crate) footer: Option<&'static str>,
}

/// A key, and how it is written for people.
#[derive(Debug)]
pub(crate) struct Key {
    code: KeyCode,
    control: bool,
    pub(crate) name: &'static str,
}

const fn key(code: KeyCode, name: &'static str) -> Key {
    Key { code, control: false, name }
}

const fn control(letter: char, name: &'static str) -> Key {
    Key { code: KeyCode::Char(letter), control: true, name }
}

/// Every key of the console.
pub(crate) const BINDINGS: &[Binding] = &[
    Binding {
        keys: &[key(KeyCode::Char('j'), "j"), key(KeyCode::Down, "↓")],
        action: Action::Down,
        help: "down",
        footer: Some("down"),
    },
    Binding {
        keys: &[key(KeyCode::Char('k'), "k"), key(KeyCode::Up, "↑")],
        action: Action::Up,
        help: "up",
        footer: Some("up"),
    },
    Binding {
        keys: &[key(KeyCode::PageDown, "PgDn"), control('d', "Ctrl-D"), control('f', "Ctrl-F")],
        action: Action::PageDown,
        help: "a page down",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::PageUp, "PgUp"), control('u', "Ctrl-U"), control('b', "Ctrl-B")],
        action: Action::PageUp,
        help: "a page up",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('g'), "g"), key(KeyCode::Home, "Home")],
        action: Action::First,
        help: "the newest alert, and stay with the newest; in the detail: the top",
        footer: Some("newest"),
    },
    Binding {
        keys: &[key(KeyCode::Char('G'), "G"), key(KeyCode::End, "End")],
        action: Action::Last,
        help: "the oldest alert; in the detail: the end",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Enter, "Enter"), key(KeyCode::Char('l'), "l"), key(KeyCode::Right, "→")],
        action: Action::Open,
        help: "open the alert; in the detail: unfold",
        footer: Some("open"),
    },
    Binding {
        keys: &[key(KeyCode::Esc, "Esc"), key(KeyCode::Char('h'), "h"), key(KeyCode::Left, "←")],
        action: Action::Back,
        help: "fold; where nothing is left to fold, back to the list",
        footer: Some("back"),
    },
    Binding {
        keys: &[key(KeyCode::Char(' '), "Space")],
        action: Action::Fold,
        help: "fold or unfold",
        footer: Some("fold"),
    },
    Binding {
        keys: &[key(KeyCode::Tab, "Tab")],
        action: Action::SwitchPane,
        help: "go between list and detail",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('?'), "?"), key(KeyCode::F(1), "F1")],
        action: Action::Help,
        help: "this list",
        footer: Some("help"),
    },
    Binding {
        keys: &[key(KeyCode::Char('q'), "q"), control('c', "Ctrl-C")],
        action: Action::Quit,
        help: "quit; what was received stays in the database",
        footer: Some("quit"),
    },
    // Triage
    Binding {
        keys: &[key(KeyCode::Char('a'), "a")],
        action: Action::Acknowledge,
        help: "acknowledge what is marked, else the selected alert",
        footer: Some("ack"),
    },
    Binding {
        keys: &[key(KeyCode::Char('r'), "r")],
        action: Action::Reopen,
        help: "reopen it",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('c'), "c")],
        action: Action::Note,
        help: "write a note",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('#'), "#")],
        action: Action::Tag,
        help: "put tags on it; -tag takes one away",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('m'), "m")],
        action: Action::Mark,
        help: "mark the alert, or take the mark away",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('v'), "v")],
        action: Action::Range,
        help: "begin a range, and end it; Esc takes range and marks away",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('z'), "z")],
        action: Action::Undo,
        help: "undo what was said last",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('A'), "A")],
        action: Action::Acknowledged,
        help: "show acknowledged alerts, or hide them",
        footer: None,
    },
];

/// The action of a key, if it has one.
pub(crate) fn action(event: KeyEvent) -> Option<Action> {
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    let hit = |key: &Key| key.code == event.code && key.control == control;
    BINDINGS.iter().find(|binding| binding.keys.iter().any(hit)).map(|binding| binding.action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_tells_of_every_key() {
        let readme = include_str!("../../README.md");
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(readme.contains(&format!("`{}`", key.name)), "{}", key.name);
        }
    }

    #[test]
    fn no_key_does_two_things() {
        let keys: Vec<_> =
            BINDINGS.iter().flat_map(|binding| binding.keys).map(|key| (key.code, key.control)).collect();
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key), "{key:?}");
        }
    }
}
