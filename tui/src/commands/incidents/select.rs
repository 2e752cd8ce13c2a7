//! Choice of incidents: by severity, age, state, filter, and by the id of any of their alerts.

use std::collections::HashSet;

use detector::AlertId;

use super::shown;
use crate::cli::{self, IncidentState};
use crate::incidents::{Incident, State};

/// Fewest characters of an id that name an incident.
const SHORT: usize = 8;
/// Most ids that are named where several fit.
const MOST_NAMED: usize = 10;

/// An id that names no incident, or several.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum WrongId {
    #[error("use at least {SHORT} characters of an alert's id; {0:?} has fewer")]
    TooShort(String),
    #[error("no alert with ID {0} among these alerts")]
    Unknown(String),
    #[error("{id} fits {count} incidents: give more characters of one of {named}")]
    Several { id: String, count: usize, named: String },
}

/// Returns the incidents that are wanted.
pub(super) fn wanted(
    incidents: Vec<Incident>,
    options: &cli::Incidents,
    let_through: Option<&HashSet<AlertId>>,
) -> Result<Vec<Incident>, WrongId> {
    let mut wanted = incidents;
    if let Some(id) = &options.incident {
        wanted = by_id(wanted, id)?;
    }
    wanted.retain(|incident| {
        options.min_severity.is_none_or(|least| incident.severity >= least)
            && options.since.is_none_or(|since| incident.last.is_none_or(|last| last >= since.0))
            && options.state.is_none_or(|state| match state {
                IncidentState::Open => incident.state == State::Open,
                IncidentState::Acknowledged => incident.state == State::Acknowledged,
            })
            && let_through.is_none_or(|passed| {
                incident.alerts.iter().any(|alert| passed.contains(&AlertId(alert.clone())))
            })
    });
    Ok(wanted)
}

/// Returns the incident with an alert of this id, or of this beginning of an id.
fn by_id(incidents: Vec<Incident>, id: &str) -> Result<Vec<Incident>, WrongId> {
    let has = |incident: &Incident, fits: &dyn Fn(&str) -> bool| incident.alerts.iter().any(|one| fits(one));
    if incidents.iter().any(|incident| has(incident, &|alert| alert == id)) {
        return Ok(incidents.into_iter().filter(|incident| has(incident, &|alert| alert == id)).collect());
    }
    let words = shown(id).to_string();
    if id.chars().count() < SHORT {
        return Err(WrongId::TooShort(words));
    }
    let begun = id.to_ascii_lowercase();
    let fits = |alert: &str| alert.to_ascii_lowercase().starts_with(&begun);
    let found: Vec<Incident> = incidents.into_iter().filter(|incident| has(incident, &fits)).collect();
    match found.len() {
        0 => Err(WrongId::Unknown(words)),
        1 => Ok(found),
        count => {
            let all = found.iter().flat_map(|incident| &incident.alerts);
            let mut named: Vec<String> = all
                .filter(|alert| fits(alert))
                .take(MOST_NAMED)
                .map(|alert| shown(alert).to_string())
                .collect();
            named.dedup();
            Err(WrongId::Several { id: words, count, named: named.join(", ") })
        }
    }
}
