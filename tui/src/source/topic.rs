//! The topic that a console publishes to: its probes, and its triage of alerts. This module reads the topic's
//! ARN, publishes, and says what helps where the topic refuses.
//!
//! Consoles have a topic of their own, `NAME-consoles`, since none may publish alerts. They are given the
//! ARN of the alerts' topic, as before there were two, and derive theirs from it.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use jiff::Timestamp;

use crate::aws::{Call, Refusal};
use crate::model::TriageEvent;
use crate::source::console_message::{Probe, TriageMessage};
use crate::source::message::CONSOLE;

/// A topic's ARN, with the region and the account in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicArn {
    arn: String,
    pub(crate) region: String,
    pub(crate) account: String,
}

/// Error for a text that is no topic's ARN.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a topic ARN (arn:aws:sns:REGION:ACCOUNT:NAME); see `terraform -chdir=terraform output consoles`"
)]
pub(crate) struct NoTopic(detector::SafeText);

impl TopicArn {
    /// Reads an ARN of any partition.
    pub(crate) fn read(text: &str) -> Result<Self, NoTopic> {
        let text = text.trim();
        match text.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", partition, "sns", region, account, name]
                if [partition, region, account, name].iter().all(|part| !part.is_empty()) =>
            {
                Ok(Self {
                    arn: text.to_owned(),
                    region: (*region).to_owned(),
                    account: (*account).to_owned(),
                })
            }
            _ => Err(NoTopic(detector::SafeText::new(text))),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.arn
    }

    /// The topic that consoles tell each other over: `NAME-consoles` beside `NAME-alerts`. A topic of any
    /// other name is one that somebody has made for both.
    #[must_use]
    pub(crate) fn of_consoles(self) -> Self {
        match self.arn.strip_suffix("-alerts") {
            Some(name) => Self { arn: format!("{name}-consoles"), ..self },
            None => self,
        }
    }

    /// The topic of alerts, the other way round.
    #[must_use]
    pub(crate) fn of_alerts(self) -> Self {
        match self.arn.strip_suffix("-consoles") {
            Some(name) => Self { arn: format!("{name}-alerts"), ..self },
            None => self,
        }
    }
}

/// The topic of consoles, to publish to.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) client: Client,
    pub(crate) arn: TopicArn,
}

/// Reason why nothing could be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: String,
    /// Remedy, in words.
    pub(crate) remedy: String,
    /// True where it may work in a minute by itself: no answer of AWS, a limit that was
    /// reached, or a fault of AWS's own.
    pub(crate) may_pass: bool,
}

impl Topic {
    /// With the queue's credentials, in the topic's own region: no other knows it. `arn` is that of the
    /// consoles' topic or of the alerts'.
    pub(crate) fn new(config: &SdkConfig, arn: TopicArn) -> Self {
        let arn = arn.of_consoles();
        let region = aws_sdk_sns::config::Region::new(arn.region.clone());
        let config = aws_sdk_sns::config::Builder::from(config).region(region).build();
        Self { client: Client::from_conf(config), arn }
    }

    /// Publishes triage events, at most ten at a time. One that SNS will never take is left out, and logged.
    pub(crate) async fn publish_triage(&self, events: &[TriageEvent]) -> Result<(), Refused> {
        let mut entries = Vec::with_capacity(events.len());
        for (number, event) in events.iter().enumerate() {
            let message = serde_json::to_string(&TriageMessage::from(event)).map_err(|error| ours(&error))?;
            let entry = PublishBatchRequestEntry::builder().id(number.to_string()).message(message);
            entries.push(
                entry
                    .set_message_attributes(Some(attributes("triage").collect()))
                    .build()
                    .map_err(|error| ours(&error))?,
            );
        }
        let request = self.client.publish_batch().topic_arn(&self.arn.arn);
        let answer = request.set_publish_batch_request_entries(Some(entries)).send().await;
        for failed in answer.map_err(|error| self.refused(&error))?.failed() {
            let why = format!("SNS rejected it: {} {}", failed.code(), failed.message().unwrap_or_default());
            if !failed.sender_fault() {
                return Err(Refused { why, remedy: "no action needed, retrying".to_owned(), may_pass: true });
            }
            tracing::error!("can't publish a triage event to other consoles: {why}");
        }
        Ok(())
    }

    /// Publishes a probe, marked so that whoever does not want it can filter it out.
    pub(crate) async fn publish(&self, probe: &Probe) -> Result<(), Refused> {
        let request = self.client.publish().topic_arn(&self.arn.arn);
        let marks = attributes("probe").chain(attribute("console", &probe.console));
        let request = request.set_message_attributes(Some(marks.collect()));
        let message = serde_json::to_string(probe).map_err(|error| ours(&error))?;
        request.message(message).send().await.map(drop).map_err(|error| self.refused(&error))
    }
}

