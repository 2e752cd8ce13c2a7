//! Exceptions: Sigma filters that keep rules silent where somebody has said why, for how long, and
//! who answers for it.
//!
//! <https://sigmahq.io/docs/meta/filters.html>. Beside Sigma's keys an exception has `owner`,
//! `reason` and `expires` (a day, UTC; the exception holds through it), and without any of them it
//! is refused: an exception that nobody answers for stays for ever.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::{Map, Value, json};

use super::sigma::{Event, Expression, Question, Rule, SigmaError, parse_detection};

/// A Sigma filter.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Sigma's `id`.
    pub id: String,
    /// Title, which says what the exception lets pass.
    pub title: String,
    /// Person or team that answers for the exception.
    pub owner: String,
    /// Reason why the calls that it lets pass are harmless.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// The rules that it is about, by id; empty for any rule.
    pub rules: Vec<String>,
    /// File that the exception was read from.
    pub file: String,
    /// Expression that must hold for a rule to speak all the same.
    keep: Expression,
}

/// Fields that whoever makes a call chooses; an exception that rests on them alone is an invitation.
const CALLERS_CHOICE: [&str; 3] = ["userAgent", "sentinel.via", "requestParameters.roleSessionName"];
/// Fields that say who calls.
const WHO: [&str; 3] = ["userIdentity.", "sentinel.actor.", "sourceIPAddress"];
/// Fields that end with the name of the session, which whoever assumes a role chooses.
const ENDS_WITH_SESSION: [&str; 2] = ["userIdentity.arn", "userIdentity.principalId"];

/// True where the caller chooses the value of the field that is asked for.
fn is_chosen(asked: Question<'_>) -> bool {
    CALLERS_CHOICE.contains(&asked.field)
        || (ENDS_WITH_SESSION.contains(&asked.field) && asked.start.is_none())
}

/// True where the field that is asked for says who makes the call.
fn is_who(asked: Question<'_>) -> bool {
    !is_chosen(asked) && WHO.iter().any(|of| asked.field.starts_with(of))
}

/// Calls of somebody whom no exception can mean: one that worked, one that was denied. Addresses
/// are for documentation (RFC 5737), accounts of zeros do not exist.
fn strangers() -> [Value; 2] {
    ["success", "denied"].map(|outcome| {
        json!({
            "record": {
                "eventVersion": "1.11", "eventTime": "2000-01-01T00:00:00Z", "eventType": "Stranger",
                "eventSource": "stranger.invalid", "eventName": "Stranger", "awsRegion": "stranger",
                "sourceIPAddress": "198.51.100.1", "userAgent": "stranger", "requestID": "stranger",
                "eventID": "stranger", "recipientAccountId": "000000000000", "eventCategory": "Stranger",
                "userIdentity": {
                    "type": "Stranger", "principalId": "AROASTRANGER:stranger", "accountId": "000000000000",
                    "arn": "arn:aws:sts::000000000000:assumed-role/stranger/stranger",
                    "accessKeyId": "ASIASTRANGER", "userName": "stranger",
                    "sessionContext": {"sessionIssuer": {
                        "type": "Stranger", "principalId": "AROASTRANGER", "accountId": "000000000000",
                        "arn": "arn:aws:iam::000000000000:role/stranger", "userName": "stranger",
                    }},
                },
            },
            "facts": {
                "outcome": outcome, "self": "unknown", "via": "unknown", "credential": "unknown", "mfa": "unknown",
                "actor": {"kind": "unknown", "id": "stranger", "name": "stranger", "account": "000000000000"},
            },
        })
    })
}

/// Refuses what would keep everything silent, and what anybody can claim.
fn bounded(keep: &Expression) -> Result<(), SigmaError> {
    let refused =
        |why: &str| Err(SigmaError::Condition { condition: "filter".to_owned(), why: why.to_owned() });
    if !keep.matches(&Event::bare(&Value::Object(Map::new()))) {
        return refused(
            "matches even an empty record; write `condition: not selection`, the condition of calls that raise alerts",
        );
    }
    let null = Value::Null;
    if strangers().iter().any(|stranger| {
        let part = |name: &str| stranger.get(name).unwrap_or(&null);
        !keep.matches(&Event::new(part("record"), &|| part("facts").clone()))
    }) {
        return refused(
            "matches any caller: restrict it by userIdentity.sessionContext.sessionIssuer.arn, or to a resource",
        );
    }
    let mut chosen = None;
    keep.fields(&mut |asked| {
        if is_chosen(asked) {
            chosen = Some(asked);
        }
    });
    match chosen {
        Some(asked) if !keep.rests_on(false, &is_who) => Err(SigmaError::Value {
            field: asked.field.to_owned(),
            value: asked.text.unwrap_or("a part of it").to_owned(),
            why: "set by the caller; also restrict the caller, by userIdentity.sessionContext.sessionIssuer.arn"
                .to_owned(),
        }),
        _ => Ok(()),
    }
}

