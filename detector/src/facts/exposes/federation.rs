//! People and programs of an identity provider: whose they are depends on the conditions on subject
//! and audience, which whoever writes the policy chooses.

use super::account::account_of;
use super::restriction::{lets_through, narrowed_to, passed_without};
use super::{Exposed, Exposes, HomeAccount, short};
use crate::aws::service_of;
use crate::policy::{Condition, Statement};

/// Issuers that everybody can get a token from: only the subject tells whose it is.
const SHARED_ISSUERS: [&str; 7] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "api.bitbucket.org",
    "agent.buildkite.com",
    "oidc.vercel.com",
];
/// Providers whose audience is an application or pool of whoever made it.
const BY_AUDIENCE: [&str; 3] = ["accounts.google.com", "graph.facebook.com", "www.amazon.com"];

/// Returns whether a provider is a Cognito identity pool. `GovCloud`'s have names of their own:
/// `cognito-identity-us-gov.amazonaws.com`, `cognito-identity.us-gov-east-1.amazonaws.com`.
fn is_cognito(name: &str) -> bool {
    service_of(name).is_some_and(|service| {
        service
            .strip_prefix("cognito-identity")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
    })
}

/// Returns the people and programs that a federated principal lets in.
pub(super) fn federated(provider: &str, statement: &Statement, own: HomeAccount<'_>) -> Exposed {
    let name = provider.rsplit_once("-provider/").map_or(provider, |(_, name)| name);
    let shown = short(name);
    let conditions = &statement.conditions;
    let is_of = |issuers: &[&str]| {
        issuers.iter().any(|issuer| {
            name.eq_ignore_ascii_case(issuer) || name.to_ascii_lowercase().starts_with(&format!("{issuer}/"))
        })
    };
    let is_cognito = is_cognito(name);
    if is_cognito && guests_pass(name, conditions) {
        return Exposed::everybody("allows unauthenticated Cognito users");
    }
    let by = |endings: &[&str]| {
        let endings: Vec<String> = endings.iter().map(|ending| format!(":{ending}")).collect();
        narrowed_to(conditions, move |key| endings.iter().any(|ending| key.ends_with(ending.as_str())))
            .collect::<Vec<_>>()
    };
    let (subjects, audiences) = (by(&["sub", "subject", "namequalifier"]), by(&["aud", "app_id", "iss"]));
    let narrowing = if is_of(&SHARED_ISSUERS) {
        let owned = subjects.into_iter().filter(|of| of.values.iter().all(|value| names_an_owner(value)));
        let claims = narrowed_to(conditions, |key| CLAIMS.iter().any(|claim| key.ends_with(claim)));
        owned.chain(claims.filter(|of| of.values.iter().all(|value| begins_with_an_owner(value)))).collect()
    } else if is_cognito || is_of(&BY_AUDIENCE) {
        audiences
    } else {
        [subjects, audiences].concat()
    };
    if narrowing.is_empty() {
        return if provider.contains(":saml-provider/") {
            let because = format!(
                "allows every identity of SAML provider {shown}: no condition on subject or audience"
            );
            Exposed::one(Exposes::External, name, because)
        } else {
            let why = match passed_without(conditions, |key| key.ends_with(":sub") || key.ends_with(":aud")) {
                Some(condition) => format!(
                    "tokens without {} pass its condition ({})",
                    short(&condition.key),
                    short(&condition.operator)
                ),
                None if conditions.is_empty() => "no conditions".to_owned(),
                None => "no condition on the token's owner".to_owned(),
            };
            let because = format!("allows every token of {shown}: {why}");
            Exposed::one(Exposes::Public, name, because)
        };
    }
    let whose = narrowing
        .first()
        .and_then(|condition| condition.values.first())
        .map_or_else(String::new, |value| short(value));
    match account_of(provider) {
        Some(account) if own.level(account) != Exposes::OwnAccount => {
            let exposed = Exposed::account(account, own);
            Exposed {
                because: format!("allows identities of {shown}, a provider in account {account}"),
                ..exposed
            }
        }
        _ if (is_cognito || is_of(&SHARED_ISSUERS) || is_of(&BY_AUDIENCE))
            && !own.knows_identities(&narrowing) =>
        {
            Exposed::one(
                Exposes::External,
                &whose,
                format!("allows {whose} of {shown}, not in your list of identities"),
            )
        }
        _ => Exposed::one(Exposes::OwnAccount, name, format!("allows {whose} of {shown}")),
    }
}

/// True where Cognito users who have not signed in are let in: they are, unless a condition asks otherwise.
fn guests_pass(provider: &str, conditions: &[Condition]) -> bool {
    let of_provider =
        |key: &str| key.strip_suffix(":amr").is_some_and(|of| of.eq_ignore_ascii_case(provider));
    let mut asked = narrowed_to(conditions, of_provider).peekable();
    asked.peek().is_none() || asked.any(|condition| lets_through(condition, "unauthenticated"))
}

/// GitHub's claims that say whose repository it is, beside the subject.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html>
const CLAIMS: [&str; 5] =
    [":repository", ":repository_id", ":repository_owner", ":repository_owner_id", ":job_workflow_ref"];

/// True for `OWNER`, `OWNER/…` and an id: no wildcard is before or in the owner.
fn begins_with_an_owner(claim: &str) -> bool {
    let owner = claim.split('/').next().unwrap_or_default();
    !owner.is_empty() && !owner.contains(['*', '?', '$'])
}

/// `repo:OWNER/…`, `project_path:GROUP/…`, `organization:NAME:…`: the owner is there, without wildcard.
fn names_an_owner(subject: &str) -> bool {
    let literal = subject.split(['*', '?']).next().unwrap_or_default();
    let Some((_, owner)) = literal.split_once(':') else {
        // A subject of another form: only a whole one names somebody.
        return literal == subject && !subject.is_empty();
    };
    literal == subject || owner.find(['/', ':']).is_some_and(|at| at > 0)
}
