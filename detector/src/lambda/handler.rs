//! One invocation: what it is given, detected, told, and what is said when telling fails.
//!
//! SNS comes first, so that the consoles have an alert whatever Slack does. A failure is an error of
//! the invocation: Lambda tries again, and then keeps the event on the failure queue.

use std::time::{Duration, Instant};

use aws_config::timeout::TimeoutConfig;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use super::input::{Input, Message};
use super::metrics::Metrics;
use super::seen::Seen;
use super::settings::{Settings, SlackDelivery};
use super::slack::{Slack, SlackError};
use super::topic::{Topic, TopicError};
use crate::alert::VERSION;
use crate::record::RecordError;
use crate::{Alert, Detector, Record, Rules, SafeText, rules};

/// A call to AWS, with its retries. An SNS that hangs must leave time to tell Slack.
const AWS_CALL: Duration = Duration::from_secs(8);
const CONNECT: Duration = Duration::from_secs(3);
/// After this much of an invocation no further post of a batch is begun: one that is cut off by
/// the function's timeout (30 s) would forget what it has told.
const BATCH_BUDGET: Duration = Duration::from_secs(15);
/// All tries of one post together, with reading the webhook again: what is left of the 30 s.
const POST: Duration = Duration::from_secs(12);

/// The function's whole state, made once a process.
#[derive(Debug)]
pub struct Sentinel {
    detector: Detector,
    topic: Option<Topic>,
    published: Seen,
    slack: Slack,
    delivery: SlackDelivery,
    function: String,
}

