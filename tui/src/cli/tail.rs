//! `sentinel-tui tail`.

use clap::{Args, ValueEnum};
use detector::Severity;

use crate::filter::Filter;
use crate::filter::criteria;

const TAIL_EXAMPLES: &str = "\
Examples:
  sentinel-tui tail --queue-url URL
  sentinel-tui tail --json --min-severity high | while read -r alert; do page \"$alert\"; done
  sentinel-tui tail --from database -n 20       what a console on this machine receives
  sentinel-tui tail --from demo

From a queue it receives, stores and deletes as the console does; two must not read one queue.
A line is time, severity, event, account, source and summary. The console writes the same lines \
where its standard output is no terminal.

An alarm of the pipeline itself that changes is a line too, whatever --min-severity and --filter say: who \
hears of nothing must know why. It has ALARM, OK or UNKNOWN in the place of the severity and the alarm's \
name in that of the event; as JSON it has \"kind\": \"health\", which no alert has:
  … | jq -c 'select(.kind != \"health\")'        alerts only";

/// Alerts to print, and their format.
#[derive(Debug, Args)]
#[command(after_help = TAIL_EXAMPLES)]
pub(crate) struct Tail {
    /// Where alerts come from; the queue where one is set, else the database.
    #[arg(long, value_enum, value_name = "SOURCE")]
    pub(crate) from: Option<TailFrom>,

    /// Write each alert as one line of JSON; an alarm of the pipeline itself is one with "kind": "health".
    #[arg(long)]
    pub(crate) json: bool,

    /// Begin with so many of those that are in the database.
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) last: usize,

    /// Only alerts at least as bad as this: low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,

    /// Only alerts that this filter lets through, such as "priya -event:Get* since:30d".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::untriaged)]
    pub(crate) filter: Option<Filter>,
}

/// Sources that can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFrom {
    /// The SQS queue.
    Queue,
    /// What a console on this machine stores.
    Database,
    /// The attack that `sentinel-tui demo` plays.
    Demo,
}
