//! Dangers in a statement, which deserve a second look: wildcard actions, principals of other accounts or
//! everybody, a missing condition. The statement is looked at alone, to mark the place where a reader should
//! stop. How far a call opens something in truth, with all conditions weighed, is a fact
//! ([`crate::facts::Exposes`]).

use super::statement::{Effect, Listed, Principal, Statement};
use super::words;

/// The part of a statement that a danger is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `Action` or `NotAction`.
    Action,
    /// `Principal` or `NotPrincipal`.
    Principal,
    /// `Condition`, which may be the very thing that is missing.
    Condition,
}

/// Something that deserves a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Danger {
    /// Element of the statement that the danger is in.
    pub element: Element,
    /// Danger in a few words: "allows every action on every resource".
    pub words: String,
}

impl Statement {
    /// Returns the dangers in the statement. A statement that denies opens nothing, so it has none. `account`
    /// is the one that the policy is in; where it is not known, any account that is named counts as external.
    pub fn dangers(&self, account: Option<&str>) -> Vec<Danger> {
        if self.effect == Effect::Deny {
            return Vec::new();
        }
        let mut dangers: Vec<_> =
            self.wide_actions().into_iter().map(|words| Danger { element: Element::Action, words }).collect();
        let outsiders = self.outsiders(account);
        let lets_in = !outsiders.is_empty();
        dangers.extend(outsiders.into_iter().map(|words| Danger { element: Element::Principal, words }));
        if lets_in && self.conditions.is_empty() {
            dangers.push(Danger { element: Element::Condition, words: "no condition".to_owned() });
        } else if let Some(words) = self.unbound_provider() {
            dangers.push(Danger { element: Element::Condition, words });
        }
        dangers
    }

    fn wide_actions(&self) -> Vec<String> {
        let everywhere = match &self.resources {
            Listed::Only(names) => names.iter().any(|name| name.trim_matches('*').is_empty()),
            Listed::Except(_) => true,
            Listed::Unstated => false,
        };
        let whole = |name: &String| name.trim_matches(['*', ':']).is_empty();
        match &self.actions {
            Listed::Unstated => Vec::new(),
            Listed::Except(_) if everywhere => {
                vec!["allows all actions except those listed, on all resources".to_owned()]
            }
            Listed::Except(_) => vec!["allows all actions except those listed".to_owned()],
            Listed::Only(names) if names.iter().any(whole) && everywhere => {
                vec!["allows all actions on all resources".to_owned()]
            }
            Listed::Only(names) if names.iter().any(whole) => vec!["allows all actions".to_owned()],
            Listed::Only(names) => {
                let mut wide: Vec<_> = names
                    .iter()
                    .filter_map(|name| {
                        let (service, what) = name.split_once(':')?;
                        what.trim_matches('*').is_empty().then(|| format!("allows all {service} actions"))
                    })
                    .collect();
                if everywhere && names.iter().any(|name| name.eq_ignore_ascii_case("iam:PassRole")) {
                    wide.push("can pass any role to a service".to_owned());
                }
                wide
            }
        }
    }

    /// Returns the principals from outside the account that the statement lets in, in words.
    fn outsiders(&self, account: Option<&str>) -> Vec<String> {
        let principals = match &self.principals {
            Listed::Unstated => return Vec::new(),
            Listed::Except(_) => return vec!["trusts everyone except those listed".to_owned()],
            Listed::Only(principals) => principals,
        };
        let outside = principals.iter().filter_map(|principal| match principal {
            Principal::Everyone => Some("open to anyone".to_owned()),
            Principal::Service(_) | Principal::Federated(_) => None,
            Principal::Canonical(_) => {
                Some("open to a canonical user of an account that is not named".to_owned())
            }
            Principal::Aws(name) => match words::account_of(name) {
                // CloudFront's own identities are no account's.
                None | Some("cloudfront") => None,
                Some(other) if other.contains(['*', '?']) => Some("open to every account".to_owned()),
                Some(other) if Some(other) == account => None,
                Some(other) => Some(format!("trusts external account {other}")),
            },
        });
        let mut outside: Vec<String> = outside.collect();
        let mut seen = std::collections::HashSet::new();
        outside.retain(|words| seen.insert(words.clone()));
        outside
    }

    /// A provider whose people come in whoever they are.
    fn unbound_provider(&self) -> Option<String> {
        let Listed::Only(principals) = &self.principals else { return None };
        principals.iter().any(|principal| matches!(principal, Principal::Federated(_))).then_some(())?;
        let bound = [":sub", ":subject", ":namequalifier", ":aud", ":app_id", ":iss"];
        let is_bound = |key: &str| bound.iter().any(|end| key.ends_with(end));
        let none = !self.conditions.iter().any(|condition| is_bound(&condition.key));
        none.then(|| "no condition on token subject or audience".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::decode;
    use serde_json::{Value, json};

    fn dangers(statement: Value) -> Vec<String> {
        let document = decode(&json!({"Statement": statement})).unwrap();
        document.statements[0].dangers(Some("111122223333")).into_iter().map(|danger| danger.words).collect()
    }

    #[test]
    fn what_is_wide_is_marked() {
        let cases: [(Value, &[&str]); 8] = [
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "*"}),
                &["allows all actions on all resources"],
            ),
            (
                json!({"Effect": "Allow", "Action": ["iam:*", "s3:GetObject"], "Resource": "*"}),
                &["allows all iam actions"],
            ),
            (
                json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
                &["allows all actions except those listed, on all resources"],
            ),
            (
                json!({"Effect": "Allow", "Action": "iam:passrole", "Resource": "*"}),
                &["can pass any role to a service"],
            ),
            (
                json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "x"}),
                &["open to anyone", "no condition"],
            ),
            (
                json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::999900001111:root", "999900001111"]}, "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"sts:ExternalId": "7"}}}),
                &["trusts external account 999900001111"],
            ),
            (
                json!({"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"},
                    "Action": "sts:AssumeRoleWithWebIdentity"}),
                &["no condition on token subject or audience"],
            ),
            (
                json!({"Effect": "Allow", "NotPrincipal": {"AWS": "x"}, "Action": "a:b"}),
                &["trusts everyone except those listed", "no condition"],
            ),
        ];
        for (statement, wanted) in cases {
            assert_eq!(dangers(statement.clone()), wanted, "{statement}");
        }
    }

    #[test]
    fn what_is_narrow_or_denied_is_not() {
        for statement in [
            json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}),
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/x"}, "Action": "sts:AssumeRole"}),
            json!({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}),
            json!({"Effect": "Allow", "Principal": {"Federated": "x:saml-provider/y"}, "Action": "sts:AssumeRoleWithSAML",
                "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}),
        ] {
            assert_eq!(dangers(statement.clone()), [""; 0], "{statement}");
        }
    }
}
