//! `sentinel-tui test-alert`: an event through the whole pipeline, and back.
//!
//! ```text
//!  PutEvents ──► EventBridge ──► function ──► topic ──► queue ──► source::sqs ──► store ──► here
//! ```
//!
//! It receives as the console does, stores before it deletes, and waits until the alert is in the
//! database: so it does not matter whether this command or a console beside it gets the message.

mod event;
mod hops;

use std::path::Path;
use std::time::Duration;

use std::io::{self, Write as _};

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::Client;
use detector::{Alert, AlertId, Detector, SafeText};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::aws::{Aws, Refusal};
use crate::cli::{Cli, TestAlert};
use crate::commands::pipeline::messages;
use crate::commands::test_alert::event::{DETAIL_TYPE, Test};
use crate::commands::test_alert::hops::{Counted, DEAD_LETTERS, Stop, Times};
use crate::commands::{OperateError, Pipeline, runtime};
use crate::model::{Content, Event, SourceStatus};
use crate::output::escaped_json;
use crate::source::sqs;
use crate::store::{Retention, Store};

/// Between two looks at the database, where nobody tells of its changes.
const LOOK: Duration = Duration::from_secs(1);
/// Between storing the alert and deleting its message.
const UNTIL_DELETED: Duration = Duration::from_secs(3);

/// Sends a test and waits for it. Returns true where it came back.
pub(crate) fn run(
    options: &TestAlert,
    cli: &Cli,
    detector: &Detector,
    database: &Path,
    keep: Retention,
) -> Result<bool, OperateError> {
    let pipeline = Pipeline::of(cli, options.name.clone())?;
    let own = options.event.as_deref().map(event::read).transpose()?;
    let _log = crate::log::start(database, &cli.log);
    runtime()?.block_on(async {
        let aws = pipeline.aws().await?;
        let region = Some(aws.region()).filter(|region| !region.is_empty());
        let test = event::make(own, detector, pipeline.account(), region, Timestamp::now())?;
        let sqs = aws.sqs();
        let bridge = aws_sdk_eventbridge::Client::new(&aws.config);
        let attempt = Attempt {
            waiting: Waiting::start(aws, &pipeline, &test, database, keep)?,
            pipeline,
            sqs,
            bridge,
            test,
            json: options.json,
        };
        attempt.go(SignedDuration::from_secs(i64::from(options.timeout))).await
    })
}

/// A test alert on its way through the pipeline.
struct Attempt {
    pipeline: Pipeline,
    sqs: Client,
    bridge: aws_sdk_eventbridge::Client,
    test: Test,
    waiting: Waiting,
    json: bool,
}

impl Attempt {
    async fn go(mut self, patience: SignedDuration) -> Result<bool, OperateError> {
        let before = self.counts().await;
        if let Some(why) = self.waiting.until_it_receives().await {
            let counted = Self::counted(&self.pipeline, before.clone(), before);
            return self.stopped(&Stop::of(&self.pipeline.name, &counted, Some(&why), patience), &counted);
        }
        eprintln!(
            "sentinel-tui: sending {} as sentinel.{}: {} {}",
            self.test.alert_id,
            SafeText::new(&self.pipeline.name),
            self.test.expected.severity,
            SafeText::new(&self.test.expected.summary)
        );
        let sent = Timestamp::now();
        if let Err(why) = self.send().await {
            return self.stopped(&Stop::refused(&why, "event-bus/default"), &[]);
        }
        let taken = Timestamp::now();
        let end = Instant::now() + Duration::try_from(patience).unwrap_or_default();
        let Some((alert, here)) = self.waiting.arrival(end).await? else {
            self.waiting.report_others();
            let counted = Self::counted(&self.pipeline, before, self.counts().await);
            let why = self.waiting.trouble.clone();
            return self
                .stopped(&Stop::of(&self.pipeline.name, &counted, why.as_deref(), patience), &counted);
        };
        self.waiting.report_others();
        let received = self.waiting.received().await;
        let queued = received.flatten();
        let times = Times { sent, taken, detected: alert.detected_at, queued, here };
        let by_other = received.is_none();
        if self.json {
            self.line(&hops::json(times, &alert, by_other))?;
        } else {
            self.lines(&hops::lines(times, &alert, by_other))?;
        }
        Ok(true)
    }

    async fn send(&self) -> Result<(), Refusal> {
        let entry = PutEventsRequestEntry::builder()
            .source(format!("sentinel.{}", self.pipeline.name))
            .detail_type(DETAIL_TYPE)
            .detail(self.test.record.to_string())
            .build();
        let answer =
            self.bridge.put_events().entries(entry).send().await.map_err(|error| Refusal::of(&error))?;
        match answer.entries().first() {
            Some(entry) if entry.error_code().is_some() => {
                Err(Refusal::of_answer(entry.error_code(), entry.error_message()))
            }
            _ => Ok(()),
        }
    }

    async fn counts(&self) -> Vec<Result<u64, Refusal>> {
        let each = DEAD_LETTERS.map(|suffix| {
            let (client, url) = (self.sqs.clone(), self.pipeline.queue(suffix));
            async move { messages(&client, &url).await }
        });
        join_all(each).await
    }

