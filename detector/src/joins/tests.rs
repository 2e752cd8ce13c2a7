use serde_json::{Value, json};

use super::{Join, KINDS, LONGEST, MOST, Part, of};
use crate::{Facts, Record, Watched};

/// Joins of a record with these fields, as `part kind value`.
fn joins(patch: &Value) -> Vec<String> {
    let mut record = json!({"eventName": "CreateUser", "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1",
        "eventTime": "2026-11-26T10:00:00Z", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
            "principalId": "AIDAALICE", "arn": "arn:aws:iam::111122223333:user/staff/alice", "accessKeyId": "AKIAALICE"}});
    for (key, value) in patch.as_object().unwrap() {
        record[key] = value.clone();
    }
    let record = Record::new(record).unwrap();
    let found = of(&record, &Facts::of(&record, &Watched::default()));
    found
        .into_iter()
        .map(|Join(part, kind, value)| {
            assert!(KINDS.contains(&kind.as_str()), "{kind}");
            format!("{} {kind} {value}", serde_json::to_value(part).unwrap().as_str().unwrap())
        })
        .collect()
}

/// A session of a role in account 111122223333, with these fields more in its context.
fn session(patch: &Value) -> Value {
    let mut context = json!({"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/ops", "userName": "ops"},
        "attributes": {"creationDate": "2026-11-26T09:59:59Z"}});
    for (key, value) in patch.as_object().unwrap() {
        context[key] = value.clone();
    }
    json!({"type": "AssumedRole", "accountId": "111122223333", "principalId": "AROAOPS:s1", "accessKeyId": "ASIAOPS",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/s1", "sessionContext": context})
}

const SESSION_START: i64 = 1_795_687_199;

#[test]
fn a_user_is_known_by_key_arn_and_name() {
    assert_eq!(
        joins(&json!({})),
        [
            "use cred AKIAALICE",
            "use name 111122223333|alice",
            "use user arn:aws:iam::111122223333:user/staff/alice"
        ]
    );
}

#[test]
fn a_created_user_its_key_and_its_password_are_given() {
    let made = joins(&json!({"requestParameters": {"userName": "bob"},
        "responseElements": {"user": {"arn": "arn:aws:iam::111122223333:user/bob"}}}));
    assert!(made.contains(&"made user arn:aws:iam::111122223333:user/bob".to_owned()), "{made:?}");
    let key = joins(&json!({"eventName": "CreateAccessKey", "requestParameters": {"userName": "bob"},
        "responseElements": {"accessKey": {"accessKeyId": "AKIABOB"}}}));
    assert!(key.contains(&"key cred AKIABOB".to_owned()), "{key:?}");
    let password = |user: &str| {
        joins(&json!({"eventName": "CreateLoginProfile", "requestParameters": {"userName": user}}))
    };
    assert!(password("bob").contains(&"give login 111122223333|bob".to_owned()));
    assert!(
        !password("alice").iter().any(|join| join.contains("login")),
        "one's own password is no hand-over"
    );
    let granted = joins(&json!({"eventName": "AttachUserPolicy", "requestParameters": {"userName": "bob",
        "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}}));
    assert!(granted.contains(&"granted name 111122223333|bob".to_owned()), "{granted:?}");
}

#[test]
fn nothing_is_given_by_a_call_that_failed() {
    let denied = joins(&json!({"eventName": "CreateAccessKey", "errorCode": "AccessDenied",
        "requestParameters": {"userName": "bob"}, "responseElements": {"accessKey": {"accessKeyId": "AKIABOB"}}}));
    assert!(denied.iter().all(|join| join.starts_with("use ")), "{denied:?}");
    assert_eq!(denied.len(), 3);
}

#[test]
fn an_assumed_role_is_a_key_and_a_session_that_may_begin_a_second_later() {
    let assumed = joins(
        &json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com", "sharedEventID": "shared-1",
        "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/ops", "roleSessionName": "s1"},
        "responseElements": {"credentials": {"accessKeyId": "ASIAOPS"},
            "assumedRoleUser": {"assumedRoleId": "AROAOPS:s1", "arn": "arn:aws:sts::111122223333:assumed-role/ops/s1"}}}),
    );
    for wanted in
        ["give cred ASIAOPS", "give arn arn:aws:sts::111122223333:assumed-role/ops/s1", "use shared shared-1"]
    {
        assert!(assumed.contains(&wanted.to_owned()), "{wanted}: {assumed:?}");
    }
    for second in [SESSION_START + 1, SESSION_START + 2] {
        assert!(assumed.contains(&format!("give sess AROAOPS:s1@{second}")), "{second}: {assumed:?}");
    }
    let used = joins(&json!({"userIdentity": session(&json!({}))}));
    assert_eq!(
        used,
        [
            "use cred ASIAOPS".to_owned(),
            "use fn 111122223333|arn:aws:iam::111122223333:role/ops|s1".to_owned(),
            format!("use sess AROAOPS:s1@{SESSION_START}")
        ]
    );
}

#[test]
fn a_session_arn_is_used_only_where_nothing_else_tells_the_session() {
    let shortened = joins(&json!({"userIdentity": {"type": "AssumedRole", "accountId": "111122223333",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/s1"}}));
    assert_eq!(shortened, ["use arn arn:aws:sts::111122223333:assumed-role/ops/s1"]);
    // Made of the request where the response is missing.
    let assumed = joins(&json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
        "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/path/ops", "roleSessionName": "s1"}}));
    assert!(
        assumed.contains(&"give arn arn:aws:sts::111122223333:assumed-role/ops/s1".to_owned()),
        "{assumed:?}"
    );
}

#[test]
fn sessions_of_people_functions_instances_and_providers_say_whose_they_are() {
    let sso = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123";
    let mut person = session(&json!({"sessionIssuer": {"arn": sso}}));
    person["principalId"] = json!("AROASSO:Ana.Reed@corp.example");
    person["onBehalfOf"] =
        json!({"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::1:identitystore/d-1"});
    let person = joins(&json!({"userIdentity": person}));
    assert!(person.contains(&"use person ana.reed@corp.example".to_owned()), "{person:?}");
    assert!(
        person.contains(&"use idc arn:aws:identitystore::1:identitystore/d-1|u-1".to_owned()),
        "{person:?}"
    );
    let mut function = session(&json!({}));
    function["inScopeOf"] =
        json!({"credentialsIssuedTo": "arn:aws:lambda:us-east-1:111122223333:function:f"});
    let function = joins(&json!({"userIdentity": function}));
    assert!(
        function.contains(&"use fn arn:aws:lambda:us-east-1:111122223333:function:f".to_owned()),
        "{function:?}"
    );
    let mut instance = session(&json!({"ec2RoleDelivery": "2.0"}));
    instance["principalId"] = json!("AROAOPS:i-0123456789abcdef0");
    let instance = joins(&json!({"userIdentity": instance}));
    assert!(instance.contains(&"use inst 111122223333|i-0123456789abcdef0".to_owned()), "{instance:?}");
    let web = "arn:aws:iam::111122223333:oidc-provider/gitlab.com";
    let web =
        joins(&json!({"userIdentity": session(&json!({"webIdFederationData": {"federatedProvider": web}}))}));
    assert!(web.contains(&"use opened 111122223333|ops|gitlab.com".to_owned()), "{web:?}");
}

#[test]
fn functions_and_instances_that_are_taken_over_are_given() {
    let function = joins(
        &json!({"eventName": "UpdateFunctionCode20150331v2", "eventSource": "lambda.amazonaws.com",
        "responseElements": {"functionName": "f", "functionArn": "arn:aws:lambda:us-east-1:111122223333:function:f:7",
            "role": "arn:aws:iam::111122223333:role/ops"}}),
    );
    assert!(
        function.contains(&"give fn arn:aws:lambda:us-east-1:111122223333:function:f".to_owned()),
        "{function:?}"
    );
    assert!(
        function.contains(&"give fn 111122223333|arn:aws:iam::111122223333:role/ops|f".to_owned()),
        "{function:?}"
    );
    let command = |count: usize| {
        let ids: Vec<String> = (0..count).map(|at| format!("i-{at:017x}")).collect();
        joins(&json!({"eventName": "SendCommand", "eventSource": "ssm.amazonaws.com",
            "requestParameters": {"instanceIds": ids}}))
        .iter()
        .filter(|join| join.starts_with("give inst "))
        .count()
    };
    assert_eq!((command(2), command(21)), (2, 0), "a command to a whole fleet takes over none of it");
}

#[test]
fn a_role_that_is_opened_meets_whoever_assumes_it_from_there() {
    let trust = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999900001111:root"}}})
    .to_string();
    let opened = joins(&json!({"eventName": "UpdateAssumeRolePolicy",
        "requestParameters": {"roleName": "ops", "policyDocument": trust}}));
    assert!(opened.contains(&"give opened 111122223333|ops|999900001111".to_owned()), "{opened:?}");
    let assumed = joins(&json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
        "userIdentity": {"type": "AWSAccount", "accountId": "999900001111", "principalId": "AIDATHEIRS"},
        "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/path/ops", "roleSessionName": "s"}}));
    for wanted in [
        "use opened 111122223333|ops|999900001111",
        "use opened 111122223333|ops|*",
        "use foreign 999900001111|AIDATHEIRS",
    ] {
        assert!(assumed.contains(&wanted.to_owned()), "{wanted}: {assumed:?}");
    }
}

