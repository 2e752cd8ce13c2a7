//! Publishing to SNS: the message every subscriber gets.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use aws_sdk_sns::Client;
use aws_sdk_sns::error::DisplayErrorContext;
use aws_sdk_sns::operation::publish::builders::PublishFluentBuilder;
use aws_sdk_sns::types::MessageAttributeValue;

use crate::Alert;
use crate::alert::TooLarge;
use crate::link::Link;
use crate::probe::PipelineProbe;

/// Body and attributes together, in bytes.
const SNS_LIMIT: usize = 262_144;
/// Set aside for the attributes: five short names, types and values of at most [`VALUE_LIMIT`].
const ATTRIBUTES: usize = 1_024;
const VALUE_LIMIT: usize = 128;
/// "Less than 100 characters", without line breaks.
const SUBJECT_LIMIT: usize = 99;

/// The topic alerts are published to.
#[derive(Debug)]
pub(super) struct Topic {
    client: Client,
    arn: String,
}

/// The alert did not reach SNS.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    /// SNS refused it or could not be reached; the text is the SDK's.
    #[error("SNS rejected the message: {0}")]
    Publish(String),
    /// It can't be made to fit.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

impl Topic {
    pub(super) const fn new(client: Client, arn: String) -> Self {
        Self { client, arn }
    }

    pub(super) async fn publish(&self, alert: &Alert) -> Result<(), TopicError> {
        let mut request = self
            .client
            .publish()
            .topic_arn(&self.arn)
            .message(alert.to_message(SNS_LIMIT - ATTRIBUTES)?)
            .subject(subject(alert));
        for (name, value) in attributes(alert) {
            request = with_attribute(request, name, value);
        }
        send(request).await
    }

    pub(super) async fn publish_probe(&self, probe: &PipelineProbe) -> Result<(), TopicError> {
        let message = serde_json::to_string(probe).map_err(TooLarge::from)?;
        let request = self.client.publish().topic_arn(&self.arn).message(message);
        send(with_attribute(request, "kind", "probe".to_owned())).await
    }

    /// Publishes a link, with the attributes by which subscribers can choose.
    pub(super) async fn publish_link(&self, link: &Link) -> Result<(), TopicError> {
        let message = serde_json::to_string(link).map_err(TooLarge::from)?;
        let mut request = self.client.publish().topic_arn(&self.arn).message(message);
        request = with_attribute(request, "kind", "link".to_owned());
        request = with_attribute(request, "class", link.class.as_str().to_owned());
        let account = link.account.as_deref().map(|account| ascii(account, VALUE_LIMIT));
        if let Some(account) = account.filter(|account| !account.is_empty()) {
            request = with_attribute(request, "account", account);
        }
        send(request).await
    }
}

fn with_attribute(request: PublishFluentBuilder, name: &str, value: String) -> PublishFluentBuilder {
    // Without a type the attribute can't be built; with one it always can.
    match MessageAttributeValue::builder().data_type("String").string_value(value).build() {
        Ok(value) => request.message_attributes(name, value),
        Err(_) => request,
    }
}

async fn send(request: PublishFluentBuilder) -> Result<(), TopicError> {
    let answer = request.send().await;
    answer.map(drop).map_err(|error| TopicError::Publish(DisplayErrorContext(&error).to_string()))
}

/// Returns the message attributes that filter policies can ask for. SNS would refuse an empty value, so there
/// is none.
fn attributes(alert: &Alert) -> Vec<(&'static str, String)> {
    let mut attributes = vec![("kind", "alert".to_owned()), ("severity", alert.severity.to_string())];
    let foreign = [("event", Some(&alert.event)), ("account", alert.account.as_ref())];
    for (name, value) in foreign {
        let value = value.map(|value| ascii(value, VALUE_LIMIT)).filter(|value| !value.is_empty());
        attributes.extend(value.map(|value| (name, value)));
    }
    if alert.test {
        attributes.push(("test", "true".to_owned()));
    }
    attributes
}

fn subject(alert: &Alert) -> String {
    ascii(&format!("[{}] {}", alert.severity, alert.summary), SUBJECT_LIMIT)
}

/// Printable ASCII of at most so many characters; anything else becomes a question mark.
fn ascii(text: &str, limit: usize) -> String {
    let printable = |c: char| if c.is_ascii_graphic() || c == ' ' { c } else { '?' };
    let ascii: String = text.chars().map(printable).collect();
    if ascii.len() <= limit { ascii } else { format!("{}...", ascii.get(..limit - 3).unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detector, Record};
    use serde_json::json;

    #[test]
    fn subject_and_attributes_keep_to_what_sns_takes() {
        let record = json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com",
            "requestParameters": {"userName": format!("žofie\n😀{}", "x".repeat(300))}, "recipientAccountId": ""});
        let record = Record::new(record).unwrap();
        let alert = Detector::default().detect(&record, jiff::Timestamp::UNIX_EPOCH).alert.unwrap();
        let subject = subject(&alert);
        assert_eq!(subject.len(), SUBJECT_LIMIT);
        assert!(subject.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{subject}");
        assert!(subject.starts_with("[MEDIUM] unknown principal created user ?ofie??x"), "{subject}");
        let attributes = attributes(&alert);
        assert_eq!(attributes[0], ("kind", "alert".into()));
        assert_eq!(attributes.len(), 3, "an empty account is no attribute");
        let bytes: usize =
            attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len()).sum();
        assert!(bytes <= ATTRIBUTES);
        assert!(attributes.iter().all(|(name, _)| *name != "test"));
        assert!(super::attributes(&alert.into_test()).contains(&("test", "true".into())));
    }
}
