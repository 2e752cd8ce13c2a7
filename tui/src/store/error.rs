//! Errors of the store, with their remedies.

use std::path::PathBuf;

use super::version::SCHEMA;

/// Error of the store, with the remedy where one is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{remedy}database error: {0}", remedy = remedy(.0))]
    Sqlite(#[from] rusqlite::Error),
    #[error(
        "database {path} was removed, replaced or corrupted while in use, and a new one can't be created: {why}. \
         Messages stay in the queue until then; free disk space, or choose another file with --db"
    )]
    Gone { path: String, why: String },
    #[error("can't open database {path}: {source}. Left unchanged; choose another file with --db")]
    Open { path: String, source: rusqlite::Error },
    #[error("{path} is not a sentinel-tui database. Left unchanged; choose another file with --db")]
    Foreign { path: String },
    #[error(
        "database {path} was written by a newer sentinel-tui (schema {found}, supported {SCHEMA}): \
         update sentinel-tui, or choose another file with --db"
    )]
    Newer { path: String, found: i64 },
    #[error(
        "database {path} has the old schema {found}, expected {SCHEMA}: start the console once to upgrade it"
    )]
    Older { path: String, found: i64 },
    #[error("no database {path} yet: start the console first, or choose another file with --db")]
    None { path: String },
    #[error(
        "can't move the corrupt database {path} aside: {source}; move it away, or choose another file with --db"
    )]
    SetAside { path: PathBuf, source: std::io::Error },
    #[error("{0}; choose another file with --db")]
    Folder(std::io::Error),
    #[error("can't write {path}: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("no home directory for the database: choose a file with --db")]
    NoHome,
    #[error("can't serialize an alert: {0}")]
    Json(#[from] serde_json::Error),
    #[error("can't decompress an alert: {0}; other alerts are not affected")]
    Body(String),
    #[error("can't start the database thread: {0}")]
    Thread(std::io::Error),
    #[error("no alert with ID {0} in the database: give the beginning of the ID of one that is there")]
    NoAlert(detector::SafeText),
    #[error("alerts of an older console are being taken in: open the console, and try again once it is done")]
    Filling,
    #[error("database thread ended")]
    Stopped,
}

impl StoreError {
    /// True where SQLite reports that the file is broken, as against busy, full or forbidden.
    pub(super) fn is_damage(&self) -> bool {
        matches!(self, Self::Sqlite(error) | Self::Open { source: error, .. } if is_damage(error))
    }

    /// True where SQLite reports that another connection holds a lock.
    pub(super) fn is_busy(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseLocked};
        let Self::Sqlite(error) = self else { return false };
        matches!(error.sqlite_error_code(), Some(DatabaseBusy | DatabaseLocked))
    }
}

/// Remedy, where it is known; it comes first, since a footer may have room for no more.
fn remedy(error: &rusqlite::Error) -> &'static str {
    use rusqlite::ErrorCode::{CannotOpen, DiskFull, PermissionDenied, ReadOnly, SystemIoFailure};
    match error.sqlite_error_code() {
        Some(DiskFull) => "free disk space, or choose another file with --db: ",
        Some(ReadOnly | PermissionDenied | CannotOpen) => {
            "make the database and its folder writable (chmod u+w), or choose another file with --db: "
        }
        Some(SystemIoFailure) => {
            "check the disk (full, unmounted or failing), or choose another file with --db: "
        }
        _ => "",
    }
}

pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}
