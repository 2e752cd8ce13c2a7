//! The store's two threads: one writes, one reads beside it, so that opening an alert never waits for
//! a flood to be stored. In memory there is one connection, and one thread does both.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use detector::AlertId;
use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::mpsc::{self, error::TryRecvError};
use tokio::sync::{Notify, oneshot};

use super::alarms::{self, Alarm, AlarmChange};
use super::database::Database;
use super::heard::{self, Said};
use super::triage::{Deed, Triaged};
use super::{Incoming, Keep, Row, StoreError, open, read, watch};
use crate::app::Msg;

/// Where an answer goes.
pub(super) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;
/// Something to be read.
pub(super) type Read = Box<dyn FnOnce(&Connection) + Send>;

/// What the writer does.
pub(super) enum Write {
    Insert(Vec<Incoming>, Reply<()>),
    /// What back-fill found; the ids of what was not here come back.
    Found(Vec<Incoming>, Reply<Vec<AlertId>>),
    Triage(Vec<Deed>, Reply<Triaged>),
    /// What was said on other consoles.
    Hear(Vec<Said>, Reply<()>),
    /// Somebody tells other consoles what is said here.
    Speak(Reply<Arc<Notify>>),
    /// Up to this number, it is told.
    Told(i64, Reply<()>),
    Alarms(AlarmChange, Reply<()>),
    /// Somebody has written to the file.
    Changed,
    /// In memory, the writer reads too.
    Read(Read),
}

/// Batches that may wait for the writer before a source has to.
const QUEUE: usize = 16;
/// Rows that are in the list at the start.
const FIRST_PAGE: usize = 10_000;
/// Entries between two looks at what is to be forgotten and to be indexed.
const TIDY_AFTER: usize = 256;

/// From one step of tidying to the next.
const LEAST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// The ways to the two threads.
pub(super) type Threads = (mpsc::Sender<Write>, Option<mpsc::Sender<Read>>);

/// Opens the database and starts the threads. The newest rows, and every new and changed one, are sent
/// to the app.
pub(super) fn start(
    path: Option<&Path>,
    keep: Keep,
    me: String,
    app: mpsc::Sender<Msg>,
) -> Result<Threads, StoreError> {
    let (commands, inbox) = mpsc::channel(QUEUE);
    let Some(path) = path else {
        let database = Database::in_memory()?;
        let writer = Writer {
            database,
            keep: None,
            me,
            app,
            path: None,
            bell: None,
            unseen: Arc::default(),
            alarms: Vec::new(),
            speaker: None,
        };
        spawn("store", move || writer.run(inbox))?;
        return Ok((commands, None));
    };
    let (database, word) = open::open(path, Timestamp::now())?;
    let reader = Database::reader(path)?;
    if let Some(word) = word {
        // There is room: nothing was sent before.
        let _ = app.try_send(Msg::Notice(word));
    }
    let bell = watch::Bell::new(path);
    let unseen = Arc::new(AtomicBool::new(false));
    let (changed, signal) = (Arc::clone(&unseen), commands.downgrade());
    let watcher = watch::start(path, move || {
        // One word is enough until the writer has looked.
        if !changed.swap(true, Ordering::AcqRel)
            && let Some(writer) = signal.upgrade()
        {
            let _ = writer.blocking_send(Write::Changed);
        }
    });
    let trouble = watcher.as_ref().err().map(ToString::to_string);
    if let Some(error) = trouble.or_else(|| bell.as_ref().err().map(ToString::to_string)) {
        tracing::warn!(%error, "there is no word between consoles: changes by others come late");
    }
    let (reads, asked) = mpsc::channel(QUEUE);
    let (first, newest) = (app.clone(), FIRST_PAGE);
    spawn("store-reader", move || {
        tell(&first, read::newest(&reader, newest).map(|rows| Msg::page(rows, newest)));
        answer(&reader, asked);
    })?;
    let path = path.to_owned();
    let writer = Writer {
        database,
        keep: Some(keep),
        me,
        app,
        path: Some(path),
        bell: bell.ok(),
        unseen,
        alarms: Vec::new(),
        speaker: None,
    };
    spawn("store", move || {
        // It watches for as long as there is a writer.
        let _watcher = watcher;
        writer.run(inbox);
    })?;
    Ok((commands, Some(reads)))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop).map_err(StoreError::Thread)
}

fn answer(connection: &Connection, mut asked: mpsc::Receiver<Read>) {
    while let Some(read) = asked.blocking_recv() {
        read(connection);
    }
}

/// Tells the app, which may have ended.
fn tell(app: &mpsc::Sender<Msg>, result: Result<Msg, StoreError>) {
    let _ = app.blocking_send(result.unwrap_or_else(|error| Msg::StoreFailed(error.to_string())));
}

struct Writer {
    database: Database,
    /// In memory everything is kept.
    keep: Option<Keep>,
    /// Who triages here.
    me: String,
    app: mpsc::Sender<Msg>,
    path: Option<std::path::PathBuf>,
    bell: Option<watch::Bell>,
    /// Whether word of a change is on its way.
    unseen: Arc<AtomicBool>,
    /// The alarms that the app has been told of.
    alarms: Vec<Alarm>,
    /// Wakes whoever tells other consoles.
    speaker: Option<Arc<Notify>>,
}

