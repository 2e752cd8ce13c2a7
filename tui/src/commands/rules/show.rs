//! `rules show`: all that a rule says, for people.

use std::io::{self, Write};

use detector::Rules;
use detector::rules::folder;
use detector::rules::sigma::Rule;

use crate::commands::rules::{events, safe};

/// Writes the rule whose id begins like this. Where there is none, or there are several, it says so.
pub(crate) fn write(out: &mut impl Write, rules: &Rules, id: &str) -> io::Result<bool> {
    let found: Vec<&Rule> =
        rules.all().filter(|rule| rule.id.to_lowercase().starts_with(&id.to_lowercase())).collect();
    match found.as_slice() {
        [rule] => rule_in_words(out, rule).map(|()| true),
        [] => {
            eprintln!(
                "sentinel-tui: no rule has an id that begins with {}; `sentinel-tui rules` lists them",
                safe(id)
            );
            Ok(false)
        }
        several => {
            eprintln!(
                "sentinel-tui: {} rules have an id that begins with {}: give more of it",
                several.len(),
                safe(id)
            );
            Ok(false)
        }
    }
}

fn rule_in_words(out: &mut impl Write, rule: &Rule) -> io::Result<()> {
    writeln!(out, "{}", safe(&rule.title))?;
    writeln!(out, "{}", "=".repeat(rule.title.chars().count()))?;
    let attempt = rule.denied.map_or(String::new(), |level| format!(", an attempt {}", level.as_str()));
    let tool = rule.deployment.map_or(String::new(), |level| {
        format!(", where the call says it comes from a deployment tool {}", level.as_str())
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
        ("What to do", &rule.respond),
        ("Harmless where", &rule.falsepositives),
        ("To read", &rule.references),
    ] {
        if !items.is_empty() {
            writeln!(out, "\n{title}")?;
        }
        for item in items {
            writeln!(out, "  - {}", safe(item))?;
        }
    }
    if let Some(detection) = folder::detection(rule) {
        writeln!(out, "\nWhat it looks for")?;
        for line in detection.lines() {
            writeln!(out, "  {}", safe(line))?;
        }
    }
    Ok(())
}
