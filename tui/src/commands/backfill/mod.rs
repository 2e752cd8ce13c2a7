//! `sentinel-tui backfill`: what CloudTrail knows and the pipeline never brought.
//!
//! CloudTrail's delivery to EventBridge is best effort. This asks CloudTrail itself, runs the detector,
//! and stores what the database does not have, each page in one transaction with its mark, so that a
//! run can be ended at any time and started again.
//!
//! ```text
//!  Region::ask (one task a region, 2 calls a second) ──► Step ──► may_alert ──► Detector ──► Memory::take ──► standard output
//! ```

mod lookup;
mod memory;
mod plan;
mod report;

use std::collections::HashSet;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use aws_sdk_cloudtrail::types::Event as CloudTrailEvent;
use detector::{Alert, AlertId, Detector, Record, SafeText};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::aws::{Aws, AwsError, AwsSettings};
use crate::cli::{Backfill, Cli};
use crate::commands::backfill::lookup::{Region, Step};
use crate::commands::backfill::memory::Memory;
use crate::commands::backfill::plan::Question;
use crate::commands::backfill::report::{Report, Tally};
use crate::commands::{OperateError, runtime};
use crate::model::{Event, SourceStatus};
use crate::output::{self, OutputFormat};
use crate::source::sqs;
use crate::store::{Retention, Store};

/// CloudTrail lists a call so late, and EventBridge may bring it later than that.
const LATE: SignedDuration = SignedDuration::from_mins(15);
/// `LookupEvents` knows no more; `90d` was worked out a moment ago.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24 + 1);
/// Exit code that a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Looks for alerts that never arrived, and returns the exit code.
pub(crate) fn run(
    options: &Backfill,
    cli: &Cli,
    detector: &Arc<Detector>,
    database: &Path,
    keep: Retention,
) -> Result<u8, OperateError> {
    let now = Timestamp::now();
    let span = (options.since.0, options.until.map_or(now - LATE, |until| until.0).min(now));
    if span.0 >= span.1 {
        return Err(OperateError::Usage(
            "--since must be before --until (default: 15 minutes ago)".to_owned(),
        ));
    }
    if span.0 < now - KEPT {
        return Err(OperateError::Usage(
            "CloudTrail event history covers 90 days: use a later --since, and `sentinel-tui replay` on the \
             trail's log files for older events"
                .to_owned(),
        ));
    }
    runtime()?.block_on(async {
        let aws = connect(options, cli).await?;
        let regions = regions(options, &aws);
        let mut report = Report::new();
        let memory = if options.dry_run {
            Memory::to_read(database)?
        } else {
            let store = open(cli, aws, database, keep, &mut report).await?;
            Memory::to_write(database, store)?
        };
        match memory.begins()? {
            None => report.line("database is empty: every alert found counts as missed"),
            Some(first) if first > span.0 => report.line(&format!(
                "database starts at {}: earlier alerts count as missed here, even if they were delivered \
                 elsewhere",
                output::seconds(first)
            )),
            Some(_) => {}
        }
        if options.dry_run && cli.queue_url.is_some() {
            report.line("dry run: alerts waiting in the queue count as missed");
        }
        let questions = plan::questions(detector);
        let names: Vec<String> = regions.iter().map(|(name, _)| name.clone()).collect();
        report.plan(&names, &questions, span);
        let (steps_in, steps) = mpsc::channel(4);
        for (number, (name, config)) in regions.into_iter().enumerate() {
            let region = Region::new(number, name, &config, steps_in.clone());
            tokio::spawn(region.ask(questions.clone(), span));
        }
        drop(steps_in);
        let looking = Looking {
            detector,
            memory,
            span,
            young: now - LATE,
            regions: names,
            questions,
            form: OutputFormat::json(options.json),
            report,
            tally: Tally::default(),
            seen: HashSet::new(),
        };
        looking.run(steps, options).await
    })
}

/// The regions to ask, and how each is reached.
fn regions(options: &Backfill, aws: &Aws) -> Vec<(String, aws_config::SdkConfig)> {
    let mut names = Vec::new();
    for name in options.regions.iter().map(|name| name.trim()).filter(|name| !name.is_empty()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        names.push(aws.region());
    }
    names.into_iter().map(|name| (name.to_owned(), aws.in_region(name))).collect()
}

/// Access to AWS. Where regions are named, none of one's own is needed.
async fn connect(options: &Backfill, cli: &Cli) -> Result<Aws, AwsError> {
    let asked = cli.aws();
    let first = options.regions.first().map(|name| name.trim().to_owned());
    match Aws::connect(&asked).await {
        Err(AwsError::NoRegion) if first.is_some() => {
            Aws::connect(&AwsSettings { region: first, ..asked }).await
        }
        connected => connected,
    }
}

/// Opens the database, and receives what waits in the queue, as the console does: that has arrived.
async fn open(
    cli: &Cli,
    aws: Aws,
    database: &Path,
    keep: Retention,
    report: &mut Report,
) -> Result<Store, OperateError> {
    let (app, mut inbox) = mpsc::channel(64);
    let store = Store::open(Some(database.to_owned()), keep, app.clone())?;
    if let Some(queue_url) = cli.queue_url.clone().filter(|url| !url.trim().is_empty()) {
        let receiving = tokio::spawn(sqs::run(queue_url, aws, None, store.clone(), app, sqs::Until::Empty));
        let mut received = 0;
        while let Some(msg) = inbox.recv().await {
            match msg {
                // Only a receive that brought nothing says so for certain; what the queue says of itself is about right.
                Event::Source(SourceStatus::Live { backlog, .. })
                    if backlog.messages == Some(0) && backlog.behind.is_none() =>
                {
                    break;
                }
                Event::Stored(rows) => received += rows.len(),
                Event::Source(SourceStatus::Retrying { why, .. }) => {
                    receiving.abort();
                    return Err(OperateError::Refused(format!(
                        "can't receive the waiting messages, they would count as missed: {why}"
                    )));
                }
                Event::StoreFailed(why) => report.line(&why),
                _ => {}
            }
        }
        receiving.abort();
        if received > 0 {
            let plural = if received == 1 { "" } else { "s" };
            report.line(&format!(
                "stored {received} alert{plural} waiting in the queue in {}",
                database.display()
            ));
        }
    }
    // The store tells of every change, and must not wait for somebody to listen.
    tokio::spawn(async move { while inbox.recv().await.is_some() {} });
    Ok(store)
}

