//! `sentinel-tui doctor` as it is run: what is well, what is wrong, and that no secret is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, header};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";

/// Runs `doctor`, and returns true where all is well, with the report.
fn doctor(arguments: &[&str], environment: &[(&str, &str)]) -> (bool, String) {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("doctor");
    std::fs::create_dir_all(&home).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel-tui"));
    command
        .arg("doctor")
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command.env("TERM", "xterm").env("LANG", "C.UTF-8").envs(environment.iter().copied());
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains(SECRET) && !text.contains("AKIAIOSFODNN7EXAMPLE"), "{text}");
    (output.status.success(), text)
}

/// SQS with these answers, by the names of its calls.
async fn sqs(answers: &[(&str, u16, Value)]) -> MockServer {
    let server = MockServer::start().await;
    for (call, status, body) in answers {
        Mock::given(header("x-amz-target", format!("AmazonSQS.{call}").as_str()))
            .respond_with(
                ResponseTemplate::new(*status).set_body_raw(body.to_string(), "application/x-amz-json-1.0"),
            )
            .mount(&server)
            .await;
    }
    server
}

fn queue(server: &MockServer) -> (bool, String) {
    let (url, key) = (format!("{}/111122223333/console", server.uri()), "AKIAIOSFODNN7EXAMPLE");
    doctor(
        &["--queue-url", &url, "--region", "eu-west-1"],
        &[("AWS_ENDPOINT_URL", &server.uri()), ("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", SECRET)],
    )
}

/// Lets the server say whose the credentials are.
async fn knows_the_caller(server: &MockServer) {
    let arn = "arn:aws:sts::111122223333:assumed-role/oncall/priya";
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>{arn}</Arn><UserId>AROA:priya</UserId><Account>111122223333</Account>\
         </GetCallerIdentityResult></GetCallerIdentityResponse>"
    );
    Mock::given(body_string_contains("Action=GetCallerIdentity"))
        .respond_with(ResponseTemplate::new(200).set_body_raw(body, "text/xml"))
        .mount(server)
        .await;
}

