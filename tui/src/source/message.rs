//! Reads a queue message: an alert, or the five-field alert of the first version; an alarm of CloudWatch
//! about the pipeline itself; a probe of the function or of a console; triage of an alert on
//! another console. Each raw or in SNS's envelope. Anything else is kept as it came.
//!
//! Three topics send to the queue, and a message does not name its own. The attributes tell: what
//! consoles publish has `sender` = `console` (the subscription lets nothing else through), what the
//! function publishes has a `kind`, and CloudWatch sets none. So each publisher is believed what is its
//! own to say, and the rest is refused: a console makes no alerts, and nobody but CloudWatch alarms.

use detector::alert::VERSION;
use detector::link::{self, Link};
use detector::probe::PipelineProbe;
use detector::{Alert, AlertId, Health, json};
use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;

use crate::model::{Alarm, Content, Incoming, TriageEvent};
use crate::source::console_message::{Probe, TriageMessage};
use crate::source::first_version::FirstVersion;

/// Content of a queue message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Read {
    /// For the list: an alert, or a message that could not be read.
    Entry(Incoming),
    /// An alarm of the pipeline itself.
    Alarm(Alarm),
    /// A console's probe.
    Probe(Probe),
    /// The function's probe: the queue hears the topic of alerts.
    PipelineProbe(PipelineProbe),
    /// A link, which is no alert.
    Link(Box<Link>),
    /// A message of a later version that is no alert, by its kind.
    Unknown(String),
    /// Triage of an alert on another console; `None` where this version can't read it: a later one may say
    /// something that is new.
    Triage(Option<TriageEvent>),
}

/// The attributes of a message that say what it is, where raw delivery has brought any.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Attributes<'a> {
    pub(crate) kind: Option<&'a str>,
    pub(crate) sender: Option<&'a str>,
}

/// Names of those attributes.
pub(crate) const ATTRIBUTES: [&str; 2] = ["kind", "sender"];
/// The `sender` of what consoles publish.
pub(crate) const CONSOLE: &str = "console";

