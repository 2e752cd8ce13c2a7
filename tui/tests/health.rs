//! The pipeline's own health as the console shows it, from a queue and a topic that are stand-ins: probes
//! that come back, probes that are refused, alarms, and what a restart still knows.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portable_pty::CommandBuilder;
use serde_json::{Value, json};
use support::Pty;
use wiremock::matchers::{body_string_contains, header};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts";

/// A message's kind and body.
type Waiting = (Option<String>, String);

/// A topic whose one subscriber is the queue, raw.
struct Aws {
    server: MockServer,
    /// Messages that wait in the queue.
    queue: Arc<Mutex<Vec<Waiting>>>,
}

impl Aws {
    /// `refuses`: the topic takes nothing.
    async fn start(refuses: bool) -> Self {
        let server = MockServer::start().await;
        let queue = Arc::new(Mutex::new(Vec::<Waiting>::new()));
        let (given, taken) = (Arc::clone(&queue), Arc::clone(&queue));
        let call = |name: &str| header("x-amz-target", format!("AmazonSQS.{name}").as_str());
        let receive = move |_: &Request| {
            let waiting: Vec<_> = std::mem::take(&mut *taken.lock().unwrap());
            let answer = |body: Value| {
                ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/x-amz-json-1.0")
            };
            if waiting.is_empty() {
                return answer(json!({})).set_delay(Duration::from_millis(100));
            }
            let messages = waiting.into_iter().enumerate().map(|(n, (kind, body))| {
                let kind = kind.map(|kind| json!({"kind": {"DataType": "String", "StringValue": kind}}));
                json!({"MessageId": format!("m{n}"), "ReceiptHandle": format!("r{n}"), "Body": body,
                    "MessageAttributes": kind.unwrap_or_else(|| json!({}))})
            });
            answer(json!({"Messages": messages.collect::<Vec<_>>()}))
        };
        Mock::given(call("ReceiveMessage")).respond_with(receive).mount(&server).await;
        let none = ResponseTemplate::new(200).set_body_raw("{}", "application/x-amz-json-1.0");
        Mock::given(call("GetQueueAttributes")).respond_with(none.clone()).mount(&server).await;
        let deleted = json!({"Successful": [], "Failed": []}).to_string();
        let deleted = ResponseTemplate::new(200).set_body_raw(deleted, "application/x-amz-json-1.0");
        Mock::given(call("DeleteMessageBatch")).respond_with(deleted).mount(&server).await;
        let publish = move |request: &Request| {
            if refuses {
                let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code>\
                            <Message>not you</Message></Error></ErrorResponse>";
                return ResponseTemplate::new(403).set_body_raw(body, "text/xml");
            }
            let body = String::from_utf8(request.body.clone()).unwrap();
            let field = |name: &str| {
                let field = body.split('&').find_map(|field| field.strip_prefix(name)?.strip_prefix('='));
                percent_encoding::percent_decode_str(field.unwrap()).decode_utf8().unwrap().into_owned()
            };
            assert_eq!(
                field("TopicArn"),
                TOPIC.replace("-alerts", "-consoles"),
                "no console publishes alerts"
            );
            for part in ["Name=kind", "StringValue=probe", "Name=sender", "StringValue=console"] {
                assert!(body.contains(part), "{part}: {body}");
            }
            given.lock().unwrap().push((Some("probe".to_owned()), field("Message")));
            let body =
                "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>";
            ResponseTemplate::new(200).set_body_raw(body, "text/xml")
        };
        Mock::given(body_string_contains("Action=Publish")).respond_with(publish).mount(&server).await;
        Self { server, queue }
    }

    fn put(&self, kind: Option<&str>, body: &Value) {
        self.queue.lock().unwrap().push((kind.map(str::to_owned), body.to_string()));
    }

