//! Looks for the records around an alert: in CloudTrail's event history, or in the files of a replay.

use std::sync::Arc;

use detector::{Alert, AlertId, Call, Detector, Record};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::starts::{Refusals, Starts};
use crate::app::context::around::Around;
use crate::app::effect::ContextWork;
use crate::app::msg::{ContextNews, Msg};
use crate::aws::Aws;
use crate::model::Content;
use crate::source::context::{self, By, HOUR, Question, Step};
use crate::source::{Source, replay};
use crate::store::Store;

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
    refused: Refusals,
    starts: Starts,
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
        let refused = Refusals::default();
        Self { place, running: None, starts: Starts::new(refused.clone()), refused }
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }

    /// Asks, or stops asking. The one before ends.
    pub(super) fn work(&mut self, work: ContextWork, store: &Store, answers: &mpsc::Sender<Msg>) {
        let ContextWork::Ask { around, by, hours, turn } = work else {
            match (work, &self.place) {
                (ContextWork::Starts { keys }, Place::Cloud(aws, detector)) => {
                    self.starts.look_for(keys, aws.clone(), Arc::clone(detector), store, answers);
                }
                // All records of files were read.
                (ContextWork::Starts { .. }, _) => {}
                _ => self.stop(),
            }
            return;
        };
        self.stop();
        let asking = Asking {
            store: store.clone(),
            answers: answers.clone(),
            turn,
            place: self.place.clone(),
            refused: self.refused.clone(),
        };
        self.running = Some(tokio::spawn(async move { asking.ask(around, by, hours).await }));
    }
}

/// A question that is being asked.
struct Asking {
    store: Store,
    answers: mpsc::Sender<Msg>,
    turn: u64,
    place: Place,
    refused: Refusals,
}

impl Asking {
    async fn tell(&self, news: ContextNews) {
        // The console may have ended meanwhile.
        drop(self.answers.send(Msg::Context(self.turn, news)).await);
    }

    async fn ask(self, around: Around, by: Option<usize>, hours: u32) {
        if let Err(why) = self.answer(around, by, hours).await {
            self.tell(ContextNews::Failed(why)).await;
        }
        self.tell(ContextNews::Done).await;
    }

    /// Returns a stored alert; `None` where it is not stored any more.
    async fn alert(&self, id: AlertId) -> Result<Option<Alert>, String> {
        let content = self.store.load(id).await.map_err(|error| error.to_string())?;
        Ok(content.and_then(|content| if let Content::Alert(alert) = content { Some(*alert) } else { None }))
    }

    async fn answer(&self, around: Around, by: Option<usize>, hours: u32) -> Result<(), String> {
        let alert = self.alert(around.alert).await?.ok_or("the alert is not stored")?;
        let mut incident = Vec::new();
        for id in around.incident {
            incident.extend(self.alert(id).await?);
        }
        let mut ways = By::all_of(&alert);
        let own = ways.len();
        ways.extend(By::any_of(&incident));
        let by = by.unwrap_or(own).min(ways.len().saturating_sub(1));
        let Some(way) = ways.get(by).cloned() else {
            return Err("the alert names no key, session, user or address".to_owned());
        };
        let span = HOUR.checked_mul(i32::try_from(hours).unwrap_or(1)).unwrap_or(SignedDuration::MAX);
        let mut question = Question::around(&alert, way, span);
        if by == own {
            question = question.over(&incident, span);
        }
        let words = ways.iter().map(By::words).collect();
        let begun = ContextNews::Begun { ways: words, by, span: (question.since, question.until) };
        self.tell(begun).await;
        // Stored alerts are there at once, whatever else can be read.
        let stored = if by == own { incident } else { vec![alert] };
        self.tell(ContextNews::Found { calls: self.judged(stored), asked: 0 }).await;
        let (steps_in, steps) = mpsc::channel(4);
        match self.place.clone() {
            Place::None(why) => return Err(why.to_owned()),
            Place::Files(paths, detector) => {
                let read = move || context::read(&question, paths, detector, &steps_in);
                drop(tokio::task::spawn_blocking(read));
                self.follow(steps).await;
            }
            Place::Cloud(aws, detector) => {
                for region in std::mem::take(&mut question.regions) {
                    match self.refused.of(&region) {
                        Some(why) => self.tell(ContextNews::Failed(why)).await,
                        None => question.regions.push(region),
                    }
                }
                if !question.regions.is_empty() {
                    // Ends with this task: whoever asks anew waits for no earlier question.
                    tokio::join!(context::look_up(question, *aws, &detector, steps_in), self.follow(steps));
                }
            }
        }
        Ok(())
    }

    /// Judges the records of stored alerts.
    fn judged(&self, alerts: Vec<Alert>) -> Vec<Call> {
        let (Place::Cloud(_, detector) | Place::Files(_, detector)) = &self.place else { return Vec::new() };
        let records = alerts.into_iter().filter_map(|alert| Record::new(alert.record?).ok());
        records.map(|record| detector.call(&record, Timestamp::now()).0).collect()
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
                Step::Failed { why, denied } => {
                    if let Some(region) = denied {
                        self.refused.add(region, &why);
                    }
                    ContextNews::Failed(why)
                }
            };
            self.tell(news).await;
        }
    }
}
