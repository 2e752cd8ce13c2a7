//! An SQS queue, long-polled for ever: receive, store, and only then delete. It is seldom asked for the
//! number of messages in it (`backlog`), and the way to it is seldom tried (`probe`). Triage on this console
//! goes to other consoles (`triage_publisher`); messages that are stored are deleted beside the loop (`deleter`).
//!
//! Receiving and storing are two things that can fail. While nothing can be stored nothing is received:
//! the batch is held and tried again, so that the messages stay in the queue, where they are safe for days,
//! and the state that is told is always the worse of the two.

mod backlog;
mod deleter;
mod probe;
mod triage_publisher;

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use detector::{Link, SafeText};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, mpsc};

use crate::aws::{Aws, Call, Refusal, identity};
use crate::model::{Event, Identity, SourceStatus};
use crate::source::message::{ATTRIBUTES, Attributes, Read};
use crate::source::sqs::backlog::{Answer, BacklogEstimate, Brought};
use crate::source::sqs::deleter::Deleter;
use crate::source::sqs::probe::{Prober, ProberHandle, Received};
use crate::source::topic::Topic;
use crate::source::{TopicSettings, message, topic};
use crate::store::{AlarmChange, Store, StoreError};

/// Both are the most that SQS allows.
const BATCH: i32 = 10;
const LONG_POLL: i32 = 20;
const SHORT_POLL: i32 = 1;
/// Longest wait for the number of messages in the queue: it must not hold up the next receive for long.
const NICE_TO_KNOW: Duration = Duration::from_secs(2);
/// Longest pause after an answer that nothing has come, and that came before its time.
const LONGEST_UNWAITED: Duration = Duration::from_secs(1);
/// Wait for the first answer after which it is said that there is none yet.
const SLOW: Duration = Duration::from_secs(5);
/// The waits between tries that fail: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest wait for a database that can't be written: whoever has made room is watching.
const LONGEST_STORE_WAIT: Duration = Duration::from_secs(8);

/// End of receiving.
#[derive(Debug)]
pub(crate) enum Until {
    /// As long as the console runs; a wait before the next try can be ended.
    TheEnd(Retry),
    /// Until a receive brings nothing.
    Empty,
    /// Until this message has come.
    Came(Awaited),
}

/// A message that somebody waits for.
#[derive(Debug)]
pub(crate) struct Awaited {
    /// Text that is in its body and in no other's.
    pub(crate) text: String,
    /// Gets the time at which it was sent to the queue, as soon as it is stored and deleted.
    pub(crate) sent_at: mpsc::UnboundedSender<Option<Timestamp>>,
}

/// Ends the wait before the next try, which all clones share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Retry(Arc<Notify>);

impl Retry {
    /// Ends the wait that is on; without one it does nothing.
    pub(crate) fn now(&self) {
        self.0.notify_waiters();
    }
}

/// Receives, stores and deletes, and tells the app how it is doing.
pub(crate) async fn run(
    queue_url: String,
    aws: Aws,
    topic: Option<TopicSettings>,
    store: Store,
    events: mpsc::Sender<Event>,
    until: Until,
) {
    tokio::spawn(send_identity(aws.clone(), events.clone()));
    let console = topic::names(&queue_url).1.to_owned();
    let prober = topic.and_then(|settings| {
        let topic = Topic::new(&aws.config, settings.arn);
        tokio::spawn(triage_publisher::run(topic.clone(), store.clone(), events.clone()));
        let every = settings.probe_every?;
        let (prober, handle) = Prober::new(topic, every, console.clone(), store.clone(), events.clone());
        tokio::spawn(prober.run());
        Some(handle)
    });
    let client = aws.sqs();
    let deleter = Deleter::start(client.clone(), queue_url.clone(), events.clone());
    let host = aws.host(&queue_url);
    // SQS may give a message to a poll that nobody waits for any more, and hides it for a minute then:
    // what ends soon polls for short.
    let poll = if matches!(until, Until::TheEnd(_)) { LONG_POLL } else { SHORT_POLL };
    let is_short = matches!(until, Until::Empty);
    let (awaited, retry) = match until {
        Until::TheEnd(retry) => (None, retry),
        Until::Empty => (None, Retry::default()),
        Until::Came(awaited) => (Some(awaited), Retry::default()),
    };
    let queue =
        Queue { client, url: queue_url, host, console, store, events, prober, deleter, awaited, retry };
    let mut failures = 0_u32;
    let mut last_receive = None;
    let mut backlog = BacklogEstimate::default();
    // A short first poll: an empty queue answers within a second, and the screen can say "live".
    let mut wait = 1;
    let (mut is_over, mut is_empty);
    loop {
        let asked = Instant::now();
        let received = queue.receive_at(last_receive, wait).await;
        if let Some(prober) = &queue.prober {
            prober.read(match &received {
                Ok(messages) if messages.is_empty() => Received::Empty,
                Ok(_) => Received::Busy,
                Err(_) => Received::Failed,
            });
        }
        let health = match received {
            Ok(messages) => {
                failures = 0;
                is_empty = messages.is_empty();
                let Some(came) = queue.keep(&messages, last_receive).await else { return };
                is_over = came || (is_short && messages.is_empty());
                let now = Timestamp::now();
                last_receive = Some(now);
                let oldest = messages.iter().filter_map(sent).min();
                if backlog.received(Brought { messages: messages.len(), oldest }, now) {
                    backlog.answered(queue.messages().await, now);
                }
                SourceStatus::Live { last_receive: now, backlog: backlog.backlog() }
            }
            Err(why) => {
                tracing::warn!("{}", SafeText::new(&why));
                let pause = back_off(failures, LONGEST_WAIT);
                failures = failures.saturating_add(1);
                if queue.report_and_wait(why, pause, last_receive).await.is_none() {
                    return;
                }
                continue;
            }
        };
        let has_ended = queue.events.send(Event::Source(health)).await.is_err();
        if is_over {
            queue.deleter.done().await;
        }
        if has_ended || is_over {
            return;
        }
        if is_empty {
            // SQS waits with the answer; who does not is a proxy or an emulator, and would be asked without end.
            let unwaited = Duration::from_secs(wait.unsigned_abs().into()).saturating_sub(asked.elapsed());
            tokio::time::sleep(unwaited.min(LONGEST_UNWAITED)).await;
        }
        wait = poll;
    }
}

