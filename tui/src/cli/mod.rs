//! The command line: each command's arguments beside its examples.

mod backfill;
mod bounds;
mod config;
mod context;
mod export;
pub(crate) mod generated;
pub(crate) mod help;
mod incidents;
mod redrive;
mod replay;
mod report;
mod rules;
mod tail;
mod test_alert;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::aws::AwsSettings;
use crate::filter::criteria;
use crate::settings::Settings;

pub(crate) use backfill::Backfill;
pub(crate) use config::{Config, ConfigCommand};
pub(crate) use context::{Context, ContextBy};
pub(crate) use export::Export;
pub(crate) use incidents::{IncidentState, Incidents};
pub(crate) use redrive::{DeadLetterSource, Redrive};
pub(crate) use replay::Replay;
pub(crate) use report::Report;
pub(crate) use rules::{Rules, RulesCommand};
pub(crate) use tail::{Tail, TailFrom};
pub(crate) use test_alert::TestAlert;

/// Hint for a start without a source of alerts.
pub(crate) const USAGE_HINT: &str = "\
sentinel-tui shows IAM Sentinel's alerts. Choose a source:

  sentinel-tui demo                   demo attack of 20 seconds, no AWS account needed
  sentinel-tui replay PATH...         run the detector over CloudTrail log files
  sentinel-tui --queue-url URL        alerts from an SQS queue (docs/deploy.md)
  SENTINEL_QUEUE_URL=URL sentinel-tui the same, from the environment

See sentinel-tui --help for all commands. To store the queue URL in the configuration file:
sentinel-tui config init
";

const EXAMPLES: &str = "\
Examples:
  sentinel-tui demo
  sentinel-tui --queue-url https://sqs.us-east-1.amazonaws.com/111122223333/console-oncall
  AWS_PROFILE=security sentinel-tui --queue-url URL
  sentinel-tui replay logs/            show alerts of CloudTrail log files in the console
  sentinel-tui replay --json logs/     the same as JSON Lines
  sentinel-tui rules list critical     list detection rules
  sentinel-tui tail --json | …         stream alerts without a screen
  sentinel-tui context 3f0c9a21        list all calls of an alert's access key around it
  sentinel-tui report 3f0c9a21         write an incident as Markdown for a ticket
  sentinel-tui export -o week.csv      export stored alerts as a table
  sentinel-tui doctor                  check the setup and suggest fixes
  sentinel-tui test-alert              test delivery end to end, with timing
  sentinel-tui backfill --since 24h    fetch missed events from CloudTrail
  sentinel-tui redrive rule --dry-run  list a dead-letter queue, with reasons
  sentinel-tui config init             create a commented configuration file

Settings can be flags, environment variables or lines of the configuration file. Precedence: flag, \
environment, file, default. `config show --origin` shows effective values and their source.

Credentials and region are resolved as in the AWS CLI: environment, profiles, IAM Identity Center (SSO), \
instance and container roles. AWS_ENDPOINT_URL is supported.
Received alerts are stored in $XDG_STATE_HOME/sentinel-tui (default ~/.local/state/sentinel-tui).
In the console, press ? for the keys.";

/// Version, commit, target and features of this build (`build.rs`).
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

/// Console for IAM Sentinel alerts: IAM and security changes in near real time.
///
/// Each option here that has an environment variable is a setting: it may stand in the configuration
/// file under its long name, and `config` (init, show, schema) knows it. There is no other list.
#[derive(Debug, Parser)]
#[command(name = "sentinel-tui", version, long_version = VERSION, long_about = None, after_help = EXAMPLES, next_help_heading = "Settings")]
pub(crate) struct Cli {
    /// Configuration file. Default: $XDG_CONFIG_HOME/sentinel-tui/config.toml (or ~/.config/…).
    #[arg(long, env = "SENTINEL_CONFIG", value_name = "PATH", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// SQS queue to read alerts from.
    #[arg(long, env = "SENTINEL_QUEUE_URL", value_name = "URL", global = true)]
    pub(crate) queue_url: Option<String>,

    /// SNS topic of the alerts (NAME-alerts). Acks, notes, tags and probes are published to the topic
    /// NAME-consoles next to it.
    #[arg(long, env = "SENTINEL_TOPIC_ARN", value_name = "ARN", global = true)]
    pub(crate) topic_arn: Option<String>,

    /// Minutes between probes, if a topic is set; 0 disables probes.
    #[arg(long, env = "SENTINEL_PROBE_EVERY", value_name = "MINUTES", default_value_t = 5, global = true)]
    pub(crate) probe_every: u32,

    /// Database of received alerts. Default: alerts.db in $XDG_STATE_HOME/sentinel-tui.
    #[arg(long, env = "SENTINEL_DB", value_name = "PATH", global = true)]
    pub(crate) db: Option<PathBuf>,

