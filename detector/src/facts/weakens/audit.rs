//! Calls that make the audit trail shorter or narrower, or end it.

use serde_json::Value;

use super::{Call, Weakening, Weakens, is};
use crate::aws::Arn;
use crate::record::{Record, member};

/// Logs kept no longer than this are gone before somebody looks.
const SHORT_DAYS: u64 = 7;

/// A call that weakens the audit trail.
pub(super) fn of(call: &Call<'_>) -> Option<Weakening> {
    let because: &str = match (call.service, call.event) {
        ("cloudtrail", "StopLogging") => "trail stopped logging",
        ("cloudtrail", "DeleteTrail") => "trail deleted",
        ("cloudtrail", "UpdateTrail") => trail(call)?,
        ("cloudtrail", "PutEventSelectors") => selectors(call)?,
        ("cloudtrail", "PutInsightSelectors") => {
            let none = call.value("insightSelectors").and_then(Value::as_array).is_none_or(Vec::is_empty);
            none.then_some("CloudTrail Insights disabled")?
        }
        ("cloudtrail", "DeleteEventDataStore") => "event data store deleted",
        ("cloudtrail", "StopEventDataStoreIngestion") => "event data store stopped ingesting",
        ("cloudtrail", "UpdateEventDataStore") => {
            let weaker = call.is_off("terminationProtectionEnabled")
                || call.is_off("multiRegionEnabled")
                || call.value("advancedEventSelectors").is_some()
                || call.value("retentionPeriod").is_some();
            (weaker || call.has_no_parameters())
                .then_some("event data store protection, selectors or retention changed")?
        }
        ("cloudtrail", "DeleteChannel") => "external events no longer ingested",
        ("ec2", "DeleteFlowLogs") => "VPC flow logs disabled",
        ("route53resolver", "DeleteResolverQueryLogConfig" | "DisassociateResolverQueryLogConfig") => {
            "DNS query logging disabled"
        }
        ("rds", "StopActivityStream") => "database activity stream stopped",
        ("logs", "DeleteLogGroup" | "DeleteLogStream") => "log entries deleted",
        ("logs", "DeleteSubscriptionFilter" | "DeleteMetricFilter") => {
            "log entries no longer forwarded or counted"
        }
        ("logs", "PutRetentionPolicy") => {
            let days = call.value("retentionInDays").and_then(Value::as_u64);
            days.is_some_and(|days| days <= SHORT_DAYS).then_some("log retention of at most 7 days")?
        }
        ("s3", "PutBucketLogging") => {
            let enabled =
                call.value("BucketLoggingStatus").and_then(|status| member(status, "LoggingEnabled"));
            enabled.is_none().then_some("bucket access logging disabled")?
        }
        ("s3", "PutBucketLifecycle" | "PutBucketLifecycleConfiguration") => {
            let lifecycle = call.value("LifecycleConfiguration")?;
            expires_soon(lifecycle).then_some("bucket content expires within 7 days")?
        }
        ("bedrock", "DeleteModelInvocationLoggingConfiguration") => "model invocation logging disabled",
        ("eks", "UpdateClusterConfig") => {
            let setups = call.value("logging").and_then(|logging| member(logging, "clusterLogging"))?;
            let off = |setup: &Value| member(setup, "enabled").is_some_and(|enabled| is(enabled, false));
            setups.as_array()?.iter().any(off).then_some("cluster control plane logging reduced")?
        }
        _ => return None,
    };
    Some(Weakening::new(Weakens::Audit, because))
}