#[test]
fn a_provider_is_opened_only_where_its_tokens_are_let_in() {
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let statement = |subject: &str| {
        json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": provider},
            "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": subject}}})
    };
    let account = json!({"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999900001111:root"}});
    let opened = |statements: Value| {
        let trust = json!({"Statement": statements}).to_string();
        joins(&json!({"eventName": "UpdateAssumeRolePolicy",
            "requestParameters": {"roleName": "ops", "policyDocument": trust}}))
    };
    let wanted = "give opened 111122223333|ops|token.actions.githubusercontent.com".to_owned();
    assert!(opened(json!([statement("*")])).contains(&wanted), "anybody's repositories");
    let beside = opened(json!([statement("repo:ours/app:ref:refs/heads/main"), account]));
    assert!(!beside.contains(&wanted), "the account was let in, and the provider is fenced: {beside:?}");
    assert!(beside.contains(&"give opened 111122223333|ops|999900001111".to_owned()), "{beside:?}");
}

#[test]
fn a_sign_in_uses_the_password_and_begins_a_session() {
    let signed_in = joins(&json!({"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
        "responseElements": {"ConsoleLogin": "Success"}}));
    assert!(signed_in.contains(&"use login 111122223333|alice".to_owned()), "{signed_in:?}");
    assert!(signed_in.contains(&format!("give sess AIDAALICE@{}", SESSION_START + 1)), "{signed_in:?}");
    let failed = joins(&json!({"eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com",
        "responseElements": {"ConsoleLogin": "Failure"}}));
    assert!(!failed.iter().any(|join| join.contains(" login ") || join.starts_with("give")), "{failed:?}");
}

