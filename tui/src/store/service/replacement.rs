//! Replacement of a database file that was removed, replaced or damaged while it was in use, with all that
//! can still be saved. Until a new one stands nothing is acknowledged.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;

use jiff::Timestamp;

use super::super::database::Database;
use super::super::files::{Files, Found};
use super::super::{StoreError, open};
use super::{Ask, ChangeSignal, OpenFile, Writer};
use crate::model::Event;

/// Files that may be begun for one write; where each is gone at once, somebody takes them away.
const NEW_FILES: usize = 3;

/// A file that was given up, for which there is no new one yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost {
    /// True where all that was in it is in the new one.
    saved: bool,
    /// True where the outbox is open: triage here is published to other consoles.
    publishes: bool,
}

/// Reasons why a file can't be used any more.
#[derive(Debug, Clone, Copy)]
enum Loss {
    /// Its name is another's, or nobody's.
    Taken(Found),
    Damaged,
}

impl Writer {
    /// Does something that must be there afterwards: in a file that has its name, and is whole. Where it is
    /// not, it is done once more in a new one.
    pub(super) fn durably<T>(
        &mut self,
        work: impl Fn(&mut Database, &str) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        for _ in 0..NEW_FILES {
            if self.lost.is_some() {
                self.open_anew(Loss::Damaged)?;
            }
            let result = work(&mut self.database, &self.me);
            let loss = match (&result, self.taken()) {
                (_, Some(taken)) => taken,
                (Err(error), None) if error.is_damage() && self.file.is_some() => Loss::Damaged,
                (_, None) => return result,
            };
            self.open_anew(loss)?;
        }
        Err(self.gone("each new file is removed at once"))
    }

    /// The loss, if the file was taken away.
    fn taken(&mut self) -> Option<Loss> {
        let file = self.file.as_mut()?;
        match file.files.check() {
            Found::Whole => None,
            // Somebody made it smaller with SQLite, which the database knows, or cut it.
            Found::Shorter if self.database.is_shorter_than(file.files.bytes()) => {
                file.files.is_shorter_by_right();
                None
            }
            found => Some(Loss::Taken(found)),
        }
    }

    /// Begins a new file where this one is damaged, and still the one of its name: another console may have
    /// done so already.
    pub(super) fn damaged(&mut self) {
        let loss = self.taken().unwrap_or(Loss::Damaged);
        let begun = self.open_anew(loss);
        self.failed(begun.as_ref().err());
    }

    fn gone(&self, why: &str) -> StoreError {
        let path = self.file.as_ref().map_or_else(String::new, |file| file.path.display().to_string());
        StoreError::Gone { path, why: why.to_owned() }
    }

    /// Begins a new file in the place of one that can't be used any more, with all that can be saved. After
    /// an error it has to be called again: `loss` is that of the first call.
    fn open_anew(&mut self, loss: Loss) -> Result<(), StoreError> {
        let Some(file) = &self.file else { return Ok(()) };
        // Nobody else in this process may have the old file open when the new one is: SQLite would take
        // the old one's log for that one's.
        let (closed, is_closed) = sync_channel(1);
        let (go, waits) = sync_channel(1);
        if file.reader.blocking_send(Ask::Reopen { closed, go: waits }).is_ok() {
            let _ = is_closed.recv();
        }
        let begun = self.give_up(loss).and_then(|lost| self.take_up(lost));
        // The reader opens what is there now, whatever that is.
        let _ = go.send(());
        let words = begun?;
        tracing::error!("{words}");
        let _ = self.events.blocking_send(Event::Notice(words));
        Ok(())
    }

    /// Saves what can be saved and closes the file. One of which nothing else is left stays open until it
    /// is copied.
    fn give_up(&mut self, loss: Loss) -> Result<Lost, StoreError> {
        if let Some(given_up) = self.lost {
            return Ok(given_up);
        }
        let Some(OpenFile { path, files, .. }) = &self.file else { return Err(StoreError::Stopped) };
        let saved = match loss {
            Loss::Taken(Found::WithoutLog) => self.database.settle_log().is_ok(),
            Loss::Taken(Found::Gone) => {
                files.remove_log();
                match self.save_to(path) {
                    Ok(()) => true,
                    // Another console was faster, with what it had.
                    Err(StoreError::Write { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                        false
                    }
                    Err(error) => return Err(self.gone(&error.to_string())),
                }
            }
            Loss::Taken(_) => {
                files.remove_log();
                false
            }
            Loss::Damaged => {
                open::remember_damage(path);
                false
            }
        };
        let old = std::mem::replace(&mut self.database, Database::in_memory()?);
        let given_up = Lost { saved, publishes: old.publishes };
        old.abandon();
        self.lost = Some(given_up);
        Ok(given_up)
    }

    /// Opens what is at the path now, or makes it; returns how to tell people.
    fn take_up(&mut self, lost: Lost) -> Result<String, StoreError> {
        let Some(OpenFile { path, writer, .. }) = &self.file else { return Err(StoreError::Stopped) };
        let path = path.clone();
        let bell = ChangeSignal::of(&path, &self.unseen, writer.clone());
        let (database, aside) =
            open::open(&path, Timestamp::now()).map_err(|error| self.gone(&error.to_string()))?;
        self.database = database;
        self.database.publishes = lost.publishes;
        self.lost = None;
        self.signal = Some(bell);
        self.generation.fetch_add(1, Ordering::AcqRel);
        if let Some(file) = &mut self.file {
            file.files = Files::of(&path);
        }
        Ok(aside.unwrap_or_else(|| {
            let now = if lost.saved {
                "restored without loss"
            } else {
                "now using another file, older alerts may be missing"
            };
            format!("The database {} was removed or replaced while in use: {now}", path.display())
        }))
    }

    /// Copies all that was in the file into a new one of its name; never over one that is there.
    fn save_to(&self, path: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Write { path: path.to_owned(), source };
        open::make_folder_of(path)?;
        let copy = path.with_added_extension(format!("saving-{}", std::process::id()));
        let _ = std::fs::remove_file(&copy);
        // So that it is its owner's alone; SQLite writes into an empty file.
        let saved = crate::files::create(&copy)
            .map_err(failed)
            .and_then(|_| self.database.copy_to(&copy))
            .and_then(|()| crate::files::name(&copy, path).map_err(failed));
        let _ = std::fs::remove_file(&copy);
        saved
    }
}
