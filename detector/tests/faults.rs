//! The real function over a Lambda Runtime API, with an SNS and a Slack that fail in every way, killed at any moment:
//! each event is given again as Lambda does, and no alert is lost. The seed is printed; `SENTINEL_SEED` gives it again,
//! `SENTINEL_ROUNDS` more of it.

#![cfg(feature = "lambda")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "faults/dice.rs"]
mod dice;
#[path = "faults/sinks.rs"]
mod sinks;

use std::collections::{BTreeSet, VecDeque};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use detector::{Detector, Record};
use dice::Dice;
use serde_json::{Value, json};
use sinks::Sinks;

/// An event, by the ids of the alerts in it.
struct Invocation {
    payload: Value,
    alerts: Vec<String>,
}

/// The Runtime API: events that wait, the one that the function works on, and those that are done.
#[derive(Default)]
struct State {
    waiting: VecDeque<Invocation>,
    current: Option<Invocation>,
    /// Processes that died: what they had asked for is given to none of their connections.
    died: u64,
    done: BTreeSet<String>,
    /// Answers so far: successes, and errors after which the event waits again.
    answers: [u64; 2],
    /// Events that are nothing, and were refused as such.
    unreadable: u64,
}

struct Runtime {
    port: u16,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Runtime {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        Self { port, state }
    }

    fn give(&self, invocation: Invocation) {
        self.state.0.lock().unwrap().waiting.push_back(invocation);
        self.state.1.notify_all();
    }

    /// Gives the event again that was being worked on when the process died.
    fn process_died(&self) {
        let mut state = self.state.0.lock().unwrap();
        let current = state.current.take();
        state.waiting.extend(current);
        state.died += 1;
        self.state.1.notify_all();
    }

    fn wait_until(&self, what: &str, is_so: impl Fn(&State) -> bool) {
        let end = Instant::now() + Duration::from_secs(300);
        let (lock, changed) = &*self.state;
        let mut state = lock.lock().unwrap();
        while !is_so(&state) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {what}");
            state = changed.wait_timeout(state, left).unwrap().0;
        }
    }
}

