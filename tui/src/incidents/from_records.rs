//! Incidents of records that are all at hand, as a replay has them.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use super::incident::Incident;
use super::record::Record;
use super::related::relate;
use super::{group, story};

/// Records of any order, each once.
#[derive(Debug, Default)]
pub(crate) struct Records(HashMap<String, Record>);

impl Records {
    /// Adds a record. Of two with one id an alert counts, and else always the same one, whichever came first.
    pub(crate) fn add(&mut self, record: Record) {
        match self.0.entry(record.id.clone()) {
            Entry::Vacant(place) => {
                place.insert(record);
            }
            Entry::Occupied(mut place) => {
                let known = place.get();
                let is_better = (record.alert.is_some(), &record) > (known.alert.is_some(), known);
                if is_better {
                    place.insert(record);
                }
            }
        }
    }

    /// Returns the incidents, by the time of their first alert and their id; those without a time come last.
    pub(crate) fn incidents(self) -> Vec<Incident> {
        let mut records: Vec<Record> = self.0.into_values().collect();
        records.sort();
        let groups = group::groups(&records);
        let mut incidents: Vec<Incident> =
            groups.iter().filter_map(|group| story::tell(&records, group)).collect();
        incidents.sort_by(Incident::by_time);
        relate(&mut incidents, &BTreeSet::new(), None);
        incidents
    }
}
