//! The timeline between header and list: two lines of bars, one that they stand on, and at the
//! left what they mean.
//!
//! ```text
//!  5 min  most 12      ▂                  ▁▃▇▂
//!  02:00 UTC          ▁█▁        ▁▂     ▂▅▒██▆▁
//!  ▲2 ●3 ◆1          ─◆▲◆─│01:00─·●─────●◆●▲●◆●
//! ```
//!
//! The sign below a bar is that of its worst alert, and reversed where the selected alert is; the times
//! and counts at the left are those of that bar. A bar is a cell wide, and a cell has one colour (a
//! second would be a background, which no theme has), so a cell shows the severity that most of it is.
//! Without colours the worse two fill a cell and the others shade it.

use detector::Severity;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;

use crate::app::State;
use crate::app::layout::Layout;
use crate::app::list::SeverityCounts;
use crate::app::timeline::first_in_sight;
use crate::theme::Theme;
use crate::{format, theme};

/// Parts of a cell that a bar can fill.
const EIGHTHS: u32 = 8;
/// So many alerts in one bar fill the timeline, or as many as the highest bar in sight has.
const LEAST_TOP: u32 = 4;
/// Cells of a time below the bars, with its tick.
const LABEL: u16 = 6;
/// The same, of a day of another year.
const LONG_LABEL: u16 = 11;

pub(crate) fn draw(buffer: &mut Buffer, layout: &Layout, state: &State, theme: Theme) {
    let (area, bars) = (layout.timeline, layout.bars());
    if area.height == 0 || bars.width == 0 {
        return;
    }
    let ground = bars.bottom() - 1;
    buffer.set_string(bars.x, ground, "─".repeat(usize::from(bars.width)), Theme::faded());
    let Some(first) = first_in_sight(state.list(), bars.width) else {
        edge(buffer, area, bars, state, 0, theme);
        return;
    };
    let last = first + i64::from(bars.width) - 1;
    let stacks: Vec<_> = state.list().buckets().within(first..=last).collect();
    let most = stacks.iter().map(|(_, stack)| stack.total()).max().unwrap_or(0);
    edge(buffer, area, bars, state, most, theme);
    let selected = state.list().selected_bucket();
    ticks(buffer, bars, state, first, &stacks);
    for (bucket, stack) in stacks {
        let Ok(column) = u16::try_from(bucket - first) else { continue };
        let x = bars.x + column;
        bar(buffer, x, bars, stack, most.max(LEAST_TOP), theme);
        if let Some((worst, _)) = stack.parts().next() {
            let style = theme.severity(worst);
            let style = if selected == Some(bucket) { style.patch(theme.selected()) } else { style };
            if let Some(cell) = buffer.cell_mut((x, ground)) {
                // Not as faint as the line that it stands in.
                cell.set_style(Style::reset()).set_symbol(sign(worst)).set_style(style);
            }
        }
    }
}

