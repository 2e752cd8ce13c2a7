//! Properties of an alert, and the records that share them.

use std::sync::Arc;

use detector::Detector;
use detector::Record;
use serde_json::json;

use super::*;
use crate::model::Content;
use crate::model::testing::alert;

fn of(identity: Value) -> Alert {
    let Content::Alert(mut alert) = alert("a", 1).content else { unreachable!() };
    Arc::make_mut(alert.record.as_mut().unwrap())["userIdentity"] = identity;
    *alert
}

#[test]
fn an_alert_s_properties_are_the_narrowest_first() {
    let session = "arn:aws:sts::111122223333:assumed-role/ops/alice";
    let found = By::all_of(&of(json!({"accessKeyId": "ASIA1", "arn": session})));
    let words: Vec<String> = found.iter().map(By::words).collect();
    assert_eq!(words, ["key ASIA1", "session alice", "ip 203.0.113.7"]);
    let user = "arn:aws:iam::111122223333:user/path/bob";
    let found = By::all_of(&of(json!({"arn": user})));
    assert_eq!(found.iter().map(By::words).collect::<Vec<_>>(), ["user bob", "ip 203.0.113.7"]);
}

#[test]
fn a_question_takes_its_hour_and_its_property_alone() {
    let alert = of(json!({"accessKeyId": "AKIA1"}));
    let question = Question::around(&alert, By::Key("AKIA1".to_owned()), SignedDuration::from_hours(1));
    assert_eq!(question.regions, ["us-east-1"]);
    let call = |key: &str, time: &str| {
        let record = json!({"eventName": "ListUsers", "eventSource": "iam.amazonaws.com", "eventTime": time,
            "userIdentity": {"type": "IAMUser", "accessKeyId": key}});
        Detector::default().call(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).0
    };
    assert!(question.takes(&call("AKIA1", "2026-11-24T01:00:01Z")));
    assert!(!question.takes(&call("AKIA1", "2026-11-24T00:59:59Z")), "too early");
    assert!(!question.takes(&call("AKIA1", "2026-11-24T03:00:01Z")), "too late");
    assert!(!question.takes(&call("AKIA2", "2026-11-24T02:00:00Z")), "another key");
}

#[test]
fn an_incident_is_asked_for_by_the_narrowest_identity_of_each_alert() {
    let mut first = of(json!({"accessKeyId": "AKIA1", "arn": "arn:aws:iam::111122223333:user/bob"}));
    let session = "arn:aws:sts::111122223333:assumed-role/ops/alice";
    let mut second = of(json!({"arn": session}));
    (first.time, second.time) = ("2026-11-24T02:00:00Z".parse().ok(), "2026-11-24T09:00:00Z".parse().ok());
    second.region = Some("eu-central-1".to_owned());
    let mut bare = of(json!({}));
    bare.user = None;
    let alerts = [first.clone(), second, first.clone(), bare.clone()];
    let by = By::any_of(&alerts, &["AKIA1".to_owned()]).unwrap();
    assert_eq!(by.words(), "incident, 2 identities", "an address is no identity");
    let question = Question::around(&first, by.clone(), HOUR).over(&alerts, None, HOUR);
    assert_eq!(question.since, "2026-11-24T01:00:00Z".parse().unwrap());
    assert_eq!(question.until, "2026-11-24T10:00:00Z".parse().unwrap());
    assert_eq!(question.regions, ["us-east-1", "eu-central-1"]);
    assert_eq!(by.each(), [By::Key("AKIA1".to_owned()), By::Session(session.to_owned())]);
    assert_eq!(By::any_of(&[bare], &[]), None);
    let of_link = By::any_of(&[first], &["ASIALINK".to_owned()]).unwrap();
    assert_eq!(of_link.each().last(), Some(&By::Key("ASIALINK".to_owned())));
    let many: Vec<String> = (0..60).map(|number| format!("ASIA{number}")).collect();
    assert!(By::any_of(&[], &many).is_some_and(|by| by.is_cut() && by.words().ends_with("the most")));
}