    fn command(&self, folder: &Path) -> CommandBuilder {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sentinel-tui"));
        let url = format!("{}/111122223333/iam-sentinel-console-oncall", self.server.uri());
        command.args(["--queue-url", &url, "--topic-arn", TOPIC, "--region", "us-east-1"]);
        for (name, value) in [
            ("TERM", "xterm-256color"),
            ("LANG", "C.UTF-8"),
            ("SENTINEL_THEME", "terminal"),
            ("XDG_STATE_HOME", folder.to_str().unwrap()),
            ("AWS_ENDPOINT_URL", &self.server.uri()),
            ("AWS_ACCESS_KEY_ID", "a"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ] {
            command.env(name, value);
        }
        for name in ["NO_COLOR", "LC_ALL", "SENTINEL_QUEUE_URL", "SENTINEL_CONFIG"] {
            command.env_remove(name);
        }
        command
    }
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("health-{test}"));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn alarm(name: &str, state: &str, time: &str) -> Value {
    json!({"AlarmName": format!("iam-sentinel-{name}"), "NewStateValue": state, "StateChangeTime": time,
        "AlarmDescription": "Alerts have waited for Slack.", "AWSAccountId": "111122223333",
        "NewStateReason": "Threshold Crossed", "Region": "US East (N. Virginia)"})
}

fn bells(console: &Pty) -> usize {
    String::from_utf8_lossy(&console.output.0.lock().unwrap().bytes).matches('\u{7}').count()
}

fn header_line(screen: &str) -> &str {
    screen.lines().next().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_comes_back_and_nobodys_probe_is_an_alert() {
    let aws = Aws::start(false).await;
    aws.put(
        Some("probe"),
        &json!({"version": 1, "console": "other", "probe": "p", "at": "2026-11-24T02:00:00Z"}),
    );
    aws.put(Some("probe"), &json!({"version": 9}));
    let mut console = Pty::start(aws.command(&folder("probe")), 120, 30);
    let screen = console.wait_for("the round trip", |screen| screen.contains(", just now"));
    assert!(header_line(&screen).contains("  probe ") && header_line(&screen).contains("● live"), "{screen}");
    assert!(header_line(&screen).contains(" 0 open ") && !screen.contains("unreadable"), "{screen}");
    console.keys("I");
    console.wait_for("the same in full", |screen| {
        screen.contains("✓ The last probe came back through the queue after ") && screen.contains("No alarm")
    });
    console.keys("qq");
    assert_eq!(console.wait_for_end(), 0);
    let published = aws.server.received_requests().await.unwrap();
    let published =
        published.iter().filter(|request| String::from_utf8_lossy(&request.body).contains("Action=Publish"));
    assert_eq!(published.count(), 1, "one, and not one a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_may_not_be_published_says_why_and_what_to_do() {
    let aws = Aws::start(true).await;
    let mut console = Pty::start(aws.command(&folder("refused")), 160, 30);
    let screen = console.wait_for("the reason", |screen| screen.contains("can't publish the probe"));
    assert!(header_line(&screen).contains("✗ probe can't be published (I)"), "{screen}");
    assert!(screen.contains("attach a policy that allows sns:Publish"), "the remedy first: {screen}");
    console.keys("I");
    console
        .wait_for("what to do", |screen| screen.contains("mend it: attach a policy that allows sns:Publish"));
    console.keys("qq");
    assert_eq!(console.wait_for_end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_stays_until_it_is_ok_and_a_restart_knows_it() {
    let (aws, folder) = (Aws::start(false).await, folder("alarm"));
    let mut console = Pty::start(aws.command(&folder), 100, 30);
    console.wait_for("live", |screen| screen.contains("● live"));
    aws.put(None, &alarm("slack-late", "ALARM", "2026-11-24T02:10:00.000+0000"));
    let screen = console
        .wait_for("the alarm", |screen| screen.contains("▲ pipeline: slack-late since 11-24 02:10 UTC"));
    assert!(
        header_line(&screen).contains(" 0 alerts") || !header_line(&screen).contains("alert"),
        "{screen}"
    );
    assert_eq!(bells(&console), 1, "nobody has pressed a key: it is told");
    console.keys("I");
    console.wait_for("what it means", |screen| {
        screen.contains("▲ ALARM  slack-late  since 2026-11-24 02:10:00 UTC")
            && screen.contains("Alerts have waited")
    });
    console.keys("qq");
    assert_eq!(console.wait_for_end(), 0);

    let mut again = Pty::start(aws.command(&folder), 100, 30);
    again.wait_for("the alarm that was", |screen| screen.contains("▲ pipeline: slack-late since"));
    // An older state is no news, though it comes later.
    aws.put(Some("health"), &alarm("slack-late", "OK", "2026-11-24T02:09:00.000+0000"));
    let enveloped = json!({"Type": "Notification", "Message":
        alarm("function-errors", "ALARM", "2026-11-24T02:20:00.000+0000").to_string()});
    aws.put(None, &enveloped);
    let screen = again.wait_for("both", |screen| {
        screen.contains("pipeline: function-errors since 11-24 02:20 UTC, 1 more")
    });
    assert_eq!(bells(&again), 1, "of what was so before nobody is told again: {screen}");
    aws.put(None, &alarm("slack-late", "OK", "2026-11-24T02:30:00.000+0000"));
    aws.put(None, &alarm("function-errors", "OK", "2026-11-24T02:30:00.000+0000"));
    again.wait_for("all is well", |screen| !screen.contains("▲ pipeline") && screen.contains("is OK again"));
    again.keys("q");
    assert_eq!(again.wait_for_end(), 0);
}

#[test]
fn a_topic_that_is_none_is_refused_before_there_is_a_screen() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_sentinel-tui"))
        .args(["--queue-url", "https://sqs.us-east-1.amazonaws.com/1/q", "--topic-arn", "alerts"])
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && said.contains("arn:aws:sns:REGION:ACCOUNT:NAME"), "{said}");
}
