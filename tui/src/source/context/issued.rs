//! Keys that the records of an incident issued, and that are asked for in turn: a role that somebody assumed acts under a
//! key of its own, whether it raises an alert or not.

use detector::Call;
use detector::facts::Verdict;
use serde_json::Value;

use super::{By, MOST};

/// Rounds of questions: keys by which keys were issued, and so on.
pub(super) const ROUNDS: usize = 5;

/// Identities that were asked for, and keys that their records issued.
#[derive(Debug)]
pub(super) struct Issued {
    asked: Vec<By>,
    new: Vec<By>,
}

impl Issued {
    /// Follows the keys of an incident; `None` for another question, which is for one identity.
    pub(super) fn of(by: &By) -> Option<Self> {
        match by {
            By::Any(all) => Some(Self { asked: all.clone(), new: Vec::new() }),
            _ => None,
        }
    }

    /// Notes the key that a record issued.
    pub(super) fn add(&mut self, call: &Call, record: &Value) {
        if call.outcome.verdict != Verdict::Success {
            return;
        }
        let key = ["/responseElements/credentials/accessKeyId", "/responseElements/accessKey/accessKeyId"]
            .iter()
            .find_map(|path| record.pointer(path)?.as_str());
        if let Some(key) = key.map(|key| By::Key(key.to_owned()))
            && self.asked.len() < MOST
            && !self.asked.contains(&key)
        {
            self.asked.push(key.clone());
            self.new.push(key);
        }
    }

    /// Returns the keys that are new since the last time.
    pub(super) fn take(&mut self) -> Vec<By> {
        std::mem::take(&mut self.new)
    }
}
