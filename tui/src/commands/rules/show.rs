//! `rules show`: all that a rule says, for people.

use std::io::{self, Write};

use detector::Rules;
use detector::rules::sigma::Rule;

use crate::commands::rules::safe;
use crate::output::rule;

/// Writes the rule whose id begins like this. Where there is none, or there are several, it says so.
pub(crate) fn write(out: &mut impl Write, rules: &Rules, id: &str) -> io::Result<bool> {
    let found: Vec<&Rule> =
        rules.all().filter(|rule| rule.id.to_lowercase().starts_with(&id.to_lowercase())).collect();
    match found.as_slice() {
        [rule] => writeln!(out, "{}", rule::in_words(rule)).map(|()| true),
        [] => {
            eprintln!(
                "sentinel-tui: no rule ID starts with {}; list them with `sentinel-tui rules`",
                safe(id)
            );
            Ok(false)
        }
        several => {
            eprintln!(
                "sentinel-tui: {} rule IDs start with {}: use a longer prefix",
                several.len(),
                safe(id)
            );
            Ok(false)
        }
    }
}
