//! One invocation: what it is given, detected, told, and what is said when telling fails.
//!
//! SNS comes first, so that the consoles have an alert whatever Slack does. A failure is an error of
//! the invocation: Lambda tries again, and then keeps the event on the failure queue.

use std::time::{Duration, Instant};

use aws_config::timeout::TimeoutConfig;
use jiff::Timestamp;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};

use super::batch::{Batch, Carried, Item};
use super::input::{Input, InputError, Message};
use super::metrics::{Metrics, lag};
use super::seen::Seen;
use super::settings::{Settings, SlackDelivery};
use super::slack::{Slack, SlackError};
use super::topic::{Topic, TopicError};
use crate::{Alert, Detector, Record, Rules, SafeText, rules};

/// A call to AWS, with its retries. An SNS that hangs must leave time to tell Slack.
const AWS_CALL: Duration = Duration::from_secs(8);
const CONNECT: Duration = Duration::from_secs(3);
/// After this much of an invocation no further post of a batch is begun: one that is cut off by
/// the function's timeout (60 s) would forget what it has told.
const POSTS: Duration = Duration::from_secs(45);
/// The same for events that are fed back, of which each may wait for SNS and for Slack.
const EVENTS: Duration = Duration::from_secs(30);
/// A post outside a batch: how long it may wait for its turn, and all its tries together.
const TURN: Duration = Duration::from_secs(5);
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
    Unreadable(#[from] InputError),
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
        let ssm = aws_sdk_ssm::Client::new(&aws);
        let slack = Slack::new(settings.webhook, settings.min_severity, settings.pace, ssm)
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
        let now = Timestamp::now();
        let result = match Input::parse(input) {
            Ok(Input::Event(record)) => self.on_record(&record, None, &mut metrics).await,
            Ok(Input::Test(record, sent)) => self.on_record(&record, Some(Test { sent }), &mut metrics).await,
            Ok(Input::Canary(sent)) => Ok(on_canary(sent, now, &mut metrics)),
            Ok(Input::Batch(messages)) => Ok(self.on_batch(messages, &mut metrics).await),
            Err(error) => {
                metrics.unreadable += 1;
                Err(error.into())
            }
        };
        if let Err(error) = &result {
            tracing::error!("{}", SafeText::new(&error.to_string()));
        }
        metrics.slack_posts = self.slack.taken();
        if let Some(line) = metrics.line(&self.function, Timestamp::now()) {
            println!("{line}");
        }
        result
    }

    async fn on_record(
        &self,
        record: &Record,
        test: Option<Test>,
        metrics: &mut Metrics,
    ) -> Result<Value, HandlerError> {
        let now = Timestamp::now();
        if test.is_some() {
            metrics.tests += 1
        } else {
            metrics.events += 1
        }
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
                tracing::info!("Ignored event: \"{event}\"");
                return Ok(json!({"event": record.event_name(), "severity": null}));
            }
            (None, Some(_)) => {
                let why = match detection.silenced.first() {
                    Some((rule, exception)) => {
                        format!("the exception \"{}\" keeps \"{}\" silent", exception.title, rule.title)
                    }
                    None => "no rule raises an alert for it".to_owned(),
                };
                tracing::warn!("Test event \"{event}\": nobody is told, since {}", SafeText::new(&why));
                return Ok(json!({"event": record.event_name(), "severity": null, "test": true, "why": why}));
            }
        };
        if !alert.test {
            metrics.alerts += 1;
            metrics.detection_lag_ms.extend(record.event_time().map(|time| lag(time, now)));
        }
        self.tell(&alert, metrics).await?;
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
        let post = self.slack.tell(alert, Instant::now() + TURN);
        let result = tokio::time::timeout(POST, post).await.map_err(late).flatten();
        metrics.slack_failed += u64::from(result.is_err());
        result
    }

    /// Messages of a queue: alerts and alarms for Slack, or failed events that are fed back. Each one
    /// that fails is named, so that SQS brings back that one alone.
    async fn on_batch(&self, messages: Vec<Message>, metrics: &mut Metrics) -> Value {
        let start = Instant::now();
        let batch = Batch::of(messages, |alert| self.slack.wants(alert));
        let mut work = Work::new(start);
        for (message, why) in batch.unreadable {
            metrics.unreadable += 1;
            work.failed(vec![message], &why);
        }
        for item in batch.items {
            match item {
                Item::Alerts(alerts) => self.post_all(alerts, &mut work, metrics).await,
                Item::Alarm(health, message) => {
                    if work.slack_is_down {
                        work.failed(vec![message], SLACK_IS_DOWN);
                        continue;
                    }
                    let result = self.slack.tell_alarm(&health, work.latest).await;
                    work.posted(result, vec![message], metrics);
                }
                Item::Event(input, message) => {
                    if let Err(why) = self.on_event_again(*input, &mut work, metrics).await {
                        work.failed(vec![message], &why);
                    }
                }
            }
        }
        let failed: Vec<Value> = work.failed.iter().map(|id| json!({"itemIdentifier": id})).collect();
        json!({"batchItemFailures": failed})
    }

    /// One post about these. What Slack takes neither with blocks nor as text it may take one by one.
    async fn post_all(&self, alerts: Vec<Carried>, work: &mut Work, metrics: &mut Metrics) {
        let list: Vec<&Alert> = alerts.iter().map(|carried| &*carried.alert).collect();
        if list.len() > 1 && !work.slack_is_down {
            match self.slack.tell_together(&list, work.latest).await {
                Err(SlackError::Payload { .. }) => metrics.slack_failed += 1,
                result => {
                    let messages = alerts.into_iter().flat_map(|carried| carried.messages).collect();
                    return work.posted(result, messages, metrics);
                }
            }
        }
        for Carried { alert, messages } in alerts {
            if work.slack_is_down {
                work.failed(messages, SLACK_IS_DOWN);
                continue;
            }
            let result = self.slack.tell(&alert, work.latest).await;
            work.posted(result, messages, metrics);
        }
    }

    /// An event out of a queue: somebody has fed it back.
    async fn on_event_again(
        &self,
        input: Input,
        work: &mut Work,
        metrics: &mut Metrics,
    ) -> Result<(), String> {
        if work.topic_is_down {
            return Err("SNS is not taking alerts now: the queue brings it again".to_owned());
        }
        if work.start.elapsed() > EVENTS {
            return Err("this batch takes too long: the queue brings the rest again".to_owned());
        }
        let result = match input {
            Input::Event(record) => self.on_record(&record, None, metrics).await,
            Input::Test(record, sent) => self.on_record(&record, Some(Test { sent }), metrics).await,
            Input::Canary(_) => {
                tracing::info!("An old canary was fed back: it proves nothing now, and is done");
                return Ok(());
            }
            // `Content` lets none through.
            Input::Batch(_) => return Err("a batch inside a message".to_owned()),
        };
        work.topic_is_down = matches!(result, Err(HandlerError::Topic(..)));
        result.map(drop).map_err(|error| error.to_string())
    }
}

