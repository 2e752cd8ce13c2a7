//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use detector::Severity;

use crate::aws::Asked;
use crate::cli::operate::{Backfill, Redrive, TestAlert};
use crate::filter::Filter;
use crate::filter::criteria::{self, TimeArg};
use crate::model::{ExportFormat, ReplaySpeed};
use crate::settings::Settings;

pub(crate) mod generated;
pub(crate) mod operate;

/// What somebody reads who starts the console without saying where alerts come from.
pub(crate) const USAGE_HINT: &str = "\
sentinel-tui shows IAM Sentinel's alerts. Tell it where they come from:

  sentinel-tui demo                   an attack, played in half a minute; no AWS account needed
  sentinel-tui replay PATH...         what the detector finds in CloudTrail log files
  sentinel-tui --queue-url URL        the alerts of an SQS queue (terraform output consoles)
  SENTINEL_QUEUE_URL=URL sentinel-tui the same, from the environment

sentinel-tui --help tells the rest. A queue that is always the same belongs into the configuration file:
sentinel-tui config init
";

const EXAMPLES: &str = "\
Examples:
  sentinel-tui demo
  sentinel-tui --queue-url https://sqs.us-east-1.amazonaws.com/111122223333/console-oncall
  AWS_PROFILE=security sentinel-tui --queue-url URL
  sentinel-tui replay logs/            log files of CloudTrail, in the console
  sentinel-tui replay --json logs/     the same as JSON lines
  sentinel-tui rules list critical     what the detector looks for
  sentinel-tui tail --json | …         each alert as it comes, without a screen
  sentinel-tui export -o week.csv      what the console has received, as a table
  sentinel-tui doctor                  what is wrong, and how to mend it
  sentinel-tui test-alert              whether an alert comes through, and how fast
  sentinel-tui backfill --since 24h    what CloudTrail knows and never arrived
  sentinel-tui redrive rule --dry-run  what lies in a dead-letter queue, and why
  sentinel-tui config init             a file for your settings, each with its meaning

A setting can be a flag, a variable of the environment, or a line of the configuration file; it \
holds in this order: flag, environment, file, default. `config show --origin` tells who said what.

Credentials and region come from where the AWS CLI takes them: the environment, profiles, IAM \
Identity Center (SSO), instance and container roles. AWS_ENDPOINT_URL is honoured.
The console keeps what it has received in $XDG_STATE_HOME/sentinel-tui (else ~/.local/state).
Inside, ? lists the keys.";

/// What this program is, for whoever has to find out why it does what it does (`build.rs`).
pub(crate) const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit    ",
    env!("SENTINEL_BUILD_COMMIT"),
    "\ntarget    ",
    env!("SENTINEL_BUILD_TARGET"),
    "\nprofile   ",
    env!("SENTINEL_BUILD_PROFILE"),
    "\nfeatures  ",
    env!("SENTINEL_BUILD_FEATURES"),
);

/// A console for IAM Sentinel's alerts: who changed who may do what, as it happens.
///
/// Each option here that has an environment variable is a setting: it may stand in the configuration
/// file under its long name, and `config` (init, show, schema) knows it. There is no other list.
#[derive(Debug, Parser)]
#[command(name = "sentinel-tui", version, long_version = VERSION, long_about = None, after_help = EXAMPLES, next_help_heading = "Settings")]
pub(crate) struct Cli {
    /// The configuration file, instead of $XDG_CONFIG_HOME/sentinel-tui/config.toml (else ~/.config/…).
    #[arg(long, env = "SENTINEL_CONFIG", value_name = "PATH", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// The SQS queue to read alerts from.
    #[arg(long, env = "SENTINEL_QUEUE_URL", value_name = "URL", global = true)]
    pub(crate) queue_url: Option<String>,

    /// The SNS topic of the alerts (NAME-alerts). Beside it is that of the consoles, NAME-consoles: what is
    /// said of alerts is published there for the others, and probes, which must come back through the queue.
    #[arg(long, env = "SENTINEL_TOPIC_ARN", value_name = "ARN", global = true)]
    pub(crate) topic_arn: Option<String>,

