//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use detector::Severity;

use crate::filter::Filter;
use crate::source::replay::{self, Moment};

/// What somebody reads who starts the console without saying where alerts come from.
pub(crate) const WAYS: &str = "\
sentinel-tui shows IAM Sentinel's alerts. Tell it where they come from:

  sentinel-tui demo                   an attack, played in half a minute; no AWS account needed
  sentinel-tui replay PATH...         what the detector finds in CloudTrail log files
  sentinel-tui --queue-url URL        the alerts of an SQS queue (terraform output consoles)
  SENTINEL_QUEUE_URL=URL sentinel-tui the same, from the environment

sentinel-tui --help tells the rest.
";

const EXAMPLES: &str = "\
Examples:
  sentinel-tui demo
  sentinel-tui --queue-url https://sqs.us-east-1.amazonaws.com/111122223333/iam-sentinel-console-oncall
  AWS_PROFILE=security sentinel-tui --queue-url URL
  sentinel-tui replay logs/            log files of CloudTrail, in the console
  sentinel-tui replay --json logs/     the same as JSON lines
  sentinel-tui rules list critical     what the detector looks for

Credentials and region come from where the AWS CLI takes them: the environment, profiles, IAM
Identity Center (SSO), instance and container roles. AWS_ENDPOINT_URL is honoured.
The console keeps what it has received in $XDG_STATE_HOME/sentinel-tui (else ~/.local/state).
Inside, ? lists the keys.";

/// A console for IAM Sentinel's alerts: who changed who may do what, as it happens.
#[derive(Debug, Parser)]
#[command(name = "sentinel-tui", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The SQS queue to read alerts from.
    #[arg(long, env = "SENTINEL_QUEUE_URL", value_name = "URL")]
    pub(crate) queue_url: Option<String>,

    /// The database that keeps what was received.
    #[arg(long, env = "SENTINEL_DB", value_name = "PATH")]
    pub(crate) db: Option<PathBuf>,

    /// The AWS profile to use instead of `AWS_PROFILE`.
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,

    /// The queue's region, where its URL does not say.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,

    /// Forget alerts whose call is so many days ago.
    #[arg(long, env = "SENTINEL_KEEP_DAYS", value_name = "DAYS", default_value_t = 400)]
    pub(crate) keep_days: u32,

    /// Forget the oldest alerts where the database would take more than so many MiB.
    #[arg(long, env = "SENTINEL_KEEP_SIZE", value_name = "MIB", default_value_t = 8192)]
    pub(crate) keep_size: u32,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What else it can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the detector over CloudTrail log files, and show what it finds.
    Replay(Replay),

    /// Play an attack on an invented account through the real detector; no account, no network.
    Demo {
        /// Sigma rules in this folder, besides the built-in ones.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },

    /// List, search and show the detector's rules; check rules of your own.
    Rules(Rules),
}

const RULES_EXAMPLES: &str = "\
Examples:
  sentinel-tui rules                      every rule: level, id, title, events
  sentinel-tui rules list critical trail  those with both words in them
  sentinel-tui rules show 1ea125aa        one of them, whole
  sentinel-tui rules check my-rules       reads rules of your own as the detector does, and runs their tests

A folder of rules holds Sigma rules (*.yml), their tests beside them (NAME.test.yml), exceptions (Sigma
filters with owner, reason and expires), and watched.yml, lists of names that you watch.";

/// What to do with rules.
#[derive(Debug, Args)]
#[command(after_help = RULES_EXAMPLES)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) command: Option<RulesCommand>,
}

/// What can be done with rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule: level, id, title, events.
    List {
        /// Only rules with all of these words in id, level, title or events.
        #[arg(value_name = "WORD")]
        words: Vec<String>,
        /// Sigma rules in this folder, besides the built-in ones.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// All that a rule says.
    Show {
        /// The rule's id, or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
        /// Sigma rules in this folder, besides the built-in ones.
        #[arg(long, value_name = "DIR")]
        rules: Option<PathBuf>,
    },
    /// Read a folder of rules as the detector does, and run the tests beside them.
    Check {
        /// The folder, or one file.
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
    /// The EventBridge patterns that deliver what the built-in rules need, as JSON.
    EventPatterns,
}

const REPLAY_EXAMPLES: &str = "\
Examples:
  aws s3 sync s3://BUCKET/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11 logs
  sentinel-tui replay logs
  sentinel-tui replay --json --since 30d --min-severity high logs | jq -r '[.time, .severity, .summary] | @tsv'
  sentinel-tui replay --json --filter 'actor:priya outcome!=success -ip:198.51.100.0/24' logs
  zcat logs/*.json.gz | sentinel-tui replay --json -

It reads .json, .ndjson, .jsonl, and each of them gzipped: records under `Records` as CloudTrail writes
them, arrays of records, one record a line, bare or in EventBridge's envelope. What it reads is told by
its content; in a folder, files with other endings are passed over, and digest files everywhere.
The exit code is 0 where everything could be read, with or without alerts, and 1 where something could not.";

/// What to replay, and how.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct Replay {
    /// Files, folders (S3's layout or any other), or - for standard input.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,

    /// Write one alert a line to standard output, as JSON, and open no console.
    #[arg(long)]
    pub(crate) json: bool,

    /// Only calls made at this time or later: RFC 3339, a day (UTC), or a span back from now such as 2h or 30d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Moment>,

    /// Only calls made before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Moment>,

    /// Only alerts at least as bad as this: low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,

    /// Only alerts that this filter lets through, such as "priya -event:Get* since:30d".
    #[arg(long, value_name = "FILTER", value_parser = replay::filter)]
    pub(crate) filter: Option<Filter>,

    /// Sigma rules in this folder, besides the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub(crate) rules: Option<PathBuf>,
}
