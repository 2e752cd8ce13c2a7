//! The store's two threads: one writes, one reads beside it, so that opening an alert never waits for
//! a flood to be stored. In memory there is one connection, and one thread does both.
//!
//! A write is acknowledged only once it is in a file that still exists (`files.rs`). One that was removed,
//! replaced or damaged while it was in use is first followed by a new one, with all that can still be read
//! of the old one. Until that stands nothing is stored.

mod change_signal;
mod replacement;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use detector::AlertId;
use detector::link::Link;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::sync::{Notify, oneshot};

use super::alarms::{self, AlarmChange};
use super::context::Kept as ContextRecord;
use super::database::Database;
use super::files::Files;
use super::{Retention, StoreError, graph, open, read};
use crate::model::{Alarm, Event, Incoming, Row, TriageCommand, TriageEvent, TriageOutcome};
use crate::store::outbox;
use change_signal::ChangeSignal;
use replacement::Lost;

/// Channel on which an answer returns to the caller.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
/// Something to be read.
pub(super) type Read = Box<dyn FnOnce(&Connection) + Send>;

/// Work for the writer.
pub(super) enum Write {
    Insert(Vec<Incoming>, Reply<()>),
    Links(Vec<Link>, Reply<()>),
    /// Records around an alert, by a hash of what they were asked for.
    Context(i64, Vec<ContextRecord>, Reply<()>),
    /// Stores the alerts that back-fill found; the ids of those that were not stored yet come back.
    Found(Vec<Incoming>, Reply<Vec<AlertId>>),
    Triage(Vec<TriageCommand>, Reply<TriageOutcome>),
    /// Takes in triage on other consoles.
    ApplyRemote(Vec<TriageEvent>, Reply<()>),
    /// Opens the outbox: triage here is published to other consoles from now on.
    OpenOutbox(Reply<Arc<Notify>>),
    /// Events up to this number are published.
    Delivered(i64, Reply<()>),
    Alarms(AlarmChange, Reply<()>),
    /// Somebody has written to the file.
    Changed,
    /// In memory, the writer reads too.
    Read(Read),
    /// Somebody found the database damaged when it was the file of this generation.
    Damaged(u64),
}

/// Work for the reader.
pub(super) enum Ask {
    Read(Read),
    /// Close the file and say so; open it again when told to.
    Reopen {
        closed: SyncSender<()>,
        go: Receiver<()>,
    },
}

/// Batches that may wait for the writer before a source has to.
const QUEUE: usize = 16;
/// Rows that are in the list at the start.
const FIRST_PAGE: usize = 10_000;
/// Entries between two looks at what is to be forgotten and to be indexed.
const MAINTAIN_AFTER: usize = 256;

/// From one step of tidying to the next.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The ways to the two threads.
pub(super) type Threads = (mpsc::Sender<Write>, Option<mpsc::Sender<Ask>>);

/// Opens the database and starts the threads. The newest rows, and every new and changed one, are sent
/// to the app.
pub(super) fn start(
    path: Option<&Path>,
    keep: Retention,
    me: String,
    events: mpsc::Sender<Event>,
    generation: Arc<AtomicU64>,
) -> Result<Threads, StoreError> {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let Some(path) = path else {
        let database = Database::in_memory()?;
        let writer = Writer {
            database,
            keep: None,
            me,
            events,
            file: None,
            signal: None,
            unseen: Arc::default(),
            alarms: Vec::new(),
            publisher: None,
            generation,
            failing: false,
            lost: None,
        };
        spawn("store", move || writer.run(inbox))?;
        return Ok((commands, None));
    };
    let (database, word) = open::open(path, Timestamp::now())?;
    let reader = Database::reader(path)?;
    // Alarms from here on are news, even if another console stores them before this thread runs.
    let alarms = alarms::all(database.connection()).unwrap_or_default();
    if let Some(word) = word {
        // There is room: nothing was sent before.
        let _ = events.try_send(Event::Notice(word));
    }
    let unseen = Arc::new(AtomicBool::new(false));
    let signal = ChangeSignal::of(path, &unseen, commands.downgrade());
    let (reads, asked) = mpsc::channel(QUEUE);
    let reader_thread = ReaderThread {
        path: path.to_owned(),
        connection: Ok(reader),
        events: events.clone(),
        writer: commands.downgrade(),
        generation: Arc::clone(&generation),
    };
    spawn("store-reader", move || reader_thread.run(asked))?;
    let files = Files::of(path);
    let writer = Writer {
        database,
        keep: Some(keep),
        me,
        events,
        file: Some(OpenFile {
            path: path.to_owned(),
            files,
            reader: reads.clone(),
            writer: commands.downgrade(),
        }),
        signal: Some(signal),
        unseen,
        alarms,
        publisher: None,
        generation,
        failing: false,
        lost: None,
    };
    spawn("store", move || writer.run(inbox))?;
    Ok((commands, Some(reads)))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop).map_err(StoreError::Thread)
}

