//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What somebody reads who starts the console without saying where alerts come from.
pub(crate) const THREE_WAYS: &str = "\
sentinel-tui shows IAM Sentinel's alerts. Tell it where they come from:

  sentinel-tui demo                   an attack, played in half a minute; no AWS account needed
  sentinel-tui --queue-url URL        the alerts of an SQS queue (terraform output consoles)
  SENTINEL_QUEUE_URL=URL sentinel-tui the same, from the environment

sentinel-tui --help tells the rest.
";

const EXAMPLES: &str = "\
Examples:
  sentinel-tui demo
  sentinel-tui --queue-url https://sqs.us-east-1.amazonaws.com/111122223333/iam-sentinel-console-oncall
  AWS_PROFILE=security sentinel-tui --queue-url URL

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

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What else it can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play an attack on an invented account through the real detector; no account, no network.
    Demo,
}
