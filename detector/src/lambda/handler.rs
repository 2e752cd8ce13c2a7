//! One invocation: what it is given, detected, told, and what is said when telling fails.
//!
//! SNS comes first, so that the consoles have an alert whatever Slack does. A failure is an error of
//! the invocation: Lambda tries again, and then keeps the event on the failure queue.

use std::time::{Duration, Instant};

use aws_config::timeout::TimeoutConfig;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use super::dead_letters::DeadLetters;
use super::input::{Input, InputError};
use super::metrics::{Metrics, lag};
use super::probing::Probing;
use super::seen::Seen;
use super::settings::{Links, Settings, SlackDelivery};
use super::slack::{Slack, SlackError};
use super::topic::{Topic, TopicError};
use crate::{Alert, Detector, Record, Rules, SafeText, rules};

/// A call to AWS, with its retries. An SNS that hangs must leave time to tell Slack.
const AWS_CALL: Duration = Duration::from_secs(8);
const CONNECT: Duration = Duration::from_secs(3);
/// A post outside a batch: how long it may wait for its turn, and all its tries together.
const TURN: Duration = Duration::from_secs(5);
const POST: Duration = Duration::from_secs(12);

/// The function's whole state, made once a process.
#[derive(Debug)]
pub struct Sentinel {
    detector: Detector,
    topic: Option<Topic>,
    links: Option<LinkTopic>,
    published: Seen,
    probing: Probing,
    dead_letters: DeadLetters,
    slack: Slack,
    delivery: SlackDelivery,
    function: String,
}

