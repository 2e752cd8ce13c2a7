//! Whom or what a call was about: the user, group or role in its parameters; where the call was
//! denied, and CloudTrail recorded no parameters, the resource in the error message.

use serde::{Deserialize, Serialize};

use super::{Actor, ActorKind, short};
use crate::record::Record;

/// What kind of thing was acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TargetKind {
    /// An IAM user.
    User,
    /// An IAM group.
    Group,
    /// An IAM role.
    Role,
    /// Of a kind that a newer detector knows.
    #[serde(other)]
    Other,
}

impl TargetKind {
    /// The word for it in a sentence.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Other => "something",
        }
    }
}

/// Whom or what a call was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// What kind of thing.
    pub kind: TargetKind,
    /// Its name, without path.
    pub name: String,
}

impl Target {
    pub(super) fn of(record: &Record, actor: &Actor) -> Option<Self> {
        let named = |kind, key: &str| record.parameter(key).map(|name| Self { kind, name: short(name) });
        named(TargetKind::User, "userName")
            .or_else(|| named(TargetKind::Role, "roleName"))
            .or_else(|| named(TargetKind::Group, "groupName"))
            .or_else(|| from_message(record))
            .or_else(|| caller(record, actor))
    }
}

/// "… is not authorized to perform: iam:CreateUser on resource: user bob because …", where the
/// name can also be an ARN: all that a denied IAM call says of its target.
fn from_message(record: &Record) -> Option<Target> {
    let (_, resource) = record.text(&["errorMessage"])?.split_once(" on resource: ")?;
    let mut words = resource.split_whitespace();
    let first = words.next()?;
    let (kind, name) = match first.strip_prefix("arn:") {
        Some(arn) => arn.splitn(5, ':').nth(4)?.split_once('/')?,
        None => (first, words.next()?),
    };
    let kind = match kind {
        "user" => TargetKind::User,
        "group" => TargetKind::Group,
        "role" => TargetKind::Role,
        _ => return None,
    };
    let name = name.rsplit('/').next().unwrap_or(name);
    Some(Target { kind, name: short(name) })
}

/// `CreateAccessKey` without a user name makes a key for the caller.
fn caller(record: &Record, actor: &Actor) -> Option<Target> {
    let own = record.event_name() == "CreateAccessKey"
        && record.get(&["errorCode"]).is_none_or(serde_json::Value::is_null)
        && matches!(actor.kind, ActorKind::IamUser | ActorKind::Root);
    own.then(|| Target { kind: TargetKind::User, name: actor.name.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Watched};
    use serde_json::{Value, json};

    fn target(record: Value) -> Option<(TargetKind, String)> {
        Facts::of(&Record::new(record).unwrap(), &Watched::default()).target.map(|target| (target.kind, target.name))
    }

    #[test]
    fn reads_it_from_the_parameters() {
        let record = json!({"eventName": "AddUserToGroup",
            "requestParameters": {"groupName": "Admins", "userName": "bob"}});
        assert_eq!(target(record), Some((TargetKind::User, "bob".into())));
        let record = json!({"eventName": "AttachGroupPolicy",
            "requestParameters": {"groupName": "Admins", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}});
        assert_eq!(target(record), Some((TargetKind::Group, "Admins".into())));
        assert_eq!(target(json!({"eventName": "ListUsers", "requestParameters": null})), None);
    }

    #[test]
    fn reads_it_from_the_message_of_a_denied_call() {
        for (resource, kind) in [
            ("user bob", TargetKind::User),
            ("role bob", TargetKind::Role),
            ("arn:aws:iam::111122223333:group/staff/bob", TargetKind::Group),
        ] {
            let message = format!(
                "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: iam:X on resource: {resource} because no identity-based policy allows the iam:X action"
            );
            let record = json!({"eventName": "X", "errorCode": "AccessDenied", "errorMessage": message, "requestParameters": null});
            assert_eq!(target(record), Some((kind, "bob".into())));
        }
    }

    #[test]
    fn a_key_without_a_user_name_is_the_callers_own() {
        let root = json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root"});
        let record = json!({"eventName": "CreateAccessKey", "userIdentity": root, "requestParameters": null});
        assert_eq!(target(record), Some((TargetKind::User, "root".into())));
        let record =
            json!({"eventName": "CreateAccessKey", "userIdentity": root, "errorCode": "AccessDenied"});
        assert_eq!(target(record), None);
    }
}
