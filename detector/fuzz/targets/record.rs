//! Any bytes as a record: facts, alert, joins, link. What comes out fits its limit, and can be read again.
#![no_main]

use std::sync::LazyLock;

use detector::{Alert, Detector, Record, json};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 262_144;

fuzz_target!(|bytes: &[u8]| {
    static DETECTOR: LazyLock<Detector> = LazyLock::new(Detector::default);
    let Ok(value) = json::read(bytes) else { return };
    let Ok(record) = Record::new(value) else { return };
    let (call, _) = DETECTOR.call(&record, Timestamp::UNIX_EPOCH);
    assert!(serde_json::to_string(&call).is_ok());
    let link = DETECTOR.link(&record, |_| false);
    assert!(link.is_none_or(|link| serde_json::to_string(&link).is_ok()));
    if let Some(alert) = DETECTOR.detect(&record, Timestamp::UNIX_EPOCH).alert {
        let message = alert.to_message(LIMIT).expect("every alert fits");
        assert!(message.len() <= LIMIT);
        let again: Alert = serde_json::from_str(&message).expect("every reader can read it");
        assert_eq!(again.id, alert.id);
    }
});
