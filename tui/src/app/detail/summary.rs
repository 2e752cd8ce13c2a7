//! The Summary tab: who did what to whom, from where, whether it worked, why it is told; and of a
//! message that could not be read, what came.

use detector::Alert;
use detector::facts::{Mfa, Verdict};

use crate::app::detail::page::Page;
use crate::format;

/// Seconds.
const DAY: i64 = 86_400;

pub(super) fn alert(page: &mut Page, alert: &Alert, back_filled: bool) {
    page.title(&format!("{}  {}", alert.severity, alert.headline()));
    page.summary(&alert.summary);
    if alert.test {
        page.fact("Test", "the pipeline was tried out, and nobody did this");
    }
    if let Some(found) = alert.detected_at.filter(|_| back_filled) {
        page.fact(
            "Back-fill",
            &format!("never arrived: found by back-fill at {} UTC", format::date_time(found)),
        );
    }
    facts(page, alert);
    page.heading("More");
    more(page, alert);
}

fn or_unknown(value: Option<&String>) -> &str {
    value.map_or("(not in the record)", String::as_str)
}

/// Adds the facts that one needs to decide on the alert.
fn facts(page: &mut Page, alert: &Alert) {
    // The first rule's title is the alert's.
    for (at, reason) in alert.reasons.iter().filter(|reason| **reason != alert.title).enumerate() {
        page.fact(if at == 0 { "Why" } else { "" }, reason);
    }
    let source = alert.event_source.as_deref().map(|source| format!(" ({source})"));
    page.fact_of("Event", &format!("{}{}", alert.event, source.unwrap_or_default()), &alert.event);
    page.fact("Principal", or_unknown(alert.user.as_ref()));
    if let Some(target) = alert.facts.as_ref().and_then(|facts| facts.target.as_ref()) {
        page.fact_of("Target", &format!("{} {}", target.kind.label(), target.name), &target.name);
    }
    page.fact("Source IP", or_unknown(alert.source_ip.as_ref()));
    let region = alert.region.as_deref().map(|region| format!(", {region}"));
    let account = or_unknown(alert.account.as_ref());
    page.fact_of("Account", &format!("{account}{}", region.unwrap_or_default()), account);
    match (alert.time, alert.detected_at) {
        (Some(time), Some(seen)) if seen >= time => {
            let late = seen.duration_since(time).as_secs();
            // Of a replay of old logs the delay says nothing, and the day does.
            let detected = if late < DAY {
                format!("{} later", format::span(late))
            } else {
                format!("{} UTC", format::date_time(seen))
            };
            page.fact_of(
                "Time",
                &format!("{} UTC, detected {detected}", format::date_time(time)),
                &time.to_string(),
            );
        }
        (Some(time), _) => {
            page.fact_of("Time", &format!("{} UTC", format::date_time(time)), &time.to_string());
        }
        (None, _) => page.fact("Time", "(not in the record)"),
    }
    let words = alert.error.iter().flat_map(|error| [error.code.as_deref(), error.message.as_deref()]);
    let words: Vec<_> = words.flatten().collect();
    match alert.facts.as_ref().map(|facts| facts.outcome.verdict) {
        Some(Verdict::Success) => page.fact("Outcome", "success"),
        Some(Verdict::Denied) => page.fact("Outcome", &format!("denied: {}", words.join(": "))),
        None if words.is_empty() => page.fact("Outcome", "(not in the record)"),
        Some(Verdict::Failed) | None => page.fact("Outcome", &format!("failed: {}", words.join(": "))),
    }
}

/// Adds the facts that one needs to investigate further.
fn more(page: &mut Page, alert: &Alert) {
    for (at, rule) in alert.rules.iter().enumerate() {
        page.fact_of(if at == 0 { "Rules" } else { "" }, &format!("{} ({})", rule.title, rule.id), &rule.id);
    }
    let tags = alert.rules.iter().flat_map(|rule| &rule.tags);
    let mut techniques: Vec<_> =
        tags.filter_map(|tag| tag.strip_prefix("attack.t")).map(|id| format!("T{id}")).collect();
    techniques.sort();
    techniques.dedup();
    if !techniques.is_empty() {
        page.fact("ATT&CK", &techniques.join(", "));
    }
    match alert.facts.as_ref().map(|facts| facts.mfa) {
        Some(Mfa::Yes) => page.fact("MFA", "used"),
        Some(Mfa::No) => page.fact("MFA", "not used"),
        Some(Mfa::Unknown) | None => {}
    }
    page.fact("Client", or_unknown(alert.user_agent.as_ref()));
    page.fact("Event ID", &alert.id.0);
    for missing in &alert.truncated {
        page.fact("Cut", &format!("{missing}: too long for the message"));
    }
}

pub(super) fn unreadable(page: &mut Page, why: &str, raw: &str) {
    page.title("A message that could not be read");
    page.summary(why);
    page.heading("As it came");
    for line in raw.lines() {
        page.text(line);
    }
}
