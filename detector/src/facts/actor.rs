//! Actor of a call: a person or program, with a name that people know and an id that stays.
//!
//! The session name of a role is chosen by the caller, so it is never the id. It is the name only for IAM
//! Identity Center, which puts the person's user name there itself.

use serde::{Deserialize, Serialize};

use super::short;
use crate::aws::Arn;
use crate::record::Record;

/// Kind of the identity that made a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The account's root user.
    Root,
    /// An IAM user.
    IamUser,
    /// A session of a role.
    Role,
    /// A person who came through IAM Identity Center.
    SsoUser,
    /// A session made by `GetFederationToken`.
    Federated,
    /// Somebody known to another identity provider (OIDC or SAML).
    WebIdentity,
    /// An AWS service, with its service-linked role too.
    Service,
    /// Another account.
    Account,
    /// Nobody who gave a name.
    Anonymous,
    /// The record does not say, or it is of a kind that a newer detector knows.
    #[serde(other)]
    Unknown,
}

/// Identity that made a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// Kind of the identity.
    pub kind: ActorKind,
    /// The ARN of the user or role (never of the session); what stands in its place otherwise.
    pub id: String,
    /// Name by which people know the identity.
    pub name: String,
    /// The account that the identity belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// True where the identity belongs to another account than the one that the event is about.
    #[serde(default)]
    pub cross_account: bool,
    /// True for root of a member account in a session that somebody of the management account took
    /// (`sts:AssumeRoot`), and not root itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub central_root: bool,
    /// The source identity of that session, which its caller set before: a hint at who took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub central_root_by: Option<String>,
}

/// Roles that services use are under this path, where nobody else can make one.
const SERVICE_PATH: &str = "role/aws-service-role/";

/// Roles that Identity Center makes are under this path, where nobody else can make one; their name
/// alone anybody can give.
const SSO_PATH: &str = "role/aws-reserved/sso.amazonaws.com/";

/// True where a role's ARN begins with a path. A path may hold colons, so a text further on in the ARN that
/// looks like a path proves nothing.
fn is_under(arn: &str, path: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with(path))
}

/// CloudTrail names the issuer of every session, with its path. Shortened records do not; then there
/// is only the name to go by.
fn is_sso(issuer: Option<&str>, role: &str) -> bool {
    issuer.map_or(role.starts_with("AWSReservedSSO_"), |arn| is_under(arn, SSO_PATH))
}

/// Sessions of `sts:AssumeRoot` are marked; CloudTrail writes some booleans as text.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-track-privileged-tasks.html>
fn is_central_root(record: &Record) -> bool {
    let mark = record.get(&["userIdentity", "sessionContext", "assumedRoot"]);
    mark.is_some_and(|mark| mark == &serde_json::Value::Bool(true) || mark == "true")
}