    /// Minutes from one probe to the next, where a topic is set; 0 publishes none.
    #[arg(long, env = "SENTINEL_PROBE_EVERY", value_name = "MINUTES", default_value_t = 5, global = true)]
    pub(crate) probe_every: u32,

    /// The database that keeps what was received: alerts.db in $XDG_STATE_HOME/sentinel-tui where nobody says.
    #[arg(long, env = "SENTINEL_DB", value_name = "PATH", global = true)]
    pub(crate) db: Option<PathBuf>,

    /// The AWS profile to use, instead of `AWS_PROFILE` and of keys in the environment.
    #[arg(long, env = "SENTINEL_PROFILE", value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,

    /// The queue's region, where its URL does not say.
    #[arg(long, env = "SENTINEL_REGION", value_name = "REGION", global = true)]
    pub(crate) region: Option<String>,

    /// Sigma rules in this folder, besides the built-in ones: for demo, replay and rules.
    #[arg(long, env = "SENTINEL_RULES", value_name = "DIR", global = true)]
    pub(crate) rules: Option<PathBuf>,

    /// What goes into the log file: a level (error, warn, info, debug), or a level by module.
    #[arg(
        long,
        env = "SENTINEL_LOG",
        value_name = "LEVEL",
        default_value = "sentinel_tui=info",
        value_parser = log_filter,
        global = true
    )]
    pub(crate) log: String,

    /// Forget alerts whose call is so many days ago.
    #[arg(long, env = "SENTINEL_KEEP_DAYS", value_name = "DAYS", default_value_t = 400, global = true)]
    pub(crate) keep_days: u32,

    /// Forget alerts where the database would take more than so many MiB: tests first, then the least
    /// severe, of one severity those acknowledged and the oldest.
    #[arg(long, env = "SENTINEL_KEEP_SIZE", value_name = "MIB", default_value_t = 8192, global = true)]
    pub(crate) keep_size: u32,

    #[command(flatten)]
    pub(crate) settings: Settings,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Cli {
    /// Settings for access to AWS.
    pub(crate) fn aws(&self) -> Asked {
        let queue_url = self.queue_url.clone().unwrap_or_default();
        Asked { queue_url, profile: self.profile.clone(), region: self.region.clone() }
    }
}

/// What tracing understands as a filter; said here, because a log that is silently off is found too late.
fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("{error}; use error, warn, info, debug or trace, or module=level"))
}

/// What else it can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the detector over CloudTrail log files, and show what it finds.
    Replay(Replay),

    /// Play an attack on an invented account through the real detector; no account, no network.
    Demo,

    /// List, search and show the detector's rules; check rules of your own.
    Rules(Rules),

    /// Show alerts as they come, one line each, without a screen.
    Tail(Tail),

    /// Write the database's alerts to a file: JSON lines, CSV or Markdown.
    Export(Export),

    /// Send a marked test event through the whole pipeline, and time each hop or say where it stopped.
    TestAlert(TestAlert),

    /// Ask CloudTrail for what never arrived, and store it.
    Backfill(Backfill),

    /// Send on what is in a dead-letter queue, or say what is in there and why.
    Redrive(Redrive),

    /// Look at all that the console needs, and say what is wrong and how to mend it.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor,

    /// Make, show and describe the configuration file.
    Config(Config),

    /// Write the completions for a shell to standard output.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell.
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },

    /// Write the manual page to standard output, in roff.
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Write a page for each command into this folder instead.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

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

/// What to show, and how.
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
    #[arg(long, value_name = "FILTER", value_parser = criteria::untriaged)]
    pub(crate) filter: Option<Filter>,
}

/// What can be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TailFrom {
    /// The SQS queue.
    Queue,
    /// What a console on this machine stores.
    Database,
    /// The attack that `sentinel-tui demo` plays.
    Demo,
}

