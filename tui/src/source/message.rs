//! What a queue message holds: an alert, or the five-field alert of the first version; a word of
//! CloudWatch about the pipeline itself; a console's probe; what was said of an alert elsewhere. Each raw or in SNS's envelope. Anything else
//! is kept as it came.

use detector::alert::VERSION;
use detector::{Alert, AlertId, Health, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::store::{Alarm, Change, Content, Incoming, Said};

/// What a message is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Read {
    /// For the list: an alert, or what could not be read.
    Entry(Incoming),
    /// An alarm of the pipeline itself.
    Alarm(Alarm),
    /// A console's probe.
    Probe(Probe),
    /// What somebody said of an alert on another console; none where a later version says something that
    /// this one does not know.
    Said(Option<Said>),
}

/// What is said of an alert, as consoles tell each other (`DESIGN`'s kind `triage`).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Triage {
    version: u32,
    alert: String,
    /// `acknowledge`, `reopen`, `note`, `tag`, `untag`.
    action: String,
    /// None takes the note away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    by: String,
    at: Timestamp,
}

/// Of names, notes and tags that others write, no more than this is kept, in letters.
const LONGEST: usize = 2_000;

impl From<&Said> for Triage {
    fn from(said: &Said) -> Self {
        let text = || said.change.text().map(str::to_owned);
        let is_note = matches!(said.change, Change::Note(_));
        Self {
            version: 1,
            alert: said.alert.0.clone(),
            action: said.change.action().to_owned(),
            note: text().filter(|_| is_note),
            tag: text().filter(|_| !is_note),
            by: said.by.clone(),
            at: said.at,
        }
    }
}

impl Triage {
    fn said(self, received: Timestamp) -> Option<Said> {
        let short = |text: String| text.chars().take(LONGEST).collect::<String>();
        let text = if self.action == "note" { self.note } else { self.tag };
        // A time that is yet to come would keep every later word out.
        let at = self.at.min(received).as_microsecond();
        Some(Said {
            alert: AlertId(short(self.alert)),
            change: Change::of(&self.action, text.map(short))?,
            by: short(self.by),
            at: Timestamp::from_microsecond(at).ok()?,
        })
    }
}

/// A probe as it is published (`DESIGN`'s kind `probe`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) version: u32,
    /// The name of the console that asks.
    pub(crate) console: String,
    /// Of this probe alone.
    #[serde(rename = "probe")]
    pub(crate) id: String,
    /// When it was published.
    pub(crate) at: Timestamp,
}

/// Reads a message. `message_id` is SQS's, and identifies what has no id of its own; `kind` is what its
/// attribute of that name says, where raw delivery has brought one.
pub(crate) fn read(message_id: &str, kind: Option<&str>, body: &str, received: Timestamp) -> Read {
    let entry = |id, content| Read::Entry(Incoming { id, received, content });
    match parse(message_id, kind, body) {
        Ok(Parsed::Alert(alert)) => entry(alert.id.clone(), Content::Alert(alert)),
        Ok(Parsed::Health(health)) => Read::Alarm(Alarm::new(*health, received)),
        Ok(Parsed::Probe(probe)) => Read::Probe(probe),
        Ok(Parsed::Triage(triage)) => Read::Said(triage.and_then(|triage| triage.said(received))),
        Err(why) => entry(
            AlertId(format!("unreadable-{message_id}")),
            Content::Unreadable { why, raw: body.to_owned() },
        ),
    }
}

enum Parsed {
    Alert(Box<Alert>),
    Health(Box<Health>),
    Probe(Probe),
    Triage(Option<Triage>),
}

