//! The table: which key does what, a line an action. The list of actions, the palette and the footer are drawn from it.

use crossterm::event::KeyCode;

use super::action::Action;
use super::chord::Chord;

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) keys: &'static [Chord],
    pub(crate) action: Action,
    pub(crate) group: Group,
    /// The action in the words of the help.
    pub(crate) help: &'static str,
}

/// Group of actions, as help and documents show them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    Move,
    Panes,
    Alert,
    Tree,
    Triage,
    Filter,
    List,
    Timeline,
    Replay,
    Console,
}

impl Group {
    #[cfg(test)]
    const ALL: [Self; 10] = [
        Self::Move,
        Self::Panes,
        Self::Alert,
        Self::Tree,
        Self::Triage,
        Self::Filter,
        Self::List,
        Self::Timeline,
        Self::Replay,
        Self::Console,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Panes => "Panes",
            Self::Alert => "Open alert",
            Self::Tree => "Trees: Params and Record",
            Self::Triage => "Triage",
            Self::Filter => "Filter, search, pivot",
            Self::List => "Columns, order, export",
            Self::Timeline => "Timeline",
            Self::Replay => "Replay at a speed",
            Self::Console => "Console",
        }
    }
}

const fn bind(keys: &'static [Chord], action: Action, group: Group, help: &'static str) -> Binding {
    Binding { keys, action, group, help }
}

const fn ch(letter: char) -> Chord {
    Chord::new(KeyCode::Char(letter))
}

const fn ctrl(letter: char) -> Chord {
    Chord::new(KeyCode::Char(letter)).control()
}

const fn alt(letter: char) -> Chord {
    Chord::new(KeyCode::Char(letter)).alt()
}

const fn key(code: KeyCode) -> Chord {
    Chord::new(code)
}

const fn f(number: u8) -> Chord {
    Chord::new(KeyCode::F(number))
}

