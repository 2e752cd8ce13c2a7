//! `rules list`: one line a rule, in columns on a terminal, with tabs otherwise.

use std::io::{self, IsTerminal as _, Write};

use detector::Rules;

use crate::commands::rules::safe;
use crate::output::rule::events;
use crate::widget::text;

/// Events that a line names where no screen cuts it; `rules show` names all.
const MOST: usize = 5;

/// Writes the rules that hold every word somewhere in their id, level, title, events, tags or file.
pub(crate) fn write(out: &mut impl Write, rules: &Rules, words: &[String]) -> io::Result<bool> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let width =
        io::stdout().is_terminal().then(|| crossterm::terminal::size().map_or(80, |(width, _)| width));
    let mut rules: Vec<_> = rules.all().collect();
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.level));
    let mut found = false;
    for rule in rules {
        let (level, title, names) = (rule.level.as_str(), safe(&rule.title), events(rule));
        let events = names.join(", ");
        let all = format!("{} {level} {title} {events} {} {}", rule.id, rule.tags.join(" "), rule.file);
        let all = all.to_lowercase();
        if !words.iter().all(|word| all.contains(word)) {
            continue;
        }
        found = true;
        if let Some(width) = width {
            let id = rule.id.get(..8).unwrap_or(&rule.id);
            let line = format!("{level:<13} {} {title}  {events}", safe(id));
            writeln!(out, "{}", text::fit(&line, usize::from(width)).trim_end())?;
        } else {
            let first = names.get(..MOST).map_or(events, |first| first.join(", "));
            let more = names.len().saturating_sub(MOST);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(out, "{level}\t{}\t{title}\t{first}{more}", safe(&rule.id))?;
        }
    }
    if !found {
        eprintln!(
            "sentinel-tui: no rule matches all of these words (ID, level, title, events, tags or file)"
        );
    }
    Ok(found)
}
