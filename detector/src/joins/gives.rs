//! Identities that a call issued, created, opened to somebody or took over. A call that failed gives nothing.

use serde_json::Value;

use super::{Joins, Part, is_sign_in, provider_name, text_in};
use crate::aws::{is_account_id, service_of};
use crate::facts::{Facts, SelfTarget, Verdict};
use crate::policy::{Document, Listed, Principal, decode};
use crate::record::{Record, member};

/// Most instances that one call takes over; a command to more is a fleet's upkeep.
const MOST_INSTANCES: usize = 20;

/// Adds the identities that the call gave.
pub(super) fn add(joins: &mut Joins, record: &Record, facts: &Facts) {
    if facts.outcome.verdict != Verdict::Success {
        return;
    }
    if is_sign_in(record, facts) {
        if let Some(principal) = record.text(&["userIdentity", "principalId"]) {
            session(joins, record, principal);
        }
        return;
    }
    match record.service().unwrap_or_default() {
        "sts" => sts(joins, record),
        "iam" => iam(joins, record, facts),
        "lambda" => function(joins, record),
        "ec2" | "ssm" | "ec2-instance-connect" => instances(joins, record),
        "signin" if record.event_name() == "CreateOAuth2Token" => {
            if let Some(sign_in) = record.text(&["additionalEventData", "signInSessionArn"]) {
                joins.add(Part::Give, "signin", sign_in);
            }
        }
        _ => {}
    }
}

/// Adds the session that began with this call. The session's own records carry the second of its start, seldom the
/// next one.
fn session(joins: &mut Joins, record: &Record, principal: &str) {
    if let Some(time) = record.event_time() {
        for second in [time.as_second(), time.as_second() + 1] {
            joins.add(Part::Give, "sess", format!("{principal}@{second}"));
        }
    }
}

/// Adds the credentials that STS issued.
fn sts(joins: &mut Joins, record: &Record) {
    let response = |path: &[&str]| text_in(record.get(&["responseElements"]), path);
    if let Some(key) = response(&["credentials", "accessKeyId"]) {
        joins.add(Part::Give, "cred", key);
    }
    let principal = response(&["assumedRoleUser", "assumedRoleId"])
        .or_else(|| response(&["federatedUser", "federatedUserId"]));
    if let Some(principal) = principal {
        session(joins, record, principal);
    }
    if let Some(token) = response(&["webIdentityTokenId"]) {
        joins.add(Part::Give, "token", token);
    }
    if let Some(token) = record.parameter("webIdentityTokenId") {
        joins.add(Part::Use, "token", token);
    }
    if record.event_name().starts_with("AssumeRole") {
        let arn = response(&["assumedRoleUser", "arn"]).map(str::to_owned).or_else(|| {
            let (role, name) = (record.parameter("roleArn")?, record.parameter("roleSessionName")?);
            let (before, path) = role.split_once(":role/")?;
            let role = path.rsplit('/').next()?;
            Some(format!("{}:assumed-role/{role}/{name}", before.replacen(":iam:", ":sts:", 1)))
        });
        if let Some(arn) = arn {
            joins.add(Part::Give, "arn", arn);
        }
    }
}

