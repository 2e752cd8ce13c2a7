"""List AWS operations that hand over a role or open something, from botocore's API models.

Prints one row per operation and kind: `source<TAB>event<TAB>kind<TAB>path`. Source, event and path
are spelled as CloudTrail writes them. Nothing is judged here: operations.tsv does that.

  role    a role or instance profile that something is to use
  policy  a policy document on a resource or principal
  grant   accounts or principals that are let in
  public  a switch that opens something to everyone
"""

import re

import botocore.session

# Signing name or endpoint prefix, where neither is the event source.
SOURCES = {
    "cleanroomsml": "cleanrooms-ml", "cloudhsmv2": "cloudhsm", "cloudwatch": "monitoring", "cloudwatchomni": "cloudwatch-omni",
    "eventbridgev2": "events", "iotsecuretunneling": "iotsecuredtunneling", "pinpoint": "mobiletargeting",
    "partnercentral-revenue-measurement": "partnercentral", "service-quotas": "servicequotas",
}
# Models that repeat another one's API under the same source, or hold data-plane calls only.
SKIPPED = {
    "docdb", "neptune", "bedrock-runtime", "bedrock-agent-runtime", "neptunedata", "chime", "amplifybackend",
}

# Dates and other names that CloudTrail gives an operation.
EVENTS = {
    "lambda:AddLayerVersionPermission": "AddLayerVersionPermission20181031",
    "lambda:AddPermission": "AddPermission20150331v2",
    "lambda:CreateEventSourceMapping": "CreateEventSourceMapping20150331",
    "lambda:CreateFunction": "CreateFunction20150331",
    "lambda:UpdateEventSourceMapping": "UpdateEventSourceMapping20150331",
    "lambda:UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "lambda:UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
    "s3:DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "s3:PutBucketNotificationConfiguration": "PutBucketNotification",
    "s3:PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "s3control:DeletePublicAccessBlock": "DeleteAccountPublicAccessBlock",
    "s3control:PutPublicAccessBlock": "PutAccountPublicAccessBlock",
}
# Calls of EC2 whose parameters CloudTrail wraps in an object of the request's name, in capitals.
WRAPPED = {
    "AssociateIamInstanceProfile", "CreateFleet", "CreateFlowLogs", "CreateLaunchTemplate", "CreateLaunchTemplateVersion",
    "CreateVpcEndpoint", "ModifyFleet", "ModifyLaunchTemplate", "ModifyVpcEndpoint", "ModifyVpcEndpointServicePermissions",
    "ReplaceIamInstanceProfileAssociation",
}

READS = re.compile(
    "(Get|List|Describe|Search|BatchGet|Query|Lookup|Simulate|Preview|Validate|Test|Check|Estimate|CreateAccessPreview|Discover"
    "|DryRun|StartExecutionPreview|Disassociate|Remove|Deregister|Detach|Untag|Cancel|Revoke|Reject|Decline|Delete|RenderUiTemplate)"
)
# Calls that begin like a reading or removing one and still belong here.
KEPT = {
    "cloudcontrol:DeleteResource", "cloudformation:DeleteStack", "iam:DeleteAccessKey", "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy", "iam:DeleteUserPermissionsBoundary", "iam:DeleteUserPolicy", "iam:DetachGroupPolicy",
    "iam:DetachRolePolicy", "iam:DetachUserPolicy", "kinesisanalyticsv2:DiscoverInputSchema", "kinesisanalytics:DiscoverInputSchema",
    "rolesanywhere:DeleteCrl", "s3:DeletePublicAccessBlock", "s3control:DeletePublicAccessBlock", "sts:GetFederationToken",
    "iam:DeleteVirtualMFADevice", "iam:UntagRole", "iam:UntagUser",
}

