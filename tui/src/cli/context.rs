//! `sentinel-tui context`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

const CONTEXT_EXAMPLES: &str = "\
Examples:
  sentinel-tui context 3f0c9a21                          the hour around a stored alert, from CloudTrail
  sentinel-tui context 3f0c9a21 --by session --span 4h
  sentinel-tui context 3f0c9a21 --by incident            all that these identities did
  sentinel-tui context 3f0c9a21 logs/                    the same from log files
  sentinel-tui context --json 3f0c9a21 | jq -r 'select(.outcome == \"denied\") | .summary'

From CloudTrail's event history this needs cloudtrail:LookupEvents in the alert's account, and asks at most twice \
a second in a region. It knows no reads of data (GetObject) and goes back 90 days.
Exit code 0 if everything could be read, else 1; 2 for a wrong option, or an ID that fits none or several.";

/// Property by which records are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ContextBy {
    /// The access key of the call.
    Key,
    /// The session of the call.
    Session,
    /// The IAM user.
    User,
    /// The source address; of log files only.
    Ip,
    /// All identities of the alert's incident, from before its first alert to after its last.
    Incident,
}

/// The alert, and the records around it that are wanted.
#[derive(Debug, Args)]
#[command(after_help = CONTEXT_EXAMPLES)]
pub(crate) struct Context {
    /// ID of the alert, or the first 8 characters or more of it.
    #[arg(value_name = "ID")]
    pub(crate) alert: String,

    /// CloudTrail log files or folders. Default: CloudTrail's event history.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// One record a line as JSON, with what the detector makes of it.
    #[arg(long)]
    pub(crate) json: bool,

    /// Property that the records share with the alert. Default: the narrowest that it has.
    #[arg(long, value_enum, value_name = "PROPERTY")]
    pub(crate) by: Option<ContextBy>,

    /// Time to either side of the alert, such as 30m or 1d.
    #[arg(long, value_name = "SPAN", default_value = "1h", value_parser = span)]
    pub(crate) span: SignedDuration,

    /// Regions to ask, instead of the alert's and us-east-1.
    #[arg(long = "regions", value_name = "REGION", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,
}

/// Reads a span of time.
fn span(text: &str) -> Result<SignedDuration, String> {
    let span: Option<SignedDuration> = text.parse().ok();
    let day = SignedDuration::from_hours(24);
    let read = span.or_else(|| {
        let days: i32 = text.strip_suffix('d')?.parse().ok()?;
        day.checked_mul(days)
    });
    read.filter(SignedDuration::is_positive).ok_or_else(|| "use a span such as 30m, 4h or 1d".to_owned())
}