    fn counted(
        pipeline: &Pipeline,
        before: Vec<Result<u64, Refusal>>,
        after: Vec<Result<u64, Refusal>>,
    ) -> Vec<Counted> {
        let both = before.into_iter().zip(after);
        DEAD_LETTERS
            .into_iter()
            .zip(both)
            .map(|(suffix, (before, after))| {
                let queue = pipeline.queue_name(suffix);
                Counted { queue, suffix, before, after }
            })
            .collect()
    }

    fn stopped(&self, stop: &Stop, counted: &[Counted]) -> Result<bool, OperateError> {
        if self.json {
            self.line(&stop.json(&self.test.alert_id, counted))?;
        } else {
            self.lines(&stop.lines(counted))?;
        }
        Ok(false)
    }

    #[expect(clippy::unused_self, reason = "the two ways of telling stand side by side")]
    fn line(&self, value: &serde_json::Value) -> io::Result<()> {
        let mut out = io::stdout().lock();
        escaped_json::write(&mut out, value)?;
        writeln!(out)
    }

    #[expect(clippy::unused_self, reason = "the two ways of telling stand side by side")]
    fn lines(&self, lines: &[String]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        lines.iter().try_for_each(|line| writeln!(out, "{}", SafeText::new(line)))
    }
}

/// Waits for one alert, while all that the queue holds is received and stored.
struct Waiting {
    id: AlertId,
    store: Store,
    inbox: mpsc::Receiver<Event>,
    /// Receives the time at which the message was sent to the queue, once its alert is stored and it is
    /// deleted.
    sent: mpsc::UnboundedReceiver<Option<Timestamp>>,
    /// Reason why messages can't be received or stored just now; `None` while they can.
    trouble: Option<String>,
    /// Number of other entries that were stored meanwhile.
    others: usize,
}

impl Waiting {
    fn start(
        aws: Aws,
        pipeline: &Pipeline,
        test: &Test,
        database: &Path,
        keep: Retention,
    ) -> Result<Self, OperateError> {
        let (app, inbox) = mpsc::channel(64);
        let store = Store::open(Some(database.to_owned()), keep, app.clone())?;
        let (sent_at, sent) = mpsc::unbounded_channel();
        let awaited = sqs::Awaited { text: test.alert_id.clone(), sent_at };
        let url = pipeline.queue_url.clone();
        tokio::spawn(sqs::run(url, aws, None, store.clone(), app, sqs::Until::Came(awaited)));
        Ok(Self { id: AlertId(test.alert_id.clone()), store, inbox, sent, trouble: None, others: 0 })
    }

    /// Waits for the first answer of the queue. Returns the reason why it does not answer; `None` where it
    /// does.
    async fn until_it_receives(&mut self) -> Option<String> {
        while let Some(msg) = self.inbox.recv().await {
            self.take(&msg);
            match msg {
                Event::Source(SourceStatus::Live { .. }) => return None,
                Event::Source(SourceStatus::Retrying { why, .. }) => return Some(why),
                _ => {}
            }
        }
        Some("receiver stopped".to_owned())
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Source(SourceStatus::Retrying { why, .. }) => self.trouble = Some(why.clone()),
            Event::Source(_) => self.trouble = None,
            Event::Stored(rows) => self.others += rows.iter().filter(|row| row.id != self.id).count(),
            Event::StoreFailed(why) => eprintln!("sentinel-tui: {}", SafeText::new(why)),
            _ => {}
        }
    }

    /// Tells the number of other alerts: they are in this database now and in the queue no more, and whoever
    /// ran this must know.
    fn report_others(&self) {
        if self.others > 0 {
            eprintln!(
                "sentinel-tui: {} other alerts received meanwhile and stored in the database",
                self.others
            );
        }
    }

    /// Waits until the alert is in the database. `None` where it did not come before `end`.
    async fn arrival(&mut self, end: Instant) -> Result<Option<(Alert, Timestamp)>, OperateError> {
        loop {
            let look = Instant::now() + LOOK;
            let next = timeout_at(look.min(end), self.inbox.recv()).await;
            let may_be_here = match next {
                Ok(Some(msg)) => {
                    self.take(&msg);
                    matches!(&msg, Event::Stored(rows) if rows.iter().any(|row| row.id == self.id))
                }
                // Nobody may have told of what another console has stored.
                Ok(None) | Err(_) => true,
            };
            if may_be_here {
                let here = Timestamp::now();
                if let Some(Content::Alert(alert)) = self.store.load(self.id.clone()).await? {
                    return Ok(Some((*alert, here)));
                }
            }
            if Instant::now() >= end {
                return Ok(None);
            }
            if self.inbox.is_closed() {
                sleep(LOOK).await;
            }
        }
    }

    /// Returns the time at which the alert's message was sent to the queue. The outer `None` means that it
    /// was not received here; the inner one, that the queue does not say the time.
    async fn received(&mut self) -> Option<Option<Timestamp>> {
        let inbox = &mut self.inbox;
        let told = async {
            tokio::select! {
                told = self.sent.recv() => told,
                // The source tells how it is doing, and must not wait for somebody to listen.
                () = async { while inbox.recv().await.is_some() {} } => None,
            }
        };
        timeout(UNTIL_DELETED, told).await.ok().flatten()
    }
}
