//! Alerts without a screen: one line each, as they come, from the queue, the demo or the database of
//! a console. What the console does when standard output is no terminal, and `sentinel-tui tail`.
//!
//! Lines go to standard output, what goes wrong to standard error. From the queue, an alert is stored
//! before it is deleted and shown, as in the console: what is lost in the pipe is in the database.

use std::io::{self, BufWriter, StdoutLock, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use detector::{Detector, SafeText};
use tokio::sync::mpsc;

use super::exit::{failed, failed_usage, written};
use super::{inputs, replay};
use crate::cli::{self, Cli, TailFrom};
use crate::filter::criteria::Criteria;
use crate::model::{Alarm, Content, Event, ProbeStatus, SourceStatus, Stored};
use crate::output::{self, OutputFormat};
use crate::source::{Source, demo};
use crate::store::{Reader, Retention, Store, StoreError};

/// Between two looks at a database that another process fills.
const PACE: Duration = Duration::from_secs(1);
/// Entries read at a time.
const PAGE: usize = 500;

/// Error that ended the output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TailError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of standard output, or of the runtime.
    #[error("can't write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// Alerts to be shown, and the format of their lines.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) form: OutputFormat,
    pub(crate) wanted: Criteria,
    /// So many of the database's last entries come first.
    pub(crate) last: usize,
}

/// Prints the alerts of `--from`; without it, of the queue where one is set, else of the database.
pub(crate) fn run(tail: cli::Tail, cli: &Cli) -> ExitCode {
    let wanted = Criteria { severity: tail.min_severity, filter: tail.filter, ..Criteria::default() };
    let options = Options { form: OutputFormat::json(tail.json), wanted, last: tail.last };
    let queue = match tail.from {
        Some(TailFrom::Demo | TailFrom::Database) => None,
        Some(TailFrom::Queue) | None => match inputs::queue(cli) {
            Ok(queue) => queue,
            Err(error) => return failed_usage(&error),
        },
    };
    match (tail.from, queue) {
        (Some(TailFrom::Demo), _) => match inputs::detector(cli.rules.as_deref()) {
            Ok((detector, _)) => code(demo(detector, options)),
            Err(error) => failed(&error),
        },
        (Some(TailFrom::Queue) | None, Some(source)) => lines(source, cli, options),
        (Some(TailFrom::Queue), None) => failed_usage(&"no queue: set --queue-url or SENTINEL_QUEUE_URL"),
        (Some(TailFrom::Database) | None, _) => match inputs::database(cli) {
            Ok(path) => code(database(&path, options)),
            Err(error) => failed(&error),
        },
    }
}

/// Prints the alerts of a source, one a line.
pub(crate) fn lines(source: Source, cli: &Cli, options: Options) -> ExitCode {
    match source {
        Source::Demo(detector) => code(demo(detector, options)),
        Source::Replay(request) => written(replay::replay(request, options.form)),
        Source::Sqs { .. } => match inputs::database(cli) {
            Ok(path) => code(queue(source, path, inputs::retention(cli), &cli.log, options)),
            Err(error) => failed(&error),
        },
    }
}

fn code(result: Result<(), TailError>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(TailError::Output(error)) => written(Err(error)),
        Err(error) => failed(&error),
    }
}

/// Shows the demo's alerts, and ends with the story.
pub(crate) fn demo(detector: Arc<Detector>, options: Options) -> Result<(), TailError> {
    let mut lines = Lines::new(options);
    super::runtime()?.block_on(async {
        let mut story = demo::play(detector);
        while let Some(step) = story.recv().await {
            if let Some(alert) = step.alert {
                lines.alert(&alert)?;
                lines.out.flush()?;
            }
        }
        Ok(())
    })
}

/// Shows what another process stores in this database, until it is ended.
pub(crate) fn database(path: &Path, options: Options) -> Result<(), TailError> {
    let mut follower = Follower::new(path, options)?;
    loop {
        follower.catch_up()?;
        std::thread::sleep(PACE);
    }
}