/// Reason why an invocation failed. Its text goes into the log and onto the failure queue.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// The input is nothing that the function knows.
    #[error("unreadable input, moved to the failure queue: {0}")]
    Unreadable(#[from] InputError),
    /// SNS did not get the alert. Slack was told at once, if it could be and no queue has the event.
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
    /// Returns an error where a client can't be made.
    pub async fn new(settings: Settings) -> Result<Self, HandlerError> {
        settings.log_what_is_missing();
        let http = super::tls::aws_client(|name| std::env::var(name).ok());
        let timeouts = TimeoutConfig::builder().connect_timeout(CONNECT).operation_timeout(AWS_CALL).build();
        let aws = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .http_client(http)
            .timeout_config(timeouts)
            .load()
            .await;
        let ssm = aws_sdk_ssm::Client::new(&aws);
        let slack =
            Slack::new(settings.webhook, settings.webhook_hosts, settings.min_severity, settings.pace, ssm)
                .map_err(|error| HandlerError::Start(error.to_string()))?;
        slack.warm_up().await;
        let delivery = if settings.topic.is_some() { settings.delivery } else { SlackDelivery::Direct };
        let detector = Detector::new(Rules::default(), rules::built_in_watched().and(settings.watched));
        log_ended_exceptions(&detector, Timestamp::now());
        Ok(Self {
            detector,
            topic: settings.topic.map(|arn| Topic::new(aws_sdk_sns::Client::new(&aws), arn)),
            links: settings.links.map(|links| LinkTopic::new(aws_sdk_sns::Client::new(&aws), links)),
            published: Seen::default(),
            probing: Probing::new(settings.canary_minutes),
            dead_letters: DeadLetters::new(aws_sdk_sqs::Client::new(&aws), settings.dead_letter_queue),
            slack,
            delivery,
            function: settings.function,
        })
    }

    /// Serves one invocation, and writes its metrics.
    ///
    /// # Errors
    /// Returns an error where the input can't be read or somebody could not be told.
    pub async fn handle(&self, input: Value) -> Result<Value, HandlerError> {
        let mut metrics = Metrics::default();
        let result = self.serve(input, &mut metrics).await;
        if let Err(error) = &result {
            tracing::error!("{}", SafeText::new(&error.to_string()));
        }
        if let Some(line) = metrics.line(&self.function, Timestamp::now()) {
            println!("{line}");
        }
        result
    }

    async fn serve(&self, input: Value, metrics: &mut Metrics) -> Result<Value, HandlerError> {
        let result = match Input::parse(input) {
            Ok(Input::Event(record)) => self.on_record(&record, None, OnSnsFailure::TellSlack, metrics).await,
            Ok(Input::Test(record, sent)) => {
                self.on_record(&record, Some(Test { sent }), OnSnsFailure::TellSlack, metrics).await
            }
            Ok(Input::Canary(sent)) => {
                self.publish_probe(metrics).await;
                Ok(on_canary(sent, Timestamp::now(), metrics))
            }
            Ok(Input::Batch(messages)) => Ok(self.on_batch(messages, metrics).await),
            Err(error) => {
                metrics.unreadable += 1;
                Err(error.into())
            }
        };
        metrics.slack_posts += self.slack.taken();
        result
    }

    async fn on_record(
        &self,
        record: &Record,
        test: Option<Test>,
        on_failure: OnSnsFailure,
        metrics: &mut Metrics,
    ) -> Result<Value, HandlerError> {
        let now = Timestamp::now();
        metrics.tests += u64::from(test.is_some());
        metrics.events += u64::from(test.is_none());
        let detection = self.detector.detect(record, now);
        for (rule, exception) in &detection.silenced {
            metrics.silenced += u64::from(test.is_none());
            tracing::info!(rule = %rule.id, exception = %exception.id, owner = %exception.owner, eventId = %SafeText::new(record.event_id().unwrap_or_default()),
                "Kept silent by an exception: \"{}\"", SafeText::new(&rule.title));
        }
        let event = SafeText::new(record.event_name());
        let alert = match (detection.alert, test) {
            (Some(alert), None) => alert,
            (Some(alert), Some(Test { sent })) => {
                let time = alert.time.or(sent);
                Alert { time, ..alert.into_test() }
            }
            (None, None) => {
                self.publish_link(record, metrics).await;
                tracing::info!("Ignored event: \"{event}\"");
                return Ok(json!({"event": record.event_name(), "severity": null}));
            }
            (None, Some(_)) => {
                let why = match detection.silenced.first() {
                    Some((rule, exception)) => {
                        format!("\"{}\" is suppressed by the exception \"{}\"", rule.title, exception.title)
                    }
                    None => "no rule matches".to_owned(),
                };
                tracing::warn!("Test event \"{event}\": no alert, {}", SafeText::new(&why));
                return Ok(json!({"event": record.event_name(), "severity": null, "test": true, "why": why}));
            }
        };
        if !alert.test {
            metrics.alerts += 1;
            metrics.detection_lag_ms.extend(record.event_time().map(|time| lag(time, now)));
        }
        self.deliver(&alert, on_failure, metrics).await?;
        let rule = alert.rules.first().map(|rule| rule.id.as_str());
        tracing::info!(severity = %alert.severity, eventId = %SafeText::new(&alert.id.0), rule, test = alert.test, "{}", SafeText::new(&alert.summary));
        let mut answer = json!({
            "event": alert.event, "severity": alert.severity, "id": alert.id, "title": alert.title,
            "summary": alert.summary, "reasons": alert.reasons,
        });
        if let Some(answer) = answer.as_object_mut().filter(|_| alert.test) {
            answer.insert("test".to_owned(), true.into());
        }
        Ok(answer)
    }

    async fn deliver(
        &self,
        alert: &Alert,
        on_failure: OnSnsFailure,
        metrics: &mut Metrics,
    ) -> Result<(), HandlerError> {
        if let Some(topic) = &self.topic
            && !self.published.has(&alert.id)
        {
            if let Err(error) = topic.publish(alert).await {
                metrics.sns_failed += 1;
                let slack = match on_failure {
                    OnSnsFailure::Wait => "not notified, the queue retries the event".to_owned(),
                    OnSnsFailure::TellSlack => match self.post(alert, metrics).await {
                        Ok(()) => "notified".to_owned(),
                        Err(error) => error.to_string(),
                    },
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

    /// Publishes the link that a record is, which is no alert. One that SNS does not take is dropped: it must neither
    /// delay nor repeat an alert, and a console that misses it shows two incidents instead of one.
    async fn publish_link(&self, record: &Record, metrics: &mut Metrics) {
        let Some(LinkTopic { topic, machines, account }) = &self.links else { return };
        let link = self.detector.link(record, |of| of == account);
        let Some(link) = link.filter(|link| link.class.is_published(*machines)) else { return };
        if let Err(error) = topic.publish_link(&link).await {
            metrics.links_failed += 1;
            tracing::error!(eventId = %SafeText::new(&link.id.0), "can't publish a link: {}", SafeText::new(&error.to_string()));
        }
    }

    /// Shows each console that its queue hears the topic of alerts. That SNS does not take it is counted
    /// like an alert that it does not take, and fails no canary: that one proves the way to here.
    async fn publish_probe(&self, metrics: &mut Metrics) {
        let Some(topic) = &self.topic else { return };
        let Some(probe) = self.probing.due(&self.function, Timestamp::now()) else { return };
        if let Err(error) = topic.publish_probe(&probe).await {
            metrics.sns_failed += 1;
            tracing::error!("can't publish the consoles' probe: {}", SafeText::new(&error.to_string()));
        }
    }

    async fn post(&self, alert: &Alert, metrics: &mut Metrics) -> Result<(), SlackError> {
        let late = |_| SlackError::Network(format!("timeout after {} s", POST.as_secs()));
        let post = self.slack.post_alert(alert, Instant::now() + TURN);
        let result = tokio::time::timeout(POST, post).await.map_err(late).flatten();
        metrics.slack_failed += u64::from(result.is_err());
        result
    }
}

/// The topic that links are published to.
#[derive(Debug)]
struct LinkTopic {
    topic: Topic,
    /// True where links of instances, functions and pods are published too.
    machines: bool,
    /// The account of the topic and the function, whose own records come too.
    account: String,
}

impl LinkTopic {
    fn new(client: aws_sdk_sns::Client, links: Links) -> Self {
        let account = links.topic.split(':').nth(4).unwrap_or_default().to_owned();
        Self { topic: Topic::new(client, links.topic), machines: links.machines, account }
    }
}

/// Action for an alert that SNS does not take.
#[derive(Debug, Clone, Copy)]
enum OnSnsFailure {
    /// No queue will bring it to Slack now, so it goes there at once.
    TellSlack,
    /// The event is safe in a queue, which brings it again every few minutes, to any instance: each of
    /// them would tell Slack anew.
    Wait,
}

/// Mark of a test: the envelope around its record, which holds the time of sending.
struct Test {
    sent: Option<Timestamp>,
}

/// A sign of life: counted, and nobody is told.
fn on_canary(sent: Option<Timestamp>, now: Timestamp, metrics: &mut Metrics) -> Value {
    let lag = sent.map(|sent| lag(sent, now));
    metrics.canaries += 1;
    metrics.canary_lag_ms.extend(lag);
    tracing::info!(lagMs = lag, "Canary: EventBridge reaches the function");
    json!({"canary": true, "lagMs": lag})
}

/// An exception that ended keeps nothing silent any more; whoever made it should know.
fn log_ended_exceptions(detector: &Detector, now: Timestamp) {
    for (exception, _) in detector.rules().exceptions().filter(|(exception, _)| !exception.holds_at(now)) {
        tracing::warn!(exception = %exception.id, owner = %exception.owner,
            "The exception \"{}\" ended on {} and no longer applies", exception.title, exception.expires);
    }
}

mod queue;

#[cfg(test)]
mod tests;
