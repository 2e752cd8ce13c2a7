//! The pipeline's own health: what the header says of its alarms and of the probe, and the list of
//! alarms over the screen, with what each means and what to do.

use jiff::{SignedDuration, Timestamp};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Block, Clear, Padding, Paragraph};

use crate::app::State;
use crate::format;
use crate::keymap::Action;
use crate::model::{Alarm, ProbeStatus, SourceStatus, alarm_word};
use crate::theme::Theme;
use crate::widget::text;
use detector::SafeText;
use detector::health::State as AlarmState;

/// The widest that the list gets, and the most cells of an alarm's name in the header.
const WIDEST: u16 = 100;
const NAME: usize = 24;
/// Cells of its border and padding.
const FRAME: u16 = 4;

/// Returns the header's words on alarms, the longest that fit `room` cells; `None` where none is in ALARM.
pub(super) fn alarm(state: &State, theme: Theme, room: usize) -> Option<Span<'static>> {
    let pipeline = &state.pipeline;
    let first = pipeline.in_alarm().next()?;
    let key = key(state);
    let name = pipeline.short(&first.key);
    let name = text::fit(name.as_str(), NAME);
    let name = name.trim_end();
    let (count, more) = match pipeline.in_alarm().count() {
        1 => (String::new(), String::new()),
        many => (format!(": {many} alarms"), format!(", {} more", many - 1)),
    };
    let words = [
        format!("▲ pipeline: {name} since {}{more}{key}", since(first.since, state.now)),
        format!("▲ pipeline: {name}{more}{key}"),
        format!("▲ pipeline{count}{key}"),
        format!("▲ pipeline{key}"),
        "▲ pipeline".to_owned(),
    ];
    // Nobody is to overlook it: the only words of the header in reverse video.
    Some(Span::styled(longest(&words, room), theme.bad().add_modifier(Modifier::REVERSED)))
}

/// True where a probe is missing, the function's or this console's own.
pub(super) fn has_lost_probe(state: &State) -> bool {
    state.pipeline.misses_probes(state.now)
        || matches!(state.pipeline.probed, Some(ProbeStatus::Missing { .. } | ProbeStatus::Refused { .. }))
}

/// Header's text about the function's probes, while they come.
pub(super) fn heard(state: &State) -> Option<String> {
    let probe = state.pipeline.heard.as_ref()?;
    let is_well =
        matches!(state.health, SourceStatus::Live { .. }) && !state.pipeline.misses_probes(state.now);
    is_well.then(|| format!("pipeline {}", age(state.now.duration_since(probe.at))))
}

/// Returns the header's words on the probe, bad news as the longest words that fit into `room` cells, and
/// true where they are bad news. `None` where there is nothing to say.
pub(super) fn probe(state: &State, theme: Theme, room: usize) -> Option<(bool, Span<'static>)> {
    // Whoever can't receive can't get a probe either, and that is said.
    if !matches!(state.health, SourceStatus::Live { .. }) {
        return None;
    }
    let key = key(state);
    if state.pipeline.misses_probes(state.now) {
        let words = match &state.pipeline.heard {
            Some(probe) => format!("✗ no pipeline probe since {}{key}", since(probe.at, state.now)),
            None => format!("✗ no alerts heard{key}"),
        };
        let words = [words, format!("✗ no alerts heard{key}"), "✗ probe".to_owned()];
        return Some((true, Span::styled(longest(&words, room), theme.bad())));
    }
    let words = match state.pipeline.probed.as_ref()? {
        ProbeStatus::Back { took, at } => {
            let words = format!("probe {}, {}", seconds(*took), age(state.now.duration_since(*at)));
            return Some((false, Span::raw(words)));
        }
        ProbeStatus::Missing { sent } => [
            format!("✗ probe of {} not back{key}", since(*sent, state.now)),
            format!("✗ probe not back{key}"),
            "✗ probe".to_owned(),
        ],
        ProbeStatus::Refused { .. } => {
            [format!("✗ probe can't be published{key}"), format!("✗ no probe{key}"), "✗ probe".to_owned()]
        }
    };
    Some((true, Span::styled(longest(&words, room), theme.bad())))
}

