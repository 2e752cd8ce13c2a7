//! Event patterns that EventBridge needs to deliver the events of the built-in rules. They are made from the
//! rules, so that no rule waits for an event that never comes.
//!
//! They ask for the `source`, which only AWS can send when it begins with `aws.`; anybody with
//! `events:PutEvents` can send any `detail-type`. `source` names the same service as
//! `detail.eventSource`, so the patterns leave the second one out: it would take a quarter of their room.
//! A pattern may let more through than the rules need, where two services in it have calls of one
//! name; the detector ignores that.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html>

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use super::Rules;
use super::sigma::{EventKey, EventName};

/// Most characters of a pattern in an account with default quotas. 4,096 is the most that an account
/// can ask for, so a plan of the provider does not refuse what AWS refuses.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
pub const LARGEST: usize = 2_048;

/// Ending of every `detail-type` that CloudTrail delivers: calls, service events, console actions, and
/// sign-ins, which AWS's guide spells in two ways.
const DELIVERED_BY: &str = " via CloudTrail";

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

/// Read-only calls that no rule is about and that incidents need: each issues a credential.
const LINKS: [(&str, &str); 2] =
    [("GetSessionToken", "sts.amazonaws.com"), ("GetWebIdentityToken", "sts.amazonaws.com")];

/// An EventBridge rule: its state, and its pattern of [`LARGEST`] characters at most.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventRule {
    /// State of the rule, which says whether read-only calls are delivered too.
    pub state: &'static str,
    /// The event pattern.
    pub pattern: Value,
    /// Services in the pattern, as CloudTrail writes their `eventSource`.
    #[serde(skip)]
    pub services: Vec<String>,
}

/// `eventName`s of a service, as CloudTrail writes them; a beginning where true.
type Names = BTreeSet<(String, bool)>;

/// Returns the EventBridge rules that deliver the events of the built-in rules.
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
    // Links are no alerts, so no rule asks for these.
    for (name, source) in LINKS {
        reads.entry(source.to_owned()).or_default().insert((name.to_owned(), false));
    }
    let people = json!({"type": [{"anything-but": ["AWSService"]}]});
    let mut rules = packed(services, WITHOUT_READS, None);
    rules.extend(packed(reads, WITH_READS, Some(people)));
    rules
}

/// Rules for all services, as few as they fit into: the largest service first, each into the rule that grows
/// least by it, since services share names.
fn packed(services: BTreeMap<String, Names>, state: &'static str, identity: Option<Value>) -> Vec<EventRule> {
    let pattern = |services: &BTreeMap<String, Names>| pattern(services, identity.as_ref());
    let size = |services: &BTreeMap<String, Names>| pattern(services).to_string().len();
    let mut largest_first: Vec<(usize, String, Names)> = services
        .into_iter()
        .map(|(source, names)| (size(&BTreeMap::from([(source.clone(), names.clone())])), source, names))
        .collect();
    largest_first.sort_by(|(a, one, _), (b, other, _)| b.cmp(a).then_with(|| one.cmp(other)));
    let mut patterns: Vec<BTreeMap<String, Names>> = Vec::new();
    for (_, source, names) in largest_first {
        let grown = patterns.iter().enumerate().filter_map(|(at, services)| {
            let mut with = services.clone();
            with.insert(source.clone(), names.clone());
            let after = size(&with);
            (after <= LARGEST).then(|| (after - size(services), at, with))
        });
        match grown.min_by_key(|(growth, at, _)| (*growth, *at)) {
            Some((_, at, with)) => {
                if let Some(place) = patterns.get_mut(at) {
                    *place = with;
                }
            }
            None => patterns.push(BTreeMap::from([(source, names)])),
        }
    }
    patterns.sort_by(|one, other| one.keys().next().cmp(&other.keys().next()));
    let rule = |services: &BTreeMap<String, Names>| EventRule {
        state,
        pattern: pattern(services),
        services: services.keys().cloned().collect(),
    };
    patterns.iter().map(rule).collect()
}

