//! Telling Slack, through an incoming webhook: what is posted, what each answer means, and when to
//! try again.
//!
//! Answers are short texts with a status, listed at
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/>.

mod alarm;
mod digest;
mod message;
mod pace;
mod webhook;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode, header};
use serde_json::Value;

use super::seen::Seen;
use crate::{Alert, AlertId, Health, Severity};

pub(super) use digest::actor;
use pace::{NoTurn, Pace};
pub(super) use webhook::{Hosts, Webhook, WebhookSource};
use webhook::{WebhookError, Webhooks};

/// One request, from connecting to the last byte of the answer.
const REQUEST: Duration = Duration::from_secs(4);
/// The longest wait that is done here for Slack's sake: beyond it the queue or Lambda's own retry
/// waits for less.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The longest `Retry-After` that is believed: whoever answers in Slack's place could silence an
/// instance for good.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3_600);
/// The wait after an answer that gives none.
const SHORT_WAIT: Duration = Duration::from_millis(500);
/// Tries of one post: Slack may say more than once that it is too early.
const TRIES: u8 = 4;
/// Tries of one post that meets trouble.
const TRIES_IN_TROUBLE: u8 = 2;

/// Posts alerts, each once.
#[derive(Debug)]
pub(super) struct Slack {
    http: Client,
    webhooks: Webhooks,
    min_severity: Severity,
    told: Seen,
    pace: Pace,
    posts: AtomicU64,
}

