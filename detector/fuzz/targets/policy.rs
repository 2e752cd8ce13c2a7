//! Any bytes as a policy document, in the places where records have one.
#![no_main]

use std::sync::LazyLock;

use detector::{Detector, Record};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|bytes: &[u8]| {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::default);
    let document = String::from_utf8_lossy(bytes);
    for (source, event, parameters) in [
        ("iam", "PutUserPolicy", json!({"userName": "u", "policyName": "p", "policyDocument": document})),
        ("iam", "UpdateAssumeRolePolicy", json!({"roleName": "r", "policyDocument": document})),
        ("s3", "PutBucketPolicy", json!({"bucketName": "b", "bucketPolicy": document})),
        ("kms", "PutKeyPolicy", json!({"keyId": "k", "policy": document})),
    ] {
        let record = json!({"eventID": "e", "eventName": event, "eventSource": format!("{source}.amazonaws.com"),
            "eventTime": "2026-11-24T02:00:00Z", "recipientAccountId": "111122223333", "awsRegion": "us-east-1",
            "userIdentity": {"type": "IAMUser", "userName": "a", "arn": "arn:aws:iam::111122223333:user/a"},
            "requestParameters": parameters});
        let record = Record::new(record).expect("it has a name");
        let _ = DETECTOR.detect(&record, Timestamp::UNIX_EPOCH);
    }
    let _ = detector::policy::decode(&json!(document)).map(|document| format!("{document:?}"));
});
