//! Messages: input from the terminal, news from the store and the source, and answers to effects.

use crossterm::event::{KeyEvent, MouseEvent};
use detector::{AlertId, Call};
use jiff::Timestamp;

use crate::app::detail::{Groups, Steps};
use crate::app::effect::Copy;
use crate::app::hit::Hit;
use crate::app::query::saved_views::Views;
use crate::app::status::Status;
use crate::incidents::{Incident, Overview};
use crate::model::{
    Content, Event, ExportFormat, Facet, Row, SearchPage, TriageCommand, TriageOutcome, TriageStep,
};

/// A message to the state.
#[derive(Debug)]
pub(crate) enum Msg {
    /// News from the store or the source.
    Event(Event),
    Key(KeyEvent),
    /// An event of the mouse, and what lies at its place.
    Mouse(MouseEvent, Hit),
    Paste(String),
    /// The terminal got or lost the focus.
    Focus(bool),
    /// The terminal tells its background: true where it is light.
    Background(bool),
    Resize {
        width: u16,
        height: u16,
    },
    /// Something on the screen changes with time.
    Tick,
    /// A signal that ends the process, by its number.
    Signal(u8),
    /// The process is asked to stop, as by Ctrl-Z.
    Suspend,
    /// The process goes on after a stop.
    Continued,
    /// Answer to a lookup.
    Answer(Answer),
    /// Triage changes are written; `undo`: they took earlier ones back.
    Triaged {
        commands: Vec<TriageCommand>,
        undo: bool,
        outcome: TriageOutcome,
    },
    /// The views as they are saved now.
    Views(Views),
    /// Alerts that an export has written, and all that it is to write; `None` when it has ended.
    Exporting(Option<(u64, u64)>),
    /// An export that was not written: the path as it was typed, and the reason.
    ExportFailed {
        path: String,
        format: ExportFormat,
        why: String,
    },
    /// Records around an alert were written, in words; or the path as it was typed, and the reason why not.
    RecordsWritten(Result<String, (String, String)>),
    /// A part of the answer to the question of this turn for the records around an alert.
    Context(u64, ContextNews),
    /// Result of something that was asked for.
    Status(Status),
    /// A message that need not be read: it goes away by itself.
    Passing(String),
    /// No program took the text to be copied; the terminal may.
    CopyByTerminal(Copy),
    /// No browser took this link.
    NoBrowser(String),
}

/// A part of an answer on the records around an alert.
#[derive(Debug)]
pub(crate) enum ContextNews {
    /// Properties that records can be found by, in words; the one that is asked for; the span of time.
    Begun {
        ways: Vec<String>,
        by: usize,
        span: (Timestamp, Timestamp),
    },
    /// Records, and the calls to CloudTrail so far.
    Found {
        calls: Vec<Call>,
        asked: u64,
    },
    /// It waits before it asks again.
    Waits(String),
    /// A part could not be read.
    Failed(String),
    Done,
}

/// Answer to a [`Lookup`](super::effect::Lookup).
#[derive(Debug)]
pub(crate) enum Answer {
    Loaded(AlertId, Option<Content>),
    Sought {
        turn: u64,
        page: SearchPage,
    },
    Steps(AlertId, Vec<Steps>),
    /// Detection rules in words; empty where none is a built-in one.
    Rules(String),
    /// The related alerts by what they have in common, or why they could not be looked up.
    Related(AlertId, Result<Groups, String>),
    /// An alert's triage history, newest step first.
    History(AlertId, Vec<TriageStep>),
    /// The incidents, or why they could not be read.
    Incidents(Result<Overview, String>),
    IncidentsOf(AlertId, Result<Vec<Incident>, String>),
    /// The row of an alert that is to be gone to; `None` where it is not stored any more.
    Row(Option<Box<Row>>),
    /// Alerts that share a facet, from further back than the list goes; `last`: older ones share it no more.
    Sharing {
        turn: u64,
        rows: Vec<Row>,
        last: bool,
    },
    /// An alert's value of this facet; `None` where it has none.
    FacetValue(AlertId, Facet, Option<String>),
    /// An alert's values, in the order in which they were asked for; `None` where it has no such value.
    FacetValues(AlertId, Vec<Option<String>>),
}

impl From<Event> for Msg {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

impl From<Answer> for Msg {
    fn from(answer: Answer) -> Self {
        Self::Answer(answer)
    }
}
