//! The story, a chapter for each thing that must hold. Each leaves the world well for the next.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use crate::events::{event, gives_rights_to, makes_user};
use crate::world::World;

/// One event, the whole way: onto the screen, into its details, and to Slack.
pub(crate) fn an_alert(world: &mut World) {
    let World { aws, console, slack, .. } = world;
    aws.put(&gives_rights_to("svc-backup"));
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
    // Back to the list, and on with what comes.
    console.keys("\x1b\x1b\x1b");
    console.wait_for("the list", |screen| !screen.contains("policyArn"));
    console.keys("g");
    let post = slack.wait_for_one("svc-backup");
    assert!(post.contains("CRITICAL: Administrator rights were given to a user"), "{post}");

    // An event that the rule does not ask for goes nowhere. One that the function gets all the same,
    // by its test button, is logged and no more.
    aws.put(&event("6f1b6c1e-0000-4000-8000-000000000002", "ListRoles", Value::Null));
    let bare = event("6f1b6c1e-0000-4000-8000-000000000003", "ListUsers", Value::Null);
    aws.invoke(&bare);
}

/// Slack is away in every way it knows, and then well again: told once, each of them.
pub(crate) fn slack_goes_and_comes(world: &mut World) {
    let World { aws, console, slack, .. } = world;
    slack.answer_next([
        ResponseTemplate::new(429).insert_header("Retry-After", "1").set_body_string("rate_limited"),
        ResponseTemplate::new(429).insert_header("Retry-After", "30").set_body_string("rate_limited"),
        ResponseTemplate::new(500).set_body_string("rollup_error"),
        ResponseTemplate::new(500).set_body_string("rollup_error"),
        ResponseTemplate::new(404).set_body_string("no_service"),
    ]);
    let users: Vec<String> = (0..6).map(|n| format!("outage-{n}")).collect();
    for user in &users {
        aws.put(&gives_rights_to(user));
    }
    for user in &users {
        console.wait_for("all of them, Slack or no Slack", |screen| screen.contains(user));
    }
    for user in &users {
        slack.wait_for_one(user);
    }
    assert_eq!(slack.refused(), 5, "every failure was met");
    aws.wait_until_empty("iam-sentinel-slack");

    // The same event again, as EventBridge may send it: one row, one post.
    aws.put(&gives_rights_to("outage-0"));
    // A later one shows when the repeat has been through: both take the same way.
    aws.put(&gives_rights_to("outage-6"));
    slack.wait_for_one("outage-6");
    slack.wait_for_one("outage-0");
}

/// SNS is away: Slack is told straight, the event is kept, and comes to the consoles later.
pub(crate) fn sns_goes_and_comes(world: &mut World) {
    world.aws.take_away("sns");
    world.aws.put(&gives_rights_to("no-topic"));
    world.slack.wait_for_one("no-topic");
    world.aws.wait_for_messages("iam-sentinel-function-dlq", 1);
    world.aws.bring_back("sns");

    let (said, code) = world.sentinel(&["redrive", "function", "--dry-run"]);
    assert!(code == 0 && said.contains("SnsFailed"), "{said}");
    world.aws.wait_for_messages("iam-sentinel-function-dlq", 1);
    let (said, code) = world.sentinel(&["redrive", "function"]);
    assert_eq!(code, 0, "{said}");
    world.console.wait_for("the one that had no topic", |screen| screen.contains("no-topic"));
    world.aws.wait_until_empty("iam-sentinel-function-dlq");
    world.aws.wait_until_empty("iam-sentinel-slack");
    // This instance knows that Slack has it.
    world.slack.wait_for_one("no-topic");
}

/// Many at once by one actor: Slack gets few messages, and all is in them.
pub(crate) fn a_storm(world: &mut World) {
    let users: Vec<String> = (0..30).map(|n| format!("storm-{n:02}")).collect();
    let before = world.slack.count();
    world.aws.put_all(&users.iter().map(|user| makes_user(user)).collect::<Vec<_>>());
    world
        .console
        .wait_for("all of them", |screen| screen.contains("39 alerts") && screen.contains("storm-00"));
    world.aws.wait_until_empty("iam-sentinel-slack");
    let posts = world.slack.since(before);
    assert!(posts.len() < users.len() / 2, "{} posts", posts.len());
}

/// Who touches the pipeline itself is told as such: it knows its own parts by their names.
pub(crate) fn tampering(world: &mut World) {
    let mut tampering = event(
        "6f1b6c1e-0000-4000-8000-000000000004",
        "DisableRule",
        json!({"name": "iam-sentinel-events-1"}),
    );
    tampering["eventSource"] = "events.amazonaws.com".into();
    world.aws.put(&tampering);
    let post = world.slack.wait_for_one("iam-sentinel-events-1");
    assert!(post.contains("CRITICAL: Somebody tampers with IAM Sentinel itself"), "{post}");
    world.console.wait_for("the tampering", |screen| screen.contains("DisableRule"));
}

