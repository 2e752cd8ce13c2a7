//! Whoever puts out this pipeline is heard of once more: every way to do it that is known, against
//! each of its parts by the names that Terraform gives them, is CRITICAL. The last test holds those
//! names against Terraform's own text.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use detector::{Detector, Record, Rules, Severity, Watched};
use jiff::Timestamp;
use serde_json::{Value, json};

const TITLE: &str = "IAM Sentinel's own resources modified or deleted";
const KEY: &str = "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002";

/// Names that Terraform puts into `WATCHED`, with NAME in place of its variable.
const WATCHED: [&str; 7] =
    ["NAME", "NAME-*", "NAME:*", "*:function:NAME:*", "/NAME/*", "/aws/lambda/NAME", "*:NAME-*:*"];

fn detector() -> Detector {
    let mut names: Vec<String> = WATCHED.iter().map(|name| name.replace("NAME", "iam-sentinel")).collect();
    names.push(format!("arn:aws:kms:us-east-1:111122223333:key/{KEY}"));
    names.push("/secrets/slack".to_owned());
    let watched: Watched = serde_json::from_value(json!({"detector": names})).unwrap();
    Detector::new(Rules::default(), watched)
}

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:us-east-1:111122223333:{resource}")
}

fn queue(name: &str) -> Value {
    json!({"queueUrl": format!("https://sqs.us-east-1.amazonaws.com/111122223333/iam-sentinel-{name}")})
}