# Last part of a parameter's path, by kind.
KEYS = {
    "role": re.compile(
        r"(role|roles|rolearns?|rolename|rolenamearn|roleoverride|rolearnupdate|roleupdate|instanceprofile(arn|name)?"
        r"|^credentials|authorizercredentials|^credentialsarn|authorizercredentialsarn|snscallerarn"
        r"|keycachesecretiamarn|deliverlogspermissionarn|jobroleidentifier"
        r"|iamrolefor(datasource|identitycenterapplication)arn|ec2instanceprofilearn)$", re.I),
    "policy": re.compile(
        r"^(policy|policydocument|policytext|policyinjson|policytemplate|resourcepolicy|accesspolicy|accesspolicies|accesspointpolicy"
        r"|repositorypolicy|assumerolepolicydocument|inlinepolicy|deliverydestinationpolicy|firewallrulegrouppolicy"
        r"|resolverquerylogconfigpolicy|resolverrulepolicy|s3accesspolicy|s3policydocument|configuredaudiencemodelpolicy|modelpolicy"
        r"|datasourceaccesspolicy|content)$", re.I),
    "grant": re.compile(
        r"^(principal|principals|addprincipals|addallowedprincipals|granteeprincipal|receiverprincipal|principalsubscriber"
        r"|principalarn|principalid|awsaccountids?|accountidstoadd|sharedaccountid|sharedwith|destinationaccount|targetaccountid"
        r"|targetaccounts|targetawsaccount|authorizedaccountid|adminaccount|adminaccountid|delegatedadminaccountid"
        r"|memberaccountid|transferaccountid|accountwithrestoreaccess|consumeridentifier|subscribers|readonlyaccessaccounts"
        r"|crossaccountauthorization|valuestoadd|userarn|granteeid|granteeidentifier|datalakeprincipalidentifier|acl|userid|userids"
        r"|account|accountid|organizationarn|identitycenterarn|pollingaccounts|allowedaccounts|serviceprincipal)$", re.I),
    "public": re.compile(
        r"^(publiclyaccessible|ispubliclyaccessible|endpointpublicaccess|publicconnectivity|allowunauthenticatedidentities|projectvisibility"
        r"|anonymousauthenabled|allowpublicoverrides|publicsharingenabled|authtype|authorizertype|authorizationtype|webserveraccessmode"
        r"|blockpublicsecuritygrouprules|blockpublicpolicy|internetgatewayblockmode|internetgatewayexclusionmode)$", re.I),
}

