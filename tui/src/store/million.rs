//! The store with a million alerts: how large it is and how long the hot paths take. Not a test of
//! right or wrong, so it runs only when asked for (CONTRIBUTING.md); it takes minutes.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use detector::{AlertId, Record, joins};
use jiff::{SignedDuration, Timestamp};

use super::database::Database;
use super::graph::{Numbered, Shelf};
use super::{Retention, StoreError, open, read, related};
use crate::filter::{Clock, Filter};
use crate::incidents::Walk;
use crate::model::testing::alert;
use crate::model::{Content, Incoming, Row, TriageAction, TriageCommand};

/// Number of alerts that are inserted in one go, as replay does.
const BATCH: usize = 500;

/// A number that looks random, and is the same in each run.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
}

/// An alert of one of 400 people from one of 3,000 addresses, one each half minute.
fn one(seed: &Incoming, number: u64) -> Incoming {
    let Content::Alert(alert) = &seed.content else { unreachable!() };
    let mut alert = alert.clone();
    let (random, address) = (mixed(number), mixed(number) % 3_000);
    alert.id = AlertId(format!("{random:016x}-{:016x}", mixed(random)));
    let person = format!("person-{}", random % 400);
    let arn = format!("arn:aws:iam::111122223333:user/{person}");
    alert.user = Some(arn.clone());
    alert.source_ip = Some(format!("10.{}.{}.{}", address % 7, address % 200, address % 251));
    let seconds = i64::try_from(number * 30).unwrap();
    alert.time = alert.time.map(|time| time + SignedDuration::from_secs(seconds));
    if let Some(facts) = &mut alert.facts {
        (facts.actor.name, facts.actor.id) = (person.clone(), arn.clone());
        facts.target.as_mut().unwrap().name = format!("target-{}", random % 5_000);
    }
    if let Some(record) = &mut alert.record {
        let record = std::sync::Arc::make_mut(record);
        record["eventID"] = alert.id.0.clone().into();
        record["requestID"] = format!("{:032x}", mixed(random ^ 1)).into();
        record["userIdentity"]["arn"] = arn.into();
        record["userIdentity"]["userName"] = person.into();
        record["userIdentity"]["accessKeyId"] = format!("AKIA{:016X}", mixed(random % 20_000)).into();
    }
    let record = alert.record.clone().map(|record| Record::new(record).unwrap());
    alert.joins = joins::of(&record.unwrap(), alert.facts.as_ref().unwrap());
    Incoming { id: alert.id.clone(), received: seed.received, content: Content::Alert(alert) }
}

