//! Incidents for people: a line each with the story below it, the newest first.

use std::io::{self, Write};

use super::shown;
use crate::format;
use crate::incidents::Incident;

/// Sentences of the story that are printed.
const MOST_SENTENCES: usize = 8;

/// Writes the list; with the timeline of each where it is `whole`.
pub(super) fn write(mut out: impl Write, incidents: &[Incident], whole: bool) -> io::Result<()> {
    let mut newest: Vec<&Incident> = incidents.iter().collect();
    newest.sort_by(|one, other| other.last.cmp(&one.last).then_with(|| one.id.cmp(&other.id)));
    for incident in &newest {
        one(&mut out, incident, whole)?;
    }
    if newest.is_empty() {
        writeln!(out, "no incidents")?;
    }
    out.flush()
}

fn one(out: &mut impl Write, incident: &Incident, whole: bool) -> io::Result<()> {
    let short: String = incident.id.chars().take(8).collect();
    let last =
        incident.last.map_or_else(|| "no time".to_owned(), |last| format!("{} UTC", format::date_time(last)));
    let span = match (incident.first, incident.last) {
        (Some(first), Some(last)) => format::span(last.duration_since(first).as_secs()),
        _ => "–".to_owned(),
    };
    let count = incident.alerts.len();
    let plural = if count == 1 { "" } else { "s" };
    let state = match incident.state_words() {
        open if open == "open" => String::new(),
        words => format!("  {words}"),
    };
    let raised = if incident.raised { " (raised)" } else { "" };
    writeln!(
        out,
        "{}{raised}  {last}  {span}  {count} alert{plural}  {}{state}\n  {}",
        incident.severity,
        shown(&short),
        shown(&incident.title)
    )?;
    if whole {
        for step in &incident.steps {
            let time = step.time.map_or_else(|| "–".to_owned(), format::date_time);
            let mark = if step.alert { " " } else { "→" };
            writeln!(out, "  {time} {mark} {}", shown(&step.sentence))?;
        }
    }
    let story = incident.story.iter().filter(|sentence| **sentence != incident.title);
    for sentence in story.take(if whole { 0 } else { MOST_SENTENCES }) {
        writeln!(out, "  · {}", shown(sentence))?;
    }
    for (revoke, _) in incident.to_revoke() {
        writeln!(out, "  revoke   {}", shown(&revoke))?;
    }
    for key in incident.acting_keys() {
        writeln!(out, "  acted    {}", shown(&key))?;
    }
    for unknown in &incident.unknown {
        writeln!(out, "  unknown  {}", shown(unknown))?;
    }
    for related in &incident.related {
        writeln!(out, "  related  {}", shown(&related.words()))?;
    }
    writeln!(out)
}
