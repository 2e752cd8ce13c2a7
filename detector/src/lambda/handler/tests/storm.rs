//! Five hundred alerts at once, through the real handler and real HTTP: each is told, none twice, and
//! Slack never hears more often than the pace says, though it refuses some posts.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use wiremock::{Request, Respond};

use super::*;

const ALERTS: usize = 500;
const ACTORS: usize = 3;
/// As Terraform sets it.
const BATCH: usize = 20;

/// Slack: notes when each post came, takes it, and says 429 now and then.
#[derive(Clone, Default)]
struct Stub {
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    at: Vec<Instant>,
    taken: Vec<Value>,
    refused: usize,
}

impl Respond for Stub {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut seen = self.seen.lock().unwrap();
        seen.at.push(Instant::now());
        // The ninth asks for a second, and every eleventh for nothing in particular.
        let number = seen.at.len();
        if number == 9 || number.is_multiple_of(11) {
            seen.refused += 1;
            let wait = if number == 9 { "1" } else { "0" };
            return ResponseTemplate::new(429).insert_header("Retry-After", wait);
        }
        seen.taken.push(request.body_json().unwrap());
        ok()
    }
}

/// One of fifty gives administrator rights, one of five makes a key for somebody else.
fn body(n: usize) -> String {
    let (event, policy) = match n {
        n if n.is_multiple_of(50) => {
            ("AttachUserPolicy", json!("arn:aws:iam::aws:policy/AdministratorAccess"))
        }
        n if n.is_multiple_of(5) => ("CreateAccessKey", Value::Null),
        _ => ("CreateUser", Value::Null),
    };
    let actor = format!("pipeline-{}", n % ACTORS);
    let record = json!({"eventName": event, "eventSource": "iam.amazonaws.com", "eventTime": "2026-11-24T02:03:04Z",
        "awsRegion": "us-east-1", "eventID": format!("storm-{n:03}"), "requestParameters": {"userName": format!("user-{n}"), "policyArn": policy},
        "userIdentity": {"type": "IAMUser", "userName": actor, "arn": format!("arn:aws:iam::111122223333:user/{actor}")}});
    let record = Record::new(record).unwrap();
    let alert = Detector::default().detect(&record, Timestamp::UNIX_EPOCH).alert.unwrap();
    alert.to_message(262_144).unwrap()
}

async fn storm(pace: Duration) {
    let bench = Bench::with(SlackDelivery::Queue, pace, Severity::Low).await;
    let stub = Stub::default();
    Mock::given(method("POST")).respond_with(stub.clone()).mount(&bench.slack).await;
    let bodies: Vec<String> = (0..ALERTS).map(body).collect();
    // SQS brings some messages twice, far apart, and what failed again later.
    let mut queue: VecDeque<usize> = (0..ALERTS).chain([0, 77, 150]).collect();
    let start = Instant::now();
    let mut batches = 0;
    while !queue.is_empty() {
        let numbers: Vec<usize> = (0..BATCH).filter_map(|_| queue.pop_front()).collect();
        let messages: Vec<&str> = numbers.iter().map(|n| bodies[*n].as_str()).collect();
        let answer = bench.sentinel.handle(batch(&messages)).await.unwrap();
        for failed in answer["batchItemFailures"].as_array().unwrap() {
            let number: usize = failed["itemIdentifier"].as_str().unwrap()[1..].parse().unwrap();
            queue.push_back(numbers[number]);
        }
        batches += 1;
        assert!(batches < 200, "{} messages come again and again", queue.len());
    }
    let took = start.elapsed();
    let seen = stub.seen.lock().unwrap();
    let gap = seen.at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
    println!(
        "{ALERTS} alerts in {batches} batches: {} posts ({} refused) in {:.1} s, smallest gap {:.1} ms, pace {} ms",
        seen.at.len(),
        seen.refused,
        took.as_secs_f64(),
        gap.as_secs_f64() * 1e3,
        pace.as_millis()
    );
    assert!(gap >= pace, "{gap:?} is closer than {pace:?}");
    assert!(seen.refused > 2);

    // Counted by actor, and each id that is named is named once.
    let mut told: HashMap<String, usize> = HashMap::new();
    let mut named = HashSet::new();
    for message in &seen.taken {
        let text = message["text"].as_str().unwrap();
        let by = text.split("pipeline-").nth(1).unwrap().chars().next().unwrap();
        let count = match text.split_once(" alerts (") {
            Some((count, _)) => count.parse().unwrap(),
            None => 1,
        };
        *told.entry(by.to_string()).or_default() += count;
        let whole = message["blocks"].to_string();
        for id in whole.split("#/events/").skip(1).map(|rest| &rest[..9]) {
            assert!(named.insert(id.to_owned()), "{id} is told twice");
        }
        if text.starts_with("CRITICAL") {
            assert_eq!(count, 1);
        } else {
            assert!(!whole.contains("CRITICAL"), "a CRITICAL alert was folded: {whole}");
        }
    }
    for actor in 0..ACTORS {
        let made = (0..ALERTS).filter(|n| n % ACTORS == actor).count();
        assert_eq!(told[&actor.to_string()], made, "alerts of actor {actor}");
    }
    let criticals = (0..ALERTS).step_by(50).filter(|n| named.contains(&format!("storm-{n:03}"))).count();
    assert_eq!(criticals, ALERTS / 50);
}

#[tokio::test]
async fn every_alert_of_a_storm_is_told_once_and_at_the_pace() {
    storm(Duration::from_millis(15)).await;
}

/// `cargo test -p detector -- --ignored --nocapture true_pace`: four minutes.
#[tokio::test]
#[ignore = "takes four minutes"]
async fn a_storm_at_the_true_pace() {
    storm(Duration::from_secs(2)).await;
}
