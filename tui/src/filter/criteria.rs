//! Choice of alerts: by time, severity and filter.

use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use detector::{Alert, Call, Record, Severity};
use jiff::Timestamp;

use crate::filter::{Clock, Filter, Subject, time};

/// Conditions that an alert must meet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Criteria {
    /// From this time on.
    pub(crate) since: Option<Timestamp>,
    /// Before this time.
    pub(crate) until: Option<Timestamp>,
    /// At least as bad as this.
    pub(crate) severity: Option<Severity>,
    /// Matched by this filter.
    pub(crate) filter: Option<Filter>,
}

impl Criteria {
    /// True where the time of a record is wanted, or where the record tells no time.
    pub(crate) fn takes(&self, record: &Record) -> bool {
        self.takes_time(record.event_time())
    }

    /// True where some alerts may be left out: by time, severity or filter.
    pub(crate) const fn leaves_out(&self) -> bool {
        self.since.is_some() || self.until.is_some() || self.severity.is_some() || self.filter.is_some()
    }

    /// True where a record's time decides alone.
    pub(crate) const fn asks_for_time_alone(&self) -> bool {
        self.severity.is_none() && self.filter.is_none()
    }

    /// True where no time is between `since` and `until`.
    pub(crate) fn is_never(&self) -> bool {
        self.since.zip(self.until).is_some_and(|(since, until)| since >= until)
    }

    /// Returns the span of time that is wanted, by the bounds and by the filter: from the first time on,
    /// before the second.
    pub(crate) fn span(&self) -> (Timestamp, Timestamp) {
        let (from, before) = self.filter.as_ref().map_or((Timestamp::MIN, Timestamp::MAX), Filter::span);
        (
            self.since.map_or(from, |since| since.max(from)),
            self.until.map_or(before, |until| until.min(before)),
        )
    }

    /// True where an alert is wanted, wherever it comes from.
    pub(crate) fn takes_alert(&self, alert: &Alert) -> bool {
        self.takes_known(alert, alert)
    }

    /// True where an alert is wanted of which more is known than it says itself: the filter asks `known`.
    pub(crate) fn takes_known(&self, alert: &Alert, known: &impl Subject) -> bool {
        self.severity.is_none_or(|least| alert.severity >= least)
            && self.takes_time(alert.time)
            && self.filter.as_ref().is_none_or(|filter| filter.matches(known))
    }

    /// True where a record is wanted, whether it is an alert or not.
    pub(crate) fn takes_call(&self, call: &Call) -> bool {
        self.severity.is_none_or(|least| call.severity >= Some(least))
            && self.filter.as_ref().is_none_or(|filter| filter.matches(call))
    }

    fn takes_time(&self, time: Option<Timestamp>) -> bool {
        let Some(time) = time else { return true };
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

/// A moment on the command line: RFC 3339, a day (its beginning, in UTC), a time of day, or a span back
/// from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeArg(pub(crate) Timestamp);

/// A text that is no moment.
#[derive(Debug, thiserror::Error)]
#[error("{}", time::HINT)]
pub(crate) struct InvalidTime;

impl FromStr for TimeArg {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        time::parse(text, &Clock::utc_now()).map(Self).ok_or(InvalidTime)
    }
}

/// Reads a severity, and knows all there are, for completions and errors.
pub(crate) fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(["low", "medium", "high", "critical"]).try_map(|text| text.parse::<Severity>())
}

/// A filter on the command line, for alerts of which nobody has said anything yet; the error has the
/// place under the text.
pub(crate) fn untriaged(text: &str) -> Result<Filter, String> {
    Filter::parse_untriaged(text, &Clock::utc_now()).map_err(|error| error.report(text))
}

/// The text of a filter that the console opens with, once it is known to be one.
pub(crate) fn any(text: &str) -> Result<String, String> {
    stored(text).map(|_| text.to_owned())
}

/// A filter for what is in the database.
pub(crate) fn stored(text: &str) -> Result<Filter, String> {
    Filter::parse(text, &Clock::utc_now()).map_err(|error| error.report(text))
}

#[cfg(test)]
mod tests {
    use crate::filter::criteria::*;
    use jiff::SignedDuration;

    #[test]
    fn a_moment_is_a_time_a_day_or_a_span_back_from_now() {
        let moment = |text: &str| text.parse::<TimeArg>().map(|moment| moment.0.to_string()).ok();
        let is = |text: &str| Some(text.to_owned());
        assert_eq!(moment("2026-11-24T02:00:00+02:00"), is("2026-11-24T00:00:00Z"));
        assert_eq!(moment("2026-11-24"), is("2026-11-24T00:00:00Z"));
        assert_eq!(moment("2026-11-24T02:00"), is("2026-11-24T02:00:00Z"), "no offset is UTC");
        for (text, seconds) in
            [("2h", 7_200), ("30d", 30 * 86_400), ("1w 1h", 608_400), ("90 minutes", 5_400)]
        {
            let back = Timestamp::now().duration_since(text.parse::<TimeArg>().unwrap().0);
            let off = (back - SignedDuration::from_secs(seconds)).abs();
            assert!(off < SignedDuration::from_secs(5), "{text}: {back}");
        }
        for text in ["", "yesterday", "2026-13-01", "2026", "h"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
