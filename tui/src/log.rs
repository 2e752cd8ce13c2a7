//! The console's own log: a file beside the database, never the screen.

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// Beyond this the old log is set aside when the console starts, and the one before it is gone.
const LARGEST: u64 = 5 * 1024 * 1024;

/// Starts the log. A log that can't be written is no reason not to start.
pub(crate) fn start(database: &Path) {
    let file = database.with_extension("log");
    if file.metadata().is_ok_and(|file| file.len() > LARGEST) {
        let _ = std::fs::rename(&file, database.with_extension("log.1"));
    }
    let Ok(writer) = OpenOptions::new().create(true).append(true).open(&file) else { return };
    let filter =
        EnvFilter::try_from_env("SENTINEL_LOG").unwrap_or_else(|_| EnvFilter::new("sentinel_tui=info"));
    let _ = tracing_subscriber::fmt()
        .with_writer(Mutex::new(writer))
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init();
}
