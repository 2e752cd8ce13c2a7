//! The database as its one writer has it: what is stored, what is triaged, and what others have done
//! to the same file meanwhile.

use std::path::Path;
use std::time::Duration;

use detector::link::Link;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::alarms::{self, AlarmChange};
use super::context::Kept as ContextRecord;
use super::insert::Insert;
use super::{
    Retention, StoreError, context, graph, index, insert_links, read, related, retention, schema, triage,
};
use crate::model::{Incoming, Row, TriageCommand, TriageEvent, TriageOutcome};
use crate::store::outbox;

/// Longest wait for another console's transaction.
const BUSY: Duration = Duration::from_secs(5);
/// Bytes of a page: 60 bytes an alert less than with SQLite's 4,096.
const PAGE_SIZE: i64 = 8_192;
/// Pages of the log after which SQLite itself copies them into the database, in the middle of a
/// commit. We do it between commits ([`Database::maintain`]); this is for a flood without an end.
const LARGEST_LOG: i64 = 10_000;
/// Kibibytes of pages that the writer keeps: each alert changes a page of several trees, and these lie far apart.
const WRITER_CACHE: i64 = 16 * 1_024;
/// The same for finding incidents, which reads here and there and ends soon.
const WALK_CACHE: i64 = 64 * 1_024;
/// Rows of others that are told at once; who has been away longer pages through them.
const MOST_NEWS: usize = 10_000;

pub(super) struct Database {
    connection: Connection,
    /// The last alert and the last triage that the app has been told of.
    told: (i64, i64),
    /// SQLite's count of what other connections have committed.
    version: i64,
    /// Number of entries of the last batch that were stored already.
    pub(super) known: usize,
    /// True where triage on this console is told to other consoles.
    pub(super) publishes: bool,
}