/// The bucket size, the time of the selected bar, and what it is of.
fn edge(buffer: &mut Buffer, area: Rect, bars: Rect, state: &State, most: u32, theme: Theme) {
    let width = bars.x.saturating_sub(area.x + 1);
    let mut size = vec![Span::raw(" "), Span::styled(state.timeline().bucket_size().name, theme.label())];
    if most > 0 {
        size.push(Span::raw(format!("  most {}", format::number(u64::from(most)))));
    }
    let zone = state.query().columns.shown_zone();
    let zoned = |time: Timestamp| time.to_zoned_datetime(zone.clone());
    let (mut time, mut parts) = (vec![Span::raw(" ")], vec![Span::raw(" ")]);
    match state.list().selected_bucket() {
        Some(bucket) => {
            let start = zoned(state.list().buckets().bucketing.start(bucket));
            let now = zoned(state.now());
            let size = state.timeline().bucket_size();
            let format = match (start.date() == now.date(), start.year() == now.year(), size.is_of_days()) {
                (true, _, false) if size.is_of_seconds() => "%H:%M:%S %Z",
                (true, _, false) => "%H:%M %Z",
                (_, true, _) => "%m-%d %H:%M %Z",
                // For a zone's name there is no room; the list says it.
                (_, false, false) if zone == jiff::tz::TimeZone::UTC => "%Y-%m-%d %H:%MZ",
                (_, false, false) => "%Y-%m-%d %H:%M",
                (_, false, true) => "%Y-%m-%d %Z",
            };
            time.push(Span::raw(start.strftime(format).to_string()));
            for (severity, count) in state.list().buckets().get(bucket).parts() {
                parts.push(Span::styled(format!("{}{count}", sign(severity)), theme.severity(severity)));
                parts.push(Span::raw(" "));
            }
        }
        None => time.push(Span::raw(zoned(state.now()).strftime("%Z").to_string())),
    }
    for (spans, y) in [size, time, parts].into_iter().zip(area.y..) {
        buffer.set_line(area.x, y, &super::line::clip(spans, usize::from(width)), width);
    }
}

/// Times below the bars, where no alerts are in their way.
fn ticks(buffer: &mut Buffer, bars: Rect, state: &State, first: i64, stacks: &[(i64, &SeverityCounts)]) {
    let (size, bucketing, zone) = (
        state.timeline().bucket_size(),
        state.list().buckets().bucketing,
        state.query().columns.shown_zone(),
    );
    let this_year = state.now().to_zoned_datetime(zone.clone()).year();
    let is_free = |from: i64, cells: i64| {
        let at = stacks.partition_point(|(bucket, _)| *bucket < from);
        stacks.get(at).is_none_or(|(bucket, _)| *bucket >= from + cells)
    };
    for column in 0..bars.width {
        let bucket = first + i64::from(column);
        if bucket.rem_euclid(size.tick) != 0 || !is_free(bucket, 1) {
            continue;
        }
        buffer.set_string(bars.x + column, bars.bottom() - 1, "│", Theme::faded());
        let start = bucketing.start(bucket).to_zoned_datetime(zone.clone());
        let is_day = size.is_of_days() || (start.hour() == 0 && start.minute() == 0);
        let (format, cells) = match (is_day, start.year() == this_year) {
            (false, _) => ("%H:%M", LABEL),
            (true, true) => ("%m-%d", LABEL),
            (true, false) => ("%Y-%m-%d", LONG_LABEL),
        };
        if column + cells <= bars.width && is_free(bucket, i64::from(cells)) {
            let label = start.strftime(format).to_string();
            buffer.set_string(bars.x + column + 1, bars.bottom() - 1, label, Theme::faded());
        }
    }
}

/// One bar: the worst at its foot.
fn bar(buffer: &mut Buffer, x: u16, bars: Rect, stack: &SeverityCounts, top: u32, theme: Theme) {
    let rows = u32::from(bars.height.saturating_sub(1));
    let all = stack.total();
    // However few, they are seen.
    let high = (all * rows * EIGHTHS).div_ceil(top.max(1));
    for (row, y) in (0..rows).zip((bars.y..bars.bottom().saturating_sub(1)).rev()) {
        let foot = row * EIGHTHS;
        if high <= foot {
            return;
        }
        let filled = (high - foot).min(EIGHTHS);
        let severity = most_of(stack, foot, foot + filled, high);
        buffer.set_string(x, y, block(severity, filled), theme.severity(severity));
    }
}

/// The severity that most of a part of the bar is of, the worse one where two are the same; the stack
/// is not empty.
fn most_of(stack: &SeverityCounts, from: u32, to: u32, high: u32) -> Option<Severity> {
    let (all, mut below) = (stack.total().max(1), 0);
    let mut best = None;
    for (severity, count) in stack.parts() {
        let (start, end) = (below * high, (below + count) * high);
        below += count;
        // In parts of an eighth, of which an alert is `high` and an eighth is `all`.
        let here = end.min(to * all).saturating_sub(start.max(from * all));
        if best.is_none_or(|(_, most)| here > most) {
            best = Some((severity, here));
        }
    }
    best.and_then(|(severity, _)| severity)
}

