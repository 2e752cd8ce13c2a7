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
        screen.contains("mallory attached policy \"AdministratorAccess\" to user svc-backup")
    });
    console.keys("]");
    console.wait_for("parameters", |screen| {
        screen.contains("userName: svc-backup")
            && screen.contains("policyArn: arn:aws:iam::aws:policy/AdministratorAccess")
    });
    // Back to the list, and on with what comes.
    console.keys("\x1b\x1b\x1b");
    console.wait_for("the list", |screen| !screen.contains("policyArn"));
    console.keys("g");
    let post = slack.wait_for_one("svc-backup");
    assert!(post.contains("CRITICAL: Administrator access granted to a user or group"), "{post}");

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
    let before = world.posts();
    world.aws.put_all(&users.iter().map(|user| makes_user(user)).collect::<Vec<_>>());
    world.console.wait_for("all of them", |screen| {
        screen.contains("Alerts · 40 ") && screen.contains("CreateUser ×30")
    });
    world.aws.wait_until_empty("iam-sentinel-slack");
    let posts = world.slack.since(before);
    assert!(posts.len() < users.len() / 2, "{} posts", posts.len());
}

/// A change to the pipeline itself is reported as tampering: the pipeline knows its own parts by their names.
pub(crate) fn tampering(world: &mut World) {
    let mut tampering = event(
        "6f1b6c1e-0000-4000-8000-000000000004",
        "DisableRule",
        json!({"name": "iam-sentinel-calls-1-0a1b2c3d"}),
    );
    tampering["eventSource"] = "events.amazonaws.com".into();
    world.aws.put(&tampering);
    let post = world.slack.wait_for_one("iam-sentinel-calls-1-0a1b2c3d");
    assert!(post.contains("CRITICAL: IAM Sentinel's own resources modified or deleted"), "{post}");
    world.console.wait_for("the tampering", |screen| screen.contains("DisableRule"));
}

