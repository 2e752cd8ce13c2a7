//! Where a message of a dead-letter queue is sent.

use aws_sdk_sqs::Client;
use detector::SafeText;

use super::letter::Letter;
use crate::operate::args::Letters;
use crate::operate::pipeline::last;
use crate::operate::{Pipeline, Why};

/// The way back onto the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Targets {
    /// All of it to these, by their URLs.
    All(Vec<String>),
    /// Each to the console's queue that SQS moved it from.
    Source,
}

/// Finds it, and says what one should know of it.
pub(super) async fn find(
    client: &Client,
    pipeline: &Pipeline,
    from: Letters,
    to: Option<&str>,
) -> (Targets, Option<String>) {
    if let Some(to) = to {
        let url = if to.contains("://") { to.to_owned() } else { pipeline.beside(to) };
        return (Targets::All(vec![url]), None);
    }
    let slack = pipeline.queue("slack");
    match from {
        // The function reads the Slack queue, and takes events there as well as alerts.
        Letters::Rule | Letters::Function | Letters::Slack => (Targets::All(vec![slack]), None),
        Letters::Consoles => (Targets::Source, None),
        Letters::Subscriptions => {
            let (consoles, word) = consoles(client, pipeline).await;
            (Targets::All([slack].into_iter().chain(consoles).collect()), word)
        }
    }
}

/// The queues of all consoles; of this one where the others may not be listed.
async fn consoles(client: &Client, pipeline: &Pipeline) -> (Vec<String>, Option<String>) {
    let mut pages = client
        .list_queues()
        .queue_name_prefix(pipeline.queue_name("console-"))
        .max_results(1_000)
        .into_paginator()
        .items()
        .send();
    let mut urls = Vec::new();
    while let Some(next) = pages.next().await {
        match next {
            // The answer's host may be another than the one that is reached.
            Ok(url) => urls.push(pipeline.beside(last(&url))),
            Err(error) => {
                let why = Why::of(&error);
                let word = format!(
                    "the consoles' queues can't be listed ({}; sqs:ListQueues), so it goes to Slack's queue and {}: \
                     --to names another",
                    why.words(),
                    last(&pipeline.queue_url)
                );
                return (vec![pipeline.queue_url.clone()], Some(word));
            }
        }
    }
    urls.sort();
    (urls, None)
}

impl Targets {
    /// Where this one goes; an error where nobody knows.
    pub(super) fn of(&self, letter: &Letter, pipeline: &Pipeline) -> Result<Vec<String>, String> {
        match self {
            Self::All(urls) => Ok(urls.clone()),
            Self::Source => match letter.moved_from() {
                Some(arn) => Ok(vec![pipeline.beside(last(arn))]),
                None => Err("SQS does not say which console it came from: --to names its queue".to_owned()),
            },
        }
    }

    /// In words, for the report.
    pub(super) fn words(&self) -> SafeText {
        match self {
            Self::All(urls) => {
                SafeText::from(urls.iter().map(|url| last(url)).collect::<Vec<_>>().join(", "))
            }
            Self::Source => SafeText::new("the console's queue that each came from"),
        }
    }
}
