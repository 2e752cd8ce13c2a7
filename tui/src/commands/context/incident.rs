//! The incident of an alert, in the database or in log files.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use detector::{Alert, Detector};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::exit::failed;
use super::super::inputs;
use crate::cli::{self, Cli};
use crate::filter::criteria::Criteria;
use crate::incidents::{Incident, Record, Records};
use crate::model::Content;
use crate::source::replay::{Found, Next, Replay, Request, Scope};
use crate::store::{Reader, StoreError};

/// Between two looks at what a replay found.
const PACE: Duration = Duration::from_secs(1);

/// An incident, as far as the question for its records needs it.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Alerts, without what is not asked for.
    pub(super) alerts: Vec<Alert>,
    /// Access keys of its links.
    pub(super) keys: Vec<String>,
    /// Time of its first record.
    pub(super) first: Option<Timestamp>,
}

impl Members {
    fn new(incident: &Incident, alerts: Vec<Alert>) -> Self {
        let first = incident.steps.iter().filter_map(|step| step.time).min();
        Self { alerts, keys: incident.link_keys.clone(), first }
    }
}

/// Returns the incident of an alert.
pub(super) fn members(
    of: &Alert,
    options: &cli::Context,
    cli: &Cli,
    detector: &Arc<Detector>,
) -> Result<Members, ExitCode> {
    if options.paths.is_empty() { stored(of, cli) } else { read(of, options, detector) }
}

fn stored(of: &Alert, cli: &Cli) -> Result<Members, ExitCode> {
    let path = inputs::database(cli).map_err(|error| failed(&error))?;
    let found = || -> Result<Members, StoreError> {
        let reader = Reader::open(&path)?;
        let incidents = reader.incidents_of(&of.id.0)?.ok_or(StoreError::Filling)?;
        let Some(incident) = incidents.first() else { return Ok(Members::default()) };
        let mut alerts = Vec::new();
        for id in &incident.alerts {
            for stored in reader.named(id)? {
                if let Content::Alert(alert) = stored.content {
                    alerts.push(*alert);
                }
            }
        }
        Ok(Members::new(incident, alerts))
    };
    found().map_err(|error| failed(&error))
}

/// Reads the files for alerts and links. What can't be read is told by whoever reads them for the records.
fn read(of: &Alert, options: &cli::Context, detector: &Arc<Detector>) -> Result<Members, ExitCode> {
    let (paths, detector) = (options.paths.clone(), Arc::clone(detector));
    let request = Request::headless(paths, Criteria::default(), detector, Scope::Links);
    let mut replay = Replay::start(request).map_err(|error| failed(&error))?;
    let (mut records, mut alerts) = (Records::default(), HashMap::new());
    loop {
        match replay.next(PACE) {
            Next::Found(Found::Alert(alert)) => {
                records.add(Record::of_alert(&alert, false));
                alerts.insert(alert.id.0.clone(), slim(*alert));
            }
            Next::Found(Found::Link(link)) => records.add(Record::of_link(*link)),
            Next::Found(_) | Next::Nothing => {}
            Next::End => break,
        }
    }
    let incidents = records.incidents();
    let incident = incidents.into_iter().find(|incident| incident.alerts.contains(&of.id.0));
    let Some(incident) = incident else { return Ok(Members::default()) };
    let members = incident.alerts.iter().filter_map(|id| alerts.remove(id)).collect();
    Ok(Members::new(&incident, members))
}

/// Leaves out the largest parts of an alert: those of all files are kept until their incidents are known.
fn slim(alert: Alert) -> Alert {
    let identity = alert.record.as_ref().and_then(|record| record.get("userIdentity")).cloned();
    Alert {
        record: identity.map(|identity| Arc::new(json!({"userIdentity": identity}))),
        parameters: Value::Null,
        facts: None,
        rules: Vec::new(),
        reasons: Vec::new(),
        ..alert
    }
}
