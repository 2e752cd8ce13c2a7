//! The line above the footer: the sentence of the selected alert, its triage, source IP and region. It stands where
//! the detail is not shown.

use detector::SafeText;
use ratatui::text::{Line, Span};

use super::line::clip;
use super::triage;
use crate::app::State;
use crate::model::{Content, Row};
use crate::theme::Theme;

/// Returns the line; empty where nothing is selected.
pub(super) fn sentence(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let Some(row) = state.list().selected_row() else { return Line::default() };
    let mut spans = vec![Span::raw(" "), Span::styled(words(state, row), Theme::strong())];
    spans.extend(triage::remarks(row).map(|remarks| Span::raw(format!("  {remarks}"))));
    for place in [&row.source_ip, &row.region].into_iter().filter(|text| text.as_str() != "–") {
        spans.push(Span::styled(format!(" · {place}"), theme.label()));
    }
    clip(spans, usize::from(width))
}

/// The sentence; until the alert is read, actor and call.
fn words(state: &State, row: &Row) -> String {
    match state.detail().filter(|detail| detail.id == row.id).and_then(|detail| detail.content()) {
        Some(Content::Alert(alert)) => SafeText::new(&alert.summary).to_string(),
        Some(Content::Unreadable { why, .. }) => SafeText::new(why).to_string(),
        None => format!("{}  {}", row.actor, row.what_words()),
    }
}
