//! A detection rule in words: its severities, where it comes from, its events, steps and conditions.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use detector::SafeText;
use detector::rules::folder;
use detector::rules::sigma::{EventName, Rule};

fn safe(text: &str) -> String {
    SafeText::new(text).as_str().to_owned()
}

/// Returns the events that a rule names, as people write them: `AddPermission*`, `any event of sts`.
pub(crate) fn events(rule: &Rule) -> Vec<String> {
    let service = |source: &Option<String>| {
        source.as_ref().and_then(|source| source.split('.').next()).map(str::to_owned)
    };
    let mut events = BTreeSet::new();
    for key in rule.detection.scope().keys() {
        events.insert(match (&key.name, service(&key.source)) {
            (EventName::Exact(name), _) => name.clone(),
            (EventName::Prefix(name), _) => format!("{name}*"),
            (EventName::Any, Some(service)) => format!("any event of {service}"),
            (EventName::Any, None) => "any event".to_owned(),
        });
    }
    events.iter().map(|event| safe(event)).collect()
}

/// Returns the lines of a description, each paragraph as one: a screen wraps it at its own width. A line that is
/// indented, or begins an entry of a list, stays a line.
fn paragraphs(description: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in description.lines().map(str::trim_end) {
        let goes_on = !line.is_empty() && !line.starts_with([' ', '-', '*']);
        match lines.last_mut().filter(|last| goes_on && !last.is_empty()) {
            Some(last) => last.extend([" ", line]),
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Returns the whole rule in words, safe to show, without a newline at the end.
pub(crate) fn in_words(rule: &Rule) -> String {
    let mut words = String::new();
    let written = write(&mut words, rule);
    debug_assert!(written.is_ok(), "a String takes all");
    words.trim_end().to_owned()
}

fn write(out: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(out, "{}", safe(&rule.title))?;
    writeln!(out, "{}", "=".repeat(rule.title.chars().count()))?;
    let attempt = rule.denied.map_or(String::new(), |level| format!(", attempt {}", level.as_str()));
    let tool = rule.deployment.map_or(String::new(), |level| {
        format!(", with the User-Agent of a deployment tool {}", level.as_str())
    });
    writeln!(out, "{}{attempt}{tool}", rule.level.as_str())?;
    writeln!(out, "id    {}", safe(&rule.id))?;
    writeln!(out, "file  {}", safe(&rule.file))?;
    if !rule.tags.is_empty() {
        writeln!(out, "tags  {}", safe(&rule.tags.join(", ")))?;
    }
    writeln!(out)?;
    for line in paragraphs(&rule.description) {
        writeln!(out, "{}", safe(&line))?;
    }
    for (title, items) in [
        ("Events", &events(rule)),
        ("Response", &rule.respond),
        ("False positives", &rule.falsepositives),
        ("References", &rule.references),
    ] {
        if !items.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for item in items {
            writeln!(out, "  - {}", safe(item))?;
        }
    }
    if let Some(detection) = folder::detection(rule) {
        writeln!(out, "\nDetection")?;
        for line in detection.lines() {
            writeln!(out, "  {}", safe(line))?;
        }
    }
    Ok(())
}
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_one_line_and_a_list_is_not() {
        let text = "A key that\nis new.  \n\nSigns:\n- one\n  of them\n- two\n* three\n\nThe end.\n";
        let lines =
            ["A key that is new.", "", "Signs:", "- one", "  of them", "- two", "* three", "", "The end."];
        assert_eq!(paragraphs(text), lines);
        assert_eq!(paragraphs(""), Vec::<String>::new());
    }
}
