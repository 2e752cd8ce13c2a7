//! State of the intake: the queue that is read, the probes that it carries, or the files that are replayed.

use jiff::{SignedDuration, Timestamp};

use super::ReplaySpeed;

/// Speed of the demo: 60 seconds of its story in one.
pub(crate) const DEMO_SPEED: u32 = 60;

/// State of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceStatus {
    /// The first answer is still to come.
    Connecting,
    /// The last receive worked.
    Live { last_receive: Timestamp, backlog: Backlog },
    /// The last receive failed, and is tried again by itself. The alerts are complete up to `last_receive`.
    Retrying { why: String, next: Timestamp, last_receive: Option<Timestamp> },
    /// The demo runs: records read, and records in all.
    Demo { read: usize, of: usize },
    /// Log files are being read, or have been.
    Replay(ReplayStatus),
}

/// Number and age of alerts that are still on their way, as far as a source knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Backlog {
    /// Messages in the queue, as it said last (it is asked at most once a minute), less those that came since.
    /// `None` where it does not say.
    pub(crate) messages: Option<u64>,
    /// Time that the oldest message of the last receive had spent in the queue; `None` where that is not
    /// known. SQS does not tell the age of a message that is still there.
    pub(crate) behind: Option<SignedDuration>,
}

/// Result of the last probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProbeStatus {
    /// The probe came back after so long.
    Back { took: SignedDuration, at: Timestamp },
    /// The probe was published at that time, and has not come back.
    Missing { sent: Timestamp },
    /// The probe could not be published.
    Refused { why: String, remedy: String },
}

/// State of a replay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ReplayStatus {
    pub(crate) progress: ReplayProgress,
    pub(crate) alerts: u64,
    /// Number of things that could not be read or used, and the first of them.
    pub(crate) unread: u64,
    pub(crate) first_unread: Option<String>,
    /// Speed at which it is played (`None`: at once), and the time that its clock shows.
    pub(crate) speed: Option<ReplaySpeed>,
    pub(crate) clock: Option<Timestamp>,
    /// True while it stands still.
    pub(crate) paused: bool,
    /// True where alerts may have been left out, by time, severity or filter.
    pub(crate) leaves_out: bool,
    pub(crate) done: bool,
}

/// Progress of a replay at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ReplayProgress {
    pub(crate) files: u64,
    pub(crate) records: u64,
    /// Bytes read, as they are on disk.
    pub(crate) bytes: u64,
    /// Number of all bytes; `None` where it is not known, as of a pipe.
    pub(crate) of: Option<u64>,
    pub(crate) millis: u64,
    /// Files that were found and not read to their end.
    pub(crate) unfinished: u64,
}

impl ReplayProgress {
    /// Returns the records a second since the start.
    pub(crate) fn rate(&self) -> u64 {
        self.records.saturating_mul(1_000) / self.millis.max(1)
    }

    /// Returns the percentage of the bytes that is read; `None` where their number is not known.
    pub(crate) fn percent(&self) -> Option<u64> {
        self.of.map(|of| (self.bytes.saturating_mul(100) / of.max(1)).min(100))
    }
}