impl Writer {
    fn run(mut self, mut inbox: mpsc::Receiver<Write>) {
        // What is to be forgotten waits until nothing else is to be done.
        let (mut untidy, mut stored) = (true, 0);
        self.tell_alarms(true);
        loop {
            let next = if untidy {
                match inbox.try_recv() {
                    Ok(next) => Some(next),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            } else {
                match inbox.blocking_recv() {
                    Some(next) => Some(next),
                    None => return,
                }
            };
            match next {
                Some(Write::Insert(batch, reply)) => {
                    stored += batch.len();
                    let result = self.database.insert(&batch);
                    let known = result.as_ref().map_or(0, |_| self.database.known);
                    self.tell(result, reply, |rows| (rows, ()));
                    if known > 0 {
                        let _ = self.app.blocking_send(Msg::Duplicates(known));
                    }
                }
                Some(Write::Found(batch, reply)) => {
                    stored += batch.len();
                    let result = self.database.insert_found(&batch, &self.me, Timestamp::now());
                    self.tell(result, reply, |found| found);
                }
                Some(Write::Triage(deeds, reply)) => {
                    let result = self.database.triage(&deeds, &self.me, Timestamp::now());
                    self.tell(result, reply, |triaged| (Vec::new(), triaged));
                    if let Some(speaker) = &self.speaker {
                        speaker.notify_one();
                    }
                }
                Some(Write::Hear(said, reply)) => {
                    let result = self.database.hear(&said);
                    self.tell(result, reply, |rows| (rows, ()));
                }
                Some(Write::Speak(reply)) => {
                    self.database.tells = true;
                    let speaker = self.speaker.get_or_insert_default();
                    speaker.notify_one();
                    // Whoever asked may be gone by now.
                    let _ = reply.send(Ok(Arc::clone(speaker)));
                }
                Some(Write::Told(last, reply)) => {
                    let result = heard::told(self.database.connection(), last);
                    let _ = reply.send(result.map_err(|error| self.judged(error)));
                }
                Some(Write::Alarms(change, reply)) => {
                    let result = self.database.alarms(&change).map_err(|error| self.judged(error));
                    self.tell_alarms(false);
                    if let (Ok(()), Some(bell)) = (&result, &mut self.bell) {
                        bell.ring();
                    }
                    // Whoever asked may be gone by now.
                    let _ = reply.send(result);
                }
                Some(Write::Changed) => self.look(),
                Some(Write::Read(read)) => read(self.database.connection()),
                None => untidy = self.tidy(),
            }
            if stored >= TIDY_AFTER {
                (untidy, stored) = (true, 0);
            }
        }
    }

    /// Rows to the app, the rest to whoever asked, and what went wrong to both.
    fn tell<T, U>(&mut self, result: Result<T, StoreError>, reply: Reply<U>, split: fn(T) -> (Vec<Row>, U)) {
        let result = result.map(split).map_err(|error| self.judged(error));
        let told = match &result {
            Ok((rows, _)) if rows.is_empty() => None,
            Ok((rows, _)) => Some(Msg::Stored(rows.clone())),
            Err(error) => Some(Msg::StoreFailed(error.to_string())),
        };
        if let Some(told) = told {
            let _ = self.app.blocking_send(told);
        }
        if let (Ok(_), Some(bell)) = (&result, &mut self.bell) {
            bell.ring();
        }
        // Whoever asked may be gone by now.
        let _ = reply.send(result.map(|(_, rest)| rest));
    }

    /// Looks for what others have stored or triaged.
    fn look(&mut self) {
        // Before looking: what is written from here on is told again.
        self.unseen.store(false, Ordering::Release);
        match self.database.others_wrote() {
            Ok(true) => {
                match self.database.news() {
                    Ok(rows) if rows.is_empty() => {}
                    news => tell(&self.app, news.map(Msg::Stored)),
                }
                self.tell_alarms(false);
            }
            Ok(false) => {}
            Err(error) => tell(&self.app, Err(self.judged(error))),
        }
    }

    /// Tells the app of the alarms where they are not as it knows them; `first`: they were there before.
    fn tell_alarms(&mut self, first: bool) {
        match alarms::all(self.database.connection()) {
            Ok(alarms) if alarms == self.alarms => {}
            Ok(alarms) => {
                self.alarms.clone_from(&alarms);
                let _ = self.app.blocking_send(Msg::Alarms { alarms, first });
            }
            Err(error) => tell(&self.app, Err(self.judged(error))),
        }
    }

    fn tidy(&mut self) -> bool {
        let Some(keep) = self.keep else {
            return false;
        };
        let start = Instant::now();
        match self.database.tidy(keep, Timestamp::now()) {
            Ok(more) => {
                if more {
                    // Other consoles on the file write in between: SQLite lets them wait, and is not fair.
                    std::thread::sleep(start.elapsed().clamp(LEAST_PAUSE, LONGEST_PAUSE));
                }
                more
            }
            Err(error) => {
                let error = self.judged(error);
                tracing::error!(%error, "old alerts can't be forgotten, or new ones not be indexed");
                false
            }
        }
    }

    /// What is damaged is set aside with the next start.
    fn judged(&self, error: StoreError) -> StoreError {
        match (error, &self.path) {
            (StoreError::Sqlite(error), Some(path)) if super::error::is_damage(&error) => {
                open::remember_damage(path);
                StoreError::Damaged(error)
            }
            (error, _) => error,
        }
    }
}
