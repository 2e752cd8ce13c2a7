//! The table: which key does what, a line an action. The list of actions, the palette and the footer are drawn from it.

use crossterm::event::KeyCode;

use super::action::Action;
use super::chord::Chord;

/// A line of the table.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(crate) keys: &'static [Chord],
    pub(crate) action: Action,
    /// The action in the words of the help.
    pub(crate) help: &'static str,
    /// Its word in the footer, where it has one.
    pub(crate) footer: Option<&'static str>,
}

const fn bind(
    keys: &'static [Chord],
    action: Action,
    help: &'static str,
    footer: Option<&'static str>,
) -> Binding {
    Binding { keys, action, help, footer }
}

const fn ch(letter: char) -> Chord {
    Chord::new(KeyCode::Char(letter), false)
}

const fn ctrl(letter: char) -> Chord {
    Chord::new(KeyCode::Char(letter), true)
}

const fn key(code: KeyCode) -> Chord {
    Chord::new(code, false)
}

const fn f(number: u8) -> Chord {
    Chord::new(KeyCode::F(number), false)
}

/// Every key of the console.
#[rustfmt::skip]
pub(crate) const BINDINGS: &[Binding] = &[
    bind(&[ch('j'), key(KeyCode::Down)], Action::Down, "down", Some("down")),
    bind(&[ch('k'), key(KeyCode::Up)], Action::Up, "up", None),
    bind(&[key(KeyCode::PageDown), ctrl('f')], Action::PageDown, "a page down", None),
    bind(&[key(KeyCode::PageUp), ctrl('b')], Action::PageUp, "a page up", None),
    bind(&[ch('g'), key(KeyCode::Home)], Action::First, "the newest alert, and stay with the newest; in a sort that is not by time: the first row; in the detail: the top", None),
    bind(&[ch('G'), key(KeyCode::End)], Action::Last, "the oldest alert that is stored; in a sort that is not by time: the last row; in the detail: the end", None),
    bind(&[key(KeyCode::Enter), ch('l'), key(KeyCode::Right)], Action::Open, "open the alert; in the detail: unfold", Some("open")),
    bind(&[key(KeyCode::Esc), ch('h'), key(KeyCode::Left)], Action::Back, "fold; close the detail; end the search; back from where p went", Some("back")),
    bind(&[ch(' ')], Action::Fold, "pause the list, or follow it again; in the detail: fold or unfold", None),
    bind(&[key(KeyCode::Tab)], Action::SwitchPane, "go between list and detail", None),
    bind(&[ch('?'), f(1)], Action::Help, "what can be done here: type to search, Enter runs", Some("help")),
    bind(&[ch('q'), ctrl('c')], Action::Quit, "quit; what was received stays in the database", Some("quit")),
    // A replay that is played (replay --speed).
    bind(&[ch('P')], Action::Pause, "replay: stand still, or go on", Some("pause")),
    bind(&[ch('S')], Action::Step, "replay: the next alert at once, and then stand still", Some("step")),
    bind(&[ch(')')], Action::Faster, "replay: faster", None),
    bind(&[ch('(')], Action::Slower, "replay: slower", None),
    // The console itself.
    bind(&[ctrl('d')], Action::HalfPageDown, "half a page down", None),
    bind(&[ctrl('u')], Action::HalfPageUp, "half a page up", None),
    bind(&[ch('e')], Action::NextSevere, "the next high or critical alert down the list", None),
    bind(&[ch('E')], Action::PreviousSevere, "the next high or critical alert up the list", None),
    bind(&[ch('H')], Action::ScreenTop, "the first row on the screen", None),
    bind(&[ch('M')], Action::ScreenMiddle, "the row in the middle of the screen", None),
    bind(&[ch('L')], Action::ScreenBottom, "the last row on the screen", None),
    bind(&[ch('Z')], Action::Recentre, "the selected row to the middle of the screen; again: to the top, to the bottom", None),
    bind(&[ch(':'), ctrl('p')], Action::Palette, "every action there is: type to search, Enter runs; filter alice, time 02:30 …", None),
    bind(&[f(2)], Action::Mouse, "mouse capture off, so that the terminal selects text; again: on", None),
    bind(&[f(3)], Action::Mute, "mute notifications for 15 minutes; again: unmute", None),
    bind(&[f(4)], Action::Theme, "the next theme", None),
    bind(&[ch('W')], Action::Trouble, "show the last error: why the queue can't be reached", None),
    bind(&[ctrl('l')], Action::Redraw, "draw the whole screen again", None),
    bind(&[ctrl('z')], Action::Suspend, "back to the shell; fg comes back", None),
    // The detail: its tabs, its trees, copying.
    bind(&[ch(']')], Action::NextTab, "the next tab of the alert", Some("tabs")),
    bind(&[ch('[')], Action::PreviousTab, "the tab before", None),
    bind(&[ch('y')], Action::Copy, "copy: value, path, ARN, address, command, link …", Some("copy")),
    bind(&[ch('o')], Action::OpenLink, "open the event in the AWS console, or show the link", None),
    bind(&[ch('R')], Action::AsText, "the record as a tree or as text", None),
    bind(&[ch('J')], Action::NextSibling, "in a tree: the next sibling", None),
    bind(&[ch('K')], Action::PreviousSibling, "in a tree: the sibling before", None),
    bind(&[ch('^')], Action::FirstSibling, "in a tree: the first sibling", None),
    bind(&[ch('$')], Action::LastSibling, "in a tree: the last sibling", None),
    bind(&[ch('H')], Action::Parent, "in a tree: the parent", None),
    bind(&[ch('w')], Action::NextDepth, "in a tree: on to where the depth changes", None),
    bind(&[ch('b')], Action::PreviousDepth, "in a tree: back to where the depth changes", None),
    bind(&[ch('c')], Action::FoldSiblings, "in a tree: fold it and its siblings", None),
    bind(&[ch('C')], Action::FoldDeep, "in a tree: fold it, its siblings and all in them", None),
    bind(&[ch('e')], Action::UnfoldSiblings, "in a tree: unfold it and its siblings", None),
    bind(&[ch('E')], Action::UnfoldDeep, "in a tree: unfold it, its siblings and all in them", None),
    bind(&[ch(',')], Action::ValueLeft, "in a tree: the beginning of a long value", None),
    bind(&[ch('.')], Action::ValueRight, "in a tree: on in a long value", None),
    // Triage
    bind(&[ch('a')], Action::Acknowledge, "acknowledge the marked alerts, else the selected one", Some("ack")),
    bind(&[ch('r')], Action::Reopen, "reopen it", None),
    bind(&[ch('c')], Action::Note, "write a note; in the detail too, where it shows no tree", None),
    bind(&[ch('#')], Action::Tag, "tag it; -tag removes a tag", None),
    bind(&[ch('m')], Action::Mark, "mark or unmark the alert", None),
    bind(&[ch('v')], Action::Range, "begin or end a range; Esc clears range and marks", None),
    bind(&[ch('z')], Action::Undo, "undo the last change", None),
    bind(&[ch('A')], Action::Acknowledged, "show acknowledged alerts, or hide them", None),
    // How one looks at the alerts (app/query).
    bind(&[ch('f')], Action::Filter, "filter: alice severity>=high -event:Create* since:2h", Some("filter")),
    bind(&[ch('&')], Action::Filters, "the filters in force: switch off, change or remove one", None),
    bind(&[ch('F')], Action::FiltersOff, "all filters off, and on again", None),
    bind(&[ch('V')], Action::Views, "saved views: open one, remove one; & and w save the filters as one", None),
    bind(&[ch('=')], Action::Include, "filter to this value", None),
    bind(&[ch('!')], Action::Exclude, "exclude this value", None),
    bind(&[ch('p')], Action::Pivot, "all of the same actor, session, address, target and so on; Esc goes back", Some("pivot")),
    bind(&[ch('/')], Action::Search, "search: marks what it finds and hides nothing; in the detail: in the alert, folds and all", Some("search")),
    bind(&[ch('n')], Action::SearchNext, "the next hit", None),
    bind(&[ch('N')], Action::SearchPrevious, "the hit before", None),
    bind(&[ch('<')], Action::ColumnLeft, "the column to the left, for = ! s", None),
    bind(&[ch('>')], Action::ColumnRight, "the column to the right, for = ! s", None),
    bind(&[ch('s')], Action::Sort, "sort; by the same again, the other way round", None),
    bind(&[ch('O')], Action::Columns, "columns: which, in which order, how wide", None),
    bind(&[ch('T')], Action::TimeStyle, "times in UTC, local, or as ages", None),
    bind(&[ch('@')], Action::JumpToTime, "go to a time: 02:30, 2026-11-24, 2h", None),
    bind(&[ch('X')], Action::Export, "export the visible alerts: JSON lines, CSV or Markdown; again: stop", None),
    // Counts of the header (app/query/counters).
    bind(&[f(5)], Action::OnlyCritical, "only the open critical alerts; again, or Esc: back", None),
    bind(&[f(6)], Action::OnlyHigh, "only the open high alerts; again, or Esc: back", None),
    bind(&[f(7)], Action::OnlyOpen, "all that nobody has acknowledged, whatever the filters; again, or Esc: back", None),
    bind(&[f(8)], Action::OnlyUnreadable, "only the messages that could not be read; again, or Esc: back", None),
    // The bars over the list (app/timeline).
    bind(&[ch('{')], Action::EarlierBar, "back in time by a bar that has alerts", None),
    bind(&[ch('}')], Action::LaterBar, "on in time by a bar that has alerts", None),
    bind(&[ch('+')], Action::ShorterBars, "zoom in: bars of less time, down to 10 s", None),
    bind(&[ch('-')], Action::LongerBars, "zoom out: bars of more time", None),
    bind(&[ch('t')], Action::Strip, "show the timeline, or hide it", None),
    // The pipeline itself (app/pipeline).
    bind(&[ch('I')], Action::Pipeline, "pipeline health: alarms, what to do about them, and the last probe", None),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_the_console_tells_of_every_key() {
        let document = include_str!("../../../docs/console.md");
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert!(document.contains(&format!("`{key}`")), "{key}");
        }
    }

    #[test]
    fn the_dozen_keys_of_the_readme_are_rows_of_that_document() {
        let (readme, document) =
            (include_str!("../../../README.md"), include_str!("../../../docs/console.md"));
        let table = readme.split("## Keys").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
        let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
        assert!((10..=14).contains(&rows.len()), "{rows:?}");
        for row in rows {
            assert!(document.lines().any(|line| line == row), "{row}");
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
