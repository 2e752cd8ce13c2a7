//! The command line: each command's arguments beside its examples.

mod backfill;
mod bounds;
mod config;
mod export;
pub(crate) mod generated;
mod redrive;
mod replay;
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
pub(crate) use export::Export;
pub(crate) use redrive::{DeadLetterSource, Redrive};
pub(crate) use replay::Replay;
pub(crate) use rules::{Rules, RulesCommand};
pub(crate) use tail::{Tail, TailFrom};
pub(crate) use test_alert::TestAlert;

/// Hint for a start without a source of alerts.
pub(crate) const USAGE_HINT: &str = "\
sentinel-tui shows IAM Sentinel's alerts. Tell it where they come from:

  sentinel-tui demo                   an attack, played in half a minute; no AWS account needed
  sentinel-tui replay PATH...         what the detector finds in CloudTrail log files
  sentinel-tui --queue-url URL        the alerts of an SQS queue (docs/deploy.md)
  SENTINEL_QUEUE_URL=URL sentinel-tui the same, from the environment

sentinel-tui --help tells the rest. A queue that is always the same belongs in the configuration file:
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

    /// The SNS topic of the alerts (NAME-alerts). Beside it is that of the consoles, NAME-consoles: triage is
    /// published there for the other consoles, and probes, which must come back through the queue.
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

    /// A folder of Sigma rules besides the built-in ones: for demo, tail --from demo, replay, rules, backfill and
    /// test-alert.
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
    /// severe; within one severity, acknowledged alerts first, then the oldest.
    #[arg(long, env = "SENTINEL_KEEP_SIZE", value_name = "MIB", default_value_t = 8192, global = true)]
    pub(crate) keep_size: u32,

    /// Open the console with this filter.
    #[arg(long, value_name = "FILTER", allow_hyphen_values = true, value_parser = criteria::any)]
    pub(crate) filter: Option<String>,

    /// Open the console with this saved view.
    #[arg(long, value_name = "NAME")]
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
