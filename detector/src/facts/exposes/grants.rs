//! Grants by name of a parameter: calls that let in the accounts, principals or everybody that one of their
//! parameters lists. Where several stand in one call, the widest counts.

use serde_json::Value;

use super::principals::listed;
use super::{Exposed, Exposes, HomeAccount};
use crate::aws::{Arn, accounts};
use crate::record::{Record, member};

/// The place of the names in a call that grants something, as a path from the parameters; `[]` steps into each
/// element of a list, `{}` into each value of a map.
const GRANTS: &[(&str, &[&str], &str)] = &[
    ("appstream", &["UpdateImagePermissions"], "sharedAccountId"),
    ("workspaces", &["UpdateWorkspaceImagePermission"], "sharedAccountId"),
    ("cloud9", &["CreateEnvironmentMembership"], "userArn"),
    ("dataexchange", &["CreateDataGrant"], "receiverPrincipal"),
    (
        "dlm",
        &["CreateLifecyclePolicy", "UpdateLifecyclePolicy"],
        "policyDetails.schedules.[].shareRules.[].targetAccounts",
    ),
    ("ds", &["ShareDirectory"], "shareTarget.id"),
    ("ec2", &["ModifyVpcEndpointServicePermissions"], "AddAllowedPrincipals"),
    ("entityresolution", &["AddPolicyStatement"], "principal"),
    (
        "imagebuilder",
        &["CreateDistributionConfiguration", "UpdateDistributionConfiguration"],
        "distributions.[].amiDistributionConfiguration.launchPermission.{}",
    ),
    ("lakeformation", &["GrantPermissions"], "principal.dataLakePrincipalIdentifier"),
    ("lakeformation", &["BatchGrantPermissions"], "entries.[].principal.dataLakePrincipalIdentifier"),
    ("lakeformation", &["PutDataLakeSettings"], "dataLakeSettings.{}.[].dataLakePrincipalIdentifier"),
    ("lightsail", &["UpdateBucket"], "readonlyAccessAccounts"),
    ("omics", &["CreateShare"], "principalSubscriber"),
    ("qbusiness", &["AssociatePermission", "CreateDataAccessor"], "principal"),
    ("redshift", &["AuthorizeDataShare"], "consumerIdentifier"),
    ("securitylake", &["CreateSubscriber", "UpdateSubscriber"], "subscriberIdentity.principal"),
    ("serverlessrepo", &["PutApplicationPolicy"], "statements.[].principals"),
    ("servicecatalog", &["CreatePortfolioShare", "UpdatePortfolioShare"], "accountId"),
    ("servicecatalog", &["CreatePortfolioShare", "UpdatePortfolioShare"], "organizationNode.value"),
    ("servicecatalog", &["AssociatePrincipalWithPortfolio"], "principalARN"),
    ("signer", &["AddProfilePermission"], "principal"),
    ("secretsmanager", &["AssociateCrossAccountReplica"], "crossAccountReplicaARN"),
];

/// Switches that open something to everyone: the value that does, as text, and what it means.
const SWITCHES: &[(&str, &str, &[&str], &str)] = &[
    (
        "publiclyAccessible",
        "true",
        &["rds", "redshift", "redshift-serverless", "mq", "m2", "lightsail", "timestream-influxdb", "dms"],
        "public endpoint enabled (publiclyAccessible)",
    ),
    (
        "networkConfiguration.ingressConfiguration.isPubliclyAccessible",
        "true",
        &["apprunner"],
        "reachable from the internet",
    ),
    ("advancedSecurityOptions.anonymousAuthEnabled", "true", &["es"], "domain allows anonymous access"),
    (
        "connectivityInfo.publicAccess.type",
        "SERVICE_PROVIDED_EIPS",
        &["kafka"],
        "brokers have public endpoints",
    ),
    (
        "authorizerType",
        "NONE",
        &["bedrock-agentcore"],
        "gateway requires no authentication (authorizerType NONE)",
    ),
    ("endpointConfig.authType", "NONE", &["lambda"], "endpoint requires no authentication (authType NONE)"),
    ("authType", "NONE", &["lambda"], "endpoint requires no authentication (authType NONE)"),
    ("publicSharingEnabled", "true", &["quicksight"], "dashboards can be shared publicly"),
    ("accessRules.allowPublicOverrides", "true", &["lightsail"], "objects can be made public"),
    ("accessRules.getObject", "public", &["lightsail"], "objects are public"),
];

/// Groups that are nobody outside: Lake Formation's word for whoever IAM lets in.
const NOBODY_NEW: [&str; 1] = ["IAM_ALLOWED_PRINCIPALS"];
/// Redshift's word for AWS Data Exchange, where anybody may subscribe.
const EVERYBODY: [&str; 1] = ["ADX"];

/// Returns whom such a call lets in; `None` where it is no such call.
pub(super) fn of(record: &Record, service: &str, event: &str, own: HomeAccount<'_>) -> Option<Exposed> {
    let switches = SWITCHES.iter().filter(|(.., services, _)| services.contains(&service));
    for (path, opens, _, because) in switches {
        let mut values = Vec::new();
        follow(record.request(), path, &mut values);
        if values.iter().any(|value| text_of(value).eq_ignore_ascii_case(opens)) {
            return Some(Exposed::everybody(because));
        }
    }
    let mut rows =
        GRANTS.iter().filter(|(of, events, _)| *of == service && events.contains(&event)).peekable();
    rows.peek()?;
    if record.parameters().is_null() || record.parameters_are_omitted() {
        return Some(Exposed::unknown(record.why_no_parameters("grantee")));
    }
    let mut named = Vec::new();
    for (.., path) in rows {
        follow(record.request(), path, &mut named);
    }
    let exposed =
        named.into_iter().filter(|name| !NOBODY_NEW.iter().any(|none| *name == *none)).map(|name| match name
            .as_str()
        {
            Some(text) if EVERYBODY.contains(&text) => Exposed::everybody("allows every subscriber"),
            Some(text) if is_api_gateway(service, text) => {
                Exposed::one(Exposes::Service, text, "allows API Gateway private links")
            }
            _ => listed(name, own),
        });
    Some(Exposed::widest(exposed))
}

/// API Gateway's own accounts, which an endpoint service names so that private links reach it.
fn is_api_gateway(service: &str, principal: &str) -> bool {
    let account = Arn::parse(principal).and_then(Arn::account_id);
    service == "ec2" && account.and_then(accounts::purpose) == Some(accounts::API_GATEWAY_LINKS)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Collects the values at a path.
fn follow<'a>(value: &'a Value, path: &str, found: &mut Vec<&'a Value>) {
    let (step, rest) = path.split_once('.').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let next: Vec<&Value> = match step {
        "[]" => value.as_array().into_iter().flatten().collect(),
        "{}" => value.as_object().into_iter().flat_map(|map| map.values()).collect(),
        key => member(value, key).into_iter().collect(),
    };
    for value in next {
        match rest {
            Some(rest) => follow(value, rest, found),
            None => found.push(value),
        }
    }
}