impl Exception {
    /// Reads an exception that was YAML.
    ///
    /// # Errors
    /// Returns an error where a part is missing or can't be used.
    pub fn from_value(value: &Value) -> Result<Self, SigmaError> {
        let text = |key: &'static str, what: &'static str| {
            let text = value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or(SigmaError::Missing(key, what))
        };
        let filter = value
            .get("filter")
            .and_then(Value::as_object)
            .ok_or(SigmaError::Missing("filter", "a map with `rules`, selections and a condition"))?;
        let rules = match filter.get("rules") {
            Some(Value::Array(ids)) if !ids.is_empty() => ids
                .iter()
                .map(|id| id.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(SigmaError::Missing("filter.rules", "a list of rule ids"))?,
            Some(Value::String(word)) if word == "any" => Vec::new(),
            _ => return Err(SigmaError::Missing("filter.rules", "a list of rule ids, or `any`")),
        };
        let selections = filter.iter().filter(|(key, _)| *key != "rules");
        let detection = selections.map(|(key, value)| (key.clone(), value.clone())).collect();
        let keep = parse_detection(&detection)?;
        bounded(&keep)?;
        Ok(Self {
            id: text("id", "a UUID")?,
            title: text("title", "a string")?,
            owner: text("owner", "a string: the owner of this exception")?,
            reason: text("reason", "a string: why this is harmless")?,
            expires: text("expires", "a date such as 2027-06-30")?
                .parse()
                .map_err(|_| SigmaError::Missing("expires", "a date such as 2027-06-30"))?,
            rules,
            file: String::new(),
            keep,
        })
    }

    /// Returns the expression that must hold for a rule to speak all the same.
    pub const fn detection(&self) -> &Expression {
        &self.keep
    }

    /// True where the exception keeps this rule silent on this event.
    pub fn covers(&self, rule: &Rule, event: &Event<'_>) -> bool {
        (self.rules.is_empty() || self.rules.contains(&rule.id)) && !self.keep.matches(event)
    }

    /// True where the exception holds at a time. It holds through the whole of its last day.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        Offset::UTC.to_datetime(now).date() <= self.expires
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Watched;
    use crate::{Detector, Record, Rules};

    fn exception(patch: &Value) -> Result<Exception, SigmaError> {
        let mut document = json!({
            "title": "The deployment makes users", "id": "1f0c0000-0000-4000-8000-0000000000e1",
            "owner": "platform team", "reason": "Terraform makes service users", "expires": "2027-06-30",
            "filter": {
                "rules": "any",
                "selection": {"userIdentity.sessionContext.sessionIssuer.arn": "arn:aws:iam::111122223333:role/deploy"},
                "condition": "not selection",
            },
        });
        for (key, value) in patch.as_object().unwrap() {
            document[key] = value.clone();
        }
        Exception::from_value(&document)
    }

    fn by_deploy(event: &str, source: &str) -> Record {
        let issuer = json!({"arn": "arn:aws:iam::111122223333:role/deploy", "userName": "deploy"});
        let record = json!({"eventName": event, "eventSource": source, "requestParameters": {"userName": "svc", "name": "main"},
            "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": issuer}}});
        Record::new(record).unwrap()
    }

    fn at(day: &str) -> Timestamp {
        format!("{day}T23:59:59Z").parse().unwrap()
    }

    #[test]
    fn it_keeps_silent_what_it_says_through_its_last_day_and_counts_it() {
        let detector =
            Detector::new(Rules::with(Vec::new(), vec![exception(&json!({})).unwrap()]), Watched::default());
        let create = by_deploy("CreateUser", "iam.amazonaws.com");
        let silent = detector.detect(&create, at("2027-06-30"));
        assert!(silent.alert.is_none());
        assert_eq!(silent.silenced.len(), 1);
        let (exception, swallowed) = detector.rules().exceptions().next().unwrap();
        assert_eq!((exception.owner.as_str(), swallowed), ("platform team", 1));
        assert!(detector.detect(&create, at("2027-07-01")).alert.is_some(), "it has ended");
        let other =
            Record::new(json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"})).unwrap();
        assert!(detector.detect(&other, at("2027-06-30")).alert.is_some(), "somebody else");
        assert_eq!(detector.rules().exceptions().next().unwrap().1, 1);
    }

    #[test]
    fn it_can_name_the_rules_that_it_is_about() {
        let rule =
            Rules::default().all().find(|rule| rule.file.ends_with("user_created.yml")).unwrap().id.clone();
        let filter = |id: &str| json!({"filter": {"rules": [id], "s": {"eventName": "CreateUser"}, "condition": "not s"}});
        for (id, silent) in [(rule.as_str(), true), ("00000000-0000-4000-8000-000000000000", false)] {
            let exception = exception(&filter(id)).unwrap();
            let detector = Detector::new(Rules::with(Vec::new(), vec![exception]), Watched::default());
            let alert =
                detector.detect(&by_deploy("CreateUser", "iam.amazonaws.com"), at("2027-01-01")).alert;
            assert_eq!(alert.is_none(), silent, "{id}");
        }
    }

    #[test]
    fn it_never_covers_tampering_with_the_audit_trail_or_the_detector() {
        let watched = serde_json::from_value(json!({"detector": ["iam-sentinel"]})).unwrap();
        let detector = Detector::new(Rules::with(Vec::new(), vec![exception(&json!({})).unwrap()]), watched);
        let mut topic = by_deploy("SetTopicAttributes", "sns.amazonaws.com").value().clone();
        topic["requestParameters"] = json!({"topicArn": "arn:aws:sns:us-east-1:111122223333:iam-sentinel"});
        for record in [
            by_deploy("StopLogging", "cloudtrail.amazonaws.com"),
            by_deploy("DeleteTrail", "cloudtrail.amazonaws.com"),
            by_deploy("DeleteDetector", "guardduty.amazonaws.com"),
            Record::new(topic).unwrap(),
        ] {
            let found = detector.detect(&record, at("2027-01-01"));
            assert!(found.alert.is_some() && found.silenced.is_empty(), "{}", record.event_name());
        }
    }

    #[test]
    fn without_owner_reason_or_end_it_is_refused() {
        for key in ["owner", "reason", "expires", "id", "title"] {
            let error = exception(&json!({key: null})).unwrap_err().to_string();
            assert!(error.contains(&format!("`{key}` is missing")), "{error}");
        }
        assert!(exception(&json!({"expires": "some day"})).is_err());
        let filter = |selection: Value, condition: &str| json!({"filter": {"rules": "any", "s": selection, "condition": condition}});
        let all = exception(&filter(json!({"eventName": "CreateUser"}), "s")).unwrap_err().to_string();
        assert!(all.contains("even an empty record"), "{all}");
        let claim =
            exception(&filter(json!({"userAgent|contains": "Terraform"}), "not s")).unwrap_err().to_string();
        assert!(claim.contains("set by the caller"), "{claim}");
        for (selection, well) in [
            (json!({"userIdentity.arn": "*"}), false),
            (json!({"userIdentity.arn|startswith": "arn:aws:sts::"}), false),
            (json!({"userIdentity.arn|endswith": "/aws-go-sdk-1"}), false),
            (json!({"userIdentity.arn": "arn:aws:sts::111122223333:assumed-role/*/tool"}), false),
            (json!({"userIdentity.arn|startswith": "arn:aws:sts::111122223333:assumed-role/deploy/"}), true),
            (json!({"userIdentity.arn|endswith": "/ci", "userIdentity.accountId": "111122223333"}), true),
            (json!([{"userAgent": "x"}, {"sourceIPAddress": "203.0.113.7"}]), false),
            (json!({"eventTime|startswith": "20"}), false),
            (json!({"eventSource|exists": true}), false),
            (json!({"sourceIPAddress|cidr": "0.0.0.0/0"}), false),
            (json!({"sourceIPAddress|cidr": "203.0.113.0/24"}), true),
            (json!({"sentinel.outcome": "success"}), false),
            (json!({"sentinel.actor.name": "*"}), false),
        ] {
            let read = exception(&filter(selection.clone(), "not s"));
            assert_eq!(read.is_ok(), well, "{selection}: {read:?}");
        }
        assert!(
            exception(&json!({"filter": {"s": {"a": "b"}, "condition": "not s"}})).is_err(),
            "which rules?"
        );
    }
}
