//! Alarms of the pipeline itself.

use detector::Health;
use detector::health::State;
use jiff::Timestamp;

/// Identity of an alarm. Foreign text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlarmKey {
    /// Empty where the message did not say.
    pub(crate) account: String,
    /// The region's name for people; empty where the message did not say.
    pub(crate) region: String,
    pub(crate) name: String,
}

/// An alarm as it is now. Foreign text: whoever may publish to the topic has written it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alarm {
    pub(crate) key: AlarmKey,
    pub(crate) state: State,
    pub(crate) since: Timestamp,
    /// Meaning of the alarm, and advice for the reader.
    pub(crate) description: Option<String>,
    /// CloudWatch's reason for the state.
    pub(crate) reason: Option<String>,
}

impl Alarm {
    /// Returns the alarm of a message; `received` is its time where the message names none, or a later one.
    pub(crate) fn new(health: Health, received: Timestamp) -> Self {
        let Health { alarm, description, state, reason, at, account, region } = health;
        let key = AlarmKey {
            account: account.unwrap_or_default(),
            region: region.unwrap_or_default(),
            name: alarm,
        };
        // The database keeps microseconds.
        // A time that is yet to come would keep every later state out.
        let since = at.unwrap_or(received).min(received).as_microsecond();
        Self {
            key,
            state,
            since: Timestamp::from_microsecond(since).unwrap_or(received),
            description: description.filter(|text| !text.is_empty()),
            reason: reason.filter(|text| !text.is_empty()),
        }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.state == State::Alarm
    }
}

/// The word for a state, as CloudWatch's console has it.
/// Stored as text: never changed.
pub(crate) const fn label(state: State) -> &'static str {
    match state {
        State::Alarm => "ALARM",
        State::Ok => "OK",
        State::Unknown => "UNKNOWN",
    }
}