fn parse(message_id: &str, kind: Option<&str>, body: &str) -> Result<Parsed, String> {
    let outer: Value = serde_json::from_str(body).map_err(|error| format!("not JSON: {error}"))?;
    let inside = outer.get("MessageAttributes").and_then(|all| all.get("kind")?.get("Value")?.as_str());
    let (kind, value) = match (outer.get("Type").and_then(Value::as_str), outer.get("Message")) {
        (Some("Notification"), Some(Value::String(inner))) => (
            kind.or(inside),
            serde_json::from_str(inner)
                .map_err(|error| format!("not JSON inside SNS's envelope: {error}"))?,
        ),
        _ => (kind, outer.clone()),
    };
    // An alert is one whatever its attribute says: nothing may hide it.
    if value.get("severity").is_none() {
        if kind == Some("probe") || (value.get("probe").is_some() && value.get("console").is_some()) {
            // Of a probe that a later version has changed, nothing is lost.
            let unknown =
                Probe { version: 0, console: String::new(), id: String::new(), at: Timestamp::UNIX_EPOCH };
            return Ok(Parsed::Probe(Probe::deserialize(&value).unwrap_or(unknown)));
        }
        if kind == Some("triage") || (value.get("alert").is_some() && value.get("action").is_some()) {
            return Ok(Parsed::Triage(Triage::deserialize(&value).ok()));
        }
        if kind == Some("health") || Health::is_shape_of(&value) {
            let health = Health::deserialize(&value);
            return health
                .map(|health| Parsed::Health(Box::new(health)))
                .map_err(|error| format!("not an alarm as CloudWatch publishes it: {error}"));
        }
    }
    let alert = alert(message_id, &value)?;
    Ok(Parsed::Alert(Box::new(alert)))
}

