//! A pull parser for the outermost layers of a log file: it finds where each record begins and ends,
//! and hands it on. It never holds more than one record that is not complete.
//!
//! Each record is validated, by the scan or else by serde; what is between records is a few bytes,
//! and told apart here.

use std::io;
use std::ops::ControlFlow;

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use serde_json::error::Category;

use super::entry::Entry;
use super::foreign;
use super::scan;
use super::window::Window;

/// The longest record that may be cut by the window's end. CloudTrail's are at most 1 MB.
const LONGEST: usize = 8 * 1024 * 1024;

/// Number of bytes that may be looked at in vain. A broken line costs as much as it is long; but text that
/// opens an object on each line and closes none would be read to its end from every line.
const MOST_WASTED: u64 = 64 * 1024 * 1024;
/// The byte order mark, U+FEFF in UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// Keys of such lists: CloudTrail's files, `lookup-events`, `filter-log-events`, `receive-message`.
const LISTS: [&[u8]; 4] = [b"\"Records\"", b"\"Events\"", b"\"events\"", b"\"Messages\""];

/// The records of one input.
pub struct Records<'a> {
    window: Window<'a>,
    place: Place,
    /// Values that were found so far.
    found: u64,
    /// Bytes that were looked at in broken values, beyond those that were given up with them.
    wasted: u64,
}

impl std::fmt::Debug for Records<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Records").field("found", &self.found).finish_non_exhaustive()
    }
}

/// Place in the input at which the parser stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Between values that follow one another: at the start, between the lines of NDJSON.
    Between,
    /// Before an element of an array, or its end.
    Array { first: bool, in_object: bool },
    /// In `{"Records":[…]`, behind the array.
    Behind,
}

/// Part of an input that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// The rest of it: the bytes don't come, or don't unpack.
    #[error("read error at record {}: {source}; rest skipped", .found + 1)]
    Input {
        /// Records that came before.
        found: u64,
        /// Error that the system or gzip reports.
        source: io::Error,
    },
    /// All of it: it is something else.
    #[error("not a log file: {0}")]
    Foreign(&'static str),
    /// Nothing is in it.
    #[error("empty")]
    Empty,
    /// A part of it that is broken.
    #[error(
        "record {}: invalid JSON at byte {at}: {why}; {}",
        .found + 1,
        if *.goes_on { "line skipped" } else { "rest skipped" }
    )]
    Json {
        /// Records that came before.
        found: u64,
        /// Offset in the unpacked text at which the broken part begins.
        at: u64,
        /// Reason why the part is broken.
        why: String,
        /// True where there is a next line to go on with.
        goes_on: bool,
    },
}

