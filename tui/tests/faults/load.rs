//! Load: a thousand alerts a second into one console. A measurement of minutes, run by hand.

use std::time::{Duration, Instant};

use super::kills::Alerts;
use super::queue::Queue;
use super::{Dice, console, folder, rounds, stored, wait_until};

/// Alerts of a second.
const A_SECOND: u64 = 1_000;
/// Memory that may be added after the first minute, in MB: the list holds a bounded number of rows.
const MOST_ADDED: u64 = 40;

/// Resident memory of a process, in MB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

#[test]
#[ignore = "minutes: cargo test --release -p sentinel-tui --test faults load -- --ignored --nocapture"]
fn a_thousand_alerts_a_second_are_stored_and_memory_stays_flat() {
    let queue = Queue::start(Dice::new("load"));
    let database = folder("load").join("alerts.db");
    let mut console = console(&queue, &database);
    console.wait_for("the console", |screen| screen.contains("live"));
    let process = console.child.process_id().unwrap();
    let (seconds, mut alerts, begun) = (60 * rounds(2), Alerts::new(), Instant::now());
    let (mut after_a_minute, mut most_behind) = (0, 0);
    for second in 0..seconds {
        for number in 0..A_SECOND {
            let id = format!("{second:05}-{number:03}");
            queue.send(&id, &alerts.named(&id));
        }
        // The user goes on working.
        console.keys(if second % 2 == 0 { "j" } else { "k" });
        let next = begun + Duration::from_secs(second + 1);
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        most_behind = most_behind.max((second + 1) * A_SECOND - queue.deleted() as u64);
        if second == 59 {
            after_a_minute = memory(process);
        }
    }
    let sent = seconds * A_SECOND;
    let took = begun.elapsed();
    wait_until("the end of the queue", Duration::from_secs(600), || queue.deleted() as u64 == sent);
    let (all, last) = (begun.elapsed(), memory(process));
    console.keys("q");
    console.wait_for_end();
    println!(
        "{sent} alerts in {:.0} s, the last stored {:.1} s later, at most {most_behind} behind; memory {after_a_minute} MB after a minute, {last} MB at the end",
        took.as_secs_f64(),
        (all.saturating_sub(took)).as_secs_f64()
    );
    assert_eq!(stored(&database).len() as u64, sent);
    assert!(last <= after_a_minute + MOST_ADDED, "{after_a_minute} MB, then {last} MB");
}
