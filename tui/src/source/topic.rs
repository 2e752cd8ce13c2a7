//! The topic of alerts, as far as a console publishes to it: probes, and what is said of alerts. What its ARN says, how it is
//! reached, and what helps where it says no.

use aws_config::SdkConfig;
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use jiff::Timestamp;

use super::message::{Probe, Triage};
use crate::store::Said;

/// A topic's ARN, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopicArn {
    arn: String,
    pub(crate) region: String,
    pub(crate) account: String,
}

/// Why a text is no topic's ARN.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no topic's ARN: arn:aws:sns:REGION:ACCOUNT:NAME; `terraform output consoles` says it")]
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
}

/// The topic, to publish to.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub(crate) client: Client,
    pub(crate) arn: TopicArn,
}

/// Why nothing could be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: String,
    /// What to do.
    pub(crate) mend: &'static str,
    /// Whether it may be otherwise in a minute: there was no answer at all.
    pub(crate) may_pass: bool,
}

impl Topic {
    /// With the queue's credentials, in the topic's own region: no other knows it.
    pub(crate) fn new(config: &SdkConfig, arn: TopicArn) -> Self {
        let region = aws_sdk_sns::config::Region::new(arn.region.clone());
        let config = aws_sdk_sns::config::Builder::from(config).region(region).build();
        Self { client: Client::from_conf(config), arn }
    }

    /// Tells other consoles what was said, at most ten at a time. What SNS will never take is left out.
    pub(crate) async fn tell(&self, said: &[Said]) -> Result<(), Refused> {
        let mut entries = Vec::with_capacity(said.len());
        for (number, said) in said.iter().enumerate() {
            let message = serde_json::to_string(&Triage::from(said)).map_err(|error| ours(&error))?;
            let entry = PublishBatchRequestEntry::builder().id(number.to_string()).message(message);
            let kind = attribute("triage").map(|kind| ("kind".to_owned(), kind));
            entries.push(
                entry
                    .set_message_attributes(Some(kind.into_iter().collect()))
                    .build()
                    .map_err(|error| ours(&error))?,
            );
        }
        let request = self.client.publish_batch().topic_arn(&self.arn.arn);
        let answer = request.set_publish_batch_request_entries(Some(entries)).send().await;
        for failed in answer.map_err(|error| refused(&error))?.failed() {
            let why =
                format!("SNS does not take it: {} {}", failed.code(), failed.message().unwrap_or_default());
            if !failed.sender_fault() {
                return Err(Refused { why, mend: "it is tried again", may_pass: true });
            }
            tracing::error!("what was said of an alert is not told to other consoles: {why}");
        }
        Ok(())
    }

    /// Publishes a probe, marked so that whoever does not want it can filter it out.
    pub(crate) async fn publish(&self, probe: &Probe) -> Result<(), Refused> {
        let mut request = self.client.publish().topic_arn(&self.arn.arn);
        for (name, value) in [("kind", "probe"), ("console", probe.console.as_str())] {
            if let Some(value) = attribute(value) {
                request = request.message_attributes(name, value);
            }
        }
        let message = serde_json::to_string(probe).map_err(|error| ours(&error))?;
        request.message(message).send().await.map(drop).map_err(|error| refused(&error))
    }
}

fn attribute(text: &str) -> Option<MessageAttributeValue> {
    MessageAttributeValue::builder().data_type("String").string_value(text).build().ok()
}

/// What can't go wrong but by a mistake of ours.
fn ours(error: &impl std::fmt::Display) -> Refused {
    Refused { why: error.to_string(), mend: "report it, please", may_pass: false }
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

/// What was refused, and what helps.
pub(crate) fn refused<E>(error: &E) -> Refused
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let Some(code) = error.code() else {
        tracing::info!("the topic: {}", DisplayErrorContext(error));
        let mut cause: &(dyn std::error::Error + 'static) = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let mend = "check the network, and AWS_ENDPOINT_URL if it is set";
        return Refused { why: format!("cannot reach SNS: {cause}"), mend, may_pass: true };
    };
    let why = format!("SNS refuses it: {code} {}", error.message().unwrap_or_default());
    Refused { why: why.trim_end().to_owned(), mend: mend(code), may_pass: false }
}

fn mend(code: &str) -> &'static str {
    match code {
        "AuthorizationError" | "AuthorizationErrorException" | "AccessDenied" | "AccessDeniedException" => {
            "these credentials may not publish to the topic (sns:Publish); attach the console policy that Terraform made"
        }
        "NotFound" | "NotFoundException" => {
            "there is no such topic; `terraform output consoles` says which --topic-arn it is"
        }
        "InvalidParameter" | "InvalidParameterException" => {
            "check --topic-arn; `terraform output consoles` says which it is"
        }
        code if code.starts_with("KMS") => {
            "these credentials may not use the topic's key (kms:GenerateDataKey, kms:Decrypt)"
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "renew your credentials (aws sso login, or what your team uses)"
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            "these credentials are not valid; check AWS_PROFILE"
        }
        _ => "it is tried again with the next probe",
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
            assert!(TopicArn::read(wrong).unwrap_err().to_string().contains("terraform output consoles"));
        }
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