fn refused(code: &str) -> Value {
    json!({"__type": format!("com.amazonaws.sqs#{code}"), "message": "no"})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_can_be_used_is_well_and_nothing_is_taken_from_it() {
    let attributes = json!({"Attributes": {"ApproximateNumberOfMessages": "0", "RedrivePolicy": "{}",
        "ApproximateNumberOfMessagesNotVisible": "3"}});
    let server = sqs(&[
        ("GetQueueAttributes", 200, attributes),
        ("ReceiveMessage", 200, json!({})),
        ("DeleteMessage", 400, refused("ReceiptHandleIsInvalid")),
    ])
    .await;
    knows_the_caller(&server).await;
    let (well, said) = queue(&server);
    assert!(well, "{said}");
    for part in [
        "  ok     credentials: AKIA…MPLE, eu-west-1\n",
        "  ok     caller: arn:aws:sts::111122223333:assumed-role/oncall/priya, account 111122223333\n",
        "/111122223333/console (region eu-west-1): 0 waiting, 3 in flight\n",
        "  ok     receive allowed\n",
        "  ok     delete allowed\n",
        "  note   no topic set: ",
        "does not exist yet: created at first start",
        "  ok     sentinel-tui ",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }

    let attributes = json!({"Attributes": {"ApproximateNumberOfMessages": "1", "RedrivePolicy": "{}"}});
    let waiting = sqs(&[
        ("GetQueueAttributes", 200, attributes),
        ("DeleteMessage", 400, refused("ReceiptHandleIsInvalid")),
    ])
    .await;
    let (well, said) = queue(&waiting);
    assert!(well && said.contains("receive permission not tested"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_done_is_told_with_what_helps() {
    let server = sqs(&[
        ("GetQueueAttributes", 200, json!({"Attributes": {"ApproximateNumberOfMessages": "0"}})),
        ("ReceiveMessage", 400, refused("AccessDeniedException")),
        ("DeleteMessage", 400, refused("AccessDeniedException")),
    ])
    .await;
    let (well, said) = queue(&server);
    assert!(!well);
    for part in [
        "  note   caller unknown: ",
        "  note   queue has no dead-letter queue",
        "  FAIL   can't receive: no permission for sqs:ReceiveMessage on ",
        "-> attach a policy that allows sqs:ReceiveMessage (terraform output has the ARNs)\n",
        "  FAIL   can't delete: no permission for sqs:DeleteMessage on ",
        "\n2 problems.\n",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let gone = sqs(&[("GetQueueAttributes", 400, refused("QueueDoesNotExist"))]).await;
    let (well, said) = queue(&gone);
    assert!(!well && said.contains("-> check the URL or ARN, and the account"), "{said}");
}

const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:iam-sentinel-alerts";
const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:console";

/// A queue that is well and holds an alert of somebody; the topic's probe comes through it where `comes`.
async fn with_a_topic(comes: bool) -> MockServer {
    let attributes = json!({"Attributes": {"ApproximateNumberOfMessages": "1", "RedrivePolicy": "{}",
        "QueueArn": QUEUE}});
    let server = sqs(&[
        ("GetQueueAttributes", 200, attributes),
        ("DeleteMessage", 200, json!({})),
        ("ChangeMessageVisibilityBatch", 200, json!({"Successful": [], "Failed": []})),
    ])
    .await;
    let json =
        |body: Value| ResponseTemplate::new(200).set_body_raw(body.to_string(), "application/x-amz-json-1.0");
    let published: Arc<Mutex<Option<String>>> = Arc::default();
    let probe = Arc::clone(&published);
    let receive = move |_: &Request| {
        let Some(probe) = probe.lock().unwrap().take() else {
            return json(json!({})).set_delay(std::time::Duration::from_millis(200));
        };
        let alert = json!({"MessageId": "a", "ReceiptHandle": "handle-of-alert", "Body": "{\"version\": 1}"});
        let mut messages = vec![alert];
        if comes {
            messages.push(json!({"MessageId": "p", "ReceiptHandle": "handle-of-probe", "Body": probe}));
        }
        json(json!({"Messages": messages}))
    };
    Mock::given(header("x-amz-target", "AmazonSQS.ReceiveMessage"))
        .respond_with(receive)
        .mount(&server)
        .await;
    let publish = move |request: &Request| {
        let body = String::from_utf8(request.body.clone()).unwrap();
        let message = body.split('&').find_map(|field| field.strip_prefix("Message=")).unwrap();
        let message = percent_encoding::percent_decode_str(message).decode_utf8().unwrap().into_owned();
        *published.lock().unwrap() = Some(message);
        let body =
            "<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult></PublishResponse>";
        ResponseTemplate::new(200).set_body_raw(body, "text/xml")
    };
    Mock::given(body_string_contains("Action=Publish")).respond_with(publish).mount(&server).await;
    server
}

async fn answers(server: &MockServer, action: &str, status: u16, body: &str) {
    Mock::given(body_string_contains(format!("Action={action}")))
        .respond_with(ResponseTemplate::new(status).set_body_raw(body, "text/xml"))
        .mount(server)
        .await;
}

fn probed(server: &MockServer) -> (bool, String) {
    let url = format!("{}/111122223333/console", server.uri());
    let key = "AKIAIOSFODNN7EXAMPLE";
    doctor(
        &["--queue-url", &url, "--region", "eu-west-1", "--topic-arn", TOPIC],
        &[("AWS_ENDPOINT_URL", &server.uri()), ("AWS_ACCESS_KEY_ID", key), ("AWS_SECRET_ACCESS_KEY", SECRET)],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_goes_the_whole_way_and_what_else_came_is_given_back() {
    let server = with_a_topic(true).await;
    let (well, said) = probed(&server);
    assert!(
        well && said.contains("  ok     probe received from the consoles topic through the queue in "),
        "{said}"
    );
    let requests = server.received_requests().await.unwrap();
    let bodies = |call: &str| -> Vec<String> {
        let target = format!("AmazonSQS.{call}");
        let of_call = |request: &&Request| {
            request.headers.get("x-amz-target").is_some_and(|value| value.to_str().unwrap() == target)
        };
        requests.iter().filter(of_call).map(|r| String::from_utf8(r.body.clone()).unwrap()).collect()
    };
    let given_back = bodies("ChangeMessageVisibilityBatch");
    assert_eq!(given_back.len(), 1);
    assert!(given_back[0].contains("handle-of-alert") && given_back[0].contains("\"VisibilityTimeout\":0"));
    let deleted = bodies("DeleteMessage");
    assert!(deleted.iter().any(|body| body.contains("handle-of-probe")), "{deleted:?}");
    assert!(!deleted.iter().any(|body| body.contains("handle-of-alert")), "{deleted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_may_not_be_published_says_what_helps() {
    let denied = MockServer::start().await;
    let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error>\
                </ErrorResponse>";
    answers(&denied, "Publish", 403, body).await;
    let attributes = json!({"Attributes": {"ApproximateNumberOfMessages": "0", "RedrivePolicy": "{}",
        "QueueArn": "arn:aws:sqs:eu-west-1:999900001111:console"}});
    for (call, status, body) in [
        ("GetQueueAttributes", 200, attributes),
        ("ReceiveMessage", 200, json!({})),
        ("DeleteMessage", 400, refused("ReceiptHandleIsInvalid")),
    ] {
        Mock::given(header("x-amz-target", format!("AmazonSQS.{call}").as_str()))
            .respond_with(
                ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/x-amz-json-1.0"),
            )
            .mount(&denied)
            .await;
    }
    let (well, said) = probed(&denied);
    assert!(!well, "{said}");
    for part in [
        "  note   topic in account 111122223333, queue in account 999900001111\n",
        "  FAIL   can't publish the probe to arn:aws:sns:eu-west-1:111122223333:iam-sentinel-consoles: no permission for sns:Publish on ",
        "-> attach a policy that allows sns:Publish",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
}

/// It waits as long as a person would.
#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_does_not_come_is_explained_by_the_subscription() {
    let server = with_a_topic(false).await;
    let subscriptions = format!(
        "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member>\
         <SubscriptionArn>{TOPIC}:s</SubscriptionArn><Endpoint>{QUEUE}</Endpoint><Protocol>sqs</Protocol></member>\
         </Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
    );
    answers(&server, "ListSubscriptionsByTopic", 200, &subscriptions).await;
    let filtered = "<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult><Attributes><entry>\
        <key>FilterPolicy</key><value>{\"kind\": [\"alert\"]}</value></entry></Attributes>\
        </GetSubscriptionAttributesResult></GetSubscriptionAttributesResponse>";
    answers(&server, "GetSubscriptionAttributes", 200, filtered).await;
    let (well, said) = probed(&server);
    assert!(!well && said.contains("not received through the queue within 20 s"), "{said}");
    assert!(said.contains("blocked by the subscription's filter policy: {\"kind\": [\"alert\"]}"), "{said}");
}

#[test]
fn without_a_queue_or_credentials_it_says_so() {
    let (well, said) = doctor(&[], &[]);
    assert!(well && said.contains("no queue set"), "{said}");
    let (well, said) = doctor(&["--queue-url", "https://sqs.eu-west-1.amazonaws.com/1/q"], &[]);
    assert!(!well && said.contains("  FAIL   no credentials") && said.contains("aws sso login"), "{said}");
}
