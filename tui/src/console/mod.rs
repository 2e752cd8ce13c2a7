//! The console: the shell around `app`, which waits, draws and does what `app` asks for.
//!
//! ```text
//!  keys, news, answers ──► event_loop ──► app::update ──► Effect ──► effects ──► lookups, files, terminal ──► answers
//!                               └──► view::draw ──► terminal
//! ```

mod context;
mod effects;
mod error;
mod event_loop;
mod input;
mod lookups;
mod notify_command;
mod preferences_file;
mod report;
mod starts;
mod views_file;

use std::path::{Path, PathBuf};
use std::time::Duration;

use detector::SafeText;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::timeout;

use self::context::Contexts;
use self::effects::Worker;
use self::error::ConsoleError;
use self::event_loop::{EventLoop, Inbox};
#[cfg(test)]
pub(crate) use self::lookups::steps;
use self::notify_command::NotifyCommand;
use crate::app::notifications::Notifications;
use crate::app::query::saved_views::Views;
use crate::app::{Setup, State};
use crate::keymap::Keymap;
use crate::settings::{Settings, ThemeChoice};
use crate::source::replay::{self, ReplayControls};
use crate::source::sqs::Retry;
use crate::source::{Source, topic};
use crate::store::{self, Retention, Store};
use crate::terminal::notify::NotifyChannel;
use crate::terminal::{Terminal, background, environment, hangup, signals};
use crate::theme::Theme;

/// Messages that may wait; beyond it sources wait, and nothing is lost.
const QUEUE: usize = 1_024;
/// Longest wait at the end until the last triage commands are stored.
const LAST_COMMANDS: Duration = Duration::from_secs(2);

/// Filter, view and incident that the console opens with.
#[derive(Debug, Default)]
pub(crate) struct Opening {
    pub(crate) filter: Option<String>,
    /// Name of a saved view.
    pub(crate) view: Option<String>,
    /// Id of an alert, or its beginning: the board of incidents opens at that of the alert.
    pub(crate) incident: Option<String>,
}

/// Runs the console until it ends, and returns the exit code.
pub(crate) fn start(
    source: Source,
    db: Option<&Path>,
    retention: Retention,
    log: &str,
    opening: Opening,
    settings: Settings,
) -> Result<u8, ConsoleError> {
    let path = match (&source, db) {
        // A replay leaves alerts behind only where it is a case.
        (Source::Replay(replay::Request { case: Some(name), paths, .. }), db) => {
            let path = store::case_path(db, name)?;
            if paths.is_empty() && !path.exists() {
                return Err(ConsoleError::NoCase(name.clone()));
            }
            Some(path)
        }
        // Demo and replay leave no alert behind, least of all among alerts as they came.
        (Source::Demo(_) | Source::Replay(_), _) => None,
        (Source::Sqs { .. }, Some(path)) => Some(path.to_owned()),
        (Source::Sqs { .. }, None) => Some(store::default_path()?),
    };
    let retention = if matches!(source, Source::Replay(_)) { Retention::FOREVER } else { retention };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(run(source, path, retention, log, opening, settings));
    // A receive may be waiting for twenty seconds; it has nothing that is not safe to drop.
    runtime.shutdown_background();
    code
}

