//! Replay in the console: findings into the store, and word of how far it is.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::{Found, Next, Replay, Request, Standing, Unread};
use crate::app::Msg;
use crate::source::Health;
use crate::store::{Content, Incoming, Store};

/// Alerts that are stored in one go.
const BATCH: usize = 256;
/// Between two words of how far it is.
const PACE: Duration = Duration::from_millis(100);
/// How long the reading thread sleeps at most when nothing is found.
const PATIENCE: Duration = Duration::from_secs(1);

/// How a replay is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Replayed {
    pub(crate) standing: Standing,
    pub(crate) alerts: u64,
    /// What could not be read: how many, and the first of them.
    pub(crate) unread: u64,
    pub(crate) first_unread: Option<String>,
    /// Whether only calls of some time were asked for.
    pub(crate) is_bounded: bool,
    pub(crate) done: bool,
}

impl Replayed {
    fn add_unread(&mut self, what: String, all: &Unread) {
        all.add(what.clone());
        self.unread += 1;
        self.first_unread.get_or_insert(what);
    }
}

/// Replays until all is read.
pub(crate) async fn run(request: Request, store: Store, app: mpsc::Sender<Msg>) {
    let all = request.unread.clone();
    let before = all.all();
    let mut told = Replayed {
        unread: before.len() as u64,
        first_unread: before.into_iter().next(),
        is_bounded: request.wanted.has_bounds(),
        ..Replayed::default()
    };
    let mut replay = match Replay::start(request) {
        Ok(replay) => replay,
        Err(error) => {
            told.add_unread(format!("no thread can be started to read files: {error}"), &all);
            told.done = true;
            drop(app.send(Msg::Health(Health::Replay(told))).await);
            return;
        }
    };
    let progress = std::sync::Arc::clone(&replay.progress);
    let (found_in, mut found) = mpsc::channel(BATCH);
    tokio::task::spawn_blocking(move || {
        loop {
            match replay.next(PATIENCE) {
                Next::Found(found) => {
                    if found_in.blocking_send(found).is_err() {
                        return;
                    }
                }
                Next::Nothing if found_in.is_closed() => return,
                Next::Nothing => {}
                Next::End => return,
            }
        }
    });
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        tokio::select! {
            count = found.recv_many(&mut batch, BATCH) => {
                let received = Timestamp::now();
                let mut alerts = Vec::with_capacity(count);
                for found in batch.drain(..) {
                    match found {
                        Found::Alert(alert) => alerts.push(Incoming {
                            id: alert.id.clone(),
                            received,
                            content: Content::Alert(alert),
                        }),
                        Found::Unread(what) => told.add_unread(what, &all),
                    }
                }
                told.alerts += alerts.len() as u64;
                // What the store can't do, it tells the console itself.
                if !alerts.is_empty() && store.insert(alerts).await.is_err() {
                    return;
                }
                told.done = count == 0;
            }
            _ = pace.tick() => {}
        }
        let standing = progress.standing();
        if told.done && standing.unfinished > 0 {
            told.add_unread(super::ENDED_EARLY.to_owned(), &all);
        }
        // While a pipe has nothing, there is nothing to draw.
        let moved = Standing { millis: told.standing.millis, ..standing } != told.standing;
        if moved || told.done {
            told.standing = standing;
            if app.send(Msg::Health(Health::Replay(told.clone()))).await.is_err() || told.done {
                return;
            }
        }
    }
}
