//! Marks and words of triage on the screen: a mark before a row, and the last line while something is typed
//! or was just done.

use detector::SafeText;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::triage::confirm::Confirm;
use crate::app::triage::prompt::{TriagePrompt, TriagePromptKind};
use crate::format;
use crate::model::{Remarks, Row, TriageState};
use crate::theme::Theme;
use crate::widget::text;

/// Returns the two characters before a row: the cursor, then a sign where the row is marked, acknowledged
/// or has a note or tags.
pub(super) fn marker(row: &Row, is_selected: bool, is_marked: bool) -> String {
    let sign = match row.state {
        _ if is_marked => '*',
        TriageState::Acknowledged => '✓',
        TriageState::Open if row.remarks.as_deref().is_some_and(has_text) => '+',
        TriageState::Open => ' ',
    };
    format!("{}{sign}", if is_selected { '▌' } else { ' ' })
}

/// Returns the words of the triage column for a row: `✓ ack + note #drill`.
pub(super) fn cell(row: &Row) -> String {
    let acknowledged = (row.state == TriageState::Acknowledged).then(|| "✓ ack".to_owned());
    let has_note = row.remarks.as_deref().is_some_and(|remarks| remarks.note.is_some());
    let note = has_note.then(|| "+ note".to_owned());
    let words = acknowledged.into_iter().chain(note).chain(row.tags().map(|tag| format!("#{tag}")));
    SafeText::from(words.collect::<Vec<_>>().join(" ")).to_string()
}

/// The places that are in the range that is being drawn.
pub(super) fn range(state: &State) -> std::ops::Range<usize> {
    state.triage().anchor().map_or(0..0, |anchor| state.list().range(anchor))
}

/// Returns the question before many alerts are changed.
pub(super) fn question(question: &Confirm, theme: Theme, width: usize) -> Line<'static> {
    let answer = "  y/n ";
    let words = format!(" {}", question.text());
    let words = text::fit(&words, text::width(&words).min(width.saturating_sub(text::width(answer))));
    Line::from(vec![Span::styled(words, Theme::strong()), Span::styled(answer, theme.accent())])
}

/// Returns the prompt for a note or tags.
pub(super) fn prompt(prompt: &TriagePrompt, theme: Theme, width: usize) -> Line<'static> {
    let (name, hint) = match prompt.asks {
        TriagePromptKind::Note => ("Note", "Enter save  Esc cancel"),
        TriagePromptKind::Tags => ("Tags", "space-separated, -tag removes   Enter save  Esc cancel"),
    };
    let of = match prompt.alerts.len() {
        1 => String::new(),
        alerts => format!(" for {} alerts", format::number(alerts as u64)),
    };
    let head = format!(" {name}{of}: ");
    let room = width.saturating_sub(text::width(&head) + 1).max(1);
    let cursor = prompt.input.cursor();
    // Text before the cursor must be in sight; the rest comes as far as it fits.
    let mut before: String = prompt.input.value().chars().take(cursor).collect();
    while text::width(SafeText::new(&before).as_str()) >= room {
        before.remove(0);
    }
    let mut rest = prompt.input.value().chars().skip(cursor);
    let under = rest.next().map_or_else(|| " ".to_owned(), |c| SafeText::new(&c.to_string()).to_string());
    let behind: String = rest.collect();
    let before = SafeText::new(&before).to_string();
    let used = text::width(&head) + text::width(&before) + text::width(&under);
    let behind = match prompt.input.value() {
        "" => format!(" {hint}"),
        _ => SafeText::new(&behind).to_string(),
    };
    let behind = text::fit(&behind, width.saturating_sub(used));
    Line::from(vec![
        Span::styled(head, theme.label()),
        Span::raw(before),
        Span::styled(under, theme.selected()),
        Span::raw(behind),
    ])
}

/// True where the remarks hold a note or a tag, and not only the name of the last person to change the state.
const fn has_text(remarks: &Remarks) -> bool {
    remarks.note.is_some() || !remarks.tags.is_empty()
}

/// Returns the words on an alert's state and remarks: `✓ acked by ana 02:14Z  #expected  the new pipeline`.
/// `None` where nobody has made a remark, or where the alert is open and has neither note nor tags.
pub(super) fn remarks(row: &Row) -> Option<SafeText> {
    let is_done = row.state == TriageState::Acknowledged;
    let said = row.remarks.as_deref().filter(|remarks| is_done || has_text(remarks))?;
    let mut words = if is_done {
        format!("✓ acked by {} {}", said.by, said.at.strftime("%H:%MZ"))
    } else {
        format!("+ {}", said.by)
    };
    for tag in &said.tags {
        words.extend(["  #", tag]);
    }
    if let Some(note) = &said.note {
        words.extend(["  ", note]);
    }
    Some(SafeText::new(&words))
}
