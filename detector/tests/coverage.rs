//! The table of operations (`coverage/operations.tsv`): each is judged, each that is to be told raises an alert
//! on a record built from it, and the table holds what the API models hold.

#![expect(clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use detector::{Detector, Record, Rules};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A row: an operation, and what was decided about it.
#[derive(Debug)]
struct Row<'a> {
    source: &'a str,
    event: &'a str,
    kind: &'a str,
    path: &'a str,
    judgement: &'a str,
    note: &'a str,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("coverage")
}

fn table() -> String {
    fs::read_to_string(folder().join("operations.tsv")).unwrap_or_else(|error| panic!("{error}"))
}

fn rows(table: &str) -> Vec<Row<'_>> {
    let row = |line| match str::split(line, '\t').collect::<Vec<_>>().as_slice() {
        [source, event, kind, path, judgement, note] => Row { source, event, kind, path, judgement, note },
        _ => panic!("not six columns: {line}"),
    };
    table.lines().skip(1).map(row).collect()
}

const REASONS: [&str; 5] = ["seen-through", "no-reach", "data-plane", "read-only", "retired"];

#[test]
fn each_operation_is_judged() {
    let table = table();
    let rows = rows(&table);
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for row in &rows {
        assert!(["role", "policy", "grant", "public"].contains(&row.kind), "{row:?}");
        assert!(row.judgement == "rule" || REASONS.contains(&row.judgement), "not judged: {row:?}");
        assert!(!row.note.is_empty() || matches!(row.judgement, "rule" | "retired"), "no reason: {row:?}");
        *counts.entry((row.kind, row.judgement)).or_default() += 1;
    }
    println!("{} rows: {counts:?}", rows.len());
}

/// Writes a value at a path: `a.b[].c` steps into a list, `a{}.b` into a map.
fn put(target: &mut Value, path: &str, value: Value) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let (key, list, map) =
        (step.trim_end_matches("[]").trim_end_matches("{}"), step.ends_with("[]"), step.ends_with("{}"));
    let mut inner = match rest {
        Some(rest) => {
            let mut inner = Value::Object(Map::new());
            put(&mut inner, rest, value);
            inner
        }
        None => value,
    };
    if list {
        inner = json!([inner]);
    } else if map {
        inner = json!({"Policy": inner});
    }
    target[key] = inner;
}

