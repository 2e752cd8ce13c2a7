//! Messages that the Slack queue can hold, and the function's own events.

use super::*;

fn test_event(record: Value) -> Value {
    json!({"source": "sentinel.iam-sentinel", "detail-type": "IAM Sentinel Test", "time": "2026-11-24T02:03:05Z", "detail": record})
}

fn alarm(state: &str, from: &str) -> String {
    alarm_at(state, from, "2026-11-24T02:03:04.567+0000")
}

fn alarm_at(state: &str, from: &str, at: &str) -> String {
    json!({"AlarmName": "iam-sentinel-slack-late", "AlarmDescription": "Alerts wait for <!channel> Slack.",
        "NewStateValue": state, "OldStateValue": from, "NewStateReason": "Threshold Crossed",
        "StateChangeTime": at})
    .to_string()
}

fn text(message: &Value) -> &str {
    message["text"].as_str().unwrap()
}

fn by(user: &str, id: &str, event: &str) -> String {
    let mut record = record();
    record["eventID"] = id.into();
    record["eventName"] = event.into();
    record["userIdentity"]["userName"] = user.into();
    record["userIdentity"]["arn"] = format!("arn:aws:iam::111122223333:user/{user}").into();
    if event == "AttachUserPolicy" {
        record["requestParameters"]["policyArn"] = "arn:aws:iam::aws:policy/AdministratorAccess".into();
    }
    let record = Record::new(record).unwrap();
    let alert = Detector::default().detect(&record, Timestamp::UNIX_EPOCH).alert.unwrap();
    alert.to_message(262_144).unwrap()
}

const DONE: &str = r#"{"batchItemFailures":[]}"#;

#[tokio::test]
async fn a_test_goes_the_whole_way_and_is_seen_to_be_one() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(200).await;
    bench.slack_answers(9, ok()).await;
    let mut made_up = record();
    made_up["eventTime"] = Value::Null;
    let mut metrics = Metrics::default();
    let answer = bench.sentinel.serve(test_event(made_up), &mut metrics).await.unwrap();
    assert_eq!(answer["id"], "test-0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002");
    assert_eq!((&answer["test"], &answer["severity"]), (&json!(true), &json!("MEDIUM")));
    assert_eq!((metrics.tests, metrics.events, metrics.alerts, metrics.slack_posts), (1, 0, 0, 1));
    assert!(metrics.detection_lag_ms.is_empty());
    let published = bench.aws.received_requests().await.unwrap();
    let published = String::from_utf8_lossy(&published[0].body).into_owned();
    assert!(
        published.contains("TEST%3A+alice+created") || published.contains("TEST%3A%20alice%20created"),
        "{published}"
    );
    let message = &bench.messages().await[0];
    assert!(text(message).contains("TEST: alice created user bob"), "{message}");
    assert!(message.to_string().contains("2026-11-24T02:03:05Z"), "the envelope's time: {message}");
    // The same call in earnest is no repetition of the test.
    bench.sns_answers(200).await;
    bench.sentinel.handle(record()).await.unwrap();
    assert_eq!((bench.publishes().await, bench.posts().await), (2, 2));
}

#[tokio::test]
async fn a_test_that_no_rule_matches_says_so_and_tells_nobody() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    let mut metrics = Metrics::default();
    let event = test_event(json!({"eventName": "ListUsers", "eventSource": "iam.amazonaws.com"}));
    let answer = bench.sentinel.serve(event, &mut metrics).await.unwrap();
    assert_eq!(answer["why"], "no rule matches");
    assert_eq!((metrics.tests, metrics.alerts), (1, 0));
    assert_eq!((bench.publishes().await, bench.posts().await), (0, 0));
}

