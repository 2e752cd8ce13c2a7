//! Conditions that narrow whom a statement lets in. A restriction counts only where it can't be passed
//! by leaving the key out, and where its value is neither a wildcard nor a variable: whoever writes a
//! policy writes its conditions too, and `aws:PrincipalAccount` equal to `${aws:PrincipalAccount}`
//! lets in everybody.
//!
//! Of the global keys, those of accounts, organisations, networks, services and principals narrow who
//! comes in. Tags, user names, times, regions, MFA and TLS do not: anybody can have them in an account
//! of their own. `sts:ExternalId` is no restriction either: it is a secret between the two, and shuts out
//! nobody who is named.
//!
//! Keys: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

use std::net::IpAddr;

use ipnet::IpNet;

use super::account::{account_of, is_unique_id};
use super::{Exposes, HomeAccount, MOST_NAMED, short};
use crate::aws::{Arn, is_account_id, is_partition};
use crate::pattern::Pattern;
use crate::policy::Condition;

/// Narrowing of a statement by one of its conditions: the principals that are still let in.
#[derive(Debug, Clone)]
pub(super) struct Restriction {
    pub(super) level: Exposes,
    pub(super) to: Vec<String>,
    pub(super) because: String,
    /// True where the condition also shuts out an external account that is named as principal. An
    /// organisation that nobody has listed as one's own does not shut it out: it may be that account's
    /// organisation.
    pub(super) holds_for_named: bool,
}

/// The narrowest restriction among the conditions of a statement, for everybody and for those named.
#[derive(Debug, Default)]
pub(super) struct Restrictions {
    pub(super) everybody: Option<Restriction>,
    pub(super) named: Option<Restriction>,
}

impl Restrictions {
    pub(super) fn of(conditions: &[Condition], own: HomeAccount<'_>) -> Self {
        let mut restrictions = Self::default();
        let conditions = looked_at(conditions);
        for condition in conditions.iter().filter(|of| holds_out(of, conditions)) {
            if let Some(restriction) = restriction(condition, own) {
                restrictions.add(restriction);
            }
        }
        restrictions
    }

    /// Takes up one more restriction that holds beside these.
    pub(super) fn add(&mut self, restriction: Restriction) {
        let narrower = |than: &Option<Restriction>| {
            than.as_ref().is_none_or(|than| restriction.level.width() < than.level.width())
        };
        if restriction.holds_for_named && narrower(&self.named) {
            self.named = Some(restriction.clone());
        }
        if narrower(&self.everybody) {
            self.everybody = Some(restriction);
        }
    }
}

/// Conditions of one statement that are looked at. What is beyond narrows nothing, so nothing is told too low,
/// and a statement of thousands costs no more.
const MOST_CONDITIONS: usize = 128;

fn looked_at(conditions: &[Condition]) -> &[Condition] {
    conditions.get(..MOST_CONDITIONS).unwrap_or(conditions)
}

/// The conditions on such a key that narrow: positive, and no bare wildcard.
pub(super) fn narrowed_to(
    conditions: &[Condition],
    key: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &Condition> {
    let conditions = looked_at(conditions);
    conditions.iter().filter(move |condition| key(&condition.key) && holds_out(condition, conditions))
}

/// True where one of a narrowing condition's values is this one.
pub(super) fn lets_through(condition: &Condition, value: &str) -> bool {
    condition.values.iter().any(|pattern| Pattern::wildcard(pattern).matches(value))
}

/// The first condition on such a key that a request without the key passes, so that it shuts out nobody.
pub(super) fn passed_without(conditions: &[Condition], key: impl Fn(&str) -> bool) -> Option<&Condition> {
    let conditions = looked_at(conditions);
    conditions.iter().find(|of| key(&of.key) && is_optional(of) && !must_be_there(&of.key, conditions))
}

/// Operators that are true for a request without the key.
fn is_optional(condition: &Condition) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    operator.ends_with("ifexists") || operator.starts_with("forallvalues:")
}

