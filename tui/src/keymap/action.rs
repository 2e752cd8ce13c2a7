//! Actions: everything that a key, a click or the palette can start. Their names stand in the configuration.

/// Pane that keys go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pane {
    #[default]
    List,
    Detail,
}

/// Action that a key or a name in the list of actions stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Down,
    Up,
    PageDown,
    PageUp,
    First,
    Last,
    /// Open the detail; in it, go to a related alert or zoom.
    Open,
    /// Unfold a group of alerts or a node of a tree.
    Expand,
    Collapse,
    /// Go back to the list.
    Back,
    /// Pause the list, or follow the newest alert again.
    AutoScroll,
    SwitchPane,
    Zoom,
    SplitMore,
    SplitLess,
    Help,
    Quit,
    // The console itself (app/actions.rs, app/shell.rs): moving, the overlay, the terminal.
    HalfPageDown,
    HalfPageUp,
    NextSevere,
    PreviousSevere,
    NextAlert,
    PreviousAlert,
    JumpBack,
    JumpForward,
    ScreenTop,
    ScreenMiddle,
    ScreenBottom,
    Recentre,
    Palette,
    Mouse,
    Mute,
    Theme,
    Trouble,
    RetryNow,
    Redraw,
    Suspend,
    // The detail (app/detail/actions.rs; trees: app/actions.rs): its tabs, its trees, copying.
    NextTab,
    PreviousTab,
    TabSummary,
    TabParams,
    TabPolicy,
    TabRecord,
    TabRelated,
    TabRespond,
    Copy,
    CopyAll,
    OpenLink,
    /// The detection rule of the alert.
    Rule,
    AsText,
    NextSibling,
    PreviousSibling,
    FirstSibling,
    LastSibling,
    Parent,
    NextDepth,
    PreviousDepth,
    FoldSiblings,
    FoldDeep,
    UnfoldSiblings,
    UnfoldDeep,
    ValueLeft,
    ValueRight,
    // Triage (app/triage/actions.rs)
    Mark,
    MarkAll,
    Range,
    Acknowledge,
    Reopen,
    Note,
    Tag,
    Undo,
    /// Shows acknowledged alerts, or hides them.
    Acknowledged,
    // The query (app/query/actions.rs): filters, search, columns, order, export.
    Filter,
    Filters,
    FiltersOff,
    Views,
    Include,
    Exclude,
    Pivot,
    /// Counts of what is shown, by actor, IP, event, account.
    Facets,
    Search,
    SearchNext,
    SearchPrevious,
    ColumnLeft,
    ColumnRight,
    Columns,
    Sort,
    TimeStyle,
    JumpToTime,
    Export,
    // The counts of the header (app/query/counters.rs)
    OnlyCritical,
    OnlyHigh,
    OnlyOpen,
    OnlyUnreadable,
    // A replay that is played (app/shell.rs)
    Pause,
    Step,
    Faster,
    Slower,
    // The timeline over the list (app/timeline.rs)
    EarlierBar,
    LaterBar,
    ShorterBars,
    LongerBars,
    /// Shows or hides the timeline (app/panes.rs).
    Timeline,
    /// The list of the pipeline's alarms (app/pipeline).
    Pipeline,
    /// The board of incidents (app/incidents).
    Incidents,
    /// Records around an alert (app/context.rs).
    Context,
}

impl Action {
    /// Its name in the configuration and in the palette: `page-down`.
    pub(crate) fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.extend(letter.to_lowercase());
        }
        name
    }

    /// True where the action exists only while log files are played.
    pub(crate) const fn is_of_replay(self) -> bool {
        matches!(self, Self::Pause | Self::Step | Self::Faster | Self::Slower)
    }

    /// Example of the text that may follow the action's name in the list of actions, or a placeholder for
    /// it; `None` where the action takes no text.
    pub(crate) const fn argument(self) -> Option<&'static str> {
        Some(match self {
            Self::Filter => "alice severity>=high",
            Self::Search | Self::Note => "TEXT",
            Self::JumpToTime => "02:30",
            Self::Views => "NAME",
            Self::Tag => "drill -expected",
            _ => return None,
        })
    }

    /// True where `name` is the name, the short name or an earlier name of the action.
    pub(crate) fn is_called(self, name: &str) -> bool {
        self.short() == Some(name) || self.earlier() == Some(name) || self.name() == name
    }

    /// Name of the action in earlier versions, which configuration files may have; `None` where it is the same.
    const fn earlier(self) -> Option<&'static str> {
        match self {
            Self::AutoScroll => Some("fold"),
            Self::Timeline => Some("strip"),
            _ => None,
        }
    }

    /// True where the name or the short name of the action begins with this text.
    pub(crate) fn is_begun(self, begun: &str) -> bool {
        self.name().starts_with(begun) || self.short().is_some_and(|short| short.starts_with(begun))
    }

    /// Short name of the action, where it has one.
    const fn short(self) -> Option<&'static str> {
        match self {
            Self::JumpToTime => Some("time"),
            Self::Views => Some("view"),
            _ => None,
        }
    }

    /// The one pane where it does something; none: everywhere.
    pub(crate) const fn place(self) -> Option<Pane> {
        match self {
            Self::AsText
            | Self::NextSibling
            | Self::PreviousSibling
            | Self::FirstSibling
            | Self::LastSibling
            | Self::Parent
            | Self::NextDepth
            | Self::PreviousDepth
            | Self::FoldSiblings
            | Self::FoldDeep
            | Self::UnfoldSiblings
            | Self::UnfoldDeep
            | Self::ValueLeft
            | Self::ValueRight => Some(Pane::Detail),
            Self::ScreenTop
            | Self::ScreenMiddle
            | Self::ScreenBottom
            | Self::EarlierBar
            | Self::LaterBar
            | Self::ShorterBars
            | Self::LongerBars
            | Self::Timeline => Some(Pane::List),
            _ => None,
        }
    }
}
