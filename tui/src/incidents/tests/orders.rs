//! The order of the records is of no matter, nor how often each comes.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::world::{World, incidents, records};
use super::{key_made_and_used, three_accounts};
use crate::incidents::{Incident, Record};

/// Records of several attacks, and their incidents.
static ALL: LazyLock<(Vec<Record>, Vec<Incident>)> = LazyLock::new(|| {
    let mut world = World::default();
    key_made_and_used(&mut world, "eve", "bob");
    three_accounts(&mut world);
    key_made_and_used(&mut world, "mallory", "carl");
    let records = records(&world.0);
    let incidents = incidents(&records);
    (records, incidents)
});

proptest! {
    #[test]
    fn any_order_with_repeats_tells_the_same(order in proptest::collection::vec(any::<prop::sample::Index>(), 0..40)) {
        let (all, wanted) = &*ALL;
        // Some first and some twice, then all that are left.
        let mut shuffled: Vec<Record> = order.iter().map(|at| at.get(all).clone()).collect();
        shuffled.extend(all.iter().cloned());
        prop_assert_eq!(&incidents(&shuffled), wanted);
    }

    #[test]
    fn a_link_that_comes_as_an_alert_too_is_an_alert(which in any::<prop::sample::Index>(), alert_first in any::<bool>()) {
        let (all, wanted) = &*ALL;
        let alerts: Vec<&Record> = all.iter().filter(|record| record.alert.is_some()).collect();
        let twice = Record { alert: None, ..(*which.get(&alerts)).clone() };
        let mut both = all.clone();
        if alert_first { both.push(twice) } else { both.insert(0, twice) }
        prop_assert_eq!(&incidents(&both), wanted);
    }
}
