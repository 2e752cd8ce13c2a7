//! Watched names: those that only the user can know to matter (a break-glass role, the management account),
//! and IAM Sentinel's own parts.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{Actor, Target, TargetKind};
use crate::pattern::Pattern;
use crate::record::Record;

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
    /// IAM Sentinel's own rules, function, schedule, topics, queues, trail, parameter, key and roles.
    #[serde(deserialize_with = "own_parts")]
    pub detector: Names,
    /// Accounts of partners: letting them in counts as letting in one's own organisation.
    pub trusted_accounts: Names,
    /// The ids of one's own organisations (`o-…`). Where there are some, any other is foreign.
    pub organizations: Names,
    /// Subjects and audiences of one's own at identity providers that everybody uses, as a trust policy
    /// writes them: `repo:example/*`. Where there are some, any other is foreign.
    pub identities: Names,
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
    /// True where a name, or the last part of an ARN or path, is in the list.
    pub fn has(&self, name: &str) -> bool {
        if self.0.is_empty() || name.is_empty() {
            return false;
        }
        let last = name.rsplit(['/', ':']).next().unwrap_or(name);
        self.0.iter().any(|pattern| pattern.matches(name) || pattern.matches(last))
    }

    /// True where a text, or any part of an ARN, path or URL, is in the list: an ARN can name a thing in its
    /// middle, as those of subscriptions and versions do. A document in a string only mentions the things
    /// that it is about, so it is compared as a whole.
    fn has_part(&self, text: &str) -> bool {
        let is_document = text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '{'));
        self.has_whole(text)
            || (!is_document && text.split(['/', ':']).any(|part| !part.is_empty() && self.has_whole(part)))
    }

    /// True where a whole text is in the list.
    pub fn has_whole(&self, text: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(text))
    }

    /// True where the list is empty.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl Watched {
    /// True where the list behind a value of `sentinel.watched` has entries.
    pub(crate) fn has_list(&self, watch: &str) -> bool {
        let list = match watch {
            "actor" => &self.actors,
            "target" => &self.targets,
            "role" => &self.roles,
            "policy" => &self.policies,
            "group" => &self.groups,
            "account" => &self.accounts,
            "detector" => &self.detector,
            _ => return true,
        };
        !list.is_empty()
    }

    /// Adds what another list watches.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let Self {
            actors,
            targets,
            roles,
            policies,
            groups,
            accounts,
            detector,
            trusted_accounts,
            organizations,
            identities,
        } = other;
        self.actors.extend(actors);
        self.targets.extend(targets);
        self.roles.extend(roles);
        self.policies.extend(policies);
        self.groups.extend(groups);
        self.accounts.extend(accounts);
        self.detector.extend(detector);
        self.trusted_accounts.extend(trusted_accounts);
        self.organizations.extend(organizations);
        self.identities.extend(identities);
        self
    }
}

impl Watched {
    /// Returns the parts of a record in which a watched name stands.
    pub(super) fn seen_in(
        &self,
        record: &Record,
        actor: &Actor,
        target: Option<&Target>,
        passes_role: &[String],
    ) -> Vec<Watch> {
        let target_is = |kind| target.is_some_and(|target| target.kind == kind);
        let names_target = |names: &Names| target.is_some_and(|target| names.has(&target.name));
        let names_parameter = |names: &Names, keys: &[&str]| {
            !names.is_empty()
                && keys.iter().any(|key| record.parameter(key).is_some_and(|name| names.has(name)))
        };
        // An account that the call names is the one it concerns, and not the caller's.
        let names_account = |names: &Names| {
            let named =
                ["targetId", "accountId", "targetPrincipal"].iter().find_map(|key| record.parameter(key));
            named.or(record.account()).is_some_and(|account| names.has(account))
        };
        // Some calls name what they are about by an id, and its owner in the answer only.
        let detector = || {
            let parts = ["requestParameters", "responseElements", "resources"];
            parts
                .iter()
                .any(|part| record.get(&[part]).is_some_and(|part| names_any(part, &self.detector, 0)))
                || names_target(&self.detector)
                || is_about_all_log_groups(record, &self.detector)
        };
        let policy_keys =
            ["policyArn", "policyName", "permissionSetArn", "managedPolicyArn", "permissionsBoundary"];
        let found = [
            (Watch::Actor, self.actors.has(&actor.id) || self.actors.has(&actor.name)),
            (Watch::Target, names_target(&self.targets)),
            (
                Watch::Role,
                (target_is(TargetKind::Role) && names_target(&self.roles))
                    || names_parameter(&self.roles, &["roleName", "roleArn"])
                    || passes_role.iter().any(|role| self.roles.has(role)),
            ),
            (Watch::Policy, names_parameter(&self.policies, &policy_keys)),
            (Watch::Group, names_parameter(&self.groups, &["groupName", "groupId"])),
            (Watch::Account, names_account(&self.accounts)),
            (Watch::Detector, !self.detector.is_empty() && detector()),
        ];
        found.into_iter().filter_map(|(watch, seen)| seen.then_some(watch)).collect()
    }
}

/// A policy for all log groups of the account, but for those that it leaves out by name.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutAccountPolicy.html>
fn is_about_all_log_groups(record: &Record, own: &Names) -> bool {
    let leaves_own_out = || {
        let criteria = record.parameter("selectionCriteria").unwrap_or_default();
        criteria.contains("NOT IN") && criteria.split(['"', '\'']).any(|name| own.has(name))
    };
    record.event_name() == "PutAccountPolicy"
        && record.event_source() == Some("logs.amazonaws.com")
        && !leaves_own_out()
}

