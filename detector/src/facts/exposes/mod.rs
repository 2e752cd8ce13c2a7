//! Principals that a call lets in: by a role's trust policy, a resource's policy, an ACL, a share or a grant.
//!
//! Each statement is judged by itself, so that a harmless statement does not hide a dangerous one. A rule
//! that skips any policy with the own account in it is blind to the dangerous one.

mod account;
mod acl;
mod closing;
mod document;
mod federation;
mod grants;
mod lockout;
mod principals;
mod restriction;
mod sharing;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Actor, ActorKind, Watched, short};
use crate::policy::{Condition, decode};
use crate::record::{Record, member};

/// Widest group of principals that a call lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exposes {
    /// Nobody new.
    None,
    /// An AWS service.
    Service,
    /// The account that the resource is in.
    OwnAccount,
    /// The organisation, or a partner that is trusted.
    Org,
    /// Another account.
    External,
    /// Everybody.
    Public,
    /// The record does not say.
    #[serde(other)]
    Unknown,
}

impl Exposes {
    /// Returns the rank of the level, the narrowest first. An unknown opening ranks below an external one, so
    /// that it does not hide that everybody is let in too. It ranks above the levels that are known to be
    /// one's own.
    const fn width(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Service => 1,
            Self::OwnAccount => 2,
            Self::Org => 3,
            Self::Unknown => 4,
            Self::External => 5,
            Self::Public => 6,
        }
    }
}

/// Principals that a call lets in, and the reason why that is said of the call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact by itself")]
pub(crate) struct Exposed {
    pub(crate) level: Exposes,
    /// Account ids, services, providers; `*` for everybody.
    pub(crate) to: Vec<String>,
    /// In words, of the widest opening.
    pub(crate) because: String,
    /// True where the caller is among the principals that the call names.
    pub(crate) names_actor: bool,
    /// True where there is a policy that can't be read.
    pub(crate) unread: bool,
    /// True where those beyond one's own account may only send.
    pub(crate) sends_only: bool,
    /// True where the policy leaves the resource to whoever writes it alone.
    pub(crate) locks_out: bool,
}

/// The account a thing is in, and whom that account trusts.
#[derive(Debug, Clone, Copy)]
struct HomeAccount<'a> {
    account: Option<&'a str>,
    watched: &'a Watched,
}

impl HomeAccount<'_> {
    /// Returns the level of letting in an account.
    fn level(self, account: &str) -> Exposes {
        match self.account {
            Some(own) if own == account => Exposes::OwnAccount,
            _ if self.watched.trusted_accounts.has(account) => Exposes::Org,
            Some(_) => Exposes::External,
            None => Exposes::Unknown,
        }
    }

    /// Returns the level of letting in an organisation. Where nobody has listed the own organisations, any
    /// organisation counts as one's own: policies name it all the time, and a record does not tell which it
    /// is.
    fn organisation(self, id: &str) -> Exposes {
        let own = &self.watched.organizations;
        if own.is_empty() || own.has(id) { Exposes::Org } else { Exposes::External }
    }

    /// True where this organisation is listed as one's own.
    fn knows_organisation(self, id: &str) -> bool {
        self.watched.organizations.has(id)
    }

    /// True where the subjects or audiences of a condition are one's own. Where nobody has listed the own
    /// ones, all count as one's own.
    fn knows_identities(self, conditions: &[&Condition]) -> bool {
        let own = &self.watched.identities;
        own.is_empty()
            || conditions.iter().any(|condition| condition.values.iter().all(|value| own.has_whole(value)))
    }
}

impl Exposed {
    fn new(level: Exposes, to: Vec<String>, because: String) -> Self {
        Self { level, to, because, names_actor: false, unread: false, sends_only: false, locks_out: false }
    }

    fn nobody() -> Self {
        Self::new(Exposes::None, Vec::new(), "grants no new access".to_owned())
    }

    fn unknown(because: impl Into<String>) -> Self {
        Self::new(Exposes::Unknown, Vec::new(), because.into())
    }

    fn one(level: Exposes, to: &str, because: impl Into<String>) -> Self {
        Self::new(level, vec![short(to)], short(&because.into()))
    }

