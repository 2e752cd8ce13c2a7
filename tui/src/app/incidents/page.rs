//! The timeline of an incident, as lines: alerts and the links between them, then what to revoke, and what is not known.
//! Neighbours that differ in their target only are one line.

use std::fmt::Write as _;

use detector::{SafeText, Severity};
use jiff::Timestamp;

use crate::format;
use crate::incidents::{Incident, Step};
use crate::widget::text;

/// Most identities to revoke that the page names.
const MOST_TO_REVOKE: usize = 200;

/// A line of the timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Line {
    /// An alert, or several that differ in their target only.
    Alert {
        time: Option<Timestamp>,
        severity: Option<Severity>,
        words: SafeText,
        id: String,
    },
    /// A record that is no alert and leads to one.
    Link {
        time: Option<Timestamp>,
        words: SafeText,
    },
    /// The heading of a part.
    Heading(&'static str),
    /// Something to revoke; true where it was used. `More` continues it.
    Revoke(SafeText, bool),
    More(SafeText, bool),
    /// Somebody who acted.
    Actor(SafeText),
    /// Something that is not known.
    Unknown(SafeText),
    /// Another incident that may be of the same attacker.
    Related {
        severity: Severity,
        words: SafeText,
    },
    Blank,
}

/// The lines of an incident.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) lines: Vec<Line>,
}

impl Page {
    /// Lays an incident out; sentences are cut where they are drawn.
    pub(crate) fn of(incident: &Incident, width: usize) -> Self {
        let mut lines = Vec::new();
        let mut steps = incident.steps.iter().peekable();
        while let Some(step) = steps.next() {
            let mut more = 0;
            while let Some(next) = steps.peek()
                && is_alike(step, next)
            {
                more += 1;
                steps.next();
            }
            lines.push(line(step, more));
        }
        let mut revoke = incident.to_revoke();
        // Used ones first: they act already.
        revoke.sort_by_key(|(_, is_used)| !is_used);
        let surplus = revoke.len().saturating_sub(MOST_TO_REVOKE);
        revoke.truncate(MOST_TO_REVOKE);
        if surplus > 0 {
            revoke.push((format!("{surplus} more: y copies all"), false));
        }
        if !revoke.is_empty() {
            lines.extend([Line::Blank, Line::Heading("To revoke")]);
            for (words, is_used) in revoke {
                // The mark stands before it.
                let mut line: fn(SafeText, bool) -> Line = Line::Revoke;
                for words in text::wrap(&SafeText::new(&words), width.saturating_sub(4)) {
                    lines.push(line(words, is_used));
                    line = Line::More;
                }
            }
        }
        lines.extend([Line::Blank, Line::Heading("Who acted: check their own credentials too")]);
        let of = |words: &String| Line::Actor(SafeText::new(words));
        lines.extend(incident.actors.iter().map(of));
        lines.extend(incident.acting_keys().map(|words| Line::Actor(SafeText::new(&words))));
        let addresses = format!("from {}", incident.addresses.join(", "));
        lines.extend(text::wrap(&SafeText::new(&addresses), width).into_iter().map(Line::Actor));
        if !incident.unknown.is_empty() {
            lines.extend([Line::Blank, Line::Heading("Not known")]);
            lines.extend(incident.unknown.iter().map(|words| Line::Unknown(SafeText::new(words))));
        }
        if !incident.related.is_empty() {
            lines.extend([Line::Blank, Line::Heading("Related: same address")]);
            lines.extend(incident.related.iter().map(|of| {
                let last =
                    of.last.map_or_else(String::new, |last| last.strftime("%m-%d %H:%M  ").to_string());
                let words = format!("{last}{}  {}  {}", of.title, of.address, super::short(&of.id));
                Line::Related { severity: of.severity, words: SafeText::new(&words) }
            }));
        }
        Self { lines }
    }

    /// Returns the id of the alert on a line.
    pub(crate) fn alert(&self, line: usize) -> Option<&str> {
        match self.lines.get(line)? {
            Line::Alert { id, .. } => Some(id),
            _ => None,
        }
    }
}

/// True for neighbours that are one line: calls of one name, weight and actor within a minute, and a call that two
/// accounts recorded.
fn is_alike(step: &Step, next: &Step) -> bool {
    if !step.alert || !next.alert {
        return !step.alert && !next.alert && step.call.is_some() && step.call == next.call;
    }
    let apart = step.time.zip(next.time).map(|(one, other)| other.duration_since(one).as_secs());
    step.event == next.event
        && step.actor == next.actor
        && step.severity == next.severity
        && step.severity < Some(Severity::Critical)
        && apart.is_some_and(|seconds| seconds <= 60)
}

fn line(step: &Step, more: usize) -> Line {
    if !step.alert {
        return Line::Link { time: step.time, words: SafeText::new(&step.sentence) };
    }
    let words = match more {
        0 => step.sentence.clone(),
        more => format!("{}  ×{}", step.sentence, more + 1),
    };
    Line::Alert {
        time: step.time,
        severity: step.severity,
        words: SafeText::new(&words),
        id: step.event_id.clone(),
    }
}

/// Returns a whole incident as text for a ticket: story, timeline, what to revoke, ids.
pub(crate) fn text(incident: &Incident) -> String {
    let mut out = format!("{} incident: {}\n", incident.severity, incident.title);
    let time = |time: Option<Timestamp>| {
        time.map_or_else(|| "no time".to_owned(), |time| format!("{} UTC", format::date_time(time)))
    };
    // Writing to a String does not fail.
    let _ = writeln!(out, "{} to {}", time(incident.first), time(incident.last));
    for (name, values) in [
        ("accounts", &incident.accounts),
        ("actors", &incident.actors),
        ("source IPs", &incident.addresses),
        ("tactics", &incident.tactics),
    ] {
        if !values.is_empty() {
            let _ = writeln!(out, "{name}: {}", values.join(", "));
        }
    }
    for key in incident.acting_keys() {
        let _ = writeln!(out, "acted by: {key}");
    }
    let _ = writeln!(out, "\nTimeline");
    for step in &incident.steps {
        let mark = if step.alert { "" } else { " (no alert)" };
        let _ = writeln!(out, "- {} {}{mark} [{}]", time(step.time), step.sentence, step.event_id);
    }
    let revoke = incident.to_revoke();
    if !revoke.is_empty() {
        let _ = writeln!(out, "\nTo revoke");
        for (words, _) in revoke {
            let _ = writeln!(out, "- {words}");
        }
    }
    if !incident.unknown.is_empty() {
        let _ = writeln!(out, "\nNot known\n- {}", incident.unknown.join("\n- "));
    }
    for related in &incident.related {
        let _ = writeln!(out, "\nRelated: {}", related.words());
    }
    // Line ends are the text's own; nothing foreign may act.
    out.lines().map(|line| SafeText::new(line).to_string()).collect::<Vec<_>>().join("\n")
}
