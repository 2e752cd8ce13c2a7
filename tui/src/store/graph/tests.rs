//! Incidents found in a database are those of all its records at once, in whatever order these came.

use std::collections::{BTreeMap, BTreeSet};

use detector::joins::{Join, Part};
use detector::link::Link;
use detector::{Alert, AlertId, Severity};
use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::incidents::{Incident, Records, Walk, relate};
use crate::model::testing::alert;
use crate::model::{Incoming, TriageAction, TriageCommand};
use crate::store::Retention;
use crate::store::database::Database;

/// Parts of a made record: places in lists that are short, so that all of them meet.
#[derive(Debug, Clone)]
struct Made {
    minute: i64,
    is_alert: bool,
    is_severe: bool,
    target: u8,
    joins: Vec<(usize, u8)>,
}

const KINDS: [(Part, &str, &str); 31] = [
    (Part::Use, "cred", "AKIA"),
    (Part::Key, "cred", "AKIA"),
    (Part::Use, "cred", "ASIA"),
    (Part::Give, "cred", "ASIA"),
    (Part::Use, "sess", "s"),
    (Part::Give, "sess", "s"),
    (Part::Use, "console", "c"),
    (Part::Use, "user", "arn"),
    (Part::Made, "user", "arn"),
    (Part::Use, "name", "1|n"),
    (Part::Granted, "name", "1|n"),
    (Part::Use, "person", "p"),
    (Part::Use, "idc", "i"),
    (Part::Use, "signin", "o"),
    (Part::Give, "signin", "o"),
    (Part::Use, "login", "l"),
    (Part::Give, "login", "l"),
    (Part::Use, "opened", "1|r|"),
    (Part::Give, "opened", "1|r|"),
    (Part::Use, "prov", "v"),
    (Part::Give, "prov", "v"),
    (Part::Use, "shared", "x"),
    (Part::Use, "fn", "f"),
    (Part::Give, "fn", "f"),
    (Part::Use, "inst", "1|i-"),
    (Part::Give, "inst", "1|i-"),
    (Part::Use, "arn", "arn:s"),
    (Part::Give, "arn", "arn:s"),
    (Part::Use, "token", "t"),
    (Part::Give, "token", "t"),
    (Part::Use, "foreign", "1|AIDA"),
];

fn made() -> impl Strategy<Value = Made> {
    // Some days, some hours of them, and often the same minute.
    let minute = (0_i64..18, prop_oneof![Just(0_i64), 0_i64..24], prop_oneof![Just(0_i64), 0_i64..60])
        .prop_map(|(day, hour, minute)| (day * 24 + hour) * 60 + minute);
    let joins = proptest::collection::vec((0..KINDS.len(), 0_u8..2), 1..4);
    (minute, any::<bool>(), any::<bool>(), 0_u8..12, joins).prop_map(
        |(minute, is_alert, is_severe, target, joins)| Made { minute, is_alert, is_severe, target, joins },
    )
}

impl Made {
    fn id(number: usize) -> String {
        // Ids are in no order of time.
        format!("{:08x}-{number}", number.wrapping_mul(2_654_435_761) & 0xffff_ffff)
    }

    fn time(&self) -> Timestamp {
        Timestamp::from_second(1_795_000_000 / 86_400 * 86_400 + self.minute * 60).unwrap()
    }

    fn joins(&self) -> Vec<Join> {
        let join = |(kind, value): &(usize, u8)| {
            let (part, kind, begun) = KINDS[*kind];
            Join(part, kind.to_owned(), format!("{begun}{value}"))
        };
        let mut joins: Vec<Join> = self.joins.iter().map(join).collect();
        joins.sort();
        joins.dedup();
        joins
    }

    fn alert(&self, number: usize) -> Alert {
        let Content::Alert(mut made) = alert(&Self::id(number), 0).content else { unreachable!() };
        made.time = Some(self.time());
        made.severity = if self.is_severe { Severity::High } else { Severity::Low };
        made.joins = self.joins();
        made.record = None;
        made.facts.as_mut().unwrap().target.as_mut().unwrap().name = format!("target-{}", self.target);
        *made
    }

