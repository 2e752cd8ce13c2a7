//! Carries effects out: in the store, in files, in the terminal and in programs beside it. No effect touches the state;
//! answers come as messages.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use detector::AlertId;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::context::Contexts;
use super::error::ConsoleError;
use super::input::Input;
use super::lookups;
use super::notify_command::NotifyCommand;
use super::preferences_file::PreferencesFile;
use super::report;
use super::views_file;
use crate::app::effect::{Copy, Effect, FileWork, TerminalWork};
use crate::app::msg::Msg;
use crate::app::notifications::Notification;
use crate::app::preferences::Preferences;
use crate::app::query::saved_views::ViewChange;
use crate::app::status::Status;
use crate::export::{self, ExportError};
use crate::incidents::Incident;
use crate::model::{AlarmKey, Event, ExportFormat, TriageCommand};
use crate::source::replay::ReplayControls;
use crate::source::sqs::Retry;
use crate::store::{AlarmChange, Store};
use crate::terminal::clipboard::{self, Copied};
use crate::terminal::notify::NotifyChannel;
use crate::terminal::{Terminal, browser, suspend};

/// From one report of an export's progress to the next.
const BETWEEN_REPORTS: Duration = Duration::from_millis(200);

/// Settings of the worker.
pub(super) struct Settings {
    pub(super) notify_command: Option<NotifyCommand>,
    pub(super) notify_channel: NotifyChannel,
    /// File of the saved views; `None` where there is no place for it.
    pub(super) views: Option<PathBuf>,
    /// File of the preferences; `None` where nothing may be written.
    pub(super) preferences: Option<PreferencesFile>,
    /// Controls of what is played, where something is.
    pub(super) controls: Option<ReplayControls>,
    /// Looks for the records around an alert.
    pub(super) contexts: Contexts,
    /// Ends the wait of a source that tries again.
    pub(super) retry: Retry,
}

/// Result of an effect.
pub(super) enum Done {
    /// It is done, or an answer comes later.
    Nothing,
    Answer(Msg),
    /// The console ends, with this exit code.
    Quit(u8),
}

/// Triage commands, and whether they take earlier ones back.
type TriageRequest = (Vec<TriageCommand>, bool);

/// Carries effects out.
pub(super) struct Worker {
    store: Store,
    answers: mpsc::Sender<Msg>,
    notify_command: Option<NotifyCommand>,
    notify_channel: NotifyChannel,
    views: Option<PathBuf>,
    preferences: Option<Arc<PreferencesFile>>,
    controls: Option<ReplayControls>,
    contexts: Contexts,
    retry: Retry,
    /// Stops the export that is running.
    stop_export: Arc<AtomicBool>,
    /// Queue of triage commands, which are stored in the order in which they were made.
    triage_queue: mpsc::UnboundedSender<TriageRequest>,
}

