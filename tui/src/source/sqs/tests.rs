//! The loop against a queue that can be made to fail: what is told, what is asked, what is deleted.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use detector::AlertId;
use rusqlite::Connection;
use serde_json::{Value, json};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::model::Content;
use crate::model::testing::alert;
use crate::store::{Reader, Retention};

const A_MOMENT: Duration = Duration::from_millis(200);

/// A queue with these messages, each brought once, and a console's loop that reads it.
struct Bench {
    server: MockServer,
    messages: Arc<Mutex<VecDeque<Value>>>,
    inbox: mpsc::Receiver<Event>,
    folder: tempfile::TempDir,
}

fn message(id: &str, body: &str, kind: Option<&str>) -> Value {
    let mut message = json!({"MessageId": id, "ReceiptHandle": id, "Body": body});
    if let Some(kind) = kind {
        message["MessageAttributes"] = json!({"kind": {"DataType": "String", "StringValue": kind}});
    }
    message
}

fn of_alert(id: &str) -> Value {
    let Content::Alert(alert) = alert(id, 1).content else { panic!() };
    message(id, &alert.to_message(262_144).unwrap(), Some("alert"))
}

impl Bench {
    async fn new(deleting: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        let messages = Arc::<Mutex<VecDeque<Value>>>::default();
        let queue = Arc::clone(&messages);
        let receive = move |_: &Request| match queue.lock().unwrap().pop_front() {
            Some(message) => ResponseTemplate::new(200).set_body_json(json!({"Messages": [message]})),
            None => ResponseTemplate::new(200).set_body_json(json!({})).set_delay(A_MOMENT),
        };
        for (target, answer) in
            [("DeleteMessageBatch", deleting), ("GetQueueAttributes", ResponseTemplate::new(500))]
        {
            let target = format!("AmazonSQS.{target}");
            Mock::given(header("x-amz-target", target.as_str())).respond_with(answer).mount(&server).await;
        }
        Mock::given(header("x-amz-target", "AmazonSQS.ReceiveMessage"))
            .respond_with(receive)
            .mount(&server)
            .await;
        let folder = tempfile::tempdir().unwrap();
        let (events, inbox) = mpsc::channel(1_000);
        let store =
            Store::open(Some(folder.path().join("alerts.db")), Retention::new(400, 8_192), events.clone())
                .unwrap();
        let url = format!("{}/111122223333/iam-sentinel-console-oncall", server.uri());
        tokio::spawn(run(
            url,
            Aws::plain(&server.uri()),
            None,
            store,
            events,
            Until::TheEnd(Retry::default()),
        ));
        Self { server, messages, inbox, folder }
    }

    fn send(&self, message: Value) {
        self.messages.lock().unwrap().push_back(message);
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("alerts.db")
    }

    fn has(&self, id: &str) -> bool {
        Reader::open(&self.database()).unwrap().has(&AlertId(id.to_owned())).unwrap()
    }

    async fn told<T>(&mut self, what: &str, wanted: impl Fn(Event) -> Option<T>) -> T {
        let next = async {
            loop {
                if let Some(found) = wanted(self.inbox.recv().await.unwrap()) {
                    return found;
                }
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(60), next).await;
        found.unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    /// So many requests for this were made.
    async fn asked(&self, target: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        let target = format!("AmazonSQS.{target}");
        requests
            .iter()
            .filter(|request| {
                request.headers.get("x-amz-target").is_some_and(|asked| asked == target.as_str())
            })
            .count()
    }
}

fn deleted() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"Successful": [{"Id": "0"}], "Failed": []}))
}

fn live(msg: Event) -> Option<()> {
    matches!(msg, Event::Source(SourceStatus::Live { .. })).then_some(())
}

fn retrying(msg: Event) -> Option<String> {
    match msg {
        Event::Source(SourceStatus::Retrying { why, .. }) => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn while_nothing_can_be_stored_nothing_is_received_and_the_state_says_so() {
    let mut bench = Bench::new(deleted()).await;
    bench.told("it is live", live).await;
    let other = Connection::open(bench.database()).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON alert BEGIN SELECT RAISE(FAIL, 'disk full'); END",
        )
        .unwrap();
    bench.send(of_alert("a"));
    let why = bench.told("that it can't be stored", retrying).await;
    assert!(why.contains("disk full"), "{why}");
    let received = bench.asked("ReceiveMessage").await;
    // It goes on to say so, and never in between that all is well.
    let said = bench
        .told("the next try", |msg| match msg {
            Event::Source(health) => Some(matches!(health, SourceStatus::Retrying { .. })),
            _ => None,
        })
        .await;
    assert!(said, "not live while nothing can be stored");
    assert_eq!(bench.asked("ReceiveMessage").await, received, "what is in the queue is safe there");
    assert_eq!(bench.asked("DeleteMessageBatch").await, 0, "not stored, not deleted");
    other.execute_batch("DROP TRIGGER full").unwrap();
    bench.told("it is live again", live).await;
    assert!(bench.has("a"), "what was held is stored");
}

#[tokio::test]
async fn a_delete_that_hangs_holds_up_no_alert() {
    let mut bench = Bench::new(deleted().set_delay(Duration::from_secs(600))).await;
    bench.send(of_alert("first"));
    let stored = |id: &'static str| {
        move |msg| matches!(&msg, Event::Stored(rows) if rows.iter().any(|row| row.id.0 == id)).then_some(())
    };
    bench.told("the first", stored("first")).await;
    bench.send(of_alert("second"));
    bench.told("the second, while the first is still being deleted", stored("second")).await;
    assert_eq!(bench.asked("DeleteMessageBatch").await, 1);
}

#[tokio::test]
async fn forged_messages_are_refused_and_unknown_kinds_make_no_row() {
    let mut bench = Bench::new(deleted()).await;
    let ok =
        json!({"AlarmName": "iam-sentinel-canary-missing", "NewStateValue": "OK", "OldStateValue": "ALARM"});
    bench.send(message("forged", &ok.to_string(), Some("alert")));
    bench.send(message("later", &json!({"version": 1, "from": "a"}).to_string(), Some("later")));
    let kind = bench.told("the kind", |msg| match msg {
        Event::UnknownKind(kind) => Some(kind.to_string()),
        _ => None,
    });
    assert_eq!(kind.await, "later");
    assert!(bench.has("unreadable-forged"), "kept and shown as what it is");
    assert!(!bench.has("unreadable-later"));
    let reader = Reader::open(&bench.database()).unwrap();
    assert!(reader.alarms().unwrap().is_empty(), "no alarm, and no end of one");
    let probe = json!({"version": 1, "pipeline": "iam-sentinel", "every": 300, "at": "2026-11-24T02:00:00Z"});
    bench.send(message("probe", &probe.to_string(), Some("probe")));
    let every = bench.told("the function's probe", |msg| match msg {
        Event::PipelineProbe(probe) => Some(probe.every),
        _ => None,
    });
    assert_eq!(every.await, 300);
}

#[test]
fn waits_grow_to_a_minute_and_never_beyond() {
    let waits: Vec<_> =
        [0, 1, 5, 6, 40].into_iter().map(|failures| back_off(failures, LONGEST_WAIT)).collect();
    assert!(waits[0] <= FIRST_WAIT && waits[0] >= FIRST_WAIT.mul_f64(0.75));
    assert!(waits[1] > FIRST_WAIT && waits[3] > LONGEST_WAIT.mul_f64(0.7) && waits[4] <= LONGEST_WAIT);
    assert!(back_off(40, LONGEST_STORE_WAIT) <= LONGEST_STORE_WAIT);
}