/// Tells whose credentials are used. Nothing waits for it.
async fn send_identity(aws: Aws, events: mpsc::Sender<Event>) {
    let identity: Identity = identity(&aws).await;
    drop(events.send(Event::Identity(identity)).await);
}

struct Queue {
    client: Client,
    url: String,
    /// Its console's name.
    console: String,
    /// Host that is asked, as far as it is known.
    host: Option<String>,
    store: Store,
    events: mpsc::Sender<Event>,
    /// None where there are no probes.
    prober: Option<ProberHandle>,
    deleter: Deleter,
    awaited: Option<Awaited>,
    retry: Retry,
}

/// A batch, told apart.
#[derive(Default)]
struct Sorted {
    entries: Vec<crate::model::Incoming>,
    alarms: Vec<crate::model::Alarm>,
    links: Vec<Link>,
    triage: Vec<crate::model::TriageEvent>,
    /// Ids of probes that another program on this database may wait for.
    probes: Vec<String>,
}

impl Queue {
    /// Receives, and says so where the first answer does not come soon.
    async fn receive_at(&self, last: Option<Timestamp>, wait: i32) -> Result<Vec<Message>, String> {
        let receive = self.receive(wait);
        tokio::pin!(receive);
        if last.is_none() {
            tokio::select! {
                received = &mut receive => return received,
                () = tokio::time::sleep(SLOW) => {
                    let host = self.host.as_deref().unwrap_or("SQS");
                    let words = format!("no answer yet from {host}, or from whoever gives the credentials; still waiting");
                    // The console may have ended meanwhile.
                    drop(self.events.send(Event::Notice(words)).await);
                }
            }
        }
        receive.await
    }

