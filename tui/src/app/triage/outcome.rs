//! Outcome of triage: the changed rows go into the list, and the status line says what was done.

use std::collections::HashSet;

use crate::app::triage::actions::Triaging;
use crate::format;
use crate::model::{TriageCommand, TriageOutcome};
use crate::widget::text;

/// Cells that the description of what was done may take.
const MOST_DESCRIBED: usize = 50;

/// Takes in the store's answer to triage commands.
pub(crate) fn take(on: &mut Triaging<'_>, commands: &[TriageCommand], undo: bool, outcome: TriageOutcome) {
    let changed = outcome.rows.iter().map(|row| &row.id).collect::<HashSet<_>>().len();
    on.list.insert(outcome.rows);
    *on.counts = on.list.counts();
    let words = describe(commands);
    let alerts = format!("{} alert{}", format::number(changed as u64), if changed == 1 { "" } else { "s" });
    on.status.set(&match (changed, undo) {
        (0, _) => "no change".to_owned(),
        (_, true) => format!("undid: {words} ({alerts})"),
        (_, false) => format!("{alerts}: {words}; z undoes"),
    });
    if !undo && changed > 0 {
        on.triage.remember(outcome.undo);
    }
}

/// Describes the changes in so few words that the text behind them is on the screen too.
pub(super) fn describe(commands: &[TriageCommand]) -> String {
    let all: Vec<_> = commands.iter().map(|command| command.action.to_string()).collect();
    let mut words = String::new();
    for (at, word) in all.iter().enumerate() {
        if at > 0 && text::width(&words) + text::width(word) > MOST_DESCRIBED {
            return format!("{words} and {} more", all.len() - at);
        }
        words.push_str(if at > 0 { ", " } else { "" });
        words.push_str(&text::fit(word, text::width(word).min(MOST_DESCRIBED)));
    }
    words
}
