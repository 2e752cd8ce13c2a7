//! Conditions that narrow whom a statement lets in. A fence counts only where it can't be passed
//! by leaving the key out, and where its value is no wildcard.
//!
//! Keys: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
//! `sts:ExternalId` is no fence: it is a secret between the two, and shuts out nobody who is named.

use super::document::account_of;
use super::{Exposes, Own, short};
use crate::policy::Condition;

/// How far a condition narrows a statement.
pub(super) struct Fence {
    pub(super) level: Exposes,
    pub(super) to: Vec<String>,
    pub(super) because: String,
}

/// The fences among the conditions of a statement.
pub(super) fn fences(conditions: &[Condition], own: Own<'_>) -> Vec<Fence> {
    conditions
        .iter()
        .filter(|condition| holds_out(condition))
        .filter_map(|condition| fence(condition, own))
        .collect()
}

/// Whether a condition on such a key narrows: positive, and no bare wildcard.
pub(super) fn narrows(conditions: &[Condition], key: impl Fn(&str) -> bool) -> bool {
    conditions.iter().any(|condition| key(&condition.key) && holds_out(condition))
}

/// Whether a condition asks for a value of a key.
pub(super) fn asks(conditions: &[Condition], key: &str, value: &str) -> bool {
    conditions.iter().any(|condition| condition.key == key && condition.values.iter().any(|one| one == value))
}

/// Operators that are false where the key is absent or the value another.
fn holds_out(condition: &Condition) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    // True for a request without the key.
    if operator.ends_with("ifexists") || operator.starts_with("forallvalues:") {
        return false;
    }
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let positive = matches!(
        operator,
        "stringequals"
            | "stringequalsignorecase"
            | "stringlike"
            | "arnequals"
            | "arnlike"
            | "ipaddress"
            | "bool"
    );
    positive
        && !condition.values.is_empty()
        && condition.values.iter().all(|value| !value.trim_matches(['*', '?']).is_empty())
}

fn fence(condition: &Condition, own: Own<'_>) -> Option<Fence> {
    let Condition { key, values, .. } = condition;
    let to = || values.iter().take(super::MOST_NAMED).map(|value| short(value)).collect::<Vec<_>>();
    let says = |level, because: String| Some(Fence { level, to: to(), because });
    match key.as_str() {
        "aws:principalorgid"
        | "aws:principalorgpaths"
        | "aws:sourceorgid"
        | "aws:sourceorgpaths"
        | "aws:principalorgmasteraccountid" => {
            let organisation =
                |value: &String| value.split('/').next().is_some_and(|id| !id.contains(['*', '?']));
            values.iter().all(organisation).then_some(())?;
            let id = |value: &String| own.organisation(value.split('/').next().unwrap_or(value));
            let level =
                if key.ends_with("masteraccountid") { Exposes::Org } else { widest(values.iter().map(id))? };
            let whose = if level == Exposes::Org { "" } else { " that is not one's own" };
            says(level, format!("lets in an organisation{whose} only ({key} {})", first(values)))
        }
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => accounts(values.iter().map(|value| Some(value.as_str())), key, own),
        "aws:principalarn" => accounts(values.iter().map(|value| account_of(value)), key, own),
        "aws:sourcearn" => {
            if values.iter().all(|value| account_of(value).is_none()) {
                // A bucket's ARN has no account; it is one bucket's notifications all the same.
                return values
                    .iter()
                    .all(|value| value.splitn(6, ':').nth(5).is_some_and(|name| !name.starts_with('*')))
                    .then(|| Fence {
                        level: Exposes::Service,
                        to: to(),
                        because: format!("lets in {}", first(values)),
                    });
            }
            accounts(values.iter().map(|value| account_of(value)), key, own)
        }
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:vpcsourceip" | "s3:accesspointnetworkorigin" => says(
            Exposes::OwnAccount,
            format!("lets in whoever comes through a network of one's own ({key} {})", first(values)),
        ),
        "elasticfilesystem:accessedviamounttarget" => {
            says(Exposes::OwnAccount, "lets in whoever mounts it inside the network".to_owned())
        }
        "aws:sourceip" => {
            let wide =
                |value: &String| value.parse().is_ok_and(|network: ipnet::IpNet| network.prefix_len() < 8);
            (!values.iter().any(wide)).then_some(())?;
            says(Exposes::External, format!("lets in everybody who comes from {}", first(values)))
        }
        "aws:principalisawsservice" | "aws:principalservicename" | "aws:principalservicenameslist" => {
            values.iter().all(|value| value != "false").then_some(())?;
            says(Exposes::Service, "lets in AWS services only".to_owned())
        }
        _ => None,
    }
}

/// A fence around accounts is as wide as the widest of them; one that is not named is no fence.
fn accounts<'a>(accounts: impl Iterator<Item = Option<&'a str>>, key: &str, own: Own<'_>) -> Option<Fence> {
    let accounts: Vec<&str> = accounts.collect::<Option<_>>()?;
    let is_id = |account: &&str| account.bytes().all(|byte| byte.is_ascii_digit());
    // `${aws:ResourceAccount}` and the like are one's own.
    let level =
        |account: &&str| if account.starts_with("${aws:") { Exposes::OwnAccount } else { own.level(account) };
    accounts.iter().all(|account| is_id(account) || account.starts_with("${aws:")).then_some(())?;
    let level = widest(accounts.iter().map(level))?;
    let named = accounts.iter().map(|account| (*account).to_owned()).collect::<Vec<_>>();
    let because = match level {
        Exposes::External => format!("lets in account {}, which is not this one ({key})", named.join(", ")),
        _ => format!("lets in account {} only ({key})", named.join(", ")),
    };
    Some(Fence { level, to: named, because })
}

fn widest(levels: impl Iterator<Item = Exposes>) -> Option<Exposes> {
    levels.max_by_key(|level| level.width())
}

fn first(values: &[String]) -> String {
    match values {
        [one] => short(one),
        [one, rest @ ..] => format!("{} and {} more", short(one), rest.len()),
        [] => String::new(),
    }
}