impl Topic {
    fn refused<E: ProvideErrorMetadata + std::error::Error + 'static>(&self, error: &E) -> Refused {
        tracing::info!("the topic: {}", DisplayErrorContext(error));
        let why = Refusal::of(error);
        let call = Call { service: "SNS", action: "sns:Publish", on: self.arn.as_str() };
        let remedy = if why.is_gone() {
            // The pipeline may be of a version before consoles had a topic of their own.
            "apply the pipeline's Terraform, which creates the topic NAME-consoles, or check --topic-arn"
                .to_owned()
        } else {
            why.remedy(call)
        };
        Refused { why: why.what(call), remedy, may_pass: why.may_pass() }
    }
}

/// Attributes of every message of a console: the subscriptions let no other through.
fn attributes(kind: &str) -> impl Iterator<Item = (String, MessageAttributeValue)> {
    attribute("kind", kind).into_iter().chain(attribute("sender", CONSOLE))
}

fn attribute(name: &str, text: &str) -> Option<(String, MessageAttributeValue)> {
    let value = MessageAttributeValue::builder().data_type("String").string_value(text).build().ok()?;
    Some((name.to_owned(), value))
}

/// Returns the error of something that can't go wrong except by a mistake of ours.
fn ours(error: &impl std::fmt::Display) -> Refused {
    Refused { why: error.to_string(), remedy: "please report this".to_owned(), may_pass: false }
}

/// A probe of a name and an id that are new.
pub(crate) fn probe(console: &str) -> Probe {
    Probe { version: 1, console: console.to_owned(), id: new_id(), at: Timestamp::now() }
}

/// A random UUID (version 4): nobody can guess it, so whoever sends it back has received it.
fn new_id() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    // Each state has random keys of its own, from the system.
    let half = || RandomState::new().hash_one(Timestamp::now().as_nanosecond());
    let (high, low) = (half() & !0xf000 | 0x4000, half() & !(0b11 << 62) | 0b10 << 62);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

/// A console's name is what follows `-console-` in its queue's name, else the queue's name. What is
/// before it is the name of the pipeline.
pub(crate) fn names(queue_url: &str) -> (Option<&str>, &str) {
    let queue = queue_url.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let queue = queue.split(['?', '#']).next().unwrap_or_default();
    match queue.split_once("-console-") {
        Some((pipeline, console)) if !console.is_empty() => (Some(pipeline), console),
        _ => (None, queue),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_where_the_topic_is() {
        let topic = TopicArn::read(" arn:aws-cn:sns:cn-north-1:111122223333:iam-sentinel-alerts").unwrap();
        assert_eq!((topic.region.as_str(), topic.account.as_str()), ("cn-north-1", "111122223333"));
        assert_eq!(topic.as_str(), "arn:aws-cn:sns:cn-north-1:111122223333:iam-sentinel-alerts");
        for wrong in
            ["", "alerts", "arn:aws:sqs:us-east-1:1:q", "arn:aws:sns:us-east-1::q", "arn:aws:sns:r:1:t:sub"]
        {
            assert!(
                TopicArn::read(wrong)
                    .unwrap_err()
                    .to_string()
                    .contains("terraform -chdir=terraform output consoles")
            );
        }
    }

    #[test]
    fn consoles_have_a_topic_of_their_own_beside_that_of_alerts() {
        let of = |name: &str| TopicArn::read(&format!("arn:aws:sns:us-east-1:111122223333:{name}")).unwrap();
        assert_eq!(of("iam-sentinel-alerts").of_consoles(), of("iam-sentinel-consoles"));
        assert_eq!(of("iam-sentinel-consoles").of_consoles(), of("iam-sentinel-consoles"));
        assert_eq!(of("iam-sentinel-consoles").of_alerts(), of("iam-sentinel-alerts"));
        assert_eq!(of("alerts").of_consoles(), of("alerts"), "made by somebody for both");
    }

    #[test]
    fn a_console_has_the_name_that_terraform_gave_it() {
        let url = |queue: &str| format!("https://sqs.us-east-1.amazonaws.com/111122223333/{queue}");
        assert_eq!(names(&url("iam-sentinel-console-oncall")), (Some("iam-sentinel"), "oncall"));
        assert_eq!(names(&url("alerts/")), (None, "alerts"));
        assert_eq!(names(&url("x-console-")), (None, "x-console-"));
        assert_eq!(names(""), (None, ""));
    }

    #[test]
    fn ids_are_uuids_and_no_two_are_the_same() {
        let ids: std::collections::HashSet<_> = (0..1_000).map(|_| new_id()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let groups: Vec<_> = id.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{id}");
            assert!(id[14..].starts_with('4') && "89ab".contains(&id[19..20]), "{id}");
        }
    }
}
