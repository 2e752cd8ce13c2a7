//! Target of a call: the user, role, key or bucket in its parameters. Where the call was denied, and
//! CloudTrail recorded no parameters, the target is the resource in the error message.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Actor, ActorKind, short};
use crate::record::Record;

/// Kind of thing that a call acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what AWS calls it")]
pub enum TargetKind {
    User,
    Group,
    Role,
    Policy,
    InstanceProfile,
    Provider,
    PermissionSet,
    Trail,
    Key,
    Bucket,
    Function,
    Instance,
    Secret,
    Topic,
    Queue,
    Rule,
    Account,
    LogGroup,
    Snapshot,
    Image,
    Repository,
    Cluster,
    Stack,
    Project,
    /// Of a kind that a newer detector knows.
    #[serde(other)]
    Other,
}

impl TargetKind {
    /// The word for it in a sentence.
    /// Part of stored hashes: never changed.
    pub const fn label(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
            Self::Policy => "policy",
            Self::InstanceProfile => "instance profile",
            Self::Provider => "provider",
            Self::PermissionSet => "permission set",
            Self::Trail => "trail",
            Self::Key => "key",
            Self::Bucket => "bucket",
            Self::Function => "function",
            Self::Instance => "instance",
            Self::Secret => "secret",
            Self::Topic => "topic",
            Self::Queue => "queue",
            Self::Rule => "rule",
            Self::Account => "account",
            Self::LogGroup => "log group",
            Self::Snapshot => "snapshot",
            Self::Image => "image",
            Self::Repository => "repository",
            Self::Cluster => "cluster",
            Self::Stack => "stack",
            Self::Project => "project",
            Self::Other => "something",
        }
    }
}

/// Target of a call: the thing that the call was about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Kind of the target.
    pub kind: TargetKind,
    /// Its name, without path.
    pub name: String,
    /// The account that it is in, where the record says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// Parameters that name the target: the service (empty for any), the key, and what it names. The
/// first that is there counts: a user before the group it is added to, a role before its policy.
const KEYS: &[(&str, &str, TargetKind)] = &[
    ("iam", "userName", TargetKind::User),
    ("iam", "roleName", TargetKind::Role),
    ("iam", "groupName", TargetKind::Group),
    ("iam", "policyArn", TargetKind::Policy),
    ("iam", "policyName", TargetKind::Policy),
    ("iam", "instanceProfileName", TargetKind::InstanceProfile),
    ("iam", "sAMLProviderArn", TargetKind::Provider),
    ("iam", "openIDConnectProviderArn", TargetKind::Provider),
    ("iam", "name", TargetKind::Provider),
    ("iam", "url", TargetKind::Provider),
    ("sts", "targetPrincipal", TargetKind::Account),
    ("sts", "roleArn", TargetKind::Role),
    ("sso", "permissionSetArn", TargetKind::PermissionSet),
    ("cloudtrail", "trailName", TargetKind::Trail),
    ("cloudtrail", "name", TargetKind::Trail),
    ("kms", "keyId", TargetKind::Key),
    ("s3", "bucketName", TargetKind::Bucket),
    ("lambda", "functionName", TargetKind::Function),
    ("ec2", "instanceId", TargetKind::Instance),
    ("ec2", "snapshotId", TargetKind::Snapshot),
    ("ec2", "imageId", TargetKind::Image),
    ("ec2-instance-connect", "instanceId", TargetKind::Instance),
    ("ssm", "target", TargetKind::Instance),
    ("ssm", "instanceId", TargetKind::Instance),
    ("ssm", "instanceIds", TargetKind::Instance),
    ("codebuild", "projectName", TargetKind::Project),
    ("codebuild", "name", TargetKind::Project),
    ("ecs", "family", TargetKind::Other),
    ("ecs", "service", TargetKind::Other),
    ("ecs", "cluster", TargetKind::Cluster),
    ("secretsmanager", "secretId", TargetKind::Secret),
    ("sns", "topicArn", TargetKind::Topic),
    ("sqs", "queueUrl", TargetKind::Queue),
    ("events", "rule", TargetKind::Rule),
    ("events", "name", TargetKind::Rule),
    ("organizations", "accountId", TargetKind::Account),
    ("logs", "logGroupName", TargetKind::LogGroup),
    ("rds", "dBSnapshotIdentifier", TargetKind::Snapshot),
    ("rds", "dBClusterSnapshotIdentifier", TargetKind::Snapshot),
    ("ecr", "repositoryName", TargetKind::Repository),
    ("eks", "name", TargetKind::Cluster),
    ("cloudformation", "stackName", TargetKind::Stack),
    ("", "userName", TargetKind::User),
    ("", "roleName", TargetKind::Role),
];

