//! S3's access control lists: a canned one by name, grants in headers, or grants in a document. CloudTrail
//! writes headers beside the other parameters or under `accessControlList`, and values as text or in a list.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html>

use serde_json::Value;

use super::{Exposed, Exposes};
use crate::aws::accounts;
use crate::record::{Record, member};

/// Groups that stand for everybody, or for everybody with any AWS account.
const EVERYBODY: [&str; 2] = ["/global/AllUsers", "/global/AuthenticatedUsers"];

/// Returns whom the access control lists in a call let in.
pub(super) fn exposed(record: &Record) -> Exposed {
    let parameters = record.parameters();
    let headers = [Some(parameters), record.parameter_value("accessControlList")];
    let by_header = headers.into_iter().flatten().filter_map(Value::as_object).flatten();
    let by_header = by_header.flat_map(|(key, value)| header(&key.to_ascii_lowercase(), value));
    let policy = record.parameter_value("AccessControlPolicy");
    let owner = policy.and_then(|policy| member(policy, "Owner")).and_then(|owner| member(owner, "ID"));
    let granted = policy.and_then(|policy| member(policy, "AccessControlList"));
    // Grants on the log files that a bucket's access log writes.
    let on_logs = record
        .parameter_value("BucketLoggingStatus")
        .and_then(|status| member(status, "LoggingEnabled"))
        .and_then(|enabled| member(enabled, "TargetGrants"));
    let grants = [granted, on_logs].into_iter().flatten().flat_map(grants);
    Exposed::widest(by_header.chain(grants.filter_map(|grant| granted_to(grant, owner))))
}

/// Returns whom a header lets in: `x-amz-acl: public-read`, `x-amz-grant-read: uri="…", id="…"`. Each grantee
/// counts by itself.
fn header(key: &str, value: &Value) -> Vec<Exposed> {
    let texts: Vec<&str> = match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if key == "x-amz-acl" {
        let public = |acl: &&str| acl.starts_with("public-read") || *acl == "authenticated-read";
        return texts
            .into_iter()
            .filter(public)
            .map(|acl| Exposed::everybody(&format!("ACL {acl} allows everyone")))
            .collect();
    }
    if !key.starts_with("x-amz-grant-") {
        return Vec::new();
    }
    texts.into_iter().flat_map(|text| text.split(',')).filter_map(grantee).collect()
}

fn grantee(text: &str) -> Option<Exposed> {
    if EVERYBODY.iter().any(|group| text.contains(group)) {
        return Some(Exposed::everybody("ACL grants access to everyone"));
    }
    let to_account = text.contains("id=") || text.contains("emailAddress=");
    let is_awss = accounts::CLOUDFRONT_LOGS.iter().any(|id| text.contains(id));
    // The owner's own id stands here too, and the record does not tell it apart.
    (to_account && !is_awss)
        .then(|| Exposed::one(Exposes::Unknown, text, "ACL grants access to an unknown account"))
}

/// Returns the grants of a list: one, or several.
fn grants(list: &Value) -> Vec<&Value> {
    match member(list, "Grant").unwrap_or(list) {
        Value::Array(grants) => grants.iter().collect(),
        one @ Value::Object(_) => vec![one],
        _ => Vec::new(),
    }
}

fn granted_to(grant: &Value, owner: Option<&Value>) -> Option<Exposed> {
    let grantee = member(grant, "Grantee")?;
    if let Some(uri) = member(grantee, "URI").and_then(Value::as_str) {
        return Some(if EVERYBODY.iter().any(|group| uri.ends_with(group)) {
            Exposed::everybody("ACL grants access to everyone")
        } else {
            Exposed::one(Exposes::Service, uri, "ACL grants access to log delivery")
        });
    }
    let id = member(grantee, "ID").or_else(|| member(grantee, "EmailAddress"))?;
    if let Some(logs) = accounts::CLOUDFRONT_LOGS.iter().find(|logs| id == *logs) {
        return Some(Exposed::one(Exposes::Service, logs, "ACL grants access to CloudFront log delivery"));
    }
    (Some(id) != owner).then(|| {
        Exposed::one(
            Exposes::External,
            id.as_str().unwrap_or_default(),
            "ACL grants access to an external account",
        )
    })
}
