//! Records around an alert from CloudTrail's event history: an intruder's calls, of which two are alerts.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

const KEY: &str = "AKIAINTRUDER00000001";

/// The time of the recording, in minutes before now.
const AGO: i64 = 120;

/// An intruder's calls, one each 20 seconds: reconnaissance, refused tries, reads, a user and a key of his own.
fn intrusion() -> Vec<Value> {
    let mut calls = vec![("sts", "GetCallerIdentity", true, None)];
    for name in ["ListUsers", "ListRoles", "ListAttachedUserPolicies", "GetAccountSummary"] {
        calls.push(("iam", name, true, None));
    }
    for name in ["DescribeInstances", "DescribeVpcs", "DescribeSecurityGroups", "DescribeSnapshots"] {
        calls.extend([("ec2", name, true, None); 3]);
    }
    calls.extend([("secretsmanager", "ListSecrets", true, None)]);
    calls.extend([("secretsmanager", "GetSecretValue", true, Some("AccessDenied")); 4]);
    calls.extend([("iam", "CreateUser", false, Some("AccessDenied"))]);
    calls.extend([("s3", "ListBuckets", true, None), ("s3", "GetBucketPolicy", true, None)]);
    calls.extend([("organizations", "DescribeOrganization", true, Some("AccessDenied")); 3]);
    calls.extend([("iam", "CreateUser", false, None), ("iam", "CreateAccessKey", false, None)]);
    calls.extend([("ec2", "DescribeRegions", true, None); 8]);
    let start = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(AGO);
    let call = |(number, (service, name, reads, error)): (usize, (&str, &str, bool, Option<&str>))| {
        let time = start + jiff::SignedDuration::from_secs(20 * i64::try_from(number).unwrap());
        let id = format!("intrusion-{number:02}");
        let mut record = json!({
            "eventID": id, "eventName": name, "eventSource": format!("{service}.amazonaws.com"),
            "eventTime": format!("{time:.0}"), "awsRegion": if number % 5 == 0 { "eu-west-1" } else { "us-east-1" },
            "recipientAccountId": "111122223333", "readOnly": reads, "sourceIPAddress": "203.0.113.7",
            "userIdentity": {"type": "IAMUser", "userName": "mallory", "accessKeyId": KEY, "accountId": "111122223333",
                "arn": "arn:aws:iam::111122223333:user/mallory"},
            "requestParameters": {"userName": "backup"},
        });
        if let Some(error) = error {
            record["errorCode"] = json!(error);
            record["errorMessage"] = json!("User is not authorized to perform it");
        }
        json!({"EventId": id, "EventName": name, "EventTime": time.as_second(), "CloudTrailEvent": record.to_string()})
    };
    calls.into_iter().enumerate().map(call).collect()
}

