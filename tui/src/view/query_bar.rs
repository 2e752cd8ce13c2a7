//! Parts of the screen around the list: the line of filters and search, the line in which a text is
//! written, and the small lists over the screen.
//!
//! ```text
//!  all › actor="alice"   1 severity>=high   2 -event:x (off)   37 of 12,204 loaded shown, back to 2026-11-03 02:00 UTC …   search alice: 3 of 41
//!  …
//!  filter ▸ severity>=high acto:alice        last good filter (severity>=high) stays: 37 of 12,204 loaded shown
//!                          ^^^^ there is no field acto: did you mean actor?
//! ```

use std::borrow::Cow;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::app::State;
use crate::app::layout::Layout;
use crate::app::query::{Chip, LETTERS, Picker, PickerKind, Prompt, PromptKind, Purpose, SHARED, asks_for};
use crate::filter::{FilterError, Subject as _, quote};
use crate::format;
use crate::model::{ExportFormat, Facet, Field};
use crate::theme::Theme;
use crate::view::footer::clip;
use crate::widget::text;
use detector::SafeText;

pub(crate) fn draw(frame: &mut Frame<'_>, layout: &Layout, state: &State, theme: Theme) {
    if layout.bar.width > 0 {
        frame.render_widget(bar(state, theme, layout.bar.width), layout.bar);
    }
    if let (Some(prompt), true) = (&state.query.prompt, layout.prompt.width > 0) {
        let buffer = frame.buffer_mut();
        let place = written(buffer, layout.prompt, prompt, state, theme);
        said(buffer, layout.footer, prompt, state, place, theme);
    }
    if let Some(menu) = state.query.menu {
        list(frame, menu, state, theme);
    }
}

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

/// Cells of a filter without which it says nothing.
const LEAST_OF_TEXT: usize = 8;

/// `37 of all 12,204 shown`; where more is stored, `37 of 12,204 loaded shown`.
fn shown(state: &State) -> String {
    let (shown, total) = (state.list.len() as u64, state.list.total() as u64);
    let (shown, total) = (format::number(shown), format::number(total));
    if state.paging.is_whole() {
        format!("{shown} of all {total} shown")
    } else if state.paging.has_looked_at_all(state.list.turn()) {
        // More was looked at than is in the list.
        format!("{shown} shown of all that is stored")
    } else {
        format!("{shown} of {total} loaded shown")
    }
}

/// Returns the words on the time back to which the filters have looked; empty where none is set, or where
/// they have looked at everything.
fn looked_back(state: &State) -> String {
    let back = state.paging.looked_back_to().filter(|_| state.list.is_filtered());
    back.map_or_else(String::new, |(time, looking)| {
        let more = if looking { " …" } else { "" };
        format!(", back to {}{more}", time.strftime("%Y-%m-%d %H:%M UTC"))
    })
}

