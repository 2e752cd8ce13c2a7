//! Sources of alerts. A source hands the alerts that it gets to the store and tells how it is doing; it never
//! talks to the screen.

pub(crate) mod demo;
pub(crate) mod message;
pub(crate) mod replay;
pub(crate) mod sqs;
mod story;
pub(crate) mod topic;

use std::sync::Arc;

use detector::Detector;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use crate::app::Msg;
use crate::aws::Aws;
use crate::store::Store;

/// The sources there are.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// An SQS queue, for as long as the console runs.
    Sqs {
        queue_url: String,
        aws: Box<Aws>,
        /// None where nothing is published.
        topic: Option<TopicSettings>,
    },
    /// The attack story, through this detector.
    Demo(Arc<Detector>),
    /// Log files.
    Replay(replay::Request),
}

/// Number and age of alerts that are still on their way, as far as a source knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Waiting {
    /// Messages in the queue, as it said last (it is asked at most once a minute), less those that came since.
    /// `None` where it does not say.
    pub(crate) messages: Option<u64>,
    /// Time that the oldest message of the last receive had spent in the queue; `None` where that is not
    /// known. SQS does not tell the age of a message that is still there.
    pub(crate) behind: Option<SignedDuration>,
}

/// Topic that a console publishes to: its triage of alerts, and its probes.
#[derive(Debug, Clone)]
pub(crate) struct TopicSettings {
    pub(crate) arn: topic::TopicArn,
    /// Time from one probe to the next; `None` where there are no probes.
    pub(crate) probe_every: Option<std::time::Duration>,
}

/// Result of the last probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Probed {
    /// It came back after so long.
    Back { took: SignedDuration, at: Timestamp },
    /// It was published then, and has not come back.
    Missing { sent: Timestamp },
    /// It could not be published.
    Refused { why: String, mend: String },
}

/// State of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Health {
    /// The first answer is still to come.
    Connecting,
    /// The last receive worked.
    Live { last_receive: Timestamp, waiting: Waiting },
    /// It did not work; it is tried again by itself. Nothing on the screen is older than it says.
    Retrying { why: String, next: Timestamp, last_receive: Option<Timestamp> },
    /// The story is being told.
    Demo { read: usize, of: usize },
    /// Log files are being read, or have been.
    Replay(replay::Replayed),
}

impl Source {
    /// Runs until the console ends.
    pub(crate) async fn run(self, store: Store, app: mpsc::Sender<Msg>) {
        match self {
            Self::Sqs { queue_url, aws, topic } => {
                sqs::run(queue_url, *aws, topic, store, app, sqs::Until::TheEnd).await;
            }
            Self::Demo(detector) => demo::run(detector, store, app).await,
            Self::Replay(request) => replay::run(request, store, app).await,
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! Alerts for tests, made by the real detector.

    use detector::{AlertId, Detector, Record};
    use jiff::{SignedDuration, Timestamp};
    use serde_json::json;

    use crate::model::{Content, Incoming};

    /// An alert of this id, so many seconds after 02:00 on 24 November 2026: of even seconds a
    /// changed trust policy, of odd ones an attached administrator policy.
    pub(crate) fn alert(id: &str, second: i64) -> Incoming {
        let start: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        let time = start + SignedDuration::from_secs(second);
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
}
