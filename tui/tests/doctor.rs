//! `sentinel-tui doctor` as it is run: what is well, what is wrong, and that no secret is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use wiremock::matchers::{body_string_contains, header};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY";

/// What it says of a queue, and whether all is well.
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
        "  ok     credentials AKIA…MPLE\n  ok     the caller is arn:aws:sts::111122223333:assumed-role/oncall/priya\n",
        "/111122223333/console (region eu-west-1): 0 waiting, 3 held by a console\n",
        "  ok     may receive\n",
        "  ok     may delete\n",
        "is not there yet: the first start makes it",
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
    assert!(well && said.contains("receiving is not tried"), "{said}");
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
        "  note   who the caller is could not be asked: ",
        "  note   the queue has no dead-letter queue",
        "  WRONG  receiving fails: AccessDeniedException no\n         -> these credentials may not read the queue",
        "  WRONG  deleting fails: AccessDeniedException no\n",
        "\n2 things are wrong.\n",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    let gone = sqs(&[("GetQueueAttributes", 400, refused("QueueDoesNotExist"))]).await;
    let (well, said) = queue(&gone);
    assert!(!well && said.contains("-> check --queue-url and the account"), "{said}");
}

#[test]
fn without_a_queue_or_credentials_it_says_so() {
    let (well, said) = doctor(&[], &[]);
    assert!(well && said.contains("no queue is set"), "{said}");
    let (well, said) = doctor(&["--queue-url", "https://sqs.eu-west-1.amazonaws.com/1/q"], &[]);
    assert!(!well && said.contains("  WRONG  no credentials") && said.contains("aws sso login"), "{said}");
}
