//! The line in which a filter, a search, a time, a name or a path is typed, and below it what is wrong, what could come
//! next, or a hint.
//!
//! ```text
//!  filter ▸ severity>=high acto:alice        last good filter (severity>=high) stays: 37 of 12,204 loaded
//!                          ^^^^ there is no field acto: did you mean actor?
//! ```

use std::borrow::Cow;

use detector::SafeText;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::line::{clip, cut};
use super::query_bar::shown;
use crate::app::State;
use crate::app::detail::{Detail, DetailSearch};
use crate::app::layout::Layout;
use crate::app::query::prompt::{Prompt, PromptKind};
use crate::filter::FilterError;
use crate::format;
use crate::model::ExportFormat;
use crate::theme::Theme;
use crate::widget::text;

/// Place of the text that is being written, in cells of the screen.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// Columns at which the visible part of the text begins and ends.
    left: usize,
    right: usize,
    /// Cells of the text that are hidden to the left of that part.
    skipped: usize,
}

/// Cells that what is written has at least.
const LEAST_OF_WRITTEN: usize = 20;
/// Cells of the text that holds while another can't be read.
const MOST_OF_STANDING: usize = 16;

/// Draws the prompt, and the line about it in the place of the footer.
pub(super) fn draw(buffer: &mut Buffer, layout: &Layout, prompt: &Prompt, state: &State, theme: Theme) {
    if layout.prompt.width > 0 {
        let place = written(buffer, layout.prompt, prompt, state, theme);
        line_below(buffer, layout.footer, prompt, state, place, theme);
    }
}

fn number_of_hits(hits: usize) -> String {
    format!("{} hit{} ", format::number(hits as u64), if hits == 1 { "" } else { "s" })
}

/// Returns the words for the text that stays in force while the new one can't be read, with the count of
/// what it shows, from the longest to the shortest.
fn still(prompt: &Prompt, count: &str) -> Vec<String> {
    let name = match prompt.asking {
        PromptKind::Filter(_) => "filter",
        PromptKind::Search | PromptKind::InAlert => "search",
        // Of these nothing is counted that could change.
        PromptKind::Time | PromptKind::Name | PromptKind::Path(_) => return vec![count.to_owned()],
    };
    if prompt.last_valid_text.is_empty() {
        return vec![format!("no valid {name} yet: {count}"), count.to_owned()];
    }
    let stands = cut(&prompt.last_valid_text, MOST_OF_STANDING);
    vec![
        format!("last good {name} ({stands}) stays: {count}"),
        format!("last good {name} stays: {count}"),
        format!("({stands}): {count}"),
    ]
}

/// Draws what is being written, and says where.
fn written(buffer: &mut Buffer, area: Rect, prompt: &Prompt, state: &State, theme: Theme) -> Place {
    let name = name(prompt.asking);
    let count = match prompt.asking {
        PromptKind::Filter(_) => format!("{} ", shown(state)),
        PromptKind::Search => {
            let hits = state.list().search().map_or(0, |search| search.count);
            number_of_hits(hits)
        }
        PromptKind::InAlert => {
            let finds = state.detail().and_then(Detail::search);
            number_of_hits(finds.map_or(0, DetailSearch::count))
        }
        PromptKind::Path(_) => {
            let count = state.list().len() as u64;
            format!("{} alert{} ", format::number(count), if count == 1 { "" } else { "s" })
        }
        PromptKind::Time | PromptKind::Name => String::new(),
    };
    let width = usize::from(area.width);
    let left = text::width(name);
    let room = width.saturating_sub(left + LEAST_OF_WRITTEN);
    let counts = if prompt.error.is_some() { still(prompt, &count) } else { vec![count] };
    let count = counts.into_iter().find(|count| text::width(count) <= room).unwrap_or_default();
    let right = text::width(&count);
    // One cell stays free for the cursor behind the text.
    let room = width.saturating_sub(left + right + 2).max(1);
    let skipped = typed(buffer, area, prompt, (left, room), theme);
    if right > 0 {
        let x = area.right().saturating_sub(u16::try_from(right).unwrap_or(0));
        let is_wrong = prompt.error.as_ref().is_some_and(|error| !error.unfinished);
        buffer.set_string(x, area.y, &count, if is_wrong { theme.bad() } else { Style::new() });
    }
    Place { left, right: left + room, skipped }
}

/// Name of a text that is being written, with the sign behind it.
pub(super) const fn name(asking: PromptKind) -> &'static str {
    match asking {
        PromptKind::Filter(None) => " filter ▸ ",
        PromptKind::Filter(Some(_)) => " change filter ▸ ",
        PromptKind::Search => " search ▸ ",
        PromptKind::InAlert => " search in the alert ▸ ",
        PromptKind::Time => " go to time ▸ ",
        PromptKind::Name => " save view as ▸ ",
        PromptKind::Path(_) => " export to ▸ ",
    }
}

