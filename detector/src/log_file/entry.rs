//! One value of a log file: looked at cheaply first, and parsed whole only where that can matter.

use serde_json::Value;

use super::not_a_record::NotARecord;
use super::outline;
use super::scan::Head;
use super::wrapped;
use crate::json;
use crate::link;
use crate::record::Record;

/// A value of a log file: a record, or an envelope with one or more in it.
#[derive(Debug)]
pub struct Entry<'a> {
    bytes: &'a [u8],
    head: Option<Head<'a>>,
}

impl<'a> Entry<'a> {
    pub(super) const fn new(bytes: &'a [u8], head: Option<Head<'a>>) -> Self {
        Self { bytes, head }
    }

    /// Its text.
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// True where the entry could hold a link.
    pub fn may_be_link(&self) -> bool {
        self.may_be(link::may_be)
    }

    /// True where the entry could hold a record with such a name and source.
    pub(super) fn may_be(&self, is_it: impl Fn(&str, &str) -> bool) -> bool {
        let Some((name, source)) = self.named() else { return true };
        match (str::from_utf8(name), str::from_utf8(source)) {
            (Ok(name), Ok(source)) => is_it(name, source),
            _ => true,
        }
    }

    /// Returns `eventName` and `eventSource`, the source empty where it has none. `None` where it could be an envelope: an
    /// empty name is none, and what has none may be one.
    pub(super) fn named(&self) -> Option<(&'a [u8], &'a [u8])> {
        let head = self.head?;
        let name = head.event_name.filter(|name| !name.is_empty())?;
        Some((name, head.event_source.unwrap_or_default()))
    }

    /// The records in it, in order, each with all that a [`crate::Brief`] needs of one that raises no alert: parameters
    /// and responses are left out where that can't matter.
    pub fn outlines(&self) -> Vec<Result<Record, NotARecord>> {
        // A refused sign-in says so in its response, of whatever service.
        let is_plain = self.named().is_some() && memchr::memmem::find(self.bytes, b"Failure").is_none();
        let outline = is_plain.then(|| outline::read(self.bytes)).flatten();
        outline.map_or_else(|| self.records(), |outline| wrapped::records(Value::Object(outline)))
    }

    /// The records in it, in order, each parsed whole.
    pub fn records(&self) -> Vec<Result<Record, NotARecord>> {
        match json::read(self.bytes) {
            Ok(value) => wrapped::records(value),
            Err(error) => vec![Err(error.into())],
        }
    }
}
