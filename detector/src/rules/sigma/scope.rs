//! Events that a rule can be about: the pack's index is made of them.
//!
//! A scope may be wider than the rule and never narrower, so the index finds every rule that
//! could match.

use std::collections::BTreeSet;

/// A set of events, as the union of its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(BTreeSet<EventKey>);

/// Events of one kind. Names are as the rule writes them; case does not count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventKey {
    /// `eventName`.
    pub name: EventName,
    /// `eventSource`; `None` for any.
    pub source: Option<String>,
}

/// An `eventName`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventName {
    /// This one.
    Exact(String),
    /// All that begin like this: Lambda's names carry the date of the API.
    Prefix(String),
    /// Any.
    Any,
}

/// Beyond this a scope says nothing that the index could use.
const MOST_KEYS: usize = 4_096;

impl Scope {
    /// Every event.
    pub(super) fn any() -> Self {
        Self::of(EventKey { name: EventName::Any, source: None })
    }

    /// No event.
    pub(super) const fn none() -> Self {
        Self(BTreeSet::new())
    }

    pub(super) fn of(key: EventKey) -> Self {
        Self(BTreeSet::from([key]))
    }

    /// Its members.
    pub fn keys(&self) -> impl Iterator<Item = &EventKey> {
        self.0.iter()
    }

    pub(super) fn both(&self, other: &Self) -> Self {
        let meets = self.0.iter().flat_map(|a| other.0.iter().filter_map(|b| a.meet(b)));
        Self(meets.collect()).bounded()
    }

    pub(super) fn either(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.bounded()
    }

    fn bounded(self) -> Self {
        if self.0.len() > MOST_KEYS { Self::any() } else { self }
    }
}

impl EventKey {
    fn meet(&self, other: &Self) -> Option<Self> {
        let source = match (&self.source, &other.source) {
            (None, one) | (one, None) => one.clone(),
            (Some(a), Some(b)) => Some(a.eq_ignore_ascii_case(b).then(|| a.clone())?),
        };
        Some(Self { name: self.name.meet(&other.name)?, source })
    }
}

impl EventName {
    fn meet(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, one) | (one, Self::Any) => Some(one.clone()),
            (Self::Exact(a), Self::Exact(b)) => a.eq_ignore_ascii_case(b).then(|| self.clone()),
            (Self::Exact(name), Self::Prefix(start)) | (Self::Prefix(start), Self::Exact(name)) => {
                begins(name, start).then(|| Self::Exact(name.clone()))
            }
            (Self::Prefix(a), Self::Prefix(b)) if begins(a, b) => Some(self.clone()),
            (Self::Prefix(a), Self::Prefix(b)) => begins(b, a).then(|| other.clone()),
        }
    }
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(start))
}
