//! The deployed shape, whole: `terraform/` applied by the real provider to an emulated AWS, the real
//! function started from the package that was deployed, real SNS and SQS protocol, a Slack that
//! fails in every way it knows, and the real console in a terminal.
//!
//! ```text
//!  PutEvents ─► rule ─► function ─► topic ─┬─► queue "slack" ─► function ─► Slack (stub)
//!                                          └─► queue "console-oncall" ─► sentinel-tui in a pty
//! ```
//!
//! It brings what it needs: moto into a virtual environment under `target/`. It needs python3 and
//! terraform, and says so where they are missing; under `CI` that is a failure.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod aws;
mod console;
mod files;
mod slack;
mod terraform;

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::ResponseTemplate;

/// A call as CloudTrail records it and EventBridge hands it on.
fn event(id: &str, name: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": "2026-11-24T02:03:04Z",
        "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.66", "userAgent": "aws-cli/2.31.0",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": "mallory",
            "arn": "arn:aws:iam::123456789012:user/mallory", "accountId": "123456789012"},
        "requestParameters": parameters, "responseElements": null, "readOnly": false,
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
        "eventCategory": "Management",
    })
}

fn make_user(n: usize) -> Value {
    event(
        &format!("00000000-0000-4000-8000-{n:012}"),
        "CreateUser",
        json!({"userName": format!("svc-backup-{n}"), "path": "/"}),
    )
}

