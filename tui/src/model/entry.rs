//! Whole entries: as a source gives them, and as the database returns them.

use detector::{Alert, AlertId};
use jiff::Timestamp;

use super::triage::{Remarks, TriageState};

/// Entry from a source: an alert, or something that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incoming {
    pub(crate) id: AlertId,
    pub(crate) received: Timestamp,
    pub(crate) content: Content,
}

/// Content of an entry.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Alert(Box<Alert>),
    /// Kept as it came, and shown as such.
    Unreadable {
        why: String,
        raw: String,
    },
}

/// An entry as it is stored.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Its place in the order of arrival.
    pub(crate) number: i64,
    pub(crate) id: AlertId,
    /// Time of the call; of its detection where the alert names none, of its arrival where it names neither.
    pub(crate) time: Timestamp,
    pub(crate) content: Content,
    pub(crate) state: TriageState,
    /// Remarks of triage; `None` where there are none. Foreign text.
    pub(crate) remarks: Option<Remarks>,
}
