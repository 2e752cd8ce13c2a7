//! An incident as Markdown for a ticket. Every foreign text is in a code span, where no Markdown viewer reads a link, a
//! mention or HTML in it.

use std::fmt::Write as _;

use detector::SafeText;
use jiff::Timestamp;

use super::incident::{Incident, Related, Step};
use crate::model::TriageStep;

/// Something that people did with an alert, or noted on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// Id of the alert.
    pub(crate) alert: String,
    pub(crate) step: TriageStep,
}

/// Writes an incident as Markdown. `people`: what was done and noted, in order of time.
pub(crate) fn markdown(incident: &Incident, people: &[Said]) -> String {
    let mut out = String::new();
    head(&mut out, incident);
    list(&mut out, "Story", incident.story.iter().map(|sentence| code(sentence)));
    list(&mut out, "Timeline", incident.steps.iter().map(step));
    list(&mut out, "To revoke", to_revoke(incident));
    let keys = incident.acting_keys().map(|key| code(&key));
    let actors = incident.actors.iter().map(|actor| code(actor)).chain(keys);
    list(&mut out, "Who acted: check their own credentials too", actors);
    list(&mut out, "What people did", people.iter().map(said));
    list(&mut out, "Not known", incident.unknown.iter().map(|gap| code(gap)));
    list(&mut out, "Related", incident.related.iter().map(related));
    evidence(&mut out, incident);
    out
}

fn head(out: &mut String, incident: &Incident) {
    let raised = if incident.raised {
        " (one step more than its worst alert: what was handed over acted)"
    } else {
        ""
    };
    // Writing to a String does not fail, here and below.
    let _ = writeln!(out, "# {} incident\n\n{}\n", incident.severity, code(&incident.title));
    let _ = writeln!(out, "- Incident: {}", code(&incident.id));
    let _ = writeln!(out, "- Severity: {}{raised}", incident.severity);
    let _ = writeln!(out, "- State: {}", incident.state_words());
    let _ = writeln!(out, "- First alert: {}\n- Last alert: {}", time(incident.first), time(incident.last));
    let links = incident.steps.len().saturating_sub(incident.alerts.len());
    let acknowledged = incident.acknowledged;
    let _ = writeln!(
        out,
        "- Alerts: {} ({acknowledged} acknowledged), links between them: {links}",
        incident.alerts.len()
    );
    for (name, values) in [
        ("Accounts", &incident.accounts),
        ("Source IPs", &incident.addresses),
        ("ATT&CK tactics", &incident.tactics),
    ] {
        let values: Vec<String> = values.iter().map(|value| code(value)).collect();
        if !values.is_empty() {
            let _ = writeln!(out, "- {name}: {}", values.join(", "));
        }
    }
}

/// Writes a section of items; nothing where there is none.
fn list(out: &mut String, heading: &str, items: impl IntoIterator<Item = String>) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n## {heading}\n");
    for item in items {
        let _ = writeln!(out, "- {item}");
    }
}

fn step(step: &Step) -> String {
    let mark = step.severity.map_or_else(|| "link".to_owned(), |severity| format!("**{severity}**"));
    format!("{} {mark} {}", time(step.time), code(&step.sentence))
}

/// Identities to revoke, those first that acted.
fn to_revoke(incident: &Incident) -> Vec<String> {
    let mut revoke = incident.to_revoke();
    revoke.sort_by_key(|(_, is_used)| !is_used);
    revoke
        .into_iter()
        .map(|(words, is_used)| format!("[ ] {}{}", if is_used { "**used** " } else { "" }, code(&words)))
        .collect()
}

fn related(related: &Related) -> String {
    let Related { id, address, severity, title, last } = related;
    let last = time(*last);
    format!(
        "**{severity}** {last} {}, incident {}, from the same address {}",
        code(title),
        code(id),
        code(address)
    )
}

fn said(said: &Said) -> String {
    let Said { alert, step } = said;
    format!("{} {} on {}: {}", time(Some(step.at)), code(&step.by), code(alert), code(&step.action.words()))
}

/// Writes the event of each step, by which CloudTrail finds it.
fn evidence(out: &mut String, incident: &Incident) {
    let _ = writeln!(out, "\n## Evidence\n");
    for step in &incident.steps {
        let address =
            step.address.as_ref().map(|address| format!(" from {}", code(address))).unwrap_or_default();
        let _ = writeln!(
            out,
            "- {} {} {} by {}{address}",
            time(step.time),
            code(&step.event_id),
            code(&step.event),
            code(&step.actor)
        );
    }
}

fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "no time".to_owned(), |time| format!("{time:.0}"))
}

/// Returns a foreign text as a code span: between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = SafeText::new(text);
    let text = text.as_str().trim();
    if text.is_empty() {
        return "–".to_owned();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A backtick at an end would become part of the fence.
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::tests::told;
    use crate::model::TriageAction;

    #[test]
    fn a_report_has_all_that_a_ticket_needs() {
        let incident = told();
        let people = [Said {
            alert: incident.id.clone(),
            step: TriageStep {
                by: "ana".to_owned(),
                at: "2026-11-26T13:00:00Z".parse().unwrap(),
                action: TriageAction::Note(Some("asked eve".to_owned())),
            },
        }];
        insta::assert_snapshot!(markdown(&incident, &people));
    }

    #[test]
    fn hostile_text_is_inert() {
        let hostile =
            "a`b``c <img src=x onerror=alert(1)> [x](javascript:1) @all http://evil\n# head\u{1b}[2J";
        let mut incident = told();
        incident.title = hostile.to_owned();
        incident.story = vec![hostile.to_owned(), "`".to_owned()];
        incident.actors = vec![hostile.to_owned()];
        incident.unknown = vec![hostile.to_owned()];
        for step in &mut incident.steps {
            step.sentence = hostile.to_owned();
            step.event = hostile.to_owned();
            step.event_id = hostile.to_owned();
            step.address = Some(hostile.to_owned());
        }
        let report = markdown(&incident, &[]);
        for line in report.lines() {
            assert!(!line.contains('\u{1b}') && !line.starts_with("# head"), "{line}");
            if let Some((before, rest)) = line.split_once("<img") {
                // It is within a span of three backticks.
                assert!(before.ends_with("```a`b``c ") && rest.contains("```"), "{line}");
            }
        }
        assert_eq!(code("`"), "`` ` ``");
    }
}
