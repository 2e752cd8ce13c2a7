//! Layout of a message: Block Kit, and a plain text for notifications and screen readers.
//!
//! Every text of a record is foreign. It is made visible ([`SafeText`]), escaped as Slack asks,
//! and put where Slack reads no mark-up: `plain_text`, or a `verbatim` code block that it can't leave.
//!
//! Limits: <https://docs.slack.dev/reference/block-kit/blocks>; escaping:
//! <https://docs.slack.dev/messaging/formatting-message-text>.

use serde_json::{Value, json};

use crate::{Alert, SafeText, Severity};

const HEADER: usize = 150;
const SECTION: usize = 3_000;
const FIELD: usize = 2_000;
/// The sum over blocks is limited too (seen at about 13,200); one alert stays far below.
const PARAMETERS: usize = 2_400;
/// The strongest say why; the rest is in the console.
const REASONS: usize = 3;
/// Characters of an id that consoles take.
const SHORT_ID: usize = 8;
/// Characters of a UUID.
const UUID: usize = 36;
const MARK: &str = "…";

/// The full message.
pub(super) fn blocks(alert: &Alert) -> Value {
    let fields: Vec<Value> = [
        ("Event", Some(alert.event.as_str())),
        ("Principal", alert.user.as_deref()),
        ("Source IP", alert.source_ip.as_deref()),
        ("Account", alert.account.as_deref()),
        ("Region", alert.region.as_deref()),
        ("Time", alert.time.map(|time| time.to_string()).as_deref()),
    ]
    .into_iter()
    .map(|(label, value)| {
        let value = value.unwrap_or("(not recorded)");
        // Six fields of a few hundred characters, not of two thousand.
        plain_text(&format!("{label}\n{}", escape(value, FIELD / 5)))
    })
    .collect();
    let mut blocks = vec![
        json!({"type": "header", "text": plain_text(&escape(&headline(alert), HEADER))}),
        json!({"type": "section", "text": plain_text(&escape(&alert.summary, SECTION / 3))}),
        json!({"type": "section", "fields": fields}),
    ];
    if !alert.reasons.is_empty() {
        let reasons: Vec<String> =
            alert.reasons.iter().take(REASONS).map(|reason| escape(reason, FIELD / 5)).collect();
        blocks.insert(2, json!({"type": "section", "text": plain_text(&reasons.join("\n"))}));
    }
    if !alert.parameters.is_null() {
        blocks.push(json!({"type": "section", "text": {
            "type": "mrkdwn", "verbatim": true, "text": code(&alert.parameters),
        }}));
    }
    if let Some(Link(link)) = Link::of(alert) {
        // The function knows one event, so an alert's id stands for its incident.
        let is_uuid = alert.id.0.len() == UUID;
        let short: String = alert.id.0.chars().take(if is_uuid { SHORT_ID } else { usize::MAX }).collect();
        blocks.push(json!({"type": "context", "elements": [
            {"type": "mrkdwn", "verbatim": true, "text": format!("<{link}|Open the event in CloudTrail>")},
            plain_text(&format!("Incident: sentinel-tui --incident {short}")),
        ]}));
    }
    json!({"text": fallback(alert), "blocks": blocks, "unfurl_links": false, "unfurl_media": false})
}

/// The same in one line, for when Slack does not take the blocks. In a code block, since Slack makes
/// links of whatever looks like one anywhere else.
pub(super) fn plain(alert: &Alert) -> Value {
    json!({"text": format!("```{}```", fallback(alert)), "unfurl_links": false, "unfurl_media": false})
}

fn headline(alert: &Alert) -> String {
    format!("{}{}: {}", glyph(alert), alert.severity, alert.headline())
}

/// The sign that is seen before anything is read.
pub(super) const fn glyph(alert: &Alert) -> &'static str {
    match alert.severity {
        _ if alert.test => "\u{1f9ea} ",
        Severity::Critical => "\u{1f6a8} ",
        Severity::High => "\u{1f534} ",
        Severity::Medium => "\u{1f7e0} ",
        Severity::Low => "\u{1f535} ",
    }
}

fn fallback(alert: &Alert) -> String {
    let ip = alert.source_ip.as_deref().unwrap_or("unknown IP");
    escape(&format!("{}: {} ({} from {ip})", alert.severity, alert.summary, alert.event), SECTION)
}

pub(super) fn plain_text(text: &str) -> Value {
    json!({"type": "plain_text", "text": text, "emoji": false})
}

/// Parameters as a code block.
fn code(parameters: &Value) -> String {
    let text = serde_json::to_string_pretty(parameters).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(|line| SafeText::new(line).as_str().to_owned()).collect();
    format!("```{}```", cut_escaped(&lines.join("\n"), PARAMETERS))
}

/// Foreign text: made visible, escaped, and cut without splitting an entity.
pub(super) fn escape(text: &str, limit: usize) -> String {
    cut_escaped(SafeText::new(text).as_str(), limit)
}

