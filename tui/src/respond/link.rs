//! Links to the AWS console, in the partition and region of the alert.

use detector::Alert;
use detector::facts::TargetKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters that are percent-encoded in a path or fragment: all but ASCII letters, digits and `-_.~`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The event in `CloudTrail`'s event history.
pub(crate) fn event(alert: &Alert) -> String {
    let (home, region) = home(alert, false);
    format!("{home}/cloudtrailv2/home?region={region}#/events/{}", encoded(&alert.id.0))
}

/// Returns the link to the call's target; `None` where the AWS console has no page for it.
pub(crate) fn target(alert: &Alert) -> Option<String> {
    let target = alert.facts.as_ref()?.target.as_ref()?;
    let name = encoded(&target.name);
    let (home, region) =
        home(alert, matches!(target.kind, TargetKind::User | TargetKind::Role | TargetKind::Group));
    let page = match target.kind {
        TargetKind::User => format!("iam/home?region={region}#/users/details/{name}"),
        TargetKind::Role => format!("iam/home?region={region}#/roles/details/{name}"),
        TargetKind::Group => format!("iam/home?region={region}#/groups/details/{name}"),
        TargetKind::Function => format!("lambda/home?region={region}#/functions/{name}"),
        TargetKind::Instance => format!("ec2/home?region={region}#InstanceDetails:instanceId={name}"),
        TargetKind::Bucket => format!("s3/buckets/{name}?region={region}"),
        _ => return None,
    };
    Some(format!("{home}/{page}"))
}

/// The console's address, and the region; a global service's pages are in the partition's first one.
fn home(alert: &Alert, global: bool) -> (String, String) {
    let region = alert.region.as_deref().unwrap_or_default();
    let arn = alert.user.as_deref().unwrap_or_default();
    let (domain, first) = if region.starts_with("cn-") || arn.starts_with("arn:aws-cn:") {
        ("console.amazonaws.cn", "cn-north-1")
    } else if region.starts_with("us-gov-") || arn.starts_with("arn:aws-us-gov:") {
        ("console.amazonaws-us-gov.com", "us-gov-west-1")
    } else {
        ("console.aws.amazon.com", "us-east-1")
    };
    // A region stands in the host name: nothing else may.
    let is_region = region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let region = if global || region.is_empty() || !is_region { first } else { region };
    (format!("https://{region}.{domain}"), region.to_owned())
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}
