use super::*;
use serde_json::json;

fn weakens(source: &str, event: &str, parameters: Value) -> Weakens {
    let record = json!({"eventName": event, "eventSource": format!("{source}.amazonaws.com"), "requestParameters": parameters});
    Weakening::of(&Record::new(record).unwrap()).map(|weakening| weakening.what).unwrap_or_default()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn direction_decides() {
    for (source, event, weaker, harmless, what) in [
        (
            "cloudtrail",
            "UpdateTrail",
            json!({"name": "t", "isMultiRegionTrail": false}),
            json!({"name": "t", "isMultiRegionTrail": true}),
            Weakens::Audit,
        ),
        (
            "cloudtrail",
            "UpdateTrail",
            json!({"name": "t", "enableLogFileValidation": "false"}),
            json!({"name": "t", "enableLogFileValidation": true}),
            Weakens::Audit,
        ),
        (
            "cloudtrail",
            "UpdateTrail",
            json!({"name": "t", "s3BucketName": "b"}),
            json!({"name": "t", "snsTopicName": "x"}),
            Weakens::Audit,
        ),
        (
            "cloudtrail",
            "PutInsightSelectors",
            json!({"insightSelectors": []}),
            json!({"insightSelectors": [{"insightType": "ApiErrorRateInsight"}]}),
            Weakens::Audit,
        ),
        (
            "cloudtrail",
            "UpdateEventDataStore",
            json!({"terminationProtectionEnabled": false}),
            json!({"terminationProtectionEnabled": true}),
            Weakens::Audit,
        ),
        (
            "s3",
            "PutBucketLogging",
            json!({"BucketLoggingStatus": {}}),
            json!({"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "b"}}}),
            Weakens::Audit,
        ),
        (
            "s3",
            "PutBucketLifecycle",
            json!({"LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 1}}}}),
            json!({"LifecycleConfiguration": {"Rule": {"Status": "Enabled", "Expiration": {"Days": 90}}}}),
            Weakens::Audit,
        ),
        (
            "logs",
            "PutRetentionPolicy",
            json!({"retentionInDays": 1}),
            json!({"retentionInDays": 90}),
            Weakens::Audit,
        ),
        (
            "eks",
            "UpdateClusterConfig",
            json!({"logging": {"clusterLogging": [{"types": ["audit"], "enabled": false}]}}),
            json!({"logging": {"clusterLogging": [{"types": ["audit"], "enabled": true}]}}),
            Weakens::Audit,
        ),
        (
            "guardduty",
            "UpdateDetector",
            json!({"enable": false}),
            json!({"enable": true}),
            Weakens::Detection,
        ),
        (
            "guardduty",
            "UpdateDetector",
            json!({"features": [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]}),
            json!({"features": [{"name": "S3_DATA_EVENTS", "status": "ENABLED"}]}),
            Weakens::Detection,
        ),
        (
            "guardduty",
            "CreateIPSet",
            json!({"activate": true}),
            json!({"activate": false}),
            Weakens::Detection,
        ),
        (
            "guardduty",
            "CreateFilter",
            json!({"action": "ARCHIVE"}),
            json!({"action": "NOOP"}),
            Weakens::Detection,
        ),
        (
            "securityhub",
            "UpdateStandardsControl",
            json!({"controlStatus": "DISABLED"}),
            json!({"controlStatus": "ENABLED"}),
            Weakens::Detection,
        ),
        (
            "events",
            "PutRule",
            json!({"name": "r", "state": "DISABLED"}),
            json!({"name": "r", "state": "ENABLED"}),
            Weakens::Detection,
        ),
        (
            "lambda",
            "PutFunctionConcurrency20171031",
            json!({"reservedConcurrentExecutions": 0}),
            json!({"reservedConcurrentExecutions": 5}),
            Weakens::Detection,
        ),
        (
            "iam",
            "DetachUserPolicy",
            json!({"policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}),
            json!({"policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            Weakens::Guardrail,
        ),
        (
            "iam",
            "PutRolePermissionsBoundary",
            json!({"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            json!({"permissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            Weakens::Guardrail,
        ),
        (
            "organizations",
            "UpdatePolicy",
            json!({"content": "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}]}"}),
            json!({"content": "{\"Statement\":[{\"Effect\":\"Deny\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"}),
            Weakens::Guardrail,
        ),
        (
            "cognito-idp",
            "SetUserPoolMfaConfig",
            json!({"mfaConfiguration": "OFF"}),
            json!({"mfaConfiguration": "ON"}),
            Weakens::Mfa,
        ),
        (
            "s3",
            "PutBucketPublicAccessBlock",
            json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": true}}),
            json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true}}),
            Weakens::PublicBlock,
        ),
    ] {
        assert_eq!(weakens(source, event, weaker.clone()), what, "{event} {weaker}");
        assert_eq!(weakens(source, event, harmless.clone()), Weakens::None, "{event} {harmless}");
    }
}

#[test]
fn both_forms_of_event_selectors_are_read() {
    let basic = |selectors: Value| {
        weakens("cloudtrail", "PutEventSelectors", json!({"trailName": "t", "eventSelectors": selectors}))
    };
    assert_eq!(
        basic(json!([{"readWriteType": "All", "includeManagementEvents": true, "dataResources": []}])),
        Weakens::None
    );
    assert_eq!(basic(json!([{"readWriteType": "All", "includeManagementEvents": false}])), Weakens::Audit);
    assert_eq!(
        basic(json!([{"readWriteType": "ReadOnly", "includeManagementEvents": true}])),
        Weakens::Audit
    );
    assert_eq!(
        basic(
            json!([{"includeManagementEvents": true, "excludeManagementEventSources": ["kms.amazonaws.com"]}])
        ),
        Weakens::Audit
    );
    assert_eq!(basic(json!([])), Weakens::Audit);
    let advanced = |selectors: Value| {
        weakens(
            "cloudtrail",
            "PutEventSelectors",
            json!({"trailName": "t", "advancedEventSelectors": selectors}),
        )
    };
    let management = json!({"field": "eventCategory", "equals": ["Management"]});
    let data = json!({"name": "S3", "fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}, {"field": "resources.type", "equals": ["AWS::S3::Object"]}]});
    assert_eq!(advanced(json!([data, {"fieldSelectors": [management]}])), Weakens::None);
    assert_eq!(advanced(json!([data])), Weakens::Audit);
    assert_eq!(
        advanced(json!([{"fieldSelectors": [management, {"field": "readOnly", "equals": ["true"]}]}])),
        Weakens::Audit
    );
}

#[test]
fn a_refused_attempt_counts_as_one() {
    for (source, event, what) in [
        ("cloudtrail", "UpdateTrail", Weakens::Audit),
        ("cloudtrail", "StopLogging", Weakens::Audit),
        ("guardduty", "UpdateDetector", Weakens::Detection),
        ("organizations", "UpdatePolicy", Weakens::Guardrail),
    ] {
        assert_eq!(weakens(source, event, json!(null)), what, "{event}");
    }
    assert_eq!(weakens("iam", "CreateUser", json!(null)), Weakens::None);
}
