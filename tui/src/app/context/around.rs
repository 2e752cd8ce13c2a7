//! Subject of a question for records: an alert, or its incident.

use detector::AlertId;
use jiff::Timestamp;

use crate::incidents::Incident;

/// Subject of the question: an alert, and the incident that it was asked for with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Around {
    /// The alert at which the list opens.
    pub(crate) alert: AlertId,
    /// All alerts of its incident; empty where it stands alone.
    pub(crate) incident: Vec<AlertId>,
    /// Access keys of the incident's links.
    pub(crate) keys: Vec<String>,
    /// Time of the incident's first record, alert or link.
    pub(crate) first: Option<Timestamp>,
    /// True where the whole incident is asked for, and not the alert alone.
    pub(crate) is_incident: bool,
}

impl Around {
    /// The subject at an alert, with its incident where it has one of several alerts.
    pub(crate) fn new(alert: AlertId, incident: Option<&Incident>, is_incident: bool) -> Self {
        let alerts = incident.iter().flat_map(|incident| &incident.alerts).cloned();
        let steps = incident.iter().flat_map(|incident| &incident.steps);
        Self {
            alert,
            incident: alerts.map(AlertId).collect(),
            keys: incident.map(|incident| incident.link_keys.clone()).unwrap_or_default(),
            first: steps.filter_map(|step| step.time).min(),
            is_incident: is_incident && incident.is_some(),
        }
    }
}
