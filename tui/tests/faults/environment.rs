//! Credentials that end and are renewed, a clock that is set, and a queue that is full at the start.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;

use super::kills::Alerts;
use super::queue::Queue;
use super::{Dice, PROGRAM, console, folder, rounds, start, stored, wait_until};

fn send(queue: &Queue, ids: &[String]) {
    let mut alerts = Alerts::new();
    for id in ids {
        queue.send(id, &alerts.named(id));
    }
}

/// Writes a program that gives this access key, good for some seconds.
fn give(program: &Path, key: &str) {
    let script = format!(
        "#!/bin/sh\necho \"{{\\\"Version\\\": 1, \\\"AccessKeyId\\\": \\\"{key}\\\", \\\"SecretAccessKey\\\": \\\"s\\\", \
         \\\"SessionToken\\\": \\\"t\\\", \\\"Expiration\\\": \\\"$(date -u -d '+15 seconds' +%FT%TZ 2>/dev/null || date -u -v+15S +%FT%TZ)\\\"}}\"\n"
    );
    // Written under another name first: the console may run it at any moment.
    let new = program.with_extension("new");
    std::fs::write(&new, script).unwrap();
    std::fs::set_permissions(&new, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::rename(&new, program).unwrap();
}

#[test]
fn credentials_that_expire_are_renewed_and_no_alert_is_lost() {
    let queue = Queue::start(Dice::new("credentials"));
    let home = folder("credentials");
    let program = home.join("give");
    give(&program, "AKIAFIRST");
    queue.take_key("AKIAFIRST");
    let config = home.join("config");
    std::fs::write(&config, format!("[default]\ncredential_process = {}\n", program.display())).unwrap();
    let database = home.join("alerts.db");
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--queue-url", &queue.url(), "--db", &database.to_string_lossy()]);
    let mut console = start(command, &queue, &home, &[("AWS_CONFIG_FILE", &config.to_string_lossy())]);
    let ids: Vec<String> = (0..20).map(|number| format!("{number:03}")).collect();
    let (first, second) = ids.split_at(10);
    send(&queue, first);
    wait_until("the first alerts", Duration::from_secs(60), || queue.deleted() == first.len());
    // The session ends before anybody has renewed it.
    queue.take_key("AKIASECOND");
    send(&queue, second);
    console.wait_for("word of it", |screen| screen.contains("renew your credentials"));
    give(&program, "AKIASECOND");
    wait_until("the others", Duration::from_secs(120), || queue.deleted() == ids.len());
    console.keys("q");
    console.wait_for_end();
    assert_eq!(stored(&database), ids);
}

/// Returns the library that changes the time for a program, where it is installed.
fn fake_time() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    libraries.find(|library| library.is_file())
}

#[test]
fn a_clock_that_is_set_back_and_forth_loses_no_alert_and_stops_nothing() {
    let Some(library) = fake_time() else {
        eprintln!("skipped: libfaketime is not installed");
        return;
    };
    let queue = Queue::start(Dice::new("clock"));
    let home = folder("clock");
    let (database, clock) = (home.join("alerts.db"), home.join("clock"));
    std::fs::write(&clock, "+0\n").unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--queue-url", &queue.url(), "--db", &database.to_string_lossy()]);
    let more = [
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("LD_PRELOAD", &library.to_string_lossy()),
        ("FAKETIME_TIMESTAMP_FILE", &clock.to_string_lossy()),
        ("FAKETIME_CACHE_DURATION", "1"),
        // The system's own steady clock is not set when somebody sets the time.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    let mut console = start(command, &queue, &home, &more);
    console.wait_for("the console", |screen| screen.contains("live"));
    let mut sent = Vec::new();
    for (turn, offset) in ["+3h", "-2d", "+400d", "-20y", "+0"].iter().enumerate() {
        std::fs::write(&clock, format!("{offset}\n")).unwrap();
        let new: Vec<String> = (0..10).map(|number| format!("{turn}-{number:03}")).collect();
        send(&queue, &new);
        sent.extend(new);
        wait_until(offset, Duration::from_secs(90), || queue.deleted() == sent.len());
        let all = format!("{} open", sent.len());
        console.wait_for(&all, |screen| screen.contains(&all));
    }
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_eq!(stored(&database), sent);
}

#[test]
fn a_queue_that_is_full_at_the_start_is_read_while_the_keys_work() {
    let queue = Queue::start(Dice::new("full queue"));
    let database = folder("waiting").join("alerts.db");
    let ids: Vec<String> = (0..rounds(1) * 2_000).map(|number| format!("{number:07}")).collect();
    send(&queue, &ids);
    let begun = Instant::now();
    let mut console = console(&queue, &database);
    console.wait_for("the first alerts", |screen| screen.contains("StopLogging"));
    console.keys("?");
    console.wait_for("the keys", |screen| screen.contains("Keys and actions"));
    console.keys("\u{1b}");
    console.wait_for("the list", |screen| !screen.contains("Keys and actions"));
    let patience = Duration::from_secs(120) + Duration::from_millis(20) * u32::try_from(ids.len()).unwrap();
    wait_until("the end of the queue", patience, || queue.deleted() == ids.len());
    println!("{} waiting messages stored in {:.0} s", ids.len(), begun.elapsed().as_secs_f64());
    console.keys("q");
    console.wait_for_end();
    assert_eq!(stored(&database), ids);
}
