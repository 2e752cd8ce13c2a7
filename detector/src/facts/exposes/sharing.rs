//! Calls that let somebody in without a policy document: permissions, ACLs, shares, grants.

use serde_json::Value;

use super::acl;
use super::grants;
use super::principals::{listed, one};
use super::{Exposed, Exposes, HomeAccount, short};
use crate::aws::Arn;
use crate::record::{Record, member};

/// Returns the principals that a permission, ACL, share or grant lets in; `None` where the call is none of
/// these.
pub(super) fn of(record: &Record, service: &str, event: &str, own: HomeAccount<'_>) -> Option<Exposed> {
    let parameter = |key: &str| record.parameter_value(key);
    let text = |key: &str| record.parameter(key);
    if record.parameters_are_omitted() && shares(service, event) {
        return Some(unknown(record));
    }
    let given = |exposed: Option<Exposed>| Some(exposed.unwrap_or_else(|| unknown(record)));
    match (service, event) {
        ("lambda", _) => function(record, event, own),
        ("sns" | "sqs", "AddPermission") => Some(accounts_of_queue_or_topic(record, own)),
        ("logs" | "oam", _) => carried(record, event, own),
        ("aoss", _) => Some(serverless_search(parameter("policy")?, own)),
        ("events", "PutPermission") if parameter("policy").is_none() => {
            given(text("principal").map(|to| permission(record, to, own)))
        }
        ("ec2", "ModifySnapshotAttribute") => Some(ec2_share(parameter("createVolumePermission"), own)),
        ("ec2", "ModifyImageAttribute") => Some(ec2_share(parameter("launchPermission"), own)),
        ("rds", "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute") => {
            Some(parameter("valuesToAdd").map_or_else(Exposed::nobody, |accounts| listed(accounts, own)))
        }
        ("ssm", "ModifyDocumentPermission") => {
            Some(parameter("accountIdsToAdd").map_or_else(Exposed::nobody, |accounts| listed(accounts, own)))
        }
        ("redshift", "AuthorizeSnapshotAccess") => {
            given(text("accountWithRestoreAccess").map(|to| one(to, own)))
        }
        ("kms", "CreateGrant") => given(text("granteePrincipal").map(|to| one(to, own))),
        ("ram", "CreateResourceShare" | "AssociateResourceShare") => Some(resource_share(record, own)),
        ("cognito-identity" | "codebuild", _) => public_switch(record, event),
        ("s3", "PutBucketAcl" | "PutObjectAcl" | "CreateBucket" | "PutBucketLogging") => {
            Some(acl::exposed(record))
        }
        _ => None,
    }
    .or_else(|| grants::of(record, service, event, own))
}

/// Principals that the record leaves out.
fn unknown(record: &Record) -> Exposed {
    Exposed::unknown(record.why_no_parameters("grantee"))
}

/// A Lambda function's or layer's permission, and a function's URL.
fn function(record: &Record, event: &str, own: HomeAccount<'_>) -> Option<Exposed> {
    if ["AddPermission", "AddLayerVersionPermission"].iter().any(|call| event.starts_with(call)) {
        let principal = record.parameter("principal");
        return Some(principal.map_or_else(|| unknown(record), |to| permission(record, to, own)));
    }
    matches!(event, "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig").then(|| {
        match record.parameter("authType") {
            Some("NONE") => Exposed::everybody("function URL requires no authentication (authType NONE)"),
            _ => Exposed::nobody(),
        }
    })
}

/// `AddPermission` of a queue or topic: accounts, and what they may do.
fn accounts_of_queue_or_topic(record: &Record, own: HomeAccount<'_>) -> Exposed {
    let parameter = |key: &&str| record.parameter_value(key);
    let accounts = ["aWSAccountIds", "aWSAccountId", "accountIds"].iter().find_map(parameter);
    let actions = ["actions", "actionNames", "actionName"].iter().find_map(parameter);
    let sends = |action: &Value| action == "SendMessage" || action == "Publish";
    let sends_only =
        actions.and_then(Value::as_array).is_some_and(|all| !all.is_empty() && all.iter().all(sends));
    accounts.map_or_else(|| unknown(record), |accounts| Exposed { sends_only, ..listed(accounts, own) })
}

/// The account to which log entries, or what a monitoring account sees, are carried.
fn carried(record: &Record, event: &str, own: HomeAccount<'_>) -> Option<Exposed> {
    let to = |to: Option<&str>| Some(to.map_or_else(|| unknown(record), |to| carried_to(to, own)));
    match event {
        "PutSubscriptionFilter" => to(record.parameter("destinationArn")),
        "CreateLink" => to(record.parameter("sinkIdentifier")),
        "PutAccountPolicy" => {
            let document = record.parameter("policyDocument");
            let document = document.and_then(|text| serde_json::from_str::<Value>(text).ok());
            let to = document.as_ref().and_then(|document| member(document, "DestinationArn")?.as_str());
            Some(to.map_or_else(Exposed::nobody, |to| carried_to(to, own)))
        }
        _ => None,
    }
}

