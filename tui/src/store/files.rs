//! Check that the database's files are still those that are open. A file that is removed or replaced takes
//! writes as before, and all of them are gone with the process: who deletes messages because they are
//! stored must ask first. It costs three calls to the system.

use std::path::{Path, PathBuf};

/// The database, its log and the index of that.
const ENDINGS: [&str; 3] = ["", "-wal", "-shm"];

/// Identity that tells one file from another that has its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

/// The files as they were when they were opened.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    /// None for one that was not there yet.
    known: [Option<Identity>; 3],
    /// Bytes that the database had: it shrinks only where somebody vacuums it.
    bytes: u64,
}

/// State of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// All is as it was.
    Whole,
    /// The database is not there.
    Gone,
    /// Another file has its name.
    Another,
    /// It is the same file, and shorter: cut, or vacuumed.
    Shorter,
    /// The log or its index is not there, or is another; the database is.
    WithoutLog,
}

impl Files {
    /// The files of a database that is open.
    pub(super) fn of(path: &Path) -> Self {
        let mut files = Self { path: path.to_owned(), known: [None; 3], bytes: 0 };
        files.check();
        files
    }

    /// Looks whether they are still there. What was not there before is taken for SQLite's.
    pub(super) fn check(&mut self) -> Found {
        let mut found = Found::Whole;
        for (at, ending) in ENDINGS.into_iter().enumerate() {
            let now = std::fs::metadata(beside(&self.path, ending)).ok();
            let identity = now.as_ref().map(identity);
            let Some(known) = self.known.get_mut(at) else { continue };
            if known.is_some() && *known != identity {
                return match (at, identity) {
                    (0, None) => Found::Gone,
                    (0, Some(_)) => Found::Another,
                    _ => Found::WithoutLog,
                };
            }
            *known = identity;
            if let (0, Some(now)) = (at, now) {
                if now.len() < self.bytes {
                    found = Found::Shorter;
                }
                self.bytes = self.bytes.max(now.len());
            }
        }
        found
    }

    /// Bytes that the database had at the most.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Takes its length as it is.
    pub(super) fn is_shorter_by_right(&mut self) {
        self.bytes = std::fs::metadata(&self.path).map_or(0, |now| now.len());
    }

    /// Removes the log and its index where they are those of the database that is no more: beside another
    /// file SQLite would take them for that one's.
    pub(super) fn remove_log(&self) {
        for (ending, known) in ENDINGS.iter().zip(&self.known).skip(1) {
            let path = beside(&self.path, ending);
            let is_ours = std::fs::metadata(&path).is_ok_and(|now| Some(identity(&now)) == *known);
            if is_ours && let Err(error) = std::fs::remove_file(&path) {
                tracing::error!(%error, path = %path.display(), "can't remove the WAL of a missing database");
            }
        }
    }
}

/// Path of a file beside the database: its name with this ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

#[cfg(unix)]
fn identity(file: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    Identity(file.dev(), file.ino())
}

/// Without inodes, only existence is checked.
#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Identity {
    Identity(0, 0)
}
