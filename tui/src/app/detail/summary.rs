//! The Summary tab: the sentence, triage, why it matters, who did what to whom, from where, when, with which result;
//! and of a message that could not be read, the message. Each fact stands once; the headline is in the frame.

use detector::Alert;
use detector::facts::{ActorKind, Mfa, Verdict};

use crate::app::detail::attack::{technique, technique_page};
use crate::app::detail::page::Page;
use crate::format;
use crate::model::{Remarks, TriageState, TriageStep};
use crate::respond::link;

/// Seconds.
const DAY: i64 = 86_400;

/// Triage of the alert: its state, its remarks and their history, newest step first.
#[derive(Clone, Copy)]
pub(super) struct Triage<'a> {
    pub(super) state: TriageState,
    pub(super) remarks: Option<&'a Remarks>,
    pub(super) history: &'a [TriageStep],
}

pub(super) fn alert(
    page: &mut Page,
    alert: &Alert,
    triage: Triage<'_>,
    (back_filled, incident): (bool, Option<&str>),
) {
    page.summary(&alert.summary);
    if alert.test {
        page.fact("Test", "sent by test-alert: no real call");
    }
    if let Some(found) = alert.detected_at.filter(|_| back_filled) {
        page.fact(
            "Back-fill",
            &format!("found by backfill at {} UTC; it had not arrived", format::date_time(found)),
        );
    }
    if let Some(incident) = incident {
        page.fact("Incident", incident);
    }
    triage.lay_out(page);
    page.blank();
    facts(page, alert);
    page.heading("Detection");
    detection(page, alert);
}

impl Triage<'_> {
    /// Adds the state, with author and time of the last change, the tags, the whole note, and the earlier
    /// steps.
    fn lay_out(self, page: &mut Page) {
        let Some(remarks) = self.remarks else {
            return page.fact("Triage", self.state.label());
        };
        let time = format::date_time(remarks.at);
        let by = match self.state {
            TriageState::Acknowledged => "acknowledged by",
            // The author of a note or a tag did not open the alert.
            TriageState::Open => "open; last change by",
        };
        page.fact("Triage", &format!("{by} {}, {time} UTC", remarks.by));
        if !remarks.tags.is_empty() {
            page.fact("Tags", &format!("#{}", remarks.tags.join(" #")));
        }
        if let Some(note) = &remarks.note {
            page.fact("Note", note);
        }
        // One step alone says nothing that the lines above do not.
        if self.history.len() > 1 {
            for (number, step) in self.history.iter().enumerate() {
                let name = if number == 0 { "History" } else { "" };
                let time = format::date_time(step.at);
                page.fact(name, &format!("{time} {}: {}", step.by, step.action.words()));
            }
        }
    }
}

fn or_unknown(value: Option<&String>) -> &str {
    value.map_or("(not in the record)", String::as_str)
}

