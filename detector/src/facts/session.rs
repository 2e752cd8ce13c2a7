//! Session of a call: the program that it came through, the credential that signed it, and the use of MFA.
//!
//! A user agent is chosen by the caller, so it is for context, and lowers a severity by one step at most.

use serde::{Deserialize, Serialize};

use super::{Actor, ActorKind};
use crate::aws::service_of;
use crate::record::Record;

/// Tool that a call was made with, as far as the caller says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The AWS console.
    Console,
    /// The AWS CLI.
    Cli,
    /// An SDK.
    Sdk,
    /// Terraform, Pulumi, the CDK, Karpenter and other deployment tools.
    Iac,
    /// `CloudFormation`.
    Cloudformation,
    /// An AWS service on its own account.
    AwsService,
    /// The access portal of IAM Identity Center.
    SsoPortal,
    /// `CloudShell`.
    Cloudshell,
    /// A program that acts by itself with somebody's credentials: through the AWS MCP Server, or an agent of
    /// Bedrock.
    Agent,
    /// None of these.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Credential that a call was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Credential {
    /// A long-lived access key (`AKIA`).
    LongTerm,
    /// Temporary credentials (`ASIA`).
    Session,
    /// A console session.
    Console,
    /// None: a sign-in, or an AWS service.
    None,
    /// The record does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

/// Use of MFA in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mfa {
    /// MFA was used.
    Yes,
    /// MFA was not used. For a sign-in through an identity provider this says nothing, since that provider
    /// asks for MFA itself.
    No,
    /// The record does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

impl Via {
    /// `AWS` writes `invokedBy`; the user agent is the caller's own word. So a service or agent is known by the
    /// former only: nobody looks like one by calling themselves so.
    pub(super) fn of(record: &Record, actor: &Actor) -> Self {
        let agent = record.text(&["userAgent"]).unwrap_or_default();
        let invoked_by = record.text(&["userIdentity", "invokedBy"]).and_then(service_of);
        let agent = agent.trim_matches(['[', ']']).to_ascii_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| agent.contains(word));
        match invoked_by {
            Some("aws-mcp" | "bedrock" | "bedrock-agentcore") => return Self::Agent,
            Some("cloudformation") => return Self::Cloudformation,
            Some(service) if ACTS_FOR_YOU.contains(&service) => return Self::AwsService,
            _ if actor.kind == ActorKind::Service => return Self::AwsService,
            _ => {}
        }
        if has(&DEPLOYMENT_TOOLS) {
            Self::Iac
        } else if has(&["exec-env/cloudshell"]) {
            Self::Cloudshell
        } else if agent.starts_with("jersey/") {
            Self::SsoPortal
        } else if agent.starts_with("aws-cli") {
            Self::Cli
        } else if is_console(record)
            || has(&[
                "mozilla/",
                "console.amazonaws.com",
                "signin.amazonaws.com",
                "s3console",
                "aws internal",
            ])
        {
            Self::Console
        } else if has(&["boto", "aws-sdk", "aws-internal", "awspowershell", "aws_sdk"]) {
            Self::Sdk
        } else {
            Self::Unknown
        }
    }

    /// Returns whether only the caller says so.
    pub const fn is_claimed(self) -> bool {
        !matches!(self, Self::Cloudformation | Self::AwsService | Self::Agent)
    }
}

/// Names of deployment tools in user agents.
const DEPLOYMENT_TOOLS: [&str; 11] = [
    "terraform",
    "hashicorp",
    "opentofu",
    "pulumi",
    "aws-cdk",
    "cdk/",
    "crossplane",
    "eksctl",
    "karpenter",
    "aws-sam-cli",
    "serverless/",
];

/// Services that make calls of their own for whoever uses them, as `invokedBy` names them. Those that make any
/// call that they are told (Step Functions, Scheduler, Systems Manager, Cloud9, Lambda, `CodeBuild`, notebooks) are
/// not among them: somebody told them. One that is not in the list lowers nothing.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html>
const ACTS_FOR_YOU: [&str; 60] = [
    "access-analyzer",
    "amplify",
    "apigateway",
    "application-autoscaling",
    "appstream",
    "athena",
    "autoscaling",
    "backup",
    "batch",
    "cloudfront",
    "cloudtrail",
    "codedeploy",
    "codepipeline",
    "config",
    "config-conforms",
    "config-multiaccountsetup",
    "controltower",
    "datasync",
    "datazone",
    "dms",
    "drs",
    "dynamodb",
    "ecs",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "es",
    "firehose",
    "fms",
    "fsx",
    "guardduty",
    "imagebuilder",
    "inspector2",
    "kafka",
    "kms",
    "lakeformation",
    "license-manager",
    "logs",
    "macie",
    "mgn",
    "organizations",
    "proton",
    "quicksight",
    "ram",
    "rds",
    "redshift",
    "resource-groups",
    "s3",
    "secretsmanager",
    "securityhub",
    "servicecatalog",
    "sso",
    "transfer",
    "workspaces",
    "storagegateway",
    "wafv2",
    "vpc-lattice",
];