    fn link(&self, number: usize) -> Link {
        let link = json!({"version": 1, "id": Self::id(number), "time": self.time(), "event": "AssumeRole",
            "class": "person", "actor": {"kind": "iam_user", "id": "a", "name": "a"}, "summary": "a assumed role r",
            "joins": self.joins()});
        serde_json::from_value(link).unwrap()
    }
}

fn insert(database: &mut Database, made: &Made, number: usize) {
    if made.is_alert {
        let alert = made.alert(number);
        let incoming = Incoming {
            id: alert.id.clone(),
            received: made.time(),
            content: Content::Alert(Box::new(alert)),
        };
        database.insert(&[incoming]).unwrap();
    } else {
        database.insert_links(&[made.link(number)]).unwrap();
    }
}

/// Incidents of all alerts, by the walk.
fn walked(database: &Database, whole: usize) -> Vec<Incident> {
    let shelf = Shelf { connection: database.connection(), whole };
    let mut walk = Walk::looking_at(&shelf, 12);
    let mut numbers = database.connection().prepare("SELECT number FROM alert").unwrap();
    let numbers = numbers.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap);
    let mut found: Vec<Incident> =
        numbers.filter_map(|number: i64| walk.incident(Numbered::Alert(number).record()).unwrap()).collect();
    found.sort_by(Incident::by_time);
    relate(&mut found, &BTreeSet::new(), None);
    found
}

/// Incidents of all records at once.
fn at_once<'a>(all: impl Iterator<Item = (usize, &'a Made)>) -> Vec<Incident> {
    let mut records = Records::default();
    for (number, made) in all {
        records.add(if made.is_alert {
            Record::of_alert(&made.alert(number), false)
        } else {
            Record::of_link(made.link(number))
        });
    }
    records.incidents()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn incidents_of_a_database_are_those_of_its_records(
        all in proptest::collection::vec(made(), 1..60),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..30),
        gone in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let mut database = Database::in_memory().unwrap();
        let (all, numbers): (Vec<Made>, Vec<usize>) = all.into_iter().zip(0..).unzip();
        // Some out of order and some twice, some alerts as links first, then all that are left.
        for at in order.iter().map(|at| at.index(all.len())) {
            let made = &all[at];
            if made.is_alert && at % 3 == 0 {
                database.insert_links(&[made.link(at)]).unwrap();
            }
            insert(&mut database, made, at);
        }
        for (made, number) in all.iter().zip(&numbers) {
            insert(&mut database, made, *number);
        }
        let wanted = at_once(numbers.iter().copied().zip(&all));
        prop_assert_eq!(&walked(&database, WHOLE), &wanted);
        prop_assert_eq!(&walked(&database, 2), &wanted, "around each record alone");

        // The same once some are deleted.
        let gone: Vec<usize> = gone.iter().map(|at| at.index(all.len())).collect();
        for at in &gone {
            let id = Made::id(*at);
            let table = if all[*at].is_alert { "alert" } else { "link" };
            let number = format!("SELECT number FROM {table} WHERE id = ?1");
            let number: Option<i64> =
                database.connection().query_row(&number, [&id], |row| row.get(0)).optional().unwrap();
            let Some(number) = number else { continue };
            let of = if all[*at].is_alert { Numbered::Alert(number) } else { Numbered::Link(number) };
            remove(database.connection(), of).unwrap();
            for table in if all[*at].is_alert { vec!["body", "alert"] } else { vec!["link"] } {
                let sql = format!("DELETE FROM {table} WHERE number = ?1");
                database.connection().execute(&sql, [number]).unwrap();
            }
        }
        let left = numbers.iter().copied().zip(&all).filter(|(number, _)| !gone.contains(number));
        prop_assert_eq!(&walked(&database, WHOLE), &at_once(left));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Records that all touch one identity, which is looked at around each of them.
    #[test]
    fn an_identity_with_many_touches_is_looked_at_around_each_record(
        kind in 0..KINDS.len(),
        all in proptest::collection::vec((made(), any::<bool>()), 30..160),
    ) {
        let alike: Vec<usize> = (0..KINDS.len()).filter(|at| KINDS[*at].1 == KINDS[kind].1).collect();
        let mut database = Database::in_memory().unwrap();
        let mut made = Vec::new();
        for (number, (mut one, second)) in all.into_iter().enumerate() {
            let part = alike[usize::from(second) % alike.len()];
            // Somebody who hands over, so that guards turn.
            one.joins = vec![(part, 0), (7, u8::from(number % 5 == 0))];
            insert(&mut database, &one, number);
            made.push(one);
        }
        prop_assert_eq!(walked(&database, 2), at_once((0..).zip(&made)));
    }
}