/// Reason why Slack was not told. None of its texts holds the webhook.
#[derive(Debug, thiserror::Error)]
pub enum SlackError {
    /// Too many messages.
    #[error("Slack rate limit: retry after {} s (429)", .0.as_secs_f64().ceil())]
    RateLimited(Duration),
    /// Slack has trouble of its own.
    #[error("Slack server error ({0})")]
    Server(StatusCode),
    /// No answer.
    #[error("can't reach Slack: {0}")]
    Network(String),
    /// The webhook is refused for good: revoked, or its channel is gone.
    #[error("Slack rejected the webhook ({status} {reason}): create a new one and store it in the parameter")]
    Webhook {
        /// The status.
        status: StatusCode,
        /// Slack's word for it, as `no_service`.
        reason: String,
    },
    /// This message is refused, as plain text too.
    #[error("Slack rejected the message ({status} {reason})")]
    Payload {
        /// The status.
        status: StatusCode,
        /// Slack's word for it, as `invalid_blocks`.
        reason: String,
    },
    /// There was no turn for it in the time that is left: the pace is kept.
    #[error("Slack rate limit: remaining messages are sent later")]
    Busy,
    /// The parameter that holds the webhook can't be read.
    #[error(transparent)]
    Parameter(#[from] WebhookError),
}

impl Slack {
    pub(super) fn new(
        source: Option<WebhookSource>,
        hosts: Hosts,
        min_severity: Severity,
        pace: Duration,
        ssm: aws_sdk_ssm::Client,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: client()?,
            webhooks: Webhooks::new(source, hosts, ssm),
            min_severity,
            told: Seen::default(),
            pace: Pace::new(pace),
            posts: AtomicU64::new(0),
        })
    }

    /// Reads the webhook now, while Lambda gives a starting function more processor time.
    pub(super) async fn warm_up(&self) {
        if let Err(error) = self.webhooks.get().await {
            tracing::error!("{error}");
        }
    }

    /// True where Slack is to hear of an alert: it is not below the threshold, and was not posted already.
    pub(super) fn wants(&self, alert: &Alert) -> bool {
        alert.severity >= self.min_severity && !self.told.has(&alert.id)
    }

    /// Posts that Slack took since this was asked last.
    pub(super) fn taken(&self) -> u64 {
        self.posts.swap(0, Ordering::Relaxed)
    }

    /// The least time from one post to the next.
    pub(super) const fn gap(&self) -> Duration {
        self.pace.gap()
    }

    /// Waits until any instance may post again, as far as this one's posts are concerned.
    pub(super) async fn wait_out_the_gap(&self) {
        self.pace.wait_out_the_gap().await;
    }

    /// Posts an alert, unless it is not wanted or nothing is set up. No request begins after `latest`.
    ///
    /// # Errors
    /// Returns an error where Slack does not take the alert now; [`SlackError`] says whether it may later.
    pub(super) async fn post_alert(&self, alert: &Alert, latest: Instant) -> Result<(), SlackError> {
        if !self.wants(alert) {
            return Ok(());
        }
        self.deliver(&message::blocks(alert), &message::plain(alert), latest).await?;
        self.told.remember(&alert.id);
        Ok(())
    }

    /// Posts these alerts, of one actor or all tests, the worst first, as one message. Each is remembered by itself.
    ///
    /// # Errors
    /// As above, and then none of them is told.
    pub(super) async fn post_digest(&self, alerts: &[&Alert], latest: Instant) -> Result<(), SlackError> {
        self.deliver(&digest::blocks(alerts), &digest::plain(alerts), latest).await?;
        for alert in alerts {
            self.told.remember(&alert.id);
        }
        Ok(())
    }

    /// Posts what an alarm of the pipeline itself says, whatever the threshold.
    ///
    /// # Errors
    /// As above.
    pub(super) async fn post_alarm(&self, health: &Health, latest: Instant) -> Result<(), SlackError> {
        let id = alarm::id(health).map(AlertId);
        if id.as_ref().is_some_and(|id| self.told.has(id)) {
            return Ok(());
        }
        self.deliver(&alarm::blocks(health), &alarm::plain(health), latest).await?;
        if let Some(id) = &id {
            self.told.remember(id);
        }
        Ok(())
    }

    /// Blocks that Slack does not like must not cost the message: it goes out as text then.
    async fn deliver(&self, rich: &Value, plain: &Value, latest: Instant) -> Result<(), SlackError> {
        match self.post_where_it_goes(rich, latest).await {
            Err(SlackError::Payload { .. }) => self.post_where_it_goes(plain, latest).await,
            result => result,
        }
    }

    async fn post_where_it_goes(&self, message: &Value, latest: Instant) -> Result<(), SlackError> {
        let Some(webhook) = self.webhooks.get().await? else { return Ok(()) };
        match self.post_patiently(&webhook, message, latest).await {
            Err(error @ SlackError::Webhook { .. }) => {
                // Rotated, perhaps: the parameter may hold a new one.
                match self.webhooks.read_again(&webhook).await? {
                    Some(fresh) => self.post_patiently(&fresh, message, latest).await,
                    None => Err(error),
                }
            }
            result => result,
        }
    }

    /// A few tries, with the wait that Slack asks for where that is short.
    async fn post_patiently(
        &self,
        webhook: &Webhook,
        message: &Value,
        latest: Instant,
    ) -> Result<(), SlackError> {
        let mut tries = 0;
        let mut last = None;
        loop {
            let error = match (self.post_in_turn(webhook, message, latest).await, last.take()) {
                (Ok(()), _) => return Ok(()),
                // No second turn: what went wrong the first time says more.
                (Err(SlackError::Busy), Some(earlier)) => return Err(earlier),
                // A wait of our own after the trouble, and not one that Slack asks for.
                (
                    Err(SlackError::RateLimited(_)),
                    Some(earlier @ (SlackError::Server(_) | SlackError::Network(_))),
                ) => {
                    return Err(earlier);
                }
                (Err(error), _) => error,
            };
            tries += 1;
            let most = match &error {
                SlackError::RateLimited(wait) if *wait <= LONGEST_WAIT => TRIES,
                SlackError::Server(_) | SlackError::Network(_) => TRIES_IN_TROUBLE,
                _ => return Err(error),
            };
            if tries >= most {
                return Err(error);
            }
            last = Some(error);
        }
    }

    async fn post_in_turn(
        &self,
        webhook: &Webhook,
        message: &Value,
        latest: Instant,
    ) -> Result<(), SlackError> {
        // Whoever waits longer than this is better told by the queue.
        let latest = latest.min(Instant::now() + LONGEST_WAIT);
        let mut turn = match self.pace.turn(latest).await {
            Ok(turn) => turn,
            Err(NoTurn::Asked(wait)) => return Err(SlackError::RateLimited(wait)),
            Err(NoTurn::Busy) => return Err(SlackError::Busy),
        };
        let result = self.post(webhook, message).await;
        match &result {
            Ok(()) => _ = self.posts.fetch_add(1, Ordering::Relaxed),
            Err(SlackError::RateLimited(wait)) => turn.wait(*wait),
            Err(SlackError::Server(_) | SlackError::Network(_)) => turn.wait(SHORT_WAIT),
            Err(_) => {}
        }
        result
    }

    async fn post(&self, webhook: &Webhook, message: &Value) -> Result<(), SlackError> {
        let network = |error: reqwest::Error| SlackError::Network(reason(&error.without_url()));
        let mut response = self.http.post(webhook.url()).json(message).send().await.map_err(network)?;
        let status = response.status();
        if status.is_success() {
            return Ok(());
        }
        let wait = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map_or(SHORT_WAIT, Duration::from_secs)
            .min(LONGEST_RETRY_AFTER);
        // The reason is a word at the beginning; whatever else comes back is not read.
        let body = response.chunk().await.ok().flatten().unwrap_or_default();
        let word = |c: &&u8| c.is_ascii_alphanumeric() || **c == b'_';
        let reason: String = body.iter().take_while(word).take(64).map(|c| char::from(*c)).collect();
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
