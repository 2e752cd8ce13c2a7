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

Alerts are in chronological order. JSON Lines contain full alerts; tables contain the main columns, escaped \
for spreadsheets and Markdown. A console may be running at the same time.";

/// Alerts to write, and the file.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    /// Output format. Default: by the file name's extension, else jsonl.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<ExportFormat>,

    /// Output file, instead of standard output. Existing files are not overwritten.
    #[arg(short, long, value_name = "PATH")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    /// Only alerts matching this filter, such as "priya -event:Get* since:30d -state:acknowledged".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::stored)]
    pub(crate) filter: Option<Filter>,
}