/// Number of rows of each table of the graph.
fn rows(database: &Database) -> BTreeMap<&'static str, i64> {
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        database.connection().query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    ["touch", "given", "link"].map(|table| (table, count(table))).into()
}

#[test]
fn what_is_deleted_by_age_leaves_nothing_in_the_graph() {
    let mut database = Database::in_memory().unwrap();
    let made = |joins: &[(usize, u8)], is_alert| Made {
        minute: 0,
        is_alert,
        is_severe: true,
        target: 0,
        joins: joins.to_vec(),
    };
    // A user's key is used to take a role, and the role's key makes another user.
    insert(&mut database, &made(&[(0, 0), (3, 0)], false), 1);
    insert(&mut database, &made(&[(2, 0), (8, 0)], true), 2);
    let warm: bool = database.connection().query_row("SELECT warm FROM link", [], |row| row.get(0)).unwrap();
    assert!(warm, "its credential leads to the alert");
    assert_eq!(walked(&database, WHOLE)[0].steps.len(), 2);
    let keep = Retention::new(30, 64);
    let now = "2027-12-01T00:00:00Z".parse().unwrap();
    // A link goes once the alert is gone.
    for _ in 0..2 {
        while database.maintain(keep, now).unwrap() {}
    }
    assert_eq!(rows(&database), [("given", 0), ("link", 0), ("touch", 0)].into());
}

/// A user's key: four days of one daily alert, then so many of them within three days, between two others.
fn busy(routine: i64) -> Vec<Made> {
    let made = |minute, target| Made { minute, is_alert: true, is_severe: true, target, joins: vec![(0, 0)] };
    let daily = (0..4).map(|day| made(day * 1_440, 0));
    let start = 4 * 1_440;
    let many = (0..routine).map(|number| made(start + number * 70 * 60 / routine, 0));
    let mut all: Vec<Made> = daily.chain(many).collect();
    all.extend([made(start - 1, 1), made(start + 69 * 60, 1)]);
    all
}

#[test]
fn an_incident_does_not_depend_on_the_alert_that_one_begins_with() {
    // More than are read around a record.
    let all = busy(600);
    let mut database = Database::in_memory().unwrap();
    for (number, made) in all.iter().enumerate() {
        insert(&mut database, made, number);
    }
    let wanted = at_once((0..).zip(&all));
    assert!(wanted.len() > 1, "the daily ones and the others");
    assert_eq!(walked(&database, 100), wanted);
    for number in [600, 300, 603, 604, 605, 2] {
        let shelf = Shelf { connection: database.connection(), whole: 100 };
        let sql = "SELECT number FROM alert WHERE id = ?1";
        let alert = database.connection().query_row(sql, [Made::id(number)], |row| row.get(0)).unwrap();
        let found = Walk::new(&shelf).incident(Numbered::Alert(alert).record()).unwrap().unwrap();
        let of_all = wanted.iter().find(|incident| incident.alerts.contains(&Made::id(number))).unwrap();
        assert_eq!(found.alerts, of_all.alerts, "from {number}");
    }
}

