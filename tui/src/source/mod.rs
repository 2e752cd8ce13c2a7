//! Sources of alerts. A source hands the alerts that it gets to the store and tells how it is doing; it never
//! talks to the screen.

pub(crate) mod console_message;
pub(crate) mod context;
pub(crate) mod demo;
mod first_version;
pub(crate) mod message;
pub(crate) mod replay;
pub(crate) mod sqs;
mod story;
pub(crate) mod topic;

use std::sync::Arc;

use detector::Detector;
use tokio::sync::mpsc;

use crate::aws::Aws;
use crate::model::Event;
use crate::store::Store;

/// The sources there are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// An SQS queue, for as long as the console runs.
    Sqs {
        queue_url: String,
        aws: Box<Aws>,
        /// None where nothing is published.
        topic: Option<TopicSettings>,
        /// Ends a wait before the next try.
        retry: sqs::Retry,
    },
    /// The attack story, through this detector.
    Demo(Arc<Detector>),
    /// Log files.
    Replay(replay::Request),
}

/// Topic that a console publishes to: its triage of alerts, and its probes.
#[derive(Debug, Clone)]
pub(crate) struct TopicSettings {
    pub(crate) arn: topic::TopicArn,
    /// Time from one probe to the next; `None` where there are no probes.
    pub(crate) probe_every: Option<std::time::Duration>,
}

impl Source {
    /// Runs until the console ends.
    pub(crate) async fn run(self, store: Store, events: mpsc::Sender<Event>) {
        match self {
            Self::Sqs { queue_url, aws, topic, retry } => {
                sqs::run(queue_url, *aws, topic, store, events, sqs::Until::TheEnd(retry)).await;
            }
            Self::Demo(detector) => demo::run(detector, store, events).await,
            Self::Replay(request) => replay::run(request, store, events).await,
        }
    }
}
