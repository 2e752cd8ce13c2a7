//! The facts by name, and the values that those with a closed set can have: a rule that asks for
//! another can never match, and is told so when it is loaded.

/// Every fact, with its values where the set is closed; others are free text.
const FACTS: &[(&str, &[&str])] = &[
    ("outcome", &["success", "denied", "failed"]),
    ("error", &[]),
    ("denied_by", &["identity", "resource", "scp", "rcp", "boundary", "session", "vpc_endpoint", "unknown"]),
    (
        "actor.kind",
        &[
            "root",
            "iam_user",
            "role",
            "sso_user",
            "federated",
            "web_identity",
            "service",
            "account",
            "anonymous",
            "unknown",
        ],
    ),
    ("actor.id", &[]),
    ("actor.name", &[]),
    ("actor.account", &[]),
    ("actor.cross_account", TRUE_OR_FALSE),
    ("actor.central_root", TRUE_OR_FALSE),
    ("actor.central_root_by", &[]),
    (
        "target.kind",
        &[
            "user",
            "group",
            "role",
            "policy",
            "instance_profile",
            "provider",
            "permission_set",
            "trail",
            "key",
            "bucket",
            "function",
            "instance",
            "secret",
            "topic",
            "queue",
            "rule",
            "account",
            "log_group",
            "snapshot",
            "image",
            "repository",
            "cluster",
            "stack",
            "project",
            "other",
        ],
    ),
    ("target.name", &[]),
    ("target.account", &[]),
    ("self", &["true", "false", "unknown"]),
    ("grants", &["deny_only", "read", "write", "privesc", "iam_admin", "admin", "unknown"]),
    ("grants.actions", &[]),
    ("exposes", &["none", "service", "own_account", "org", "external", "public", "unknown"]),
    ("exposes.to", &[]),
    ("exposes.actor", TRUE_OR_FALSE),
    ("exposes.sends_only", TRUE_OR_FALSE),
    ("exposes.locks_out", TRUE_OR_FALSE),
    ("strengthens", TRUE_OR_FALSE),
    ("foreign_layers", &[]),
    ("passes_role", &[]),
    (
        "via",
        &[
            "console",
            "cli",
            "sdk",
            "iac",
            "cloudformation",
            "aws_service",
            "sso_portal",
            "cloudshell",
            "agent",
            "unknown",
        ],
    ),
    ("credential", &["long_term", "session", "console", "none", "unknown"]),
    ("mfa", &["yes", "no", "unknown"]),
    ("weakens", &["audit", "detection", "guardrail", "mfa", "public_block", "encryption", "none"]),
    ("watched", &["actor", "target", "role", "policy", "group", "account", "detector"]),
    ("hidden", TRUE_OR_FALSE),
    ("because.grants", &[]),
    ("because.exposes", &[]),
    ("because.weakens", &[]),
];

const TRUE_OR_FALSE: &[&str] = &["true", "false"];

