//! The SQLite file: its schema, and the few statements on it.

use std::path::{Path, PathBuf};

use detector::{AlertId, SafeText, Severity};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row as SqlRow, params};
use serde_json::Value;

use super::{Incoming, Row};

/// Why nothing can be remembered, and what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the database can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error(
        "the database {path} can't be opened: {source}; it was left as it is. Choose another file with --db"
    )]
    Open { path: String, source: rusqlite::Error },
    #[error(
        "the database {path} was written by a newer sentinel-tui (schema {found}, this one knows {SCHEMA}): \
         update sentinel-tui, or choose another file with --db"
    )]
    Newer { path: String, found: i64 },
    #[error("the folder {path} can't be made: {source}; choose another file with --db")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("there is no home directory to keep the database in: choose a file with --db")]
    NoHome,
    #[error("an alert can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the database's thread can't be started: {0}")]
    Thread(std::io::Error),
    #[error("the database's thread has ended")]
    Stopped,
}

/// The schema's version, kept in `user_version`.
const SCHEMA: i64 = 1;

/// `alert` is what the list needs, `body` the rest, so that listing never reads bodies. Times are
/// microseconds since 1970, UTC.
const CREATE: &str = "
    CREATE TABLE alert (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        received INTEGER NOT NULL,
        severity INTEGER,
        event TEXT NOT NULL,
        actor TEXT NOT NULL,
        source_ip TEXT NOT NULL,
        account TEXT NOT NULL
    ) STRICT;
    CREATE INDEX alert_by_time ON alert (time, id);
    CREATE TABLE body (
        number INTEGER PRIMARY KEY REFERENCES alert (number),
        json TEXT NOT NULL
    ) STRICT;
    PRAGMA user_version = 1;
";

pub(super) struct Database(Connection);

impl Database {
    pub(super) fn open(path: Option<&Path>) -> Result<Self, StoreError> {
        Self::open_or_make(path).map_err(|error| match (error, path) {
            (StoreError::Sqlite(source), Some(path)) => {
                StoreError::Open { path: path.display().to_string(), source }
            }
            (error, _) => error,
        })
    }

    fn open_or_make(path: Option<&Path>) -> Result<Self, StoreError> {
        let mut connection = match path {
            Some(path) => {
                super::make_folder_of(path)?;
                Connection::open(path)?
            }
            None => Connection::open_in_memory()?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // A message is deleted from its queue once it is stored, so a commit must be on disk: FULL.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
        // In one write transaction, so that of two consoles starting at once one makes the schema.
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if found > SCHEMA {
            let path = path.map_or_else(String::new, |path| path.display().to_string());
            return Err(StoreError::Newer { path, found });
        }
        if found == 0 {
            transaction.execute_batch(CREATE)?;
        }
        transaction.commit()?;
        Ok(Self(connection))
    }

    /// Stores a batch in one transaction, and gives its rows back as they are stored: what another
    /// console on this database has stored already is new to this one.
    pub(super) fn insert(&mut self, batch: &[Incoming]) -> Result<Vec<Row>, StoreError> {
        let transaction = self.0.transaction()?;
        let mut rows = Vec::with_capacity(batch.len());
        {
            let mut alert = transaction.prepare_cached(
                "INSERT INTO alert (id, time, received, severity, event, actor, source_ip, account)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
            )?;
            let mut body = transaction.prepare_cached("INSERT INTO body (number, json) VALUES (?1, ?2)")?;
            let mut known = transaction.prepare_cached(
                "SELECT id, time, severity, event, actor, source_ip, account FROM alert WHERE id = ?1",
            )?;
            for incoming in batch {
                let row = Row::of(incoming);
                let added = alert.execute(params![
                    row.id.0,
                    row.time.as_microsecond(),
                    incoming.received.as_microsecond(),
                    row.severity.map(number),
                    row.event.as_str(),
                    row.actor.as_str(),
                    row.source_ip.as_str(),
                    row.account.as_str(),
                ])?;
                if added == 1 {
                    body.execute(params![transaction.last_insert_rowid(), incoming.content.to_stored()?])?;
                    rows.push(row);
                } else {
                    rows.push(known.query_row([&row.id.0], read)?);
                }
            }
        }
        transaction.commit()?;
        Ok(rows)
    }

    /// The newest rows, newest first.
    pub(super) fn newest(&self, limit: usize) -> Result<Vec<Row>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT id, time, severity, event, actor, source_ip, account FROM alert
             ORDER BY time DESC, id DESC LIMIT ?1",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = statement.query_map([limit], read)?.collect::<Result<_, _>>()?;
        Ok(rows)
    }