impl Target {
    pub(super) fn of(record: &Record, actor: &Actor) -> Option<Self> {
        from_parameters(record).or_else(|| from_message(record)).or_else(|| caller(record, actor))
    }

    fn new(kind: TargetKind, name: &str) -> Self {
        // As root's calls about its own second factor write it.
        let name = if name == "AWS ROOT USER" { "root" } else { name };
        let account =
            name.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(3)).filter(|id| !id.is_empty());
        // A log group's name is a path; that of any other thing is the last part of one.
        let last =
            if kind == TargetKind::LogGroup && !name.starts_with("arn:") { name } else { last_part(name) };
        Self { kind, name: short(last), account: account.map(str::to_owned) }
    }
}

/// The name in an ARN, a URL or a path.
fn last_part(name: &str) -> &str {
    let resource = if name.starts_with("arn:") { name.splitn(6, ':').nth(5).unwrap_or(name) } else { name };
    let last = resource.trim_end_matches('/').rsplit('/').next().unwrap_or(resource);
    if name.starts_with("arn:") {
        last.rsplit(':').find(|part| !part.is_empty()).unwrap_or(last)
    } else {
        last
    }
}

fn from_parameters(record: &Record) -> Option<Target> {
    let service = record.service().unwrap_or_default();
    record.parameters().as_object()?;
    KEYS.iter().filter(|(of, ..)| of.is_empty() || *of == service).find_map(|(_, key, kind)| {
        let value = record.parameter_value(key)?;
        // Of a list the first.
        let name = value.as_str().or_else(|| value.get(0).and_then(Value::as_str))?;
        (!name.is_empty()).then(|| Target::new(*kind, name))
    })
}

/// "… is not authorized to perform: iam:CreateUser on resource: user bob because …", where the
/// name can also be an ARN: all that a denied IAM call says of its target.
fn from_message(record: &Record) -> Option<Target> {
    let (_, resource) = record.text(&["errorMessage"])?.split_once(" on resource: ")?;
    let mut words = resource.split_whitespace();
    let first = words.next()?;
    let (kind, name) = match first.strip_prefix("arn:") {
        Some(arn) => {
            let service = arn.split(':').nth(1)?;
            let resource = arn.splitn(5, ':').nth(4)?;
            match (service, resource.split_once(['/', ':'])) {
                ("cloudtrail", Some(("trail", _))) => ("trail", first),
                ("iam", Some((kind, _))) => (kind, first),
                ("kms", Some(("key", _))) => ("key", first),
                ("lambda", Some(("function", _))) => ("function", first),
                ("secretsmanager", Some(("secret", _))) => ("secret", first),
                ("s3", None) => ("bucket", first),
                _ => return None,
            }
        }
        None if first == "instance" => ("profile", words.nth(1)?),
        None => (first, words.next()?),
    };
    let kind = match kind {
        "user" => TargetKind::User,
        "group" => TargetKind::Group,
        "role" => TargetKind::Role,
        "policy" => TargetKind::Policy,
        "profile" | "instance-profile" => TargetKind::InstanceProfile,
        "trail" => TargetKind::Trail,
        "key" => TargetKind::Key,
        "function" => TargetKind::Function,
        "secret" => TargetKind::Secret,
        "bucket" => TargetKind::Bucket,
        _ => return None,
    };
    Some(Target::new(kind, name))
}

/// IAM calls that are about the caller where they name no user. Root in the console makes keys and
/// passwords of its own like this.
const ABOUT_THE_CALLER: [&str; 12] = [
    "CreateAccessKey",
    "UpdateAccessKey",
    "DeleteAccessKey",
    "CreateLoginProfile",
    "UpdateLoginProfile",
    "DeleteLoginProfile",
    "ChangePassword",
    "UploadSigningCertificate",
    "UpdateSigningCertificate",
    "CreateServiceSpecificCredential",
    "ResetServiceSpecificCredential",
    "DeactivateMFADevice",
];

