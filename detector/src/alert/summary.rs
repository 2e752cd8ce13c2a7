//! The sentence that a person reads first: who did what to whom, and whether it worked.
//!
//! Common calls have words of their own. For all others the words are read off the event's name, which holds
//! a verb and a thing: `DeleteRolePermissionsBoundary` of role deploy.

use serde_json::Value;

use crate::facts::{Facts, Target, TargetKind, Verdict, short};
use crate::record::Record;

/// Words that stand where the record says nothing, so that a bracket is never empty.
const NOT_IN_RECORD: &str = "(not recorded)";

/// Words that stand where the record holds something that can't be read.
const UNREADABLE: &str = "(unreadable)";

/// Words for a call: `done` for one that worked, `tried` for an attempt, and the object that it was done to.
struct Phrase {
    done: String,
    tried: String,
    object: String,
}

fn phrase(done: &str, tried: &str, object: String) -> Phrase {
    Phrase { done: done.to_owned(), tried: tried.to_owned(), object }
}

/// Writes the sentence.
pub(crate) fn sentence(record: &Record, facts: &Facts) -> String {
    let actor = &facts.actor.name;
    let Phrase { done, tried, object } = special(record, facts).unwrap_or_else(|| by_name(record, facts));
    let object = if object.is_empty() { object } else { format!(" {object}") };
    let ended = match facts.outcome.verdict {
        Verdict::Success => return format!("{actor} {done}{object}"),
        Verdict::Denied => "denied",
        Verdict::Failed => "failed",
    };
    // A sign-in has no code, and a sentence in its place.
    let error =
        facts.outcome.error.as_deref().map(|error| format!(" ({})", short(error))).unwrap_or_default();
    format!("{actor} tried to {tried}{object}: {ended}{error}")
}

/// Calls whose names say less than people want to know.
fn special(record: &Record, facts: &Facts) -> Option<Phrase> {
    let missing = if record.parameters_are_omitted() { UNREADABLE } else { NOT_IN_RECORD };
    let parameter = |key: &str| record.parameter(key).map_or_else(|| missing.to_owned(), short);
    let target = |kind: TargetKind| {
        let named = facts.target.as_ref().filter(|target| target.kind == kind);
        match named {
            Some(target) => target_words(target),
            None => format!("{} {missing}", kind.label()),
        }
    };
    let anyone = || match &facts.target {
        Some(target) => target_words(target),
        None => missing.to_owned(),
    };
    let policy = || {
        let arn = parameter("policyArn");
        format!("policy \"{}\"", arn.rsplit('/').next().unwrap_or(&arn))
    };
    Some(match (record.service()?, record.event_name()) {
        ("iam", "CreateAccessKey") => {
            phrase("created", "create", format!("an access key for {}", target(TargetKind::User)))
        }
        ("iam", "CreateLoginProfile") => {
            phrase("created", "create", format!("a console password for {}", target(TargetKind::User)))
        }
        ("iam", "UpdateLoginProfile") => {
            phrase("changed", "change", format!("the console password of {}", target(TargetKind::User)))
        }
        ("iam", "UpdateAccessKey") => {
            let status = parameter("status");
            phrase("set", "set", format!("an access key of {} to {status}", target(TargetKind::User)))
        }
        ("iam", "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy") => {
            phrase("put", "put", format!("inline policy \"{}\" on {}", parameter("policyName"), anyone()))
        }
        ("iam", "AttachUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy") => {
            phrase("attached", "attach", format!("{} to {}", policy(), anyone()))
        }
        ("iam", "DetachUserPolicy" | "DetachRolePolicy" | "DetachGroupPolicy") => {
            phrase("detached", "detach", format!("{} from {}", policy(), anyone()))
        }
        ("iam", "CreatePolicyVersion") => {
            phrase("created", "create", format!("a new version of {}", policy()))
        }
        ("iam", "SetDefaultPolicyVersion") => {
            phrase("set", "set", format!("version {} as the default of {}", parameter("versionId"), policy()))
        }
        ("iam", "UpdateAssumeRolePolicy") => {
            phrase("changed", "change", format!("the trust policy of {}", target(TargetKind::Role)))
        }
        ("iam", "AddUserToGroup") => phrase(
            "added",
            "add",
            format!("{} to group {}", target(TargetKind::User), parameter("groupName")),
        ),
        ("iam", "AddRoleToInstanceProfile") => phrase(
            "added",
            "add",
            format!(
                "role {} to instance profile \"{}\"",
                parameter("roleName"),
                parameter("instanceProfileName")
            ),
        ),
        ("iam", "RemoveUserFromGroup") => phrase(
            "removed",
            "remove",
            format!("{} from group {}", target(TargetKind::User), parameter("groupName")),
        ),
        ("sts", "AssumeRole") => phrase("assumed", "assume", target(TargetKind::Role)),
        ("signin", "ConsoleLogin") => {
            let factor = match record.text(&["additionalEventData", "MFAUsed"]) {
                Some("No") => "without MFA",
                Some("Yes") => "with MFA",
                _ => "",
            };
            phrase("signed in to the console", "sign in to the console", factor.to_owned())
        }
        _ => return None,
    })
}

