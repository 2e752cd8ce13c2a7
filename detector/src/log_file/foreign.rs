//! Inputs that are no JSON at all: archives, tables, programs. They are told by their first bytes, named once,
//! with a way on.

/// First bytes that are looked at: a tar archive says what it is at byte 257.
pub(super) const LOOKED_AT: usize = 512;

/// Signs at the start of a file, what it then is, and what to do.
const SIGNS: [(&[u8], &str); 10] = [
    (b"\x89PNG", "a picture"),
    (b"PK\x03\x04", "a zip archive: unpack it first, with unzip"),
    (
        b"BZh",
        "packed with bzip2: unpack it first, with bunzip2, or pipe it in: bzcat FILE | sentinel-tui replay -",
    ),
    (
        b"\xfd7zXZ\x00",
        "packed with xz: unpack it first, with unxz, or pipe it in: xzcat FILE | sentinel-tui replay -",
    ),
    (
        b"\x28\xb5\x2f\xfd",
        "packed with zstd: unpack it first, with unzstd, or pipe it in: zstdcat FILE | sentinel-tui replay -",
    ),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: unpack it first, with 7z x"),
    (b"PAR1", "a Parquet file, as CloudTrail Lake and Security Lake write: export the records as JSON lines"),
    (
        b"SQLite format 3\x00",
        "an SQLite database; without a file name, sentinel-tui shows what it has stored",
    ),
    (b"\x7fELF", "a program"),
    (b"%PDF", "a PDF file"),
];

/// Returns what an input is that is no JSON, and what to do; `None` where it may be records.
pub(super) fn named(first: &[u8]) -> Option<&'static str> {
    if let Some((_, what)) = SIGNS.iter().find(|(sign, _)| first.starts_with(sign)) {
        return Some(what);
    }
    if first.get(257..262) == Some(b"ustar") {
        return Some("a tar archive: unpack it first, with tar xf");
    }
    let first = first.trim_ascii_start();
    if matches!(first.first(), None | Some(b'{' | b'[')) || first.starts_with("\u{feff}".as_bytes()) {
        return None;
    }
    if first.contains(&0) {
        return Some("a binary file, and no log of CloudTrail");
    }
    if first.starts_with(b"<") {
        return Some(
            "HTML or XML, and no log of CloudTrail: a sign-in page or an error that was saved in its place?",
        );
    }
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if line.starts_with(b"version account-id") || is_flow_log(line) {
        return Some("a VPC flow log, which holds no calls");
    }
    if line.split(|byte| *byte == b',').count() >= 3 && !line.contains(&b'{') {
        return Some(
            "CSV, which leaves out most of each record: export as JSON (in the console: Download events, JSON)",
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