const OPEN: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// The dangerous value of a row's parameter.
fn dangerous(row: &Row<'_>) -> Value {
    let ends = |ending: &str| row.path.ends_with(ending);
    match row.kind {
        "role" => json!("arn:aws:iam::111122223333:role/ops"),
        "policy" if row.path == "policyArn" => json!("arn:aws:iam::111122223333:policy/app"),
        "policy" if row.source == "aoss.amazonaws.com" => json!(r#"[{"Rules":[],"AllowFromPublic":true}]"#),
        "policy" => json!(OPEN),
        "public" if ends("uthType") || ends("authorizerType") => json!("NONE"),
        "public" if ends("projectVisibility") => json!("PUBLIC_READ"),
        "public" if ends("publicAccess.type") => json!("SERVICE_PROVIDED_EIPS"),
        "public" if ends("internetGatewayBlockMode") => json!("off"),
        "public" if ends("settingValue") => json!("Enable"),
        "public" if ends("blockPublicSecurityGroupRules") || ends("BlockPublicPolicy") => json!(false),
        "public" => json!(true),
        _ if ends("x-amz-acl") => json!("public-read"),
        _ if ends("url") || ends("Url") => json!("https://idp.example"),
        _ => json!("999900001111"),
    }
}

/// Further parameters without which a call of this name is harmless.
fn beside(row: &Row<'_>) -> Value {
    match (row.source.split('.').next().unwrap_or_default(), row.event) {
        ("iam", "UpdateAccessKey") => json!({"userName": "bob", "status": "Active"}),
        ("iam", "DetachGroupPolicy" | "DetachRolePolicy" | "DetachUserPolicy") => {
            json!({"policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"})
        }
        ("iam", "DeleteRolePolicy" | "DeleteUserPolicy") => json!({"policyName": "deny-all"}),
        ("iam", "TagRole" | "UntagRole") => json!({"roleName": "deploy"}),
        ("iam", "TagUser" | "UntagUser") => json!({"userName": "alice"}),
        (
            "iam",
            "CreatePolicy" | "CreatePolicyVersion" | "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy",
        ) => {
            json!({"policyDocument": r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#, "setAsDefault": true})
        }
        ("iam", "EnableMFADevice") => json!({"userName": "bob"}),
        ("iam", "DeleteVirtualMFADevice") => {
            json!({"serialNumber": "arn:aws:iam::111122223333:mfa/root-account-mfa-device"})
        }
        ("iam", "PutRolePermissionsBoundary" | "PutUserPermissionsBoundary") => {
            json!({"permissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess"})
        }
        ("sso", "AttachManagedPolicyToPermissionSet") => {
            json!({"managedPolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"})
        }
        ("organizations", "EnableAWSServiceAccess") => json!({"servicePrincipal": "sso.amazonaws.com"}),
        ("cloudtrail", "UpdateTrail") => json!({"name": "main", "s3BucketName": "elsewhere"}),
        ("codebuild", "StartBuild" | "StartBuildBatch") => json!({"buildspecOverride": "version: 0.2"}),
        ("ec2", "ModifyInstanceAttribute") => json!({"userData": "x"}),
        ("ec2", "ModifyLaunchTemplate") => json!({"ModifyLaunchTemplateRequest": {"SetDefaultVersion": 2}}),
        ("ec2", "ModifySnapshotAttribute") => {
            json!({"createVolumePermission": {"add": {"items": [{"userId": "999900001111"}]}}})
        }
        ("ec2", "ModifyImageAttribute") => {
            json!({"launchPermission": {"add": {"items": [{"userId": "999900001111"}]}}})
        }
        ("ecs", "UpdateService") => json!({"taskDefinition": "app:2"}),
        ("elasticbeanstalk", _) => {
            json!({"optionSettings": [{"optionName": "IamInstanceProfile", "value": "ops"}]})
        }
        ("apigateway", "UpdateIntegration") => {
            json!({"patchOperations": [{"path": "/credentials", "value": "arn:aws:iam::111122223333:role/ops"}]})
        }
        ("apigateway", "UpdateRestApi") => json!({"patchOperations": [{"path": "/policy", "value": OPEN}]}),
        ("servicecatalog", "CreateConstraint") => {
            json!({"type": "LAUNCH", "parameters": "{\"RoleArn\": \"arn:aws:iam::111122223333:role/ops\"}"})
        }
        ("sns", "SetTopicAttributes") => json!({"attributeName": "Policy", "attributeValue": OPEN}),
        ("ssm", "UpdateServiceSetting") if row.kind == "public" => {
            json!({"settingId": "/ssm/documents/console/public-sharing-permission"})
        }
        ("ssm", "UpdateServiceSetting") => {
            json!({"settingId": "/ssm/managed-instance/default-ec2-instance-management-role"})
        }
        ("s3", "PutMultiRegionAccessPointPolicy") => {
            json!({"PutMultiRegionAccessPointPolicyRequest": {"Details": {"Policy": OPEN}}})
        }
        ("rolesanywhere", "CreateTrustAnchor" | "UpdateTrustAnchor") => {
            json!({"source": {"sourceType": "CERTIFICATE_BUNDLE"}})
        }
        ("logs", "PutSubscriptionFilter") => {
            json!({"roleArn": "arn:aws:iam::111122223333:role/ops", "destinationArn": "arn:aws:logs:us-east-1:999900001111:destination:x"})
        }
        ("sts", "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity") => {
            json!({"roleArn": "arn:aws:iam::111122223333:role/break-glass"})
        }
        _ => json!({}),
    }
}

/// The name of a rule's file, without folder and ending.
fn stem(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file).trim_end_matches(".yml")
}

fn record(row: &Row<'_>) -> Value {
    let mut parameters = json!({});
    if row.path != "-" {
        put(&mut parameters, row.path, dangerous(row));
    }
    for (key, value) in beside(row).as_object().into_iter().flatten() {
        parameters[key] = value.clone();
    }
    json!({
        "eventSource": row.source, "eventName": row.event, "requestParameters": parameters,
        "recipientAccountId": "111122223333", "userAgent": "aws-cli/2.31.0", "sourceIPAddress": "203.0.113.7",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLEALICE0001", "arn": "arn:aws:iam::111122223333:user/alice"},
    })
}

#[test]
fn the_rule_that_the_table_names_tells_of_a_record_of_the_operation() {
    let watched = serde_json::from_value(json!({"roles": ["break-glass"]})).unwrap_or_default();
    let detector = Detector::new(Rules::default(), watched);
    let table = table();
    let files: BTreeMap<String, String> =
        Rules::default().all().map(|rule| (rule.id.clone(), stem(&rule.file).to_owned())).collect();
    let mut wrong = Vec::new();
    for row in rows(&table).iter().filter(|row| row.judgement == "rule") {
        let mut value = record(row);
        if row.event == "TagRole" || row.event == "UntagRole" {
            value["userIdentity"] = json!({"type": "AssumedRole", "accountId": "111122223333", "arn": "arn:aws:sts::111122223333:assumed-role/deploy/x",
                "sessionContext": {"sessionIssuer": {"userName": "deploy", "arn": "arn:aws:iam::111122223333:role/deploy"}}});
        }
        let record = Record::new(value).unwrap_or_else(|error| panic!("{error}"));
        let alert = detector.detect(&record, Timestamp::UNIX_EPOCH).alert;
        let told: Vec<&str> = alert
            .iter()
            .flat_map(|alert| &alert.rules)
            .filter_map(|rule| Some(files.get(&rule.id)?.as_str()))
            .collect();
        let named = row.note.split(';').next().unwrap_or_default();
        if !told.contains(&named) {
            wrong.push(format!(
                "{} {} ({}, {}): {named}, and told by {told:?}",
                row.source, row.event, row.kind, row.path
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} operations are not told by the rule that the table names:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Rules by which a policy or a grant is told.
const OPENINGS: [&str; 2] = ["open_to_everyone", "shared_with_another_account"];

/// Calls that make something which has no policy as a rule, and grants that services take for themselves all day:
/// without parameters they say too little.
const MAY_BE_SILENT: [&str; 8] = [
    "CreateBucket",
    "CreateCluster",
    "CreateDomain",
    "CreateElasticsearchDomain",
    "CreateGrant",
    "CreateQueue",
    "CreateTable",
    "CreateTopic",
];

#[test]
fn what_can_not_be_read_of_an_opening_is_told_too() {
    let detector = Detector::default();
    let table = table();
    let is_opening =
        |row: &&Row<'_>| row.judgement == "rule" && OPENINGS.iter().any(|rule| row.note.starts_with(rule));
    let mut silent = Vec::new();
    for row in rows(&table).iter().filter(is_opening) {
        if MAY_BE_SILENT.contains(&row.event) {
            continue;
        }
        let mut value = record(row);
        value["requestParameters"] =
            json!({"omitted": true, "originalSize": 200_000, "reason": "requestParameters too large"});
        let record = Record::new(value).unwrap_or_else(|error| panic!("{error}"));
        if detector.detect(&record, Timestamp::UNIX_EPOCH).alert.is_none() {
            silent.push(format!("{} {}", row.source, row.event));
        }
    }
    assert!(silent.is_empty(), "{} openings are silent where they :\n{}", silent.len(), silent.join("\n"));
}

#[test]
fn a_policy_that_lets_everybody_send_is_told_through_every_call() {
    let detector = Detector::default();
    let table = table();
    let sends = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["sqs:SendMessage","sns:Publish","events:PutEvents"],"Resource":"*"}]}"#;
    for row in
        rows(&table).iter().filter(|row| row.kind == "policy" && row.note.starts_with("open_to_everyone"))
    {
        let value = serde_json::from_str::<Value>(
            &record(row).to_string().replace(&json!(OPEN).to_string(), &json!(sends).to_string()),
        );
        let record = Record::new(value.unwrap_or_default()).unwrap_or_else(|error| panic!("{error}"));
        assert!(detector.detect(&record, Timestamp::UNIX_EPOCH).alert.is_some(), "{row:?}");
    }
}

/// Python with botocore, made once under target/; none, with a word, where there is no python3.
fn python() -> Option<PathBuf> {
    let requirements = folder().join("requirements.txt");
    let wanted = fs::read_to_string(&requirements).ok()?;
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    let venv = target.join("coverage-venv");
    let (program, stamp) = (venv.join("bin/python"), venv.join("installed.txt"));
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Some(program);
    }
    let _ = fs::remove_dir_all(&venv);
    let made =
        Command::new("python3").args(["-m", "venv"]).arg(&venv).status().is_ok_and(|status| status.success());
    if !made {
        let text = "python3 is not installed, or has no venv: the table of operations is not compared with the API models, SKIPPED";
        assert!(env::var_os("CI").is_none(), "{text} (CI is set, so that is a failure)");
        eprintln!("{text}");
        return None;
    }
    let pip =
        Command::new(&program).args(["-m", "pip", "install", "--quiet", "-r"]).arg(&requirements).status();
    if !pip.is_ok_and(|status| status.success()) {
        let text = "botocore can't be installed (no network?): the table of operations is not compared with the API models, SKIPPED";
        assert!(env::var_os("CI").is_none(), "{text} (CI is set, so that is a failure)");
        eprintln!("{text}");
        return None;
    }
    fs::write(stamp, wanted).unwrap_or_else(|error| panic!("{error}"));
    Some(program)
}

#[test]
fn the_table_holds_what_the_api_models_hold() {
    let Some(python) = python() else { return };
    let output =
        Command::new(python).arg(folder().join("list.py")).output().unwrap_or_else(|error| panic!("{error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed = String::from_utf8_lossy(&output.stdout);
    let table = table();
    let written: Vec<String> =
        rows(&table).iter().map(|row| [row.source, row.event, row.kind, row.path].join("\t")).collect();
    let listed: Vec<&str> = listed.lines().collect();
    let new: Vec<_> = listed.iter().filter(|line| !written.iter().any(|row| row == *line)).collect();
    let gone: Vec<_> = written.iter().filter(|row| !listed.contains(&row.as_str())).collect();
    assert!(new.is_empty() && gone.is_empty(), "to be judged: {new:#?}\nno longer there: {gone:#?}");
}