    /// AWS profile; overrides `AWS_PROFILE` and keys in the environment.
    #[arg(long, env = "SENTINEL_PROFILE", value_name = "NAME", global = true)]
    pub(crate) profile: Option<String>,

    /// Region of the queue, if not in its URL.
    #[arg(long, env = "SENTINEL_REGION", value_name = "REGION", global = true)]
    pub(crate) region: Option<String>,

    /// Folder of custom Sigma rules, added to the built-in ones. Used by demo, tail --from demo, replay, rules,
    /// backfill and test-alert.
    #[arg(long, env = "SENTINEL_RULES", value_name = "DIR", global = true)]
    pub(crate) rules: Option<PathBuf>,

    /// Log level: error, warn, info or debug, or levels per module.
    #[arg(
        long,
        env = "SENTINEL_LOG",
        value_name = "LEVEL",
        default_value = "sentinel_tui=info",
        value_parser = log_filter,
        global = true
    )]
    pub(crate) log: String,

    /// Delete alerts older than DAYS.
    #[arg(long, env = "SENTINEL_KEEP_DAYS", value_name = "DAYS", default_value_t = 400, global = true)]
    pub(crate) keep_days: u32,

    /// Maximum database size in MiB. Deleted first: tests, then the least severe alerts; within a severity
    /// acknowledged ones first, then the oldest.
    #[arg(long, env = "SENTINEL_KEEP_SIZE", value_name = "MIB", default_value_t = 8192, global = true)]
    pub(crate) keep_size: u32,

    /// Open the console with this filter.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::any)]
    pub(crate) filter: Option<String>,

    /// Open the console at the incident of this alert: its id, or the first 8 characters or more of it.
    #[arg(long, value_name = "ID", help_heading = "Screen")]
    pub(crate) incident: Option<String>,

    /// Open the console with this saved view.
    #[arg(long, value_name = "NAME", global = true, help_heading = "Screen")]
    pub(crate) view: Option<String>,

    #[command(flatten)]
    pub(crate) settings: Settings,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

impl Cli {
    /// Settings for access to AWS.
    pub(crate) fn aws(&self) -> AwsSettings {
        let queue_url = self.queue_url.clone().unwrap_or_default();
        AwsSettings { queue_url, profile: self.profile.clone(), region: self.region.clone() }
    }
}

/// Checks the filter of the log, because a log that is silently off is found too late.
fn log_filter(text: &str) -> Result<String, String> {
    tracing_subscriber::EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("{error}; use error, warn, info, debug or trace, or module=level"))
}

/// Commands besides the console itself.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the detector over CloudTrail log files and show the alerts.
    Replay(Replay),

    /// Play a demo attack through the real detector; no AWS account or network needed.
    Demo,

    /// List, search and show detection rules; check custom rules.
    Rules(Rules),

    /// Stream alerts, one line each, without a screen.
    Tail(Tail),

    /// Show attacks as a whole: alerts joined by the identities that were created, opened or assumed.
    Incidents(Incidents),
    /// List the records around an alert, also those that are no alerts.
    Context(Context),
    /// Write an incident as Markdown for a ticket: story, timeline, what to revoke, evidence.
    Report(Report),

    /// Export stored alerts: JSON Lines, CSV or Markdown.
    Export(Export),

    /// Send a test event through the whole pipeline and time each hop.
    TestAlert(TestAlert),

    /// Fetch missed events from CloudTrail and store their alerts.
    Backfill(Backfill),

    /// Move dead-letter messages back onto their way, or list them with reasons.
    Redrive(Redrive),

    /// Check the setup (configuration, terminal, database, AWS) and suggest fixes.
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor,

    /// Create, show and describe the configuration file.
    Config(Config),

    /// Print shell completions.
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// Shell.
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },

    /// Print the manual page (roff).
    #[command(after_help = MAN_EXAMPLES)]
    Man {
        /// Write one page per command into this folder instead.
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  sentinel-tui doctor
  sentinel-tui doctor --queue-url URL --profile security

Checks versions, configuration, terminal, clipboard, database, alarms, credentials, queue and queue \
permissions, and changes nothing. If a topic is set (--topic-arn), it publishes a probe, waits for it in the \
queue and returns other messages to the queue. The output contains no secrets. Exit code 1 if there are \
problems.";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  sentinel-tui completions bash > ~/.local/share/bash-completion/completions/sentinel-tui
  sentinel-tui completions zsh > ~/.zfunc/_sentinel-tui
  sentinel-tui completions fish > ~/.config/fish/completions/sentinel-tui.fish";

const MAN_EXAMPLES: &str = "\
Examples:
  sentinel-tui man | man -l -
  sentinel-tui man --dir ~/.local/share/man/man1";
