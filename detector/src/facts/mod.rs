//! Facts: the meaning of a record. They say who made the call and to whom, whether the call worked, which
//! permissions it allows, which principals it lets in, and which security control it weakens.
//!
//! Facts are derived from the record and the user's own lists. They use the wildcards of the rules' language
//! and know nothing else of rules; rules read them under the prefix `sentinel.`, beside the raw fields.
//! Unknown is a value of its own and never reads as harmless.

mod actor;
mod exposes;
mod grants;
mod layers;
mod outcome;
mod passes_role;
mod self_target;
mod session;
mod target;
pub mod vocabulary;
mod watched;
mod weakens;

pub use actor::{Actor, ActorKind};
pub use exposes::Exposes;
pub use grants::Grants;
pub use outcome::{DeniedBy, Outcome, Verdict};
pub use self_target::SelfTarget;
pub use session::{Credential, Mfa, Via};
pub use target::{Target, TargetKind};
pub use watched::{Names, Watch, Watched};
pub use weakens::Weakens;

use serde::{Deserialize, Serialize};

use crate::record::Record;
use exposes::Exposed;
use grants::Granted;
use weakens::Weakening;

/// Everything derived from one record. Its JSON is what rules read, and a part of the alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub struct Facts {
    /// Outcome of the call: success, denial or failure, and the kind of policy that refused the call.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Identity that made the call.
    pub actor: Actor,
    /// Target of the call, where the record names it: the user, role or other thing that the call was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Tells whether actor and target are the same identity.
    #[serde(default, rename = "self")]
    pub own: SelfTarget,
    /// Level of the permissions that the policy in the call allows, where there is a policy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
    /// Actions that made that level.
    #[serde(default, rename = "grants.actions", skip_serializing_if = "Vec::is_empty")]
    pub grants_actions: Vec<String>,
    /// Widest group of principals that the call lets in, where the call is of a kind that could let somebody
    /// in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exposes: Option<Exposes>,
    /// Principals that the call lets in: account ids, services, providers; `*` for everybody.
    #[serde(default, rename = "exposes.to", skip_serializing_if = "Vec::is_empty")]
    pub exposes_to: Vec<String>,
    /// True where the caller is among the principals that the call lets in.
    #[serde(default, rename = "exposes.actor", skip_serializing_if = "std::ops::Not::not")]
    pub exposes_actor: bool,
    /// True where those beyond one's own account may do no more than send: put messages into a queue, publish to
    /// a topic.
    #[serde(default, rename = "exposes.sends_only", skip_serializing_if = "std::ops::Not::not")]
    pub exposes_sends_only: bool,
    /// True where the call leaves a resource to whoever makes it alone, by a policy that denies all others.
    #[serde(default, rename = "exposes.locks_out", skip_serializing_if = "std::ops::Not::not")]
    pub exposes_locks_out: bool,
    /// Accounts other than one's own whose Lambda layers the call puts under a function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub foreign_layers: Vec<String>,
    /// The roles and instance profiles that the call hands to a service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passes_role: Vec<String>,
    /// Tool that the call was made with, as far as the caller says.
    #[serde(default)]
    pub via: Via,
    /// Credential that the call was signed with.
    #[serde(default)]
    pub credential: Credential,
    /// Tells whether MFA was used.
    #[serde(default)]
    pub mfa: Mfa,
    /// Security control that the call makes weaker.
    #[serde(default)]
    pub weakens: Weakens,
    /// True where the call does nothing but make the audit trail stronger.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub strengthens: bool,
    /// Parts of the record in which a watched name stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub watched: Vec<Watch>,
    /// True where the policy or the parameters of the call are there and can't be read: too large for the
    /// record, cut off, or no policy.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Reasons for some of these facts, in words.
    #[serde(default, skip_serializing_if = "Because::is_empty")]
    pub because: Because,
}

/// Reasons why facts are as they are, in words.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Because {
    /// Reason for `grants`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<String>,
    /// Reason for `exposes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exposes: Option<String>,
    /// Reason for `weakens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weakens: Option<String>,
}

impl Because {
    const fn is_empty(&self) -> bool {
        self.grants.is_none() && self.exposes.is_none() && self.weakens.is_none()
    }
}

/// Names longer than this are cut: IAM allows 128 characters, and a failed call can carry 100 KB.
const LONGEST_NAME: usize = 512;

/// A name, short enough for a sentence.
pub(crate) fn short(name: &str) -> String {
    if name.len() <= LONGEST_NAME || name.chars().nth(LONGEST_NAME).is_none() {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME).chain(['…']).collect()
}

impl Facts {
    /// Returns those whom a call that worked lets in from outside of the account; `None` where it lets nobody in.
    #[must_use]
    pub fn lets_in(&self) -> Option<String> {
        match self.exposes.filter(|_| self.outcome.verdict == Verdict::Success)? {
            Exposes::Public => Some("everyone".to_owned()),
            Exposes::External if self.exposes_to.is_empty() => Some("another account".to_owned()),
            Exposes::External => Some(self.exposes_to.join(", ")),
            _ => None,
        }
    }

    /// Derives the facts of a record.
    pub fn of(record: &Record, watched: &Watched) -> Self {
        let actor = Actor::of(record);
        let target = Target::of(record, &actor);
        let granted = Granted::of(record);
        let exposed = Exposed::of(record, &actor, watched);
        let weakening = Weakening::of(record);
        let passes_role = passes_role::of(record);
        let via = Via::of(record, &actor);
        let unread =
            [granted.as_ref().is_some_and(|of| of.unread), exposed.as_ref().is_some_and(|of| of.unread)];
        Self {
            hidden: record.parameters_are_omitted() || unread.contains(&true),
            outcome: Outcome::of(record),
            own: SelfTarget::of(record.service(), &actor, target.as_ref()),
            watched: watched.seen_in(record, &actor, target.as_ref(), &passes_role),
            because: Because {
                grants: granted.as_ref().map(|granted| granted.because.clone()),
                exposes: exposed.as_ref().map(|exposed| exposed.because.clone()),
                weakens: weakening.as_ref().map(|weakening| weakening.because.clone()),
            },
            grants: granted.as_ref().map(|granted| granted.level),
            grants_actions: granted.map(|granted| granted.actions).unwrap_or_default(),
            exposes: exposed.as_ref().map(|exposed| exposed.level),
            exposes_actor: exposed.as_ref().is_some_and(|exposed| exposed.names_actor),
            exposes_sends_only: exposed.as_ref().is_some_and(|exposed| exposed.sends_only),
            exposes_locks_out: exposed.as_ref().is_some_and(|exposed| exposed.locks_out),
            strengthens: weakens::strengthens(record),
            foreign_layers: layers::foreign(record, watched),
            exposes_to: exposed.map(|exposed| exposed.to).unwrap_or_default(),
            passes_role,
            via,
            credential: Credential::of(record),
            mfa: Mfa::of(record),
            weakens: weakening.map(|weakening| weakening.what).unwrap_or_default(),
            actor,
            target,
        }
    }

    /// True where no exception may keep the record silent: the call blinds the audit trail or the services
    /// that watch it, or touches IAM Sentinel itself.
    pub fn is_beyond_exceptions(&self, record: &Record) -> bool {
        matches!(self.weakens, Weakens::Audit | Weakens::Detection)
            || self.watched.contains(&Watch::Detector)
            // Any change of a trail, whatever could be made of its content.
            || record.service() == Some("cloudtrail")
    }
}