    /// An account that is let in.
    fn account(account: &str, own: HomeAccount<'_>) -> Self {
        let level = own.level(account);
        let because = match level {
            Exposes::OwnAccount => "allows this account only".to_owned(),
            Exposes::Org => format!("allows trusted account {account}"),
            Exposes::Unknown => {
                format!("allows account {account}; the event does not name its own account")
            }
            _ => format!("allows external account {account}"),
        };
        Self::one(level, account, because)
    }

    fn everybody(because: &str) -> Self {
        Self::one(Exposes::Public, "*", because)
    }

    /// The widest of several openings, the first of those that are equally wide; those let in beyond
    /// one's own account are named, as far as they are few enough to read.
    fn widest(all: impl Iterator<Item = Self>) -> Self {
        let mut widest: Option<Self> = None;
        let mut to: Vec<String> = Vec::new();
        let mut sends_only = true;
        for exposed in all {
            if exposed.level.width() > Exposes::OwnAccount.width() {
                sends_only &= exposed.sends_only;
                for name in &exposed.to {
                    if to.len() < MOST_NAMED && !to.contains(name) {
                        to.push(name.clone());
                    }
                }
            }
            if widest.as_ref().is_none_or(|widest| exposed.level.width() > widest.level.width()) {
                widest = Some(exposed);
            }
        }
        match widest {
            Some(widest) if to.is_empty() => widest,
            Some(widest) => Self { to, sends_only, ..widest },
            None => Self::nobody(),
        }
    }

    /// Returns the ids by which a policy can name the caller: the ARN of the user, role or session, or the
    /// unique id. Root and services have none: a policy names root as it names the account, and
    /// services by their own kind of principal.
    fn ids<'a>(record: &'a Record, actor: &'a Actor) -> Vec<&'a str> {
        if matches!(actor.kind, ActorKind::Root | ActorKind::Service) {
            return Vec::new();
        }
        let identity = |path: &[&str]| record.text(path);
        let unique = identity(&["userIdentity", "principalId"]).and_then(|id| id.split(':').next());
        [
            Some(actor.id.as_str()),
            identity(&["userIdentity", "arn"]),
            identity(&["userIdentity", "sessionContext", "sessionIssuer", "principalId"]),
            unique,
        ]
        .into_iter()
        .flatten()
        .filter(|id| !id.is_empty())
        .collect()
    }

    /// Returns the principals that a call lets in; `None` where the call is not of a kind that could let
    /// somebody in.
    pub(super) fn of(record: &Record, actor: &Actor, watched: &Watched) -> Option<Self> {
        let own = HomeAccount { account: record.account(), watched };
        let event = record.event_name();
        let service = record.service()?;
        if let Some(sharing) = sharing::of(record, service, event, own) {
            let named = record.parameter("principal").filter(|_| event.starts_with("AddPermission"));
            let names_actor = named.is_some_and(|named| Self::ids(record, actor).contains(&named));
            return Some(Self { names_actor, ..sharing });
        }
        let of_trust = service == "iam";
        let (what, optional) = match (service, event) {
            ("iam", "CreateRole" | "UpdateAssumeRolePolicy") => ("trusted principals", false),
            // Its policies are of identities, and those of the others bind accounts.
            ("iam" | "sso" | "sts", _) | ("organizations", "CreatePolicy" | "UpdatePolicy") => return None,
            _ if is_policy_call(event) => ("policy content", false),
            _ => ("policy content", true),
        };
        match policy(record.parameters(), of_trust) {
            Some(value) if optional && !has_policy_inside(service, event) && !names_principals(value) => None,
            Some(value) => Some(match decode(value) {
                Ok(document) => Self {
                    names_actor: document::names(&document, &Self::ids(record, actor)),
                    locks_out: !of_trust && lockout::locks_out(&document, service, &Self::ids(record, actor)),
                    ..document::exposed(&document, own, of_trust)
                },
                Err(error) => Self { unread: true, ..Self::unknown(error.to_string()) },
            }),
            None if optional && !(record.parameters_are_omitted() && has_policy_inside(service, event)) => {
                None
            }
            None => Some(Self::unknown(record.why_no_parameters(what))),
        }
    }
}

/// Accounts named in an alert: enough to see what kind of list it is.
const MOST_NAMED: usize = 20;

/// Calls whose very matter is a policy on a resource: without one in the record, whom they let in is unknown.
fn is_policy_call(event: &str) -> bool {
    let writes = ["Put", "Set", "Create", "Update", "Attach"].iter().any(|verb| event.starts_with(verb));
    writes
        && (POLICIES.iter().any(|of| event.contains(of))
            || event == "PutPermission"
            || event == "PutResourcePermissionStatement")
}