fn trail(call: &Call<'_>) -> Option<&'static str> {
    if call.is_off("isMultiRegionTrail") {
        Some("trail limited to one region")
    } else if call.is_off("includeGlobalServiceEvents") {
        Some("trail excludes IAM and other global services")
    } else if call.is_off("enableLogFileValidation") {
        Some("log file validation disabled")
    } else if call.is_off("isOrganizationTrail") {
        Some("trail limited to one account")
    } else if !call.text("s3BucketName").is_empty() && !SWITCHES.iter().any(|switch| call.is_on(switch)) {
        Some("trail destination bucket set, possibly a different one")
    } else if is_foreign_key(call) {
        Some("trail encrypted with a key of an external account")
    } else if call.value("cloudWatchLogsLogGroupArn").is_some_and(|group| group == "") {
        Some("trail no longer delivered to CloudWatch Logs")
    } else if call.has_no_parameters() {
        Some("trail change not recorded")
    } else {
        None
    }
}

/// True where a trail is to be encrypted with a key whose ARN is of another account.
fn is_foreign_key(call: &Call<'_>) -> bool {
    let account = Arn::parse(call.text("kmsKeyId")).and_then(Arn::account_id);
    account.is_some_and(|account| Some(account) != call.record.account())
}

/// Switches of a trail or an event data store that make it hear of more, or safer, when they are on.
const SWITCHES: [&str; 7] = [
    "isMultiRegionTrail",
    "includeGlobalServiceEvents",
    "enableLogFileValidation",
    "isOrganizationTrail",
    "multiRegionEnabled",
    "organizationEnabled",
    "terminationProtectionEnabled",
];

/// Returns whether a call switches some of them on and changes nothing else.
pub(super) fn strengthens(record: &Record) -> bool {
    let names = ["name", "eventDataStore"];
    let is_change = |key: &&String| !names.iter().any(|name| key.eq_ignore_ascii_case(name));
    let is_on = |key: &String, value: &Value| {
        SWITCHES.iter().any(|switch| key.eq_ignore_ascii_case(switch)) && is(value, true)
    };
    record.service() == Some("cloudtrail")
        && matches!(record.event_name(), "UpdateTrail" | "UpdateEventDataStore")
        && record.parameters().as_object().is_some_and(|all| {
            let mut changes = all.iter().filter(|(key, value)| is_change(key) && !value.is_null()).peekable();
            changes.peek().is_some() && changes.all(|(key, value)| is_on(key, value))
        })
}

/// A trail that does not log every management event, read and write, of every service.
fn selectors(call: &Call<'_>) -> Option<&'static str> {
    let list = |key: &str| call.value(key).and_then(Value::as_array);
    let complete = list("eventSelectors").is_some_and(|all| all.iter().any(is_complete))
        || list("advancedEventSelectors").is_some_and(|all| all.iter().any(is_complete_advanced));
    (!complete).then_some("trail no longer logs all management events")
}

fn is_complete(selector: &Value) -> bool {
    let management = member(selector, "includeManagementEvents").is_none_or(|flag| is(flag, true));
    let both = member(selector, "readWriteType").is_none_or(|kind| kind == "All");
    let all =
        member(selector, "excludeManagementEventSources").and_then(Value::as_array).is_none_or(Vec::is_empty);
    management && both && all
}

/// `eventCategory` equals `Management`, and nothing that narrows it.
fn is_complete_advanced(selector: &Value) -> bool {
    let fields = member(selector, "fieldSelectors").and_then(Value::as_array);
    let fields = fields.map(Vec::as_slice).unwrap_or_default();
    let category = |field: &Value| {
        member(field, "field").is_some_and(|name| name == "eventCategory")
            && member(field, "equals")
                .and_then(Value::as_array)
                .is_some_and(|of| of.iter().any(|category| category == "Management"))
    };
    matches!(fields, [only] if category(only))
}

fn expires_soon(lifecycle: &Value) -> bool {
    let rules = match member(lifecycle, "Rule").or_else(|| member(lifecycle, "Rules")) {
        Some(Value::Array(rules)) => rules.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    rules.into_iter().any(|rule| {
        let enabled = member(rule, "Status").is_some_and(|status| status == "Enabled");
        let days = member(rule, "Expiration").and_then(|expiration| member(expiration, "Days"));
        let days = days.and_then(|days| days.as_u64().or_else(|| days.as_str()?.parse().ok()));
        // A date in the past deletes at once, and any other all the same on that day.
        let date = member(rule, "Expiration").is_some_and(|expiration| member(expiration, "Date").is_some());
        enabled && (date || days.is_some_and(|days| days <= SHORT_DAYS))
    })
}
