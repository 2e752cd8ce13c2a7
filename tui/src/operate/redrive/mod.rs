//! `sentinel-tui redrive`: what lies in a dead-letter queue, and sending it on.
//!
//! AWS moves messages back by itself only where SQS put them into the dead-letter queue; those of
//! EventBridge, Lambda and SNS it does not. So this receives, sends, and deletes what was sent.
//!
//! ```text
//!  Post::take ──► Letter ──► Targets ──► Post::send ──► Ledger ──► Post::delete ──► Ledger
//!                    └─ dry run: listed, and given back                └─ failed: the ledger keeps it
//! ```

mod ledger;
mod letter;
mod post;
mod report;
mod targets;

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_sqs::Client;
use futures_util::future::join_all;
use jiff::Timestamp;

use self::ledger::Ledger;
use self::letter::Letter;
use self::post::{BATCH, Post};
use self::report::{Fate, Report};
use self::targets::Targets;
use super::args::Redrive;
use super::pipeline::{last, messages};
use super::why::Call;
use super::{OperateError, Pipeline, Why, runtime};
use crate::cli::Cli;

/// Sends on what is in a dead-letter queue, or lists it. Whether nothing stayed comes back.
pub(crate) fn run(options: &Redrive, cli: &Cli, database: &Path) -> Result<bool, OperateError> {
    let pipeline = Pipeline::of(cli, options.name.clone())?;
    runtime()?.block_on(async {
        let client = Client::new(&pipeline.config().await);
        let post = Post { client, url: pipeline.queue(options.from.suffix()) };
        let inside = messages(&post.client, &post.url).await.map_err(|why| {
            OperateError::Refused(why.explain(Call {
                service: "SQS",
                action: "sqs:GetQueueAttributes",
                on: last(&post.url),
            }))
        })?;
        let (targets, word) =
            targets::find(&post.client, &pipeline, options.from, options.to.as_deref()).await;
        if let Some(word) = word {
            eprintln!("sentinel-tui: {word}");
        }
        let report = Report::new(options.json, options.dry_run, last(&post.url), inside, &targets);
        let mut run = Run {
            post,
            pipeline,
            targets,
            report,
            held: Vec::new(),
            seen: HashSet::new(),
            stop: stop_signal(),
            left: options.max.unwrap_or(u64::MAX),
        };
        if options.dry_run { run.list().await } else { run.send_on(database).await }
    })
}

/// Whether somebody has pressed Ctrl-C: what is in hand is finished first.
fn stop_signal() -> Arc<AtomicBool> {
    let stop = Arc::<AtomicBool>::default();
    let theirs = Arc::clone(&stop);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            theirs.store(true, Ordering::Relaxed);
        }
    });
    stop
}

struct Run {
    post: Post,
    pipeline: Pipeline,
    targets: Targets,
    report: Report,
    /// What stays, hidden from others until it is given back.
    held: Vec<Letter>,
    seen: HashSet<String>,
    stop: Arc<AtomicBool>,
    /// How many more may be taken.
    left: u64,
}

