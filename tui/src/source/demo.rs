//! The demo: the story's records through the real detector, sixty times as fast as they happened.

use std::sync::Arc;
use std::time::Duration;

use detector::link::Link;
use detector::{Alert, Detector};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::model::{Content, DEMO_SPEED, Event, Incoming, SourceStatus};
use crate::source::story;
use crate::store::Store;

/// From the call to the detector, as EventBridge takes.
const DELIVERY: SignedDuration = SignedDuration::from_secs(3);

/// A record of the story that has been read.
#[derive(Debug)]
pub(crate) struct Step {
    /// Number of records that have been read, and of all that there are.
    pub(crate) read: usize,
    pub(crate) of: usize,
    /// Alert that the detector raises for the record, if any.
    pub(crate) alert: Option<Alert>,
    /// Link that the record is, where it is no alert.
    pub(crate) link: Option<Link>,
}

/// Plays the story, for as long as its receiver lives.
pub(crate) fn play(detector: Arc<Detector>) -> mpsc::Receiver<Step> {
    let (sender, steps) = mpsc::channel(1);
    tokio::spawn(async move {
        // The story ends now, so its times are of the last minutes.
        let records = story::records(Timestamp::now());
        let of = records.len();
        let mut before = Duration::ZERO;
        for (number, (at, record)) in records.into_iter().enumerate() {
            let wait = at.saturating_sub(before) / DEMO_SPEED;
            before = at;
            tokio::time::sleep(wait).await;
            // In the story's time too, the detector hears of a call a few seconds later.
            let detected_at = record.event_time().map_or_else(Timestamp::now, |time| time + DELIVERY);
            let alert = detector.detect(&record, detected_at).alert;
            let link = if alert.is_none() { detector.link(&record, |_| false) } else { None };
            if sender.send(Step { read: number + 1, of, alert, link }).await.is_err() {
                return;
            }
        }
    });
    steps
}

pub(super) async fn run(detector: Arc<Detector>, store: Store, events: mpsc::Sender<Event>) {
    let mut steps = play(detector);
    while let Some(Step { read, of, alert, link }) = steps.recv().await {
        if let Some(link) = link
            && store.insert_links(vec![link]).await.is_err()
        {
            return;
        }
        if let Some(alert) = alert {
            let id = alert.id.clone();
            let content = Content::Alert(Box::new(alert));
            if store.insert(vec![Incoming { id, received: Timestamp::now(), content }]).await.is_err() {
                return;
            }
        }
        if events.send(Event::Source(SourceStatus::Demo { read, of })).await.is_err() {
            return;
        }
    }
}
