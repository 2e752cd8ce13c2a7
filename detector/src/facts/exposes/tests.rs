mod narrowing;

use super::*;
use proptest::prelude::*;
use serde_json::json;

const OWN: &str = "111122223333";
const FOREIGN: &str = "999900001111";

fn of(record: Value, watched: &Watched) -> Option<Exposed> {
    let record = Record::new(record).unwrap();
    Exposed::of(&record, &Actor::of(&record), watched)
}

fn exposed(source: &str, event: &str, parameters: Value) -> Option<Exposed> {
    let record = json!({"eventName": event, "eventSource": format!("{source}.amazonaws.com"), "recipientAccountId": OWN,
        "requestParameters": parameters});
    let watched = serde_json::from_value(
        json!({"trusted_accounts": ["222233334444"], "organizations": ["o-1", "o-abc"]}),
    )
    .unwrap();
    of(record, &watched)
}

fn trust(statement: Value) -> Exposed {
    let document = json!({"Statement": [statement]}).to_string();
    exposed("iam", "UpdateAssumeRolePolicy", json!({"roleName": "r", "policyDocument": document})).unwrap()
}

fn who(principal: Value, condition: Value) -> Exposes {
    trust(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition})).level
}

#[test]
fn a_trust_policy_lets_in_whom_it_names() {
    let none = json!({});
    for (principal, wanted) in [
        (json!("*"), Exposes::Public),
        (json!({"AWS": "*"}), Exposes::Public),
        (json!({"AWS": FOREIGN}), Exposes::External),
        (json!({"AWS": format!("arn:aws:iam::{FOREIGN}:root")}), Exposes::External),
        (json!({"AWS": [OWN, format!("arn:aws:iam::{FOREIGN}:role/x")]}), Exposes::External),
        (json!({"AWS": OWN}), Exposes::OwnAccount),
        (json!({"AWS": format!("arn:aws:iam::{OWN}:root")}), Exposes::OwnAccount),
        (json!({"AWS": "arn:aws:iam::222233334444:root"}), Exposes::Org),
        (json!({"Service": "ec2.amazonaws.com"}), Exposes::Service),
        (json!({"AWS": "AROAEXAMPLEID0001"}), Exposes::External),
        (json!({"AWS": format!("arn:aws:iam::{}:root", "9".repeat(5_000))}), Exposes::Unknown),
        (json!({"AWS": "arn:aws:iam::*:root"}), Exposes::Public),
        (json!({"AWS": "somebody"}), Exposes::Unknown),
    ] {
        assert_eq!(who(principal.clone(), none.clone()), wanted, "{principal}");
    }
    let found = trust(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": FOREIGN}}));
    assert_eq!(found.because, "trust policy allows external account 999900001111");
    assert_eq!(found.to, [FOREIGN]);
    let not = trust(json!({"Effect": "Allow", "Action": "sts:AssumeRole", "NotPrincipal": {"AWS": OWN}}));
    assert_eq!(not.level, Exposes::Public);
    let odd = trust(
        json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ["somebody", "*"]}}),
    );
    assert_eq!(odd.level, Exposes::Public, "what is unknown hides nothing");
    let deny = trust(json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"}));
    assert_eq!(deny.level, Exposes::None);
}