/// Reads a message. `message_id` is SQS's, and identifies what has no id of its own.
pub(crate) fn read(message_id: &str, attributes: Attributes<'_>, body: &str, received: Timestamp) -> Read {
    let entry = |id, content| Read::Entry(Incoming { id, received, content });
    match parse(message_id, attributes, body) {
        Ok(Parsed::Alert(alert)) => entry(alert.id.clone(), Content::Alert(alert)),
        Ok(Parsed::Health(health)) => Read::Alarm(Alarm::new(*health, received)),
        Ok(Parsed::Probe(probe)) => Read::Probe(probe),
        Ok(Parsed::PipelineProbe(probe)) => Read::PipelineProbe(probe),
        Ok(Parsed::Link(link)) => Read::Link(link),
        Ok(Parsed::Triage(triage)) => Read::Triage(triage.and_then(|triage| triage.event(received))),
        Ok(Parsed::Unknown(kind)) => Read::Unknown(kind),
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
    PipelineProbe(PipelineProbe),
    Triage(Option<TriageMessage>),
    Link(Box<Link>),
    Unknown(String),
}

fn parse(message_id: &str, attributes: Attributes<'_>, body: &str) -> Result<Parsed, String> {
    let outer = json::read(body.as_bytes()).map_err(|error| format!("invalid JSON: {error}"))?;
    let inside = |name: &str| outer.get("MessageAttributes")?.get(name)?.get("Value")?.as_str();
    let (kind, sender, value) = match (outer.get("Type").and_then(Value::as_str), outer.get("Message")) {
        (Some("Notification"), Some(Value::String(inner))) => (
            attributes.kind.or_else(|| inside("kind")),
            attributes.sender.or_else(|| inside("sender")),
            json::read(inner.as_bytes()).map_err(|error| format!("invalid JSON in the envelope: {error}"))?,
        ),
        _ => (attributes.kind, attributes.sender, outer.clone()),
    };
    // Of any value: nobody else sets it, and a list that holds `console` passes the filter too.
    if sender.is_some() {
        return of_a_console(kind, &value);
    }
    // An alert is one whatever its attribute says: nothing may hide it.
    if value.get("severity").is_none()
        && let Some(other) = not_an_alert(kind, &value)
    {
        return other;
    }
    let alert = alert(message_id, &value)?;
    Ok(Parsed::Alert(Box::new(alert)))
}

/// Reads a message of a console: a probe, triage, or a kind that this version does not know. An alert, an
/// alarm or a message without a kind is refused: somebody may be using the console's permissions.
fn of_a_console(kind: Option<&str>, value: &Value) -> Result<Parsed, String> {
    let is_more = value.get("severity").is_some() || Health::is_shape_of(value);
    match kind {
        Some("probe") if !is_more => Ok(Parsed::Probe(console_probe(value))),
        Some("triage") if !is_more => Ok(Parsed::Triage(TriageMessage::deserialize(value).ok())),
        Some(kind) if !is_more => Ok(Parsed::Unknown(kind.to_owned())),
        _ => {
            Err("rejected: published by a console, but consoles publish only probes and triage; a console's \
                  permissions may be misused"
                .to_owned())
        }
    }
}

/// Reads a message without a severity by its kind, else by its shape. None: it should be an alert.
fn not_an_alert(kind: Option<&str>, value: &Value) -> Option<Result<Parsed, String>> {
    let has = |key: &str| value.get(key).is_some();
    let kind = match kind {
        Some(kind) => kind,
        None if has("probe") && has("console") => "probe",
        None if has("alert") && has("action") => "triage",
        None if Health::is_shape_of(value) => {
            let health = Health::deserialize(value).map(|health| Parsed::Health(Box::new(health)));
            return Some(health.map_err(|error| format!("invalid CloudWatch alarm message: {error}")));
        }
        None => return None,
    };
    Some(match kind {
        _ if Health::is_shape_of(value) => Err(format!(
            "rejected: alarm with the attribute kind = {kind}, which CloudWatch never sets; not published by \
             CloudWatch"
        )),
        "probe" => Ok(match PipelineProbe::deserialize(value) {
            Ok(probe) => Parsed::PipelineProbe(probe),
            Err(_) => Parsed::Probe(console_probe(value)),
        }),
        "triage" => Ok(Parsed::Triage(TriageMessage::deserialize(value).ok())),
        "link" => link(value),
        "alert" => return None,
        other => Ok(Parsed::Unknown(other.to_owned())),
    })
}

/// Reads a link. One of a later version is left out: nobody misses an alert by it.
fn link(value: &Value) -> Result<Parsed, String> {
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version > u64::from(link::VERSION) => Ok(Parsed::Unknown("link".to_owned())),
        _ => Link::deserialize(value)
            .map(|link| Parsed::Link(Box::new(link)))
            .map_err(|error| format!("invalid link: {error}")),
    }
}

/// Reads a console's probe. One that a later version has changed is read as an empty probe of version 0.
fn console_probe(value: &Value) -> Probe {
    let unknown = Probe { version: 0, console: String::new(), id: String::new(), at: Timestamp::UNIX_EPOCH };
    Probe::deserialize(value).unwrap_or(unknown)
}

