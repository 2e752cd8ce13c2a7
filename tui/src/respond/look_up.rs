//! Read-only commands: what the actor is and did, what the target looks like now.

use detector::Alert;
use detector::facts::{ActorKind, Target, TargetKind};

use super::cli::Cli;
use super::{About, Command, about};

pub(super) fn commands(alert: &Alert) -> Vec<Option<Command>> {
    let region = alert.region.as_deref();
    let mut of_target = Vec::new();
    let target = alert.facts.as_ref().and_then(|facts| facts.target.as_ref());
    if let Some(target) = target {
        of_target = self::of_target(target, alert.event_source.as_deref().unwrap_or_default(), region);
    }
    of_target
        .push(target.and_then(|target| {
            events("ResourceName", &target.name, region, "other events on this resource")
        }));
    let text = |pointer: &str| alert.parameters.pointer(pointer).and_then(serde_json::Value::as_str);
    of_target.push(
        Cli::new("iam get-policy").with("policy-arn", text("/policyArn")).done("policy and default version"),
    );
    let mut of_actor = Vec::new();
    if let Some(facts) = &alert.facts {
        let name = facts.actor.id.rsplit('/').next();
        match facts.actor.kind {
            ActorKind::IamUser => of_actor.extend(user(Some(&facts.actor.name))),
            ActorKind::Role | ActorKind::SsoUser if facts.actor.id.contains(":role/") => {
                of_actor.extend(role(name));
            }
            _ => {}
        }
    }
    let done = |key: &str, value: Option<&str>, why| value.and_then(|value| events(key, value, region, why));
    of_actor.push(done("AccessKeyId", access_key(alert), "everything done with this key"));
    of_actor.push(done("Username", user_name(alert), "everything done under this name"));
    let mut commands = vec![event(alert)];
    commands.extend(about(About::Target, of_target));
    commands.extend(about(About::Actor, of_actor));
    commands
}

/// The event itself, as `CloudTrail` has it.
fn event(alert: &Alert) -> Option<Command> {
    events("EventId", &alert.id.0, alert.region.as_deref(), "this event in CloudTrail")
}

/// Events with such an attribute, of the last 90 days.
fn events(key: &str, value: &str, region: Option<&str>, why: &'static str) -> Option<Command> {
    // Commas and equals signs mean something in the CLI's short form; names may have them.
    let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@".contains(c));
    let attribute = if is_plain {
        format!("AttributeKey={key},AttributeValue={value}")
    } else {
        serde_json::json!([{"AttributeKey": key, "AttributeValue": value}]).to_string()
    };
    Cli::new("cloudtrail lookup-events").with("lookup-attributes", Some(&attribute)).region(region).done(why)
}

/// The key that the call was signed with.
pub(crate) fn access_key(alert: &Alert) -> Option<&str> {
    alert.record.as_ref()?.pointer("/userIdentity/accessKeyId")?.as_str().filter(|key| !key.is_empty())
}

/// Returns the caller's name in CloudTrail's event history: that of a user or of a session. `None` where the
/// caller has no ARN.
fn user_name(alert: &Alert) -> Option<&str> {
    alert.user.as_deref().filter(|arn| arn.starts_with("arn:")).and_then(|arn| arn.rsplit(['/', ':']).next())
}

fn user(name: Option<&str>) -> Vec<Option<Command>> {
    let about = |operation: &str, why| Cli::new(operation).with("user-name", name).done(why);
    vec![
        about("iam list-access-keys", "access keys"),
        about("iam list-attached-user-policies", "attached policies"),
        about("iam list-user-policies", "inline policies"),
        about("iam list-groups-for-user", "groups"),
        about("iam get-user", "user details and last sign-in"),
    ]
}

fn role(name: Option<&str>) -> Vec<Option<Command>> {
    let about = |operation: &str, why| Cli::new(operation).with("role-name", name).done(why);
    vec![
        about("iam get-role", "trust policy, last used"),
        about("iam list-attached-role-policies", "attached policies"),
        about("iam list-role-policies", "inline policies"),
    ]
}

fn of_target(target: &Target, source: &str, region: Option<&str>) -> Vec<Option<Command>> {
    let name = Some(target.name.as_str());
    let regional =
        |operation: &str, option: &str, why| Cli::new(operation).with(option, name).region(region).done(why);
    match target.kind {
        TargetKind::User => user(name),
        TargetKind::Role => role(name),
        TargetKind::Group => vec![
            Cli::new("iam get-group").with("group-name", name).done("group and its members"),
            Cli::new("iam list-attached-group-policies").with("group-name", name).done("attached policies"),
        ],
        TargetKind::Bucket => vec![
            Cli::new("s3api get-bucket-policy").with("bucket", name).done("bucket policy"),
            Cli::new("s3api get-public-access-block").with("bucket", name).done("public access block"),
            Cli::new("s3api get-bucket-acl").with("bucket", name).done("bucket ACL"),
        ],
        TargetKind::Trail => vec![
            regional("cloudtrail get-trail-status", "name", "trail status"),
            regional("cloudtrail get-event-selectors", "trail-name", "event selectors"),
        ],
        TargetKind::Key if source == "iam.amazonaws.com" => vec![
            Cli::new("iam get-access-key-last-used").with("access-key-id", name).done("last use of the key"),
        ],
        TargetKind::Key => vec![
            regional("kms describe-key", "key-id", "key and its state"),
            Cli::new("kms get-key-policy")
                .with("key-id", name)
                .raw("--policy-name default")
                .region(region)
                .done("key policy"),
        ],
        TargetKind::Function => vec![
            regional("lambda get-function-configuration", "function-name", "function and its role"),
            regional("lambda get-policy", "function-name", "function policy"),
        ],
        TargetKind::Instance => {
            vec![regional("ec2 describe-instances", "instance-ids", "instance and its role")]
        }
        TargetKind::Secret => vec![
            regional("secretsmanager describe-secret", "secret-id", "secret, without its value"),
            regional("secretsmanager get-resource-policy", "secret-id", "secret's resource policy"),
        ],
        TargetKind::InstanceProfile => vec![
            Cli::new("iam get-instance-profile")
                .with("instance-profile-name", name)
                .done("instance profile and its role"),
        ],
        _ => Vec::new(),
    }
}