impl Database {
    /// Opens the file, or makes it. What it must be and how it is set aside: `open.rs`.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path)?;
        // Until it is known to be whole and ours, closing it must not change it.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let database = Self::configure(connection, &path.display().to_string())?;
        database.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(database)
    }

    /// For demo and replay: nothing is left behind.
    pub(super) fn in_memory() -> Result<Self, StoreError> {
        Self::configure(Connection::open_in_memory()?, "in memory")
    }

    fn configure(mut connection: Connection, path: &str) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY)?;
        // Of a file that is made now: a packed body is most of a small page, and the rest would be waste.
        connection.pragma_update(None, "page_size", PAGE_SIZE)?;
        // In one write transaction, so that of two consoles starting at once one makes the schema;
        // before anything else, so that a file that is not ours stays as it is.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        schema::migrate(&transaction, path)?;
        transaction.commit()?;
        // A message is deleted from its queue once it is stored, so a commit must be on disk: FULL.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        connection.pragma_update(None, "wal_autocheckpoint", LARGEST_LOG)?;
        // A negative number is one of kibibytes.
        connection.pragma_update(None, "cache_size", -WRITER_CACHE)?;
        connection.set_prepared_statement_cache_capacity(64);
        let mut database =
            Self { told: read::last(&connection)?, connection, version: 0, known: 0, publishes: false };
        database.others_wrote()?;
        Ok(database)
    }

    /// A second connection to the same file, for reading beside the writer.
    pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
        // Makes no file: one that is not there is for the writer to begin.
        let flags = OpenFlags::default() & !OpenFlags::SQLITE_OPEN_CREATE;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    }

    /// A connection to find incidents with.
    pub(super) fn walker(path: &Path) -> Result<Connection, StoreError> {
        let connection = Self::reader(path)?;
        connection.pragma_update(None, "cache_size", -WALK_CACHE)?;
        Ok(connection)
    }

    /// Copies all that is in it, also where its file has no name any more, into a new file of the same name.
    pub(super) fn copy_to(&self, path: &Path) -> Result<(), StoreError> {
        self.connection.execute("VACUUM INTO ?1", [path.to_string_lossy().as_ref()])?;
        Ok(())
    }

    /// True where it is whole and has less than this many bytes: somebody vacuumed it.
    pub(super) fn is_shorter_than(&self, bytes: u64) -> bool {
        // Tables that were cut off are missed by the second question.
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size = self.connection.query_row(size, [], |row| row.get::<_, i64>(0));
        let is_there =
            self.connection.query_row("SELECT count(*) FROM (SELECT 1 FROM alert LIMIT 1)", [], |_| Ok(()));
        is_there.is_ok() && size.is_ok_and(|size| u64::try_from(size).is_ok_and(|size| size < bytes))
    }

    /// Copies SQLite's log into the database, for when the log is to go.
    pub(super) fn settle_log(&self) -> Result<(), StoreError> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Closes it without touching any file: those of its name may be another's by now.
    pub(super) fn abandon(self) {
        let kept = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        if let Err(error) = kept {
            tracing::error!(%error, "a database that is gone is closed as usual");
        }
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) const fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Stores a batch in one transaction. What it holds comes back as it is stored, with what others
    /// have done since: what another console on this database has stored already is new to this one.
    pub(super) fn insert(&mut self, batch: &[Incoming]) -> Result<Vec<Row>, StoreError> {
        let mut known = Vec::new();
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = Insert::new(&transaction)?;
            for incoming in batch {
                known.extend(insert.one(incoming)?);
            }
        }
        related::keep_up(&transaction)?;
        transaction.commit()?;
        self.known = known.len();
        let mut rows = self.changes_since_last()?;
        rows.extend(known);
        Ok(rows)
    }

    /// Stores records around an alert.
    pub(super) fn insert_context(&mut self, asked: i64, records: &[ContextRecord]) -> Result<(), StoreError> {
        context::insert(&mut self.connection, asked, records)
    }

    /// Stores links in one transaction.
    pub(super) fn insert_links(&mut self, batch: &[Link]) -> Result<(), StoreError> {
        insert_links::insert(&mut self.connection, batch)
    }

    /// Carries triage commands out, all or none, and keeps them for the other consoles where these are told.
    pub(super) fn triage(
        &mut self,
        commands: &[TriageCommand],
        by: &str,
        at: Timestamp,
    ) -> Result<TriageOutcome, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let journal = outbox::journal(&transaction)?;
        let done = triage::apply_commands(&transaction, commands, by, at)?;
        if self.publishes {
            outbox::queue_after(&transaction, journal)?;
        }
        transaction.commit()?;
        Ok(done)
    }

    /// Applies triage of other consoles, and returns the rows that have changed, as with a batch.
    pub(super) fn apply_remote(&mut self, all: &[TriageEvent]) -> Result<Vec<Row>, StoreError> {
        outbox::apply_remote(&mut self.connection, all)?;
        self.changes_since_last()
    }

    pub(super) fn alarms(&mut self, change: &AlarmChange) -> Result<(), StoreError> {
        alarms::change(&mut self.connection, change)
    }

    /// True where another connection, of any program, has committed since the last call.
    pub(super) fn others_wrote(&mut self) -> Result<bool, StoreError> {
        let version = self.connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        Ok(std::mem::replace(&mut self.version, version) != version)
    }

    /// Returns the rows that any program stored or triaged since the last call: at most `MOST_NEWS` that were
    /// stored, and as many that were triaged.
    pub(super) fn changes_since_last(&mut self) -> Result<Vec<Row>, StoreError> {
        // One transaction, so that nothing falls between the two.
        let transaction = self.connection.transaction()?;
        let rows = read::since(&transaction, self.told, MOST_NEWS)?;
        self.told = read::last(&transaction)?;
        transaction.commit()?;
        Ok(rows)
    }

    /// Forgets some of what is not kept any longer, fills the search index and the table of properties, and copies
    /// SQLite's log into the database. True where there is more to do.
    pub(super) fn maintain(&mut self, keep: Retention, now: Timestamp) -> Result<bool, StoreError> {
        // Others write too, and what this does can wait: with the next step it is tried again.
        self.connection.busy_timeout(Duration::ZERO)?;
        // Links before alerts, which matter more. The index takes room too, so the last look is at the size.
        let forgotten = if keep == Retention::FOREVER {
            Ok(false)
        } else {
            insert_links::forget(&mut self.connection, keep, now)
        };
        let more = forgotten
            .and_then(|more| Ok(more || retention::step(&mut self.connection, keep, now)?))
            .and_then(|more| Ok(more || graph::fill(&mut self.connection)?))
            .and_then(|more| Ok(more || fill_behind(&mut self.connection)?))
            .and_then(|more| Ok(more || retention::step(&mut self.connection, keep, now)?));
        self.connection.busy_timeout(BUSY)?;
        let more = match more {
            Err(error) if error.is_busy() => true,
            more => more?,
        };
        if !more {
            // It gives three numbers, and does what it can beside readers.
            self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        }
        Ok(more)
    }
}

/// Takes some alerts into the search index and the table of properties, with one commit. True where there may be more.
fn fill_behind(connection: &mut Connection) -> Result<bool, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let more = [index::fill(&transaction)?, related::fill(&transaction)?];
    transaction.commit()?;
    Ok(more.contains(&true))
}
