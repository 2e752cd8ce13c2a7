//! Incidents that nothing joins and that may be of one attacker all the same: both came from an address that no other
//! incident came from within 30 days. An address joins nothing by itself: an office and a VPN have one for all.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use super::incident::{Incident, Related};

/// Longest time between two uses of an address, in seconds.
const APART: i64 = 30 * 86_400;
/// Most incidents of one address that are compared: with more, it is shared by many.
const SHARED: usize = 50;

/// Use of an address by an incident.
#[derive(Debug, Clone, Copy)]
struct Use {
    incident: usize,
    first: Timestamp,
    last: Timestamp,
}

impl Use {
    fn is_near(&self, other: &Self) -> bool {
        self.first.duration_since(other.last).as_secs() <= APART
            && other.first.duration_since(self.last).as_secs() <= APART
    }
}

/// Writes into each incident those that are related to it. `shared`: addresses of many, which relate nothing. `since`:
/// the time from which all incidents are known; within 30 days of it there may have been a third.
pub(crate) fn relate(incidents: &mut [Incident], shared: &BTreeSet<String>, since: Option<Timestamp>) {
    let mut related: BTreeMap<usize, Vec<Related>> = BTreeMap::new();
    let is_known = |of: &Use| since.is_none_or(|since| of.first.duration_since(since).as_secs() > APART);
    for (address, uses) in uses(incidents) {
        if uses.len() > SHARED || shared.contains(&address) {
            continue;
        }
        for one in uses.iter().filter(|one| is_known(one)) {
            let mut near = uses.iter().filter(|other| other.incident != one.incident && one.is_near(other));
            let (Some(other), None) = (near.next(), near.next()) else { continue };
            // The other one may be near to a third.
            let is_only = is_known(other)
                && uses.iter().all(|third| {
                    [one.incident, other.incident].contains(&third.incident) || !other.is_near(third)
                });
            if let Some(of) = incidents.get(other.incident).filter(|_| is_only) {
                let of = Related {
                    id: of.id.clone(),
                    address: address.clone(),
                    severity: of.severity,
                    last: of.last,
                    title: of.title.clone(),
                };
                related.entry(one.incident).or_default().push(of);
            }
        }
    }
    for (number, incident) in incidents.iter_mut().enumerate() {
        incident.related = related.remove(&number).unwrap_or_default();
        incident.related.sort();
        incident.related.dedup_by(|one, other| one.id == other.id);
    }
}

/// Returns the address of a step as a network knows it; a service's name stands for none.
pub(crate) fn network(address: &str) -> Option<&str> {
    address.parse::<IpAddr>().is_ok().then_some(address)
}

/// Returns the addresses of alerts, each with the incidents that it is in.
fn uses(incidents: &[Incident]) -> BTreeMap<String, Vec<Use>> {
    let mut all: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for (number, incident) in incidents.iter().enumerate() {
        // Links come where somebody looks for them, and must change nothing here.
        for step in incident.steps.iter().filter(|step| step.alert) {
            let Some(address) = step.address.as_deref().and_then(network) else { continue };
            let Some(time) = step.time else { continue };
            let uses = all.entry(address.to_owned()).or_default();
            match uses.last_mut().filter(|of| of.incident == number) {
                Some(of) => (of.first, of.last) = (of.first.min(time), of.last.max(time)),
                None => uses.push(Use { incident: number, first: time, last: time }),
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::tests::told;

    fn at(id: &str, address: &str, day: i64) -> Incident {
        let mut incident = told();
        incident.id = id.to_owned();
        for step in &mut incident.steps {
            step.address = Some(address.to_owned());
            step.time = step.time.map(|time| time + jiff::SignedDuration::from_hours(24 * day));
        }
        incident
    }

    fn names(incidents: &[Incident], of: usize) -> Vec<&str> {
        incidents[of].related.iter().map(|related| related.id.as_str()).collect()
    }

    #[test]
    fn two_incidents_from_an_address_of_no_third_name_each_other() {
        let mut two = [at("a", "192.0.2.1", 0), at("b", "192.0.2.1", 9), at("c", "192.0.2.2", 0)];
        relate(&mut two, &BTreeSet::new(), None);
        assert_eq!([names(&two, 0), names(&two, 1), names(&two, 2)], [vec!["b"], vec!["a"], vec![]]);
        let mut third = [at("a", "192.0.2.1", 0), at("b", "192.0.2.1", 9), at("c", "192.0.2.1", 30)];
        relate(&mut third, &BTreeSet::new(), None);
        assert!((0..3).all(|of| third[of].related.is_empty()), "an address of many");
        let mut old = [at("a", "192.0.2.1", 0), at("b", "192.0.2.1", 40)];
        relate(&mut old, &BTreeSet::new(), None);
        assert!(old[0].related.is_empty(), "31 days later it may be somebody else's");
        let shared = BTreeSet::from(["192.0.2.1".to_owned()]);
        relate(&mut two, &shared, None);
        assert!(two[0].related.is_empty(), "an address of many alerts");
        let since = two[0].first.map(|first| first - jiff::SignedDuration::from_hours(24));
        relate(&mut two, &BTreeSet::new(), since);
        assert!(two[0].related.is_empty(), "a third one may be older than what is known");
        let mut service =
            [at("a", "cloudformation.amazonaws.com", 0), at("b", "cloudformation.amazonaws.com", 0)];
        relate(&mut service, &BTreeSet::new(), None);
        assert!(service[0].related.is_empty(), "no network");
    }
}