/// Median and 95th percentile of 21 runs.
fn measure<T>(name: &str, mut run: impl FnMut(usize) -> Result<T, StoreError>) {
    let mut times: Vec<Duration> = (0..21)
        .map(|turn| {
            let start = Instant::now();
            run(turn).unwrap();
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{name}: median {:?}, p95 {:?}", times[10], times[19]);
}

/// Bytes of a page in SQLite's log, and of the header before it.
const PAGE: usize = 8_192;
const HEADER: usize = 24;

/// Writes and syncs as many pages as SQLite's log took for each of these batches.
fn write_and_sync(database: &Path, batches: usize) {
    let log = super::files::beside(database, "-wal").metadata().unwrap().len();
    let pages = log / (HEADER + PAGE) as u64 / batches as u64;
    let floor = database.with_extension("floor");
    measure(&format!("its {pages} pages, written and synced"), |_| {
        let mut file = std::fs::File::create(&floor).unwrap();
        for _ in 0..pages {
            file.write_all(&[1; HEADER]).unwrap();
            file.write_all(&[2; PAGE]).unwrap();
        }
        file.sync_all().unwrap();
        Ok(())
    });
    std::fs::remove_file(floor).unwrap();
}

/// Stores batches one behind the other: each fiftieth of ten takes the properties of 500 alerts in.
fn without_a_pause(database: &mut Database, batches: impl Iterator<Item = Vec<Incoming>>) {
    let times = batches.map(|batch| {
        let start = Instant::now();
        database.insert(&batch).unwrap();
        start.elapsed()
    });
    let times: Vec<Duration> = times.collect();
    let mean = times.iter().sum::<Duration>() / u32::try_from(times.len()).unwrap();
    println!(
        "store 10, {} times without a pause: mean {mean:?}, longest {:?}",
        times.len(),
        times.iter().max()
    );
}

#[test]
#[ignore = "a measurement of minutes: CONTRIBUTING.md tells how to run it"]
fn a_million_alerts() {
    let alerts = std::env::var("SENTINEL_ALERTS").map_or(1_000_000, |count| count.parse().unwrap());
    // One that stays is for `benches/console.rs`.
    let kept = std::env::var_os("SENTINEL_STORE").map(std::path::PathBuf::from);
    let temp = tempfile::tempdir().unwrap();
    let path = kept.unwrap_or_else(|| temp.path().join("alerts.db"));
    assert!(!path.exists(), "{} is there already", path.display());
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut database = Database::open(&path).unwrap();
    let seeds = [alert("even", 0), alert("odd", 1)];
    let batch = |numbers: std::ops::Range<u64>| -> Vec<Incoming> {
        numbers.map(|number| one(&seeds[usize::try_from(number % 2).unwrap()], number)).collect()
    };
    let tens = |first: u64| -> Vec<_> {
        (0..21).map(|turn| first + 10 * turn).map(|first| batch(first..first + 10)).collect()
    };
    let start = Instant::now();
    for first in (0..alerts).step_by(BATCH) {
        database.insert(&batch(first..alerts.min(first + BATCH as u64))).unwrap();
        if first == BATCH as u64 {
            // Beyond all numbers that follow.
            let batches = tens(2 * alerts);
            measure("store 10 beside 1,000", |turn| database.insert(&batches[turn]));
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let rate = |start: Instant| alerts as f64 / start.elapsed().as_secs_f64();
    println!("{alerts} alerts, {:.0} a second", rate(start));
    let start = Instant::now();
    // As it is when the writer has nothing else to do.
    let all = Retention::new(100_000, u32::MAX);
    while database.maintain(all, Timestamp::UNIX_EPOCH).unwrap() {}
    println!("indexed, {:.0} a second", rate(start));
    drop(database);
    println!("{} bytes an alert", path.metadata().unwrap().len() / alerts);

    measure("open", |_| open::open(&path, Timestamp::UNIX_EPOCH));
    let (mut database, _) = open::open(&path, Timestamp::UNIX_EPOCH).unwrap();
    let newest = read::newest(database.connection(), 10_000).unwrap();
    let middle: Vec<Row> = newest.iter().step_by(400).cloned().collect();
    let id = |turn: usize| &middle[turn % middle.len()].id;
    measure("the newest 10,000", |_| read::newest(database.connection(), 10_000));
    measure("a page of 50", |turn| {
        read::older(database.connection(), (middle[turn % middle.len()].time, id(turn)), 50)
    });
    measure("an alert's body", |turn| read::content(database.connection(), id(turn)));
    let walker = Database::walker(&path).unwrap();
    let number = |turn: usize| {
        let sql = "SELECT number FROM alert WHERE id = ?1";
        database.connection().query_row(sql, [&id(turn).0], |row| row.get(0)).unwrap()
    };
    measure("an alert's incident", |turn| {
        Walk::new(&Shelf::of(&walker)).incident(Numbered::Alert(number(turn)).record())
    });
    let start = Instant::now();
    let count = super::incidents::overview(&walker).unwrap().incidents.len();
    println!("{count} incidents of the newest 20,000 alerts: {:?}", start.elapsed());
    measure("related", |turn| related::related(database.connection(), id(turn)));
    let all = Timestamp::MIN;
    let end = newest.last().map(|row| (row.time, &row.id)).unwrap();
    for text in ["person-77", "target-4999", "attach person-39", "policy", "10.3.17.112", "nobody"] {
        let filter = Filter::parse(text, &Clock::utc_now()).unwrap();
        let literals = filter.literals();
        measure(&format!("the first answer to {text}"), |_| {
            super::seek::seek(database.connection(), end, all, &literals, |row| filter.matches(row))
        });
        measure(&format!("the first answer to {text}, without the index"), |_| {
            super::seek::seek(database.connection(), end, all, &[], |row| filter.matches(row))
        });
    }
    let batches = tens(alerts);
    // From here on the log's length is of these batches alone.
    database.settle_log().unwrap();
    measure("store 10", |turn| database.insert(&batches[turn]));
    write_and_sync(&path, batches.len());
    without_a_pause(
        &mut database,
        (0..110).map(|turn| 3 * alerts + 10 * turn).map(|first| batch(first..first + 10)),
    );
    measure("acknowledge 1", |turn| {
        let command = TriageCommand { alerts: vec![id(turn).clone()], action: TriageAction::Acknowledge };
        database.triage(&[command], "ana", Timestamp::UNIX_EPOCH)
    });
}