# Services and calls in which such a name means something else; `service:call:path`, as regular expressions.
FALSE_FRIENDS = {
    "role": [
        # Groups and roles of a product's own, or roles that are only mentioned.
        "auditmanager:.*", "iam:(?!AddRoleToInstanceProfile:).*", "mq:.*", "organizations:.*", "securityhub:.*", "account-access:.*",
        "dms:.*InstanceProfile:.*", "grafana:(CreateWorkspaceApiKey|UpdateWorkspaceAuthentication|CreateWorkspaceServiceAccount):.*",
        "iot:.*AuditSuppression:.*", "quicksight:(Create|Update)Template:.*", "redshift:.*RemoveIamRoles.*", "resiliencehubv2:(Create|Update)Test:.*",
        "sagemaker:(Create|Update)PartnerApp:.*RoleName", ".*MasterBackendRole", ".*[sS]nowflakeRole", ".*DatabaseAccessControlRole",
        "(?!apigateway).*:.*[.:]?\\w*[cC]redentials",
    ],
    "policy": [
        # Sessions, life cycles, networks and the like: no policy that lets somebody in.
        "(sts|transfer|eks|emr-serverless|datazone|config|securityhub):.*", "networkmanager:(CreateCoreNetwork|PutCoreNetworkPolicy):.*",
        "logs:Put(Account|DataProtection|Index)Policy:.*", ".*:.*LifecyclePolicy:.*", "(?!organizations:).*:.*[cC]ontent[^.]*",
    ],
    "grant": ["s3control:.*:AccountId", "imagebuilder:.*fastLaunch.*", "quicksight:.*:AwsAccountId"],
    "public": [
        "(?!lambda|vpc-lattice).*:[^:]*:.*[aA]uthType", "securityhub:.*", "(?!apigateway).*:.*[aA]uthorizationType", "secretsmanager:.*",
        "(?!bedrock-agentcore).*[aA]uthorizerType", "s3control:CreateMultiRegionAccessPoint:.*",
    ],
}
# Calls whose names say that somebody is let in; elsewhere accounts and principals only say whom a call is about.
GRANTING = re.compile(
    r"acm-pca:CreatePermission|appstream:UpdateImagePermissions|auditmanager:(StartAssessmentFrameworkShare|RegisterOrganizationAdminAccount)"
    r"|cleanrooms:Create(Collaboration|CollaborationChangeRequest)|cloud9:(Create|Update)EnvironmentMembership|.*:Put(Permission|ResourcePermission)"
    r"|.*:(Register|Enable|Associate|Put)\w*(Admin|Administrator|DelegatedAdmin)(Account)?|codepipeline:UpdateActionType|config:PutAggregationAuthorization"
    r"|connect:(Batch)?AssociateAnalyticsDataSet|dataexchange:CreateDataGrant|dlm:\w+LifecyclePolicy|ds:ShareDirectory|ec2:CreateNetworkInterfacePermission"
    r"|ec2:EnableAddressTransfer|ec2:Modify(Snapshot|Image|FpgaImage)Attribute|ec2:ModifyVpcEndpointServicePermissions|eks:(Create|Update)AccessEntry"
    r"|eks:AssociateAccessPolicy|entityresolution:AddPolicyStatement|(es|opensearch):AuthorizeVpcEndpointAccess|globalaccelerator:\w+CrossAccountAttachment"
    r"|imagebuilder:\w+DistributionConfiguration|iot:(AttachPrincipalPolicy|TransferCertificate)|kms:CreateGrant|lakeformation:(Batch)?GrantPermissions"
    r"|lakeformation:(PutDataLakeSettings|CreateLakeFormationOptIn)|lambda:Add(LayerVersion)?Permission|license-manager:CreateGrant|lightsail:UpdateBucket"
    r"|mediaconnect:(GrantFlowEntitlements|UpdateFlowEntitlement)|omics:CreateShare|organizations:EnableAWSServiceAccess"
    r"|organizations:RegisterDelegatedAdministrator"
    r"|qapps:UpdateQAppPermissions|qbusiness:(AssociatePermission|CreateDataAccessor)|quicksight:Update\w+Permissions(V2)?|ram:(Associate|Create)ResourceShare"
    r"|rds:ModifyDB(Cluster)?SnapshotAttribute|redshift:Authorize(SnapshotAccess|EndpointAccess|DataShare)|route53domains:TransferDomainToAnotherAwsAccount"
    r"|route53-recovery-readiness:CreateCrossAccountAuthorization|s3:(PutBucketAcl|PutObjectAcl|CreateBucket)"
    r"|s3control:(CreateAccessGrant|AssociateAccessGrantsIdentityCenter)"
    r"|securitylake:(Create|Update)Subscriber|serverlessrepo:PutApplicationPolicy|servicecatalog:(AssociatePrincipalWithPortfolio|(Create|Update)PortfolioShare)"
    r"|signer:AddProfilePermission|(sns|sqs):AddPermission|ssm:ModifyDocumentPermission|sso-admin:Create(Account|Application)Assignment"
    r"|wellarchitected:Create\w+Share"
    r"|workmail:PutMailboxPermissions|workspaces:(UpdateConnectionAliasPermission|UpdateWorkspaceImagePermission|CreateAccountLinkInvitation)"
    r"|workdocs:AddResourcePermissions"
    r"|identitystore:CreateGroupMembership|account-access:CreateEntitlement|cloudwatchomni:Create\w*AccessGrant\w*|datazone:AddPolicyGrant"
)

