//! What somebody has said to watch: names that only they can know to matter (a break-glass role, the
//! management account), and IAM Sentinel's own parts.

use serde::{Deserialize, Serialize};

use crate::rules::sigma::Pattern;

/// The lists. A name is an exact name, an ARN, or either with `*` and `?`; case does not count.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Watched {
    /// Users and roles whose every noteworthy act matters.
    pub actors: Names,
    /// Things of any kind: users, keys, buckets, functions.
    pub targets: Names,
    /// Roles, such as those for emergencies.
    pub roles: Names,
    /// Policies and permission sets.
    pub policies: Names,
    /// Groups.
    pub groups: Names,
    /// Accounts, such as the organisation's management account.
    pub accounts: Names,
    /// IAM Sentinel's own rule, function, topic, queues, trail, parameter and role.
    pub detector: Names,
    /// Accounts of partners: letting them in counts as letting in one's own organisation.
    pub trusted_accounts: Names,
}

/// A list of names with wildcards.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub struct Names(Vec<Pattern>);

impl From<Vec<String>> for Names {
    fn from(names: Vec<String>) -> Self {
        Self(names.iter().map(|name| Pattern::wildcard(name.trim())).collect())
    }
}

impl Names {
    /// Whether a name, or the last part of an ARN or path, is in the list.
    pub fn has(&self, name: &str) -> bool {
        if self.0.is_empty() || name.is_empty() {
            return false;
        }
        let last = name.rsplit(['/', ':']).next().unwrap_or(name);
        self.0.iter().any(|pattern| pattern.matches(name) || pattern.matches(last))
    }

    /// Whether there is nothing in it.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl Watched {
    /// Adds what another list watches.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let Self { actors, targets, roles, policies, groups, accounts, detector, trusted_accounts } = other;
        self.actors.extend(actors);
        self.targets.extend(targets);
        self.roles.extend(roles);
        self.policies.extend(policies);
        self.groups.extend(groups);
        self.accounts.extend(accounts);
        self.detector.extend(detector);
        self.trusted_accounts.extend(trusted_accounts);
        self
    }
}

/// In what part a watched thing stands in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// Who acts.
    Actor,
    /// What is acted on.
    Target,
    /// A role that is changed, taken or handed over.
    Role,
    /// A policy or permission set.
    Policy,
    /// A group.
    Group,
    /// An account.
    Account,
    /// A part of IAM Sentinel.
    Detector,
    /// One that a newer detector knows.
    #[serde(other)]
    Other,
}
