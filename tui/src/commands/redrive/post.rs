//! The calls to SQS: take messages in hand, send them on, delete them, give them back.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::ProvideErrorMetadata as _;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry, MessageSystemAttributeName,
};
use futures_util::future::join_all;

use crate::aws::Refusal;
use crate::commands::pipeline::last;
use crate::commands::redrive::dead_letter::DeadLetter;

/// The most that SQS gives at once.
pub(crate) const BATCH: usize = 10;
/// Long enough to send a batch to every queue, or to list a queue; whoever is killed meanwhile has
/// hidden the messages for so long.
pub(crate) const IN_HAND: Duration = Duration::from_secs(300);
/// A poll that waits asks all of SQS's servers, so that none is overlooked.
const WAIT: i32 = 1;

/// Reason why a message could not be sent.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) why: Refusal,
    /// True where nothing answered, which has nothing to do with this message or its queue.
    pub(crate) is_silent: bool,
}

/// A dead-letter queue.
pub(crate) struct Post {
    pub(crate) client: Client,
    pub(crate) url: String,
}

impl Post {
    /// Takes up to `most` messages in hand, ten at most; none where the queue gives none.
    pub(crate) async fn take(&self, most: usize) -> Result<Vec<DeadLetter>, Refusal> {
        let asked = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(most.clamp(1, BATCH)).unwrap_or(1))
            .wait_time_seconds(WAIT)
            .visibility_timeout(i32::try_from(IN_HAND.as_secs()).unwrap_or(i32::MAX))
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::DeadLetterQueueSourceArn);
        let answer = asked.send().await.map_err(|error| Refusal::of(&error))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(DeadLetter::new).collect())
    }

    /// Sends one to another queue, with its attributes.
    pub(crate) async fn send(&self, letter: &DeadLetter, to: &str) -> Result<(), Unsent> {
        let message = &letter.message;
        let asked = self
            .client
            .send_message()
            .queue_url(to)
            .message_body(message.body().unwrap_or_default())
            .set_message_attributes(message.message_attributes().cloned());
        let sent = asked.send().await.map(drop);
        sent.map_err(|error| Unsent { is_silent: error.code().is_none(), why: Refusal::of(&error) })
    }

    /// Deletes these, and says for each of those that it could not delete why.
    pub(crate) async fn delete(&self, letters: &[&DeadLetter]) -> Vec<(String, Refusal)> {
        let each = letters.chunks(BATCH).map(|chunk| self.delete_batch(chunk));
        join_all(each).await.into_iter().flatten().collect()
    }

    async fn delete_batch(&self, letters: &[&DeadLetter]) -> Vec<(String, Refusal)> {
        let entries = letters.iter().enumerate().filter_map(|(number, letter)| {
            let handle = letter.message.receipt_handle()?;
            let entry = DeleteMessageBatchRequestEntry::builder().id(number.to_string());
            entry.receipt_handle(handle).build().ok()
        });
        let asked = self.client.delete_message_batch().queue_url(&self.url);
        match asked.set_entries(Some(entries.collect())).send().await {
            Ok(answer) => {
                let failed = answer.failed().iter().filter_map(|failed| {
                    let letter = letters.get(failed.id().parse::<usize>().ok()?)?;
                    Some((letter.id.clone(), Refusal::of_answer(Some(failed.code()), failed.message())))
                });
                failed.collect()
            }
            Err(error) => {
                let why = Refusal::of(&error);
                letters.iter().map(|letter| (letter.id.clone(), why.clone())).collect()
            }
        }
    }

    /// Lets others see these again at once. Where that fails they come back by themselves.
    pub(crate) async fn give_back(&self, letters: &[&DeadLetter]) {
        for chunk in letters.chunks(BATCH) {
            let entries = chunk.iter().enumerate().filter_map(|(number, letter)| {
                let handle = letter.message.receipt_handle()?;
                let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(number.to_string());
                entry.receipt_handle(handle).visibility_timeout(0).build().ok()
            });
            let asked = self.client.change_message_visibility_batch().queue_url(&self.url);
            if let Err(error) = asked.set_entries(Some(entries.collect())).send().await {
                eprintln!(
                    "sentinel-tui: can't return {} messages to {} ({}): they stay hidden for up to {} minutes",
                    chunk.len(),
                    last(&self.url),
                    Refusal::of(&error).message(),
                    IN_HAND.as_secs() / 60
                );
            }
        }
    }
}
