//! `sentinel-tui redrive`.

use clap::{Args, ValueEnum};

const REDRIVE_EXAMPLES: &str = "\
Examples:
  sentinel-tui redrive rule --dry-run      what is in there, and why: the first thing to do
  sentinel-tui redrive function            events that failed three times, once the cause is mended
  sentinel-tui redrive slack --max 10
  sentinel-tui redrive consoles --to iam-sentinel-console-oncall

Messages of rule, function and slack go to the Slack queue, which the function reads: it takes events there \
as well as alerts. Those of consoles go back to the console they came from, those of subscriptions to the \
Slack queue and every console, since they do not say who missed them. A console drops what it has; Slack \
may be told again, because only a function that still runs knows what it told. Where one console alone has \
missed them, --to NAME-console-X sends to it alone.
A message is deleted once it was sent, with its attributes; what can't be sent stays. What was sent and could \
not be deleted is remembered beside the database, so that the next run does not send it twice.
Ctrl-C ends it once what is in hand is finished; a second one ends it at once, and what was in hand is hidden \
for up to 5 minutes.
The exit code is 0 where all was sent, 1 where something stayed, 130 after Ctrl-C.";

/// From where, and where to.
#[derive(Debug, Args)]
#[command(after_help = REDRIVE_EXAMPLES)]
pub(crate) struct Redrive {
    /// The dead-letter queue.
    #[arg(value_enum, value_name = "QUEUE")]
    pub(crate) from: DeadLetterSource,

    /// Say what is in there, and give all of it back.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// No more than so many messages.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max: Option<u64>,

    /// Send to this queue instead: its name or its URL.
    #[arg(long, value_name = "QUEUE")]
    pub(crate) to: Option<String>,

    /// The pipeline's name (Terraform's variable name), where the queue's name does not say.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Write each message and the result as a line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// The dead-letter queues there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DeadLetterSource {
    /// Events that EventBridge could not give to the function.
    Rule,
    /// Events that the function failed on three times.
    Function,
    /// Alerts that SNS could not put into a queue.
    Subscriptions,
    /// Alerts that Slack did not take for four days.
    Slack,
    /// Alerts that a console received again and again and never deleted.
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
