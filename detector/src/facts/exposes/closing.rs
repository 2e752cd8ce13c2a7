//! Statements that deny, as far as they shut out whom an allowing one lets in: `Deny` everybody who is not
//! of one organisation, account, network or service, on the same actions and resources.
//!
//! A statement that denies holds only where all of its conditions do, so each must be understood: those that
//! say "not of …" leave in whom they name, and one that spares AWS's services leaves those in. A statement with
//! one that is not understood, or that a request can pass by, closes nothing.

use super::restriction::{Restriction, Restrictions, means_something, restriction};
use super::{Exposes, HomeAccount, MOST_NAMED};
use crate::policy::{Condition, Document, Effect, Listed, Principal, Statement};

/// Denying statements, conditions and patterns in a list that are looked at: a policy that repeats itself thousands of
/// times must not cost thousands of times. What is beyond closes nothing, so nothing is told too low.
const MOST: usize = 32;

/// The statements of a document that close something.
pub(super) struct Closings<'a>(Vec<Closing<'a>>);

struct Closing<'a> {
    statement: &'a Statement,
    restriction: Restriction,
}

impl<'a> Closings<'a> {
    pub(super) fn of(document: &'a Document, own: HomeAccount<'_>) -> Self {
        let denying = document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let closing = |statement| Some(Closing { statement, restriction: left_in(statement, own)? });
        Self(denying.take(MOST).filter_map(closing).collect())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what these leave in of a statement that allows.
    pub(super) fn add_to(&self, restrictions: &mut Restrictions, allowing: &Statement) {
        for closing in self.0.iter().filter(|closing| covers(closing.statement, allowing)) {
            restrictions.add(closing.restriction.clone());
        }
    }
}

/// Returns whom a denying statement leaves in; `None` where it does not shut out everybody else. It denies where
/// all of its conditions hold, so whoever one of them spares is left in.
fn left_in(statement: &Statement, own: HomeAccount<'_>) -> Option<Restriction> {
    let Listed::Only(principals) = &statement.principals else { return None };
    principals.contains(&Principal::Everyone).then_some(())?;
    let spared: Vec<Restriction> = statement
        .conditions
        .iter()
        .take(MOST)
        .map(|condition| spared(condition, own))
        .collect::<Option<_>>()?;
    (statement.conditions.len() <= MOST).then_some(())?;
    let widest = spared.iter().max_by_key(|restriction| restriction.level.width())?;
    let mut to: Vec<String> = Vec::new();
    for name in spared.iter().flat_map(|restriction| &restriction.to) {
        if to.len() < MOST_NAMED && !to.contains(name) {
            to.push(name.clone());
        }
    }
    Some(Restriction {
        level: widest.level,
        to,
        because: format!("{} (a Deny excludes all others)", widest.because),
        holds_for_named: spared.iter().all(|restriction| restriction.holds_for_named),
    })
}

/// Returns whom a condition of a denying statement spares: it is true for everybody else, and for whoever lacks
/// the key. `aws:ViaAWSService` spares nobody in particular: any account can come through a service.
fn spared(condition: &Condition, own: HomeAccount<'_>) -> Option<Restriction> {
    let operator = condition.operator.to_ascii_lowercase();
    let negative = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let spares_services = condition.key == "aws:principalisawsservice"
        && negative == "bool"
        && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
    if spares_services {
        return Some(Restriction {
            level: Exposes::Service,
            to: Vec::new(),
            because: "allows AWS services only".to_owned(),
            holds_for_named: true,
        });
    }
    // "For all values" is true without any value, and so is its refusal; "for any value" is false then.
    let negative = negative.strip_prefix("forallvalues:").unwrap_or(negative);
    let positive = match negative {
        "stringnotequals" | "stringnotequalsignorecase" => "StringEquals",
        "stringnotlike" => "StringLike",
        "arnnotequals" | "arnnotlike" => "ArnLike",
        "notipaddress" => "IpAddress",
        _ => return None,
    };
    let twin = Condition { operator: positive.to_owned(), ..condition.clone() };
    means_something(&twin).then_some(())?;
    restriction(&twin, own)
}

/// True where a denying statement is about all that an allowing one allows.
fn covers(denying: &Statement, allowing: &Statement) -> bool {
    let actions = listed(&denying.actions, &allowing.actions, str::to_ascii_lowercase);
    // A policy without resources is about the one that it is on.
    let resources = match (&denying.resources, &allowing.resources) {
        (Listed::Unstated, _) => true,
        (denied, allowed) => listed(denied, allowed, str::to_owned),
    };
    actions && resources
}

/// True where each allowed pattern is one of the denied, or begins with one that ends in its only wildcard. Any
/// other pattern may stand for less than it seems to, so it covers nothing.
fn listed(denied: &Listed<String>, allowed: &Listed<String>, fold: fn(&str) -> String) -> bool {
    let everything = |pattern: &String| !pattern.is_empty() && pattern.trim_matches('*').is_empty();
    match (denied, allowed) {
        (Listed::Only(denied), _) if denied.iter().any(everything) => true,
        (Listed::Only(denied), Listed::Only(allowed)) if denied.len() <= MOST && allowed.len() <= MOST => {
            allowed
                .iter()
                .all(|allowed| denied.iter().any(|denied| covers_one(&fold(denied), &fold(allowed))))
        }
        _ => false,
    }
}

fn covers_one(denied: &str, allowed: &str) -> bool {
    let literal = |text: &str| !text.contains(['*', '?', '\\']) && !text.contains("${");
    let begins = denied.strip_suffix('*').is_some_and(|start| literal(start) && allowed.starts_with(start));
    denied == allowed || begins
}
