//! The pipeline's own health: the state of the intake, the pipeline's alarms, and the results of the probes.

pub(crate) mod alarm_list;
pub(crate) mod page;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use detector::SafeText;
use detector::health::State as AlarmState;
use detector::probe::PipelineProbe;
use jiff::{SignedDuration, Timestamp};

pub(crate) use alarm_list::AlarmList;

use crate::model::{Alarm, AlarmKey, Identity, ProbeStatus, ReplayStatus, SourceStatus};

/// Probes of the function that may be missed before it is a warning.
const MISSES: i64 = 3;
/// Seconds that a probe may take.
const SLACK: i64 = 60;
/// Seconds from one probe of the function to the next, where none has said so yet; the schedule's bounds.
const USUAL_EVERY: u32 = 300;
const LEAST_EVERY: u32 = 60;
const MOST_EVERY: u32 = 3_600;
/// Unknown kinds that are counted by name, and characters of a name.
const KINDS: usize = 8;
const LONGEST_KIND: usize = 24;

/// State of the pipeline, the console's own end included.
#[derive(Debug)]
pub(crate) struct Pipeline {
    /// The pipeline's name, with which the names of its alarms begin; `None` where the queue's name does not
    /// tell it.
    pub(crate) name: Option<String>,
    pub(crate) source: SourceStatus,
    /// The queue that is read, or the files, in few words; `None` in the demo.
    pub(crate) watched: Option<String>,
    /// Time since which alerts can't be received, stored or deleted.
    since: Option<Timestamp>,
    /// Reason why nothing can be stored. Receiving may go well all the same; the worse of the two is shown.
    pub(crate) store_blocked: Option<String>,
    /// Reason why stored messages can't be deleted from the queue.
    pub(crate) delete_blocked: Option<String>,
    /// Number of entries received that were stored already.
    pub(crate) duplicates: usize,
    /// Owner of the credentials in use, once it is known.
    pub(crate) identity: Option<Identity>,
    /// The alarms, those in ALARM first.
    alarms: Vec<Alarm>,
    /// Result of the console's last probe; `None` before the first.
    pub(crate) probed: Option<ProbeStatus>,
    /// The function's last probe.
    pub(crate) heard: Option<PipelineProbe>,
    /// True where the function's probes are to come: the queue is one that Terraform has made.
    pub(crate) expects_probes: bool,
    /// Time since which the queue is read; `None` while it is not.
    pub(crate) live_since: Option<Timestamp>,
    /// Messages that were no alerts and of kinds that this version does not know, by kind.
    pub(crate) unknown: BTreeMap<String, u64>,
}

impl Default for Pipeline {
    fn default() -> Self {
        Self::named(None)
    }
}

impl Pipeline {
    /// Returns the state at the start, of the pipeline with this name; `None` where it is not known.
    pub(crate) fn named(name: Option<String>) -> Self {
        Self {
            expects_probes: name.is_some(),
            name,
            source: SourceStatus::Connecting,
            watched: None,
            since: None,
            store_blocked: None,
            delete_blocked: None,
            duplicates: 0,
            identity: None,
            alarms: Vec::new(),
            probed: None,
            heard: None,
            live_since: None,
            unknown: BTreeMap::new(),
        }
    }

    /// Returns the reason why messages can't be stored, deleted or received, or else the first thing that a
    /// replay could not read; `None` where there is none.
    pub(crate) fn away(&self) -> Option<&str> {
        match &self.source {
            _ if self.store_blocked.is_some() => self.store_blocked.as_deref(),
            SourceStatus::Live { .. } if self.delete_blocked.is_some() => self.delete_blocked.as_deref(),
            SourceStatus::Retrying { why, .. } => Some(why),
            SourceStatus::Replay(ReplayStatus { first_unread, .. }) => first_unread.as_deref(),
            _ => None,
        }
    }

    /// True where alerts can't be received, stored or deleted: the screen has a line for the reason.
    pub(crate) const fn is_away(&self) -> bool {
        match &self.source {
            SourceStatus::Live { .. } => self.store_blocked.is_some() || self.delete_blocked.is_some(),
            SourceStatus::Retrying { .. } => true,
            _ => self.store_blocked.is_some(),
        }
    }

    /// Returns the time since which alerts can't be received, stored or deleted; `None` where they can be.
    pub(crate) const fn away_since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Notes since when something is wrong, after a change.
    pub(crate) fn note_away(&mut self, now: Timestamp) {
        self.since = if self.is_away() { self.since.or(Some(now)) } else { None };
    }

