//! The console's store: one SQLite file, one thread that writes it and one that reads it.
//!
//! Sources hand over batches and learn when they are stored; only then is a message deleted from
//! its queue. The same alert twice is one row. What is new or has changed is sent to the app as an event,
//! whichever console did it.
//!
//! ```text
//!  insert, triage ──► writer thread ──► database.rs ──► insert, triage, outbox, body, index
//!  load, older, related, seek ──► reader thread ──► read.rs, related.rs, seek.rs      (service.rs: both threads)
//!  file changed by others ──► watch.rs ──► writer thread                  (reader.rs: for tail and export)
//! ```

mod alarms;
mod body;
mod context;
mod database;
mod error;
mod files;
mod found;
mod graph;
mod incidents;
mod index;
mod insert;
mod insert_links;
mod lenient;
mod links;
mod open;
mod outbox;
mod read;
mod reader;
mod related;
mod retention;
mod schema;
mod seek;
mod service;
mod triage;
mod version;
mod watch;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod million;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use detector::AlertId;
use detector::link::Link;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::{Notify, mpsc, oneshot};

pub(crate) use alarms::AlarmChange;
pub(crate) use error::StoreError;
pub(crate) use reader::Reader;
pub(crate) use related::RelatedBy;
pub(crate) use retention::Retention;

pub(crate) use self::context::Kept as ContextRecord;
use self::database::Database;
use crate::incidents::{Incident, Overview};
use crate::model::{
    Content, Event, Facet, Incoming, Position, Row, SearchPage, Stored, TriageCommand, TriageEvent,
    TriageOutcome, TriageStep,
};

/// A handle to the store; clones talk to the same threads.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    writer: mpsc::Sender<service::Write>,
    /// None in memory, where the writer reads too.
    reader: Option<mpsc::Sender<service::Ask>>,
    /// Generation of the file: counts those that were begun in place of one that was damaged or gone.
    generation: Arc<AtomicU64>,
    /// None in memory.
    path: Option<PathBuf>,
}

/// Rows that come with one look further back.
pub(crate) const PAGE: usize = 2_000;
/// Rows that a filter is asked about in one go, some 40 ms: opening an alert waits for about as long.
const SOUGHT: usize = 10_000;

impl Store {
    /// Opens the database (in memory without a path) and starts its threads. The newest rows and
    /// every new or changed one are sent to the app.
    pub(crate) fn open(
        path: Option<PathBuf>,
        keep: Retention,
        events: mpsc::Sender<Event>,
    ) -> Result<Self, StoreError> {
        // By whatever link it is named: consoles on one database signal each other beside it.
        let path = path.map(|path| crate::files::real(&path));
        let me = author(|name| std::env::var(name).ok()).map_or_else(|| NOBODY.to_owned(), |(_, name)| name);
        let generation = Arc::default();
        let (writer, reader) = service::start(path.as_deref(), keep, me, events, Arc::clone(&generation))?;
        Ok(Self { writer, reader, generation, path })
    }

    /// Stores a batch; when this returns without error, it is on disk.
    pub(crate) async fn insert(&self, batch: Vec<Incoming>) -> Result<(), StoreError> {
        self.write(|reply| service::Write::Insert(batch, reply)).await
    }

    /// Stores what back-fill found, in one go with its mark. The ids of what was not here come back.
    pub(crate) async fn insert_found(&self, batch: Vec<Incoming>) -> Result<Vec<AlertId>, StoreError> {
        self.write(|reply| service::Write::Found(batch, reply)).await
    }

    /// Stores links, which are no alerts; when this returns without error, they are on disk.
    pub(crate) async fn insert_links(&self, links: Vec<Link>) -> Result<(), StoreError> {
        self.write(|reply| service::Write::Links(links, reply)).await
    }

