//! Input files of a replay, found while others are being read: of millions, only the names of one folder at a
//! time are in memory.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use detector::SafeText;
use walkdir::{DirEntry, WalkDir};

/// Something to read records from.
#[derive(Debug)]
pub(super) struct Input {
    path: PathBuf,
    /// Known for files; a pipe has none.
    pub(super) size: Option<u64>,
}

/// Path that stands for standard input.
const STANDARD_INPUT: &str = "-";
/// Folders and files beside the log files in S3's layout, and what they hold: no records of calls.
const NO_RECORDS: [(&str, &str); 11] = [
    ("CloudTrail-Digest", "file or folder of digests"),
    ("CloudTrail-Insight", "file or folder of Insight events"),
    ("CloudTrail-Aggregated", "file or folder of aggregated events"),
    ("CloudTrail-NetworkActivity", "file or folder of network activity events"),
    ("vpcflowlogs", "file or folder of flow logs"),
    ("vpcdnsquerylogs", "file or folder of DNS query logs"),
    ("elasticloadbalancing", "file or folder of load balancer logs"),
    ("WAFLogs", "file or folder of WAF logs"),
    ("S3Logs", "file or folder of S3 access logs"),
    ("ConfigSnapshot", "file or folder of AWS Config"),
    ("ConfigHistory", "file or folder of AWS Config"),
];
/// Endings of the names of files that are read in a folder. A file that is named by itself may have any name.
const ENDINGS: [&str; 4] = [".json", ".jsonl", ".ndjson", ".gz"];

/// True where a path stands for standard input.
pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// Returns why the first of these paths that can't be looked at can't be, in words; `None` where all can.
pub(crate) fn missing(paths: &[PathBuf]) -> Option<String> {
    let mut named = paths.iter().filter(|path| !is_standard_input(path));
    named.find_map(|path| {
        let error = path.metadata().err()?;
        Some(format!("can't read {}: {error}", name(path)))
    })
}

impl Input {
    /// Opens it.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        if is_standard_input(&self.path) {
            return Ok(Box::new(io::stdin()));
        }
        Ok(Box::new(File::open(&self.path)?))
    }

    /// Returns the name that people know it by.
    pub(super) fn name(&self) -> SafeText {
        name(&self.path)
    }
}

fn name(path: &Path) -> SafeText {
    if is_standard_input(path) {
        return SafeText::new("standard input");
    }
    SafeText::new(&path.to_string_lossy())
}

/// Returns all inputs of these paths, in the order of the paths and by name within a folder. An error names a
/// path that could not be looked at, or that holds no log files.
pub(super) fn all<'a>(
    paths: &'a [PathBuf],
    passed: &'a (dyn Fn(&'static str) + Send + Sync),
) -> impl Iterator<Item = Result<Input, String>> + use<'a> {
    paths.iter().flat_map(|path| below(path, passed))
}

fn below<'a>(
    path: &'a Path,
    passed: &'a (dyn Fn(&'static str) + Send + Sync),
) -> Box<dyn Iterator<Item = Result<Input, String>> + 'a> {
    if is_standard_input(path) {
        return Box::new(std::iter::once(Ok(Input { path: path.to_owned(), size: None })));
    }
    let mut found = false;
    let mut folders = HashSet::new();
    let files = WalkDir::new(path)
        .follow_links(true)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(move |entry| {
            let other = other_content(entry);
            if let Some(what) = other {
                passed(what);
            }
            // Links may lead to one folder by many ways: it is read once.
            let is_again = entry.file_type().is_dir()
                && entry.path().canonicalize().is_ok_and(|folder| !folders.insert(folder));
            if is_again {
                passed("repeated folder");
            }
            other.is_none() && !is_again
        })
        .filter_map(move |entry| input(path, entry))
        .map(Some)
        .chain(std::iter::once(None))
        .filter_map(move |file| match file {
            Some(file) => {
                found = true;
                Some(file)
            }
            None if found => None,
            None => Some(Err(format!(
                "{}: no log files found (names ending in {})",
                name(path),
                ENDINGS.join(", ")
            ))),
        });
    Box::new(files)
}

/// Returns the kind of other content that a file or folder of S3's layout holds, by its name; `None` where it
/// may hold records of calls. One that is named by itself is looked into, whatever its name.
fn other_content(entry: &DirEntry) -> Option<&'static str> {
    if entry.depth() == 0 {
        return None;
    }
    let name = entry.file_name().to_string_lossy();
    let is_folder = entry.file_type().is_dir();
    // ACCOUNT_KIND_REGION_… of files.
    let is = |kind: &str| if is_folder { name == kind } else { name.split('_').any(|part| part == kind) };
    NO_RECORDS.iter().find(|(kind, _)| is(kind)).map(|(_, what)| *what)
}

fn input(named: &Path, entry: walkdir::Result<DirEntry>) -> Option<Result<Input, String>> {
    let entry = match entry {
        Ok(entry) => entry,
        // A link to a folder that it lies in: that one is being read.
        Err(error) if error.loop_ancestor().is_some() => return None,
        Err(error) => {
            let path = error.path().unwrap_or(named);
            let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
            return Some(Err(format!("{}: {}", name(path), SafeText::new(&why))));
        }
    };
    let ending = entry.file_name().to_string_lossy().to_ascii_lowercase();
    let is_log = entry.depth() == 0 || ENDINGS.iter().any(|known| ending.ends_with(known));
    if entry.file_type().is_dir() || !is_log {
        return None;
    }
    // A file without a known size is opened all the same: opening it gives the error.
    let metadata = entry.metadata().ok();
    // A pipe or a device may have no end. One that is named by itself is meant.
    if entry.depth() > 0 && metadata.as_ref().is_some_and(|file| !file.is_file()) {
        let why = "no regular file: left out (name it by itself to read it)";
        return Some(Err(format!("{}: {why}", name(entry.path()))));
    }
    let size = metadata.filter(std::fs::Metadata::is_file).map(|file| file.len());
    Some(Ok(Input { path: entry.into_path(), size }))
}
