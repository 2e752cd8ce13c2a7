//! Permissions that a policy document allows: those of each statement by itself, then the sets of actions
//! that lead to more permissions only together.
//!
//! Deny statements and conditions narrow a policy in ways that a record can't decide. So they never lower the
//! level that is told of the policy; the words tell of a condition.

use std::fmt::Write as _;

use super::paths::{self, Reach};
use super::{Granted, Grants};
use crate::facts::short;
use crate::pattern::Pattern;
use crate::policy::{Document, Listed, Statement};

/// Returns the permissions that a policy document allows.
pub(super) fn granted(document: &Document) -> Granted {
    let allows: Vec<Allow<'_>> = document.allows().map(|(number, of)| Allow::new(number, of)).collect();
    if allows.is_empty() {
        let because = "policy has only Deny statements".to_owned();
        return Granted { level: Grants::DenyOnly, actions: Vec::new(), because, unread: false };
    }
    // Several statements together count like one with all of their elements.
    let all_of_iam = paths::IAM_ADMIN.iter().all(|(action, kind)| {
        allows.iter().any(|allow| allow.allows(action)) && covers_kind(&allows, action, kind)
    });
    let mut best: Option<Granted> = None;
    for granted in allows.iter().map(Allow::granted) {
        // A later statement wins only where it allows more, so their order does not matter.
        if best.as_ref().is_none_or(|best| granted.level > best.level) {
            best = Some(granted);
        }
    }
    let best = best.unwrap_or_else(|| Granted::unknown("policy has no statements"));
    if best.level < Grants::IamAdmin && all_of_iam {
        let because = "statements together allow all IAM actions for privilege escalation".to_owned();
        return Granted {
            level: Grants::IamAdmin,
            actions: vec!["iam:*".to_owned()],
            because,
            unread: false,
        };
    }
    match paths::together(|action| allows.iter().any(|allow| allow.reaches(action))) {
        Some(path) if best.level < Grants::Privesc => Granted {
            level: Grants::Privesc,
            actions: path.actions.iter().map(|&action| action.to_owned()).collect(),
            because: format!("{} together: {}", path.actions.join(" and "), path.leads_to),
            unread: false,
        },
        _ => best,
    }
}

/// True where one statement allows an action on all of an account's users (or roles, policies, groups).
fn covers_kind(allows: &[Allow<'_>], action: &str, kind: &str) -> bool {
    allows.iter().filter(|allow| allow.allows(action)).any(|allow| allow.covers(IAM, &[kind]))
}

/// A statement that allows, ready to be asked about actions.
struct Allow<'a> {
    number: usize,
    statement: &'a Statement,
    actions: Vec<Pattern>,
}

const IAM: &str = "iam";
/// Kinds of resources: one's of IAM, and the forms that other services' take.
const IAM_KINDS: [&str; 4] = ["user/", "role/", "policy/", "group/"];
const OTHER_KINDS: [&str; 2] = ["", "x/"];

/// An action and a name that nobody has: what matches them, matches all.
const ANY_ACTION: &str = "zq9:Zq9";
const ANY_NAME: &str = "zq9";

impl<'a> Allow<'a> {
    fn new(number: usize, statement: &'a Statement) -> Self {
        let actions = match &statement.actions {
            Listed::Only(actions) | Listed::Except(actions) => {
                actions.iter().map(|action| Pattern::wildcard(action)).collect()
            }
            Listed::Unstated => Vec::new(),
        };
        Self { number, statement, actions }
    }

    fn allows(&self, action: &str) -> bool {
        let listed = || self.actions.iter().any(|pattern| pattern.matches(action));
        match self.statement.actions {
            Listed::Only(_) => listed(),
            Listed::Except(_) => !listed(),
            Listed::Unstated => false,
        }
    }

    /// True where the statement allows an action on at least one resource of the action's service.
    fn reaches(&self, action: &str) -> bool {
        let service = action.split(':').next().unwrap_or_default();
        self.allows(action)
            && match &self.statement.resources {
                Listed::Only(resources) => resources.iter().any(|resource| is_of(resource, service)),
                Listed::Except(_) | Listed::Unstated => true,
            }
    }

    /// True where the statement's resources are all of a service's resources of these kinds.
    fn covers(&self, service: &str, kinds: &[&str]) -> bool {
        match &self.statement.resources {
            Listed::Only(resources) => {
                kinds.iter().all(|kind| resources.iter().any(|resource| covers_all(resource, service, kind)))
            }
            Listed::Except(_) | Listed::Unstated => true,
        }
    }

    /// Returns the share of a service's resources that the statement is about.
    fn reach(&self, service: &str) -> Reach {
        let kinds: &[&str] = if service == IAM { &IAM_KINDS } else { &OTHER_KINDS };
        if self.covers(service, kinds) {
            return Reach::All;
        }
        let Listed::Only(resources) = &self.statement.resources else { return Reach::All };
        // Exactly oneself: a tag is somebody else's if one may set it, and `*${aws:username}*` too.
        let own =
            |resource: &String| resource.ends_with("/${aws:username}") && !resource.contains("PrincipalTag");
        let mut of_service = resources.iter().filter(|resource| is_of(resource, service)).peekable();
        if of_service.peek().is_some() && of_service.all(own) { Reach::Own } else { Reach::Some }
    }

