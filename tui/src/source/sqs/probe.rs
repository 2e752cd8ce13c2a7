//! The console's own leg of the pipeline, proven: now and then a probe is published to the topic, and
//! must come back through this console's queue. It is published only while the queue can be read, and
//! wakes the console for itself and its answer, and for nothing else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::model::{Event, ProbeStatus};
use crate::source::console_message::Probe;
use crate::source::topic::{self, Topic};
use crate::store::Store;

/// From the topic to the queue takes well under a second; the rest is for a busy minute.
const PATIENCE: Duration = Duration::from_secs(20);
/// From a probe that could not be published for want of an answer to the next.
const AGAIN: Duration = Duration::from_secs(60);

/// Link from the receiving loop to the prober.
#[derive(Debug)]
pub(super) struct ProberHandle {
    /// Id of the probe that is waited for.
    awaited: watch::Receiver<String>,
    came: mpsc::Sender<Instant>,
    queue: watch::Sender<Received>,
}

/// Result of the last receive from the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Received {
    /// It could not be read.
    Failed,
    /// It brought messages: there may be more, and a probe is behind them.
    Busy,
    /// It brought nothing: what is on its way is all that is to come.
    Empty,
}

impl ProberHandle {
    /// Tells the prober of a probe that came. Returns true where it is the one that is waited for.
    pub(super) fn came(&self, probe: &Probe, at: Instant) -> bool {
        let is_ours = *self.awaited.borrow() == probe.id;
        if is_ours {
            // Full: it came twice. Closed: the console has ended.
            let _ = self.came.try_send(at);
        }
        is_ours
    }

    /// Takes the result of the last receive.
    pub(super) fn read(&self, reading: Received) {
        self.queue.send_if_modified(|known| std::mem::replace(known, reading) != reading);
    }
}

/// Publishes probes and waits for them.
pub(super) struct Prober {
    topic: Topic,
    console: String,
    every: Duration,
    patience: Duration,
    awaited: watch::Sender<String>,
    came: mpsc::Receiver<Instant>,
    queue: watch::Receiver<Received>,
    store: Store,
    events: mpsc::Sender<Event>,
    /// Reason why the last probe could not be published, kept so that it is told once; `None` after one that
    /// could.
    why: Option<String>,
}

impl Prober {
    pub(super) fn new(
        topic: Topic,
        every: Duration,
        console: String,
        store: Store,
        events: mpsc::Sender<Event>,
    ) -> (Self, ProberHandle) {
        let ((to_us, came), (reading, queue)) = (mpsc::channel(1), watch::channel(Received::Failed));
        let (awaited, asked) = watch::channel(String::new());
        let why = None;
        let prober =
            Self { topic, console, every, patience: PATIENCE, awaited, came, queue, store, events, why };
        (prober, ProberHandle { awaited: asked, came: to_us, queue: reading })
    }

    /// Goes on until the console ends.
    pub(super) async fn run(mut self) {
        while self.once().await.is_some() {}
    }

    /// One probe, and the wait for the next. None: the console has ended.
    async fn once(&mut self) -> Option<()> {
        self.queue.wait_for(|reading| *reading != Received::Failed).await.ok()?;
        let probe = topic::probe(&self.console);
        let (start, sent) = (Instant::now(), probe.at);
        let (mut next, again) = (start + self.every, start + self.every.min(AGAIN));
        self.awaited.send_replace(probe.id.clone());
        // One of an earlier time that came twice.
        while self.came.try_recv().is_ok() {}
        match self.topic.publish(&probe).await {
            Ok(()) => {
                self.why = None;
                let mut end = Instant::now() + self.patience;
                let mut came = timeout_at(end, self.came.recv()).await;
                // In a storm it is behind the others, and SQS keeps no order.
                while came.is_err() && *self.queue.borrow() == Received::Busy && end < next {
                    end = Instant::now() + self.patience;
                    came = timeout_at(end, self.came.recv()).await;
                }
                if let Ok(came) = came {
                    self.report(back(came? - start)).await?;
                } else if self.is_elsewhere(&probe.id).await {
                    tracing::info!(probe = probe.id, "probe received by another process on this database");
                    self.report(back(Instant::now() - start)).await?;
                } else {
                    tracing::warn!(probe = probe.id, "probe did not return");
                    self.report(ProbeStatus::Missing { sent }).await?;
                    // Late is better than never, and nothing is behind it that could hide it.
                    if let Ok(came) = timeout_at(next.max(end), self.came.recv()).await {
                        self.report(back(came? - start)).await?;
                    }
                }
            }
            Err(refused) => {
                next = if refused.may_pass { again } else { next };
                let words = format!("{}: can't publish the probe, {}", refused.remedy, refused.why);
                tracing::warn!("{words}");
                self.report(ProbeStatus::Refused {
                    why: refused.why.clone(),
                    remedy: refused.remedy.clone(),
                })
                .await?;
                if self.why.replace(refused.why.clone()) != Some(refused.why) {
                    self.events.send(Event::Notice(words)).await.ok()?;
                }
            }
        }
        sleep_until(next).await;
        Some(())
    }

    /// Returns true where another console, or `tail`, on the same database has received the probe.
    async fn is_elsewhere(&self, id: &str) -> bool {
        let id = id.to_owned();
        self.store.saw_probe(id).await.unwrap_or(false)
    }

    async fn report(&self, probed: ProbeStatus) -> Option<()> {
        self.events.send(Event::Probe(probed)).await.ok()
    }
}

