//! What the console remembers: one SQLite file, one thread that writes and reads it.
//!
//! Sources hand over batches and learn when they are stored; only then is a message deleted from
//! its queue. The same alert twice is one row. What is new is told to the app.

mod database;

use std::path::{Path, PathBuf};

use detector::facts::Verdict;
use detector::{Alert, AlertId, SafeText, Severity};
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

pub(crate) use database::StoreError;

use crate::app::Msg;

/// What came out of a source: an alert, or something that could not be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Incoming {
    pub(crate) id: AlertId,
    pub(crate) received: Timestamp,
    pub(crate) content: Content,
}

/// What an entry holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    Alert(Box<Alert>),
    /// Kept as it came, and shown as such.
    Unreadable {
        why: String,
        raw: String,
    },
}

/// An entry as the list shows it: small, safe, with nothing to look up.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: AlertId,
    /// When it happened; when it came, where it does not say.
    pub(crate) time: Timestamp,
    /// None for what could not be read.
    pub(crate) severity: Option<Severity>,
    pub(crate) event: SafeText,
    pub(crate) actor: SafeText,
    pub(crate) source_ip: SafeText,
    pub(crate) account: SafeText,
    /// Whom or what it was done to, with its kind: `role deploy`.
    pub(crate) target: SafeText,
    pub(crate) region: SafeText,
    /// The service that was called: `iam.amazonaws.com`.
    pub(crate) source: SafeText,
    pub(crate) outcome: Option<Verdict>,
    /// The titles of the rules that matched.
    pub(crate) rules: SafeText,
}

impl Row {
    /// Where it stands in the list: newest first, and one order for those of one moment.
    pub(crate) fn key(&self) -> (std::cmp::Reverse<Timestamp>, &AlertId) {
        (std::cmp::Reverse(self.time), &self.id)
    }

    pub(crate) fn of(incoming: &Incoming) -> Self {
        let text = |text: Option<&String>| SafeText::new(text.map_or("–", String::as_str));
        match &incoming.content {
            Content::Alert(alert) => Self {
                id: incoming.id.clone(),
                time: alert.time.or(alert.detected_at).unwrap_or(incoming.received),
                severity: Some(alert.severity),
                event: match alert.facts.as_ref().map(|facts| facts.outcome.verdict) {
                    Some(Verdict::Denied | Verdict::Failed) => SafeText::from(format!("✗ {}", alert.event)),
                    Some(Verdict::Success) | None => SafeText::new(&alert.event),
                },
                actor: match &alert.facts {
                    Some(facts) => SafeText::new(&facts.actor.name),
                    None => text(alert.user.as_ref()),
                },
                source_ip: text(alert.source_ip.as_ref()),
                account: text(alert.account.as_ref()),
                target: match alert.facts.as_ref().and_then(|facts| facts.target.as_ref()) {
                    Some(target) => SafeText::from(format!("{} {}", target.kind.word(), target.name)),
                    None => text(None),
                },
                region: text(alert.region.as_ref()),
                source: text(alert.event_source.as_ref()),
                outcome: alert.facts.as_ref().map(|facts| facts.outcome.verdict),
                rules: SafeText::from(
                    alert.rules.iter().map(|rule| rule.title.as_str()).collect::<Vec<_>>().join("; "),
                ),
            },
            Content::Unreadable { why, .. } => Self {
                id: incoming.id.clone(),
                time: incoming.received,
                severity: None,
                event: SafeText::new("unreadable message"),
                actor: SafeText::new(why),
                source_ip: text(None),
                account: text(None),
                target: text(None),
                region: text(None),
                source: text(None),
                outcome: None,
                rules: text(None),
            },
        }
    }
}

/// A handle to the store; clones talk to the same thread.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    commands: mpsc::Sender<Command>,
}

enum Command {
    Insert(Vec<Incoming>, oneshot::Sender<Result<(), StoreError>>),
    Load(AlertId, oneshot::Sender<Result<Option<Value>, StoreError>>),
}

/// Batches that may wait for the writer before a source has to.
const QUEUE: usize = 16;
/// Rows that are in the list at the start.
const FIRST_PAGE: usize = 10_000;

impl Store {
    /// Opens the database (in memory without a path) and starts its thread. The newest rows and
    /// every new one are sent to the app.
    pub(crate) fn open(path: Option<PathBuf>, app: mpsc::Sender<Msg>) -> Result<Self, StoreError> {
        let mut database = database::Database::open(path.as_deref())?;
        let (commands, mut inbox) = mpsc::channel(QUEUE);
        let work = move || {
            match database.newest(FIRST_PAGE) {
                Ok(rows) => drop(app.blocking_send(Msg::Stored(rows))),
                Err(error) => drop(app.blocking_send(Msg::StoreFailed(error.to_string()))),
            }
            while let Some(command) = inbox.blocking_recv() {
                match command {
                    Command::Insert(batch, done) => {
                        let result = database.insert(&batch);
                        match &result {
                            Ok(rows) if rows.is_empty() => {}
                            Ok(rows) => drop(app.blocking_send(Msg::Stored(rows.clone()))),
                            Err(error) => drop(app.blocking_send(Msg::StoreFailed(error.to_string()))),
                        }
                        // Whoever asked may be gone by now.
                        drop(done.send(result.map(drop)));
                    }
                    Command::Load(id, reply) => drop(reply.send(database.body(&id))),
                }
            }
        };
        std::thread::Builder::new().name("store".to_owned()).spawn(work).map_err(StoreError::Thread)?;
        Ok(Self { commands })
    }

    /// Stores a batch; when this returns without error, it is on disk.
    pub(crate) async fn insert(&self, batch: Vec<Incoming>) -> Result<(), StoreError> {
        let (done, answer) = oneshot::channel();
        self.commands.send(Command::Insert(batch, done)).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    /// The whole of one entry.
    pub(crate) async fn load(&self, id: AlertId) -> Result<Option<Content>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(Command::Load(id, reply)).await.map_err(|_| StoreError::Stopped)?;
        let Some(body) = answer.await.map_err(|_| StoreError::Stopped)?? else { return Ok(None) };
        Ok(Some(Content::from_stored(body)))
    }
}

impl Content {
    fn to_stored(&self) -> Result<String, serde_json::Error> {
        match self {
            Self::Alert(alert) => serde_json::to_string(alert),
            Self::Unreadable { why, raw } => {
                serde_json::to_string(&serde_json::json!({"unreadable": why, "raw": raw}))
            }
        }
    }

    fn from_stored(body: Value) -> Self {
        let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        if body.get("unreadable").is_some() {
            return Self::Unreadable { why: text("unreadable"), raw: text("raw") };
        }
        match serde_json::from_value(body.clone()) {
            Ok(alert) => Self::Alert(Box::new(alert)),
            Err(error) => Self::Unreadable { why: error.to_string(), raw: body.to_string() },
        }
    }
}

/// Where the database is when nobody says: the state directory of the XDG specification.
pub(crate) fn default_path() -> Result<PathBuf, StoreError> {
    use etcetera::BaseStrategy as _;
    let base = etcetera::choose_base_strategy().map_err(|_| StoreError::NoHome)?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Ok(state.join("sentinel-tui").join("alerts.db"))
}

/// Makes the folder of a file, for its owner only.
pub(crate) fn make_folder_of(path: &Path) -> Result<(), StoreError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| StoreError::Folder { path: folder.to_owned(), source })
}
