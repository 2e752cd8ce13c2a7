//! Alerts of one incident, as a filter asks for them.

use std::collections::HashSet;

use jiff::Timestamp;

/// Alerts of one incident, or of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Members {
    /// Ids of the alerts.
    pub(crate) alerts: HashSet<String>,
    /// Bounds in time of the alerts: from the first moment, before the second.
    pub(crate) span: (Timestamp, Timestamp),
}

impl Members {
    /// Fewest characters of an alert's id that name its incident.
    pub(crate) const LEAST: usize = 8;

    /// Adds the alerts of another incident.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.alerts.extend(other.alerts);
        self.span = (self.span.0.min(other.span.0), self.span.1.max(other.span.1));
        self
    }
}
