//! `sentinel-tui report`.

use std::path::PathBuf;

use clap::Args;

const REPORT_EXAMPLES: &str = "\
Examples:
  sentinel-tui report 3f0c9a21                           Markdown on standard output
  sentinel-tui report 3f0c9a21 --output incident.md      into a new file
  sentinel-tui report 3f0c9a21 logs/                     of log files

Exit code 0 if everything could be read, else 1; 2 for a wrong option, or an ID that fits none or several.";

/// The incident to report, and where it is read from.
#[derive(Debug, Args)]
#[command(after_help = REPORT_EXAMPLES)]
pub(crate) struct Report {
    /// ID of any alert of the incident, or the first 8 characters or more of it.
    #[arg(value_name = "ID")]
    pub(crate) incident: String,

    /// CloudTrail log files, folders, or - for standard input. Default: the stored alerts.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Write a new file. One that is there is not overwritten.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}
