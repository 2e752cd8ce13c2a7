//! The webhook: a secret in the form of a URL, the hosts it may name, where it is kept, and how a new one
//! is noticed.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::error::ProvideErrorMetadata as _;
use reqwest::Url;

/// Time for which a value read from the parameter is trusted.
const FRESH: Duration = Duration::from_secs(300);

/// An incoming webhook's URL. Whoever has it can post, so it is in no text of any kind.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::lambda) struct Webhook(Url);

/// Place in which the webhook is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lambda) enum WebhookSource {
    /// In the environment itself, `SLACK_WEBHOOK`: for trying things out.
    Plain(Webhook),
    /// In an SSM SecureString of this name, `SLACK_WEBHOOK_PARAMETER`.
    Parameter(String),
}

/// Hosts that Slack's incoming webhooks have.
const SLACK: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

/// Hosts that a webhook may name: Slack's, this machine itself, and what the deployment adds. Whoever
/// can only write the parameter can't send the alerts to a host of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::lambda) struct Hosts(Vec<String>);

impl Hosts {
    /// Reads `SLACK_WEBHOOK_HOSTS`: hosts with commas between them, each with its port unless that is 443.
    pub(in crate::lambda) fn new(text: &str) -> Self {
        let hosts =
            text.split(',').map(|host| host.trim().to_ascii_lowercase().trim_end_matches(":443").to_owned());
        Self(hosts.filter(|host| !host.is_empty()).collect())
    }

    fn have(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let named = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        SLACK.contains(&named.as_str()) || self.0.contains(&named)
    }
}

impl Webhook {
    /// Takes an https URL of a host that is allowed, or a URL of this machine itself (a test's stub).
    pub(in crate::lambda) fn new(text: &str, hosts: &Hosts) -> Result<Self, WebhookError> {
        let url = Url::parse(text.trim()).map_err(|_| WebhookError::NotAUrl)?;
        let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        match url.scheme() {
            "http" | "https" if local => Ok(Self(url)),
            "https" if hosts.have(&url) => Ok(Self(url)),
            "https" => {
                let host = crate::SafeText::new(url.host_str().unwrap_or_default()).as_str().to_owned();
                Err(WebhookError::Host(host))
            }
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

/// Reason why there is no webhook to post to.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The value that was set is no webhook.
    #[error("webhook is not an https URL")]
    NotAUrl,
    /// It names a host that nothing is posted to; the host is no secret.
    #[error(
        "webhook host {0} is not allowed, only hooks.slack.com and hooks.slack-gov.com: if it is yours, add it to \
         slack_webhook_hosts (SLACK_WEBHOOK_HOSTS); otherwise the webhook was tampered with"
    )]
    Host(String),
    /// SSM would not give the parameter; the text is the SDK's.
    #[error("can't read the webhook parameter {name}: {why}")]
    Parameter {
        /// The parameter's name.
        name: String,
        /// Reason that SSM gave.
        why: String,
    },
    /// The parameter is there and holds something else.
    #[error("parameter {0} does not contain an https URL")]
    Content(String),
}

/// Source of the webhook, and the last value read.
#[derive(Debug)]
pub(super) struct Webhooks {
    source: Option<WebhookSource>,
    hosts: Hosts,
    ssm: Client,
    cached: Mutex<Option<(Webhook, Instant)>>,
}

impl Webhooks {
    pub(super) fn new(source: Option<WebhookSource>, hosts: Hosts, ssm: Client) -> Self {
        Self { source, hosts, ssm, cached: Mutex::default() }
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
                    Some((webhook, _)) => match self.read(name).await {
                        Ok(fresh) => Ok(Some(fresh)),
                        // Written by somebody else, perhaps: that must be told, and not covered by the old one.
                        Err(error @ WebhookError::Host(_)) => Err(error),
                        // An old value is better than none while SSM is away.
                        Err(_) => Ok(Some(webhook)),
                    },
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
            why: error.code().unwrap_or("can't reach SSM").to_owned(),
        })?;
        let value = answer.parameter().and_then(|parameter| parameter.value()).unwrap_or_default();
        let webhook = Webhook::new(value, &self.hosts).map_err(|error| match error {
            WebhookError::Host(_) => error,
            _ => WebhookError::Content(name.to_owned()),
        })?;
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((webhook.clone(), Instant::now()));
        Ok(webhook)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_https_and_never_shown() {
        let new = |text: &str| Webhook::new(text, &Hosts::default());
        let webhook = new(" https://hooks.slack.com/services/T0/B0/secret\n").unwrap();
        assert_eq!(format!("{webhook:?}"), "Webhook(…)");
        assert!(new("http://127.0.0.1:8080/x").is_ok());
        assert!(new("https://hooks.slack-gov.com/services/T0/B0/secret").is_ok());
        assert!(new("http://hooks.slack.com/services/T0/B0/secret").is_err());
        assert!(new("hooks.slack.com").is_err());
    }

    #[test]
    fn a_webhook_of_another_host_is_refused_by_name_unless_it_is_allowed() {
        let hosts = Hosts::new("chat.example.com:8443, Relay.Example.com");
        for allowed in ["https://chat.example.com:8443/hooks/x", "https://relay.example.com/x"] {
            assert!(Webhook::new(allowed, &hosts).is_ok(), "{allowed}");
        }
        for other in [
            "https://evil.example.net/services/secret",
            "https://hooks.slack.com.evil.example.net/secret",
            "https://hooks.slack.com:8443/secret",
            "https://hooks.slack.com@evil.example.net/secret",
            "https://chat.example.com/secret",
            "https://127.0.0.1.evil.example.net/secret",
        ] {
            let error = Webhook::new(other, &hosts).unwrap_err().to_string();
            assert!(error.contains("slack_webhook_hosts") && !error.contains("secret"), "{other}: {error}");
        }
    }
}
