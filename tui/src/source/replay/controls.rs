//! Controls of a replay that is played: pause, one alert at a time, faster, slower. Whoever holds a clone
//! gives orders; the replay looks at them when it is told that something has changed.

use std::sync::Arc;

use tokio::sync::watch;

use crate::model::{ReplayCommand, ReplaySpeed};

/// State that the orders ask for.
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
        self.0.send_modify(|wish| match command {
            ReplayCommand::Pause => wish.paused = !wish.paused,
            ReplayCommand::Step => (wish.paused, wish.steps) = (true, wish.steps + 1),
            ReplayCommand::Faster => wish.speed = wish.speed.map(|speed| speed.next(true)),
            ReplayCommand::Slower => wish.speed = wish.speed.map(|speed| speed.next(false)),
        });
    }

    pub(super) fn watch(&self) -> watch::Receiver<Playback> {
        self.0.subscribe()
    }
}
