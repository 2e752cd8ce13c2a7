//! Statements that deny, as far as they shut out whom an allowing one lets in: `Deny` everybody who is not
//! of one organisation, account, network or service, on the same actions and resources.
//!
//! A statement that denies holds only where all of its conditions do, so each must be understood: those that
//! say "not of …" leave in whom they name, and one that spares AWS's services leaves those in. One that is not
//! understood, or that a request can pass by, closes nothing.

use super::fence::{Fence, Fences, fence, means_something};
use super::{Exposes, Own};
use crate::policy::{Condition, Document, Effect, Listed, Principal, Statement};
use crate::rules::sigma::Pattern;

/// Denying statements, and patterns in a list, that are looked at: a policy that repeats itself thousands of
/// times must not cost thousands of times. What is beyond closes nothing, so nothing is told too low.
const MOST: usize = 32;

/// The statements of a document that close something.
pub(super) struct Closings<'a>(Vec<Closing<'a>>);

struct Closing<'a> {
    statement: &'a Statement,
    fence: Fence,
}

impl<'a> Closings<'a> {
    pub(super) fn of(document: &'a Document, own: Own<'_>) -> Self {
        let denying = document.statements.iter().filter(|statement| statement.effect == Effect::Deny);
        let closing = |statement| Some(Closing { statement, fence: left_in(statement, own)? });
        Self(denying.take(MOST).filter_map(closing).collect())
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what these leave in of a statement that allows.
    pub(super) fn add_to(&self, fences: &mut Fences, allowing: &Statement) {
        for closing in self.0.iter().filter(|closing| covers(closing.statement, allowing)) {
            fences.add(closing.fence.clone());
        }
    }
}

/// Whom a denying statement leaves in; `None` where it does not shut out everybody else.
fn left_in(statement: &Statement, own: Own<'_>) -> Option<Fence> {
    let Listed::Only(principals) = &statement.principals else { return None };
    principals.contains(&Principal::Everyone).then_some(())?;
    let mut left: Option<Fence> = None;
    for condition in &statement.conditions {
        let fence = spared(condition, own)?;
        if left.as_ref().is_none_or(|left| fence.level.width() > left.level.width()) {
            left = Some(fence);
        }
    }
    let left = left?;
    Some(Fence { because: format!("{}, since a Deny shuts out the rest", left.because), ..left })
}

/// Whom a condition of a denying statement spares: it is true for everybody else, those without the key too.
fn spared(condition: &Condition, own: Own<'_>) -> Option<Fence> {
    let operator = condition.operator.to_ascii_lowercase();
    let negative = operator.strip_suffix("ifexists").unwrap_or(&operator);
    let spares_services = matches!(condition.key.as_str(), "aws:principalisawsservice" | "aws:viaawsservice")
        && negative == "bool"
        && condition.values.iter().all(|value| value.eq_ignore_ascii_case("false"));
    if spares_services {
        return Some(Fence {
            level: Exposes::Service,
            to: Vec::new(),
            because: "lets in AWS services only".to_owned(),
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
    fence(&twin, own)
}

/// Whether a denying statement is about all that an allowing one allows.
fn covers(denying: &Statement, allowing: &Statement) -> bool {
    let actions = listed(&denying.actions, &allowing.actions);
    // A policy without resources is about the one that it is on.
    let resources = match (&denying.resources, &allowing.resources) {
        (Listed::Unsaid, _) => true,
        (denied, allowed) => listed(denied, allowed),
    };
    actions && resources
}

fn listed(denied: &Listed<String>, allowed: &Listed<String>) -> bool {
    let everything = |pattern: &String| !pattern.is_empty() && pattern.trim_matches('*').is_empty();
    match (denied, allowed) {
        (Listed::Only(denied), _) if denied.iter().any(everything) => true,
        (Listed::Only(denied), Listed::Only(allowed)) if denied.len() <= MOST && allowed.len() <= MOST => {
            let denied: Vec<Pattern> = denied.iter().map(|pattern| Pattern::wildcard(pattern)).collect();
            allowed.iter().all(|one| denied.iter().any(|pattern| pattern.matches(one)))
        }
        _ => false,
    }
}
