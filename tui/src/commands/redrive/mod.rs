//! `sentinel-tui redrive`: what lies in a dead-letter queue, and sending it on.
//!
//! AWS moves messages back by itself only where SQS put them into the dead-letter queue; those of
//! EventBridge, Lambda and SNS it does not. So this receives, sends, and deletes what was sent.
//!
//! ```text
//!  Post::take ──► DeadLetter ──► Targets ──► Post::send ──► Ledger ──► Post::delete ──► Ledger
//!                    └─ dry run: listed, and given back                └─ failed: the ledger keeps it
//! ```

mod dead_letter;
mod interrupt;
mod ledger;
mod post;
mod report;
mod targets;

use std::collections::HashSet;
use std::io;
use std::path::Path;

use futures_util::future::join_all;
use jiff::Timestamp;

use crate::aws::{Call, Refusal};
use crate::cli::{Cli, Redrive};
use crate::commands::pipeline::{last, messages};
use crate::commands::redrive::dead_letter::DeadLetter;
use crate::commands::redrive::interrupt::{INTERRUPTED, Interrupt};
use crate::commands::redrive::ledger::Ledger;
use crate::commands::redrive::post::{BATCH, Post, Unsent};
use crate::commands::redrive::report::{Outcome, Report};
use crate::commands::redrive::targets::Targets;
use crate::commands::{OperateError, Pipeline, runtime};

/// Messages that were here already may come this many times in a row. Each time they are hidden anew, so
/// that there are fewer and fewer; where that does not help, it ends.
const KNOWN_IN_A_ROW: usize = 10;

/// Sends on what is in a dead-letter queue, or lists it in a dry run, and returns the exit code.
pub(crate) fn run(options: &Redrive, cli: &Cli, database: &Path) -> Result<u8, OperateError> {
    let pipeline = Pipeline::of(cli, options.name.clone())?;
    runtime()?.block_on(async {
        let client = pipeline.aws().await?.sqs();
        let post = Post { client, url: pipeline.queue(options.from.suffix()) };
        let inside = messages(&post.client, &post.url).await.map_err(|why| {
            OperateError::Refused(why.explain(Call {
                service: "SQS",
                action: "sqs:GetQueueAttributes",
                on: last(&post.url),
            }))
        })?;
        let (targets, word) = targets::find(&post.client, &pipeline, options).await?;
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
            stop: Interrupt::listen()?,
            left: options.max.unwrap_or(u64::MAX),
        };
        if options.dry_run { run.list().await } else { run.send_on(database).await }
    })
}

/// Result of one receive from the queue.
enum Taken {
    New(Vec<DeadLetter>),
    /// Only messages that were received before.
    Known,
    /// Nothing is in there, or no more is wanted.
    Nothing,
    /// Ctrl-C: something may be in there.
    Stopped,
}

/// Reason why a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// All that is in there was looked at, or as much as was wanted.
    Whole,
    Stopped,
    /// Only messages that were here before came, again and again.
    Known,
    /// The others could not be sent either.
    Hopeless,
}

impl End {
    fn explanation(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::Stopped => Some("interrupted: messages not listed above are still in the queue"),
            Self::Known => {
                Some("stopped: the same messages were received repeatedly; others may remain, run it again")
            }
            Self::Hopeless => {
                Some("stopped: none of the last messages could be sent, and the next ones would fail too")
            }
        }
    }

    /// Returns the exit code; `is_well` is true where all messages that were looked at went well.
    fn code(self, is_well: bool) -> u8 {
        match self {
            Self::Stopped => INTERRUPTED,
            Self::Whole => u8::from(!is_well),
            Self::Known | Self::Hopeless => 1,
        }
    }
}

struct Run {
    post: Post,
    pipeline: Pipeline,
    targets: Targets,
    report: Report,
    /// Messages that stay in the queue, hidden from others until they are given back.
    held: Vec<DeadLetter>,
    seen: HashSet<String>,
    stop: Interrupt,
    /// Number of messages that may still be taken.
    left: u64,
}

