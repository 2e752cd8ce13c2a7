//! The small lists over the screen: a field of the alert, the filters, the views, the columns, the formats.

use detector::SafeText;
use ratatui::Frame;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::app::State;
use crate::app::list::sort::Column;
use crate::app::query::columns::Placed;
use crate::app::query::facets::Counted;
use crate::app::query::filters::Chip;
use crate::app::query::picker::{LETTERS, Picker, PickerKind, Purpose, SHARED};
use crate::app::query::saved_views::SavedView;
use crate::app::query::value_filter::asks_for;
use crate::filter::{Subject as _, quote};
use crate::format;
use crate::model::{ExportFormat, Facet, Field};
use crate::theme::Theme;
use crate::view::list;
use crate::view::popup::{self, Titles};
use crate::widget::text;

/// Draws a small list.
pub(super) fn draw(frame: &mut Frame<'_>, picker: Picker, state: &State, theme: Theme) {
    let (title, keys, lines) = lines(picker, state);
    let screen = frame.area();
    let widest = lines.iter().map(|line| text::width(line)).max().unwrap_or(0);
    let cells = widest.max(text::width(keys)).max(text::width(title)) + 2;
    let inner = cells.min(usize::from(screen.width.saturating_sub(4)));
    // The line under the cursor is on the screen, whatever its height.
    let rows = usize::from(screen.height.saturating_sub(2)).max(1);
    let first = (picker.at + 1).saturating_sub(rows);
    let shown = lines.iter().enumerate().skip(first).take(rows).map(|(at, line)| {
        let is_at = at == picker.at;
        let style = if is_at { theme.selected() } else { Style::new() };
        let marker = if is_at { "▌" } else { " " };
        Line::from(vec![
            Span::styled(marker, theme.accent()),
            Span::styled(text::fit(line, inner.saturating_sub(1)), style),
        ])
    });
    let titles = Titles { top: title.to_owned(), bottom: format!(" {keys} ") };
    popup::draw(frame, titles, shown.collect(), (cells, rows), theme);
}

/// Title, keys and lines of a list.
fn lines(picker: Picker, state: &State) -> (&'static str, &'static str, Vec<String>) {
    match picker.of {
        PickerKind::Field(purpose) => {
            let title = match purpose {
                Purpose::Include => " Filter by ",
                Purpose::Exclude => " Exclude ",
                Purpose::Pivot => " Pivot to ",
                Purpose::Sort => " Sort by ",
            };
            let (row, sort) = (state.list().selected_row(), state.list().sort());
            let line = |(letter, column): &(char, _)| {
                let column: Column = *column;
                let name = format!("{letter}  {}", text::fit(column.name(), 10));
                let asked = row.and_then(|row| asks_for(row, column, purpose));
                match (purpose, asked) {
                    (Purpose::Sort, _) if sort.by == column => format!("{name}{} current", sort.arrow()),
                    (Purpose::Sort, _) => name,
                    (_, Some(asked)) => {
                        format!("{name}{}", text::fit(SafeText::new(&asked).as_str(), 44).trim_end())
                    }
                    (_, None) => format!("{name}–"),
                }
            };
            let values = state.query().values.as_ref().filter(|(id, _)| row.is_some_and(|row| row.id == *id));
            let shared = SHARED.iter().enumerate().filter(|_| purpose == Purpose::Pivot);
            let shared = shared.map(|(at, (letter, facet, name))| {
                let has_it = row.is_some_and(|row| row.shares(*facet).is_some());
                let value = values.and_then(|(_, values)| values.get(at)?.as_deref());
                let asked = match (has_it, value) {
                    (false, _) => "–".to_owned(),
                    // Sessions and keys differ at their end.
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
            (title, "letter or Enter select  Esc cancel", lines)
        }
        PickerKind::Filters => {
            let chips = &state.query().chips;
            let line = |chip: &Chip| {
                let mark = if chip.on && !chips.off { "[x]" } else { "[ ]" };
                format!("{mark} {}", SafeText::new(&chip.text))
            };
            (
                " Filters ",
                "Space on or off  Enter change  d remove  w save as a view  Esc close",
                chips.chips.iter().map(line).collect(),
            )
        }
        PickerKind::Views => {
            let line = |(name, view): (&String, &SavedView)| {
                let filters = SafeText::from(view.filters.join("  "));
                format!("{}  {filters}", text::fit(SafeText::new(name).as_str(), 16))
            };
            (" Views ", "Enter open  d remove  Esc close", state.query().views.iter().map(line).collect())
        }
        PickerKind::Export => {
            let lines =
                ExportFormat::ALL.map(|format| format!("{}: {}", format.name(), format.description())).into();
            (" Export visible alerts ", "Enter select  Esc cancel", lines)
        }
        PickerKind::Counts => (" Counts of what is shown ", "Enter filter  Esc close", counts(state)),
        PickerKind::Columns => {
            let line = |placed: &Placed| {
                let mark = if placed.on { "[x]" } else { "[ ]" };
                let wider = if placed.wider == 0 { String::new() } else { format!("{:+}", placed.wider) };
                let room = if placed.on && !list::shows(state, placed.column) { "  (no room)" } else { "" };
                format!("{mark} {} {wider:>4}{room}", text::fit(placed.column.name(), 10))
            };
            let lines = state.query().columns.placed.iter().map(line).collect();
            (" Columns ", "Space on or off  J K move  + - width  Esc close", lines)
        }
    }
}

/// The lines of the counts: the column once, then number and value.
fn counts(state: &State) -> Vec<String> {
    let counted = &state.query().counted;
    let digits = |counted: &Counted| format::number(counted.count as u64).len();
    let widest = counted.iter().map(digits).max().unwrap_or(0);
    let mut last = None;
    let line = |counted: &Counted| {
        let is_same = last.replace(counted.column) == Some(counted.column);
        let name = if is_same { "" } else { counted.column.name() };
        let count = format::number(counted.count as u64);
        let value = text::fit_middle(SafeText::new(&counted.value).as_str(), 44);
        format!("{}{count:>widest$}  {}", text::fit(name, 11), value.trim_end())
    };
    counted.iter().map(line).collect()
}
