//! Looks in CloudTrail's event history for the calls that started sessions of an incident, where no link of them came.
//! A call that is found is stored as a link, and the incident grows.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use detector::Detector;
use tokio::sync::mpsc;

use crate::app::msg::Msg;
use crate::aws::Aws;
use crate::source::context;
use crate::store::Store;

/// Time for which nothing is asked after a refusal, and in which look-ups are counted.
const HOUR: Duration = Duration::from_hours(1);
/// Most look-ups in an hour.
const MOST: usize = 50;

/// The last refusal of the event history of each region, and when it was.
#[derive(Debug, Clone, Default)]
pub(super) struct Refusals(Arc<Mutex<HashMap<String, (String, Instant)>>>);

impl Refusals {
    /// Returns a region's refusal of the last hour.
    pub(super) fn of(&self, region: &str) -> Option<String> {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (why, _) = refused.get(region).filter(|(_, at)| at.elapsed() < HOUR)?;
        Some(format!("not asked again for an hour: {why}"))
    }

    /// True where some region has refused in the last hour.
    fn is_any(&self) -> bool {
        let refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.values().any(|(_, at)| at.elapsed() < HOUR)
    }

    pub(super) fn add(&self, region: String, why: &str) {
        let refusal = (why.to_owned(), Instant::now());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(region, refusal);
    }
}

/// Look-ups of the last hour.
#[derive(Debug, Clone)]
pub(super) struct Starts {
    refused: Refusals,
    asked: Arc<Mutex<VecDeque<Instant>>>,
}

impl Starts {
    pub(super) fn new(refused: Refusals) -> Self {
        Self { refused, asked: Arc::default() }
    }

    /// True where one more look-up keeps within the limit.
    fn may_ask(&self) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        while asked.front().is_some_and(|first| first.elapsed() >= HOUR) {
            asked.pop_front();
        }
        let may = asked.len() < MOST && !self.refused.is_any();
        if may {
            asked.push_back(Instant::now());
        }
        may
    }

    /// Looks for the starts of the sessions with these access keys, beside the loop.
    pub(super) fn look_for(
        &self,
        keys: Vec<String>,
        aws: Box<Aws>,
        detector: Arc<Detector>,
        store: &Store,
        answers: &mpsc::Sender<Msg>,
    ) {
        let (this, store, answers) = (self.clone(), store.clone(), answers.clone());
        tokio::spawn(async move {
            if let Some(words) = this.find(keys, &aws, &detector, &store).await {
                // The console may have ended meanwhile.
                drop(answers.send(Msg::Passing(words)).await);
            }
        });
    }

    /// Stores the links that are found, and says how many; `None` where there is none.
    async fn find(&self, keys: Vec<String>, aws: &Aws, detector: &Detector, store: &Store) -> Option<String> {
        let mut links = Vec::new();
        for key in keys {
            if !self.may_ask() {
                break;
            }
            match context::start_of(&key, aws, detector).await {
                Ok(found) => links.extend(found),
                Err((why, denied)) => {
                    if let Some(region) = denied {
                        self.refused.add(region, &why);
                    }
                    tracing::warn!(why, "the start of a session can't be looked for");
                    break;
                }
            }
        }
        let count = links.len();
        if count == 0 {
            return None;
        }
        let calls = if count == 1 { "call that started a session" } else { "calls that started sessions" };
        Some(match store.insert_links(links).await {
            Ok(()) => format!("found in CloudTrail: {count} {calls}; the incident has grown"),
            Err(error) => error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::event_history;
    use crate::store::Retention;
    use serde_json::json;

    fn store() -> Store {
        let (quiet, mut others) = mpsc::channel(64);
        tokio::spawn(async move { while others.recv().await.is_some() {} });
        Store::open(None, Retention::new(400, 8_192), quiet).unwrap()
    }

    #[tokio::test]
    async fn the_call_that_issued_a_key_is_stored_as_a_link() {
        let record = json!({"eventID": "start", "eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
            "eventTime": "2026-11-24T01:00:00Z", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "userName": "eve", "arn": "arn:aws:iam::111122223333:user/eve"},
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/ops", "roleSessionName": "s"},
            "responseElements": {"credentials": {"accessKeyId": "ASIA1"}}});
        let server = event_history::stub(
            200,
            json!({"Events": [{"EventId": "start", "CloudTrailEvent": record.to_string()}]}),
        )
        .await;
        let (aws, store) = (Aws::plain(&server.uri()), store());
        let starts = Starts::new(Refusals::default());
        let find =
            async |key: &str| starts.find(vec![key.to_owned()], &aws, &Detector::default(), &store).await;
        let words = find("ASIA1").await.unwrap();
        assert_eq!(words, "found in CloudTrail: 1 call that started a session; the incident has grown");
        assert_eq!(find("ASIA2").await, None, "that call issued another key");
    }

    #[tokio::test]
    async fn after_a_refusal_nothing_is_asked_for_an_hour_nor_more_than_fifty_times() {
        let server =
            event_history::stub(400, json!({"__type": "AccessDeniedException", "message": "no"})).await;
        let (aws, store) = (Aws::plain(&server.uri()), store());
        let starts = Starts::new(Refusals::default());
        for _ in 0..3 {
            let found = starts.find(vec!["ASIA1".to_owned()], &aws, &Detector::default(), &store).await;
            assert_eq!(found, None);
        }
        assert_eq!(server.received_requests().await.unwrap().len(), 1);
        let starts = Starts::new(Refusals::default());
        assert_eq!((0..60).filter(|_| starts.may_ask()).count(), MOST);
    }
}
