//! Disks that are full and files that are damaged anywhere, under the real console.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use portable_pty::CommandBuilder;

use super::kills::Alerts;
use super::queue::Queue;
use super::{Dice, PROGRAM, console, folder, rounds, start, stored, wait_until};

/// Sends alerts with ids that begin so, and returns the ids.
fn send(queue: &Queue, begun: &str, count: u64) -> Vec<String> {
    let mut alerts = Alerts::new();
    let ids: Vec<String> = (0..count).map(|number| format!("{begun}-{number:04}")).collect();
    for id in &ids {
        queue.send(id, &alerts.named(id));
    }
    ids
}

#[test]
fn a_database_that_is_damaged_anywhere_costs_no_new_alert() {
    let mut dice = Dice::new("damage");
    for round in 0..rounds(6) {
        let queue = Queue::start(Dice(dice.below(u64::MAX) | 1));
        let database = folder("damage").join("alerts.db");
        let before = send(&queue, "before", 60);
        let mut first = console(&queue, &database);
        wait_until("the first alerts", Duration::from_secs(60), || queue.deleted() == before.len());
        first.keys("q");
        assert_eq!(first.wait_for_end(), 0);
        let mut bytes = std::fs::read(&database).unwrap();
        let length = bytes.len() as u64;
        for _ in 0..=dice.below(64) {
            let at = usize::try_from(dice.below(length)).unwrap();
            bytes[at] = u8::try_from(dice.below(256)).unwrap();
        }
        if dice.below(3) == 0 {
            bytes.truncate(usize::try_from(dice.below(length)).unwrap());
        }
        std::fs::write(&database, bytes).unwrap();
        let after = send(&queue, "after", 30);
        let mut second = console(&queue, &database);
        let all = before.len() + after.len();
        // It stores them, in this file or in a new one; or it ends with the reason, and they stay in the queue.
        let mut ended = None;
        wait_until("the alerts, or an end", Duration::from_secs(90), || {
            ended = second.child.try_wait().unwrap();
            ended.is_some() || queue.deleted() == all
        });
        let screen = second.output.0.lock().unwrap().parser.screen().contents();
        assert!(!screen.contains("panicked"), "round {round}: {screen}");
        if let Some(status) = ended {
            assert!(screen.contains("--db"), "round {round}: {status:?} without a remedy: {screen}");
            assert_eq!(queue.deleted(), before.len(), "round {round}: nothing is deleted");
            continue;
        }
        second.keys("q");
        assert_eq!(second.wait_for_end(), 0, "round {round}");
        let kept = stored(&database);
        assert!(after.iter().all(|id| kept.contains(id)), "round {round}: {} kept", kept.len());
    }
}

/// Returns whether a file system of one's own can be mounted here.
fn can_mount() -> bool {
    let tried = Command::new("unshare").args(["-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output();
    tried.is_ok_and(|output| output.status.success())
}

#[test]
fn on_a_full_disk_messages_stay_in_the_queue_until_there_is_room() {
    if !can_mount() {
        eprintln!("skipped: no user namespaces (unshare -Urm), so no disk can be filled");
        return;
    }
    let queue = Queue::start(Dice::new("full disk"));
    let home = folder("full");
    let disk = home.join("disk");
    std::fs::create_dir(&disk).unwrap();
    let kept = home.join("alerts.db");
    let mut command = CommandBuilder::new("unshare");
    // The disk is gone with the last program that sees it, so the database is copied before.
    let script = format!(
        "mount -t tmpfs -o size=12m tmpfs {disk} && head -c 11000000 /dev/zero > {disk}/ballast && {{ \
         {PROGRAM} --queue-url {} --db {disk}/alerts.db; cp {disk}/alerts.db* {}; }}",
        queue.url(),
        home.display(),
        disk = disk.display()
    );
    command.args(["-Urm", "sh", "-c", &script]);
    let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let mut console = start(command, &queue, &home, &keys);
    console.wait_for("the console", |screen| screen.contains("live"));
    let sent = send(&queue, "full", 1_500);
    console.wait_for("word of the disk", |screen| screen.contains("free disk space"));
    assert!(queue.deleted() < sent.len(), "the disk is full, and all are deleted");
    // The same disk, seen from outside.
    let inside = format!("/proc/{}/root{}", console.child.process_id().unwrap(), disk.display());
    std::fs::remove_file(Path::new(&inside).join("ballast")).unwrap();
    wait_until("all alerts", Duration::from_secs(180), || queue.deleted() == sent.len());
    console.keys("q");
    console.wait_for_end();
    let kept = stored(&kept);
    assert!(kept == sent, "{} of {} kept", kept.len(), sent.len());
}
