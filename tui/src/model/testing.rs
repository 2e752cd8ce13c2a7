//! Alerts, rows and alarms for tests, made by the real detector.

use std::ops::Range;

use detector::health::State as AlarmState;
use detector::{AlertId, Detector, Record};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{Alarm, AlarmKey, Content, Incoming, Row};

/// Returns the beginning of all fixtures: 02:00 on 24 November 2026.
fn start() -> Timestamp {
    "2026-11-24T02:00:00Z".parse().unwrap()
}

/// Returns the time at which tests look at the fixtures: ten minutes after the first.
pub(crate) fn now() -> Timestamp {
    start() + SignedDuration::from_mins(10)
}

/// Makes an alert of this id, so many seconds after the beginning: of even seconds a changed trust policy, of
/// odd ones an attached administrator policy.
pub(crate) fn alert(id: &str, second: i64) -> Incoming {
    let time = start() + SignedDuration::from_secs(second);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999900001111:root"}}]});
    let (event, parameters) = if second % 2 == 0 {
        ("UpdateAssumeRolePolicy", json!({"roleName": "deploy", "policyDocument": trust.to_string()}))
    } else {
        let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
        ("AttachUserPolicy", json!({"userName": "bob", "policyArn": policy}))
    };
    let record = json!({
        "eventName": event, "eventSource": "iam.amazonaws.com", "eventTime": time, "eventID": id,
        "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111122223333",
        "userAgent": "aws-cli/2.31",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice"},
        "requestParameters": parameters,
    });
    let alert = Detector::default().detect(&Record::new(record).unwrap(), time).alert.unwrap();
    Incoming { id: AlertId(id.into()), received: time, content: Content::Alert(Box::new(alert)) }
}

/// Makes rows of alerts, one a second, by the seconds.
pub(crate) fn rows(seconds: Range<i64>) -> Vec<Row> {
    let of = |second| Row::of(&alert(&format!("alert-{second}"), second));
    seconds.map(of).collect()
}

/// Makes an alarm of this name that is in this state since so many minutes after the beginning.
pub(crate) fn alarm(name: &str, state: AlarmState, minute: i64) -> Alarm {
    let key = AlarmKey {
        account: "111122223333".to_owned(),
        region: "US East (N. Virginia)".to_owned(),
        name: name.to_owned(),
    };
    let description = "Alerts have waited for Slack for more than ten minutes. Look at Slack's status page, and at \
                       the function's log for what Slack answered.";
    let reason = "Threshold Crossed: 1 datapoint [721.0 (24/11/26 02:05:00)] was greater than 600.0.";
    Alarm {
        key,
        state,
        since: start() + SignedDuration::from_mins(minute),
        description: Some(description.to_owned()),
        reason: Some(reason.to_owned()),
    }
}
