//! Incidents that nothing joins and that may be of one attacker all the same: both came from an address that no other
//! incident came from within 30 days. An address joins nothing by itself: an office and a VPN have one for all.

use std::collections::BTreeMap;
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

/// Writes into each incident those that are related to it. What was there before is forgotten.
pub(crate) fn relate(incidents: &mut [Incident]) {
    let mut related: BTreeMap<usize, Vec<Related>> = BTreeMap::new();
    for (address, uses) in uses(incidents) {
        if uses.len() > SHARED {
            continue;
        }
        for one in &uses {
            let mut near = uses.iter().filter(|other| other.incident != one.incident && one.is_near(other));
            let (Some(other), None) = (near.next(), near.next()) else { continue };
            // The other one may be near to a third.
            let is_only = uses.iter().all(|third| {
                [one.incident, other.incident].contains(&third.incident) || !other.is_near(third)
            });
            if let Some(of) = incidents.get(other.incident).filter(|_| is_only) {
                let of = Related { id: of.id.clone(), address: address.clone() };
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

/// Returns the addresses, each with the incidents that it is in.
fn uses(incidents: &[Incident]) -> BTreeMap<String, Vec<Use>> {
    let mut all: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for (number, incident) in incidents.iter().enumerate() {
        for step in &incident.steps {
            // A service's name stands for no network.
            let Some(address) = step.address.as_ref().filter(|text| text.parse::<IpAddr>().is_ok()) else {
                continue;
            };
            let Some(time) = step.time else { continue };
            let uses = all.entry(address.clone()).or_default();
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
        relate(&mut two);
        assert_eq!([names(&two, 0), names(&two, 1), names(&two, 2)], [vec!["b"], vec!["a"], vec![]]);
        let mut third = [at("a", "192.0.2.1", 0), at("b", "192.0.2.1", 9), at("c", "192.0.2.1", 30)];
        relate(&mut third);
        assert!((0..3).all(|of| third[of].related.is_empty()), "an address of many");
        let mut old = [at("a", "192.0.2.1", 0), at("b", "192.0.2.1", 40)];
        relate(&mut old);
        assert!(old[0].related.is_empty(), "31 days later it may be somebody else's");
        let mut service =
            [at("a", "cloudformation.amazonaws.com", 0), at("b", "cloudformation.amazonaws.com", 0)];
        relate(&mut service);
        assert!(service[0].related.is_empty(), "no network");
    }
}
