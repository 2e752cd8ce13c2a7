//! Calls on oneself: the target of the call is the identity that made it.
//!
//! Names in a text prove nothing: a session called `alice` has its name from whoever assumed the role, and
//! `jackson` is not `jack`. Only the same IAM user, or the same role, counts as oneself.

use serde::{Deserialize, Serialize};

use super::{Actor, ActorKind, Target, TargetKind};

/// Answer to the question whether the actor and the target of a call are the same identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SelfTarget {
    /// The same identity.
    True,
    /// Different identities.
    False,
    /// Not known: the target is no user and no role, or is not in the record.
    #[default]
    #[serde(other)]
    Unknown,
}

impl SelfTarget {
    /// `service` is the call's: other services have users of the same names.
    pub(super) fn of(service: Option<&str>, actor: &Actor, target: Option<&Target>) -> Self {
        let Some(target) = target.filter(|_| matches!(service, Some("iam" | "sts"))) else {
            return Self::Unknown;
        };
        let kind = match actor.kind {
            ActorKind::IamUser | ActorKind::Root | ActorKind::Federated => TargetKind::User,
            ActorKind::Role | ActorKind::SsoUser => TargetKind::Role,
            ActorKind::Service | ActorKind::Account | ActorKind::WebIdentity | ActorKind::Anonymous => {
                return if matches!(target.kind, TargetKind::User | TargetKind::Role) {
                    Self::False
                } else {
                    Self::Unknown
                };
            }
            ActorKind::Unknown => return Self::Unknown,
        };
        if !matches!(target.kind, TargetKind::User | TargetKind::Role) {
            return Self::Unknown;
        }
        // The role's name: an Identity Center person's own name says nothing of the role.
        let name = match kind {
            TargetKind::Role => actor.id.rsplit('/').next().unwrap_or(&actor.id),
            _ => actor.name.as_str(),
        };
        // IAM's names are unique without regard to case and path.
        if kind == target.kind && !actor.cross_account && name.eq_ignore_ascii_case(&target.name) {
            Self::True
        } else {
            Self::False
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Watched};
    use crate::record::Record;
    use serde_json::{Value, json};

    fn own(identity: Value, parameters: Value) -> SelfTarget {
        let record = json!({"eventName": "X", "eventSource": "iam.amazonaws.com", "userIdentity": identity,
            "recipientAccountId": "111122223333", "requestParameters": parameters});
        Facts::of(&Record::new(record).unwrap(), &Watched::default()).own
    }

    #[test]
    fn only_the_same_user_or_role_is_oneself() {
        let user = |name: &str| {
            json!({"type": "IAMUser", "userName": name, "accountId": "111122223333",
            "arn": format!("arn:aws:iam::111122223333:user/{name}")})
        };
        assert_eq!(own(user("alice"), json!({"userName": "Alice"})), SelfTarget::True);
        assert_eq!(own(user("jack"), json!({"userName": "jackson"})), SelfTarget::False);
        assert_eq!(own(user("alice"), json!({"roleName": "alice"})), SelfTarget::False);
        assert_eq!(own(user("alice"), json!({"groupName": "admins"})), SelfTarget::Unknown);
        let role = |path: &str| {
            json!({"type": "AssumedRole", "accountId": "111122223333",
            "arn": "arn:aws:sts::111122223333:assumed-role/deploy/alice",
            "sessionContext": {"sessionIssuer": {"userName": "deploy", "arn": format!("arn:aws:iam::111122223333:role/{path}deploy")}}})
        };
        assert_eq!(own(role("ci/"), json!({"roleName": "deploy"})), SelfTarget::True);
        assert_eq!(
            own(role(""), json!({"userName": "alice"})),
            SelfTarget::False,
            "the session's name is the caller's choice"
        );
        let foreign = json!({"type": "IAMUser", "userName": "alice", "accountId": "999900001111", "arn": "arn:aws:iam::999900001111:user/alice"});
        assert_eq!(own(foreign, json!({"userName": "alice"})), SelfTarget::False);
        assert_eq!(
            own(json!({"type": "AWSService", "invokedBy": "x.amazonaws.com"}), json!({"userName": "alice"})),
            SelfTarget::False
        );
    }
}
