//! IAM Sentinel's detector: the path of a record at a glance.
//!
//! ```text
//!  Record ──► Facts ──► Rules ──► Alert ──► SNS, Slack        (feature "lambda")
//!                                   └─────► the console's demo (as a library)
//! ```
//!
//! The core knows no AWS SDK, no clock and no runtime: the same record and time give the same
//! alert, on Lambda and on a laptop.

pub mod alert;
pub mod facts;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod record;
pub mod rules;
pub mod safe_text;

use jiff::Timestamp;

pub use alert::{Alert, AlertId, Severity};
pub use record::Record;
pub use safe_text::SafeText;

/// Decides which records are dangerous, and how dangerous.
#[derive(Debug, Default)]
pub struct Detector {
    pack: rules::Pack,
}

impl Detector {
    /// The alert of a record, or nothing where nobody needs to know.
    pub fn detect(&self, record: &Record, detected_at: Timestamp) -> Option<Alert> {
        let rules = self.pack.matching(record.event_name(), record.value());
        if rules.is_empty() { None } else { Alert::of(record, &rules, detected_at) }
    }

    /// The rules that it goes by.
    pub const fn pack(&self) -> &rules::Pack {
        &self.pack
    }
}
