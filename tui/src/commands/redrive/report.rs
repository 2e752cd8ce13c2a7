//! Report of a redrive: a line for each message, reasons counted, and the result.
//!
//! ```text
//! iam-sentinel-rule-dlq: about 3 messages, for iam-sentinel-slack
//!   2026-11-24 02:03:04  event AttachUserPolicy by mallory
//!                        NO_PERMISSIONS: User: events.amazonaws.com is not authorized …
//! 3 messages: 3 NO_PERMISSIONS: User: …
//! ```

use std::collections::BTreeMap;
use std::io::{self, Stdout, Write};

use detector::SafeText;
use serde_json::json;

use crate::commands::count;
use crate::commands::pipeline::last;
use crate::commands::redrive::dead_letter::DeadLetter;
use crate::commands::redrive::targets::Targets;
use crate::format::{date_time, number};
use crate::output::escaped_json;

/// Outcome of a message in a redrive.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Sent now, and deleted.
    Sent,
    /// An earlier run has sent it; now it is deleted.
    Deleted,
    /// Sent, and not deleted; holds the reason.
    Undeleted(String),
    /// Not sent, or not to all of its queues; holds the reason.
    Kept(String),
}

pub(crate) struct Report<W: Write = Stdout> {
    out: W,
    json: bool,
    dry_run: bool,
    queue: String,
    /// Approximate number of messages in the queue, as SQS said before the run.
    inside: u64,
    reasons: BTreeMap<String, u64>,
    /// The reason of the message before.
    told: Option<String>,
    listed: u64,
    sent: u64,
    deleted: u64,
    undeleted: u64,
    kept: u64,
    /// Reasons why messages stayed, with the number of messages for each.
    troubles: BTreeMap<String, u64>,
}

impl Report {
    pub(crate) fn new(json: bool, dry_run: bool, queue: &str, inside: u64, targets: &Targets) -> Self {
        eprintln!(
            "{}: about {}, destination {}",
            SafeText::new(queue),
            count(inside, "message"),
            targets.names()
        );
        Self::on(io::stdout(), json, dry_run, queue, inside)
    }
}

impl<W: Write> Report<W> {
    fn on(out: W, json: bool, dry_run: bool, queue: &str, inside: u64) -> Self {
        Self {
            out,
            json,
            dry_run,
            queue: queue.to_owned(),
            inside,
            reasons: BTreeMap::new(),
            told: None,
            listed: 0,
            sent: 0,
            deleted: 0,
            undeleted: 0,
            kept: 0,
            troubles: BTreeMap::new(),
        }
    }

    /// Reports a message of a dry run.
    pub(crate) fn listed(&mut self, letter: &DeadLetter, to: &[String]) -> io::Result<()> {
        self.listed += 1;
        let to: Vec<String> = to.iter().map(|url| last(url).to_owned()).collect();
        self.line(letter, &to, "listed", None)
    }

    /// Reports the outcome of a message.
    pub(crate) fn record(&mut self, letter: &DeadLetter, to: &[String], fate: &Outcome) -> io::Result<()> {
        let (counter, word, trouble) = match fate {
            Outcome::Sent => (&mut self.sent, "sent", None),
            Outcome::Deleted => (&mut self.deleted, "sent before", None),
            Outcome::Undeleted(why) => (&mut self.undeleted, "sent, not deleted", Some(why)),
            Outcome::Kept(why) => (&mut self.kept, "kept", Some(why)),
        };
        *counter += 1;
        if let Some(why) = trouble {
            *self.troubles.entry(why.clone()).or_default() += 1;
        }
        self.line(letter, to, word, trouble.map(String::as_str))
    }

    fn line(
        &mut self,
        letter: &DeadLetter,
        to: &[String],
        word: &str,
        trouble: Option<&str>,
    ) -> io::Result<()> {
        let reason = letter.reason();
        if let Some(reason) = &reason {
            *self.reasons.entry(reason.to_string()).or_default() += 1;
        }
        if self.json {
            let line = json!({
                "message": letter.id, "sent_at": letter.sent(), "what": letter.what().as_str(),
                "reason": reason.as_ref().map(SafeText::as_str), "to": to, "result": word, "error": trouble,
            });
            escaped_json::write(&mut self.out, &line)?;
            return writeln!(self.out);
        }
        let at = letter.sent().map_or_else(|| " ".repeat(19), date_time);
        let mark = if self.dry_run { String::new() } else { format!("{word}: ") };
        writeln!(self.out, "  {at}  {mark}{}", letter.what())?;
        // Most have one reason, which is read once.
        match &reason {
            Some(reason) if self.dry_run && self.told != Some(reason.to_string()) => {
                writeln!(self.out, "  {:19}  {reason}", "")?;
            }
            _ => {}
        }
        self.told = reason.map(|reason| reason.to_string());
        Ok(())
    }

