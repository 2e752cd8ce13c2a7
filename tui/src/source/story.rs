//! The demo's story: twenty minutes of an invented account, with an attack in ordinary traffic.
//!
//! Priya's console password has leaked. Somebody signs in without MFA, looks around and is mostly
//! refused, makes a user that looks like a service, gives it everything, takes a key, opens a role
//! to an account of theirs, and stops the audit trail. Around it people and pipelines work as ever.
//! Accounts, addresses and names are from the ranges set aside for documentation.

use std::time::Duration;

use detector::Record;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";
const ATTACKERS_ACCOUNT: &str = "999900001111";

/// Actor of the story, with an identity, an address and a user agent.
#[derive(Clone, Copy)]
enum Actor {
    /// Signed in with her password, from an address nobody knows.
    Intruder,
    /// The user that the intruder makes.
    Backdoor,
    /// An administrator, through Identity Center.
    Marta,
    /// The deployment pipeline.
    Deploy,
    /// A function at work.
    Orders,
}

impl Actor {
    fn identity(self) -> Value {
        let user = |name: &str, key: &str| {
            json!({"type": "IAMUser", "principalId": format!("AIDAEXAMPLE{}", name.to_uppercase().replace('-', "")),
                "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"), "accountId": ACCOUNT, "accessKeyId": key,
                "userName": name})
        };
        let role = |path: &str, name: &str, session: &str| {
            json!({"type": "AssumedRole", "principalId": format!("AROAEXAMPLE:{session}"),
                "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"), "accountId": ACCOUNT,
                "accessKeyId": "ASIAEXAMPLE0000000001",
                "sessionContext": {
                    "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "accountId": ACCOUNT,
                        "arn": format!("arn:aws:iam::{ACCOUNT}:role/{path}{name}"), "userName": name},
                    "attributes": {"mfaAuthenticated": "false"}}})
        };
        match self {
            Self::Intruder => {
                let mut identity = user("priya", "ASIAEXAMPLE0000000002");
                set(&mut identity, "sessionContext", json!({"attributes": {"mfaAuthenticated": "false"}}));
                identity
            }
            Self::Backdoor => user("svc-backup", "AKIAEXAMPLE0000000003"),
            Self::Marta => role(
                "aws-reserved/sso.amazonaws.com/",
                "AWSReservedSSO_Administrator_0123456789abcdef",
                "marta@example.com",
            ),
            Self::Deploy => role("ci/", "github-deploy", "GitHubActions"),
            Self::Orders => role("service-role/", "orders-api", "orders-api"),
        }
    }

    const fn address(self) -> &'static str {
        match self {
            Self::Intruder | Self::Backdoor => "203.0.113.66",
            Self::Marta => "198.51.100.23",
            Self::Deploy => "192.0.2.10",
            Self::Orders => "192.0.2.77",
        }
    }

    const fn agent(self) -> &'static str {
        match self {
            Self::Intruder => "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            Self::Backdoor => "Boto3/1.43.11 md/Botocore#1.43.11 ua/2.1 os/linux",
            Self::Marta => "aws-cli/2.31.0 md/awscrt#0.27.6 os/macos",
            Self::Deploy => "APN/1.0 HashiCorp/1.0 Terraform/1.13.4",
            Self::Orders => "aws-sdk-rust/1.8.11 os/linux lang/rust/1.95.0",
        }
    }
}

