//! An operator's work on the running pipeline, against AWS's protocols over HTTP: a test alert that comes
//! back or does not, calls that CloudTrail knows and that never arrived, and dead letters sent on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

const LOOK_UP: &str = "CloudTrail_20131101.LookupEvents";

fn answer(status: u16, body: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/x-amz-json-1.1")
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// AWS, as one server; each call is answered by a function of its body.
struct Aws(MockServer);

struct By<F>(F);

impl<F: Fn(&Value) -> ResponseTemplate + Send + Sync> Respond for By<F> {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.0(&body(request))
    }
}

impl Aws {
    async fn start() -> Self {
        Self(MockServer::start().await)
    }

    async fn on(&self, call: &str, by: impl Fn(&Value) -> ResponseTemplate + Send + Sync + 'static) {
        Mock::given(header("x-amz-target", call)).respond_with(By(by)).mount(&self.0).await;
    }

    /// The bodies of all calls of this name.
    async fn calls(&self, call: &str) -> Vec<Value> {
        let all = self.0.received_requests().await.unwrap();
        let named = |request: &&Request| request.headers.get("x-amz-target").is_some_and(|name| name == call);
        all.iter().filter(named).map(body).collect()
    }

    /// The program, for this server.
    fn command(&self, home: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
        command.args(arguments).env_clear().env("HOME", home).env("AWS_EC2_METADATA_DISABLED", "true");
        command.env("AWS_ENDPOINT_URL", self.0.uri()).env("AWS_ACCESS_KEY_ID", "test");
        command.env("AWS_SECRET_ACCESS_KEY", "test").env("SENTINEL_REGION", "us-east-1");
        command.env("SENTINEL_QUEUE_URL", format!("{}/111122223333/prod-console-oncall", self.0.uri()));
        command
    }

    /// Runs the program: its exit code, what it wrote, what it said.
    fn run(&self, home: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
        let output = self.command(home, arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    }
}

fn home(test: &str) -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("operate").join(test);
    drop(std::fs::remove_dir_all(&home));
    std::fs::create_dir_all(&home).unwrap();
    home
}

/// A queue that stays empty, and answers as slowly as one may.
fn nothing() -> ResponseTemplate {
    answer(200, &json!({})).set_delay(Duration::from_millis(50))
}

fn holds(messages: u64) -> ResponseTemplate {
    answer(200, &json!({"Attributes": {"ApproximateNumberOfMessages": messages.to_string()}}))
}

