//! Lines of spans: cut to a width.

use detector::SafeText;
use ratatui::text::{Line, Span};

use crate::widget::text;

/// Cuts the last span that does not fit, with a mark, and drops what is behind.
pub(super) fn clip(spans: Vec<Span<'static>>, width: usize) -> Line<'static> {
    let mut line = Line::default();
    let mut left = width;
    for span in spans {
        let cells = text::width(&span.content);
        if cells > left {
            line.push_span(Span::styled(text::fit(&span.content, left), span.style));
            break;
        }
        left -= cells;
        line.push_span(span);
    }
    line
}

/// A text as it is shown, in at most so many cells.
pub(super) fn cut(words: &str, most: usize) -> String {
    let safe = SafeText::new(words);
    text::fit(safe.as_str(), most.min(text::width(safe.as_str())))
}

/// Returns the cells that spans take.
pub(super) fn cells(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| text::width(&span.content)).sum()
}