impl Actor {
    pub(crate) fn of(record: &Record) -> Self {
        let identity = |key: &str| record.text(&["userIdentity", key]);
        let issuer = |key: &str| record.text(&["userIdentity", "sessionContext", "sessionIssuer", key]);
        let arn = identity("arn");
        let last = arn.and_then(|arn| arn.rsplit('/').next());
        let principal = identity("principalId");
        let (kind, id, name) = match identity("type") {
            Some("Root") => (ActorKind::Root, arn, Some("root")),
            Some("IAMUser") => (ActorKind::IamUser, arn, identity("userName").or(last)),
            Some("AssumedRole" | "Role") => {
                // assumed-role/NAME/SESSION, without the role's path.
                let role = issuer("userName").or_else(|| arn.and_then(|arn| arn.split('/').nth(1)));
                let person = principal.and_then(|id| id.split_once(':')).map(|(_, session)| session);
                match role {
                    Some(role) if is_sso(issuer("arn"), role) => {
                        (ActorKind::SsoUser, issuer("arn").or(arn), person.or(last))
                    }
                    role if issuer("arn").is_some_and(|arn| is_under(arn, SERVICE_PATH)) => {
                        (ActorKind::Service, issuer("arn"), role)
                    }
                    role => (ActorKind::Role, issuer("arn").or(arn), role),
                }
            }
            Some("IdentityCenterUser") => {
                let user = record
                    .text(&["additionalEventData", "UserName"])
                    .or_else(|| record.text(&["userIdentity", "onBehalfOf", "userId"]));
                (ActorKind::SsoUser, record.text(&["userIdentity", "onBehalfOf", "userId"]).or(user), user)
            }
            // The name of the session is the caller's choice; who called is not.
            Some("FederatedUser") => {
                (ActorKind::Federated, issuer("arn").or(arn), issuer("userName").or(last))
            }
            Some("WebIdentityUser" | "SAMLUser") => {
                (ActorKind::WebIdentity, principal, identity("userName").or(principal))
            }
            Some("AWSService") => (ActorKind::Service, identity("invokedBy"), identity("invokedBy")),
            Some("AWSAccount") if identity("accountId") == Some("ANONYMOUS_PRINCIPAL") => {
                (ActorKind::Anonymous, None, Some("anonymous"))
            }
            Some("AWSAccount") => (ActorKind::Account, identity("accountId"), identity("accountId")),
            // Service events name the service and nothing else.
            None if identity("invokedBy").is_some() => {
                (ActorKind::Service, identity("invokedBy"), identity("invokedBy"))
            }
            _ => (ActorKind::Unknown, arn.or(principal), last.or(identity("userName")).or(principal)),
        };
        let name = name.or(id).unwrap_or("unknown principal");
        let central_root = kind == ActorKind::Root && is_central_root(record);
        let source_identity = record.text(&["userIdentity", "sessionContext", "sourceIdentity"]);
        let taken_by = source_identity.filter(|_| central_root).map(short);
        let shown = if central_root { "root (central root session)".to_owned() } else { short(name) };
        Self {
            kind,
            id: short(id.unwrap_or(name)),
            name: shown,
            central_root,
            central_root_by: taken_by,
            account: identity("accountId").map(str::to_owned),
            cross_account: match (identity("accountId"), record.text(&["recipientAccountId"])) {
                (Some(of), Some(about)) => of != about,
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn actor(identity: Value) -> Actor {
        Actor::of(&Record::new(json!({"eventName": "CreateUser", "userIdentity": identity})).unwrap())
    }

    #[test]
    fn an_iam_user_is_its_name() {
        let alice = actor(json!({"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/staff/alice", "principalId": "AIDAEXAMPLE"}));
        assert_eq!((alice.kind, alice.name.as_str()), (ActorKind::IamUser, "alice"));
        assert_eq!(alice.id, "arn:aws:iam::111122223333:user/staff/alice");
    }

    #[test]
    fn a_role_is_the_role_and_never_the_session() {
        let role = actor(json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:alice",
            "arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
            "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "deploy",
                "arn": "arn:aws:iam::111122223333:role/ci/deploy"}}}));
        assert_eq!((role.kind, role.name.as_str()), (ActorKind::Role, "deploy"));
        assert_eq!(role.id, "arn:aws:iam::111122223333:role/ci/deploy");
        let old =
            actor(json!({"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/x"}));
        assert_eq!(old.name, "deploy");
    }

    #[test]
    fn identity_center_names_the_person() {
        let person = actor(json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:alice@example.com",
            "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admin_0123/alice@example.com",
            "sessionContext": {"sessionIssuer": {"userName": "AWSReservedSSO_Admin_0123",
                "arn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123"}}}));
        assert_eq!((person.kind, person.name.as_str()), (ActorKind::SsoUser, "alice@example.com"));
        assert!(person.id.contains(":role/"));
    }

    #[test]
    fn a_role_that_only_looks_like_identity_centers_names_nobody() {
        let fake = actor(json!({"type": "AssumedRole", "principalId": "AROAEXAMPLE:alice@example.com",
            "arn": "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Fake/alice@example.com",
            "sessionContext": {"sessionIssuer": {"userName": "AWSReservedSSO_Fake",
                "arn": "arn:aws:iam::111122223333:role/AWSReservedSSO_Fake"}}}));
        assert_eq!((fake.kind, fake.name.as_str()), (ActorKind::Role, "AWSReservedSSO_Fake"));
        let federated = actor(json!({"type": "FederatedUser", "principalId": "111122223333:alice",
            "arn": "arn:aws:sts::111122223333:federated-user/alice",
            "sessionContext": {"sessionIssuer": {"userName": "eve", "arn": "arn:aws:iam::111122223333:user/eve"}}}));
        assert_eq!(federated.name, "eve");
    }

    #[test]
    fn a_service_is_told_from_a_role_of_its_name() {
        let of = |path: &str| {
            actor(json!({"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"userName": "AWSServiceRoleForX",
                "arn": format!("arn:aws:iam::111122223333:role/{path}AWSServiceRoleForX")}}}))
            .kind
        };
        assert_eq!(of("aws-service-role/x.amazonaws.com/"), ActorKind::Service);
        assert_eq!(of(""), ActorKind::Role);
        // A path of one's own may hold colons.
        assert_eq!(of("x:role/aws-service-role/y/"), ActorKind::Role);
        let nobody =
            actor(json!({"type": "AWSAccount", "accountId": "ANONYMOUS_PRINCIPAL", "principalId": ""}));
        assert_eq!(nobody.kind, ActorKind::Anonymous);
    }

    #[test]
    fn an_actor_of_another_account_is_seen() {
        let of = |account: &str| {
            let record = json!({"eventName": "X", "recipientAccountId": "111122223333",
                "userIdentity": {"type": "AWSAccount", "accountId": account}});
            Actor::of(&Record::new(record).unwrap()).cross_account
        };
        assert!(of("999900001111") && !of("111122223333"));
    }

    #[test]
    fn root_services_and_odd_records_have_a_name_too() {
        assert_eq!(actor(json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root"})).name, "root");
        assert_eq!(actor(json!({"invokedBy": "cloudtrail.amazonaws.com"})).kind, ActorKind::Service);
        assert_eq!(actor(json!(null)).name, "unknown principal");
        assert_eq!(actor(json!({"type": 5, "arn": ["x"]})).kind, ActorKind::Unknown);
    }

    #[test]
    fn a_central_root_session_says_so_and_who_took_it() {
        let of = |context: serde_json::Value| {
            let record = json!({"eventName": "DeleteBucketPolicy", "eventSource": "s3.amazonaws.com",
                "userIdentity": {"type": "Root", "arn": "arn:aws:iam::222222222222:root", "accountId": "222222222222",
                    "accessKeyId": "ASIAEXAMPLE", "sessionContext": context}});
            Actor::of(&Record::new(record).unwrap())
        };
        let taken = of(json!({"assumedRoot": "true", "sourceIdentity": "alice"}));
        assert_eq!(taken.name, "root (central root session)");
        assert_eq!((taken.kind, taken.central_root), (ActorKind::Root, true));
        assert_eq!(taken.central_root_by.as_deref(), Some("alice"));
        assert_eq!(of(json!({"assumedRoot": true})).name, "root (central root session)");
        assert_eq!(of(json!({"sourceIdentity": "alice"})).name, "root");
    }
}