#[test]
fn only_a_real_fence_narrows() {
    let everybody = || json!({"AWS": "*"});
    for (condition, wanted) in [
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}}), Exposes::Org),
        (json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-abc/r-1/*"}}), Exposes::Org),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}}), Exposes::External),
        (json!({"StringEquals": {"aws:PrincipalAccount": OWN}}), Exposes::OwnAccount),
        (json!({"StringEquals": {"AWS:SourceOwner": OWN}}), Exposes::OwnAccount),
        (
            json!({"StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": "s3.us-east-1.amazonaws.com"}}),
            Exposes::OwnAccount,
        ),
        (json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{OWN}:role/*")}}), Exposes::OwnAccount),
        (
            json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{FOREIGN}:role/*")}}),
            Exposes::External,
        ),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::my-bucket"}}), Exposes::Service),
        (json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}), Exposes::Org),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}), Exposes::Org),
        (json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}), Exposes::OwnAccount),
        (json!({"Bool": {"aws:PrincipalIsAWSService": "True"}}), Exposes::Service),
        (json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), Exposes::External),
        // No restrictions:
        (json!({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}), Exposes::Public),
        (json!({"StringEquals": {"aws:PrincipalOrgID": "${aws:PrincipalOrgID}"}}), Exposes::Public),
        (json!({"StringEquals": {"aws:PrincipalOrgMasterAccountId": FOREIGN}}), Exposes::External),
        (json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}), Exposes::Public),
        (json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}), Exposes::Public),
        (json!({"StringEquals": {"s3:AccessPointNetworkOrigin": "Internet"}}), Exposes::Public),
        (json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "false"}}), Exposes::Public),
        (json!({"Bool": {"aws:PrincipalIsAWSService": "False"}}), Exposes::Public),
        (json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::?*"}}), Exposes::Public),
        (json!({"StringLike": {"aws:PrincipalArn": "arn:*:role/a:x:111122223333:b*"}}), Exposes::Public),
        (json!({"IpAddress": {"aws:SourceIp": ["1.0.0.0/8", "2.0.0.0/8"]}}), Exposes::Public),
        (json!({"StringEquals": {"sts:ExternalId": "secret"}}), Exposes::Public),
        (json!({"StringLike": {"aws:PrincipalOrgID": "*"}}), Exposes::Public),
        (json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}), Exposes::Public),
        (json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-abc"}}), Exposes::Public),
        (json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-abc"}}), Exposes::Public),
        (json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}), Exposes::Public),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}), Exposes::Public),
        (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), Exposes::Public),
        (json!({"Bool": {"aws:SecureTransport": "true"}}), Exposes::Public),
        (json!({"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}), Exposes::Public),
    ] {
        assert_eq!(who(everybody(), condition.clone()), wanted, "{condition}");
    }
    assert_eq!(
        who(json!({"AWS": FOREIGN}), json!({"StringEquals": {"sts:ExternalId": "x"}})),
        Exposes::External
    );
    assert_eq!(
        who(json!({"AWS": FOREIGN}), json!({"StringEquals": {"aws:PrincipalOrgID": "o-abc"}})),
        Exposes::Org
    );
}

#[test]
fn a_provider_needs_a_condition_on_whose_token_it_is() {
    let github = || json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com")});
    let aud = json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}});
    let sub = json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
        "StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/app:*"}});
    let any = json!({"StringLike": {"token.actions.githubusercontent.com:sub": "*"}});
    assert_eq!(who(github(), json!({})), Exposes::Public);
    assert_eq!(who(github(), aud), Exposes::Public, "the audience is the same for everybody on GitHub");
    assert_eq!(who(github(), any), Exposes::Public);
    assert_eq!(who(github(), sub), Exposes::OwnAccount);
    let eks = || json!({"Federated": format!("arn:aws:iam::{OWN}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC")});
    assert_eq!(
        who(
            eks(),
            json!({"StringEquals": {"oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud": "sts.amazonaws.com"}})
        ),
        Exposes::OwnAccount
    );
    assert_eq!(who(eks(), json!({})), Exposes::Public);
    let saml = || json!({"Federated": format!("arn:aws:iam::{OWN}:saml-provider/corp")});
    assert_eq!(
        who(saml(), json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})),
        Exposes::OwnAccount
    );
    assert_eq!(who(saml(), json!({})), Exposes::External);
    let theirs = json!({"Federated": format!("arn:aws:iam::{FOREIGN}:saml-provider/corp")});
    assert_eq!(who(theirs, json!({"StringEquals": {"SAML:aud": "x"}})), Exposes::External);
    let cognito = || json!({"Federated": "cognito-identity.amazonaws.com"});
    let pool = |amr: Value| json!({"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1"}, "ForAnyValue:StringLike": amr});
    for (amr, wanted) in [
        (json!({"cognito-identity.amazonaws.com:amr": "authenticated"}), Exposes::OwnAccount),
        (json!({"cognito-identity.amazonaws.com:amr": "unauthenticated"}), Exposes::Public),
        (json!({"cognito-identity.amazonaws.com:amr": "un*"}), Exposes::Public),
        (json!({}), Exposes::Public),
    ] {
        assert_eq!(who(cognito(), pool(amr.clone())), wanted, "{amr}");
    }
    let subject = |subject: &str| json!({"StringLike": {"token.actions.githubusercontent.com:sub": subject}});
    for all in ["repo:*", "repo:*/app:*", "*:ref:refs/heads/main", "repo:?*/x"] {
        assert_eq!(who(github(), subject(all)), Exposes::Public, "{all}");
    }
    let lists = json!({"identities": ["repo:example/*"]});
    let by = |repository: &str| {
        let statement = json!({"Effect": "Allow", "Action": "*", "Principal": github(), "Condition": subject(repository)});
        let record = json!({"eventName": "UpdateAssumeRolePolicy", "eventSource": "iam.amazonaws.com", "recipientAccountId": OWN,
            "requestParameters": {"policyDocument": json!({"Statement": [statement]}).to_string()}});
        of(record, &serde_json::from_value(lists.clone()).unwrap()).unwrap().level
    };
    assert_eq!(by("repo:example/app:*"), Exposes::OwnAccount);
    assert_eq!(by("repo:evil/backdoor:*"), Exposes::External, "where there is a list, others are foreign");
}

