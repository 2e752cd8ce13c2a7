//! Dead letters that are sent on to the queues they were meant for.

use super::*;

fn dead_letter(id: &str) -> Value {
    let event = json!({"detail": {"eventName": "CreateUser", "userIdentity": {"userName": id}}});
    json!({"MessageId": id, "ReceiptHandle": id, "Body": event.to_string(), "Attributes": {"SentTimestamp": "1795000000000"},
        "MessageAttributes": {"ERROR_CODE": {"DataType": "String", "StringValue": "NO_PERMISSIONS"}}})
}

/// A dead-letter queue: what is in it, and what somebody has in hand.
#[derive(Clone, Default)]
struct DeadLetters {
    inside: Arc<Mutex<Vec<String>>>,
    hidden: Arc<Mutex<Vec<String>>>,
}

impl DeadLetters {
    /// Gives no more than so many at once. What can't be deleted is asked for each time.
    async fn on(
        aws: &Aws,
        ids: &[&str],
        at_once: usize,
        undeletable: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Self {
        let letters = Self::default();
        letters.inside.lock().unwrap().extend(ids.iter().map(|&id| id.to_owned()));
        let of = letters.clone();
        aws.on("AmazonSQS.GetQueueAttributes", move |_| holds(of.inside().len() as u64)).await;
        let of = letters.clone();
        aws.on("AmazonSQS.ReceiveMessage", move |_| {
            let mut hidden = of.hidden.lock().unwrap();
            let new = of.inside().into_iter().filter(|id| !hidden.contains(id)).take(at_once);
            let new: Vec<String> = new.collect();
            hidden.extend_from_slice(&new);
            if new.is_empty() {
                return nothing();
            }
            answer(200, &json!({"Messages": new.iter().map(|id| dead_letter(id)).collect::<Vec<_>>()}))
        })
        .await;
        let id = |entry: &Value| entry["ReceiptHandle"].as_str().unwrap().to_owned();
        let of = letters.clone();
        aws.on("AmazonSQS.ChangeMessageVisibilityBatch", move |body| {
            let back: Vec<String> = body["Entries"].as_array().unwrap().iter().map(id).collect();
            of.hidden.lock().unwrap().retain(|id| !back.contains(id));
            answer(200, &json!({"Successful": [], "Failed": []}))
        })
        .await;
        let of = letters.clone();
        aws.on("AmazonSQS.DeleteMessageBatch", move |body| {
            let entries = body["Entries"].as_array().unwrap();
            let fails = |entry: &&Value| undeletable(&id(entry));
            let gone: Vec<String> = entries.iter().filter(|entry| !fails(entry)).map(id).collect();
            of.inside.lock().unwrap().retain(|id| !gone.contains(id));
            of.hidden.lock().unwrap().retain(|id| !gone.contains(id));
            let failed: Vec<Value> = entries
                .iter()
                .filter(fails)
                .map(|entry| json!({"Id": entry["Id"], "Code": "InternalError", "Message": "no", "SenderFault": false}))
                .collect();
            answer(200, &json!({"Successful": [], "Failed": failed}))
        })
        .await;
        letters
    }

    fn inside(&self) -> Vec<String> {
        self.inside.lock().unwrap().clone()
    }

    fn hidden(&self) -> usize {
        self.hidden.lock().unwrap().len()
    }
}

fn denied() -> ResponseTemplate {
    answer(400, &json!({"__type": "AccessDeniedException", "message": "no"}))
}

/// The names of the queues that something was sent to, in order.
async fn sent_to(aws: &Aws) -> Vec<String> {
    let name = |body: &Value| body["QueueUrl"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    aws.calls("AmazonSQS.SendMessage").await.iter().map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_sent_on_once_and_deleted_only_then() {
    let (aws, home) = (Aws::start().await, home("redrive"));
    let mends = Arc::new(Mutex::new(false));
    // At first b can't be deleted.
    let mended = Arc::clone(&mends);
    let letters =
        DeadLetters::on(&aws, &["a", "b", "refused"], 10, move |id| id == "b" && !*mended.lock().unwrap())
            .await;
    let mended = Arc::clone(&mends);
    aws.on("AmazonSQS.SendMessage", move |body| {
        assert!(body["QueueUrl"].as_str().unwrap().ends_with("/111122223333/prod-slack"), "{body}");
        assert_eq!(body["MessageAttributes"]["ERROR_CODE"]["StringValue"], "NO_PERMISSIONS");
        if body["MessageBody"].as_str().unwrap().contains("refused") && !*mended.lock().unwrap() {
            return answer(400, &json!({"__type": "AccessDeniedException", "message": "no"}));
        }
        answer(200, &json!({"MessageId": "new"}))
    })
    .await;
    let sent = || async { aws.calls("AmazonSQS.SendMessage").await.len() };

    // It detects nothing, so a folder of rules that is not there is no reason to fail.
    let (code, out, words) = aws.run(&home, &["redrive", "rule", "--dry-run", "--rules", "no-such-folder"]);
    assert_eq!((code, sent().await), (Some(0), 0), "{out}{words}");
    assert!(out.contains("3 x NO_PERMISSIONS\n3 messages: all returned, nothing sent"), "{out}");
    assert_eq!(letters.hidden(), 0, "given back");

    let (code, out, words) = aws.run(&home, &["redrive", "rule"]);
    assert_eq!((code, sent().await), (Some(1), 3), "{out}{words}");
    assert!(
        out.contains("1 sent, not deleted (the next run deletes")
            && out.contains("1 not sent, still in the queue"),
        "{out}"
    );
    assert!(words.contains("no permission for sqs:SendMessage on prod-slack"), "{words}");
    assert_eq!(letters.inside(), ["b", "refused"], "only what was sent is deleted");
    assert_eq!(letters.hidden(), 0, "what stays is given back");

    *mends.lock().unwrap() = true;
    let (code, out, words) = aws.run(&home, &["redrive", "rule", "--json"]);
    assert_eq!((code, sent().await), (Some(0), 4), "b is not sent a second time: {out}{words}");
    let last: Value = serde_json::from_str(out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["summary"]["sent"], &last["summary"]["sent_before"]), (&json!(1), &json!(1)));
    assert!(letters.inside().is_empty());
    assert!(!home.join(".local/state/sentinel-tui/redriven.json").exists(), "nothing to remember");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_that_may_not_says_so() {
    let (aws, home) = (Aws::start().await, home("redrive-refused"));
    aws.on("AmazonSQS.GetQueueAttributes", |_| {
        answer(400, &json!({"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no"}))
    })
    .await;
    let (code, _, words) = aws.run(&home, &["redrive", "consoles"]);
    assert!(code == Some(1) && words.contains("prod-consoles-dlq does not exist"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_of_consoles_goes_to_this_one_where_no_other_is_known() {
    let (aws, home) = (Aws::start().await, home("redrive-consoles"));
    let letters = DeadLetters::on(&aws, &["a"], 10, |_| false).await;
    // Another account's credentials see no queue of this one.
    aws.on("AmazonSQS.ListQueues", |_| answer(200, &json!({}))).await;
    aws.on("AmazonSQS.SendMessage", |_| answer(200, &json!({"MessageId": "new"}))).await;
    let (code, out, words) = aws.run(&home, &["redrive", "consoles"]);
    assert_eq!(code, Some(0), "{out}{words}");
    assert!(out.contains("1 sent and deleted") && !out.contains("sent before"), "{out}");
    assert!(words.contains("only this console queue is known"), "{words}");
    assert_eq!(sent_to(&aws).await, ["prod-console-oncall"]);
    assert!(letters.inside().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_of_subscriptions_stay_where_the_other_consoles_are_not_known() {
    for (test, list) in [("denied", denied()), ("elsewhere", answer(200, &json!({})))] {
        let (aws, home) = (Aws::start().await, home(&format!("redrive-unknown-{test}")));
        let letters = DeadLetters::on(&aws, &["a"], 10, |_| false).await;
        aws.on("AmazonSQS.ListQueues", move |_| list.clone()).await;
        aws.on("AmazonSQS.SendMessage", |_| answer(200, &json!({"MessageId": "new"}))).await;
        let (code, out, words) = aws.run(&home, &["redrive", "subscriptions"]);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{words}");
        assert!(words.contains("--to prod-console-oncall"), "{words}");
        assert_eq!(words.contains("no permission for sqs:ListQueues on *"), test == "denied", "{words}");
        assert_eq!((sent_to(&aws).await.len(), letters.inside().len()), (0, 1));

        let (code, out, words) = aws.run(&home, &["redrive", "subscriptions", "--dry-run"]);
        assert!(code == Some(0) && words.contains("only"), "{words}");
        assert!(out.contains("1 message: all returned"), "{out}");
        let to = ["redrive", "subscriptions", "--to", "prod-console-b"];
        let (code, out, words) = aws.run(&home, &to);
        assert_eq!((code, sent_to(&aws).await), (Some(0), vec!["prod-console-b".to_owned()]), "{out}{words}");
        assert!(letters.inside().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_of_several_queues_did_not_take_is_sent_to_that_one_alone_the_next_time() {
    let (aws, home) = (Aws::start().await, home("redrive-partial"));
    let letters = DeadLetters::on(&aws, &["a"], 10, |_| false).await;
    aws.on("AmazonSQS.ListQueues", |body| {
        assert_eq!(body["QueueNamePrefix"], "prod-console-");
        answer(
            200,
            &json!({"QueueUrls": ["https://sqs.us-east-1.amazonaws.com/111122223333/prod-console-oncall"]}),
        )
    })
    .await;
    let mends = Arc::new(Mutex::new(false));
    let mended = Arc::clone(&mends);
    aws.on("AmazonSQS.SendMessage", move |body| {
        let is_slack = body["QueueUrl"].as_str().unwrap().ends_with("/prod-slack");
        if is_slack && !*mended.lock().unwrap() {
            return denied();
        }
        answer(200, &json!({"MessageId": "new"}))
    })
    .await;
    let (code, out, words) = aws.run(&home, &["redrive", "subscriptions"]);
    assert_eq!(code, Some(1), "{out}{words}");
    assert_eq!(sent_to(&aws).await, ["prod-slack", "prod-console-oncall"]);
    assert_eq!((letters.inside().len(), letters.hidden()), (1, 0), "kept, and given back");

    *mends.lock().unwrap() = true;
    let (code, out, words) = aws.run(&home, &["redrive", "subscriptions"]);
    assert_eq!(code, Some(0), "{out}{words}");
    assert_eq!(sent_to(&aws).await, ["prod-slack", "prod-console-oncall", "prod-slack"]);
    assert!(letters.inside().is_empty() && out.contains("1 sent and deleted"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_can_t_be_sent_does_not_hold_up_the_others_but_a_reason_for_all_does() {
    let (aws, home) = (Aws::start().await, home("redrive-poison"));
    let letters = DeadLetters::on(&aws, &["poison", "a", "b"], 1, |_| false).await;
    let forbids = Arc::new(Mutex::new(false));
    let forbidden = Arc::clone(&forbids);
    aws.on("AmazonSQS.SendMessage", move |body| match body["MessageBody"].as_str().unwrap() {
        _ if *forbidden.lock().unwrap() => denied(),
        body if body.contains("poison") => {
            answer(400, &json!({"__type": "InvalidMessageContents", "message": "no"}))
        }
        _ => answer(200, &json!({"MessageId": "new"})),
    })
    .await;
    let (code, out, words) = aws.run(&home, &["redrive", "rule"]);
    assert_eq!((code, sent_to(&aws).await.len()), (Some(1), 3), "{out}{words}");
    assert_eq!(letters.inside(), ["poison"]);

    letters.inside.lock().unwrap().extend(["c".to_owned(), "d".to_owned()]);
    *forbids.lock().unwrap() = true;
    let (code, out, words) = aws.run(&home, &["redrive", "rule"]);
    assert_eq!((code, sent_to(&aws).await.len()), (Some(1), 4), "one try: {out}{words}");
    assert!(words.contains("the next ones would fail too"), "{words}");
    assert_eq!((letters.inside().len(), letters.hidden()), (3, 0));
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_that_is_ended_early_is_no_success() {
    use std::io::{BufRead as _, BufReader, Read as _};
    use std::process::Stdio;

    let (aws, home) = (Aws::start().await, home("redrive-ended"));
    let ids: Vec<String> = (0..10_000).map(|number| format!("m{number}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let letters = DeadLetters::on(&aws, &ids, 1, |_| false).await;
    let hangs = Arc::new(Mutex::new(false));
    let hanging = Arc::clone(&hangs);
    aws.on("AmazonSQS.SendMessage", move |_| {
        let delay = Duration::from_secs(if *hanging.lock().unwrap() { 3_600 } else { 0 });
        answer(200, &json!({"MessageId": "new"})).set_delay(delay)
    })
    .await;
    let start = || {
        let mut command = aws.command(&home, &["redrive", "rule"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };

    let mut child = start();
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(out.next().unwrap().unwrap().contains("sent: event CreateUser by m0"));
    interrupt(&child);
    let rest: Vec<String> = out.map(Result::unwrap).collect();
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{words}");
    assert!(words.contains("interrupted: messages not listed above"), "{words}");
    assert!(rest.last().unwrap().contains("sent and deleted"), "{rest:?}");
    assert_eq!(letters.hidden(), 0);

    let mut child = start();
    drop(child.stdout.take());
    words.clear();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{words}");
    assert!(words.contains("the rest is still in the queue"), "{words}");
    assert!(!letters.inside().is_empty());

    *hangs.lock().unwrap() = true;
    let before = sent_to(&aws).await.len();
    let mut child = start();
    while sent_to(&aws).await.len() == before {
        tokio::task::yield_now().await;
    }
    interrupt(&child);
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("press Ctrl-C again to stop at once")));
    interrupt(&child);
    assert!(said.any(|line| line.contains("hidden for up to 5 minutes")));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
