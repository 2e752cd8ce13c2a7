//! Conditions that narrow whom a statement lets in. A fence counts only where it can't be passed
//! by leaving the key out, and where its value is neither a wildcard nor a variable: whoever writes a
//! policy writes its conditions too, and `aws:PrincipalAccount` equal to `${aws:PrincipalAccount}`
//! lets in everybody.
//!
//! Keys: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.
//! `sts:ExternalId` is no fence: it is a secret between the two, and shuts out nobody who is named.

use std::net::IpAddr;

use ipnet::IpNet;

use super::document::account_of;
use super::{Exposes, MOST_NAMED, Own, short};
use crate::policy::Condition;
use crate::rules::sigma::Pattern;

/// How far a condition narrows a statement.
#[derive(Debug, Clone)]
pub(super) struct Fence {
    pub(super) level: Exposes,
    pub(super) to: Vec<String>,
    pub(super) because: String,
    /// Whether it shuts out a foreign account that is named as principal too. An organisation of
    /// which nobody has said that it is one's own does not: it may be that account's.
    pub(super) holds_for_named: bool,
}

/// The narrowest fence among the conditions of a statement, for everybody and for those named.
#[derive(Debug, Default)]
pub(super) struct Fences {
    pub(super) everybody: Option<Fence>,
    pub(super) named: Option<Fence>,
}

impl Fences {
    pub(super) fn of(conditions: &[Condition], own: Own<'_>) -> Self {
        let mut fences = Self::default();
        for fence in conditions.iter().filter(|of| holds_out(of)).filter_map(|of| fence(of, own)) {
            let narrower = |than: &Option<Fence>| {
                than.as_ref().is_none_or(|than| fence.level.width() < than.level.width())
            };
            if fence.holds_for_named && narrower(&fences.named) {
                fences.named = Some(fence.clone());
            }
            if narrower(&fences.everybody) {
                fences.everybody = Some(fence);
            }
        }
        fences
    }
}

/// The values that a condition on such a key narrows to: positive, and no bare wildcard.
pub(super) fn narrowed_to(
    conditions: &[Condition],
    key: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &Condition> {
    conditions.iter().filter(move |condition| key(&condition.key) && holds_out(condition))
}

/// Whether a positive condition on a key lets a value through.
pub(super) fn lets_through(condition: &Condition, value: &str) -> bool {
    is_positive(condition) && condition.values.iter().any(|pattern| Pattern::wildcard(pattern).matches(value))
}

/// Operators that are false where the key is absent or the value another.
fn is_positive(condition: &Condition) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    // True for a request without the key.
    if operator.ends_with("ifexists") || operator.starts_with("forallvalues:") {
        return false;
    }
    matches!(
        operator.strip_prefix("foranyvalue:").unwrap_or(&operator),
        "stringequals"
            | "stringequalsignorecase"
            | "stringlike"
            | "arnequals"
            | "arnlike"
            | "ipaddress"
            | "bool"
    )
}

/// Variables that stand for the resource's own side.
const OWN_VARIABLES: [&str; 3] =
    ["${aws:ResourceAccount}", "${aws:ResourceOrgID}", "${aws:ResourceOrgPaths}"];

fn holds_out(condition: &Condition) -> bool {
    let means_something = |value: &String| {
        !value.trim_matches(['*', '?']).is_empty()
            && (!value.contains("${") || OWN_VARIABLES.iter().any(|own| value.eq_ignore_ascii_case(own)))
    };
    is_positive(condition) && !condition.values.is_empty() && condition.values.iter().all(means_something)
}

