//! What EventBridge must deliver for the built-in rules: event patterns, made from the rules, so that
//! no rule waits for an event that never comes.
//!
//! They ask for the `source`, which only AWS can send when it begins with `aws.`; anybody with
//! `events:PutEvents` can send any `detail-type`. A pattern may let more through than the rules
//! need, where two services in it have calls of one name; the detector ignores that.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::Rules;
use super::sigma::{EventKey, EventName};

/// The most characters that EventBridge takes in a pattern.
pub const LARGEST: usize = 4_096;

/// Events delivered by CloudTrail. AWS's guide spells the sign-in one in two ways.
const DETAIL_TYPES: [&str; 5] = [
    "AWS API Call via CloudTrail",
    "AWS Console Sign In via CloudTrail",
    "AWS Console Signin via CloudTrail",
    "AWS Service Event via CloudTrail",
    "AWS Console Action via CloudTrail",
];

/// Read-only calls reach only a rule in this state; the usual one leaves them out.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>
const WITH_READS: &str = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
const WITHOUT_READS: &str = "ENABLED";

/// Read-only calls that rules are about. Services make some of them by the million; the rules leave
/// services out (a test says so), and so does the pattern.
const READS: [&str; 8] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "BatchGetSecretValue",
    "GetDelegatedAccessToken",
    "GetPasswordData",
    "GetSigninToken",
];
/// Rules about these are for replay: every program asks who it is, all the time, and to be delivered a
/// million of them for one is not worth it.
const NOT_DELIVERED: [&str; 1] = ["GetCallerIdentity"];

/// An EventBridge rule: its state, and its pattern of [`LARGEST`] characters at most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRule {
    /// Whether read-only calls are delivered too.
    pub state: &'static str,
    /// The event pattern.
    pub pattern: Value,
}

/// `eventName`s of a service, as CloudTrail writes them; a beginning where true.
type Names = BTreeSet<(String, bool)>;

/// What EventBridge must deliver for the built-in rules.
pub fn event_patterns() -> Vec<EventRule> {
    let mut services: BTreeMap<String, Names> = BTreeMap::new();
    let mut reads: BTreeMap<String, Names> = BTreeMap::new();
    for rule in Rules::default().all() {
        for EventKey { name, source } in rule.detection.scope().keys() {
            let (name, begins) = match name {
                EventName::Exact(name) => (name, false),
                EventName::Prefix(name) => (name, true),
                // A built-in rule names its events (a test says so).
                EventName::Any => continue,
            };
            let Some(source) = source else { continue };
            if NOT_DELIVERED.contains(&name.as_str()) {
                continue;
            }
            let of = if READS.contains(&name.as_str()) { &mut reads } else { &mut services };
            of.entry(source.clone()).or_default().insert((name.clone(), begins));
        }
    }
    let rule = |state| move |pattern| EventRule { state, pattern };
    let people = json!({"type": [{"anything-but": ["AWSService"]}]});
    packed(services, None)
        .into_iter()
        .map(rule(WITHOUT_READS))
        .chain(packed(reads, Some(people)).into_iter().map(rule(WITH_READS)))
        .collect()
}

/// Services together in as few patterns as they fit into, in the order of their names.
fn packed(services: BTreeMap<String, Names>, identity: Option<Value>) -> Vec<Value> {
    let pattern = |services: &BTreeMap<String, Names>| pattern(services, identity.as_ref());
    let mut patterns: Vec<BTreeMap<String, Names>> = Vec::new();
    for (source, names) in services {
        let with = patterns.last().map(|last| {
            let mut with = last.clone();
            with.insert(source.clone(), names.clone());
            with
        });
        match (patterns.last_mut(), with.filter(|with| pattern(with).to_string().len() <= LARGEST)) {
            (Some(last), Some(with)) => *last = with,
            _ => patterns.push(BTreeMap::from([(source, names)])),
        }
    }
    patterns.iter().map(pattern).collect()
}