/// Fault that ends a value.
enum Fault {
    Input(io::Error),
    Json(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

impl<'a> Records<'a> {
    pub(super) const fn new(window: Window<'a>) -> Self {
        Self { window, place: Place::Between, found: 0, wasted: 0 }
    }

    /// Hands over each value in its order, and what can't be read, until all is read or `take`
    /// breaks.
    pub fn each(
        mut self,
        mut take: impl FnMut(Result<Entry<'_>, Unread>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        match self.first() {
            Ok(None) => {}
            Ok(Some(other)) => return take(Err(other)),
            Err(source) => return take(Err(Unread::Input { found: 0, source })),
        }
        loop {
            let why = match self.step(&mut take) {
                Ok(Some(flow)) => {
                    flow?;
                    continue;
                }
                Ok(None) => return ControlFlow::Continue(()),
                Err(Fault::Input(source)) => {
                    return take(Err(Unread::Input { found: self.found, source }));
                }
                Err(Fault::Json(why)) => why,
            };
            let at = self.window.offset();
            let goes_on = self.place == Place::Between
                && self.wasted <= MOST_WASTED
                && self.next_line().unwrap_or(false);
            self.wasted = self.wasted.saturating_sub(self.window.offset() - at);
            take(Err(Unread::Json { found: self.found, at, why, goes_on }))?;
            if !goes_on {
                return ControlFlow::Continue(());
            }
        }
    }

    /// Looks at the first bytes: nothing where they may be records.
    fn first(&mut self) -> io::Result<Option<Unread>> {
        // Text that begins as JSON needs no more bytes: a pipe may give one record and then nothing for long.
        let may_be_json = |bytes: &[u8]| {
            let text = bytes.strip_prefix(MARK).unwrap_or(bytes).trim_ascii_start();
            matches!(text.first(), Some(b'{' | b'['))
        };
        while self.window.bytes().len() < foreign::LOOKED_AT
            && !may_be_json(self.window.bytes())
            && self.window.fill()?
        {}
        let first = self.window.bytes();
        if first.is_empty() {
            return Ok(Some(Unread::Empty));
        }
        let first = first.get(..foreign::LOOKED_AT).unwrap_or(first);
        Ok(foreign::named(first).map(Unread::Foreign))
    }

    /// One step on: a value, or the bytes around it. Nothing at the end.
    fn step(
        &mut self,
        take: &mut impl FnMut(Result<Entry<'_>, Unread>) -> ControlFlow<()>,
    ) -> Result<Option<ControlFlow<()>>, Fault> {
        let next = self.peek()?;
        // Windows programs mark the start of a text so; RFC 8259 lets a reader pass over it. In files that were
        // joined it stands between them.
        if next == MARK.first().copied() && self.place == Place::Between && self.passes(&[MARK])? {
            return Ok(Some(ControlFlow::Continue(())));
        }
        self.place = match (self.place, next) {
            (Place::Between, None) => return Ok(None),
            (_, None) => {
                return Err(Fault::Json("unexpected end of input in the list of records".to_owned()));
            }
            (Place::Between, Some(b'[')) => {
                self.window.advance(1);
                Place::Array { first: true, in_object: false }
            }
            (Place::Between, Some(b'{')) if self.begins_a_list()? => {
                Place::Array { first: true, in_object: true }
            }
            (Place::Between, Some(_)) => return self.value(take).map(Some),
            (Place::Array { in_object, .. }, Some(b']')) => {
                self.window.advance(1);
                if in_object { Place::Behind } else { Place::Between }
            }
            (Place::Array { first, in_object }, Some(byte)) => {
                if !first && byte != b',' {
                    return Err(Fault::Json("missing comma between two records".to_owned()));
                }
                if !first {
                    self.window.advance(1);
                    self.peek()?;
                }
                let flow = self.value(take)?;
                self.place = Place::Array { first: false, in_object };
                return Ok(Some(flow));
            }
            (Place::Behind, Some(b'}')) => {
                self.window.advance(1);
                Place::Between
            }
            (Place::Behind, Some(b',')) => {
                self.window.advance(1);
                if self.passes(&[b"\"Records\"", b":", b"["])? {
                    Place::Array { first: true, in_object: true }
                } else {
                    self.pass_over_a_field()?;
                    Place::Behind
                }
            }
            (Place::Behind, Some(_)) => {
                return Err(Fault::Json("expected `,` or `}` after the records".to_owned()));
            }
        };
        Ok(Some(ControlFlow::Continue(())))
    }

    /// Passes over the start of an object whose first key holds a list of records, or of what holds one each.
    fn begins_a_list(&mut self) -> io::Result<bool> {
        for key in LISTS {
            if self.passes(&[b"{", key, b":", b"["])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Hands over the value that begins here.
    fn value(
        &mut self,
        take: &mut impl FnMut(Result<Entry<'_>, Unread>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Fault> {
        loop {
            let bytes = self.window.bytes();
            if let Some((head, length)) = scan::head(bytes) {
                self.found += 1;
                let flow = take(Ok(Entry::new(bytes.get(..length).unwrap_or_default(), Some(head))));
                self.window.advance(length);
                return Ok(flow);
            }
            // Cut off by the window's end, or a surprise, or broken.
            if let Some(length) = self.length()? {
                self.found += 1;
                let bytes = self.window.bytes().get(..length).unwrap_or_default();
                let flow = take(Ok(Entry::new(bytes, None)));
                self.window.advance(length);
                return Ok(flow);
            }
        }
    }

    /// The length of the value that begins here. Nothing where there is more of it now than before.
    fn length(&mut self) -> Result<Option<usize>, Fault> {
        let bytes = self.window.bytes();
        let held = bytes.len();
        let mut values = Deserializer::from_slice(bytes).into_iter::<IgnoredAny>();
        let read = values.next();
        let length = values.byte_offset();
        let why = match read {
            // A number at the very end may go on behind it.
            Some(Ok(_)) if length < held || bytes.last().is_some_and(|end| b"}]\"".contains(end)) => {
                return Ok(Some(length));
            }
            Some(Err(error)) if error.classify() != Category::Eof => {
                let place = place(&error, bytes);
                // At the window's end, it may come from the cut: `-` before its digits.
                if place < held {
                    self.wasted += place as u64;
                    return Err(Fault::Json(in_words(&error)));
                }
                Some(in_words(&error))
            }
            Some(Ok(_)) => None,
            _ => Some("unexpected end of input in a record".to_owned()),
        };
        if held > LONGEST {
            self.wasted += held as u64;
            return Err(Fault::Json(format!("value larger than {LONGEST} bytes, not a record")));
        }
        if self.window.fill()? {
            return Ok(None);
        }
        match why {
            None => Ok(Some(length)),
            Some(why) => {
                self.wasted += held as u64;
                Err(Fault::Json(why))
            }
        }
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            let bytes = self.window.bytes();
            let space = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let next = bytes.get(space).copied();
            self.window.advance(space);
            if next.is_some() || !self.window.fill()? {
                return Ok(next);
            }
        }
    }

    /// Passes over these tokens, white space between them or not, if all of them are here.
    fn passes(&mut self, tokens: &[&[u8]]) -> io::Result<bool> {
        loop {
            let bytes = self.window.bytes();
            let (mut rest, mut cut_off) = (bytes, false);
            let all = tokens.iter().all(|token| {
                rest = rest.trim_ascii_start();
                cut_off = token.starts_with(rest);
                rest.strip_prefix(*token).map(|behind| rest = behind).is_some()
            });
            let (length, held) = (bytes.len() - rest.len(), bytes.len());
            if all {
                self.window.advance(length);
            }
            if all || !cut_off || held > LONGEST || !self.window.fill()? {
                return Ok(all);
            }
        }
    }

    fn pass_over_a_field(&mut self) -> Result<(), Fault> {
        for part in ["a key", "`:`", "a value"] {
            let next = self.peek()?;
            let length = match (part, next) {
                ("`:`", Some(b':')) => 1,
                ("`:`", _) => return Err(Fault::Json("missing `:` after a key".to_owned())),
                _ => loop {
                    if let Some(length) = self.length()? {
                        break length;
                    }
                },
            };
            self.window.advance(length);
        }
        Ok(())
    }

    /// Goes to the next line on which a value begins at once: in NDJSON the next record, and not the
    /// inner lines of one that was printed on many.
    fn next_line(&mut self) -> io::Result<bool> {
        self.window.advance(1);
        loop {
            let bytes = self.window.bytes();
            let starts = memchr::memchr_iter(b'\n', bytes);
            let next = starts.map(|end| end + 1).find(|start| matches!(bytes.get(*start), Some(b'{' | b'[')));
            if let Some(start) = next {
                self.window.advance(start);
                return Ok(true);
            }
            // A line's end at the very end must be seen again together with what follows.
            self.window.advance(bytes.len().saturating_sub(1));
            if !self.window.fill()? {
                return Ok(false);
            }
        }
    }
}

/// serde tells line and column as well, counted from the record's start: here they would mislead.
fn in_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    words.split_once(" at line ").map_or(words.as_str(), |(what, _)| what).to_owned()
}

/// Returns the number of bytes that serde had read when it met the error. Columns are bytes in serde.
fn place(error: &serde_json::Error, bytes: &[u8]) -> usize {
    let before = error.line().checked_sub(2).and_then(|line| memchr::memchr_iter(b'\n', bytes).nth(line));
    before.map_or(0, |end| end + 1) + error.column()
}
