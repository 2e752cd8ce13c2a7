//! Commands that contain: take back what the call did, stop the key, the user, the role's sessions.
//! Each changes something, so each is for a person to weigh; the console marks them so.

use detector::Alert;
use detector::facts::{ActorKind, Verdict};
use serde_json::Value;

use super::cli::Cli;
use super::look_up::access_key;
use super::{About, Command, about};

/// A call, the operation that takes it back, and the parameters that both have, each with its option.
type Undo = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

const USER: (&str, &str) = ("userName", "user-name");
const ROLE: (&str, &str) = ("roleName", "role-name");
const GROUP: (&str, &str) = ("groupName", "group-name");
const ARN: (&str, &str) = ("policyArn", "policy-arn");
const POLICY: (&str, &str) = ("policyName", "policy-name");

const UNDO: &[Undo] = &[
    ("AttachUserPolicy", "iam detach-user-policy", &[USER, ARN], "detach the policy from the user"),
    ("AttachRolePolicy", "iam detach-role-policy", &[ROLE, ARN], "detach the policy from the role"),
    ("AttachGroupPolicy", "iam detach-group-policy", &[GROUP, ARN], "detach the policy from the group"),
    ("PutUserPolicy", "iam delete-user-policy", &[USER, POLICY], "delete the user's inline policy"),
    ("PutRolePolicy", "iam delete-role-policy", &[ROLE, POLICY], "delete the role's inline policy"),
    ("PutGroupPolicy", "iam delete-group-policy", &[GROUP, POLICY], "delete the group's inline policy"),
    ("AddUserToGroup", "iam remove-user-from-group", &[USER, GROUP], "remove the user from the group"),
    ("CreateLoginProfile", "iam delete-login-profile", &[USER], "delete the console password"),
    ("UpdateLoginProfile", "iam delete-login-profile", &[USER], "delete the console password"),
    ("StopLogging", "cloudtrail start-logging", &[("name", "name")], "start logging again"),
];

/// Denies everything to whoever it is put on.
const DENY_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
/// Denies everything to the role's sessions that are older than the moment it is run; the shell fills that in.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html>
const DENY_OLDER: &str = r#"--policy-name SentinelRevokeOlderSessions --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}}}]}'"#;

pub(super) fn commands(alert: &Alert) -> Vec<Option<Command>> {
    let mut of_target = Vec::new();
    let worked = alert.facts.as_ref().is_some_and(|facts| facts.outcome.verdict == Verdict::Success);
    if worked {
        of_target.extend(undo(alert));
        of_target.push(new_key(alert));
    }
    let mut commands: Vec<_> = about(About::Target, of_target).collect();
    let Some(facts) = &alert.facts else { return commands };
    let name = Some(facts.actor.name.as_str());
    let mut of_actor = Vec::new();
    match facts.actor.kind {
        ActorKind::IamUser => {
            // A temporary key (ASIA) can't be deactivated.
            let key = access_key(alert).filter(|key| key.starts_with("AKIA"));
            of_actor.push(deactivate(name, key, "deactivate the key that signed the call"));
            of_actor.push(
                Cli::new("iam put-user-policy")
                    .with("user-name", name)
                    .raw("--policy-name SentinelDenyAll")
                    .with("policy-document", Some(DENY_ALL))
                    .done("attach a deny-all policy to the actor"),
            );
        }
        // Roles of Identity Center can't be changed from inside the account.
        ActorKind::Role if facts.actor.id.contains(":role/") => of_actor.push(
            Cli::new("iam put-role-policy")
                .with("role-name", facts.actor.id.rsplit('/').next())
                .raw(DENY_OLDER)
                .done("revoke the role's sessions; whoever it trusts can assume it again"),
        ),
        _ => {}
    }
    commands.extend(about(About::Actor, of_actor));
    commands
}

fn undo(alert: &Alert) -> Vec<Option<Command>> {
    let of_event = UNDO.iter().filter(|(event, ..)| *event == alert.event);
    of_event
        .map(|(_, operation, options, why)| {
            let cli = options.iter().fold(Cli::new(operation), |cli, (parameter, option)| {
                cli.with(option, alert.parameters.get(parameter).and_then(Value::as_str))
            });
            let regional = operation.starts_with("cloudtrail");
            cli.region(alert.region.as_deref().filter(|_| regional)).done(why)
        })
        .collect()
}

/// The key that the call made is in its answer.
fn new_key(alert: &Alert) -> Option<Command> {
    let made = |key| of_made_key(alert, key);
    deactivate(made("userName"), made("accessKeyId"), "deactivate the new key")
}

/// Returns the id of the access key that the call made.
pub(crate) fn made_key(alert: &Alert) -> Option<&str> {
    of_made_key(alert, "accessKeyId")
}

fn of_made_key<'a>(alert: &'a Alert, key: &str) -> Option<&'a str> {
    alert.record.as_ref()?.pointer("/responseElements/accessKey")?.get(key)?.as_str()
}

fn deactivate(user: Option<&str>, key: Option<&str>, why: &'static str) -> Option<Command> {
    Cli::new("iam update-access-key")
        .with("user-name", user)
        .with("access-key-id", key)
        .raw("--status Inactive")
        .done(why)
}
