//! The console's core: events ([`Msg`]), the state that the screen is drawn from ([`State`]), and the work
//! that must be done outside ([`Effect`]). [`update`] is pure; [`run`] is the loop around it.

pub(crate) mod copy;
pub(crate) mod detail;
pub(crate) mod layout;
pub(crate) mod list;
pub(crate) mod mouse;
pub(crate) mod notifications;
pub(crate) mod paging;
pub(crate) mod palette;
pub(crate) mod pipeline;
pub(crate) mod preferences;
pub(crate) mod query;
pub(crate) mod shell;
pub(crate) mod state;
pub(crate) mod timeline;
pub(crate) mod triage;
pub(crate) mod update;

pub(crate) use copy::{Copy, Item};
pub(crate) use detail::actions::{CopyMenu, Desk, Over};
pub(crate) use detail::{Detail, DetailSearch, Line, NAME_WIDTH, Steps, Tab};
pub(crate) use layout::{LEAST, too_small};
#[cfg(test)]
pub(crate) use list::Cursor;
pub(crate) use list::search::Search;
pub(crate) use list::{List, SeverityCounts};
pub(crate) use notifications::Notification;
pub(crate) use palette::{Palette, Scope};
pub(crate) use pipeline::Pipeline;
pub(crate) use state::State;
pub(crate) use timeline::{Timeline, first_in_sight, zone as strip_zone};
pub(crate) use triage::TriagePromptKind;
pub(crate) use update::update;

use crossterm::event::{KeyEvent, MouseEvent};
use detector::AlertId;
use jiff::Timestamp;

use crate::app::preferences::Preferences;
use crate::app::query::saved_views::{ViewChange, Views};
use crate::model::{
    AlarmKey, Content, Event, ExportFormat, Facet, ReplayCommand, Row, SearchPage, TriageCommand,
    TriageOutcome,
};

/// An event: input from the terminal, news from a source, or the answer to an [`Effect`].
#[derive(Debug)]
pub(crate) enum Msg {
    /// News from the store or the source.
    Event(Event),
    Key(KeyEvent),
    Resize {
        width: u16,
        height: u16,
    },
    /// Rows further back than the list goes that the filters of that turn let through.
    SearchPage {
        turn: u64,
        sought: SearchPage,
    },
    /// An entry that was asked for.
    Loaded(AlertId, Option<Content>),
    /// A signal that ends the process, by its number.
    Signal(u8),
    /// The views as they are saved now.
    Views(Views),
    /// Something on the screen counts.
    Tick,
    Mouse(MouseEvent),
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// A word about what was done outside.
    Said(String),
    /// Somebody asks that the console stops, as Ctrl-Z does.
    Suspend,
    /// It was stopped and goes on.
    Continued,
    /// Response steps that the rules of an alert give.
    Steps(AlertId, Vec<Steps>),
    /// Alerts that have something in common with one, by what that is.
    Related(AlertId, Vec<(String, Vec<Row>)>),
    /// Rows from further back than the list goes, out of turn.
    Found {
        turn: u64,
        rows: Vec<Row>,
    },
    /// An alert's value of this facet, which others may share; `None` where it has none.
    Shared(AlertId, Facet, Option<String>),
    /// An alert's values that others may share, in the order in which they are offered; a row knows some of
    /// them by their hash only. `None` where the alert has no such value.
    Values(AlertId, Vec<Option<String>>),
    /// Reason why the related alerts could not be looked for.
    RelatedFailed(AlertId, String),
    /// A word about what was asked for; `bad` where it did not work.
    Told {
        words: String,
        bad: bool,
    },
    /// No program took it; the terminal may.
    CopyByTerminal(Copy),
    /// No browser took this link.
    NoBrowser(String),
    /// Triage changes are written; `undo` where they took earlier ones back.
    TriageOutcome {
        commands: Vec<TriageCommand>,
        undo: bool,
        triaged: TriageOutcome,
    },
    /// So many of so many alerts are in the file that is being written; none when it is done.
    Writing(Option<(u64, u64)>),
}

impl From<Event> for Msg {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

/// Work that must be done outside of [`State`], such as in the store or the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Load(AlertId),
    /// Change the saved views.
    View(ViewChange),
    /// Write these alerts to a new file; `older`: there are others that are not in the list.
    Export {
        path: String,
        format: ExportFormat,
        alerts: Vec<AlertId>,
        older: bool,
    },
    /// Play the log files so.
    Replay(ReplayCommand),
    /// Write no more of the file that is being written.
    StopExport,
    /// Keep how the list is set up.
    Keep(Preferences),
    /// End, with this exit code.
    Quit(u8),
    /// Tell somebody who does not look.
    Tell(Notification),
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw every cell again.
    Redraw,
    /// Give the terminal back and stop, until somebody continues the console.
    Suspend,
    /// Take the terminal again.
    Resume,
    /// Find what these rules say to do, by their ids.
    Steps(AlertId, Vec<String>),
    /// Find what is related to an alert.
    Related(AlertId),
    /// Fetch what shares this with an alert, from this time back.
    Sharing {
        id: AlertId,
        facet: Facet,
        before: Timestamp,
        turn: u64,
    },
    /// Find what an alert has that others may share.
    Shared(AlertId, Facet),
    /// Find all that an alert has and its row does not say, to be chosen from.
    Values(AlertId),
    /// Put it on the clipboard.
    Copy(Copy),
    /// Put it on the clipboard of the terminal, whatever else there is.
    CopyByTerminal(Copy),
    /// Open a link.
    Open(String),
    /// Fetch what is behind this place in the list.
    Older(Timestamp, AlertId),
    /// Look behind this place for what the filters of this turn let through.
    Seek {
        behind: (Timestamp, AlertId),
        turn: u64,
        /// Row after row: the search index is of no use for it.
        walks: bool,
    },
    /// Forget an alarm of the pipeline.
    Forget(AlarmKey),
    /// Write what was said of some alerts.
    Triage {
        commands: Vec<TriageCommand>,
        undo: bool,
    },
}
