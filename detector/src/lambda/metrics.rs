//! Metrics in CloudWatch's Embedded Metric Format: one log line an invocation, from which
//! CloudWatch makes the metrics. No permission and no request is needed.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use jiff::Timestamp;
use serde_json::{Value, json};

/// What one invocation did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Metrics {
    /// CloudTrail events looked at.
    pub(super) events: u64,
    /// Alerts raised.
    pub(super) alerts: u64,
    /// Rules that matched and that an exception kept silent.
    pub(super) silenced: u64,
    /// Posts that Slack did not take.
    pub(super) slack_failed: u64,
    /// Messages that SNS did not take.
    pub(super) sns_failed: u64,
    /// Milliseconds from the call to its detection, one for each event.
    pub(super) detection_lag_ms: Vec<i64>,
}

impl Metrics {
    /// The line, for standard output.
    pub(super) fn line(&self, function: &str, now: Timestamp) -> String {
        let mut metrics = vec![
            json!({"Name": "Events", "Unit": "Count"}),
            json!({"Name": "Alerts", "Unit": "Count"}),
            json!({"Name": "Silenced", "Unit": "Count"}),
            json!({"Name": "SlackFailed", "Unit": "Count"}),
            json!({"Name": "SnsFailed", "Unit": "Count"}),
        ];
        let mut line = json!({
            // Without these two Lambda's JSON log format takes the line for plain text.
            "timestamp": now.to_string(),
            "level": "INFO",
            "Function": function,
            "Events": self.events,
            "Alerts": self.alerts,
            "Silenced": self.silenced,
            "SlackFailed": self.slack_failed,
            "SnsFailed": self.sns_failed,
        });
        if !self.detection_lag_ms.is_empty() {
            metrics.push(json!({"Name": "DetectionLagMs", "Unit": "Milliseconds"}));
        }
        if let Value::Object(line) = &mut line {
            if !self.detection_lag_ms.is_empty() {
                line.insert("DetectionLagMs".into(), json!(self.detection_lag_ms));
            }
            line.insert(
                "_aws".into(),
                json!({
                    "Timestamp": now.as_millisecond(),
                    "CloudWatchMetrics": [{
                        "Namespace": "IamSentinel",
                        "Dimensions": [["Function"]],
                        "Metrics": metrics,
                    }],
                }),
            );
        }
        line.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_metric_has_its_value_at_the_root() {
        let metrics =
            Metrics { events: 2, alerts: 1, detection_lag_ms: vec![1200, 900], ..Metrics::default() };
        let line: Value = serde_json::from_str(&metrics.line("sentinel", Timestamp::UNIX_EPOCH)).unwrap();
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(directive["Dimensions"], json!([["Function"]]));
        for metric in directive["Metrics"].as_array().unwrap() {
            assert!(!line[metric["Name"].as_str().unwrap()].is_null(), "{metric}");
        }
        assert_eq!(line["DetectionLagMs"], json!([1200, 900]));
        assert_eq!(line["timestamp"], "1970-01-01T00:00:00Z");
    }
}