fn alert(message_id: &str, value: &Value) -> Result<Alert, String> {
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => Err(format!(
            "an alert of version {version}, and this sentinel-tui reads {VERSION}: update sentinel-tui"
        )),
        Some(_) => Alert::deserialize(value).map_err(|error| format!("not an alert: {error}")),
        None => FirstVersion::deserialize(value)
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
        match read("m1", None, body, Timestamp::UNIX_EPOCH) {
            Read::Entry(incoming) => incoming.content,
            other => panic!("{other:?}"),
        }
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

    fn enveloped(message: &Value, kind: Option<&str>) -> String {
        let attributes = kind.map(|kind| json!({"kind": {"Type": "String", "Value": kind}}));
        json!({"Type": "Notification", "Message": message.to_string(), "MessageAttributes": attributes})
            .to_string()
    }

    #[test]
    fn an_alarm_is_told_by_its_shape_raw_and_in_the_envelope() {
        let message = json!({"AlarmName": "iam-sentinel-slack-late", "NewStateValue": "ALARM",
            "StateChangeTime": "2026-11-24T02:10:00.000+0000", "AWSAccountId": "111122223333",
            "AlarmDescription": "", "NewStateReason": "Threshold Crossed"});
        for (kind, body) in [
            (None, message.to_string()),
            (None, enveloped(&message, None)),
            (Some("health"), message.to_string()),
        ] {
            let Read::Alarm(alarm) = read("m", kind, &body, "2026-11-24T02:10:01Z".parse().unwrap()) else {
                panic!("{body}")
            };
            assert_eq!(
                (alarm.key.name.as_str(), alarm.key.account.as_str()),
                ("iam-sentinel-slack-late", "111122223333")
            );
            assert_eq!((alarm.is_on(), alarm.description), (true, None));
            assert_eq!(alarm.since, "2026-11-24T02:10:00Z".parse().unwrap());
        }
        // A time that is yet to come would hold the state for ever.
        let Read::Alarm(early) = read("m", None, &message.to_string(), Timestamp::UNIX_EPOCH) else {
            panic!()
        };
        assert_eq!(early.since, Timestamp::UNIX_EPOCH);
        let strange = json!({"AlarmName": "x", "NewStateValue": "PURPLE"}).to_string();
        assert!(why(&strange).starts_with("not an alarm as CloudWatch publishes it: "), "kept, and shown");
    }

    #[test]
    fn a_probe_is_told_by_its_attribute_or_its_shape_and_no_alert_is_taken_for_one() {
        let message =
            json!({"version": 1, "console": "oncall", "probe": "p-1", "at": "2026-11-24T02:10:00Z"});
        for (kind, body) in [
            (Some("probe"), message.to_string()),
            (None, message.to_string()),
            (None, enveloped(&message, Some("probe"))),
        ] {
            let Read::Probe(probe) = read("m", kind, &body, Timestamp::UNIX_EPOCH) else { panic!("{body}") };
            assert_eq!((probe.console.as_str(), probe.id.as_str()), ("oncall", "p-1"));
        }
        for later in [json!({"version": 2, "who": "x"}), json!([1])] {
            let read = read("m", Some("probe"), &later.to_string(), Timestamp::UNIX_EPOCH);
            assert!(matches!(read, Read::Probe(probe) if probe.console.is_empty()), "{later}");
        }
        let incoming = alert("a", 1);
        let Content::Alert(alert) = &incoming.content else { unreachable!() };
        let body = alert.to_message(262_144).unwrap();
        for kind in ["probe", "health"] {
            let read = read("m", Some(kind), &body, Timestamp::UNIX_EPOCH);
            assert!(matches!(read, Read::Entry(entry) if entry.content == incoming.content), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(body in any::<String>()) {
            read("m", None, &body, Timestamp::UNIX_EPOCH);
            read("m", Some("probe"), &body, Timestamp::UNIX_EPOCH);
        }
    }

    fn heard(body: &Value, kind: Option<&str>) -> Option<Said> {
        match read("m1", kind, &body.to_string(), "2026-11-24T03:00:00Z".parse().unwrap()) {
            Read::Said(said) => said,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_said_on_another_console_is_read_as_it_was_said() {
        let note = Change::Note(Some("Expected: the\u{1b}[2J pipeline".to_owned()));
        let changes =
            [Change::Acknowledge, Change::Reopen, note, Change::Note(None), Change::Tag("drill".into())];
        for change in changes.into_iter().chain([Change::Untag("drill".into())]) {
            let at = "2026-11-24T02:00:01.234567Z".parse().unwrap();
            let said = Said { alert: AlertId("a".into()), change, by: "ana".into(), at };
            let message = serde_json::to_value(Triage::from(&said)).unwrap();
            assert_eq!(heard(&message, Some("triage")), Some(said.clone()));
            assert_eq!(heard(&message, None), Some(said.clone()), "by its shape");
            let envelope: Value = serde_json::from_str(&enveloped(&message, Some("triage"))).unwrap();
            assert_eq!(heard(&envelope, None), Some(said));
        }
    }

    #[test]
    fn what_is_said_from_elsewhere_is_held_to_what_can_be() {
        let with = |key: &str, value: Value| {
            let mut message = json!({"version": 1, "alert": "a", "action": "note", "note": "x", "by": "eve",
                "at": "2026-11-24T02:00:00Z"});
            message[key] = value;
            heard(&message, Some("triage"))
        };
        let late = with("at", json!("2099-01-01T00:00:00Z")).unwrap();
        assert_eq!(late.at, "2026-11-24T03:00:00Z".parse().unwrap(), "it may not keep later words out");
        let long = with("note", json!("é".repeat(9_000))).unwrap();
        assert_eq!(long.change.text().unwrap().chars().count(), LONGEST);
        for (key, value) in
            [("action", json!("escalate")), ("action", json!("tag")), ("at", json!(7)), ("by", json!(null))]
        {
            assert_eq!(with(key, value.clone()), None, "{key} {value}");
        }
        let alert = alert("a", 1);
        let Content::Alert(inner) = &alert.content else { unreachable!() };
        let raw = inner.to_message(262_144).unwrap();
        let read = read("m1", Some("triage"), &raw, Timestamp::UNIX_EPOCH);
        assert!(matches!(read, Read::Entry(_)), "an alert is one whatever its attribute says");
    }
}
