//! `sentinel-tui tail`.

use clap::{Args, ValueEnum};
use detector::Severity;

use crate::filter::Filter;
use crate::filter::criteria;

const TAIL_EXAMPLES: &str = "\
Examples:
  sentinel-tui tail --queue-url URL
  sentinel-tui tail --json --min-severity high | while read -r alert; do page \"$alert\"; done
  sentinel-tui tail --from database -n 20       follow a console on this computer
  sentinel-tui tail --from demo

With a queue, tail receives, stores and deletes messages like the console; use one reader per queue.
Each line has time, severity, event, account, source and summary. The console prints the same lines if its \
standard output is not a terminal.

State changes of the pipeline's own alarms are printed too, regardless of --min-severity and --filter. They show \
ALARM, OK or UNKNOWN as the severity and the alarm's name as the event; in JSON they have \"kind\": \"health\", \
which no alert has:
  … | jq -c 'select(.kind != \"health\")'        alerts only";

/// Alerts to print, and their format.
#[derive(Debug, Args)]
#[command(after_help = TAIL_EXAMPLES)]
pub(crate) struct Tail {
    /// Source of alerts. Default: the queue if set, else the database.
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub(crate) from: Option<TailFrom>,

    /// Print JSON Lines; pipeline alarms have "kind": "health".
    #[arg(long)]
    pub(crate) json: bool,

    /// Start with the last NUMBER stored alerts.
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) last: usize,

    /// Minimum severity. Unreadable messages are printed too.
    #[arg(long, value_name = "SEVERITY", ignore_case = true, value_parser = criteria::severity())]
    pub(crate) min_severity: Option<Severity>,

    /// Only alerts matching this filter, such as "priya -event:Get* since:30d".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::untriaged)]
    pub(crate) filter: Option<Filter>,
}

/// Sources that can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFrom {
    /// SQS queue.
    Queue,
    /// Database of a console on this computer.
    Database,
    /// Attack played by `sentinel-tui demo`.
    Demo,
}
