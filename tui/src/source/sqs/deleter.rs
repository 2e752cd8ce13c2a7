//! Deletes what is stored, beside the loop that receives: a delete that hangs or is refused holds up no
//! alert. What is not deleted comes again, and the store knows it; but it must be reported, since
//! after 20 receives (`maxReceiveCount`) SQS moves the message to the dead-letter queue.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message};
use tokio::sync::{mpsc, watch};

use crate::aws::{Call, Refusal};
use crate::model::Event;

/// Batches that may wait to be deleted. Beyond it they are left to come again.
const QUEUE: usize = 1_000;
/// A delete takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest wait for all deletes that are under way.
const UNTIL_DONE: Duration = Duration::from_secs(3);
/// Beginning of SQS's error codes for a receipt handle that has expired: the message comes again.
const STALE: &str = "ReceiptHandle";

/// The way to the task that deletes.
pub(super) struct Deleter {
    batches: mpsc::Sender<Vec<String>>,
    /// Batches that are handed over, and that are dealt with.
    handed: watch::Sender<u64>,
    dealt: watch::Receiver<u64>,
}

impl Deleter {
    /// Starts the task, which ends with the console.
    pub(super) fn start(client: Client, url: String, events: mpsc::Sender<Event>) -> Self {
        let (batches, work) = mpsc::channel(QUEUE);
        let (done, dealt) = watch::channel(0);
        tokio::spawn(Task { client, url, events, trouble: None, done }.run(work));
        Self { batches, handed: watch::Sender::new(0), dealt }
    }

    /// Has these deleted, at most ten.
    pub(super) fn delete(&self, messages: &[Message]) {
        let handles = messages.iter().filter_map(|message| message.receipt_handle().map(str::to_owned));
        if self.batches.try_send(handles.collect()).is_ok() {
            self.handed.send_modify(|handed| *handed += 1);
        } else {
            tracing::warn!("too many pending deletes: these messages will be received again");
        }
    }

    /// Waits until all is deleted that was handed over, or for three seconds.
    pub(super) async fn done(&self) {
        let (mut dealt, handed) = (self.dealt.clone(), *self.handed.borrow());
        let _ = tokio::time::timeout(UNTIL_DONE, dealt.wait_for(|dealt| *dealt >= handed)).await;
    }
}

struct Task {
    client: Client,
    url: String,
    events: mpsc::Sender<Event>,
    /// Trouble that the app was told of last.
    trouble: Option<String>,
    done: watch::Sender<u64>,
}

impl Task {
    async fn run(mut self, mut work: mpsc::Receiver<Vec<String>>) {
        while let Some(handles) = work.recv().await {
            let trouble = self.delete(handles).await;
            if trouble != self.trouble {
                if let Some(words) = &trouble {
                    tracing::warn!("{}", detector::SafeText::new(words));
                }
                self.trouble.clone_from(&trouble);
                if self.events.send(Event::DeleteBlocked(trouble)).await.is_err() {
                    return;
                }
            }
            self.done.send_modify(|done| *done += 1);
        }
    }

    /// Deletes, and returns why some could not be. Answers about expired handles alone leave the trouble as
    /// it was.
    async fn delete(&self, handles: Vec<String>) -> Option<String> {
        let entries = handles.into_iter().enumerate().filter_map(|(n, handle)| {
            DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(handle).build().ok()
        });
        let request = self.client.delete_message_batch().queue_url(&self.url);
        let sent = request.set_entries(Some(entries.collect())).send();
        let why = match tokio::time::timeout(PATIENCE, sent).await {
            Ok(Ok(answer)) => {
                let stale = |code: &str| code.contains(STALE);
                let Some(failed) = answer.failed().iter().find(|failed| !stale(failed.code())) else {
                    let none_went = answer.successful().is_empty() && !answer.failed().is_empty();
                    return self.trouble.clone().filter(|_| none_went);
                };
                Refusal::of_answer(Some(failed.code()), failed.message())
            }
            Ok(Err(error)) => Refusal::of(&error),
            Err(_) => Refusal::silent(PATIENCE.as_secs()),
        };
        let call = Call { service: "SQS", action: "sqs:DeleteMessage", on: &self.url };
        Some(format!("{}; until then each alert is received repeatedly", why.explain(call)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Aws;
    use serde_json::json;
    use wiremock::matchers::header;
    use wiremock::{Mock, MockServer, ResponseTemplate};

    fn message(handle: &str) -> Message {
        Message::builder().receipt_handle(handle).build()
    }

    async fn answers(server: &MockServer, answer: ResponseTemplate, times: u64) {
        Mock::given(header("x-amz-target", "AmazonSQS.DeleteMessageBatch"))
            .respond_with(answer)
            .up_to_n_times(times)
            .mount(server)
            .await;
    }

    #[tokio::test]
    async fn a_refused_delete_is_trouble_with_its_remedy_until_one_works() {
        let server = MockServer::start().await;
        let denied = json!({"__type": "com.amazonaws.sqs#AccessDeniedException",
            "message": "User: x is not authorized to perform: sqs:DeleteMessage because no identity-based policy allows it"});
        answers(&server, ResponseTemplate::new(403).set_body_json(denied), 2).await;
        let done = json!({"Successful": [], "Failed": []});
        answers(&server, ResponseTemplate::new(200).set_body_json(done), 9).await;
        let (events, mut inbox) = mpsc::channel(8);
        let deleter =
            Deleter::start(Aws::plain(&server.uri()).sqs(), format!("{}/1/q", server.uri()), events);
        for handle in ["a", "b", "c"] {
            deleter.delete(&[message(handle)]);
        }
        let Some(Event::DeleteBlocked(Some(words))) = inbox.recv().await else { panic!("it is told") };
        assert!(words.starts_with("attach a policy that allows sqs:DeleteMessage"), "{words}");
        assert!(
            matches!(inbox.recv().await, Some(Event::DeleteBlocked(None))),
            "told once, and that it is over"
        );
        deleter.done().await;
        assert_eq!(server.received_requests().await.unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_message_that_somebody_else_has_by_now_is_no_trouble() {
        let server = MockServer::start().await;
        let stale = json!({"Successful": [], "Failed": [{"Id": "0", "Code": "ReceiptHandleIsInvalid", "SenderFault": true}]});
        answers(&server, ResponseTemplate::new(200).set_body_json(stale), 9).await;
        let (events, mut inbox) = mpsc::channel(8);
        let deleter =
            Deleter::start(Aws::plain(&server.uri()).sqs(), format!("{}/1/q", server.uri()), events);
        deleter.delete(&[message("a")]);
        deleter.done().await;
        assert!(inbox.try_recv().is_err());
    }
}