#[tokio::test]
async fn a_canary_is_counted_with_its_lag_and_an_old_one_is_not() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    let sent = (Timestamp::now() - jiff::SignedDuration::from_secs(7)).to_string();
    let canary = json!({"source": "sentinel.x", "detail-type": "IAM Sentinel Canary", "time": sent, "detail": {"scheduled": sent}});
    bench.sns_answers(200).await;
    let mut metrics = Metrics::default();
    let answer = bench.sentinel.serve(canary.clone(), &mut metrics).await.unwrap();
    let published = bench.aws.received_requests().await.unwrap();
    let body: String =
        percent_encoding::percent_decode(&published[0].body).decode_utf8().unwrap().into_owned();
    for part in [r#""pipeline":"test""#, r#""every":300"#, "Name=kind", "StringValue=probe"] {
        assert!(body.contains(part), "the probe for the consoles has {part}: {body}");
    }
    assert_eq!((&answer["canary"], metrics.canaries, metrics.events), (&json!(true), 1, 0));
    assert!((7_000..60_000).contains(&metrics.canary_lag_ms[0]), "{metrics:?}");
    let fed_back = batch(&[&canary.to_string()]);
    let answer = bench.sentinel.serve(fed_back, &mut metrics).await.unwrap();
    assert_eq!((answer.to_string().as_str(), metrics.canaries), (DONE, 1));
    assert_eq!((bench.publishes().await, bench.posts().await), (1, 0));
}

#[tokio::test]
async fn a_probe_that_sns_does_not_take_is_counted_and_fails_no_canary() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.sns_answers(500).await;
    let canary = json!({"source": "sentinel.x", "detail-type": "IAM Sentinel Canary", "detail": {}});
    let mut metrics = Metrics::default();
    bench.sentinel.serve(canary, &mut metrics).await.unwrap();
    assert_eq!((metrics.canaries, metrics.sns_failed), (1, 1));
}

/// Messages that nobody can ever read, each with its `kind`.
fn unreadable() -> Vec<(Option<&'static str>, String)> {
    let event = json!({"source": "aws.iam", "detail": record()}).to_string();
    vec![
        (None, "not json".to_owned()),
        (None, "[1]".to_owned()),
        (None, json!({"hello": "world"}).to_string()),
        (Some("alert"), alarm("OK", "ALARM")),
        (Some("health"), alarm("ALARM", "OK")),
        (Some("alert"), json!({"version": 1, "severity": "PURPLE"}).to_string()),
        // Permission to publish alerts must not suffice to forge CloudTrail events.
        (Some("alert"), event),
    ]
}

fn of_kind(kind: Option<&str>, body: &str) -> Value {
    let mut input = batch(&[body]);
    if let Some(kind) = kind {
        input["Records"][0]["messageAttributes"] =
            json!({"kind": {"stringValue": kind, "dataType": "String"}});
    }
    input
}

#[tokio::test]
async fn what_can_never_be_read_is_set_aside_at_once_with_the_reason() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.dead_letter_queue_answers(200).await;
    for (kind, body) in unreadable() {
        let mut metrics = Metrics::default();
        let answer = bench.sentinel.serve(of_kind(kind, &body), &mut metrics).await.unwrap();
        assert_eq!((answer.to_string().as_str(), metrics.unreadable), (DONE, 1), "{kind:?} {body}");
        let kept = bench.set_aside().await.pop().unwrap();
        assert_eq!(kept["MessageBody"], body);
        assert!(kept["MessageAttributes"]["why"]["StringValue"].as_str().unwrap().len() > 5, "{kept}");
        assert_eq!(kept["MessageAttributes"]["kind"]["StringValue"].as_str(), kind);
    }
    assert_eq!((bench.publishes().await, bench.posts().await), (0, 0));
}

#[tokio::test]
async fn what_the_dead_letter_queue_does_not_take_stays_and_so_does_a_higher_version() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.dead_letter_queue_answers(403).await;
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "m0"}]});
    assert_eq!(bench.sentinel.handle(batch(&["not json"])).await.unwrap(), failed);
    let asked = bench.set_aside().await.len();
    let later = json!({"version": 2, "severity": "HIGH"}).to_string();
    assert_eq!(bench.sentinel.handle(of_kind(Some("alert"), &later)).await.unwrap(), failed);
    assert_eq!(bench.set_aside().await.len(), asked, "a later function reads it");
}