/// Verbs of AWS's calls: the verb, in the past, to try.
const VERBS: &[(&str, &str, &str)] = &[
    ("accept", "accepted", "accept"),
    ("add", "added", "add"),
    ("archive", "archived", "archive"),
    ("associate", "associated", "associate"),
    ("assume", "assumed", "assume"),
    ("attach", "attached", "attach"),
    ("authorize", "authorised", "authorise"),
    ("cancel", "cancelled", "cancel"),
    ("change", "changed", "change"),
    ("close", "closed", "close"),
    ("complete", "completed", "complete"),
    ("create", "created", "create"),
    ("deactivate", "deactivated", "deactivate"),
    ("delete", "deleted", "delete"),
    ("deregister", "deregistered", "deregister"),
    ("detach", "detached", "detach"),
    ("disable", "disabled", "disable"),
    ("disassociate", "disassociated", "disassociate"),
    ("disconnect", "disconnected", "disconnect"),
    ("enable", "enabled", "enable"),
    ("execute", "executed", "execute"),
    ("get", "got", "get"),
    ("import", "imported", "import"),
    ("invite", "invited", "invite"),
    ("leave", "left", "leave"),
    ("modify", "modified", "modify"),
    ("move", "moved", "move"),
    ("provision", "provisioned", "provision"),
    ("put", "set", "set"),
    ("register", "registered", "register"),
    ("remove", "removed", "remove"),
    ("replace", "replaced", "replace"),
    ("replicate", "replicated", "replicate"),
    ("request", "requested", "request"),
    ("reset", "reset", "reset"),
    ("resume", "resumed", "resume"),
    ("run", "ran", "run"),
    ("schedule", "scheduled", "schedule"),
    ("send", "sent", "send"),
    ("set", "set", "set"),
    ("start", "started", "start"),
    ("stop", "stopped", "stop"),
    ("tag", "tagged", "tag"),
    ("transfer", "transferred", "transfer"),
    ("unsubscribe", "unsubscribed", "unsubscribe"),
    ("untag", "untagged", "untag"),
    ("update", "updated", "update"),
    ("upload", "uploaded", "upload"),
];

fn by_name(record: &Record, facts: &Facts) -> Phrase {
    let words = words(record.event_name());
    // BatchGetSecretValue: the verb is behind it.
    let words = words.strip_prefix(&["batch".to_owned()][..]).unwrap_or(&words);
    let verb = words.first().map(String::as_str).unwrap_or_default();
    let known = VERBS.iter().find(|(known, ..)| *known == verb);
    let Some((_, done, tried)) = known else {
        let object = format!("{}{}", short(record.event_name()), on_target(" on ", facts));
        return phrase("called", "call", object);
    };
    let thing = words.get(1..).unwrap_or_default().join(" ");
    // "created user bob", not "created user of user bob".
    let kind = facts.target.as_ref().map_or("", |target| target.kind.label());
    let object = match facts.target.as_ref().filter(|_| !kind.is_empty() && thing.ends_with(kind)) {
        Some(target) => format!("{thing} {}", name_words(target)),
        None if facts.target.is_none() => match named(record, verb, &thing) {
            Some((name, None)) => format!("{thing} \"{name}\""),
            Some((name, Some(key))) => format!("{thing} with {key} \"{name}\""),
            None => thing,
        },
        None => {
            let before = match verb {
                "send" => " to ",
                "put" | "set" | "start" | "stop" => " on ",
                _ => " of ",
            };
            format!("{thing}{}", on_target(before, facts))
        }
    };
    phrase(done, tried, object)
}

