//! Queues that a message of a dead-letter queue is sent to.

use aws_sdk_sqs::Client;
use detector::SafeText;

use crate::aws::{Call, Refusal};
use crate::cli::{DeadLetterSource, Redrive};
use crate::commands::pipeline::last;
use crate::commands::redrive::dead_letter::DeadLetter;
use crate::commands::{OperateError, Pipeline};

/// Queues that the messages of one dead-letter queue are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Targets {
    /// All of it to these, by their URLs.
    All(Vec<String>),
    /// Each to the console's queue that SQS moved it from; to all of these where SQS does not say.
    Source(Vec<String>),
}

/// Finds the queues, with a warning where not all of them are known.
pub(crate) async fn find(
    client: &Client,
    pipeline: &Pipeline,
    options: &Redrive,
) -> Result<(Targets, Option<String>), OperateError> {
    if let Some(to) = &options.to {
        let url = if to.contains("://") { to.clone() } else { pipeline.beside(to) };
        return Ok((Targets::All(vec![url]), None));
    }
    let slack = pipeline.queue("slack");
    Ok(match options.from {
        // The function reads the Slack queue, and takes events there as well as alerts.
        DeadLetterSource::Rule | DeadLetterSource::Function | DeadLetterSource::Slack => {
            (Targets::All(vec![slack]), None)
        }
        DeadLetterSource::Consoles => {
            let (consoles, word) = consoles(client, pipeline).await;
            (Targets::Source(consoles), word)
        }
        DeadLetterSource::Subscriptions => {
            let (consoles, word) = consoles(client, pipeline).await;
            if let Some(word) = word.as_ref().filter(|_| !options.dry_run) {
                return Err(OperateError::Refused(format!(
                    "{word}. Sending to this queue only would delete messages that the others never got: \
                     choose the queue with --to, for example --to {}",
                    last(&pipeline.queue_url)
                )));
            }
            (Targets::All([slack].into_iter().chain(consoles).collect()), word)
        }
    })
}

/// Returns the queues of all consoles. Where there is a warning with them, only this console's own is known.
async fn consoles(client: &Client, pipeline: &Pipeline) -> (Vec<String>, Option<String>) {
    let (own, prefix) = (pipeline.queue_url.clone(), pipeline.queue_name("console-"));
    let mut pages =
        client.list_queues().queue_name_prefix(&prefix).max_results(1_000).into_paginator().items().send();
    let mut urls = Vec::new();
    while let Some(next) = pages.next().await {
        match next {
            // The answer's host may be another than the one that is reached.
            Ok(url) => urls.push(pipeline.beside(last(&url))),
            Err(error) => {
                let call = Call { service: "SQS", action: "sqs:ListQueues", on: "*" };
                let word = format!(
                    "can't list the console queues, only {} is known: {}",
                    last(&own),
                    Refusal::of(&error).explain(call)
                );
                return (vec![own], Some(word));
            }
        }
    }
    if !urls.contains(&own) {
        // SQS lists what the credentials' own account has, which may be another than the queue's.
        let is_elsewhere = urls.is_empty() || last(&own).starts_with(&prefix);
        if is_elsewhere {
            let word = format!(
                "{} is not among the queues named {prefix}…, so only this console queue is known: are these \
                 credentials of another account, or do the queues have other names?",
                last(&own)
            );
            return (vec![own], Some(word));
        }
        urls.push(own);
    }
    urls.sort();
    urls.dedup();
    (urls, None)
}

impl Targets {
    /// Returns the queues that this message goes to, by their URLs. A console drops an alert that it has
    /// already; Slack may be told twice, which is better than never.
    pub(crate) fn of(&self, letter: &DeadLetter, pipeline: &Pipeline) -> Vec<String> {
        match self {
            Self::All(urls) => urls.clone(),
            Self::Source(all) => {
                letter.moved_from().map_or_else(|| all.clone(), |arn| vec![pipeline.beside(last(arn))])
            }
        }
    }

    /// True where every message goes to the same queues, so that a queue that is gone is gone for all.
    pub(crate) fn are_the_same_for_all(&self) -> bool {
        matches!(self, Self::All(_))
    }

    /// Names of the queues, for the report.
    pub(crate) fn names(&self) -> SafeText {
        match self {
            Self::All(urls) => {
                SafeText::from(urls.iter().map(|url| last(url)).collect::<Vec<_>>().join(", "))
            }
            Self::Source(_) => SafeText::new("the original console queue of each message"),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cli::Cli;
    use crate::commands::redrive::dead_letter::tests::letter;
    use crate::commands::redrive::targets::*;
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
        assert_eq!(targets.of(&DeadLetter::new(moved.build()), &pipeline), [pipeline.beside("x-console-b")]);
        assert_eq!(targets.of(&letter("m", &json!({}), &[]), &pipeline), all, "where SQS does not say");
    }
}
