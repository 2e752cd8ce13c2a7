//! Saved views: filters that the user has put together and wants back, by name.

use std::collections::BTreeMap;

/// The views by name, each with its filters.
pub(crate) type Views = BTreeMap<String, Vec<String>>;

/// A change to the saved views.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ViewChange {
    /// Save these filters under this name, over what was there.
    Save(String, Vec<String>),
    Remove(String),
}