/// An event history of pages of ten, with an empty page, an event twice, and a call too many.
async fn history(aws: &Aws) {
    let calls = AtomicUsize::new(0);
    aws.on(LOOK_UP, move |body| {
        let attribute = &body["LookupAttributes"][0];
        let all = intrusion();
        match (attribute["AttributeKey"].as_str(), attribute["AttributeValue"].as_str()) {
            (Some("AccessKeyId"), Some(KEY)) | (Some("Username"), Some("mallory")) => {}
            // Back-fill, which brings the alerts.
            _ => return answer(200, &json!({"Events": &all[28..31]})),
        }
        if calls.fetch_add(1, Ordering::SeqCst) == 1 {
            return answer(400, &json!({"__type": "ThrottlingException", "message": "Rate exceeded"}));
        }
        let page: usize = body["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        let events = match page {
            2 => Vec::new(),
            page => all.iter().rev().skip(10 * (page - usize::from(page > 2))).take(11).cloned().collect(),
        };
        let more = (page < 4).then(|| (page + 1).to_string());
        answer(200, &json!({"Events": events, "NextToken": more}))
    })
    .await;
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intruder_s_calls_are_told_around_his_two_alerts() {
    let (aws, home) = (Aws::start().await, home("context"));
    history(&aws).await;
    let (_, out, words) = aws.run(&home, &["backfill", "--json"]);
    let id = out.lines().next().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].clone());
    let id = id.unwrap_or_else(|| panic!("{words}")).as_str().unwrap().to_owned();

    let (code, out, words) = aws.run(&home, &["context", "--json", &id, "--regions", "us-east-1"]);
    assert_eq!(code, Some(0), "{words}");
    let calls: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ids: Vec<&str> = calls.iter().map(|call| call["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), intrusion().len(), "each once: {words}");
    assert!(ids.is_sorted(), "in order of time");
    let denied = calls.iter().filter(|call| call["outcome"] == "denied").count();
    let alerts: Vec<&Value> = calls.iter().filter(|call| !call["severity"].is_null()).collect();
    assert!(denied >= 8 && alerts.len() >= 2, "{denied} denied, {} alerts", alerts.len());
    assert!(calls[0]["record"]["userIdentity"]["accessKeyId"] == KEY && calls[0]["read_only"] == true);
    for part in
        ["records by key AKIAINTRUDER00000001", "Rate exceeded; retrying in 1 s", "calls to CloudTrail"]
    {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }

    let (code, out, words) =
        aws.run(&home, &["context", &id[..12], "--by", "user", "--span", "1m", "--regions", "us-east-1"]);
    assert_eq!(code, Some(0), "{words}");
    assert!(out.lines().count() < 8 && out.contains("CreateUser"), "{out}");
    let (code, _, words) = aws.run(&home, &["context", &id, "--by", "ip"]);
    assert!(code == Some(2) && words.contains("ask by key, session or user"), "{words}");
    let (code, _, words) = aws.run(&home, &["context", "intrusio"]);
    assert!(code == Some(2) && words.contains("give more of it"), "{words}");
    let (code, _, words) = aws.run(&home, &["context", "nothing-like-it"]);
    assert!(code == Some(2) && words.contains("no alert with ID nothing-like-it"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_in_the_middle_leave_what_came_before() {
    let (aws, home) = (Aws::start().await, home("context-expired"));
    let calls = AtomicUsize::new(0);
    aws.on(LOOK_UP, move |body| {
        let all = intrusion();
        if body["LookupAttributes"][0]["AttributeKey"] != "AccessKeyId" {
            return answer(200, &json!({"Events": &all[28..31]}));
        }
        if calls.fetch_add(1, Ordering::SeqCst) > 0 {
            return answer(
                400,
                &json!({"__type": "ExpiredTokenException", "message": "The token has expired"}),
            );
        }
        answer(200, &json!({"Events": &all[..10], "NextToken": "1"}))
    })
    .await;
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
    let (_, out, _) = aws.run(&home, &["backfill", "--json"]);
    let id = serde_json::from_str::<Value>(out.lines().next().unwrap()).unwrap()["id"].clone();
    let (code, out, words) = aws.run(&home, &["context", id.as_str().unwrap(), "--regions", "us-east-1"]);
    assert_eq!((code, out.lines().count()), (Some(1), 10), "{words}");
    assert!(words.contains("us-east-1 incomplete") && words.contains("expired"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_records_of_an_incident_are_those_of_the_keys_that_it_issued_too() {
    let (aws, home) = (Aws::start().await, home("context-incident"));
    aws.on(LOOK_UP, |body| {
        let mut all = intrusion();
        let attribute = &body["LookupAttributes"][0];
        let (key, value) = (attribute["AttributeKey"].as_str(), attribute["AttributeValue"].as_str());
        let events = match (key, value) {
            (Some("AccessKeyId"), Some(KEY)) => {
                let mut record: Value =
                    serde_json::from_str(all[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
                record["eventName"] = json!("AssumeRole");
                record["responseElements"] = json!({"credentials": {"accessKeyId": "ASIAISSUED"}});
                all[0]["CloudTrailEvent"] = json!(record.to_string());
                all
            }
            (Some("AccessKeyId"), Some("ASIAISSUED")) => {
                let mut event = all[1].clone();
                let record = event["CloudTrailEvent"].as_str().unwrap();
                event["CloudTrailEvent"] =
                    json!(record.replace(KEY, "ASIAISSUED").replace("intrusion-", "issued-"));
                vec![event]
            }
            (Some("AccessKeyId" | "Username"), _) => Vec::new(),
            _ => all[28..31].to_vec(),
        };
        answer(200, &json!({"Events": events}))
    })
    .await;
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
    let (_, out, _) = aws.run(&home, &["backfill", "--json"]);
    let id = serde_json::from_str::<Value>(out.lines().next().unwrap()).unwrap()["id"].clone();
    let arguments = ["context", id.as_str().unwrap(), "--json", "--by", "incident", "--regions", "us-east-1"];
    let (code, out, words) = aws.run(&home, &arguments);
    assert_eq!(code, Some(0), "{words}");
    assert!(out.contains("\"issued-01\""), "{words}");
    assert_eq!(out.lines().count(), intrusion().len() + 1, "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_pages_come_each_record_once_and_what_is_no_record_is_named() {
    const PAGES: usize = 50;
    let (aws, home) = (Aws::start().await, home("context-pages"));
    aws.on(LOOK_UP, |body| {
        let all = intrusion();
        if body["LookupAttributes"][0]["AttributeKey"] != "AccessKeyId" {
            return answer(200, &json!({"Events": &all[28..31]}));
        }
        let page: usize = body["NextToken"].as_str().map_or(0, |token| token.parse().unwrap());
        // Each page repeats the last event of the page before.
        let events = (40 * page..=40 * (page + 1)).map(|number| {
            let mut event = all[number % 10].clone();
            let id = format!("page-{number:04}");
            let record = event["CloudTrailEvent"].as_str().unwrap().replace("intrusion-0", &format!("{id}-"));
            (event["EventId"], event["CloudTrailEvent"]) = (json!(id), json!(record));
            event
        });
        let mut events: Vec<Value> = events.collect();
        if page == 7 {
            events.push(
                json!({"EventId": "broken", "EventName": "ListUsers", "CloudTrailEvent": "{\"eventName\":"}),
            );
            events.push(json!({"EventId": "bare", "EventName": "ListUsers"}));
        }
        let more = (page + 1 < PAGES).then(|| (page + 1).to_string());
        answer(200, &json!({"Events": events, "NextToken": more}))
    })
    .await;
    aws.on("AmazonSQS.ReceiveMessage", |_| nothing()).await;
    aws.on("AmazonSQS.GetQueueAttributes", |_| holds(0)).await;
    let (_, out, _) = aws.run(&home, &["backfill", "--json"]);
    let id = serde_json::from_str::<Value>(out.lines().next().unwrap()).unwrap()["id"].clone();
    let (code, out, words) = aws.run(&home, &["context", id.as_str().unwrap(), "--regions", "us-east-1"]);
    assert_eq!((code, out.lines().count()), (Some(1), 40 * PAGES + 1), "{words}");
    for part in [
        "2,001 records in 50 calls to CloudTrail",
        "event broken (ListUsers) can't be read: EOF",
        "event bare (ListUsers) can't be read: CloudTrail gave no record",
    ] {
        assert!(words.contains(part), "{part} is not in\n{words}");
    }
}
