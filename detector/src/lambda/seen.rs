//! Alerts that this warm instance has already told, so that a retry of an event does not tell them again.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::AlertId;

/// Ids to remember: far more than one batch or the retries of an hour, and little memory.
const CAPACITY: usize = 4096;

/// A bounded memory of alert ids; the oldest is forgotten first.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashSet<AlertId>,
    order: VecDeque<AlertId>,
}

impl Seen {
    pub(super) fn has(&self, id: &AlertId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).known.contains(id)
    }

    pub(super) fn remember(&self, id: &AlertId) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.known.insert(id.clone()) {
            memory.order.push_back(id.clone());
            if memory.order.len() > CAPACITY
                && let Some(oldest) = memory.order.pop_front()
            {
                memory.known.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forgets_the_oldest_first() {
        let seen = Seen::default();
        let id = |n: usize| AlertId(n.to_string());
        (0..=CAPACITY).for_each(|n| seen.remember(&id(n)));
        assert!(!seen.has(&id(0)) && seen.has(&id(1)) && seen.has(&id(CAPACITY)));
    }
}