async fn run(
    source: Source,
    path: Option<PathBuf>,
    retention: Retention,
    log: &str,
    opening: Opening,
    settings: Settings,
) -> Result<u8, ConsoleError> {
    // Steps that can fail come before there is a screen.
    let keymap = Keymap::with(&settings.keys)?;
    let (events, news) = mpsc::channel(QUEUE);
    let (answers, answered) = mpsc::channel(QUEUE);
    let (signals, signalled) = mpsc::channel(QUEUE);
    let store = Store::open(path.clone(), retention, events.clone())?;
    let _log = path.as_deref().and_then(|path| crate::log::start(path, log));
    signals::forward(&signals)?;
    hangup::watch(&signals)?;
    let terminal = Terminal::enter(!settings.no_mouse)?;
    let (width, height) = terminal.size()?;
    let mut state = State::new(width, height, Timestamp::now());
    let keeps_triage = path.is_some() || matches!(source, Source::Demo(_));
    let is_live = matches!(source, Source::Sqs { .. });
    // A case has its own database, and the views of all.
    let views = path.filter(|_| is_live).or_else(|| store::default_path().ok());
    let views = views.map(|path| path.with_file_name("views.json"));
    // Demo and replay show things as they are at first, and change nothing of it.
    let (preferences, preferences_file) = preferences_file::start(views.as_deref().filter(|_| is_live));
    let controls = controls(&source);
    let no_color = environment::is_without_colours();
    state.set_up(Setup {
        zone: jiff::tz::TimeZone::system(),
        pipeline: pipeline(&source),
        watched: watched(&source),
        filter: opening.filter,
        view: opening.view,
        incident: opening.incident,
        keeps_triage,
        views: saved_views(views.as_deref()),
        preferences,
        keymap: if controls.is_some() { keymap } else { keymap.of_live() },
        ascii: settings.ascii || environment::is_ascii(),
        mouse: !settings.no_mouse,
        theme: Theme::chosen(settings.theme, no_color, environment::colour_depth()),
        notifications: Notifications::new(settings.notify_level, matches!(source, Source::Replay(_)))
            .only(settings.notify_filter.clone()),
    });
    let (worker, commands_done) = Worker::start(
        store.clone(),
        answers,
        effects::Settings {
            notify_command: settings.notify_command.as_deref().map(NotifyCommand::new),
            notify_channel: NotifyChannel::of(settings.notify),
            views,
            preferences: preferences_file,
            controls,
            contexts: Contexts::of(&source),
            retry: retry(&source),
        },
    );
    let mut this = EventLoop::new(terminal, worker, Inbox { news, answered, signalled });
    if !settings.no_mouse && !state.shell().mouse.on {
        this.terminal.mouse(false);
    }
    if settings.theme == ThemeChoice::Auto && !no_color && background::may_answer() {
        this.terminal.send(background::QUESTION.to_vec());
        this.input.ask();
    }
    this.draw(&state)?;
    tokio::spawn(source.run(store, events));
    this.input.open();
    #[cfg(debug_assertions)]
    if std::env::var_os("SENTINEL_TEST_PANIC").is_some() {
        #[expect(clippy::panic, reason = "the terminal must come back whole, and a test sees that it does")]
        tokio::spawn(async { panic!("asked for by SENTINEL_TEST_PANIC") });
    }
    let code = this.run(&mut state).await;
    this.input.settle().await;
    this.input.close();
    // Changes in a list that is still open count too.
    this.worker.save_preferences_now(state.changed_preferences());
    // Nobody listens any more, and the terminal is given back; the last triage is on its way to the disk.
    drop(this);
    if timeout(LAST_COMMANDS, commands_done).await.is_err() {
        tracing::warn!("the last acks, notes or tags may not be stored");
    }
    code
}

/// Reads the saved views, or says why they can't be read; none without a place for them.
fn saved_views(path: Option<&Path>) -> Result<Views, String> {
    path.map_or_else(|| Ok(Views::new()), |path| views_file::load(path).map_err(|error| error.to_string()))
}

/// Returns the end of the source's waits, which does nothing for a source that does not wait.
fn retry(source: &Source) -> Retry {
    match source {
        Source::Sqs { retry, .. } => retry.clone(),
        _ => Retry::default(),
    }
}

/// Returns the controls of what is played; `None` where nothing is.
fn controls(source: &Source) -> Option<ReplayControls> {
    match source {
        Source::Replay(request) if request.speed.is_some() => Some(request.controls.clone()),
        _ => None,
    }
}

/// Returns the queue's name, or the files that are read; `None` for the demo.
fn watched(source: &Source) -> Option<String> {
    match source {
        Source::Sqs { queue_url, .. } => {
            queue_url.rsplit('/').next().map(|name| SafeText::new(name).to_string())
        }
        Source::Replay(replay::Request { case: Some(name), .. }) => Some(format!("case {name}")),
        Source::Replay(request) => {
            let first = request.paths.first()?.display().to_string();
            let more = match request.paths.len() {
                0 | 1 => String::new(),
                paths => format!(" +{}", paths - 1),
            };
            Some(format!("{}{more}", SafeText::new(&first)))
        }
        Source::Demo(_) => None,
    }
}

/// Returns the pipeline's name; `None` where the source does not tell it.
fn pipeline(source: &Source) -> Option<String> {
    match source {
        Source::Sqs { queue_url, .. } => topic::names(queue_url).0.map(str::to_owned),
        _ => None,
    }
}