fn is_console(record: &Record) -> bool {
    record.text(&["sessionCredentialFromConsole"]) == Some("true")
        || record.get(&["sessionCredentialFromConsole"]).and_then(serde_json::Value::as_bool) == Some(true)
}

impl Credential {
    pub(super) fn of(record: &Record) -> Self {
        let key = record.get(&["userIdentity", "accessKeyId"]);
        match key.and_then(serde_json::Value::as_str) {
            Some(key) if key.starts_with("AKIA") => Self::LongTerm,
            Some(key) if key.starts_with("ASIA") && is_console(record) => Self::Console,

            Some(key) if key.starts_with("ASIA") => Self::Session,
            Some("") | None => Self::None,
            Some(_) => Self::Unknown,
        }
    }
}

impl Mfa {
    pub(super) fn of(record: &Record) -> Self {
        let used = record
            .text(&["additionalEventData", "MFAUsed"])
            .or_else(|| record.text(&["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"]));
        match used {
            Some("Yes" | "true") => Self::Yes,
            Some("No" | "false") => Self::No,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn via(patch: Value) -> Via {
        let mut record = json!({"eventName": "CreateUser", "userIdentity": {"type": "IAMUser"}});
        for (key, value) in patch.as_object().unwrap() {
            record[key] = value.clone();
        }
        let record = Record::new(record).unwrap();
        Via::of(&record, &Actor::of(&record))
    }

    #[test]
    fn agents_are_told_apart() {
        for (agent, wanted) in [
            ("aws-cli/2.31.0 md/awscrt", Via::Cli),
            ("APN/1.0 HashiCorp/1.0 Terraform/1.13 aws-sdk-go-v2/1.2", Via::Iac),
            ("Boto3/1.26 md/Botocore", Via::Sdk),
            ("[S3Console/0.4, aws-internal/3]", Via::Console),
            ("Mozilla/5.0", Via::Console),
            ("AWS Internal", Via::Console),
            // The caller's own word makes nobody a service.
            ("cloudformation.amazonaws.com", Via::Unknown),
            ("aws-cli/2.9 exec-env/CloudShell", Via::Cloudshell),
            ("Jersey/${project.version}", Via::SsoPortal),
            ("autoscaling.amazonaws.com", Via::Unknown),
            ("aws-mcp.amazonaws.com", Via::Unknown),
            ("curl/8", Via::Unknown),
        ] {
            assert_eq!(via(json!({"userAgent": agent})), wanted, "{agent}");
        }
        assert_eq!(via(json!({"sessionCredentialFromConsole": "true", "userAgent": "x"})), Via::Console);
        assert_eq!(
            via(
                json!({"userIdentity": {"type": "Root", "invokedBy": "signin.amazonaws.com"}, "userAgent": "signin.amazonaws.com"})
            ),
            Via::Console
        );
        let by = |service: &str| {
            via(json!({"userIdentity": {"type": "IAMUser", "invokedBy": service}, "userAgent": service}))
        };
        assert_eq!(by("secretsmanager.amazonaws.com"), Via::AwsService);
        assert_eq!(by("secretsmanager.amazonaws.com.cn"), Via::AwsService);
        assert_eq!(by("cloudformation.amazonaws.com"), Via::Cloudformation);
        assert_eq!(by("aws-mcp.amazonaws.com"), Via::Agent);
        assert_eq!(by("x.amazonaws.com"), Via::Unknown, "not in the list");
    }

    #[test]
    fn credentials_and_factors() {
        let of = |key: Value, console: bool| {
            let record = json!({"eventName": "X", "userIdentity": {"accessKeyId": key}, "userAgent": "Mozilla/5.0",
                "sessionCredentialFromConsole": console.to_string()});
            Credential::of(&Record::new(record).unwrap())
        };
        assert_eq!(of(json!("AKIAEXAMPLE"), false), Credential::LongTerm);
        assert_eq!(of(json!("ASIAEXAMPLE"), false), Credential::Session);
        assert_eq!(of(json!("ASIAEXAMPLE"), true), Credential::Console);
        assert_eq!(of(json!(""), true), Credential::None);
        assert_eq!(of(json!("?"), true), Credential::Unknown);
        let mfa = |record: Value| Mfa::of(&Record::new(record).unwrap());
        assert_eq!(
            mfa(json!({"eventName": "ConsoleLogin", "additionalEventData": {"MFAUsed": "No"}})),
            Mfa::No
        );
        let session = json!({"sessionContext": {"attributes": {"mfaAuthenticated": "true"}}});
        assert_eq!(mfa(json!({"eventName": "X", "userIdentity": session})), Mfa::Yes);
        assert_eq!(mfa(json!({"eventName": "X"})), Mfa::Unknown);
    }
}