const fn block(severity: Option<Severity>, eighths: u32) -> &'static str {
    match (eighths, severity) {
        (0, _) => " ",
        (1, _) => "▁",
        (2, _) => "▂",
        (3, _) => "▃",
        (4, _) => "▄",
        (5, _) => "▅",
        (6, _) => "▆",
        (7, _) => "▇",
        (_, Some(Severity::Critical | Severity::High)) => "█",
        (_, Some(Severity::Medium)) => "▓",
        (_, Some(Severity::Low) | None) => "▒",
    }
}

/// The glyph of the list, without its word.
fn sign(severity: Option<Severity>) -> &'static str {
    theme::severity_label(severity).split(' ').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::view::timeline::*;

    use crate::model::testing::{now, rows};
    use crate::model::{Event, Row};
    use crate::view::testing::{press, screen, screen_in, send, type_in};
    use crossterm::event::KeyCode;
    use detector::AlertId;
    use insta::assert_snapshot;
    use jiff::SignedDuration;

    /// Two days before now: a quiet one, an attack in it, a few alerts that could not be read.
    fn story(width: u16, height: u16) -> State {
        let mut state = State::new(width, height, now());
        state.timeline_mut().choose_five_minutes();
        let of = |number: i64, minutes: i64, severity| Row {
            id: AlertId(format!("alert-{number}")),
            time: now() - SignedDuration::from_mins(minutes),
            severity,
            ..rows(number..number + 1).remove(0)
        };
        let low = (0..60).map(|at| of(at, at * 47 + 3, Some(Severity::Low)));
        let medium = (60..80).map(|at| of(at, (at - 60) * 13 + 30, Some(Severity::Medium)));
        let high = (80..94).map(|at| of(at, 40 + (at - 80), Some(Severity::High)));
        let critical = (94..103).map(|at| of(at, 41 + (at - 94) / 4, Some(Severity::Critical)));
        let unreadable = (103..106).map(|at| of(at, 120, None));
        let all = low.chain(medium).chain(high).chain(critical).chain(unreadable);
        send(&mut state, Event::Stored(all.collect()));
        state
    }

    #[test]
    fn bars_at_each_size() {
        for (width, height) in [(80, 26), (132, 40), (200, 60)] {
            let mut state = story(width, height);
            type_in(&mut state, "{{");
            // Of the rows below, the other snapshots tell.
            let shown = screen(&state, true);
            let (text, map) = shown.split_once("\n\n").unwrap();
            let lines = |part: &str, most: usize| part.lines().take(most).collect::<Vec<_>>().join("\n");
            let legend: Vec<_> = map.lines().skip(usize::from(height)).collect();
            let shown = format!("{}\n\n{}\n{}", lines(text, 6), lines(map, 6), legend.join("\n"));
            assert_snapshot!(format!("bars_{width}x{height}"), shown);
        }
    }

    #[test]
    fn asked_for_at_80x24_with_a_filter_and_the_selection_far_back() {
        let mut state = story(80, 24);
        type_in(&mut state, "tf-sev:high");
        press(&mut state, KeyCode::Enter);
        press(&mut state, KeyCode::End);
        assert_snapshot!(screen(&state, true));
    }

    #[test]
    fn ascii_without_colours_at_each_scale() {
        let mut out = String::new();
        for keys in ["+", "", "-", "--", "---", "----"] {
            let mut state = story(100, 30);
            state.shell_mut().ascii = true;
            type_in(&mut state, keys);
            let shown = screen_in(&state, Theme::new(false));
            assert!(shown.is_ascii());
            out.extend(shown.lines().skip(1).take(3).flat_map(|line| [line, "\n"]));
        }
        assert_snapshot!(out);
    }

    #[test]
    fn nothing_to_count_is_a_line_and_no_alert_is_too_few_to_see() {
        let state = State::new(80, 30, now());
        assert!(screen(&state, true).contains("5 min\n UTC\n"));
        let mut state = story(80, 30);
        let crowd = rows(200..1_000).into_iter().map(|row| Row { time: now(), ..row }).collect();
        send(&mut state, Event::Stored(crowd));
        let (shown, sign) = (screen(&state, true), |line: usize, sign: &str, shown: &str| {
            shown.lines().nth(line).unwrap().contains(sign)
        });
        assert!(sign(1, "most 80", &shown) && sign(2, "▁", &shown) && sign(1, "█", &shown), "{shown}");
    }

    #[test]
    fn most_of_a_cell_is_what_it_shows() {
        let mut stack = SeverityCounts::default();
        let mut add = |severity, count| (0..count).for_each(|_| stack.add(Some(severity), true));
        add(Severity::Critical, 1);
        add(Severity::High, 7);
        add(Severity::Low, 8);
        let of = |from, to| most_of(&stack, from, to, 16);
        assert_eq!(
            (of(0, 8), of(8, 16), of(0, 1)),
            (Some(Severity::High), Some(Severity::Low), Some(Severity::Critical))
        );
        assert_eq!(of(4, 12), Some(Severity::High), "the worse where both have as much");
    }

    #[test]
    #[ignore = "a measurement: cargo test -p sentinel-tui --bins measured -- --ignored --nocapture"]
    fn the_strip_measured_on_a_full_list() {
        let mut state = State::new(200, 60, now());
        let severities =
            [Some(Severity::Critical), Some(Severity::High), Some(Severity::Medium), Some(Severity::Low)];
        let template = rows(0..1).remove(0);
        let row = |number: i64| Row {
            id: AlertId(format!("4f2a0000-0000-0000-0000-{number:012}")),
            time: now() - SignedDuration::from_secs((100_250 - number) * 61),
            severity: severities[usize::try_from(number % 4).unwrap()],
            ..template.clone()
        };
        let timed = |what: &str, state: &mut State, times: u32, work: &mut dyn FnMut(&mut State)| {
            let start = std::time::Instant::now();
            (0..times).for_each(|_| work(state));
            println!("{what:<44} {:?}", start.elapsed() / times);
        };
        state.list_mut().insert((0..100_000).map(row).collect());
        for keys in ["t", "t"] {
            type_in(&mut state, keys);
            let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(200, 60)).unwrap();
            let what = format!("a frame at 200x60, timeline: {}", state.layout().timeline.height > 0);
            timed(&what, &mut state, 200, &mut |state| {
                terminal.draw(|frame| crate::view::draw(frame, state)).unwrap();
            });
        }
        for keys in ["+", "-", "-"] {
            timed(&format!("another scale: {keys}"), &mut state, 1, &mut |state| type_in(state, keys));
        }
        timed("the next bar back", &mut state, 200, &mut |state| type_in(state, "{"));
        type_in(&mut state, "sa");
        timed("the next bar on, sorted by actor", &mut state, 20, &mut |state| type_in(state, "}"));
        type_in(&mut state, "sm");
        timed("all counted, as after another filter", &mut state, 10, &mut |state| {
            state.list_mut().recount_all();
        });
        let mut batch: Vec<Row> = (100_000..100_250).map(row).collect();
        timed("a batch of 250", &mut state, 1, &mut |state| {
            state.list_mut().insert(std::mem::take(&mut batch));
        });
        let mut again: Vec<Row> = (100_000..100_250).map(row).collect();
        timed("the same batch again", &mut state, 1, &mut |state| {
            state.list_mut().insert(std::mem::take(&mut again));
        });
    }
}
