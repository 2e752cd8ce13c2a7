//! The loop: wait for something to happen, take in all that has, draw once.
//!
//! Nothing wakes it while nothing happens; a timer runs only while something on the screen counts
//! down. Reading, storing and receiving go on in tasks of their own, so a slow terminal holds up
//! the picture and nothing else.

use std::path::Path;

use crossterm::event::{Event, EventStream, KeyEventKind};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use tokio::sync::mpsc;

use super::{Effect, Msg, State, look, update::update};
use crate::source::Source;
use crate::store::{self, Keep, Store, StoreError};
use crate::terminal::{Terminal, signals};
use crate::view;

/// Messages that may wait; beyond it sources wait, and nothing is lost.
const QUEUE: usize = 1_024;
/// Messages taken in before a frame is drawn all the same.
const MOST_BEFORE_DRAW: usize = 1_000;

/// Why the console could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the terminal can't be used: {0}")]
    Terminal(#[from] std::io::Error),
}

/// Runs the console until it is told to end; the exit code comes back.
pub(crate) fn start(source: Source, db: Option<&Path>, keep: Keep) -> Result<u8, AppError> {
    let path = match (&source, db) {
        // Demo and replay leave nothing behind, least of all among alerts as they came.
        (Source::Demo(_) | Source::Replay(_), _) => None,
        (Source::Sqs { .. }, Some(path)) => Some(path.to_owned()),
        (Source::Sqs { .. }, None) => Some(store::default_path()?),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(run(source, path, keep));
    // A receive may be waiting for twenty seconds; it has nothing that is not safe to drop.
    runtime.shutdown_background();
    code
}

async fn run(source: Source, path: Option<std::path::PathBuf>, keep: Keep) -> Result<u8, AppError> {
    let (app, mut inbox) = mpsc::channel(QUEUE);
    // What can fail without a screen, fails before there is one.
    let store = Store::open(path.clone(), keep, app.clone())?;
    if let Some(path) = &path {
        crate::log::start(path);
    }
    signals::forward(&app)?;
    let mut terminal = Terminal::enter()?;
    let (width, height) = terminal.size()?;
    let mut state = State::new(width, height, Timestamp::now());
    look::is_at(&mut state, jiff::tz::TimeZone::system());
    let views = path.or_else(|| store::default_path().ok()).map(|path| path.with_file_name("views.json"));
    match views.as_deref().map(look::views::load).transpose() {
        Ok(loaded) => state.look.views = loaded.unwrap_or_default(),
        Err(error) => state.look.views_trouble = Some(error.to_string()),
    }
    terminal.draw(&state, view::draw)?;
    let mut events = EventStream::new();
    tokio::spawn(source.run(store.clone(), app.clone()));
    #[cfg(debug_assertions)]
    if std::env::var_os("SENTINEL_TEST_PANIC").is_some() {
        #[expect(clippy::panic, reason = "the terminal must come back whole, and a test sees that it does")]
        tokio::spawn(async { panic!("asked for by SENTINEL_TEST_PANIC") });
    }

    loop {
        let pace = state.pace();
        let first = tokio::select! {
            // Keys first: a flood of alerts must not keep them waiting.
            biased;
            event = events.next() => match event {
                Some(Ok(event)) => message(event),
                // The terminal is gone: nobody is there to be told.
                Some(Err(_)) | None => return Ok(1),
            },
            msg = inbox.recv() => msg,
            () = tokio::time::sleep(pace.unwrap_or_default()), if pace.is_some() => Some(Msg::Tick),
        };
        let now = Timestamp::now();
        let mut next = first;
        for _ in 0..MOST_BEFORE_DRAW {
            let Some(msg) = next else { break };
            for effect in update(&mut state, msg, now) {
                match effect {
                    Effect::Quit(code) => return Ok(code),
                    Effect::View(change) => {
                        let (path, app) = (views.clone(), app.clone());
                        tokio::task::spawn_blocking(move || {
                            let answer = match path.map(|path| look::views::change(&path, change)) {
                                Some(Ok(views)) => Msg::Views(views),
                                Some(Err(error)) => Msg::StoreFailed(error.to_string()),
                                // Nowhere to keep them: they hold until the console ends.
                                None => return,
                            };
                            drop(app.blocking_send(answer));
                        });
                    }
                    effect => {
                        let (store, app) = (store.clone(), app.clone());
                        tokio::spawn(async move {
                            let answer = perform(effect, &store).await;
                            // The console may have ended meanwhile.
                            drop(app.send(answer).await);
                        });
                    }
                }
            }
            next = inbox.try_recv().ok();
        }
        terminal.draw(&state, view::draw)?;
    }
}

/// Does what the store must do, and says what came of it.
async fn perform(effect: Effect, store: &Store) -> Msg {
    let answer = match effect {
        Effect::Load(id) => store.load(id.clone()).await.map(|content| Msg::Loaded(id, content)),
        Effect::Older(time, id) => store.older((time, id)).await.map(|rows| Msg::page(rows, store::PAGE)),
        Effect::Triage { deeds, undo } => {
            let triaged = store.triage(deeds.clone()).await;
            triaged.map(|triaged| Msg::Triaged { deeds, undo, triaged })
        }
        // The loop itself does these.
        Effect::Quit(_) | Effect::View(_) => Ok(Msg::Tick),
    };
    answer.unwrap_or_else(|error| Msg::StoreFailed(error.to_string()))
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Msg::Key(key)),
        Event::Resize(width, height) => Some(Msg::Resize { width, height }),
        _ => None,
    }
}