/// The first that fits, else the last.
pub(super) fn longest(words: &[String], room: usize) -> String {
    let fits = words.iter().find(|words| text::width(words) <= room);
    fits.or(words.last()).cloned().unwrap_or_default()
}

/// ` (I)`: the key to the list; nothing where it has none.
fn key(state: &State) -> String {
    let keys = state.shell.keymap.keys_of(Action::Pipeline);
    keys.split(' ').next().filter(|key| !key.is_empty()).map(|key| format!(" ({key})")).unwrap_or_default()
}

/// `02:10 UTC`, with the day where it is another.
fn since(time: Timestamp, now: Timestamp) -> String {
    let is_today = time.strftime("%F").to_string() == now.strftime("%F").to_string();
    time.strftime(if is_today { "%H:%M UTC" } else { "%m-%d %H:%M UTC" }).to_string()
}

/// `0.4 s`, `12 s`, `40 ms`.
fn seconds(took: SignedDuration) -> String {
    match took.as_millis() {
        millis @ ..100 => format!("{millis} ms"),
        ..10_000 => format!("{:.1} s", took.as_secs_f64()),
        _ => format!("{} s", took.as_secs()),
    }
}

/// Told in minutes, since nothing wakes the console to tell it again.
fn age(age: SignedDuration) -> String {
    match age.as_mins() {
        ..1 => "just now".to_owned(),
        minutes @ 1..120 => format!("{minutes} min ago"),
        minutes => format!("{} h ago", minutes / 60),
    }
}

/// Returns the list's words on the probe.
fn probe_words(state: &State) -> String {
    let clock = |time: Timestamp| time.strftime("%F %H:%M:%S UTC").to_string();
    match &state.pipeline.probed {
        Some(ProbeStatus::Back { took, at }) => {
            format!(
                "✓ The last probe came back through the queue after {}, at {}.",
                seconds(*took),
                clock(*at)
            )
        }
        Some(ProbeStatus::Missing { sent }) => format!(
            "✗ The probe of {} has not come back: what other consoles say may not come either. Is the queue \
             subscribed to the topic of consoles, raw, and does nobody else read it? `sentinel-tui doctor` tells.",
            clock(*sent)
        ),
        Some(ProbeStatus::Refused { why, remedy }) => {
            format!("✗ The probe can't be published: {why}. To mend it: {remedy}.")
        }
        None => {
            "No probe of this console yet. Where no topic is set (--topic-arn), none is published.".to_owned()
        }
    }
}

/// Text about the function's probes in the list; nothing where none are to come.
fn heard_words(state: &State) -> Option<String> {
    let pipeline = &state.pipeline;
    let clock = |time: Timestamp| time.strftime("%F %H:%M:%S UTC").to_string();
    Some(match (&pipeline.heard, pipeline.misses_probes(state.now)) {
        (Some(probe), false) => format!(
            "✓ The function's last probe came over the topic of alerts at {}: this queue hears them. One comes every {}.",
            clock(probe.at),
            format::span(i64::from(probe.every))
        ),
        (Some(probe), true) => format!(
            "✗ The function's last probe came at {}, and three more were due: the pipeline is dead, or this queue does \
             not hear the topic of alerts. `sentinel-tui test-alert` shows where it stops; then `sentinel-tui backfill`.",
            clock(probe.at)
        ),
        (None, true) => {
            "✗ No probe of the function has come: the pipeline is dead, this queue does not hear the topic \
                         of alerts, or the pipeline is older than this console (apply its Terraform). \
                         `sentinel-tui test-alert` shows where it stops."
                .to_owned()
        }
        (None, false) if pipeline.expects_probes => "No probe of the function yet.".to_owned(),
        (None, false) => return None,
    })
}

