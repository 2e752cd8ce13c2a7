//! Permissions that AWS's own policies allow. Their documents are not in a record, and change seldom; a
//! policy of the account, or one that is not listed here, is unknown.
//!
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>

use super::{Granted, Grants};
use crate::aws::Arn;
use crate::facts::short;

/// Returns the permissions that a policy allows, by its ARN: AWS's managed policies, EKS access policies, and
/// the policies of root tasks.
pub(super) fn granted(arn: &str) -> Granted {
    let Some(Arn { service, account: owner, resource: path, .. }) = Arn::parse(arn) else {
        return Granted::unknown(format!("content of policy \"{}\" not recorded", short(arn)));
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let level = match (service, owner) {
        ("iam", "aws") if path.starts_with("policy/") => by_name(name),
        ("eks", "aws") => match name {
            "AmazonEKSClusterAdminPolicy" => Some(Grants::Admin),
            "AmazonEKSAdminPolicy" | "AmazonEKSEditPolicy" => Some(Grants::Write),
            "AmazonEKSViewPolicy" | "AmazonEKSAdminViewPolicy" => Some(Grants::Read),
            _ => None,
        },
        _ => None,
    };
    match level {
        Some(level) => Granted {
            level,
            actions: Vec::new(),
            because: format!("AWS managed policy \"{name}\" allows {}", words(level)),
            unread: false,
        },
        None if owner == "aws" => {
            Granted::unknown(format!("AWS managed policy \"{}\" is not known to this version", short(name)))
        }
        None => Granted::unknown(format!("content of policy \"{}\" not recorded", short(name))),
    }
}

const fn words(level: Grants) -> &'static str {
    match level {
        Grants::Admin => "everything",
        Grants::IamAdmin => "everything in IAM",
        Grants::Privesc => "privilege escalation",
        Grants::Write => "write access",
        Grants::Read => "read access",
        Grants::DenyOnly => "nothing (deny only)",
        Grants::Unknown => "unknown permissions",
    }
}

fn by_name(name: &str) -> Option<Grants> {
    if let Ok(at) = NAMED.binary_search_by(|(known, _)| (*known).cmp(name)) {
        return NAMED.get(at).map(|(_, level)| *level);
    }
    // AWS names what only looks; nothing of the kind writes.
    ["ReadOnlyAccess", "ReadOnly", "ViewOnlyAccess"]
        .iter()
        .any(|ending| name.ends_with(ending))
        .then_some(Grants::Read)
}

