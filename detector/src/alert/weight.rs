//! Weight of a rule for a record: the rule's level, lowered where the call failed, or where the call says
//! that it comes from a deployment tool and the rule lets that count.

use super::Severity;
use crate::facts::{ActorKind, Exposes, Facts, Grants, Verdict, Via, Weakens};
use crate::rules::sigma::Rule;

/// Returns the severity that a rule gives a record; `None` where the rule has nothing to say of it.
///
/// A call that did not work weighs one step less, and at most medium, unless the rule says otherwise: nothing
/// has changed, and still somebody tried. A rule of level low has nothing to say of an attempt.
pub(super) fn severity(rule: &Rule, facts: &Facts) -> Option<Severity> {
    let level = if is_lowered(rule, facts) { rule.deployment.unwrap_or(rule.level) } else { rule.level };
    let base = Severity::from(level);
    if facts.outcome.verdict == Verdict::Success {
        return Some(base);
    }
    match rule.denied {
        Some(level) => Some(level.into()),
        None => one_lower(base).map(|lower| lower.min(Severity::Medium)),
    }
}

/// Returns whether a rule weighs less because the call comes from a deployment tool. It never counts for what would
/// make somebody administrator, open the account, blind the audit trail, or comes from root. A user agent is
/// the caller's word, so by it alone nothing is lowered from HIGH or CRITICAL.
pub(super) fn is_lowered(rule: &Rule, facts: &Facts) -> bool {
    let by_tool = matches!(facts.via, Via::Iac | Via::Cloudformation | Via::AwsService);
    let too_much = matches!(facts.grants, Some(Grants::Admin | Grants::IamAdmin))
        || matches!(facts.exposes, Some(Exposes::External | Exposes::Public))
        || facts.weakens == Weakens::Audit
        || facts.actor.kind == ActorKind::Root
        || (facts.via.is_claimed() && Severity::from(rule.level) >= Severity::High);
    rule.deployment.is_some() && by_tool && !too_much
}

/// Says why a rule weighs less.
pub(super) const fn lowered_words(facts: &Facts) -> &'static str {
    match facts.via {
        Via::Cloudformation => "severity lowered: called by CloudFormation",
        Via::AwsService => "severity lowered: called by an AWS service",
        _ => "severity lowered: User-Agent claims a deployment tool (unverified)",
    }
}

const fn one_lower(severity: Severity) -> Option<Severity> {
    match severity {
        Severity::Critical => Some(Severity::High),
        Severity::High => Some(Severity::Medium),
        Severity::Medium => Some(Severity::Low),
        Severity::Low => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;
    use crate::facts::Watched;
    use serde_json::{Value, json};

    fn weigh(level: &str, record: Value) -> Option<Severity> {
        let lower = if level == "high" { "medium" } else { "low" };
        let rule = json!({"title": "t", "id": "i", "level": level, "deployment": lower,
            "detection": {"s": {"eventName": "X"}, "condition": "s"}});
        let record = Record::new(record).unwrap();
        severity(&Rule::from_value(&rule).unwrap(), &Facts::of(&record, &Watched::default()))
    }

    #[test]
    fn a_deployment_tools_word_counts_for_one_step_and_never_for_the_worst() {
        let terraform = "APN/1.0 HashiCorp/1.0 Terraform/1.13";
        let plain = json!({"eventName": "X", "userAgent": terraform});
        assert_eq!(weigh("medium", plain.clone()), Some(Severity::Low));
        assert_eq!(weigh("high", plain), Some(Severity::High), "a user agent lowers nothing from HIGH");
        let by_aws = |service: &str, agent: &str| {
            json!({"eventName": "X", "userAgent": agent,
                "userIdentity": {"type": "IAMUser", "invokedBy": format!("{service}.amazonaws.com")}})
        };
        assert_eq!(
            weigh("high", by_aws("cloudformation", "cloudformation.amazonaws.com")),
            Some(Severity::Medium)
        );
        assert_eq!(weigh("high", by_aws("aws-mcp", "aws-mcp.amazonaws.com")), Some(Severity::High));
        let itself = json!({"eventName": "X", "userAgent": "cloudformation.amazonaws.com"});
        assert_eq!(
            weigh("medium", itself),
            Some(Severity::Medium),
            "nobody is a service by calling themselves one"
        );
        assert_eq!(weigh("high", json!({"eventName": "X", "userAgent": "aws-cli/2"})), Some(Severity::High));
        let root = json!({"eventName": "X", "userAgent": terraform, "userIdentity": {"type": "Root"}});
        assert_eq!(weigh("high", root), Some(Severity::High));
        let admin = json!({"eventName": "AttachUserPolicy", "eventSource": "iam.amazonaws.com", "userAgent": terraform,
            "requestParameters": {"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}});
        assert_eq!(weigh("high", admin), Some(Severity::High));
        let two_steps = json!({"title": "t", "id": "i", "level": "critical", "deployment": "medium",
            "detection": {"s": {"eventName": "X"}, "condition": "s"}});
        assert!(Rule::from_value(&two_steps).is_err());
    }
}
