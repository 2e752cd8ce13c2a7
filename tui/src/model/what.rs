//! The call and its objects in one line: `AttachUserPolicy  AdministratorAccess → user deploy-bot`.

use detector::facts::{Exposes, Mfa};
use detector::{Alert, Facts};

/// Returns the line of an alert, as the list shows it in its column WHAT and filters know it as `what`.
pub(crate) fn what(alert: &Alert) -> String {
    let facts = alert.facts.as_ref();
    let mut line = alert.event.clone();
    if let Some(objects) = objects(alert, facts) {
        line.push_str("  ");
        line.push_str(&objects);
    }
    line.push_str(match facts.and_then(|facts| facts.exposes) {
        Some(Exposes::Public) => "  ⚠ public",
        Some(Exposes::External) => "  ⚠ external",
        _ => "",
    });
    line
}

/// The objects of a call, the thing that was given or changed first.
fn objects(alert: &Alert, facts: Option<&Facts>) -> Option<String> {
    let named = |key: &str| alert.parameters.get(key)?.as_str().map(|text| last(text).to_owned());
    let target = facts.and_then(|facts| facts.target.as_ref());
    let whole = target.map(|target| format!("{} {}", target.kind.label(), target.name));
    let taken =
        ["Remove", "Detach", "Delete", "Disassociate"].iter().any(|verb| alert.event.starts_with(verb));
    let arrow = if taken { "←" } else { "→" };
    let (member, container) = match alert.event.as_str() {
        "ConsoleLogin" => {
            let without = facts.is_some_and(|facts| facts.mfa == Mfa::No);
            return without.then(|| "no MFA".to_owned());
        }
        // The event names the new thing, and the target whom it is for.
        "CreateAccessKey" | "CreateLoginProfile" => (Some(String::new()), whole),
        "AddUserToGroup" | "RemoveUserFromGroup" => (named("userName"), named("groupName")),
        "AddRoleToInstanceProfile" | "RemoveRoleFromInstanceProfile" => {
            (named("roleName"), named("instanceProfileName"))
        }
        event => {
            let policy = named("policyArn").or_else(|| named("policyName"));
            match (policy, target) {
                (Some(policy), Some(target)) if policy != target.name => (Some(policy), whole),
                (_, Some(target)) if event.to_lowercase().contains(target.kind.label()) => {
                    return Some(target.name.clone());
                }
                (policy, _) => return whole.or(policy),
            }
        }
    };
    match (member, container) {
        (Some(member), Some(container)) => {
            Some(format!("{member} {arrow} {container}").trim_start().to_owned())
        }
        (member, container) => member.filter(|member| !member.is_empty()).or(container),
    }
}

/// The name in an ARN; another text as it is.
fn last(text: &str) -> &str {
    if text.starts_with("arn:") { text.rsplit(['/', ':']).next().unwrap_or(text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detector::{Detector, Record};
    use jiff::Timestamp;
    use serde_json::json;

    fn line(event: &str, parameters: &serde_json::Value) -> String {
        let service = if event == "ConsoleLogin" { "signin" } else { "iam" };
        let record = json!({
            "eventName": event, "eventSource": format!("{service}.amazonaws.com"), "eventID": "a",
            "eventTime": "2026-11-24T02:00:00Z", "recipientAccountId": "111122223333", "awsRegion": "us-east-1",
            "userIdentity": {"type": "IAMUser", "userName": "eve", "arn": "arn:aws:iam::111122223333:user/eve"},
            "requestParameters": parameters, "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "No"},
        });
        let record = Record::new(record).unwrap();
        what(&Detector::default().detect(&record, Timestamp::UNIX_EPOCH).alert.expect(event))
    }

    #[test]
    fn the_thing_that_was_given_comes_first_then_who_has_it() {
        let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
        let trust = json!({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"AWS": "arn:aws:iam::999900001111:root"}}]});
        for (event, parameters, expected) in [
            (
                "AttachUserPolicy",
                json!({"userName": "bob", "policyArn": admin}),
                "AdministratorAccess → user bob",
            ),
            ("AddUserToGroup", json!({"userName": "bob", "groupName": "Billing"}), "bob → Billing"),
            ("RemoveUserFromGroup", json!({"userName": "bob", "groupName": "Billing"}), "bob ← Billing"),
            ("CreateAccessKey", json!({"userName": "bob"}), "→ user bob"),
            ("CreateUser", json!({"userName": "bob"}), "bob"),
            (
                "UpdateAssumeRolePolicy",
                json!({"roleName": "ci", "policyDocument": trust.to_string()}),
                "ci  ⚠ external",
            ),
            ("ConsoleLogin", json!(null), "no MFA"),
        ] {
            assert_eq!(line(event, &parameters), format!("{event}  {expected}"));
        }
    }
}