/// Adds the facts that one needs to decide on the alert.
fn facts(page: &mut Page, alert: &Alert) {
    // The titles of rules are the headline, and below Detection.
    let titles: Vec<&str> = alert.rules.iter().map(|rule| rule.title.as_str()).collect();
    let without_title = |reason: &'_ String| {
        let of = titles.iter().find(|title| reason.starts_with(*title));
        let rest = of.map_or(reason.as_str(), |title| reason.get(title.len()..).unwrap_or_default());
        rest.trim_start_matches([':', ' ']).to_owned()
    };
    let mut reasons: Vec<String> = alert.reasons.iter().map(without_title).collect();
    let mut seen = std::collections::HashSet::new();
    reasons.retain(|reason| !reason.is_empty() && *reason != alert.title && seen.insert(reason.clone()));
    for (at, reason) in reasons.iter().enumerate() {
        page.fact(if at == 0 { "Why" } else { "" }, reason);
    }
    let facts = alert.facts.as_ref();
    match facts.map(|facts| &facts.actor) {
        Some(actor) if alert.user.as_ref().is_some_and(|arn| *arn != actor.name) => {
            page.fact("Actor", &format!("{} ({})", actor.name, kind(actor.kind)));
            page.fact("", or_unknown(alert.user.as_ref()));
        }
        Some(actor) => page.fact("Actor", &format!("{} ({})", actor.name, kind(actor.kind))),
        None => page.fact("Actor", or_unknown(alert.user.as_ref())),
    }
    if let Some(target) = facts.and_then(|facts| facts.target.as_ref()) {
        page.fact_of("Target", &format!("{} {}", target.kind.label(), target.name), &target.name);
    }
    let source = alert.event_source.as_deref().map(|source| format!(" ({source})"));
    page.fact_of("Event", &format!("{}{}", alert.event, source.unwrap_or_default()), &alert.event);
    let words = alert.error.iter().flat_map(|error| [error.code.as_deref(), error.message.as_deref()]);
    let words: Vec<_> = words.flatten().collect();
    match facts.map(|facts| facts.outcome.verdict) {
        Some(Verdict::Success) => page.fact("Result", "success"),
        Some(Verdict::Denied) => page.fact("Result", &format!("denied: {}", words.join(": "))),
        None if words.is_empty() => page.fact("Result", "(not in the record)"),
        Some(Verdict::Failed) | None => page.fact("Result", &format!("failed: {}", words.join(": "))),
    }
    page.fact("Source IP", or_unknown(alert.source_ip.as_ref()));
    page.fact("Client", or_unknown(alert.user_agent.as_ref()));
    match facts.map(|facts| facts.mfa) {
        Some(Mfa::Yes) => page.fact("MFA", "used"),
        Some(Mfa::No) => page.fact("MFA", "not used"),
        Some(Mfa::Unknown) | None => {}
    }
    let region = alert.region.as_deref().map(|region| format!(" {region}"));
    let account = or_unknown(alert.account.as_ref());
    page.fact_of("Account", &format!("{account}{}", region.unwrap_or_default()), account);
    when(page, alert);
}

/// Adds the time of the call, and how much later it was detected; of a replay of old logs that says nothing.
fn when(page: &mut Page, alert: &Alert) {
    let Some(time) = alert.time else { return page.fact("Time", "(not in the record)") };
    let late = alert.detected_at.map(|seen| seen.duration_since(time).as_secs());
    let detected = match late {
        Some(late @ 0..DAY) => format!(", detected after {}", format::span(late)),
        _ => String::new(),
    };
    page.fact_of("Time", &format!("{} UTC{detected}", format::date_time(time)), &time.to_string());
}

/// Kind of an actor in the field's terms.
const fn kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Root => "root user",
        ActorKind::IamUser => "IAM user",
        ActorKind::Role => "role session",
        ActorKind::SsoUser => "Identity Center user",
        ActorKind::Federated => "federated user",
        ActorKind::WebIdentity => "web identity",
        ActorKind::Service => "AWS service",
        ActorKind::Account => "AWS account",
        ActorKind::Anonymous => "anonymous",
        ActorKind::Unknown => "unknown kind",
    }
}

/// Adds the rules that matched, the ATT&CK techniques and the event's id.
fn detection(page: &mut Page, alert: &Alert) {
    for (at, rule) in alert.rules.iter().enumerate() {
        page.fact_of(if at == 0 { "Rule" } else { "" }, &rule.title, &rule.id);
    }
    let mut techniques: Vec<_> =
        alert.rules.iter().flat_map(|rule| &rule.tags).filter_map(|tag| technique(tag)).collect();
    techniques.sort();
    techniques.dedup();
    for (at, technique) in techniques.iter().enumerate() {
        page.fact_with_page(if at == 0 { "ATT&CK" } else { "" }, technique, technique_page(technique));
    }
    page.fact_with_page("Event ID", &alert.id.0, link::event(alert));
    for missing in &alert.truncated {
        page.fact("Cut", &format!("{missing}: too long for the message"));
    }
}

pub(super) fn unreadable(page: &mut Page, why: &str, raw: &str) {
    page.summary(why);
    page.heading("Message");
    for line in raw.lines() {
        page.text(line);
    }
}
