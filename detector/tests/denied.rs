//! Attempts: each rule above LOW is told of a call that was refused, or says why not.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use detector::rule_tests::{RuleTests, beside};
use detector::rules::sigma::Level;
use detector::{Detector, Record, Rules, Watched};
use jiff::Timestamp;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")
}

/// The record as CloudTrail writes it of a call that was refused: without parameters, and the target only in
/// the message.
fn refused(mut record: Value) -> Value {
    let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let service = text("eventSource").split('.').next().unwrap_or_default().to_owned();
    let target = ["userName", "roleName", "groupName"].iter().find_map(|key| {
        let name = record["requestParameters"][*key].as_str()?;
        Some(format!("{} {name}", key.trim_end_matches("Name")))
    });
    let message = format!(
        "User: {} is not authorized to perform: {service}:{} on resource: {} because no identity-based policy allows the {service}:{} action",
        record["userIdentity"]["arn"].as_str().unwrap_or("arn:aws:iam::111122223333:user/alice"),
        text("eventName"),
        target.unwrap_or_else(|| "*".to_owned()),
        text("eventName"),
    );
    record["errorCode"] = json!("AccessDenied");
    record["errorMessage"] = json!(message);
    record["requestParameters"] = Value::Null;
    record["responseElements"] = Value::Null;
    record
}

#[test]
fn a_refused_call_is_told_or_the_rule_says_why_not() {
    let mut problems = Vec::new();
    for rule in Rules::default().all().filter(|rule| rule.level > Level::Low) {
        let rule_tests =
            RuleTests::load(&beside(&root().join(&rule.file))).unwrap_or_else(|problem| panic!("{problem}"));
        let watched: Watched = serde_json::from_value(rule_tests.watched.clone()).unwrap_or_default();
        let detector = Detector::new(Rules::default(), watched);
        let mut silent = BTreeSet::new();
        for case in rule_tests.tests.iter().filter(|case| case.is_hit() && !case.is_failed_call()) {
            let record = refused(rule_tests.record(case));
            let name = record["eventName"].as_str().unwrap_or_default().to_owned();
            let Ok(record) = Record::new(record) else { continue };
            if detector.detect(&record, Timestamp::UNIX_EPOCH).alert.is_none() {
                silent.insert(name);
            }
        }
        let says_why = rule.refused.as_deref().is_some_and(|reason| !reason.trim().is_empty());
        let names = silent.into_iter().collect::<Vec<_>>().join(", ");
        match (names.is_empty(), says_why) {
            (false, false) => {
                problems
                    .push(format!("{}: a refused {names} is silent, and `refused:` says not why", rule.file));
            }
            (true, true) => {
                problems.push(format!("{}: `refused:` says why, and nothing is silent", rule.file));
            }
            _ => {}
        }
    }
    assert!(problems.is_empty(), "{} rules:\n{}", problems.len(), problems.join("\n"));
}
