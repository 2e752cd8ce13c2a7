//! Metrics in CloudWatch's Embedded Metric Format: one log line an invocation, from which
//! CloudWatch makes the metrics. No permission and no request is needed.
//!
//! Each costs 0.30 USD for a month in which it is written, by the hour. So what did not happen is not
//! written, and an invocation that did nothing writes no line; alarms take a missing value for none.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// Metrics of one invocation.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Metrics {
    /// CloudTrail events looked at, tests left out.
    pub(super) events: u64,
    /// Alerts raised, tests left out.
    pub(super) alerts: u64,
    /// Rules that matched and that an exception kept silent.
    pub(super) silenced: u64,
    /// Test events.
    pub(super) tests: u64,
    /// Signs of life that came straight from the schedule.
    pub(super) canaries: u64,
    /// Inputs and messages that could not be read; each is kept in a queue.
    pub(super) unreadable: u64,
    /// Posts that Slack took.
    pub(super) slack_posts: u64,
    /// Messages that Slack did not take.
    pub(super) slack_failed: u64,
    /// Messages that SNS did not take.
    pub(super) sns_failed: u64,
    /// Links that SNS did not take; they are dropped.
    pub(super) links_failed: u64,
    /// Milliseconds from the call to its detection, one for each event.
    pub(super) detection_lag_ms: Vec<i64>,
    /// Milliseconds from the schedule to here, one for each canary.
    pub(super) canary_lag_ms: Vec<i64>,
}

impl Metrics {
    /// The line, for standard output; none where there is nothing to count.
    pub(super) fn line(&self, function: &str, now: Timestamp) -> Option<String> {
        let counts = [
            ("Events", self.events),
            ("Alerts", self.alerts),
            ("Silenced", self.silenced),
            ("Tests", self.tests),
            ("Canary", self.canaries),
            ("Unreadable", self.unreadable),
            ("SlackPosts", self.slack_posts),
            ("SlackFailed", self.slack_failed),
            ("SnsFailed", self.sns_failed),
            ("LinksFailed", self.links_failed),
        ];
        let lags = [("DetectionLagMs", &self.detection_lag_ms), ("CanaryLagMs", &self.canary_lag_ms)];
        let counts = counts.into_iter().filter(|(_, count)| *count > 0);
        let counts = counts.map(|(name, count)| (name, "Count", json!(count)));
        let lags = lags.into_iter().filter(|(_, lags)| !lags.is_empty());
        let lags = lags.map(|(name, lags)| (name, "Milliseconds", json!(lags)));
        let all: Vec<(&str, &str, Value)> = counts.chain(lags).collect();
        if all.is_empty() {
            return None;
        }
        let names: Vec<Value> =
            all.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
        let mut line = Map::new();
        // Without these two Lambda's JSON log format takes the line for plain text.
        line.insert("timestamp".to_owned(), now.to_string().into());
        line.insert("level".to_owned(), "INFO".into());
        line.insert("Function".to_owned(), function.into());
        line.extend(all.into_iter().map(|(name, _, value)| (name.to_owned(), value)));
        line.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": now.as_millisecond(),
                "CloudWatchMetrics": [{
                    "Namespace": "IamSentinel",
                    "Dimensions": [["Function"]],
                    "Metrics": names,
                }],
            }),
        );
        Some(Value::Object(line).to_string())
    }
}

/// Milliseconds from one time to another; clocks that differ give none below zero.
pub(super) fn lag(from: Timestamp, to: Timestamp) -> i64 {
    i64::try_from(to.duration_since(from).as_millis()).unwrap_or(i64::MAX).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_metric_has_its_value_at_the_root_and_nothing_else_is_written() {
        let metrics = Metrics {
            events: 2,
            alerts: 1,
            detection_lag_ms: vec![1200, 900],
            canary_lag_ms: vec![40],
            ..Metrics::default()
        };
        let line: Value =
            serde_json::from_str(&metrics.line("sentinel", Timestamp::UNIX_EPOCH).unwrap()).unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["Function"]]));
        let named = directive["Metrics"].as_array().unwrap();
        assert!(named.iter().all(|metric| !line[metric["Name"].as_str().unwrap()].is_null()));
        assert_eq!(named.len(), 4);
        assert_eq!(line["DetectionLagMs"], json!([1200, 900]));
        assert_eq!(line["CanaryLagMs"], json!([40]));
        assert_eq!(line["timestamp"], "1970-01-01T00:00:00Z");
        assert!(line.get("SlackFailed").is_none());
    }

    #[test]
    fn nothing_done_is_no_line() {
        assert_eq!(Metrics::default().line("sentinel", Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn a_clock_that_is_behind_gives_no_lag_below_zero() {
        let second = |second| Timestamp::from_second(second).unwrap();
        assert_eq!((lag(second(1), second(3)), lag(second(3), second(1))), (2_000, 0));
    }
}
