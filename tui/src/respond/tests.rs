//! Commands and links of whole alerts, made by the real detector.

use detector::{Alert, Detector, Record};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Command, containment, link, look_ups};

fn alert(fields: Value) -> Alert {
    let mut record = json!({
        "eventSource": "iam.amazonaws.com", "eventTime": "2026-11-24T02:00:00Z", "eventID": "e-1", "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.7", "recipientAccountId": "111122223333", "responseElements": null,
        "userIdentity": {"type": "IAMUser", "userName": "priya", "accessKeyId": "AKIAEXAMPLE0000000001",
            "arn": "arn:aws:iam::111122223333:user/priya"},
    });
    for (key, value) in fields.as_object().unwrap() {
        record[key] = value.clone();
    }
    let record = Record::new(record).unwrap();
    Detector::default().detect(&record, Timestamp::UNIX_EPOCH).alert.unwrap()
}

fn lines(commands: &[Command]) -> Vec<&str> {
    commands.iter().map(|command| command.line.as_str()).collect()
}

#[test]
fn a_new_key_is_looked_up_and_stopped() {
    let alert = alert(
        json!({"eventName": "CreateAccessKey", "requestParameters": {"userName": "svc; rm -rf ~"},
        "responseElements": {"accessKey": {"userName": "svc; rm -rf ~", "accessKeyId": "AKIAEXAMPLE0000000003"}}}),
    );
    let read_only = look_ups(&alert);
    assert_eq!(
        read_only[0].line,
        "aws cloudtrail lookup-events --lookup-attributes 'AttributeKey=EventId,AttributeValue=e-1' --region us-east-1"
    );
    assert!(lines(&read_only).contains(&"aws iam list-access-keys --user-name 'svc; rm -rf ~'"));
    assert!(lines(&read_only).contains(&"aws iam list-groups-for-user --user-name priya"));
    assert!(read_only.iter().all(|command| {
        ["get-", "list-", "describe-", "lookup-"]
            .iter()
            .any(|verb| command.line.split(' ').nth(2).unwrap().starts_with(verb))
    }));
    assert_eq!(
        lines(&containment(&alert)),
        [
            "aws iam update-access-key --user-name 'svc; rm -rf ~' --access-key-id AKIAEXAMPLE0000000003 --status Inactive",
            "aws iam update-access-key --user-name priya --access-key-id AKIAEXAMPLE0000000001 --status Inactive",
            r#"aws iam put-user-policy --user-name priya --policy-name SentinelDenyAll --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'"#,
        ]
    );
}

#[test]
fn what_was_attached_is_taken_off_but_not_where_it_was_denied() {
    let attach = json!({"eventName": "AttachUserPolicy",
        "requestParameters": {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}});
    let undo =
        "aws iam detach-user-policy --user-name bob --policy-arn arn:aws:iam::aws:policy/AdministratorAccess";
    assert_eq!(containment(&alert(attach.clone()))[0].line, undo);
    let mut denied = attach;
    denied["errorCode"] = json!("AccessDenied");
    assert!(!lines(&containment(&alert(denied))).contains(&undo));
}

#[test]
fn the_sessions_of_a_role_can_be_revoked() {
    let alert = alert(
        json!({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com", "awsRegion": "eu-west-1",
        "requestParameters": {"name": "organization"},
        "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/me", "accessKeyId": "ASIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::111122223333:role/ci/deploy", "userName": "deploy"}}}}),
    );
    let commands = containment(&alert);
    assert_eq!(commands[0].line, "aws cloudtrail start-logging --name organization --region eu-west-1");
    assert!(commands[1].line.starts_with("aws iam put-role-policy --role-name deploy --policy-name"));
    // A shell reads the argument as a policy.
    let script = commands[1].line.split_once("--policy-document ").unwrap().1;
    let output =
        std::process::Command::new("bash").args(["-c", &format!("printf %s {script}")]).output().unwrap();
    let policy: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(
        policy["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert!(
        lines(&look_ups(&alert))
            .contains(&"aws cloudtrail get-trail-status --name organization --region eu-west-1")
    );
    assert!(lines(&look_ups(&alert)).contains(&"aws iam get-role --role-name deploy"));
}

#[test]
fn links_lead_to_the_right_partition() {
    let user = |region: &str, name: &str| {
        alert(
            json!({"eventName": "CreateUser", "awsRegion": region, "requestParameters": {"userName": name}}),
        )
    };
    let here = user("us-east-1", "a b#");
    assert_eq!(
        link::event(&here),
        "https://us-east-1.console.aws.amazon.com/cloudtrailv2/home?region=us-east-1#/events/e-1"
    );
    assert!(link::target(&here).unwrap().ends_with("#/users/details/a%20b%23"));
    assert!(link::event(&user("cn-north-1", "x")).starts_with("https://cn-north-1.console.amazonaws.cn/"));
    assert!(
        link::event(&user("evil.example/", "x")).starts_with("https://us-east-1.console.aws.amazon.com/")
    );
}
