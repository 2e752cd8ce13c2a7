//! A document and its statements. Scalars and lists read alike; names of elements in any case.

use serde_json::Value;

use crate::json;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its statements, in their order.
    pub statements: Vec<Statement>,
}

/// Effect of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement forbids.
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed<T> {
    /// The statement does not have the element.
    Unstated,
    /// The values that are listed.
    Only(Vec<T>),
    /// Everything but the values that are listed.
    Except(Vec<T>),
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// Effect of the statement.
    pub effect: Effect,
    /// Actions that the statement is about, `service:Action` with wildcards.
    pub actions: Listed<String>,
    /// Resources that the statement is about.
    pub resources: Listed<String>,
    /// Principals that the statement is about; identity policies do not name them.
    pub principals: Listed<Principal>,
    /// Conditions that must all hold.
    pub conditions: Vec<Condition>,
}

/// Principal that a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// `*`: everybody, without credentials too.
    Everyone,
    /// An account, user, role or session: a bare account id, an ARN, or the id of one that is gone.
    Aws(String),
    /// An AWS service.
    Service(String),
    /// An identity provider.
    Federated(String),
    /// An S3 canonical user.
    Canonical(String),
}

/// One line of a `Condition` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `StringEquals`, `ForAnyValue:StringLike`, …
    pub operator: String,
    /// The condition key, in lower case: case does not count in it.
    pub key: String,
    /// Any of these.
    pub values: Vec<String>,
}

impl Document {
    pub(super) fn parse(value: &Value) -> Option<Self> {
        let statements = match element(value, "Statement")? {
            Value::Array(statements) if !statements.is_empty() => {
                statements.iter().map(Statement::parse).collect::<Option<_>>()?
            }
            one @ Value::Object(_) => vec![Statement::parse(one)?],
            _ => return None,
        };
        Some(Self { statements })
    }

    /// Its statements that allow, each with its number, counted from one.
    pub fn allows(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let numbered = self.statements.iter().enumerate().map(|(at, statement)| (at + 1, statement));
        numbered.filter(|(_, statement)| statement.effect == Effect::Allow)
    }

    /// True where the document names principals, as a resource's policy or a role's trust policy does, and an
    /// identity's policy does not.
    pub fn names_principals(&self) -> bool {
        self.statements.iter().any(|statement| statement.principals != Listed::Unstated)
    }
}

impl Statement {
    fn parse(value: &Value) -> Option<Self> {
        value.as_object()?;
        let effect = element(value, "Effect")?.as_str()?.trim();
        let effect = match effect {
            _ if effect.eq_ignore_ascii_case("Allow") => Effect::Allow,
            _ if effect.eq_ignore_ascii_case("Deny") => Effect::Deny,
            _ => return None,
        };
        Some(Self {
            sid: element(value, "Sid").and_then(Value::as_str).map(str::to_owned),
            effect,
            actions: Listed::parse(value, "Action", "NotAction", texts),
            resources: Listed::parse(value, "Resource", "NotResource", texts),
            principals: Listed::parse(value, "Principal", "NotPrincipal", principals),
            conditions: element(value, "Condition").map(conditions).unwrap_or_default(),
        })
    }
}

impl<T> Listed<T> {
    fn parse(statement: &Value, only: &str, except: &str, read: fn(&Value) -> Vec<T>) -> Self {
        if let Some(value) = element(statement, only) {
            Self::Only(read(value))
        } else if let Some(value) = element(statement, except) {
            Self::Except(read(value))
        } else {
            Self::Unstated
        }
    }
}

fn element<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    json::exact_member_of(map, name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A text or a list of texts; numbers and booleans (in conditions) as their text.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text.trim().to_owned()],
        Value::Null | Value::Object(_) => Vec::new(),
        scalar => vec![scalar.to_string()],
    }
}

fn principals(value: &Value) -> Vec<Principal> {
    match value {
        Value::Object(kinds) => kinds
            .iter()
            .flat_map(|(kind, names)| {
                texts(names).into_iter().map(move |name| match kind.to_ascii_lowercase().as_str() {
                    "service" => Principal::Service(name),
                    "federated" => Principal::Federated(name),
                    "canonicaluser" => Principal::Canonical(name),
                    _ if name == "*" => Principal::Everyone,
                    _ => Principal::Aws(name),
                })
            })
            .collect(),
        other => texts(other)
            .into_iter()
            .map(|name| if name == "*" { Principal::Everyone } else { Principal::Aws(name) })
            .collect(),
    }
}

fn conditions(value: &Value) -> Vec<Condition> {
    let operators = value.as_object().into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            keys.as_object().into_iter().flatten().map(move |(key, values)| Condition {
                operator: operator.clone(),
                key: key.to_ascii_lowercase(),
                values: texts(values),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decode;
    use serde_json::json;

    #[test]
    fn elements_read_as_iam_reads_them() {
        let document = decode(&json!({"statement": [
            {"sid": "One", "effect": "allow", "NotAction": "iam:*", "NotResource": ["a", "b"],
                "Principal": {"AWS": ["111122223333", "*"], "Service": "ec2.amazonaws.com", "Federated": "cognito-identity.amazonaws.com",
                    "CanonicalUser": "79a5"},
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": true}, "StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}},
            {"Effect": "Deny", "Principal": "*", "Action": ["s3:*"], "Resource": "*", "Condition": null},
        ]}))
        .unwrap();
        let [first, second] = document.statements.as_slice() else { panic!("{document:?}") };
        assert_eq!(first.sid.as_deref(), Some("One"));
        assert_eq!((first.effect, second.effect), (Effect::Allow, Effect::Deny));
        assert_eq!(first.actions, Listed::Except(vec!["iam:*".into()]));
        assert_eq!(first.resources, Listed::Except(vec!["a".into(), "b".into()]));
        let Listed::Only(principals) = &first.principals else { panic!("{first:?}") };
        assert_eq!(principals.len(), 5);
        assert!(
            principals.contains(&Principal::Everyone)
                && principals.contains(&Principal::Canonical("79a5".into()))
        );
        assert_eq!(second.principals, Listed::Only(vec![Principal::Everyone]));
        assert_eq!(first.conditions[0].values, ["true"]);
        assert_eq!(first.conditions[1].key, "aws:principalorgid");
        assert!(second.conditions.is_empty() && document.names_principals());
        assert_eq!(document.allows().map(|(number, _)| number).collect::<Vec<_>>(), [1]);
    }
}
