//! The line of pivots, filters and search below the header.
//!
//! ```text
//!  all › actor="alice"   1 severity>=high   2 -event:x (off)   37 of 12,204 loaded, back to 2026-11-03 02:00 UTC …   search alice: 3 of 41
//! ```

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::line::{cells, clip, cut};
use crate::app::State;
use crate::app::layout::Layout;
use crate::app::query::filters::Chip;
use crate::format;
use crate::theme::Theme;

/// Cells of a filter without which it says nothing.
const LEAST_OF_TEXT: usize = 8;

/// `37 of 12,204`; where more is stored, `37 of 12,204 loaded`.
pub(super) fn shown(state: &State) -> String {
    let (shown, total) = (state.list().len() as u64, state.list().total() as u64);
    let (shown, total) = (format::number(shown), format::number(total));
    if state.paging().is_whole() {
        format!("{shown} of {total}")
    } else if state.paging().has_looked_at_all(state.list().turn()) {
        // More was looked at than is in the list.
        format!("{shown} of all stored")
    } else {
        format!("{shown} of {total} loaded")
    }
}

/// Returns the words on the time back to which the filters have looked; empty where none is set, or where
/// they have looked at everything.
pub(super) fn looked_back(state: &State) -> String {
    let back = state.paging().looked_back_to().filter(|_| state.list().is_filtered());
    back.map_or_else(String::new, |(time, looking)| {
        let more = if looking { " …" } else { "" };
        format!(", back to {}{more}", time.strftime("%Y-%m-%d %H:%M UTC"))
    })
}

/// Long texts are cut, so that what is counted stays in sight.
/// A frame of the list has the counts itself.
pub(super) fn bar(state: &State, theme: Theme, layout: &Layout) -> Line<'static> {
    let width = layout.bar.width;
    let query = state.query();
    let mut counted = Vec::new();
    let has_counts = layout.framed && layout.list.width > 0;
    if !query.chips.chips.is_empty() && !has_counts {
        counted.push(Span::raw(format!("{}{}  ", shown(state), looked_back(state))));
    }
    if let Some(search) = state.list().search() {
        let hits = match (search.count, search.at) {
            (0, _) => "no hits".to_owned(),
            (1, None) => "1 hit (n)".to_owned(),
            (count, None) => format!("{} hits (n N)", format::number(count as u64)),
            (count, Some(at)) => {
                format!("{} of {}", format::number(at as u64), format::number(count as u64))
            }
        };
        let words = cut(&search.text, usize::from(width) / 4);
        counted.push(Span::styled("search ", theme.label()));
        counted.push(Span::styled(format!("{words}: {hits}"), Theme::strong()));
    }
    let left = usize::from(width).saturating_sub(cells(&counted));
    // As long as they are, else all as short as they must be; what is not there at all helps nobody.
    let whole = filters(state, theme, usize::MAX);
    let mut spans = if cells(&whole) <= left {
        whole
    } else {
        let texts = (query.pivots.len() + query.chips.chips.len()).max(1);
        let between = cells(&filters(state, theme, 0));
        filters(state, theme, (left.saturating_sub(between) / texts).max(LEAST_OF_TEXT))
    };
    if cells(&spans) > left {
        spans = clip(spans, left.max(usize::from(width) / 3)).spans;
        spans.push(Span::raw(" "));
    }
    spans.extend(counted);
    clip(spans, usize::from(width))
}

/// Returns the trail of steps that led here, and the filters that are set, each text in at most `most` cells.
fn filters(state: &State, theme: Theme, most: usize) -> Vec<Span<'static>> {
    let query = state.query();
    let chips = &query.chips;
    let said =
        |chip: &Chip| if chip.on && !chips.off { (Theme::strong(), "") } else { (Style::new(), " (off)") };
    let mut spans = vec![Span::raw(" ")];
    // The last step's own filter is told by the step.
    let told = query.pivots.last().map(|step| step.text.as_str());
    let is_told = |chip: &Chip| Some(chip.text.as_str()) == told;
    if !query.pivots.is_empty() {
        let steps: Vec<_> = query.pivots.iter().map(|step| cut(&step.text, most)).collect();
        let own = chips.chips.iter().find(|chip| is_told(chip));
        let (style, off) = own.map_or((Theme::strong(), ""), said);
        spans.push(Span::styled(format!("all › {}{off}", steps.join(" › ")), style));
        spans.push(Span::raw(" (Esc back)  "));
    }
    for (at, chip) in chips.chips.iter().enumerate().filter(|(_, chip)| !is_told(chip)) {
        let (style, off) = said(chip);
        spans.push(Span::styled(format!("{} ", at + 1), theme.label()));
        spans.push(Span::styled(format!("{}{off}", cut(&chip.text, most)), style));
        spans.push(Span::raw("  "));
    }
    spans
}