/// Every key of the console.
#[rustfmt::skip]
pub(crate) const BINDINGS: &[Binding] = &[
    bind(&[ch('j'), key(KeyCode::Down)], Action::Down, Group::Move, "down"),
    bind(&[ch('k'), key(KeyCode::Up)], Action::Up, Group::Move, "up"),
    bind(&[key(KeyCode::PageDown), ctrl('f')], Action::PageDown, Group::Move, "a page down"),
    bind(&[key(KeyCode::PageUp), ctrl('b')], Action::PageUp, Group::Move, "a page up"),
    bind(&[ctrl('d')], Action::HalfPageDown, Group::Move, "half page down"),
    bind(&[ctrl('u')], Action::HalfPageUp, Group::Move, "half page up"),
    bind(&[ch('g'), key(KeyCode::Home)], Action::First, Group::Move, "newest alert, then follow new ones; detail: top"),
    bind(&[ch('G'), key(KeyCode::End)], Action::Last, Group::Move, "oldest stored alert; detail: end"),
    bind(&[ch('e')], Action::NextSevere, Group::Move, "next high or critical alert down the list"),
    bind(&[ch('E')], Action::PreviousSevere, Group::Move, "next high or critical alert up the list"),
    bind(&[alt('j'), key(KeyCode::Down).alt()], Action::NextAlert, Group::Move, "next alert, from the detail too"),
    bind(&[alt('k'), key(KeyCode::Up).alt()], Action::PreviousAlert, Group::Move, "previous alert, from the detail too"),
    bind(&[ctrl('o'), key(KeyCode::Left).alt()], Action::JumpBack, Group::Move, "back to the alert looked at before"),
    bind(&[key(KeyCode::Right).alt()], Action::JumpForward, Group::Move, "forward again"),
    bind(&[ch('@')], Action::JumpToTime, Group::Move, "go to a time: 02:30, 2026-11-24, 2h"),
    bind(&[ch('H')], Action::ScreenTop, Group::Move, "first row on the screen"),
    bind(&[ch('M')], Action::ScreenMiddle, Group::Move, "middle row on the screen"),
    bind(&[ch('L')], Action::ScreenBottom, Group::Move, "last row on the screen"),
    bind(&[ch('Z')], Action::Recentre, Group::Move, "scroll the selection to the middle, top, bottom"),

    bind(&[key(KeyCode::Enter)], Action::Open, Group::Panes, "open the alert; again: zoom the detail; related alert: go to it"),
    bind(&[ch('l'), key(KeyCode::Right)], Action::Expand, Group::Panes, "unfold a group or a node; else open"),
    bind(&[ch('h'), key(KeyCode::Left)], Action::Collapse, Group::Panes, "fold a group or a node; else back"),
    bind(&[key(KeyCode::Esc)], Action::Back, Group::Panes, "close the detail; end the search; back from a pivot"),
    bind(&[key(KeyCode::Tab)], Action::SwitchPane, Group::Panes, "focus the other pane"),
    bind(&[alt('z')], Action::Zoom, Group::Panes, "zoom the detail, or show the list again"),
    bind(&[key(KeyCode::Right).control()], Action::SplitMore, Group::Panes, "more room for the list"),
    bind(&[key(KeyCode::Left).control()], Action::SplitLess, Group::Panes, "less room for the list"),
    bind(&[ch(' ')], Action::AutoScroll, Group::Panes, "pause auto-scroll, or resume it"),

    bind(&[ch(']')], Action::NextTab, Group::Alert, "next tab"),
    bind(&[ch('[')], Action::PreviousTab, Group::Alert, "previous tab"),
    bind(&[alt('1')], Action::TabSummary, Group::Alert, "tab Summary"),
    bind(&[alt('2')], Action::TabParams, Group::Alert, "tab Params"),
    bind(&[alt('3')], Action::TabPolicy, Group::Alert, "tab Policy"),
    bind(&[alt('4')], Action::TabRecord, Group::Alert, "tab Record"),
    bind(&[alt('5')], Action::TabRelated, Group::Alert, "tab Related"),
    bind(&[alt('6')], Action::TabRespond, Group::Alert, "tab Respond"),
    bind(&[ch('y')], Action::Copy, Group::Alert, "copy: line, ARN, names, ids, key, IP, command, link; 3y: command 3"),
    bind(&[ch('Y')], Action::CopyAll, Group::Alert, "copy all commands of Respond"),
    bind(&[ch('o')], Action::OpenLink, Group::Alert, "open the event in the AWS console, or show the link"),
    bind(&[ch('D')], Action::Rule, Group::Alert, "show the detection rule"),

    bind(&[ch('R')], Action::AsText, Group::Tree, "record as a tree or as text"),
    bind(&[ch('J')], Action::NextSibling, Group::Tree, "next sibling"),
    bind(&[ch('K')], Action::PreviousSibling, Group::Tree, "previous sibling"),
    bind(&[ch('^')], Action::FirstSibling, Group::Tree, "first sibling"),
    bind(&[ch('$')], Action::LastSibling, Group::Tree, "last sibling"),
    bind(&[ch('u')], Action::Parent, Group::Tree, "parent"),
    bind(&[ch('w')], Action::NextDepth, Group::Tree, "on to where the depth changes"),
    bind(&[ch('b')], Action::PreviousDepth, Group::Tree, "back to where the depth changes"),
    bind(&[alt('c')], Action::FoldSiblings, Group::Tree, "fold the node and its siblings"),
    bind(&[alt('C')], Action::FoldDeep, Group::Tree, "fold the node, its siblings and all in them"),
    bind(&[alt('e')], Action::UnfoldSiblings, Group::Tree, "unfold the node and its siblings"),
    bind(&[alt('E')], Action::UnfoldDeep, Group::Tree, "unfold the node, its siblings and all in them"),
    bind(&[ch(',')], Action::ValueLeft, Group::Tree, "scroll a long value back"),
    bind(&[ch('.')], Action::ValueRight, Group::Tree, "scroll a long value on"),

    bind(&[ch('a')], Action::Acknowledge, Group::Triage, "acknowledge the marked alerts, or the selected one"),
    bind(&[ch('r')], Action::Reopen, Group::Triage, "reopen"),
    bind(&[ch('c')], Action::Note, Group::Triage, "write a note"),
    bind(&[ch('#')], Action::Tag, Group::Triage, "tag; -tag removes"),
    bind(&[ch('m')], Action::Mark, Group::Triage, "mark or unmark the alert"),
    bind(&[ch('*')], Action::MarkAll, Group::Triage, "mark all shown alerts; again: none"),
    bind(&[ch('v')], Action::Range, Group::Triage, "start or end a range; Esc clears range and marks"),
    bind(&[ch('z')], Action::Undo, Group::Triage, "undo the last change"),
    bind(&[ch('A')], Action::Acknowledged, Group::Triage, "show or hide acknowledged alerts"),

    bind(&[ch('f')], Action::Filter, Group::Filter, "filter: alice severity>=high -event:Create* since:2h"),
    bind(&[ch('&')], Action::Filters, Group::Filter, "list the filters: switch off, change, remove, save as a view"),
    bind(&[ch('F')], Action::FiltersOff, Group::Filter, "all filters on/off"),
    bind(&[ch('V')], Action::Views, Group::Filter, "saved views: open, remove"),
    bind(&[ch('=')], Action::Include, Group::Filter, "filter to this value"),
    bind(&[ch('!')], Action::Exclude, Group::Filter, "exclude this value"),
    bind(&[ch('p')], Action::Pivot, Group::Filter, "pivot: all of the same actor, session, IP, target …; Esc goes back"),
    bind(&[ch('x')], Action::Context, Group::Alert, "records around the alert, also those that are no alerts"),
    bind(&[ch('i')], Action::Incidents, Group::Alert, "incidents: alerts that are one attack, with timeline and what to revoke"),
    bind(&[ch('%')], Action::Facets, Group::Filter, "count what is shown by actor, IP, event, account; Enter filters"),
    bind(&[ch('/')], Action::Search, Group::Filter, "search: marks hits and hides nothing; detail: in the tab"),
    bind(&[ch('n')], Action::SearchNext, Group::Filter, "next hit"),
    bind(&[ch('N')], Action::SearchPrevious, Group::Filter, "previous hit"),
    bind(&[f(5)], Action::OnlyCritical, Group::Filter, "only open critical alerts; again, or Esc: back"),
    bind(&[f(6)], Action::OnlyHigh, Group::Filter, "only open high alerts; again, or Esc: back"),
    bind(&[f(7)], Action::OnlyOpen, Group::Filter, "all open alerts, whatever the filters; again, or Esc: back"),
    bind(&[f(8)], Action::OnlyUnreadable, Group::Filter, "only unreadable messages; again, or Esc: back"),

    bind(&[ch('s')], Action::Sort, Group::List, "sort; the same column again: reverse"),
    bind(&[ch('O')], Action::Columns, Group::List, "columns: which, order, width"),
    bind(&[ch('T')], Action::TimeStyle, Group::List, "time format: UTC, local, age"),
    bind(&[ch('<')], Action::ColumnLeft, Group::List, "column to the left, for = ! s"),
    bind(&[ch('>')], Action::ColumnRight, Group::List, "column to the right, for = ! s"),
    bind(&[ch('X')], Action::Export, Group::List, "export the visible alerts: JSON lines, CSV, Markdown; again: stop"),

    bind(&[ch('t')], Action::Timeline, Group::Timeline, "show or hide the timeline"),
    bind(&[ch('{')], Action::EarlierBar, Group::Timeline, "previous bar with alerts"),
    bind(&[ch('}')], Action::LaterBar, Group::Timeline, "next bar with alerts"),
    bind(&[ch('+')], Action::ShorterBars, Group::Timeline, "zoom in, down to 10 s a bar"),
    bind(&[ch('-')], Action::LongerBars, Group::Timeline, "zoom out, up to a day a bar"),

    bind(&[ch('P')], Action::Pause, Group::Replay, "pause or resume"),
    bind(&[ch('S')], Action::Step, Group::Replay, "next alert at once, then pause"),
    bind(&[ch(')')], Action::Faster, Group::Replay, "faster"),
    bind(&[ch('(')], Action::Slower, Group::Replay, "slower"),

    bind(&[ch('?'), f(1)], Action::Help, Group::Console, "keys and actions here: type to search, Enter runs"),
    bind(&[ch(':'), ctrl('p')], Action::Palette, Group::Console, "all actions by name: filter alice, time 02:30, tag drill …"),
    bind(&[ch('q'), ctrl('c')], Action::Quit, Group::Console, "quit; received alerts stay in the database"),
    bind(&[ch('I')], Action::Pipeline, Group::Console, "pipeline health: alarms, remedies, last probe"),
    bind(&[ch('W')], Action::Trouble, Group::Console, "show the last error, whole"),
    bind(&[ctrl('r')], Action::RetryNow, Group::Console, "retry the connection now"),
    bind(&[f(2)], Action::Mouse, Group::Console, "mouse capture on/off (off: select text with the terminal)"),
    bind(&[f(3)], Action::Mute, Group::Console, "mute notifications for 15 min; again: unmute"),
    bind(&[f(4)], Action::Theme, Group::Console, "next theme"),
    bind(&[ctrl('l')], Action::Redraw, Group::Console, "redraw the screen"),
    bind(&[ctrl('z')], Action::Suspend, Group::Console, "back to the shell; fg resumes"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys of an action as the documents write them.
    fn keys(binding: &Binding) -> String {
        binding.keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" ")
    }

    /// The tables of keys, a part a group.
    fn tables() -> String {
        let row = |binding: &Binding| {
            let help = binding.help.replace('|', "\\|");
            format!("| {} | {help} | `{}` |\n", keys(binding), binding.action.name())
        };
        let table = |group: Group| {
            let rows: String = BINDINGS.iter().filter(|binding| binding.group == group).map(row).collect();
            format!("### {}\n\n| key | does | action |\n| --- | --- | --- |\n{rows}\n", group.name())
        };
        Group::ALL.into_iter().map(table).collect()
    }

    /// `UPDATE_DOCS=1` writes them.
    #[test]
    fn the_tables_of_keys_in_the_document_of_the_console_are_this_table() {
        const FROM: &str = "<!-- keys: written by cargo test, UPDATE_DOCS=1 -->\n\n";
        const TO: &str = "<!-- end of keys -->";
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/console.md");
        let document = std::fs::read_to_string(&path).unwrap();
        let (before, rest) = document.split_once(FROM).unwrap();
        let (written, after) = rest.split_once(TO).unwrap();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, format!("{before}{FROM}{}{TO}{after}", tables())).unwrap();
        } else {
            assert_eq!(written, tables(), "UPDATE_DOCS=1 cargo test writes docs/console.md");
        }
    }

    #[test]
    fn the_dozen_keys_of_the_readme_are_what_they_say() {
        let readme = include_str!("../../../README.md");
        let table = readme.split("## Keys").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
        assert!((10..=16).contains(&rows.len()), "{rows:?}");
        for row in rows {
            let cells: Vec<_> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let [named, help] = cells.as_slice() else { panic!("{row}") };
            let known = BINDINGS.iter().find(|binding| keys(binding) == **named);
            assert_eq!(known.map(|binding| binding.help), Some(*help), "{row}");
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