#[tokio::test]
async fn a_kind_of_a_later_version_is_not_for_slack() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    let link = json!({"version": 1, "from": "a", "to": "b"}).to_string();
    assert_eq!(bench.sentinel.handle(of_kind(Some("link"), &link)).await.unwrap().to_string(), DONE);
    assert!(bench.set_aside().await.is_empty());
}

#[tokio::test]
async fn events_of_the_dead_letter_queues_are_looked_at_again() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    for _ in 0..3 {
        bench.sns_answers(200).await;
    }
    let mut second = record();
    second["eventID"] = "second".into();
    let from_rule =
        json!({"source": "aws.iam", "detail-type": "AWS API Call via CloudTrail", "detail": record()});
    let from_function = json!({"version": "1.0", "requestPayload": {"source": "aws.iam", "detail": second}});
    let test = json!({"version": "1.0", "requestPayload": test_event(record())});
    let bodies = [from_rule, from_function, test].map(|event| event.to_string());
    let mut metrics = Metrics::default();
    let input = batch(&[&bodies[0], &bodies[1], &bodies[2], &bodies[0]]);
    let answer = bench.sentinel.serve(input, &mut metrics).await.unwrap();
    assert_eq!(answer.to_string(), DONE);
    assert_eq!((metrics.events, metrics.alerts, metrics.tests), (3, 3, 1));
    assert_eq!((bench.publishes().await, bench.posts().await), (3, 0), "the last is a repetition");
}

#[tokio::test]
async fn alarms_are_posts_of_their_own_whatever_the_threshold_and_once() {
    let bench = Bench::with(SlackDelivery::Queue, Duration::ZERO, Severity::Critical).await;
    bench.slack_answers(99, ok()).await;
    let (rings, ends) = (alarm("ALARM", "OK"), alarm("OK", "ALARM"));
    for input in [batch(&[&rings, &rings]), batch(&[&rings, &ends, &alarm("OK", "INSUFFICIENT_DATA")])] {
        assert_eq!(bench.sentinel.handle(input).await.unwrap().to_string(), DONE);
    }
    let messages = bench.messages().await;
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert_eq!(text(&messages[0]), "ALARM: iam-sentinel-slack-late");
    assert_eq!(text(&messages[1]), "RESOLVED: iam-sentinel-slack-late");
    assert!(messages[0].to_string().contains("&lt;!channel&gt;"), "{}", messages[0]);
}

#[tokio::test]
async fn of_an_alarm_only_the_newest_change_of_a_batch_is_told() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(99, ok()).await;
    let at = |minute| format!("2026-11-24T02:{minute}:04.567+0000");
    let other = alarm("ALARM", "OK").replace("slack-late", "canary-late");
    let bodies = [
        alarm_at("ALARM", "OK", &at("10")),
        alarm_at("ALARM", "OK", &at("30")),
        other,
        alarm_at("OK", "ALARM", &at("20")),
    ];
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    assert_eq!(bench.sentinel.handle(batch(&bodies)).await.unwrap().to_string(), DONE);
    let messages = bench.messages().await;
    let texts: Vec<&str> = messages.iter().map(text).collect();
    assert_eq!(texts, ["ALARM: iam-sentinel-slack-late", "ALARM: iam-sentinel-canary-late"]);
    assert!(messages[0].to_string().contains("02:30:04"), "{}", messages[0]);
}

#[tokio::test]
async fn an_alarm_that_came_over_the_topic_of_alerts_is_not_believed() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(99, ok()).await;
    for kind in ["alert", "health", "anything"] {
        let mut raw = batch(&[&alarm("OK", "ALARM")]);
        raw["Records"][0]["messageAttributes"] = json!({"kind": {"stringValue": kind}});
        let wrapped =
            json!({"Message": alarm("OK", "ALARM"), "MessageAttributes": {"kind": {"Value": kind}}})
                .to_string();
        for input in [raw, batch(&[&wrapped])] {
            let answer = bench.sentinel.handle(input).await.unwrap();
            assert_eq!(answer["batchItemFailures"], json!([{"itemIdentifier": "m0"}]), "{kind}");
        }
    }
    assert_eq!(bench.posts().await, 0);
}

