//! Numbers of shown alerts in each bucket of time, for the timeline over the list. They are kept with the
//! list, so that a batch counts only its own rows, and only another filter, sort or bucketing looks at all of
//! them. This module draws nothing and chooses no bucketing; `app::timeline` does.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use detector::Severity;
use jiff::Timestamp;

use crate::app::list::sort::Sort;
use crate::app::list::{List, index};

/// Division of time into buckets of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bucketing {
    /// Seconds of one bucket.
    span: i64,
    /// Seconds that clocks here are ahead of UTC: a day begins where it does here.
    offset: i64,
}

impl Default for Bucketing {
    fn default() -> Self {
        Self::new(60, 0)
    }
}

impl Bucketing {
    pub(crate) const fn new(span: i64, offset: i64) -> Self {
        Self { span, offset }
    }

    /// The bucket that a time is in. They are numbered through, so the next one is one more.
    pub(crate) fn of(self, time: Timestamp) -> i64 {
        (time.as_second() + self.offset).div_euclid(self.span)
    }

    /// Returns the time at which a bucket begins; `Timestamp::MAX` where that is out of range.
    pub(crate) fn start(self, bucket: i64) -> Timestamp {
        let second = bucket.saturating_mul(self.span).saturating_sub(self.offset);
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }
}

/// Alerts of one bucket, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SeverityCounts {
    counts: [u32; 5],
}

impl SeverityCounts {
    /// The worst first; last, what could not be read.
    const KINDS: [Option<Severity>; 5] =
        [Some(Severity::Critical), Some(Severity::High), Some(Severity::Medium), Some(Severity::Low), None];

    /// Those that there are, the worst first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Option<Severity>, u32)> {
        Self::KINDS.into_iter().zip(self.counts).filter(|(_, count)| *count > 0)
    }

    pub(crate) fn total(&self) -> u32 {
        self.counts.iter().sum()
    }

    /// One more of a severity, or one fewer.
    pub(crate) fn add(&mut self, severity: Option<Severity>, more: bool) {
        let kinds = Self::KINDS.iter().zip(&mut self.counts);
        for (_, count) in kinds.filter(|(kind, _)| **kind == severity) {
            *count = if more { count.saturating_add(1) } else { count.saturating_sub(1) };
        }
    }

    fn join(&mut self, other: Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(more);
        }
    }
}

/// The counts of all buckets that have any.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    pub(crate) bucketing: Bucketing,
    counts: BTreeMap<i64, SeverityCounts>,
    /// The oldest and the newest time that were counted since all were counted.
    ends: Option<(Timestamp, Timestamp)>,
}

/// The same counts; how far they ever reached is no count.
#[cfg(test)]
impl PartialEq for Buckets {
    fn eq(&self, other: &Self) -> bool {
        self.bucketing == other.bucketing && self.counts == other.counts
    }
}

impl Buckets {
    fn of(bucketing: Bucketing, rows: impl Iterator<Item = (Timestamp, Option<Severity>)>) -> Self {
        let mut buckets = Self { bucketing, ..Self::default() };
        // In an order by time one look-up serves all rows of a bucket.
        let mut run: Option<(i64, SeverityCounts)> = None;
        for (time, severity) in rows {
            buckets.reach(time);
            let bucket = bucketing.of(time);
            if let Some((at, stack)) = run.take_if(|(at, _)| *at != bucket) {
                buckets.counts.entry(at).or_default().join(stack);
            }
            run.get_or_insert((bucket, SeverityCounts::default())).1.add(severity, true);
        }
        if let Some((at, stack)) = run {
            buckets.counts.entry(at).or_default().join(stack);
        }
        buckets
    }

    fn reach(&mut self, time: Timestamp) {
        let (oldest, newest) = self.ends.unwrap_or((time, time));
        self.ends = Some((oldest.min(time), newest.max(time)));
    }

    fn add(&mut self, time: Timestamp, severity: Option<Severity>) {
        self.reach(time);
        self.counts.entry(self.bucketing.of(time)).or_default().add(severity, true);
    }

