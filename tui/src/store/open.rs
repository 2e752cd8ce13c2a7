//! Opening the file: what is not ours is refused and left alone, what is damaged is set aside under a
//! name that says so, and a new one is begun. One of an older schema is copied before it is changed. Nothing is ever
//! overwritten.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

use super::StoreError;
use super::database::Database;
use super::files::beside;
use super::version::SCHEMA;
use crate::files;

/// Beginning of SQLite's files.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Opens the database; where the one that was there is damaged, says where it is now.
pub(super) fn open(path: &Path, now: Timestamp) -> Result<(Database, Option<String>), StoreError> {
    if mark(path).exists() {
        let word = set_aside(path, now)?;
        return Ok((private(path)?, Some(word)));
    }
    let word = copy_older(path);
    match private(path) {
        Ok(database) => Ok((database, word)),
        Err(error) if error.is_damage() && is_ours(path) => {
            let word = set_aside(path, now)?;
            Ok((private(path)?, Some(word)))
        }
        Err(error) if error.is_damage() => Err(StoreError::Foreign { path: path.display().to_string() }),
        Err(StoreError::Sqlite(source)) => Err(StoreError::Open { path: path.display().to_string(), source }),
        Err(error) => Err(error),
    }
}

/// Makes the folder of the database, or of a copy of it.
pub(super) fn make_folder_of(path: &Path) -> Result<(), StoreError> {
    files::make_folder_of(path).map_err(StoreError::Folder)
}

/// Makes a new database one that only its owner may read; SQLite gives what lies beside it the same rights.
fn private(path: &Path) -> Result<Database, StoreError> {
    make_folder_of(path)?;
    // One that is there is left as it is, and what can't be made is told by opening it.
    let _ = files::create(path);
    Database::open(path)
}

/// Copies a database of an older schema beside itself. Returns where it is, or why there is no copy; `None` where there
/// is nothing to copy, or a copy already.
fn copy_older(path: &Path) -> Option<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).ok()?;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).ok()?;
    let copy = beside(path, &format!(".schema-{found}"));
    if !(1..SCHEMA).contains(&found) || copy.exists() {
        return None;
    }
    // The copy of a moment, whatever other consoles write; only its owner may read it.
    let beginning = beside(path, &format!(".schema-{found}.part"));
    // One that a start before this did not end.
    let _ = std::fs::remove_file(&beginning);
    let copied = files::create(&beginning).map_err(|error| error.to_string()).and_then(|_| {
        let into = connection.execute("VACUUM INTO ?1", [beginning.to_string_lossy().as_ref()]);
        into.map_err(|error| error.to_string())?;
        // Only a whole copy has the name of one.
        files::name(&beginning, &copy).map_err(|error| error.to_string())
    });
    let _ = std::fs::remove_file(&beginning);
    let copy_name = copy.display();
    Some(match copied {
        Ok(()) => {
            format!("Database upgraded from schema {found} to {SCHEMA}. The old one is kept as {copy_name}")
        }
        Err(why) => {
            tracing::error!(why, "the database could not be copied before its upgrade");
            format!("Database upgraded from schema {found} to {SCHEMA}, without a copy of the old one: {why}")
        }
    })
}

/// Remembers that the database was found damaged while it was in use: whoever opens it next sets it aside.
pub(super) fn remember_damage(path: &Path) {
    if let Err(error) = std::fs::write(mark(path), "") {
        tracing::error!(%error, "can't write the marker of a corrupt database");
    }
}

fn mark(path: &Path) -> PathBuf {
    beside(path, "-damaged")
}

/// True where a broken file was a database: its beginning says so, or is the zeros that a file system leaves
/// for bytes that were not written in time. Any other file somebody has named by mistake.
fn is_ours(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && (start == MAGIC || start == [0; MAGIC.len()])
}

/// Renames the database with its companions, and says so.
fn set_aside(path: &Path, now: Timestamp) -> Result<String, StoreError> {
    let stamp = now.strftime("%Y%m%dT%H%M%SZ");
    // A second one within the second must not take the first one's place.
    let free = |number: &u32| !beside(path, &format!(".damaged-{stamp}-{number}")).exists();
    let number = (1..u32::MAX).find(free).unwrap_or(u32::MAX);
    let aside = beside(path, &format!(".damaged-{stamp}-{number}"));
    for companion in ["-wal", "-shm", ""] {
        let (from, to) = (beside(path, companion), beside(&aside, companion));
        match std::fs::rename(&from, to) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(StoreError::SetAside { path: from, source });
            }
            _ => {}
        }
    }
    // Only now: a start that ends before this begins again.
    let _ = std::fs::remove_file(mark(path));
    tracing::error!(aside = %aside.display(), "the database was damaged");
    Ok(format!(
        "The database was corrupt: created a new one, older alerts are missing. The old file is now {}",
        aside.display()
    ))
}
