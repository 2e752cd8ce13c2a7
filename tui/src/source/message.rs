//! What a queue message holds: an alert raw, an alert in SNS's envelope, or the five-field alert of
//! the first version. Anything else is kept as it came.

use detector::alert::VERSION;
use detector::{Alert, AlertId, Severity};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::store::{Content, Incoming};

/// Reads a message. `message_id` is SQS's, and identifies what has no id of its own.
pub(super) fn read(message_id: &str, body: &str, received: Timestamp) -> Incoming {
    match parse(message_id, body) {
        Ok(alert) => Incoming { id: alert.id.clone(), received, content: Content::Alert(Box::new(alert)) },
        Err(why) => Incoming {
            id: AlertId(format!("unreadable-{message_id}")),
            received,
            content: Content::Unreadable { why, raw: body.to_owned() },
        },
    }
}

fn parse(message_id: &str, body: &str) -> Result<Alert, String> {
    let value: Value = serde_json::from_str(body).map_err(|error| format!("not JSON: {error}"))?;
    let value = match (value.get("Type").and_then(Value::as_str), value.get("Message")) {
        (Some("Notification"), Some(Value::String(inner))) => {
            serde_json::from_str(inner).map_err(|error| format!("not JSON inside SNS's envelope: {error}"))?
        }
        _ => value,
    };
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => Err(format!(
            "an alert of version {version}, and this sentinel-tui reads {VERSION}: update sentinel-tui"
        )),
        Some(_) => Alert::deserialize(&value).map_err(|error| format!("not an alert: {error}")),
        None => FirstVersion::deserialize(&value)
            .map_err(|error| format!("not an alert: {error}"))
            .and_then(|alert| alert.upgrade(message_id)),
    }
}

/// The alert as the first version of IAM Sentinel published it.
#[derive(Deserialize)]
struct FirstVersion {
    severity: String,
    event: String,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    source_ip: Option<String>,
    #[serde(default)]
    parameters: Value,
}

impl FirstVersion {
    fn upgrade(self, message_id: &str) -> Result<Alert, String> {
        let severity: Severity = self.severity.parse().map_err(|error| format!("{error}"))?;
        let user = self.user.as_deref().unwrap_or("somebody unknown");
        Ok(Alert {
            version: VERSION,
            id: AlertId(format!("first-version-{message_id}")),
            severity,
            summary: format!("{user} called {}", self.event),
            title: self.event.clone(),
            event: self.event,
            user: self.user,
            source_ip: self.source_ip,
            parameters: self.parameters,
            reasons: Vec::new(),
            rules: Vec::new(),
            facts: None,
            time: None,
            detected_at: None,
            account: None,
            region: None,
            event_source: None,
            user_agent: None,
            error: None,
            test: false,
            truncated: Vec::new(),
            record: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::testing::alert;
    use proptest::prelude::*;
    use serde_json::json;

    fn read_one(body: &str) -> Content {
        read("m1", body, Timestamp::UNIX_EPOCH).content
    }

    fn why(body: &str) -> String {
        match read_one(body) {
            Content::Unreadable { why, raw } => {
                assert_eq!(raw, body, "kept as it came");
                why
            }
            Content::Alert(alert) => panic!("{alert:?}"),
        }
    }

    #[test]
    fn raw_enveloped_and_first_version_alerts_are_read() {
        let incoming = alert("a", 1);
        let Content::Alert(wanted) = &incoming.content else { unreachable!() };
        let raw = wanted.to_message(262_144).unwrap();
        assert_eq!(read_one(&raw), incoming.content);
        let envelope = json!({"Type": "Notification", "MessageId": "x", "Message": raw}).to_string();
        assert_eq!(read_one(&envelope), incoming.content);
        let old = json!({"severity": "HIGH", "event": "CreateUser", "user": "arn:aws:iam::1:user/alice",
            "source_ip": "203.0.113.7", "parameters": {"userName": "bob"}, "something": "new"});
        let Content::Alert(old) = read_one(&old.to_string()) else { panic!("{old}") };
        assert_eq!(
            (old.severity, old.event.as_str(), old.id.0.as_str()),
            (Severity::High, "CreateUser", "first-version-m1")
        );
        assert_eq!(old.parameters["userName"], "bob");
    }

    #[test]
    fn what_can_not_be_read_says_why() {
        assert!(why("{").starts_with("not JSON"));
        assert!(why(r#"{"version": 2, "id": "x"}"#).contains("update sentinel-tui"));
        assert!(why(r#"{"version": 1}"#).contains("missing field"));
        assert!(why(r#"{"severity": "PURPLE", "event": "x"}"#).contains("PURPLE"));
        assert!(why(r#"{"Type": "Notification", "Message": "hello"}"#).contains("envelope"));
    }

    proptest! {
        #[test]
        fn no_message_panics(body in any::<String>()) {
            read("m", &body, Timestamp::UNIX_EPOCH);
        }
    }
}