#[test]
fn an_alert_that_comes_after_the_acknowledgement_opens_its_incident_again() {
    let mut database = Database::in_memory().unwrap();
    let at = |minute: i64| Made { minute, is_alert: true, is_severe: true, target: 0, joins: vec![(0, 0)] };
    let time = |minute: i64| at(minute).time();
    let command = |number: usize, action| TriageCommand { alerts: vec![AlertId(Made::id(number))], action };
    let found = |database: &Database, of: usize| {
        let all = crate::store::incidents::of(database.connection(), &Made::id(of)).unwrap();
        (all[0].state_words(), all[0].acknowledged)
    };
    for number in 1_u8..4 {
        insert(&mut database, &at(number.into()), number.into());
    }
    for number in 1..3 {
        database.triage(&[command(number, TriageAction::Acknowledge)], "ana", time(10)).unwrap();
    }
    insert(&mut database, &at(20), 20);
    assert_eq!(found(&database, 1), ("open".to_owned(), 2), "one was open all the time");
    database.triage(&[command(3, TriageAction::Acknowledge)], "ana", time(15)).unwrap();
    assert_eq!(found(&database, 1), ("reopened by 1".to_owned(), 3));
    insert(&mut database, &at(21), 21);
    assert_eq!(found(&database, 20), ("reopened by 2".to_owned(), 3));
    let board = crate::store::incidents::overview(database.connection()).unwrap();
    assert_eq!(board.incidents[0].reopened, 2, "on the board too");
    database.triage(&[command(3, TriageAction::Reopen)], "ana", time(30)).unwrap();
    assert_eq!(found(&database, 1), ("open".to_owned(), 2), "taken back");
}

#[test]
fn an_incident_is_told_with_those_that_share_its_address() {
    let mut database = Database::in_memory().unwrap();
    let apart =
        |key: u8| Made { minute: 0, is_alert: true, is_severe: true, target: 0, joins: vec![(0, key)] };
    let of_first = |database: &Database| {
        let all = crate::store::incidents::of(database.connection(), &Made::id(1)).unwrap();
        assert_eq!(all.len(), 1, "the other is not listed");
        all[0].related.iter().map(|related| related.id.clone()).collect::<Vec<_>>()
    };
    insert(&mut database, &apart(0), 1);
    insert(&mut database, &apart(1), 2);
    assert_eq!(of_first(&database), [Made::id(2)]);
    insert(&mut database, &apart(2), 3);
    assert_eq!(of_first(&database), Vec::<String>::new(), "a third came from there");
}

#[test]
fn a_database_of_schema_6_is_taken_in_behind_the_rest() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("alerts.db");
    std::fs::copy("src/store/fixtures/schema-6.db", &path).unwrap();
    let mut database = Database::open(&path).unwrap();
    let told = |database: &Database| {
        let found = crate::store::incidents::overview(database.connection()).unwrap();
        (found.incidents.iter().map(|one| one.alerts.len()).collect::<Vec<_>>(), found.since)
    };
    let newest = "2026-11-26T10:06:00Z".parse().unwrap();
    assert_eq!(told(&database), (vec![1, 1], Some(newest)), "nothing joins them yet, and that is said");
    // Years later: a link is not forgotten before the alert is taken in to which it leads.
    let keep = Retention::new(100_000, 64);
    while database.maintain(keep, "2036-01-01T00:00:00Z".parse().unwrap()).unwrap() {}
    assert_eq!(told(&database), (vec![2], None));
    let steps = walked(&database, WHOLE)[0].steps.len();
    assert_eq!(steps, 3, "the role that led to the alert, and not the one that led to none");
}

#[test]
fn looking_for_a_record_s_neighbours_walks_indices() {
    let database = Database::in_memory().unwrap();
    for sql in [ALL, ANY, BEFORE, FROM, COLD, USED, JOB, EARLIER_DAY, GIVEN, GIVEN_AROUND] {
        let mut plan = database.connection().prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let values = rusqlite::params_from_iter(vec![1; plan.parameter_count()]);
        let steps: Vec<String> =
            plan.query_map(values, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        let is_walk = |step: &String| step.starts_with("SEARCH ") || step.starts_with("SCAN CONSTANT ROW");
        let is_walk = |step: &String| is_walk(step) || step.starts_with("SCALAR SUBQUERY");
        assert!(steps.iter().all(|step| is_walk(step) && !step.contains("TEMP B-TREE")), "{sql}: {steps:?}");
    }
}
