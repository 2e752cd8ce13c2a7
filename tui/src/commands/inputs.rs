//! Inputs that several commands share: the queue, the database and the detector that the settings name.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use detector::Detector;

use super::rules::{self, RulesError};
use crate::aws::{Aws, AwsError};
use crate::cli::Cli;
use crate::source::sqs::Retry;
use crate::source::topic::{NoTopic, TopicArn};
use crate::source::{Source, TopicSettings};
use crate::store::{self, Retention, StoreError};

/// Reasons why a queue can't be read as it was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueueError {
    #[error(transparent)]
    Topic(#[from] NoTopic),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error("can't start a thread: {0}")]
    Runtime(#[from] io::Error),
}

/// Returns the queue that is set, if one is, and how it is reached; settings that can't work are refused
/// before there is a screen.
pub(crate) fn queue(cli: &Cli) -> Result<Option<Source>, QueueError> {
    let topic = cli.topic_arn.as_deref().filter(|topic| !topic.trim().is_empty());
    let topic = topic.map(TopicArn::read).transpose()?;
    let every = Duration::from_secs(60 * u64::from(cli.probe_every));
    let probe_every = Some(every).filter(|every| !every.is_zero());
    let topic = topic.map(|arn| TopicSettings { arn, probe_every });
    let Some(queue_url) = cli.queue_url.clone().filter(|url| !url.trim().is_empty()) else {
        return Ok(None);
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let aws = runtime.block_on(Aws::connect(&cli.aws()))?;
    Ok(Some(Source::Sqs { queue_url, aws: Box::new(aws), topic, retry: Retry::default() }))
}

/// Returns the limits of age and size beyond which the database forgets alerts.
pub(crate) fn retention(cli: &Cli) -> Retention {
    Retention::new(cli.keep_days, cli.keep_size)
}

/// Returns the path of the database.
pub(crate) fn database(cli: &Cli) -> Result<PathBuf, StoreError> {
    cli.db.clone().map_or_else(store::default_path, Ok)
}

/// Returns the detector with these rules, and the rules that can't be used, which are reported on standard
/// error before there is a screen.
pub(crate) fn detector(rules: Option<&Path>) -> Result<(Arc<Detector>, Vec<String>), RulesError> {
    let ready = rules::detector(rules)?;
    for word in ready.problems.iter().chain(&ready.notes) {
        eprintln!("sentinel-tui: {word}");
    }
    Ok((Arc::new(ready.detector), ready.problems))
}