/// Returns the name of the thing, where no fact does: that which the parameters call its name, id or ARN, or that of a
/// part of its kind (`keyName` of a key pair); of what was created, the response's. Else that of another thing, with its
/// key: `created subnet with vpcId "vpc-1"`.
fn named(record: &Record, verb: &str, thing: &str) -> Option<(String, Option<String>)> {
    let thing = thing.replace(' ', "").to_lowercase();
    let parameters = names(record.request(), "");
    let own = parameters.iter().find(|(_, of, _)| of.is_empty() || thing.ends_with(of.as_str()));
    let own = own.or_else(|| parameters.iter().find(|(_, of, _)| thing.contains(of.as_str())));
    let response = record.get(&["responseElements"]).filter(|_| own.is_none() && verb == "create");
    // The response is the thing, or holds it by its kind.
    let inner = response.and_then(Value::as_object).into_iter().flatten();
    let created = response.map(|response| (response, "")).into_iter();
    let created: Vec<_> = created
        .chain(inner.map(|(kind, value)| (value, kind.as_str())))
        .flat_map(|(object, kind)| names(object, kind))
        .collect();
    let own = own.or_else(|| created.iter().find(|(_, of, _)| of.is_empty() || thing.ends_with(of.as_str())));
    if let Some((_, _, name)) = own {
        return Some((name.clone(), None));
    }
    parameters.into_iter().next().map(|(key, _, name)| (name, Some(short(&key))))
}

/// The names in an object of this kind, in order: each key, the kind of thing that it names, in lower case, and the name.
fn names(object: &Value, kind: &str) -> Vec<(String, String, String)> {
    let entries = object.as_object().into_iter().flatten();
    // A name, and no thing: which of its attributes a call changes.
    let entries = entries.filter(|(key, _)| *key != "attributeName");
    let named = entries.filter_map(|(key, value)| {
        let lower = key.to_ascii_lowercase();
        let of = ["name", "identifier", "id", "arn"].iter().find_map(|ending| lower.strip_suffix(ending))?;
        let of = if of.is_empty() { kind.to_lowercase() } else { of.to_owned() };
        let name = value.as_str().filter(|name| !name.is_empty())?;
        Some((key.clone(), of, short(name.rsplit('/').next().unwrap_or(name))))
    });
    named.collect()
}

/// The kind of a target and its name: `user bob`, `trail "organization"`.
fn target_words(target: &Target) -> String {
    format!("{} {}", target.kind.label(), name_words(target))
}

/// The name of a target, in quotes where it may be taken for a word of the sentence; names of identities are not.
fn name_words(target: &Target) -> String {
    match target.kind {
        TargetKind::User | TargetKind::Role | TargetKind::Group => target.name.clone(),
        _ => format!("\"{}\"", target.name),
    }
}

fn on_target(before: &str, facts: &Facts) -> String {
    let target = facts.target.as_ref();
    target.map(|target| format!("{before}{}", target_words(target))).unwrap_or_default()
}

