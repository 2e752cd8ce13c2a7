//! Tests beside a rule: `NAME.test.yml` beside `NAME.yml`, records and what the whole pack must make
//! of them. The severity is asserted, not only the match.
//!
//! ```yaml
//! record: {eventSource: iam.amazonaws.com, eventName: CreateUser}   # over the usual record
//! tests:
//!   - name: a user is created
//!     expect: MEDIUM                  # this rule, and the alert's severity
//!   - name: another service has users too
//!     expect: silent                  # or `other LOW`: not this rule
//!     patch: {eventSource: quicksight.amazonaws.com}   # RFC 7386 merge patch
//! ```

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::rules::folder::{Problem, line_of, parse, text};
use crate::{Detector, Record};

/// The tests of a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleTests {
    /// Differences of the record from the usual one, as a merge patch.
    #[serde(default)]
    record: Value,
    /// Names to watch in these tests, as in `watched.yml`.
    #[serde(default)]
    pub watched: Value,
    /// The tests.
    pub tests: Vec<Case>,
}

/// One test.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Name of the test: the behaviour that it shows.
    pub name: String,
    /// `silent`, a severity (and this rule is among the matches), or `other SEVERITY` (and it is
    /// not).
    pub expect: String,
    /// Differences of the test's record from the file's record, as a merge patch.
    #[serde(default)]
    patch: Option<Value>,
}

impl Case {
    /// True where the rule must match the test's record.
    pub fn is_hit(&self) -> bool {
        self.expect != "silent" && !self.expect.starts_with("other")
    }

    /// True where the expected outcome can come about.
    fn can_be(&self) -> bool {
        let severity = self.expect.strip_prefix("other ").unwrap_or(&self.expect);
        self.expect == "silent"
            || ["low", "medium", "high", "critical"].contains(&severity.to_lowercase().as_str())
    }

    /// True where the test's call failed.
    pub fn is_failed_call(&self) -> bool {
        let patch = self.patch.as_ref();
        patch.is_some_and(|patch| {
            ["errorCode", "errorMessage", "responseElements"].iter().any(|key| !patch[*key].is_null())
        })
    }
}

/// Returns the path of the file that holds a rule's tests.
pub fn beside(rule: &Path) -> PathBuf {
    rule.with_extension("test.yml")
}

impl RuleTests {
    /// Reads the tests of a rule.
    ///
    /// # Errors
    /// Returns an error where the tests can't be read.
    pub fn load(file: &Path) -> Result<Self, Problem> {
        let problem = |(line, why)| Problem { file: file.to_owned(), line, why };
        let text = text(file).map_err(|why| problem((None, why)))?;
        parse(&text).map_err(problem)
    }

    /// The record of a test.
    pub fn record(&self, case: &Case) -> Value {
        let mut record = usual();
        merge(&mut record, &self.record);
        merge(&mut record, case.patch.as_ref().unwrap_or(&json!({})));
        record
    }

    /// Runs the tests of a rule and says what is not as expected. Tests of an exception have no rule:
    /// what they expect is the alert's severity, or that it is silent.
    pub fn run(&self, file: &Path, rule_id: Option<&str>, detector: &Detector) -> Vec<Problem> {
        let mut problems = Vec::new();
        for case in &self.tests {
            let found = match Record::new(self.record(case)) {
                Ok(record) => outcome(&record, rule_id, detector),
                Err(error) => (error.to_string(), String::new()),
            };
            let wrong = if !case.can_be() {
                format!(
                    "expect: unknown `{}`; use silent, LOW, MEDIUM, HIGH, CRITICAL, or `other` and one of these",
                    case.expect
                )
            } else if found.0.eq_ignore_ascii_case(&case.expect) {
                continue;
            } else {
                format!("expected {}, found {}{}", case.expect, found.0, found.1)
            };
            let line = text(file).ok().and_then(|text| line_of(&text, &[&case.name]));
            problems.push(Problem { file: file.to_owned(), line, why: format!("`{}`: {wrong}", case.name) });
        }
        problems
    }
}

/// Returns the outcome for a record, as `expect` writes it, and the rules that made it. Without a rule's id,
/// any rule counts.
fn outcome(record: &Record, rule_id: Option<&str>, detector: &Detector) -> (String, String) {
    let Some(alert) = detector.detect(record, Timestamp::UNIX_EPOCH).alert else {
        return ("silent".to_owned(), String::new());
    };
    let mine = rule_id.is_none_or(|id| alert.rules.iter().any(|rule| rule.id == id));
    let titles: Vec<String> =
        alert.rules.iter().map(|rule| format!("\"{}\" ({:.8})", rule.title, rule.id)).collect();
    let other = if mine { "" } else { "other " };
    (format!("{other}{}", alert.severity), format!(", from {}", titles.join(" and ")))
}

/// A record as CloudTrail writes it, of an IAM user in account 111122223333.
fn usual() -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEALICE0001",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLEALICE0001",
            "userName": "alice",
        },
        "eventTime": "2026-11-24T02:03:04Z",
        "eventSource": "iam.amazonaws.com",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": null,
        "responseElements": null,
        "requestID": "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0001",
        "eventID": "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0002",
        "readOnly": false,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    })
}

/// JSON merge patch, RFC 7386: null takes a key away.
fn merge(value: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        if !patch.is_null() {
            value.clone_from(patch);
        }
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let Some(map) = value.as_object_mut() else { return };
    for (key, change) in changes {
        if change.is_null() {
            map.remove(key);
        } else {
            merge(map.entry(key.clone()).or_insert(Value::Null), change);
        }
    }
}
