//! The pipeline's own health: what the header says of its alarms and of the probe, and the list of
//! alarms over the screen, with what each means and what to do.

use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Padding, Paragraph};

use crate::app::State;
use crate::app::pipeline::AlarmList;
use crate::app::pipeline::page::{Kind, Page, WIDEST};
use crate::format;
use crate::keymap::Action;
use crate::model::{ProbeStatus, SourceStatus};
use crate::theme::Theme;
use crate::view::popup::{self, Titles};
use crate::widget::text;

/// The most cells of an alarm's name in the header.
const NAME: usize = 24;

/// Returns the header's words on alarms, the longest that fit `room` cells; `None` where none is in ALARM.
pub(super) fn alarm(state: &State, theme: Theme, room: usize) -> Option<Span<'static>> {
    let pipeline = &state.pipeline();
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
        format!("▲ pipeline: {name} since {}{more}{key}", since(first.since, state.now())),
        format!("▲ pipeline: {name}{more}{key}"),
        format!("▲ pipeline{count}{key}"),
        format!("▲ pipeline{key}"),
        "▲ pipeline".to_owned(),
    ];
    // Nobody is to overlook it: the only words of the header in reverse video.
    Some(Span::styled(longest(&words, room), theme.bad().add_modifier(Modifier::REVERSED)))
}

/// Header's text about the function's probes, while they come.
pub(super) fn heard(state: &State) -> Option<String> {
    let probe = state.pipeline().heard.as_ref()?;
    let is_well = matches!(state.pipeline().source, SourceStatus::Live { .. })
        && !state.pipeline().misses_probes(state.now());
    is_well.then(|| format!("pipeline {}", format::age(state.now().duration_since(probe.at))))
}

