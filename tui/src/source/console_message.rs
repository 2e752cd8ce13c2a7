//! Messages that consoles publish for each other: triage and probes.

use detector::AlertId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{TriageAction, TriageEvent};

/// Triage of an alert, as consoles publish it: kind `triage` of docs/compatibility.md (The message).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TriageMessage {
    version: u32,
    alert: String,
    /// `acknowledge`, `reopen`, `note`, `tag`, `untag`.
    action: String,
    /// `None` takes the note away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    by: String,
    at: Timestamp,
}

/// Most characters that are kept of an id, name, note or tag that another console sends.
pub(super) const LONGEST: usize = 2_000;

impl From<&TriageEvent> for TriageMessage {
    fn from(event: &TriageEvent) -> Self {
        let text = || event.action.text().map(str::to_owned);
        let is_note = matches!(event.action, TriageAction::Note(_));
        Self {
            version: 1,
            alert: event.alert.0.clone(),
            action: event.action.name().to_owned(),
            note: text().filter(|_| is_note),
            tag: text().filter(|_| !is_note),
            by: event.by.clone(),
            at: event.at,
        }
    }
}

impl TriageMessage {
    /// Returns the event, its texts cut and its time not later than `received`: a time that is yet to come would
    /// outweigh every later event. `None` for an action that this version does not know.
    pub(super) fn event(self, received: Timestamp) -> Option<TriageEvent> {
        let short = |text: String| text.chars().take(LONGEST).collect::<String>();
        let text = if self.action == "note" { self.note } else { self.tag };
        let at = self.at.min(received).as_microsecond();
        Some(TriageEvent {
            alert: AlertId(short(self.alert)),
            action: TriageAction::of(&self.action, text.map(short))?,
            by: short(self.by),
            at: Timestamp::from_microsecond(at).ok()?,
        })
    }
}

/// A probe as it is published: kind `probe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Probe {
    pub(crate) version: u32,
    /// The name of the console that asks.
    pub(crate) console: String,
    /// Id of this probe alone.
    #[serde(rename = "probe")]
    pub(crate) id: String,
    /// Time at which it was published.
    pub(crate) at: Timestamp,
}
