//! Replay in the console: findings into the store, and reports of its progress.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

use crate::model::{Content, Event, Incoming, ReplayProgress, ReplayStatus, SourceStatus};
use crate::source::replay::speed::Clock;
use crate::source::replay::{Found, Next, Replay, Request, Unread};
use crate::store::Store;

/// Alerts that are stored in one go.
const BATCH: usize = 256;
/// Time between two reports of progress.
const PACE: Duration = Duration::from_millis(100);
/// Longest sleep of the reading thread while nothing is found.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts something that could not be read, and adds it to the list of all.
fn add_unread(status: &mut ReplayStatus, what: String, all: &Unread) {
    all.add(what.clone());
    status.unread += 1;
    status.first_unread.get_or_insert(what);
}

/// Replays until all is read.
pub(crate) async fn run(request: Request, store: Store, app: mpsc::Sender<Event>) {
    let all = request.unread.clone();
    let before = all.all();
    let mut told = ReplayStatus {
        unread: before.len() as u64,
        first_unread: before.into_iter().next(),
        is_bounded: request.wanted.has_bounds(),
        speed: request.speed,
        ..ReplayStatus::default()
    };
    let mut wishes = request.controls.watch();
    let replay = match Replay::start(request) {
        Ok(replay) => replay,
        Err(error) => {
            add_unread(&mut told, format!("no thread can be started to read files: {error}"), &all);
            told.done = true;
            drop(app.send(Event::Source(SourceStatus::Replay(told))).await);
            return;
        }
    };
    let counters = std::sync::Arc::clone(&replay.progress);
    let mut found = findings_of(replay);
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut batch = Vec::with_capacity(BATCH);
    // What is read and not yet due. While there is any, nothing more is read.
    let (mut clock, mut ahead) = (Clock::new(told.speed), VecDeque::new());
    let (mut wish, mut steps) = (*wishes.borrow(), 0);
    loop {
        let due = match ahead.front() {
            Some(Found::Alert(alert)) => clock.due(alert.time, Instant::now()),
            _ => None,
        };
        tokio::select! {
            count = found.recv_many(&mut batch, BATCH), if ahead.is_empty() => {
                ahead.extend(batch.drain(..));
                told.done = count == 0;
            }
            () = sleep_until(due.unwrap_or_else(Instant::now)), if !ahead.is_empty() && !wish.paused => {}
            // Whoever gives the orders has a clone for as long as this runs.
            Ok(()) = wishes.changed() => {}
            // Nobody counts while it stands still.
            _ = pace.tick(), if !wish.paused || ahead.is_empty() => {}
        }
        let (received, now) = (Timestamp::now(), Instant::now());
        let before = std::mem::replace(&mut wish, *wishes.borrow_and_update());
        steps += wish.steps.saturating_sub(before.steps);
        if wish != before {
            clock.set(wish.speed, wish.paused, now);
        }
        let mut alerts = Vec::with_capacity(ahead.len());
        while let Some(found) = ahead.pop_front() {
            match found {
                Found::Alert(alert) if steps > 0 => {
                    steps -= 1;
                    clock.jump(alert.time, now);
                    alerts.push(Incoming { id: alert.id.clone(), received, content: Content::Alert(alert) });
                }
                Found::Alert(alert) if wish.paused || clock.due(alert.time, now).is_some() => {
                    ahead.push_front(Found::Alert(alert));
                    break;
                }
                Found::Alert(alert) => {
                    alerts.push(Incoming { id: alert.id.clone(), received, content: Content::Alert(alert) });
                }
                Found::Unread(what) => add_unread(&mut told, what, &all),
            }
        }
        told.alerts += alerts.len() as u64;
        // What the store can't do, it tells the console itself.
        if !alerts.is_empty() && store.insert(alerts).await.is_err() {
            return;
        }
        let now_read = counters.progress();
        if told.done && now_read.unfinished > 0 {
            add_unread(&mut told, crate::source::replay::ENDED_EARLY.to_owned(), &all);
        }
        // While a pipe has nothing, there is nothing to draw.
        let moved = ReplayProgress { millis: told.progress.millis, ..now_read } != told.progress;
        let ticked = std::mem::replace(&mut told.clock, clock.shows(now)) != told.clock;
        (told.speed, told.paused) = (wish.speed, wish.paused);
        if let Some(passed) = counters.passed_over().filter(|_| told.done) {
            let _ = app.send(Event::Notice(passed)).await;
        }
        if moved || ticked || told.done || wish != before {
            told.progress = now_read;
            if app.send(Event::Source(SourceStatus::Replay(told.clone()))).await.is_err() || told.done {
                return;
            }
        }
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