#[tokio::test]
async fn many_tests_are_one_post_behind_all_else() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(99, ok()).await;
    let test = |n: usize| {
        let alert: Alert =
            serde_json::from_str(&by(&format!("eve{n}"), &format!("t{n}"), "AttachUserPolicy")).unwrap();
        alert.into_test().to_message(262_144).unwrap()
    };
    let mut bodies: Vec<String> = (0..4).map(test).collect();
    bodies.push(by("alice", "a1", "CreateUser"));
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    assert_eq!(bench.sentinel.handle(batch(&bodies)).await.unwrap().to_string(), DONE);
    let messages = bench.messages().await;
    let texts: Vec<&str> = messages.iter().map(text).collect();
    assert!(texts[0].starts_with("MEDIUM: alice"), "{texts:?}");
    assert_eq!(texts[1..], ["4 TESTS (4 CRITICAL)"]);
    assert!(messages[1].to_string().contains("user/eve0 and 3 more"), "{}", messages[1]);
}

#[tokio::test]
async fn a_fed_back_event_that_sns_does_not_take_waits_in_the_queue_and_slack_is_not_told() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.sns_answers(503).await;
    bench.slack_answers(99, ok()).await;
    let mut metrics = Metrics::default();
    let input = batch(&[&record().to_string()]);
    let answer = bench.sentinel.serve(input, &mut metrics).await.unwrap();
    assert_eq!(answer["batchItemFailures"], json!([{"itemIdentifier": "m0"}]));
    assert_eq!((metrics.sns_failed, bench.posts().await), (1, 0));
}

#[tokio::test]
async fn a_record_with_an_endless_field_is_published_like_any_other() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    for _ in 0..3 {
        bench.sns_answers(200).await;
    }
    for (at, field) in ["userAgent", "errorMessage", "sourceIPAddress"].into_iter().enumerate() {
        let mut large = record();
        large["eventID"] = format!("large-{at}").into();
        large[field] = "x".repeat(300_000).into();
        let answer = bench.sentinel.handle(batch(&[&large.to_string()])).await.unwrap();
        assert_eq!((answer.to_string().as_str(), bench.publishes().await), (DONE, at + 1), "{field}");
    }
    let requests = bench.aws.received_requests().await.unwrap();
    assert!(
        requests.iter().all(|request| request.body.len() < 400_000),
        "bounded, percent encoding included"
    );
}

#[tokio::test]
async fn an_alarm_that_cannot_be_read_is_kept() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(99, ok()).await;
    let odd = json!({"AlarmName": 7, "NewStateValue": "ALARM"}).to_string();
    let mut input = batch(&[&odd, &alarm("NEW_STATE", "OK"), "{\"text\": \"x\"}", &alarm("ALARM", "OK")]);
    input["Records"][2]["messageAttributes"] = json!({"kind": {"stringValue": "health"}});
    bench.dead_letter_queue_answers(200).await;
    let mut metrics = Metrics::default();
    let answer = bench.sentinel.serve(input, &mut metrics).await.unwrap();
    assert_eq!((answer.to_string().as_str(), metrics.unreadable), (DONE, 2));
    let kept = bench.set_aside().await;
    let bodies: Vec<&str> = kept.iter().map(|kept| kept["MessageBody"].as_str().unwrap()).collect();
    assert_eq!(bodies, [odd, alarm("NEW_STATE", "OK")], "and a kind that nobody knows is not for Slack");
    assert_eq!(bench.posts().await, 1);
}

