//! The pipeline's own health: its alarms, and the result of the last probe. The part of `update` that is
//! about these, and the list of them over the screen.

use std::collections::BTreeMap;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use detector::SafeText;
use detector::health::State as AlarmState;
use detector::probe::PipelineProbe;
use jiff::{SignedDuration, Timestamp};

use crate::app::{Effect, State};
use crate::model::{Alarm, AlarmKey, ProbeStatus};
use crate::source::topic;
use crate::view;

/// Probes of the function that may be missed before it is a warning.
const MISSES: i64 = 3;
/// Seconds that a probe may take.
const SLACK: i64 = 60;
/// Seconds from one probe of the function to the next, where none has said so yet; the schedule's bounds.
const USUAL_EVERY: u32 = 300;
const LEAST_EVERY: u32 = 60;
const MOST_EVERY: u32 = 3_600;
/// Unknown kinds that are counted by name, and characters of a name.
const KINDS: usize = 8;
const LONGEST_KIND: usize = 24;

/// State of the pipeline: its alarms, the probes, and messages of unknown kinds.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    /// Its name, with which the names of its alarms begin; none where the queue's name does not say.
    pub(crate) name: Option<String>,
    /// Its alarms, those in ALARM first.
    alarms: Vec<Alarm>,
    /// Result of the console's last probe; `None` before the first.
    pub(crate) probed: Option<ProbeStatus>,
    /// The function's last probe.
    pub(crate) heard: Option<PipelineProbe>,
    /// True where the function's probes are to come: the queue is one that Terraform has made.
    pub(crate) expects_probes: bool,
    /// Time since which the queue is read; `None` while it is not.
    pub(crate) live_since: Option<Timestamp>,
    /// Messages that were no alerts and of kinds that this version does not know, by kind.
    pub(crate) unknown: BTreeMap<String, u64>,
    /// The list over the screen, where it is open.
    pub(crate) open: Option<Open>,
}

/// The open list.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Open {
    /// The chosen alarm.
    pub(crate) at: usize,
    /// Lines that are above the screen, from the first of the chosen alarm.
    pub(crate) skipped: usize,
}

impl Pipeline {
    /// Of the queue with this URL.
    pub(crate) fn of_queue(url: &str) -> Self {
        let name = topic::names(url).0.map(str::to_owned);
        Self { expects_probes: name.is_some(), name, ..Self::default() }
    }

    /// Time at which three of the function's probes in a row are missing: alerts may not come either.
    pub(crate) fn missed_at(&self) -> Option<Timestamp> {
        let (from, every) = match &self.heard {
            Some(probe) => (probe.at, probe.every),
            None if self.expects_probes => (self.live_since?, USUAL_EVERY),
            None => return None,
        };
        Some(from.max(self.live_since?) + SignedDuration::from_secs(MISSES * i64::from(every) + SLACK))
    }

    /// True where the function's probes stay away.
    pub(crate) fn misses_probes(&self, now: Timestamp) -> bool {
        self.missed_at().is_some_and(|at| at <= now)
    }

    /// Those that are not well, what is in ALARM first.
    pub(crate) fn troubles(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(|alarm| alarm.state != AlarmState::Ok)
    }

    /// Those that are in ALARM, the latest first.
    pub(crate) fn in_alarm(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(|alarm| alarm.is_on())
    }

    /// An alarm's name, without that of the pipeline.
    pub(crate) fn short(&self, key: &AlarmKey) -> SafeText {
        let own = self.name.as_deref().and_then(|name| key.name.strip_prefix(name)?.strip_prefix('-'));
        SafeText::new(own.filter(|rest| !rest.is_empty()).unwrap_or(&key.name))
    }

    fn knows(&self, alarm: &Alarm) -> bool {
        self.alarms
            .iter()
            .any(|known| known.key == alarm.key && known.state == alarm.state && known.since == alarm.since)
    }
}

/// Takes in a probe of the function that has come through the queue.
pub(super) fn probe(state: &mut State, probe: PipelineProbe) {
    // A time that is yet to come would keep the warning away.
    let at = probe.at.min(state.now);
    let known = state.pipeline.heard.as_ref().map(|known| known.at);
    if known.is_none_or(|known| known < at) {
        let every = probe.every.clamp(LEAST_EVERY, MOST_EVERY);
        state.pipeline.heard = Some(PipelineProbe { at, every, ..probe });
    }
}

