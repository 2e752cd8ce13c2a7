//! The published paths to more rights, as the actions that they need.
//!
//! Sources: Rhino Security Labs' list, Pacu, `PMapper`, pathfinding.cloud, Bishop Fox's
//! iam-vulnerable. <https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/>,
//! <https://pathfinding.cloud/>

use crate::pattern::Pattern;

/// Share of a service's resources on which a statement allows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All of them.
    All,
    /// Only the caller's own user.
    Own,
    /// Some.
    Some,
}

/// Resources that an action must reach to be a path to more permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Any resource: one is enough to climb.
    Any,
    /// Another's: on oneself it is everyday self-service (own keys, own password).
    Others,
    /// All: on a named resource it is what the policy is for.
    All,
}

impl Needs {
    pub(super) fn is_met_by(self, reach: Reach) -> bool {
        match self {
            Self::Any => true,
            Self::Others => reach != Reach::Own,
            Self::All => reach == Reach::All,
        }
    }
}

/// A path that one action opens.
pub(super) struct Alone {
    pub(super) action: &'static str,
    pub(super) needs: Needs,
    pub(super) leads_to: &'static str,
}

impl Alone {
    pub(super) fn service(&self) -> &str {
        self.action.split(':').next().unwrap_or_default()
    }
}

const fn any(action: &'static str, leads_to: &'static str) -> Alone {
    Alone { action, needs: Needs::Any, leads_to }
}

const fn others(action: &'static str, leads_to: &'static str) -> Alone {
    Alone { action, needs: Needs::Others, leads_to }
}

const fn all(action: &'static str, leads_to: &'static str) -> Alone {
    Alone { action, needs: Needs::All, leads_to }
}

/// Actions that amount to all of IAM: whoever may do each of them on all users, roles or policies may do
/// everything in IAM.
pub(super) const IAM_ADMIN: [(&str, &str); 6] = [
    ("iam:PutUserPolicy", "user/"),
    ("iam:AttachRolePolicy", "role/"),
    ("iam:CreatePolicyVersion", "policy/"),
    ("iam:UpdateAssumeRolePolicy", "role/"),
    ("iam:CreateAccessKey", "user/"),
    ("iam:PassRole", "role/"),
];