/// Returns the header's words on the probe, bad news as the longest words that fit into `room` cells, and
/// true where they are bad news. `None` where there is nothing to say.
pub(super) fn probe(state: &State, theme: Theme, room: usize) -> Option<(bool, Span<'static>)> {
    // Whoever can't receive can't get a probe either, and that is said.
    if !matches!(state.pipeline().source, SourceStatus::Live { .. }) {
        return None;
    }
    let key = key(state);
    if state.pipeline().misses_probes(state.now()) {
        let words = match &state.pipeline().heard {
            Some(probe) => format!("✗ no pipeline probe since {}{key}", since(probe.at, state.now())),
            None => format!("✗ no alerts heard{key}"),
        };
        let words = [words, format!("✗ no alerts heard{key}"), "✗ probe".to_owned()];
        return Some((true, Span::styled(longest(&words, room), theme.bad())));
    }
    let words = match state.pipeline().probed.as_ref()? {
        ProbeStatus::Back { took, at } => {
            let words = format!(
                "probe {}, {}",
                format::duration(*took),
                format::age(state.now().duration_since(*at))
            );
            return Some((false, Span::raw(words)));
        }
        ProbeStatus::Missing { sent } => [
            format!("✗ probe of {} not back{key}", since(*sent, state.now())),
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
    let keys = state.shell().keymap.keys_of(Action::Pipeline);
    keys.split(' ').next().filter(|key| !key.is_empty()).map(|key| format!(" ({key})")).unwrap_or_default()
}

/// `02:10 UTC`, with the day where it is another.
fn since(time: Timestamp, now: Timestamp) -> String {
    let is_today = time.strftime("%F").to_string() == now.strftime("%F").to_string();
    time.strftime(if is_today { "%H:%M UTC" } else { "%m-%d %H:%M UTC" }).to_string()
}

/// Draws the list of alarms.
pub(super) fn draw(frame: &mut Frame<'_>, list: AlarmList, state: &State, theme: Theme) {
    let screen = frame.area();
    let page = Page::new(state.pipeline(), list, state.now(), (screen.width, screen.height));
    let wide = screen.width.min(WIDEST);
    let high = u16::try_from(page.lines.len() + 2).unwrap_or(u16::MAX).min(screen.height);
    let area = Rect::new((screen.width - wide) / 2, (screen.height - high) / 2, wide, high);
    let rows = usize::from(high.saturating_sub(2));
    let hint =
        if page.has_alarms { " ↑ ↓ alarm  PgDn more  x forget  Esc close " } else { " Esc close " };
    let titles = Titles { top: " Pipeline health ".to_owned(), bottom: hint.to_owned() };
    let block = popup::open(frame, area, titles, theme).padding(Padding::horizontal(1));
    let style = |kind| match kind {
        Kind::Plain => Style::new(),
        Kind::Bad => theme.bad(),
        Kind::Faded => Theme::faded(),
        Kind::Alarm { is_on, is_chosen } => {
            let style = if is_on { theme.bad() } else { Theme::strong() };
            if is_chosen { style.patch(theme.selected()) } else { style }
        }
    };
    let lines: Vec<_> = page
        .visible(list.skipped, rows)
        .map(|(words, kind)| Line::styled(words.clone(), style(*kind)))
        .collect();
    frame.render_widget(Paragraph::new(Text::from(lines)).block(block), area);
}

#[cfg(test)]
mod tests {
    use super::*;

    use detector::SafeText;
    use detector::health::State as AlarmState;
    use jiff::SignedDuration;

    use crate::model::Event;
    use crate::model::testing::{alarm, now};
    use crate::view::testing::{screen, send, state_with, type_in};
    use detector::probe::PipelineProbe;
    use insta::assert_snapshot;

    /// A console with alarms of its pipeline.
    fn in_alarm(width: u16, height: u16) -> State {
        let mut state = state_with(width, height, 4);
        state.pipeline_mut().name = Some("iam-sentinel".to_owned());
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
        let mend = "no permission for publish to the topic (sns:Publish); attach the console policy that \
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
                state.pipeline_mut().probed.clone_from(&probe);
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
            [1, 412, 9_960, 61_000].map(|ms| format::duration(SignedDuration::from_millis(ms))),
            ["1 ms", "0.4 s", "10.0 s", "61 s"]
        );
        assert_eq!(
            [0, 59, 60, 7_199, 7_200].map(|s| format::age(SignedDuration::from_secs(s))),
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
        state.pipeline_mut().live_since = Some(minutes_ago(60));
        heard(&mut state, minutes_ago(3));
        assert!(header(&state).contains("pipeline 3 min ago"), "{}", header(&state));
        heard(&mut state, minutes_ago(40));
        assert!(header(&state).contains("pipeline 3 min ago"), "an older one changes nothing");
        let wakes = state.pipeline().missed_at().unwrap();
        assert_eq!(wakes, minutes_ago(3) + SignedDuration::from_mins(16));
        let mut late = state_with(120, 24, 4);
        late.pipeline_mut().live_since = Some(minutes_ago(60));
        heard(&mut late, minutes_ago(17));
        assert!(header(&late).contains("✗ no pipeline probe since"), "{}", header(&late));
        type_in(&mut late, "I");
        let said = screen(&late, false);
        assert!(said.contains("three more were due") && said.contains("test-alert"), "{said}");
        // Whoever says a time that is yet to come keeps the warning no longer away.
        let mut lied = state_with(120, 24, 4);
        heard(&mut lied, now() + SignedDuration::from_hours(24));
        assert!(lied.pipeline().missed_at().unwrap() < now() + SignedDuration::from_mins(20));
    }

    #[test]
    fn a_queue_that_terraform_made_and_that_hears_no_probe_at_all_is_a_warning_after_a_while() {
        let mut state = state_with(120, 24, 4);
        state.pipeline_mut().expects_probes = true;
        state.pipeline_mut().live_since = Some(minutes_ago(10));
        assert!(!header(&state).contains('✗'), "{}", header(&state));
        state.pipeline_mut().live_since = Some(minutes_ago(17));
        assert!(header(&state).contains("✗ no alerts heard"), "{}", header(&state));
        state.pipeline_mut().expects_probes = false;
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