/// Counts a message of a kind that this version does not know.
pub(super) fn unknown_kind(state: &mut State, kind: &SafeText) {
    let unknown = &mut state.pipeline.unknown;
    let kind: String = kind.as_str().chars().take(LONGEST_KIND).collect();
    // Whoever makes up kinds makes no more than a few lines.
    let kind = if unknown.len() < KINDS || unknown.contains_key(&kind) { kind } else { "others".to_owned() };
    *unknown.entry(kind).or_default() += 1;
}

/// Takes what the store knows; what was there before the console started (`first`) is told to nobody.
pub(super) fn alarms(state: &mut State, alarms: Vec<Alarm>, first: bool) -> Vec<Effect> {
    let now = state.now;
    let pipeline = &state.pipeline;
    let new: Vec<_> = alarms
        .iter()
        .filter(|alarm| alarm.is_on() && !pipeline.knows(alarm))
        .map(|alarm| (pipeline.short(&alarm.key), alarm.clone()))
        .collect();
    let is_well =
        |key: &AlarmKey| alarms.iter().any(|alarm| alarm.key == *key && alarm.state == AlarmState::Ok);
    let over: Vec<_> = pipeline.in_alarm().filter(|alarm| is_well(&alarm.key)).collect();
    if let [alarm, ..] = over.as_slice() {
        let words = format!("the pipeline's alarm {} is OK again", pipeline.short(&alarm.key));
        state.shell.say(words, now);
    }
    state.pipeline.alarms = alarms;
    clamp(state);
    if first {
        return Vec::new();
    }
    state.shell.attention.alarms(new, now).map(Effect::Tell).into_iter().collect()
}

/// Opens the list.
pub(super) fn open(state: &mut State) {
    state.pipeline.open = Some(Open::default());
}

/// Takes a key while the list is open. None: it is for the rest.
pub(super) fn key(state: &mut State, key: KeyEvent) -> Option<Vec<Effect>> {
    state.pipeline.open?;
    let page = view::pipeline_rows(state).max(1);
    match key.code {
        _ if key.modifiers.contains(KeyModifiers::CONTROL) => {
            state.pipeline.open = None;
            return None;
        }
        KeyCode::Down | KeyCode::Char('j') => step(state, 1),
        KeyCode::Up | KeyCode::Char('k') => step(state, -1),
        KeyCode::PageDown => scroll(state, page.cast_signed()),
        KeyCode::PageUp => scroll(state, -page.cast_signed()),
        KeyCode::Char('x') => return Some(forget(state)),
        _ => state.pipeline.open = None,
    }
    Some(Vec::new())
}

/// Takes what the mouse does while the list is open: the wheel reads on, a click closes.
pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Option<Vec<Effect>> {
    state.pipeline.open?;
    match event.kind {
        MouseEventKind::ScrollDown => scroll(state, 1),
        MouseEventKind::ScrollUp => scroll(state, -1),
        MouseEventKind::Down(_) => state.pipeline.open = None,
        _ => {}
    }
    Some(Vec::new())
}

fn step(state: &mut State, by: isize) {
    if let Some(open) = &mut state.pipeline.open {
        *open = Open { at: open.at.saturating_add_signed(by), skipped: 0 };
    }
    clamp(state);
}

fn scroll(state: &mut State, by: isize) {
    let most = view::pipeline_below(state);
    if let Some(open) = &mut state.pipeline.open {
        open.skipped = open.skipped.saturating_add_signed(by).min(most);
    }
}

fn clamp(state: &mut State) {
    let last = state.pipeline.troubles().count().saturating_sub(1);
    if let Some(open) = &mut state.pipeline.open {
        open.at = open.at.min(last);
    }
}

