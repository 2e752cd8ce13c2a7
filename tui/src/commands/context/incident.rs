//! Alerts of the incident of an alert, in the database or in log files.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use detector::{Alert, Detector};

use super::super::exit::failed;
use super::super::inputs;
use crate::cli::{self, Cli};
use crate::filter::criteria::Criteria;
use crate::incidents::{Record, Records};
use crate::model::Content;
use crate::source::replay::{Found, Next, Replay, Request, Scope};
use crate::store::{Reader, StoreError};

/// Between two looks at what a replay found.
const PACE: Duration = Duration::from_secs(1);

/// Returns the alerts of an alert's incident, that alert among them.
pub(super) fn alerts(
    of: &Alert,
    options: &cli::Context,
    cli: &Cli,
    detector: &Arc<Detector>,
) -> Result<Vec<Alert>, ExitCode> {
    if options.paths.is_empty() { stored(of, cli) } else { read(of, options, detector) }
}

fn stored(of: &Alert, cli: &Cli) -> Result<Vec<Alert>, ExitCode> {
    let path = inputs::database(cli).map_err(|error| failed(&error))?;
    let found = || -> Result<Vec<Alert>, StoreError> {
        let reader = Reader::open(&path)?;
        let incidents = reader.incidents_of(&of.id.0)?.ok_or(StoreError::Filling)?;
        let mut alerts = Vec::new();
        for id in incidents.iter().flat_map(|incident| &incident.alerts) {
            for stored in reader.named(id)? {
                if let Content::Alert(alert) = stored.content {
                    alerts.push(*alert);
                }
            }
        }
        Ok(alerts)
    };
    found().map_err(|error| failed(&error))
}

/// Reads the files for alerts and links. What can't be read is told by whoever reads them for the records.
fn read(of: &Alert, options: &cli::Context, detector: &Arc<Detector>) -> Result<Vec<Alert>, ExitCode> {
    let (paths, detector) = (options.paths.clone(), Arc::clone(detector));
    let request = Request::headless(paths, Criteria::default(), detector, Scope::Links);
    let mut replay = Replay::start(request).map_err(|error| failed(&error))?;
    let (mut records, mut alerts) = (Records::default(), HashMap::new());
    loop {
        match replay.next(PACE) {
            Next::Found(Found::Alert(alert)) => {
                records.add(Record::of_alert(&alert, false));
                alerts.insert(alert.id.0.clone(), *alert);
            }
            Next::Found(Found::Link(link)) => records.add(Record::of_link(*link)),
            Next::Found(_) | Next::Nothing => {}
            Next::End => break,
        }
    }
    let incidents = records.incidents();
    let incident = incidents.into_iter().find(|incident| incident.alerts.contains(&of.id.0));
    let ids = incident.map(|incident| incident.alerts).unwrap_or_default();
    Ok(ids.iter().filter_map(|id| alerts.remove(id)).collect())
}
