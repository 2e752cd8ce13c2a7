//! The console without a screen: `tail` from the demo, a queue and a database, `export`, and what
//! happens where standard output is no terminal.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use wiremock::matchers::header;
use wiremock::{Mock, MockServer, ResponseTemplate};

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
    command.args(arguments).env_clear().env("HOME", "/nonexistent").env("AWS_EC2_METADATA_DISABLED", "true");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A program that must not outlive its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("plain-{test}"));
    drop(std::fs::remove_dir_all(&folder));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn where_there_is_no_terminal_the_console_writes_lines_and_ends_with_its_reader() {
    for (arguments, form) in [
        (&["demo"][..], "words"),
        (&["tail", "--from", "demo"], "words"),
        (&["tail", "--json", "--from", "demo"], "json"),
    ] {
        let mut running = Running(command(arguments).spawn().unwrap());
        let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        match form {
            "json" => assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["version"], 1),
            _ => assert!(line.split(' ').nth(1).unwrap().chars().all(|c| c.is_ascii_uppercase()), "{line}"),
        }
        drop(lines);
        assert_eq!(running.0.wait().unwrap().code(), Some(0), "{arguments:?}");
    }
}

/// An alert as the detector published it.
fn alert(id: &str, severity: &str) -> String {
    json!({
        "version": 1, "id": id, "severity": severity, "event": "CreateUser", "user": "arn:aws:iam::111122223333:user/eve",
        "source_ip": "203.0.113.7", "parameters": {"userName": "bob"}, "title": "t", "summary": format!("eve created {id}"),
        "time": "2026-11-24T02:00:00Z", "detected_at": "2026-11-24T02:00:03Z", "account": "111122223333",
        "region": "us-east-1", "event_source": "iam.amazonaws.com", "user_agent": "cli", "error": null, "record": null,
        "truncated": [],
    })
    .to_string()
}

