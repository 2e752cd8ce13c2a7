//! The loop: wait for something to happen, take in all that has, draw once.
//!
//! Nothing wakes it while nothing happens; a timer runs only while something on the screen counts
//! down. Reading, storing and receiving go on in tasks of their own, and frames are written by a
//! thread of its own, so a slow or frozen terminal holds up the picture and nothing else.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use detector::{AlertId, Rules};
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::app::notifications::Notifications;
use crate::app::preferences::PreferencesFile;
use crate::app::query::{SHARED, saved_views};
use crate::app::update::update;
use crate::app::{Copy, Effect, Msg, Pipeline, State, Steps, preferences, query};
use crate::console::input::Input;
use crate::console::notify_command::NotifyCommand;
use crate::export::{self};
use crate::filter::Filter;
use crate::keymap::{Keymap, KeymapError};
use crate::model::{Content, Event, ExportFormat, Facet, Row, TriageState};
use crate::settings::{Settings, ThemeChoice};
use crate::source::Source;
use crate::source::replay::ReplayControls;
use crate::store::{self, AlarmChange, RelatedBy, Retention, Store, StoreError};
use crate::terminal::clipboard::{self, Copied};
use crate::terminal::{
    self, Terminal, browser, environment, hangup, notify::NotifyChannel, signals, suspend,
};
use crate::theme::Theme;
use crate::view::{self};

/// Messages that may wait; beyond it sources wait, and nothing is lost.
const QUEUE: usize = 1_024;
/// Longest wait at the end until the last triage changes are stored.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// Messages taken in before a frame is drawn all the same.
const MOST_BEFORE_DRAW: usize = 1_000;

/// Between two words of how much of a file is written.
const BETWEEN_WORDS: Duration = Duration::from_millis(200);

/// From one frame to the next where it is not a key that changes the screen.
const FRAME: Duration = Duration::from_millis(16);