    pub(super) fn body(&self, id: &AlertId) -> Result<Option<Value>, StoreError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT body.json FROM body JOIN alert USING (number) WHERE alert.id = ?1")?;
        let json: Option<String> = statement.query_row([&id.0], |row| row.get(0)).optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    let text = |at: usize| row.get::<_, String>(at).map(SafeText::from);
    Ok(Row {
        id: AlertId(row.get(0)?),
        time: Timestamp::from_microsecond(row.get(1)?).unwrap_or_default(),
        severity: row.get::<_, Option<i64>>(2)?.and_then(severity),
        event: text(3)?,
        actor: text(4)?,
        source_ip: text(5)?,
        account: text(6)?,
        // What schema 1 does not keep.
        target: SafeText::default(),
        region: SafeText::default(),
        source: SafeText::default(),
        outcome: None,
        rules: SafeText::default(),
    })
}

const fn number(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 1,
        Severity::Medium => 2,
        Severity::High => 3,
        Severity::Critical => 4,
    }
}

const fn severity(number: i64) -> Option<Severity> {
    Some(match number {
        1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        4 => Severity::Critical,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::alert;
    use crate::store::Content;

    #[test]
    fn what_is_stored_comes_back_once_newest_first_and_after_a_restart() {
        let folder = std::env::temp_dir().join(format!("sentinel-store-{}", std::process::id()));
        let path = folder.join("deep/alerts.db");
        let mut database = Database::open(Some(&path)).unwrap();
        let batch = [alert("a", 10), alert("b", 30), alert("c", 20)];
        let ids = |rows: Vec<Row>| rows.into_iter().map(|row| row.id.0).collect::<Vec<_>>();
        assert_eq!(ids(database.insert(&batch).unwrap()), ["a", "b", "c"]);
        assert_eq!(ids(database.insert(&batch[..1]).unwrap()), ["a"], "another console may have stored it");
        assert_eq!(database.newest(9).unwrap().len(), 3, "the same alert twice is one row");
        drop(database);
        let database = Database::open(Some(&path)).unwrap();
        assert_eq!(ids(database.newest(2).unwrap()), ["b", "c"]);
        let body = database.body(&AlertId("c".into())).unwrap().unwrap();
        assert_eq!(Content::from_stored(body), batch[2].content);
        assert_eq!(database.body(&AlertId("x".into())).unwrap(), None);
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_newer_database_is_refused_with_a_clear_word() {
        let path = std::env::temp_dir().join(format!("sentinel-newer-{}.db", std::process::id()));
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = Database::open(Some(&path)).map(drop).unwrap_err().to_string();
        assert!(error.contains("newer sentinel-tui (schema 99, this one knows 1)"), "{error}");
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_file_that_is_no_database_is_left_as_it_is() {
        let path = std::env::temp_dir().join(format!("sentinel-text-{}.db", std::process::id()));
        let text = "not a database, and long enough to have a header that SQLite would look at\n".repeat(20);
        std::fs::write(&path, &text).unwrap();
        let error = Database::open(Some(&path)).map(drop).unwrap_err().to_string();
        assert!(error.contains("not a database") && error.contains("--db"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_could_not_be_read_is_kept_raw() {
        let mut database = Database::open(None).unwrap();
        let content = Content::Unreadable { why: "not JSON".into(), raw: "\u{1b}[31m{".into() };
        let incoming = Incoming { id: AlertId("m".into()), received: Timestamp::UNIX_EPOCH, content };
        let rows = database.insert(std::slice::from_ref(&incoming)).unwrap();
        assert_eq!((rows[0].severity, rows[0].actor.as_str()), (None, "not JSON"));
        let body = database.body(&incoming.id).unwrap().unwrap();
        assert_eq!(Content::from_stored(body), incoming.content);
    }

    #[test]
    fn the_newest_page_walks_the_index() {
        let database = Database::open(None).unwrap();
        let mut plan = database
            .0
            .prepare("EXPLAIN QUERY PLAN SELECT id, time, severity, event, actor, source_ip, account FROM alert ORDER BY time DESC, id DESC LIMIT 50")
            .unwrap();
        let steps: Vec<String> = plan.query_map([], |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert_eq!(steps, ["SCAN alert USING INDEX alert_by_time"]);
    }
}
