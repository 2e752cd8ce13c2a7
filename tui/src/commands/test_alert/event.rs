//! The event that is sent: a CloudTrail record of something that must raise an alert, with an id and a
//! time of its own. By its source and detail-type the pipeline knows it for a test; only AWS can send
//! events whose source begins with `aws.`, so none is ever taken for a real call.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::path::Path;

use detector::log_file::Reader;
use detector::{Alert, Detector, Record};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::OperateError;

/// The `detail-type` that the pipeline's rule for tests takes.
pub(crate) const DETAIL_TYPE: &str = "IAM Sentinel Test";
/// User that makes the call, and that gets the rights.
const USER: &str = "iam-sentinel-test";
/// The account where the queue's URL does not name one.
const SOME_ACCOUNT: &str = "111122223333";

/// Event that is sent, and the alert that is expected of it.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) record: Value,
    /// Id that the alert will have.
    pub(crate) alert_id: String,
    /// Alert that this program's own rules raise for the record.
    pub(crate) expected: Alert,
}

/// Makes a test event of this record, or of the usual one. Returns an error where the record can't be used,
/// or where no rule raises an alert for it: then nothing would come back.
pub(crate) fn make(
    record: Option<Value>,
    detector: &Detector,
    account: Option<&str>,
    region: Option<&str>,
    now: Timestamp,
) -> Result<Test, OperateError> {
    let is_own = record.is_some();
    let mut record = record.unwrap_or_else(|| usual(account.unwrap_or(SOME_ACCOUNT), region));
    let event_id = uuid();
    if let Some(fields) = record.as_object_mut() {
        fields.insert("eventID".to_owned(), json!(event_id));
        fields.insert("eventTime".to_owned(), json!(format!("{now:.0}")));
    }
    let refused = |why: &str| OperateError::Usage(format!("can't use the record of --event: {why}"));
    let checked = Record::new(record.clone()).map_err(|error| refused(&error.to_string()))?;
    let expected = detector.detect(&checked, now).alert;
    let Some(expected) = expected else {
        let whose = if is_own { "it" } else { "the default record with these rules and exceptions" };
        return Err(refused(&format!("no rule matches {whose}, so no alert would return")));
    };
    Ok(Test { record, alert_id: format!("{}{event_id}", crate::model::TEST), expected })
}

/// The first record of a file, in any of the shapes that `replay` reads.
pub(crate) fn read(path: &Path) -> Result<Value, OperateError> {
    let failed = |why: String| OperateError::Usage(format!("can't use {}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| failed(error.to_string()))?;
    let mut reader = Reader::default();
    let records = reader.read(file, None).map_err(|error| failed(error.to_string()))?;
    let mut found: Option<Result<Value, String>> = None;
    let _ = records.each(|entry| {
        let first = match entry {
            Ok(entry) => entry.records().into_iter().next().map(|record| match record {
                Ok(record) => Ok(record.value().clone()),
                Err(error) => Err(error.to_string()),
            }),
            Err(error) => Some(Err(error.to_string())),
        };
        found = first;
        if found.is_some() { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    });
    found.unwrap_or_else(|| Err("no CloudTrail record in it".to_owned())).map_err(failed)
}

/// Administrator rights, by a user to the same user: critical by every rule pack.
fn usual(account: &str, region: Option<&str>) -> Value {
    let arn = format!("arn:aws:iam::{account}:user/{USER}");
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAIAMSENTINELTEST", "arn": arn, "accountId": account,
            "userName": USER,
        },
        "eventTime": "", "eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy",
        "awsRegion": region.unwrap_or("us-east-1"),
        // Addresses for documents: nobody has them.
        "sourceIPAddress": "192.0.2.1",
        "userAgent": concat!("sentinel-tui/", env!("CARGO_PKG_VERSION"), " test-alert"),
        "requestParameters": {"userName": USER, "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        "responseElements": null, "eventID": "", "readOnly": false, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": account, "eventCategory": "Management",
    })
}

/// A UUID, version 4. std's seeds for hashing come from the system's random numbers.
fn uuid() -> String {
    let random = || u128::from(RandomState::new().build_hasher().finish());
    let bits = (random() << 64) | random();
    let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{bits:032x}");
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}

#[cfg(test)]
mod tests {
    use crate::commands::test_alert::event::*;
    use detector::Severity;

    #[test]
    fn the_usual_record_is_critical_and_each_is_another() {
        let now = "2026-11-24T02:03:04.5Z".parse().unwrap();
        let test = || make(None, &Detector::default(), Some("999900001111"), Some("eu-west-1"), now).unwrap();
        let first = test();
        assert_eq!(first.expected.severity, Severity::Critical, "{:?}", first.expected.reasons);
        assert_eq!(first.record["recipientAccountId"], "999900001111");
        assert_eq!(first.record["eventTime"], "2026-11-24T02:03:04Z".to_owned());
        assert_eq!(first.alert_id, format!("test-{}", first.record["eventID"].as_str().unwrap()));
        assert_ne!(first.alert_id, test().alert_id);
        let parts: Vec<_> = first.alert_id.split('-').map(str::len).collect();
        assert_eq!(parts, [4, 8, 4, 4, 4, 12], "{}", first.alert_id);
    }

    #[test]
    fn a_record_of_ones_own_must_raise_an_alert() {
        let make = |record| make(Some(record), &Detector::default(), None, None, Timestamp::UNIX_EPOCH);
        let user = json!({"eventName": "CreateAccessKey", "eventSource": "iam.amazonaws.com", "eventID": "old",
            "userIdentity": {"type": "IAMUser", "userName": "a"}, "requestParameters": {"userName": "b"}});
        let test = make(user).unwrap();
        assert_ne!(test.record["eventID"], "old");
        assert_eq!(test.record["eventTime"], "1970-01-01T00:00:00Z");
        let dull = make(json!({"eventName": "ListUsers", "eventSource": "iam.amazonaws.com"})).unwrap_err();
        assert!(dull.to_string().contains("no rule matches it"), "{dull}");
        assert!(make(json!([])).unwrap_err().to_string().contains("can't use"));
    }
}
