//! A statement as a person reads it: what it allows or denies, to whom, on what, under which
//! condition. It says what is written and judges nothing; what deserves a second look is in
//! `dangers`. The console's Policy tab shows both.
//!
//! Operators: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

use super::statement::{Condition, Effect, Listed, Principal, Statement};

/// Names of a list that a sentence tells before it only counts.
const MOST_NAMED: usize = 6;

impl Statement {
    /// `Allows any principal in account 999900001111 to use sts:AssumeRole.` Its conditions are sentences
    /// of their own: [`Statement::conditions_in_words`].
    pub fn in_words(&self) -> String {
        let verb = match self.effect {
            Effect::Allow => "Allows",
            Effect::Deny => "Denies",
        };
        let actions = self.actions_in_words();
        let resources = match &self.resources {
            Listed::Unstated => String::new(),
            Listed::Only(_) | Listed::Except(_) => format!(" on {}", self.resources_in_words()),
        };
        match &self.principals {
            Listed::Unstated => format!("{verb} {actions}{resources}."),
            Listed::Only(_) | Listed::Except(_) => {
                format!("{verb} {}: {actions}{resources}.", self.principals_in_words())
            }
        }
    }

    /// Returns the actions that the statement is about, in words.
    pub fn actions_in_words(&self) -> String {
        match &self.actions {
            Listed::Unstated => "nothing (no action listed)".to_owned(),
            Listed::Only(names) => list(names, |name| action(name)),
            Listed::Except(names) => format!("all actions except {}", list(names, |name| action(name))),
        }
    }

    /// Returns the resources that the statement is about, in words; empty where it names none.
    pub fn resources_in_words(&self) -> String {
        match &self.resources {
            Listed::Unstated => String::new(),
            Listed::Only(names) => list(names, |name| resource(name)),
            Listed::Except(names) => format!("every resource but {}", list(names, |name| resource(name))),
        }
    }

    /// Returns the principals that the statement is about, in words; empty where it names none.
    pub fn principals_in_words(&self) -> String {
        match &self.principals {
            Listed::Unstated => String::new(),
            Listed::Only(principals) => list(principals, principal),
            Listed::Except(principals) => format!("any principal but {}", list(principals, principal)),
        }
    }

    /// Each condition in words. All of them must hold for the statement to count.
    pub fn conditions_in_words(&self) -> Vec<String> {
        self.conditions.iter().map(condition).collect()
    }
}

/// `a, b or c`, and of long lists how many more there are.
fn list<T>(items: &[T], word: impl Fn(&T) -> String) -> String {
    if items.is_empty() {
        return "nothing (empty list)".to_owned();
    }
    let shown: Vec<_> = items.iter().take(MOST_NAMED).map(word).collect();
    let more = items.len() - shown.len();
    match shown.as_slice() {
        _ if more > 0 => format!("{} and {more} more", shown.join(", ")),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
        [] => String::new(),
    }
}

fn action(name: &str) -> String {
    match name.split_once(':') {
        _ if name.trim_matches('*').is_empty() => "all actions".to_owned(),
        Some((service, what)) if what.trim_matches('*').is_empty() => {
            format!("all {service} actions ({name})")
        }
        _ => name.to_owned(),
    }
}

fn resource(name: &str) -> String {
    if name.trim_matches('*').is_empty() { "all resources".to_owned() } else { name.to_owned() }
}

/// Returns a principal in words, without the parts of its ARN that say nothing.
pub(super) fn principal(principal: &Principal) -> String {
    match principal {
        Principal::Everyone => "anyone (*), without credentials too".to_owned(),
        Principal::Service(name) => format!("the service {name}"),
        Principal::Federated(name) => {
            format!(
                "identities of {}",
                name.rsplit_once("-provider/").map_or(name.as_str(), |(_, name)| name)
            )
        }
        Principal::Canonical(id) => format!("canonical user {id}"),
        Principal::Aws(name) => aws(name),
    }
}

fn aws(name: &str) -> String {
    let Some(account) = account_of(name) else { return name.to_owned() };
    match name.splitn(6, ':').nth(5) {
        None | Some("root") if account == "*" => "any principal in any account".to_owned(),
        None | Some("root") => format!("any principal in account {account}"),
        Some(path) => {
            let (kind, name) = path.split_once('/').unwrap_or(("identity", path));
            let kind = match kind {
                "assumed-role" => "session",
                other => other,
            };
            format!("{kind} {name} in account {account}")
        }
    }
}

/// The account of a bare id or an ARN.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(name);
    }
    name.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

fn condition(condition: &Condition) -> String {
    let Condition { operator, key, values } = condition;
    let lower = operator.to_ascii_lowercase();
    let (lower, if_exists) = match lower.strip_suffix("ifexists") {
        Some(rest) => (rest, ", or the key is absent"),
        None => (lower.as_str(), ""),
    };
    let (lower, whose) = if let Some(rest) = lower.strip_prefix("foranyvalue:") {
        (rest, "any value of ")
    } else if let Some(rest) = lower.strip_prefix("forallvalues:") {
        // True for a request that has none.
        (rest, "all values (if any) of ")
    } else {
        (lower, "")
    };
    let values = if values.is_empty() { "nothing".to_owned() } else { any_of(values) };
    let says = match lower {
        "null" if values == "true" => "is absent".to_owned(),
        "null" => "is present".to_owned(),
        _ => match comparison(lower) {
            Some(words) => format!("{words} {values}"),
            None => format!("{operator} {values}"),
        },
    };
    format!("{whose}{} {says}{if_exists}", key_in_words(key))
}

