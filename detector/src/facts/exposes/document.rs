//! Whom a document lets in: each principal of each statement that allows, as far as the statement's
//! conditions let it through.

use super::fence::{self, Fence};
use super::{Exposed, Exposes, Own, short};
use crate::policy::{Document, Listed, Principal, Statement};

/// Whom a role's trust or a resource's policy lets in.
pub(super) fn exposed(document: &Document, own: Own<'_>, of_trust: bool) -> Exposed {
    let found =
        Exposed::widest(document.allows().flat_map(|(_, statement)| statement_exposes(statement, own)));
    let what = if of_trust { "trust policy" } else { "policy" };
    Exposed { because: format!("{what} {}", found.because), ..found }
}

fn statement_exposes(statement: &Statement, own: Own<'_>) -> Vec<Exposed> {
    match &statement.principals {
        Listed::Unsaid => Vec::new(),
        Listed::Except(_) => vec![fenced(
            Exposed::everybody("lets in everybody but those named (NotPrincipal)"),
            statement,
            own,
        )],
        Listed::Only(principals) => principals.iter().map(|one| principal(one, statement, own)).collect(),
    }
}

fn principal(principal: &Principal, statement: &Statement, own: Own<'_>) -> Exposed {
    match principal {
        Principal::Everyone => fenced(
            Exposed::everybody("lets in everybody: Principal * without a condition that narrows it"),
            statement,
            own,
        ),
        Principal::Service(name) => {
            Exposed::one(Exposes::Service, name, format!("lets in the service {}", short(name)))
        }
        Principal::Canonical(id) => Exposed::one(
            Exposes::External,
            id,
            format!("lets in the canonical user {}, of an account not named", short(id)),
        ),
        Principal::Aws(name) => fenced(aws(name, own), statement, own),
        Principal::Federated(provider) => federated(provider, statement, own),
    }
}

fn aws(name: &str, own: Own<'_>) -> Exposed {
    let account = account_of(name);
    match account {
        Some("cloudfront") => {
            Exposed::one(Exposes::Service, "cloudfront.amazonaws.com", "lets in CloudFront")
        }
        Some(account) if account.contains(['*', '?']) => {
            Exposed::everybody("lets in every account: the principal has a wildcard where the account is")
        }
        Some(account) => {
            let exposed = Exposed::account(account, own);
            if exposed.level == Exposes::External && name != account {
                let because = format!("lets in {} of account {account}, which is not this one", who(name));
                return Exposed { because, ..exposed };
            }
            exposed
        }
        // The id of a user or role that is gone: nobody can be it any more.
        None if is_unique_id(name) => {
            Exposed::one(Exposes::OwnAccount, name, format!("names {}, which is gone", short(name)))
        }
        None => {
            Exposed::one(Exposes::Unknown, name, format!("lets in {}, which names no account", short(name)))
        }
    }
}

fn who(arn: &str) -> String {
    match arn.splitn(6, ':').nth(5) {
        Some("root") | None => "everybody".to_owned(),
        Some(path) => short(path),
    }
}

/// The account of a bare id or an ARN.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(name);
    }
    name.strip_prefix("arn:")?.split(':').nth(3).filter(|account| !account.is_empty())
}

/// IAM's unique ids: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn is_unique_id(name: &str) -> bool {
    ["AROA", "AIDA", "AGPA"].iter().any(|prefix| name.starts_with(prefix))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn fenced(exposed: Exposed, statement: &Statement, own: Own<'_>) -> Exposed {
    let narrowest =
        fence::fences(&statement.conditions, own).into_iter().min_by_key(|fence| fence.level.width());
    match narrowest {
        Some(Fence { level, to, because }) if level.width() < exposed.level.width() => {
            Exposed { level, to, because }
        }
        _ => exposed,
    }
}

/// Issuers that everybody can get a token from: only the subject tells whose it is.
const SHARED_ISSUERS: [&str; 8] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "api.bitbucket.org",
    "agent.buildkite.com",
    "accounts.google.com",
    "oidc.vercel.com",
];

/// An identity provider: whose people come in depends on the conditions on subject and audience.
fn federated(provider: &str, statement: &Statement, own: Own<'_>) -> Exposed {
    let name = provider.rsplit_once("-provider/").map_or(provider, |(_, name)| name);
    let saml = provider.contains(":saml-provider/");
    let narrowed_by = |part: &str| fence::narrows(&statement.conditions, |key| key.ends_with(part));
    let subject = narrowed_by(":sub") || narrowed_by(":subject") || narrowed_by(":namequalifier");
    let audience = narrowed_by(":aud") || narrowed_by(":app_id") || narrowed_by(":iss");
    let shown = short(name);
    if fence::asks(&statement.conditions, "cognito-identity.amazonaws.com:amr", "unauthenticated") {
        return Exposed::everybody("lets in unauthenticated identities of Cognito");
    }
    let shared = SHARED_ISSUERS
        .iter()
        .any(|issuer| name.eq_ignore_ascii_case(issuer) || name.starts_with(&format!("{issuer}/")));
    // Google's audience is one's own application; the others' is the same for all.
    let enough = subject || (audience && (!shared || name.starts_with("accounts.google.com")));
    if !enough {
        return if saml {
            Exposed::one(
                Exposes::External,
                name,
                format!(
                    "lets in everybody whom the SAML provider {shown} vouches for: no condition on subject or audience"
                ),
            )
        } else {
            Exposed::one(
                Exposes::Public,
                name,
                format!("lets in everybody with a token of {shown}: no condition on the subject"),
            )
        };
    }
    match account_of(provider) {
        Some(account) if own.level(account) != Exposes::OwnAccount => {
            let exposed = Exposed::account(account, own);
            Exposed {
                because: format!("lets in people of {shown}, a provider of account {account}"),
                ..exposed
            }
        }
        _ => Exposed::one(
            Exposes::OwnAccount,
            name,
            format!("lets in people of {shown}, narrowed by a condition"),
        ),
    }
}