/// Long texts are cut, so that what is counted stays in sight.
fn bar(state: &State, theme: Theme, width: u16) -> Line<'static> {
    let look = &state.query;
    let mut counted = Vec::new();
    if !look.chips.chips.is_empty() {
        counted.push(Span::raw(format!("{}{}  ", shown(state), looked_back(state))));
    }
    if let Some(search) = state.list.search() {
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
        let texts = (look.pivots.len() + look.chips.chips.len()).max(1);
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
    let look = &state.query;
    let chips = &look.chips;
    let said =
        |chip: &Chip| if chip.on && !chips.off { (Theme::strong(), "") } else { (Style::new(), " (off)") };
    let mut spans = vec![Span::raw(" ")];
    // The last step's own filter is told by the step.
    let told = look.pivots.last().map(|step| step.text.as_str());
    let is_told = |chip: &Chip| Some(chip.text.as_str()) == told;
    if !look.pivots.is_empty() {
        let steps: Vec<_> = look.pivots.iter().map(|step| cut(&step.text, most)).collect();
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

/// A text as it is shown, in at most so many cells.
fn cut(words: &str, most: usize) -> String {
    let safe = SafeText::new(words);
    text::fit(safe.as_str(), most.min(text::width(safe.as_str())))
}

fn cells(spans: &[Span<'_>]) -> usize {
    spans.iter().map(|span| text::width(&span.content)).sum()
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
    if prompt.stands.is_empty() {
        return vec![format!("no {name} by this yet: {count}"), count.to_owned()];
    }
    let stands = cut(&prompt.stands, MOST_OF_STANDING);
    vec![
        format!("last good {name} ({stands}) stays: {count}"),
        format!("last good {name} stays: {count}"),
        format!("({stands}): {count}"),
    ]
}

/// Draws what is being written, and says where.
fn written(buffer: &mut Buffer, area: Rect, prompt: &Prompt, state: &State, theme: Theme) -> Place {
    let name = match prompt.asking {
        PromptKind::Filter(None) => " filter ▸ ",
        PromptKind::Filter(Some(_)) => " change filter ▸ ",
        PromptKind::Search => " search ▸ ",
        PromptKind::InAlert => " search in the alert ▸ ",
        PromptKind::Time => " go to time ▸ ",
        PromptKind::Name => " save the filters as ▸ ",
        PromptKind::Path(_) => " write to a new file ▸ ",
    };
    let count = match prompt.asking {
        PromptKind::Filter(_) if prompt.error.is_some() => format!("{} ", shown(state)),
        PromptKind::Filter(_) => {
            let hidden = state.list.total() - state.list.len();
            format!("{}, {} hidden ", shown(state), format::number(hidden as u64))
        }
        PromptKind::Search => {
            let hits = state.list.search().map_or(0, |search| search.count);
            number_of_hits(hits)
        }
        PromptKind::InAlert => {
            let finds = state.detail.as_ref().and_then(crate::app::Detail::finds);
            number_of_hits(finds.map_or(0, crate::app::DetailSearch::count))
        }
        PromptKind::Path(_) => {
            let count = state.list.len() as u64;
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
    let before: String = prompt.text().chars().take(prompt.cursor()).collect();
    let skipped = (text::width(SafeText::new(&before).as_str()) + 1).saturating_sub(room);
    buffer.set_string(area.x, area.y, " ".repeat(width), Style::new());
    buffer.set_string(area.x, area.y, name, theme.label());
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
            style = style.patch(Theme::selected());
        }
        let x = area.x.saturating_add(u16::try_from(left + from - skipped).unwrap_or(u16::MAX));
        buffer.set_stringn(x, area.y, shown.as_str(), wide, style);
    }
    if right > 0 {
        let x = area.right().saturating_sub(u16::try_from(right).unwrap_or(0));
        buffer.set_string(x, area.y, &count, if wrong.is_some() { theme.bad() } else { Style::new() });
    }
    Place { left, right: left + room, skipped }
}

/// Draws the line about the text that is being written: its error, under the place of it, or else proposals
/// or a hint.
fn said(buffer: &mut Buffer, area: Rect, prompt: &Prompt, state: &State, place: Place, theme: Theme) {
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
        PromptKind::Time => " 02:30  2026-11-24  2026-11-24T02:00Z  2h   Enter goes there  Esc leaves",
        PromptKind::Name => " a name for these filters   Enter saves  Esc leaves",
        PromptKind::Path(chosen) => {
            let named = ExportFormat::of_name(prompt.text().trim().as_ref());
            return match named.filter(|named| *named != chosen) {
                Some(named) => {
                    format!(
                        " {} by its ending, not {}   Enter writes  Esc leaves",
                        named.name(),
                        chosen.name()
                    )
                }
                None => {
                    format!(
                        " {}; ~/ is home; no file is written over   Enter writes  Esc leaves",
                        chosen.name()
                    )
                }
            }
            .into();
        }
        PromptKind::Search => " Enter goes to the hit  Esc leaves",
        PromptKind::InAlert => {
            " Enter goes to the hit, folded or not  ~ before it: a regular expression  Esc leaves"
        }
        PromptKind::Filter(_) if state.list.len() == 0 => {
            " nothing would be shown   Enter keeps it  Esc leaves"
        }
        PromptKind::Filter(_) => " Enter keeps it  Esc leaves",
    };
    hint.into()
}

fn proposals(prompt: &Prompt, theme: Theme, width: usize) -> Line<'static> {
    let mut spans = vec![Span::styled(" Tab ", theme.label())];
    // What is before the chosen one and would push it off the screen is left out.
    let first = prompt.chosen.map_or(0, |chosen| chosen.saturating_sub(3));
    for (at, candidate) in prompt.proposals.iter().enumerate().skip(first) {
        let is_chosen = prompt.chosen == Some(at);
        let style = if is_chosen { Theme::selected() } else { Style::new() };
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
        // What is off the screen is said, where the words do not say it.
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

fn list(frame: &mut Frame<'_>, menu: Picker, state: &State, theme: Theme) {
    let (title, keys, lines) = lines(menu, state);
    let screen = frame.area();
    let widest = lines.iter().map(|line| text::width(line)).max().unwrap_or(0);
    let cells = widest.max(text::width(keys)).max(text::width(title)) + 6;
    let width = u16::try_from(cells).unwrap_or(u16::MAX).min(screen.width);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let area = Rect::new((screen.width - width) / 2, (screen.height - height) / 2, width, height);
    let block =
        Block::bordered().title(title).title_bottom(format!(" {keys} ")).padding(Padding::horizontal(1));
    let inner = usize::from(width.saturating_sub(4));
    // The line under the cursor is on the screen, whatever its height.
    let rows = usize::from(height.saturating_sub(2)).max(1);
    let first = (menu.at + 1).saturating_sub(rows);
    let shown = lines.iter().enumerate().skip(first).take(rows).map(|(at, line)| {
        let is_at = at == menu.at;
        let style = if is_at { Theme::selected() } else { Style::new() };
        let marker = if is_at { "▌" } else { " " };
        Line::from(vec![
            Span::styled(marker, theme.label()),
            Span::styled(text::fit(line, inner.saturating_sub(1)), style),
        ])
    });
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(shown.collect::<Vec<_>>()).block(block), area);
}

/// Title, keys and lines of a list.
fn lines(menu: Picker, state: &State) -> (&'static str, &'static str, Vec<String>) {
    match menu.of {
        PickerKind::Field(purpose) => {
            let title = match purpose {
                Purpose::Include => " Only alerts with ",
                Purpose::Exclude => " No alerts with ",
                Purpose::Pivot => " All alerts with ",
                Purpose::Sort => " Sort by ",
            };
            let (row, sort) = (state.list.selected_row(), state.list.sort());
            let line = |(letter, column): &(char, _)| {
                let column: crate::app::list::sort::Column = *column;
                let name = format!("{letter}  {}", text::fit(column.name(), 10));
                let asked = row.and_then(|row| asks_for(row, column, purpose));
                match (purpose, asked) {
                    (Purpose::Sort, _) if sort.by == column => format!("{name}{} now", sort.arrow()),
                    (Purpose::Sort, _) => name,
                    (_, Some(asked)) => {
                        format!("{name}{}", text::fit(SafeText::new(&asked).as_str(), 44).trim_end())
                    }
                    (_, None) => format!("{name}–"),
                }
            };
            let values = state.query.values.as_ref().filter(|(id, _)| row.is_some_and(|row| row.id == *id));
            let shared = SHARED.iter().enumerate().filter(|_| purpose == Purpose::Pivot);
            let shared = shared.map(|(at, (letter, facet, name))| {
                let has_it = row.is_some_and(|row| row.shares(*facet).is_some());
                let value = values.and_then(|(_, values)| values.get(at)?.as_deref());
                let asked = match (has_it, value) {
                    (false, _) => "–".to_owned(),
                    // What tells sessions and keys apart stands at their end.
                    (true, Some(value)) => {
                        let field = if *facet == Facet::Session { Field::Session } else { Field::AccessKey };
                        let asked = format!("{}={}", field.name(), quote(value));
                        text::fit_end(SafeText::new(&asked).as_str(), 44)
                    }
                    (true, None) => "the same".to_owned(),
                };
                format!("{letter}  {}{asked}", text::fit(name, 10))
            });
            let lines = LETTERS.iter().map(line).chain(shared).collect();
            (title, "a letter or Enter  Esc", lines)
        }
        PickerKind::Filters => {
            let chips = &state.query.chips;
            let line = |chip: &Chip| {
                let mark = if chip.on && !chips.off { "[x]" } else { "[ ]" };
                format!("{mark} {}", SafeText::new(&chip.text))
            };
            (
                " Filters ",
                "Space on or off  Enter change  d remove  w save as a view  Esc",
                chips.chips.iter().map(line).collect(),
            )
        }
        PickerKind::Views => {
            let line = |(name, filters): (&String, &Vec<String>)| {
                let filters = SafeText::from(filters.join("  "));
                format!("{}  {filters}", text::fit(SafeText::new(name).as_str(), 16))
            };
            (" Views ", "Enter open  d remove  Esc", state.query.views.iter().map(line).collect())
        }
        PickerKind::Export => {
            let lines =
                ExportFormat::ALL.map(|format| format!("{}: {}", format.name(), format.words())).into();
            (" Write the alerts shown to a file ", "Enter  Esc", lines)
        }
        PickerKind::Columns => {
            let line = |placed: &crate::app::query::Placed| {
                let mark = if placed.on { "[x]" } else { "[ ]" };
                let wider = if placed.wider == 0 { String::new() } else { format!("{:+}", placed.wider) };
                format!("{mark} {} {wider:>4}", text::fit(placed.column.name(), 10))
            };
            let lines = state.query.columns.placed.iter().map(line).collect();
            (" Columns ", "Space on or off  J K move  + - width  Esc", lines)
        }
    }
}