    /// True where log files are replayed, or were.
    pub(crate) const fn is_replay(&self) -> bool {
        matches!(self.source, SourceStatus::Replay(_))
    }

    /// True while a source that comes to an end has not come to it.
    pub(crate) fn is_reading(&self) -> bool {
        match &self.source {
            SourceStatus::Replay(status) => !status.done,
            SourceStatus::Demo { read, of } => read < of,
            _ => false,
        }
    }

    /// Takes in the status of the source.
    pub(crate) fn source(&mut self, status: SourceStatus) {
        if let SourceStatus::Live { last_receive, .. } = status {
            self.live_since.get_or_insert(last_receive);
        } else {
            // Probes that came meanwhile are received first.
            self.live_since = None;
        }
        self.source = status;
    }

    /// Takes in a probe of the function that has come through the queue.
    pub(crate) fn pipeline_probe(&mut self, probe: PipelineProbe, now: Timestamp) {
        // A time that is yet to come would keep the warning away.
        let at = probe.at.min(now);
        if self.heard.as_ref().is_none_or(|known| known.at < at) {
            let every = probe.every.clamp(LEAST_EVERY, MOST_EVERY);
            self.heard = Some(PipelineProbe { at, every, ..probe });
        }
    }

    /// Counts a message of a kind that this version does not know.
    pub(crate) fn unknown_kind(&mut self, kind: &SafeText) {
        let kind: String = kind.as_str().chars().take(LONGEST_KIND).collect();
        // Whoever makes up kinds makes no more than a few lines.
        let is_named = self.unknown.len() < KINDS || self.unknown.contains_key(&kind);
        let kind = if is_named { kind } else { "others".to_owned() };
        *self.unknown.entry(kind).or_default() += 1;
    }

    /// Takes in the alarms that the store knows. Returns those that have just gone into ALARM, with their short
    /// names, and the name of one that was in ALARM and is OK again.
    pub(crate) fn alarms(&mut self, alarms: Vec<Alarm>) -> (Vec<(SafeText, Alarm)>, Option<SafeText>) {
        let new = alarms.iter().filter(|alarm| alarm.is_on() && !self.knows(alarm));
        let new = new.map(|alarm| (self.short(&alarm.key), alarm.clone())).collect();
        let is_well =
            |key: &AlarmKey| alarms.iter().any(|alarm| alarm.key == *key && alarm.state == AlarmState::Ok);
        let over = self.in_alarm().find(|alarm| is_well(&alarm.key)).map(|alarm| self.short(&alarm.key));
        self.alarms = alarms;
        (new, over)
    }

    /// Returns the time at which three of the function's probes in a row are missing: alerts may not come either.
    pub(crate) fn missed_at(&self) -> Option<Timestamp> {
        let (from, every) = match &self.heard {
            Some(probe) => (probe.at, probe.every),
            None if self.expects_probes => (self.live_since?, USUAL_EVERY),
            None => return None,
        };
        Some(from.max(self.live_since?) + SignedDuration::from_secs(MISSES * i64::from(every) + SLACK))
    }

    /// True where the function's probes stay away.
    pub(crate) fn misses_probes(&self, now: Timestamp) -> bool {
        self.missed_at().is_some_and(|at| at <= now)
    }

    /// True where a probe is missing, the function's or this console's own.
    pub(crate) fn has_lost_probe(&self, now: Timestamp) -> bool {
        self.misses_probes(now)
            || matches!(self.probed, Some(ProbeStatus::Missing { .. } | ProbeStatus::Refused { .. }))
    }

    /// Returns the alarms that are not OK, those in ALARM first.
    pub(crate) fn troubles(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(|alarm| alarm.state != AlarmState::Ok)
    }

    /// Returns the alarms that are in ALARM, the latest first.
    pub(crate) fn in_alarm(&self) -> impl Iterator<Item = &Alarm> {
        self.alarms.iter().filter(|alarm| alarm.is_on())
    }

    /// Returns an alarm's name, without that of the pipeline.
    pub(crate) fn short(&self, key: &AlarmKey) -> SafeText {
        let own = self.name.as_deref().and_then(|name| key.name.strip_prefix(name)?.strip_prefix('-'));
        SafeText::new(own.filter(|rest| !rest.is_empty()).unwrap_or(&key.name))
    }

    fn knows(&self, alarm: &Alarm) -> bool {
        self.alarms
            .iter()
            .any(|known| known.key == alarm.key && known.state == alarm.state && known.since == alarm.since)
    }
}