/// Messages that were deleted without a row, since this version does not know what they are.
fn unknown_words(state: &State) -> Option<String> {
    let unknown = &state.pipeline.unknown;
    let kinds = unknown.iter().map(|(kind, count)| format!("{} of kind {kind}", format::number(*count)));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    (!unknown.is_empty()).then(|| {
        format!("Messages that this version does not know, and has deleted: {kinds}. Update sentinel-tui.")
    })
}

/// Returns the reason why there is no pipeline here, and the way to get one; `None` where alerts come from
/// a queue.
fn none_here(state: &State) -> Option<[&'static str; 2]> {
    let here = match state.health {
        SourceStatus::Demo { .. } => {
            "There is no pipeline here: the demo plays a story on this machine, so there is no alarm and no probe."
        }
        SourceStatus::Replay(_) => {
            "There is no pipeline here: log files are read on this machine, so there is no alarm and no probe."
        }
        SourceStatus::Connecting | SourceStatus::Live { .. } | SourceStatus::Retrying { .. } => return None,
    };
    Some([
        here,
        "A console that receives from a queue has one: `sentinel-tui --queue-url URL --topic-arn ARN`. Terraform \
         makes the queue and all before it, and its output `consoles` is that line (docs/deploy.md).",
    ])
}

/// The lines of the list, and where each alarm begins.
fn lines(state: &State, theme: Theme, cells: usize) -> (Vec<Line<'static>>, Vec<usize>) {
    let cells = cells.max(1);
    let (mut lines, mut starts) = (Vec::new(), Vec::new());
    let wrapped = |words: &str, indent: &'static str, style: Style| {
        let wrapped = text::wrap(&SafeText::new(words), cells.saturating_sub(indent.len()).max(1));
        wrapped
            .into_iter()
            .map(move |line| Line::styled(format!("{indent}{line}"), style))
            .collect::<Vec<_>>()
    };
    if let Some([here, how]) = none_here(state) {
        lines.extend(wrapped(here, "", Style::new()));
        lines.push(Line::default());
        lines.extend(wrapped(how, "", Style::new()));
        return (lines, starts);
    }
    lines.extend(wrapped(
        &probe_words(state),
        "",
        if has_lost_probe(state) { theme.bad() } else { Style::new() },
    ));
    if let Some(words) = heard_words(state) {
        let style = if state.pipeline.misses_probes(state.now) { theme.bad() } else { Style::new() };
        lines.extend(wrapped(&words, "", style));
    }
    lines.extend(unknown_words(state).iter().flat_map(|words| wrapped(words, "", Style::new())));
    let identity = state.identity.as_ref().map(|identity| format!("Credentials: {identity}."));
    lines.extend(identity.iter().flat_map(|words| wrapped(words, "", Theme::faded())));
    let at = state.pipeline.open.map_or(0, |open| open.at);
    for (number, alarm) in state.pipeline.troubles().enumerate() {
        lines.push(Line::default());
        starts.push(lines.len());
        lines.extend(heading(state, alarm, number == at, theme, cells));
        let Alarm { description, reason, key, .. } = alarm;
        lines.extend(description.iter().flat_map(|words| wrapped(words, "  ", Style::new())));
        let reason = reason.as_ref().map(|reason| format!("CloudWatch: {reason}"));
        lines.extend(reason.iter().flat_map(|words| wrapped(words, "  ", Theme::faded())));
        let place = [&key.name, &key.account, &key.region].map(String::as_str);
        let place = place.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        lines.extend(wrapped(&place, "  ", Theme::faded()));
    }
    if starts.is_empty() {
        lines.push(Line::default());
        let words = "No alarm of the pipeline is known to be on. CloudWatch tells of a change only: what was so \
                     before this queue was subscribed is not known here.";
        lines.extend(wrapped(words, "", Style::new()));
    }
    (lines, starts)
}

