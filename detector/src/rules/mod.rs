//! The pack: every rule the detector carries, found by event name, loaded when first needed.
//!
//! It says which rules match a record; what an alert makes of that is [`crate::alert`]'s. It reads
//! the raw record and the facts beside it, and knows nobody who is told.

pub mod sigma;

use std::sync::OnceLock;

use serde_json::Value;

use self::sigma::Rule;

mod built_in {
    include!(concat!(env!("OUT_DIR"), "/pack.rs"));
}

/// The rules that are compiled in. The build script has read each of them once already, so none
/// can fail to load here.
#[derive(Debug)]
pub struct Pack {
    loaded: Box<[OnceLock<Option<Rule>>]>,
}

impl Default for Pack {
    fn default() -> Self {
        Self { loaded: built_in::RULES.iter().map(|_| OnceLock::new()).collect() }
    }
}

impl Pack {
    /// The rules that could match a record of this event, in the pack's order.
    pub fn candidates(&self, event_name: &str) -> impl Iterator<Item = &Rule> {
        let key = event_name.to_lowercase();
        let named = built_in::BY_EVENT
            .binary_search_by(|(name, _)| (*name).cmp(key.as_str()))
            .ok()
            .and_then(|at| built_in::BY_EVENT.get(at))
            .map_or::<&[usize], _>(&[], |(_, numbers)| numbers);
        named.iter().chain(built_in::ANY_EVENT).filter_map(|&number| self.rule(number))
    }

    /// The rules that match a record.
    pub fn matching<'a>(&'a self, event_name: &str, record: &Value) -> Vec<&'a Rule> {
        self.candidates(event_name).filter(|rule| rule.detection.matches(record)).collect()
    }

    /// All rules, in the order of their files.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        (0..self.loaded.len()).filter_map(|number| self.rule(number))
    }

    fn rule(&self, number: usize) -> Option<&Rule> {
        let load = || {
            let (_, json) = built_in::RULES.get(number)?;
            let document = serde_json::from_str(json).ok()?;
            Rule::from_value(&document).ok()
        };
        self.loaded.get(number)?.get_or_init(load).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_rule_loads() {
        let pack = Pack::default();
        assert!(!built_in::RULES.is_empty());
        assert_eq!(pack.all().count(), built_in::RULES.len());
    }

    #[test]
    fn ids_are_unique_and_uuids() {
        let mut ids: Vec<_> = Pack::default().all().map(|rule| rule.id.clone()).collect();
        assert!(ids.iter().all(|id| id.len() == 36 && id.split('-').count() == 5), "{ids:?}");
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count);
    }

    #[test]
    fn the_index_finds_an_event_whatever_its_case_and_nothing_for_others() {
        let pack = Pack::default();
        assert!(pack.candidates("CREATEUSER").count() > 0);
        assert_eq!(pack.candidates("ListUsers").count(), 0);
    }
}