/// The records, each with its time since the story's beginning. The last happens at `end`.
pub(super) fn records(end: Timestamp) -> Vec<(Duration, Record)> {
    let mut story = Story::default();
    story.intruder_signs_in();
    story.intruder_makes_an_administrator();
    story.backdoor_opens_a_role();
    story.trail_is_stopped_and_marta_answers();
    let length = story.0.last().map_or(0, |(second, _)| *second);
    let start = end - SignedDuration::from_secs(i64::try_from(length).unwrap_or(0));
    let dated = story.0.into_iter().enumerate().filter_map(|(number, (second, mut record))| {
        let time = start + SignedDuration::from_secs(i64::try_from(second).unwrap_or(0));
        // CloudTrail writes whole seconds.
        set(&mut record, "eventTime", time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        // Another run of the demo tells other events.
        let unique = end.as_second() * 1_000 + i64::try_from(number).unwrap_or(0);
        set(&mut record, "eventID", format!("de30{number:04x}-0000-4000-8000-{unique:012x}"));
        Some((Duration::from_secs(second), Record::new(record).ok()?))
    });
    dated.collect()
}

fn set(object: &mut Value, key: &str, value: impl Into<Value>) {
    if let Value::Object(map) = object {
        map.insert(key.to_owned(), value.into());
    }
}

#[derive(Default)]
struct Story(Vec<(u64, Value)>);

impl Story {
    /// A call that worked.
    fn call(&mut self, second: u64, actor: Actor, service: &str, name: &str, parameters: Value) {
        self.call_with(second, actor, service, name, parameters, &Value::Null);
    }

    /// A call with other fields than most.
    fn call_with(
        &mut self,
        second: u64,
        actor: Actor,
        service: &str,
        name: &str,
        parameters: Value,
        fields: &Value,
    ) {
        let regional = !matches!(service, "iam" | "signin");
        let read_only = ["Get", "List", "Describe", "Head"].iter().any(|verb| name.starts_with(verb));
        let mut record = json!({
            "eventVersion": "1.11",
            "userIdentity": actor.identity(),
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": if regional { "eu-west-1" } else { "us-east-1" },
            "sourceIPAddress": actor.address(),
            "userAgent": actor.agent(),
            "requestParameters": parameters,
            "responseElements": null,
            "readOnly": read_only,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        });
        // A browser's calls are marked so, but for the sign-in itself.
        if matches!(actor, Actor::Intruder) && service != "signin" {
            set(&mut record, "sessionCredentialFromConsole", "true");
        }
        for (key, value) in fields.as_object().into_iter().flatten() {
            set(&mut record, key, value.clone());
        }
        self.0.push((second, record));
    }

    /// A call to IAM that was refused; CloudTrail then leaves the parameters out.
    fn denied(&mut self, second: u64, actor: Actor, name: &str, resource: &str) {
        let identity = actor.identity();
        let arn = identity.get("arn").and_then(Value::as_str).unwrap_or_default();
        let message = format!(
            "User: {arn} is not authorized to perform: iam:{name} on resource: {resource} because no \
             identity-based policy allows the iam:{name} action"
        );
        let error = json!({"errorCode": "AccessDenied", "errorMessage": message});
        self.call_with(second, actor, "iam", name, Value::Null, &error);
    }
}

/// The acts, in the order of time.
impl Story {
    fn intruder_signs_in(&mut self) {
        use Actor::{Deploy, Intruder, Orders};
        self.call(0, Orders, "sqs", "GetQueueAttributes", json!({"attributeNames": ["All"]}));
        self.call(4, Orders, "kms", "Decrypt", json!({"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}));
        let without_mfa = json!({
            "eventType": "AwsConsoleSignIn",
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "No", "MobileVersion": "No",
                "LoginTo": "https://console.aws.amazon.com/console/home"},
        });
        self.call_with(10, Intruder, "signin", "ConsoleLogin", Value::Null, &without_mfa);
        self.call(20, Intruder, "sts", "GetCallerIdentity", Value::Null);
        self.denied(26, Intruder, "ListUsers", &format!("arn:aws:iam::{ACCOUNT}:user/"));
        self.denied(31, Intruder, "GetAccountAuthorizationDetails", "*");
        self.denied(37, Intruder, "ListRoles", &format!("arn:aws:iam::{ACCOUNT}:role/"));
        self.call(44, Orders, "dynamodb", "DescribeTable", json!({"tableName": "orders"}));
        // A refused attempt is an alert too, one severity lower.
        self.denied(62, Intruder, "CreateAccessKey", "user marta");
        self.call(80, Deploy, "s3", "GetBucketLocation", json!({"bucketName": "orders-artifacts"}));
        self.call(105, Deploy, "ecs", "DescribeServices", json!({"cluster": "orders"}));
        self.call(140, Deploy, "ecs", "UpdateService", json!({"cluster": "orders", "service": "api"}));
    }

    fn intruder_makes_an_administrator(&mut self) {
        use Actor::{Deploy, Intruder, Marta, Orders};
        let sqs = aws_policy("AmazonSQSReadOnlyAccess");
        let attached = json!({"roleName": "orders-api", "policyArn": sqs});
        self.call(190, Marta, "iam", "AttachRolePolicy", attached);
        self.call(215, Orders, "kms", "Decrypt", json!({"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}));
        self.call(260, Intruder, "iam", "ListAttachedUserPolicies", user("priya"));
        let made = json!({"responseElements": {"user": {"userName": "svc-backup", "path": "/",
            "userId": "AIDAEXAMPLE0000000003", "arn": "arn:aws:iam::111122223333:user/svc-backup"}}});
        let parameters = json!({"userName": "svc-backup", "tags": []});
        self.call_with(300, Intruder, "iam", "CreateUser", parameters, &made);
        let attached = json!({"userName": "svc-backup", "policyArn": aws_policy("AdministratorAccess")});
        self.call(340, Intruder, "iam", "AttachUserPolicy", attached);
        self.call(375, Deploy, "ecr", "DescribeImages", json!({"repositoryName": "orders-api"}));
        let key = json!({"responseElements": {"accessKey": {
            "userName": "svc-backup", "status": "Active", "accessKeyId": "AKIAEXAMPLE0000000003"}}});
        self.call_with(420, Intruder, "iam", "CreateAccessKey", user("svc-backup"), &key);
    }

    fn backdoor_opens_a_role(&mut self) {
        use Actor::{Backdoor, Deploy, Orders};
        self.call(470, Orders, "sqs", "GetQueueAttributes", json!({"attributeNames": ["All"]}));
        self.call(530, Backdoor, "sts", "GetCallerIdentity", Value::Null);
        self.call(560, Backdoor, "iam", "ListRoles", Value::Null);
        self.call(600, Backdoor, "iam", "GetRole", json!({"roleName": "github-deploy"}));
        let github = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com");
        let branch = "repo:example/orders:ref:refs/heads/main";
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "GitHub", "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
             "Principal": {"Federated": github},
             "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": branch}}},
            {"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"AWS": format!("arn:aws:iam::{ATTACKERS_ACCOUNT}:root")}}]});
        let opened = json!({"roleName": "github-deploy", "policyDocument": trust.to_string()});
        self.call(650, Backdoor, "iam", "UpdateAssumeRolePolicy", opened);
        self.call(700, Deploy, "ecs", "DescribeServices", json!({"cluster": "orders"}));
        let everything = json!({"Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
        let policy = json!({"userName": "priya", "policyName": "support",
            "policyDocument": everything.to_string()});
        self.call(760, Backdoor, "iam", "PutUserPolicy", policy);
        let member = json!({"groupName": "Billing", "userName": "svc-backup"});
        self.call(820, Backdoor, "iam", "AddUserToGroup", member);
    }

    fn trail_is_stopped_and_marta_answers(&mut self) {
        use Actor::{Backdoor, Marta, Orders};
        self.call(880, Orders, "kms", "Decrypt", json!({"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}));
        self.call(930, Backdoor, "cloudtrail", "DescribeTrails", json!({"includeShadowTrails": true}));
        let trail = format!("arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/organization");
        self.call(980, Backdoor, "cloudtrail", "StopLogging", json!({"name": trail}));
        let member = json!({"groupName": "Billing", "userName": "svc-backup"});
        self.call(1_040, Marta, "iam", "RemoveUserFromGroup", member);
        let conflict = json!({"errorCode": "DeleteConflictException",
            "errorMessage": "Cannot delete entity, must detach all policies first."});
        self.call_with(1_100, Marta, "iam", "DeleteUser", user("svc-backup"), &conflict);
    }
}

/// Parameters of a call about a user.
fn user(name: &str) -> Value {
    json!({"userName": name})
}

/// ARN of a policy that AWS manages.
fn aws_policy(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DEMO_SPEED;
    use detector::Detector;

    #[test]
    fn the_first_alert_comes_within_two_seconds_and_the_story_ends_within_half_a_minute() {
        let detector = Detector::default();
        let end: Timestamp = "2026-11-24T02:00:00Z".parse().unwrap();
        let story = records(end);
        let alerts: Vec<_> = story
            .iter()
            .filter_map(|(at, record)| Some((*at / DEMO_SPEED, detector.detect(record, end).alert?)))
            .collect();
        assert!(alerts[0].0 < Duration::from_millis(1_500), "{:?}", alerts[0].0);
        assert!(story.last().unwrap().0 / DEMO_SPEED < Duration::from_secs(28));
        assert!(alerts.len() >= 9 && story.len() > 2 * alerts.len(), "{} of {}", alerts.len(), story.len());
        assert_eq!(story.last().unwrap().1.event_time(), Some(end));
        let words: Vec<_> = alerts.iter().map(|(_, alert)| alert.summary.as_str()).collect();
        assert_eq!(words[0], "priya signed in to the console without MFA");
        assert!(words.contains(&"svc-backup stopped logging on trail \"organization\""), "{words:#?}");
        assert!(
            words.contains(&"priya attached policy \"AdministratorAccess\" to user svc-backup"),
            "{words:#?}"
        );
    }
}
