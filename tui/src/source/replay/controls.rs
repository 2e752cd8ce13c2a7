//! Controls of a replay that is played: pause, one alert at a time, faster, slower. The keys hold a clone and
//! set what they want; the replay reads it as soon as it changes.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::{ReplayCommand, ReplaySpeed};

/// Speed, pause and steps that the keys ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Playback {
    pub(super) speed: Option<ReplaySpeed>,
    pub(super) paused: bool,
    /// Number of alerts that were to come at once, since the beginning.
    pub(super) steps: u64,
}

/// Controls of one replay, which all clones share.
#[derive(Debug, Clone)]
pub(crate) struct ReplayControls(Arc<watch::Sender<Playback>>);

impl ReplayControls {
    pub(crate) fn new(speed: Option<ReplaySpeed>) -> Self {
        Self(Arc::new(watch::Sender::new(Playback { speed, ..Playback::default() })))
    }

    /// Gives the replay a command.
    pub(crate) fn give(&self, command: ReplayCommand) {
        self.0.send_modify(|playback| match command {
            ReplayCommand::Pause => playback.paused = !playback.paused,
            ReplayCommand::Step => (playback.paused, playback.steps) = (true, playback.steps + 1),
            ReplayCommand::Faster => playback.speed = playback.speed.map(|speed| speed.next(true)),
            ReplayCommand::Slower => playback.speed = playback.speed.map(|speed| speed.next(false)),
        });
    }

    pub(super) fn watch(&self) -> watch::Receiver<Playback> {
        self.0.subscribe()
    }
}
