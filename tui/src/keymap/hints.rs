//! Keys that the footer names, by the user's situation. The keys themselves are the keymap's.

use super::action::Action;

/// Situation of the user: the pane that has the focus, and what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Situation {
    List,
    /// Alerts are marked, or a range is being drawn.
    Marked,
    /// A tab of text.
    Page,
    Tree,
    Related,
    Respond,
}

/// A key that the footer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hint {
    pub(crate) action: Action,
    pub(crate) word: &'static str,
    /// In a narrow footer the highest is left out first.
    pub(crate) rank: u8,
}

const fn hint(action: Action, word: &'static str, rank: u8) -> Hint {
    Hint { action, word, rank }
}

const LIST: &[Hint] = &[
    hint(Action::Pause, "pause", 0),
    hint(Action::Step, "step", 1),
    hint(Action::Acknowledge, "ack", 0),
    hint(Action::Note, "note", 2),
    hint(Action::Tag, "tag", 6),
    hint(Action::Pivot, "pivot", 1),
    hint(Action::Exclude, "exclude", 3),
    hint(Action::Filter, "filter", 1),
    hint(Action::Search, "search", 2),
    hint(Action::Incidents, "incidents", 2),
    hint(Action::Context, "records", 3),
    hint(Action::Facets, "counts", 5),
    hint(Action::Copy, "copy", 4),
    hint(Action::Open, "open", 1),
    hint(Action::SwitchPane, "detail", 6),
    hint(Action::Help, "help", 0),
    hint(Action::Quit, "quit", 4),
];

const MARKED: &[Hint] = &[
    hint(Action::Acknowledge, "ack", 0),
    hint(Action::Note, "note", 1),
    hint(Action::Tag, "tag", 1),
    hint(Action::Reopen, "reopen", 2),
    hint(Action::Export, "export", 2),
    hint(Action::Back, "clear", 0),
];

const PAGE: &[Hint] = &[
    hint(Action::NextAlert, "next alert", 3),
    hint(Action::NextTab, "tabs", 0),
    hint(Action::Acknowledge, "ack", 0),
    hint(Action::Note, "note", 1),
    hint(Action::Tag, "tag", 6),
    hint(Action::Copy, "copy", 1),
    hint(Action::Search, "search", 2),
    hint(Action::Rule, "rule", 5),
    hint(Action::OpenLink, "AWS console", 6),
    hint(Action::Zoom, "zoom", 4),
    hint(Action::Back, "list", 1),
    hint(Action::Help, "help", 0),
];

const TREE: &[Hint] = &[
    hint(Action::NextTab, "tabs", 0),
    hint(Action::Expand, "unfold", 1),
    hint(Action::Collapse, "fold", 1),
    hint(Action::NextSibling, "sibling", 3),
    hint(Action::Parent, "parent", 4),
    hint(Action::UnfoldDeep, "unfold all", 4),
    hint(Action::AsText, "text", 3),
    hint(Action::Copy, "copy", 0),
    hint(Action::Search, "search", 1),
    hint(Action::Acknowledge, "ack", 2),
    hint(Action::Back, "list", 1),
    hint(Action::Help, "help", 0),
];

const RELATED: &[Hint] = &[
    hint(Action::Open, "go to", 0),
    hint(Action::JumpBack, "back", 1),
    hint(Action::NextTab, "tabs", 0),
    hint(Action::Pivot, "pivot", 2),
    hint(Action::Search, "search", 2),
    hint(Action::Copy, "copy", 3),
    hint(Action::Back, "list", 1),
    hint(Action::Help, "help", 0),
];

const RESPOND: &[Hint] = &[
    hint(Action::Copy, "copy command", 0),
    hint(Action::CopyAll, "copy all", 1),
    hint(Action::NextTab, "tabs", 0),
    hint(Action::Search, "search", 2),
    hint(Action::Acknowledge, "ack", 1),
    hint(Action::Note, "note", 2),
    hint(Action::Back, "list", 1),
    hint(Action::Help, "help", 0),
];

/// Returns the keys that the footer names, in the order in which they stand.
pub(crate) const fn hints(situation: Situation) -> &'static [Hint] {
    match situation {
        Situation::List => LIST,
        Situation::Marked => MARKED,
        Situation::Page => PAGE,
        Situation::Tree => TREE,
        Situation::Related => RELATED,
        Situation::Respond => RESPOND,
    }
}
