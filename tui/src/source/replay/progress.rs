//! Progress of a replay: counted by the workers, looked at by whoever shows it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::format::number;
use crate::model::ReplayProgress;
use crate::source::replay::files;

/// Counters that all workers add to. They are exact once all is read.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    /// Files that were found, and files that were read to their end.
    listed: AtomicU64,
    read: AtomicU64,
    records: AtomicU64,
    /// Bytes as they are on disk: those read, and all there are (0 as long as that is not known).
    bytes: AtomicU64,
    all_bytes: AtomicU64,
    /// Counts of things passed over, by the word for one.
    passed: Mutex<BTreeMap<&'static str, u64>>,
    /// Alerts that were found before: one event can be in two trails.
    repeated: AtomicU64,
}

impl Default for Progress {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            started: Instant::now(),
            listed: zero(),
            read: zero(),
            records: zero(),
            bytes: zero(),
            all_bytes: zero(),
            passed: Mutex::default(),
            repeated: zero(),
        }
    }
}

impl Progress {
    pub(super) fn file_is_listed(&self) {
        self.listed.fetch_add(1, Ordering::Relaxed);
    }

    /// Finds out how many bytes there are: by a walk of its own, since the one that reads does not
    /// run far ahead. A pipe has no size, and then there is no telling.
    pub(super) fn measure(&self, paths: &[PathBuf]) {
        let sizes = files::all(paths, &|_| ()).filter_map(Result::ok).map(|input| input.size);
        if let Some(all) = sizes.sum::<Option<u64>>() {
            self.all_bytes.store(all, Ordering::Relaxed);
        }
    }

    /// Counts something that holds no calls, by the word for one of them.
    pub(super) fn pass_over(&self, what: &'static str) {
        *self.passed.lock().unwrap_or_else(PoisonError::into_inner).entry(what).or_default() += 1;
    }

    pub(super) fn alert_is_repeated(&self) {
        self.repeated.fetch_add(1, Ordering::Relaxed);
    }

    /// Words for what was passed over: `passed over: 3 digests, 12 Insight events`; none where nothing was.
    pub(crate) fn passed_over(&self) -> Option<String> {
        let passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
        let list: Vec<String> = passed.iter().map(|(what, count)| counted(what, *count)).collect();
        (!list.is_empty()).then(|| format!("skipped: {}", list.join(", ")))
    }

    /// Alerts that were found again, in another trail or another copy of a file.
    pub(crate) fn repeated(&self) -> u64 {
        self.repeated.load(Ordering::Relaxed)
    }

    pub(super) fn add_records(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
    }

    pub(super) fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn file_is_read(&self) {
        self.read.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the progress at this moment.
    pub(crate) fn progress(&self) -> ReplayProgress {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (files, all_bytes) = (get(&self.read), get(&self.all_bytes));
        ReplayProgress {
            files,
            records: get(&self.records),
            bytes: get(&self.bytes),
            of: (all_bytes > 0).then_some(all_bytes),
            millis: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            unfinished: get(&self.listed).saturating_sub(files),
        }
    }
}

/// `1 digest`, `3 digests`, `2 files or folders of flow logs`.
fn counted(what: &str, count: u64) -> String {
    let words = match what.strip_prefix("file or folder") {
        _ if count == 1 => what.to_owned(),
        Some(rest) => format!("files or folders{rest}"),
        None => format!("{what}s"),
    };
    format!("{} {words}", number(count))
}
