//! Speed and clock of a replay that is played: an alert comes as long after the one before as it did in fact,
//! divided by the speed. The clock says when an alert is due; the waiting is the console's.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::ReplaySpeed;

/// Clock of a replay. It starts with the first alert. Without a speed it does not run, and everything is due
/// at once.
#[derive(Debug)]
pub(super) struct Clock {
    speed: Option<ReplaySpeed>,
    /// A moment, and the time that the clock showed then.
    at: Option<(Instant, Timestamp)>,
    paused: bool,
}

impl Clock {
    pub(super) const fn new(speed: Option<ReplaySpeed>) -> Self {
        Self { speed, at: None, paused: false }
    }

    /// Returns the moment at which an alert of this time is due; `None` where it is due now. While the clock
    /// is paused nothing becomes due, whatever this returns.
    pub(super) fn due(&mut self, time: Option<Timestamp>, now: Instant) -> Option<Instant> {
        let (speed, time) = (self.speed?.factor(), time?);
        let (at, shown) = *self.at.get_or_insert((now, time));
        // An event out of order is late already.
        let since = Duration::try_from(time.duration_since(shown)).ok()?;
        Some(at + since / speed).filter(|due| *due > now)
    }

    /// Returns the time that the clock shows, in whole seconds; `None` before the first alert, or without a
    /// speed.
    pub(super) fn shows(&self, now: Instant) -> Option<Timestamp> {
        Timestamp::from_second(self.exactly(now)?.as_second()).ok()
    }

    fn exactly(&self, now: Instant) -> Option<Timestamp> {
        let (speed, (at, shown)) = (self.speed?.factor(), self.at?);
        if self.paused {
            return Some(shown);
        }
        let since = now.saturating_duration_since(at).saturating_mul(speed);
        Some(shown.checked_add(since).unwrap_or(Timestamp::MAX))
    }

    /// Goes on from what it shows now, at another speed, or stands still there.
    pub(super) fn set(&mut self, speed: Option<ReplaySpeed>, paused: bool, now: Instant) {
        self.at = self.exactly(now).map(|shown| (now, shown));
        (self.speed, self.paused) = (speed, paused);
    }

    /// Goes to the time of an alert that is wanted before it is due.
    pub(super) fn jump(&mut self, time: Option<Timestamp>, now: Instant) {
        if let Some(time) = time.filter(|time| self.exactly(now).is_none_or(|shown| *time > shown)) {
            self.at = Some((now, time));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_due_as_long_after_the_first_as_it_came_divided_by_the_speed() {
        let (now, at) = (Instant::now(), |second| Some(Timestamp::from_second(second).unwrap()));
        let mut clock = Clock::new(Some("60".parse().unwrap()));
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

    #[test]
    fn it_stands_still_steps_and_goes_on_at_another_speed_from_where_it_was() {
        let (now, at) = (Instant::now(), |second| Some(Timestamp::from_second(second).unwrap()));
        let (sixty, ten) = (Some("60".parse().unwrap()), Some("10".parse().unwrap()));
        let mut clock = Clock::new(sixty);
        assert_eq!(clock.due(at(1_000), now), None);
        let later = now + Duration::from_secs(1);
        clock.set(sixty, true, later);
        let much_later = now + Duration::from_secs(100);
        assert_eq!(clock.shows(much_later), at(1_060), "paused");
        clock.jump(at(1_200), much_later);
        assert_eq!(clock.shows(much_later), at(1_200), "a step");
        clock.jump(at(1_100), much_later);
        assert_eq!(clock.shows(much_later), at(1_200), "never back");
        clock.set(ten, false, much_later);
        assert_eq!(clock.due(at(1_250), much_later), Some(much_later + Duration::from_secs(5)));
        assert_eq!(clock.shows(much_later + Duration::from_secs(3)), at(1_230));
    }
}
