//! Inputs that are no JSON at all: archives, tables, programs. They are told by their first bytes, named once,
//! with a way on.

/// First bytes that are looked at: a tar archive says what it is at byte 257.
pub(super) const LOOKED_AT: usize = 512;

/// Signs at the start of a file, what it then is, and what to do.
const SIGNS: [(&[u8], &str); 10] = [
    (b"\x89PNG", "a PNG image"),
    (b"PK\x03\x04", "a zip archive: extract it first (unzip)"),
    (
        b"BZh",
        "compressed with bzip2: decompress it first (bunzip2), or pipe it: bzcat FILE | sentinel-tui replay -",
    ),
    (
        b"\xfd7zXZ\x00",
        "compressed with xz: decompress it first (unxz), or pipe it: xzcat FILE | sentinel-tui replay -",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "compressed with zstd: decompress it first (unzstd), or pipe it: zstdcat FILE | sentinel-tui replay -",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: extract it first (7z x)"),
    (b"PAR1", "a Parquet file (CloudTrail Lake, Security Lake): export the records as JSON Lines"),
    (b"SQLite format 3\x00", "an SQLite database; for the console's own, use sentinel-tui export --db FILE"),
    (b"\x7fELF", "an ELF binary"),
    (b"%PDF", "a PDF file"),
];

/// Returns what an input is that is no JSON, and what to do; `None` where it may be records.
pub(super) fn named(first: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = SIGNS.iter().find(|(sign, _)| first.starts_with(sign)) {
        return Some(what);
    }
    // A user may be called `ustar`; what follows it in an archive, no text has.
    let is_tar = matches!(first.get(257..265), Some(b"ustar\x0000" | b"ustar  \0"));
    let first = first.trim_ascii_start();
    if matches!(first.first(), None | Some(b'{' | b'[')) || first.starts_with("\u{feff}".as_bytes()) {
        return None;
    }
    if is_tar {
        return Some("a tar archive: extract it first (tar xf)");
    }
    if first.contains(&0) {
        return Some("a binary file, not a CloudTrail log");
    }
    if first.starts_with(b"<") {
        return Some("HTML or XML, not a CloudTrail log (a saved sign-in or error page?)");
    }
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.starts_with(b"version account-id") || is_flow_log(line) {
        return Some("a VPC flow log, not a CloudTrail log");
    }
    if line.split(|byte| *byte == b',').count() >= 3 && !line.contains(&b'{') {
        return Some(
            "CSV, which lacks most of each record: export as JSON (AWS console: Download events, JSON)",
        );
    }
    None
}

/// `2 111122223333 eni-…`
fn is_flow_log(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let number = |word: Option<&[u8]>| {
        word.is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_digit))
    };
    number(words.next()) && number(words.next()) && words.next().is_some_and(|word| word.starts_with(b"eni-"))
}
