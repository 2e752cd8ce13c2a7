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
    any("iam:CreatePolicyVersion", "can put any permissions into an existing policy"),
    any("iam:SetDefaultPolicyVersion", "can restore an older policy version"),
    any("iam:AttachUserPolicy", "can attach any policy to a user"),
    any("iam:AttachGroupPolicy", "can attach any policy to a group"),
    any("iam:AttachRolePolicy", "can attach any policy to a role"),
    any("iam:PutUserPolicy", "can put any inline policy on a user"),
    any("iam:PutGroupPolicy", "can put any inline policy on a group"),
    any("iam:PutRolePolicy", "can put any inline policy on a role"),
    any("iam:AddUserToGroup", "can join a more privileged group"),
    any("iam:UpdateAssumeRolePolicy", "can add itself to a role's trust policy"),
    any("iam:DeleteUserPermissionsBoundary", "can remove a permissions boundary"),
    any("iam:DeleteRolePermissionsBoundary", "can remove a permissions boundary"),
    any("iam:PutUserPermissionsBoundary", "can replace a permissions boundary"),
    any("iam:PutRolePermissionsBoundary", "can replace a permissions boundary"),
    others("iam:CreateAccessKey", "can create access keys for other users"),
    others("iam:CreateLoginProfile", "can set a password for other users"),
    others("iam:UpdateLoginProfile", "can change passwords of other users"),
    others("iam:UpdateAccessKey", "can reactivate keys of other users"),
    others("iam:CreateServiceSpecificCredential", "can create credentials for other users"),
    others("iam:ResetServiceSpecificCredential", "can create credentials for other users"),
    others("iam:DeactivateMFADevice", "can remove MFA of other users"),
    any("iam:CreateSAMLProvider", "can add its own identity provider"),
    any("iam:UpdateSAMLProvider", "can replace an identity provider's metadata"),
    any("iam:CreateOpenIDConnectProvider", "can add its own identity provider"),
    all("sts:AssumeRole", "can assume every role that trusts the account"),
    any("sts:AssumeRoot", "can open root sessions in member accounts"),
    any("lambda:UpdateFunctionCode", "can run code with a function's role"),
    any("lambda:UpdateFunctionConfiguration", "can add a layer to a function"),
    any("glue:UpdateDevEndpoint", "can add its SSH key to an endpoint with a role"),
    any("cloudformation:UpdateStack", "can change a stack with the stack's role"),
    all("cloudformation:ExecuteChangeSet", "can change a stack with the stack's role"),
    any("codebuild:StartBuild", "can run its own buildspec with the project's role"),
    any("codebuild:StartBuildBatch", "can run its own buildspec with the project's role"),
    any("ec2-instance-connect:SendSSHPublicKey", "can open a shell on an instance with a role"),
    any("ec2-instance-connect:SendSerialConsoleSSHPublicKey", "can open a shell on an instance with a role"),
    any("ssm:SendCommand", "can run commands on instances with a role"),
    any("ssm:StartSession", "can open a shell on an instance with a role"),
    any("sagemaker:CreatePresignedNotebookInstanceUrl", "can open a notebook with a role"),
    any("sagemaker:CreatePresignedDomainUrl", "can open a notebook with a role"),
    any("ecs:ExecuteCommand", "can run commands in a container with a role"),
    any("eks:AssociateAccessPolicy", "can become cluster administrator"),
    any("rolesanywhere:CreateTrustAnchor", "can trust its own certificate authority"),
    any("sso:CreateAccountAssignment", "can assign itself to an account"),
    any("sso:AttachManagedPolicyToPermissionSet", "can extend its own permission set"),
    any("sso:PutInlinePolicyToPermissionSet", "can extend its own permission set"),
    any("sso-directory:AddMemberToGroup", "can join a more privileged directory group"),
    any("identitystore:CreateGroupMembership", "can join a more privileged directory group"),
    any("organizations:LeaveOrganization", "can leave the organization and its guardrails"),
    any("organizations:DetachPolicy", "can detach a service control policy"),
    any("codestar:CreateProjectFromTemplate", "can create a project with any role"),
    any("codestar:AssociateTeamMember", "can become owner of a project with a role"),
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
    path(&["iam:PassRole", "ec2:RunInstances"], "can launch an instance with a more privileged role"),
    path(
        &["iam:PassRole", "ec2:AssociateIamInstanceProfile"],
        "can attach a more privileged role to an instance",
    ),
    path(
        &["iam:PassRole", "ec2:ReplaceIamInstanceProfileAssociation"],
        "can attach a more privileged role to an instance",
    ),
    path(&["iam:PassRole", "ec2:RequestSpotInstances"], "can launch an instance with a more privileged role"),
    path(&["iam:PassRole", "ec2:RequestSpotFleet"], "can launch instances with a more privileged role"),
    path(&["iam:PassRole", "ec2:CreateFleet"], "can launch instances with a more privileged role"),
    path(
        &["iam:PassRole", "ec2:CreateLaunchTemplateVersion"],
        "can launch instances with a more privileged role",
    ),
    path(&["iam:PassRole", "elasticmapreduce:RunJobFlow"], "can run jobs with a more privileged role"),
    path(&["iam:PassRole", "scheduler:CreateSchedule"], "can schedule AWS calls with a more privileged role"),
    path(&["iam:PassRole", "transfer:CreateUser"], "can access files with a more privileged role"),
    path(
        &["iam:PassRole", "redshift:ModifyClusterIamRoles"],
        "can attach a more privileged role to a warehouse",
    ),
    path(&["iam:PassRole", "rds:AddRoleToDBInstance"], "can attach a more privileged role to a database"),
    path(&["iam:PassRole", "eks:CreatePodIdentityAssociation"], "can give pods a more privileged role"),
    path(&["iam:PassRole", "ssm:CreateActivation"], "can give its own host a more privileged role"),
    path(
        &["iam:PassRole", "lambda:UpdateFunctionConfiguration"],
        "can give a function a more privileged role",
    ),
    path(
        &["iam:PassRole", "bedrock-agentcore:CreateAgentRuntime"],
        "can run code with a more privileged role",
    ),
    path(
        &["iam:PassRole", "autoscaling:CreateLaunchConfiguration"],
        "can launch instances with a more privileged role",
    ),
    path(&["iam:PassRole", "lambda:CreateFunction"], "can create a function with a more privileged role"),
    path(&["iam:PassRole", "glue:CreateDevEndpoint"], "can create an endpoint with a more privileged role"),
    path(&["iam:PassRole", "glue:CreateJob"], "can create a job with a more privileged role"),
    path(&["iam:PassRole", "glue:UpdateJob"], "can give a job a more privileged role"),
    path(&["iam:PassRole", "cloudformation:CreateStack"], "can create a stack with a more privileged role"),
    path(
        &["iam:PassRole", "cloudformation:CreateStackSet"],
        "can create a stack set with a more privileged role",
    ),
    path(&["iam:PassRole", "codebuild:CreateProject"], "can run builds with a more privileged role"),
    path(
        &["iam:PassRole", "datapipeline:PutPipelineDefinition"],
        "can create a pipeline with a more privileged role",
    ),
    path(
        &["iam:PassRole", "sagemaker:CreateNotebookInstance"],
        "can create a notebook with a more privileged role",
    ),
    path(&["iam:PassRole", "sagemaker:CreateTrainingJob"], "can run training with a more privileged role"),
    path(
        &["iam:PassRole", "sagemaker:CreateProcessingJob"],
        "can run processing with a more privileged role",
    ),
    path(&["iam:PassRole", "ecs:RunTask"], "can run a container with a more privileged role"),
    path(&["iam:PassRole", "ecs:StartTask"], "can run a container with a more privileged role"),
    path(&["iam:PassRole", "ecs:CreateService"], "can run a container with a more privileged role"),
    path(&["iam:PassRole", "apprunner:CreateService"], "can run a service with a more privileged role"),
    path(
        &["iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"],
        "can run code with a more privileged role",
    ),
    path(
        &["iam:PassRole", "states:CreateStateMachine"],
        "can run a state machine with a more privileged role",
    ),
    path(&["iam:PassRole", "ssm:StartAutomationExecution"], "can run automation with a more privileged role"),
    path(&["iam:PassRole", "batch:RegisterJobDefinition"], "can run a job with a more privileged role"),
    path(&["iam:PassRole", "codestar:CreateProject"], "can create a project with a more privileged role"),
    path(&["ec2:ModifyInstanceAttribute", "ec2:StartInstances"], "can replace an instance's user data"),
    path(
        &["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
        "can replace the user data of a launch template",
    ),
    path(
        &["sagemaker:CreateNotebookInstanceLifecycleConfig", "sagemaker:UpdateNotebookInstance"],
        "can replace a notebook's start-up script",
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
