//! One worker: takes a file, reads its records, and hands on what the detector finds.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Mutex, PoisonError};

use detector::log_file::{Entry, Reader};
use detector::{Detector, SafeText};
use jiff::Timestamp;

use super::files::Input;
use super::{Found, Progress, Wanted};

/// A file to read, and where to say what is in it.
pub(super) struct Unit {
    pub(super) input: Input,
    pub(super) findings: SyncSender<Found>,
}

/// Records between two words to the progress.
const TELL_EVERY: u64 = 1_024;

/// Works until there are no more files, or nobody wants to know.
pub(super) fn run(work: &Mutex<Receiver<Unit>>, detector: &Detector, wanted: Wanted, progress: &Progress) {
    let mut reader = Reader::default();
    loop {
        let unit = work.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Unit { input, findings }) = unit else { return };
        let mut job = Job { detector, wanted, progress, findings, untold: 0 };
        let ended = match read(&mut reader, &input, &mut job) {
            Ok(ended) => ended,
            Err(error) => job.unread(&input, &error),
        };
        progress.add_records(job.untold);
        progress.file_is_read();
        if ended.is_break() {
            return;
        }
    }
}

fn read(reader: &mut Reader, input: &Input, job: &mut Job<'_>) -> io::Result<ControlFlow<()>> {
    let opened = Counted { input: input.open()?, progress: job.progress };
    let records = reader.read(opened, input.size)?;
    Ok(records.each(|entry| match entry {
        Ok(entry) => job.look_at(&entry, input),
        Err(error) => job.unread(input, &error),
    }))
}

struct Job<'a> {
    detector: &'a Detector,
    wanted: Wanted,
    progress: &'a Progress,
    findings: SyncSender<Found>,
    /// Records that the progress does not know of yet.
    untold: u64,
}

impl Job<'_> {
    fn look_at(&mut self, entry: &Entry<'_>, input: &Input) -> ControlFlow<()> {
        if self.untold >= TELL_EVERY {
            self.progress.add_records(std::mem::take(&mut self.untold));
        }
        if !entry.may_alert(self.detector) {
            self.untold += 1;
            return ControlFlow::Continue(());
        }
        for record in entry.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let start: String = String::from_utf8_lossy(entry.bytes()).chars().take(80).collect();
                    self.unread(input, &format_args!("{error}: {start}"))?;
                    continue;
                }
            };
            self.untold += 1;
            if !self.wanted.takes(&record) {
                continue;
            }
            let alert = self.detector.detect(&record, Timestamp::now()).alert;
            if let Some(alert) =
                alert.filter(|alert| self.wanted.severity.is_none_or(|least| alert.severity >= least))
            {
                self.tell(Found::Alert(Box::new(alert)))?;
            }
        }
        ControlFlow::Continue(())
    }

    fn unread(&self, input: &Input, why: &dyn std::fmt::Display) -> ControlFlow<()> {
        self.tell(Found::Unread(format!("{}: {}", input.name(), SafeText::new(&why.to_string()))))
    }

    /// Waits where too much is waiting already.
    fn tell(&self, found: Found) -> ControlFlow<()> {
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
