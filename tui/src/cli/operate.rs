//! The command line of what an operator does.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::filter::criteria::TimeArg;

const TEST_ALERT_EXAMPLES: &str = "\
Examples:
  sentinel-tui test-alert --queue-url URL
  sentinel-tui test-alert --event my-record.json      a CloudTrail record of your own
  sentinel-tui test-alert --json | jq .total_ms

It puts an event on EventBridge's default bus that only this pipeline's rule for tests takes, and waits \
until the alert is in the console's database, received by this command or by a console that runs on this \
machine. The alert is marked as a test and told to everybody, in Slack too: nobody did what it tells of.
What else waits in the queue is received and stored as a console does.
The exit code is 0 where it came back, 1 where it did not.";

/// What to send, and how long to wait.
#[derive(Debug, Args)]
#[command(after_help = TEST_ALERT_EXAMPLES)]
pub(crate) struct TestAlert {
    /// A CloudTrail record to send instead of the usual one; it gets a new eventID and eventTime.
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,

    /// The pipeline's name (Terraform's variable name), where the queue's name does not say.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Seconds to wait for it.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) timeout: u32,

    /// Write the result as one line of JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const BACKFILL_EXAMPLES: &str = "\
Examples:
  sentinel-tui backfill                        the last day, in the queue's region
  sentinel-tui backfill --since 7d --dry-run   only says what never arrived
  sentinel-tui backfill --since 2h --regions us-east-1,us-east-2,eu-north-1,ap-southeast-2
  sentinel-tui backfill --json --fail-on-missing > missed.jsonl     for a timer

CloudTrail's delivery to EventBridge is best effort. This asks CloudTrail itself (LookupEvents: the last 90 \
days of this account, 50 events a call, 2 calls a second and region, free of charge), runs the detector, and \
stores what the database does not have, with the tag backfill (filter: tag:backfill). Run it where the console's \
database is: what waits in the queue is received and stored first, as the console does. With exceptions or watched \
names of your own, give --rules as the function has them, else what they keep silent counts as never arrived.
CloudTrail lists a call up to 15 minutes late: what is younger \
and not here yet may still be on its way, and is not called lost.
The exit code is 0 where all could be asked and read, else 1; with --fail-on-missing also 1 where something \
never arrived. Ctrl-C ends it (130): what is stored by then is stored.";

/// What to look for, and where.
#[derive(Debug, Args)]
#[command(after_help = BACKFILL_EXAMPLES)]
pub(crate) struct Backfill {
    /// Calls made at this time or later: RFC 3339, a day (UTC), or a span back from now such as 2h or 30d.
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) since: TimeArg,

    /// Calls made before this time; 15 minutes ago where nobody says.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<TimeArg>,

    /// The regions to ask, instead of the queue's; forwarders' regions too.
    #[arg(long, value_name = "REGION,…", value_delimiter = ',')]
    pub(crate) regions: Vec<String>,

    /// Only say what never arrived: nothing is stored, and nothing received.
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write what never arrived as JSON, one alert a line.
    #[arg(long)]
    pub(crate) json: bool,

    /// End with exit code 1 where something never arrived.
    #[arg(long)]
    pub(crate) fail_on_missing: bool,
}

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
    /// What its queue is called behind the pipeline's name.
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