/// A queue that gives these messages once, and is empty from then on.
async fn queue(bodies: &[&str]) -> MockServer {
    let server = MockServer::start().await;
    let target = |name: &str| header("x-amz-target", format!("AmazonSQS.{name}").as_str());
    let answer =
        |body: Value| ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/x-amz-json-1.0");
    let messages: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(
            |(n, body)| json!({"MessageId": format!("m{n}"), "ReceiptHandle": format!("r{n}"), "Body": body}),
        )
        .collect();
    let once = Mock::given(target("ReceiveMessage")).respond_with(answer(json!({"Messages": messages})));
    once.up_to_n_times(1).mount(&server).await;
    let empty = answer(json!({})).set_delay(std::time::Duration::from_secs(1));
    Mock::given(target("ReceiveMessage")).respond_with(empty).mount(&server).await;
    Mock::given(target("DeleteMessageBatch"))
        .respond_with(answer(json!({"Successful": [], "Failed": []})))
        .mount(&server)
        .await;
    server
}

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = command(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_from_the_queue_is_stored_shown_and_can_be_exported() {
    let database = folder("queue").join("alerts.db");
    let db = database.to_str().unwrap();
    let server = queue(&[&alert("one", "LOW"), "no\x1b[2J JSON", &alert("two", "CRITICAL")]).await;
    let url = format!("{}/111122223333/console", server.uri());

    // --from database beside it sees what it stores.
    let mut tail = command(&[
        "tail",
        "--queue-url",
        &url,
        "--db",
        db,
        "--region",
        "us-east-1",
        "--min-severity",
        "high",
    ]);
    tail.env("AWS_ENDPOINT_URL", server.uri())
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "s");
    let mut tail = Running(tail.spawn().unwrap());
    let mut lines = BufReader::new(tail.0.stdout.take().unwrap()).lines();
    let unread = lines.next().unwrap().unwrap();
    assert!(unread.contains(" UNREADABLE - - - invalid JSON: ") && !unread.contains('\x1b'), "{unread}");
    let two = lines.next().unwrap().unwrap();
    assert_eq!(two, "2026-11-24T02:00:00Z CRITICAL CreateUser 111122223333 203.0.113.7 eve created two");

    let mut beside =
        Running(command(&["tail", "--json", "--from", "database", "--db", db, "-n", "2"]).spawn().unwrap());
    let mut lines = BufReader::new(beside.0.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(next()["raw"], "no\x1b[2J JSON");
    assert_eq!(next()["id"], "two");

    let (code, text, _) = run(&["export", "--db", db]);
    let mut ids: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    // An unreadable message has the time of its receipt.
    ids.sort();
    assert_eq!((code, ids), (Some(0), vec!["one".to_owned(), "two".to_owned(), "unreadable-m1".to_owned()]));

    let file = database.with_file_name("out.csv");
    let file = file.to_str().unwrap();
    let (code, text, said) =
        run(&["export", "--db", db, "--until", "2026-11-24T02:00:01Z", "--output", file]);
    assert_eq!((code, text.as_str()), (Some(0), ""));
    assert!(
        said.starts_with("2 alerts in ")
            && std::fs::read_to_string(file).unwrap().starts_with("time,severity,")
    );
    let (code, _, said) = run(&["export", "--db", db, "--output", file]);
    assert!(code == Some(1) && said.contains("exists: choose another name"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_of_the_pipeline_is_a_line_of_its_own_and_no_alert() {
    let alarm =
        json!({"AlarmName": "iam-sentinel-slack-late", "NewStateValue": "ALARM", "NewStateReason": "r",
        "StateChangeTime": "2026-11-24T02:10:00.000+0000", "AWSAccountId": "111122223333",
        "AlarmDescription": "Slack is\u{1b}[2J late."})
        .to_string();
    for (form, wanted) in [
        (&[][..], "2026-11-24T02:10:00Z ALARM    iam-sentinel-slack-late 111122223333 - Slack is␛[2J late."),
        (&["--json"], "slack-late"),
    ] {
        let database = folder(&format!("alarm-{}", form.len())).join("alerts.db");
        let db = database.to_str().unwrap();
        let server = queue(&[&alarm, &alert("one", "LOW")]).await;
        let url = format!("{}/111122223333/console", server.uri());
        let mut tail = command(&["tail", "--queue-url", &url, "--db", db, "--region", "us-east-1"]);
        // Conditions on alerts do not apply to an unreadable message.
        tail.args(["--min-severity", "critical"]).args(form);
        tail.env("AWS_ENDPOINT_URL", server.uri())
            .env("AWS_ACCESS_KEY_ID", "a")
            .env("AWS_SECRET_ACCESS_KEY", "s");
        let mut tail = Running(tail.spawn().unwrap());
        let line = BufReader::new(tail.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        if form.is_empty() {
            assert_eq!(line, wanted);
        } else {
            let line: Value = serde_json::from_str(&line).unwrap();
            assert_eq!((&line["kind"], &line["state"]), (&json!("health"), &json!("ALARM")), "{line}");
            assert_eq!(line["time"], "2026-11-24T02:10:00Z");
        }
        drop(tail);
        let (code, text, _) = run(&["export", "--db", db]);
        assert!(code == Some(0) && text.lines().count() == 1 && text.contains("\"one\""), "{text}");
    }
}

#[test]
fn what_is_not_there_is_said_with_what_helps() {
    let missing = folder("missing").join("none.db");
    let db = missing.to_str().unwrap();
    for arguments in [&["export", "--db", db][..], &["tail", "--db", db]] {
        let (code, _, said) = run(arguments);
        assert!(code == Some(1) && said.contains("no database") && said.contains("--db"), "{said}");
    }
    let (code, _, said) = run(&["tail", "--from", "queue"]);
    assert!(code == Some(2) && said.contains("--queue-url"), "{said}");
    assert!(!missing.exists(), "looking makes no file");
}

#[test]
fn a_queue_that_cannot_be_reached_is_told_once_and_tried_again() {
    let database = folder("unreachable").join("alerts.db");
    let url = "http://127.0.0.1:9/111122223333/q";
    let mut tail =
        command(&["tail", "--queue-url", url, "--region", "us-east-1", "--db", database.to_str().unwrap()]);
    tail.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "s");
    let mut tail = Running(tail.spawn().unwrap());
    let mut said = BufReader::new(tail.0.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert!(line.contains("can't reach SQS at 127.0.0.1:9") && line.contains("retrying"), "{line}");
    assert!(tail.0.try_wait().unwrap().is_none(), "it goes on");
    drop(tail);
    let mut rest = String::new();
    said.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}