fn record(service: &str, event: &str, parameters: &Value) -> Value {
    json!({"eventName": event, "eventSource": format!("{service}.amazonaws.com"), "requestParameters": parameters,
        "eventTime": "2026-11-24T02:03:04Z", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": "eve", "arn": "arn:aws:iam::111122223333:user/eve"}})
}

/// Service, event, parameters.
fn ways() -> Vec<(&'static str, &'static str, Value)> {
    let mut ways = vec![
        (
            "scheduler",
            "UpdateSchedule",
            json!({"name": "iam-sentinel-canary", "groupName": "default", "state": "DISABLED"}),
        ),
        ("scheduler", "DeleteSchedule", json!({"name": "iam-sentinel-canary"})),
        ("scheduler", "DeleteScheduleGroup", json!({"name": "iam-sentinel"})),
        ("ssm", "PutParameter", json!({"name": "/iam-sentinel/slack-webhook", "overwrite": true})),
        ("ssm", "DeleteParameter", json!({"name": arn("ssm", "parameter/iam-sentinel/slack-webhook")})),
        ("ssm", "DeleteParameters", json!({"names": ["/other", "/secrets/slack"]})),
        ("cloudtrail", "StopLogging", json!({"name": arn("cloudtrail", "trail/iam-sentinel")})),
        ("cloudtrail", "DeleteTrail", json!({"name": "iam-sentinel"})),
        ("cloudtrail", "PutEventSelectors", json!({"trailName": "iam-sentinel", "eventSelectors": []})),
        ("cloudtrail", "UpdateTrail", json!({"name": "iam-sentinel", "isMultiRegionTrail": false})),
        ("monitoring", "DeleteAlarms", json!({"alarmNames": ["other", "iam-sentinel-canary-missing"]})),
        ("monitoring", "DisableAlarmActions", json!({"alarmNames": ["iam-sentinel-slack-late"]})),
        (
            "monitoring",
            "PutMetricAlarm",
            json!({"alarmName": "iam-sentinel-function-errors", "threshold": 1e9}),
        ),
        (
            "monitoring",
            "SetAlarmState",
            json!({"alarmName": "iam-sentinel-function-errors", "stateValue": "OK"}),
        ),
        (
            "monitoring",
            "PutAlarmMuteRule",
            json!({"name": "x", "muteTargets": {"alarmNames": ["iam-sentinel-slack-late"]}}),
        ),
        ("logs", "DeleteLogGroup", json!({"logGroupName": "/aws/lambda/iam-sentinel"})),
        (
            "logs",
            "PutRetentionPolicy",
            json!({"logGroupName": "/aws/lambda/iam-sentinel", "retentionInDays": 1}),
        ),
        ("s3", "DeleteBucket", json!({"bucketName": "iam-sentinel-trail-111122223333"})),
        (
            "s3",
            "PutBucketPolicy",
            json!({"bucketName": "iam-sentinel-trail-111122223333", "bucketPolicy": {}}),
        ),
        ("s3", "PutBucketLifecycle", json!({"bucketName": "iam-sentinel-trail-111122223333"})),
        ("s3", "PutBucketVersioning", json!({"bucketName": "iam-sentinel-trail-111122223333"})),
        (
            "events",
            "PutPermission",
            json!({"eventBusName": "iam-sentinel-organization", "policy": "{\"Statement\":[]}"}),
        ),
        ("kms", "UpdateAlias", json!({"aliasName": "alias/iam-sentinel", "targetKeyId": "other"})),
        ("iam", "DeleteRole", json!({"roleName": "iam-sentinel-detector"})),
        ("iam", "DeleteRolePolicy", json!({"roleName": "iam-sentinel-canary", "policyName": "canary"})),
    ];
    ways.extend(ways_against_the_function());
    ways.extend(ways_by_part());
    ways
}

fn ways_against_the_function() -> Vec<(&'static str, &'static str, Value)> {
    vec![
        ("lambda", "UpdateFunctionCode20150331v2", json!({"functionName": "iam-sentinel"})),
        (
            "lambda",
            "UpdateFunctionConfiguration20150331v2",
            json!({"functionName": arn("lambda", "function:iam-sentinel")}),
        ),
        ("lambda", "DeleteFunction20150331", json!({"functionName": "111122223333:function:iam-sentinel"})),
        (
            "lambda",
            "PutFunctionConcurrency20171031",
            json!({"functionName": "iam-sentinel", "reservedConcurrentExecutions": 0}),
        ),
        (
            "lambda",
            "PutFunctionEventInvokeConfig",
            json!({"functionName": arn("lambda", "function:iam-sentinel:$LATEST")}),
        ),
        ("lambda", "DeleteFunctionEventInvokeConfig", json!({"functionName": "iam-sentinel"})),
        (
            "lambda",
            "RemovePermission20150331v2",
            json!({"functionName": "iam-sentinel", "statementId": "EventBridge1"}),
        ),
        ("lambda", "DeleteFunctionConcurrency20171031", json!({"functionName": "iam-sentinel"})),
    ]
}

/// The same calls against each of several parts.
fn ways_by_part() -> Vec<(&'static str, &'static str, Value)> {
    let mut ways = Vec::new();
    for rule in ["iam-sentinel-calls-1-0a1b2c3d", "iam-sentinel-calls-watch", "iam-sentinel-self-test"] {
        for event in ["PutRule", "DisableRule", "DeleteRule"] {
            ways.push(("events", event, json!({"name": rule})));
        }
        ways.push(("events", "RemoveTargets", json!({"rule": rule, "ids": ["detector"]})));
        ways.push(("events", "PutTargets", json!({"rule": arn("events", &format!("rule/{rule}"))})));
    }
    for topic in ["iam-sentinel-alerts", "iam-sentinel-consoles", "iam-sentinel-operations"] {
        let subscription =
            json!({"subscriptionArn": arn("sns", &format!("{topic}:0a1b2c3d-1234-4e5f-8a9b-123456789abc"))});
        ways.push(("sns", "Unsubscribe", subscription.clone()));
        ways.push(("sns", "SetSubscriptionAttributes", subscription));
        for event in ["Subscribe", "SetTopicAttributes", "DeleteTopic", "AddPermission", "RemovePermission"] {
            ways.push(("sns", event, json!({"topicArn": arn("sns", topic)})));
        }
        ways.push(("sns", "PutDataProtectionPolicy", json!({"resourceArn": arn("sns", topic)})));
    }
    for name in ["slack", "console-oncall", "rule-dlq", "function-dlq", "canary-dlq"] {
        for event in ["SetQueueAttributes", "DeleteQueue", "PurgeQueue", "RemovePermission"] {
            ways.push(("sqs", event, queue(name)));
        }
        let source = json!({"sourceArn": arn("sqs", &format!("iam-sentinel-{name}"))});
        ways.push(("sqs", "StartMessageMoveTask", source));
    }
    for event in [
        "PutFunctionCodeSigningConfig20200630",
        "DeleteFunctionCodeSigningConfig",
        "PutRuntimeManagementConfig20210630",
        "PutFunctionRecursionConfig",
        "PutFunctionScalingConfig",
    ] {
        ways.push(("lambda", event, json!({"functionName": "iam-sentinel"})));
    }
    for event in ["PutResourcePolicy20240805", "DeleteResourcePolicy20240805"] {
        ways.push(("lambda", event, json!({"resourceArn": arn("lambda", "function:iam-sentinel")})));
    }
    for event in [
        "PutBucketEncryption",
        "DeleteBucketEncryption",
        "PutBucketOwnershipControls",
        "PutBucketReplication",
    ] {
        ways.push(("s3", event, json!({"bucketName": "iam-sentinel-trail-111122223333"})));
    }
    for event in ["AssociateKmsKey", "PutSubscriptionFilter", "PutTransformer", "PutMetricFilter"] {
        ways.push(("logs", event, json!({"logGroupName": "/aws/lambda/iam-sentinel"})));
    }
    for event in ["DisableKey", "ScheduleKeyDeletion", "PutKeyPolicy", "RevokeGrant", "RetireGrant"] {
        ways.push(("kms", event, json!({"keyId": KEY})));
        ways.push(("kms", event, json!({"keyId": arn("kms", &format!("key/{KEY}"))})));
        ways.push(("kms", event, json!({"keyId": "alias/iam-sentinel"})));
    }
    for event in [
        "PutRolePolicy",
        "AttachRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "UpdateAssumeRolePolicy",
    ] {
        ways.push(("iam", event, json!({"roleName": "iam-sentinel-detector", "policyDocument": "{}"})));
    }
    ways
}

fn severity(detector: &Detector, record: Value) -> Option<Severity> {
    let alert = detector.detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert?;
    alert.rules.iter().any(|rule| rule.title == TITLE).then_some(alert.severity)
}

#[test]
fn every_known_way_to_put_the_pipeline_out_is_critical() {
    let detector = detector();
    let all = ways();
    let missed: Vec<_> = all
        .iter()
        .filter(|(service, event, parameters)| {
            severity(&detector, record(service, event, parameters)) != Some(Severity::Critical)
        })
        .collect();
    println!("{} ways", all.len());
    assert!(missed.is_empty(), "{} of {}: {missed:#?}", missed.len(), all.len());
}

/// The call names a mapping by its id, and only the answer says whose it is.
#[test]
fn the_trigger_is_known_by_the_answer() {
    let detector = detector();
    for event in ["DeleteEventSourceMapping20150331", "UpdateEventSourceMapping20150331"] {
        let mut record = record("lambda", event, &json!({"uUID": "14e0db71-0000"}));
        record["responseElements"] =
            json!({"uUID": "14e0db71-0000", "functionArn": arn("lambda", "function:iam-sentinel")});
        assert_eq!(severity(&detector, record), Some(Severity::Critical), "{event}");
    }
}

/// The same calls about what is somebody else's are no tampering.
#[test]
fn nothing_of_it_is_said_of_other_things() {
    let detector = detector();
    for (service, event, parameters) in ways() {
        let other = parameters
            .to_string()
            .replace("iam-sentinel", "shop")
            .replace(KEY, "other")
            .replace("/secrets/slack", "/secrets/x");
        let other = serde_json::from_str(&other).unwrap();
        assert_eq!(severity(&detector, record(service, event, &other)), None, "{service} {event} {other}");
    }
}

/// A policy for all log groups is about the function's too, unless it leaves that one out.
#[test]
fn a_policy_for_all_logs_is_about_ours_too() {
    let of = |policy_type: &str, criteria: &str| {
        let parameters =
            json!({"policyName": "all", "policyType": policy_type, "selectionCriteria": criteria});
        severity(&detector(), record("logs", "PutAccountPolicy", &parameters))
    };
    for policy_type in ["DATA_PROTECTION_POLICY", "SUBSCRIPTION_FILTER_POLICY", "TRANSFORMER_POLICY"] {
        assert_eq!(of(policy_type, ""), Some(Severity::Critical), "{policy_type}");
        assert_eq!(of(policy_type, r#"LogGroupName NOT IN ["/shop"]"#), Some(Severity::Critical));
        assert_eq!(of(policy_type, r#"LogGroupName NOT IN ["/shop", "/aws/lambda/iam-sentinel"]"#), None);
    }
    assert_eq!(of("FIELD_INDEX_POLICY", ""), None, "it changes nothing in a log");
    let nothing_of_ours = Detector::default();
    let parameters = json!({"policyName": "all", "policyType": "DATA_PROTECTION_POLICY"});
    assert_eq!(severity(&nothing_of_ours, record("logs", "PutAccountPolicy", &parameters)), None);
}

#[test]
fn terraform_watches_by_these_names() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../terraform");
    let terraform: String = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect();
    for name in WATCHED.iter().filter(|name| **name != "NAME") {
        let written = format!("\"{}\"", name.replace("NAME", "${var.name}"));
        assert!(terraform.contains(&written), "{written} is in no file of terraform/");
    }
}