fn alert(record: &Value) -> Value {
    json!({
        "version": 1, "id": format!("test-{}", record["eventID"].as_str().unwrap()), "severity": "CRITICAL",
        "event": record["eventName"], "user": null, "source_ip": null, "parameters": record["requestParameters"],
        "title": "TEST: Administrator rights", "summary": "TEST: somebody got them", "time": record["eventTime"],
        "detected_at": "2020-01-01T00:00:00Z", "account": "111122223333", "region": "us-east-1",
        "event_source": record["eventSource"], "user_agent": null, "error": null, "test": true,
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_alert_that_comes_back_is_stored_deleted_and_timed() {
    let (aws, home) = (Aws::start().await, home("test-alert"));
    let sent = Arc::new(Mutex::new(None::<Value>));
    let taken = Arc::clone(&sent);
    aws.on("AWSEvents.PutEvents", move |body| {
        let entry = &body["Entries"][0];
        assert_eq!(
            (entry["Source"].as_str(), entry["DetailType"].as_str()),
            (Some("sentinel.prod"), Some("IAM Sentinel Test"))
        );
        *taken.lock().unwrap() = Some(serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap());
        answer(200, &json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}))
    })
    .await;
    aws.on("AmazonSQS.ReceiveMessage", move |_| match sent.lock().unwrap().take() {
        Some(record) => answer(
            200,
            &json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "h",
            "Body": alert(&record).to_string(), "Attributes": {"SentTimestamp": "1577836800500"}}]}),
        ),
        None => nothing(),
    })
    .await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
    aws.on("AmazonSQS.DeleteMessageBatch", |_| {
        answer(200, &json!({"Successful": [{"Id": "0"}], "Failed": []}))
    })
    .await;

    let (code, out, words) = aws.run(&home, &["test-alert", "--json"]);
    assert_eq!(code, Some(0), "{out}{words}");
    let result: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&result["arrived"], &result["severity"]), (&json!(true), &json!("CRITICAL")));
    let hops: Vec<_> = result["hops"].as_array().unwrap().iter().map(|hop| hop["hop"].clone()).collect();
    assert_eq!(hops, ["eventbridge", "function", "queue", "here"]);
    assert_eq!(result["hops"][2]["ms"], 500, "by the clocks of function and queue");
    assert_eq!(result["clocks_differ"], true, "the function's clock is years behind");
    assert_eq!(aws.calls("AmazonSQS.DeleteMessageBatch").await[0]["Entries"][0]["ReceiptHandle"], "h");
    let (_, kept, _) = aws.run(&home, &["export"]);
    assert_eq!(serde_json::from_str::<Value>(kept.trim()).unwrap()["id"], result["id"]);

    let (code, out, _) = aws.run(&home, &["test-alert"]);
    assert!(code == Some(0) && out.contains("The clocks differ") && out.contains("in all"), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_alert_that_does_not_come_back_says_where_it_stopped() {
    let (aws, home) = (Aws::start().await, home("test-alert-stopped"));
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    let asked = Mutex::new(0);
    aws.on("AmazonSQS.GetQueueAttributes", move |body| {
        let mut asked = asked.lock().unwrap();
        let is_rule = body["QueueUrl"].as_str().unwrap().ends_with("/prod-rule-dlq");
        *asked += u64::from(is_rule);
        holds(if is_rule { *asked } else { 7 })
    })
    .await;
    let refuses = Arc::new(Mutex::new(false));
    let theirs = Arc::clone(&refuses);
    aws.on("AWSEvents.PutEvents", move |_| {
        if *theirs.lock().unwrap() {
            answer(400, &json!({"__type": "AccessDeniedException", "message": "is not\u{1b} authorized"}))
        } else {
            answer(200, &json!({"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}))
        }
    })
    .await;
    let (code, out, words) = aws.run(&home, &["test-alert", "--timeout", "1"]);
    assert_eq!(code, Some(1), "{out}{words}");
    assert!(
        out.contains("EventBridge could not give an event to the function: prod-rule-dlq has grown"),
        "{out}"
    );
    assert!(out.contains("-> sentinel-tui redrive rule --dry-run says why"), "{out}");

    *refuses.lock().unwrap() = true;
    let (code, out, words) = aws.run(&home, &["test-alert", "--json"]);
    assert_eq!(code, Some(1), "{out}{words}");
    let result: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(result["stopped_at"], "eventbridge");
    let what = result["what"].as_str().unwrap();
    assert!(
        what.contains("attach a policy that allows events:PutEvents") && what.contains("is not␛ authorized"),
        "{what}"
    );

    let (code, _, words) =
        aws.run(&home, &["test-alert", "--queue-url", "http://127.0.0.1:1/111122223333/q"]);
    assert!(code == Some(2) && words.contains("--name says it"), "{words}");
}

/// An event as `LookupEvents` gives it, so many minutes old.
fn event(id: &str, name: &str, minutes: i64) -> Value {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes);
    let record = json!({
        "eventID": id, "eventName": name, "eventSource": "iam.amazonaws.com", "eventTime": format!("{time:.0}"),
        "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "readOnly": false,
        "userIdentity": {"type": "IAMUser", "userName": "mallory", "arn": "arn:aws:iam::111122223333:user/mallory"},
        "requestParameters": {"userName": "bob"},
    });
    json!({"EventId": id, "EventName": name, "EventSource": "iam.amazonaws.com", "EventTime": time.as_second(),
        "ReadOnly": "false", "CloudTrailEvent": record.to_string()})
}

#[tokio::test(flavor = "multi_thread")]
async fn back_fill_finds_stores_and_marks_what_never_arrived_at_the_pace_that_is_allowed() {
    let (aws, home) = (Aws::start().await, home("backfill"));
    let waiting = event("waits-in-the-queue", "CreateAccessKey", 60);
    let record: Value = serde_json::from_str(waiting["CloudTrailEvent"].as_str().unwrap()).unwrap();
    let mut message = alert(&record);
    message["id"] = json!("waits-in-the-queue");
    let message = Mutex::new(Some(message));
    aws.on("AmazonSQS.ReceiveMessage", move |_| match message.lock().unwrap().take() {
        Some(alert) => answer(
            200,
            &json!({"Messages": [{"MessageId": "m", "ReceiptHandle": "h", "Body": alert.to_string()}]}),
        ),
        None => nothing(),
    })
    .await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
    aws.on("AmazonSQS.DeleteMessageBatch", |_| {
        answer(200, &json!({"Successful": [{"Id": "0"}], "Failed": []}))
    })
    .await;
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    aws.on(LOOK_UP, move |body| {
        let mut seen = seen.lock().unwrap();
        seen.push(Instant::now());
        let condition = &body["LookupAttributes"][0];
        assert_eq!((body["LookupAttributes"].as_array().unwrap().len(), &body["MaxResults"]), (1, &json!(50)));
        if seen.len() == 1 {
            return answer(400, &json!({"__type": "ThrottlingException", "message": "Rate exceeded"}));
        }
        let page = match (condition["AttributeKey"].as_str(), body["NextToken"].as_str()) {
            (Some("ReadOnly"), None) => json!({"NextToken": "2", "Events": [
                event("young", "CreateAccessKey", 1), event("lost-1", "CreateAccessKey", 30), event("dull", "TagUser", 40)]}),
            (Some("ReadOnly"), Some("2")) => json!({"Events": [waiting, event("lost-2", "CreateAccessKey", 90)]}),
            // What two questions find is one alert.
            _ => json!({"Events": [event("lost-1", "CreateAccessKey", 30)]}),
        };
        answer(200, &page)
    })
    .await;

    let (code, out, words) = aws.run(&home, &["backfill", "--json", "--until", "now", "--fail-on-missing"]);
    assert_eq!(code, Some(1), "something is missing: {words}");
    let ids: Vec<Value> =
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone()).collect();
    assert_eq!(ids, ["lost-1", "lost-2"], "{words}");
    for part in [
        "ThrottlingException Rate exceeded; the next try is in 1 s",
        "1 already here, 2 never arrived (2 high), stored with the tag backfill",
        "1 younger than 15 minutes may still be on the way",
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
    let calls = times.lock().unwrap().clone();
    assert!(calls.len() > 5, "{}", calls.len());
    for three in calls.windows(3) {
        let took = three[2] - three[0];
        assert!(took > Duration::from_millis(900), "three calls in {took:?}");
    }
    let (_, kept, _) = aws.run(&home, &["export", "--filter", "tag:backfill"]);
    assert_eq!(kept.lines().count(), 2, "{kept}");

    let (code, out, words) = aws.run(&home, &["backfill", "--since", "1h", "--fail-on-missing"]);
    assert_eq!((code, out.as_str()), (Some(0), ""), "a second run finds nothing: {words}");
    assert!(words.contains("all of them are here"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn back_fill_says_what_it_may_not_and_stores_nothing_in_a_dry_run() {
    let (aws, home) = (Aws::start().await, home("backfill-refused"));
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on(LOOK_UP, |_| answer(400, &json!({"__type": "AccessDeniedException", "message": "no"}))).await;
    let (code, _, words) = aws.run(&home, &["backfill", "--regions", "us-east-1,eu-north-1"]);
    assert_eq!(code, Some(1));
    assert!(
        words.contains("these credentials may not cloudtrail:LookupEvents on * in eu-north-1"),
        "{words}"
    );
    assert_eq!(aws.calls(LOOK_UP).await.len(), 2, "one a region, and no second try");

    let (aws, home) = (Aws::start().await, self::home("backfill-dry"));
    aws.on(LOOK_UP, |body| {
        let is_changes = body["LookupAttributes"][0]["AttributeKey"] == "ReadOnly";
        let events = if is_changes { vec![event("lost", "CreateAccessKey", 30)] } else { Vec::new() };
        answer(200, &json!({"Events": events}))
    })
    .await;
    let (code, out, words) = aws.run(&home, &["backfill", "--dry-run"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(out.contains("CreateAccessKey") && words.contains("nothing was stored"), "{out}{words}");
    assert!(aws.calls("AmazonSQS.ReceiveMessage").await.is_empty());
    assert!(!home.join(".local/state/sentinel-tui/alerts.db").exists());
    for (since, why) in [("91d", "90 days"), ("1m", "--since is not before --until")] {
        let (code, _, words) = aws.run(&home, &["backfill", "--since", since]);
        assert!(code == Some(2) && words.contains(why), "{words}");
    }
}

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

    let (code, out, words) = aws.run(&home, &["redrive", "rule", "--dry-run"]);
    assert_eq!((code, sent().await), (Some(0), 0), "{out}{words}");
    assert!(out.contains("3 x NO_PERMISSIONS\n3 messages: all given back, nothing sent"), "{out}");
    assert_eq!(letters.hidden(), 0, "given back");

    let (code, out, words) = aws.run(&home, &["redrive", "rule"]);
    assert_eq!((code, sent().await), (Some(1), 3), "{out}{words}");
    assert!(
        out.contains("1 sent and not deleted: the next run deletes")
            && out.contains("1 not sent: still in there"),
        "{out}"
    );
    assert!(words.contains("these credentials may not sqs:SendMessage on prod-slack"), "{words}");
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
    assert!(code == Some(1) && words.contains("SQS knows no prod-consoles-dlq"), "{words}");
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
    assert!(words.contains("of consoles only that is known"), "{words}");
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
        assert!(words.contains("such as --to prod-console-oncall"), "{words}");
        assert_eq!(words.contains("may not sqs:ListQueues on *"), test == "denied", "{words}");
        assert_eq!((sent_to(&aws).await.len(), letters.inside().len()), (0, 1));

        let (code, out, words) = aws.run(&home, &["redrive", "subscriptions", "--dry-run"]);
        assert!(code == Some(0) && words.contains("only"), "{words}");
        assert!(out.contains("1 message: all given back"), "{out}");
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
    assert!(words.contains("what follows could not be either"), "{words}");
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
    assert!(words.contains("interrupted: what is not named above"), "{words}");
    assert!(rest.last().unwrap().contains("sent and deleted"), "{rest:?}");
    assert_eq!(letters.hidden(), 0);

    let mut child = start();
    drop(child.stdout.take());
    words.clear();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{words}");
    assert!(words.contains("the rest is still in there"), "{words}");
    assert!(!letters.inside().is_empty());

    *hangs.lock().unwrap() = true;
    let before = sent_to(&aws).await.len();
    let mut child = start();
    while sent_to(&aws).await.len() == before {
        tokio::task::yield_now().await;
    }
    interrupt(&child);
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.any(|line| line.contains("Ctrl-C once more ends it at once")));
    interrupt(&child);
    assert!(said.any(|line| line.contains("hidden for up to 5 minutes")));
    assert_eq!(child.wait().unwrap().code(), Some(130));
}