/// `▌▲ ALARM  slack-late  since 2026-11-24 02:10:00 UTC, 20 min ago`.
fn heading(state: &State, alarm: &Alarm, is_current: bool, theme: Theme, cells: usize) -> Vec<Line<'static>> {
    let (sign, style) = match alarm.state {
        AlarmState::Alarm => ("▲", theme.bad()),
        AlarmState::Unknown | AlarmState::Ok => ("?", Theme::strong()),
    };
    let since = format!(
        "since {}, {}",
        alarm.since.strftime("%F %H:%M:%S UTC"),
        age(state.now.duration_since(alarm.since))
    );
    let name = state.pipeline.short(&alarm.key);
    let words = format!("{sign} {}  {name}  {since}", alarm_word(alarm.state));
    let style = if is_current { style.patch(Theme::selected()) } else { style };
    let mark = if is_current { "▌" } else { " " };
    let wrapped = text::wrap(&SafeText::new(&words), cells.saturating_sub(1).max(1));
    wrapped.into_iter().map(|line| Line::styled(format!("{mark}{line}"), style)).collect()
}

/// Returns the place of the list on a screen of this size, for so many lines.
fn area(width: u16, height: u16, lines: usize) -> Rect {
    let wide = width.min(WIDEST);
    let high = u16::try_from(lines + 2).unwrap_or(u16::MAX).min(height);
    Rect::new((width - wide) / 2, (height - high) / 2, wide, high)
}

fn cells(width: u16) -> usize {
    usize::from(width.min(WIDEST).saturating_sub(FRAME))
}

/// Rows of the open list on the screen.
pub(crate) fn rows(state: &State) -> usize {
    usize::from(state.height.saturating_sub(2))
}

/// Returns the number of lines that can be skipped from the chosen alarm on, until the last line is at the
/// end of the screen.
pub(crate) fn below(state: &State) -> usize {
    let (lines, starts) = lines(state, Theme::new(false), cells(state.width));
    lines.len().saturating_sub(rows(state)).saturating_sub(first(state, &starts))
}

/// The first line that is shown before any is skipped: with the first alarm, what is said of the probe.
fn first(state: &State, starts: &[usize]) -> usize {
    let at = state.pipeline.open.map_or(0, |open| open.at);
    if at == 0 { 0 } else { starts.get(at).copied().unwrap_or(0) }
}