    async fn receive(&self, wait: i32) -> Result<Vec<Message>, String> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(wait)
            .set_message_attribute_names(Some(ATTRIBUTES.map(str::to_owned).to_vec()))
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(|error| self.explain(&Refusal::of(&error), "sqs:ReceiveMessage"))?;
        Ok(answer.messages.unwrap_or_default())
    }

    /// Remedy for a call that did not work, with the host that was asked.
    fn explain(&self, why: &Refusal, action: &str) -> String {
        let service = self.host.as_ref().map_or_else(|| "SQS".to_owned(), |host| format!("SQS at {host}"));
        why.explain(Call { service: &service, action, on: &self.url })
    }

    /// Reports what is wrong, and waits; `None` where the console has ended.
    async fn report_and_wait(
        &self,
        why: String,
        pause: Duration,
        last_receive: Option<Timestamp>,
    ) -> Option<()> {
        let next = Timestamp::now() + SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
        self.events.send(Event::Source(SourceStatus::Retrying { why, next, last_receive })).await.ok()?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.retry.0.notified() => {}
        }
        Some(())
    }

    /// Stores the messages, however long it takes, and then has them deleted. Returns true where the one that
    /// somebody waits for was among them; `None` where the console has ended.
    async fn keep(&self, messages: &[Message], last_receive: Option<Timestamp>) -> Option<bool> {
        if messages.is_empty() {
            return Some(false);
        }
        let sorted = self.sort(messages).await?;
        let mut failures = 0;
        while let Err(error) = self.store(&sorted).await {
            if matches!(error, StoreError::Stopped) {
                return None;
            }
            let pause = back_off(failures, LONGEST_STORE_WAIT);
            failures = failures.saturating_add(1);
            self.report_and_wait(error.to_string(), pause, last_receive).await?;
        }
        self.deleter.delete(messages);
        let mut found_awaited = false;
        if let Some(awaited) = &self.awaited {
            let is_it = |message: &&Message| message.body().is_some_and(|body| body.contains(&awaited.text));
            let found: Vec<_> = messages.iter().filter(is_it).collect();
            found_awaited = !found.is_empty();
            if found_awaited {
                // Whoever waited ends the process.
                self.deleter.done().await;
            }
            // Whoever waited may be gone by now.
            for message in found {
                let _ = awaited.sent_at.send(sent(message));
            }
        }
        Some(found_awaited)
    }

    /// Tells apart what came, and answers what needs no storing.
    async fn sort(&self, messages: &[Message]) -> Option<Sorted> {
        let now = Timestamp::now();
        let received_at = tokio::time::Instant::now();
        let mut sorted = Sorted::default();
        for message in messages {
            let id = message.message_id().unwrap_or("without-id");
            match message::read(id, attributes(message), message.body().unwrap_or_default(), now) {
                Read::Entry(entry) => sorted.entries.push(entry),
                Read::Alarm(alarm) => sorted.alarms.push(alarm),
                Read::Link(link) => sorted.links.push(*link),
                Read::Triage(Some(event)) => sorted.triage.push(event),
                Read::Triage(None) => tracing::warn!(
                    message = id,
                    "unsupported triage message from another console: update sentinel-tui"
                ),
                Read::Probe(probe) => {
                    let is_ours = self.prober.as_ref().is_some_and(|prober| prober.came(&probe, received_at));
                    // Somebody on this machine may wait for it: `doctor`.
                    if !is_ours && probe.console == self.console {
                        sorted.probes.push(probe.id);
                    }
                }
                Read::PipelineProbe(probe) => self.events.send(Event::PipelineProbe(probe)).await.ok()?,
                Read::Unknown(kind) => {
                    let kind = SafeText::new(&kind);
                    tracing::info!(message = id, %kind, "unsupported message kind");
                    self.events.send(Event::UnknownKind(kind)).await.ok()?;
                }
            }
        }
        Some(sorted)
    }

    /// Stores the messages. One that is not stored is not deleted, and SQS brings it again; one that is
    /// stored twice is there once.
    async fn store(&self, sorted: &Sorted) -> Result<(), StoreError> {
        if !sorted.entries.is_empty() {
            self.store.insert(sorted.entries.clone()).await?;
        }
        if !sorted.links.is_empty() {
            self.store.insert_links(sorted.links.clone()).await?;
        }
        if !sorted.alarms.is_empty() {
            self.store.alarms(AlarmChange::Came(sorted.alarms.clone())).await?;
        }
        if !sorted.triage.is_empty() {
            self.store.apply_remote(sorted.triage.clone()).await?;
        }
        for probe in &sorted.probes {
            self.store.alarms(AlarmChange::Probe(probe.clone())).await?;
        }
        Ok(())
    }

    /// Asks the queue for the approximate number of messages that wait, and does not wait long for the
    /// answer.
    async fn messages(&self) -> Answer {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        match tokio::time::timeout(NICE_TO_KNOW, asked.send()).await {
            Ok(Ok(answer)) => {
                let messages = answer.attributes.as_ref().and_then(|attributes| attributes.get(&name));
                messages.and_then(|messages| messages.parse().ok()).map_or(Answer::None, Answer::Messages)
            }
            Ok(Err(error)) => {
                tracing::info!("can't read the number of waiting messages: {}", DisplayErrorContext(&error));
                let refused = error.code().is_some_and(|code| code.contains("AccessDenied"));
                if refused { Answer::Refused } else { Answer::None }
            }
            Err(_) => Answer::None,
        }
    }
}

/// Returns the time at which a message was sent to the queue; `None` where SQS does not say.
fn sent(message: &Message) -> Option<Timestamp> {
    let millis = message.attributes()?.get(&MessageSystemAttributeName::SentTimestamp)?;
    Timestamp::from_millisecond(millis.parse().ok()?).ok()
}

/// Attributes that tell who published a message, and its kind.
pub(crate) fn attributes(message: &Message) -> Attributes<'_> {
    let text = |name: &str| Some(message.message_attributes()?.get(name)?.string_value().unwrap_or_default());
    Attributes { kind: text("kind"), sender: text("sender") }
}

/// Doubles up to the longest, less up to a quarter by chance, so that many consoles that lost one
/// network do not come back in step.
fn back_off(failures: u32, longest: Duration) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(6)).min(longest);
    let chance = f64::from(Timestamp::now().subsec_nanosecond().unsigned_abs() % 1_000) / 1_000.0;
    whole.mul_f64(1.0 - chance / 4.0)
}

#[cfg(test)]
mod tests;