/// Reason why the console could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the terminal can't be used: {0}")]
    Terminal(#[from] std::io::Error),
    #[error(transparent)]
    Keymap(#[from] KeymapError),
}

/// Runs the console until it is told to end; the exit code comes back.
pub(crate) fn start(
    source: Source,
    db: Option<&Path>,
    keep: Retention,
    log: &str,
    settings: Settings,
) -> Result<u8, AppError> {
    let path = match (&source, db) {
        // Demo and replay leave no alert behind, least of all among alerts as they came.
        (Source::Demo(_) | Source::Replay(_), _) => None,
        (Source::Sqs { .. }, Some(path)) => Some(path.to_owned()),
        (Source::Sqs { .. }, None) => Some(store::default_path()?),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(run(source, path, keep, log, settings));
    // A receive may be waiting for twenty seconds; it has nothing that is not safe to drop.
    runtime.shutdown_background();
    code
}

/// What comes to the loop, besides what is typed.
struct Inbox {
    news: mpsc::Receiver<Event>,
    answered: mpsc::Receiver<Msg>,
    signalled: mpsc::Receiver<terminal::Event>,
}

impl Inbox {
    /// Waits for the next message.
    async fn next(&mut self) -> Option<Msg> {
        tokio::select! {
            biased;
            event = self.signalled.recv() => event.map(Msg::from),
            msg = self.answered.recv() => msg,
            event = self.news.recv() => event.map(Msg::Event),
        }
    }

    /// Returns a message that is there already.
    fn ready(&mut self) -> Option<Msg> {
        let signal = self.signalled.try_recv().ok().map(Msg::from);
        signal.or_else(|| self.answered.try_recv().ok()).or_else(|| self.news.try_recv().ok().map(Msg::Event))
    }
}

impl From<terminal::Event> for Msg {
    fn from(event: terminal::Event) -> Self {
        match event {
            terminal::Event::Signal(number) => Self::Signal(number),
            terminal::Event::Suspend => Self::Suspend,
            terminal::Event::Continued => Self::Continued,
        }
    }
}

/// Parts that the loop uses besides the state.
struct App {
    store: Store,
    answers: mpsc::Sender<Msg>,
    terminal: Terminal,
    input: Input,
    hook: Option<NotifyCommand>,
    voice: NotifyChannel,
    /// File of the saved views; `None` where there is no place for it.
    views: Option<PathBuf>,
    /// Keeps the setup of the list from one run to the next; `None` where nothing may be written.
    keeper: Option<Arc<PreferencesFile>>,
    /// The hand on what is played, where something is.
    controls: Option<ReplayControls>,
    /// Stops the file that is being written.
    stop_export: Arc<AtomicBool>,
    /// Queue of triage changes, which are stored in the order in which they were made.
    commands: mpsc::UnboundedSender<Effect>,
}

async fn run(
    source: Source,
    path: Option<PathBuf>,
    keep: Retention,
    log: &str,
    settings: Settings,
) -> Result<u8, AppError> {
    let keymap = Keymap::with(&settings.keys)?;
    let controls = match &source {
        Source::Replay(request) if request.speed.is_some() => Some(request.controls.clone()),
        _ => None,
    };
    let (events, news) = mpsc::channel(QUEUE);
    let (answers, answered) = mpsc::channel(QUEUE);
    let (signals, signalled) = mpsc::channel(QUEUE);
    let mut inbox = Inbox { news, answered, signalled };
    // What can fail without a screen, fails before there is one.
    let store = Store::open(path.clone(), keep, events.clone())?;
    let _log = path.as_deref().and_then(|path| crate::log::start(path, log));
    signals::forward(&signals)?;
    hangup::watch(&signals)?;
    let terminal = Terminal::enter(!settings.no_mouse)?;
    let (width, height) = terminal.size()?;
    let mut state = State::new(width, height, Timestamp::now());
    query::is_at(&mut state, jiff::tz::TimeZone::system());
    if let Source::Sqs { queue_url, .. } = &source {
        state.pipeline = Pipeline::of_queue(queue_url);
    }
    let views = path.or_else(|| store::default_path().ok()).map(|path| path.with_file_name("views.json"));
    match views.as_deref().map(saved_views::load).transpose() {
        Ok(loaded) => state.query.views = loaded.unwrap_or_default(),
        Err(error) => state.query.views_trouble = Some(error.to_string()),
    }
    // Demo and replay show things as they are at first, and change nothing of it.
    let is_live = matches!(source, Source::Sqs { .. });
    let kept = views.as_deref().filter(|_| is_live);
    let keeper = preferences::start(&mut state, kept).map(Arc::new);
    state.shell.keymap = if controls.is_some() { keymap } else { keymap.of_live() };
    state.shell.ascii = settings.ascii || environment::is_ascii();
    state.shell.mouse.on = !settings.no_mouse && state.shell.mouse.chosen.unwrap_or(true);
    let no_color = environment::is_without_colours();
    state.shell.theme = Theme::chosen(settings.theme, no_color, None);
    state.shell.attention = Notifications::new(settings.notify_level, matches!(source, Source::Replay(_)))
        .only(settings.notify_filter.clone());
    let (commands, asked) = mpsc::unbounded_channel();
    let doing = tokio::spawn(in_turn(asked, store.clone(), answers.clone()));
    let mut this = App {
        terminal,
        // What the terminal answers must not be taken for keys.
        input: Input::closed(),
        hook: settings.notify_command.as_deref().map(NotifyCommand::new),
        voice: NotifyChannel::of(settings.notify),
        store: store.clone(),
        answers,
        views,
        keeper,
        controls,
        stop_export: Arc::default(),
        commands,
    };
    if !settings.no_mouse && !state.shell.mouse.on {
        this.terminal.mouse(false);
    }
    this.terminal.draw(state.shell.attention.title(), |frame| view::draw(frame, &state))?;
    tokio::spawn(source.run(store, events));
    // A terminal that does not take the first frame answers no question either.
    let asked = settings.theme == ThemeChoice::Auto && !no_color;
    if asked && timeout(Duration::from_secs(1), this.terminal.written()).await.is_ok() {
        let light = environment::is_light();
        state.shell.theme = Theme::chosen(settings.theme, no_color, light);
    }
    this.input.open();
    #[cfg(debug_assertions)]
    if std::env::var_os("SENTINEL_TEST_PANIC").is_some() {
        #[expect(clippy::panic, reason = "the terminal must come back whole, and a test sees that it does")]
        tokio::spawn(async { panic!("asked for by SENTINEL_TEST_PANIC") });
    }
    let code = this.turn(&mut state, &mut inbox).await;
    if let Some(keeper) = &this.keeper {
        // What is changed in a list that is still open counts too.
        if let Some(kept) = preferences::changed(&mut state) {
            keeper.keep(kept);
        }
        if let Err(error) = keeper.write() {
            tracing::warn!(%error, "the columns");
        }
    }
    // Nobody listens any more, and the terminal is given back; what was said last is on its way to the disk.
    drop((this, inbox));
    if timeout(LAST_WORDS, doing).await.is_err() {
        tracing::warn!("what was said last of alerts may not be stored");
    }
    code
}

/// Does one thing after the other: what was said first is there first, and so are its answers.
async fn in_turn(mut asked: mpsc::UnboundedReceiver<Effect>, store: Store, app: mpsc::Sender<Msg>) {
    while let Some(effect) = asked.recv().await {
        let answer = perform(effect, &store).await;
        // The console may have ended meanwhile.
        drop(app.send(answer).await);
    }
}

impl App {
    /// Goes round until the console ends.
    async fn turn(&mut self, state: &mut State, inbox: &mut Inbox) -> Result<u8, AppError> {
        // The theme may have come after the first frame.
        let (mut dirty, mut draw_at) = (true, Instant::now());
        loop {
            let wake = state.wake();
            let left = wake.map_or(Duration::ZERO, |wake| {
                Duration::try_from(wake.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO)
            });
            let busy = self.terminal.is_busy();
            let first = tokio::select! {
                // Keys first: a flood of alerts must not keep them waiting.
                biased;
                event = self.input.next() => match event {
                    Ok(msg) => msg,
                    Err(_) => return Ok(1),
                },
                msg = inbox.next() => msg,
                () = self.terminal.written(), if busy => None,
                () = sleep_until(draw_at), if dirty && !busy => None,
                () = sleep(left), if wake.is_some() => Some(Msg::Tick),
            };
            let now = Timestamp::now();
            let mut next = first;
            for _ in 0..MOST_BEFORE_DRAW {
                let Some(msg) = next else { break };
                // Whoever pressed a key waits for what it does.
                let at_once = matches!(msg, Msg::Key(_) | Msg::Mouse(_) | Msg::Continued);
                draw_at = if at_once { Instant::now() } else { draw_at };
                dirty = true;
                for effect in update(state, msg, now) {
                    if let Some(code) = self.carry_out(effect, state)? {
                        return Ok(code);
                    }
                }
                next = match self.input.ready().await {
                    Some(Ok(msg)) => msg,
                    Some(Err(_)) => return Ok(1),
                    None => inbox.ready(),
                };
            }
            if dirty && !self.terminal.is_busy() && draw_at <= Instant::now() {
                self.terminal.draw(state.shell.attention.title(), |frame| view::draw(frame, state))?;
                (dirty, draw_at) = (false, Instant::now() + FRAME);
            }
        }
    }

    /// Writes alerts to a file beside the loop, which hears how far it is and can stop it.
    fn export(&mut self, path: String, format: ExportFormat, alerts: Vec<AlertId>, older: bool) {
        let (store, app) = (self.store.clone(), self.answers.clone());
        // Each has its own, so that a stop is for none that begins later.
        self.stop_export = Arc::default();
        let stop = Arc::clone(&self.stop_export);
        outside(&self.answers, move || {
            let (all, mut told) = (alerts.len() as u64, Instant::now());
            let written = export::shown(&store, &path, format, &alerts, |written| {
                if told.elapsed() >= BETWEEN_WORDS {
                    told = Instant::now();
                    drop(app.blocking_send(Msg::Writing(Some((written, all)))));
                }
                !stop.load(Ordering::Relaxed)
            });
            drop(app.blocking_send(Msg::Writing(None)));
            match written {
                Ok(words) if older => {
                    let words = format!(
                        "{words}; older alerts are stored that the list does not have: sentinel-tui export has all"
                    );
                    Msg::Told { words, bad: false }
                }
                Ok(words) => Msg::Told { words, bad: false },
                Err(error) => Msg::Told { words: error.to_string(), bad: true },
            }
        });
    }

    /// Does what must be done outside; the exit code, where that is the end.
    fn carry_out(&mut self, effect: Effect, state: &mut State) -> Result<Option<u8>, AppError> {
        match effect {
            Effect::Quit(code) => return Ok(Some(code)),
            Effect::View(change) => {
                // Without a place to keep them they hold until the console ends.
                if let Some(path) = self.views.clone() {
                    outside(&self.answers, move || match saved_views::change(&path, change) {
                        Ok(views) => Msg::Views(views),
                        Err(error) => Event::StoreFailed(error.to_string()).into(),
                    });
                }
            }
            Effect::Export { path, format, alerts, older } => self.export(path, format, alerts, older),
            Effect::StopExport => self.stop_export.store(true, Ordering::Relaxed),
            Effect::Keep(kept) => {
                if let Some(keeper) = self.keeper.clone() {
                    keeper.keep(kept);
                    outside(&self.answers, move || match keeper.write() {
                        Ok(()) => Msg::Tick,
                        Err(error) => Msg::Told { words: error.to_string(), bad: true },
                    });
                }
            }
            // It goes on until the last of them is done.
            effect @ Effect::Triage { .. } => drop(self.commands.send(effect)),
            effect @ (Effect::Load(_)
            | Effect::Older(..)
            | Effect::Forget(_)
            | Effect::Related(_)
            | Effect::Shared(..)
            | Effect::Values(_)
            | Effect::Sharing { .. }) => {
                let (store, app) = (self.store.clone(), self.answers.clone());
                tokio::spawn(async move {
                    let answer = perform(effect, &store).await;
                    // The console may have ended meanwhile.
                    drop(app.send(answer).await);
                });
            }
            Effect::Seek { behind, turn, walks } => {
                let (filters, acknowledged) =
                    (state.list.filters().to_vec(), state.list.shows_acknowledged());
                let since = filters.iter().map(|filter| filter.span().0).max().unwrap_or(Timestamp::MIN);
                let literals = filters.iter().filter(|_| !walks).flat_map(Filter::literals);
                let literals = literals.collect();
                let (store, app) = (self.store.clone(), self.answers.clone());
                tokio::spawn(async move {
                    let matches = move |row: &Row| {
                        (acknowledged || row.state == TriageState::Open)
                            && filters.iter().all(|filter| filter.matches(row))
                    };
                    let sought = store.seek(behind, since, literals, matches).await;
                    let answer = sought.map(|sought| Msg::SearchPage { turn, sought });
                    drop(
                        app.send(answer.unwrap_or_else(|error| Event::StoreFailed(error.to_string()).into()))
                            .await,
                    );
                });
            }
            Effect::Replay(order) => {
                if let Some(controls) = &self.controls {
                    controls.order(order);
                }
            }
            Effect::Tell(note) => {
                self.terminal.say(self.voice.bytes(&note.text));
                if let Some(hook) = &self.hook {
                    hook.start(note, self.store.clone(), self.answers.clone());
                }
            }
            Effect::Mouse(on) => self.terminal.mouse(on),
            Effect::Redraw => self.terminal.redraw()?,
            Effect::Suspend if suspend::is_possible() => {
                self.input.close();
                self.terminal.leave();
                suspend::stop();
            }
            Effect::Suspend => {
                let words = "there is no shell to go back to: this terminal runs nothing but the console";
                state.shell.say(words, state.now);
            }
            Effect::Resume => {
                self.terminal.take_again(state.shell.mouse.on)?;
                (state.width, state.height) = self.terminal.size()?;
                self.input.open();
            }
            Effect::CopyByTerminal(copy) => {
                let told = match self.terminal.copy(&copy.text) {
                    Ok(by) => Msg::Told { words: copy.told(by), bad: false },
                    Err(words) => Msg::Told { words, bad: true },
                };
                update(state, told, state.now);
            }
            Effect::Copy(copy) => outside(&self.answers, move || copied(copy)),
            Effect::Open(url) => outside(&self.answers, move || opened(url)),
            Effect::Steps(id, rules) => outside(&self.answers, move || Msg::Steps(id, steps(&rules))),
        }
        Ok(None)
    }
}

/// Copies by a program of this machine, where one does; else the terminal is to do it.
fn copied(copy: Copy) -> Msg {
    match clipboard::copy(&copy.text) {
        Copied::By(program) => Msg::Told { words: copy.told(program), bad: false },
        Copied::ByNone => Msg::CopyByTerminal(copy),
        Copied::Failed(words) => Msg::Told { words: words.to_owned(), bad: true },
    }
}

/// Opens a link in the browser.
fn opened(url: String) -> Msg {
    if browser::open(&url) {
        Msg::Told { words: "opened in the browser".to_owned(), bad: false }
    } else {
        Msg::NoBrowser(url)
    }
}

/// Does the work of an effect in the store, and returns the answer.
async fn perform(effect: Effect, store: &Store) -> Msg {
    let answer = match effect {
        Effect::Load(id) => store.load(id.clone()).await.map(|content| Msg::Loaded(id, content)),
        Effect::Older(time, id) => {
            store.older((time, id)).await.map(|rows| Event::page(rows, store::PAGE).into())
        }
        Effect::Triage { commands, undo } => {
            let triaged = store.triage(commands.clone()).await;
            triaged.map(|triaged| Msg::TriageOutcome { commands, undo, triaged })
        }
        Effect::Forget(key) => store.alarms(AlarmChange::Forget(key)).await.map(|()| Msg::Tick),
        Effect::Related(id) => {
            let heading = |by: RelatedBy| {
                let mut words = by.to_string();
                if let Some(first) = words.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                words
            };
            Ok(match store.related(id.clone()).await {
                Ok(groups) => {
                    Msg::Related(id, groups.into_iter().map(|(by, rows)| (heading(by), rows)).collect())
                }
                // Where one reads it, and not only below.
                Err(error) => Msg::RelatedFailed(id, error.to_string()),
            })
        }
        Effect::Sharing { id, facet, before, turn } => {
            store.sharing(id, facet, before).await.map(|rows| Msg::Found { turn, rows })
        }
        Effect::Shared(id, facet) => store.load(id.clone()).await.map(|content| {
            let value = match content {
                Some(Content::Alert(alert)) => facet.value(&alert),
                _ => None,
            };
            Msg::Shared(id, facet, value)
        }),
        Effect::Values(id) => store.load(id.clone()).await.map(|content| {
            let value = |facet: &Facet| match &content {
                Some(Content::Alert(alert)) => facet.value(alert),
                _ => None,
            };
            Msg::Values(id, SHARED.iter().map(|(_, facet, _)| value(facet)).collect())
        }),
        // The loop itself does the others.
        _ => Ok(Msg::Tick),
    };
    answer.unwrap_or_else(|error| Event::StoreFailed(error.to_string()).into())
}

/// Does work that may block, beside the loop, and sends the loop the answer.
fn outside(app: &mpsc::Sender<Msg>, work: impl FnOnce() -> Msg + Send + 'static) {
    let app = app.clone();
    tokio::task::spawn_blocking(move || drop(app.blocking_send(work())));
}

/// Returns the response steps of the built-in rules with these ids; rules without steps are left out.
pub(crate) fn steps(ids: &[String]) -> Vec<Steps> {
    static RULES: LazyLock<Rules> = LazyLock::new(Rules::default);
    let of = |id: &String| RULES.all().find(|rule| rule.id == *id);
    let found = ids.iter().filter_map(of).filter(|rule| !rule.respond.is_empty());
    found.map(|rule| Steps { rule: rule.title.clone(), steps: rule.respond.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use crate::console::event_loop::*;
    use crate::model::testing::alert;

    #[tokio::test]
    async fn what_is_related_comes_from_the_store_in_words() {
        let (app, _inbox) = mpsc::channel(16);
        let store = Store::open(None, Retention::new(400, 8_192), app).unwrap();
        store.insert(vec![alert("one", 1), alert("two", 2)]).await.unwrap();
        let answer = perform(Effect::Related(AlertId("one".into())), &store).await;
        let Msg::Related(id, groups) = answer else { panic!("{answer:?}") };
        assert_eq!((id.0.as_str(), groups[0].0.as_str()), ("one", "Same actor, within the hour"));
        assert_eq!(groups[0].1[0].id.0, "two");
        let answer = perform(
            Effect::Sharing {
                id: AlertId("two".into()),
                facet: crate::model::Facet::Address,
                before: "2026-11-24T02:00:01Z".parse().unwrap(),
                turn: 3,
            },
            &store,
        )
        .await;
        assert!(matches!(&answer, Msg::Found { turn: 3, rows } if rows.len() == 1), "{answer:?}");
        let answer =
            perform(Effect::Shared(AlertId("one".into()), crate::model::Facet::Session), &store).await;
        assert!(matches!(answer, Msg::Shared(_, _, None)), "alice is no role: {answer:?}");
    }

    #[tokio::test]
    async fn what_is_said_is_done_in_its_order_and_to_its_end() {
        use crate::model::{TriageAction, TriageCommand};
        let (app, mut inbox) = mpsc::channel(64);
        let (quiet, _others) = mpsc::channel(64);
        let store = Store::open(None, Retention::new(400, 8_192), quiet).unwrap();
        store.insert(vec![alert("one", 1)]).await.unwrap();
        let (commands, asked) = mpsc::unbounded_channel();
        let doing = tokio::spawn(in_turn(asked, store.clone(), app));
        let changes: Vec<_> = (0..40)
            .map(|turn| if turn % 2 == 0 { TriageAction::Acknowledge } else { TriageAction::Reopen })
            .chain([TriageAction::Acknowledge])
            .collect();
        for change in &changes {
            let command = TriageCommand { alerts: vec![AlertId("one".into())], change: change.clone() };
            commands.send(Effect::Triage { commands: vec![command], undo: false }).unwrap();
        }
        // The console ends at once.
        drop(commands);
        timeout(Duration::from_secs(30), doing).await.unwrap().unwrap();
        for change in changes {
            let Some(Msg::TriageOutcome { commands, triaged, .. }) = inbox.recv().await else {
                panic!("an answer")
            };
            assert_eq!((&commands[0].change, triaged.rows.len()), (&change, 1));
        }
    }

    #[tokio::test]
    async fn what_can_not_be_looked_for_says_why() {
        let path = std::env::temp_dir().join(format!("sentinel-related-{}.db", std::process::id()));
        let (app, _inbox) = mpsc::channel(16);
        let store = Store::open(Some(path.clone()), Retention::new(400, 8_192), app).unwrap();
        store.insert(vec![alert("one", 1)]).await.unwrap();
        rusqlite::Connection::open(&path).unwrap().execute_batch("ALTER TABLE alert RENAME TO gone").unwrap();
        let answer = perform(Effect::Related(AlertId("one".into())), &store).await;
        drop(store);
        for end in ["", "-wal", "-shm", "-changed"] {
            drop(std::fs::remove_file(format!("{}{end}", path.display())));
        }
        let Msg::RelatedFailed(id, why) = answer else { panic!("{answer:?}") };
        assert!(id.0 == "one" && why.contains("no such table: alert"), "{why}");
    }
}
