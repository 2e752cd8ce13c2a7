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
    /// Each to the console's queue that SQS moved it from; to all of these where SQS does not say.
    Source(Vec<String>),
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
        Letters::Consoles => {
            let (consoles, word) = consoles(client, pipeline).await;
            (Targets::Source(consoles), word)
        }
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
                    "the consoles' queues can't be listed ({}; it needs sqs:ListQueues), so of consoles only {} is \
                     known: --to names another",
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
    /// Where this one goes. Who has an alert already drops it, so too many are no harm.
    pub(super) fn of(&self, letter: &Letter, pipeline: &Pipeline) -> Vec<String> {
        match self {
            Self::All(urls) => urls.clone(),
            Self::Source(all) => {
                letter.moved_from().map_or_else(|| all.clone(), |arn| vec![pipeline.beside(last(arn))])
            }
        }
    }

    /// In words, for the report.
    pub(super) fn words(&self) -> SafeText {
        match self {
            Self::All(urls) => {
                SafeText::from(urls.iter().map(|url| last(url)).collect::<Vec<_>>().join(", "))
            }
            Self::Source(_) => SafeText::new("the console's queue that each came from"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::letter::tests::letter;
    use super::*;
    use crate::cli::Cli;
    use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
    use clap::Parser as _;
    use serde_json::json;

    #[test]
    fn a_consoles_message_goes_back_to_where_it_came_from() {
        let url = "https://sqs.us-east-1.amazonaws.com/111122223333/x-console-a";
        let cli = Cli::parse_from(["sentinel-tui", "--queue-url", url]);
        let pipeline = Pipeline::of(&cli, None).unwrap();
        let all = vec![url.to_owned(), pipeline.beside("x-console-b")];
        let targets = Targets::Source(all.clone());
        let moved = Message::builder().body("{}").attributes(
            MessageSystemAttributeName::DeadLetterQueueSourceArn,
            "arn:aws:sqs:us-east-1:111122223333:x-console-b",
        );
        assert_eq!(targets.of(&Letter::new(moved.build()), &pipeline), [pipeline.beside("x-console-b")]);
        assert_eq!(targets.of(&letter("m", &json!({}), &[]), &pipeline), all, "where SQS does not say");
    }
}
