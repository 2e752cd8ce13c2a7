//! Contents of the list of alarms: the probes, then each alarm with its meaning and what to do, wrapped to the
//! width of the list.

use detector::SafeText;
use detector::health::State as AlarmState;
use jiff::Timestamp;

use crate::app::pipeline::{AlarmList, Pipeline};
use crate::format;
use crate::model::{Alarm, ProbeStatus, SourceStatus, alarm_label};
use crate::widget::text;

/// The widest that the list gets.
pub(crate) const WIDEST: u16 = 100;
/// Cells of its border and padding.
const FRAME: u16 = 4;

/// Meaning of a line, by which it is styled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    Bad,
    Faded,
    /// Heading of an alarm that is in ALARM, or whose state is not known.
    Alarm {
        is_on: bool,
        is_chosen: bool,
    },
}

/// Lines of the list, and the part of them that is on the screen.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) lines: Vec<(String, Kind)>,
    pub(crate) has_alarms: bool,
    /// The first line that is shown before any is skipped.
    first: usize,
    /// Rows of the list on the screen.
    pub(crate) rows: usize,
    /// Lines that can be skipped until the last line is at the end of the screen.
    pub(crate) below: usize,
}

impl Page {
    /// Lays the list out for a screen of this size.
    pub(crate) fn new(
        pipeline: &Pipeline,
        list: AlarmList,
        now: Timestamp,
        (width, height): (u16, u16),
    ) -> Self {
        let cells = usize::from(width.min(WIDEST).saturating_sub(FRAME)).max(1);
        let mut lines = Lines { lines: Vec::new(), cells };
        let starts = lines.all(pipeline, list, now);
        // With the first alarm, the probes are shown too.
        let first = if list.at == 0 { 0 } else { starts.get(list.at).copied().unwrap_or(0) };
        let rows = usize::from(height.saturating_sub(2));
        let below = lines.lines.len().saturating_sub(rows).saturating_sub(first);
        Self { lines: lines.lines, has_alarms: !starts.is_empty(), first, rows, below }
    }

    /// Returns the lines on a list of so many rows, after `skipped` ones.
    pub(crate) fn visible(&self, skipped: usize, rows: usize) -> impl Iterator<Item = &(String, Kind)> {
        let top = (self.first + skipped).min(self.lines.len().saturating_sub(rows));
        self.lines.iter().skip(top).take(rows)
    }
}

struct Lines {
    lines: Vec<(String, Kind)>,
    cells: usize,
}

impl Lines {
    /// Adds all lines, and returns the line at which each alarm begins.
    fn all(&mut self, pipeline: &Pipeline, list: AlarmList, now: Timestamp) -> Vec<usize> {
        let mut starts = Vec::new();
        if let Some([here, how]) = none_here(&pipeline.source) {
            self.wrapped(here, "", Kind::Plain);
            self.blank();
            self.wrapped(how, "", Kind::Plain);
            return starts;
        }
        let kind = |is_bad| if is_bad { Kind::Bad } else { Kind::Plain };
        self.wrapped(&probe_words(pipeline), "", kind(pipeline.has_lost_probe(now)));
        if let Some(words) = heard_words(pipeline, now) {
            self.wrapped(&words, "", kind(pipeline.misses_probes(now)));
        }
        if let Some(words) = unknown_words(pipeline) {
            self.wrapped(&words, "", Kind::Plain);
        }
        if let Some(identity) = &pipeline.identity {
            self.wrapped(&format!("Credentials: {identity}."), "", Kind::Faded);
        }
        for (number, alarm) in pipeline.troubles().enumerate() {
            self.blank();
            starts.push(self.lines.len());
            self.alarm(pipeline, alarm, number == list.at, now);
        }
        if starts.is_empty() {
            self.blank();
            let words = "No alarm of the pipeline is known to be on. CloudWatch tells of a change only: what was so \
                         before this queue was subscribed is not known here.";
            self.wrapped(words, "", Kind::Plain);
        }
        starts
    }

    /// Adds an alarm: `▌▲ ALARM  slack-late  since 2026-11-24 02:10:00 UTC, 20 min ago`, and its text.
    fn alarm(&mut self, pipeline: &Pipeline, alarm: &Alarm, is_chosen: bool, now: Timestamp) {
        let is_on = alarm.state == AlarmState::Alarm;
        let sign = if is_on { "▲" } else { "?" };
        let since = format!(
            "since {}, {}",
            alarm.since.strftime("%F %H:%M:%S UTC"),
            format::age(now.duration_since(alarm.since))
        );
        let name = pipeline.short(&alarm.key);
        let words = format!("{sign} {}  {name}  {since}", alarm_label(alarm.state));
        self.wrapped(&words, if is_chosen { "▌" } else { " " }, Kind::Alarm { is_on, is_chosen });
        let Alarm { description, reason, key, .. } = alarm;
        if let Some(description) = description {
            self.wrapped(description, "  ", Kind::Plain);
        }
        if let Some(reason) = reason {
            self.wrapped(&format!("CloudWatch: {reason}"), "  ", Kind::Faded);
        }
        let place = [&key.name, &key.account, &key.region].map(String::as_str);
        let place = place.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
        self.wrapped(&place, "  ", Kind::Faded);
    }

    fn wrapped(&mut self, words: &str, indent: &str, kind: Kind) {
        let cells = self.cells.saturating_sub(text::width(indent)).max(1);
        let wrapped = text::wrap(&SafeText::new(words), cells);
        self.lines.extend(wrapped.into_iter().map(|line| (format!("{indent}{line}"), kind)));
    }

    fn blank(&mut self) {
        self.lines.push((String::new(), Kind::Plain));
    }
}

/// Returns the list's words on the probe.
fn probe_words(pipeline: &Pipeline) -> String {
    let clock = |time: Timestamp| time.strftime("%F %H:%M:%S UTC").to_string();
    match &pipeline.probed {
        Some(ProbeStatus::Back { took, at }) => {
            format!(
                "✓ The last probe came back through the queue after {}, at {}.",
                format::duration(*took),
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
fn heard_words(pipeline: &Pipeline, now: Timestamp) -> Option<String> {
    let clock = |time: Timestamp| time.strftime("%F %H:%M:%S UTC").to_string();
    Some(match (&pipeline.heard, pipeline.misses_probes(now)) {
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
fn unknown_words(pipeline: &Pipeline) -> Option<String> {
    let unknown = &pipeline.unknown;
    let kinds = unknown.iter().map(|(kind, count)| format!("{} of kind {kind}", format::number(*count)));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    (!unknown.is_empty()).then(|| {
        format!("Messages that this version does not know, and has deleted: {kinds}. Update sentinel-tui.")
    })
}

/// Returns the reason why there is no pipeline here, and the way to get one; `None` where alerts come from
/// a queue.
fn none_here(source: &SourceStatus) -> Option<[&'static str; 2]> {
    let here = match source {
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
