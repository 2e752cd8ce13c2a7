//! Log lines as Lambda's JSON format wants them: a line without an RFC 3339 `timestamp` and a
//! `level` counts as INFO, whatever it says, and `lambda_runtime`'s own subscriber writes no time.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>

use tracing_subscriber::filter::LevelFilter;

/// Installs the subscriber. `AWS_LAMBDA_LOG_LEVEL` is what the function's logging configuration
/// says; INFO without it.
pub(super) fn start() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    // A second subscriber in one process (tests) is no error.
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .try_init();
}