# Calls that no parameter's name gives away: a map of attributes, a role that something already has,
# or an identity of IAM. The path is the parameter that tells most, as the model
# spells it; `-` where none does.
UNNAMED = {
    "role": {
        "apigateway": {
            "UpdateIntegration": "patchOperations[].value", "UpdateAuthorizer": "patchOperations[].value",
            "UpdateAccount": "patchOperations[].value",
        },
        "bedrock-agentcore": {"StartCodeInterpreterSession": "codeInterpreterIdentifier"},
        "cloudformation": {"CreateStackInstances": "StackSetName", "ExecuteChangeSet": "StackName", "UpdateStackInstances": "StackSetName"},
        "datapipeline": {
            "ActivatePipeline": "pipelineId", "CreatePipeline": "name",
            "PutPipelineDefinition": "pipelineObjects[].fields[].stringValue",
        },
        "ec2": {
            "ModifyInstanceAttribute": "UserData.Value", "ModifyLaunchTemplate": "DefaultVersion", "StartInstances": "InstanceIds[]",
            "StopInstances": "InstanceIds[]", "EnableSerialConsoleAccess": "-",
        },
        "ec2-instance-connect": {"SendSSHPublicKey": "InstanceId", "SendSerialConsoleSSHPublicKey": "InstanceId"},
        "ecs": {"ExecuteCommand": "task"},
        "elasticbeanstalk": {
            "UpdateEnvironment": "OptionSettings[].Value", "CreateConfigurationTemplate": "OptionSettings[].Value",
            "UpdateConfigurationTemplate": "OptionSettings[].Value",
        },
        "glue": {"CreateTrigger": "Actions[].JobName", "StartJobRun": "JobName", "UpdateDevEndpoint": "EndpointName"},
        "iam": {"AcquireRole": "TemplateArn", "CreateInstanceProfile": "InstanceProfileName"},
        "lambda": {"CreateEventSourceMapping": "FunctionName", "UpdateEventSourceMapping": "FunctionName", "UpdateFunctionCode": "FunctionName"},
        "sagemaker": {
            "CreateNotebookInstanceLifecycleConfig": "OnStart[].Content", "UpdateNotebookInstanceLifecycleConfig": "OnStart[].Content",
            "CreatePresignedNotebookInstanceUrl": "NotebookInstanceName", "CreatePresignedDomainUrl": "UserProfileName",
            "CreateStudioLifecycleConfig": "StudioLifecycleConfigContent",
        },
        "servicecatalog": {"CreateConstraint": "Parameters"},
        "ssm": {"ResumeSession": "SessionId", "StartSession": "Target", "UpdateServiceSetting": "SettingValue"},
    },
    "policy": {
        "apigateway": {"UpdateRestApi": "patchOperations[].value"},
        "sns": {"CreateTopic": "Attributes{}", "SetTopicAttributes": "AttributeValue"},
        "sqs": {"CreateQueue": "Attributes{}", "SetQueueAttributes": "Attributes{}"},
        "iam": {"SetDefaultPolicyVersion": "PolicyArn"},
        "signin": {"PutResourcePermissionStatement": "excludedPrincipal"},
        "sts": {"GetFederationToken": "Policy"},
    },
    "grant": {
        "iam": {
            **{call: "PolicyArn" for call in (
                "AttachGroupPolicy", "AttachRolePolicy", "AttachUserPolicy", "DetachGroupPolicy", "DetachRolePolicy", "DetachUserPolicy")},
            **{call: "UserName" for call in (
                "AddUserToGroup", "CreateAccessKey", "CreateLoginProfile", "CreateServiceSpecificCredential", "DeactivateMFADevice", "DeleteAccessKey",
                "DeleteUserPermissionsBoundary", "DeleteUserPolicy", "EnableMFADevice", "PutUserPermissionsBoundary", "ResetServiceSpecificCredential", "TagUser",
                "UntagUser", "UpdateAccessKey", "UpdateLoginProfile", "UploadSSHPublicKey", "UploadSigningCertificate")},
            **{call: "RoleName" for call in ("DeleteRolePermissionsBoundary", "DeleteRolePolicy", "PutRolePermissionsBoundary", "TagRole", "UntagRole")},
            "AcceptDelegationRequest": "DelegationRequestId", "AddClientIDToOpenIDConnectProvider": "ClientID", "AssociateDelegationRequest": "DelegationRequestId",
            "CreateDelegationRequest": "OwnerAccountId", "CreateOpenIDConnectProvider": "Url",
            "CreateSAMLProvider": "SAMLMetadataDocument", "CreateVirtualMFADevice": "VirtualMFADeviceName",
            "DeleteVirtualMFADevice": "SerialNumber", "EnableOrganizationsRootSessions": "-",
            "SendDelegationToken": "DelegationRequestId", "UpdateOpenIDConnectProviderThumbprint": "OpenIDConnectProviderArn",
            "UpdateSAMLProvider": "SAMLMetadataDocument",
        },
        "cognito-idp": {"CreateIdentityProvider": "ProviderDetails{}", "UpdateIdentityProvider": "ProviderDetails{}"},
        "ds": {"ShareDirectory": "ShareTarget.Id"},
        "eks": {"AssociateIdentityProviderConfig": "oidc.issuerUrl"},
        "grafana": {"UpdatePermissions": "updateInstructionBatch[].users[].id"},
        "iot": {"AttachPolicy": "target"},
        "iotsitewise": {"CreateAccessPolicy": "accessPolicyIdentity.iamRole.arn", "UpdateAccessPolicy": "accessPolicyIdentity.iamRole.arn"},
        "lexv2-models": {"CreateResourcePolicyStatement": "principal[].arn"},
        "organizations": {"InviteAccountToOrganization": "Target.Id"},
        "rolesanywhere": {
            "CreateTrustAnchor": "source.sourceData.x509CertificateData", "UpdateTrustAnchor": "source.sourceData.x509CertificateData",
            "DeleteCrl": "crlId",
        },
        "sso-admin": {
            "AttachManagedPolicyToPermissionSet": "ManagedPolicyArn", "AttachCustomerManagedPolicyReferenceToPermissionSet": "CustomerManagedPolicyReference.Name",
            "ProvisionPermissionSet": "PermissionSetArn",
        },
        "sts": {"AssumeRoot": "TargetPrincipal"},
    },
    "public": {
        "cloudformation": {"PublishType": "Arn"},
        "ec2": {
            "CreateVpcBlockPublicAccessExclusion": "InternetGatewayExclusionMode", "DisableImageBlockPublicAccess": "-", "DisableSnapshotBlockPublicAccess": "-",
            "EnableSnapshotBlockPublicAccess": "State", "ModifyVpcBlockPublicAccessOptions": "InternetGatewayBlockMode",
        },
        "ecr-public": {"CreateRepository": "repositoryName"},
        "kafka": {"UpdateConnectivity": "ConnectivityInfo.PublicAccess.Type"},
        "s3": {"DeletePublicAccessBlock": "Bucket"},
        "s3control": {"DeletePublicAccessBlock": "AccountId"},
        "ssm": {"UpdateServiceSetting": "SettingValue"},
    },
}

