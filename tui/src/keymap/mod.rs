//! One table: which key does what. The list of actions, the palette and the footer are drawn from
//! it, so they can't lie. [`Keymap`] is the table with the user's own keys in it.

mod action;
mod bound;
mod chord;

use crossterm::event::KeyCode;

pub(crate) use action::{Action, Pane};
pub(crate) use bound::{Bound, Keymap, KeymapError};

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
    #[cfg_attr(not(test), expect(dead_code, reason = "the table's reader and the tests read it"))]
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
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::PageDown, "PgDn"), control('f', "Ctrl-F")],
        action: Action::PageDown,
        help: "a page down",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::PageUp, "PgUp"), control('b', "Ctrl-B")],
        action: Action::PageUp,
        help: "a page up",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('g'), "g"), key(KeyCode::Home, "Home")],
        action: Action::First,
        help: "the newest alert, and stay with the newest; in a sort that is not by time: the first row; in the detail: the top",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('G'), "G"), key(KeyCode::End, "End")],
        action: Action::Last,
        help: "the oldest alert that is stored; in a sort that is not by time: the last row; in the detail: the end",
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
        footer: None,
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
        help: "what can be done here: type to search, Enter runs",
        footer: Some("help"),
    },
    Binding {
        keys: &[key(KeyCode::Char('q'), "q"), control('c', "Ctrl-C")],
        action: Action::Quit,
        help: "quit; what was received stays in the database",
        footer: Some("quit"),
    },
    // A replay that is played (replay --speed).
    Binding {
        keys: &[key(KeyCode::Char('P'), "P")],
        action: Action::Pause,
        help: "replay: stand still, or go on",
        footer: Some("pause"),
    },
    Binding {
        keys: &[key(KeyCode::Char('S'), "S")],
        action: Action::Step,
        help: "replay: the next alert at once, and then stand still",
        footer: Some("step"),
    },
    Binding {
        keys: &[key(KeyCode::Char(')'), ")")],
        action: Action::Faster,
        help: "replay: faster",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('('), "(")],
        action: Action::Slower,
        help: "replay: slower",
        footer: None,
    },
    // The console itself.
    Binding {
        keys: &[control('d', "Ctrl-D")],
        action: Action::HalfPageDown,
        help: "half a page down",
        footer: None,
    },
    Binding {
        keys: &[control('u', "Ctrl-U")],
        action: Action::HalfPageUp,
        help: "half a page up",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('e'), "e")],
        action: Action::NextSevere,
        help: "the next high or critical alert down the list",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('E'), "E")],
        action: Action::PreviousSevere,
        help: "the next high or critical alert up the list",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('H'), "H")],
        action: Action::ScreenTop,
        help: "the first row on the screen",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('M'), "M")],
        action: Action::ScreenMiddle,
        help: "the row in the middle of the screen",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('L'), "L")],
        action: Action::ScreenBottom,
        help: "the last row on the screen",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('Z'), "Z")],
        action: Action::Recentre,
        help: "the selected row to the middle of the screen; again: to the top, to the bottom",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char(':'), ":"), control('p', "Ctrl-P")],
        action: Action::Palette,
        help: "every action there is: type to search, Enter runs; filter alice, time 02:30 …",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(2), "F2")],
        action: Action::Mouse,
        help: "let go of the mouse, so that the terminal selects text; again: take it",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(3), "F3")],
        action: Action::Mute,
        help: "no notifications for 15 minutes; again: notify",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(4), "F4")],
        action: Action::Theme,
        help: "the next theme",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('W'), "W")],
        action: Action::Trouble,
        help: "what is wrong, once more: why the queue can't be reached",
        footer: None,
    },
    Binding {
        keys: &[control('l', "Ctrl-L")],
        action: Action::Redraw,
        help: "draw the whole screen again",
        footer: None,
    },
    Binding {
        keys: &[control('z', "Ctrl-Z")],
        action: Action::Suspend,
        help: "back to the shell; fg comes back",
        footer: None,
    },
    // The detail: its tabs, its trees, copying.
    Binding {
        keys: &[key(KeyCode::Char(']'), "]")],
        action: Action::NextTab,
        help: "the next tab of the alert",
        footer: Some("tabs"),
    },
    Binding {
        keys: &[key(KeyCode::Char('['), "[")],
        action: Action::PreviousTab,
        help: "the tab before",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('y'), "y")],
        action: Action::Copy,
        help: "copy: value, path, ARN, address, command, link …",
        footer: Some("copy"),
    },
    Binding {
        keys: &[key(KeyCode::Char('o'), "o")],
        action: Action::OpenLink,
        help: "open the event in the AWS console, or show the link",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('R'), "R")],
        action: Action::AsText,
        help: "the record as a tree or as text",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('J'), "J")],
        action: Action::NextSibling,
        help: "in a tree: the next sibling",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('K'), "K")],
        action: Action::PreviousSibling,
        help: "in a tree: the sibling before",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('^'), "^")],
        action: Action::FirstSibling,
        help: "in a tree: the first sibling",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('$'), "$")],
        action: Action::LastSibling,
        help: "in a tree: the last sibling",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('H'), "H")],
        action: Action::Parent,
        help: "in a tree: the parent",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('w'), "w")],
        action: Action::NextDepth,
        help: "in a tree: on to where the depth changes",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('b'), "b")],
        action: Action::PreviousDepth,
        help: "in a tree: back to where the depth changes",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('c'), "c")],
        action: Action::FoldSiblings,
        help: "in a tree: fold it and its siblings",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('C'), "C")],
        action: Action::FoldDeep,
        help: "in a tree: fold it, its siblings and all in them",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('e'), "e")],
        action: Action::UnfoldSiblings,
        help: "in a tree: unfold it and its siblings",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('E'), "E")],
        action: Action::UnfoldDeep,
        help: "in a tree: unfold it, its siblings and all in them",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char(','), ",")],
        action: Action::ValueLeft,
        help: "in a tree: the beginning of a long value",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('.'), ".")],
        action: Action::ValueRight,
        help: "in a tree: on in a long value",
        footer: None,
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
        help: "write a note; in the detail too, where it shows no tree",
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
        help: "all of the same actor, session, address, target and so on; Esc goes back",
        footer: Some("pivot"),
    },
    Binding {
        keys: &[key(KeyCode::Char('/'), "/")],
        action: Action::Search,
        help: "search: marks what it finds and hides nothing; in the detail: in the alert, folds and all",
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
    Binding {
        keys: &[key(KeyCode::Char('X'), "X")],
        action: Action::Export,
        help: "write the alerts that are shown to a file: JSON lines, CSV or Markdown; again: stop",
        footer: None,
    },
    // What the header counts (app/look/counters).
    Binding {
        keys: &[key(KeyCode::F(5), "F5")],
        action: Action::OnlyCritical,
        help: "only the open critical alerts; again, or Esc: back",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(6), "F6")],
        action: Action::OnlyHigh,
        help: "only the open high alerts; again, or Esc: back",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(7), "F7")],
        action: Action::OnlyOpen,
        help: "all that nobody has acknowledged, whatever the filters; again, or Esc: back",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::F(8), "F8")],
        action: Action::OnlyUnreadable,
        help: "only the messages that could not be read; again, or Esc: back",
        footer: None,
    },
    // The bars over the list (app/strip).
    Binding {
        keys: &[key(KeyCode::Char('{'), "{")],
        action: Action::EarlierBar,
        help: "back in time by a bar that has alerts",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('}'), "}")],
        action: Action::LaterBar,
        help: "on in time by a bar that has alerts",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('+'), "+")],
        action: Action::ShorterBars,
        help: "bars of less time, down to 10 s; until one chooses, all that is shown fits",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('-'), "-")],
        action: Action::LongerBars,
        help: "bars of more time",
        footer: None,
    },
    Binding {
        keys: &[key(KeyCode::Char('t'), "t")],
        action: Action::Strip,
        help: "show the bars of alerts by time, or hide them",
        footer: None,
    },
    // The pipeline itself (app/pipeline).
    Binding {
        keys: &[key(KeyCode::Char('I'), "I")],
        action: Action::Pipeline,
        help: "the pipeline itself: its alarms, what to do about them, and the last probe",
        footer: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documents_tell_of_every_key() {
        let document = include_str!("../../../docs/console.md");
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(document.contains(&format!("`{}`", key.name)), "{}", key.name);
        }
    }

    #[test]
    fn each_action_is_in_the_table_once_and_has_a_name() {
        for (at, binding) in BINDINGS.iter().enumerate() {
            let name = binding.action.name();
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{name}");
            assert!(!BINDINGS[..at].iter().any(|other| other.action == binding.action), "{name}");
        }
        assert_eq!(Action::HalfPageDown.name(), "half-page-down");
    }
}