/// Checks that there is a fact of this name (without `sentinel.`) and that it can have this value.
///
/// # Errors
/// Returns an error where there is no such fact, or it never has this value, in words for whoever wrote the
/// rule.
pub fn check(name: &str, value: Option<&str>) -> Result<(), String> {
    let Some((_, values)) = FACTS.iter().find(|(fact, _)| *fact == name) else {
        let names: Vec<&str> = FACTS.iter().map(|(fact, _)| *fact).collect();
        return Err(format!("unknown fact `sentinel.{name}`; known facts: {}", names.join(", ")));
    };
    match value {
        Some(value) if !values.is_empty() && !values.iter().any(|one| one.eq_ignore_ascii_case(value)) => {
            let values = values.join(", ");
            Err(format!("`sentinel.{name}` is never `{value}`, so this can't match; use one of {values}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::outcome::{DeniedBy, Verdict};
    use super::super::{
        ActorKind, Credential, Exposes, Grants, Mfa, SelfTarget, TargetKind, Via, Watch, Weakens,
    };
    use super::*;
    use crate::rules::Rules;
    use crate::{Facts, Record, Watched};
    use serde::Serialize;
    use serde::de::DeserializeOwned;
    use serde_json::{Value, json};

    /// Names of all facts in a JSON object of facts, as rules write them.
    fn names(facts: &Value, prefix: &str, found: &mut Vec<String>) {
        for (key, value) in facts.as_object().into_iter().flatten() {
            let name = format!("{prefix}{key}");
            match value {
                Value::Object(_) => names(value, &format!("{name}."), found),
                _ => found.push(name),
            }
        }
    }

    #[test]
    fn every_fact_of_a_record_is_in_the_list() {
        let record = json!({
            "eventSource": "iam.amazonaws.com", "eventName": "UpdateAssumeRolePolicy",
            "recipientAccountId": "111122223333", "errorCode": "AccessDenied",
            "errorMessage": "not authorized to perform: iam:UpdateAssumeRolePolicy with an explicit deny in a service control policy",
            "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
                "arn": "arn:aws:iam::111122223333:user/alice"},
            "requestParameters": {"roleName": "deploy", "policyDocument":
                "{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}}"},
        });
        let facts =
            serde_json::to_value(Facts::of(&Record::new(record).unwrap(), &Watched::default())).unwrap();
        let mut found = Vec::new();
        names(&facts, "", &mut found);
        assert!(found.len() > 15, "{found:?}");
        for name in found {
            assert!(check(&name, None).is_ok(), "{name} is not in the list");
        }
    }

    #[test]
    fn every_value_in_the_list_is_one_that_the_fact_can_have() {
        fn is<T: DeserializeOwned + Serialize>(value: &str) -> bool {
            let read = serde_json::from_value::<T>(json!(value));
            // Unknown values serialize as "unknown", and must read back unchanged.
            read.is_ok_and(|read| serde_json::to_value(read).unwrap() == json!(value))
        }
        for (name, values) in FACTS {
            let is: fn(&str) -> bool = match *name {
                "outcome" => is::<Verdict>,
                "denied_by" => is::<DeniedBy>,
                "actor.kind" => is::<ActorKind>,
                "actor.cross_account"
                | "actor.central_root"
                | "exposes.actor"
                | "exposes.sends_only"
                | "exposes.locks_out"
                | "strengthens"
                | "hidden" => |value| value.parse::<bool>().is_ok(),
                "target.kind" => is::<TargetKind>,
                "self" => is::<SelfTarget>,
                "grants" => is::<Grants>,
                "exposes" => is::<Exposes>,
                "via" => is::<Via>,
                "credential" => is::<Credential>,
                "mfa" => is::<Mfa>,
                "weakens" => is::<Weakens>,
                "watched" => is::<Watch>,
                _ => |_| false,
            };
            for value in *values {
                assert!(is(value), "{name}: {value}");
            }
        }
    }

    #[test]
    fn built_in_rules_ask_for_facts_that_there_are() {
        for rule in Rules::default().all() {
            rule.detection.fields(&mut |asked| {
                if let Some(name) = asked.field.strip_prefix(crate::rules::sigma::DERIVED) {
                    check(name, asked.text).unwrap_or_else(|why| panic!("{}: {why}", rule.file));
                }
            });
        }
    }

    #[test]
    fn a_misspelt_name_or_value_is_said() {
        assert!(check("exposes", Some("External")).is_ok());
        let why = check("exposes", Some("extern")).unwrap_err();
        assert!(why.contains("never `extern`") && why.contains(" external,"), "{why}");
        assert!(check("target.kind", Some("rolle")).is_err(), "read as other");
        let why = check("expose", None).unwrap_err();
        assert!(why.contains("unknown fact `sentinel.expose`") && why.contains("exposes, "), "{why}");
    }
}
