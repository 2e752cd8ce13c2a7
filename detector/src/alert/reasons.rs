//! Reasons for the severity of an alert, in words: the finding of each rule, and the facts that it went by.

use crate::facts::{ActorKind, Credential, Facts, Mfa, SelfTarget, Verdict, Watch};
use crate::rules::sigma::Rule;

/// Returns the finding of a rule in words, with the facts that the rule asked for, and says where the call
/// was an attempt only.
pub(super) fn reason(rule: &Rule, facts: &Facts) -> String {
    let mut words: Vec<String> = Vec::new();
    for word in rule.asks_for.iter().filter_map(|fact| in_words(fact, facts)) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if super::weight::is_lowered(rule, facts) {
        words.push(super::weight::lowered_words(facts).to_owned());
    }
    let effect = match facts.outcome.verdict {
        Verdict::Success => None,
        Verdict::Denied => Some("blocked"),
        Verdict::Failed => Some("failed"),
    };
    if let Some(effect) = effect {
        let error = facts.outcome.error.as_deref().and_then(|error| error.split_whitespace().next());
        let error = error.unwrap_or("no error code");
        words.push(format!("attempt {effect} ({error})"));
    }
    if words.is_empty() { rule.title.clone() } else { format!("{}: {}", rule.title, words.join("; ")) }
}

/// A fact in words, where it says something.
fn in_words(fact: &str, facts: &Facts) -> Option<String> {
    let target = || facts.target.as_ref().map(|target| format!("{} {}", target.kind.label(), target.name));
    match fact {
        "grants" => facts.because.grants.clone(),
        "exposes" => facts.because.exposes.clone(),
        "weakens" => facts.because.weakens.clone(),
        "self" => match facts.own {
            SelfTarget::True => Some(format!("{} acted on itself", facts.actor.name)),
            SelfTarget::False => Some(format!("actor {}, target {}", facts.actor.name, target()?)),
            SelfTarget::Unknown => None,
        },
        "passes_role" => {
            (!facts.passes_role.is_empty()).then(|| format!("passes role {}", facts.passes_role.join(", ")))
        }
        "watched" => {
            let words = facts.watched.iter().map(|watch| match watch {
                Watch::Actor => "watched actor",
                Watch::Target => "watched target",
                Watch::Role => "watched role",
                Watch::Policy => "watched policy",
                Watch::Group => "watched group",
                Watch::Account => "watched account",
                Watch::Detector => "part of IAM Sentinel",
                Watch::Other => "watched resource",
            });
            let words: Vec<_> = words.collect();
            (!words.is_empty()).then(|| words.join(", "))
        }
        "actor" => match facts.actor.kind {
            ActorKind::Root if facts.actor.central_root => Some(match &facts.actor.central_root_by {
                Some(by) => {
                    format!("central root session (sts:AssumeRoot), source identity {by} (set by the caller)")
                }
                None => "central root session; the caller is in the AssumeRoot event that issued its key"
                    .to_owned(),
            }),
            ActorKind::Root => Some("by root".to_owned()),
            _ if facts.actor.cross_account => {
                Some(format!("from account {}", facts.actor.account.as_deref().unwrap_or("unknown")))
            }
            _ => None,
        },
        "mfa" => (facts.mfa == Mfa::No).then(|| "without MFA".to_owned()),
        "credential" => match facts.credential {
            Credential::LongTerm => Some("with a long-term access key".to_owned()),
            Credential::Session => Some("with temporary credentials outside the console".to_owned()),
            Credential::Console | Credential::None | Credential::Unknown => None,
        },
        "hidden" => facts.hidden.then(|| "policy or parameters unreadable in the event".to_owned()),
        _ => None,
    }
}