fn alert(message_id: &str, value: &Value) -> Result<Alert, String> {
    match value.get("version").and_then(Value::as_u64) {
        Some(version) if version > u64::from(VERSION) => Err(format!(
            "unsupported alert version {version} (this sentinel-tui supports {VERSION}): update sentinel-tui"
        )),
        Some(_) => Alert::deserialize(value).map_err(|error| format!("invalid alert: {error}")),
        None => FirstVersion::deserialize(value)
            .map_err(|error| format!("invalid alert: {error}"))
            .and_then(|alert| alert.upgrade(message_id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TriageAction;
    use crate::model::testing::alert;
    use crate::source::console_message::LONGEST;
    use detector::Severity;
    use proptest::prelude::*;
    use serde_json::json;

    fn of_kind(kind: Option<&str>) -> Attributes<'_> {
        Attributes { kind, sender: None }
    }

    fn of_console(kind: &str) -> Attributes<'_> {
        Attributes { kind: Some(kind), sender: Some(CONSOLE) }
    }

    fn refused(attributes: Attributes<'_>, body: &str) -> String {
        match read("m1", attributes, body, Timestamp::UNIX_EPOCH) {
            Read::Entry(Incoming { content: Content::Unreadable { why, raw }, .. }) if raw == body => why,
            other => panic!("{attributes:?}: {other:?}"),
        }
    }

    fn alarm_message(state: &str) -> Value {
        json!({"AlarmName": "iam-sentinel-canary-missing", "NewStateValue": state, "OldStateValue": "ALARM"})
    }

    #[test]
    fn a_link_is_no_entry_of_the_list_and_a_later_version_is_left_out() {
        let link = json!({"version": 1, "id": "e", "time": "2026-11-26T10:00:00Z", "event": "AssumeRole",
            "class": "chain", "actor": {"kind": "role", "id": "r", "name": "r"}, "summary": "r assumed role s",
            "joins": [["give", "cred", "ASIA"]]});
        let of = |attributes, link: &Value| read("m1", attributes, &link.to_string(), Timestamp::UNIX_EPOCH);
        let Read::Link(read) = of(of_kind(Some("link")), &link) else { panic!("no link") };
        assert_eq!((read.id.0.as_str(), read.joins.len()), ("e", 1));
        let later = json!({"version": 2});
        assert_eq!(of(of_kind(Some("link")), &later), Read::Unknown("link".to_owned()));
        assert!(refused(of_kind(Some("link")), r#"{"version": 1}"#).contains("invalid link"));
        let by_a_console = of(of_console("link"), &link);
        assert_eq!(by_a_console, Read::Unknown("link".to_owned()), "no console may publish one");
    }

    #[test]
    fn nobody_but_cloudwatch_makes_an_alarm_or_its_end() {
        for state in ["OK", "ALARM"] {
            for kind in ["alert", "health", "probe", "triage", "link"] {
                let bodies = [alarm_message(state).to_string(), enveloped(&alarm_message(state), Some(kind))];
                for body in bodies {
                    let why = refused(of_kind(Some(kind)), &body);
                    assert!(why.contains("which CloudWatch never sets"), "{why}");
                    refused(of_console(kind), &body);
                }
                refused(Attributes::default(), &enveloped(&alarm_message(state), Some(kind)));
            }
        }
    }

    #[test]
    fn a_console_makes_no_alert_and_no_probe_of_the_function() {
        let incoming = alert("a", 1);
        let Content::Alert(inner) = &incoming.content else { unreachable!() };
        let raw = inner.to_message(262_144).unwrap();
        let old = json!({"severity": "LOW", "event": "CreateUser"}).to_string();
        for kind in ["alert", "triage", "probe", "link"] {
            for body in [&raw, &old] {
                assert!(refused(of_console(kind), body).contains("a console's permissions"), "{kind}");
            }
        }
        let probe =
            json!({"version": 1, "pipeline": "iam-sentinel", "every": 300, "at": "2026-11-24T02:00:00Z"});
        let of = |attributes| read("m", attributes, &probe.to_string(), Timestamp::UNIX_EPOCH);
        assert!(matches!(of(of_kind(Some("probe"))), Read::PipelineProbe(probe) if probe.every == 300));
        assert!(matches!(of(of_console("probe")), Read::Probe(probe) if probe.id.is_empty()));
    }

    #[test]
    fn a_sender_of_any_value_is_a_console() {
        let forged = json!({"version": 1, "severity": "LOW", "event": "CreateUser"}).to_string();
        for (kind, sender) in
            [("probe", r#"["console"]"#), ("alert", ""), (r#"["probe"]"#, r#"["x","console"]"#)]
        {
            refused(Attributes { kind: Some(kind), sender: Some(sender) }, &forged);
        }
    }

    #[test]
    fn a_kind_of_a_later_version_makes_no_row_unless_it_is_an_alert() {
        let later = json!({"version": 1, "from": "a", "to": "b"}).to_string();
        let read_later = |attributes| read("m", attributes, &later, Timestamp::UNIX_EPOCH);
        for attributes in [of_kind(Some("later")), of_console("later")] {
            assert_eq!(read_later(attributes), Read::Unknown("later".to_owned()));
        }
        let alert = json!({"severity": "HIGH", "event": "CreateUser"}).to_string();
        let read = read("m", of_kind(Some("link")), &alert, Timestamp::UNIX_EPOCH);
        assert!(
            matches!(read, Read::Entry(Incoming { content: Content::Alert(_), .. })),
            "nothing may hide it"
        );
    }

    fn read_one(body: &str) -> Content {
        match read("m1", Attributes::default(), body, Timestamp::UNIX_EPOCH) {
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
        assert!(why("{").contains("JSON"));
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
        for body in [message.to_string(), enveloped(&message, None)] {
            let received = "2026-11-24T02:10:01Z".parse().unwrap();
            let Read::Alarm(alarm) = read("m", Attributes::default(), &body, received) else {
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
        let Read::Alarm(early) =
            read("m", Attributes::default(), &message.to_string(), Timestamp::UNIX_EPOCH)
        else {
            panic!()
        };
        assert_eq!(early.since, Timestamp::UNIX_EPOCH);
        let strange = json!({"AlarmName": "x", "NewStateValue": "PURPLE"}).to_string();
        assert!(why(&strange).starts_with("invalid CloudWatch alarm message: "), "kept, and shown");
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
            let Read::Probe(probe) = read("m", of_kind(kind), &body, Timestamp::UNIX_EPOCH) else {
                panic!("{body}")
            };
            assert_eq!((probe.console.as_str(), probe.id.as_str()), ("oncall", "p-1"));
        }
        for later in [json!({"version": 2, "who": "x"}), json!([1])] {
            let read = read("m", of_kind(Some("probe")), &later.to_string(), Timestamp::UNIX_EPOCH);
            assert!(matches!(read, Read::Probe(probe) if probe.console.is_empty()), "{later}");
        }
        let incoming = alert("a", 1);
        let Content::Alert(alert) = &incoming.content else { unreachable!() };
        let body = alert.to_message(262_144).unwrap();
        for kind in ["probe", "health"] {
            let read = read("m", of_kind(Some(kind)), &body, Timestamp::UNIX_EPOCH);
            assert!(matches!(read, Read::Entry(entry) if entry.content == incoming.content), "{kind}");
        }
    }

    proptest! {
        #[test]
        fn no_message_panics(body in any::<String>()) {
            for kind in [None, Some("probe"), Some("alert"), Some("link")] {
                for sender in [None, Some(CONSOLE)] {
                    read("m", Attributes { kind, sender }, &body, Timestamp::UNIX_EPOCH);
                }
            }
        }
    }

    fn heard(body: &Value, kind: Option<&str>) -> Option<TriageEvent> {
        match read("m1", of_kind(kind), &body.to_string(), "2026-11-24T03:00:00Z".parse().unwrap()) {
            Read::Triage(said) => said,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_was_said_on_another_console_is_read_as_it_was_said() {
        let note = TriageAction::Note(Some("Expected: the\u{1b}[2J pipeline".to_owned()));
        let changes = [
            TriageAction::Acknowledge,
            TriageAction::Reopen,
            note,
            TriageAction::Note(None),
            TriageAction::Tag("drill".into()),
        ];
        for change in changes.into_iter().chain([TriageAction::Untag("drill".into())]) {
            let at = "2026-11-24T02:00:01.234567Z".parse().unwrap();
            let said = TriageEvent { alert: AlertId("a".into()), action: change, by: "ana".into(), at };
            let message = serde_json::to_value(TriageMessage::from(&said)).unwrap();
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
        assert_eq!(long.action.text().unwrap().chars().count(), LONGEST);
        for (key, value) in
            [("action", json!("escalate")), ("action", json!("tag")), ("at", json!(7)), ("by", json!(null))]
        {
            assert_eq!(with(key, value.clone()), None, "{key} {value}");
        }
        let alert = alert("a", 1);
        let Content::Alert(inner) = &alert.content else { unreachable!() };
        let raw = inner.to_message(262_144).unwrap();
        let read = read("m1", of_kind(Some("triage")), &raw, Timestamp::UNIX_EPOCH);
        assert!(matches!(read, Read::Entry(_)), "an alert is one whatever its attribute says");
    }
}
