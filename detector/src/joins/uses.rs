//! Identities that a call was made with.

use super::{Joins, PORTAL, Part, is_sign_in, provider_name, role_parts, seconds, text_in};
use crate::facts::{Facts, Verdict};
use crate::record::Record;

/// Adds the identities that the call was made with.
pub(super) fn add(joins: &mut Joins, record: &Record, facts: &Facts) {
    let identity = |key: &str| record.text(&["userIdentity", key]);
    let session = |path: &[&str]| text_in(record.get(&["userIdentity", "sessionContext"]), path);
    let key = identity("accessKeyId");
    if let Some(key) = key {
        joins.add(Part::Use, "cred", key);
    }
    if let Some(shared) = record.text(&["sharedEventID"]).filter(|_| identity("type") != Some("AWSService")) {
        joins.add(Part::Use, "shared", shared);
    }
    let created = session(&["attributes", "creationDate"]);
    let principal = identity("principalId");
    let is_long_lived = key.is_some_and(|key| key.starts_with("AKIA"));
    if let (Some(principal), Some(created), false) = (principal, created, is_long_lived)
        && let Some(seconds) = seconds(created)
    {
        let value = format!("{principal}@{seconds}");
        // The console takes a new key for each call.
        let kind = identity("type").unwrap_or_default();
        if facts.credential == crate::facts::Credential::Console
            || matches!(kind, "IAMUser" | "Root" | "FederatedUser")
        {
            joins.add(Part::Use, "console", value.clone());
        }
        joins.add(Part::Use, "sess", value);
    }
    user(joins, record, facts);
    if identity("type") == Some("AssumedRole") {
        role_session(joins, record);
    }
    let on_behalf = |key: &str| record.text(&["userIdentity", "onBehalfOf", key]);
    joins.add_parts(Part::Use, "idc", &[on_behalf("identityStoreArn"), on_behalf("userId")]);
    if let Some(sign_in) = session(&["signInSessionArn"]) {
        joins.add(Part::Use, "signin", sign_in);
    }
    let is_user_of_another =
        identity("type") == Some("AWSAccount") && principal.is_some_and(|id| id.starts_with("AIDA"));
    if is_user_of_another {
        joins.add_parts(Part::Use, "foreign", &[identity("accountId"), principal]);
    }
    // Shortened by an export: nothing else tells whose session it is.
    if key.is_none()
        && created.is_none()
        && identity("type") == Some("AssumedRole")
        && let Some(arn) = identity("arn")
    {
        joins.add(Part::Use, "arn", arn);
    }
    if facts.outcome.verdict == Verdict::Success {
        opened(joins, record);
    }
}

/// Adds the IAM user, root or the user behind a federated session; and of a sign-in that worked, the password.
fn user(joins: &mut Joins, record: &Record, facts: &Facts) {
    let identity = |key: &str| record.text(&["userIdentity", key]);
    let account = identity("accountId");
    match identity("type") {
        Some("IAMUser") => {
            let arn = identity("arn").filter(|arn| arn.contains(":user/"));
            let name = arn.and_then(|arn| arn.rsplit('/').next()).or_else(|| identity("userName"));
            if let Some(arn) = arn {
                joins.add(Part::Use, "user", arn);
            }
            joins.add_parts(Part::Use, "name", &[account, name]);
            if is_sign_in(record, facts) {
                joins.add_parts(Part::Use, "login", &[account, name]);
            }
        }
        Some("Root") => {
            if let Some(account) = account.filter(|_| !facts.actor.central_root) {
                joins.add(Part::Use, "user", account);
            }
        }
        Some("FederatedUser") => {
            if let Some(arn) = record.text(&["userIdentity", "sessionContext", "sessionIssuer", "arn"]) {
                joins.add(Part::Use, "user", arn);
            }
        }
        _ => {}
    }
}

/// Adds the person, function or instance of a role's session, and who the role was opened to.
fn role_session(joins: &mut Joins, record: &Record) {
    let session = |path: &[&str]| text_in(record.get(&["userIdentity", "sessionContext"]), path);
    let account = record.text(&["userIdentity", "accountId"]);
    let name = record.text(&["userIdentity", "principalId"]).and_then(|id| Some(id.split_once(':')?.1));
    let issuer = session(&["sessionIssuer", "arn"]);
    if issuer.is_some_and(|arn| arn.contains(PORTAL)) {
        if let Some(person) = name {
            joins.add(Part::Use, "person", person.to_lowercase());
        }
        return;
    }
    if let Some(function) = record.text(&["userIdentity", "inScopeOf", "credentialsIssuedTo"]) {
        joins.add(Part::Use, "fn", function);
    } else {
        joins.add_parts(Part::Use, "fn", &[account, issuer, name]);
    }
    let is_instance = record.get(&["userIdentity", "sessionContext", "ec2RoleDelivery"]).is_some();
    if is_instance && name.is_some_and(|name| name.starts_with("i-")) {
        joins.add_parts(Part::Use, "inst", &[account, name]);
    }
    if let Some(provider) = session(&["webIdFederationData", "federatedProvider"]) {
        opened_to(joins, issuer, provider_name(provider));
        joins.add(Part::Use, "prov", provider);
    }
}

/// Adds a role and whom it was opened to.
fn opened_to(joins: &mut Joins, role: Option<&str>, whom: &str) {
    if let Some((account, name)) = role.and_then(role_parts) {
        joins.add_parts(Part::Use, "opened", &[Some(account), Some(name), Some(whom)]);
    }
}

/// Adds the role that a call of another account assumed, which somebody may have opened to that account.
fn opened(joins: &mut Joins, record: &Record) {
    let role = record.parameter("roleArn");
    if !record.event_name().starts_with("AssumeRole") {
        return;
    }
    match record.text(&["userIdentity", "type"]) {
        Some("AWSAccount") => {
            if let Some(account) = record.text(&["userIdentity", "accountId"]) {
                opened_to(joins, role, account);
            }
            opened_to(joins, role, "*");
        }
        Some("WebIdentityUser" | "SAMLUser") => {
            let provider =
                record.text(&["responseElements", "provider"]).or_else(|| record.parameter("principalArn"));
            if let Some(provider) = provider {
                opened_to(joins, role, provider_name(provider));
                joins.add(Part::Use, "prov", provider);
            }
        }
        _ => {}
    }
}