#[test]
#[expect(clippy::too_many_lines, reason = "one story, in its order")]
fn an_event_goes_the_whole_way_and_nothing_is_lost_or_told_twice() {
    let Some(tools) = files::Tools::find() else { return };
    let folder = files::fresh_folder();
    let slack = slack::Slack::start();
    let aws = aws::Emulator::start(&tools, &folder);
    let package = aws.package(&files::detector(), &folder);

    // Terraform makes everything; a second plan finds nothing to do; the secret is nowhere.
    let deployed = terraform::Deployment::apply(&tools, &folder, &aws, &package);
    deployed.assert_clean();
    deployed.assert_nowhere(terraform::WEBHOOK_SECRET);

    // The webhook is rotated as the documents say: by a new value, without a deploy.
    aws.call(
        "ssm",
        "put_parameter",
        &json!({"Name": deployed.output("slack_webhook_parameter"), "Value": slack.webhook(),
            "Type": "SecureString", "Overwrite": true}),
    );

    let consoles = deployed.output("consoles");
    let command = consoles["oncall"].as_str().unwrap();
    let mut console = console::Console::start(command, &aws, &folder);
    console.wait_for("it is live", |screen| screen.contains("● live"));

    // One event, the whole way.
    aws.put(&event(
        "6f1b6c1e-0000-4000-8000-000000000001",
        "AttachUserPolicy",
        json!({"userName": "svc-backup", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
    ));
    console.wait_for("the alert", |screen| {
        ["CRIT", "AttachUserPolicy", "mallory", "203.0.113.66"].iter().all(|part| screen.contains(part))
    });
    console.keys("\r");
    console.wait_for("what it means", |screen| {
        screen.contains("mallory attached policy AdministratorAccess to user svc-backup")
    });
    console.keys("]");
    console.wait_for("the parameters", |screen| {
        screen.contains("userName: svc-backup")
            && screen.contains("policyArn: arn:aws:iam::aws:policy/AdministratorAccess")
    });
    let posts = slack.wait_for(1);
    assert!(
        posts[0].to_string().contains("CRITICAL: Administrator rights were given to a user"),
        "{}",
        posts[0]
    );

    // An event that the rule does not ask for goes nowhere. One that the function gets all the same,
    // by its test button, is logged and no more.
    aws.put(&event("6f1b6c1e-0000-4000-8000-000000000002", "ListRoles", Value::Null));
    let bare = event("6f1b6c1e-0000-4000-8000-000000000003", "ListUsers", Value::Null);
    aws.call(
        "lambda",
        "invoke",
        &json!({"FunctionName": deployed.output("function_name"), "Payload": bare.to_string()}),
    );

    // Slack is away in every way it knows, and then well again.
    slack.answer_next([
        ResponseTemplate::new(429).insert_header("Retry-After", "1").set_body_string("rate_limited"),
        ResponseTemplate::new(429).insert_header("Retry-After", "30").set_body_string("rate_limited"),
        ResponseTemplate::new(500).set_body_string("rollup_error"),
        ResponseTemplate::new(500).set_body_string("rollup_error"),
        ResponseTemplate::new(404).set_body_string("no_service"),
    ]);
    console.keys("\x1b\x1b\x1b");
    for n in 0..6 {
        aws.put(&make_user(n));
    }
    console.wait_for("all of them, Slack or no Slack", |screen| screen.contains("7 alerts"));
    let posts = slack.wait_for(7);
    for n in 0..6 {
        let told =
            posts.iter().filter(|post| post.to_string().contains(&format!("created user svc-backup-{n}")));
        assert_eq!(told.count(), 1, "svc-backup-{n} is told once");
    }
    assert_eq!(slack.refused(), 5, "every failure was met");
    aws.wait_until_empty("iam-sentinel-slack");

    // The same event again, as EventBridge may send it: one row, one post.
    aws.put(&make_user(0));
    // A later one shows when the repeat has been through: both take the same way.
    aws.put(&make_user(6));
    let posts = slack.wait_for(8);
    assert_eq!(posts.iter().filter(|post| post.to_string().contains("svc-backup-0 ")).count(), 1);
    console.wait_for("one row more", |screen| screen.contains("8 alerts"));

    // Who touches the pipeline itself is told as such: it knows its own parts by their names.
    let mut tampering = event(
        "6f1b6c1e-0000-4000-8000-000000000004",
        "DisableRule",
        json!({"name": "iam-sentinel-events-1"}),
    );
    tampering["eventSource"] = "events.amazonaws.com".into();
    aws.put(&tampering);
    let posts = slack.wait_for(9);
    assert!(
        posts[8].to_string().contains("CRITICAL: Somebody tampers with IAM Sentinel itself"),
        "{}",
        posts[8]
    );
    console.wait_for("the tampering", |screen| screen.contains("9 alerts") && screen.contains("DisableRule"));

    // What can't be read is kept, with the event, for somebody to look at.
    aws.put(
        &json!({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "detail": {"broken": true}}),
    );
    let kept = aws.wait_for_message("iam-sentinel-function-dlq");
    assert_eq!(kept["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(kept["responsePayload"]["errorType"], "Unreadable");

    // A restarted console has it all from its database, and its queue was emptied.
    console.keys("q");
    console.wait_for_end(0);
    aws.wait_until_empty("iam-sentinel-console-oncall");
    let mut console = console::Console::start(command, &aws, &folder);
    console.wait_for("what it knew", |screen| screen.contains("9 alerts") && screen.contains("CRIT"));
    console.keys("q");
    console.wait_for_end(0);

    // The log: JSON, with time and level, and without the secret.
    let log = aws.function_log();
    assert!(!log.contains(slack::SECRET) && !log.contains(terraform::WEBHOOK_SECRET), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()), "{log}");
    assert!(lines.iter().any(|line| line["Alerts"] == 1 && line["_aws"].is_object()), "{log}");
    assert!(log.contains("no_service"), "{log}");
    assert!(lines.iter().any(|line| line["message"] == "Ignored event: \"ListUsers\""), "{log}");
    assert!(!log.contains("ListRoles"), "the rule does not ask for it");

    assert_eq!(slack.wait_for(9).len(), 9, "and nothing was told once more meanwhile");
    deployed.destroy();
    println!("{}", aws.timings());
    drop(slack);
}

/// The longest that anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_secs(60);