    /// Stores records around an alert, by a hash of what they were asked for.
    pub(crate) async fn insert_context(
        &self,
        asked: i64,
        records: Vec<ContextRecord>,
    ) -> Result<(), StoreError> {
        self.write(|reply| service::Write::Context(asked, records, reply)).await
    }

    /// Returns the JSON of the records of a span of time that the same question brought before.
    pub(crate) async fn context(
        &self,
        asked: i64,
        span: (Timestamp, Timestamp),
    ) -> Result<Vec<String>, StoreError> {
        self.read(move |connection| context::of(connection, asked, span)).await
    }

    /// Returns the incidents of the newest alerts.
    pub(crate) async fn incidents(&self) -> Result<Overview, StoreError> {
        self.read_aside(incidents::overview).await
    }

    /// Returns the incidents of an alert, or of several, by the beginning of their ids.
    pub(crate) async fn incidents_of(&self, id: AlertId) -> Result<Vec<Incident>, StoreError> {
        self.read_aside(move |connection| incidents::of(connection, &id.0)).await
    }

    /// Does all of these or none; when this returns without error, it is on disk.
    pub(crate) async fn triage(&self, commands: Vec<TriageCommand>) -> Result<TriageOutcome, StoreError> {
        self.write(|reply| service::Write::Triage(commands, reply)).await
    }

    /// Applies triage of other consoles; when this returns without error, it is on disk.
    pub(crate) async fn apply_remote(&self, events: Vec<TriageEvent>) -> Result<(), StoreError> {
        self.write(|reply| service::Write::ApplyRemote(events, reply)).await
    }

    /// Opens the outbox: triage is kept from here on until it is published to other consoles. The notifier that
    /// is returned wakes whenever there is something to publish, leftovers from before included.
    pub(crate) async fn open_outbox(&self) -> Result<Arc<Notify>, StoreError> {
        self.write(service::Write::OpenOutbox).await
    }

    /// Returns the next events to publish, with the number of the last, for [`Self::delivered`]; `None` where all
    /// are published.
    pub(crate) async fn next_batch(&self) -> Result<Option<(i64, Vec<TriageEvent>)>, StoreError> {
        self.read(outbox::next_batch).await
    }

    /// Removes the events up to this number from the outbox.
    pub(crate) async fn delivered(&self, last: i64) -> Result<(), StoreError> {
        self.write(|reply| service::Write::Delivered(last, reply)).await
    }

    /// Changes what is known of the pipeline's alarms; when this returns without error, it is on disk.
    pub(crate) async fn alarms(&self, change: AlarmChange) -> Result<(), StoreError> {
        self.write(|reply| service::Write::Alarms(change, reply)).await
    }

    /// True where a console on this database that did not publish this probe has received it.
    pub(crate) async fn saw_probe(&self, id: String) -> Result<bool, StoreError> {
        self.read(move |connection| alarms::saw_probe(connection, &id)).await
    }

    /// The whole of one entry.
    pub(crate) async fn load(&self, id: AlertId) -> Result<Option<Content>, StoreError> {
        self.read(move |connection| read::content(connection, &id)).await
    }

    /// Returns the row of an entry; `None` where it is not stored any more.
    pub(crate) async fn row(&self, id: AlertId) -> Result<Option<Row>, StoreError> {
        self.read(move |connection| read::row_of(connection, &id)).await
    }

    /// These entries whole, in this order; what is gone is left out.
    pub(crate) async fn stored(&self, ids: Vec<AlertId>) -> Result<Vec<Stored>, StoreError> {
        self.read(move |connection| reader::of_ids(connection, &ids)).await
    }

    /// The rows behind this one in the list, newest first, at most [`PAGE`].
    pub(crate) async fn older(&self, (time, id): Position) -> Result<Vec<Row>, StoreError> {
        self.read(move |connection| read::older(connection, (time, &id), PAGE)).await
    }

