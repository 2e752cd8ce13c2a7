//! Events: news from the store and the source for whoever listens: the console, `tail`, `backfill`, `test-alert`.

use detector::SafeText;
use detector::probe::PipelineProbe;

use super::{Alarm, Identity, ProbeStatus, Row, SourceStatus};

/// News from a background task.
#[derive(Debug)]
pub(crate) enum Event {
    /// New or changed entries are in the store.
    Stored(Vec<Row>),
    /// New links are in the store: incidents may have changed.
    LinksStored,
    /// Number of entries received that were stored already.
    Duplicates(usize),
    /// The newest rows, or those older than what is in the list; `last`: the store has no older ones.
    Page { rows: Vec<Row>, last: bool },
    /// A question to the store failed, or a change that was asked for.
    StoreFailed(String),
    /// Reason why nothing can be stored; `None` when storing works again.
    StoreBlocked(Option<String>),
    /// Reason why stored messages can't be deleted from the queue; `None` when they can again.
    DeleteBlocked(Option<String>),
    /// The source's status has changed.
    Source(SourceStatus),
    /// The pipeline's alarms as they are now; `first`: they were so before the console started.
    Alarms { alarms: Vec<Alarm>, first: bool },
    /// Result of the console's last probe.
    Probe(ProbeStatus),
    /// The function's probe came: the queue is subscribed to the topic of alerts.
    PipelineProbe(PipelineProbe),
    /// A message of this kind came, which is no alert and which this version does not know.
    UnknownKind(SafeText),
    /// Owner of the credentials in use.
    Identity(Identity),
    /// A message to be read once.
    Notice(String),
}

impl Event {
    /// Makes the event of a page for which `asked` rows were requested: fewer are the last.
    pub(crate) fn page(rows: Vec<Row>, asked: usize) -> Self {
        Self::Page { last: rows.len() < asked, rows }
    }
}
