//! Calls as CloudTrail records them and EventBridge hands them on.

use jiff::Timestamp;
use serde_json::{Value, json};

/// A call that mallory made just now.
pub(crate) fn event(id: &str, name: &str, parameters: Value) -> Value {
    let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap();
    json!({
        "eventVersion": "1.11", "eventID": id, "eventTime": now.to_string(),
        "eventSource": "iam.amazonaws.com", "eventName": name, "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.66", "userAgent": "aws-cli/2.31.0",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "userName": "mallory",
            "arn": "arn:aws:iam::123456789012:user/mallory", "accountId": "123456789012"},
        "requestParameters": parameters, "responseElements": null, "readOnly": false,
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
        "eventCategory": "Management",
    })
}

/// A CRITICAL alert: administrator rights for a user of this name. Slack gets each by itself.
pub(crate) fn gives_rights_to(user: &str) -> Value {
    let id = format!("6f1b6c1e-0000-4000-8000-{user}");
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    event(&id, "AttachUserPolicy", json!({"userName": user, "policyArn": policy}))
}

/// A lesser alert, of which a storm is made: Slack gets those of one actor together.
pub(crate) fn makes_user(user: &str) -> Value {
    let id = format!("00000000-0000-4000-8000-{user}");
    event(&id, "CreateUser", json!({"userName": user, "path": "/"}))
}
