//! Report of a back-fill: the questions that it asks, its progress and its result, all on standard error. The
//! alerts that never arrived are on standard output.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal as _, Stderr, Write as _};
use std::time::{Duration, Instant};

use detector::{SafeText, Severity};
use jiff::Timestamp;

use crate::commands::backfill::plan::Question;
use crate::commands::count;
use crate::format::{date_time, number};

/// Between two looks of the progress line.
const PACE: Duration = Duration::from_millis(200);
/// Back to the start of the line, and clear it.
const CLEAR: &str = "\r\x1b[K";

/// Counts of a back-fill so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) calls: u64,
    pub(crate) events: u64,
    pub(crate) alerts: u64,
    pub(crate) here: u64,
    pub(crate) missing: BTreeMap<Severity, u64>,
    /// Too young to be called lost.
    pub(crate) on_the_way: u64,
    /// Records that could not be read.
    pub(crate) unread: u64,
    /// Regions that could not be asked.
    pub(crate) failed: u64,
}

impl Tally {
    pub(crate) fn missing(&self) -> u64 {
        self.missing.values().sum()
    }

    /// `12,345 events in 250 calls; 31 alerts: 29 already here, 2 never arrived (1 critical, 1 high)`.
    pub(crate) fn summary(&self, dry_run: bool) -> String {
        let missing = match self.missing() {
            0 if self.on_the_way == 0 => "all already stored".to_owned(),
            0 => format!("{} already stored", number(self.here)),
            many => {
                let by_severity: Vec<_> = self
                    .missing
                    .iter()
                    .rev()
                    .map(|(severity, count)| {
                        format!("{} {}", number(*count), severity.as_str().to_lowercase())
                    })
                    .collect();
                let done =
                    if dry_run { "; dry run, nothing stored" } else { ", stored with the tag backfill" };
                format!(
                    "{} already stored, {} missed ({}){done}",
                    number(self.here),
                    number(many),
                    by_severity.join(", ")
                )
            }
        };
        let missing = if self.alerts == 0 { String::new() } else { format!(": {missing}") };
        let mut words = format!(
            "{} in {}; {}{missing}",
            count(self.events, "event"),
            count(self.calls, "call"),
            count(self.alerts, "alert")
        );
        if self.on_the_way > 0 {
            let young = number(self.on_the_way);
            words.extend([". ", &young, " younger than 15 minutes may still arrive: run again later"]);
        }
        if self.unread > 0 {
            words.extend([". ", &number(self.unread), " unreadable"]);
        }
        words
    }
}

/// Standard error, on which there may be a line of progress.
pub(crate) struct Report {
    err: Stderr,
    is_terminal: bool,
    on_screen: bool,
    shown: Instant,
}

impl Report {
    pub(crate) fn new() -> Self {
        let err = io::stderr();
        Self { is_terminal: err.is_terminal(), err, on_screen: false, shown: Instant::now() }
    }

    /// Tells the plan before the first question: regions, span of time, and number of calls.
    pub(crate) fn plan(
        &mut self,
        regions: &[String],
        questions: &[Question],
        (since, until): (Timestamp, Timestamp),
    ) {
        let reads = questions.len().saturating_sub(1) as u64;
        let calls = (regions.len() * questions.len()) as u64;
        self.line(&format!(
            "{}, {} to {} UTC: one query for all changes and {} for read-only calls, at least {} \
             (50 events each, 2 per second and region, free of charge)",
            regions.join(", "),
            date_time(since),
            date_time(until),
            number(reads),
            count(calls, "call")
        ));
    }

    pub(crate) fn line(&mut self, line: &str) {
        self.clear();
        // Nothing to do about a closed standard error.
        let _ = writeln!(self.err, "sentinel-tui: {}", SafeText::new(line));
    }

    /// Shows the progress of a region, where standard error is a terminal.
    pub(crate) fn progress(&mut self, region: &str, what: &str, back_to: Option<Timestamp>, tally: &Tally) {
        if !self.is_terminal || self.shown.elapsed() < PACE {
            return;
        }
        self.shown = Instant::now();
        self.on_screen = true;
        let back = back_to.map(|time| format!(" back to {}", date_time(time))).unwrap_or_default();
        let line = format!(
            "{}, {}, {} missed; {region}: {what}{back}",
            count(tally.calls, "call"),
            count(tally.events, "event"),
            number(tally.missing())
        );
        let _ = write!(self.err, "{CLEAR}BACKFILL  {}", SafeText::new(&line));
        let _ = self.err.flush();
    }

    /// Clears the line of progress, before anything else is written on what may be the same terminal.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.on_screen) {
            let _ = self.err.write_all(CLEAR.as_bytes());
            let _ = self.err.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::backfill::report::*;

    #[test]
    fn the_summary_says_what_there_was_and_what_never_arrived() {
        let mut tally = Tally { calls: 250, events: 12_345, alerts: 31, here: 31, ..Tally::default() };
        assert_eq!(tally.summary(false), "12,345 events in 250 calls; 31 alerts: all already stored");
        tally.here = 29;
        tally.missing = BTreeMap::from([(Severity::High, 1), (Severity::Critical, 1)]);
        assert_eq!(
            tally.summary(false),
            "12,345 events in 250 calls; 31 alerts: 29 already stored, 2 missed (1 critical, 1 high), \
             stored with the tag backfill"
        );
        tally.on_the_way = 1;
        assert!(tally.summary(true).ends_with(
            "; dry run, nothing stored. 1 younger than 15 minutes may still arrive: run again later"
        ));
        assert_eq!(Tally::default().summary(false), "0 events in 0 calls; 0 alerts");
    }
}