/// Paths of one action, the shortest first.
pub(super) const ALONE: &[Alone] = &[
    any("iam:CreatePolicyVersion", "writes any rights into a policy that it can reach"),
    any("iam:SetDefaultPolicyVersion", "brings back an older version of a policy"),
    any("iam:AttachUserPolicy", "attaches any policy to a user"),
    any("iam:AttachGroupPolicy", "attaches any policy to a group"),
    any("iam:AttachRolePolicy", "attaches any policy to a role"),
    any("iam:PutUserPolicy", "writes any rights onto a user"),
    any("iam:PutGroupPolicy", "writes any rights onto a group"),
    any("iam:PutRolePolicy", "writes any rights onto a role"),
    any("iam:AddUserToGroup", "joins a stronger group"),
    any("iam:UpdateAssumeRolePolicy", "lets itself into a role"),
    any("iam:DeleteUserPermissionsBoundary", "lifts a permissions boundary"),
    any("iam:DeleteRolePermissionsBoundary", "lifts a permissions boundary"),
    any("iam:PutUserPermissionsBoundary", "swaps a permissions boundary"),
    any("iam:PutRolePermissionsBoundary", "swaps a permissions boundary"),
    others("iam:CreateAccessKey", "makes keys of other users"),
    others("iam:CreateLoginProfile", "gives other users a password of its choice"),
    others("iam:UpdateLoginProfile", "changes the passwords of other users"),
    others("iam:UpdateAccessKey", "wakes disabled keys of other users"),
    others("iam:CreateServiceSpecificCredential", "makes credentials of other users"),
    others("iam:ResetServiceSpecificCredential", "makes credentials of other users"),
    others("iam:DeactivateMFADevice", "takes away the second factor of other users"),
    any("iam:CreateSAMLProvider", "brings an identity provider of its own"),
    any("iam:UpdateSAMLProvider", "swaps an identity provider's metadata"),
    any("iam:CreateOpenIDConnectProvider", "brings an identity provider of its own"),
    all("sts:AssumeRole", "takes every role that trusts the account"),
    any("sts:AssumeRoot", "becomes root of member accounts"),
    any("lambda:UpdateFunctionCode", "runs its code with the role of a function"),
    any("lambda:UpdateFunctionConfiguration", "puts a layer of its own under a function"),
    any("glue:UpdateDevEndpoint", "puts its key onto an endpoint with a role"),
    any("cloudformation:UpdateStack", "changes a stack with the stack's own role"),
    all("cloudformation:ExecuteChangeSet", "changes a stack with the stack's own role"),
    any("codebuild:StartBuild", "builds with a buildspec of its own and the project's role"),
    any("codebuild:StartBuildBatch", "builds with a buildspec of its own and the project's role"),
    any("ec2-instance-connect:SendSSHPublicKey", "gets a shell on an instance with a role"),
    any("ec2-instance-connect:SendSerialConsoleSSHPublicKey", "gets a shell on an instance with a role"),
    any("ssm:SendCommand", "runs commands on instances with a role"),
    any("ssm:StartSession", "gets a shell on an instance with a role"),
    any("sagemaker:CreatePresignedNotebookInstanceUrl", "opens a notebook that has a role"),
    any("sagemaker:CreatePresignedDomainUrl", "opens a notebook that has a role"),
    any("ecs:ExecuteCommand", "runs commands in a container with a role"),
    any("eks:AssociateAccessPolicy", "becomes administrator of a cluster"),
    any("rolesanywhere:CreateTrustAnchor", "accepts certificates of its own"),
    any("sso:CreateAccountAssignment", "assigns itself an account"),
    any("sso:AttachManagedPolicyToPermissionSet", "widens a permission set that it has"),
    any("sso:PutInlinePolicyToPermissionSet", "widens a permission set that it has"),
    any("sso-directory:AddMemberToGroup", "joins a stronger group of the directory"),
    any("identitystore:CreateGroupMembership", "joins a stronger group of the directory"),
    any("organizations:LeaveOrganization", "leaves the organisation's guardrails"),
    any("organizations:DetachPolicy", "takes off a service control policy"),
    any("codestar:CreateProjectFromTemplate", "makes a project with a role of its choice"),
    any("codestar:AssociateTeamMember", "becomes owner of a project with a role"),
];

/// A path that needs several actions.
pub(super) struct Together {
    pub(super) actions: &'static [&'static str],
    pub(super) leads_to: &'static str,
}

const fn path(actions: &'static [&'static str], leads_to: &'static str) -> Together {
    Together { actions, leads_to }
}

