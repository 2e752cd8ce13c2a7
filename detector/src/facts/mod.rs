//! What a record means: who did it, to whom, and whether it worked.
//!
//! Facts are derived from the record alone. They know no rules; rules read them under the prefix
//! `sentinel.`, beside the raw fields.

mod actor;
mod outcome;
mod target;
mod watched;

pub use actor::{Actor, ActorKind};
pub use outcome::{Outcome, Verdict};
pub use target::{Target, TargetKind};
pub use watched::{Names, Watch, Watched};

use serde::{Deserialize, Serialize};

use crate::record::Record;

/// Everything derived from one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether the call worked.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Who made the call.
    pub actor: Actor,
    /// Whom or what the call was about, where the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
}

/// Names longer than this are cut: IAM allows 128 characters, and a failed call can carry 100 KB.
const LONGEST_NAME: usize = 512;

/// A name, short enough for a sentence.
pub(crate) fn short(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME).chain(['…']).collect()
}

impl Facts {
    /// Derives the facts of a record.
    pub fn of(record: &Record, _watched: &Watched) -> Self {
        let actor = Actor::of(record);
        let target = Target::of(record, &actor);
        Self { outcome: Outcome::of(record), actor, target }
    }

    /// Whether no exception may keep this silent: it blinds the audit trail, or IAM Sentinel.
    pub const fn is_beyond_exceptions(&self) -> bool {
        false
    }
}
