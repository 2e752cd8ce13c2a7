//! Effects: work that must be done outside of the state, each told to the part of `console` that does it.

use detector::{AlertId, Call};
use jiff::Timestamp;

use crate::app::context::around::Around;
use crate::app::notifications::Notification;
use crate::app::preferences::Preferences;
use crate::app::query::saved_views::ViewChange;
use crate::filter::Filter;
use crate::format;
use crate::incidents::Incident;
use crate::model::{AlarmKey, ExportFormat, Facet, Position, ReplayCommand, Row, TriageCommand, TriageState};

/// Effects of a key or an action; `None`: the key or action belongs to another part.
pub(crate) type Handled = Option<Vec<Effect>>;

/// Work that must be done outside of the state.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Look something up; the answer is an [`Answer`](super::msg::Answer), and to [`Lookup::Older`] an
    /// `Event::Page`, as at the start.
    Lookup(Lookup),
    /// Change the triage of alerts; `undo`: these commands take earlier ones back.
    Triage {
        commands: Vec<TriageCommand>,
        undo: bool,
    },
    /// Forget an alarm of the pipeline.
    ForgetAlarm(AlarmKey),
    File(FileWork),
    Terminal(TerminalWork),
    /// Notify a user who does not look.
    Notify(Notification),
    Replay(ReplayCommand),
    Context(ContextWork),
    /// Try at once to receive again.
    RetryNow,
    /// End, with this exit code.
    Quit(u8),
}

/// Question to the store, or to the built-in rules.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The whole of an alert.
    Load(AlertId),
    /// Response steps of these rules, by their ids, for an alert.
    Steps(AlertId, Vec<String>),
    /// Detection rules in words, by their ids.
    Rules(Vec<String>),
    /// Alerts that are related to an alert.
    Related(AlertId),
    /// Triage history of an alert.
    History(AlertId),
    /// Incidents of the stored alerts.
    Incidents,
    /// Incidents of an alert, or of those whose ids begin so.
    IncidentsOf(AlertId),
    /// The row of an alert that is to be gone to.
    Row(AlertId),
    /// Alerts that share this facet with an alert, from this time back.
    Sharing { id: AlertId, facet: Facet, before: Timestamp, turn: u64 },
    /// An alert's value of a facet, which its row knows by its hash only.
    FacetValue(AlertId, Facet),
    /// An alert's values of these facets, to be chosen from.
    FacetValues(AlertId, Vec<Facet>),
    /// The page of rows that are older than this place in the list.
    Older(Position),
    /// Rows older than this place that the filters of this turn let through.
    Seek {
        older_than: Position,
        turn: u64,
        scope: Scope,
        /// True where the search index is of no use, so that row after row is looked at.
        walks: bool,
    },
}

/// Work on the records around an alert; answers come as `Msg::Context`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ContextWork {
    /// Ask for the records that share the alert's property at this place, or an identity of its incident (`None`), so
    /// many hours to either side.
    Ask {
        around: Around,
        by: Option<usize>,
        hours: u32,
        turn: u64,
    },
    Stop,
    /// Look for the calls that issued these access keys; what is found is stored as a link.
    Starts {
        keys: Vec<String>,
    },
}

/// Rows that the list shows: those that all filters let through, acknowledged ones included or not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Scope {
    pub(crate) filters: Vec<Filter>,
    pub(crate) acknowledged: bool,
}

impl Scope {
    /// True where a row that is not in the list would be shown.
    pub(crate) fn takes(&self, row: &Row) -> bool {
        (self.acknowledged || row.state == TriageState::Open)
            && self.filters.iter().all(|filter| filter.matches(row))
    }
}

/// Work on a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FileWork {
    ChangeViews(ViewChange),
    SavePreferences(Preferences),
    /// Write these alerts to a new file; `older`: others are stored that are not in the list.
    Export {
        path: String,
        format: ExportFormat,
        alerts: Vec<AlertId>,
        older: bool,
    },
    /// Stop the export that is running.
    StopExport,
    /// Write a report on an incident into a new file of the working folder.
    Report(Box<Incident>),
    /// Write records around an alert into a new file of this path; its ending tells the format.
    Records(String, Vec<Call>),
}

/// Work for the terminal, and for programs beside it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TerminalWork {
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Draw every cell again.
    Redraw,
    /// Give the terminal back and stop, until somebody continues the console.
    Suspend,
    /// Take the terminal again; `mouse`: with the mouse.
    Resume {
        mouse: bool,
    },
    /// Put a text on the clipboard.
    Copy(Copy),
    /// Put a text on the terminal's own clipboard.
    CopyByTerminal(Copy),
    OpenLink(String),
}

/// A text on its way to the clipboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    /// Name of the text's kind: "value", "jq path".
    pub(crate) what: &'static str,
    pub(crate) text: String,
    /// Characters that can't be seen and were replaced by marks.
    pub(crate) marks: usize,
}

/// Characters of a copied text that is shown whole.
const SHORT: usize = 60;

impl Copy {
    /// Returns the message for a copy that is done, naming the means by which it was made (`by`).
    pub(crate) fn done(&self, by: &str) -> String {
        let bytes = format::number(u64::try_from(self.text.len()).unwrap_or_default());
        let marks = match self.marks {
            0 => String::new(),
            1 => "; 1 character that can't be seen is a mark (capital letter: as it is)".to_owned(),
            more => format!("; {more} characters that can't be seen are marks (capital letter: as it is)"),
        };
        let plural = if self.text.len() == 1 { "" } else { "s" };
        // A short text says itself what was copied.
        let is_short = self.text.chars().count() <= SHORT && !self.text.contains('\n');
        let what = if is_short {
            format!("{} {}", self.what, self.text)
        } else {
            format!("{}, {bytes} byte{plural}", self.what)
        };
        format!("copied {what} ({by}){marks}")
    }
}
