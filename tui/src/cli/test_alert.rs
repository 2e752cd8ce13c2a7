//! `sentinel-tui test-alert`.

use clap::Args;
use std::path::PathBuf;

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

/// Event to send, and the time to wait.
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