    fn granted(&self) -> Granted {
        let everywhere =
            [IAM, "s3", "ec2", "lambda", "kms"].into_iter().all(|service| self.reach(service) == Reach::All);
        // Everything but a few actions is everything, as long as one path in IAM is left.
        let climbs = || paths::ALONE.iter().any(|path| path.service() == IAM && self.allows(path.action));
        if everywhere && self.allows(ANY_ACTION) && climbs() {
            return self.fact(Grants::Admin, self.written(ANY_ACTION), None);
        }
        let all_of_iam =
            paths::IAM_ADMIN.iter().all(|(action, kind)| self.reaches(action) && self.covers(IAM, &[kind]));
        if all_of_iam {
            let actions = paths::IAM_ADMIN.first().map(|(action, _)| self.written(action));
            return self.fact(Grants::IamAdmin, actions.unwrap_or_default(), None);
        }
        let alone = paths::ALONE
            .iter()
            .find(|path| self.reaches(path.action) && path.needs.is_met_by(self.reach(path.service())));
        if let Some(path) = alone {
            return self.fact(Grants::Privesc, vec![path.action.to_owned()], Some(path.leads_to));
        }
        match &self.statement.actions {
            Listed::Only(actions) => match actions.iter().find(|action| !paths::only_reads(action)) {
                Some(write) => self.fact(Grants::Write, vec![short(write)], None),
                None => {
                    self.fact(Grants::Read, actions.iter().take(1).map(|read| short(read)).collect(), None)
                }
            },
            Listed::Except(_) => self.fact(Grants::Write, self.written(ANY_ACTION), None),
            Listed::Unstated => self.fact(Grants::Read, Vec::new(), None),
        }
    }

    /// The actions of the document that allow an action, as they are written there.
    fn written(&self, action: &str) -> Vec<String> {
        match &self.statement.actions {
            Listed::Only(actions) => {
                let hits = actions.iter().zip(&self.actions).filter(|(_, pattern)| pattern.matches(action));
                hits.map(|(text, _)| short(text)).take(1).collect()
            }
            Listed::Except(actions) => {
                let listed: Vec<_> = actions.iter().take(5).map(|text| short(text)).collect();
                vec![format!("all except {}", listed.join(", "))]
            }
            Listed::Unstated => Vec::new(),
        }
    }

    fn fact(&self, level: Grants, actions: Vec<String>, leads_to: Option<&str>) -> Granted {
        let resources = match &self.statement.resources {
            Listed::Only(resources) => match resources.as_slice() {
                [one] => format!("on Resource {}", short(one)),
                [first, rest @ ..] => format!("on Resource {} and {} more", short(first), rest.len()),
                [] => "on no Resource".to_owned(),
            },
            Listed::Except(_) => "on all but the excluded resources".to_owned(),
            Listed::Unstated => "on all resources".to_owned(),
        };
        let condition =
            if self.statement.conditions.is_empty() { "without conditions" } else { "with conditions" };
        let listed = if actions.is_empty() { "nothing".to_owned() } else { actions.join(", ") };
        let mut because = format!("Action {listed} {resources} {condition}");
        if self.number > 1 || self.statement.sid.is_some() {
            let sid = self.statement.sid.as_deref().map(|sid| format!(" {}", short(sid))).unwrap_or_default();
            // Writing to a String does not fail.
            let _ = write!(because, " (statement {}{sid})", self.number);
        }
        if let Some(leads_to) = leads_to {
            let _ = write!(because, ": {leads_to}");
        }
        Granted { level, actions, because, unread: false }
    }
}

/// True where a resource pattern can stand for a resource of a service.
fn is_of(resource: &str, service: &str) -> bool {
    let mut parts = resource.splitn(4, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(_), Some(_), Some(of)) => Pattern::wildcard(of).matches(service),
        // `*`, `arn:*`
        _ => true,
    }
}

/// A resource with a word in the place of each variable: they hold colons.
fn without_variables(resource: &str) -> String {
    let mut out = String::with_capacity(resource.len());
    let mut rest = resource;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        out.push_str("variable");
        rest = after.split_once('}').map_or("", |(_, behind)| behind);
    }
    out + rest
}

/// True where a resource pattern stands for all of an account's resources of a kind.
fn covers_all(resource: &str, service: &str, kind: &str) -> bool {
    if resource.trim_matches('*').is_empty() {
        return true;
    }
    let resource = &without_variables(resource);
    // Partition, region and account of the pattern are taken literally, `${aws:PrincipalAccount}`
    // too; only its resources in the account count.
    let said = |at: usize, usual: &'static str| {
        resource.split(':').nth(at).filter(|part| !part.contains(['*', '?'])).unwrap_or(usual)
    };
    let (partition, region, account) = (said(1, "aws"), said(3, "us-east-1"), said(4, "111122223333"));
    Pattern::wildcard(resource)
        .matches(&format!("arn:{partition}:{service}:{region}:{account}:{kind}{ANY_NAME}"))
}
