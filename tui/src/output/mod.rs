//! An entry as one line of standard output: in words for people, as JSON for programs. Used by all that
//! writes alerts without a screen: `tail`, `export`, `operate`, replay into a pipe, and the command that
//! notifications run.

pub(crate) mod escaped_json;
pub(crate) mod rule;

use std::io::{self, Write};

use detector::facts::Verdict;
use detector::{Alert, Call, SafeText};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::model::{Alarm, AlarmKey, Content, Stored, alarm_label};

/// Format of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// `2026-11-24T02:00:30Z CRITICAL AttachUserPolicy 111122223333 203.0.113.7 alice attached …`: six
    /// columns, the last of which may hold spaces. What is not known is `-`.
    Words,
    /// One JSON object: the alert as it came.
    Json,
}

impl OutputFormat {
    pub(crate) const fn json(json: bool) -> Self {
        if json { Self::Json } else { Self::Words }
    }
}

/// Writes an entry of the database. A message that could not be read is a line too: as JSON an object
/// with `unreadable` (why) and `raw` (the message) instead of an alert's fields.
pub(crate) fn entry(out: &mut impl Write, form: OutputFormat, stored: &Stored) -> io::Result<()> {
    match (&stored.content, form) {
        (Content::Alert(alert), _) => self::alert(out, form, alert),
        (Content::Unreadable { why, .. }, OutputFormat::Words) => {
            let why = SafeText::new(why);
            writeln!(
                out,
                "{:.0} UNREADABLE - - - {why} (message {})",
                stored.time,
                SafeText::new(&stored.id.0)
            )
        }
        (Content::Unreadable { why, raw }, OutputFormat::Json) => {
            let message = json!({"id": stored.id, "time": stored.time, "unreadable": why, "raw": raw});
            escaped_json::write(&mut *out, &message)?;
            out.write_all(b"\n")
        }
    }
}

/// Writes an alert.
pub(crate) fn alert(out: &mut impl Write, form: OutputFormat, alert: &Alert) -> io::Result<()> {
    if form == OutputFormat::Json {
        return json_line(out, alert);
    }
    let time = alert.time.or(alert.detected_at).map_or_else(|| "-".to_owned(), seconds);
    writeln!(
        out,
        "{time} {:8} {} {} {} {}",
        alert.severity,
        column(Some(&alert.event)),
        column(alert.account.as_ref()),
        column(alert.source_ip.as_ref()),
        SafeText::new(&alert.summary)
    )
}

/// Writes a record of whatever kind: `2026-11-24T02:00:30Z DENIED GetSecretValue 111122223333 203.0.113.7 alice tried …`.
/// Its second column is the severity of an alert, else `DENIED`, `FAILED` or `-`. As JSON with the whole record.
pub(crate) fn call(out: &mut impl Write, form: OutputFormat, call: &Call, record: &Value) -> io::Result<()> {
    if form == OutputFormat::Json {
        let mut value = serde_json::to_value(call)?;
        if let Some(object) = value.as_object_mut() {
            object.insert("record".to_owned(), record.clone());
        }
        return json_line(out, &value);
    }
    let time = call.time.map_or_else(|| "-".to_owned(), seconds);
    let mark = match (call.severity, call.outcome.verdict) {
        (Some(severity), _) => severity.to_string(),
        (None, Verdict::Denied) => "DENIED".to_owned(),
        (None, Verdict::Failed) => "FAILED".to_owned(),
        (None, Verdict::Success) => "-".to_owned(),
    };
    writeln!(
        out,
        "{time} {mark:8} {} {} {} {}",
        column(Some(&call.event)),
        column(call.account.as_ref()),
        column(call.source_ip.as_ref()),
        SafeText::new(&call.summary)
    )
}

/// Writes one value as a line of JSON that is inert on a terminal.
pub(crate) fn json_line(out: &mut impl Write, value: &impl serde::Serialize) -> io::Result<()> {
    escaped_json::write(&mut *out, value)?;
    out.write_all(b"\n")
}

/// Writes an alarm of the pipeline itself: a state in the place of the severity, its name in that of the
/// event. As JSON it says what it is (`kind`), which no alert does.
pub(crate) fn alarm(out: &mut impl Write, form: OutputFormat, alarm: &Alarm) -> io::Result<()> {
    let Alarm { key: AlarmKey { account, region, name }, state, since, description, reason } = alarm;
    let state = alarm_label(*state);
    if form == OutputFormat::Json {
        let value = json!({"kind": "health", "alarm": name, "state": state, "time": since, "account": account,
            "region": region, "description": description, "reason": reason});
        escaped_json::write(&mut *out, &value)?;
        return out.write_all(b"\n");
    }
    let words = description.as_ref().or(reason.as_ref()).map_or("-", String::as_str);
    writeln!(
        out,
        "{} {state:8} {} {} - {}",
        seconds(*since),
        column(Some(name)),
        column(Some(account)),
        SafeText::new(words)
    )
}

/// Returns the text of a column, which holds no space; `-` where there is none.
fn column(text: Option<&String>) -> SafeText {
    match text.map(|text| SafeText::from(text.replace(' ', "_"))) {
        Some(text) if !text.as_str().is_empty() => text,
        _ => SafeText::new("-"),
    }
}

/// To the second, which is as much as CloudTrail tells.
pub(crate) fn seconds(time: Timestamp) -> String {
    format!("{time:.0}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{TriageState, testing};
    use detector::AlertId;

    fn written(form: OutputFormat, content: Content) -> String {
        let time = "2026-11-24T02:00:01.5Z".parse().unwrap();
        let id = AlertId("m\x1b1".to_owned());
        let stored = Stored { number: 1, id, time, content, state: TriageState::Open, remarks: None };
        let mut out = Vec::new();
        entry(&mut out, form, &stored).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_line_in_words_has_six_columns_and_no_foreign_escape() {
        let Content::Alert(mut alert) = testing::alert("a", 1).content else { unreachable!() };
        assert_eq!(
            written(OutputFormat::Words, Content::Alert(alert.clone())),
            "2026-11-24T02:00:01Z CRITICAL AttachUserPolicy 111122223333 203.0.113.7 alice attached policy \"AdministratorAccess\" to user bob\n"
        );
        (alert.source_ip, alert.account) = (Some("a b\n\x1b[2J".to_owned()), None);
        alert.summary = "line\nfeed \u{202e}".to_owned();
        assert_eq!(
            written(OutputFormat::Words, Content::Alert(alert)),
            "2026-11-24T02:00:01Z CRITICAL AttachUserPolicy - a_b⏎␛[2J line⏎feed ⟨U+202E⟩\n"
        );
    }

    #[test]
    fn json_is_the_alert_and_what_could_not_be_read_is_an_object_too() {
        let content = testing::alert("a", 1).content;
        let Content::Alert(alert) = &content else { unreachable!() };
        let alert = serde_json::to_string(alert).unwrap() + "\n";
        assert_eq!(written(OutputFormat::Json, content), alert);
        let unread = || Content::Unreadable { why: "not JSON".to_owned(), raw: "{\x1b".to_owned() };
        let message: serde_json::Value =
            serde_json::from_str(&written(OutputFormat::Json, unread())).unwrap();
        assert_eq!((&message["unreadable"], &message["raw"]), (&json!("not JSON"), &json!("{\x1b")));
        assert_eq!(
            written(OutputFormat::Words, unread()),
            "2026-11-24T02:00:01Z UNREADABLE - - - not JSON (message m␛1)\n"
        );
    }
}
