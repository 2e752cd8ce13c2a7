//! Signal between the writers of one database file: rings after a commit, and wakes the writer for those of others.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::mpsc;

use super::Write;
use crate::store::watch;

/// Signal to and from other consoles on the file.
pub(super) struct ChangeSignal {
    bell: Option<watch::Bell>,
    /// Watches for as long as it is kept.
    _watcher: Option<watch::Watching>,
}

impl ChangeSignal {
    pub(super) fn of(path: &Path, unseen: &Arc<AtomicBool>, writer: mpsc::WeakSender<Write>) -> Self {
        let bell = watch::Bell::new(path);
        let changed = Arc::clone(unseen);
        let watcher = watch::start(path, move || {
            // One signal is enough until the writer has looked.
            if !changed.swap(true, Ordering::AcqRel)
                && let Some(writer) = writer.upgrade()
            {
                let _ = writer.blocking_send(Write::Changed);
            }
        });
        let trouble = watcher.as_ref().err().map(ToString::to_string);
        if let Some(error) = trouble.or_else(|| bell.as_ref().err().map(ToString::to_string)) {
            tracing::warn!(%error, "consoles on this database can't signal changes to each other: changes appear late");
        }
        Self { bell: bell.ok(), _watcher: watcher.ok() }
    }

    pub(super) fn ring(&mut self) {
        if let Some(bell) = &mut self.bell {
            bell.ring();
        }
    }
}