/// Serves one connection of the function, which keeps it open.
fn serve(stream: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut out = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    while let Some((head, body)) = request(&mut reader) {
        let answer = if head.contains("/invocation/next") {
            let (lock, changed) = shared;
            let mut state = lock.lock().unwrap();
            let died = state.died;
            let payload = loop {
                if state.died != died {
                    return;
                }
                // Whoever asks for the next one is done with the last, or is new.
                if let Some(next) = state.waiting.pop_front() {
                    let payload = next.payload.to_string();
                    let left = state.current.replace(next);
                    state.waiting.extend(left);
                    break payload;
                }
                state = changed.wait_timeout(state, Duration::from_secs(600)).unwrap().0;
            };
            let deadline = jiff::Timestamp::now().as_millisecond() + 60_000;
            format!(
                "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n\
                 Lambda-Runtime-Deadline-Ms: {deadline}\r\nLambda-Runtime-Invoked-Function-Arn: \
                 arn:aws:lambda:us-east-1:111122223333:function:iam-sentinel\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{payload}",
                payload.len()
            )
        } else {
            settle(&head, &body, shared);
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_owned()
        };
        if out.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

/// Takes the function's answer: what failed waits again.
fn settle(head: &str, body: &[u8], (lock, changed): &(Mutex<State>, Condvar)) {
    let mut state = lock.lock().unwrap();
    let Some(mut event) = state.current.take() else { return };
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let failed = answer.get("batchItemFailures").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_error = head.contains("/error");
    if is_error && event.alerts.is_empty() {
        state.unreadable += 1;
        state.done.insert(event.payload.to_string());
    } else if is_error || !failed.is_empty() {
        state.answers[1] += 1;
        if let Some(records) =
            event.payload.get_mut("Records").and_then(Value::as_array_mut).filter(|_| !is_error)
        {
            let is_failed =
                |record: &Value| failed.iter().any(|one| one["itemIdentifier"] == record["messageId"]);
            records.retain(is_failed);
        }
        state.waiting.push_back(event);
    } else {
        state.answers[0] += 1;
        state.done.extend(event.alerts);
    }
    changed.notify_all();
}

/// Reads a request: its first line and its body.
fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, Vec<u8>)> {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if head.is_empty() {
            head.clone_from(&line);
        }
        if let Some((name, value)) = line.trim().split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The function's process, ended with the test.
struct Function(Child);

impl Function {
    fn start(runtime: &Runtime, sinks: &Sinks) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_detector"));
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let (api, sinks) = (format!("127.0.0.1:{}", runtime.port), sinks.url());
        for (name, value) in [
            ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
            ("AWS_LAMBDA_FUNCTION_NAME", "iam-sentinel"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_ENDPOINT_URL", &sinks),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("SNS_TOPIC_ARN", "arn:aws:sns:us-east-1:111122223333:iam-sentinel-alerts"),
            ("SLACK_WEBHOOK", &format!("{sinks}/services/secret")),
            ("SLACK_MIN_SEVERITY", "LOW"),
            ("SLACK_PACE_MS", "0"),
        ] {
            command.env(name, value);
        }
        Self(command.spawn().unwrap())
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn record(id: &str) -> Value {
    json!({"eventVersion": "1.08", "eventID": id, "eventTime": "2026-11-24T02:00:00Z",
        "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111122223333",
        "requestParameters": {"name": "main"}, "userIdentity": {"type": "IAMUser", "userName": "mallory",
            "arn": "arn:aws:iam::111122223333:user/mallory"}})
}

/// A message of the Slack queue: an alert, as SNS has brought it there.
fn message(id: &str) -> Value {
    let record = Record::new(record(id)).unwrap();
    let alert = Detector::default().detect(&record, jiff::Timestamp::UNIX_EPOCH).alert.unwrap();
    json!({"messageId": id, "receiptHandle": "r", "body": alert.to_message(262_144).unwrap(),
        "attributes": {"ApproximateReceiveCount": "1"}, "eventSource": "aws:sqs", "awsRegion": "us-east-1",
        "messageAttributes": {"kind": {"stringValue": "alert", "dataType": "String"}}})
}

/// An event in each shape that the function takes, and some that are nothing.
fn event(number: u64) -> Invocation {
    let id = format!("event-{number:05}");
    let in_event = |record| {
        json!({"version": "0", "detail-type": "AWS API Call via CloudTrail", "source": "aws.cloudtrail",
        "account": "111122223333", "time": "2026-11-24T02:00:00Z", "region": "us-east-1", "detail": record})
    };
    match number % 5 {
        0 => Invocation { payload: in_event(record(&id)), alerts: vec![id] },
        1 => Invocation { payload: record(&id), alerts: vec![id] },
        2 => {
            let payload = json!({"version": "1.0", "requestPayload": in_event(record(&id))});
            Invocation { payload, alerts: vec![id] }
        }
        3 => {
            let ids: Vec<String> = (0..3).map(|part| format!("{id}-{part}")).collect();
            let messages: Vec<Value> = ids.iter().map(|id| message(id)).collect();
            Invocation { payload: json!({"Records": messages}), alerts: ids }
        }
        _ => Invocation { payload: json!({"nothing": number}), alerts: Vec::new() },
    }
}

#[test]
fn no_alert_is_lost_whatever_the_sinks_do_and_whenever_the_function_is_killed() {
    let mut dice = Dice::new("the function");
    let rounds =
        std::env::var("SENTINEL_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(8_u64);
    let sinks = Sinks::start(Dice(dice.below(u64::MAX) | 1));
    let runtime = Runtime::start();
    let (mut alerts, mut in_topic, mut garbage) = (BTreeSet::new(), BTreeSet::new(), 0);
    for round in 0..rounds {
        for number in round * 10..(round + 1) * 10 {
            let event = event(number);
            garbage += u64::from(event.alerts.is_empty());
            if event.payload.get("Records").is_none() {
                in_topic.extend(event.alerts.iter().cloned());
            }
            alerts.extend(event.alerts.iter().cloned());
            runtime.give(event);
        }
        sinks.be_faulty(round % 4 != 0);
        let function = Function::start(&runtime, &sinks);
        std::thread::sleep(Duration::from_millis(dice.below(2_500)));
        drop(function);
        runtime.process_died();
    }
    sinks.be_faulty(false);
    let function = Function::start(&runtime, &sinks);
    runtime.wait_until("all events", |state| {
        alerts.iter().all(|id| state.done.contains(id)) && state.unreadable >= garbage
    });
    drop(function);
    let (published, posted) = (sinks.published(), sinks.posted());
    let missing: Vec<&String> = in_topic.iter().filter(|id| !published.contains(*id)).collect();
    assert!(missing.is_empty(), "not in the topic: {missing:?}");
    let missing: Vec<&String> = alerts.iter().filter(|id| !posted.contains(*id)).collect();
    assert!(missing.is_empty(), "not in Slack: {missing:?}");
    let state = runtime.state.0.lock().unwrap();
    println!(
        "{rounds} kills, {} alerts, {} answers, {} errors, {} faults of the sinks",
        alerts.len(),
        state.answers[0],
        state.answers[1],
        sinks.faults()
    );
}

#[test]
fn the_worst_record_is_told_in_bounded_memory() {
    let (sinks, runtime) = (Sinks::start(Dice(1)), Runtime::start());
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "x".repeat(60)});
    let document = json!({"Version": "2012-10-17", "Statement": vec![statement; 8_000]}).to_string();
    let mut worst = record("worst");
    worst["eventName"] = "PutUserPolicy".into();
    worst["eventSource"] = "iam.amazonaws.com".into();
    worst["userAgent"] = "a".repeat(100_000).into();
    worst["requestParameters"] =
        json!({"userName": "u".repeat(50_000), "policyName": "p", "policyDocument": document});
    assert!(worst.to_string().len() > 900_000);
    runtime.give(Invocation { payload: worst, alerts: vec!["worst".to_owned()] });
    let function = Function::start(&runtime, &sinks);
    runtime.wait_until("the worst record", |state| state.done.contains("worst"));
    assert!(sinks.published().contains("worst") && sinks.posted().contains("worst"));
    let status = std::fs::read_to_string(format!("/proc/{}/status", function.0.id())).unwrap_or_default();
    let most = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<u64>().ok());
    // The function has 256 MB.
    assert!(most.is_none_or(|kilobytes| kilobytes < 128 * 1024), "{most:?} KB");
}
