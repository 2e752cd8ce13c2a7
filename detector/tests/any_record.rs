//! Records of any content: nothing panics, every alert has its words, and the index finds the
//! very rules that evaluating all of them would.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use detector::facts::{Facts, Watched};
use detector::rules::sigma::{Event, EventName};
use detector::{Detector, Record, Rules};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every event that a rule names, with its source.
static EVENTS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut events: Vec<(String, String)> = Vec::new();
    for rule in Rules::default().all() {
        events.extend(rule.detection.scope().keys().filter_map(|key| {
            let name = match &key.name {
                EventName::Exact(name) => name.clone(),
                EventName::Prefix(name) => format!("{name}20150331v2"),
                EventName::Any => return None,
            };
            Some((name, key.source.clone()?))
        }));
    }
    events.sort();
    events.dedup();
    events
});

fn event() -> impl Strategy<Value = (String, String)> {
    prop_oneof![
        9 => any::<prop::sample::Index>().prop_map(|index| index.get(&EVENTS).clone()),
        1 => (".{1,12}", ".{0,12}"),
    ]
}

/// Names and values as they occur, and as nobody would write them.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "", "*", "alice", "bob", "AKIAEXAMPLE", "ASIAEXAMPLE", "111122223333", "999900001111", "all", "true", "NONE", "Active",
            "arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/x/deploy",
            "arn:", "arn:aws:iam", "::::::", "AccessDenied", "Client.UnauthorizedOperation", "NoSuchEntityException", "AWSService", "Root",
            "AssumedRole", "IAMUser", "aws-cli/2", "Terraform", "cloudformation.amazonaws.com", "ec2.amazonaws.com", "Policy",
            "User: x is not authorized to perform: iam:X on resource: user", "User: x is not authorized to perform: iam:X on resource: arn:aws:",
            r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}"#,
            r#"{"Statement":[{"Effect":"Allow","NotAction":[],"NotPrincipal":{},"Condition":{"StringEquals":5}}]}"#,
            r#"{"Statement":[{"Effect":"Deny""#, "%7B%22Statement%22%3A%5B%5D%7D", "%", "%7B%",
        ])
        .prop_map(str::to_owned),
        ".{0,24}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        6 => text().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => prop::sample::select(vec![
            "userName", "roleName", "groupName", "policyArn", "policyDocument", "assumeRolePolicyDocument", "policyName", "setAsDefault",
            "bucketPolicy", "policy", "resourcePolicy", "attributes", "attributeName", "attributeValue", "principal", "authType", "items",
            "add", "createVolumePermission", "launchPermission", "valuesToAdd", "userId", "group", "role", "roleArn", "iamInstanceProfile",
            "eventSelectors", "advancedEventSelectors", "fieldSelectors", "field", "equals", "includeManagementEvents", "isMultiRegionTrail",
            "enable", "features", "status", "name", "type", "arn", "accountId", "accessKeyId", "principalId", "sessionContext", "sessionIssuer",
            "invokedBy", "permissionsBoundary", "inlinePolicy", "AccessControlPolicy", "AccessControlList", "Grant", "Grantee", "Owner", "ID",
            "omitted", "ConsoleLogin", "MFAUsed", "PublicAccessBlockConfiguration", "LifecycleConfiguration", "Rule", "Expiration", "Days",
            "ModifySnapshotAttributeRequest", "kubernetesGroups", "Condition", "Statement", "userData", "value",
        ])
        .prop_map(str::to_owned),
        1 => ".{0,8}",
    ]
}

fn record() -> impl Strategy<Value = Value> {
    let parts = (
        event(),
        prop::option::weighted(0.9, value()),
        prop::option::weighted(0.9, value()),
        prop::option::weighted(0.3, text()),
        prop::option::weighted(0.3, text()),
        prop::collection::vec((key(), value()), 0..3),
    );
    parts.prop_map(|((name, source), identity, parameters, code, message, others)| {
        let mut record: Map<String, Value> = others.into_iter().collect();
        record.insert("eventName".into(), name.into());
        // No service writes a list here, and rules look into lists.
        let source = if source.len() % 13 == 0 { json!([source]) } else { source.into() };
        record.insert("eventSource".into(), source);
        record.insert("recipientAccountId".into(), "111122223333".into());
        for (key, value) in [("userIdentity", identity), ("requestParameters", parameters)] {
            if let Some(value) = value {
                record.insert(key.into(), value);
            }
        }
        for (key, text) in [("errorCode", code), ("errorMessage", message)] {
            if let Some(text) = text {
                record.insert(key.into(), text.into());
            }
        }
        Value::Object(record)
    })
}

fn watched() -> Watched {
    let lists = json!({"actors": ["alice"], "targets": ["b*"], "roles": ["deploy"], "policies": ["*Admin*"], "groups": ["?"],
        "accounts": ["9*"], "detector": ["iam-sentinel*"], "organizations": ["o-1"], "trusted_accounts": ["2222*"]});
    serde_json::from_value(lists).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_record_is_judged_and_every_alert_has_its_words(value in record()) {
        let Ok(record) = Record::new(value) else { return Ok(()) };
        let detector = Detector::new(Rules::default(), watched());
        let Some(alert) = detector.detect(&record, Timestamp::UNIX_EPOCH).alert else { return Ok(()) };
        prop_assert!(!alert.summary.trim().is_empty() && !alert.title.is_empty());
        prop_assert_eq!(alert.reasons.len(), alert.rules.len());
        prop_assert!(alert.reasons.iter().all(|reason| !reason.trim().is_empty() && !reason.ends_with(": ")));
        let message = alert.to_message(262_144).unwrap();
        let read: detector::Alert = serde_json::from_str(&message).unwrap();
        prop_assert_eq!(read, alert);
    }

    #[test]
    fn the_index_finds_what_evaluating_every_rule_would(value in record()) {
        let Ok(record) = Record::new(value) else { return Ok(()) };
        let rules = Rules::default();
        let watched = watched();
        let derive = || serde_json::to_value(Facts::of(&record, &watched)).unwrap();
        let event = Event::new(record.value(), &derive);
        let source = record.event_source().unwrap_or_default();
        let by_index = rules.matching(record.event_name(), source, &event, Timestamp::UNIX_EPOCH, &|| false).rules;
        let by_all: Vec<_> = rules.all().filter(|rule| rule.detection.matches(&event)).collect();
        let ids = |rules: &[&detector::rules::sigma::Rule]| rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
        prop_assert_eq!(ids(&by_index), ids(&by_all));
        prop_assert!(by_all.is_empty() || rules.may_match(record.event_name(), source));
    }
}
