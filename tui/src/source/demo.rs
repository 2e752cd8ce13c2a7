//! The demo: the story's records through the real detector, sixty times as fast as they happened.

use std::time::Duration;

use detector::Detector;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use super::{Health, story};
use crate::app::Msg;
use crate::store::{Content, Incoming, Store};

/// One minute of the story in one second.
pub(crate) const SPEED: u32 = 60;

/// From the call to the detector, as EventBridge takes.
const DELIVERY: SignedDuration = SignedDuration::from_secs(3);

pub(super) async fn run(detector: &Detector, store: Store, app: mpsc::Sender<Msg>) {
    // The story ends now, so its times are of the last minutes.
    let records = story::records(Timestamp::now());
    let of = records.len();
    let mut told = Duration::ZERO;
    for (number, (at, record)) in records.into_iter().enumerate() {
        let wait = at.saturating_sub(told) / SPEED;
        told = at;
        tokio::time::sleep(wait).await;
        let now = Timestamp::now();
        // In the story's time too, the detector hears of a call a few seconds later.
        let detected_at = record.event_time().map_or(now, |time| time + DELIVERY);
        if let Some(alert) = detector.detect(&record, detected_at).alert {
            let id = alert.id.clone();
            let incoming = Incoming { id, received: now, content: Content::Alert(Box::new(alert)) };
            if store.insert(vec![incoming]).await.is_err() {
                return;
            }
        }
        if app.send(Msg::Health(Health::Demo { read: number + 1, of })).await.is_err() {
            return;
        }
    }
}
