//! A storm in one message: what one actor did, counted, the worst first. Each alert went to SNS by
//! itself; this is only how Slack is told. CRITICAL alerts never come here, and tests only when there
//! are many: then they are by themselves, whoever made them, and the message says that they are tests.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use super::message::{Link, escape, glyph, plain_text};
use crate::{Alert, Severity};

/// Number of alerts that are told by themselves.
const WORST: usize = 5;
/// Number of kinds of events that are counted by name.
const EVENTS: usize = 8;
/// Slack takes 150 characters in a header; the counts stand before the name, which is cut.
const HEADER: usize = 150;
const NAME: usize = 80;
const SUMMARY: usize = 400;

/// Returns the actor and the account of an alert: alerts of one actor in one account stand together.
pub(in crate::lambda) fn actor(alert: &Alert) -> (String, Option<String>) {
    let id = alert.facts.as_ref().map(|facts| facts.actor.id.clone()).filter(|id| !id.is_empty());
    (id.or_else(|| alert.user.clone()).unwrap_or_default(), alert.account.clone())
}

/// The message about these, which are one actor's or all tests. The worst stand first.
pub(super) fn blocks(alerts: &[&Alert]) -> Value {
    let mut blocks = vec![
        json!({"type": "header", "text": plain_text(&escape(&headline(alerts, true), HEADER))}),
        json!({"type": "section", "text": plain_text(&about(alerts))}),
        json!({"type": "section", "text": plain_text(&by_event(alerts))}),
    ];
    for alert in worst(alerts) {
        blocks.push(json!({"type": "section", "text": plain_text(&line(alert))}));
        if let Some(Link(link)) = Link::of(alert) {
            blocks.push(json!({"type": "context", "elements": [{
                "type": "mrkdwn", "verbatim": true, "text": format!("<{link}|Open the event in CloudTrail>"),
            }]}));
        }
    }
    if let Some(rest) = rest(alerts) {
        blocks.push(json!({"type": "context", "elements": [plain_text(&rest)]}));
    }
    let text = escape(&headline(alerts, false), SUMMARY);
    json!({"text": text, "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

/// The same in lines, for when Slack does not take the blocks.
pub(super) fn plain(alerts: &[&Alert]) -> Value {
    let mut lines = vec![escape(&headline(alerts, false), SUMMARY), by_event(alerts)];
    lines.extend(worst(alerts).map(line));
    lines.extend(rest(alerts));
    json!({"text": format!("```{}```", lines.join("\n")), "unfurl_links": false, "unfurl_media": false})
}

fn worst<'a>(alerts: &'a [&Alert]) -> impl Iterator<Item = &'a Alert> {
    alerts.iter().take(WORST).copied()
}

/// "7 alerts (2 HIGH, 5 LOW) by alice".
fn headline(alerts: &[&Alert], marked: bool) -> String {
    let count = |severity: Severity| {
        let count = alerts.iter().filter(|alert| alert.severity == severity).count();
        (count > 0).then(|| format!("{count} {severity}"))
    };
    let counts: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter_map(count)
        .collect();
    let glyph = alerts.first().filter(|_| marked).map(|alert| glyph(alert)).unwrap_or_default();
    let number = alerts.len();
    if alerts.iter().all(|alert| alert.test) {
        // Made up, and perhaps of many names: none of them says anything.
        return format!("{glyph}{number} TESTS ({})", counts.join(", "));
    }
    let name: String = who(alerts).chars().take(NAME).collect();
    format!("{glyph}{number} alerts ({}) by {name}", counts.join(", "))
}

fn who(alerts: &[&Alert]) -> String {
    let alert = alerts.first();
    let named = alert.and_then(|alert| alert.facts.as_ref()).map(|facts| facts.actor.name.clone());
    named.or_else(|| alert?.user.clone()).unwrap_or_else(|| "unknown principal".to_owned())
}

/// Who, from where, and when.
fn about(alerts: &[&Alert]) -> String {
    let first = |of: fn(&Alert) -> Option<&String>| {
        alerts.iter().find_map(|alert| of(alert)).map_or("(not recorded)", String::as_str)
    };
    let more = |of: fn(&Alert) -> Option<&String>| {
        let different: BTreeSet<&String> = alerts.iter().filter_map(|alert| of(alert)).collect();
        match different.len().saturating_sub(1) {
            0 => String::new(),
            more => format!(" and {more} more"),
        }
    };
    let times = || alerts.iter().filter_map(|alert| alert.time);
    let when = match (times().min(), times().max()) {
        (Some(from), Some(to)) if from == to => from.to_string(),
        (Some(from), Some(to)) => format!("{from} to {to}"),
        _ => "(not recorded)".to_owned(),
    };
    format!(
        "Principal {}{}\nSource IP {}{}\nAccount {}{}\nTime {when}",
        escape(first(|alert| alert.user.as_ref()), SUMMARY),
        more(|alert| alert.user.as_ref()),
        escape(first(|alert| alert.source_ip.as_ref()), SUMMARY),
        more(|alert| alert.source_ip.as_ref()),
        escape(first(|alert| alert.account.as_ref()), SUMMARY),
        more(|alert| alert.account.as_ref()),
    )
}

/// `12 × CreateUser, 5 × AttachUserPolicy`, the worst kind first, then the most frequent.
fn by_event(alerts: &[&Alert]) -> String {
    let mut kinds: HashMap<&str, (Severity, usize)> = HashMap::new();
    for alert in alerts {
        let (worst, count) = kinds.entry(&alert.event).or_insert((alert.severity, 0));
        *worst = (*worst).max(alert.severity);
        *count += 1;
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(event, (worst, count))| (Reverse((*worst, *count)), *event));
    let mut words: Vec<String> = kinds
        .iter()
        .take(EVENTS)
        .map(|(event, (_, count))| format!("{count} × {}", escape(event, NAME)))
        .collect();
    let others: usize = kinds.iter().skip(EVENTS).map(|(_, (_, count))| count).sum();
    if others > 0 {
        words.push(format!("{others} other events"));
    }
    words.join(", ")
}

fn line(alert: &Alert) -> String {
    let id = escape(&alert.id.0, NAME);
    format!("{}: {} ({}, {id})", alert.severity, escape(&alert.summary, SUMMARY), escape(&alert.event, NAME))
}

fn rest(alerts: &[&Alert]) -> Option<String> {
    let more = alerts.len().checked_sub(WORST).filter(|more| *more > 0)?;
    Some(format!("and {more} more: see the console"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detector, Record};
    use jiff::Timestamp;

    fn alerts(name: &str, events: &[(&str, usize)]) -> Vec<Alert> {
        let mut alerts = Vec::new();
        for (event, count) in events {
            for _ in 0..*count {
                let n = alerts.len();
                let record = json!({"eventName": event, "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1",
                    "eventID": format!("id-{n}"), "sourceIPAddress": format!("203.0.113.{}", n % 3), "recipientAccountId": "111122223333",
                    "userIdentity": {"type": "IAMUser", "userName": name, "arn": format!("arn:aws:iam::111122223333:user/{name}")},
                    "requestParameters": {"userName": format!("bob{n}{name}")}, "eventTime": format!("2026-11-24T02:03:{n:02}Z")});
                let record = Record::new(record).unwrap();
                alerts.push(Detector::default().detect(&record, Timestamp::UNIX_EPOCH).alert.unwrap());
            }
        }
        alerts.sort_by_key(|alert| Reverse(alert.severity));
        alerts
    }

    fn texts(message: &Value) -> Vec<String> {
        let mut texts = vec![message["text"].as_str().unwrap().to_owned()];
        for block in message["blocks"].as_array().into_iter().flatten() {
            let of = block["elements"].as_array().into_iter().flatten().chain([&block["text"]]);
            texts.extend(of.filter_map(|text| text["text"].as_str().or(text.as_str())).map(str::to_owned));
        }
        texts
    }

    #[test]
    fn it_counts_and_tells_the_worst_first() {
        let alerts = alerts("alice", &[("CreateUser", 12), ("CreateAccessKey", 3)]);
        let all: Vec<&Alert> = alerts.iter().collect();
        let message = blocks(&all);
        let texts = texts(&message);
        assert_eq!(texts[0], "15 alerts (3 HIGH, 12 MEDIUM) by alice");
        assert!(texts[1].ends_with(" 15 alerts (3 HIGH, 12 MEDIUM) by alice"), "{texts:?}");
        assert!(texts[2].contains("Source IP 203.0.113.0 and 2 more"), "{texts:?}");
        assert!(texts[2].ends_with("Time 2026-11-24T02:03:00Z to 2026-11-24T02:03:14Z"), "{texts:?}");
        assert_eq!(texts[3], "3 × CreateAccessKey, 12 × CreateUser");
        assert!(
            texts[4].starts_with(
                "HIGH: alice created an access key for user bob12alice (CreateAccessKey, id-12)"
            )
        );
        assert!(texts[5].contains("us-east-1#/events/id-12|Open"), "{texts:?}");
        assert_eq!(texts.last().unwrap(), "and 10 more: see the console");
        let plain = plain(&all)["text"].as_str().unwrap().to_owned();
        assert!(plain.contains("id-12") && plain.contains("and 10 more"), "{plain}");
    }

    #[test]
    fn foreign_text_is_inert_and_limits_are_kept() {
        let evil = format!("<!channel> <https://evil.example|AWS> ```\u{202e}\n&{}", "<&>".repeat(5_000));
        let alerts = alerts(&evil, &[("CreateUser", 40)]);
        let all: Vec<&Alert> = alerts.iter().collect();
        let message = blocks(&all);
        for text in texts(&message).iter().filter(|text| !text.contains("|Open the event")) {
            assert!(!text.contains('<') && !text.contains('>') && !text.contains('\u{202e}'), "{text}");
            assert!(text.chars().count() <= 3_000 && !text.contains('`'), "{text}");
        }
        let header = message["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(header.chars().count() <= HEADER && header.contains("40 alerts (40 MEDIUM) by "), "{header}");
        assert!(message["blocks"].as_array().unwrap().len() <= 50);
        assert!(message.to_string().len() < 12_000, "{}", message.to_string().len());
        let plain = plain(&all)["text"].as_str().unwrap().to_owned();
        assert!(plain.len() < 12_000 && plain.matches("```").count() == 2, "{plain}");
        assert!(!plain.contains('<') && !plain.contains('\u{202e}'));
    }
}
