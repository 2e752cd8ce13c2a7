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
    for line in rule.description.lines() {
        writeln!(out, "{}", safe(line.trim_end()))?;
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