#[tokio::test]
async fn the_urgent_comes_first_and_the_rest_folds_by_actor() {
    let bench = Bench::with(SlackDelivery::Queue, Duration::ZERO, Severity::Medium).await;
    bench.slack_answers(99, ok()).await;
    let test = serde_json::from_str::<Alert>(&by("eve", "t", "AttachUserPolicy")).unwrap().into_test();
    let bodies = [
        by("alice", "a1", "CreateUser"),
        by("bob", "b1", "CreateUser"),
        test.to_message(262_144).unwrap(),
        by("alice", "a2", "CreateAccessKey"),
        alarm("ALARM", "OK"),
        by("alice", "c1", "AttachUserPolicy"),
        by("alice", "a1", "CreateUser"),
    ];
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let mut metrics = Metrics::default();
    let answer = bench.sentinel.serve(batch(&bodies), &mut metrics).await.unwrap();
    assert_eq!((answer.to_string().as_str(), metrics.slack_posts), (DONE, 5));
    let messages = bench.messages().await;
    let texts: Vec<&str> = messages.iter().map(text).collect();
    assert!(texts[0].starts_with("CRITICAL: alice attached"), "{texts:?}");
    assert!(texts[1].starts_with("ALARM: "), "{texts:?}");
    assert_eq!(texts[2], "2 alerts (1 HIGH, 1 MEDIUM) by alice");
    assert!(texts[3].starts_with("MEDIUM: bob"), "{texts:?}");
    assert!(texts[4].starts_with("CRITICAL: TEST: eve"), "{texts:?}");
    // And once told, nothing of it is told again.
    assert_eq!(bench.sentinel.handle(batch(&bodies)).await.unwrap().to_string(), DONE);
    assert_eq!(bench.posts().await, 5);
}

#[tokio::test]
async fn when_a_folded_post_fails_all_of_it_goes_back_and_is_told_once_later() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(1, ok()).await;
    bench.slack_answers(2, ResponseTemplate::new(500)).await;
    bench.slack_answers(99, ok()).await;
    let bodies = [
        by("alice", "c1", "AttachUserPolicy"),
        by("alice", "a1", "CreateUser"),
        by("alice", "a2", "CreateUser"),
        by("bob", "b1", "CreateUser"),
    ];
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let answer = bench.sentinel.handle(batch(&bodies)).await.unwrap();
    let names = ["m1", "m2", "m3"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(answer["batchItemFailures"], json!(names), "bob's waits too while Slack is in trouble");
    assert_eq!(bench.sentinel.handle(batch(&bodies)).await.unwrap().to_string(), DONE);
    let messages = bench.messages().await;
    let texts: Vec<&str> = messages.iter().skip(3).map(text).collect();
    assert_eq!(texts[0], "2 alerts (2 MEDIUM) by alice");
    assert!(texts.len() == 2 && texts[1].starts_with("MEDIUM: bob"), "{texts:?}");
}

#[tokio::test]
async fn a_folded_post_that_slack_refuses_goes_out_one_by_one() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(2, ResponseTemplate::new(400).set_body_string("invalid_blocks")).await;
    bench.slack_answers(1, ok()).await;
    bench.slack_answers(2, ResponseTemplate::new(400).set_body_string("invalid_payload")).await;
    bench.slack_answers(99, ok()).await;
    let bodies = ["a1", "a2", "a3"].map(|id| by("alice", id, "CreateUser"));
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let answer = bench.sentinel.handle(batch(&bodies)).await.unwrap();
    assert_eq!(
        answer["batchItemFailures"],
        json!([{"itemIdentifier": "m1"}]),
        "only what is refused by itself"
    );
    let messages = bench.messages().await;
    assert_eq!(messages.len(), 6);
    assert!(messages[0].get("blocks").is_some() && messages[1].get("blocks").is_none());
    assert!(text(&messages[1]).starts_with("```3 alerts"), "{}", messages[1]);
    assert!(text(&messages[2]).starts_with("MEDIUM: alice"), "{}", messages[2]);
}