impl Worker {
    /// Starts the worker. The task that is returned ends when all triage commands are stored.
    pub(super) fn start(
        store: Store,
        answers: mpsc::Sender<Msg>,
        settings: Settings,
    ) -> (Self, JoinHandle<()>) {
        let (triage_queue, asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(triage_in_turn(asked, store.clone(), answers.clone()));
        let Settings { notify_command, notify_channel, views, preferences, controls, contexts, retry } =
            settings;
        let preferences = preferences.map(Arc::new);
        let stop_export = Arc::default();
        let worker = Self {
            store,
            answers,
            notify_command,
            notify_channel,
            views,
            preferences,
            controls,
            contexts,
            retry,
            stop_export,
            triage_queue,
        };
        (worker, task)
    }

    /// Carries an effect out.
    pub(super) fn carry_out(
        &mut self,
        effect: Effect,
        terminal: &mut Terminal,
        input: &mut Input,
    ) -> Result<Done, ConsoleError> {
        match effect {
            Effect::Quit(code) => return Ok(Done::Quit(code)),
            Effect::Lookup(lookup) => lookups::start(lookup, self.store.clone(), self.answers.clone()),
            // It goes on until the last of them is done.
            Effect::Triage { commands, undo } => drop(self.triage_queue.send((commands, undo))),
            Effect::ForgetAlarm(key) => self.forget_alarm(key),
            Effect::Context(work) => self.contexts.work(work, &self.store, &self.answers),
            Effect::RetryNow => self.retry.now(),
            Effect::File(work) => self.file(work),
            Effect::Terminal(work) => return self.terminal(work, terminal, input),
            Effect::Notify(notification) => self.notify(notification, terminal),
            Effect::Replay(command) => {
                if let Some(controls) = &self.controls {
                    controls.give(command);
                }
            }
        }
        Ok(Done::Nothing)
    }

    fn forget_alarm(&self, key: AlarmKey) {
        let (store, answers) = (self.store.clone(), self.answers.clone());
        tokio::spawn(async move {
            if let Err(error) = store.alarms(AlarmChange::Forget(key)).await {
                // The console may have ended meanwhile.
                drop(answers.send(Event::StoreFailed(error.to_string()).into()).await);
            }
        });
    }

    fn notify(&self, notification: Notification, terminal: &mut Terminal) {
        terminal.send(self.notify_channel.bytes(&notification.text));
        if let Some(command) = &self.notify_command {
            command.start(notification, self.store.clone(), self.answers.clone());
        }
    }

    fn file(&mut self, work: FileWork) {
        match work {
            FileWork::ChangeViews(change) => self.change_views(change),
            FileWork::SavePreferences(preferences) => {
                if let Some(file) = self.preferences.clone() {
                    file.queue(preferences);
                    self.outside(move || {
                        file.write().err().map(|error| Msg::Status(Status::bad(&error.to_string())))
                    });
                }
            }
            FileWork::Export { path, format, alerts, older } => self.export(path, format, alerts, older),
            FileWork::Report(incident) => self.report(*incident),
            FileWork::Records(path, calls) => self.outside(move || {
                let written = export::records(&path, &calls);
                Some(Msg::RecordsWritten(written.map_err(|error| (path, error.to_string()))))
            }),
            FileWork::StopExport => self.stop_export.store(true, Ordering::Relaxed),
        }
    }

    /// Writes a report on an incident, with what people did.
    fn report(&self, incident: Incident) {
        let (store, answers) = (self.store.clone(), self.answers.clone());
        tokio::spawn(async move {
            let status = match report::write(&store, &incident, Path::new("")).await {
                Ok(path) => Status::info(&format!("report written to {}", path.display())),
                Err(why) => Status::bad(&why),
            };
            // The console may have ended meanwhile.
            drop(answers.send(Msg::Status(status)).await);
        });
    }

    /// Changes the saved views. Without a place to keep them they hold until the console ends.
    fn change_views(&self, change: ViewChange) {
        let Some(path) = self.views.clone() else { return };
        self.outside(move || {
            Some(match views_file::change(&path, change) {
                Ok(views) => Msg::Views(views),
                Err(error) => Msg::Status(Status::bad(&error.to_string())),
            })
        });
    }

    /// Writes alerts to a file beside the loop, which hears of the progress and can stop it.
    fn export(&mut self, path: String, format: ExportFormat, alerts: Vec<AlertId>, older: bool) {
        let (store, answers) = (self.store.clone(), self.answers.clone());
        // Each has its own, so that a stop is for none that begins later.
        self.stop_export = Arc::default();
        let stop = Arc::clone(&self.stop_export);
        self.outside(move || {
            let (all, mut reported) = (alerts.len() as u64, Instant::now());
            let written = export::shown(&store, &path, format, &alerts, |written| {
                if reported.elapsed() >= BETWEEN_REPORTS {
                    reported = Instant::now();
                    drop(answers.blocking_send(Msg::Exporting(Some((written, all)))));
                }
                !stop.load(Ordering::Relaxed)
            });
            drop(answers.blocking_send(Msg::Exporting(None)));
            let hint = if older {
                "; older stored alerts are not in the list: use sentinel-tui export for all"
            } else {
                ""
            };
            Some(match written {
                Ok(words) => Msg::Status(Status::info(&format!("{words}{hint}"))),
                Err(error @ ExportError::Stopped(_)) => Msg::Status(Status::bad(&error.to_string())),
                Err(error) => Msg::ExportFailed { path, format, why: error.to_string() },
            })
        });
    }

    fn terminal(
        &self,
        work: TerminalWork,
        terminal: &mut Terminal,
        input: &mut Input,
    ) -> Result<Done, ConsoleError> {
        match work {
            TerminalWork::Mouse(on) => terminal.mouse(on),
            TerminalWork::Redraw => terminal.redraw()?,
            TerminalWork::Suspend if suspend::is_possible() => {
                input.close();
                terminal.leave();
                suspend::stop();
            }
            TerminalWork::Suspend => {
                let words = "can't suspend: no shell in this terminal";
                return Ok(Done::Answer(Msg::Passing(words.to_owned())));
            }
            TerminalWork::Resume { mouse } => {
                terminal.take_again(mouse)?;
                let (width, height) = terminal.size()?;
                input.open();
                return Ok(Done::Answer(Msg::Resize { width, height }));
            }
            TerminalWork::Copy(copy) => self.outside(move || Some(copied(copy))),
            TerminalWork::CopyByTerminal(copy) => {
                return Ok(Done::Answer(Msg::Status(match terminal.copy(&copy.text) {
                    Ok(by) => Status::info(&copy.done(by)),
                    Err(words) => Status::bad(&words),
                })));
            }
            TerminalWork::OpenLink(url) => self.outside(move || Some(opened(url))),
        }
        Ok(Done::Nothing)
    }

    /// Writes the preferences before the console ends, where they have changed.
    pub(super) fn save_preferences_now(&self, changed: Option<Preferences>) {
        let Some(file) = &self.preferences else { return };
        if let Some(changed) = changed {
            file.queue(changed);
        }
        if let Err(error) = file.write() {
            tracing::warn!(%error, "can't save the preferences");
        }
    }

    /// Does work that may block, beside the loop, and sends the loop the answer, if any.
    fn outside(&self, work: impl FnOnce() -> Option<Msg> + Send + 'static) {
        let answers = self.answers.clone();
        tokio::task::spawn_blocking(move || {
            if let Some(msg) = work() {
                // The console may have ended meanwhile.
                drop(answers.blocking_send(msg));
            }
        });
    }
}

/// Copies by a program of this machine, where one does; else the terminal is to do it.
fn copied(copy: Copy) -> Msg {
    match clipboard::copy(&copy.text) {
        Copied::By(program) => Msg::Status(Status::info(&copy.done(program))),
        Copied::ByNone => Msg::CopyByTerminal(copy),
        Copied::Failed(words) => Msg::Status(Status::bad(words)),
    }
}

/// Opens a link in the browser.
fn opened(url: String) -> Msg {
    if browser::open(&url) { Msg::Status(Status::info("opened in the browser")) } else { Msg::NoBrowser(url) }
}

/// Does one step of triage after the other: the first is stored first, and so are its answers.
async fn triage_in_turn(
    mut asked: mpsc::UnboundedReceiver<TriageRequest>,
    store: Store,
    answers: mpsc::Sender<Msg>,
) {
    while let Some((commands, undo)) = asked.recv().await {
        let answer = match store.triage(commands.clone()).await {
            Ok(outcome) => Msg::Triaged { commands, undo, outcome },
            Err(error) => Event::StoreFailed(error.to_string()).into(),
        };
        // The console may have ended meanwhile.
        drop(answers.send(answer).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TriageAction;
    use crate::model::testing::alert;
    use crate::store::Retention;
    use tokio::time::timeout;

    #[tokio::test]
    async fn triage_is_stored_in_its_order_and_to_its_end() {
        let (answers, mut inbox) = mpsc::channel(64);
        let (quiet, _others) = mpsc::channel(64);
        let store = Store::open(None, Retention::new(400, 8_192), quiet).unwrap();
        store.insert(vec![alert("one", 1)]).await.unwrap();
        let (triage_queue, asked) = mpsc::unbounded_channel();
        let task = tokio::spawn(triage_in_turn(asked, store.clone(), answers));
        let actions: Vec<_> = (0..40)
            .map(|turn| if turn % 2 == 0 { TriageAction::Acknowledge } else { TriageAction::Reopen })
            .chain([TriageAction::Acknowledge])
            .collect();
        for change in &actions {
            let command = TriageCommand { alerts: vec![AlertId("one".into())], action: change.clone() };
            triage_queue.send((vec![command], false)).unwrap();
        }
        // The console ends at once.
        drop(triage_queue);
        timeout(Duration::from_secs(30), task).await.unwrap().unwrap();
        for change in actions {
            let Some(Msg::Triaged { commands, outcome, .. }) = inbox.recv().await else {
                panic!("an answer")
            };
            assert_eq!((&commands[0].action, outcome.rows.len()), (&change, 1));
        }
    }
}
