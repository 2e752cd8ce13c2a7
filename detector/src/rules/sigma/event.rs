//! Event that a rule is matched against: a record as it came, and beside it the fields derived from it.
//!
//! Rules name derived fields with the prefix `sentinel.`. They are derived when the first rule asks
//! for one: most records are decided by their raw fields.

use std::cell::OnceCell;
use std::fmt;

use serde_json::Value;

/// The prefix of derived fields in rules.
pub const DERIVED: &str = "sentinel.";

/// The derived field that holds which of the user's lists a record touches. A rule that needs one of
/// them sleeps while its list is empty.
pub const WATCHED: &str = "sentinel.watched";

/// A record with its derived fields.
pub struct Event<'a> {
    record: &'a Value,
    derive: &'a dyn Fn() -> Value,
    derived: OnceCell<Value>,
}

impl<'a> Event<'a> {
    /// `derive` is called at most once, for the fields of which rules speak as `sentinel.NAME`.
    pub fn new(record: &'a Value, derive: &'a dyn Fn() -> Value) -> Self {
        Self { record, derive, derived: OnceCell::new() }
    }

    /// A record with no derived fields.
    pub fn bare(record: &'a Value) -> Self {
        Self::new(record, &|| Value::Null)
    }

    /// The record as it came.
    pub const fn record(&self) -> &'a Value {
        self.record
    }

    /// The derived fields.
    pub fn derived(&self) -> &Value {
        self.derived.get_or_init(self.derive)
    }
}

impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event").field("record", self.record).finish_non_exhaustive()
    }
}
