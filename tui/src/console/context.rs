//! Looks for the records around an alert: in CloudTrail's event history, or in the files of a replay.

use std::sync::Arc;
use std::time::{Duration, Instant};

use detector::{AlertId, Detector};
use jiff::SignedDuration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::app::effect::ContextWork;
use crate::app::msg::{ContextNews, Msg};
use crate::aws::Aws;
use crate::model::Content;
use crate::source::context::{self, By, HOUR, Question, Step};
use crate::source::{Source, replay};
use crate::store::Store;

/// Time for which nothing is asked after a refusal.
const REFUSED: Duration = Duration::from_hours(1);

/// Place where records are looked for.
#[derive(Debug, Clone)]
enum Place {
    Cloud(Box<Aws>, Arc<Detector>),
    Files(Vec<std::path::PathBuf>, Arc<Detector>),
    /// There is none, and why.
    None(&'static str),
}

/// Looks for records, for one question at a time.
#[derive(Debug)]
pub(super) struct Contexts {
    place: Place,
    running: Option<JoinHandle<()>>,
    /// Refusal, and when it was.
    refused: Arc<std::sync::Mutex<Option<(String, Instant)>>>,
}

impl Contexts {
    /// Looks where the alerts come from.
    pub(super) fn of(source: &Source) -> Self {
        let place = match source {
            Source::Sqs { aws, .. } => Place::Cloud(aws.clone(), Arc::default()),
            Source::Replay(request) if request.paths.is_empty() => {
                Place::None("name the log files again: replay --case NAME PATH")
            }
            Source::Replay(request) if request.paths.iter().any(|path| replay::is_standard_input(path)) => {
                Place::None("replay files: standard input can't be read again")
            }
            Source::Replay(request) => Place::Files(request.paths.clone(), Arc::clone(&request.detector)),
            Source::Demo(_) => Place::None("the demo has alerts only: replay log files, or use a queue"),
        };
        Self { place, running: None, refused: Arc::default() }
    }

    /// Asks, or stops asking. The one before ends.
    pub(super) fn work(&mut self, work: ContextWork, store: &Store, answers: &mpsc::Sender<Msg>) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
        let ContextWork::Ask { alert, by, hours, turn } = work else { return };
        let asking = Asking {
            store: store.clone(),
            answers: answers.clone(),
            turn,
            place: self.place.clone(),
            refused: Arc::clone(&self.refused),
        };
        self.running = Some(tokio::spawn(async move { asking.ask(alert, by, hours).await }));
    }
}

/// A question that is being asked.
struct Asking {
    store: Store,
    answers: mpsc::Sender<Msg>,
    turn: u64,
    place: Place,
    refused: Arc<std::sync::Mutex<Option<(String, Instant)>>>,
}

impl Asking {
    async fn tell(&self, news: ContextNews) {
        // The console may have ended meanwhile.
        drop(self.answers.send(Msg::Context(self.turn, news)).await);
    }

    async fn ask(self, alert: AlertId, by: usize, hours: u32) {
        if let Err(why) = self.answer(alert, by, hours).await {
            self.tell(ContextNews::Failed(why)).await;
        }
        self.tell(ContextNews::Done).await;
    }

    /// The refusal of the last hour.
    fn refusal(&self) -> Option<String> {
        let refused = self.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (why, at) = refused.as_ref()?;
        (at.elapsed() < REFUSED).then(|| format!("asked again in an hour: {why}"))
    }

    async fn answer(&self, alert: AlertId, by: usize, hours: u32) -> Result<(), String> {
        let content = self.store.load(alert).await.map_err(|error| error.to_string())?;
        let Some(Content::Alert(alert)) = content else { return Err("the alert is not stored".to_owned()) };
        let ways = By::all_of(&alert);
        let by = by.min(ways.len().saturating_sub(1));
        let Some(way) = ways.get(by).cloned() else {
            return Err("the alert names no key, session, user or address".to_owned());
        };
        let span = HOUR.checked_mul(i32::try_from(hours).unwrap_or(1)).unwrap_or(SignedDuration::MAX);
        let question = Question::around(&alert, way, span);
        let words = ways.iter().map(By::words).collect();
        let begun = ContextNews::Begun { ways: words, by, span: (question.since, question.until) };
        self.tell(begun).await;
        let (steps_in, steps) = mpsc::channel(4);
        match self.place.clone() {
            Place::None(why) => return Err(why.to_owned()),
            Place::Files(paths, detector) => {
                let read = move || context::read(&question, paths, detector, &steps_in);
                drop(tokio::task::spawn_blocking(read));
                self.follow(steps).await;
            }
            Place::Cloud(aws, detector) => {
                if let Some(why) = self.refusal() {
                    return Err(why);
                }
                // Ends with this task: whoever asks anew waits for no earlier question.
                tokio::join!(context::look_up(question, *aws, &detector, steps_in), self.follow(steps));
            }
        }
        Ok(())
    }

    async fn follow(&self, mut steps: mpsc::Receiver<Step>) {
        while let Some(step) = steps.recv().await {
            let news = match step {
                Step::Calls { found, asked } => {
                    ContextNews::Found { calls: found.into_iter().map(|(call, _)| call).collect(), asked }
                }
                Step::Waits { wait, why } => {
                    ContextNews::Waits(format!("{why}; asked again in {} s", wait.as_secs()))
                }
                Step::Failed { why, is_denied } => {
                    if is_denied {
                        let mut refused =
                            self.refused.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                        *refused = Some((why.clone(), Instant::now()));
                    }
                    ContextNews::Failed(why)
                }
            };
            self.tell(news).await;
        }
    }
}
