//! A batch of the Slack queue, worked off in the order that [`Batch`] gives it: posts at Slack's pace
//! while there is time, and events that somebody feeds back. Whatever fails stays in the queue.
//!
//! At the end the gap after the last post is waited out: SQS may give the next batch to another
//! instance, which knows nothing of this one's posts. So the pace holds for each batch that Lambda
//! serves at the same time, whatever instance serves it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{HandlerError, OnSnsFailure, Sentinel, Test};
use crate::lambda::batch::{Batch, Item, Queued};
use crate::lambda::input::{Input, Message};
use crate::lambda::metrics::Metrics;
use crate::lambda::slack::SlackError;
use crate::lambda::topic::TopicError;
use crate::{Alert, SafeText};

/// After this much of an invocation, less the gap that is waited out at the end, no further post of a
/// batch is begun: one that is cut off by the function's timeout (60 s) would forget what it has told.
const POSTS: Duration = Duration::from_secs(45);
/// The same for events that are fed back, of which each may wait for SNS.
const EVENTS: Duration = Duration::from_secs(30);

impl Sentinel {
    /// Messages of a queue: alerts and alarms for Slack, or failed events that are fed back. Each one
    /// that fails is named, so that SQS brings back that one alone.
    pub(super) async fn on_batch(&self, messages: Vec<Message>, metrics: &mut Metrics) -> Value {
        let start = Instant::now();
        let batch = Batch::of(messages, |alert| self.slack.wants(alert));
        let mut work = Work::new(start, POSTS.saturating_sub(self.slack.gap()));
        // They wait in the queue, where the alarm on its oldest message finds them.
        for (message, why) in batch.later {
            work.failed(vec![message], &why);
        }
        for item in batch.items {
            match item {
                Item::Alerts(alerts) => self.post_all(alerts, &mut work, metrics).await,
                Item::Alarm(health, message) => {
                    if let Some(stop) = work.slack_stops {
                        work.left(vec![message], stop);
                        continue;
                    }
                    let result = self.slack.post_alarm(&health, work.latest).await;
                    work.posted(result, vec![message], metrics);
                }
                Item::Event(input, message) => {
                    if let Err(why) = self.on_event_again(*input, &mut work, metrics).await {
                        work.failed(vec![message], &why);
                    }
                }
            }
        }
        // Last: where SQS does not answer, the posts are made already.
        for (message, why) in batch.unreadable {
            metrics.unreadable += 1;
            if start.elapsed() > POSTS {
                work.failed(
                    vec![message.id],
                    &format!("{why}; not moved to the dead-letter queue: out of time"),
                );
            } else {
                self.set_aside(message, &why, &mut work).await;
            }
        }
        self.slack.wait_out_the_gap().await;
        let failed: Vec<Value> = work.failed.iter().map(|id| json!({"itemIdentifier": id})).collect();
        json!({"batchItemFailures": failed})
    }

    /// Keeps what nobody can read in the dead-letter queue; where that does not take it, the Slack queue
    /// brings it again.
    async fn set_aside(&self, message: Message, why: &str, work: &mut Work) {
        match self.dead_letters.keep(&message.body, message.kind.as_deref(), why).await {
            Ok(()) => tracing::error!(messageId = %SafeText::new(&message.id),
                "unreadable message, moved to the Slack dead-letter queue: {}", SafeText::new(why)),
            Err(error) => {
                work.failed(
                    vec![message.id],
                    &format!("{why}; can't be moved to the dead-letter queue: {error}"),
                );
            }
        }
    }

    /// One post about these. What Slack takes neither with blocks nor as text it may take one by one.
    async fn post_all(&self, alerts: Vec<Queued>, work: &mut Work, metrics: &mut Metrics) {
        let list: Vec<&Alert> = alerts.iter().map(|carried| &*carried.alert).collect();
        if list.len() > 1 && work.slack_stops.is_none() {
            match self.slack.post_digest(&list, work.latest).await {
                Err(SlackError::Payload { .. }) => metrics.slack_failed += 1,
                result => {
                    let messages = alerts.into_iter().flat_map(|carried| carried.messages).collect();
                    return work.posted(result, messages, metrics);
                }
            }
        }
        for Queued { alert, messages } in alerts {
            if let Some(stop) = work.slack_stops {
                work.left(messages, stop);
                continue;
            }
            let result = self.slack.post_alert(&alert, work.latest).await;
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
            return Err("SNS unavailable: the queue retries".to_owned());
        }
        if work.start.elapsed() > EVENTS {
            return Err("batch out of time: the queue retries the rest".to_owned());
        }
        let result = match input {
            Input::Event(record) => self.on_record(&record, None, OnSnsFailure::Wait, metrics).await,
            Input::Test(record, sent) => {
                self.on_record(&record, Some(Test { sent }), OnSnsFailure::Wait, metrics).await
            }
            Input::Canary(_) => {
                tracing::info!("Old canary received again: ignored");
                return Ok(());
            }
            // `Content` lets none through.
            Input::Batch(_) => return Err("batch nested in a message".to_owned()),
        };
        // An alert that does not fit says nothing of SNS.
        work.topic_is_down = matches!(result, Err(HandlerError::Topic(TopicError::Publish(_), _)));
        result.map(drop).map_err(|error| error.to_string())
    }
}

/// Reason why nothing more is posted in a batch.
#[derive(Debug, Clone, Copy)]
enum Stop {
    /// Slack did not take the last one.
    Down,
    /// The time that a batch has is over.
    Busy,
}

/// Progress of a batch.
struct Work {
    start: Instant,
    latest: Instant,
    slack_stops: Option<Stop>,
    topic_is_down: bool,
    failed: Vec<String>,
}

impl Work {
    fn new(start: Instant, posts: Duration) -> Self {
        Self { start, latest: start + posts, slack_stops: None, topic_is_down: false, failed: Vec::new() }
    }

    fn posted(&mut self, result: Result<(), SlackError>, messages: Vec<String>, metrics: &mut Metrics) {
        let Err(error) = result else { return };
        self.slack_stops = match error {
            // A batch that is too large for the pace is nobody's failure.
            SlackError::Busy => return self.left(messages, Stop::Busy),
            // An error in this message alone must not hold up the others.
            SlackError::Payload { .. } => None,
            _ => Some(Stop::Down),
        };
        metrics.slack_failed += 1;
        self.failed(messages, &error.to_string());
    }

    /// Not tried: the queue brings these again.
    fn left(&mut self, messages: Vec<String>, stop: Stop) {
        self.slack_stops = Some(stop);
        match stop {
            Stop::Down => {
                self.failed(messages, "Slack unavailable: the queue retries");
            }
            Stop::Busy => {
                let first = messages.first().map(String::as_str).unwrap_or_default();
                tracing::info!(messageId = %SafeText::new(first), messages = messages.len(), "{}", SlackError::Busy);
                self.failed.extend(messages);
            }
        }
    }

    fn failed(&mut self, messages: Vec<String>, why: &str) {
        let first = messages.first().map(String::as_str).unwrap_or_default();
        tracing::error!(messageId = %SafeText::new(first), messages = messages.len(), "{}", SafeText::new(why));
        self.failed.extend(messages);
    }
}