impl Run {
    /// The next messages; none where there are none, or no more are wanted.
    async fn take(&mut self) -> Result<Vec<Letter>, OperateError> {
        if self.left == 0 || self.stop.load(Ordering::Relaxed) {
            return Ok(Vec::new());
        }
        let most = usize::try_from(self.left).unwrap_or(BATCH);
        let taken = self.post.take(most).await;
        let letters = match taken {
            Ok(letters) => letters,
            Err(why) => {
                self.give_back().await;
                return Err(self.refused(&why, "sqs:ReceiveMessage"));
            }
        };
        // One that comes a second time was in hand for too long; it stays for the next run.
        let (again, new): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| self.seen.contains(&letter.id));
        self.held.extend(again);
        self.seen.extend(new.iter().map(|letter| letter.id.clone()));
        self.left = self.left.saturating_sub(new.len() as u64);
        Ok(new)
    }

    fn refused(&self, why: &Why, action: &str) -> OperateError {
        let on = last(&self.post.url);
        OperateError::Refused(why.explain(Call { service: "SQS", action, on }))
    }

    async fn give_back(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.post.give_back(&held.iter().collect::<Vec<_>>()).await;
    }

    /// Says what is in there, and gives all of it back.
    async fn list(&mut self) -> Result<bool, OperateError> {
        let mut written = Ok(());
        loop {
            let letters = self.take().await?;
            if letters.is_empty() || written.is_err() {
                break;
            }
            for letter in &letters {
                let to = self.targets.of(letter, &self.pipeline);
                written = written.and_then(|()| self.report.listed(letter, &to));
            }
            self.held.extend(letters);
        }
        self.give_back().await;
        written?;
        Ok(self.report.end(None)?)
    }

    async fn send_on(&mut self, database: &Path) -> Result<bool, OperateError> {
        let mut ledger = Ledger::beside(database, Timestamp::now()).map_err(|error| {
            OperateError::Refused(format!(
                "what earlier runs have sent can't be read ({error}), so something could be sent twice: \
                 mend or remove redriven.json beside the database"
            ))
        })?;
        let mut ended = Ok(());
        let mut word = None;
        loop {
            let letters = self.take().await?;
            if letters.is_empty() {
                break;
            }
            let (written, hopeless) = self.batch(letters, &mut ledger).await;
            ended = written;
            if hopeless {
                word = Some("nothing of the last messages could be sent, so it ends here");
            }
            if hopeless || ended.is_err() {
                break;
            }
        }
        self.give_back().await;
        ended?;
        Ok(self.report.end(word)?)
    }

    /// Sends some on and deletes what was sent. Whether nothing could be sent for a reason that will be
    /// the same for the next ones comes with it.
    async fn batch(&mut self, letters: Vec<Letter>, ledger: &mut Ledger) -> (io::Result<()>, bool) {
        let known: &Ledger = ledger;
        let sent = join_all(letters.iter().map(|letter| self.send(letter, known))).await;
        let now = Timestamp::now();
        let mut any_went = false;
        for (letter, sent) in letters.iter().zip(&sent) {
            for queue in &sent.went {
                ledger.add(&letter.id, queue, now);
            }
            any_went |= sent.whole || !sent.went.is_empty();
        }
        Self::save(ledger);
        let whole: Vec<&Letter> =
            letters.iter().zip(&sent).filter(|(_, sent)| sent.whole).map(|(letter, _)| letter).collect();
        let undeleted = self.post.delete(&whole).await;
        let mut written = Ok(());
        let mut held = Vec::new();
        for (letter, sent) in letters.iter().zip(sent) {
            let failed = undeleted.iter().find(|(id, _)| *id == letter.id).map(|(_, why)| why);
            let fate = match (sent.whole, failed) {
                (true, None) => {
                    ledger.forget(&letter.id);
                    if sent.went.is_empty() { Fate::Deleted } else { Fate::Sent }
                }
                (true, Some(why)) => Fate::Undeleted(why.explain(Call {
                    service: "SQS",
                    action: "sqs:DeleteMessage",
                    on: last(&self.post.url),
                })),
                (false, _) => Fate::Kept(sent.why.unwrap_or_default()),
            };
            let stays = !matches!(fate, Fate::Sent | Fate::Deleted);
            written = written.and_then(|()| self.report.tell(letter, &sent.to, &fate));
            held.push(stays);
        }
        Self::save(ledger);
        self.held.extend(letters.into_iter().zip(held).filter(|(_, stays)| *stays).map(|(letter, _)| letter));
        (written, !any_went)
    }

    fn save(ledger: &Ledger) {
        if let Err(error) = ledger.save() {
            eprintln!(
                "sentinel-tui: {} can't be written ({error}): what can't be deleted now would be sent again",
                ledger.path().display()
            );
        }
    }

    /// Sends one to all of its queues, but for those that have it.
    async fn send(&self, letter: &Letter, ledger: &Ledger) -> Sent {
        let to = self.targets.of(letter, &self.pipeline);
        let mut sent = Sent { whole: true, ..Sent::default() };
        for url in &to {
            let queue = last(url);
            sent.to.push(queue.to_owned());
            if ledger.has(&letter.id, queue) {
                continue;
            }
            match self.post.send(letter, url).await {
                Ok(()) => sent.went.push(queue.to_owned()),
                Err(why) => {
                    sent.whole = false;
                    let call = Call { service: "SQS", action: "sqs:SendMessage", on: queue };
                    sent.why = Some(why.explain(call));
                }
            }
        }
        sent
    }
}

/// What came of sending one.
#[derive(Debug, Default)]
struct Sent {
    /// Names of the queues that it is for.
    to: Vec<String>,
    /// Those that took it just now.
    went: Vec<String>,
    /// Whether all of them have it, now or from an earlier run.
    whole: bool,
    why: Option<String>,
}
