//! An operator's work on the running pipeline, against AWS's protocols over HTTP: a test alert that comes
//! back or does not, calls that CloudTrail knows and that never arrived, and dead letters sent on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod context;
mod redrive;

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
    assert!(code == Some(0) && out.contains("Clock skew") && out.contains("total"), "{out}");
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
        out.contains("EventBridge could not deliver an event to the function: prod-rule-dlq has grown"),
        "{out}"
    );
    assert!(out.contains("-> for the reason, run `sentinel-tui redrive rule --dry-run`"), "{out}");

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
    assert!(code == Some(2) && words.contains("set --name"), "{words}");
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
            // An event found by two queries gives one alert.
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
        "ThrottlingException Rate exceeded; retrying in 1 s",
        "1 already stored, 2 missed (2 high), stored with the tag backfill",
        "1 younger than 15 minutes may still arrive",
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
    assert!(words.contains("all already stored"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn back_fill_says_what_it_may_not_and_stores_nothing_in_a_dry_run() {
    let (aws, home) = (Aws::start().await, home("backfill-refused"));
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on(LOOK_UP, |_| answer(400, &json!({"__type": "AccessDeniedException", "message": "no"}))).await;
    let (code, _, words) = aws.run(&home, &["backfill", "--regions", "us-east-1,eu-north-1"]);
    assert_eq!(code, Some(1));
    assert!(words.contains("no permission for cloudtrail:LookupEvents on * in eu-north-1"), "{words}");
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
    assert!(out.contains("CreateAccessKey") && words.contains("nothing stored"), "{out}{words}");
    assert!(aws.calls("AmazonSQS.ReceiveMessage").await.is_empty());
    assert!(!home.join(".local/state/sentinel-tui/alerts.db").exists());
    for (since, why) in [("91d", "90 days"), ("1m", "--since must be before --until")] {
        let (code, _, words) = aws.run(&home, &["backfill", "--since", since]);
        assert!(code == Some(2) && words.contains(why), "{words}");
    }
}
