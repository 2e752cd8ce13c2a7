//! Policies that lock a resource for everybody but whoever writes them: a Deny of all that a service can do with it
//! which spares only the caller, or a key's policy that names the caller alone. That is how data is held for
//! ransom without a copy.

use super::account::is_unique_id;
use crate::policy::{Condition, Document, Effect, Listed, Principal, Statement};

/// Identities that such a policy spares: the caller, and perhaps a helper.
const MOST_SPARED: usize = 3;

/// Returns whether a policy leaves a resource to its author alone. `ids` are the author's ARNs and unique ids.
pub(super) fn locks_out(document: &Document, service: &str, ids: &[&str]) -> bool {
    let denies = document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
    denies.into_iter().any(|statement| denies_all_but(statement, ids))
        || (service == "kms" && names_only(document, ids))
}

fn denies_all_but(statement: &Statement, ids: &[&str]) -> bool {
    let everything = |action: &String| {
        action.split_once(':').map_or(action.as_str(), |(_, what)| what).trim_matches('*').is_empty()
    };
    let of_everything = matches!(&statement.actions, Listed::Only(actions) if actions.iter().any(everything));
    let mut spared: Vec<&str> = match &statement.principals {
        Listed::Only(principals) if principals.contains(&Principal::Everyone) => Vec::new(),
        Listed::Except(principals) => principals.iter().filter_map(name).collect(),
        _ => return false,
    };
    if !of_everything || !statement.conditions.iter().all(spares_identities) {
        return false;
    }
    spared.extend(statement.conditions.iter().flat_map(|condition| &condition.values).map(String::as_str));
    spared.is_empty() || (spared.len() <= MOST_SPARED && spared.iter().any(|one| is_author(one, ids)))
}

/// True for `ArnNotEquals {"aws:PrincipalArn": …}` and the like.
fn spares_identities(condition: &Condition) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    let negative = ["stringnotequals", "stringnotlike", "arnnotequals", "arnnotlike"];
    matches!(condition.key.as_str(), "aws:principalarn" | "aws:userid")
        && negative.iter().any(|one| operator.starts_with(one))
}

/// A key that no statement gives to the account, or to anybody but its author.
fn names_only(document: &Document, ids: &[&str]) -> bool {
    let mut named = document.allows().map(|(_, statement)| match &statement.principals {
        Listed::Only(principals) => {
            !principals.is_empty()
                && principals.iter().all(|one| name(one).is_some_and(|name| is_author(name, ids)))
        }
        _ => false,
    });
    document.allows().next().is_some() && named.all(|only| only)
}

fn name(principal: &Principal) -> Option<&str> {
    match principal {
        Principal::Aws(name) => Some(name),
        _ => None,
    }
}

/// `AROAEXAMPLE:*` names a role's sessions by its unique id.
fn is_author(name: &str, ids: &[&str]) -> bool {
    let id = name.split(':').next().filter(|id| is_unique_id(id)).unwrap_or(name);
    ids.contains(&id) || ids.contains(&name)
}