/// An event that can't be read is kept in the function's dead-letter queue, for somebody to look at.
pub(crate) fn the_unreadable(world: &mut World) {
    let entry = json!({"Source": "sentinel.iam-sentinel", "DetailType": "IAM Sentinel Test", "Detail": r#"{"broken": true}"#});
    world.aws.call("events", "put_events", &json!({"Entries": [entry]}));
    let kept = world.aws.wait_for_message("iam-sentinel-function-dlq");
    assert_eq!(kept["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(kept["responsePayload"]["errorType"], "Unreadable");
}

/// The canary walks the schedule, the bus, the rule and the function; no person is told, and each console
/// sees by the function's probe that its queue hears the topic of alerts.
pub(crate) fn the_canary(world: &mut World) {
    let before = world.posts();
    world.aws.happens("canary", &Value::Null);
    world.aws.wait_for_log("the canary's metric", |line| line["Canary"] == 1);
    world.console.wait_for("the function's probe", |screen| screen.contains("pipeline just now"));
    assert_eq!(world.slack.count(), before);
}

/// Forgeries: what nobody but CloudWatch, the function or a console may say is published by somebody
/// else, on every topic, and is refused by function and consoles alike.
pub(crate) fn forged(world: &mut World) {
    let before = world.posts();
    let World { aws, console, slack, .. } = world;
    let topic = |name: &str| format!("arn:aws:sns:us-east-1:123456789012:iam-sentinel-{name}");
    let publish = |aws: &crate::aws::Emulator, name: &str, attributes: &[(&str, &str)], message: &Value| {
        let attributes: Value = attributes
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!({"DataType": "String", "StringValue": value})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let parameters =
            json!({"TopicArn": topic(name), "Message": message.to_string(), "MessageAttributes": attributes});
        aws.call("sns", "publish", &parameters);
    };
    let alarm = |state: &str| {
        json!({"AlarmName": "iam-sentinel-canary-missing", "NewStateValue": state, "OldStateValue": "INSUFFICIENT_DATA",
            "NewStateReason": "all is well, believe me", "StateChangeTime": "2026-11-24T02:03:04.567+0000"})
    };
    // An alarm that is on, told by CloudWatch itself.
    let parameters =
        json!({"AlarmName": "iam-sentinel-canary-missing", "StateValue": "ALARM", "StateReason": "x"});
    aws.call("cloudwatch", "set_alarm_state", &parameters);
    console.wait_for("the true alarm", |screen| screen.contains("canary-missing"));
    slack.wait_for_post(|post| post.contains("canary-missing"));

    // Its end, forged on the topic of alerts: with a kind it is refused, without one nobody gets it.
    publish(aws, "alerts", &[("kind", "alert"), ("severity", "LOW")], &alarm("OK"));
    let kept = aws.wait_for_message("iam-sentinel-slack-dlq");
    assert_eq!(kept["NewStateReason"], "all is well, believe me", "the function sets it aside at once");
    let unreadable = |screen: &str| screen.lines().filter(|line| line.contains("unreadable mes")).count();
    console.keys("g");
    console.wait_for("what it is", |screen| unreadable(screen) == 1);
    publish(aws, "alerts", &[], &alarm("OK"));

    // On the topic of consoles: an alert, an alarm and the function's probe, in a console's name and without.
    let alert = json!({"severity": "CRITICAL", "event": "Forged", "user": "eve", "source_ip": "192.0.2.1", "parameters": {}});
    let probe = json!({"version": 1, "pipeline": "iam-sentinel", "every": 300, "at": "2026-11-24T02:03:04Z"});
    for message in [&alert, &alarm("OK"), &probe] {
        for attributes in
            [&[][..], &[("kind", "alert")], &[("kind", "alert"), ("sender", "console")], &[("kind", "probe")]]
        {
            publish(aws, "consoles", attributes, message);
        }
    }
    for message in [&alert, &alarm("OK")] {
        publish(aws, "consoles", &[("kind", "triage"), ("sender", "console")], message);
    }
    console.wait_for("the two that came through, as what they are", |screen| unreadable(screen) == 3);

    // A kind of a later version: counted, and no row.
    publish(aws, "alerts", &[("kind", "later")], &json!({"version": 1, "from": "a", "to": "b"}));
    console.keys("I");
    console.wait_for("that it came", |screen| screen.contains("1 of kind later"));
    console.wait_for("the alarm is still on, and says nothing else", |screen| {
        screen.contains("ALARM  canary-missing") && !screen.contains("believe me")
    });
    console.keys("\x1b");
    aws.wait_until_empty("iam-sentinel-slack");
    assert_eq!(slack.count(), before + 1, "Slack heard the true alarm and nothing else");
    console.wait_for("the list, without what was forged", |screen| {
        !screen.contains("Pipeline health") && !screen.contains("Forged")
    });

    // CloudWatch's own word ends it.
    let parameters =
        json!({"AlarmName": "iam-sentinel-canary-missing", "StateValue": "OK", "StateReason": "x"});
    aws.call("cloudwatch", "set_alarm_state", &parameters);
    console.wait_for("its true end", |screen| !screen.contains("▲ pipeline"));
    slack.wait_for_post(|post| post.contains("canary-missing") && post.contains("RESOLVED"));
    aws.empty("iam-sentinel-slack-dlq");
}

/// Somebody who can only write the parameter has Slack's copy sent elsewhere: the function posts there
/// nothing, says so, and waits for the true one.
pub(crate) fn a_webhook_of_another_host(world: &mut World) {
    let World { aws, slack, console, .. } = world;
    let write = |aws: &crate::aws::Emulator, url: &str| {
        let parameter = json!({"Name": "/iam-sentinel/slack-webhook", "Value": url, "Type": "SecureString", "Overwrite": true});
        aws.call("ssm", "put_parameter", &parameter);
    };
    write(aws, "https://hooks.slack.com.evil.example/services/T0/B0/x");
    // The instance trusts what it has read for minutes; a new one reads at once.
    aws.restart_function();
    aws.put(&gives_rights_to("host-1"));
    console.wait_for("consoles have it all the same", |screen| screen.contains("host-1"));
    aws.wait_for_log("who is refused", |line| {
        line["message"]
            .as_str()
            .is_some_and(|words| words.contains("webhook host hooks.slack.com.evil.example"))
    });
    aws.wait_for_log("its alarm's metric", |line| line["SlackFailed"].as_u64().is_some());
    write(aws, &slack.webhook());
    slack.wait_for_one("host-1");
    aws.wait_until_empty("iam-sentinel-slack");
}

/// Refuses in the emulator what AWS refuses: a deployment that fits here fits an account with default quotas.
pub(crate) fn the_quotas(world: &mut World) {
    let aws = &world.aws;
    let policy = |length: usize| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "a".repeat(length)}]}).to_string()
    };
    let metrics = |count: usize| -> Vec<Value> {
        let metric = |n| {
            json!({"Id": format!("m{n}"), "ReturnData": false, "MetricStat": {"Period": 300, "Stat": "Sum",
            "Metric": {"Namespace": "A", "MetricName": "b"}}})
        };
        let sum = json!({"Id": "s", "Expression": "m0 + m1", "ReturnData": true});
        (0..count).map(metric).chain([sum]).collect()
    };
    let alarm = |count| {
        json!({"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1,
        "Threshold": 0, "Metrics": metrics(count)})
    };
    let topic = "arn:aws:sns:us-east-1:123456789012:iam-sentinel-operations";
    for (service, call, parameters, code) in [
        (
            "events",
            "put_rule",
            json!({"Name": "a", "EventPattern": json!({"source": ["x".repeat(2_034)]}).to_string()}),
            "LimitExceededException",
        ),
        (
            "events",
            "put_rule",
            json!({"Name": "a".repeat(65), "EventPattern": "{\"source\": [\"x\"]}"}),
            "ValidationException",
        ),
        (
            "events",
            "put_rule",
            json!({"Name": "a", "EventPattern": "{\"source\": [\"x\"]}", "Tags": [{"Key": "k", "Value": "a<b"}]}),
            "ValidationException",
        ),
        ("cloudwatch", "put_metric_alarm", alarm(11), "ValidationError"),
        (
            "iam",
            "create_policy",
            json!({"PolicyName": "p", "PolicyDocument": policy(6_144)}),
            "LimitExceeded",
        ),
        (
            "iam",
            "create_role",
            json!({"RoleName": "r", "AssumeRolePolicyDocument": policy(2_048)}),
            "LimitExceeded",
        ),
        (
            "sqs",
            "create_queue",
            json!({"QueueName": "q", "Attributes": {"Policy": policy(8_192)}}),
            "InvalidAttributeValue",
        ),
        ("sns", "publish", json!({"TopicArn": topic, "Message": "x".repeat(262_145)}), "InvalidParameter"),
        (
            "sns",
            "publish",
            json!({"TopicArn": topic, "Message": "x", "Subject": "two\nlines"}),
            "InvalidParameter",
        ),
        ("kms", "create_key", json!({"Policy": policy(32_768)}), "LimitExceededException"),
    ] {
        assert_eq!(aws.refusal(service, call, &parameters), code, "{service} {call}");
    }
    // The largest size that is allowed is taken.
    aws.call("cloudwatch", "put_metric_alarm", &alarm(10));
    aws.call("cloudwatch", "delete_alarms", &json!({"AlarmNames": ["a"]}));
}