/// What makes a record a test: its envelope, which knows a time.
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

const SLACK_IS_DOWN: &str = "Slack is not taking messages now: the queue brings it again";

/// How far a batch has come.
struct Work {
    start: Instant,
    latest: Instant,
    slack_is_down: bool,
    topic_is_down: bool,
    failed: Vec<String>,
}

impl Work {
    fn new(start: Instant) -> Self {
        Self { start, latest: start + POSTS, slack_is_down: false, topic_is_down: false, failed: Vec::new() }
    }

    fn posted(&mut self, result: Result<(), SlackError>, messages: Vec<String>, metrics: &mut Metrics) {
        let Err(error) = result else { return };
        // What is wrong with this message alone must not hold up the others, and a batch that is too
        // large for the pace is nobody's failure.
        self.slack_is_down = !matches!(error, SlackError::Payload { .. });
        metrics.slack_failed += u64::from(!matches!(error, SlackError::Busy));
        self.failed(messages, &error.to_string());
    }

    fn failed(&mut self, messages: Vec<String>, why: &str) {
        let first = messages.first().map(String::as_str).unwrap_or_default();
        tracing::error!(messageId = %SafeText::new(first), messages = messages.len(), "{}", SafeText::new(why));
        self.failed.extend(messages);
    }
}

/// An exception that ended keeps nothing silent any more; whoever made it should know.
fn log_ended_exceptions(detector: &Detector, now: Timestamp) {
    for (exception, _) in detector.rules().exceptions().filter(|(exception, _)| !exception.holds_at(now)) {
        tracing::warn!(exception = %exception.id, owner = %exception.owner, "The exception \"{}\" ended on {} and keeps nothing silent any more", exception.title, exception.expires);
    }
}

#[cfg(test)]
mod tests;