/// Parts of the names of such calls. Policies of scaling, life cycles, retention and the like are none.
const POLICIES: [&str; 23] = [
    "ResourcePolicy",
    "BucketPolicy",
    "TablePolicy",
    "KeyPolicy",
    "PutPolicy",
    "AccessPolicy",
    "AccessPointPolicy",
    "FileSystemPolicy",
    "RepositoryPolicy",
    "RegistryPolicy",
    "ImagePolicy",
    "ComponentPolicy",
    "RecipePolicy",
    "ClusterPolicy",
    "DestinationPolicy",
    "SinkPolicy",
    "AuthPolicy",
    "EndpointPolicy",
    "IdentityPolicy",
    "GroupPolicy",
    "PermissionsPolicy",
    "AccessPolicies",
    "ProjectPolicy",
];

/// Calls that may carry a policy beside much else.
fn has_policy_inside(service: &str, event: &str) -> bool {
    matches!(
        (service, event),
        ("kms", "CreateKey" | "ReplicateKey")
            | ("sns", "CreateTopic" | "SetTopicAttributes")
            | ("sqs", "CreateQueue" | "SetQueueAttributes")
            | ("apigateway", "CreateRestApi" | "UpdateRestApi")
            | (
                "es",
                "CreateElasticsearchDomain"
                    | "UpdateElasticsearchDomainConfig"
                    | "CreateDomain"
                    | "UpdateDomainConfig"
            )
    )
}

/// True where a value is a policy of a resource: it says for whom it is.
fn names_principals(value: &Value) -> bool {
    decode(value).is_ok_and(|document| document.names_principals())
}

/// Keys under which services take a resource's policy.
const POLICY_KEYS: [&str; 16] = [
    "bucketPolicy",
    "policy",
    "resourcePolicy",
    "policyText",
    "policyDocument",
    "policyInJson",
    "accessPolicies",
    "accessPolicy",
    "content",
    "registryPolicyText",
    "repositoryPolicyText",
    "repositoryPolicy",
    "accessPointPolicy",
    "s3AccessPolicy",
    "deliveryDestinationPolicy",
    "permissionsPolicy",
];

/// The policy in a call's parameters: at the top, in SQS's and SNS's attributes, in API Gateway's patch, or up
/// to two objects down.
fn policy(parameters: &Value, of_trust: bool) -> Option<&Value> {
    if of_trust {
        return member(parameters, "assumeRolePolicyDocument")
            .or_else(|| member(parameters, "policyDocument"));
    }
    if let Some(name) = member(parameters, "attributeName") {
        return (name == "Policy").then(|| member(parameters, "attributeValue")).flatten();
    }
    if let Some(operations) = patch_operations(parameters) {
        let sets = |operation: &&Value| member(operation, "path").is_some_and(|path| path == "/policy");
        return operations.iter().find(sets).and_then(|operation| member(operation, "value"));
    }
    policy_at(parameters)
        .or_else(|| member(parameters, "attributes").and_then(policy_at))
        .or_else(|| policy_inside(parameters))
        .or_else(|| objects(parameters).find_map(policy_inside))
}

/// The policy under one of an object's keys.
fn policy_at(value: &Value) -> Option<&Value> {
    // S3 has an empty `policy` from the query string beside `bucketPolicy`.
    let policy = POLICY_KEYS.iter().find_map(|key| member(value, key).filter(|policy| *policy != ""))?;
    // Glacier wraps it once more: {"policy": {"policy": "…"}}.
    Some(member(policy, "policy").unwrap_or(policy))
}

/// The policy one object down.
fn policy_inside(value: &Value) -> Option<&Value> {
    objects(value).find_map(policy_at)
}

fn objects(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_object().into_iter().flat_map(|map| map.values()).filter(|inner| inner.is_object())
}

/// `[{"op": "replace", "path": "/policy", "value": "…"}]`, at the top or one object down.
fn patch_operations(parameters: &Value) -> Option<&Vec<Value>> {
    let at = |value| member(value, "patchOperations").and_then(Value::as_array);
    at(parameters).or_else(|| parameters.as_object()?.values().find_map(at))
}

#[cfg(test)]
mod tests;