#[test]
fn a_foreign_account_is_not_hidden_by_an_organisation_that_nobody_knows() {
    let statement = |condition: Value| json!({"Effect": "Allow", "Action": "*", "Principal": {"AWS": FOREIGN}, "Condition": condition});
    let level = |condition: Value, lists: Value| {
        let record = json!({"eventName": "UpdateAssumeRolePolicy", "eventSource": "iam.amazonaws.com", "recipientAccountId": OWN,
            "requestParameters": {"policyDocument": json!({"Statement": [statement(condition)]}).to_string()}});
        of(record, &serde_json::from_value(lists).unwrap()).unwrap().level
    };
    let theirs = || json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}});
    assert_eq!(level(theirs(), json!({})), Exposes::External);
    assert_eq!(level(theirs(), json!({"organizations": ["o-theirs"]})), Exposes::Org);
    assert_eq!(level(theirs(), json!({"organizations": ["o-ours"]})), Exposes::External);
}

#[test]
fn a_policy_that_repeats_itself_costs_once() {
    let many: Vec<&str> = vec!["*"; 4_000];
    let accounts: Vec<&str> = vec![OWN; 1_000];
    let document = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": many}, "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"kms:CallerAccount": accounts}}},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let found = exposed("kms", "PutKeyPolicy", json!({"policy": document.to_string()})).unwrap();
    assert_eq!(found.level, Exposes::Public);
    assert!(found.to.len() <= MOST_NAMED && found.because.len() < 2_000);
}

#[test]
fn one_harmless_statement_hides_nothing() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{OWN}:root")}, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{FOREIGN}:root")}, "Action": "s3:GetObject", "Resource": "*"}]});
    let found =
        exposed("s3", "PutBucketPolicy", json!({"bucketName": "b", "policy": "", "bucketPolicy": document}))
            .unwrap();
    assert_eq!((found.level, found.to.as_slice()), (Exposes::External, [FOREIGN.to_owned()].as_slice()));
}

