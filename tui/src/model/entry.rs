//! Whole entries: as a source gives them, and as the database returns them.

use detector::{Alert, AlertId};
use jiff::Timestamp;

use super::triage::{Remarks, TriageState};

/// What came out of a source: an alert, or something that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incoming {
    pub(crate) id: AlertId,
    pub(crate) received: Timestamp,
    pub(crate) content: Content,
}

/// What an entry holds.
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
    /// When it happened; when it came, where it does not say.
    pub(crate) time: Timestamp,
    pub(crate) content: Content,
    pub(crate) state: TriageState,
    /// What was said of it, if anything was. Foreign text.
    pub(crate) remarks: Option<Remarks>,
}
