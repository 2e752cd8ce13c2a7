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
mod run;
mod seen;
mod worker;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use detector::link::Link;
use detector::{Alert, Call, Detector};
use regex::bytes::Regex;
use serde_json::Value;

pub(crate) use controls::ReplayControls;
pub(crate) use files::{is_standard_input, missing};
pub(super) use player::run;
pub(crate) use progress::Progress;
pub(crate) use run::Replay;

use crate::filter::criteria::Criteria;
use crate::model::{ReplaySpeed, Sums};

/// Paths to replay, and the alerts that are wanted of them.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) paths: Vec<PathBuf>,
    pub(crate) wanted: Criteria,
    pub(crate) detector: Arc<Detector>,
    pub(crate) scope: Scope,
    /// Name of the case that keeps the alerts and what people do about them; `None` where they are in memory.
    pub(crate) case: Option<String>,
    /// Things that could not be read or used so far.
    pub(crate) unread: Unread,
    /// Speed at which the console plays it; `None` where everything comes at once.
    pub(crate) speed: Option<ReplaySpeed>,
    /// Controls that the keys act on.
    pub(crate) controls: ReplayControls,
    /// True where somebody sees the progress, so that it is worth finding out how much there is to read.
    pub(crate) shows_progress: bool,
}

impl Request {
    /// Returns the request for records of a scope, without a console.
    pub(crate) fn headless(
        paths: Vec<PathBuf>,
        wanted: Criteria,
        detector: Arc<Detector>,
        scope: Scope,
    ) -> Self {
        Self {
            paths,
            wanted,
            detector,
            scope,
            case: None,
            unread: Unread::default(),
            speed: None,
            controls: ReplayControls::new(None),
            shows_progress: false,
        }
    }
}

/// Records that are wanted.
#[derive(Debug, Clone, Default)]
pub(crate) enum Scope {
    /// Those that raise alerts.
    #[default]
    Alerts,
    /// Links too: records that are no alerts and that incidents need.
    Links,
    /// All records, each as a call, of those whose text has all of these patterns.
    Calls(Vec<Regex>),
    /// The same records, summed up by actor.
    Sums(Vec<Regex>),
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
    /// A link, where those are wanted.
    Link(Box<Link>),
    /// A record, where all are wanted, with its JSON.
    Call(Box<(Call, Value)>),
    /// Sums of the records of one input, where those are wanted.
    Sums(Box<Sums>),
    /// Something that can't be read, in words, and the number of things that it stands for.
    Unread(String, u64),
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

/// Message for a replay that ended before all of its files were read to their end: a worker's panic.
pub(crate) const ENDED_EARLY: &str =
    "a worker crashed, alerts may be missing: please report this with the message above";
