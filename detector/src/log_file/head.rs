//! The two fields of the cheap test, read without building anything.

use serde::Deserialize;

/// What the cheap test needs of a record. serde refuses whatever could be read in more than one way:
/// a field that stands twice, an escape in a name (it could not be borrowed), a name that is no text.
/// So no record can look harmless here and be something else when it is parsed whole.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct Head<'a> {
    #[serde(borrow, rename = "eventName")]
    pub(super) event_name: Option<&'a str>,
    #[serde(borrow, rename = "eventSource")]
    pub(super) event_source: Option<&'a str>,
}