/// The thread that reads.
struct ReaderThread {
    path: PathBuf,
    connection: Result<Connection, StoreError>,
    events: mpsc::Sender<Event>,
    /// Hears of damage.
    writer: mpsc::WeakSender<Write>,
    generation: Arc<AtomicU64>,
}

impl ReaderThread {
    fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        self.first_page();
        while let Some(ask) = asked.blocking_recv() {
            match ask {
                Ask::Read(read) => match &self.connection {
                    Ok(connection) => read(connection),
                    // Whoever asked is told that nobody answers; perhaps it can be opened by now.
                    Err(_) => self.connection = Database::reader(&self.path),
                },
                Ask::Reopen { closed, go } => {
                    self.connection = Err(StoreError::Stopped);
                    let _ = closed.send(());
                    let _ = go.recv();
                    self.connection = Database::reader(&self.path);
                }
            }
        }
    }

    /// The newest rows to the app.
    fn first_page(&self) {
        let Ok(connection) = &self.connection else { return };
        match read::newest(connection, FIRST_PAGE) {
            Ok(rows) => _ = self.events.blocking_send(Event::page(rows, FIRST_PAGE)),
            Err(error) if error.is_damage() => {
                // Without waiting: the writer may be waiting for this thread. It finds the damage itself.
                if let Some(writer) = self.writer.upgrade() {
                    let _ = writer.try_send(Write::Damaged(self.generation.load(Ordering::Acquire)));
                }
            }
            // An empty list must not look like one in which nothing is.
            Err(error) => _ = self.events.blocking_send(Event::StoreBlocked(Some(error.to_string()))),
        }
    }
}

/// Sends an event to the app, which may have ended.
fn send(events: &mpsc::Sender<Event>, result: Result<Event, StoreError>) {
    let _ = events.blocking_send(result.unwrap_or_else(|error| Event::StoreFailed(error.to_string())));
}

struct Writer {
    database: Database,
    /// In memory everything is kept.
    keep: Option<Retention>,
    /// Author of triage on this console.
    me: String,
    events: mpsc::Sender<Event>,
    /// None in memory.
    file: Option<OpenFile>,
    signal: Option<ChangeSignal>,
    /// True while a signal of changes by others is on its way to the writer.
    unseen: Arc<AtomicBool>,
    /// The alarms that the app has been told of.
    alarms: Vec<Alarm>,
    /// Wakes the part that publishes triage to other consoles.
    publisher: Option<Arc<Notify>>,
    /// Generation of the file: counts the files that were begun.
    generation: Arc<AtomicU64>,
    /// True while the app believes that nothing can be stored.
    failing: bool,
    /// Set while no file is open. `database` is an empty one in memory then, and holds nothing that lasts.
    lost: Option<Lost>,
}