/// Adds what IAM created, gave or opened.
fn iam(joins: &mut Joins, record: &Record, facts: &Facts) {
    let response = |path: &[&str]| text_in(record.get(&["responseElements"]), path);
    let account = record.account();
    let user = record.parameter("userName");
    let of_another = facts.own != SelfTarget::True;
    match record.event_name() {
        "CreateAccessKey" => {
            if let Some(key) = response(&["accessKey", "accessKeyId"]) {
                joins.add(Part::Key, "cred", key);
            }
        }
        "CreateUser" => {
            if let Some(arn) = response(&["user", "arn"]) {
                joins.add(Part::Made, "user", arn);
            }
        }
        "CreateLoginProfile" | "UpdateLoginProfile" if of_another => {
            joins.add_parts(Part::Give, "login", &[account, user]);
        }
        "AttachUserPolicy" | "PutUserPolicy" | "AddUserToGroup" | "DeactivateMFADevice" if of_another => {
            joins.add_parts(Part::Granted, "name", &[account, user]);
        }
        "UpdateAssumeRolePolicy" | "CreateRole" => {
            let role = record.parameter("roleName");
            for whom in &facts.exposes_to {
                joins.add_parts(Part::Give, "opened", &[account, role, Some(whom)]);
            }
            // Of a provider the fact names whose tokens are taken, and sessions name the provider. Where the fact names
            // accounts and services alone, the providers of the document are fenced in.
            let is_of_provider =
                |whom: &String| whom != "*" && !is_account_id(whom) && service_of(whom).is_none();
            let by_provider = facts.exposes_to.iter().any(is_of_provider);
            for provider in providers(record).iter().filter(|_| by_provider) {
                joins.add_parts(Part::Give, "opened", &[account, role, Some(provider_name(provider))]);
            }
        }
        "CreateOpenIDConnectProvider" | "CreateSAMLProvider" | "UpdateSAMLProvider" => {
            let provider = response(&["openIDConnectProviderArn"])
                .or_else(|| response(&["sAMLProviderArn"]))
                .or_else(|| record.parameter("sAMLProviderArn"));
            if let Some(provider) = provider {
                joins.add(Part::Give, "prov", provider);
            }
        }
        _ => {}
    }
}

/// Returns the identity providers that a role's trust policy allows.
fn providers(record: &Record) -> Vec<String> {
    let trust = ["policyDocument", "assumeRolePolicyDocument"];
    let document =
        trust.iter().find_map(|key| record.parameter_value(key)).and_then(|value| decode(value).ok());
    let mut found = Vec::new();
    for (_, statement) in document.iter().flat_map(Document::allows) {
        if let Listed::Only(principals) = &statement.principals {
            found.extend(principals.iter().filter_map(|principal| match principal {
                Principal::Federated(name) => Some(name.clone()),
                _ => None,
            }));
        }
    }
    found
}

/// Adds the function whose code or role the call chose: by its ARN, and by role and name, which a record without the
/// function's ARN has.
fn function(joins: &mut Joins, record: &Record) {
    let is_change = ["CreateFunction", "UpdateFunctionCode", "UpdateFunctionConfiguration"]
        .iter()
        .any(|name| record.event_name().starts_with(name));
    if !is_change {
        return;
    }
    let response = |key: &str| record.text(&["responseElements", key]);
    if let Some(arn) = response("functionArn") {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:VERSION]
        joins.add(Part::Give, "fn", arn.split(':').take(7).collect::<Vec<_>>().join(":"));
    }
    joins.add_parts(Part::Give, "fn", &[record.account(), response("role"), response("functionName")]);
}

/// Adds the instances that the call reaches into.
fn instances(joins: &mut Joins, record: &Record) {
    let mut found: Vec<&str> = Vec::new();
    match record.event_name() {
        "SendCommand" => listed(record.parameter_value("instanceIds"), &mut found),
        "StartSession" => found.extend(record.parameter("target")),
        "SendSSHPublicKey"
        | "SendSerialConsoleSSHPublicKey"
        | "GetPasswordData"
        | "ModifyInstanceAttribute" => found.extend(record.parameter("instanceId")),
        "AssociateIamInstanceProfile" => {
            let nested = record
                .parameter_value("AssociateIamInstanceProfileRequest")
                .and_then(|request| member(request, "instanceId"));
            found.extend(record.parameter("instanceId").or_else(|| nested.and_then(Value::as_str)));
        }
        "RunInstances" => {
            let items = record.get(&["responseElements", "instancesSet", "items"]).and_then(Value::as_array);
            let ids = items.into_iter().flatten().filter_map(|item| member(item, "instanceId")?.as_str());
            found.extend(ids);
        }
        _ => {}
    }
    found.retain(|id| id.starts_with("i-"));
    if found.len() <= MOST_INSTANCES {
        for id in found {
            joins.add_parts(Part::Give, "inst", &[record.account(), Some(id)]);
        }
    }
}

fn listed<'a>(value: Option<&'a Value>, found: &mut Vec<&'a str>) {
    found.extend(value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str));
}
