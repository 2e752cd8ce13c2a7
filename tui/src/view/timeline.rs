//! The timeline over the list: bars of alerts by time, times below them, and in its frame the length of a bar, the
//! highest bar, and the time and alerts of the selected one.
//!
//! ```text
//! ╭ Timeline · 5 min bars · max 12 ──────────────────────────────── 02:05 UTC ▲2 ●3 ◆1 ╮
//! │                      ▂                  ▁▃▇▂                                        │
//! │                     ▁█▁        ▁▂     ▂▅███▆▁                                       │
//! │ 01:00       01:30       02:00                                                       │
//! ╰───────────────────────────────────────────▴──────────────────────────────────────────╯
//! ```
//!
//! The worst of a bar is at its foot. A cell has one colour (a second would be a background, which no theme has), so
//! it shows the severity that most of it is. Without colours the worse two fill a cell and the others shade it.

use detector::Severity;
use jiff::Timestamp;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::app::State;
use crate::app::layout::Layout;
use crate::app::list::SeverityCounts;
use crate::app::timeline::first_in_sight;
use crate::theme::Theme;
use crate::view::frame::{self, Words};
use crate::{format, theme};

/// Parts of a cell that a bar can fill.
const EIGHTHS: u32 = 8;
/// So many alerts in one bar fill the timeline, or as many as the highest bar in sight has.
const LEAST_TOP: u32 = 4;
/// Cells that a time below the bars needs, with the space behind it.
const LABEL: u16 = 6;
/// The same, of a day of another year.
const LONG_LABEL: u16 = 11;

pub(crate) fn draw(buffer: &mut Buffer, layout: &Layout, state: &State, theme: Theme) {
    let area = layout.timeline;
    if area.height == 0 || area.width == 0 {
        return;
    }
    let first = first_in_sight(state.list(), area.width);
    let stacks: Vec<_> = first.map_or_else(Vec::new, |first| {
        state.list().buckets().within(first..=first + i64::from(area.width) - 1).collect()
    });
    let most = stacks.iter().map(|(_, stack)| stack.total()).max().unwrap_or(0);
    if layout.framed {
        frame::draw(buffer, layout.timeline_frame, words(state, most, theme), false, theme);
    }
    let Some(first) = first else { return };
    axis(buffer, area, state, first, theme);
    for (bucket, stack) in stacks {
        let Ok(column) = u16::try_from(bucket - first) else { continue };
        bar(buffer, area.x + column, area, stack, most.max(LEAST_TOP), theme);
    }
    let selected = state.list().selected_bucket().and_then(|bucket| u16::try_from(bucket - first).ok());
    if let Some(column) = selected.filter(|column| *column < area.width) {
        // Below the axis; without a frame, on it.
        let y = if layout.framed { area.bottom() } else { area.bottom() - 1 };
        buffer.set_string(area.x + column, y, "▴", theme.accent());
    }
}

/// The words on the frame: the length of a bar, the highest bar, and of the selected one its time and alerts.
fn words(state: &State, most: u32, theme: Theme) -> Words {
    let size = state.timeline().bucket_size();
    let max = if most > 0 { format!(" · max {}", format::number(u64::from(most))) } else { String::new() };
    let title =
        vec![Span::styled("Timeline", Theme::strong()), Span::raw(format!(" · {} bars{max}", size.name))];
    let aside = state.list().selected_bucket().map_or_else(Vec::new, |bucket| {
        let mut spans = vec![Span::raw(start(state, bucket))];
        for (severity, count) in state.list().buckets().get(bucket).parts() {
            spans.push(Span::raw(" "));
            spans.push(Span::styled(format!("{}{count}", sign(severity)), theme.severity(severity)));
        }
        spans
    });
    Words { title, aside, ..Words::default() }
}

/// The time at which a bar begins, with its zone.
fn start(state: &State, bucket: i64) -> String {
    let zone = state.query().columns.shown_zone();
    let zoned = |time: Timestamp| time.to_zoned_datetime(zone.clone());
    let start = zoned(state.list().buckets().bucketing.start(bucket));
    let now = zoned(state.now());
    let size = state.timeline().bucket_size();
    let format = match (start.date() == now.date(), start.year() == now.year(), size.is_of_days()) {
        (true, _, false) if size.is_of_seconds() => "%H:%M:%S %Z",
        (true, _, false) => "%H:%M %Z",
        (_, true, _) => "%m-%d %H:%M %Z",
        (_, false, false) => "%Y-%m-%d %H:%M %Z",
        (_, false, true) => "%Y-%m-%d %Z",
    };
    start.strftime(format).to_string()
}

/// Times below the bars.
fn axis(buffer: &mut Buffer, area: Rect, state: &State, first: i64, theme: Theme) {
    let (size, bucketing, zone) = (
        state.timeline().bucket_size(),
        state.list().buckets().bucketing,
        state.query().columns.shown_zone(),
    );
    let this_year = state.now().to_zoned_datetime(zone.clone()).year();
    let mut free = 0;
    for column in 0..area.width {
        let bucket = first + i64::from(column);
        if bucket.rem_euclid(size.tick) != 0 || column < free {
            continue;
        }
        let start = bucketing.start(bucket).to_zoned_datetime(zone.clone());
        let is_day = size.is_of_days() || (start.hour() == 0 && start.minute() == 0);
        let (format, cells) = match (is_day, start.year() == this_year) {
            (false, _) => ("%H:%M", LABEL),
            (true, true) => ("%m-%d", LABEL),
            (true, false) => ("%Y-%m-%d", LONG_LABEL),
        };
        if column + cells - 1 <= area.width {
            let label = start.strftime(format).to_string();
            buffer.set_string(area.x + column, area.bottom() - 1, label, theme.label());
            free = column + cells + 1;
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
        buffer.set_string(x, y, block(severity, filled, theme.has_colours()), theme.severity(severity));
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

/// A part of a bar; a full cell tells severities apart by its shade where there are no colours.
const fn block(severity: Option<Severity>, eighths: u32, coloured: bool) -> &'static str {
    match (eighths, severity) {
        (0, _) => " ",
        (1, _) => "▁",
        (2, _) => "▂",
        (3, _) => "▃",
        (4, _) => "▄",
        (5, _) => "▅",
        (6, _) => "▆",
        (7, _) => "▇",
        _ if coloured => "█",
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
        assert!(screen(&state, true).contains("Timeline · 5 min bars ─"), "{}", screen(&state, true));
        let mut state = story(80, 30);
        let crowd = rows(200..1_000).into_iter().map(|row| Row { time: now(), ..row }).collect();
        send(&mut state, Event::Stored(crowd));
        let (shown, sign) = (screen(&state, true), |line: usize, sign: &str, shown: &str| {
            shown.lines().nth(line).unwrap().contains(sign)
        });
        assert!(sign(1, "max 80", &shown) && sign(3, "▁", &shown) && sign(2, "█", &shown), "{shown}");
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