    /// Writes the result. Returns true where no message was kept or left undeleted; of a dry run, always.
    pub(crate) fn end(&mut self, word: Option<&str>) -> io::Result<bool> {
        let Self { listed, sent, deleted, undeleted, kept, .. } = *self;
        let is_well = undeleted == 0 && kept == 0;
        if self.json {
            let line = json!({"summary": {
                "queue": self.queue, "about": self.inside, "dry_run": self.dry_run, "listed": listed,
                "sent": sent, "sent_before": deleted, "sent_not_deleted": undeleted, "kept": kept,
                "reasons": self.reasons, "errors": self.troubles,
            }});
            escaped_json::write(&mut self.out, &line)?;
            writeln!(self.out)?;
            self.out.flush()?;
            if let Some(word) = word {
                eprintln!("sentinel-tui: {word}");
            }
            return Ok(is_well);
        }
        for (reason, count) in &self.reasons {
            writeln!(self.out, "{:>7} x {reason}", number(*count))?;
        }
        if self.dry_run {
            let given = if listed == 0 { "queue is empty" } else { "all returned, nothing sent" };
            writeln!(self.out, "{}: {given}", count(listed, "message"))?;
        } else {
            let mut parts = vec![format!("{} sent and deleted", number(sent))];
            let more = [
                (deleted, "sent by an earlier run, deleted now"),
                (undeleted, "sent, not deleted (the next run deletes without resending)"),
                (kept, "not sent, still in the queue"),
            ];
            parts.extend(
                more.iter()
                    .filter(|(many, _)| *many > 0)
                    .map(|(many, what)| format!("{} {what}", number(*many))),
            );
            writeln!(self.out, "{}", parts.join("; "))?;
        }
        self.out.flush()?;
        for (trouble, count) in &self.troubles {
            eprintln!("sentinel-tui: {} x {trouble}", number(*count));
        }
        if let Some(word) = word {
            eprintln!("sentinel-tui: {word}");
        }
        Ok(is_well)
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::redrive::dead_letter::tests::letter;
    use crate::commands::redrive::report::*;

    fn event() -> DeadLetter {
        let body = json!({"detail": {"eventName": "CreateUser", "userIdentity": {"userName": "mallory"}}});
        letter("m1", &body, &[("ERROR_CODE", "NO_PERMISSIONS")])
    }

    fn written(json: bool, dry_run: bool, work: impl Fn(&mut Report<&mut Vec<u8>>)) -> (String, bool) {
        let mut out = Vec::new();
        let mut report = Report::on(&mut out, json, dry_run, "x-rule-dlq", 2);
        work(&mut report);
        let well = report.end(None).unwrap();
        (String::from_utf8(out).unwrap(), well)
    }

    #[test]
    fn a_dry_run_says_what_is_in_there_and_why() {
        let to = ["https://sqs.us-east-1.amazonaws.com/1/x-slack".to_owned()];
        let (said, well) = written(false, true, |report| {
            report.listed(&event(), &to).unwrap();
            report.listed(&event(), &to).unwrap();
        });
        assert!(well);
        assert!(said.contains("  event CreateUser by mallory\n"), "{said}");
        assert!(
            said.ends_with("      2 x NO_PERMISSIONS\n2 messages: all returned, nothing sent\n"),
            "{said}"
        );
        assert_eq!(written(false, true, |_| ()).0, "0 messages: queue is empty\n");
    }

    #[test]
    fn what_stays_is_counted_and_is_no_success() {
        let to = ["x-slack".to_owned()];
        let (said, well) = written(false, false, |report| {
            report.record(&event(), &to, &Outcome::Sent).unwrap();
            report.record(&event(), &to, &Outcome::Undeleted("no".to_owned())).unwrap();
            report.record(&event(), &to, &Outcome::Kept("no".to_owned())).unwrap();
        });
        assert!(!well);
        assert!(said.contains("1 sent and deleted; 1 sent, not deleted"), "{said}");
        let (said, well) =
            written(true, false, |report| report.record(&event(), &to, &Outcome::Deleted).unwrap());
        let lines: Vec<serde_json::Value> =
            said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(
            well && lines[0]["result"] == "sent before" && lines[1]["summary"]["sent_before"] == 1,
            "{said}"
        );
    }
}