/// Paths that need all of their actions.
const TOGETHER: &[Together] = &[
    path(&["iam:PassRole", "ec2:RunInstances"], "starts an instance with a stronger role"),
    path(&["iam:PassRole", "ec2:AssociateIamInstanceProfile"], "puts a stronger role onto an instance"),
    path(
        &["iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation"],
        "puts a stronger role onto an instance",
    ),
    path(&["iam:PassRole", "ec2:RequestSpotInstances"], "starts an instance with a stronger role"),
    path(&["iam:PassRole", "ec2:RequestSpotFleet"], "starts instances with a stronger role"),
    path(&["iam:PassRole", "ec2:CreateFleet"], "starts instances with a stronger role"),
    path(&["iam:PassRole", "ec2:CreateLaunchTemplateVersion"], "starts instances with a stronger role"),
    path(&["iam:PassRole", "elasticmapreduce:RunJobFlow"], "runs jobs with a stronger role"),
    path(&["iam:PassRole", "scheduler:CreateSchedule"], "calls AWS on a schedule with a stronger role"),
    path(&["iam:PassRole", "transfer:CreateUser"], "reads files with a stronger role"),
    path(&["iam:PassRole", "redshift:ModifyClusterIamRoles"], "gives a warehouse a stronger role"),
    path(&["iam:PassRole", "rds:AddRoleToDBInstance"], "gives a database a stronger role"),
    path(&["iam:PassRole", "eks:CreatePodIdentityAssociation"], "gives pods a stronger role"),
    path(&["iam:PassRole", "ssm:CreateActivation"], "gives a machine of its own a stronger role"),
    path(&["iam:PassRole", "lambda:UpdateFunctionConfiguration"], "gives a function a stronger role"),
    path(&["iam:PassRole", "bedrock-agentcore:CreateAgentRuntime"], "runs code with a stronger role"),
    path(&["iam:PassRole", "autoscaling:CreateLaunchConfiguration"], "starts instances with a stronger role"),
    path(&["iam:PassRole", "lambda:CreateFunction"], "makes a function with a stronger role"),
    path(&["iam:PassRole", "glue:CreateDevEndpoint"], "makes an endpoint with a stronger role"),
    path(&["iam:PassRole", "glue:CreateJob"], "makes a job with a stronger role"),
    path(&["iam:PassRole", "glue:UpdateJob"], "gives a job a stronger role"),
    path(&["iam:PassRole", "cloudformation:CreateStack"], "makes a stack with a stronger role"),
    path(&["iam:PassRole", "cloudformation:CreateStackSet"], "makes a stack set with a stronger role"),
    path(&["iam:PassRole", "codebuild:CreateProject"], "builds with a stronger role"),
    path(&["iam:PassRole", "datapipeline:PutPipelineDefinition"], "makes a pipeline with a stronger role"),
    path(&["iam:PassRole", "sagemaker:CreateNotebookInstance"], "makes a notebook with a stronger role"),
    path(&["iam:PassRole", "sagemaker:CreateTrainingJob"], "trains with a stronger role"),
    path(&["iam:PassRole", "sagemaker:CreateProcessingJob"], "processes with a stronger role"),
    path(&["iam:PassRole", "ecs:RunTask"], "runs a container with a stronger role"),
    path(&["iam:PassRole", "ecs:StartTask"], "runs a container with a stronger role"),
    path(&["iam:PassRole", "ecs:CreateService"], "runs a container with a stronger role"),
    path(&["iam:PassRole", "apprunner:CreateService"], "runs a service with a stronger role"),
    path(&["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"], "runs code with a stronger role"),
    path(&["iam:PassRole", "states:CreateStateMachine"], "runs a state machine with a stronger role"),
    path(&["iam:PassRole", "ssm:StartAutomationExecution"], "automates with a stronger role"),
    path(&["iam:PassRole", "batch:RegisterJobDefinition"], "runs a job with a stronger role"),
    path(&["iam:PassRole", "codestar:CreateProject"], "makes a project with a stronger role"),
    path(
        &["ec2:ModifyInstanceAttribute", "ec2:StartInstances"],
        "changes what an instance runs when it starts",
    ),
    path(
        &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
        "changes what instances run when they start",
    ),
    path(
        &["sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:UpdateNotebookInstance"],
        "changes what a notebook runs when it starts",
    ),
];

/// The first path whose actions are all allowed.
pub(super) fn together(allowed: impl Fn(&str) -> bool) -> Option<&'static Together> {
    TOGETHER.iter().find(|path| path.actions.iter().all(|action| allowed(action)))
}

/// Verbs of actions that change nothing.
const READS: [&str; 15] = [
    "get", "list", "describe", "batchget", "head", "view", "search", "query", "scan", "lookup", "select",
    "simulate", "preview", "download", "estimate",
];

/// Actions that are named like reading and hand out credentials.
const HANDS_OUT: [&str; 6] = [
    "sts:GetFederationToken",
    "sts:GetWebIdentityToken",
    "sso:GetRoleCredentials",
    "redshift:GetClusterCredentials",
    "redshift-serverless:GetCredentials",
    "lightsail:GetInstanceAccessDetails",
];

/// True where an action, as a document writes it, can only read: `s3:Get*`, `ec2:DescribeInstances`.
pub(super) fn only_reads(action: &str) -> bool {
    let Some((_, name)) = action.split_once(':') else { return false };
    let name = name.to_ascii_lowercase();
    let hands_out = || {
        let pattern = Pattern::wildcard(action);
        HANDS_OUT.iter().any(|one| pattern.matches(one))
    };
    READS.iter().any(|verb| name.starts_with(verb)) && !hands_out()
}