# Paths that the order below would not choose, or that CloudTrail writes in a way of its own.
PATHS = {
    ("cognito-identity", "SetIdentityPoolRoles", "role"): "roles{}",
    ("iam", "AddRoleToInstanceProfile", "role"): "roleName",
    ("imagebuilder", "CreateDistributionConfiguration", "grant"): "distributions[].amiDistributionConfiguration.launchPermission.userIds[]",
    ("imagebuilder", "UpdateDistributionConfiguration", "grant"): "distributions[].amiDistributionConfiguration.launchPermission.userIds[]",
    ("logs", "CreateScheduledQuery", "role"): "executionRoleArn",
    ("logs", "UpdateScheduledQuery", "role"): "executionRoleArn",
    ("s3", "CreateBucket", "grant"): "x-amz-acl",
    ("s3", "PutBucketAcl", "grant"): "x-amz-acl",
    ("s3", "PutBucketPolicy", "policy"): "bucketPolicy",
    ("s3", "PutObjectAcl", "grant"): "x-amz-acl",
    ("sagemaker", "CreateCluster", "role"): "instanceGroups[].executionRole",
    ("sagemaker", "UpdateCluster", "role"): "instanceGroups[].executionRole",
}

# Keys that tell more than others of the same call, and less.
MORE_TELLING = re.compile(r"(^|\.)(\w*(task|job|instance|node|compute)\w*role\w*|roleArn|role|principals?|userid|.*instanceprofile.*)(\[\])?$", re.I)
LESS_TELLING = re.compile(r"log|monitor|secret|access|infrastructure|linked|operator|invocation|retiring|remove|source|domain", re.I)


