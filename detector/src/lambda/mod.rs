//! The detector as a Lambda function: what it is given, whom it tells, and what happens when
//! telling fails.
//!
//! ```text
//!  EventBridge ──► Input::Event, Test  ──► Detector ──► Topic (SNS) ──► Slack, where delivery is direct
//!                  Input::Canary       ──► a metric, and a probe on the topic for the consoles
//!  SQS "slack" ──► Input::Batch ──► Batch: alerts by actor, alarms, events again ──► Slack, paced; what failed goes back
//! ```

mod batch;
mod dead_letters;
mod handler;
mod input;
mod log;
mod metrics;
mod probing;
mod seen;
mod settings;
mod slack;
mod tls;
mod topic;

use std::sync::Arc;

use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::value::RawValue;
use tracing::Instrument as _;

use crate::json;

pub use handler::{HandlerError, Sentinel};
pub use settings::{Settings, SlackDelivery};

/// Starts the function and serves events until Lambda ends the process.
///
/// # Errors
/// Returns an error where a setting can't be used, or the Runtime API can't be reached.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    log::start();
    let settings = Settings::from_env(|name| std::env::var(name).ok())?;
    let sentinel = Arc::new(Sentinel::new(settings).await?);
    // As it came: an event that the parser refuses must reach the handler, where it is repaired, or counted.
    lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let sentinel = Arc::clone(&sentinel);
        let span = tracing::info_span!("invocation", requestId = %event.context.request_id);
        async move { sentinel.handle(json::read(event.payload.get().as_bytes()).unwrap_or_default()).await }
            .instrument(span)
    }))
    .await
}
