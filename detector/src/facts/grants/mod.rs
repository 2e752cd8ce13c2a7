//! Permissions that the policy in a call allows: read from its document, or known of AWS's own policies.
//!
//! A document that is not in the record, or can't be read, is [`Grants::Unknown`]: that is a value
//! of its own and never reads as harmless.

mod document;
mod managed;
mod paths;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::decode;
use crate::record::Record;

/// Level of the permissions that a policy allows, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// Nothing: it only forbids.
    DenyOnly,
    /// Looking.
    Read,
    /// Changing things, by no published path to more rights.
    Write,
    /// A set of actions with which its holder can get more rights.
    Privesc,
    /// Everything in IAM, and so everything.
    IamAdmin,
    /// Everything.
    Admin,
    /// The record does not say.
    #[serde(other)]
    Unknown,
}

/// Permissions that a policy allows, and the reason why that is said of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) level: Grants,
    /// The actions that made the level, as the document writes them.
    pub(crate) actions: Vec<String>,
    /// In words.
    pub(crate) because: String,
    /// True where there is a document that can't be read.
    pub(crate) unread: bool,
}

impl Granted {
    fn unknown(because: impl Into<String>) -> Self {
        Self { level: Grants::Unknown, actions: Vec::new(), because: because.into(), unread: false }
    }

    /// Returns the permissions that the policy in a call allows; `None` where the call has no policy.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let parameter = |key: &str| record.parameter_value(key);
        let managed = |key: &str| Some(Self::managed(record, parameter(key)));
        let document = |key: &str| Some(Self::document(record, parameter(key)));
        match (record.service()?, record.event_name()) {
            ("iam", "AttachUserPolicy" | "AttachGroupPolicy" | "AttachRolePolicy")
            | ("eks", "AssociateAccessPolicy") => managed("policyArn"),
            ("iam", "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary") => {
                managed("permissionsBoundary")
            }
            (
                "iam",
                "PutUserPolicy" | "PutGroupPolicy" | "PutRolePolicy" | "CreatePolicy" | "CreatePolicyVersion",
            ) => document("policyDocument"),
            ("iam", "SetDefaultPolicyVersion") => {
                Some(Self::unknown("content of the policy version not recorded"))
            }
            ("iam", "AcquireRole") => Some(Self::unknown("policies from a template, not recorded")),
            ("sts", "AssumeRoot") => Some(Self::managed(record, parameter("taskPolicyArn"))),
            (
                "sts",
                "GetFederationToken" | "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity",
            ) => Self::session(record),
            ("sso", "AttachManagedPolicyToPermissionSet") => managed("managedPolicyArn"),
            ("sso", "AttachCustomerManagedPolicyReferenceToPermissionSet") => {
                Some(Self::unknown("content of the customer managed policy not recorded"))
            }
            ("sso", "PutInlinePolicyToPermissionSet") => document("inlinePolicy"),
            ("sso", "PutPermissionsPolicy") => document("permissionsPolicy"),
            ("sso", "PutPermissionsBoundaryToPermissionSet") => {
                let boundary = parameter("permissionsBoundary").and_then(|of| of.get("managedPolicyArn"));
                Some(Self::managed(record, boundary))
            }
            ("eks", "CreateAccessEntry" | "UpdateAccessEntry") => {
                Self::kubernetes(parameter("kubernetesGroups")?)
            }
            _ => None,
        }
    }

    fn managed(record: &Record, arn: Option<&Value>) -> Self {
        // `{"arn": …}` in AssumeRoot.
        let arn = arn.map(|arn| arn.get("arn").unwrap_or(arn));
        match arn.and_then(Value::as_str) {
            Some(arn) => managed::granted(arn),
            None => Self::unknown(record.why_no_parameters("policy")),
        }
    }

    fn document(record: &Record, document: Option<&Value>) -> Self {
        match document {
            Some(document) => match decode(document) {
                Ok(document) => document::granted(&document),
                Err(error) => Self { unread: true, ..Self::unknown(error.to_string()) },
            },
            None => Self::unknown(record.why_no_parameters("policy content")),
        }
    }

    /// A policy handed over with a session: it can only narrow what the caller has, and shows what
    /// the session is meant to be.
    fn session(record: &Record) -> Option<Self> {
        let arns = record.parameter_value("policyArns").and_then(Value::as_array).into_iter().flatten();
        let managed = arns.map(|arn| Self::managed(record, Some(arn)));
        let policy = record.parameter_value("policy").map(|policy| Self::document(record, Some(policy)));
        let known = |granted: &Self| (granted.level != Grants::Unknown, granted.level);
        managed.chain(policy).max_by_key(known)
    }

    fn kubernetes(groups: &Value) -> Option<Self> {
        let masters = groups.as_array()?.iter().any(|group| group == "system:masters");
        masters.then(|| Self {
            level: Grants::Admin,
            actions: vec!["system:masters".to_owned()],
            because: "group system:masters allows everything in the cluster".to_owned(),
            unread: false,
        })
    }
}

#[cfg(test)]
mod tests;