fn any_of(values: &[String]) -> String {
    let shown: Vec<_> = values.iter().take(MOST_NAMED).map(String::as_str).collect();
    match values.len() - shown.len() {
        0 => shown.join(" or "),
        more => format!("{} or one of {more} more", shown.join(", ")),
    }
}

fn comparison(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "stringequals" | "arnequals" | "numericequals" | "dateequals" | "bool" | "binaryequals" => "is",
        "stringequalsignorecase" => "is (ignoring case)",
        "stringlike" | "arnlike" => "matches",
        "stringnotequals" | "arnnotequals" | "numericnotequals" | "datenotequals" => "is not",
        "stringnotequalsignorecase" => "is not (ignoring case)",
        "stringnotlike" | "arnnotlike" => "does not match",
        "ipaddress" => "is in",
        "notipaddress" => "is not in",
        "numericlessthan" => "is less than",
        "numericlessthanequals" => "is at most",
        "numericgreaterthan" => "is more than",
        "numericgreaterthanequals" => "is at least",
        "datelessthan" => "is before",
        "datelessthanequals" => "is not after",
        "dategreaterthan" => "is after",
        "dategreaterthanequals" => "is not before",
        _ => return None,
    })
}

/// Returns the meaning of a condition key for the keys that are met most often; for any other, the key
/// itself.
fn key_in_words(key: &str) -> String {
    let words = match key {
        "aws:principalorgid" => "caller's organization",
        "aws:principalaccount" => "caller's account",
        "aws:principalarn" => "caller",
        "aws:sourceaccount" => "source account of the service call",
        "aws:sourcearn" => "source resource of the service call",
        "aws:sourceip" => "source IP",
        "aws:sourcevpc" => "source VPC",
        "aws:sourcevpce" => "source VPC endpoint",
        "aws:multifactorauthpresent" => "MFA used",
        "aws:securetransport" => "TLS used",
        "sts:externalid" => "external ID",
        "iam:passedtoservice" => "service receiving the role",
        _ => return key.to_owned(),
    };
    format!("{words} ({key})")
}

#[cfg(test)]
mod tests {
    use crate::policy::decode;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn words(statement: Value) -> (String, Vec<String>) {
        let document = decode(&json!({"Statement": statement})).unwrap();
        (document.statements[0].in_words(), document.statements[0].conditions_in_words())
    }

    #[test]
    fn statements_are_sentences() {
        let cases = [
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
                "Allows all actions on all resources.",
            ),
            (
                json!({"Effect": "Allow", "Action": ["s3:*", "iam:PassRole"], "Resource": "arn:aws:s3:::logs"}),
                "Allows all s3 actions (s3:*) and iam:PassRole on arn:aws:s3:::logs.",
            ),
            (
                json!({"Effect": "Deny", "NotAction": "iam:*", "NotResource": ["a", "b"]}),
                "Denies all actions except all iam actions (iam:*) on every resource but a and b.",
            ),
            (
                json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999900001111:root"}, "Action": "sts:AssumeRole"}),
                "Allows any principal in account 999900001111: sts:AssumeRole.",
            ),
            (
                json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::1:role/ci/deploy", "AROAEXAMPLE"],
                    "Service": "ec2.amazonaws.com", "Federated": "arn:aws:iam::1:oidc-provider/gitlab.com"}, "Action": "a:B"}),
                "Allows role ci/deploy in account 1, AROAEXAMPLE, the service ec2.amazonaws.com and identities of gitlab.com: a:B.",
            ),
            (
                json!({"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": []}),
                "Allows any principal but any principal in account 111122223333: nothing (empty list).",
            ),
            (
                json!({"Effect": "Allow", "Principal": "*", "Action": ["a:1", "a:2", "a:3", "a:4", "a:5", "a:6", "a:7"], "Resource": "x"}),
                "Allows anyone (*), without credentials too: a:1, a:2, a:3, a:4, a:5, a:6 and 1 more on x.",
            ),
        ];
        for (statement, wanted) in cases {
            assert_eq!(words(statement).0, wanted);
        }
    }

    #[test]
    fn conditions_are_sentences() {
        let condition = json!({
            "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]},
            "Bool": {"aws:MultiFactorAuthPresent": "true"},
            "ForAllValues:StringLike": {"aws:TagKeys": "team*"},
            "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
            "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
            "Null": {"sts:ExternalId": "true"},
            "Strange": {"x:y": 5},
        });
        let (_, words) = words(json!({"Effect": "Allow", "Action": "*", "Condition": condition}));
        assert_eq!(
            words,
            [
                "caller's organization (aws:principalorgid) is o-1 or o-2",
                "MFA used (aws:multifactorauthpresent) is true",
                "all values (if any) of aws:tagkeys matches team*",
                "source VPC (aws:sourcevpc) is not vpc-1, or the key is absent",
                "source IP (aws:sourceip) is not in 203.0.113.0/24",
                "external ID (sts:externalid) is absent",
                "x:y Strange 5",
            ]
        );
    }

    proptest! {
        #[test]
        fn any_statement_has_words(name in any::<String>(), operator in any::<String>()) {
            let statement = json!({"Effect": "Allow", "Action": name, "Resource": name, "Principal": {"AWS": name},
                "Condition": {operator: {name.clone(): [name]}}});
            let (sentence, conditions) = words(statement);
            prop_assert!(sentence.starts_with("Allows ") && conditions.len() == 1);
        }
    }
}
