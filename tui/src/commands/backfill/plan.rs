//! Questions to CloudTrail, as few as it takes. `LookupEvents` takes one condition a question: all calls that
//! change something are one question, and each read-only call that rules are about is one of its own. Of the
//! read-only calls, only those are asked for that EventBridge delivers: a call that was never sent can't have
//! been lost.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use detector::Detector;
use detector::rules::event_patterns;
use serde_json::Value;

/// Beginnings of the names of read-only calls. CloudTrail calls some of them read-only that EventBridge
/// delivers as changes (`GetFederationToken`).
const READS: [&str; 5] = ["Get", "List", "Describe", "BatchGet", "Lookup"];

/// One question to each region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Question {
    /// All calls that change something.
    Changes,
    /// A read-only call, by its name.
    Read(String),
}

impl Question {
    pub(crate) fn attribute(&self) -> Option<LookupAttribute> {
        let (key, value) = match self {
            Self::Changes => (LookupAttributeKey::ReadOnly, "false"),
            Self::Read(name) => (LookupAttributeKey::EventName, name.as_str()),
        };
        LookupAttribute::builder().attribute_key(key).attribute_value(value).build().ok()
    }

    /// Label for the progress.
    pub(crate) fn label(&self) -> &str {
        match self {
            Self::Changes => "changes",
            Self::Read(name) => name,
        }
    }
}

/// The questions that find all that the detector could raise an alert for, and that is delivered to it.
pub(crate) fn questions(detector: &Detector) -> Vec<Question> {
    let mut reads = BTreeSet::new();
    for rule in event_patterns() {
        let names = rule.pattern.pointer("/detail/eventName").and_then(Value::as_array);
        let names = names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let with_reads = rule.state != "ENABLED";
        reads.extend(names.filter(|name| {
            (with_reads || READS.iter().any(|start| name.starts_with(start)))
                // Rules that sleep ask for nothing: that of AssumeRole, with nothing watched, which is
                // called by the million.
                && rule.services.iter().any(|source| detector.may_alert(name, source))
        }));
    }
    [Question::Changes].into_iter().chain(reads.into_iter().map(Question::Read)).collect()
}

#[cfg(test)]
mod tests {
    use crate::commands::backfill::plan::*;
    use detector::{Rules, Watched};
    use serde_json::json;

    #[test]
    fn reads_are_asked_for_where_rules_that_are_awake_want_them() {
        let names = |detector: &Detector| -> Vec<String> {
            questions(detector).iter().map(|question| question.label().to_owned()).collect()
        };
        let usual = names(&Detector::default());
        assert_eq!(usual[0], "changes");
        for name in ["GetPasswordData", "BatchGetSecretValue", "GetFederationToken", "AssumeRoot"] {
            assert!(usual.iter().any(|asked| asked == name), "{name}: {usual:?}");
        }
        assert!(!usual.iter().any(|name| name == "GetCallerIdentity"), "it is not delivered");
        assert!(usual.len() < 12, "{usual:?}");
        let asks = |watched: Watched| {
            let detector = Detector::new(Rules::default(), watched);
            names(&detector).iter().any(|name| name == "AssumeRole")
        };
        assert!(!asks(Watched::default()), "with nothing watched no rule can say anything of it");
        let watched = json!({"roles": ["break-glass"]});
        assert!(asks(serde_json::from_value(watched).unwrap()));
    }
}
