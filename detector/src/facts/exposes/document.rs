//! Whom a document lets in: each principal of each statement that allows, as far as the statement's
//! conditions let it through.

use std::collections::HashSet;

use super::federation::federated;
use super::fence::{Fence, Fences, is_account_id};
use super::{Exposed, Exposes, Own, short};
use crate::policy::{Document, Listed, Principal, Statement};

/// Whom a role's trust or a resource's policy lets in.
pub(super) fn exposed(document: &Document, own: Own<'_>, of_trust: bool) -> Exposed {
    let mut seen = HashSet::new();
    let found = Exposed::widest(
        document.allows().flat_map(|(_, statement)| statement_exposes(statement, own, &mut seen)),
    );
    let what = if of_trust { "trust policy" } else { "policy" };
    Exposed { because: format!("{what} {}", found.because), ..found }
}

/// Whether a statement that allows names one of these.
pub(super) fn names(document: &Document, ids: &[&str]) -> bool {
    let named =
        |principal: &Principal| matches!(principal, Principal::Aws(name) if ids.contains(&name.as_str()));
    document.allows().any(|(_, statement)| match &statement.principals {
        Listed::Only(principals) => principals.iter().any(named),
        _ => false,
    })
}

/// A policy that repeats itself thousands of times must not cost thousands of times.
fn statement_exposes<'a>(
    statement: &'a Statement,
    own: Own<'_>,
    seen: &mut HashSet<&'a Principal>,
) -> Vec<Exposed> {
    let fences = Fences::of(&statement.conditions, own);
    match &statement.principals {
        Listed::Unsaid => Vec::new(),
        Listed::Except(_) => {
            vec![fenced(Exposed::everybody("lets in everybody but those named (NotPrincipal)"), &fences)]
        }
        Listed::Only(principals) => {
            let free = statement.conditions.is_empty();
            let mut of_statement = HashSet::new();
            principals
                .iter()
                // Without conditions the same principal says the same in every statement.
                .filter(|one| of_statement.insert(*one) && (!free || seen.insert(*one)))
                .map(|one| principal(one, statement, &fences, own))
                .collect()
        }
    }
}

fn principal(principal: &Principal, statement: &Statement, fences: &Fences, own: Own<'_>) -> Exposed {
    match principal {
        Principal::Everyone => fenced(
            Exposed::everybody("lets in everybody: Principal * without a condition that narrows it"),
            fences,
        ),
        Principal::Service(name) => {
            Exposed::one(Exposes::Service, name, format!("lets in the service {}", short(name)))
        }
        Principal::Canonical(id) => Exposed::one(
            Exposes::External,
            id,
            format!("lets in the canonical user {}, of an account not named", short(id)),
        ),
        Principal::Aws(name) => fenced(aws(name, own), fences),
        Principal::Federated(provider) => federated(provider, statement, own),
    }
}

fn aws(name: &str, own: Own<'_>) -> Exposed {
    match account_of(name) {
        Some(account) => {
            let exposed = Exposed::account(account, own);
            if exposed.level == Exposes::External && name != account {
                let because = format!("lets in {} of account {account}, which is not this one", who(name));
                return Exposed { because, ..exposed };
            }
            exposed
        }
        None if name.starts_with("arn:aws:iam::cloudfront:") => {
            Exposed::one(Exposes::Service, "cloudfront.amazonaws.com", "lets in CloudFront")
        }
        None if name.contains(['*', '?']) => {
            Exposed::everybody("lets in every account: the principal has a wildcard where the account is")
        }
        // AWS takes the id of a live user or role of any account, and writes its ARN in its place.
        None if is_unique_id(name) => Exposed::one(
            Exposes::External,
            name,
            format!("lets in {}, an id that does not say of which account", short(name)),
        ),
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

/// The account of a bare id or an ARN: twelve digits, with no wildcard before or in it, since `*`
/// crosses colons.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if is_account_id(name) {
        return Some(name);
    }
    let mut parts = name.splitn(6, ':');
    let before = parts.by_ref().take(4).collect::<Vec<_>>();
    let account = parts.next()?;
    let is_arn = before.first() == Some(&"arn")
        && before.len() == 4
        && !before.iter().any(|part| part.contains(['*', '?']));
    (is_arn && is_account_id(account)).then_some(account)
}

/// IAM's unique ids: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn is_unique_id(name: &str) -> bool {
    ["AROA", "AIDA", "AGPA"].iter().any(|prefix| name.starts_with(prefix))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn fenced(exposed: Exposed, fences: &Fences) -> Exposed {
    let fence = if exposed.level == Exposes::Public { &fences.everybody } else { &fences.named };
    match fence {
        Some(Fence { level, to, because, .. }) if level.width() < exposed.level.width() => {
            Exposed { level: *level, to: to.clone(), because: because.clone(), ..exposed }
        }
        _ => exposed,
    }
}
