//! Any bytes as a rule file: refused with a reason, or a rule that can be asked.
#![no_main]

use detector::rules::sigma::Rule;
use detector::{Detector, Record, Rules, Watched};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(document) = serde_saphyr::from_str::<Value>(text) else { return };
    let Ok(rule) = Rule::from_value(&document) else { return };
    let detector = Detector::new(Rules::with(vec![rule], Vec::new()), Watched::default());
    let record = json!({"eventID": "e", "eventName": "CreateUser", "eventSource": "iam.amazonaws.com",
        "eventTime": "2026-11-24T02:00:00Z", "recipientAccountId": "111122223333", "awsRegion": "us-east-1",
        "userIdentity": {"type": "IAMUser", "userName": "a", "arn": "arn:aws:iam::111122223333:user/a"},
        "requestParameters": {"userName": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}});
    let record = Record::new(record).expect("it has a name");
    let _ = detector.detect(&record, Timestamp::UNIX_EPOCH);
});
