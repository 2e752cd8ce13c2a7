//! Alerts that were found before: one event is in every trail that records it, and in every copy of a file.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use detector::AlertId;

/// Alerts that are remembered, by a hash of 64 bits: 24 MB. Copies further apart than this count twice.
const MOST: usize = 1_000_000;

/// The last alerts.
#[derive(Debug, Default)]
pub(super) struct Seen {
    known: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Seen {
    /// Returns whether an alert is new, and remembers it.
    pub(super) fn is_new(&mut self, id: &AlertId) -> bool {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.known.insert(hash) {
            return false;
        }
        self.order.push_back(hash);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_new_once_and_the_oldest_is_forgotten() {
        let mut seen = Seen::default();
        let id = |number: usize| AlertId(number.to_string());
        assert!(seen.is_new(&id(0)) && !seen.is_new(&id(0)));
        for number in 1..=MOST {
            assert!(seen.is_new(&id(number)));
        }
        assert!(seen.is_new(&id(0)), "a million alerts later");
        assert!(!seen.is_new(&id(MOST)));
        assert_eq!((seen.known.len(), seen.order.len()), (MOST, MOST));
    }
}
