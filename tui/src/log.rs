//! The console's own log: files beside the database, a new one each day, never the screen.
//!
//! By day, because two consoles on one database write one log: a rename at some size would take the
//! file away under the other. Lines are written by a thread of their own, so that a slow disk holds
//! up nothing but the log.

use std::path::Path;

use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::EnvFilter;

/// Days whose log is kept.
const DAYS: usize = 14;

/// Starts the log, for as long as the guard lives. A log that can't be written is no reason not to start.
pub(crate) fn start(database: &Path, filter: &str) -> Option<WorkerGuard> {
    let (folder, name) = (database.parent()?, database.file_stem()?.to_str()?);
    // Else the appender complains on standard error.
    crate::files::make_folder_of(database).ok()?;
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .max_log_files(DAYS)
        .filename_prefix(name)
        .filename_suffix("log")
        .build(folder)
        .ok()?;
    keep_private(folder, name);
    let (writer, guard) = tracing_appender::non_blocking(files);
    let subscriber = tracing_subscriber::fmt()
        .with_writer(writer)
        .with_ansi(false)
        .with_env_filter(EnvFilter::try_new(filter).ok()?);
    subscriber.try_init().ok()?;
    Some(guard)
}

/// Takes the log files that are there from everybody but their owner: the appender makes them readable to all. The
/// folder is private too, which covers files of the days to come.
fn keep_private(folder: &Path, name: &str) {
    #[cfg(unix)]
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = entry.file_name();
        let is_log = file.to_str().is_some_and(|file| file.starts_with(name) && file.ends_with(".log"));
        if is_log {
            // A log that stays readable is no reason not to start.
            drop(std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o600)));
        }
    }
}