/// `&`, `<` and `>` as Slack wants them, and a look-alike for the back-tick, which would end a code
/// block; at most `limit` characters, with a mark where cut.
fn cut_escaped(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut length = 0;
    for c in text.chars() {
        let mut one = [0; 4];
        let piece = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '`' => "\u{2cb}",
            c => c.encode_utf8(&mut one),
        };
        length += piece.chars().count();
        if length > limit - 1 {
            out.push_str(MARK);
            break;
        }
        out.push_str(piece);
    }
    out
}

/// The event's page in the CloudTrail console.
pub(super) struct Link(pub(super) String);

impl Link {
    /// Region and id are foreign too: only what a region and an id consist of gets into the link. Of a
    /// test CloudTrail knows nothing.
    pub(super) fn of(alert: &Alert) -> Option<Self> {
        let word =
            |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let region = alert.region.as_deref().filter(word)?;
        let id = Some(alert.id.0.as_str()).filter(word).filter(|_| !alert.test)?;
        let host = if region.starts_with("cn-") {
            format!("{region}.console.amazonaws.cn")
        } else if region.starts_with("us-gov-") {
            format!("{region}.console.amazonaws-us-gov.com")
        } else {
            format!("{region}.console.aws.amazon.com")
        };
        Some(Self(format!("https://{host}/cloudtrailv2/home?region={region}#/events/{id}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detector, Record};
    use jiff::Timestamp;

    fn alert(name: &str, parameters: Value) -> Alert {
        let record = json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1",
            "eventID": "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002", "sourceIPAddress": name,
            "userIdentity": {"type": "IAMUser", "userName": name, "arn": format!("arn:aws:iam::1:user/{name}")},
            "requestParameters": parameters, "eventTime": "2026-11-24T02:03:04Z"});
        Detector::default().detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert.unwrap()
    }

    #[test]
    fn a_message_says_who_what_where_and_links_to_the_event() {
        let text = blocks(&alert("alice", json!({"userName": "bob"}))).to_string();
        for part in [
            "MEDIUM: User created or enabled",
            "alice created user bob",
            "Event\\nCreateUser",
            "Source IP",
            "2026-11-24T02:03:04Z",
            "us-east-1#/events/0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002",
            "userName",
            "Incident: sentinel-tui --incident 0b5b9c52",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn a_test_is_seen_to_be_one_and_links_to_nothing() {
        let text = blocks(&alert("alice", json!({"userName": "bob"})).into_test()).to_string();
        assert!(text.contains("\u{1f9ea} MEDIUM: TEST: User created"), "{text}");
        assert!(text.contains("TEST: alice created user bob") && !text.contains("cloudtrailv2"), "{text}");
    }

    #[test]
    fn nothing_in_a_record_can_mention_link_or_leave_the_code_block() {
        let evil = "<!channel> <@U1> <https://evil.example|AWS> ```*x* \u{202e}\n&amp;";
        let message = blocks(&alert(evil, json!({"userName": evil})));
        let plain = plain(&alert(evil, json!(null)));
        let mut texts = vec![message["text"].as_str().unwrap(), plain["text"].as_str().unwrap()];
        for block in message["blocks"].as_array().unwrap() {
            let of = block["fields"].as_array().into_iter().flatten().chain([&block["text"]]);
            texts.extend(of.filter_map(|text| text["text"].as_str()));
        }
        for text in texts {
            assert!(!text.contains('<') && !text.contains('>'), "{text}");
            assert!(!text.contains('\u{202e}') && text.matches("```").count() % 2 == 0, "{text}");
        }
        let code = message["blocks"][4]["text"]["text"].as_str().unwrap();
        assert!(code.starts_with("```") && code.ends_with("```"));
        assert!(!code.trim_matches('`').contains('`'), "{code}");
        let odd = Alert { region: Some("us-east-1|x>".into()), ..alert("a", json!(null)) };
        assert!(Link::of(&odd).is_none());
    }

    #[test]
    fn limits_are_kept_and_no_entity_is_split() {
        let long = "<&>".repeat(20_000);
        let message = blocks(&alert(&long, json!({"userName": long})));
        let blocks = message["blocks"].as_array().unwrap();
        let length = |value: &Value| value["text"].as_str().unwrap().chars().count();
        assert!(length(&blocks[0]["text"]) <= HEADER && length(&blocks[1]["text"]) <= SECTION);
        assert!(blocks[3]["fields"].as_array().unwrap().iter().all(|field| length(field) <= FIELD));
        assert!(length(&blocks[2]["text"]) <= SECTION && length(&blocks[4]["text"]) <= SECTION);
        assert!(message.to_string().len() < 12_000, "{}", message.to_string().len());
        assert!(cut_escaped("ab<", 6).ends_with('…') && cut_escaped("ab<", 7) == "ab&lt;");
    }
}
