//! Errors of the store, with their remedies.

use std::path::PathBuf;

use super::version::SCHEMA;

/// Error of the store, with the remedy where one is known.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{remedy}the database can't be used: {0}", remedy = remedy(.0))]
    Sqlite(#[from] rusqlite::Error),
    #[error(
        "the database {path} was removed, replaced or damaged while it was in use, and no new one can be begun: \
         {why}. Nothing is deleted from the queue until one can; make room for it, or choose another file with --db"
    )]
    Gone { path: String, why: String },
    #[error(
        "the database {path} can't be opened: {source}; it was left as it is. Choose another file with --db"
    )]
    Open { path: String, source: rusqlite::Error },
    #[error("{path} is not sentinel-tui's database: it was left as it is. Choose another file with --db")]
    Foreign { path: String },
    #[error(
        "the database {path} was written by a newer sentinel-tui (schema {found}, this one knows {SCHEMA}): \
         update sentinel-tui, or choose another file with --db"
    )]
    Newer { path: String, found: i64 },
    #[error(
        "the database {path} is of schema {found}, this sentinel-tui reads {SCHEMA}: start the console on it once"
    )]
    Older { path: String, found: i64 },
    #[error("there is no database {path} yet: start the console first, or name another file with --db")]
    None { path: String },
    #[error(
        "the damaged database {path} can't be set aside: {source}; move it away, or choose another file with --db"
    )]
    SetAside { path: PathBuf, source: std::io::Error },
    #[error("{0}; choose another file with --db")]
    Folder(std::io::Error),
    #[error("{path} can't be written: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("there is no home directory to keep the database in: choose a file with --db")]
    NoHome,
    #[error("an alert can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("an alert's body can't be unpacked: {0}; the rest of the database is not touched by that")]
    Body(String),
    #[error("the database's thread can't be started: {0}")]
    Thread(std::io::Error),
    #[error("the database's thread has ended")]
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
        Some(DiskFull) => "make room on the disk, or choose another file with --db: ",
        Some(ReadOnly | PermissionDenied | CannotOpen) => {
            "make the database and its folder writable (chmod u+w), or choose another file with --db: "
        }
        Some(SystemIoFailure) => {
            "look at the disk (full, gone, or failing), or choose another file with --db: "
        }
        _ => "",
    }
}

pub(super) fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
}
