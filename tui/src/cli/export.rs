//! `sentinel-tui export`.

use clap::Args;
use detector::Severity;
use std::path::PathBuf;

use crate::filter::Filter;
use crate::filter::criteria::{self, TimeArg};
use crate::model::ExportFormat;

const EXPORT_EXAMPLES: &str = "\
Examples:
  sentinel-tui export > alerts.jsonl
  sentinel-tui export --since 7d --min-severity high --output week.csv
  sentinel-tui export --since 2026-11-24 --format markdown | pbcopy

Alerts come in the order in which they happened. JSON lines hold them whole; the tables hold what a \
person reads, made harmless for spreadsheets and Markdown. A console may be running meanwhile.";

/// Alerts to write, and the file.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    /// The format; that of the output's name where it tells, else jsonl.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ExportFormat>,

    /// A new file for it, instead of standard output. A file that is there stays as it is.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    /// Only calls made at this time or later: RFC 3339, a day (UTC), or a span back from now such as 2h or 30d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<TimeArg>,

    /// Only calls made before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// Only alerts at least as bad as this: low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,

    /// Only alerts that this filter lets through, such as "priya -event:Get* since:30d -state:acknowledged".
    #[arg(long, value_name = "FILTER", value_parser = criteria::stored)]
    pub(crate) filter: Option<Filter>,
}