/// Sorted by name.
const NAMED: &[(&str, Grants)] = &[
    ("AWSAccountManagementFullAccess", Grants::Write),
    ("AWSBackupFullAccess", Grants::Write),
    ("AWSBatchFullAccess", Grants::Privesc),
    ("AWSCertificateManagerFullAccess", Grants::Write),
    ("AWSCloud9Administrator", Grants::Privesc),
    ("AWSCloudFormationFullAccess", Grants::Privesc),
    ("AWSCloudTrail_FullAccess", Grants::Write),
    ("AWSCodeBuildAdminAccess", Grants::Privesc),
    ("AWSCodeBuildDeveloperAccess", Grants::Privesc),
    ("AWSCodeCommitFullAccess", Grants::Write),
    ("AWSCodeCommitPowerUser", Grants::Write),
    ("AWSCodeDeployFullAccess", Grants::Privesc),
    ("AWSCodePipeline_FullAccess", Grants::Privesc),
    ("AWSCodeStarFullAccess", Grants::Privesc),
    ("AWSCompromisedKeyQuarantine", Grants::DenyOnly),
    ("AWSCompromisedKeyQuarantineV2", Grants::DenyOnly),
    ("AWSCompromisedKeyQuarantineV3", Grants::DenyOnly),
    ("AWSConfigUserAccess", Grants::Write),
    ("AWSDataPipeline_FullAccess", Grants::Privesc),
    ("AWSDataPipeline_PowerUser", Grants::Privesc),
    ("AWSDenyAll", Grants::DenyOnly),
    ("AWSElasticBeanstalkWebTier", Grants::Write),
    ("AWSElasticBeanstalkWorkerTier", Grants::Write),
    ("AWSGlueConsoleFullAccess", Grants::Privesc),
    ("AWSGlueServiceRole", Grants::Write),
    ("AWSIdentitySyncFullAccess", Grants::Write),
    ("AWSIncidentManagerResolverAccess", Grants::Write),
    ("AWSIoTFullAccess", Grants::Privesc),
    ("AWSKeyManagementServicePowerUser", Grants::Write),
    ("AWSLambdaBasicExecutionRole", Grants::Write),
    ("AWSLambdaDynamoDBExecutionRole", Grants::Write),
    ("AWSLambdaExecute", Grants::Write),
    ("AWSLambdaKinesisExecutionRole", Grants::Write),
    ("AWSLambdaSQSQueueExecutionRole", Grants::Write),
    ("AWSLambdaVPCAccessExecutionRole", Grants::Write),
    ("AWSLambda_FullAccess", Grants::Privesc),
    ("AWSMarketplaceFullAccess", Grants::Write),
    ("AWSMarketplaceManageSubscriptions", Grants::Write),
    ("AWSOrganizationsFullAccess", Grants::Privesc),
    ("AWSResourceAccessManagerFullAccess", Grants::Write),
    ("AWSSSODirectoryAdministrator", Grants::Privesc),
    ("AWSSSOMasterAccountAdministrator", Grants::Privesc),
    ("AWSSSOMemberAccountAdministrator", Grants::Privesc),
    ("AWSSecurityHubFullAccess", Grants::Write),
    ("AWSServiceCatalogAdminFullAccess", Grants::Privesc),
    ("AWSServiceCatalogEndUserFullAccess", Grants::Write),
    ("AWSStepFunctionsFullAccess", Grants::Write),
    ("AWSSupportAccess", Grants::Write),
    ("AWSTransferConsoleFullAccess", Grants::Privesc),
    ("AWSTransferFullAccess", Grants::Privesc),
    ("AWSWAFConsoleFullAccess", Grants::Write),
    ("AWSWAFFullAccess", Grants::Write),
    ("AWSXRayDaemonWriteAccess", Grants::Write),
    ("AWSXrayFullAccess", Grants::Write),
    ("AWSXrayWriteOnlyAccess", Grants::Write),
    ("AdministratorAccess", Grants::Admin),
    ("AdministratorAccess-AWSElasticBeanstalk", Grants::Privesc),
    ("AdministratorAccess-Amplify", Grants::Privesc),
    ("AmazonAPIGatewayAdministrator", Grants::Write),
    ("AmazonAPIGatewayInvokeFullAccess", Grants::Write),
    ("AmazonAPIGatewayPushToCloudWatchLogs", Grants::Write),
    ("AmazonAthenaFullAccess", Grants::Write),
    ("AmazonBedrockFullAccess", Grants::Write),
    ("AmazonCognitoDeveloperAuthenticatedIdentities", Grants::Write),
    ("AmazonCognitoPowerUser", Grants::Write),
    ("AmazonDynamoDBFullAccess", Grants::Write),
    ("AmazonDynamoDBFullAccess_v2", Grants::Write),
    ("AmazonEC2ContainerRegistryFullAccess", Grants::Write),
    ("AmazonEC2ContainerRegistryPowerUser", Grants::Write),
    ("AmazonEC2ContainerServiceAutoscaleRole", Grants::Write),
    ("AmazonEC2ContainerServiceEventsRole", Grants::Privesc),
    ("AmazonEC2ContainerServiceforEC2Role", Grants::Write),
    ("AmazonEC2FullAccess", Grants::Privesc),
    ("AmazonEC2RoleforSSM", Grants::Write),
    ("AmazonECSTaskExecutionRolePolicy", Grants::Write),
    ("AmazonECS_FullAccess", Grants::Privesc),
    ("AmazonEKSClusterPolicy", Grants::Write),
    ("AmazonEKSServicePolicy", Grants::Write),
    ("AmazonEKSVPCResourceController", Grants::Write),
    ("AmazonEKSWorkerNodePolicy", Grants::Read),
    ("AmazonEKS_CNI_Policy", Grants::Write),
    ("AmazonElastiCacheFullAccess", Grants::Write),
    ("AmazonElasticFileSystemFullAccess", Grants::Write),
    ("AmazonElasticMapReduceFullAccess", Grants::Privesc),
    ("AmazonEventBridgeFullAccess", Grants::Privesc),
    ("AmazonGuardDutyFullAccess", Grants::Write),
    ("AmazonInspector2FullAccess", Grants::Write),
    ("AmazonKinesisFirehoseFullAccess", Grants::Write),
    ("AmazonKinesisFullAccess", Grants::Write),
    ("AmazonMSKFullAccess", Grants::Write),
    ("AmazonMacieFullAccess", Grants::Write),
    ("AmazonOpenSearchServiceFullAccess", Grants::Write),
    ("AmazonRDSDataFullAccess", Grants::Write),
    ("AmazonRDSFullAccess", Grants::Write),
    ("AmazonRedshiftFullAccess", Grants::Write),
    ("AmazonRoute53DomainsFullAccess", Grants::Write),
    ("AmazonRoute53FullAccess", Grants::Write),
    ("AmazonS3FullAccess", Grants::Write),
    ("AmazonSESFullAccess", Grants::Write),
    ("AmazonSNSFullAccess", Grants::Write),
    ("AmazonSQSFullAccess", Grants::Write),
    ("AmazonSSMAutomationRole", Grants::Privesc),
    ("AmazonSSMFullAccess", Grants::Privesc),
    ("AmazonSSMManagedInstanceCore", Grants::Write),
    ("AmazonSageMakerFullAccess", Grants::Privesc),
    ("AmazonVPCFullAccess", Grants::Write),
    ("Billing", Grants::Write),
    ("CloudFrontFullAccess", Grants::Write),
    ("CloudWatchAgentAdminPolicy", Grants::Write),
    ("CloudWatchAgentServerPolicy", Grants::Write),
    ("CloudWatchEventsFullAccess", Grants::Privesc),
    ("CloudWatchFullAccess", Grants::Write),
    ("CloudWatchFullAccessV2", Grants::Write),
    ("CloudWatchLogsFullAccess", Grants::Write),
    ("DataScientist", Grants::Privesc),
    ("DatabaseAdministrator", Grants::Privesc),
    ("IAMAuditRootUserCredentials", Grants::Read),
    ("IAMCreateRootUserPassword", Grants::Admin),
    ("IAMDeleteRootUserCredentials", Grants::Write),
    ("IAMFullAccess", Grants::IamAdmin),
    ("IAMReadOnlyAccess", Grants::Read),
    ("IAMSelfManageServiceSpecificCredentials", Grants::Write),
    ("IAMUserChangePassword", Grants::Write),
    ("IAMUserSSHKeys", Grants::Write),
    ("NetworkAdministrator", Grants::Write),
    ("PowerUserAccess", Grants::Privesc),
    ("ReadOnlyAccess", Grants::Read),
    ("S3UnlockBucketPolicy", Grants::Write),
    ("SQSUnlockQueuePolicy", Grants::Write),
    ("SecretsManagerReadWrite", Grants::Write),
    ("SecurityAudit", Grants::Read),
    ("ServiceQuotasFullAccess", Grants::Write),
    ("SupportUser", Grants::Write),
    ("SystemAdministrator", Grants::Privesc),
    ("ViewOnlyAccess", Grants::Read),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_has_no_name_twice() {
        assert!(NAMED.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn only_awss_own_policies_are_known_by_name() {
        let level = |arn: &str| granted(arn).level;
        assert_eq!(level("arn:aws:iam::aws:policy/AdministratorAccess"), Grants::Admin);
        assert_eq!(level("arn:aws-us-gov:iam::aws:policy/job-function/ViewOnlyAccess"), Grants::Read);
        assert_eq!(level("arn:aws:iam::aws:policy/AmazonSomethingReadOnlyAccess"), Grants::Read);
        assert_eq!(level("arn:aws:iam::111122223333:policy/AdministratorAccess"), Grants::Unknown);
        assert_eq!(level("arn:aws:iam::111122223333:policy/ReadOnlyAccess"), Grants::Unknown);
        assert_eq!(level("arn:aws:iam::aws:policy/NotAdministratorAccess"), Grants::Unknown);
        assert_eq!(level("AdministratorAccess"), Grants::Unknown);
        assert_eq!(
            level("arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"),
            Grants::Admin
        );
        assert_eq!(level("arn:aws:iam::aws:policy/root-task/IAMCreateRootUserPassword"), Grants::Admin);
    }
}