fn pattern(services: &BTreeMap<String, Names>, identity: Option<&Value>) -> Value {
    let sources: Vec<String> =
        services.keys().map(|source| format!("aws.{}", source.split('.').next().unwrap_or(source))).collect();
    let names: Names = services.values().flatten().cloned().collect();
    let names: Vec<Value> = names
        .into_iter()
        .map(|(name, begins)| if begins { json!({"prefix": name}) } else { json!(name) })
        .collect();
    let mut detail = json!({"eventSource": services.keys().collect::<Vec<_>>(), "eventName": names});
    if let (Some(identity), Some(detail)) = (identity, detail.as_object_mut()) {
        detail.insert("userIdentity".to_owned(), identity.clone());
    }
    json!({"source": sources, "detail-type": DETAIL_TYPES, "detail": detail})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detector, Record};
    use jiff::Timestamp;

    #[test]
    fn every_rule_names_its_events_and_finds_them_in_a_pattern() {
        let patterns: Vec<Value> = event_patterns().into_iter().map(|rule| rule.pattern).collect();
        let has = |pattern: &Value, path: &[&str], wanted: &str, prefix: bool| {
            let list = path.iter().fold(pattern, |value, key| &value[*key]);
            list.as_array().unwrap().iter().any(|item| {
                let name = if prefix { &item["prefix"] } else { item };
                name.as_str().is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            })
        };
        for rule in Rules::default().all() {
            let mut keys = 0;
            for EventKey { name, source } in rule.detection.scope().keys() {
                let source =
                    source.as_deref().unwrap_or_else(|| panic!("{} names no eventSource", rule.file));
                let (name, prefix) = match name {
                    EventName::Exact(name) => (name, false),
                    EventName::Prefix(name) => (name, true),
                    EventName::Any => panic!("{} names no eventName", rule.file),
                };
                if NOT_DELIVERED.contains(&name.as_str()) {
                    keys += 1;
                    continue;
                }
                let found = patterns.iter().any(|pattern| {
                    has(pattern, &["detail", "eventName"], name, prefix)
                        && has(pattern, &["detail", "eventSource"], source, false)
                        && has(
                            pattern,
                            &["source"],
                            &format!("aws.{}", source.split('.').next().unwrap()),
                            false,
                        )
                });
                assert!(found, "{}: {source} {name}", rule.file);
                keys += 1;
            }
            assert!(keys > 0, "{} can match nothing", rule.file);
        }
    }

    #[test]
    fn each_fits_asks_for_the_source_and_knows_both_spellings() {
        for EventRule { pattern, state } in event_patterns() {
            assert!(pattern.to_string().len() <= LARGEST);
            assert!(
                pattern["source"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|source| source.as_str().unwrap().starts_with("aws."))
            );
            let names = pattern["detail"]["eventName"].to_string();
            let reads =
                ["\"Get", "\"List", "\"Describe", "\"AssumeRole\""].iter().any(|verb| names.contains(verb));
            // Two that begin like this are delivered as writes.
            let all_others = names.replace("\"GetFederationToken\"", "");
            assert_eq!(state == WITH_READS, reads && all_others.contains("\"Get"), "{names}");
            let types = pattern["detail-type"].to_string();
            assert!(types.contains("Sign In via") && types.contains("Signin via"));
        }
    }

    #[test]
    fn what_services_do_by_the_million_raises_no_alert() {
        let watched = serde_json::from_value(
            json!({"roles": ["*"], "targets": ["*"], "actors": ["*"], "accounts": ["*"], "detector": ["*"]}),
        )
        .unwrap();
        let detector = Detector::new(Rules::default(), watched);
        for event in ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"] {
            let record = json!({"eventName": event, "eventSource": "sts.amazonaws.com", "recipientAccountId": "111122223333",
                "userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"},
                "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/break-glass"}});
            let alert = detector.detect(&Record::new(record).unwrap(), Timestamp::UNIX_EPOCH).alert;
            assert!(alert.is_none(), "{event}: {:?}", alert.unwrap().rules);
        }
    }
}