fn pattern(services: &BTreeMap<String, Names>, identity: Option<&Value>) -> Value {
    let sources: Vec<String> =
        services.keys().map(|source| format!("aws.{}", source.split('.').next().unwrap_or(source))).collect();
    let names: Names = services.values().flatten().cloned().collect();
    let names: Vec<Value> = names
        .into_iter()
        .map(|(name, begins)| if begins { json!({"prefix": name}) } else { json!(name) })
        .collect();
    let mut detail = json!({"eventName": names});
    if let (Some(identity), Some(detail)) = (identity, detail.as_object_mut()) {
        detail.insert("userIdentity".to_owned(), identity.clone());
    }
    // Anyone with events:StartReplay could repeat old alerts as new ones.
    let no_replay = json!([{"exists": false}]);
    json!({"source": sources, "detail-type": [{"suffix": DELIVERED_BY}], "replay-name": no_replay, "detail": detail})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detector, Record};
    use jiff::Timestamp;

    /// An independent reading of the little of EventBridge's pattern language that is used here.
    fn matches(pattern: &Value, event: &Value) -> bool {
        pattern.as_object().unwrap().iter().all(|(key, wanted)| match wanted {
            Value::Object(_) => matches(wanted, &event[key]),
            Value::Array(any) => any.iter().any(|one| matches_one(one, &event[key])),
            _ => panic!("{wanted}"),
        })
    }

    fn matches_one(wanted: &Value, value: &Value) -> bool {
        let Some((operator, operand)) = wanted.as_object().map(|wanted| wanted.iter().next().unwrap()) else {
            return wanted == value;
        };
        let text = value.as_str();
        match operator.as_str() {
            "prefix" => text.is_some_and(|text| text.starts_with(operand.as_str().unwrap())),
            "suffix" => text.is_some_and(|text| text.ends_with(operand.as_str().unwrap())),
            "exists" => value.is_null() != (*operand == true),
            "anything-but" => !value.is_null() && !operand.as_array().unwrap().contains(value),
            other => panic!("{other}"),
        }
    }

    /// An event as EventBridge delivers it.
    fn event(source: &str, name: &str, detail_type: &str) -> Value {
        json!({
            "source": format!("aws.{}", source.split('.').next().unwrap()), "detail-type": detail_type,
            "detail": {"eventSource": source, "eventName": name, "userIdentity": {"type": "IAMUser"}},
        })
    }

    #[test]
    fn every_rule_names_its_events_and_finds_them_in_a_pattern() {
        let patterns: Vec<Value> = event_patterns().into_iter().map(|rule| rule.pattern).collect();
        let delivered = |event: &Value| patterns.iter().any(|pattern| matches(pattern, event));
        for rule in Rules::default().all() {
            let mut keys = 0;
            for EventKey { name, source } in rule.detection.scope().keys() {
                let source =
                    source.as_deref().unwrap_or_else(|| panic!("{} names no eventSource", rule.file));
                let name = match name {
                    EventName::Exact(name) => name.clone(),
                    EventName::Prefix(name) => format!("{name}20991231"),
                    EventName::Any => panic!("{} names no eventName", rule.file),
                };
                keys += 1;
                if NOT_DELIVERED.contains(&name.as_str()) {
                    continue;
                }
                for detail_type in [
                    "AWS API Call via CloudTrail",
                    "AWS Console Sign In via CloudTrail",
                    "AWS Console Signin via CloudTrail",
                    "AWS Service Event via CloudTrail",
                    "AWS Console Action via CloudTrail",
                ] {
                    let event = event(source, &name, detail_type);
                    assert!(delivered(&event), "{}: {event}", rule.file);
                    for other in [
                        json!({"source": "sentinel.iam-sentinel"}),
                        json!({"detail-type": "AWS API Call via Somebody"}),
                        json!({"replay-name": "last-week"}),
                    ] {
                        let mut event = event.clone();
                        event.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
                        assert!(!delivered(&event), "{}: {event}", rule.file);
                    }
                }
                let none = event(source, &format!("{name}-not"), "AWS API Call via CloudTrail");
                assert!(!delivered(&none) || delivered_prefix(&patterns, &name), "{}: {none}", rule.file);
            }
            assert!(keys > 0, "{} can match nothing", rule.file);
        }
    }

    /// True where some pattern asks for names that begin as this one does.
    fn delivered_prefix(patterns: &[Value], name: &str) -> bool {
        patterns
            .iter()
            .flat_map(|pattern| pattern["detail"]["eventName"].as_array().unwrap())
            .any(|wanted| wanted["prefix"].as_str().is_some_and(|prefix| name.starts_with(prefix)))
    }

    #[test]
    fn each_fits_the_default_quota_and_asks_for_a_source_that_only_aws_can_send() {
        for EventRule { pattern, services, .. } in event_patterns() {
            assert!(pattern.to_string().len() <= LARGEST, "{services:?}");
            let sources: Vec<&str> =
                pattern["source"].as_array().unwrap().iter().map(|source| source.as_str().unwrap()).collect();
            let wanted: Vec<String> =
                services.iter().map(|source| format!("aws.{}", source.split('.').next().unwrap())).collect();
            assert_eq!(sources, wanted);
        }
    }

    #[test]
    fn read_only_calls_are_asked_for_by_rules_that_get_them() {
        for EventRule { pattern, state, .. } in event_patterns() {
            let names = pattern["detail"]["eventName"].to_string();
            // One that begins like a read is delivered as a write.
            let names = names.replace("\"GetFederationToken\"", "");
            let reads =
                ["\"Get", "\"List", "\"Describe", "\"AssumeRole\""].iter().any(|verb| names.contains(verb));
            assert_eq!(state == WITH_READS, reads && names.contains("\"Get"), "{names}");
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
