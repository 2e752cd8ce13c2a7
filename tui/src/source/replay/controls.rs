//! Controls of a replay that is played: pause, one alert at a time, faster, slower. Whoever holds a clone
//! gives orders; the replay looks at them when it is told that something has changed.

use std::sync::Arc;

use tokio::sync::watch;

use super::Speed;

/// Order to a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Stand still, or go on.
    Pause,
    /// The next alert at once, and then stand still.
    Step,
    Faster,
    Slower,
}

/// State that the orders ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wish {
    pub(super) speed: Option<Speed>,
    pub(super) paused: bool,
    /// Number of alerts that were to come at once, since the beginning.
    pub(super) steps: u64,
}

/// Controls of one replay, which all clones share.
#[derive(Debug, Clone)]
pub(crate) struct Controls(Arc<watch::Sender<Wish>>);

impl Controls {
    pub(crate) fn new(speed: Option<Speed>) -> Self {
        Self(Arc::new(watch::Sender::new(Wish { speed, ..Wish::default() })))
    }

    pub(crate) fn order(&self, order: Order) {
        self.0.send_modify(|wish| match order {
            Order::Pause => wish.paused = !wish.paused,
            Order::Step => (wish.paused, wish.steps) = (true, wish.steps + 1),
            Order::Faster => wish.speed = wish.speed.map(|speed| speed.next(true)),
            Order::Slower => wish.speed = wish.speed.map(|speed| speed.next(false)),
        });
    }

    pub(super) fn watch(&self) -> watch::Receiver<Wish> {
        self.0.subscribe()
    }
}