def leaves(shape, path="", seen=()):
    """Yield the path and shape of every value below a shape; `[]` is an element of a list, `{}` one of a map."""
    if shape.type_name == "structure":
        if shape.name not in seen:
            for name, member in shape.members.items():
                yield from leaves(member, f"{path}.{name}" if path else name, (*seen, shape.name))
    elif shape.type_name == "list":
        yield from leaves(shape.member, path + "[]", seen)
    elif shape.type_name == "map":
        yield from leaves(shape.value, path + "{}", seen)
    else:
        yield path, shape


def source(model):
    name = SOURCES.get(model.service_name) or model.metadata.get("signingName") or model.metadata["endpointPrefix"]
    return f"{name}.amazonaws.com"


def event(model, operation):
    name = EVENTS.get(f"{model.service_name}:{operation}", operation)
    return name + model.metadata["apiVersion"].replace("-", "_") if model.service_name == "cloudfront" else name


def as_recorded(model, operation, path):
    """Spell a path as CloudTrail does: first letters small, but in the bodies of S3 and of EC2's newer calls."""
    if model.service_name == "ec2" and operation in WRAPPED:
        return f"{operation}Request.{path}"
    if model.service_name == "s3" and "." in path:
        return path
    if model.service_name == "s3control":
        shape = model.operation_model(operation).input_shape
        if "location" not in shape.members[re.match(r"\w+", path)[0]].serialization:
            return path if "payload" in shape.serialization else f"{shape.serialization['name']}.{path}"
    return re.sub(r"(^|\.)(\w)", lambda part: part[1] + part[2].lower(), path)


def found(model, operation, kind, values):
    """Give the most telling path of a kind in a call, or nothing."""
    call = f"{model.service_name}:{operation}"
    paths = []
    for path, shape in values:
        profile = kind == "role" and re.search(r"IamInstanceProfile\.(Arn|Name)$", path)
        if kind == "grant" and not GRANTING.fullmatch(call):
            continue
        if kind in ("role", "policy") and (shape.type_name not in ("string", "blob") or getattr(shape, "enum", None)):
            continue
        key = re.sub(r"[\[\]{}]", "", path.rsplit(".", 1)[-1])
        if not profile and not KEYS[kind].search(key):
            continue
        if any(re.fullmatch(pattern, f"{call}:{path}") for pattern in FALSE_FRIENDS.get(kind, [])):
            continue
        paths.append(path)
    if not paths:
        return UNNAMED[kind].get(model.service_name, {}).get(operation)
    return min(paths, key=lambda path: (
        bool(LESS_TELLING.search(path.rsplit(".", 1)[-1])), not MORE_TELLING.search(path), path.count("."), path))


def rows():
    session = botocore.session.get_session()
    unused = {(service, call) for services in UNNAMED.values() for service, calls in services.items() for call in calls}
    for service in session.get_available_services():
        if service in SKIPPED:
            continue
        model = session.get_service_model(service)
        for operation in model.operation_names:
            unused.discard((service, operation))
            call = f"{service}:{operation}"
            if READS.match(operation) and call not in KEPT:
                continue
            shape = model.operation_model(operation).input_shape
            values = list(leaves(shape)) if shape else []
            for kind in KEYS:
                path = found(model, operation, kind, values)
                if path:
                    path = PATHS.get((service, operation, kind)) or as_recorded(model, operation, path)
                    yield source(model), event(model, operation), kind, path
    if unused:
        raise SystemExit(f"no such operation: {sorted(unused)}")


def main():
    first = {}
    for row in rows():
        first.setdefault(row[:3], row)
    for row in sorted(first.values()):
        print("\t".join(row))


if __name__ == "__main__":
    main()