/// True where another condition of the statement asks for the key to be there: `"Null": {key: "false"}`.
fn must_be_there(key: &str, conditions: &[Condition]) -> bool {
    conditions.iter().any(|other| {
        other.key == key
            && other.operator.eq_ignore_ascii_case("null")
            && !other.values.is_empty()
            && other.values.iter().all(|value| value.eq_ignore_ascii_case("false"))
    })
}

/// The operator without its set and its `IfExists`, in lower case.
fn comparison(condition: &Condition) -> String {
    let operator = condition.operator.to_ascii_lowercase();
    let operator = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let set = ["foranyvalue:", "forallvalues:"].iter().find_map(|set| operator.strip_prefix(set));
    set.unwrap_or(operator).to_owned()
}

/// Operators that are false where the key is absent or the value another.
fn is_positive(condition: &Condition, beside: &[Condition]) -> bool {
    (!is_optional(condition) || must_be_there(&condition.key, beside))
        && matches!(
            comparison(condition).as_str(),
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

/// True where no value is a bare wildcard, or a variable that the caller fills in.
pub(super) fn means_something(condition: &Condition) -> bool {
    let means_something = |value: &String| {
        let mirrored =
            condition.key == "aws:resourceorgid" && value.eq_ignore_ascii_case("${aws:PrincipalOrgID}");
        !value.trim_matches(['*', '?']).is_empty()
            && (!value.contains("${")
                || mirrored
                || OWN_VARIABLES.iter().any(|own| value.eq_ignore_ascii_case(own)))
    };
    !condition.values.is_empty() && condition.values.iter().all(means_something)
}

fn holds_out(condition: &Condition, beside: &[Condition]) -> bool {
    is_positive(condition, beside) && means_something(condition)
}

/// Keys whose ARNs AWS fills in, of things whose names hold no colon.
const AWS_MADE: [&str; 8] = [
    "aws:sourcearn",
    "aws:sourcevpcarn",
    "lambda:sourcefunctionarn",
    "ec2:sourceinstancearn",
    "ssm:sourceinstancearn",
    "codebuild:projectarn",
    "s3:dataaccesspointarn",
    "s3-outposts:dataaccesspointarn",
];

/// Reads what a condition narrows to, taken as positive; `None` where its key does not narrow who comes in,
/// or its values do not say to whom.
pub(super) fn restriction(condition: &Condition, own: HomeAccount<'_>) -> Option<Restriction> {
    let Condition { key, values, .. } = condition;
    // These compare the six parts of an ARN one by one, so that no wildcard crosses a colon.
    let by_parts = comparison(condition).starts_with("arn");
    // No name in these has a colon, so a region of `*` can't reach over the account.
    let made_by_aws = AWS_MADE.contains(&key.as_str());
    let account = |value: &'_ String| -> Option<String> {
        if made_by_aws && let Some(arn) = Arn::parse(value).filter(|arn| arn.region == "*") {
            let literal = is_partition(arn.partition) && !arn.service.contains(['*', '?']);
            return arn.account_id().filter(|_| literal).map(str::to_owned);
        }
        let account = if by_parts { Arn::parse(value).and_then(Arn::account_id) } else { account_of(value) };
        account.map(str::to_owned)
    };
    // The owner of a network is not the person who comes through it.
    let network = |restriction: Restriction| Restriction { holds_for_named: false, ..restriction };
    match key.as_str() {
        "aws:principalorgid" | "aws:principalorgpaths" | "aws:sourceorgid" | "aws:sourceorgpaths" => {
            organisations(values, key, own)
        }
        // The mirror of aws:PrincipalOrgID = ${aws:ResourceOrgID}.
        "aws:resourceorgid" => {
            values.iter().all(|value| value.eq_ignore_ascii_case("${aws:PrincipalOrgID}")).then_some(())?;
            Some(for_named_too(
                condition,
                Exposes::Org,
                "allows its own organization only (aws:resourceorgid)".to_owned(),
            ))
        }
        "aws:vpceorgid" | "aws:vpceorgpaths" => organisations(values, key, own).map(network),
        "aws:principalorgmasteraccountid" => {
            // The management account of one's own organisation is oneself, or trusted.
            let restriction = accounts(values.iter().map(account), key, own)?;
            Some(if restriction.level == Exposes::OwnAccount {
                Restriction { level: Exposes::Org, ..restriction }
            } else {
                restriction
            })
        }
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "kms:calleraccount"
        | "events:creatoraccount"
        | "s3:dataaccesspointaccount"
        | "s3express:dataaccesspointaccount"
        | "s3-outposts:dataaccesspointaccount" => {
            accounts(values.iter().map(|value| id_or_own(value)), key, own)
        }
        "aws:vpceaccount" | "vpc-lattice-svcs:sourcevpcowneraccount" => {
            accounts(values.iter().map(|value| id_or_own(value)), key, own).map(network)
        }
        "aws:principalarn"
        | "aws:federatedprovider"
        | "aws:signinsessionarn"
        | "aws:chatbotsourcearn"
        | "lambda:sourcefunctionarn"
        | "ec2:sourceinstancearn"
        | "ssm:sourceinstancearn"
        | "codebuild:buildarn"
        | "codebuild:projectarn"
        | "s3:dataaccesspointarn"
        | "s3express:dataaccesspointarn"
        | "s3-outposts:dataaccesspointarn" => accounts(values.iter().map(account), key, own),
        "aws:sourcevpcarn" => accounts(values.iter().map(account), key, own).map(network),
        "aws:sourcearn" => {
            if values.iter().all(|value| is_bucket(value, by_parts)) {
                // A bucket's ARN has no account; it is one bucket's notifications all the same.
                return Some(for_named_too(condition, Exposes::Service, format!("allows {}", first(values))));
            }
            accounts(values.iter().map(account), key, own)
        }
        "aws:userid" => user_ids(values, own),
        _ => network_or_service(condition),
    }
}

/// A restriction that also shuts out those who are named.
fn for_named_too(condition: &Condition, level: Exposes, because: String) -> Restriction {
    Restriction { level, to: values_of(condition), because, holds_for_named: true }
}

/// The values of a condition, as they are shown.
fn values_of(condition: &Condition) -> Vec<String> {
    condition.values.iter().take(MOST_NAMED).map(|value| short(value)).collect()
}

/// Reads a restriction to a network or to AWS services, which names no account; `None` for any other key.
fn network_or_service(condition: &Condition) -> Option<Restriction> {
    let Condition { key, values, .. } = condition;
    match key.as_str() {
        // A record does not say whose network it is; one that is named is narrow all the same.
        "aws:sourcevpc" | "aws:sourcevpce" | "aws:ec2instancesourcevpc" | "vpc-lattice-svcs:sourcevpc" => {
            values
                .iter()
                .all(|value| value.starts_with("vpc") && !value.contains(['*', '?']))
                .then_some(())?;
            let because = format!("allows requests from network {} ({key})", first(values));
            Some(Restriction {
                level: Exposes::Org,
                to: values_of(condition),
                because,
                holds_for_named: false,
            })
        }
        "elasticfilesystem:accessedviamounttarget" => {
            is_true(values).then_some(())?;
            Some(for_named_too(
                condition,
                Exposes::OwnAccount,
                "allows mounts inside the network only".to_owned(),
            ))
        }
        "aws:sourceip" => {
            (addresses(values)? <= WIDEST).then_some(())?;
            Some(for_named_too(
                condition,
                Exposes::External,
                format!("allows any request from {}", first(values)),
            ))
        }
        "aws:principalisawsservice" => {
            is_true(values).then_some(())?;
            Some(for_named_too(condition, Exposes::Service, "allows AWS services only".to_owned()))
        }
        "aws:principalservicename" | "aws:principalservicenameslist" => {
            Some(for_named_too(condition, Exposes::Service, format!("allows {}", first(values))))
        }
        _ => None,
    }
}

/// `arn:aws:s3:::NAME`. With the operators of ARNs a wildcard stays in its part, so `arn:aws:s3:*:*:NAME`
/// is one bucket too.
fn is_bucket(value: &str, by_parts: bool) -> bool {
    let free = |part: &str| part.is_empty() || (by_parts && part.trim_matches('*').is_empty());
    Arn::parse(value).is_some_and(|arn| {
        (is_partition(arn.partition) || (by_parts && arn.partition == "*"))
            && arn.service == "s3"
            && free(arn.region)
            && free(arn.account)
            && !arn.resource.is_empty()
            && !arn.resource.starts_with(['*', '?'])
    })
}

/// `ID:SESSION` of a role's session, `ID` of a user, `ACCOUNT:NAME` of a federated one, `ACCOUNT` of root:
/// the part that AWS gives must be written out. Of an id the record does not say whose it is: whom it lets in
/// is then not known.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable>
fn user_ids(values: &[String], own: HomeAccount<'_>) -> Option<Restriction> {
    let ids: Vec<&str> = values.iter().map(|value| value.split(':').next().unwrap_or(value)).collect();
    ids.iter().all(|id| is_unique_id(id) || is_account_id(id)).then_some(())?;
    let of_account = |id: &&str| if is_account_id(id) { own.level(id) } else { Exposes::Unknown };
    Some(Restriction {
        level: widest(ids.iter().map(of_account))?,
        to: ids.iter().take(MOST_NAMED).map(|id| short(id)).collect(),
        because: format!("allows identity {} only (aws:userid)", first(values)),
        holds_for_named: false,
    })
}

fn is_true(values: &[String]) -> bool {
    values.iter().all(|value| value.eq_ignore_ascii_case("true"))
}

fn organisations(values: &[String], key: &str, own: HomeAccount<'_>) -> Option<Restriction> {
    // `o-…` or `o-…/r-…/ou-…`
    let ids: Vec<&str> = values.iter().map(|value| value.split('/').next().unwrap_or(value)).collect();
    ids.iter().all(|id| !id.contains(['*', '?'])).then_some(())?;
    let level =
        widest(ids.iter().map(|id| if id.starts_with("${") { Exposes::Org } else { own.organisation(id) }))?;
    let whose = if level == Exposes::Org { "an" } else { "an external" };
    Some(Restriction {
        level,
        to: ids.iter().take(MOST_NAMED).map(|id| short(id)).collect(),
        because: format!("allows {whose} organization only ({key} {})", first(values)),
        holds_for_named: ids.iter().all(|id| id.starts_with("${") || own.knows_organisation(id)),
    })
}

/// A bare account id, or the resource's own.
fn id_or_own(value: &str) -> Option<String> {
    (value.starts_with("${") || is_account_id(value)).then(|| value.to_owned())
}

/// A restriction around accounts is as wide as the widest of them; one that is not named is no restriction.
fn accounts(
    accounts: impl Iterator<Item = Option<String>>,
    key: &str,
    own: HomeAccount<'_>,
) -> Option<Restriction> {
    let mut level = Exposes::None;
    let mut named: Vec<String> = Vec::new();
    for account in accounts {
        let account = account?;
        let is_own = account.starts_with("${");
        if !is_own && !is_account_id(&account) {
            return None;
        }
        let one = if is_own { Exposes::OwnAccount } else { own.level(&account) };
        if one.width() > level.width() {
            level = one;
        }
        if named.len() < MOST_NAMED && !named.contains(&account) {
            named.push(account);
        }
    }
    let because = match level {
        Exposes::None => return None,
        Exposes::External => format!("allows external account {} ({key})", named.join(", ")),
        _ => format!("allows account {} only ({key})", named.join(", ")),
    };
    Some(Restriction { level, to: named, because, holds_for_named: true })
}

/// More addresses than this are no narrowing: a /8.
const WIDEST: f64 = 16_777_216.0;

/// Returns the number of IPv4 addresses that these networks hold together. An IPv6 network counts as the
/// number of /64 networks in it. `None` where one of the networks can't be read.
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
