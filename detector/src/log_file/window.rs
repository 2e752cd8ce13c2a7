//! The part of an input that is in memory: all of a small one, a moving window on a large one.

use std::io::{self, Read};

/// Bytes that are asked for at a time.
const CHUNK: usize = 256 * 1024;
/// From this many unfinished bytes on, so many more are awaited at least, so that a large record
/// that comes in small pieces is not tried again with each of them.
const PATIENT: usize = 64 * 1024;

/// A window on an input. What is before it is gone.
pub(super) struct Window<'a> {
    /// Its length only ever grows: what is filled is between `start` and `end`.
    buffer: &'a mut Vec<u8>,
    start: usize,
    end: usize,
    /// Bytes of the input that are before the buffer.
    gone: u64,
    /// Rest of the input, which is still to be read; `None` once it has ended or failed.
    rest: Option<Box<dyn Read + 'a>>,
    failure: Option<io::Error>,
}

impl<'a> Window<'a> {
    /// The first `length` bytes of a buffer, and nothing behind them.
    pub(super) fn whole(buffer: &'a mut Vec<u8>, length: usize) -> Self {
        Self { buffer, start: 0, end: length, gone: 0, rest: None, failure: None }
    }

    /// All that can be read.
    pub(super) fn on(buffer: &'a mut Vec<u8>, rest: Box<dyn Read + 'a>) -> Self {
        Self { buffer, start: 0, end: 0, gone: 0, rest: Some(rest), failure: None }
    }

    /// Returns the bytes that are in memory and not yet used.
    pub(super) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// These bytes are used.
    pub(super) fn advance(&mut self, by: usize) {
        self.start = (self.start + by).min(self.end);
    }

    /// Returns the offset in the input at which the unused bytes begin.
    pub(super) const fn offset(&self) -> u64 {
        self.gone + self.start as u64
    }

    /// Reads more behind the unused bytes; says whether there was any.
    ///
    /// # Errors
    /// Returns an error where the input can't be read. After that there is nothing more to read.
    pub(super) fn fill(&mut self) -> io::Result<bool> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let Some(rest) = &mut self.rest else { return Ok(false) };
        self.buffer.copy_within(self.start..self.end, 0);
        self.gone += self.start as u64;
        (self.start, self.end) = (0, self.end - self.start);
        let unfinished = self.end;
        let room = unfinished + unfinished.max(CHUNK);
        if self.buffer.len() < room {
            self.buffer.resize(room, 0);
        }
        let enough = unfinished + if unfinished < PATIENT { 1 } else { unfinished };
        while self.end < enough {
            match rest.read(self.buffer.get_mut(self.end..).unwrap_or_default()) {
                Ok(0) => {
                    self.rest = None;
                    break;
                }
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.rest = None;
                    if self.end == unfinished {
                        return Err(error);
                    }
                    // The text before it comes first.
                    self.failure = Some(error);
                    break;
                }
            }
        }
        Ok(self.end > unfinished)
    }
}