/// Receives from a queue as the console does, and shows what comes, until it is ended.
pub(crate) fn queue(
    source: Source,
    path: PathBuf,
    keep: Retention,
    log: &str,
    options: Options,
) -> Result<(), TailError> {
    let runtime = super::runtime()?;
    let _log = crate::log::start(&path, log);
    runtime.block_on(async {
        let (app, mut inbox) = mpsc::channel(64);
        // It makes the database where there is none.
        let store = Store::open(Some(path.clone()), keep, app.clone())?;
        let mut follower = Follower::new(&path, options)?;
        tokio::spawn(source.run(store, app));
        follower.catch_up()?;
        let (mut trouble, mut lost) = (None, false);
        while let Some(msg) = inbox.recv().await {
            match msg {
                Event::Stored(_) | Event::Alarms { .. } => follower.catch_up()?,
                Event::Probe(probed) => print_probe(&mut lost, &probed),
                Event::Source(health) => print_trouble(&mut trouble, health),
                Event::Notice(words) => eprintln!("sentinel-tui: {}", SafeText::new(&words)),
                Event::StoreFailed(why)
                | Event::StoreBlocked(Some(why))
                | Event::DeleteBlocked(Some(why)) => {
                    eprintln!("sentinel-tui: {}", SafeText::new(&why));
                }
                Event::DeleteBlocked(None) => eprintln!("sentinel-tui: deleting messages works again"),
                _ => {}
            }
        }
        Ok(())
    })
}

/// Lines on standard output.
struct Lines {
    out: BufWriter<StdoutLock<'static>>,
    options: Options,
}

impl Lines {
    fn new(options: Options) -> Self {
        Self { out: BufWriter::new(io::stdout().lock()), options }
    }

    fn alert(&mut self, alert: &detector::Alert) -> io::Result<()> {
        if self.options.wanted.takes_alert(alert) {
            output::alert(&mut self.out, self.options.form, alert)?;
        }
        Ok(())
    }

    fn entry(&mut self, stored: &Stored) -> io::Result<()> {
        match &stored.content {
            Content::Alert(alert) => self.alert(alert),
            // Nobody can say whether it is wanted, so it is.
            Content::Unreadable { .. } => output::entry(&mut self.out, self.options.form, stored),
        }
    }
}

/// Follows a database by the number of the last arrival.
struct Follower {
    reader: Reader,
    last: i64,
    /// The alarms that were told, or were so before.
    alarms: Vec<Alarm>,
    lines: Lines,
}

impl Follower {
    fn new(path: &Path, options: Options) -> Result<Self, StoreError> {
        let reader = Reader::open(path)?;
        let last = reader.before_last(options.last)?;
        let alarms = reader.alarms()?;
        Ok(Self { reader, last, alarms, lines: Lines::new(options) })
    }

    /// Shows what has arrived since.
    fn catch_up(&mut self) -> Result<(), TailError> {
        loop {
            let page = self.reader.arrived_after(self.last, PAGE)?;
            for stored in &page {
                self.lines.entry(stored)?;
                self.last = stored.number;
            }
            if page.len() < PAGE {
                self.alarms()?;
                self.lines.out.flush()?;
                return Ok(());
            }
            self.lines.out.flush()?;
        }
    }

    /// Shows the alarms of the pipeline that have changed.
    fn alarms(&mut self) -> Result<(), TailError> {
        let alarms = self.reader.alarms()?;
        let mut changed: Vec<_> = alarms.iter().filter(|alarm| !self.alarms.contains(alarm)).collect();
        changed.sort_by_key(|alarm| alarm.since);
        for alarm in changed {
            output::alarm(&mut self.lines.out, self.lines.options.form, alarm)?;
        }
        self.alarms = alarms;
        Ok(())
    }
}

/// Says that probes do not come back any more, and that they do again. Why they can't be published is a
/// notice.
fn print_probe(lost: &mut bool, probed: &ProbeStatus) {
    match probed {
        ProbeStatus::Missing { sent } if !*lost => {
            eprintln!(
                "sentinel-tui: probe sent at {sent:.0} not received through the queue; run `sentinel-tui doctor`"
            );
            *lost = true;
        }
        ProbeStatus::Back { .. } if *lost => {
            eprintln!("sentinel-tui: probes are received again");
            *lost = false;
        }
        _ => {}
    }
}

/// Says what is wrong with the source once, and that it is over.
fn print_trouble(trouble: &mut Option<String>, health: SourceStatus) {
    match health {
        SourceStatus::Retrying { why, .. } if trouble.as_ref() != Some(&why) => {
            eprintln!("sentinel-tui: {}; retrying", SafeText::new(&why));
            *trouble = Some(why);
        }
        SourceStatus::Live { .. } if trouble.take().is_some() => eprintln!("sentinel-tui: receiving again"),
        _ => {}
    }
}
