//! Every file of `samples/`: the function takes it, and answers what the folder's README says.

use std::path::Path;

use super::*;

/// File, what the answer holds, publishes to SNS, posts to Slack.
fn expected() -> Vec<(&'static str, Value, usize, usize)> {
    vec![
        ("administrator-rights", json!({"event": "AttachUserPolicy", "severity": "CRITICAL"}), 1, 1),
        ("bare-record", json!({"event": "CreateUser", "severity": "MEDIUM"}), 1, 1),
        ("root-sign-in", json!({"event": "ConsoleLogin", "severity": "CRITICAL"}), 1, 1),
        ("harmless", json!({"event": "ListUsers", "severity": null}), 0, 0),
        (
            "test-alert",
            json!({"test": true, "severity": "CRITICAL", "id": "test-6f1b6c1e-0000-4000-8000-000000000005"}),
            1,
            1,
        ),
        ("canary", json!({"canary": true}), 1, 0),
        ("queue-with-an-alarm", json!({"batchItemFailures": []}), 0, 1),
        ("failed-event-again", json!({"event": "CreateAccessKey", "severity": "HIGH"}), 1, 1),
    ]
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

#[tokio::test]
async fn each_sample_gives_the_answer_that_is_promised() {
    for (name, expected, publishes, posts) in expected() {
        let bench = Bench::new(SlackDelivery::Direct).await;
        bench.sns_answers(200).await;
        bench.slack_answers(9, ok()).await;
        let sample = std::fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
        let answer = bench.sentinel.handle(serde_json::from_str(&sample).unwrap()).await.unwrap();
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&answer[key], value, "{name}: {answer}");
        }
        assert_eq!((bench.publishes().await, bench.posts().await), (publishes, posts), "{name}: {answer}");
    }
}

#[test]
fn every_sample_is_tested_and_told_of() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let files =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        files.filter_map(|file| file.strip_suffix(".json").map(str::to_owned)).collect();
    names.sort();
    let mut known: Vec<&str> = expected().iter().map(|(name, ..)| *name).collect();
    known.sort_unstable();
    assert_eq!(names, known);
    assert!(names.iter().all(|name| readme.contains(&format!("`{name}.json`"))));
}
