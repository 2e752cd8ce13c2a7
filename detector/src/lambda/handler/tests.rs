//! The handler against real SDK clients and real HTTP, with stubs that answer as Slack and SNS do.

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::Severity;
use crate::lambda::slack::WebhookSource;
use crate::lambda::slack::{Hosts, Webhook};

mod bounded;
mod links;
mod pace;
mod queue;
mod samples;
mod storm;

fn record() -> Value {
    json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com", "eventTime": "2026-11-24T02:03:04Z",
        "eventID": "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002", "requestParameters": {"userName": "bob"},
        "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice"}})
}

fn alert(id: &str) -> Alert {
    let mut record = record();
    record["eventID"] = id.into();
    Detector::default().detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert.unwrap()
}

/// The function with everything behind it on this machine.
struct Bench {
    sentinel: Sentinel,
    slack: MockServer,
    aws: MockServer,
}

impl Bench {
    async fn new(delivery: SlackDelivery) -> Self {
        Self::with(delivery, Duration::ZERO, Severity::Low).await
    }

    async fn with(delivery: SlackDelivery, pace: Duration, min_severity: Severity) -> Self {
        let (slack, aws) = (MockServer::start().await, MockServer::start().await);
        let sentinel = Self::instance(&slack, &aws, delivery, pace, min_severity);
        Self { sentinel, slack, aws }
    }

    /// One instance of the function; several may share what is behind them.
    fn instance(
        slack: &MockServer,
        aws: &MockServer,
        delivery: SlackDelivery,
        pace: Duration,
        min_severity: Severity,
    ) -> Sentinel {
        Self::instance_at(&slack.uri(), &aws.uri(), delivery, pace, min_severity)
    }

    fn instance_at(
        slack: &str,
        aws: &str,
        delivery: SlackDelivery,
        pace: Duration,
        min_severity: Severity,
    ) -> Sentinel {
        let config = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(aws_sdk_sns::config::SharedCredentialsProvider::new(
                aws_sdk_sns::config::Credentials::for_tests(),
            ))
            .endpoint_url(aws)
            .retry_config(aws_sdk_sns::config::retry::RetryConfig::disabled())
            .http_client(crate::lambda::tls::aws_client(|_| None))
            .build();
        let webhook = Webhook::new(&format!("{slack}/hook"), &Hosts::default()).unwrap();
        let ssm = aws_sdk_ssm::Client::new(&config);
        Sentinel {
            detector: Detector::default(),
            topic: Some(Topic::new(
                aws_sdk_sns::Client::new(&config),
                "arn:aws:sns:us-east-1:1:alerts".into(),
            )),
            links: Some(LinkTopic::new(
                aws_sdk_sns::Client::new(&config),
                Links { topic: "arn:aws:sns:us-east-1:111122223333:links".into(), machines: false },
            )),
            published: Seen::default(),
            probing: Probing::new(5),
            dead_letters: DeadLetters::new(
                aws_sdk_sqs::Client::new(&config),
                Some("https://sqs.us-east-1.amazonaws.com/1/slack-dlq".into()),
            ),
            slack: Slack::new(Some(WebhookSource::Plain(webhook)), Hosts::default(), min_severity, pace, ssm)
                .unwrap(),
            delivery,
            function: "test".into(),
        }
    }

    async fn slack_answers(&self, times: u64, answer: ResponseTemplate) {
        Mock::given(method("POST"))
            .and(path("/hook"))
            .respond_with(answer)
            .up_to_n_times(times)
            .mount(&self.slack)
            .await;
    }

    async fn sns_answers(&self, status: u16) {
        let body = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>";
        Mock::given(header("content-type", "application/x-www-form-urlencoded"))
            .respond_with(ResponseTemplate::new(status).set_body_string(body))
            .up_to_n_times(1)
            .mount(&self.aws)
            .await;
    }

    /// The dead-letter queue takes messages, or refuses them.
    async fn dead_letter_queue_answers(&self, status: u16) {
        let body =
            json!({"MessageId": "m", "MD5OfMessageBody": "x", "__type": "AccessDenied", "message": "no"});
        Mock::given(header("x-amz-target", "AmazonSQS.SendMessage"))
            .respond_with(ResponseTemplate::new(status).set_body_json(body))
            .mount(&self.aws)
            .await;
    }

    /// Messages that were sent to the dead-letter queue.
    async fn set_aside(&self) -> Vec<Value> {
        let requests = self.aws.received_requests().await.unwrap();
        let sent = requests.iter().filter(|request| request.headers.contains_key("x-amz-target"));
        sent.map(|request| request.body_json().unwrap()).collect()
    }

    async fn posts(&self) -> usize {
        self.slack.received_requests().await.unwrap().len()
    }

    /// Returns the messages that were posted, in their order.
    async fn messages(&self) -> Vec<Value> {
        let requests = self.slack.received_requests().await.unwrap();
        requests.iter().map(|request| request.body_json().unwrap()).collect()
    }

    async fn publishes(&self) -> usize {
        let requests = self.aws.received_requests().await.unwrap();
        requests.iter().filter(|request| !request.headers.contains_key("x-amz-target")).count()
    }
}

fn ok() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_string("ok")
}

fn batch(bodies: &[&str]) -> Value {
    let messages = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| json!({"eventSource": "aws:sqs", "messageId": format!("m{n}"), "body": body}));
    json!({"Records": messages.collect::<Vec<_>>()})
}