/// A share of Resource Access Manager.
fn resource_share(record: &Record, own: HomeAccount<'_>) -> Exposed {
    let principals = record.parameter_value("principals");
    let shared = principals.map_or_else(Exposed::nobody, |principals| listed(principals, own));
    // Nobody outside the organisation is let in then.
    let inside = record.parameter_value("allowExternalPrincipals") == Some(&Value::Bool(false));
    if inside && shared.level == Exposes::External {
        let because = "shared within the organization only".to_owned();
        return Exposed { level: Exposes::Org, because, ..shared };
    }
    shared
}

/// Switches that open something to everybody: an identity pool's guests, a build project's visibility.
fn public_switch(record: &Record, event: &str) -> Option<Exposed> {
    let (is_open, because) = match event {
        "CreateIdentityPool" | "UpdateIdentityPool" => (
            record.parameter_value("allowUnauthenticatedIdentities") == Some(&Value::Bool(true)),
            "identity pool allows unauthenticated users",
        ),
        "SetIdentityPoolRoles" => (
            record.parameter_value("roles").and_then(|roles| member(roles, "unauthenticated")).is_some(),
            "identity pool has a role for unauthenticated users",
        ),
        "UpdateProjectVisibility" => (
            record.parameter("projectVisibility") == Some("PUBLIC_READ"),
            "project builds and logs are public",
        ),
        _ => return None,
    };
    Some(if is_open { Exposed::everybody(because) } else { Exposed::nobody() })
}

/// `OpenSearch` Serverless has policies of its own form: `[{"Rules": […], "Principal": ["arn:…"]}]` for data,
/// `[{"Rules": […], "AllowFromPublic": true}]` for the network.
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html>
fn serverless_search(policy: &Value, own: HomeAccount<'_>) -> Exposed {
    let parsed = policy.as_str().map(serde_json::from_str::<Value>);
    let policy = match &parsed {
        Some(Ok(parsed)) => parsed,
        Some(Err(_)) => return Exposed { unread: true, ..Exposed::unknown("policy is not valid JSON") },
        None => policy,
    };
    let rules: Vec<&Value> = policy.as_array().map_or_else(|| vec![policy], |rules| rules.iter().collect());
    if rules.iter().any(|rule| member(rule, "AllowFromPublic") == Some(&Value::Bool(true))) {
        return Exposed::everybody("collection reachable from the internet (AllowFromPublic)");
    }
    let principals = rules.iter().filter_map(|rule| member(rule, "Principal")?.as_array()).flatten();
    // `saml/ACCOUNT/PROVIDER/user/NAME` and `iamidentitycenter/…` are of the account's own providers.
    let names = principals.filter_map(Value::as_str).filter(|name| name.starts_with("arn:") || *name == "*");
    Exposed::widest(names.map(|name| one(name, own)))
}

/// Calls that share something with whoever their parameters name.
fn shares(service: &str, event: &str) -> bool {
    matches!(
        (service, event),
        ("ec2", "ModifySnapshotAttribute" | "ModifyImageAttribute")
            | ("rds", "ModifyDBSnapshotAttribute" | "ModifyDBClusterSnapshotAttribute")
            | ("ssm", "ModifyDocumentPermission")
            | ("ram", "CreateResourceShare" | "AssociateResourceShare")
            | ("s3", "PutBucketAcl")
    )
}

/// Returns whom something is carried to whose ARN is given; within one's own account to nobody new.
fn carried_to(arn: &str, own: HomeAccount<'_>) -> Exposed {
    match Arn::parse(arn).and_then(Arn::account_id) {
        Some(account) if own.level(account) == Exposes::OwnAccount => Exposed::nobody(),
        Some(account) => {
            Exposed { because: format!("forwards to account {account}"), ..Exposed::account(account, own) }
        }
        None => Exposed::unknown(format!("forwards to {} (account unknown)", short(arn))),
    }
}

/// A Lambda or EventBridge permission: a principal, perhaps narrowed to an organisation or account.
fn permission(record: &Record, principal: &str, own: HomeAccount<'_>) -> Exposed {
    let exposed = one(principal, own);
    if exposed.level != Exposes::Public {
        return exposed;
    }
    let condition = record.parameter_value("condition");
    let by_condition = condition.and_then(|condition| member(condition, "value")).and_then(Value::as_str);
    let organisation =
        ["principalOrgID", "organizationId"].iter().find_map(|key| record.parameter(key)).or(by_condition);
    if let Some(organisation) = organisation.filter(|id| !id.contains('*')) {
        let because = format!("allows organization {} only", short(organisation));
        return Exposed::one(own.organisation(organisation), organisation, because);
    }
    match record.parameter("sourceAccount") {
        Some(account) => Exposed::account(account, own),
        None => exposed,
    }
}

/// `{"add": {"items": [{"group": "all"}, {"userId": …}]}}`; taking away lets nobody in.
fn ec2_share(permission: Option<&Value>, own: HomeAccount<'_>) -> Exposed {
    let added = permission.and_then(|permission| member(permission, "add"));
    let items = added.map(|added| member(added, "items").unwrap_or(added));
    let items: Vec<&Value> = match items {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    let keys = ["group", "userId", "organizationArn", "organizationalUnitArn"];
    let names = items.into_iter().filter_map(|item| keys.iter().find_map(|key| member(item, key))?.as_str());
    Exposed::widest(names.map(|name| one(name, own)))
}