#[test]
fn each_service_keeps_its_policy_elsewhere() {
    let document =
        json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]});
    let text = json!(document.to_string());
    for (source, event, parameters) in [
        ("iam", "CreateRole", json!({"roleName": "r", "assumeRolePolicyDocument": text})),
        ("s3", "PutBucketPolicy", json!({"bucketPolicy": document})),
        ("kms", "PutKeyPolicy", json!({"keyId": "k", "policy": text})),
        ("secretsmanager", "PutResourcePolicy", json!({"secretId": "s", "resourcePolicy": text})),
        (
            "sns",
            "SetTopicAttributes",
            json!({"topicArn": "t", "attributeName": "Policy", "attributeValue": text}),
        ),
        ("sqs", "SetQueueAttributes", json!({"queueUrl": "q", "attributes": {"Policy": text}})),
        ("ecr", "SetRepositoryPolicy", json!({"policyText": text})),
        ("organizations", "PutResourcePolicy", json!({"content": text})),
        ("es", "UpdateElasticsearchDomainConfig", json!({"accessPolicies": text})),
        ("s3", "PutAccessPointPolicy", json!({"PutAccessPointPolicyRequest": {"Policy": text}})),
        ("lambda", "PutResourcePolicy", json!({"resourceArn": "x", "policy": text})),
    ] {
        let found = exposed(source, event, parameters).map(|found| found.level);
        assert_eq!(found, Some(Exposes::Public), "{source} {event}");
    }
    assert!(
        exposed("sns", "SetTopicAttributes", json!({"attributeName": "DisplayName", "attributeValue": "x"}))
            .is_none()
    );
    assert!(
        exposed("sqs", "SetQueueAttributes", json!({"attributes": {"VisibilityTimeout": "1"}})).is_none()
    );
    assert!(exposed("iam", "PutUserPolicy", json!({"policyDocument": text})).is_none());
    for parameters in [json!(null), json!({"omitted": true}), json!({"policy": "{\"Statement\":[{\"Eff"})] {
        assert_eq!(exposed("kms", "PutKeyPolicy", parameters).unwrap().level, Exposes::Unknown);
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn shares_and_permissions_need_no_document() {
    let level = |source: &str, event: &str, parameters: Value| {
        exposed(source, event, parameters).map(|found| found.level)
    };
    for (source, event, parameters, wanted) in [
        ("lambda", "AddPermission20150331v2", json!({"principal": "*"}), Exposes::Public),
        (
            "lambda",
            "AddPermission20150331v2",
            json!({"principal": "*", "principalOrgID": "o-1"}),
            Exposes::Org,
        ),
        ("lambda", "AddPermission20150331v2", json!({"principal": FOREIGN}), Exposes::External),
        (
            "lambda",
            "AddPermission20150331v2",
            json!({"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::b"}),
            Exposes::Service,
        ),
        ("lambda", "AddLayerVersionPermission20181031", json!({"principal": "*"}), Exposes::Public),
        ("lambda", "CreateFunctionUrlConfig", json!({"authType": "NONE"}), Exposes::Public),
        ("lambda", "CreateFunctionUrlConfig", json!({"authType": "AWS_IAM"}), Exposes::None),
        (
            "ec2",
            "ModifySnapshotAttribute",
            json!({"createVolumePermission": {"add": {"items": [{"userId": FOREIGN}]}}}),
            Exposes::External,
        ),
        (
            "ec2",
            "ModifySnapshotAttribute",
            json!({"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}}),
            Exposes::None,
        ),
        (
            "ec2",
            "ModifyImageAttribute",
            json!({"launchPermission": {"add": {"items": [{"group": "all"}]}}}),
            Exposes::Public,
        ),
        (
            "rds",
            "ModifyDBSnapshotAttribute",
            json!({"attributeName": "restore", "valuesToAdd": ["all"]}),
            Exposes::Public,
        ),
        ("rds", "ModifyDBSnapshotAttribute", json!({"valuesToRemove": ["all"]}), Exposes::None),
        ("ssm", "ModifyDocumentPermission", json!({"accountIdsToAdd": ["all"]}), Exposes::Public),
        (
            "kms",
            "CreateGrant",
            json!({"granteePrincipal": format!("arn:aws:iam::{FOREIGN}:role/x")}),
            Exposes::External,
        ),
        ("kms", "CreateGrant", json!({"granteePrincipal": "ebs.amazonaws.com"}), Exposes::Service),
        (
            "ram",
            "CreateResourceShare",
            json!({"principals": [FOREIGN], "allowExternalPrincipals": true}),
            Exposes::External,
        ),
        (
            "ram",
            "CreateResourceShare",
            json!({"principals": ["arn:aws:organizations::1:organization/o-1"]}),
            Exposes::Org,
        ),
        (
            "cognito-identity",
            "CreateIdentityPool",
            json!({"allowUnauthenticatedIdentities": true}),
            Exposes::Public,
        ),
        ("cognito-identity", "SetIdentityPoolRoles", json!({"roles": {"authenticated": "x"}}), Exposes::None),
        (
            "codebuild",
            "UpdateProjectVisibility",
            json!({"projectVisibility": "PUBLIC_READ"}),
            Exposes::Public,
        ),
        ("s3", "PutBucketAcl", json!({"x-amz-acl": ["public-read"]}), Exposes::Public),
        ("s3", "PutBucketAcl", json!({"x-amz-acl": "private"}), Exposes::None),
        (
            "s3",
            "PutBucketAcl",
            json!({"AccessControlPolicy": {"Owner": {"ID": "a"}, "AccessControlList": {"Grant": [
            {"Grantee": {"ID": "a"}}, {"Grantee": {"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}}]}}}),
            Exposes::Public,
        ),
        (
            "s3",
            "PutBucketAcl",
            json!({"AccessControlPolicy": {"Owner": {"ID": "a"}, "AccessControlList": {"Grant": {"Grantee": {"ID": "b"}}}}}),
            Exposes::External,
        ),
        ("sqs", "AddPermission", json!({"aWSAccountIds": [FOREIGN]}), Exposes::External),
        (
            "events",
            "PutPermission",
            json!({"principal": "*", "condition": {"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1"}}),
            Exposes::Org,
        ),
        ("events", "PutPermission", json!({"principal": "*"}), Exposes::Public),
    ] {
        assert_eq!(level(source, event, parameters.clone()), Some(wanted), "{event} {parameters}");
    }
}

fn statement() -> impl Strategy<Value = Value> {
    let principal = prop::sample::select(vec![
        json!("*"),
        json!({"AWS": OWN}),
        json!({"AWS": FOREIGN}),
        json!({"Service": "ec2.amazonaws.com"}),
        json!({"AWS": []}),
        json!(null),
        json!({"Federated": "cognito-identity.amazonaws.com"}),
    ]);
    let condition = prop::sample::select(vec![
        json!({}),
        json!(null),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"StringEquals": {"sts:ExternalId": "x"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": OWN}}),
        json!("odd"),
    ]);
    (principal, condition, any::<bool>()).prop_map(|(principal, condition, deny)| {
        json!({"Effect": if deny { "Deny" } else { "Allow" }, "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
    })
}

proptest! {
    #[test]
    fn more_allowing_statements_never_expose_less_and_order_does_not_matter(
        statements in prop::collection::vec(statement(), 1..5), extra in statement(), turn in 0_usize..5,
    ) {
        let level = |statements: &[Value]| {
            let text = json!({"Statement": statements}).to_string();
            exposed("iam", "UpdateAssumeRolePolicy", json!({"policyDocument": text})).unwrap().level
        };
        let base = level(&statements);
        let mut more = statements.clone();
        more.push(extra);
        prop_assert!(level(&more).width() >= base.width());
        let mut turned = statements.clone();
        turned.rotate_left(turn % statements.len());
        turned.reverse();
        prop_assert_eq!(level(&turned), base);
    }
}
