//! One worker: takes a file, reads its records, and hands on what the detector finds.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};
use std::thread;

use detector::log_file::{Entry, NotARecord, Prefilter, Reader, Records, Unread, WHOLE, unpacked};
use detector::{Brief, Detector, Record, SafeText};
use jiff::Timestamp;

use crate::filter::criteria::Criteria;
use crate::format::number;
use crate::model::Sums;
use crate::source::replay::ahead::ReadAhead;
use crate::source::replay::files::Input;
use crate::source::replay::seen::Seen;
use crate::source::replay::{Found, Progress, Scope};

/// A file to read, and where to say what is in it.
pub(super) struct Unit {
    pub(super) input: Input,
    pub(super) findings: SyncSender<Found>,
}

/// Works until there are no more files, or nobody wants to know.
pub(super) fn run(
    work: &Mutex<Receiver<Unit>>,
    (detector, scope): (&Detector, &Scope),
    wanted: &Criteria,
    progress: &Progress,
    summed: &Mutex<Seen>,
) {
    let mut reader = Reader::default();
    let prefilter = Prefilter::new(detector);
    loop {
        let unit = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Unit { input, findings }) = unit else { return };
        let job = Job {
            detector,
            prefilter: &prefilter,
            scope,
            wanted,
            progress,
            findings,
            unreported: Cell::new(0),
            first: Cell::new(true),
            looks_twice: Cell::new(false),
            unread: Cell::new(0),
            sums: RefCell::default(),
            summed,
        };
        let ended = match read(&mut reader, &input, &job) {
            Ok(ended) => ended,
            Err(error) => job.unread(&input, &error),
        };
        let ended = if ended.is_break() { ended } else { job.end(&input) };
        job.report_progress();
        progress.file_is_read();
        if ended.is_break() {
            return;
        }
    }
}

fn read(reader: &mut Reader, input: &Input, job: &Job<'_>) -> io::Result<ControlFlow<()>> {
    let opened = input.open()?;
    if let Some(size) = input.size.filter(|size| *size <= WHOLE) {
        // The reader gets the file itself: around a wrapper, `read_to_end` clears its buffer before each read. So bytes
        // are counted by the file's size, also of a file that fails while it is read.
        let records = reader.read(opened, input.size);
        job.progress.add_bytes(size);
        return Ok(job.look_at_all(records?, input));
    }
    let opened = Counted { input: opened, progress: job.progress };
    // Large files are unpacked on a second core while this one looks at the records.
    thread::scope(|scope| {
        let ahead = ReadAhead::start(scope, unpacked(opened)?)?;
        Ok(job.look_at_all(reader.read(Reporting { input: ahead, job }, None)?, input))
    })
}

/// Things in one input that can't be read, and that are told one by one.
const MOST_TOLD: u64 = 10;

struct Job<'a> {
    detector: &'a Detector,
    prefilter: &'a Prefilter<'a>,
    scope: &'a Scope,
    wanted: &'a Criteria,
    progress: &'a Progress,
    findings: SyncSender<Found>,
    /// Records that the progress does not know of yet: the workers would stand in each other's way
    /// if each told of every record.
    unreported: Cell<u64>,
    /// True until the first entry of the input, which is looked at whole whatever its name.
    first: Cell<bool>,
    /// True once something was passed over: a file of Insight events holds nothing else, so each is then
    /// looked at whole, and counted by what it is.
    looks_twice: Cell<bool>,
    /// Things in the input that could not be read.
    unread: Cell<u64>,
    /// Sums of the input's records, where those are wanted.
    sums: RefCell<Sums>,
    /// Records that any worker has summed up.
    summed: &'a Mutex<Seen>,
}

