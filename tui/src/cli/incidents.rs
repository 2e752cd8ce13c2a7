//! `sentinel-tui incidents`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use detector::Severity;

use crate::filter::Filter;
use crate::filter::criteria::{self, TimeArg};

const INCIDENTS_EXAMPLES: &str = "\
Examples:
  sentinel-tui incidents logs/                     attacks in CloudTrail log files, newest first
  sentinel-tui incidents                           incidents of the stored alerts
  sentinel-tui incidents --min-severity high --state open
  sentinel-tui incidents --json logs/ | jq -r '[.first, .severity, .title] | @tsv'
  sentinel-tui incidents --incident 3f0c9a21 --json

An incident is a chain of identities: one creates, opens or assumes the next, and that one acts. Alerts that only \
share an address or a role's name are not joined. Every alert is in exactly one incident; each alert's id names it.
Exit code 0 if everything could be read, else 1; 2 for a wrong option, or an ID that fits none or several.";

/// State of an incident on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum IncidentState {
    Open,
    Acknowledged,
}

/// Files or the database, and the incidents that are wanted of them.
#[derive(Debug, Default, Args)]
#[command(after_help = INCIDENTS_EXAMPLES)]
pub(crate) struct Incidents {
    /// CloudTrail log files, folders, or - for standard input. Default: the stored alerts.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// One incident a line as JSON, oldest first.
    #[arg(long)]
    pub(crate) json: bool,

    /// Only the incident of this alert: its id, or the first 8 characters or more of it.
    #[arg(long, value_name = "ID")]
    pub(crate) incident: Option<String>,

    /// Minimum severity.
    #[arg(long, value_name = "SEVERITY", ignore_case = true, value_parser = criteria::severity())]
    pub(crate) min_severity: Option<Severity>,

    /// Only incidents whose last alert is not older: RFC 3339, a date (UTC), or an age such as 2h or 30d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<TimeArg>,

    /// Only incidents with an alert matching this filter, such as "priya -event:Get*".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::stored)]
    pub(crate) filter: Option<Filter>,

    /// Only incidents in this state: open while one of its alerts is.
    #[arg(long, value_enum, value_name = "STATE")]
    pub(crate) state: Option<IncidentState>,
}