/// A back-fill that is running.
struct Looking<'a> {
    detector: &'a Detector,
    memory: Memory,
    span: (Timestamp, Timestamp),
    /// Calls from this time on may still be on their way.
    young: Timestamp,
    regions: Vec<String>,
    questions: Vec<Question>,
    form: OutputFormat,
    report: Report,
    tally: Tally,
    /// Alerts of this run: two questions may find one event.
    seen: HashSet<AlertId>,
}

impl Looking<'_> {
    async fn run(mut self, mut steps: mpsc::Receiver<Step>, options: &Backfill) -> Result<u8, OperateError> {
        let mut out = BufWriter::new(io::stdout());
        let mut interrupted = false;
        let interrupt = tokio::signal::ctrl_c();
        tokio::pin!(interrupt);
        loop {
            let step = tokio::select! {
                step = steps.recv() => step,
                _ = &mut interrupt => {
                    interrupted = true;
                    None
                }
            };
            let Some(step) = step else { break };
            match step {
                Step::Page { region, question, events } => {
                    let (alerts, oldest) = self.look_at(&events);
                    let missing = self.sort(alerts).await?;
                    self.report.clear();
                    for alert in &missing {
                        output::alert(&mut out, self.form, alert)?;
                    }
                    out.flush()?;
                    self.progress(region, question, oldest);
                }
                Step::Waits { region, wait, why } => {
                    let region = self.regions.get(region).map_or("", String::as_str);
                    self.report.line(&format!("{region}: {why}; retrying in {} s", wait.as_secs()));
                }
                Step::Failed { region, why } => {
                    self.tally.failed += 1;
                    let region = self.regions.get(region).map_or("", String::as_str);
                    self.report.line(&format!("{region} incomplete: {why}"));
                }
            }
        }
        let ended = if interrupted { "interrupted: " } else { "" };
        let summary = self.tally.summary(options.dry_run);
        self.report.line(&format!("{ended}{summary}"));
        Ok(if interrupted {
            INTERRUPTED
        } else {
            let failed = self.tally.failed > 0 || self.tally.unread > 0;
            u8::from(failed || (options.fail_on_missing && self.tally.missing() > 0))
        })
    }

    fn progress(&mut self, region: usize, question: usize, oldest: Option<Timestamp>) {
        let region = self.regions.get(region).map_or("", String::as_str);
        let what = self.questions.get(question).map_or("", Question::label);
        self.report.progress(region, what, oldest, &self.tally);
    }

    /// Returns the alerts of a page that this run has not seen yet, and the time of the page's oldest event;
    /// `None` where the page is empty, or CloudTrail gives no time for its last event.
    fn look_at(&mut self, events: &[CloudTrailEvent]) -> (Vec<Alert>, Option<Timestamp>) {
        self.tally.calls += 1;
        self.tally.events += events.len() as u64;
        let oldest = events.last().and_then(CloudTrailEvent::event_time);
        let oldest = oldest.and_then(|time| Timestamp::from_second(time.secs()).ok());
        let mut alerts = Vec::new();
        for event in events {
            let (name, source) = (event.event_name().unwrap_or_default(), event.event_source());
            if !name.is_empty() && !self.detector.may_alert(name, source.unwrap_or_default()) {
                continue;
            }
            let record = event.cloud_trail_event().unwrap_or_default();
            let record = detector::json::read(record.as_bytes()).map_err(|error| error.to_string());
            let record = record.and_then(|value| Record::new(value).map_err(|error| error.to_string()));
            match record {
                Ok(record) => {
                    let is_asked_for =
                        record.event_time().is_none_or(|time| time >= self.span.0 && time < self.span.1);
                    let alert = is_asked_for.then(|| self.detector.detect(&record, Timestamp::now()).alert);
                    alerts.extend(alert.flatten().filter(|alert| self.seen.insert(alert.id.clone())));
                }
                Err(why) => {
                    self.tally.unread += 1;
                    let id = event.event_id().unwrap_or("(no ID)");
                    self.report
                        .line(&format!("can't read the record of event {id}: {}", SafeText::new(&why)));
                }
            }
        }
        (alerts, oldest)
    }

    /// Counts the alerts, stores those that never arrived (not in a dry run), and returns these. Alerts so young
    /// that they may still be on their way are only counted.
    async fn sort(&mut self, alerts: Vec<Alert>) -> Result<Vec<Alert>, OperateError> {
        self.tally.alerts += alerts.len() as u64;
        let mut old = Vec::new();
        for alert in alerts {
            let is_young = alert.time.is_some_and(|time| time >= self.young);
            if is_young && !self.memory.has(&alert.id)? {
                self.tally.on_the_way += 1;
            } else {
                old.push(alert);
            }
        }
        let known = old.len() as u64;
        let missing = self.memory.take(old, Timestamp::now()).await?;
        self.tally.here += known - missing.len() as u64;
        for alert in &missing {
            *self.tally.missing.entry(alert.severity).or_default() += 1;
        }
        Ok(missing)
    }
}
