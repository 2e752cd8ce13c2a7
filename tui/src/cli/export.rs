//! `sentinel-tui export`.

use clap::Args;
use std::path::PathBuf;

use crate::cli::bounds::Bounds;
use crate::filter::Filter;
use crate::filter::criteria;
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

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    /// Only alerts that this filter lets through, such as "priya -event:Get* since:30d -state:acknowledged".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::stored)]
    pub(crate) filter: Option<Filter>,
}
