//! Principals that a policy document lets in: each principal of each statement that allows, as far as the
//! statement's conditions let it through and no statement that denies shuts it out.

use std::collections::HashSet;

use super::account::{account_of, is_unique_id};
use super::closing::Closings;
use super::federation::federated;
use super::restriction::{Restriction, Restrictions, passed_without};
use super::{Exposed, Exposes, HomeAccount, short};
use crate::aws::{Arn, accounts};
use crate::policy::{Document, Listed, Principal, Statement};

/// Returns the principals that a role's trust policy or a resource's policy lets in.
pub(super) fn exposed(document: &Document, own: HomeAccount<'_>, of_trust: bool) -> Exposed {
    let mut seen = HashSet::new();
    let closings = Closings::of(document, own);
    let found = Exposed::widest(
        document.allows().flat_map(|(_, statement)| statement_exposes(statement, &closings, own, &mut seen)),
    );
    let what = if of_trust { "trust policy" } else { "policy" };
    Exposed { because: format!("{what} {}", found.because), ..found }
}

/// True where a statement that allows names one of these ids.
pub(super) fn names(document: &Document, ids: &[&str]) -> bool {
    let named =
        |principal: &Principal| matches!(principal, Principal::Aws(name) if ids.contains(&name.as_str()));
    document.allows().any(|(_, statement)| match &statement.principals {
        Listed::Only(principals) => principals.iter().any(named),
        _ => false,
    })
}

/// Identity providers of one statement that are looked at.
const MOST_PROVIDERS: usize = 64;

/// A policy that repeats itself thousands of times must not cost thousands of times.
fn statement_exposes<'a>(
    statement: &'a Statement,
    closings: &Closings<'_>,
    own: HomeAccount<'_>,
    seen: &mut HashSet<(&'a Principal, bool)>,
) -> Vec<Exposed> {
    let mut restrictions = Restrictions::of(&statement.conditions, own);
    closings.add_to(&mut restrictions, statement);
    let sends_only = sends_only(statement);
    let marked = |exposed: Exposed| Exposed { sends_only, ..exposed };
    match &statement.principals {
        Listed::Unstated => Vec::new(),
        Listed::Except(_) => {
            let everybody = Exposed::everybody("allows everyone except those listed (NotPrincipal)");
            vec![marked(fenced(everybody, &restrictions))]
        }
        Listed::Only(principals) => {
            let free = statement.conditions.is_empty() && closings.is_empty();
            let mut of_statement = HashSet::new();
            // A trust policy has room for a few providers; hundreds are there to wear out whoever reads them.
            let providers = principals.iter().filter(|one| matches!(one, Principal::Federated(_))).count();
            if providers > MOST_PROVIDERS {
                return vec![Exposed::everybody("has too many identity providers to evaluate")];
            }
            principals
                .iter()
                // Without conditions the same principal says the same in every statement.
                .filter(|one| of_statement.insert(*one) && (!free || seen.insert((*one, sends_only))))
                .map(|one| marked(principal(one, statement, &restrictions, own)))
                .collect()
        }
    }
}

/// Actions that put something in and read nothing.
const SENDS: [&str; 6] = [
    "sqs:SendMessage",
    "sqs:SendMessageBatch",
    "sqs:SendMessage*",
    "sqs:Send*",
    "sns:Publish",
    "events:PutEvents",
];

fn sends_only(statement: &Statement) -> bool {
    let sends = |action: &String| SENDS.iter().any(|known| known.eq_ignore_ascii_case(action));
    matches!(&statement.actions, Listed::Only(actions) if !actions.is_empty() && actions.iter().all(sends))
}