const EXPORT_EXAMPLES: &str = "\
Examples:
  sentinel-tui export > alerts.jsonl
  sentinel-tui export --since 7d --min-severity high --output week.csv
  sentinel-tui export --since 2026-11-24 --format markdown | pbcopy

Alerts come in the order in which they happened. JSON lines hold them whole; the tables hold what a \
person reads, made harmless for spreadsheets and Markdown. A console may be running meanwhile.";

/// What to write, and where.
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

const DOCTOR_EXAMPLES: &str = "\
Examples:
  sentinel-tui doctor
  sentinel-tui doctor --queue-url URL --profile security

It looks at versions, configuration, terminal, clipboard, database, alarms, credentials, queue and what \
may be done with it, and changes nothing. Where a topic is set (--topic-arn), it publishes a probe, waits \
for it in the queue, and gives back what else it gets there. No secret is in what it writes. The exit \
code is 1 where something is wrong.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  sentinel-tui completions bash > ~/.local/share/bash-completion/completions/sentinel-tui
  sentinel-tui completions zsh > ~/.zfunc/_sentinel-tui
  sentinel-tui completions fish > ~/.config/fish/completions/sentinel-tui.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  sentinel-tui man | man -l -
  sentinel-tui man --dir ~/.local/share/man/man1";

const CONFIG_EXAMPLES: &str = "\
Examples:
  sentinel-tui config init               writes the file, every setting commented out
  sentinel-tui config show --origin      what holds, and who said so
  sentinel-tui config schema > sentinel-tui.schema.json     for your editor

The file is TOML; a setting's name is that of its flag. A flag beats the environment, the environment \
beats the file. Paths in the file may begin with ~/, and else are relative to the file's folder.";

/// What to do with the configuration.
#[derive(Debug, Args)]
#[command(after_help = CONFIG_EXAMPLES)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// What can be done with the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Write a configuration file with every setting commented out; one that is there stays.
    Init {
        /// Write it to standard output instead.
        #[arg(long)]
        print: bool,
    },
    /// What holds now, as TOML.
    Show {
        /// Say of each setting who said so: flag, environment, file and line, or nobody.
        #[arg(long)]
        origin: bool,
    },
    /// The JSON schema of the file, for editors.
    Schema,
}

const RULES_EXAMPLES: &str = "\
Examples:
  sentinel-tui rules                      every rule: level, id, title, events
  sentinel-tui rules list critical trail  those with both words in them
  sentinel-tui rules show 1ea125aa        one of them, whole
  sentinel-tui rules check my-rules       reads rules of your own as the detector does, and runs their tests

A folder of rules holds Sigma rules (*.yml), their tests beside them (NAME.test.yml), exceptions (Sigma \
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
    },
    /// All that a rule says.
    Show {
        /// The rule's id, or the beginning of it.
        #[arg(value_name = "ID")]
        id: String,
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
  find logs -name '*.gz' -exec zcat {} + | sentinel-tui replay --json -

It reads records under `Records` as CloudTrail writes them, arrays of records, and one record after \
another (NDJSON), bare or in EventBridge's envelope, gzipped or not: the content tells. In a folder, \
files that end in .json, .jsonl, .ndjson or .gz are read; digest and Insights files never.
The exit code is 0 where all could be read, with or without alerts, and 1 where something could not.";

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
    pub(crate) since: Option<TimeArg>,

    /// Only calls made before this time.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// Only alerts at least as bad as this: low, medium, high or critical.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) min_severity: Option<Severity>,

    /// Only alerts that this filter lets through, such as "priya -event:Get* since:30d".
    #[arg(long, value_name = "FILTER", value_parser = criteria::untriaged)]
    pub(crate) filter: Option<Filter>,

    /// In the console, show the alerts as they came, so many times faster: 60 plays an hour in a minute.
    #[arg(long, value_name = "N", conflicts_with = "json")]
    pub(crate) speed: Option<ReplaySpeed>,
}
