use super::*;
use crate::Detector;
use serde_json::json;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn record(patch: &Value) -> Record {
    let mut record = json!({
        "eventVersion": "1.10",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": "alice",
            "arn": "arn:aws:iam::111122223333:user/alice", "accountId": "111122223333"},
        "eventTime": "2026-11-24T02:03:04Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": "AttachUserPolicy",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31",
        "requestParameters": {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "eventID": "6f1b6c1e-0000-4000-8000-000000000001",
        "recipientAccountId": "111122223333",
    });
    for (key, value) in patch.as_object().unwrap() {
        record[key] = value.clone();
    }
    Record::new(record).unwrap()
}

fn alert(patch: &Value) -> Option<Alert> {
    Detector::default().detect(&record(patch), NOW).alert
}

#[test]
fn an_alert_carries_the_contract() {
    let alert = alert(&json!({})).unwrap();
    let json: Value = serde_json::from_str(&alert.to_message(262_144).unwrap()).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["id"], "6f1b6c1e-0000-4000-8000-000000000001");
    assert_eq!(json["severity"], "CRITICAL");
    assert_eq!(json["event"], "AttachUserPolicy");
    assert_eq!(json["user"], "arn:aws:iam::111122223333:user/alice");
    assert_eq!(json["source_ip"], "203.0.113.7");
    assert_eq!(json["parameters"]["userName"], "bob");
    assert_eq!(json["summary"], "alice attached policy AdministratorAccess to user bob");
    assert_eq!(json["time"], "2026-11-24T02:03:04Z");
    assert_eq!(json["account"], "111122223333");
    assert_eq!(json["error"], Value::Null);
    assert_eq!(json["facts"]["outcome"], "success");
    assert_eq!(json["facts"]["actor"]["kind"], "iam_user");
    assert_eq!(json["facts"]["target"], json!({"kind": "user", "name": "bob"}));
    assert_eq!(json["record"]["eventName"], "AttachUserPolicy");
    assert_eq!(json["rules"][0]["level"], "critical");
    assert!(json.get("truncated").is_none());
    assert_eq!(serde_json::from_value::<Alert>(json).unwrap(), alert);
}

#[test]
fn a_denied_call_is_told_as_an_attempt_and_weighs_less() {
    let denied = json!({
        "errorCode": "AccessDenied",
        "errorMessage": "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: iam:AttachUserPolicy on resource: user bob because no identity-based policy allows the iam:AttachUserPolicy action",
        "requestParameters": null,
    });
    let alert = alert(&denied).unwrap();
    assert_eq!(alert.severity, Severity::Low);
    assert_eq!(
        alert.summary,
        "alice tried to attach policy (not in the record) to user bob: denied (AccessDenied)"
    );
    assert_eq!(alert.headline(), format!("Denied attempt: {}", alert.title));
    assert!(alert.reasons[0].contains("changed nothing"), "{:?}", alert.reasons);
    assert_eq!(alert.error.unwrap().code.as_deref(), Some("AccessDenied"));
}

#[test]
fn everyday_failures_and_other_events_are_silent() {
    assert_eq!(alert(&json!({"errorCode": "NoSuchEntityException", "errorMessage": "…"})), None);
    assert_eq!(alert(&json!({"eventName": "ListUsers"})), None);
    assert_eq!(alert(&json!({"eventSource": "quicksight.amazonaws.com", "eventName": "CreateUser"})), None);
}

#[test]
fn a_record_without_id_gets_one_from_its_content() {
    let (a, b) = (alert(&json!({"eventID": null})).unwrap(), alert(&json!({"eventID": null})).unwrap());
    assert_eq!(a.id, b.id);
    assert_ne!(a.id, alert(&json!({"eventID": null, "awsRegion": "x"})).unwrap().id);
}

#[test]
fn a_message_is_bounded_and_says_what_is_missing() {
    let read = |message: &str| serde_json::from_str::<Alert>(message).unwrap();
    let big = alert(&json!({"responseElements": {"x": "y".repeat(300_000)}})).unwrap();
    let message = big.to_message(262_000).unwrap();
    assert_eq!(read(&message).truncated, ["record"]);
    assert_eq!(read(&message).parameters, big.parameters);

    let document = "\u{1}ä".repeat(60_000);
    let big = alert(&json!({"requestParameters": {"userName": "bob", "policyDocument": document}})).unwrap();
    let big = Alert { severity: Severity::High, ..big };
    let message = big.to_message(262_000).unwrap();
    assert!(message.len() <= 262_000);
    assert_eq!(read(&message).truncated, ["record", "parameters"]);
    assert_eq!(read(&message).parameters["userName"], "bob");
    assert!(read(&message).parameters["policyDocument"].as_str().unwrap().ends_with("…[cut]"));

    let many: serde_json::Map<_, _> = (0..60_000).map(|n| (n.to_string(), json!(n))).collect();
    let big = alert(&json!({"requestParameters": many})).unwrap();
    assert_eq!(read(&big.to_message(262_000).unwrap()).parameters, Value::Null);
    assert!(matches!(big.to_message(100), Err(TooLarge::Cut { .. })));
}

#[test]
fn a_test_is_seen_to_be_one_in_every_part() {
    let real = alert(&json!({"errorCode": "AccessDenied"})).unwrap();
    let test = real.clone().into_test();
    assert!(test.test && !real.test);
    assert_eq!(test.id.0, format!("test-{}", real.id));
    assert_eq!(test.summary, format!("TEST: {}", real.summary));
    assert_eq!(test.headline(), format!("TEST: Denied attempt: {}", real.title));
    let json: Value = serde_json::from_str(&test.to_message(262_144).unwrap()).unwrap();
    assert_eq!(json["test"], true);
    assert_eq!(serde_json::from_value::<Alert>(json).unwrap(), test);
}