fn principal(
    principal: &Principal,
    statement: &Statement,
    restrictions: &Restrictions,
    own: HomeAccount<'_>,
) -> Exposed {
    match principal {
        Principal::Everyone => fenced(Exposed::everybody(&everybody_because(statement)), restrictions),
        Principal::Service(name) => {
            Exposed::one(Exposes::Service, name, format!("allows service {}", short(name)))
        }
        Principal::Canonical(id) if accounts::CLOUDFRONT_LOGS.contains(&id.as_str()) => {
            Exposed::one(Exposes::Service, id, "allows CloudFront log delivery")
        }
        Principal::Canonical(id) => Exposed::one(
            Exposes::External,
            id,
            format!("allows canonical user {} of an unknown account", short(id)),
        ),
        Principal::Aws(name) => {
            fenced(log_delivery(name, statement).unwrap_or_else(|| aws(name, own)), restrictions)
        }
        Principal::Federated(provider) => federated(provider, statement, own),
    }
}

/// Actions with which a service writes its logs into a bucket.
const DELIVERS: [&str; 5] =
    ["s3:PutObject", "s3:PutObjectAcl", "s3:GetBucketAcl", "s3:GetBucketPolicy", "s3:GetBucketLocation"];

/// Returns an account of AWS's own that may do no more than write logs. With any other action it counts as
/// anybody's: to read, or to take a role, is nothing that it needs.
fn log_delivery(name: &str, statement: &Statement) -> Option<Exposed> {
    let account = account_of(name)?;
    let purpose = accounts::purpose(account)?;
    let delivers = |action: &String| DELIVERS.iter().any(|known| known.eq_ignore_ascii_case(action));
    matches!(&statement.actions, Listed::Only(actions) if !actions.is_empty() && actions.iter().all(delivers))
        .then(|| {
            let because = format!("allows AWS-owned account {account} ({purpose})");
            Exposed::one(Exposes::Service, account, because)
        })
}

fn aws(name: &str, own: HomeAccount<'_>) -> Exposed {
    match account_of(name) {
        Some(account) => {
            let exposed = Exposed::account(account, own);
            if exposed.level == Exposes::External && name != account {
                let because = format!("allows {} in external account {account}", who(name));
                return Exposed { because, ..exposed };
            }
            exposed
        }
        None if Arn::parse(name).is_some_and(|arn| arn.service == "iam" && arn.account == "cloudfront") => {
            Exposed::one(Exposes::Service, "CloudFront", "allows CloudFront")
        }
        None if name.contains(['*', '?']) => {
            Exposed::everybody("allows any account: the principal's account is a wildcard")
        }
        // AWS takes the id of a live user or role of any account, and writes its ARN in its place.
        None if is_unique_id(name) => Exposed::one(
            Exposes::External,
            name,
            format!("allows principal ID {} of an unknown account", short(name)),
        ),
        None => Exposed::one(Exposes::Unknown, name, format!("allows {} (account unknown)", short(name))),
    }
}

fn who(arn: &str) -> String {
    match Arn::parse(arn).map(|arn| arn.resource) {
        Some("root") | None => "any principal".to_owned(),
        Some(path) => short(path),
    }
}

/// Says why everybody is let in, and of a condition that shuts out nobody, why not.
fn everybody_because(statement: &Statement) -> String {
    match passed_without(&statement.conditions, |_| true) {
        Some(condition) => format!(
            "allows everyone: requests without {} pass its condition ({})",
            short(&condition.key),
            short(&condition.operator)
        ),
        None if statement.conditions.is_empty() => {
            "allows everyone: Principal * without conditions".to_owned()
        }
        None => "allows everyone: Principal *, and its conditions do not restrict the principal".to_owned(),
    }
}

fn fenced(exposed: Exposed, restrictions: &Restrictions) -> Exposed {
    let restriction =
        if exposed.level == Exposes::Public { &restrictions.everybody } else { &restrictions.named };
    match restriction {
        Some(Restriction { level, to, because, .. }) if level.width() < exposed.level.width() => {
            Exposed { level: *level, to: to.clone(), because: because.clone(), ..exposed }
        }
        _ => exposed,
    }
}
