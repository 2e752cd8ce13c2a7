//! Kills at random moments while alerts come in over a faulty queue: every alert is stored once, and none is deleted
//! that is not.

use std::time::Duration;

use detector::{Detector, Record};
use serde_json::{Value, json};

use super::queue::Queue;
use super::{Dice, console, folder, rounds, stored, wait_until};

/// Alerts that come in for each kill.
const BETWEEN_KILLS: u64 = 30;

/// Body of an alert, as the detector makes it.
pub(crate) fn alert(id: &str) -> String {
    let record = json!({"eventVersion": "1.08", "eventID": id, "eventTime": "2026-11-24T02:00:00Z",
        "eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111122223333",
        "requestParameters": {"name": "main"}, "userIdentity": {"type": "IAMUser", "userName": "mallory",
            "arn": "arn:aws:iam::111122223333:user/mallory", "accessKeyId": "AKIAFAULTS"}});
    let record = Record::new(record).unwrap();
    let alert = Detector::default().detect(&record, "2026-11-24T02:00:05Z".parse().unwrap()).alert.unwrap();
    alert.to_message(262_144).unwrap()
}

/// The same alert under other ids, without judging it anew.
pub(crate) struct Alerts(Value);

impl Alerts {
    pub(crate) fn new() -> Self {
        Self(serde_json::from_str(&alert("0")).unwrap())
    }

    pub(crate) fn named(&mut self, id: &str) -> String {
        for place in ["/id", "/record/eventID"] {
            if let Some(value) = self.0.pointer_mut(place) {
                *value = json!(id);
            }
        }
        self.0.to_string()
    }
}

#[test]
fn every_alert_is_stored_once_whenever_the_console_is_killed_and_whatever_the_queue_does() {
    let mut dice = Dice::new("kills");
    let queue = Queue::start(Dice(dice.below(u64::MAX) | 1));
    let database = folder("kills").join("alerts.db");
    let (kills, mut alerts, mut sent) = (rounds(8), Alerts::new(), Vec::new());
    for kill in 0..kills {
        for number in 0..BETWEEN_KILLS {
            let id = format!("{kill:05}-{number:03}");
            queue.send(&id, &alerts.named(&id));
            sent.push(id);
        }
        queue.be_faulty(kill % 4 != 0);
        let mut console = console(&queue, &database);
        // A moment between its start and its being done with all that waits.
        std::thread::sleep(Duration::from_millis(dice.below(1_500)));
        console.child.kill().unwrap();
        console.child.wait().unwrap();
    }
    queue.be_faulty(false);
    let mut console = console(&queue, &database);
    let patience = Duration::from_secs(60) + Duration::from_millis(50) * u32::try_from(sent.len()).unwrap();
    wait_until("the end of the queue", patience, || queue.deleted() == sent.len());
    console.keys("q");
    assert_eq!(console.wait_for_end(), 0);
    assert_eq!(stored(&database), sent, "each once");
    println!(
        "{kills} kills, {} faults of {} answers, {} alerts",
        queue.faults(),
        queue.requests(),
        sent.len()
    );
}

#[test]
fn two_consoles_on_one_queue_and_one_database_lose_and_double_nothing() {
    let mut dice = Dice::new("two consoles");
    let queue = Queue::start(Dice(dice.below(u64::MAX) | 1));
    let database = folder("two").join("alerts.db");
    let mut alerts = Alerts::new();
    let sent: Vec<String> = (0..rounds(8) * BETWEEN_KILLS).map(|number| format!("{number:06}")).collect();
    // One by a link to the database's folder: it is the same database.
    let other = database.parent().unwrap().join("link.db");
    let first = console(&queue, &database);
    first.wait_for("the console", |screen| screen.contains("live"));
    std::os::unix::fs::symlink(&database, &other).unwrap();
    let second = console(&queue, &other);
    second.wait_for("the other console", |screen| screen.contains("live"));
    queue.be_faulty(true);
    for id in &sent {
        queue.send(id, &alerts.named(id));
    }
    let patience = Duration::from_secs(60) + Duration::from_millis(100) * u32::try_from(sent.len()).unwrap();
    wait_until("the end of the queue", patience, || queue.deleted() == sent.len());
    assert_eq!(stored(&database), sent, "each once");
    // Each hears of what the other has stored.
    let all = format!("{} open", sent.len());
    first.wait_for(&all, |screen| screen.replace(',', "").contains(&all));
    second.wait_for(&all, |screen| screen.replace(',', "").contains(&all));
}