/// What can't be read is kept, with the event, for somebody to look at.
pub(crate) fn the_unreadable(world: &mut World) {
    let entry = json!({"Source": "sentinel.iam-sentinel", "DetailType": "IAM Sentinel Test", "Detail": r#"{"broken": true}"#});
    world.aws.call("events", "put_events", &json!({"Entries": [entry]}));
    let kept = world.aws.wait_for_message("iam-sentinel-function-dlq");
    assert_eq!(kept["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(kept["responsePayload"]["errorType"], "Unreadable");
}

/// The canary walks the schedule, the bus, the rule and the function; nobody is told.
pub(crate) fn the_canary(world: &mut World) {
    let before = world.slack.count();
    world.aws.happens("canary", &Value::Null);
    world.aws.wait_for_log("the canary's metric", |line| line["Canary"] == 1);
    assert_eq!(world.slack.count(), before);
}

/// The console's own leg: a probe goes to the topic and comes back through its queue.
pub(crate) fn the_probe(world: &mut World) {
    world
        .console
        .wait_for("the probe's round trip", |screen| screen.contains(" probe ") && screen.contains(" ms, "));
    let (said, _) = world.sentinel(&["doctor"]);
    assert!(said.contains("a probe came from the topic"), "{said}");
}

/// The test button: the whole way, hop by hop, and marked as a test everywhere.
pub(crate) fn the_test_alert(world: &mut World) {
    let (said, code) = world.sentinel(&["test-alert"]);
    assert_eq!(code, 0, "{said}");
    let post = world.slack.wait_for_one("iam-sentinel-test");
    assert!(post.contains("TEST"), "{post}");
    world.console.wait_for("the test", |screen| screen.contains("TEST"));

    // Where it stops is told.
    world.aws.take_away("sns");
    let (said, code) = world.sentinel(&["test-alert", "--timeout", "15"]);
    world.aws.bring_back("sns");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("iam-sentinel-function-dlq"), "{said}");
    world.aws.wait_for_messages("iam-sentinel-function-dlq", 1);
    let (said, code) = world.sentinel(&["redrive", "function"]);
    assert_eq!(code, 0, "{said}");
    world.aws.wait_until_empty("iam-sentinel-function-dlq");
}

/// EventBridge loses an event: CloudTrail has it, and back-fill finds it.
pub(crate) fn the_back_fill(world: &mut World) {
    let mut lost = gives_rights_to("lost-one");
    let an_hour_ago = Timestamp::now() - SignedDuration::from_hours(1);
    lost["eventTime"] = Timestamp::from_second(an_hour_ago.as_second()).unwrap().to_string().into();
    world.aws.happens("happened", &lost);
    let (said, code) = world.sentinel(&["backfill", "--since", "2h"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("lost-one") && !said.contains("outage-0"), "{said}");
    // The oldest of all.
    world.console.keys("G");
    world.console.wait_for("what was lost", |screen| screen.contains("lost-one"));
    world.console.keys("g");
}

/// An alarm reaches the console and Slack without the function's help.
pub(crate) fn an_alarm(world: &mut World) {
    let name = "iam-sentinel-slack-late";
    for state in ["ALARM", "OK"] {
        let parameters = json!({"AlarmName": name, "StateValue": state, "StateReason": "Threshold Crossed"});
        world.aws.call("cloudwatch", "set_alarm_state", &parameters);
        world.console.wait_for(state, |screen| screen.contains("slack-late") == (state == "ALARM"));
        world.slack.wait_for_post(|post| post.contains("slack-late") && post.contains(state));
    }
}

/// Who took what is seen on every console, also on one that starts later and hears of it before it has
/// the alert.
pub(crate) fn two_consoles(world: &mut World) {
    // Others may come meanwhile: this one is meant.
    let find = "/DisableRule\r";
    let found =
        |screen: &str| screen.lines().any(|line| line.starts_with('▌') && line.contains("DisableRule"));
    let taken = |screen: &str| screen.contains("acknowledged; last word by oncall");
    world.console.keys(find);
    world.console.wait_for("the alert", found);
    world.console.keys("a");
    world.console.wait_for("it is taken", |screen| screen.contains("1 alert: acknowledged"));
    // The words about a key stay until the next one.
    world.console.keys("jk");
    world.console.wait_for("who took it", taken);

    let mut lead = world.console_of("lead");
    lead.wait_for("it is live", |screen| screen.contains("● live"));
    lead.keys("A");
    lead.wait_for("all of it", |screen| screen.contains("DisableRule"));
    lead.keys(find);
    lead.wait_for("the same alert", found);
    lead.wait_for("who took it", taken);
    lead.keys("cwith me\r");
    world.console.wait_for("what the other one says", |screen| {
        screen.contains("last word by lead") && screen.contains("note: with me")
    });
    lead.keys("z");
    world.console.wait_for("it is taken back", |screen| !screen.contains("note: with me"));
    world.console.keys("z");
    lead.wait_for("it is open again", |screen| !screen.contains("acknowledged; last word"));
    world.console.keys("\x1b");
    world.aws.wait_until_empty("iam-sentinel-console-lead");
    lead.keys("q");
    lead.wait_for_end(0);
}

/// A restarted console has it all from its database.
pub(crate) fn a_restart(world: &mut World) {
    world.restart_console();
    world.console.wait_for("what it knew", |screen| screen.contains("43 alerts") && screen.contains("CRIT"));
    world.end_console();
}

/// The function's log: JSON, with time and level, and without the secret.
pub(crate) fn the_log(world: &World) {
    let log = world.aws.function_log();
    for secret in [crate::slack::SECRET, crate::terraform::WEBHOOK_SECRET] {
        assert!(!log.contains(secret), "{log}");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["timestamp"].is_string() && line["level"].is_string()), "{log}");
    assert!(lines.iter().any(|line| line["Alerts"] == 1 && line["_aws"].is_object()), "{log}");
    assert!(log.contains("no_service"), "{log}");
    assert!(lines.iter().any(|line| line["message"] == "Ignored event: \"ListUsers\""), "{log}");
    assert!(!log.contains("ListRoles"), "the rule does not ask for it");
}