fn fence(condition: &Condition, own: Own<'_>) -> Option<Fence> {
    let Condition { key, values, .. } = condition;
    let to = || values.iter().take(MOST_NAMED).map(|value| short(value)).collect::<Vec<_>>();
    let says = |level, because: String| Some(Fence { level, to: to(), because, holds_for_named: true });
    match key.as_str() {
        "aws:principalorgid" | "aws:principalorgpaths" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
            organisations(values, key, own)
        }
        "aws:principalorgmasteraccountid" => {
            // The management account of one's own organisation is oneself, or trusted.
            let fence = accounts(values.iter().map(|value| account_of(value)), key, own)?;
            Some(if fence.level == Exposes::OwnAccount {
                Fence { level: Exposes::Org, ..fence }
            } else {
                fence
            })
        }
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => accounts(values.iter().map(|value| id_or_own(value)), key, own),
        "aws:principalarn" => accounts(values.iter().map(|value| account_of(value)), key, own),
        "aws:sourcearn" => {
            let bucket = |value: &String| {
                let mut parts = value.splitn(6, ':');
                let s3 = parts.by_ref().take(3).eq(["arn", "aws", "s3"]) && parts.next() == Some("");
                s3 && value.rsplit(':').next().is_some_and(|name| !name.starts_with(['*', '?']))
            };
            if values.iter().all(bucket) {
                // A bucket's ARN has no account; it is one bucket's notifications all the same.
                return says(Exposes::Service, format!("lets in {}", first(values)));
            }
            accounts(values.iter().map(|value| account_of(value)), key, own)
        }
        // A record does not say whose network it is; one that is named is narrow all the same.
        "aws:sourcevpc" | "aws:sourcevpce" => {
            values
                .iter()
                .all(|value| value.starts_with("vpc") && !value.contains(['*', '?']))
                .then_some(())?;
            let because = format!("lets in whoever comes through the network {} ({key})", first(values));
            Some(Fence { level: Exposes::Org, to: to(), because, holds_for_named: false })
        }
        "elasticfilesystem:accessedviamounttarget" => {
            is_true(values).then_some(())?;
            says(Exposes::OwnAccount, "lets in whoever mounts it inside the network".to_owned())
        }
        "aws:sourceip" => {
            (addresses(values)? <= WIDEST).then_some(())?;
            says(Exposes::External, format!("lets in everybody who comes from {}", first(values)))
        }
        "aws:principalisawsservice" => {
            is_true(values).then_some(())?;
            says(Exposes::Service, "lets in AWS services only".to_owned())
        }
        "aws:principalservicename" => says(Exposes::Service, format!("lets in {}", first(values))),
        _ => None,
    }
}

fn is_true(values: &[String]) -> bool {
    values.iter().all(|value| value.eq_ignore_ascii_case("true"))
}

fn organisations(values: &[String], key: &str, own: Own<'_>) -> Option<Fence> {
    // `o-…` or `o-…/r-…/ou-…`
    let ids: Vec<&str> = values.iter().map(|value| value.split('/').next().unwrap_or(value)).collect();
    ids.iter().all(|id| !id.contains(['*', '?'])).then_some(())?;
    let level =
        widest(ids.iter().map(|id| if id.starts_with("${") { Exposes::Org } else { own.organisation(id) }))?;
    let whose = if level == Exposes::Org { "" } else { " that is not one's own" };
    Some(Fence {
        level,
        to: ids.iter().take(MOST_NAMED).map(|id| short(id)).collect(),
        because: format!("lets in an organisation{whose} only ({key} {})", first(values)),
        holds_for_named: ids.iter().all(|id| id.starts_with("${") || own.knows_organisation(id)),
    })
}

/// A bare account id, or the resource's own.
fn id_or_own(value: &str) -> Option<&str> {
    if value.starts_with("${") { Some(value) } else { account_of(value).filter(|account| *account == value) }
}

/// A fence around accounts is as wide as the widest of them; one that is not named is no fence.
fn accounts<'a>(accounts: impl Iterator<Item = Option<&'a str>>, key: &str, own: Own<'_>) -> Option<Fence> {
    let mut level = Exposes::None;
    let mut named: Vec<String> = Vec::new();
    for account in accounts {
        let account = account?;
        let is_own = account.starts_with("${");
        if !is_own && !is_account_id(account) {
            return None;
        }
        let one = if is_own { Exposes::OwnAccount } else { own.level(account) };
        if one.width() > level.width() {
            level = one;
        }
        if named.len() < MOST_NAMED && !named.iter().any(|known| known == account) {
            named.push(account.to_owned());
        }
    }
    let because = match level {
        Exposes::None => return None,
        Exposes::External => format!("lets in account {}, which is not this one ({key})", named.join(", ")),
        _ => format!("lets in account {} only ({key})", named.join(", ")),
    };
    Some(Fence { level, to: named, because, holds_for_named: true })
}

/// Twelve digits.
pub(super) fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// More addresses than this are no narrowing: a /8.
const WIDEST: f64 = 16_777_216.0;

/// How many IPv4 addresses these networks hold together; of IPv6, where a /64 is one network, so many
/// networks. `None` where one can't be read.
fn addresses(values: &[String]) -> Option<f64> {
    values
        .iter()
        .map(|value| {
            let network: IpNet =
                value.parse().ok().or_else(|| value.parse::<IpAddr>().ok().map(IpNet::from))?;
            let free = match network {
                IpNet::V4(network) => 32 - network.prefix_len(),
                IpNet::V6(network) => 64_u8.saturating_sub(network.prefix_len()),
            };
            Some(f64::from(free).exp2())
        })
        .sum()
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