impl Run {
    /// Takes the next messages in hand.
    async fn take(&mut self) -> Result<Taken, OperateError> {
        if self.left == 0 {
            return Ok(Taken::Nothing);
        }
        if self.stop.is_wanted() {
            return Ok(Taken::Stopped);
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
        if letters.is_empty() {
            return Ok(Taken::Nothing);
        }
        // One that comes a second time was in hand for too long; it stays for the next run. What it was
        // received with before is not good any more.
        let (again, new): (Vec<_>, Vec<_>) =
            letters.into_iter().partition(|letter| self.seen.contains(&letter.id));
        self.held.retain(|held| again.iter().all(|letter| letter.id != held.id));
        self.held.extend(again);
        self.seen.extend(new.iter().map(|letter| letter.id.clone()));
        self.left = self.left.saturating_sub(new.len() as u64);
        Ok(if new.is_empty() { Taken::Known } else { Taken::New(new) })
    }

    /// Returns the next messages that were not here yet; else the reason why the run ends.
    async fn next(&mut self) -> Result<Result<Vec<DeadLetter>, End>, OperateError> {
        for _ in 0..KNOWN_IN_A_ROW {
            match self.take().await? {
                Taken::New(letters) => return Ok(Ok(letters)),
                Taken::Known => {}
                Taken::Nothing => return Ok(Err(End::Whole)),
                Taken::Stopped => return Ok(Err(End::Stopped)),
            }
        }
        Ok(Err(End::Known))
    }

    fn refused(&self, why: &Refusal, action: &str) -> OperateError {
        let on = last(&self.post.url);
        OperateError::Refused(why.explain(Call { service: "SQS", action, on }))
    }

    async fn give_back(&mut self) {
        let held = std::mem::take(&mut self.held);
        self.post.give_back(&held.iter().collect::<Vec<_>>()).await;
    }

    /// Lists the messages in the queue, and gives all of them back.
    async fn list(&mut self) -> Result<u8, OperateError> {
        let mut written = Ok(());
        let end = loop {
            let letters = match self.next().await? {
                Ok(letters) => letters,
                Err(end) => break end,
            };
            for letter in &letters {
                let to = self.targets.of(letter, &self.pipeline);
                written = written.and_then(|()| self.report.listed(letter, &to));
            }
            self.held.extend(letters);
            if written.is_err() {
                break End::Whole;
            }
        };
        self.give_back().await;
        written?;
        Ok(end.code(self.report.end(end.explanation())?))
    }

    async fn send_on(&mut self, database: &Path) -> Result<u8, OperateError> {
        let mut ledger = Ledger::beside(database, Timestamp::now()).map_err(|error| {
            OperateError::Refused(format!(
                "can't read the list of messages sent by earlier runs ({error}), so messages could be sent \
                 twice: fix or remove redriven.json next to the database"
            ))
        })?;
        let mut written = Ok(());
        let end = loop {
            let letters = match self.next().await? {
                Ok(letters) => letters,
                Err(end) => break end,
            };
            let (told, hopeless) = self.batch(letters, &mut ledger).await;
            written = told;
            if hopeless {
                break End::Hopeless;
            }
            if written.is_err() {
                break End::Whole;
            }
        };
        self.give_back().await;
        // Somebody who stopped reading has not said that the rest may stay: this is no success.
        let is_well = written.and_then(|()| self.report.end(end.explanation())).map_err(|error| {
            OperateError::Refused(format!(
                "can't write to standard output ({error}), stopped: messages sent so far are deleted, \
                 the rest is still in the queue"
            ))
        })?;
        Ok(end.code(is_well))
    }

    /// Sends messages on and deletes those that were sent. Returns the result of writing the report, and true
    /// where nothing could be sent for a reason that will be the same for the next messages.
    async fn batch(&mut self, letters: Vec<DeadLetter>, ledger: &mut Ledger) -> (io::Result<()>, bool) {
        let known: &Ledger = ledger;
        let sent = join_all(letters.iter().map(|letter| self.send(letter, known))).await;
        let now = Timestamp::now();
        let (mut any_went, mut hopeless) = (false, false);
        for (letter, sent) in letters.iter().zip(&sent) {
            for queue in &sent.went {
                ledger.add(&letter.id, queue, now);
            }
            any_went |= sent.whole || !sent.went.is_empty();
            hopeless |= sent.hopeless;
        }
        Self::save(ledger);
        let whole: Vec<&DeadLetter> =
            letters.iter().zip(&sent).filter(|(_, sent)| sent.whole).map(|(letter, _)| letter).collect();
        let undeleted = self.post.delete(&whole).await;
        let mut written = Ok(());
        let mut held = Vec::new();
        for (letter, sent) in letters.iter().zip(sent) {
            let failed = undeleted.iter().find(|(id, _)| *id == letter.id).map(|(_, why)| why);
            let fate = match (sent.whole, failed) {
                (true, None) => {
                    ledger.forget(&letter.id);
                    if sent.went.is_empty() { Outcome::Deleted } else { Outcome::Sent }
                }
                (true, Some(why)) => Outcome::Undeleted(why.explain(Call {
                    service: "SQS",
                    action: "sqs:DeleteMessage",
                    on: last(&self.post.url),
                })),
                (false, _) => Outcome::Kept(sent.why.unwrap_or_default()),
            };
            let stays = !matches!(fate, Outcome::Sent | Outcome::Deleted);
            written = written.and_then(|()| self.report.record(letter, &sent.to, &fate));
            held.push(stays);
        }
        Self::save(ledger);
        self.held.extend(letters.into_iter().zip(held).filter(|(_, stays)| *stays).map(|(letter, _)| letter));
        (written, hopeless && !any_went)
    }

    fn save(ledger: &Ledger) {
        if let Err(error) = ledger.save() {
            eprintln!(
                "sentinel-tui: can't write {} ({error}): messages that can't be deleted now would be sent again",
                ledger.path().display()
            );
        }
    }

    /// Sends a message to all of its queues, except to those that have it already.
    async fn send(&self, letter: &DeadLetter, ledger: &Ledger) -> Sent {
        let to = self.targets.of(letter, &self.pipeline);
        // A message without a destination was not sent.
        let mut sent = Sent { whole: !to.is_empty(), ..Sent::default() };
        if to.is_empty() {
            sent.why = Some("no destination queue known: set --to".to_owned());
        }
        let mut no_way = 0;
        for url in &to {
            let queue = last(url);
            sent.to.push(queue.to_owned());
            if ledger.has(&letter.id, queue) {
                continue;
            }
            match self.post.send(letter, url).await {
                Ok(()) => sent.went.push(queue.to_owned()),
                Err(Unsent { why, is_silent }) => {
                    sent.whole = false;
                    let same = self.targets.are_the_same_for_all() && (why.is_denied() || why.is_gone());
                    no_way += usize::from(same);
                    sent.hopeless |= is_silent;
                    let call = Call { service: "SQS", action: "sqs:SendMessage", on: queue };
                    sent.why = Some(why.explain(call));
                }
            }
        }
        sent.hopeless |= no_way > 0 && no_way == to.len();
        sent
    }
}

/// Result of sending one message.
#[derive(Debug, Default)]
struct Sent {
    /// Names of the queues that it is for.
    to: Vec<String>,
    /// Those that took it just now.
    went: Vec<String>,
    /// True where all of the queues have it, now or from an earlier run.
    whole: bool,
    why: Option<String>,
    /// True where the reason holds for all other messages too: no answer, or no queue can be sent to.
    hopeless: bool,
}
