//! The pipeline's own health: its alarms, and how the last probe went. The part of `update` that is
//! about these, and the list of them over the screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseEvent, MouseEventKind};
use detector::SafeText;
use detector::health::State as AlarmState;

use super::{Effect, Msg, State};
use crate::source::{Probed, topic};
use crate::store::{Alarm, AlarmKey};
use crate::view;

/// What is known of it.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    /// Its name, with which the names of its alarms begin; none where the queue's name does not say.
    pub(crate) name: Option<String>,
    /// What is in ALARM first.
    alarms: Vec<Alarm>,
    /// How the last probe went; none before the first.
    pub(crate) probed: Option<Probed>,
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
        Self { name: topic::names(url).0.map(str::to_owned), ..Self::default() }
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

/// Takes what came of it.
pub(super) fn update(state: &mut State, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Alarms { alarms, first } => return self::alarms(state, alarms, first),
        Msg::Probed(probed) => state.pipeline.probed = Some(probed),
        _ => {}
    }
    Vec::new()
}

/// Takes what the store knows; what was there before the console started (`first`) is told to nobody.
fn alarms(state: &mut State, alarms: Vec<Alarm>, first: bool) -> Vec<Effect> {
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
        state.ui.say(words, now);
    }
    state.pipeline.alarms = alarms;
    clamp(state);
    if first {
        return Vec::new();
    }
    state.ui.attention.alarms(new, now).map(Effect::Tell).into_iter().collect()
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
    state.ui.say(words, state.now);
    vec![Effect::Forget(key)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::update;
    use crate::view::testing::{alarm, now, press, send, state_with, type_in};

    fn alarms(alarms: &[(&str, AlarmState, i64)], first: bool) -> Msg {
        let alarm = |(name, state, minute): &(&str, AlarmState, i64)| alarm(name, *state, *minute);
        Msg::Alarms { alarms: alarms.iter().map(alarm).collect(), first }
    }

    fn told(state: &mut State, msg: Msg) -> Option<String> {
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
        assert_eq!(state.ui.notice(), Some("the pipeline's alarm slack-late is OK again"));
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
        let effects = update(&mut state, Msg::Key(key), now());
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
            Msg::Probed(Probed::Back { took: jiff::SignedDuration::from_millis(400), at: now() }),
        );
        type_in(&mut state, "I");
        assert_eq!(state.wake(), None);
    }
}
