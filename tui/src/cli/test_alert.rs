//! `sentinel-tui test-alert`.

use clap::Args;
use std::path::PathBuf;

const TEST_ALERT_EXAMPLES: &str = "\
Examples:
  sentinel-tui test-alert --queue-url URL
  sentinel-tui test-alert --event my-record.json      use your own CloudTrail record
  sentinel-tui test-alert --json | jq .total_ms

Sends an event to EventBridge's default bus, matched only by this pipeline's test rule, and waits until the alert \
is in the console's database, received by this command or by a console on this computer. The alert is marked as a \
test and goes to all consoles and Slack.
Other messages waiting in the queue are received and stored, as by a console.
Exit code 0 if the alert was received, else 1.";

/// Event to send, and the time to wait.
#[derive(Debug, Args)]
#[command(after_help = TEST_ALERT_EXAMPLES)]
pub(crate) struct TestAlert {
    /// CloudTrail record to send instead of the default; it gets a new eventID and eventTime.
    #[arg(long, value_name = "FILE")]
    pub(crate) event: Option<PathBuf>,

    /// Pipeline name (Terraform variable name), if not in the queue's name.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// Seconds to wait for the alert.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) timeout: u32,

    /// Print the result as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
