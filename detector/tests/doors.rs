//! One policy through every call that can give it: what it allows decides, not the call. Rights of people (a
//! user, a group, a permission set, the holders of a policy in use) weigh one step more than those of a role or
//! of a policy that nobody has yet, since somebody must take the role or attach the policy first.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use detector::{Detector, Record, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};

fn severity(detector: &Detector, source: &str, event: &str, parameters: &Value) -> Option<Severity> {
    let record = json!({
        "eventSource": format!("{source}.amazonaws.com"), "eventName": event, "requestParameters": parameters,
        "recipientAccountId": "111122223333", "userAgent": "aws-cli/2.31.0", "sourceIPAddress": "203.0.113.7",
        "userIdentity": {"type": "IAMUser", "userName": "alice", "accountId": "111122223333",
            "accessKeyId": "AKIAEXAMPLEALICE0001", "arn": "arn:aws:iam::111122223333:user/alice"},
    });
    let record = Record::new(record).unwrap_or_else(|error| panic!("{error}"));
    detector.detect(&record, Timestamp::UNIX_EPOCH).alert.map(|alert| alert.severity)
}

/// A call: service, name, parameters.
type Call = (&'static str, &'static str, Value);

/// Calls that give a document: to people, and to a role or to nobody yet.
fn with_document(document: &str) -> ([Call; 5], [Call; 3]) {
    let set = "arn:aws:sso:::permissionSet/ssoins-1/ps-1";
    let policy = "arn:aws:iam::111122223333:policy/app";
    (
        [
            (
                "iam",
                "PutUserPolicy",
                json!({"userName": "bob", "policyName": "p", "policyDocument": document}),
            ),
            (
                "iam",
                "PutGroupPolicy",
                json!({"groupName": "team", "policyName": "p", "policyDocument": document}),
            ),
            (
                "iam",
                "CreatePolicyVersion",
                json!({"policyArn": policy, "setAsDefault": true, "policyDocument": document}),
            ),
            (
                "sso",
                "PutInlinePolicyToPermissionSet",
                json!({"permissionSetArn": set, "inlinePolicy": document}),
            ),
            (
                "sso",
                "PutPermissionsPolicy",
                json!({"permissionSetId": "ps-1", "permissionsPolicy": document}),
            ),
        ],
        [
            (
                "iam",
                "PutRolePolicy",
                json!({"roleName": "app", "policyName": "p", "policyDocument": document}),
            ),
            ("iam", "CreatePolicy", json!({"policyName": "app", "policyDocument": document})),
            (
                "iam",
                "CreatePolicyVersion",
                json!({"policyArn": policy, "setAsDefault": false, "policyDocument": document}),
            ),
        ],
    )
}

/// Calls that attach a policy by its ARN: to people, and to a role.
fn attached(arn: &str) -> ([Call; 3], Call) {
    (
        [
            ("iam", "AttachUserPolicy", json!({"userName": "bob", "policyArn": arn})),
            ("iam", "AttachGroupPolicy", json!({"groupName": "team", "policyArn": arn})),
            (
                "sso",
                "AttachManagedPolicyToPermissionSet",
                json!({"permissionSetArn": "x", "managedPolicyArn": arn}),
            ),
        ],
        ("iam", "AttachRolePolicy", json!({"roleName": "app", "policyArn": arn})),
    )
}

fn statement(actions: &Value, resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": resource}]}).to_string()
}

#[test]
fn the_same_document_weighs_the_same_through_every_call() {
    use Severity::{Critical, High, Low, Medium};
    let detector = Detector::default();
    for (document, people, role) in [
        (statement(&json!("*"), "*"), Some(Critical), Some(High)),
        (statement(&json!("iam:*"), "*"), Some(Critical), Some(High)),
        (statement(&json!(["iam:PassRole", "lambda:CreateFunction"]), "*"), Some(High), Some(Medium)),
        (
            statement(&json!("iam:PutRolePolicy"), "arn:aws:iam::111122223333:role/app"),
            Some(High),
            Some(Medium),
        ),
        (statement(&json!("s3:PutObject"), "arn:aws:s3:::reports/*"), Some(Medium), Some(Low)),
    ] {
        let (to_people, to_role) = with_document(&document);
        for (source, event, parameters) in to_people {
            assert_eq!(severity(&detector, source, event, &parameters), people, "{event} {document}");
        }
        for (source, event, parameters) in to_role {
            // A policy that nobody has and that opens no way gives nobody anything.
            let wanted = role.filter(|level| event == "PutRolePolicy" || *level > Low);
            assert_eq!(severity(&detector, source, event, &parameters), wanted, "{event} {document}");
        }
    }
    let cut = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Eff";
    let (to_people, to_role) = with_document(cut);
    for (source, event, parameters) in to_people.into_iter().chain(to_role) {
        assert_eq!(severity(&detector, source, event, &parameters), Some(High), "{event}, and unknown error");
    }
}

#[test]
fn the_same_policy_weighs_the_same_wherever_it_is_attached() {
    use Severity::{Critical, High, Low, Medium};
    let detector = Detector::default();
    for (policy, people, role) in [
        ("arn:aws:iam::aws:policy/AdministratorAccess", Some(Critical), Some(High)),
        ("arn:aws:iam::aws:policy/IAMFullAccess", Some(Critical), Some(High)),
        ("arn:aws:iam::aws:policy/PowerUserAccess", Some(High), Some(Medium)),
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", Some(Medium), Some(Low)),
        ("arn:aws:iam::111122223333:policy/app", Some(Medium), Some(Low)),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", Some(Low), Some(Low)),
        ("arn:aws:iam::aws:policy/AWSDenyAll", None, None),
    ] {
        let (to_people, (source, event, parameters)) = attached(policy);
        assert_eq!(severity(&detector, source, event, &parameters), role, "{event} {policy}");
        for (source, event, parameters) in to_people {
            assert_eq!(severity(&detector, source, event, &parameters), people, "{event} {policy}");
        }
    }
    let customers =
        json!({"permissionSetArn": "x", "customerManagedPolicyReference": {"name": "app", "path": "/"}});
    let event = "AttachCustomerManagedPolicyReferenceToPermissionSet";
    assert_eq!(severity(&detector, "sso", event, &customers), Some(Medium));
}

#[test]
fn every_kind_of_own_key_weighs_the_same() {
    let detector = Detector::default();
    for event in [
        "CreateAccessKey",
        "UploadSSHPublicKey",
        "UploadSigningCertificate",
        "CreateServiceSpecificCredential",
        "ResetServiceSpecificCredential",
    ] {
        let of = |user: &str| severity(&detector, "iam", event, &json!({"userName": user}));
        assert_eq!((of("alice"), of("bob")), (Some(Severity::Low), Some(Severity::High)), "{event}");
    }
}
