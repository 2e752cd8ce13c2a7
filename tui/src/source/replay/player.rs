//! Replay in the console: findings into the store, and reports of its progress.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use detector::link::Link;
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use crate::model::{Content, Event, Incoming, ReplayProgress, ReplayStatus, SourceStatus};
use crate::source::replay::clock::Clock;
use crate::source::replay::controls::Playback;
use crate::source::replay::{ENDED_EARLY, Found, Next, Progress, Replay, Request, Unread};
use crate::store::Store;

/// Alerts that are stored in one go.
const BATCH: usize = 256;
/// Time between two reports of progress.
const PACE: Duration = Duration::from_millis(100);
/// Longest sleep of the reading thread while nothing is found.
const PATIENCE: Duration = Duration::from_secs(1);

/// Replays until all is read, or until nobody listens.
pub(crate) async fn run(request: Request, store: Store, events: mpsc::Sender<Event>) {
    let unread = request.unread.clone();
    let before = unread.all();
    let status = ReplayStatus {
        unread: before.len() as u64,
        first_unread: before.into_iter().next(),
        leaves_out: request.wanted.leaves_out(),
        speed: request.speed,
        ..ReplayStatus::default()
    };
    let mut controls = request.controls.watch();
    let playback = *controls.borrow_and_update();
    let mut player = Player {
        clock: Clock::new(status.speed),
        ahead: VecDeque::new(),
        playback,
        controls,
        steps: 0,
        progress: Arc::default(),
        status,
        unread,
        store,
        events,
    };
    match Replay::start(request) {
        Ok(replay) => {
            player.progress = Arc::clone(&replay.progress);
            player.run(findings_of(replay)).await;
        }
        Err(error) => {
            player.add_unread(format!("can't start a thread to read files: {error}"), 1);
            player.status.done = true;
            player.report().await;
        }
    }
}

/// A replay at the speed that the user asks for.
struct Player {
    clock: Clock,
    /// Findings that are read and not yet due. While there are any, nothing more is read.
    ahead: VecDeque<Found>,
    /// Speed, pause and steps that the keys ask for.
    controls: watch::Receiver<Playback>,
    /// Those in force.
    playback: Playback,
    /// Alerts still to be shown at once, however far ahead they are.
    steps: u64,
    progress: Arc<Progress>,
    status: ReplayStatus,
    unread: Unread,
    store: Store,
    events: mpsc::Sender<Event>,
}

impl Player {
    async fn run(&mut self, mut findings: mpsc::Receiver<Found>) {
        let mut pace = tokio::time::interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let due = match self.ahead.front() {
                Some(Found::Alert(alert)) => self.clock.due(alert.time, Instant::now()),
                _ => None,
            };
            tokio::select! {
                count = findings.recv_many(&mut batch, BATCH), if self.ahead.is_empty() => {
                    self.ahead.extend(batch.drain(..));
                    self.status.done = count == 0;
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)),
                    if !self.ahead.is_empty() && !self.playback.paused => {}
                // The sender lives as long as the keys that use it.
                Ok(()) = self.controls.changed() => {}
                // Nothing is counted while it stands still.
                _ = pace.tick(), if !self.playback.paused || self.ahead.is_empty() => {}
            }
            let now = Instant::now();
            let commanded = self.take_controls(now);
            let (alerts, links) = self.take_due(now);
            if !links.is_empty() && self.store.insert_links(links).await.is_err() {
                return;
            }
            self.status.alerts += alerts.len() as u64;
            // The store itself tells the console why it can't store.
            if !alerts.is_empty() && self.store.insert(alerts).await.is_err() {
                return;
            }
            if self.update(now, commanded) && !self.report().await || self.status.done {
                return;
            }
        }
    }

    /// Takes in what the keys ask for, and returns true where that has changed.
    fn take_controls(&mut self, now: Instant) -> bool {
        let before = std::mem::replace(&mut self.playback, *self.controls.borrow_and_update());
        self.steps += self.playback.steps.saturating_sub(before.steps);
        let changed = self.playback != before;
        if changed {
            self.clock.set(self.playback.speed, self.playback.paused, now);
        }
        changed
    }

    /// Takes the findings whose time has come.
    fn take_due(&mut self, now: Instant) -> (Vec<Incoming>, Vec<Link>) {
        let mut links = Vec::new();
        let mut alerts = Vec::with_capacity(self.ahead.len());
        while let Some(found) = self.ahead.pop_front() {
            match found {
                Found::Alert(alert) => {
                    if self.steps > 0 {
                        self.steps -= 1;
                        self.clock.jump(alert.time, now);
                    } else if self.playback.paused || self.clock.due(alert.time, now).is_some() {
                        self.ahead.push_front(Found::Alert(alert));
                        break;
                    }
                    let (id, received) = (alert.id.clone(), Timestamp::now());
                    alerts.push(Incoming { id, received, content: Content::Alert(alert) });
                }
                Found::Link(link) => links.push(*link),
                // Nobody asks for them here.
                Found::Call(_) | Found::Sums(_) => {}
                Found::Unread(reason, count) => self.add_unread(reason, count),
            }
        }
        (alerts, links)
    }

    /// Brings the status up to date, and returns true where there is something new to draw. While a pipe
    /// brings nothing, there is not.
    fn update(&mut self, now: Instant, commanded: bool) -> bool {
        let progress = self.progress.progress();
        if self.status.done && progress.unfinished > 0 {
            self.add_unread(ENDED_EARLY.to_owned(), 1);
        }
        let status = &mut self.status;
        let moved = ReplayProgress { millis: status.progress.millis, ..progress } != status.progress;
        let ticked = std::mem::replace(&mut status.clock, self.clock.shows(now)) != status.clock;
        (status.speed, status.paused) = (self.playback.speed, self.playback.paused);
        let is_news = moved || ticked || status.done || commanded;
        if is_news {
            status.progress = progress;
        }
        is_news
    }

    /// Counts something that could not be read, and adds it to the list of all.
    fn add_unread(&mut self, reason: String, count: u64) {
        self.unread.add(reason.clone());
        self.status.unread += count;
        self.status.first_unread.get_or_insert(reason);
    }

    /// Reports the status, and returns false where the console has ended.
    async fn report(&self) -> bool {
        if let Some(passed) = self.progress.passed_over().filter(|_| self.status.done) {
            let _ = self.events.send(Event::Notice(passed)).await;
        }
        self.events.send(Event::Source(SourceStatus::Replay(self.status.clone()))).await.is_ok()
    }
}

/// Reads the findings on a thread of their own, as fast as they are taken.
fn findings_of(mut replay: Replay) -> mpsc::Receiver<Found> {
    let (found_in, found) = mpsc::channel(BATCH);
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
    found
}
