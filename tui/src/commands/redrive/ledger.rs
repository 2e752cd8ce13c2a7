//! Messages that were sent on and are still in their dead-letter queue, because the delete failed, because
//! one of several queues refused the message, or because the run was killed in between. They are kept in a
//! small file beside the database, so that the next run does not send them a second time.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// No dead-letter queue of ours keeps a message for longer than 14 days.
const KEPT: SignedDuration = SignedDuration::from_hours(15 * 24);

/// Messages by their ids, which stay the same until they are deleted.
#[derive(Debug)]
pub(crate) struct Ledger {
    path: PathBuf,
    sent: BTreeMap<String, Sent>,
}

/// Queues that a message was sent to, and the time at which it was first sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sent {
    at: Timestamp,
    /// Names of queues.
    to: BTreeSet<String>,
}

impl Ledger {
    /// Reads the messages that earlier runs have left; none where there is no file. Those of 15 days ago and
    /// more are dropped.
    pub(crate) fn beside(database: &Path, now: Timestamp) -> io::Result<Self> {
        let path = database.with_file_name("redriven.json");
        let mut sent: BTreeMap<String, Sent> = match std::fs::read_to_string(&path) {
            Ok(text) => serde_json::from_str(&text).map_err(io::Error::other)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        sent.retain(|_, sent| now.duration_since(sent.at) < KEPT);
        Ok(Self { path, sent })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// True where this message was sent to this queue.
    pub(crate) fn has(&self, message: &str, queue: &str) -> bool {
        self.sent.get(message).is_some_and(|sent| sent.to.contains(queue))
    }

    pub(crate) fn add(&mut self, message: &str, queue: &str, at: Timestamp) {
        let new = || Sent { at, to: BTreeSet::new() };
        self.sent.entry(message.to_owned()).or_insert_with(new).to.insert(queue.to_owned());
    }

    /// Forgets a message that is deleted: no run will come upon it again.
    pub(crate) fn forget(&mut self, message: &str) {
        self.sent.remove(message);
    }

    /// Writes the file, whole or not at all. An empty ledger has no file.
    pub(crate) fn save(&self) -> io::Result<()> {
        if self.sent.is_empty() {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        crate::files::make_folder_of(&self.path)?;
        crate::files::replace(&self.path, &serde_json::to_string(&self.sent)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::redrive::ledger::*;

    #[test]
    fn what_was_sent_is_known_to_the_next_run_until_it_is_deleted() {
        let temp = tempfile::tempdir().unwrap();
        let (database, now) = (temp.path().join("alerts.db"), Timestamp::UNIX_EPOCH);
        let mut ledger = Ledger::beside(&database, now).unwrap();
        ledger.add("m1", "q-slack", now);
        ledger.add("m1", "q-console-a", now);
        ledger.save().unwrap();
        let mut next = Ledger::beside(&database, now).unwrap();
        assert!(next.has("m1", "q-slack") && !next.has("m1", "q-console-b") && !next.has("m2", "q-slack"));
        assert!(
            !Ledger::beside(&database, now + KEPT).unwrap().has("m1", "q-slack"),
            "the queue has lost it"
        );
        next.forget("m1");
        next.save().unwrap();
        assert!(!next.path().exists());
        std::fs::write(next.path(), "{").unwrap();
        assert!(Ledger::beside(&database, now).is_err(), "what can't be read is not taken for empty");
    }
}