/// Draws the name of a text that is being written, and behind so many cells the text, in so many, with its cursor and
/// its error marked. Returns the cells of the text that are hidden to the left.
pub(super) fn typed(
    buffer: &mut Buffer,
    area: Rect,
    prompt: &Prompt,
    (left, room): (usize, usize),
    theme: Theme,
) -> usize {
    let before: String = prompt.text().chars().take(prompt.cursor()).collect();
    let skipped = (text::width(SafeText::new(&before).as_str()) + 1).saturating_sub(room);
    buffer.set_string(area.x, area.y, " ".repeat(usize::from(area.width)), Style::new());
    buffer.set_stringn(area.x, area.y, name(prompt.asking), left, theme.label());
    let wrong = prompt.error.as_ref().filter(|error| !error.unfinished).map(|error| error.at.clone());
    let mut cells = 0;
    for (number, (byte, c)) in prompt.text().char_indices().chain([(prompt.text().len(), ' ')]).enumerate() {
        let shown = SafeText::new(c.encode_utf8(&mut [0; 4]));
        let wide = text::width(shown.as_str());
        let (from, to) = (cells, cells + wide);
        cells = to;
        if from < skipped || to > skipped + room {
            continue;
        }
        let mut style = Style::new();
        if wrong.as_ref().is_some_and(|at| at.contains(&byte)) {
            style = theme.bad().patch(Theme::hit());
        }
        if number == prompt.cursor() {
            style = style.patch(theme.selected());
        }
        let x = area.x.saturating_add(u16::try_from(left + from - skipped).unwrap_or(u16::MAX));
        buffer.set_stringn(x, area.y, shown.as_str(), wide, style);
    }
    skipped
}

/// Draws the line about the text that is being written: its error, under the place of it, or else proposals
/// or a hint.
fn line_below(buffer: &mut Buffer, area: Rect, prompt: &Prompt, state: &State, place: Place, theme: Theme) {
    let width = usize::from(area.width);
    buffer.set_string(area.x, area.y, " ".repeat(width), Style::new());
    let line = match &prompt.error {
        // Of what one is about to write, what it could be says more than that it is missing.
        Some(error) if !error.unfinished || prompt.proposals.is_empty() => {
            wrong(error, prompt.text(), place, width, theme)
        }
        _ if prompt.proposals.is_empty() => Line::raw(text::fit(&hint(prompt, state), width)),
        _ => proposals(prompt, theme, width),
    };
    buffer.set_line(area.x, area.y, &line, area.width);
}

fn hint(prompt: &Prompt, state: &State) -> Cow<'static, str> {
    let hint = match prompt.asking {
        PromptKind::Time => " 02:30  2026-11-24  2026-11-24T02:00Z  2h   Enter go  Esc cancel",
        PromptKind::Name => " name of the view   Enter save  Esc cancel",
        PromptKind::Path(chosen) => {
            let named = ExportFormat::of_name(prompt.text().trim().as_ref());
            return match named.filter(|named| *named != chosen) {
                Some(named) => {
                    format!(
                        " {} by its ending, not {}   Enter export  Esc cancel",
                        named.name(),
                        chosen.name()
                    )
                }
                None => {
                    format!(
                        " {}; ~/ is home; an existing file is kept   Enter export  Esc cancel",
                        chosen.name()
                    )
                }
            }
            .into();
        }
        PromptKind::Search => " Enter go to the hit  Esc cancel",
        PromptKind::InAlert => {
            " Enter go to the hit, folded or not  ~ before it: a regular expression  Esc cancel"
        }
        PromptKind::Filter(_) if state.list().len() == 0 => " no matches   Enter apply  Esc cancel",
        PromptKind::Filter(_) => " Enter apply  Esc cancel",
    };
    hint.into()
}

fn proposals(prompt: &Prompt, theme: Theme, width: usize) -> Line<'static> {
    let mut spans = vec![Span::styled(" Tab ", theme.accent())];
    // Proposals before the chosen one are left out where they would push it off the screen.
    let first = prompt.chosen.map_or(0, |chosen| chosen.saturating_sub(3));
    for (at, candidate) in prompt.proposals.iter().enumerate().skip(first) {
        let is_chosen = prompt.chosen == Some(at);
        let style = if is_chosen { theme.selected() } else { Style::new() };
        spans.push(Span::styled(SafeText::new(&candidate.text).to_string(), style));
        spans.push(Span::raw("  "));
    }
    if let [only] = prompt.proposals.as_slice() {
        spans.push(Span::raw(only.help));
    }
    clip(spans, width)
}

fn wrong(error: &FilterError, written: &str, place: Place, width: usize, theme: Theme) -> Line<'static> {
    let piece = SafeText::new(written.get(error.at.clone()).unwrap_or_default());
    let before = SafeText::new(written.get(..error.at.start).unwrap_or_default());
    let words = SafeText::new(&error.what).to_string();
    let shown = (place.left + text::width(before.as_str())).checked_sub(place.skipped);
    let Some(at) = shown.filter(|at| (place.left..=place.right).contains(at)) else {
        // The message quotes the piece that is off the screen, unless it has it already.
        let quoted = if words.contains(piece.as_str()) { String::new() } else { format!("“{piece}”: ") };
        return Line::styled(text::fit(&format!(" {quoted}{words}"), width), theme.bad());
    };
    let carets = "^".repeat(text::width(piece.as_str()).clamp(1, (place.right - at).max(1)));
    let (caret, said) = (text::width(&carets), text::width(&words));
    let line = if at + caret + 1 + said <= width {
        format!("{}{carets} {words}", " ".repeat(at))
    } else if said + 2 <= at && at + caret <= width {
        format!("{}{words} {carets}", " ".repeat(at - said - 1))
    } else {
        text::fit(&format!(" {words}"), width)
    };
    Line::styled(line, theme.bad())
}
