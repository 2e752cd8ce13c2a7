//! Joins: identities that a record uses, and those that it issues, creates or opens to somebody. An attack is a chain
//! of them, and incidents follow that chain (`tui/src/incidents/`).
//!
//! Everything is read from the record and its facts alone: no other record, no clock, no list of the user's. Names
//! that a caller may choose (a session's name, a source identity) are never a join by themselves.

mod gives;
mod uses;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::Arn;
use crate::facts::{Facts, Verdict};
use crate::json::exact_member;
use crate::record::Record;

/// Relation of a record to an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The call was made with the identity.
    Use,
    /// The call issued the identity, opened it to somebody, or took it over.
    Give,
    /// The call created the user.
    Made,
    /// The call created the access key.
    Key,
    /// The call gave permissions to the user, or removed its MFA device.
    Granted,
    /// A newer detector knows it.
    #[serde(other)]
    Unknown,
}

/// One join of a record, on the wire `["use", "cred", "ASIA…"]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Join(
    /// Relation of the record to the identity.
    pub Part,
    /// Kind of the identity: one of [`KINDS`], or one that a newer detector knows.
    pub String,
    /// The identity. Parts of a compound value are separated by `|`, the account first.
    pub String,
);

/// Kinds of identities: access key, session, console session, IAM user by ARN, IAM user by account and name, person of
/// Identity Center by name and by id, OAuth sign-in, password of a user, role with whom it was opened to, identity
/// provider, call seen by two accounts, function, instance, user of another account, session by its ARN alone, web
/// identity token.
pub const KINDS: [&str; 17] = [
    "cred", "sess", "console", "user", "name", "person", "idc", "signin", "login", "opened", "prov",
    "shared", "fn", "inst", "foreign", "arn", "token",
];

/// Most joins of one record: a trust policy has room for some 130 accounts.
const MOST: usize = 200;

/// Most bytes of a value: the ARN of a user or role with the longest path has some 610.
const LONGEST: usize = 1_024;

/// Path of the roles that Identity Center makes. Nobody else can make a role there, and it writes the person's name as
/// the session's name.
pub(crate) const PORTAL: &str = ":role/aws-reserved/sso.amazonaws.com/";

/// Returns the joins of a record, sorted, at most 200. Empty for a record without a readable time: nothing can be put in
/// order by it.
#[must_use]
pub fn of(record: &Record, facts: &Facts) -> Vec<Join> {
    if record.event_time().is_none() {
        return Vec::new();
    }
    let mut found = Joins::default();
    uses::add(&mut found, record, facts);
    gives::add(&mut found, record, facts);
    let mut joins = found.0;
    joins.sort();
    joins.dedup();
    joins.truncate(MOST);
    joins
}

/// Returns the text at a path of keys below a value.
fn text_in<'a>(value: Option<&'a Value>, path: &[&str]) -> Option<&'a str> {
    path.iter()
        .try_fold(value?, |value, key| exact_member(value, key))?
        .as_str()
        .filter(|text| !text.is_empty())
}

/// Returns a provider's name, as `exposes.to` names it: the part of its ARN after the kind.
fn provider_name(provider: &str) -> &str {
    provider.rsplit_once("-provider/").map_or(provider, |(_, name)| name)
}

/// Returns the second of a time as CloudTrail writes it.
fn seconds(time: &str) -> Option<i64> {
    time.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// True for a sign-in to the console that worked.
fn is_sign_in(record: &Record, facts: &Facts) -> bool {
    record.event_name() == "ConsoleLogin" && facts.outcome.verdict == Verdict::Success
}

/// Returns the account and the name of a role by its ARN. A role's name is unique in its account, whatever its path,
/// and calls that change a role name no path.
fn role_parts(arn: &str) -> Option<(&str, &str)> {
    let arn = Arn::parse(arn)?;
    Some((arn.account, arn.resource.strip_prefix("role/")?.rsplit('/').next()?))
}

/// Joins that were found so far.
#[derive(Debug, Default)]
struct Joins(Vec<Join>);

impl Joins {
    /// Adds a join, unless its value is empty or too long to be an identity.
    fn add(&mut self, part: Part, kind: &'static str, value: impl Into<String>) {
        let value = value.into();
        let is_value = |part: &str| !part.is_empty();
        if value.len() <= LONGEST && value.split('|').all(is_value) {
            self.0.push(Join(part, kind.to_owned(), value));
        }
    }

    /// Adds a join by several values; none where one of them is missing. A value with the separator in it would be
    /// two, and joins nothing.
    fn add_parts(&mut self, part: Part, kind: &'static str, parts: &[Option<&str>]) {
        let values: Option<Vec<&str>> = parts.iter().copied().collect();
        if let Some(values) = values.filter(|values| values.iter().all(|value| !value.contains('|'))) {
            self.add(part, kind, values.join("|"));
        }
    }
}

#[cfg(test)]
mod tests;
