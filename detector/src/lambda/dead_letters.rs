//! The Slack queue's dead-letter queue, written by the function itself: a message that can never be
//! read goes there at once. Given back to the queue it would be tried a thousand times in four days, and
//! hold alarms in ALARM that should tell of an outage.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::DisplayErrorContext;
use aws_sdk_sqs::types::MessageAttributeValue;

use crate::SafeText;

/// Bytes of the reason that goes with a message.
const REASON: usize = 512;
/// Bytes that SQS takes, attributes included; what is longer goes without attributes.
const SQS_LIMIT: usize = 1_048_576;

/// The queue, where one is set.
#[derive(Debug)]
pub(super) struct DeadLetters {
    client: Client,
    url: Option<String>,
}

impl DeadLetters {
    pub(super) const fn new(client: Client, url: Option<String>) -> Self {
        Self { client, url }
    }

    /// Keeps a message with its `kind`, and with the reason in the attribute `why`.
    ///
    /// # Errors
    /// An error, as text for the log, where there is no such queue or it does not take the message: the message
    /// must then stay where it is.
    pub(super) async fn keep(&self, body: &str, kind: Option<&str>, why: &str) -> Result<(), String> {
        let Some(url) = &self.url else {
            return Err("SLACK_DEAD_LETTER_QUEUE_URL is not set".to_owned());
        };
        let mut request = self.client.send_message().queue_url(url).message_body(body);
        let why = SafeText::new(why);
        let why: String = why.as_str().chars().take(REASON / 4).collect();
        if body.len() + 2 * REASON < SQS_LIMIT {
            for (name, value) in [("why", Some(why.as_str())), ("kind", kind)] {
                let value = value.filter(|value| !value.is_empty() && value.len() <= REASON);
                let attribute = value.and_then(|value| {
                    MessageAttributeValue::builder().data_type("String").string_value(value).build().ok()
                });
                if let Some(attribute) = attribute {
                    request = request.message_attributes(name, attribute);
                }
            }
        }
        request.send().await.map(drop).map_err(|error| DisplayErrorContext(&error).to_string())
    }
}