    /// Looks behind a row of the list for what `matches`, newest first: through at most [`SOUGHT`] rows,
    /// and not beyond [`PAGE`] that do, nor before `since`. What matches has all of the `literals`.
    pub(crate) async fn seek(
        &self,
        (time, id): Position,
        since: Timestamp,
        literals: Vec<String>,
        matches: impl Fn(&Row) -> bool + Send + 'static,
    ) -> Result<SearchPage, StoreError> {
        self.read(move |connection| seek::seek(connection, (time, &id), since, &literals, matches)).await
    }

    /// Returns the alerts within an hour and within a day of this one that share a property with it.
    pub(crate) async fn related(&self, id: AlertId) -> Result<Vec<(RelatedBy, Vec<Row>)>, StoreError> {
        self.read(move |connection| related::related(connection, &id)).await
    }

    /// Returns the newest steps of an alert's triage history, newest first.
    pub(crate) async fn history(&self, id: AlertId) -> Result<Vec<TriageStep>, StoreError> {
        self.read(move |connection| triage::history(connection, &id)).await
    }

    /// Returns the alerts that share this property with an alert, itself included, from this time back;
    /// newest first, at most [`PAGE`].
    pub(crate) async fn sharing(
        &self,
        id: AlertId,
        facet: Facet,
        before: Timestamp,
    ) -> Result<Vec<Row>, StoreError> {
        self.read(move |connection| related::sharing_before(connection, &id, facet, before, PAGE)).await
    }

    async fn write<T>(
        &self,
        make: impl FnOnce(service::Reply<T>) -> service::Write,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.writer.send(make(reply)).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// Reads a file on a connection of its own: incidents take longer than any other question, and nothing is to wait
    /// for them.
    async fn read_aside<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let Some(path) = self.path.clone() else { return self.read(ask).await };
        let look = move || ask(&Database::walker(&path)?);
        tokio::task::spawn_blocking(look).await.map_err(|_| StoreError::Stopped)?
    }

    async fn read<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let generation = self.generation.load(Ordering::Acquire);
        // Whoever asked may be gone by now.
        let read: service::Read = Box::new(move |connection| drop(reply.send(ask(connection))));
        if let Some(reader) = &self.reader {
            reader.send(service::Ask::Read(read)).await.map_err(|_| StoreError::Stopped)?;
        } else {
            let read = service::Write::Read(read);
            self.writer.send(read).await.map_err(|_| StoreError::Stopped)?;
        }
        let answer = answer.await.map_err(|_| StoreError::Stopped)?;
        if answer.as_ref().is_err_and(StoreError::is_damage) {
            // It is set aside at once; what was asked for is gone with it.
            self.writer.send(service::Write::Damaged(generation)).await.map_err(|_| StoreError::Stopped)?;
        }
        answer
    }
}

/// Author of triage where the system names nobody.
pub(crate) const NOBODY: &str = "somebody";

/// Returns the first of the variables `USER`, `LOGNAME` and `USERNAME` that is set and not blank, with its
/// value: the author of triage in the journal and on every other console. `None` where there is none.
pub(crate) fn author(environment: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let of = |variable| Some((variable, environment(variable).filter(|name| !name.trim().is_empty())?));
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(of)
}

/// Returns the default path of the database: in the state directory of the XDG specification, or in the data
/// directory where the system has no state directory. Fails where there is no home directory.
pub(crate) fn default_path() -> Result<PathBuf, StoreError> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(|_| StoreError::NoHome)?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Ok(state.join("sentinel-tui").join("alerts.db"))
}

/// Returns the database of a case: `cases/NAME.db` beside the database.
///
/// # Errors
/// Returns an error where no database is named and there is no home folder.
pub(crate) fn case_path(db: Option<&Path>, name: &str) -> Result<PathBuf, StoreError> {
    let db = db.map_or_else(default_path, |db| Ok(db.to_owned()))?;
    Ok(db.with_file_name("cases").join(format!("{name}.db")))
}
