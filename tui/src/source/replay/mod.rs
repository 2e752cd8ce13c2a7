//! Replay: log files through the detector, on every core, in the order of the input.
//!
//! ```text
//!  files ──► Unit ──► workers (one a core): Reader ──► Entry ──► Detector ─┐ a bounded channel a unit
//!        └──────────── the channels, in order ────────────────────► Replay::next ◄┘
//! ```
//!
//! Each file gets a channel of its own, and those are read one after another: so output keeps the
//! order, and a worker that is far ahead waits. The console and `--json` both read [`Replay`].

mod ahead;
mod clock;
mod controls;
mod files;
mod player;
mod progress;
mod seen;
mod worker;

use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use detector::{Alert, Detector};

pub(crate) use controls::ReplayControls;
pub(crate) use files::is_standard_input;
pub(super) use player::run;
pub(crate) use progress::Progress;
use seen::Seen;

use crate::filter::criteria::Criteria;
use crate::model::ReplaySpeed;

/// Paths to replay, and the alerts that are wanted of them.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) wanted: Criteria,
    pub(crate) detector: Arc<Detector>,
    /// Things that could not be read or used so far.
    pub(crate) unread: Unread,
    /// Speed at which the console plays it; `None` where everything comes at once.
    pub(crate) speed: Option<ReplaySpeed>,
    /// Controls that the keys act on.
    pub(crate) controls: ReplayControls,
    /// True where somebody sees the progress, so that it is worth finding out how much there is to read.
    pub(crate) shows_progress: bool,
}

/// Things that could not be read or used, to be told when the screen is gone. All clones share one list, of
/// at most 10,000.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unread(Arc<Mutex<Vec<String>>>);

impl Unread {
    pub(crate) fn with(words: Vec<String>) -> Self {
        Self(Arc::new(Mutex::new(words)))
    }

    pub(crate) fn add(&self, what: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A folder of a million broken files must not fill the memory.
        if all.len() < 10_000 {
            all.push(what);
        }
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes the list to standard error, and returns it.
    pub(crate) fn print(&self) -> Vec<String> {
        let all = self.all();
        for what in &all {
            eprintln!("sentinel-tui: {what}");
        }
        all
    }
}

/// Finding in the input. Findings come in the order of the input.
#[derive(Debug)]
pub(crate) enum Found {
    Alert(Box<Alert>),
    /// Something that could not be read: its name, and the reason.
    Unread(String),
}

/// Result of [`Replay::next`].
#[derive(Debug)]
pub(crate) enum Next {
    Found(Found),
    /// Nothing within the time.
    Nothing,
    /// All is read.
    End,
}

/// Files whose findings may wait for their turn, for each worker.
const FILES_AHEAD: usize = 4;
/// Findings of one file that may wait for their turn.
const FINDINGS_AHEAD: usize = 64;

/// A replay that is running.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) progress: Arc<Progress>,
    units: Receiver<Receiver<Found>>,
    current: Option<Receiver<Found>>,
    seen: Seen,
}

impl Replay {
    /// Starts reading. It ends by itself when this is dropped.
    pub(crate) fn start(request: Request) -> io::Result<Self> {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let progress = Arc::new(Progress::default());
        let (units_in, units) = mpsc::sync_channel(FILES_AHEAD * workers);
        let (work_in, work) = mpsc::sync_channel(FILES_AHEAD * workers);
        let work = Arc::new(Mutex::new(work));
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        for _ in 0..workers {
            let (work, progress) = (Arc::clone(&work), Arc::clone(&progress));
            let (detector, wanted) = (Arc::clone(&request.detector), request.wanted.clone());
            named("replay-worker").spawn(move || worker::run(&work, &detector, &wanted, &progress))?;
        }
        if request.shows_progress {
            let (paths, progress) = (request.paths.clone(), Arc::clone(&progress));
            named("replay-measure").spawn(move || progress.measure(&paths))?;
        }
        let (paths, listed) = (request.paths, Arc::clone(&progress));
        named("replay-files").spawn(move || {
            for file in files::all(&paths, &|what| listed.pass_over(what)) {
                let (findings_in, findings) = mpsc::sync_channel(FINDINGS_AHEAD);
                let sent = units_in.send(findings).is_ok()
                    && match file {
                        Ok(input) => {
                            listed.file_is_listed();
                            work_in.send(worker::Unit { input, findings: findings_in }).is_ok()
                        }
                        Err(why) => findings_in.send(Found::Unread(why)).is_ok(),
                    };
                if !sent {
                    return;
                }
            }
        })?;
        Ok(Self { progress, units, current: None, seen: Seen::default() })
    }

    /// Returns the next finding, and waits for it no longer than this.
    pub(crate) fn next(&mut self, patience: Duration) -> Next {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if let Some(findings) = &self.current {
                match findings.recv_timeout(left) {
                    Ok(Found::Alert(alert)) if !self.seen.is_new(&alert.id) => {
                        self.progress.alert_is_repeated();
                        continue;
                    }
                    Ok(found) => return Next::Found(found),
                    Err(RecvTimeoutError::Timeout) => return Next::Nothing,
                    Err(RecvTimeoutError::Disconnected) => self.current = None,
                }
            }
            match self.units.recv_timeout(left) {
                Ok(findings) => self.current = Some(findings),
                Err(RecvTimeoutError::Timeout) => return Next::Nothing,
                Err(RecvTimeoutError::Disconnected) => return Next::End,
            }
        }
    }
}

/// Message for a replay that ended before all of its files were read to their end: a worker's panic.
pub(crate) const ENDED_EARLY: &str =
    "a worker ended early, and alerts may be missing: please report it, with the message above";
