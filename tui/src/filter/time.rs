//! A moment as people write it: a time, a day, an hour of the last day, a span back from now.

use jiff::civil::{DateTime, Time};
use jiff::{Span, Timestamp};

use crate::filter::Clock;

/// Advice for a text that is no moment.
pub(crate) const HINT: &str = "use a time such as 02:30 or 2026-11-24T02:00:00Z, a day such as 2026-11-24, or a span back from now such as 2h or 30d";

/// The moment: RFC 3339, a day or a time of a day in the clock's zone, an hour and minute (the last
/// time it was so), or a span back from now.
pub(crate) fn parse(text: &str, clock: &Clock) -> Option<Timestamp> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Some(clock.now);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(time) = text.parse::<DateTime>() {
        return clock.zone.to_timestamp(time).ok();
    }
    let now = clock.now.to_zoned_datetime(clock.zone.clone());
    if let Some(time) = text.contains(':').then(|| text.parse::<Time>().ok()).flatten() {
        if let Some(day) = clock.day {
            return clock.zone.to_timestamp(day.to_datetime(time)).ok();
        }
        let today = now.date().to_datetime(time);
        let at = clock.zone.to_timestamp(today).ok()?;
        if at <= clock.now {
            return Some(at);
        }
        return clock.zone.to_timestamp(today.checked_sub(Span::new().days(1)).ok()?).ok();
    }
    let back = text.parse::<Span>().ok()?.abs();
    now.checked_sub(back).ok().map(|time| time.timestamp())
}
