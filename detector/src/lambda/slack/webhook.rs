//! The webhook: a secret in the form of a URL, where it is kept, and how a new one is noticed.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::ProvideErrorMetadata as _;
use reqwest::Url;

use crate::lambda::settings::WebhookSource;

/// How long a value read from the parameter is trusted.
const FRESH: Duration = Duration::from_secs(300);

/// An incoming webhook's URL. Whoever has it can post, so it is in no text of any kind.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::lambda) struct Webhook(Url);

impl Webhook {
    /// Takes a URL: https, or http to this machine itself (a test's stub).
    pub(in crate::lambda) fn new(text: &str) -> Result<Self, WebhookError> {
        let url = Url::parse(text.trim()).map_err(|_| WebhookError::NotAUrl)?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if local => Ok(Self(url)),
            _ => Err(WebhookError::NotAUrl),
        }
    }

    pub(super) fn url(&self) -> Url {
        self.0.clone()
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(…)")
    }
}

/// Why there is no webhook to post to.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// What was set is no webhook.
    #[error("the webhook is not an https URL")]
    NotAUrl,
    /// SSM would not give the parameter; the text is the SDK's.
    #[error("the webhook's parameter {name} can't be read: {why}")]
    Parameter {
        /// The parameter's name.
        name: String,
        /// What SSM said.
        why: String,
    },
    /// The parameter is there and holds something else.
    #[error("the parameter {0} does not hold an https URL")]
    Content(String),
}

/// Where the webhook comes from, and the last value read.
#[derive(Debug)]
pub(super) struct Webhooks {
    source: Option<WebhookSource>,
    ssm: Client,
    cached: Mutex<Option<(Webhook, Instant)>>,
}

impl Webhooks {
    pub(super) fn new(source: Option<WebhookSource>, ssm: Client) -> Self {
        Self { source, ssm, cached: Mutex::default() }
    }

    /// The webhook, or nothing where none is set up.
    pub(super) async fn get(&self) -> Result<Option<Webhook>, WebhookError> {
        match &self.source {
            None => Ok(None),
            Some(WebhookSource::Plain(webhook)) => Ok(Some(webhook.clone())),
            Some(WebhookSource::Parameter(name)) => {
                let cached = self.cached();
                match cached {
                    Some((webhook, at)) if at.elapsed() < FRESH => Ok(Some(webhook)),
                    // An old value is better than none while SSM is away.
                    Some((webhook, _)) => Ok(Some(self.read(name).await.unwrap_or(webhook))),
                    None => self.read(name).await.map(Some),
                }
            }
        }
    }

    /// After Slack refused `used`: the parameter's value, where it is another one by now.
    pub(super) async fn read_again(&self, used: &Webhook) -> Result<Option<Webhook>, WebhookError> {
        let Some(WebhookSource::Parameter(name)) = &self.source else { return Ok(None) };
        let fresh = self.read(name).await?;
        Ok((fresh != *used).then_some(fresh))
    }

    fn cached(&self) -> Option<(Webhook, Instant)> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn read(&self, name: &str) -> Result<Webhook, WebhookError> {
        let answer = self.ssm.get_parameter().name(name).with_decryption(true).send().await;
        let answer = answer.map_err(|error| WebhookError::Parameter {
            name: name.to_owned(),
            // Not the whole error: it can hold the raw answer, and the answer holds the webhook.
            why: error.code().unwrap_or("SSM can't be reached").to_owned(),
        })?;
        let value = answer.parameter().and_then(|parameter| parameter.value()).unwrap_or_default();
        let webhook = Webhook::new(value).map_err(|_| WebhookError::Content(name.to_owned()))?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((webhook.clone(), Instant::now()));
        Ok(webhook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_https_and_never_shown() {
        let webhook = Webhook::new(" https://hooks.slack.com/services/T0/B0/secret\n").unwrap();
        assert_eq!(format!("{webhook:?}"), "Webhook(…)");
        assert!(Webhook::new("http://127.0.0.1:8080/x").is_ok());
        assert!(Webhook::new("http://hooks.slack.com/services/T0/B0/secret").is_err());
        assert!(Webhook::new("hooks.slack.com").is_err());
    }
}
