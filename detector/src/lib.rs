//! IAM Sentinel's detector: the path of a record at a glance.
//!
//! ```text
//!  Record ──► Facts ──► Rules ──► Alert ──► SNS, Slack        (feature "lambda")
//!                                   └─────► demo, replay, backfill, test-alert (as a library)
//! ```
//!
//! The core knows no AWS SDK, no clock and no runtime: the same record and time give the same
//! alert, on Lambda and on a laptop.

pub mod alert;
mod aws;
#[cfg(feature = "bounded-http")]
pub mod bounded_http;
pub mod call;
pub mod facts;
pub mod health;
pub mod joins;
pub mod json;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod link;
#[cfg(feature = "replay")]
pub mod log_file;
mod pattern;
pub mod policy;
pub mod probe;
pub mod record;
#[cfg(feature = "folder")]
pub mod rule_tests;
pub mod rules;
pub mod safe_text;

use std::cell::OnceCell;

use jiff::Timestamp;

pub use alert::{Alert, AlertId, Severity};
pub use call::{Brief, Call};
pub use facts::{Facts, Watched};
pub use health::Health;
pub use link::Link;
pub use record::Record;
pub use rules::Rules;
pub use safe_text::SafeText;

use rules::exception::Exception;
use rules::sigma::{Event, Rule};

/// Decides which records are dangerous, and how dangerous.
#[derive(Debug)]
pub struct Detector {
    rules: Rules,
    watched: Watched,
}

/// Outcome of the detector for a record.
#[derive(Debug)]
pub struct Detection<'a> {
    /// Alert that people are told; `None` where nobody needs to know.
    pub alert: Option<Alert>,
    /// Rules that an exception kept silent, each with that exception.
    pub silenced: Vec<(&'a Rule, &'a Exception)>,
}

impl Default for Detector {
    /// The built-in rules, and what they say is watched.
    fn default() -> Self {
        Self::new(Rules::default(), rules::built_in_watched())
    }
}

impl Detector {
    /// A detector that goes by these rules, and knows what is watched.
    pub fn new(mut rules: Rules, watched: Watched) -> Self {
        rules.sleep_without(&watched);
        Self { rules, watched }
    }

    /// True where a record of this `eventName` and `eventSource` could raise an alert. This prefilter spares
    /// most records of a log file from being parsed. It is never false for a record that raises an alert.
    pub fn may_alert(&self, event_name: &str, event_source: &str) -> bool {
        self.rules.may_match(event_name, event_source)
    }

    /// Decides which alert a record raises, and which rules an exception keeps silent.
    pub fn detect(&self, record: &Record, detected_at: Timestamp) -> Detection<'_> {
        // Statistics and summaries name calls that were not made then; a call through an endpoint has a record of
        // its own. Rules that ask for them are refused when they are read.
        if record.kind() != record::Kind::Event {
            return Detection { alert: None, silenced: Vec::new() };
        }
        let known = OnceCell::new();
        let facts = || known.get_or_init(|| Facts::of(record, &self.watched));
        let derive = || serde_json::to_value(facts()).unwrap_or_default();
        let event = Event::new(record.value(), &derive);
        let source = record.event_source().unwrap_or_default();
        let matches = self.rules.matching(record.event_name(), source, &event, detected_at, &|| {
            facts().is_beyond_exceptions(record)
        });
        let alert = if matches.rules.is_empty() {
            None
        } else {
            let known = known.into_inner().unwrap_or_else(|| Facts::of(record, &self.watched));
            Alert::of(record, known, &matches.rules, detected_at)
        };
        Detection { alert, silenced: matches.silenced }
    }

    /// Returns the link that a record is, where it issues a credential or signs somebody in; `is_heard` tells whether
    /// an account's own records come too.
    pub fn link(&self, record: &Record, is_heard: impl Fn(&str) -> bool) -> Option<Link> {
        let may_be = link::may_be(record.event_name(), record.event_source().unwrap_or_default());
        if !may_be || record.kind() != record::Kind::Event {
            return None;
        }
        Link::of(record, &Facts::of(record, &self.watched), is_heard)
    }

    /// Tells any record in one line, and returns the alert that it raises.
    pub fn call(&self, record: &Record, detected_at: Timestamp) -> (Call, Option<Alert>) {
        let alert = self.detect(record, detected_at).alert;
        let facts = alert.as_ref().and_then(|alert| alert.facts.clone());
        let facts = facts.unwrap_or_else(|| Facts::of(record, &self.watched));
        (Call::of(record, facts, alert.as_ref()), alert)
    }

    /// The rules that it goes by.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }
}