/// Forgets the chosen alarm: its pipeline may be gone, and CloudWatch will never say that it is well.
fn forget(state: &mut State) -> Vec<Effect> {
    let at = state.pipeline.open.map_or(0, |open| open.at);
    let Some(key) = state.pipeline.troubles().nth(at).map(|alarm| alarm.key.clone()) else {
        return Vec::new();
    };
    let words = format!("{} is forgotten, until CloudWatch tells of it again", state.pipeline.short(&key));
    state.shell.say(words, state.now);
    vec![Effect::Forget(key)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::update;
    use crate::model::Event;
    use crate::model::testing::{alarm, now};
    use crate::view::testing::{press, send, state_with, type_in};

    fn alarms(alarms: &[(&str, AlarmState, i64)], first: bool) -> Event {
        let alarm = |(name, state, minute): &(&str, AlarmState, i64)| alarm(name, *state, *minute);
        Event::Alarms { alarms: alarms.iter().map(alarm).collect(), first }
    }

    fn told(state: &mut State, msg: Event) -> Option<String> {
        update(state, msg, now()).into_iter().find_map(|effect| match effect {
            Effect::Tell(note) => Some(note.text.to_string()),
            _ => None,
        })
    }

    #[test]
    fn what_goes_into_alarm_is_told_once_and_what_was_so_before_is_not() {
        let mut state = state_with(80, 24, 0);
        state.pipeline.name = Some("iam-sentinel".to_owned());
        let late = |state, minute| ("iam-sentinel-slack-late", state, minute);
        let dead = ("iam-sentinel-errors", AlarmState::Alarm, 2);
        assert_eq!(told(&mut state, alarms(&[late(AlarmState::Alarm, 1)], true)), None);
        assert_eq!(told(&mut state, alarms(&[late(AlarmState::Alarm, 1)], false)), None);
        let text = told(&mut state, alarms(&[dead, late(AlarmState::Alarm, 1)], false)).unwrap();
        assert_eq!(text, "the pipeline is in ALARM: errors");
        assert_eq!(state.pipeline.in_alarm().count(), 2);
        assert_eq!(told(&mut state, alarms(&[dead, late(AlarmState::Ok, 3)], false)), None);
        assert_eq!(state.shell.notice(), Some("the pipeline's alarm slack-late is OK again"));
        assert_eq!(state.pipeline.troubles().count(), 1);
    }

    #[test]
    fn the_list_is_gone_through_forgotten_from_and_closed() {
        let mut state = state_with(80, 24, 3);
        let two =
            [("a-x", AlarmState::Alarm, 2), ("a-y", AlarmState::Unknown, 1), ("a-z", AlarmState::Ok, 1)];
        send(&mut state, alarms(&two, true));
        type_in(&mut state, "Ijjj");
        assert_eq!(state.pipeline.open.unwrap().at, 1, "what is OK is not there");
        let key = KeyEvent::from(KeyCode::Char('x'));
        let effects = update(&mut state, crate::app::Msg::Key(key), now());
        assert!(matches!(effects.as_slice(), [Effect::Forget(key)] if key.name == "a-y"), "{effects:?}");
        send(&mut state, alarms(&two[..1], false));
        assert_eq!(state.pipeline.open.unwrap().at, 0);
        press(&mut state, KeyCode::Esc);
        assert!(state.pipeline.open.is_none());
        type_in(&mut state, "j");
        assert_eq!(state.list.selected(), Some(1), "and the keys are the list's again");
    }

    #[test]
    fn a_small_screen_reads_on_to_the_end_and_no_further() {
        let mut state = state_with(40, 8, 3);
        send(&mut state, alarms(&[("a-x", AlarmState::Alarm, 2)], true));
        type_in(&mut state, "I");
        for _ in 0..50 {
            press(&mut state, KeyCode::PageDown);
        }
        let skipped = state.pipeline.open.unwrap().skipped;
        assert!(skipped > 0 && skipped < 20, "{skipped}");
        press(&mut state, KeyCode::PageUp);
        assert!(state.pipeline.open.unwrap().skipped < skipped);
    }

    #[test]
    fn nothing_of_it_wakes_the_console() {
        let mut state = state_with(80, 24, 3);
        send(&mut state, alarms(&[("a-x", AlarmState::Alarm, 2)], true));
        send(
            &mut state,
            Event::Probe(ProbeStatus::Back { took: jiff::SignedDuration::from_millis(400), at: now() }),
        );
        type_in(&mut state, "I");
        assert_eq!(state.wake(), None);
    }
}
