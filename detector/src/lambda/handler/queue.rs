//! A batch of the Slack queue, worked off in the order that [`Batch`] gives it: posts at Slack's pace
//! while there is time, and events that somebody feeds back. Whatever fails stays in the queue.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{HandlerError, Sentinel, Test};
use crate::lambda::batch::{Batch, Carried, Item};
use crate::lambda::input::{Input, Message};
use crate::lambda::metrics::Metrics;
use crate::lambda::slack::SlackError;
use crate::{Alert, SafeText};

/// After this much of an invocation no further post of a batch is begun: one that is cut off by
/// the function's timeout (60 s) would forget what it has told.
const POSTS: Duration = Duration::from_secs(45);
/// The same for events that are fed back, of which each may wait for SNS and for Slack.
const EVENTS: Duration = Duration::from_secs(30);

impl Sentinel {
    /// Messages of a queue: alerts and alarms for Slack, or failed events that are fed back. Each one
    /// that fails is named, so that SQS brings back that one alone.
    pub(super) async fn on_batch(&self, messages: Vec<Message>, metrics: &mut Metrics) -> Value {
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