/// The file that is written.
struct OpenFile {
    path: PathBuf,
    files: Files,
    /// The thread that reads it.
    reader: mpsc::Sender<Ask>,
    /// The way to the writer itself, for signals of others.
    writer: mpsc::WeakSender<Write>,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Write>) {
        // Deleting and indexing wait until there is nothing else to do.
        let (mut needs_maintenance, mut stored) = (true, 0);
        if !self.alarms.is_empty() {
            let _ = self.events.blocking_send(Event::Alarms { alarms: self.alarms.clone(), first: true });
        }
        // Changes that others have stored since the file was opened.
        stored += self.poll_other_writers();
        loop {
            let next = if needs_maintenance {
                inbox.try_recv()
            } else {
                inbox.blocking_recv().ok_or(TryRecvError::Disconnected)
            };
            match next {
                Ok(write) => stored += self.handle(write),
                Err(TryRecvError::Empty) => needs_maintenance = self.maintain(),
                Err(TryRecvError::Disconnected) => return,
            }
            if stored >= MAINTAIN_AFTER {
                (needs_maintenance, stored) = (true, 0);
            }
        }
    }

    /// Does one piece of work, and returns how many alerts it brought.
    fn handle(&mut self, write: Write) -> usize {
        match write {
            Write::Insert(batch, reply) => {
                let result = self.durably(|database, _| database.insert(&batch));
                self.failed(result.as_ref().err());
                let known = result.as_ref().map_or(0, |_| self.database.known);
                self.answer(result, reply, |rows| (rows, ()));
                if known > 0 {
                    let _ = self.events.blocking_send(Event::Duplicates(known));
                }
                return batch.len();
            }
            Write::Context(asked, records, reply) => {
                let result = self.durably(|database, _| database.insert_context(asked, &records));
                let _ = reply.send(result);
            }
            Write::Links(links, reply) => {
                let result = self.durably(|database, _| database.insert_links(&links));
                self.failed(result.as_ref().err());
                if result.is_ok() {
                    let _ = self.events.blocking_send(Event::LinksStored);
                }
                // Whoever asked may be gone by now.
                let _ = reply.send(result);
                return links.len();
            }
            Write::Found(batch, reply) => {
                let result = self.durably(|database, me| database.insert_found(&batch, me, Timestamp::now()));
                self.answer(result, reply, |found| found);
                return batch.len();
            }
            Write::Triage(commands, reply) => {
                let result = self.durably(|database, me| database.triage(&commands, me, Timestamp::now()));
                self.answer(result, reply, |triaged| (Vec::new(), triaged));
                if let Some(publisher) = &self.publisher {
                    publisher.notify_one();
                }
            }
            Write::ApplyRemote(events, reply) => {
                let result = self.durably(|database, _| database.apply_remote(&events));
                self.failed(result.as_ref().err());
                self.answer(result, reply, |rows| (rows, ()));
            }
            Write::OpenOutbox(reply) => {
                self.database.publishes = true;
                let publisher = self.publisher.get_or_insert_default();
                publisher.notify_one();
                // Whoever asked may be gone by now.
                let _ = reply.send(Ok(Arc::clone(publisher)));
            }
            Write::Delivered(last, reply) => {
                let result = self.durably(|database, _| outbox::delivered(database.connection(), last));
                let _ = reply.send(result);
            }
            Write::Alarms(change, reply) => self.change_alarms(&change, reply),
            Write::Changed => return self.poll_other_writers(),
            Write::Read(read) => read(self.database.connection()),
            // A file that is set aside already has been replaced.
            Write::Damaged(generation) if generation == self.generation.load(Ordering::Acquire) => {
                self.damaged();
            }
            Write::Damaged(_) => {}
        }
        0
    }

    fn change_alarms(&mut self, change: &AlarmChange, reply: Reply<()>) {
        let result = self.durably(|database, _| database.alarms(change));
        self.failed(result.as_ref().err());
        if result.is_ok() {
            self.send_alarms();
        }
        if let (Ok(()), Some(signal)) = (&result, &mut self.signal) {
            signal.ring();
        }
        // Whoever asked may be gone by now.
        let _ = reply.send(result);
    }

    /// Sends the rows to the app, the rest to the caller, and an error to both.
    fn answer<T, U>(
        &mut self,
        result: Result<T, StoreError>,
        reply: Reply<U>,
        split: fn(T) -> (Vec<Row>, U),
    ) {
        let result = result.map(split);
        let event = match &result {
            Ok((rows, _)) if rows.is_empty() => None,
            Ok((rows, _)) => Some(Event::Stored(rows.clone())),
            // The app knows already that nothing can be stored.
            Err(_) if self.failing => None,
            Err(error) => Some(Event::StoreFailed(error.to_string())),
        };
        if let Some(event) = event {
            let _ = self.events.blocking_send(event);
        }
        if let (Ok(_), Some(signal)) = (&result, &mut self.signal) {
            signal.ring();
        }
        // Whoever asked may be gone by now.
        let _ = reply.send(result.map(|(_, rest)| rest));
    }

    /// Looks for what others have stored or triaged, and returns how many alerts that are.
    fn poll_other_writers(&mut self) -> usize {
        // Before looking: what is written from here on is told again.
        self.unseen.store(false, Ordering::Release);
        match self.database.others_wrote() {
            Ok(true) => {
                let news = self.database.changes_since_last();
                let count = news.as_ref().map_or(0, Vec::len);
                if count > 0 || news.is_err() {
                    send(&self.events, news.map(Event::Stored));
                }
                self.send_alarms();
                count
            }
            Ok(false) => 0,
            Err(error) => {
                send(&self.events, Err(error));
                0
            }
        }
    }

    /// Tells the app of the alarms where they are not as it knows them.
    fn send_alarms(&mut self) {
        match alarms::all(self.database.connection()) {
            Ok(alarms) if alarms == self.alarms => {}
            Ok(alarms) => {
                self.alarms.clone_from(&alarms);
                let _ = self.events.blocking_send(Event::Alarms { alarms, first: false });
            }
            Err(error) => send(&self.events, Err(error)),
        }
    }

    fn maintain(&mut self) -> bool {
        let Some(keep) = self.keep else {
            return false;
        };
        let start = Instant::now();
        let was_filling = graph::is_filling(self.database.connection()).unwrap_or(false);
        match self.database.maintain(keep, Timestamp::now()) {
            Ok(more) => {
                // Incidents of an older database are whole from here on.
                if was_filling && !graph::is_filling(self.database.connection()).unwrap_or(true) {
                    let _ = self.events.blocking_send(Event::LinksStored);
                }
                if more {
                    // Other consoles on the file write in between: SQLite lets them wait, and is not fair.
                    std::thread::sleep(start.elapsed().clamp(LEAST_PAUSE, LONGEST_PAUSE));
                }
                more
            }
            Err(error) if error.is_damage() => {
                self.damaged();
                false
            }
            Err(error) => {
                tracing::error!(%error, "can't delete old alerts or index new ones");
                false
            }
        }
    }

    /// Tells the app that nothing can be stored, and that it can again: once each.
    fn failed(&mut self, error: Option<&StoreError>) {
        if error.is_some() || self.failing {
            self.failing = error.is_some();
            let _ = self.events.blocking_send(Event::StoreBlocked(error.map(ToString::to_string)));
        }
    }
}
