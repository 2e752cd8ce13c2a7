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
    let unknown = || Exposed::unknown(record.why_no_parameters("whom the call lets in"));
    let given = |exposed: Option<Exposed>| Some(exposed.unwrap_or_else(unknown));
    if record.parameters_are_omitted() && shares(service, event) {
        return Some(unknown());
    }
    match (service, event) {
        ("lambda", event) if event.starts_with("AddPermission") => {
            given(text("principal").map(|to| permission(record, to, own)))
        }
        ("lambda", event) if event.starts_with("AddLayerVersionPermission") => {
            given(text("principal").map(|to| permission(record, to, own)))
        }
        ("lambda", "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig") => Some(match text("authType") {
            Some("NONE") => Exposed::everybody("the function's URL asks for no credentials (authType NONE)"),
            _ => Exposed::nobody(),
        }),
        ("sns" | "sqs", "AddPermission") => {
            let accounts =
                ["aWSAccountIds", "aWSAccountId", "accountIds"].iter().find_map(|key| parameter(key));
            let actions = ["actions", "actionNames", "actionName"].iter().find_map(|key| parameter(key));
            let sends = |action: &Value| action == "SendMessage" || action == "Publish";
            let sends_only =
                actions.and_then(Value::as_array).is_some_and(|all| !all.is_empty() && all.iter().all(sends));
            given(accounts.map(|accounts| Exposed { sends_only, ..listed(accounts, own) }))
        }
        // The account to which log entries, or what a monitoring account sees, are carried.
        ("logs", "PutSubscriptionFilter") => given(text("destinationArn").map(|to| carried_to(to, own))),
        ("logs", "PutAccountPolicy") => {
            let document = text("policyDocument").and_then(|text| serde_json::from_str::<Value>(text).ok());
            let to = document
                .as_ref()
                .and_then(|document| member(document, "DestinationArn"))
                .and_then(Value::as_str);
            Some(to.map_or_else(Exposed::nobody, |to| carried_to(to, own)))
        }
        ("oam", "CreateLink") => given(text("sinkIdentifier").map(|to| carried_to(to, own))),
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
        ("ram", "CreateResourceShare" | "AssociateResourceShare") => {
            let shared =
                parameter("principals").map_or_else(Exposed::nobody, |principals| listed(principals, own));
            // Nobody outside the organisation is let in then.
            let inside = parameter("allowExternalPrincipals") == Some(&Value::Bool(false));
            Some(if inside && shared.level == Exposes::External {
                Exposed {
                    level: Exposes::Org,
                    because: "shared within the organisation only".to_owned(),
                    ..shared
                }
            } else {
                shared
            })
        }
        ("cognito-identity", "CreateIdentityPool" | "UpdateIdentityPool") => {
            let guests = parameter("allowUnauthenticatedIdentities") == Some(&Value::Bool(true));
            Some(if guests {
                Exposed::everybody("the identity pool lets in everybody without signing in")
            } else {
                Exposed::nobody()
            })
        }
        ("cognito-identity", "SetIdentityPoolRoles") => {
            let guests = parameter("roles").and_then(|roles| member(roles, "unauthenticated")).is_some();
            Some(if guests {
                Exposed::everybody("the identity pool has a role for everybody who does not sign in")
            } else {
                Exposed::nobody()
            })
        }
        ("codebuild", "UpdateProjectVisibility") => Some(match text("projectVisibility") {
            Some("PUBLIC_READ") => {
                Exposed::everybody("the project's builds and logs are readable by everybody")
            }
            _ => Exposed::nobody(),
        }),
        ("s3", "PutBucketAcl" | "PutObjectAcl" | "CreateBucket" | "PutBucketLogging") => {
            Some(acl::exposed(record))
        }
        _ => grants::of(record, service, event, own),
    }
}

/// `OpenSearch` Serverless has policies of its own form: `[{"Rules": […], "Principal": ["arn:…"]}]` for data,
/// `[{"Rules": […], "AllowFromPublic": true}]` for the network.
/// <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html>
fn serverless_search(policy: &Value, own: HomeAccount<'_>) -> Exposed {
    let parsed = policy.as_str().map(serde_json::from_str::<Value>);
    let policy = match &parsed {
        Some(Ok(parsed)) => parsed,
        Some(Err(_)) => return Exposed { unread: true, ..Exposed::unknown("the policy is no JSON") },
        None => policy,
    };
    let rules: Vec<&Value> = policy.as_array().map_or_else(|| vec![policy], |rules| rules.iter().collect());
    if rules.iter().any(|rule| member(rule, "AllowFromPublic") == Some(&Value::Bool(true))) {
        return Exposed::everybody("the collection can be reached from the internet (AllowFromPublic)");
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
            Exposed { because: format!("carries it to account {account}"), ..Exposed::account(account, own) }
        }
        None => Exposed::unknown(format!("carries it to {}, which names no account", short(arn))),
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
        let because = format!("lets in organisation {} only", short(organisation));
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