pub(super) fn draw(frame: &mut Frame<'_>, state: &State, theme: Theme) {
    let Some(open) = state.pipeline.open else { return };
    let screen = frame.area();
    let (lines, starts) = lines(state, theme, cells(screen.width));
    let area = area(screen.width, screen.height, lines.len());
    let rows = usize::from(area.height.saturating_sub(2));
    let top = (first(state, &starts) + open.skipped).min(lines.len().saturating_sub(rows));
    let hint =
        if starts.is_empty() { " any key closes " } else { " ↑ ↓ alarm  PgDn more  x forget  Esc " };
    let block = Block::bordered()
        .title(" The pipeline itself ")
        .title_bottom(hint)
        .padding(Padding::horizontal(1))
        .style(Style::new());
    let lines: Vec<_> = lines.into_iter().skip(top).take(rows).collect();
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::model::Event;
    use crate::model::testing::{alarm, now};
    use crate::view::testing::{screen, send, state_with, type_in};
    use detector::probe::PipelineProbe;
    use insta::assert_snapshot;

    /// A console with alarms of its pipeline.
    fn in_alarm(width: u16, height: u16) -> State {
        let mut state = state_with(width, height, 4);
        state.pipeline.name = Some("iam-sentinel".to_owned());
        let alarms = vec![
            alarm("iam-sentinel-slack-late", AlarmState::Alarm, 8),
            alarm("iam-sentinel-function-errors", AlarmState::Alarm, 3),
            alarm("iam-sentinel-canary-missing", AlarmState::Unknown, 2),
            alarm("iam-sentinel-topic-refused", AlarmState::Ok, 1),
        ];
        send(&mut state, Event::Alarms { alarms, first: true });
        state
    }

    fn probed(state: &mut State, probed: ProbeStatus) {
        send(state, Event::Probe(probed));
    }

    fn back() -> ProbeStatus {
        ProbeStatus::Back {
            took: SignedDuration::from_millis(412),
            at: now() - SignedDuration::from_secs(130),
        }
    }

    fn refused() -> ProbeStatus {
        let mend = "these credentials may not publish to the topic (sns:Publish); attach the console policy that \
                    Terraform made";
        ProbeStatus::Refused {
            why: "SNS refuses it: AuthorizationError no\u{1b}[2J".to_owned(),
            remedy: mend.to_owned(),
        }
    }

    fn header(state: &State) -> String {
        screen(state, true).lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_header_tells_of_alarms_and_of_the_probe_at_every_width() {
        let mut said = String::new();
        for probe in [None, Some(back()), Some(ProbeStatus::Missing { sent: now() }), Some(refused())] {
            for width in [160, 120, 100, 80, 60, 40] {
                let mut state = in_alarm(width, 24);
                state.pipeline.probed.clone_from(&probe);
                said.push_str(&header(&state));
                said.push('\n');
            }
            said.push('\n');
        }
        assert_snapshot!(said);
        for width in 40..200 {
            let mut state = in_alarm(width, 24);
            probed(&mut state, ProbeStatus::Missing { sent: now() });
            let line = header(&state);
            assert!(
                line.contains("● live") && line.contains("▲ pipeline") && line.contains("✗ probe"),
                "{line}"
            );
            assert!(line.contains("critical") && !line.contains('…'), "{line}");
        }
    }

    #[test]
    fn a_probe_that_came_back_is_told_with_its_age_and_only_while_the_queue_is_read() {
        let mut state = state_with(120, 24, 4);
        probed(&mut state, back());
        assert!(header(&state).contains("probe 0.4 s, 2 min ago"), "{}", header(&state));
        send(&mut state, Event::Source(SourceStatus::Connecting));
        assert!(!header(&state).contains("probe"));
        assert_eq!(
            [1, 412, 9_960, 61_000].map(|ms| seconds(SignedDuration::from_millis(ms))),
            ["1 ms", "0.4 s", "10.0 s", "61 s"]
        );
        assert_eq!(
            [0, 59, 60, 7_199, 7_200].map(|s| age(SignedDuration::from_secs(s))),
            ["just now", "just now", "1 min ago", "119 min ago", "2 h ago"]
        );
    }

    fn heard(state: &mut State, at: Timestamp) {
        let probe = PipelineProbe { version: 1, pipeline: "iam-sentinel".to_owned(), every: 300, at };
        send(state, Event::PipelineProbe(probe));
    }

    fn minutes_ago(minutes: i64) -> Timestamp {
        now() - SignedDuration::from_mins(minutes)
    }

    #[test]
    fn the_function_s_probe_is_told_with_its_age_and_three_misses_are_a_warning() {
        let mut state = state_with(120, 24, 4);
        // Live for long: the test's console was just started.
        state.pipeline.live_since = Some(minutes_ago(60));
        heard(&mut state, minutes_ago(3));
        assert!(header(&state).contains("pipeline 3 min ago"), "{}", header(&state));
        heard(&mut state, minutes_ago(40));
        assert!(header(&state).contains("pipeline 3 min ago"), "an older one changes nothing");
        let wakes = state.pipeline.missed_at().unwrap();
        assert_eq!(wakes, minutes_ago(3) + SignedDuration::from_mins(16));
        let mut late = state_with(120, 24, 4);
        late.pipeline.live_since = Some(minutes_ago(60));
        heard(&mut late, minutes_ago(17));
        assert!(header(&late).contains("✗ no pipeline probe since"), "{}", header(&late));
        type_in(&mut late, "I");
        let said = screen(&late, false);
        assert!(said.contains("three more were due") && said.contains("test-alert"), "{said}");
        // Whoever says a time that is yet to come keeps the warning no longer away.
        let mut lied = state_with(120, 24, 4);
        heard(&mut lied, now() + SignedDuration::from_hours(24));
        assert!(lied.pipeline.missed_at().unwrap() < now() + SignedDuration::from_mins(20));
    }

    #[test]
    fn a_queue_that_terraform_made_and_that_hears_no_probe_at_all_is_a_warning_after_a_while() {
        let mut state = state_with(120, 24, 4);
        state.pipeline.expects_probes = true;
        state.pipeline.live_since = Some(minutes_ago(10));
        assert!(!header(&state).contains('✗'), "{}", header(&state));
        state.pipeline.live_since = Some(minutes_ago(17));
        assert!(header(&state).contains("✗ no alerts heard"), "{}", header(&state));
        state.pipeline.expects_probes = false;
        assert!(!header(&state).contains('✗'), "a queue of one's own has none");
    }

    #[test]
    fn unknown_kinds_are_counted_and_bounded() {
        let mut state = state_with(100, 30, 4);
        for n in 0..40 {
            send(&mut state, Event::UnknownKind(SafeText::new(&format!("link{n}"))));
        }
        send(&mut state, Event::UnknownKind(SafeText::new("link0")));
        type_in(&mut state, "I");
        let said = screen(&state, false);
        assert!(said.contains("2 of kind link0") && said.contains("32 of kind others"), "{said}");
    }

    #[test]
    fn an_alarm_in_the_header_is_not_overlooked() {
        assert_snapshot!("header_80x24", screen(&in_alarm(80, 24), true));
        assert_snapshot!("header_120x40_mono", screen(&in_alarm(120, 40), false));
        assert_snapshot!("header_40x8", screen(&in_alarm(40, 8), true));
    }

    #[test]
    fn the_list_of_alarms_says_what_each_means_and_what_to_do() {
        let mut state = in_alarm(80, 24);
        probed(&mut state, back());
        type_in(&mut state, "I");
        assert_snapshot!("list_80x24", screen(&state, true));
        let mut state = in_alarm(120, 40);
        probed(&mut state, refused());
        type_in(&mut state, "Ij");
        assert_snapshot!("list_120x40_mono", screen(&state, false));
        let mut state = in_alarm(40, 8);
        type_in(&mut state, "Ij");
        assert_snapshot!("list_40x8", screen(&state, true));
        let mut state = state_with(80, 24, 1);
        type_in(&mut state, "I");
        assert_snapshot!("list_of_none", screen(&state, true));
    }

    #[test]
    fn where_there_is_no_pipeline_it_says_so_and_how_to_have_one() {
        let mut state = state_with(80, 12, 1);
        send(&mut state, Event::Source(SourceStatus::Demo { read: 1, of: 2 }));
        type_in(&mut state, "I");
        assert_snapshot!("none_in_the_demo", screen(&state, true));
        send(&mut state, Event::Source(SourceStatus::Replay(crate::model::ReplayStatus::default())));
        let said = screen(&state, true);
        assert!(said.contains("log files are read") && !said.contains("No alarm of the pipeline"), "{said}");
    }

    #[test]
    fn hostile_names_move_nothing() {
        let mut state = state_with(80, 24, 1);
        let mut hostile = alarm("\u{1b}[2J\u{202e}\nx", AlarmState::Alarm, 1);
        hostile.description = Some("\u{1b}]0;x\u{7}".repeat(40));
        send(&mut state, Event::Alarms { alarms: vec![hostile], first: true });
        for keys in ["", "I"] {
            type_in(&mut state, keys);
            let screen = screen(&state, true);
            assert!(screen.lines().take(24).flat_map(str::chars).all(text::is_safe), "{screen}");
            assert!(screen.contains('▲'));
        }
    }
}