/// The words of a name in lower case, but for what is written in capitals; a date at its end (of
/// Lambda's API) is left out.
fn words(name: &str) -> Vec<String> {
    let name = name
        .find(|c: char| c.is_ascii_digit())
        .filter(|at| *at > 0)
        .and_then(|at| name.get(..at))
        .unwrap_or(name);
    let chars: Vec<char> = name.chars().take(200).collect();
    let mut words: Vec<String> = Vec::new();
    for (at, &c) in chars.iter().enumerate() {
        let lower_after = chars.get(at + 1).is_some_and(|c| c.is_lowercase());
        let upper_before =
            at.checked_sub(1).and_then(|before| chars.get(before)).is_some_and(|c| c.is_uppercase());
        if at == 0 || (c.is_uppercase() && (!upper_before || lower_after)) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(c);
        }
    }
    let fold = |word: String| {
        if word.len() > 1 && !word.chars().any(char::is_lowercase) { word } else { word.to_lowercase() }
    };
    words.into_iter().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Watched;
    use proptest::prelude::*;
    use serde_json::json;

    fn sentence_of(source: &str, event: &str, parameters: Value) -> String {
        let record = json!({"eventName": event, "eventSource": format!("{source}.amazonaws.com"), "requestParameters": parameters,
            "userIdentity": {"type": "IAMUser", "userName": "alice"}});
        let record = Record::new(record).unwrap();
        sentence(&record, &Facts::of(&record, &Watched::default()))
    }

    #[test]
    fn a_name_is_read_as_verb_and_thing() {
        for (source, event, parameters, wanted) in [
            ("iam", "CreateUser", json!({"userName": "bob"}), "alice created user bob"),
            (
                "iam",
                "DeleteRolePermissionsBoundary",
                json!({"roleName": "r"}),
                "alice deleted role permissions boundary of role r",
            ),
            (
                "iam",
                "DeactivateMFADevice",
                json!({"userName": "bob"}),
                "alice deactivated MFA device of user bob",
            ),
            ("cloudtrail", "StopLogging", json!({"name": "main"}), "alice stopped logging on trail \"main\""),
            (
                "kms",
                "ScheduleKeyDeletion",
                json!({"keyId": "k"}),
                "alice scheduled key deletion of key \"k\"",
            ),
            (
                "lambda",
                "UpdateFunctionCode20150331v2",
                json!({"functionName": "f"}),
                "alice updated function code of function \"f\"",
            ),
            ("organizations", "LeaveOrganization", json!(null), "alice left organization"),
            ("x", "Frobnicate", json!(null), "alice called Frobnicate"),
            (
                "ec2",
                "CreateSubnet",
                json!({"vpcId": "vpc-1", "cidrBlock": "10.0.0.0/24"}),
                "alice created subnet with vpcId \"vpc-1\"",
            ),
            (
                "ec2",
                "CreateSecurityGroup",
                json!({"vpcId": "vpc-1", "groupName": "g"}),
                "alice created security group \"g\"",
            ),
            (
                "rds",
                "ModifyDBClusterSnapshotAttribute",
                json!({"dBClusterSnapshotIdentifier": "nightly", "attributeName": "restore", "valuesToAdd": ["all"]}),
                "alice modified DB cluster snapshot attribute of snapshot \"nightly\"",
            ),
            ("ec2", "ImportKeyPair", json!({"keyName": "laptop"}), "alice imported key pair \"laptop\""),
            (
                "ssm",
                "SendCommand",
                json!({"documentName": "AWS-RunShellScript", "targets": []}),
                "alice sent command with documentName \"AWS-RunShellScript\"",
            ),
            ("sns", "CreateTopic", json!({"tags": [], "name": "t"}), "alice created topic \"t\""),
            (
                "account",
                "EnableRegion",
                json!({"RegionName": "eu-south-1"}),
                "alice enabled region \"eu-south-1\"",
            ),
            (
                "iam",
                "PutRolePolicy",
                json!({"roleName": "r", "policyName": "p"}),
                "alice put inline policy \"p\" on role r",
            ),
            (
                "iam",
                "CreateLoginProfile",
                json!({"userName": "bob"}),
                "alice created a console password for user bob",
            ),
        ] {
            assert_eq!(sentence_of(source, event, parameters), wanted);
        }
    }

    #[test]
    fn what_was_created_is_named_by_the_response() {
        let record = json!({"eventName": "CreateSubnet", "eventSource": "ec2.amazonaws.com",
            "requestParameters": {"vpcId": "vpc-1"}, "userIdentity": {"type": "IAMUser", "userName": "alice"},
            "responseElements": {"requestId": "r", "subnet": {"vpcId": "vpc-1", "subnetId": "subnet-2"}}});
        let record = Record::new(record).unwrap();
        let sentence = sentence(&record, &Facts::of(&record, &Watched::default()));
        assert_eq!(sentence, "alice created subnet \"subnet-2\"");
    }

    proptest! {
        #[test]
        fn any_name_gives_a_sentence(event in ".{1,60}", service in "[a-z]{1,8}") {
            let text = sentence_of(&service, &event, json!(null));
            prop_assert!(text.len() > "alice ".len() && text.starts_with("alice "), "{}", text);
        }
    }
}