/// The names of IAM Sentinel's own parts. Calls name a key by its id alone.
fn own_parts<'de, D: Deserializer<'de>>(names: D) -> Result<Names, D::Error> {
    let mut names = Vec::<String>::deserialize(names)?;
    let ids: Vec<String> = names
        .iter()
        .filter_map(|name| name.rsplit_once(":key/"))
        .filter(|(_, id)| !id.contains(['*', '?']))
        .map(|(_, id)| id.to_owned())
        .collect();
    names.extend(ids);
    Ok(names.into())
}

/// No service nests names deeper.
const MAX_DEPTH: usize = 6;

fn names_any(value: &Value, names: &Names, depth: usize) -> bool {
    match value {
        Value::String(text) => names.has_part(text),
        Value::Array(items) => {
            depth < MAX_DEPTH && items.iter().any(|item| names_any(item, names, depth + 1))
        }
        Value::Object(map) => depth < MAX_DEPTH && map.values().any(|item| names_any(item, names, depth + 1)),
        _ => false,
    }
}

/// Part of a record in which a watched name stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Watch {
    /// The actor of the call.
    Actor,
    /// The target of the call.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use serde_json::json;

    fn watched(lists: Value, source: &str, parameters: Value) -> Vec<Watch> {
        let record = json!({"eventName": "X", "eventSource": source, "requestParameters": parameters,
            "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice"}});
        let watched = serde_json::from_value(lists).unwrap();
        Facts::of(&Record::new(record).unwrap(), &watched).watched
    }

    #[test]
    fn each_list_sees_its_own_part() {
        let iam = "iam.amazonaws.com";
        let role = json!({"roleName": "break-glass-1"});
        assert_eq!(watched(json!({"roles": ["break-glass*"]}), iam, role.clone()), [Watch::Role]);
        assert_eq!(watched(json!({"targets": ["break-glass*"]}), iam, role.clone()), [Watch::Target]);
        assert_eq!(watched(json!({"actors": ["ALICE"]}), iam, role.clone()), [Watch::Actor]);
        assert_eq!(
            watched(json!({"actors": ["arn:aws:iam::*:user/alice"]}), iam, role.clone()),
            [Watch::Actor]
        );
        assert_eq!(watched(json!({"accounts": ["111122223333"]}), iam, role), [Watch::Account]);
        assert_eq!(
            watched(json!({"groups": ["admins"]}), iam, json!({"groupName": "Admins"})),
            [Watch::Group]
        );
        let arn = json!({"policyArn": "arn:aws:iam::111122223333:policy/team/deploy"});
        assert_eq!(watched(json!({"policies": ["deploy"]}), iam, arn), [Watch::Policy]);
        let profile =
            json!({"iamInstanceProfile": {"arn": "arn:aws:iam::111122223333:instance-profile/ops"}});
        assert_eq!(watched(json!({"roles": ["ops"]}), "ec2.amazonaws.com", profile), [Watch::Role]);
        assert!(watched(json!({}), iam, json!({"roleName": "x"})).is_empty());
    }

    #[test]
    fn the_build_checks_the_lists_that_there_are() {
        let build = include_str!("../../build.rs");
        let names = build.split_once("const LISTS").unwrap().1.split_once(";\n\nfn").unwrap().0;
        let lists: Vec<&str> = names.split('"').skip(1).step_by(2).collect();
        let all: serde_json::Map<String, Value> =
            lists.iter().map(|list| ((*list).to_owned(), json!(["x"]))).collect();
        let watched: Watched = serde_json::from_value(Value::Object(all)).unwrap();
        let written = format!("{watched:?}");
        assert!(!written.contains("Names([])"), "a list of Watched is not in build.rs: {written}");
    }

    #[test]
    fn the_detectors_own_parts_are_found_wherever_they_stand() {
        let lists = json!({"detector": ["iam-sentinel", "iam-sentinel-*"]});
        for parameters in [
            json!({"name": "iam-sentinel"}),
            json!({"topicArn": "arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts"}),
            json!({"queueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/iam-sentinel-slack"}),
            json!({"ids": [{"rule": "iam-sentinel"}]}),
            json!({"subscriptionArn": "arn:aws:sns:us-east-1:111122223333:iam-sentinel-operations:0a1b2c3d"}),
            json!({"logGroupArn": "arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/iam-sentinel:*"}),
        ] {
            assert_eq!(
                watched(lists.clone(), "events.amazonaws.com", parameters.clone()),
                [Watch::Detector],
                "{parameters}"
            );
        }
        let mentioned =
            json!({"policyDocument": "{\"Resource\":\"arn:aws:sqs:us-east-1:1:iam-sentinel-slack\"}"});
        for parameters in [json!({"name": "not-iam-sentinel"}), mentioned] {
            assert!(
                watched(lists.clone(), "events.amazonaws.com", parameters.clone()).is_empty(),
                "{parameters}"
            );
        }
    }

    #[test]
    fn a_key_is_known_by_its_id_too() {
        let lists = json!({"detector": ["arn:aws:kms:us-east-1:111122223333:key/6f1b0000-1111", "arn:aws:kms:*:*:key/*"]});
        let key = |id: &str| watched(lists.clone(), "kms.amazonaws.com", json!({"keyId": id}));
        assert_eq!(key("6f1b0000-1111"), [Watch::Detector]);
        assert_eq!(key("arn:aws:kms:us-east-1:111122223333:key/6f1b0000-1111"), [Watch::Detector]);
        assert!(key("other").is_empty());
    }
}