impl Job<'_> {
    fn look_at_all(&self, records: Records<'_>, input: &Input) -> ControlFlow<()> {
        records.each(|entry| match entry {
            Ok(entry) => self.look_at(&entry, input),
            Err(Unread::Empty) => {
                self.progress.pass_over("empty file");
                ControlFlow::Continue(())
            }
            Err(error) => self.unread(input, &error),
        })
    }

    fn look_at(&self, entry: &Entry<'_>, input: &Input) -> ControlFlow<()> {
        let whole = self.first.take() || self.looks_twice.get();
        let may_be = match self.scope {
            Scope::Alerts => self.prefilter.may_alert(entry),
            Scope::Links => self.prefilter.may_alert(entry) || entry.may_be_link(),
            Scope::Calls(patterns) | Scope::Sums(patterns) => {
                patterns.iter().all(|pattern| pattern.is_match(entry.bytes()))
            }
        };
        if !may_be && !whole {
            self.unreported.update(|records| records + 1);
            return ControlFlow::Continue(());
        }
        // A sum needs less of a record that raises no alert.
        let in_outline = matches!(self.scope, Scope::Sums(_))
            && self.wanted.asks_for_time_alone()
            && !self.prefilter.may_alert(entry);
        for record in if in_outline { entry.outlines() } else { entry.records() } {
            let record = match record {
                Ok(record) => record,
                Err(NotARecord::Passed(passed)) => {
                    self.looks_twice.set(true);
                    self.progress.pass_over(passed.label());
                    continue;
                }
                Err(error) => {
                    let start: String =
                        String::from_utf8_lossy(entry.bytes().get(..320).unwrap_or(entry.bytes()))
                            .chars()
                            .take(80)
                            .collect();
                    self.unread(input, &format_args!("{error}: {start}"))?;
                    continue;
                }
            };
            self.unreported.update(|records| records + 1);
            if !self.wanted.takes(&record) {
                continue;
            }
            if matches!(self.scope, Scope::Sums(_)) {
                self.sum_up(&record, in_outline);
                continue;
            }
            if matches!(self.scope, Scope::Calls(_)) {
                let (call, _) = self.detector.call(&record, Timestamp::now());
                if self.wanted.takes_call(&call) {
                    self.send(Found::Call(Box::new((call, record.into_value()))))?;
                }
                continue;
            }
            let alert = self.detector.detect(&record, Timestamp::now()).alert;
            let alert = alert.filter(|alert| self.wanted.takes_alert(alert));
            // A link that comes as an alert too is an alert; one that a filter leaves out is a link still.
            if alert.is_none()
                && matches!(self.scope, Scope::Links)
                && let Some(link) = self.detector.link(&record, |_| false)
            {
                self.send(Found::Link(Box::new(link)))?;
            }
            if let Some(alert) = alert {
                self.send(Found::Alert(Box::new(alert)))?;
            }
        }
        ControlFlow::Continue(())
    }

    /// Counts a record, where it is wanted and was not counted before.
    fn sum_up(&self, record: &Record, is_no_alert: bool) {
        let add = |brief: &Brief<'_>| {
            if self.summed.lock().unwrap_or_else(PoisonError::into_inner).is_new(&brief.id) {
                self.sums.borrow_mut().add(brief);
            } else {
                self.progress.alert_is_repeated();
            }
        };
        if is_no_alert {
            return add(&Brief::of(record, None));
        }
        if self.wanted.asks_for_time_alone() {
            let alert = self.detector.detect(record, Timestamp::now()).alert;
            return add(&Brief::of(record, alert.map(|alert| alert.severity)));
        }
        let (call, _) = self.detector.call(record, Timestamp::now());
        if self.wanted.takes_call(&call) {
            add(&Brief::from(&call));
        }
    }

    fn report_progress(&self) {
        self.progress.add_records(self.unreported.take());
    }

    /// Reports something that can't be read. Only the first of an input are told one by one: a few kilobytes of gzip hold
    /// a million broken lines.
    fn unread(&self, input: &Input, why: &dyn std::fmt::Display) -> ControlFlow<()> {
        self.unread.update(|count| count + 1);
        if self.unread.get() > MOST_TOLD {
            return ControlFlow::Continue(());
        }
        self.send(Found::Unread(format!("{}: {}", input.name(), SafeText::new(&why.to_string())), 1))
    }

    /// Reports, at the end of an input, its sums, and the number of unreadable things that were not told one by one.
    fn end(&self, input: &Input) -> ControlFlow<()> {
        if matches!(self.scope, Scope::Sums(_)) {
            self.send(Found::Sums(Box::new(self.sums.take())))?;
        }
        match self.unread.get().saturating_sub(MOST_TOLD) {
            0 => ControlFlow::Continue(()),
            more => {
                self.send(Found::Unread(format!("{}: {} more unreadable", input.name(), number(more)), more))
            }
        }
    }

    /// Waits where too much is waiting already.
    fn send(&self, found: Found) -> ControlFlow<()> {
        match self.findings.send(found) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// Counts the bytes that are read.
struct Counted<'a, R> {
    input: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.progress.add_bytes(read as u64);
        Ok(read)
    }
}

/// Tells the progress of the records so far before it reads on: what is next may be long in coming.
struct Reporting<'a, R> {
    input: R,
    job: &'a Job<'a>,
}

impl<R: Read> Read for Reporting<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.job.report_progress();
        self.input.read(buffer)
    }
}