fn caller(record: &Record, actor: &Actor) -> Option<Target> {
    let own = record.service() == Some("iam")
        && ABOUT_THE_CALLER.contains(&record.event_name())
        // A refused call carries no parameters, whoever it was about.
        && (record.text(&["errorCode"]).is_none() || record.parameters().is_object())
        && !record.parameters_are_omitted()
        && matches!(actor.kind, ActorKind::IamUser | ActorKind::Root | ActorKind::Federated);
    own.then(|| Target { kind: TargetKind::User, name: actor.name.clone(), account: actor.account.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Facts, Watched};
    use serde_json::{Value, json};

    fn target(record: Value) -> Option<(TargetKind, String)> {
        Facts::of(&Record::new(record).unwrap(), &Watched::default())
            .target
            .map(|target| (target.kind, target.name))
    }

    #[test]
    fn reads_it_from_the_parameters() {
        for (source, parameters, kind, name) in [
            ("iam", json!({"groupName": "Admins", "userName": "bob"}), TargetKind::User, "bob"),
            (
                "iam",
                json!({"groupName": "Admins", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
                TargetKind::Group,
                "Admins",
            ),
            (
                "iam",
                json!({"policyArn": "arn:aws:iam::111122223333:policy/team/deploy"}),
                TargetKind::Policy,
                "deploy",
            ),
            (
                "cloudtrail",
                json!({"name": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}),
                TargetKind::Trail,
                "main",
            ),
            ("kms", json!({"keyId": "arn:aws:kms:us-east-1:111122223333:key/6f1b"}), TargetKind::Key, "6f1b"),
            (
                "lambda",
                json!({"functionName": "arn:aws:lambda:us-east-1:111122223333:function:pay"}),
                TargetKind::Function,
                "pay",
            ),
            (
                "sqs",
                json!({"queueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/q"}),
                TargetKind::Queue,
                "q",
            ),
            ("sns", json!({"topicArn": "arn:aws:sns:us-east-1:111122223333:t"}), TargetKind::Topic, "t"),
            (
                "ec2",
                json!({"ModifySnapshotAttributeRequest": {"SnapshotId": "snap-1"}}),
                TargetKind::Snapshot,
                "snap-1",
            ),
        ] {
            let record = json!({"eventName": "X", "eventSource": format!("{source}.amazonaws.com"), "requestParameters": parameters});
            assert_eq!(target(record.clone()), Some((kind, name.into())), "{record}");
        }
        assert_eq!(target(json!({"eventName": "ListUsers", "requestParameters": null})), None);
    }

    #[test]
    fn reads_it_from_the_message_of_a_denied_call() {
        for (resource, kind) in [
            ("user bob", TargetKind::User),
            ("role bob", TargetKind::Role),
            ("policy bob", TargetKind::Policy),
            ("instance profile bob", TargetKind::InstanceProfile),
            ("arn:aws:iam::111122223333:group/staff/bob", TargetKind::Group),
            ("arn:aws:cloudtrail:us-east-1:111122223333:trail/bob", TargetKind::Trail),
            ("arn:aws:s3:::bob", TargetKind::Bucket),
        ] {
            let message = format!(
                "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: iam:X on resource: {resource} because no identity-based policy allows the iam:X action"
            );
            let record = json!({"eventName": "X", "errorCode": "AccessDenied", "errorMessage": message, "requestParameters": null});
            assert_eq!(target(record), Some((kind, "bob".into())), "{resource}");
        }
    }

    #[test]
    fn a_key_without_a_user_name_is_the_callers_own() {
        let root = json!({"type": "Root", "arn": "arn:aws:iam::111122223333:root"});
        let key = |error: Value| {
            json!({"eventName": "CreateAccessKey", "eventSource": "iam.amazonaws.com", "userIdentity": root,
                "requestParameters": null, "errorCode": error})
        };
        assert_eq!(target(key(json!(null))), Some((TargetKind::User, "root".into())));
        assert_eq!(target(key(json!("AccessDenied"))), None);
    }
}
