//! How far it is: counted by the workers, looked at by whoever shows it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use super::files::Input;

/// Counters that all workers add to. They are exact once all is read.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    /// Files that were found, and files that were read to their end.
    listed: AtomicU64,
    read: AtomicU64,
    records: AtomicU64,
    /// Bytes as they are on disk, of those found and of those read.
    bytes_listed: AtomicU64,
    bytes: AtomicU64,
    complete: AtomicBool,
}

/// How far it is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Standing {
    pub(crate) files: u64,
    pub(crate) records: u64,
    /// Bytes read, as they are on disk.
    pub(crate) bytes: u64,
    /// Of how many, where that is known: not of a pipe.
    pub(crate) of: Option<u64>,
    pub(crate) millis: u64,
    /// Files that were found and not read to their end.
    pub(crate) unfinished: u64,
}

impl Default for Progress {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            started: Instant::now(),
            listed: zero(),
            read: zero(),
            records: zero(),
            bytes_listed: zero(),
            bytes: zero(),
            complete: AtomicBool::new(false),
        }
    }
}

impl Progress {
    pub(super) fn list(&self, input: &Input) {
        self.listed.fetch_add(1, Ordering::Relaxed);
        self.bytes_listed.fetch_add(input.size.unwrap_or(0), Ordering::Relaxed);
    }

    pub(super) fn all_are_listed(&self) {
        self.complete.store(true, Ordering::Relaxed);
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

    /// How far it is now.
    pub(crate) fn standing(&self) -> Standing {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (files, bytes, of) = (get(&self.read), get(&self.bytes), get(&self.bytes_listed));
        let known = self.complete.load(Ordering::Relaxed) && of >= bytes && of > 0;
        Standing {
            files,
            records: get(&self.records),
            bytes,
            of: known.then_some(of),
            millis: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            unfinished: get(&self.listed).saturating_sub(files),
        }
    }
}

impl Standing {
    /// Records a second since the start.
    pub(crate) fn rate(&self) -> u64 {
        self.records.saturating_mul(1_000) / self.millis.max(1)
    }

    /// Percent of the bytes.
    pub(crate) fn percent(&self) -> Option<u64> {
        self.of.map(|of| (self.bytes.saturating_mul(100) / of.max(1)).min(100))
    }
}
