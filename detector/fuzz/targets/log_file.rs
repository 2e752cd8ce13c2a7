//! Any bytes as a log file: the same records whether they come at once or in pieces, and no more than there can be.
#![no_main]

use std::io::{self, Read};
use std::ops::ControlFlow;

use detector::log_file::Reader;
use libfuzzer_sys::fuzz_target;

/// Hands over a few bytes at a time.
struct Pieces<'a>(&'a [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = buffer.len().min(7);
        self.0.read(&mut buffer[..size])
    }
}

fn records(input: impl Read, size: Option<u64>) -> Option<Vec<String>> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let mut count = 0;
    let _ = reader.read(input, size).ok()?.each(|entry| {
        count += 1;
        if let Ok(entry) = entry {
            found.extend(entry.records().into_iter().flatten().map(|record| record.event_name().to_owned()));
        }
        if count > 10_000 { ControlFlow::Break(()) } else { ControlFlow::<()>::Continue(()) }
    });
    Some(found)
}

fuzz_target!(|bytes: &[u8]| {
    let whole = records(bytes, Some(bytes.len() as u64));
    let pieces = records(Pieces(bytes), None);
    if let (Some(whole), Some(pieces)) = (whole, pieces) {
        assert_eq!(whole, pieces);
    }
});
