//! Links: which are published, and what happens where SNS does not take them.

use super::*;

/// A role that somebody took.
fn assumed(identity: &Value) -> Value {
    json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com", "eventTime": "2026-11-26T10:00:00Z",
        "eventID": "0b5b9c52-6a0d-4d6b-8a51-1f8e7a3c0009", "recipientAccountId": "111122223333",
        "userIdentity": identity,
        "requestParameters": {"roleArn": "arn:aws:iam::444455556666:role/ops", "roleSessionName": "s"},
        "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLE"}}})
}

fn user() -> Value {
    json!({"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
        "arn": "arn:aws:iam::111122223333:user/alice", "accessKeyId": "AKIAALICE"})
}

/// Bodies that were published, as the form that SNS takes has them.
async fn published(bench: &Bench) -> Vec<String> {
    let requests = bench.aws.received_requests().await.unwrap();
    let body = |request: &wiremock::Request| {
        percent_encoding::percent_decode(&request.body).decode_utf8_lossy().replace('+', " ")
    };
    requests.iter().map(body).collect()
}

#[tokio::test]
async fn a_role_that_somebody_took_is_published_as_a_link_and_slack_is_not_told() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(200).await;
    let mut metrics = Metrics::default();
    bench.sentinel.serve(assumed(&user()), &mut metrics).await.unwrap();
    let published = published(&bench).await;
    assert_eq!((published.len(), bench.posts().await, metrics.links_failed), (1, 0, 0));
    let link = &published[0];
    for wanted in [
        "TopicArn=arn:aws:sns:us-east-1:111122223333:links",
        r#"["give","cred","ASIAEXAMPLE"]"#,
        "alice assumed role ops",
        "StringValue=link",
        "StringValue=person",
    ] {
        assert!(link.contains(wanted), "{wanted}: {link}");
    }
}

#[tokio::test]
async fn what_machines_services_and_accounts_that_are_heard_take_is_not_published() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    for identity in [
        json!({"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}),
        json!({"type": "AssumedRole", "accountId": "111122223333", "sessionContext": {"ec2RoleDelivery": "2.0"}}),
        json!({"type": "AWSAccount", "accountId": "111122223333", "principalId": "AROAEXAMPLE:s"}),
    ] {
        bench.sentinel.serve(assumed(&identity), &mut Metrics::default()).await.unwrap();
    }
    assert_eq!(bench.publishes().await, 0);
}

#[tokio::test]
async fn a_link_that_sns_does_not_take_is_counted_and_dropped() {
    let bench = Bench::new(SlackDelivery::Direct).await;
    bench.sns_answers(403).await;
    let mut metrics = Metrics::default();
    bench.sentinel.serve(assumed(&user()), &mut metrics).await.unwrap();
    assert_eq!((metrics.links_failed, metrics.sns_failed), (1, 0));
}