#[test]
fn odd_values_join_nothing() {
    for odd in [json!(null), json!(""), json!(7), json!([]), json!({}), json!("x".repeat(LONGEST + 1))] {
        let found =
            joins(&json!({"userIdentity": {"type": "AssumedRole", "accessKeyId": odd, "principalId": odd,
            "accountId": odd, "arn": odd, "sessionContext": odd, "onBehalfOf": odd}, "sharedEventID": odd}));
        assert!(found.is_empty(), "{odd}: {found:?}");
    }
    assert!(joins(&json!({"eventTime": "yesterday"})).is_empty(), "no time, no order");
    let two_values =
        joins(&json!({"eventName": "AttachUserPolicy", "requestParameters": {"userName": "a|b"}}));
    assert!(two_values.iter().all(|join| !join.contains("a|b")), "{two_values:?}");
}

#[test]
fn there_is_an_end_to_the_joins_of_a_record() {
    let principals: Vec<String> = (0..200).map(|at| format!("arn:aws:iam::{at:012}:root")).collect();
    let trust = json!({"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principals}}});
    let opened = joins(&json!({"eventName": "UpdateAssumeRolePolicy",
        "requestParameters": {"roleName": "ops", "policyDocument": trust.to_string()}}));
    assert!(opened.len() <= MOST && opened.contains(&"use cred AKIAALICE".to_owned()), "{}", opened.len());
}

#[test]
fn on_the_wire_a_join_is_three_words_and_what_is_unknown_is_kept() {
    let text = r#"["use","cred","ASIA"]"#;
    let join: Join = serde_json::from_str(text).unwrap();
    assert_eq!((join.0, serde_json::to_string(&join).unwrap().as_str()), (Part::Use, text));
    let newer: Join = serde_json::from_str(r#"["lent","badge","7"]"#).unwrap();
    assert_eq!((newer.0, newer.1.as_str()), (Part::Unknown, "badge"));
}
