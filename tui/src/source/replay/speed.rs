//! Replay as it happened, only faster: an alert comes when it came, so many times sooner after the one
//! before. What the clock says, and when an alert is due by it; the waiting is the console's.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// More than a day a second.
const FASTEST: u32 = 100_000;

/// How many times faster than it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Speed(u32);

/// A text that is no speed.
#[derive(Debug, thiserror::Error)]
#[error("a speed is a whole number from 1 to {FASTEST}: 60 or 60x plays an hour in a minute")]
pub(crate) struct NoSpeed;

impl FromStr for Speed {
    type Err = NoSpeed;

    fn from_str(text: &str) -> Result<Self, NoSpeed> {
        let number = text.strip_suffix('x').unwrap_or(text).parse().map_err(|_| NoSpeed)?;
        (1..=FASTEST).contains(&number).then_some(Self(number)).ok_or(NoSpeed)
    }
}

impl std::fmt::Display for Speed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "x{}", self.0)
    }
}

/// What time it is in the replay. It starts with the first alert; without a speed it does not run, and
/// everything is due at once.
#[derive(Debug)]
pub(super) struct Clock {
    speed: Option<Speed>,
    start: Option<(Instant, Timestamp)>,
}

impl Clock {
    pub(super) const fn new(speed: Option<Speed>) -> Self {
        Self { speed, start: None }
    }

    /// When an alert of this time is due; None where that is now.
    pub(super) fn due(&mut self, time: Option<Timestamp>, now: Instant) -> Option<Instant> {
        let (Speed(speed), time) = (self.speed?, time?);
        let (start, first) = *self.start.get_or_insert((now, time));
        // What came out of turn is late already.
        let since = Duration::try_from(time.duration_since(first)).ok()?;
        Some(start + since / speed).filter(|due| *due > now)
    }

    /// What it shows, in whole seconds; None before the first alert.
    pub(super) fn shows(&self, now: Instant) -> Option<Timestamp> {
        let (Speed(speed), (start, first)) = (self.speed?, self.start?);
        let since = now.saturating_duration_since(start).saturating_mul(speed);
        let second = first.as_second().saturating_add(i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
        Timestamp::from_second(second).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_are_whole_numbers() {
        assert_eq!("60x".parse::<Speed>().unwrap(), Speed(60));
        assert_eq!("1".parse::<Speed>().unwrap().to_string(), "x1");
        for wrong in ["", "x", "0", "-1", "1.5", "100001", "fast"] {
            assert!(wrong.parse::<Speed>().unwrap_err().to_string().contains("60x"), "{wrong}");
        }
    }

    #[test]
    fn an_alert_is_due_as_long_after_the_first_as_it_came_divided_by_the_speed() {
        let (now, at) = (Instant::now(), |second| Some(Timestamp::from_second(second).unwrap()));
        let mut clock = Clock::new(Some(Speed(60)));
        assert_eq!((clock.shows(now), clock.due(at(1_000), now)), (None, None), "the first at once");
        assert_eq!(clock.due(at(1_120), now), Some(now + Duration::from_secs(2)));
        assert_eq!(clock.due(at(1_120), now + Duration::from_secs(2)), None);
        assert_eq!((clock.due(at(900), now), clock.due(None, now)), (None, None));
        assert_eq!(clock.shows(now + Duration::from_millis(1_050)), at(1_063));
        let mut unhurried = Clock::new(None);
        assert_eq!(
            (unhurried.due(at(1), now), unhurried.due(at(9), now), unhurried.shows(now)),
            (None, None, None)
        );
    }
}
