//! Limits the probes that the function publishes: one with each canary, and no more often than canaries
//! can come. Otherwise whoever may send false canaries could flood every console's queue with probes.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::probe::{PipelineProbe, VERSION};

/// The least time from one probe of an instance to its next: half the shortest schedule, which is a minute.
const LEAST: Duration = Duration::from_secs(30);

/// The last probe of this instance.
#[derive(Debug)]
pub(super) struct Probing {
    every: u32,
    last: Mutex<Option<Instant>>,
}

impl Probing {
    /// A schedule of canaries, in minutes.
    pub(super) fn new(canary_minutes: u16) -> Self {
        Self { every: u32::from(canary_minutes) * 60, last: Mutex::default() }
    }

    /// The probe to publish now; `None` where one was due a moment ago.
    pub(super) fn due(&self, pipeline: &str, at: Timestamp) -> Option<PipelineProbe> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < LEAST) {
            return None;
        }
        *last = Some(Instant::now());
        Some(PipelineProbe { version: VERSION, pipeline: pipeline.to_owned(), every: self.every, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canaries_that_come_in_a_flood_make_one_probe() {
        let probing = Probing::new(5);
        let probe = probing.due("iam-sentinel", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!((probe.every, probe.pipeline.as_str()), (300, "iam-sentinel"));
        assert_eq!(probing.due("iam-sentinel", Timestamp::UNIX_EPOCH), None);
    }
}
