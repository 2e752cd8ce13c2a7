//! Word between consoles on one database, so that each sees the others' changes, and none wakes up
//! while nothing happens.
//!
//! After a commit a byte is written to a small file beside the database; the file system tells every
//! console that watches it. SQLite's own log would not do: it is written before the commit is
//! there to be seen. Our own word comes back too; the database knows whose it was
//! ([`super::database::Database::others_wrote`]). Where the file system tells nothing (some network
//! ones), changes are seen with the next alert of our own.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::files::beside;

fn file_of(database: &Path) -> PathBuf {
    beside(database, "-changed")
}

/// Signals a commit to other consoles.
#[derive(Debug)]
pub(super) struct Bell(File);

impl Bell {
    pub(super) fn new(database: &Path) -> std::io::Result<Self> {
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(file_of(database)).map(Self)
    }

    pub(super) fn ring(&mut self) {
        if let Err(error) = self.0.rewind().and_then(|()| self.0.write_all(b"\n")) {
            tracing::warn!(%error, "can't signal changes to other consoles on this database");
        }
    }
}

/// Watches for as long as it is kept.
pub(super) type Watching = RecommendedWatcher;

/// Calls `changed` whenever a bell rings, for as long as the watcher lives.
pub(super) fn start(database: &Path, changed: impl Fn() + Send + 'static) -> notify::Result<Watching> {
    let file = file_of(database);
    let name = file.file_name().unwrap_or_default().to_owned();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let Ok(event) = event else { return };
        let is_bell = |path: &PathBuf| path.file_name() == Some(name.as_os_str());
        if matches!(event.kind, EventKind::Modify(_)) && event.paths.iter().any(is_bell) {
            changed();
        }
    })?;
    watcher.watch(&file, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}
