//! Triage on this console, told to the consoles that have databases of their own. It is kept until the topic
//! has taken it, so quitting at once loses nothing; nothing wakes the task but something to tell.

use tokio::sync::mpsc;

use crate::model::Event;
use crate::source::sqs::{LONGEST_WAIT, back_off};
use crate::source::topic::Topic;
use crate::store::{Store, StoreError};

/// Goes on until the console ends.
pub(crate) async fn run(topic: Topic, store: Store, events: mpsc::Sender<Event>) {
    let mut publisher = TriagePublisher { topic, store, events, why: None };
    if let Err(error) = publisher.run().await {
        tracing::error!(%error, "can't publish triage to other consoles");
    }
}

struct TriagePublisher {
    topic: Topic,
    store: Store,
    events: mpsc::Sender<Event>,
    /// Reason why the last message was refused, kept so that it is told once; `None` after one that was
    /// taken.
    why: Option<String>,
}

impl TriagePublisher {
    async fn run(&mut self) -> Result<(), StoreError> {
        let wake = self.store.open_outbox().await?;
        loop {
            wake.notified().await;
            self.publish_all().await?;
        }
    }

    /// Tells all that there is to tell. Where the topic refuses it for good, the rest waits until there is
    /// more to tell.
    async fn publish_all(&mut self) -> Result<(), StoreError> {
        let mut failures = 0;
        while let Some((last, events)) = self.store.next_batch().await? {
            match self.topic.publish_triage(&events).await {
                Ok(()) => {
                    (failures, self.why) = (0, None);
                    self.store.delivered(last).await?;
                }
                Err(refused) => {
                    let words = format!(
                        "{}: can't publish triage to other consoles, {}",
                        refused.remedy, refused.why
                    );
                    tracing::warn!("{words}");
                    if self.why.replace(refused.why.clone()) != Some(refused.why) {
                        // The console may have ended.
                        let _ = self.events.send(Event::Notice(words)).await;
                    }
                    if !refused.may_pass {
                        return Ok(());
                    }
                    tokio::time::sleep(back_off(failures, LONGEST_WAIT)).await;
                    failures = failures.saturating_add(1);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::model::testing::alert;
    use crate::model::{TriageAction, TriageCommand};
    use crate::source::message::{self, Attributes, Read};
    use crate::source::sqs::triage_publisher::*;
    use crate::source::topic::TopicArn;
    use crate::store::Retention;
    use detector::AlertId;
    use jiff::Timestamp;
    use std::time::Duration;
    use wiremock::matchers::body_string_contains;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    const TAKEN: &str = "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
        <Successful/><Failed/></PublishBatchResult></PublishBatchResponse>";
    const PARTLY: &str = "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
        <Failed><member><Id>0</Id><Code>InternalFailure</Code><SenderFault>false</SenderFault></member></Failed>\
        </PublishBatchResult></PublishBatchResponse>";
    const NEVER: &str = "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishBatchResult>\
        <Failed><member><Id>0</Id><Code>InvalidParameter</Code><SenderFault>true</SenderFault></member></Failed>\
        </PublishBatchResult></PublishBatchResponse>";
    const DENIED: &str = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
        <Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>";

    fn topic(server: &MockServer) -> Topic {
        let arn = TopicArn::read("arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts").unwrap();
        Topic::new(&crate::aws::plain(&server.uri()), arn)
    }

    async fn answer(server: &MockServer, status: u16, body: &str, times: u64) {
        Mock::given(body_string_contains("Action=PublishBatch"))
            .respond_with(ResponseTemplate::new(status).set_body_raw(body, "text/xml"))
            .up_to_n_times(times)
            .mount(server)
            .await;
    }

    fn store(path: Option<std::path::PathBuf>) -> Store {
        let (events, mut inbox) = mpsc::channel(16);
        tokio::spawn(async move { while inbox.recv().await.is_some() {} });
        Store::open(path, Retention::new(400, 8_192), events).unwrap()
    }

    fn acknowledge(ids: impl IntoIterator<Item = u8>) -> Vec<TriageCommand> {
        let alerts = ids.into_iter().map(|id| AlertId(format!("a{id}"))).collect();
        vec![TriageCommand { alerts, action: TriageAction::Acknowledge }]
    }

    async fn until_all_is_published(store: &Store) {
        let told = async {
            while store.next_batch().await.unwrap().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), told).await.unwrap();
    }

    /// Returns the triage that other consoles read in a request, in its order.
    fn read(body: &[u8]) -> Vec<(String, TriageAction)> {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let of = |pair: &str| {
            let (key, value) = pair.split_once('=')?;
            let value = percent_encoding::percent_decode_str(value).decode_utf8().ok()?.into_owned();
            key.ends_with(".Message").then(|| {
                let Read::Triage(Some(event)) = message::read(
                    "m",
                    Attributes { kind: Some("triage"), sender: Some("console") },
                    &value,
                    Timestamp::now(),
                ) else {
                    panic!("{value}")
                };
                (event.alert.0, event.action)
            })
        };
        body.split('&').filter_map(of).collect()
    }

    #[tokio::test]
    async fn what_is_said_is_told_ten_at_a_time_and_again_where_it_was_not_taken() {
        let server = MockServer::start().await;
        answer(&server, 200, PARTLY, 1).await;
        answer(&server, 200, TAKEN, 99).await;
        let store = store(None);
        store.insert((0..12).map(|id| alert(&format!("a{id}"), 1)).collect()).await.unwrap();
        let (events, mut inbox) = mpsc::channel(16);
        let running = tokio::spawn(run(topic(&server), store.clone(), events));
        store.open_outbox().await.unwrap();
        store.triage(acknowledge(0..12)).await.unwrap();
        until_all_is_published(&store).await;
        let requests = server.received_requests().await.unwrap();
        let told: Vec<_> = requests.iter().map(|request| read(&request.body)).collect();
        assert_eq!(told.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 2]);
        assert_eq!(told[0], told[1], "all ten again: who hears twice changes nothing");
        assert_eq!(
            told[2],
            [("a10".to_owned(), TriageAction::Acknowledge), ("a11".to_owned(), TriageAction::Acknowledge)]
        );
        let body = String::from_utf8(requests[0].body.clone()).unwrap();
        for part in
            ["Name=kind", "StringValue=triage", "Name=sender", "StringValue=console", "iam-sentinel-consoles"]
        {
            assert!(body.contains(part), "{part}: {body}");
        }
        let Some(Event::Notice(words)) = inbox.recv().await else { panic!("it is told") };
        assert!(words.contains("InternalFailure") && words.contains("retrying"), "{words}");
        running.abort();
    }

    #[tokio::test]
    async fn what_is_refused_is_explained_once_and_told_with_the_next_start() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let server = MockServer::start().await;
        answer(&server, 403, DENIED, 99).await;
        {
            let store = store(Some(path.clone()));
            store.insert(vec![alert("a1", 1), alert("a2", 2)]).await.unwrap();
            let (events, mut inbox) = mpsc::channel(16);
            let mut publisher =
                TriagePublisher { topic: topic(&server), store: store.clone(), events, why: None };
            store.open_outbox().await.unwrap();
            for id in [1, 2] {
                store.triage(acknowledge([id])).await.unwrap();
                publisher.publish_all().await.unwrap();
            }
            let Ok(Event::Notice(words)) = inbox.try_recv() else { panic!("it is told") };
            assert!(words.contains("AuthorizationError") && words.contains("sns:Publish"), "{words}");
            assert!(inbox.try_recv().is_err(), "once");
        }
        server.reset().await;
        answer(&server, 200, NEVER, 99).await;
        let store = store(Some(path));
        let running = tokio::spawn(run(topic(&server), store.clone(), mpsc::channel(16).0));
        until_all_is_published(&store).await;
        let told = read(&server.received_requests().await.unwrap()[0].body);
        assert_eq!(told.len(), 2, "{told:?}");
        running.abort();
    }
}