    fn take(&mut self, time: Timestamp, severity: Option<Severity>) {
        let bucket = self.bucketing.of(time);
        let Some(stack) = self.counts.get_mut(&bucket) else { return };
        stack.add(severity, false);
        if stack.total() == 0 {
            self.counts.remove(&bucket);
        }
    }

    /// The newest bucket that has alerts.
    pub(crate) fn newest(&self) -> Option<i64> {
        self.counts.last_key_value().map(|(bucket, _)| *bucket)
    }

    /// Seconds from the oldest alert to the newest, or some more where one of them has left since.
    pub(crate) fn span(&self) -> Option<i64> {
        self.ends
            .filter(|_| !self.counts.is_empty())
            .map(|(oldest, newest)| newest.duration_since(oldest).as_secs())
    }

    pub(crate) fn get(&self, bucket: i64) -> SeverityCounts {
        self.counts.get(&bucket).copied().unwrap_or_default()
    }

    /// Those of these buckets that have alerts.
    pub(crate) fn within(&self, range: RangeInclusive<i64>) -> impl Iterator<Item = (i64, &SeverityCounts)> {
        self.counts.range(range).map(|(bucket, stack)| (*bucket, stack))
    }

    /// The next bucket with alerts, or so many more on; where there are fewer, the last of them.
    pub(crate) fn next(&self, from: i64, later: bool, count: usize) -> Option<i64> {
        if later {
            self.counts.range(from.saturating_add(1)..).take(count).last().map(|(bucket, _)| *bucket)
        } else {
            self.counts.range(..from).rev().take(count).last().map(|(bucket, _)| *bucket)
        }
    }
}

impl List {
    /// Returns the counts of the shown rows by buckets of time.
    pub(crate) const fn buckets(&self) -> &Buckets {
        &self.buckets
    }

    /// Counts by other buckets, where these are others.
    pub(crate) fn set_bucketing(&mut self, bucketing: Bucketing) {
        if self.buckets.bucketing != bucketing {
            self.buckets.bucketing = bucketing;
            self.recount();
        }
    }

    /// Counts all that is shown.
    pub(super) fn recount(&mut self) {
        self.buckets = self.counted();
    }

    #[cfg(test)]
    pub(crate) fn recount_all(&mut self) {
        self.recount();
    }

    pub(super) fn counted(&self) -> Buckets {
        let rows = self.shown.iter().filter_map(|slot| self.rows.get(index(*slot)));
        Buckets::of(self.buckets.bucketing, rows.map(|row| (row.time, row.severity)))
    }

    /// Counts rows that are shown now.
    pub(super) fn count_in(&mut self, slots: &[u32]) {
        for slot in slots {
            if let Some(row) = self.rows.get(index(*slot)) {
                self.buckets.add(row.time, row.severity);
            }
        }
    }

    /// Takes a row that is hidden now out of the counts.
    pub(super) fn count_out(&mut self, time: Timestamp, severity: Option<Severity>) {
        self.buckets.take(time, severity);
    }

    /// The bucket of the selected alert.
    pub(crate) fn selected_bucket(&self) -> Option<i64> {
        self.selected_row().map(|row| self.buckets.bucketing.of(row.time))
    }

    /// Selects the newest alert of a bucket. False where it has none that is shown.
    pub(crate) fn go_to_bucket(&mut self, bucket: i64) -> bool {
        let bucketing = self.buckets.bucketing;
        let of = |slot: &u32| self.row(*slot).map(|row| bucketing.of(row.time));
        let at = match self.sort {
            Sort::NEWEST_FIRST => self.shown.partition_point(|slot| of(slot) > Some(bucket)),
            Sort::OLDEST_FIRST => {
                self.shown.partition_point(|slot| of(slot) <= Some(bucket)).saturating_sub(1)
            }
            _ => {
                let key = |slot: &u32| self.row(*slot).map(|row| std::cmp::Reverse(row.key()));
                let ours = self.shown.iter().enumerate().filter(|(_, slot)| of(slot) == Some(bucket));
                ours.max_by_key(|(_, slot)| key(slot)).map_or(0, |(at, _)| at)
            }
        };
        if self.shown.get(at).and_then(of) != Some(bucket) {
            return false;
        }
        self.select(at);
        true
    }
}
