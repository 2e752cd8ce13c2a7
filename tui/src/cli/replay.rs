//! `sentinel-tui replay`.

use clap::Args;
use std::path::PathBuf;

use crate::cli::bounds::Bounds;
use crate::filter::Filter;
use crate::filter::criteria;
use crate::model::ReplaySpeed;

/// Checks the name of a case, which is a file's name.
fn case_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.is_empty() || text.len() > 64 || text.starts_with('.') || !text.chars().all(is_plain) {
        return Err("use up to 64 letters, digits, -, _ and ., and begin with no dot".to_owned());
    }
    Ok(text.to_owned())
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  aws s3 sync s3://BUCKET/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11 logs
  sentinel-tui replay logs
  sentinel-tui replay --case breach-42 logs       keeps notes and acknowledgements
  sentinel-tui replay --case breach-42            opens them again
  sentinel-tui replay --json --since 30d --min-severity high logs | jq -r '[.time, .severity, .summary] | @tsv'
  sentinel-tui replay --json --filter 'actor:priya outcome!=success -ip:198.51.100.0/24' logs
  sentinel-tui replay --key AKIAEXAMPLE0000000001 logs     all records of a key, not alerts alone
  sentinel-tui replay --summary --since 7d logs            who did how much, from where
  find logs -name '*.gz' -exec zcat {} + | sentinel-tui replay --json -

Input formats, detected by content: CloudTrail files (`Records`), arrays of records and NDJSON, with or without \
the envelopes of other tools, gzipped or not. In folders, files named *.json, *.jsonl, *.ndjson and *.gz are \
read; digest and Insights files are skipped.
Exit code 0 if everything could be read, with or without alerts, else 1.";

/// Files to replay, and the alerts that are wanted of them.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct Replay {
    /// Files, folders (S3 layout or any other), or - for standard input.
    #[arg(required_unless_present = "case", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Print alerts as JSON Lines, without the console.
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) bounds: Bounds,

    /// Only alerts matching this filter, such as "priya -event:Get* since:30d".
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::untriaged)]
    pub(crate) filter: Option<Filter>,

    /// List all records of this user, role, person or service, alerts or not: part of the name.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["case", "speed"], help_heading = "All records")]
    pub(crate) actor: Option<String>,

    /// List all records made with this access key.
    #[arg(long, value_name = "ID", conflicts_with_all = ["case", "speed"], help_heading = "All records")]
    pub(crate) key: Option<String>,

    /// List all records from this address or network.
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["case", "speed"], help_heading = "All records")]
    pub(crate) ip: Option<String>,

    /// Sum up all records by who made them: calls, denied ones, services, regions, addresses, keys, alerts.
    #[arg(long, conflicts_with_all = ["case", "speed"], help_heading = "All records")]
    pub(crate) summary: bool,

    /// Keep alerts, notes, tags and acknowledgements as a case: cases/NAME.db beside the database. Without PATH, opens
    /// the case again.
    #[arg(long, value_name = "NAME", conflicts_with = "json", value_parser = case_name)]
    pub(crate) case: Option<String>,

    /// Play the alerts in the console N times faster than real time: 60 plays an hour in a minute.
    #[arg(long, value_name = "N", conflicts_with = "json")]
    pub(crate) speed: Option<ReplaySpeed>,
}

impl Replay {
    /// True where all records are asked for, and not alerts alone.
    pub(crate) const fn asks_for_calls(&self) -> bool {
        self.summary || self.actor.is_some() || self.key.is_some() || self.ip.is_some()
    }
}
