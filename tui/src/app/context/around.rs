//! Subject of a question for records: an alert, or its incident.

use detector::AlertId;

/// Subject of the question: an alert, and the incident that it was asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Around {
    /// The alert at which the list opens.
    pub(crate) alert: AlertId,
    /// All alerts of its incident; empty where it stands alone.
    pub(crate) incident: Vec<AlertId>,
    /// True where the whole incident is asked for, and not the alert alone.
    pub(crate) is_incident: bool,
}
