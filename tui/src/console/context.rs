//! Looks for the records around an alert: in CloudTrail's event history, or in the files of a replay.

use std::sync::Arc;

use detector::{Alert, AlertId, Call, Detector, Record, json};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
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
use crate::store::{ContextRecord, Store};

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
        ways.extend(By::any_of(&incident, &around.keys));
        let by = by.unwrap_or(own).min(ways.len().saturating_sub(1));
        let Some(way) = ways.get(by).cloned() else {
            return Err("the alert names no key, session, user or address".to_owned());
        };
        let span = HOUR.checked_mul(i32::try_from(hours).unwrap_or(1)).unwrap_or(SignedDuration::MAX);
        let mut question = Question::around(&alert, way, span);
        if by == own {
            question = question.over(&incident, around.first, span);
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
                let asked = question.hash();
                let span = (question.since, question.until);
                let known = self.store.context(asked, span).await.map_err(|error| error.to_string())?;
                if !known.is_empty() {
                    let records = known.into_iter().filter_map(|json| json::read(json.as_bytes()).ok());
                    let mut calls = self.judged_records(records);
                    // They were kept for these identities, some by keys that the records issued.
                    calls.retain(|call| question.takes_time(call));
                    self.tell(ContextNews::Found { calls, asked: 0 }).await;
                }
                if !question.regions.is_empty() {
                    // Ends with this task: whoever asks anew waits for no earlier question.
                    let look_up = context::look_up(question, *aws, &detector, steps_in);
                    tokio::join!(look_up, self.follow_and_keep(steps, asked));
                }
            }
        }
        Ok(())
    }

    /// Judges the records of stored alerts.
    fn judged(&self, alerts: Vec<Alert>) -> Vec<Call> {
        self.judged_records(alerts.into_iter().filter_map(|alert| alert.record))
    }

    fn judged_records(&self, records: impl Iterator<Item = impl Into<Arc<Value>>>) -> Vec<Call> {
        let (Place::Cloud(_, detector) | Place::Files(_, detector)) = &self.place else { return Vec::new() };
        let records = records.filter_map(|record| Record::new(record).ok());
        records.map(|record| detector.call(&record, Timestamp::now()).0).collect()
    }

    /// Reports what comes, and keeps the records: they are there at once when somebody asks again.
    async fn follow_and_keep(&self, mut steps: mpsc::Receiver<Step>, asked: i64) {
        let (on, then) = mpsc::channel(4);
        let keep = async {
            while let Some(step) = steps.recv().await {
                if let Step::Calls { found, .. } = &step {
                    let kept = found.iter().filter_map(|(call, record)| {
                        Some(ContextRecord {
                            id: call.id.clone(),
                            time: call.time?,
                            json: record.to_string(),
                        })
                    });
                    if let Err(error) = self.store.insert_context(asked, kept.collect()).await {
                        tracing::warn!(%error, "records around an alert can't be kept");
                    }
                }
                if on.send(step).await.is_err() {
                    break;
                }
            }
            drop(on);
        };
        tokio::join!(keep, self.follow(then));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::event_history;
    use crate::model::testing::alert;
    use crate::store::Retention;
    use serde_json::json;
    use wiremock::MockServer;

    /// Asks for the records around the alert "a", and returns the ids that came and what failed.
    async fn ask(store: &Store, server: &MockServer) -> (Vec<String>, Vec<String>) {
        let (answers, mut news) = mpsc::channel(64);
        let place = Place::Cloud(Box::new(Aws::plain(&server.uri())), Arc::default());
        let asking = Asking { store: store.clone(), answers, turn: 1, place, refused: Refusals::default() };
        let around = Around {
            alert: AlertId("a".to_owned()),
            incident: Vec::new(),
            keys: Vec::new(),
            first: None,
            is_incident: false,
        };
        asking.ask(around, Some(0), 1).await;
        let (mut found, mut failed) = (Vec::new(), Vec::new());
        while let Some(Msg::Context(_, news)) = news.recv().await {
            match news {
                ContextNews::Found { calls, .. } => found.extend(calls.into_iter().map(|call| call.id.0)),
                ContextNews::Failed(why) => failed.push(why),
                _ => {}
            }
        }
        found.sort();
        found.dedup();
        (found, failed)
    }

    #[tokio::test]
    async fn records_that_came_once_are_there_when_aws_is_not() {
        let (quiet, mut others) = mpsc::channel(64);
        tokio::spawn(async move { while others.recv().await.is_some() {} });
        let store = Store::open(None, Retention::new(4_000, 8_192), quiet).unwrap();
        let mut stored = alert("a", 1);
        let Content::Alert(of) = &mut stored.content else { panic!() };
        let record = Arc::make_mut(of.record.as_mut().unwrap());
        record["eventID"] = json!("a");
        record["userIdentity"]["accessKeyId"] = json!("AKIA1");
        store.insert(vec![stored]).await.unwrap();
        let record = json!({"eventID": "read", "eventName": "ListUsers", "eventSource": "iam.amazonaws.com",
            "eventTime": "2026-11-24T02:00:30Z", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "userName": "eve", "accessKeyId": "AKIA1",
                "arn": "arn:aws:iam::111122223333:user/eve"}});
        let page = event_history::stub(
            200,
            json!({"Events": [{"EventId": "read", "CloudTrailEvent": record.to_string()}]}),
        );
        let (found, failed) = ask(&store, &page.await).await;
        assert!(found.contains(&"read".to_owned()), "{found:?}, {failed:?}");
        let refusal = json!({"__type": "AccessDeniedException", "message": "no"});
        let (again, failed) = ask(&store, &event_history::stub(400, refusal).await).await;
        assert_eq!(again, found);
        assert!(failed.iter().any(|why| why.contains("us-east-1 incomplete")), "{failed:?}");
    }
}