/// Why an invocation failed. Its text goes into the log and onto the failure queue.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// What came is nothing that the function knows.
    #[error("this input can't be read, and is kept on the failure queue: {0}")]
    Unreadable(#[from] RecordError),
    /// SNS did not get the alert. Slack was told at once, if it could be.
    #[error("{0}; Slack: {1}")]
    Topic(TopicError, String),
    /// Slack did not get the alert. SNS has it.
    #[error(transparent)]
    Slack(#[from] SlackError),
    /// The AWS or HTTP client can't be made.
    #[error("start: {0}")]
    Start(String),
}

impl From<HandlerError> for Diagnostic {
    fn from(error: HandlerError) -> Self {
        let error_type = match &error {
            HandlerError::Unreadable(_) => "Unreadable",
            HandlerError::Topic(..) => "SnsFailed",
            HandlerError::Slack(_) => "SlackFailed",
            HandlerError::Start(_) => "Start",
        };
        Self { error_type: error_type.to_owned(), error_message: error.to_string() }
    }
}

impl Sentinel {
    /// Makes the clients and reads the webhook. A webhook that can't be read does not stop the
    /// start: SNS must get its alerts all the same.
    ///
    /// # Errors
    /// Where a client can't be made.
    pub async fn new(settings: Settings) -> Result<Self, HandlerError> {
        settings.log_what_is_missing();
        let http = super::tls::aws_client(|name| std::env::var(name).ok());
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(AWS_CALL).build();
        let aws = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts)
            .load()
            .await;
        let slack = Slack::new(settings.webhook, settings.min_severity, aws_sdk_ssm::Client::new(&aws))
            .map_err(|error| HandlerError::Start(error.to_string()))?;
        slack.warm_up().await;
        let delivery = if settings.topic.is_some() { settings.delivery } else { SlackDelivery::Direct };
        let detector = Detector::new(Rules::default(), rules::built_in_watched().and(settings.watched));
        log_ended_exceptions(&detector, Timestamp::now());
        Ok(Self {
            detector,
            topic: settings.topic.map(|arn| Topic::new(aws_sdk_sns::Client::new(&aws), arn)),
            published: Seen::default(),
            slack,
            delivery,
            function: settings.function,
        })
    }

    /// Serves one invocation, and writes its metrics.
    ///
    /// # Errors
    /// Where the input can't be read or somebody could not be told.
    pub async fn handle(&self, input: Value) -> Result<Value, HandlerError> {
        let mut metrics = Metrics::default();
        let result = match Input::parse(input) {
            Ok(Input::Event(record)) => self.on_record(&record, &mut metrics).await,
            Ok(Input::Batch(messages)) => Ok(self.on_batch(messages, &mut metrics).await),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = &result {
            tracing::error!("{}", SafeText::new(&error.to_string()));
        }
        println!("{}", metrics.line(&self.function, Timestamp::now()));
        result
    }

    async fn on_record(&self, record: &Record, metrics: &mut Metrics) -> Result<Value, HandlerError> {
        let now = Timestamp::now();
        metrics.events += 1;
        let detection = self.detector.detect(record, now);
        for (rule, exception) in &detection.silenced {
            metrics.silenced += 1;
            tracing::info!(rule = %rule.id, exception = %exception.id, owner = %exception.owner, eventId = %SafeText::new(record.event_id().unwrap_or_default()),
                "Kept silent by an exception: \"{}\"", SafeText::new(&rule.title));
        }
        let Some(alert) = detection.alert else {
            tracing::info!("Ignored event: \"{}\"", SafeText::new(record.event_name()));
            return Ok(json!({"event": record.event_name(), "severity": null}));
        };
        metrics.alerts += 1;
        let lag = record.event_time().map(|time| now.duration_since(time));
        metrics.detection_lag_ms.extend(lag.and_then(|lag| i64::try_from(lag.as_millis()).ok()));
        self.tell(&alert, metrics).await?;
        let rule = alert.rules.first().map(|rule| rule.id.as_str());
        tracing::info!(severity = %alert.severity, eventId = %SafeText::new(&alert.id.0), rule, "{}", SafeText::new(&alert.summary));
        Ok(
            json!({"event": alert.event, "severity": alert.severity, "id": alert.id, "summary": alert.summary}),
        )
    }

    async fn tell(&self, alert: &Alert, metrics: &mut Metrics) -> Result<(), HandlerError> {
        if let Some(topic) = &self.topic
            && !self.published.has(&alert.id)
        {
            if let Err(error) = topic.publish(alert).await {
                metrics.sns_failed += 1;
                // No queue will bring it to Slack now, so it goes there at once.
                let slack = match self.post(alert, metrics).await {
                    Ok(()) => "told".to_owned(),
                    Err(error) => error.to_string(),
                };
                return Err(HandlerError::Topic(error, slack));
            }
            self.published.remember(&alert.id);
        }
        match self.delivery {
            SlackDelivery::Direct => self.post(alert, metrics).await.map_err(HandlerError::from),
            SlackDelivery::Queue => Ok(()),
        }
    }

    async fn post(&self, alert: &Alert, metrics: &mut Metrics) -> Result<(), SlackError> {
        let late = |_| SlackError::Network(format!("no end after {} s", POST.as_secs()));
        let result = tokio::time::timeout(POST, self.slack.tell(alert)).await.map_err(late).flatten();
        metrics.slack_failed += u64::from(result.is_err());
        result
    }

    /// Messages of a queue: alerts for Slack, or failed events that are fed back. Each one that
    /// fails is named, so that SQS brings back that one alone.
    async fn on_batch(&self, messages: Vec<Message>, metrics: &mut Metrics) -> Value {
        let mut failed = Vec::new();
        let mut slack_is_down = false;
        let start = Instant::now();
        for message in messages {
            let result = match Content::of(&message) {
                Content::Alert(_) if slack_is_down => {
                    Err("Slack is not taking messages now: the queue brings it again".to_owned())
                }
                Content::Alert(_) | Content::Event(_) if start.elapsed() > BATCH_BUDGET => {
                    Err("this batch takes too long: the queue brings the rest again".to_owned())
                }
                Content::Alert(alert) => self.post(&alert, metrics).await.map_err(|error| {
                    // What is wrong with this message alone must not hold up the others.
                    slack_is_down = !matches!(error, SlackError::Payload { .. });
                    error.to_string()
                }),
                Content::Event(record) => {
                    self.on_record(&record, metrics).await.map(drop).map_err(|error| error.to_string())
                }
                Content::NotForSlack => Ok(()),
                Content::Unreadable(why) => Err(why),
            };
            if let Err(why) = result {
                tracing::error!(messageId = %SafeText::new(&message.id), "{}", SafeText::new(&why));
                failed.push(json!({"itemIdentifier": message.id}));
            }
        }
        json!({"batchItemFailures": failed})
    }
}

/// An exception that ended keeps nothing silent any more; whoever made it should know.
fn log_ended_exceptions(detector: &Detector, now: Timestamp) {
    for (exception, _) in detector.rules().exceptions().filter(|(exception, _)| !exception.holds_at(now)) {
        tracing::warn!(exception = %exception.id, owner = %exception.owner, "The exception \"{}\" ended on {} and keeps nothing silent any more", exception.title, exception.expires);
    }
}

/// What a queue message holds.
enum Content {
    Alert(Box<Alert>),
    Event(Record),
    NotForSlack,
    Unreadable(String),
}

impl Content {
    fn of(message: &Message) -> Self {
        if matches!(message.kind.as_deref(), Some("triage" | "probe")) {
            return Self::NotForSlack;
        }
        let value: Value = match serde_json::from_str(&message.body) {
            Ok(value) => value,
            Err(error) => return Self::Unreadable(format!("the message is not JSON: {error}")),
        };
        // A subscription without raw delivery wraps the alert in SNS's envelope.
        let value = match value.get("Message").and_then(Value::as_str) {
            Some(inner) => serde_json::from_str(inner).unwrap_or(Value::Null),
            None => value,
        };
        if value.get("version").is_some() && value.get("severity").is_some() {
            if value.get("version").and_then(Value::as_u64).is_none_or(|version| version > u64::from(VERSION))
            {
                return Self::Unreadable("an alert of a version that this function does not know".to_owned());
            }
            return match serde_json::from_value(value) {
                Ok(alert) => Self::Alert(Box::new(alert)),
                Err(error) => Self::Unreadable(format!("the alert can't be read: {error}")),
            };
        }
        match Input::parse(value) {
            Ok(Input::Event(record)) => Self::Event(record),
            Ok(Input::Batch(_)) => Self::Unreadable("a batch inside a message".to_owned()),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
