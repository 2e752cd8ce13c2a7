//! Conditions and denying statements that narrow a policy, and those that only seem to; partitions; ACLs.

use serde_json::{Value, json};

use super::{Exposed, Exposes, FOREIGN, OWN, exposed, trust, who};
use crate::aws::PARTITIONS;
use crate::facts::grants::{Granted, Grants};
use crate::record::Record;

fn bucket(statements: &Value) -> Exposed {
    exposed("s3", "PutBucketPolicy", json!({"bucketName": "b", "bucketPolicy": {"Statement": statements}}))
        .unwrap()
}

#[test]
fn global_keys_that_say_who_narrow() {
    for (condition, wanted) in [
        // Of an id the record does not say whose it is.
        (json!({"StringLike": {"aws:userId": "AROAEXAMPLEREPORTER1:*"}}), Exposes::Unknown),
        (json!({"StringEquals": {"aws:userid": ["AIDAEXAMPLEALICE00001", OWN]}}), Exposes::Unknown),
        (json!({"StringEquals": {"aws:userid": OWN}}), Exposes::OwnAccount),
        (json!({"StringEquals": {"aws:userid": FOREIGN}}), Exposes::External),
        (json!({"StringEquals": {"aws:VpceOrgID": "o-1"}}), Exposes::Org),
        (json!({"StringEquals": {"aws:VpceAccount": OWN}}), Exposes::OwnAccount),
        (
            json!({"ArnLike": {"aws:SourceVpcArn": format!("arn:aws:ec2:*:{OWN}:vpc/vpc-0a1b")}}),
            Exposes::OwnAccount,
        ),
        (
            json!({"StringEquals": {"aws:FederatedProvider": format!("arn:aws:iam::{OWN}:oidc-provider/x")}}),
            Exposes::OwnAccount,
        ),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:*:uploads"}}), Exposes::Service),
        (json!({"ArnEquals": {"aws:PrincipalArn": format!("arn:*:iam::{OWN}:role/*")}}), Exposes::OwnAccount),
        (
            json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}, "Null": {"aws:PrincipalOrgPaths": "false"}}),
            Exposes::Org,
        ),
        (
            json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}, "Null": {"aws:PrincipalOrgID": false}}),
            Exposes::Org,
        ),
        // No restrictions:
        (json!({"StringLike": {"aws:userId": "*"}}), Exposes::Public),
        (json!({"StringLike": {"aws:userId": "AROA*:nightly"}}), Exposes::Public),
        (json!({"StringLike": {"aws:SourceArn": "arn:aws:s3:*:*:uploads"}}), Exposes::Public),
        (
            json!({"StringEquals": {"aws:FederatedProvider": "cognito-identity.amazonaws.com"}}),
            Exposes::Public,
        ),
        (json!({"StringEquals": {"aws:PrincipalTag/team": "a"}}), Exposes::Public),
        (json!({"StringEquals": {"aws:username": "alice"}}), Exposes::Public),
        (json!({"StringEquals": {"aws:SourceIdentity": "alice"}}), Exposes::Public),
        (
            json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}, "Null": {"aws:PrincipalOrgPaths": "true"}}),
            Exposes::Public,
        ),
        (
            json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-1/*"}, "Null": {"aws:PrincipalOrgID": "false"}}),
            Exposes::Public,
        ),
    ] {
        assert_eq!(who(json!("*"), condition.clone()), wanted, "{condition}");
    }
    let named = |condition: Value| who(json!({"AWS": FOREIGN}), condition);
    for network in [
        json!({"StringEquals": {"aws:VpceAccount": OWN}}),
        json!({"StringEquals": {"aws:VpceOrgID": "o-1"}}),
        json!({"ArnLike": {"aws:SourceVpcArn": format!("arn:aws:ec2:*:{OWN}:vpc/vpc-0a1b")}}),
    ] {
        assert_eq!(
            named(network.clone()),
            Exposes::External,
            "a network is not who comes through it: {network}"
        );
    }
}

#[test]
fn a_condition_that_can_be_passed_by_is_not_called_none() {
    let open = trust(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*",
        "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}}));
    assert_eq!(
        open.because,
        "trust policy allows everyone: requests without aws:principalorgid pass its condition (StringEqualsIfExists)"
    );
    let issuer = "token.actions.githubusercontent.com";
    let github = |condition: Value| {
        trust(json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition,
            "Principal": {"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/{issuer}")}}))
    };
    let optional =
        github(json!({"ForAllValues:StringLike": {format!("{issuer}:sub"): "repo:example/app:*"}}));
    assert_eq!(optional.level, Exposes::Public);
    assert!(
        optional.because.contains("pass its condition (ForAllValues:StringLike)"),
        "{}",
        optional.because
    );
    let none = github(json!({}));
    assert!(none.because.ends_with("no conditions"), "{}", none.because);
    let bound = github(json!({"ForAllValues:StringLike": {format!("{issuer}:sub"): "repo:example/app:*"},
        "Null": {format!("{issuer}:sub"): "false"}}));
    assert_eq!(bound.level, Exposes::OwnAccount);
}

fn deny(action: &str, condition: &Value) -> Value {
    json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::b/*", "Condition": condition})
}

#[test]
fn a_deny_for_all_but_some_closes_what_an_allow_opens() {
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    let with = |deny: Value| bucket(&json!([open, deny])).level;
    let org = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}});
    for (deny, wanted) in [
        (deny("s3:*", &org), Exposes::Org),
        (deny("*", &org), Exposes::Org),
        (deny("s3:Get*", &json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}})), Exposes::Org),
        (deny("s3:*", &json!({"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b"}})), Exposes::Org),
        (deny("s3:*", &json!({"StringNotEquals": {"aws:PrincipalAccount": OWN}})), Exposes::OwnAccount),
        (
            deny("s3:*", &json!({"ArnNotLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OWN}:role/*")}})),
            Exposes::OwnAccount,
        ),
        (
            deny(
                "s3:*",
                &json!({"StringNotEquals": {"aws:PrincipalAccount": OWN, "aws:SourceVpce": "vpce-0a1b"}}),
            ),
            Exposes::Org,
        ),
        (
            deny(
                "s3:*",
                &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
            ),
            Exposes::Org,
        ),
        // These close nothing:
        (deny("s3:?etObject", &org), Exposes::Public),
        (deny("s3:*Object", &org), Exposes::Public),
        (
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/?", "Condition": org}),
            Exposes::Public,
        ),
        (
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/\\*", "Condition": org}),
            Exposes::Public,
        ),
        (
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::B/*", "Condition": org}),
            Exposes::Public,
        ),
        (deny("s3:*", &json!({"Bool": {"aws:ViaAWSService": "false"}})), Exposes::Public),
        (
            deny(
                "s3:*",
                &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}, "Bool": {"aws:ViaAWSService": "false"}}),
            ),
            Exposes::Public,
        ),
        (deny("s3:PutObject", &org), Exposes::Public),
        (deny("s3:*", &json!({"StringNotEquals": {"aws:PrincipalOrgID": "*"}})), Exposes::Public),
        (deny("s3:*", &json!({"Bool": {"aws:SecureTransport": "false"}})), Exposes::Public),
        (
            deny("s3:*", &json!({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-1/*"}})),
            Exposes::Public,
        ),
        (
            deny("s3:*", &json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1", "aws:RequestTag/a": "b"}})),
            Exposes::Public,
        ),
        (
            json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b", "Condition": org}),
            Exposes::Public,
        ),
        (
            json!({"Effect": "Deny", "Principal": {"AWS": FOREIGN}, "Action": "s3:*", "Resource": "*", "Condition": org}),
            Exposes::Public,
        ),
    ] {
        assert_eq!(with(deny.clone()), wanted, "{deny}");
    }
    let because = bucket(&json!([open, deny("s3:*", &org)])).because;
    assert_eq!(
        because,
        "policy allows an organization only (aws:principalorgid o-1) (a Deny excludes all others)"
    );
}

#[test]
fn a_deny_that_spares_a_network_shuts_out_no_account_that_is_named() {
    let foreign = json!({"Effect": "Allow", "Principal": {"AWS": FOREIGN}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"});
    for keys in [
        json!({"aws:PrincipalAccount": "222233334444", "aws:SourceVpce": "vpce-0a1b"}),
        json!({"aws:SourceVpce": "vpce-0a1b", "aws:PrincipalAccount": "222233334444"}),
    ] {
        let found = bucket(&json!([foreign, deny("s3:*", &json!({"StringNotEquals": keys}))]));
        assert_eq!(found.level, Exposes::External, "{keys}");
    }
}

#[test]
fn guests_of_an_identity_pool_are_seen_however_they_are_asked_for() {
    let pool = "cognito-identity.amazonaws.com";
    let guests = |operator: &str| {
        who(
            json!({"Federated": pool}),
            json!({"StringEquals": {format!("{pool}:aud"): "pool"}, operator: {format!("{pool}:amr"): "unauthenticated"},
                "Null": {format!("{pool}:amr"): "false"}}),
        )
    };
    for operator in
        ["ForAnyValue:StringLike", "ForAllValues:StringEquals", "StringLike", "StringEqualsIfExists"]
    {
        assert_eq!(guests(operator), Exposes::Public, "{operator}");
    }
}

#[test]
fn a_statement_of_thousands_of_conditions_and_providers_costs_little() {
    let conditions: serde_json::Map<String, Value> =
        (0..4_000).map(|at| (format!("issuer-{at}:sub"), json!("x"))).collect();
    let providers: Vec<String> = (0..9_000).map(|at| format!("issuer-{at}")).collect();
    let found = trust(
        json!({"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": {"Federated": providers},
        "Condition": {"ForAllValues:StringLike": conditions, "Null": {"x": "false"}}}),
    );
    assert_eq!(found.level, Exposes::Public);
}

#[test]
fn a_policy_of_thousands_of_denying_statements_costs_little() {
    let org = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}});
    let mut statements =
        vec![json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"})];
    statements.extend((0..5_000).map(|_| deny("s3:PutObject", &org)));
    assert_eq!(bucket(&json!(statements)).level, Exposes::Public);
}

#[test]
fn awss_own_accounts_may_write_logs_and_nothing_else() {
    let to = |principal: &str, actions: Value| {
        bucket(
            &json!([{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"}]),
        )
    };
    let writes = json!(["s3:PutObject", "s3:GetBucketAcl"]);
    for principal in
        ["arn:aws:iam::127311923021:root", "arn:aws-us-gov:iam::048591011584:root", "193672423079"]
    {
        assert_eq!(to(principal, writes.clone()).level, Exposes::Service, "{principal}");
        for more in [json!("s3:GetObject"), json!("s3:*"), json!(["s3:PutObject", "s3:GetObject"]), json!([])]
        {
            assert_eq!(to(principal, more.clone()).level, Exposes::External, "{principal} {more}");
        }
    }
    assert_eq!(
        to("127311923021", writes).because,
        "policy allows AWS-owned account 127311923021 (load balancer logs)"
    );
    let role =
        trust(json!({"Effect": "Allow", "Principal": {"AWS": "193672423079"}, "Action": "sts:AssumeRole"}));
    assert_eq!(role.level, Exposes::External);
}

#[test]
fn every_partition_reads_alike() {
    for (partition, suffix) in PARTITIONS {
        let arn = |rest: &str| format!("arn:{partition}:{rest}");
        for (principal, condition, wanted) in [
            (json!({"AWS": arn(&format!("iam::{FOREIGN}:root"))}), json!({}), Exposes::External),
            (json!({"AWS": arn(&format!("iam::{OWN}:role/x"))}), json!({}), Exposes::OwnAccount),
            (json!({"Service": format!("ec2.{suffix}")}), json!({}), Exposes::Service),
            (
                json!({"AWS": arn("iam::cloudfront:user/CloudFront Origin Access Identity E1")}),
                json!({}),
                Exposes::Service,
            ),
            (json!("*"), json!({"ArnEquals": {"aws:SourceArn": arn("s3:::uploads")}}), Exposes::Service),
            (
                json!("*"),
                json!({"StringLike": {"aws:SourceArn": arn(&format!("sns:x:{OWN}:*"))}}),
                Exposes::OwnAccount,
            ),
            (json!({"Federated": format!("cognito-identity.{suffix}")}), json!({}), Exposes::Public),
            (
                json!({"Federated": format!("cognito-identity.x-1.{suffix}")}),
                json!({"StringEquals": {format!("cognito-identity.x-1.{suffix}:aud"): "pool"},
                    "ForAnyValue:StringLike": {format!("cognito-identity.x-1.{suffix}:amr"): "unauthenticated"}}),
                Exposes::Public,
            ),
            (
                json!({"Federated": format!("cognito-identity.{suffix}")}),
                json!({"StringEquals": {format!("cognito-identity.{suffix}:aud"): "pool"},
                    "ForAnyValue:StringLike": {format!("cognito-identity.{suffix}:amr"): "authenticated"}}),
                Exposes::OwnAccount,
            ),
        ] {
            assert_eq!(
                who(principal.clone(), condition.clone()),
                wanted,
                "{partition}: {principal} {condition}"
            );
        }
        let lambda = json!({"principal": format!("s3.{suffix}")});
        assert_eq!(exposed("lambda", "AddPermission20150331v2", lambda).unwrap().level, Exposes::Service);
        let share = json!({"principals": [arn(&format!("organizations::{OWN}:organization/o-1"))]});
        assert_eq!(exposed("ram", "CreateResourceShare", share).unwrap().level, Exposes::Org);
        let attach = json!({"eventName": "AttachRolePolicy", "eventSource": "iam.amazonaws.com",
            "requestParameters": {"roleName": "r", "policyArn": arn("iam::aws:policy/AdministratorAccess")}});
        assert_eq!(Granted::of(&Record::new(attach).unwrap()).unwrap().level, Grants::Admin, "{partition}");
    }
}

#[test]
fn grants_of_an_acl_count_wherever_they_stand() {
    let everybody = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";
    let level = |event: &str, parameters: Value| exposed("s3", event, parameters).unwrap().level;
    for parameters in [
        json!({"bucketName": "b", "accessControlList": {"x-amz-grant-read": everybody}}),
        json!({"bucketName": "b", "accessControlList": {"x-amz-grant-full-control": [everybody]}}),
        json!({"bucketName": "b", "x-amz-grant-write": everybody}),
        json!({"bucketName": "b", "accessControlList": {"x-amz-acl": "public-read-write"}}),
        json!({"bucketName": "b", "x-amz-acl": ["authenticated-read"]}),
        // A canned ACL that closes hides no grant.
        json!({"bucketName": "b", "x-amz-acl": "private", "accessControlList": {"x-amz-grant-read": everybody}}),
    ] {
        for event in ["PutBucketAcl", "PutObjectAcl", "CreateBucket"] {
            assert_eq!(level(event, parameters.clone()), Exposes::Public, "{event} {parameters}");
        }
    }
    let logging = json!({"BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "l", "TargetGrants": {"Grant":
        {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}}}}});
    assert_eq!(level("PutBucketLogging", logging), Exposes::Public);
    let delivery = json!({"accessControlList": {"x-amz-grant-write": "uri=\"http://acs.amazonaws.com/groups/s3/LogDelivery\""}});
    assert_eq!(level("PutBucketAcl", delivery), Exposes::None);
    for hidden in [
        json!({"x-amz-grant-read": "id=\"c4c1ede66af53448b93c283ce9448c4ba468c9432aa01d700d3878632f77d2d0\", id=\"79a59df900b949e5\""}),
        json!({"x-amz-grant-read": ["id=\"79a5\""]}),
    ] {
        assert_eq!(level("PutBucketAcl", hidden.clone()), Exposes::Unknown, "{hidden}");
    }
    let second = json!({"accessControlList": {"x-amz-grant-read": ["id=\"79a5\"", everybody]}});
    assert_eq!(level("PutBucketAcl", second), Exposes::Public);
    let by_id = json!({"accessControlList": {"x-amz-grant-read": "id=\"79a59df900b949e5\""}});
    assert_eq!(level("PutBucketAcl", by_id), Exposes::Unknown);
}
