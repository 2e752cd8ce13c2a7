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
    // How one looks at the alerts (app/look).
    Filter,
    Filters,
    FiltersOff,
    Views,
    Include,
    Exclude,
    Pivot,
    Search,
    SearchNext,
    SearchPrevious,
    ColumnLeft,
    ColumnRight,
    Columns,
    Sort,
    TimeStyle,
    JumpToTime,
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
        help: "fold; close the detail; end the search; back from where p went",
        footer: Some("back"),
    },
    Binding {
        keys: &[key(KeyCode::Char(' '), "Space")],
        action: Action::Fold,
        help: "hold the list still, or let go of it; in the detail: fold or unfold",
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
    // How one looks at the alerts (app/look).
    Binding {
        keys: &[key(KeyCode::Char('f'), "f")],
        action: Action::Filter,
        help: "filter: alice severity>=high -event:Create* since:2h",
        footer: Some("filter"),
    },
    Binding {
        keys: &[key(KeyCode::Char('&'), "&")],
        action: Action::Filters,
        help: "the filters that are set: switch one off, change it, take it away",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('F'), "F")],
        action: Action::FiltersOff,
        help: "all filters off, and on again",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('V'), "V")],
        action: Action::Views,
        help: "saved views: open one, remove one; & and w save the filters as one",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('='), "=")],
        action: Action::Include,
        help: "only alerts that are as this one is there",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('!'), "!")],
        action: Action::Exclude,
        help: "no alerts that are as this one is there",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('p'), "p")],
        action: Action::Pivot,
        help: "all of the same actor, address, target and so on; Esc goes back",
        footer: Some("pivot"),
    },
    Binding {
        keys: &[key(KeyCode::Char('/'), "/")],
        action: Action::Search,
        help: "search: marks what it finds and hides nothing",
        footer: Some("search"),
    },
    Binding {
        keys: &[key(KeyCode::Char('n'), "n")],
        action: Action::SearchNext,
        help: "the next hit",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('N'), "N")],
        action: Action::SearchPrevious,
        help: "the hit before",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('<'), "<")],
        action: Action::ColumnLeft,
        help: "the column to the left, for = ! s",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('>'), ">")],
        action: Action::ColumnRight,
        help: "the column to the right, for = ! s",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('s'), "s")],
        action: Action::Sort,
        help: "sort; by the same again, the other way round",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('O'), "O")],
        action: Action::Columns,
        help: "which columns, in which order, how wide",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('T'), "T")],
        action: Action::TimeStyle,
        help: "times in UTC, local, or as ages",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('@'), "@")],
        action: Action::JumpToTime,
        help: "go to a time: 02:30, 2026-11-24, 2h",
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
