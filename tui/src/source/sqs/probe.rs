//! The console's own leg of the pipeline, proven: now and then a probe is published to the topic, and
//! must come back through this console's queue. It is published only while the queue can be read, and
//! wakes the console for itself and its answer, and for nothing else.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::app::Msg;
use crate::source::message::Probe;
use crate::source::topic::{self, Topic};
use crate::source::{ProbeSettings, Probed};

/// From the topic to the queue takes well under a second; the rest is for a busy minute.
const PATIENCE: Duration = Duration::from_secs(20);
/// From a probe that could not be published for want of an answer to the next.
const AGAIN: Duration = Duration::from_secs(60);

/// What the receiving side holds.
#[derive(Debug)]
pub(super) struct Post {
    /// The id that is waited for.
    awaited: watch::Receiver<String>,
    came: mpsc::Sender<Instant>,
    /// Whether the queue can be read.
    live: watch::Sender<bool>,
}

impl Post {
    /// A probe is here. Whether it is the one that is waited for.
    pub(super) fn came(&self, probe: &Probe, at: Instant) -> bool {
        let is_ours = *self.awaited.borrow() == probe.id;
        if is_ours {
            // Full: it came twice. Closed: the console has ended.
            let _ = self.came.try_send(at);
        }
        is_ours
    }

    /// The last receive worked, or did not.
    pub(super) fn live(&self, live: bool) {
        self.live.send_if_modified(|known| std::mem::replace(known, live) != live);
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
    live: watch::Receiver<bool>,
    app: mpsc::Sender<Msg>,
    /// Why the last one could not be published, so that it is told once.
    why: Option<String>,
}

impl Prober {
    pub(super) fn new(
        topic: Topic,
        settings: &ProbeSettings,
        console: String,
        app: mpsc::Sender<Msg>,
    ) -> (Self, Post) {
        let ((to_us, came), (to_live, live)) = (mpsc::channel(1), watch::channel(false));
        let (awaited, asked) = watch::channel(String::new());
        let every = settings.every;
        let prober = Self { topic, console, every, patience: PATIENCE, awaited, came, live, app, why: None };
        (prober, Post { awaited: asked, came: to_us, live: to_live })
    }

    /// Goes on until the console ends.
    pub(super) async fn run(mut self) {
        while self.once().await.is_some() {}
    }

    /// One probe, and the wait for the next. None: the console has ended.
    async fn once(&mut self) -> Option<()> {
        self.live.wait_for(|live| *live).await.ok()?;
        let probe = topic::probe(&self.console);
        let (start, sent) = (Instant::now(), probe.at);
        let (mut next, again) = (start + self.every, start + self.every.min(AGAIN));
        self.awaited.send_replace(probe.id.clone());
        // One of an earlier time that came twice.
        while self.came.try_recv().is_ok() {}
        match self.topic.publish(&probe).await {
            Ok(()) => {
                self.why = None;
                let end = Instant::now() + self.patience;
                if let Ok(came) = timeout_at(end, self.came.recv()).await {
                    self.tell(back(came? - start)).await?;
                } else {
                    tracing::warn!(probe = probe.id, "a probe did not come back");
                    self.tell(Probed::Missing { sent }).await?;
                    // Late is better than never, and nothing is behind it that could hide it.
                    if let Ok(came) = timeout_at(next.max(end), self.came.recv()).await {
                        self.tell(back(came? - start)).await?;
                    }
                }
            }
            Err(refused) => {
                next = if refused.may_pass { again } else { next };
                let words = format!("the probe could not be published: {}; {}", refused.why, refused.mend);
                tracing::warn!("{words}");
                self.tell(Probed::Refused { why: refused.why.clone(), mend: refused.mend }).await?;
                if self.why.replace(refused.why.clone()) != Some(refused.why) {
                    self.app.send(Msg::Notice(words)).await.ok()?;
                }
            }
        }
        sleep_until(next).await;
        Some(())
    }

    async fn tell(&self, probed: Probed) -> Option<()> {
        self.app.send(Msg::Probed(probed)).await.ok()
    }
}

fn back(took: Duration) -> Probed {
    Probed::Back { took: SignedDuration::try_from(took).unwrap_or(SignedDuration::MAX), at: Timestamp::now() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::topic::TopicArn;
    use aws_config::{BehaviorVersion, Region, SdkConfig};
    use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
    use wiremock::matchers::body_string_contains;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    /// A prober that waits for so many milliseconds, its topic being this server.
    fn prober(server: &MockServer, patience: u64) -> (Prober, Post, mpsc::Receiver<Msg>) {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .http_client(http)
            .endpoint_url(server.uri())
            .build();
        let arn = TopicArn::read("arn:aws:sns:us-east-1:111122223333:alerts").unwrap();
        let settings = ProbeSettings { topic: arn.clone(), every: Duration::from_millis(patience) };
        let (app, inbox) = mpsc::channel(16);
        let (prober, post) = Prober::new(Topic::new(&config, arn), &settings, "oncall".to_owned(), app);
        (Prober { patience: Duration::from_millis(patience), ..prober }, post, inbox)
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

    async fn next(inbox: &mut mpsc::Receiver<Msg>) -> Msg {
        tokio::time::timeout(Duration::from_secs(30), inbox.recv()).await.unwrap().unwrap()
    }

    fn probe(id: &str) -> Probe {
        Probe { version: 1, console: "oncall".to_owned(), id: id.to_owned(), at: Timestamp::UNIX_EPOCH }
    }

    #[tokio::test]
    async fn a_probe_that_does_not_come_is_told_and_late_is_better_than_never() {
        let server = answers(200, PUBLISHED).await;
        let (mut prober, post, mut inbox) = prober(&server, 50);
        prober.every = Duration::from_secs(600);
        let running = tokio::spawn(prober.run());
        assert!(server.received_requests().await.unwrap().is_empty(), "not before the queue can be read");
        post.live(true);
        assert!(matches!(next(&mut inbox).await, Msg::Probed(Probed::Missing { .. })));
        assert!(!post.came(&probe("of somebody else"), Instant::now()));
        let ours = probe(&post.awaited.borrow().clone());
        assert!(post.came(&ours, Instant::now()) && post.came(&ours, Instant::now()), "it may come twice");
        let Msg::Probed(Probed::Back { took, .. }) = next(&mut inbox).await else { panic!("it came back") };
        assert!(took >= SignedDuration::from_millis(50), "{took}");
        let sent = server.received_requests().await.unwrap();
        let body = String::from_utf8(sent[0].body.clone()).unwrap();
        for part in ["Name=kind", "StringValue=probe", "Name=console", "StringValue=oncall", &ours.id] {
            assert!(body.contains(part), "{part}: {body}");
        }
        running.abort();
    }

    #[tokio::test]
    async fn a_refusal_is_told_each_time_and_explained_once() {
        let server = answers(403, DENIED).await;
        let (prober, post, mut inbox) = prober(&server, 1);
        post.live(true);
        let running = tokio::spawn(prober.run());
        let mut notices = Vec::new();
        let mut refused = 0;
        while refused < 3 {
            match next(&mut inbox).await {
                Msg::Probed(Probed::Refused { mend, .. }) => {
                    assert!(mend.contains("sns:Publish"), "{mend}");
                    refused += 1;
                }
                Msg::Notice(words) => notices.push(words),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("AuthorizationError no"), "{notices:?}");
        running.abort();
    }
}
