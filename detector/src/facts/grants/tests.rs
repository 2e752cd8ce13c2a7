use super::*;
use proptest::prelude::*;
use serde_json::json;

fn of(document: &Value) -> Granted {
    document::granted(&decode(document).unwrap())
}

fn allow(action: Value, resource: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}})
}

fn level(action: Value, resource: Value) -> Grants {
    of(&allow(action, resource)).level
}

#[test]
fn everything_is_found_however_it_is_written() {
    for action in ["*", "*:*", "**", "?*"] {
        assert_eq!(level(json!(action), json!("*")), Grants::Admin, "{action}");
    }
    assert_eq!(level(json!(["s3:GetObject", "*"]), json!(["arn:aws:s3:::x", "*"])), Grants::Admin);
    assert_eq!(level(json!("*"), json!("arn:*")), Grants::Admin);
    let all_but =
        json!({"Statement": [{"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}]});
    assert_eq!(of(&all_but).level, Grants::Admin);
    let not_resource =
        json!({"Statement": [{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::x"}]});
    assert_eq!(of(&not_resource).level, Grants::Admin);
    assert_eq!(of(&allow(json!("*"), json!("*"))).because, "Action * on Resource * without conditions");
}

#[test]
fn everything_but_a_little_is_everything() {
    let but = |actions: Value| {
        of(&json!({"Statement": {"Effect": "Allow", "NotAction": actions, "Resource": "*"}})).level
    };
    assert_eq!(but(json!("iam:CreateAccessKey")), Grants::Admin);
    assert_eq!(but(json!(["iam:PassRole", "iam:CreateAccessKey"])), Grants::Admin);
    assert!(but(json!(["iam:*", "organizations:*"])) < Grants::IamAdmin, "as PowerUserAccess is written");
}

#[test]
fn all_of_iam_in_pieces_is_all_of_iam() {
    let kinds = ["user", "role", "policy", "group"];
    let each: Vec<String> = kinds.iter().map(|kind| format!("arn:aws:iam::111122223333:{kind}/*")).collect();
    assert_eq!(level(json!("iam:*"), json!(each)), Grants::IamAdmin);
    assert_eq!(level(json!("iam:*"), json!("arn:aws:iam::${aws:PrincipalAccount}:*")), Grants::IamAdmin);
    assert_eq!(level(json!("iam:*"), json!("arn:aws-cn:iam::*:*")), Grants::IamAdmin);
    let statement = |actions: Value| json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let split = json!({"Statement": [
        statement(json!(["iam:PutUserPolicy", "iam:AttachRolePolicy", "iam:CreatePolicyVersion"])),
        statement(json!(["iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:PassRole"]))]});
    assert_eq!(of(&split).level, Grants::IamAdmin);
}

#[test]
fn all_of_iam_is_nearly_everything() {
    for action in ["iam:*", "IAM:*", "i*", "*am:*", "iam*"] {
        assert_eq!(level(json!(action), json!("*")), Grants::IamAdmin, "{action}");
    }
    assert_eq!(level(json!("iam:*"), json!("arn:aws:iam::111122223333:*")), Grants::IamAdmin);
    assert_eq!(level(json!("*"), json!("arn:aws:iam::*:*")), Grants::IamAdmin);
    assert_eq!(level(json!("iam:*"), json!("arn:aws:iam::111122223333:user/bob")), Grants::Privesc);
}

#[test]
fn published_paths_are_found_alone_and_together() {
    for action in [
        "iam:PutUserPolicy",
        "iam:Put*",
        "iam:*Policy",
        "lambda:UpdateFunctionCode",
        "ssm:*",
        "iam:?ttachRolePolicy",
    ] {
        assert_eq!(level(json!(action), json!("*")), Grants::Privesc, "{action}");
    }
    let both = of(&json!({"Statement": [
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::111122223333:role/x"},
        {"Effect": "Allow", "Action": "ec2:RunInstances", "Resource": "*"}]}));
    assert_eq!(both.level, Grants::Privesc);
    assert_eq!(
        both.because,
        "iam:PassRole and ec2:RunInstances together: can launch an instance with a more privileged role"
    );
    assert_eq!(level(json!("iam:PassRole"), json!("*")), Grants::Write);
    assert_eq!(level(json!("sts:AssumeRole"), json!("*")), Grants::Privesc);
    assert_eq!(level(json!("sts:AssumeRole"), json!("arn:aws:iam::111122223333:role/deploy")), Grants::Write);
}

#[test]
fn self_service_is_no_path() {
    let own = json!("arn:aws:iam::*:user/${aws:username}");
    assert_eq!(level(json!(["iam:CreateAccessKey", "iam:UpdateLoginProfile"]), own.clone()), Grants::Write);
    assert_eq!(level(json!("iam:CreateAccessKey"), json!("*")), Grants::Privesc);
    assert_eq!(
        level(json!("iam:PutUserPolicy"), own),
        Grants::Privesc,
        "on oneself it is the shortest path of all"
    );
}

#[test]
fn the_rest_reads_or_writes() {
    assert_eq!(level(json!(["s3:Get*", "ec2:DescribeInstances"]), json!("*")), Grants::Read);
    assert_eq!(level(json!(["s3:Get*", "s3:PutObject"]), json!("*")), Grants::Write);
    assert_eq!(level(json!("sts:Get*"), json!("*")), Grants::Write, "it hands out credentials");
    assert_eq!(level(json!("s3:*"), json!("*")), Grants::Write);
    assert_eq!(level(json!("*"), json!("arn:aws:s3:::bucket/*")), Grants::Write);
    let deny = json!({"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]});
    assert_eq!(of(&deny).level, Grants::DenyOnly);
}

#[test]
fn a_condition_is_told_and_lowers_nothing() {
    let conditional = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]});
    assert_eq!(of(&conditional).level, Grants::Admin);
    assert!(of(&conditional).because.ends_with("with conditions"));
}

fn granted(event: &str, source: &str, record: Value) -> Option<Granted> {
    let mut record = record;
    record["eventName"] = json!(event);
    record["eventSource"] = json!(format!("{source}.amazonaws.com"));
    Granted::of(&Record::new(record).unwrap())
}

#[test]
fn what_is_not_in_the_record_is_unknown_and_says_why() {
    let denied =
        granted("PutUserPolicy", "iam", json!({"requestParameters": null, "errorCode": "AccessDenied"}))
            .unwrap();
    assert_eq!(denied.level, Grants::Unknown);
    assert!(denied.because.contains("denied calls"), "{}", denied.because);
    let omitted = json!({"requestParameters": {"omitted": true, "reason": "requestParameters too large", "originalSize": 250_000}});
    let omitted = granted("PutUserPolicy", "iam", omitted).unwrap();
    assert_eq!(omitted.level, Grants::Unknown);
    assert!(omitted.because.contains("too large"), "{}", omitted.because);
    let cut = granted(
        "PutUserPolicy",
        "iam",
        json!({"requestParameters": {"policyDocument": "{\"Statement\":[{\"Eff"}}),
    )
    .unwrap();
    assert_eq!(cut.level, Grants::Unknown);
    assert!(granted("ListUsers", "iam", json!({})).is_none());
}

#[test]
fn each_service_keeps_its_policy_elsewhere() {
    let text = json!(allow(json!("*"), json!("*")).to_string());
    let admin = |event: &str, source: &str, parameters: Value| {
        granted(event, source, json!({"requestParameters": parameters})).map(|granted| granted.level)
    };
    let managed = "arn:aws:iam::aws:policy/AdministratorAccess";
    for (source, event, parameters) in [
        ("iam", "PutRolePolicy", json!({"roleName": "r", "policyDocument": text})),
        (
            "iam",
            "CreatePolicyVersion",
            json!({"policyArn": "x", "policyDocument": text, "setAsDefault": true}),
        ),
        ("iam", "AttachRolePolicy", json!({"policyArn": managed})),
        ("iam", "PutUserPermissionsBoundary", json!({"permissionsBoundary": managed})),
        ("sso", "AttachManagedPolicyToPermissionSet", json!({"managedPolicyArn": managed})),
        ("sso", "PutInlinePolicyToPermissionSet", json!({"inlinePolicy": text})),
        ("sts", "GetFederationToken", json!({"name": "x", "policy": text})),
        ("sts", "GetFederationToken", json!({"name": "x", "policyArns": [{"arn": managed}]})),
        ("eks", "CreateAccessEntry", json!({"kubernetesGroups": ["system:masters"]})),
    ] {
        assert_eq!(admin(event, source, parameters), Some(Grants::Admin), "{event}");
    }
    assert_eq!(admin("AssumeRole", "sts", json!({"roleArn": "x"})), None);
}

fn statement() -> impl Strategy<Value = Value> {
    let action = prop::sample::select(vec![
        "*",
        "iam:*",
        "iam:Put*",
        "iam:PassRole",
        "ec2:RunInstances",
        "s3:Get*",
        "s3:*",
        "lambda:CreateFunction",
        "sts:AssumeRole",
        "?",
        "",
        "ssm:SendCommand",
        "*:Describe*",
    ]);
    let resource = prop::sample::select(vec![
        "*",
        "arn:aws:iam::*:user/${aws:username}",
        "arn:aws:iam::1:role/x",
        "arn:aws:s3:::x",
        "",
    ]);
    let actions = prop::collection::vec(action, 0..4);
    (actions, prop::collection::vec(resource, 0..3), any::<[bool; 3]>()).prop_map(
        |(actions, resources, [deny, not, condition])| {
            let mut statement = json!({"Effect": if deny { "Deny" } else { "Allow" }, "Resource": resources});
            statement[if not { "NotAction" } else { "Action" }] = json!(actions);
            if condition {
                statement["Condition"] = json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
            }
            statement
        },
    )
}

proptest! {
    #[test]
    fn more_statements_never_allow_less_and_order_does_not_matter(
        statements in prop::collection::vec(statement(), 1..6), extra in statement(), turn in 0_usize..6,
    ) {
        let document = |statements: &[Value]| json!({"Statement": statements});
        let base = of(&document(&statements)).level;
        let mut more = statements.clone();
        more.push(extra);
        prop_assert!(of(&document(&more)).level >= base);
        let mut turned = statements.clone();
        turned.rotate_left(turn % statements.len());
        turned.reverse();
        prop_assert_eq!(of(&document(&turned)).level, base);
    }
}
