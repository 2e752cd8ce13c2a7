//! `sentinel-tui redrive`.

use clap::{Args, ValueEnum};

const REDRIVE_EXAMPLES: &str = "\
Examples:
  sentinel-tui redrive rule --dry-run      list messages and reasons; start with this
  sentinel-tui redrive function            retry events that failed three times, after fixing the cause
  sentinel-tui redrive slack --max 10
  sentinel-tui redrive consoles --to iam-sentinel-console-oncall

Messages from rule, function and slack go to the Slack queue, where the function accepts events as well as \
alerts. Messages from consoles return to the original console; messages from subscriptions go to the Slack queue \
and every console, because the missing recipient is unknown. Consoles drop duplicates; Slack may get duplicates. \
If only one console missed them, use --to NAME-console-X.
Messages are sent with their attributes and deleted afterwards; messages that can't be sent stay. Messages sent \
but not deleted are recorded next to the database, so that the next run does not resend them.
Ctrl-C stops after the current batch; a second Ctrl-C stops at once, and received messages stay hidden for up to \
5 minutes.
Exit code 0 if all messages were sent, 1 if some remain, 130 after Ctrl-C.";

/// From where, and where to.
#[derive(Debug, Args)]
#[command(after_help = REDRIVE_EXAMPLES)]
pub(crate) struct Redrive {
    /// Dead-letter queue.
    #[arg(value_enum, value_name = "QUEUE")]
    pub(crate) from: DeadLetterSource,

    /// List the messages and return them to the queue.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Maximum number of messages.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max: Option<u64>,

    /// Destination queue: name or URL.
    #[arg(long, value_name = "QUEUE")]
    pub(crate) to: Option<String>,

    /// Pipeline name (Terraform variable name), if not in the queue's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Print each message and the result as JSON Lines.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The dead-letter queues there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeadLetterSource {
    /// Events that EventBridge could not deliver to the function.
    Rule,
    /// Events that failed three times in the function.
    Function,
    /// Alerts that SNS could not deliver to a queue.
    Subscriptions,
    /// Alerts that Slack rejected for four days.
    Slack,
    /// Alerts that a console received repeatedly and never deleted.
    Consoles,
}

impl DeadLetterSource {
    /// End of its queue's name, behind the pipeline's name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Rule => "rule-dlq",
            Self::Function => "function-dlq",
            Self::Subscriptions => "subscriptions-dlq",
            Self::Slack => "slack-dlq",
            Self::Consoles => "consoles-dlq",
        }
    }
}
