//! Messages that nobody means: each is stored, as an alert or as what it is, and none stops the others.

use std::time::Duration;

use super::kills::alert;
use super::queue::Queue;
use super::{Dice, console, folder, stored, wait_until};

/// Hostile bodies by name.
fn bodies() -> Vec<(&'static str, String)> {
    let keys: Vec<String> = (0..100_000).map(|number| format!("\"k{number}\":{number}")).collect();
    let with = |parameters: &str| alert("hostile").replacen("{\"name\":\"main\"}", parameters, 1);
    vec![
        ("one byte", "x".to_owned()),
        ("nothing", String::new()),
        ("a number", "7".to_owned()),
        ("256 KiB", "x".repeat(256 * 1024)),
        ("1 MiB of quotes", "\"".repeat(1024 * 1024)),
        ("10,000 lists", "[".repeat(10_000)),
        ("an alert with 10,000 levels", with(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000)))),
        ("an alert with a number of 400 digits", with(&format!("{{\"n\":{}}}", "9".repeat(400)))),
        ("an alert with half a surrogate pair", with("{\"n\":\"\\ud800\"}")),
        ("an alert with 100,000 keys", with(&format!("{{{}}}", keys.join(",")))),
        ("an alert with control characters", with("{\"n\":\"\\u001b]52;c;eA==\\u0007\\u001b[2J\\u202e\"}")),
        ("an alert of a later version", alert("later").replacen("\"version\":1", "\"version\":99", 1)),
        ("an alert without an id", alert("").replacen("\"id\":\"\"", "\"id\":null", 1)),
        ("a time out of range", alert("time").replace("2026-11-24T02:00:00Z", "999999-01-01T00:00:00Z")),
    ]
}

#[test]
fn hostile_messages_are_stored_and_deleted_and_the_next_alert_is_shown() {
    let queue = Queue::start(Dice::new("messages"));
    let database = folder("messages").join("alerts.db");
    let console = console(&queue, &database);
    for (name, body) in bodies() {
        queue.send(name, &body);
    }
    wait_until("all to be deleted", Duration::from_secs(60), || queue.deleted() == bodies().len());
    queue.send("after", &alert("after-all"));
    console.wait_for("the alert after all", |screen| screen.contains("StopLogging"));
    wait_until("the end", Duration::from_secs(60), || queue.deleted() == bodies().len() + 1);
    let ids = stored(&database);
    assert!(ids.contains(&"after-all".to_owned()) && ids.contains(&"hostile".to_owned()), "{ids:?}");
    assert!(ids.len() >= 8, "{ids:?}");
}

#[test]
fn a_queue_that_never_waits_is_not_asked_without_end() {
    // A proxy or an emulator that says at once that nothing has come.
    let queue = Queue::start_impatient(Dice::new("impatient"));
    let database = folder("impatient").join("alerts.db");
    let console = console(&queue, &database);
    console.wait_for("the console", |screen| screen.contains("live"));
    let (begun, before) = (std::time::Instant::now(), queue.requests());
    wait_until("some requests", Duration::from_secs(60), || queue.requests() >= before + 4);
    // However loaded the machine is, it takes no less.
    assert!(begun.elapsed() >= Duration::from_secs(2), "{:?}", begun.elapsed());
}
