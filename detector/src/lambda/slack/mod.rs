//! Telling Slack, through an incoming webhook: what is posted, what each answer means, and when to
//! try again.
//!
//! Answers are short texts with a status, listed at
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/>.

mod message;
mod webhook;

use std::time::Duration;

use reqwest::{Client, StatusCode, header};
use serde_json::Value;

use super::seen::Seen;
use super::settings::WebhookSource;
use crate::{Alert, Severity};

pub(super) use webhook::Webhook;
use webhook::{WebhookError, Webhooks};

/// One request, from connecting to the last byte of the answer.
const REQUEST: Duration = Duration::from_secs(4);
/// The longest wait that is done here: beyond it the queue or Lambda's own retry waits for less.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// The wait after an answer that gives none.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// Posts alerts, each once.
#[derive(Debug)]
pub(super) struct Slack {
    http: Client,
    webhooks: Webhooks,
    min_severity: Severity,
    told: Seen,
}

/// Why Slack was not told. No text of it holds the webhook.
#[derive(Debug, thiserror::Error)]
pub enum SlackError {
    /// Too many messages.
    #[error("Slack asks to wait {} s (429)", .0.as_secs())]
    RateLimited(Duration),
    /// Slack has trouble of its own.
    #[error("Slack is in trouble ({0})")]
    Server(StatusCode),
    /// No answer.
    #[error("Slack can't be reached: {0}")]
    Network(String),
    /// The webhook is refused for good: revoked, or its channel is gone.
    #[error("Slack refuses the webhook ({status} {reason}): make a new one and put it into the parameter")]
    Webhook {
        /// The status.
        status: StatusCode,
        /// Slack's word for it, as `no_service`.
        reason: String,
    },
    /// This message is refused, as plain text too.
    #[error("Slack refuses this message ({status} {reason})")]
    Payload {
        /// The status.
        status: StatusCode,
        /// Slack's word for it, as `invalid_blocks`.
        reason: String,
    },
    /// The parameter that holds the webhook can't be read.
    #[error(transparent)]
    Parameter(#[from] WebhookError),
}

impl Slack {
    pub(super) fn new(
        source: Option<WebhookSource>,
        min_severity: Severity,
        ssm: aws_sdk_ssm::Client,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: client()?,
            webhooks: Webhooks::new(source, ssm),
            min_severity,
            told: Seen::default(),
        })
    }

    /// Reads the webhook now, while Lambda gives a starting function more processor time.
    pub(super) async fn warm_up(&self) {
        if let Err(error) = self.webhooks.get().await {
            tracing::error!("{error}");
        }
    }

    /// Posts an alert, unless it is below the threshold, was posted already, or nothing is set up.
    ///
    /// # Errors
    /// Where Slack does not take it now; [`SlackError`] says whether it may later.
    pub(super) async fn tell(&self, alert: &Alert) -> Result<(), SlackError> {
        if alert.severity < self.min_severity || self.told.has(&alert.id) {
            return Ok(());
        }
        let Some(webhook) = self.webhooks.get().await? else { return Ok(()) };
        let message = message::blocks(alert);
        let result = match self.post_patiently(&webhook, &message).await {
            Err(error @ SlackError::Webhook { .. }) => {
                // Rotated, perhaps: the parameter may hold a new one.
                match self.webhooks.read_again(&webhook).await? {
                    Some(fresh) => self.post_patiently(&fresh, &message).await,
                    None => Err(error),
                }
            }
            // Blocks that Slack does not like must not cost the alert.
            Err(SlackError::Payload { .. }) => self.post_patiently(&webhook, &message::plain(alert)).await,
            result => result,
        };
        if result.is_ok() {
            self.told.remember(&alert.id);
        }
        result
    }

    /// Two tries, with the wait that Slack asks for where that is short.
    async fn post_patiently(&self, webhook: &Webhook, message: &Value) -> Result<(), SlackError> {
        let wait = match self.post(webhook, message).await {
            Err(SlackError::RateLimited(wait)) if wait <= LONGEST_WAIT => wait,
            Err(SlackError::Server(_) | SlackError::Network(_)) => SHORT_WAIT,
            result => return result,
        };
        tokio::time::sleep(wait).await;
        self.post(webhook, message).await
    }

    async fn post(&self, webhook: &Webhook, message: &Value) -> Result<(), SlackError> {
        let network = |error: reqwest::Error| SlackError::Network(reason(&error.without_url()));
        let response = self.http.post(webhook.url()).json(message).send().await.map_err(network)?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let wait = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map_or(SHORT_WAIT, Duration::from_secs);
        // The reason is a word; whatever else comes back is not for the log.
        let body = response.text().await.unwrap_or_default();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let reason: String = body.chars().take_while(|&c| word(c)).take(64).collect();
        Err(match status.as_u16() {
            429 => SlackError::RateLimited(wait),
            401 | 403 | 404 | 410 => SlackError::Webhook { status, reason },
            400..=499 => SlackError::Payload { status, reason },
            _ => SlackError::Server(status),
        })
    }
}

/// One HTTP client, with rustls, ring and Mozilla's roots built in: nothing to read from disk and
/// no entropy to gather before the first message.
fn client() -> Result<Client, reqwest::Error> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots).with_no_client_auth());
    let builder = Client::builder()
        .timeout(REQUEST)
        // A webhook never redirects; following one would hand the alert to somebody else.
        .redirect(reqwest::redirect::Policy::none());
    match tls {
        Ok(tls) => builder.tls_backend_preconfigured(tls).build(),
        // ring has both protocol versions, so this is not reached; the default is as safe.
        Err(_) => builder.build(),
    }
}

/// The innermost cause: "connection refused" rather than "error sending request".
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