fn back(took: Duration) -> ProbeStatus {
    ProbeStatus::Back {
        took: SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX),
        at: Timestamp::now(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::topic::TopicArn;
    use crate::store::{AlarmChange, Retention};
    use wiremock::matchers::body_string_contains;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    /// A store in memory, whose changes nobody listens to.
    fn store() -> Store {
        let (events, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move { while inbox.recv().await.is_some() {} });
        Store::open(None, Retention::new(400, 8_192), events).unwrap()
    }

    /// A prober that waits for so many milliseconds, its topic being this server.
    fn prober(server: &MockServer, patience: u64) -> (Prober, ProberHandle, mpsc::Receiver<Event>) {
        let config = crate::aws::plain(&server.uri());
        let arn = TopicArn::read("arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts").unwrap();
        let every = Duration::from_millis(patience);
        let (events, inbox) = mpsc::channel(16);
        let (prober, handle) =
            Prober::new(Topic::new(&config, arn), every, "oncall".to_owned(), store(), events);
        (Prober { patience: Duration::from_millis(patience), ..prober }, handle, inbox)
    }

    async fn answers(status: u16, body: &str) -> MockServer {
        let server = MockServer::start().await;
        Mock::given(body_string_contains("Action=Publish"))
            .respond_with(ResponseTemplate::new(status).set_body_raw(body, "text/xml"))
            .mount(&server)
            .await;
        server
    }

    const PUBLISHED: &str = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
        <MessageId>m</MessageId></PublishResult></PublishResponse>";
    const DENIED: &str = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
        <Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";

    async fn next(inbox: &mut mpsc::Receiver<Event>) -> Event {
        tokio::time::timeout(Duration::from_secs(30), inbox.recv()).await.unwrap().unwrap()
    }

    fn probe(id: &str) -> Probe {
        Probe { version: 1, console: "oncall".to_owned(), id: id.to_owned(), at: Timestamp::UNIX_EPOCH }
    }

    #[tokio::test]
    async fn a_probe_that_does_not_come_is_told_and_late_is_better_than_never() {
        let server = answers(200, PUBLISHED).await;
        let (mut prober, handle, mut inbox) = prober(&server, 50);
        prober.every = Duration::from_secs(600);
        let running = tokio::spawn(prober.run());
        assert!(server.received_requests().await.unwrap().is_empty(), "not before the queue can be read");
        handle.read(Received::Empty);
        assert!(matches!(next(&mut inbox).await, Event::Probe(ProbeStatus::Missing { .. })));
        assert!(!handle.came(&probe("of somebody else"), Instant::now()));
        let ours = probe(&handle.awaited.borrow().clone());
        assert!(
            handle.came(&ours, Instant::now()) && handle.came(&ours, Instant::now()),
            "it may come twice"
        );
        let Event::Probe(ProbeStatus::Back { took, .. }) = next(&mut inbox).await else {
            panic!("it came back")
        };
        assert!(took >= SignedDuration::from_millis(50), "{took}");
        let sent = server.received_requests().await.unwrap();
        let body = String::from_utf8(sent[0].body.clone()).unwrap();
        for part in [
            "Name=kind",
            "StringValue=probe",
            "Name=console",
            "StringValue=oncall",
            "Name=sender",
            "StringValue=console",
            "iam-sentinel-consoles",
            &ours.id,
        ] {
            assert!(body.contains(part), "{part}: {body}");
        }
        running.abort();
    }

    #[tokio::test]
    async fn a_probe_that_another_program_on_the_database_has_received_is_not_lost() {
        let server = answers(200, PUBLISHED).await;
        let (mut prober, handle, mut inbox) = prober(&server, 2000);
        prober.every = Duration::from_secs(600);
        let store = prober.store.clone();
        let running = tokio::spawn(prober.run());
        handle.read(Received::Empty);
        let mut awaited = handle.awaited.clone();
        let id = awaited.wait_for(|id| !id.is_empty()).await.unwrap().clone();
        store.alarms(AlarmChange::Probe(id)).await.unwrap();
        loop {
            match next(&mut inbox).await {
                Event::Probe(ProbeStatus::Back { .. }) => break,
                Event::Probe(other) => panic!("{other:?}"),
                _ => {}
            }
        }
        running.abort();
    }

    #[tokio::test]
    async fn in_a_storm_a_probe_is_waited_for() {
        let server = answers(200, PUBLISHED).await;
        let (mut prober, handle, mut inbox) = prober(&server, 50);
        prober.every = Duration::from_secs(600);
        let running = tokio::spawn(prober.run());
        handle.read(Received::Busy);
        let waited = tokio::time::timeout(Duration::from_millis(300), next(&mut inbox)).await;
        assert!(waited.is_err(), "{waited:?}");
        handle.read(Received::Empty);
        assert!(matches!(next(&mut inbox).await, Event::Probe(ProbeStatus::Missing { .. })));
        running.abort();
    }

    #[tokio::test]
    async fn a_refusal_is_told_each_time_and_explained_once() {
        let server = answers(403, DENIED).await;
        let (prober, handle, mut inbox) = prober(&server, 1);
        handle.read(Received::Empty);
        let running = tokio::spawn(prober.run());
        let mut notices = Vec::new();
        let mut refused = 0;
        while refused < 3 {
            match next(&mut inbox).await {
                Event::Probe(ProbeStatus::Refused { remedy, .. }) => {
                    assert!(remedy.contains("sns:Publish"), "{remedy}");
                    refused += 1;
                }
                Event::Notice(words) => notices.push(words),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("AuthorizationError no"), "{notices:?}");
        running.abort();
    }
}