#[tokio::test]
async fn sns_first_then_slack_and_a_retry_tells_nobody_twice() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(200).await;
    bench.slack_answers(2, ResponseTemplate::new(500)).await;
    bench.slack_answers(9, ok()).await;
    let error = bench.sentinel.handle(record()).await.unwrap_err();
    assert_eq!(error.to_string(), "Slack server error (500 Internal Server Error)");
    let answer = bench.sentinel.handle(record()).await.unwrap();
    assert_eq!(answer["severity"], "MEDIUM");
    bench.sentinel.handle(record()).await.unwrap();
    assert_eq!((bench.publishes().await, bench.posts().await), (1, 3));
}

#[tokio::test]
async fn when_sns_fails_slack_is_told_at_once_and_the_event_is_tried_again() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.sns_answers(503).await;
    bench.sns_answers(200).await;
    bench.slack_answers(9, ok()).await;
    let error = bench.sentinel.handle(record()).await.unwrap_err().to_string();
    assert!(error.contains("SNS rejected the message") && error.contains("Slack: "), "{error}");
    bench.sentinel.handle(record()).await.unwrap();
    // The queue brings it as well by now: it is known.
    let alert = alert(record()["eventID"].as_str().unwrap()).to_message(262_144).unwrap();
    assert_eq!(bench.sentinel.handle(batch(&[&alert])).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!((bench.publishes().await, bench.posts().await), (2, 1));
}

#[tokio::test]
async fn a_batch_gives_back_only_what_failed() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(1, ok()).await;
    bench.slack_answers(9, ResponseTemplate::new(429).insert_header("Retry-After", "60")).await;
    // Of three accounts: in one they would be one post.
    let bodies = ["a", "b", "c"]
        .map(|id| Alert { account: Some(id.into()), ..alert(id) }.to_message(262_144).unwrap());
    let envelope = json!({"Type": "Notification", "Message": bodies[1]}).to_string();
    let input = batch(&[&bodies[0], &envelope, &bodies[2], "not json"]);
    bench.dead_letter_queue_answers(200).await;
    let failed = bench.sentinel.handle(input).await.unwrap();
    let names = ["m1", "m2"].map(|id| json!({"itemIdentifier": id}));
    assert_eq!(failed["batchItemFailures"], json!(names));
    // The 429 asks for a minute: nothing more is sent to Slack in this batch.
    assert_eq!(bench.posts().await, 2);
}

#[tokio::test]
async fn a_short_retry_after_is_waited_for() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(1, ResponseTemplate::new(429).insert_header("Retry-After", "0")).await;
    bench.slack_answers(1, ok()).await;
    let body = alert("a").to_message(262_144).unwrap();
    assert_eq!(bench.sentinel.handle(batch(&[&body])).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!(bench.posts().await, 2);
}

#[tokio::test]
async fn blocks_that_slack_refuses_go_out_as_text() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.slack_answers(1, ResponseTemplate::new(400).set_body_string("invalid_blocks")).await;
    bench.slack_answers(1, ok()).await;
    let body = alert("a").to_message(262_144).unwrap();
    bench.sentinel.handle(batch(&[&body])).await.unwrap();
    let second: Value = bench.slack.received_requests().await.unwrap()[1].body_json().unwrap();
    assert!(
        second.get("blocks").is_none() && second["text"].as_str().unwrap().contains("alice created user bob")
    );
}

#[tokio::test]
async fn errors_never_hold_the_webhook() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(200).await;
    bench.slack_answers(9, ResponseTemplate::new(404).set_body_string("no_service")).await;
    let error = bench.sentinel.handle(record()).await.unwrap_err();
    assert!(error.to_string().contains("404 Not Found no_service"), "{error}");
    let text = format!("{error:?} {error} {:?}", bench.sentinel);
    assert!(!text.contains("/hook"), "{text}");
    drop(bench.slack);
    let error = bench.sentinel.handle(record()).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("/hook"), "{error}");
}

#[tokio::test]
async fn triage_is_not_for_slack_and_failed_events_can_be_fed_back() {
    let bench = Bench::new(SlackDelivery::Queue).await;
    bench.sns_answers(200).await;
    let mut triage = batch(&["{\"version\":1,\"alert\":\"a\",\"action\":\"acknowledge\"}"]);
    triage["Records"][0]["messageAttributes"] = json!({"kind": {"stringValue": "triage"}});
    assert_eq!(bench.sentinel.handle(triage).await.unwrap(), json!({"batchItemFailures": []}));
    let failure =
        json!({"version": "1.0", "requestPayload": {"version": "0", "detail": record()}}).to_string();
    assert_eq!(bench.sentinel.handle(batch(&[&failure])).await.unwrap(), json!({"batchItemFailures": []}));
    assert_eq!((bench.publishes().await, bench.posts().await), (1, 0));
}

#[tokio::test]
async fn other_events_are_ignored_and_unreadable_input_is_an_error() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    let answer = bench.sentinel.handle(json!({"eventName": "ListUsers"})).await.unwrap();
    assert_eq!(answer["severity"], Value::Null);
    let error = bench.sentinel.handle(json!({"detail": 7})).await.unwrap_err();
    assert!(matches!(error, HandlerError::Unreadable(_)));
    assert_eq!((bench.publishes().await, bench.posts().await), (0, 0));
}
