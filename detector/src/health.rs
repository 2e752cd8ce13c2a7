//! Health: what CloudWatch says about the pipeline itself, as the topic `operations` carries it.
//!
//! The Slack queue and each console's queue are subscribed to that topic straight, so that they hear
//! of a dead function too. CloudWatch sets no message attributes: the message is told by its shape.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An alarm that changed its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The alarm's name, as `iam-sentinel-slack-late`: its identity in one account and region.
    #[serde(rename = "AlarmName")]
    pub alarm: String,
    /// Meaning of the alarm and what to do, as Terraform wrote it.
    #[serde(rename = "AlarmDescription", default)]
    pub description: Option<String>,
    /// The state it is in now.
    #[serde(rename = "NewStateValue")]
    pub state: State,
    /// CloudWatch's reason, with the values that it looked at.
    #[serde(rename = "NewStateReason", default)]
    pub reason: Option<String>,
    /// Time of the change. CloudWatch writes the offset without a colon.
    #[serde(rename = "StateChangeTime", default)]
    pub at: Option<Timestamp>,
    /// The account it is in.
    #[serde(rename = "AWSAccountId", default)]
    pub account: Option<String>,
    /// The region, by its name for people: "US East (N. Virginia)".
    #[serde(rename = "Region", default)]
    pub region: Option<String>,
}

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The condition that the alarm warns of is met.
    #[serde(rename = "ALARM")]
    Alarm,
    /// The condition is not met, or not any more.
    #[serde(rename = "OK")]
    Ok,
    /// Too few values to tell.
    #[serde(rename = "INSUFFICIENT_DATA")]
    Unknown,
}

impl Health {
    /// True where a message has the shape of an alarm's message.
    pub fn is_shape_of(message: &Value) -> bool {
        message.get("AlarmName").is_some() && message.get("NewStateValue").is_some()
    }

    /// True where somebody needs to hear of the change that a message tells of. It is no news that an alarm
    /// which was just made finds its first values in order, or has none yet; a deployment makes dozens of
    /// these.
    pub fn is_news(message: &Value) -> bool {
        let state = |key: &str| message.get(key).and_then(Value::as_str);
        let quiet = [Some("OK"), Some("INSUFFICIENT_DATA")];
        !(quiet.contains(&state("NewStateValue")) && quiet.contains(&state("OldStateValue")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_alarm_as_cloudwatch_publishes_it_is_read() {
        let message = json!({
            "AlarmName": "iam-sentinel-slack-late", "AlarmDescription": "Alerts have waited for Slack.",
            "AWSAccountId": "111122223333", "AlarmConfigurationUpdatedTimestamp": "2026-11-24T01:00:00.000+0000",
            "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed: 1 datapoint [721.0] was greater than 600.0.",
            "StateChangeTime": "2026-11-24T02:03:04.567+0000", "Region": "US East (N. Virginia)",
            "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:iam-sentinel-slack-late",
            "OldStateValue": "OK", "OKActions": [], "Trigger": {"MetricName": "ApproximateAgeOfOldestMessage"},
        });
        assert!(Health::is_shape_of(&message));
        let health: Health = serde_json::from_value(message).unwrap();
        assert_eq!((health.alarm.as_str(), health.state), ("iam-sentinel-slack-late", State::Alarm));
        assert_eq!(health.at, Some("2026-11-24T02:03:04.567Z".parse().unwrap()));
    }

    #[test]
    fn news_is_what_begins_or_ends_an_alarm() {
        let news = |from: Value, to: &str| {
            Health::is_news(&json!({"AlarmName": "a", "OldStateValue": from, "NewStateValue": to}))
        };
        assert!(news(json!("OK"), "ALARM") && news(json!("INSUFFICIENT_DATA"), "ALARM"));
        assert!(news(json!("ALARM"), "OK") && news(json!("ALARM"), "INSUFFICIENT_DATA"));
        assert!(news(json!(null), "OK") && news(json!("OK"), "SOMETHING_NEW"));
        assert!(!news(json!("INSUFFICIENT_DATA"), "OK") && !news(json!("OK"), "INSUFFICIENT_DATA"));
    }

    #[test]
    fn an_alert_has_another_shape() {
        assert!(!Health::is_shape_of(&json!({"version": 1, "severity": "HIGH", "event": "CreateUser"})));
    }
}
