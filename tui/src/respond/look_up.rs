//! Read-only commands: what the actor is and did, what the target looks like now.

use detector::Alert;
use detector::facts::{ActorKind, Target, TargetKind};

use super::Command;
use super::cli::Cli;

pub(super) fn commands(alert: &Alert) -> Vec<Option<Command>> {
    let region = alert.region.as_deref();
    let mut commands = vec![event(alert)];
    let target = alert.facts.as_ref().and_then(|facts| facts.target.as_ref());
    if let Some(target) = target {
        commands.extend(of_target(target, alert.event_source.as_deref().unwrap_or_default(), region));
    }
    commands.push(
        target.and_then(|target| events("ResourceName", &target.name, region, "what else was done to it")),
    );
    let text = |pointer: &str| alert.parameters.pointer(pointer).and_then(serde_json::Value::as_str);
    commands.push(
        Cli::new("iam get-policy")
            .with("policy-arn", text("/policyArn"))
            .done("the policy, and its version in force"),
    );
    if let Some(facts) = &alert.facts {
        let name = facts.actor.id.rsplit('/').next();
        match facts.actor.kind {
            ActorKind::IamUser => commands.extend(user(Some(&facts.actor.name))),
            ActorKind::Role | ActorKind::SsoUser if facts.actor.id.contains(":role/") => {
                commands.extend(role(name));
            }
            _ => {}
        }
    }
    let done = |key: &str, value: Option<&str>, why| value.and_then(|value| events(key, value, region, why));
    commands.push(done("AccessKeyId", access_key(alert), "what else was done with this key"));
    commands.push(done("Username", user_name(alert), "what else was done under this name"));
    commands
}

/// The event itself, as `CloudTrail` has it.
fn event(alert: &Alert) -> Option<Command> {
    events("EventId", &alert.id.0, alert.region.as_deref(), "this event, as CloudTrail has it")
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
pub(super) fn access_key(alert: &Alert) -> Option<&str> {
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
        about("iam list-access-keys", "the user's access keys"),
        about("iam list-attached-user-policies", "the user's policies"),
        about("iam list-user-policies", "the user's own (inline) policies"),
        about("iam list-groups-for-user", "the user's groups"),
        about("iam get-user", "the user: made when, last signed in when"),
    ]
}

fn role(name: Option<&str>) -> Vec<Option<Command>> {
    let about = |operation: &str, why| Cli::new(operation).with("role-name", name).done(why);
    vec![
        about("iam get-role", "the role: whom it trusts, last used when"),
        about("iam list-attached-role-policies", "the role's policies"),
        about("iam list-role-policies", "the role's own (inline) policies"),
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
            Cli::new("iam get-group").with("group-name", name).done("the group and who is in it"),
            Cli::new("iam list-attached-group-policies")
                .with("group-name", name)
                .done("the group's policies"),
        ],
        TargetKind::Bucket => vec![
            Cli::new("s3api get-bucket-policy").with("bucket", name).done("the bucket's policy"),
            Cli::new("s3api get-public-access-block")
                .with("bucket", name)
                .done("what keeps it from being public"),
            Cli::new("s3api get-bucket-acl").with("bucket", name).done("the bucket's ACL"),
        ],
        TargetKind::Trail => vec![
            regional("cloudtrail get-trail-status", "name", "whether the trail is logging"),
            regional("cloudtrail get-event-selectors", "trail-name", "what the trail logs"),
        ],
        TargetKind::Key if source == "iam.amazonaws.com" => vec![
            Cli::new("iam get-access-key-last-used")
                .with("access-key-id", name)
                .done("when and where the key was last used"),
        ],
        TargetKind::Key => vec![
            regional("kms describe-key", "key-id", "the key and its state"),
            Cli::new("kms get-key-policy")
                .with("key-id", name)
                .raw("--policy-name default")
                .region(region)
                .done("the key's policy"),
        ],
        TargetKind::Function => vec![
            regional("lambda get-function-configuration", "function-name", "the function and its role"),
            regional("lambda get-policy", "function-name", "who may call the function"),
        ],
        TargetKind::Instance => {
            vec![regional("ec2 describe-instances", "instance-ids", "the machine and its role")]
        }
        TargetKind::Secret => vec![
            regional("secretsmanager describe-secret", "secret-id", "the secret (not its value)"),
            regional("secretsmanager get-resource-policy", "secret-id", "who may read the secret"),
        ],
        TargetKind::InstanceProfile => vec![
            Cli::new("iam get-instance-profile")
                .with("instance-profile-name", name)
                .done("the profile and its role"),
        ],
        _ => Vec::new(),
    }
}
