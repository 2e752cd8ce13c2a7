//! The pipeline's own alarms in Slack: short, one message each. They are CloudWatch's, and yet foreign
//! text: a reason holds names that somebody chose, so it is escaped like a record's.

use serde_json::{Value, json};

use super::message::{escape, plain_text};
use crate::Health;
use crate::health::State;

const HEADER: usize = 150;
const TEXT: usize = 1_500;

/// The message about an alarm that changed its state.
pub(super) fn blocks(health: &Health) -> Value {
    let mut blocks =
        vec![json!({"type": "header", "text": plain_text(&escape(&headline(health, true), HEADER))})];
    for text in [&health.description, &health.reason].into_iter().flatten().filter(|text| !text.is_empty()) {
        blocks.push(json!({"type": "section", "text": plain_text(&escape(text, TEXT))}));
    }
    let at = health.at.map(|at| at.to_string());
    let from = [at.as_deref(), health.account.as_deref(), health.region.as_deref()];
    let from: Vec<String> = from.into_iter().flatten().map(|text| escape(text, HEADER)).collect();
    if !from.is_empty() {
        blocks.push(json!({"type": "context", "elements": [plain_text(&from.join(" · "))]}));
    }
    json!({"text": escape(&headline(health, false), HEADER), "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

/// The same in one line, for when Slack does not take the blocks.
pub(super) fn plain(health: &Health) -> Value {
    let text = [Some(headline(health, false)), health.description.clone(), health.reason.clone()];
    let text: Vec<String> = text.into_iter().flatten().map(|text| escape(&text, TEXT)).collect();
    json!({"text": format!("```{}```", text.join("\n")), "unfurl_links": false, "unfurl_media": false})
}

/// The change itself: the same one twice is told once. Without a time nothing tells two apart.
pub(super) fn id(health: &Health) -> Option<String> {
    Some(format!("alarm {} {:?} {}", health.alarm, health.state, health.at?))
}

fn headline(health: &Health, marked: bool) -> String {
    let (glyph, word) = match health.state {
        State::Alarm => ("\u{26a0}\u{fe0f} ", "ALARM"),
        State::Ok => ("\u{2705} ", "RESOLVED"),
        State::Unknown => ("\u{2754} ", "INSUFFICIENT DATA"),
    };
    format!("{}{word}: {}", if marked { glyph } else { "" }, health.alarm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(state: State, text: &str) -> Health {
        Health {
            alarm: "iam-sentinel-canary-missing".into(),
            description: Some(text.into()),
            state,
            reason: Some("Threshold Crossed: no datapoints were received".into()),
            at: Some("2026-11-24T02:03:04Z".parse().unwrap()),
            account: Some("111122223333".into()),
            region: Some("US East (N. Virginia)".into()),
        }
    }

    #[test]
    fn it_says_which_alarm_and_what_it_means() {
        let text = blocks(&health(State::Alarm, "The pipeline is dead.")).to_string();
        for part in [
            "ALARM: iam-sentinel-canary-missing",
            "The pipeline is dead.",
            "no datapoints",
            "2026-11-24T02:03:04Z · 111122223333",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
        assert!(blocks(&health(State::Ok, "")).to_string().contains("RESOLVED: iam-sentinel-canary-missing"));
        assert!(blocks(&health(State::Unknown, "")).to_string().contains("INSUFFICIENT DATA: "));
    }

    #[test]
    fn foreign_text_is_inert_and_limits_are_kept() {
        let evil = format!("<!channel> ```\u{202e}&{}", "<".repeat(9_000));
        let health = Health { alarm: evil.clone(), ..health(State::Alarm, &evil) };
        let (rich, plain) = (blocks(&health), plain(&health));
        let header = rich["blocks"][0]["text"]["text"].as_str().unwrap();
        assert!(header.chars().count() <= HEADER, "{header}");
        for text in [rich.to_string(), plain.to_string()] {
            assert!(!text.contains('<') && !text.contains('\u{202e}') && text.len() < 8_000, "{text}");
        }
        assert_eq!(plain["text"].as_str().unwrap().matches("```").count(), 2);
    }
}
