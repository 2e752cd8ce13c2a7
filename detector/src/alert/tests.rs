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
fn an_alert_shares_its_record_and_a_deep_one_is_cut() {
    let kept = |record: &Record| Detector::default().detect(record, NOW).alert.unwrap().record.unwrap();
    let flat = record(&json!({}));
    let shared = kept(&flat);
    assert!(std::ptr::eq(flat.value(), shared.as_ref()));
    let nested = (0..120).fold(json!(1), |inner, _| json!([inner]));
    let deep = record(&json!({"responseElements": nested}));
    let cut = kept(&deep);
    assert!(
        cut.to_string().contains("nested too deep") && !deep.value().to_string().contains("nested too deep")
    );
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
    assert_eq!(json["summary"], "alice attached policy \"AdministratorAccess\" to user bob");
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
        "alice tried to attach policy \"(not recorded)\" to user bob: denied (AccessDenied)"
    );
    assert_eq!(alert.headline(), format!("Denied attempt: {}", alert.title));
    assert!(alert.reasons[0].contains("attempt blocked"), "{:?}", alert.reasons);
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

/// Replaces every text of a value by so many of a character, at every depth.
fn swell(value: &mut Value, text: &str, keep: &[&str]) {
    match value {
        Value::String(old) if keep.iter().all(|kept| old != kept) => *old = text.to_owned(),
        Value::Array(items) => items.iter_mut().for_each(|item| swell(item, text, keep)),
        Value::Object(map) => map.values_mut().for_each(|item| swell(item, text, keep)),
        _ => {}
    }
}

/// Records of several kinds with all that an alert takes from a record.
fn full_records() -> Vec<Record> {
    let common = |patch: Value| {
        let mut all = json!({"errorCode": "Client.Something", "errorMessage": "not this time",
            "additionalEventData": {"MFAUsed": "No"}, "sessionCredentialFromConsole": "true"});
        all.as_object_mut().unwrap().extend(patch.as_object().unwrap().clone());
        record(&all)
    };
    let policy =
        json!({"Statement": [{"Effect": "Allow", "Action": ["iam:*", "s3:GetObject"], "Resource": "*",
        "Principal": {"AWS": ["arn:aws:iam::999900001111:root", "*"]}}]})
        .to_string();
    vec![
        common(json!({})),
        common(
            json!({"eventName": "PutUserPolicy", "requestParameters": {"userName": "alice", "policyName": "p", "policyDocument": policy}}),
        ),
        common(
            json!({"eventName": "UpdateAssumeRolePolicy", "requestParameters": {"roleName": "deploy", "policyDocument": policy}}),
        ),
        common(json!({"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
            "userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"}, "responseElements": {"ConsoleLogin": "Success"}})),
        common(
            json!({"eventName": "CreateFunction20150331", "eventSource": "lambda.amazonaws.com", "errorCode": null, "errorMessage": null,
            "requestParameters": {"functionName": "f", "role": "arn:aws:iam::111122223333:role/admin", "layers": ["arn:aws:lambda:us-east-1:999900001111:layer:x:1"]}}),
        ),
    ]
}

#[test]
fn the_largest_alert_that_any_field_can_make_fits_sns() {
    const LIMIT: usize = 261_120;
    const FIELDS: [&str; 9] = [
        "userIdentity",
        "awsRegion",
        "sourceIPAddress",
        "userAgent",
        "errorCode",
        "errorMessage",
        "requestParameters",
        "recipientAccountId",
        "eventID",
    ];
    for base in full_records() {
        for text in ["\"".repeat(65_536), "\u{1}".repeat(50_000)] {
            let every = FIELDS.iter().map(|field| vec![*field]).chain([FIELDS.to_vec()]);
            for fields in every {
                let mut value = base.value().clone();
                for field in &fields {
                    if let Some(part) = value.get_mut(field) {
                        swell(part, &text, &["IAMUser", "Root"]);
                    }
                }
                let swollen = Record::new(value).unwrap();
                let Some(alert) = Detector::default().detect(&swollen, NOW).alert else {
                    // A role of no form is no role that is handed over.
                    let may_be_none = base.event_name() == "CreateFunction20150331";
                    assert!(may_be_none && fields.contains(&"requestParameters"), "no alert: {fields:?}");
                    continue;
                };
                let message = alert.to_message(LIMIT).unwrap_or_else(|error| panic!("{fields:?}: {error}"));
                assert!(message.len() <= LIMIT, "{fields:?}");
                let read: Alert = serde_json::from_str(&message).unwrap();
                assert_eq!((&read.id, read.severity), (&alert.id, alert.severity), "{fields:?}");
                assert!(read.id.0.len() <= 300, "{}", read.id);
                let fits = serde_json::to_string(&alert).unwrap().len() <= LIMIT;
                assert_eq!(read.truncated.is_empty(), fits, "{fields:?}: what was cut is named");
            }
        }
    }
    // Lists of very many short texts are bounded too.
    let mut alert = alert(&json!({})).unwrap();
    alert.reasons = vec!["because".to_owned(); 100_000];
    let message = alert.to_message(LIMIT).unwrap();
    assert_eq!(
        serde_json::from_str::<Alert>(&message).unwrap().truncated,
        ["record", "parameters", "joins", "reasons"]
    );
}