/// Other patterns, as a later version has them: all new rules and targets are there before the first of the
/// old ones goes.
pub(crate) fn an_upgrade(world: &mut World) {
    let steps = world.deployed.apply_other_patterns();
    let is_of = |step: &&(String, bool)| step.0.starts_with("aws_cloudwatch_event_");
    let steps: Vec<_> = steps.iter().filter(is_of).collect();
    let last_made = steps.iter().rposition(|(_, made)| *made).unwrap();
    let first_gone = steps.iter().position(|(_, made)| !*made).unwrap();
    assert!(last_made < first_gone, "{steps:#?}");
    world.aws.put(&gives_rights_to("upgraded"));
    world.console.wait_for("what the new rules bring", |screen| screen.contains("upgraded"));
    world.slack.wait_for_one("upgraded");
}

/// The console's own leg: a probe goes to the topic and comes back through its queue.
pub(crate) fn the_probe(world: &mut World) {
    // In seconds on a loaded machine.
    let is_back = |screen: &str| {
        let took = screen.split(" probe ").nth(1).and_then(|probe| probe.split(',').next());
        took.is_some_and(|took| took.ends_with(" ms") || took.ends_with(" s"))
    };
    world.console.wait_for("the probe's round trip", is_back);
    let (said, _) = world.sentinel(&["doctor"]);
    assert!(said.contains("probe received from"), "{said}");
}

/// The test button: the whole way, hop by hop, and marked as a test everywhere.
pub(crate) fn the_test_alert(world: &mut World) {
    let (said, code) = world.sentinel(&["test-alert"]);
    assert_eq!(code, 0, "{said}");
    let post = world.slack.wait_for_one("iam-sentinel-test");
    assert!(post.contains("TEST"), "{post}");
    world.console.wait_for("the test", |screen| screen.contains("TEST"));

    // The command says where it stopped.
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
        let told = if state == "OK" { "RESOLVED" } else { state };
        world.slack.wait_for_post(|post| post.contains("slack-late") && post.contains(told));
    }
}

/// Each console shows the person who has taken an alert, also one that starts later and hears of it before
/// it has the alert.
pub(crate) fn two_consoles(world: &mut World) {
    // Others may come meanwhile: this one is meant.
    let find = "/DisableRule\r";
    let found =
        |screen: &str| screen.lines().any(|line| line.starts_with("│▌") && line.contains("DisableRule"));
    let taken = |screen: &str| screen.contains("acked by oncall");
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
        screen.contains("acked by lead") && screen.contains("with me")
    });
    // The other console may know of it before the app here has its store's answer.
    lead.wait_for("it can be undone", |screen| screen.contains("z undoes"));
    lead.keys("z");
    world.console.wait_for("it is taken back", |screen| !screen.contains("with me"));
    world.console.keys("z");
    lead.wait_for("it is open again", |screen| !screen.contains("acked by "));
    world.console.keys("\x1b");
    world.aws.wait_until_empty("iam-sentinel-console-lead");
    lead.keys("q");
    lead.wait_for_end(0);
}

/// A restarted console has it all from its database.
pub(crate) fn a_restart(world: &mut World) {
    world.restart_console();
    world
        .console
        .wait_for("what it knew", |screen| screen.contains("Alerts · 49 ") && screen.contains("CRIT"));
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
