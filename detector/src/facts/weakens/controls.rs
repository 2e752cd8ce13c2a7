//! Calls that make detection, guardrails, MFA, public-access blocks and encryption weaker.

use serde_json::Value;

use super::{Call, Weakening, Weakens, is};
use crate::facts::grants::{Granted, Grants};
use crate::policy::{Effect, decode};
use crate::record::member;

/// A call that weakens one of them.
pub(super) fn of(call: &Call<'_>) -> Option<Weakening> {
    detection(call)
        .map(|because| Weakening::new(Weakens::Detection, because))
        .or_else(|| guardrail(call))
        .or_else(|| mfa(call).map(|because| Weakening::new(Weakens::Mfa, because)))
        .or_else(|| public_block(call).map(|because| Weakening::new(Weakens::PublicBlock, because)))
        .or_else(|| encryption(call).map(|because| Weakening::new(Weakens::Encryption, because)))
}

fn detection(call: &Call<'_>) -> Option<&'static str> {
    Some(match (call.service, call.event) {
        ("config", "StopConfigurationRecorder" | "DeleteConfigurationRecorder" | "DeleteDeliveryChannel") => {
            "changes of configuration are recorded no more"
        }
        ("config", event) if event.starts_with("Delete") => "Config looks at less than before",
        ("config", "PutConfigurationRecorder") => {
            let group =
                call.value("configurationRecorder").and_then(|recorder| member(recorder, "recordingGroup"));
            let narrow =
                group.and_then(|group| member(group, "allSupported")).is_some_and(|all| is(all, false));
            let listed = group.is_some_and(|group| {
                let types = member(group, "resourceTypes").and_then(Value::as_array);
                types.is_some_and(|types| !types.is_empty())
                    || member(group, "exclusionByResourceTypes")
                        .is_some_and(|of| of.to_string().contains("AWS::"))
                    || member(group, "includeGlobalResourceTypes").is_some_and(|flag| is(flag, false))
            });
            (narrow || listed || call.has_no_parameters())
                .then_some("Config records some kinds of resources only")?
        }
        ("guardduty", _) => guardduty(call)?,
        ("securityhub", _) => securityhub(call)?,
        ("access-analyzer", "DeleteAnalyzer") => "nobody looks for access from outside any more",
        ("access-analyzer", "CreateArchiveRule" | "UpdateArchiveRule") => {
            "some findings are hidden from now on"
        }
        ("macie2", "DisableMacie" | "DeleteMember") => "Macie looks at less than before",
        ("macie2", "UpdateMacieSession") => {
            (call.text("status") == "PAUSED" || call.has_no_parameters()).then_some("Macie is paused")?
        }
        ("detective", "DeleteGraph" | "DeleteMembers") => "Detective sees less than before",
        ("inspector2", "Disable") => "Inspector scans no more",
        (
            "securitylake",
            "DeleteDataLake"
            | "DeleteAwsLogSource"
            | "DeleteCustomLogSource"
            | "DeleteDataLakeOrganizationConfiguration"
            | "DeregisterDataLakeDelegatedAdministrator",
        ) => "Security Lake collects less than before",
        ("monitoring", "DeleteAlarms" | "DisableAlarmActions") => "an alarm tells nobody any more",
        ("events", "DeleteRule" | "DisableRule") => "what the rule waited for is handed to nobody any more",
        ("events", "RemoveTargets") => "the rule tells fewer targets",
        ("events", "PutRule") => (call.text("state") == "DISABLED").then_some("the rule is switched off")?,
        ("sns", "DeleteTopic") => "nobody is told through the topic any more",
        ("lambda", event) if event.starts_with("PutFunctionConcurrency") => {
            let none =
                call.value("reservedConcurrentExecutions").is_some_and(|value| value.as_u64() == Some(0));
            none.then_some("the function runs no more (concurrency 0)")?
        }
        _ => return None,
    })
}

fn guardduty(call: &Call<'_>) -> Option<&'static str> {
    Some(match call.event {
        "DeleteDetector" => "GuardDuty is off",
        "UpdateDetector" => {
            let off = call.is_off("enable")
                || switches_off(call.value("features"))
                || switches_off(call.value("dataSources"));
            (off || call.has_no_parameters()).then_some("GuardDuty, or a part of it, is off")?
        }
        "DisassociateFromMasterAccount"
        | "DisassociateFromAdministratorAccount"
        | "DisassociateMembers"
        | "DeleteMembers"
        | "StopMonitoringMembers"
        | "DisableOrganizationAdminAccount"
        | "DeleteInvitations" => "the security account sees less of GuardDuty than before",
        "UpdateOrganizationConfiguration" => {
            let off = call.is_off("autoEnable")
                || call.text("autoEnableOrganizationMembers") == "NONE"
                || switches_off(call.value("features"))
                || switches_off(call.value("dataSources"));
            (off || call.has_no_parameters())
                .then_some("new accounts are without GuardDuty, or a part of it")?
        }
        "UpdateMemberDetectors" => {
            let off = switches_off(call.value("features")) || switches_off(call.value("dataSources"));
            (off || call.has_no_parameters()).then_some("member accounts are without a part of GuardDuty")?
        }
        "CreateIPSet" | "CreateTrustedEntitySet" => (call.is_on("activate") || call.has_no_parameters())
            .then_some("what is in the list raises no finding any more")?,
        // Without the switch, a list or filter that is live is changed.
        "UpdateIPSet" | "UpdateTrustedEntitySet" => {
            (!call.is_off("activate")).then_some("what is in the list raises no finding any more")?
        }
        "CreateFilter" => (call.text("action") == "ARCHIVE" || call.has_no_parameters())
            .then_some("some findings are hidden from now on")?,
        "UpdateFilter" => {
            (call.text("action") != "NOOP").then_some("some findings are hidden from now on")?
        }
        "ArchiveFindings" => "findings are hidden",
        "DeletePublishingDestination" => "findings are kept nowhere else any more",
        "DeleteMalwareProtectionPlan" => "what is put into the bucket is scanned for malware no more",
        "UpdateMalwareProtectionPlan" => "what is scanned for malware was changed",
        "UpdateMalwareScanSettings" => {
            let narrower = call.value("scanResourceCriteria").is_some();
            (narrower || call.has_no_parameters()).then_some("fewer machines are scanned for malware")?
        }
        _ => return None,
    })
}

fn securityhub(call: &Call<'_>) -> Option<&'static str> {
    Some(match call.event {
        "DisableSecurityHub" | "DisableSecurityHubV2" => "Security Hub is off",
        "BatchDisableStandards" => "Security Hub checks fewer standards",
        "UpdateStandardsControl" => (call.text("controlStatus") == "DISABLED" || call.has_no_parameters())
            .then_some("a control is checked no more")?,
        "BatchUpdateStandardsControlAssociations" => {
            let off = call.record.parameters().to_string().contains("DISABLED");
            (off || call.has_no_parameters()).then_some("controls are checked no more")?
        }
        "DisableImportFindingsForProduct" => "findings of a product come in no more",
        "DisableOrganizationAdminAccount"
        | "DisassociateFromAdministratorAccount"
        | "DisassociateFromMasterAccount"
        | "DisassociateMembers"
        | "DeleteMembers"
        | "DeleteFindingAggregator" => "the security account sees less of Security Hub than before",
        "CreateAutomationRule"
        | "CreateAutomationRuleV2"
        | "UpdateAutomationRuleV2"
        | "BatchUpdateAutomationRules" => {
            let hides =
                call.record.parameters().to_string().contains("SUPPRESSED") || call.has_no_parameters();
            hides.then_some("some findings are suppressed from now on")?
        }
        _ => return None,
    })
}

/// A switch somewhere inside that is set to off: `status: DISABLED`, `enable: false`, `autoEnable`.
fn switches_off(value: Option<&Value>) -> bool {
    fn walk(value: &Value, depth: usize) -> bool {
        match value {
            Value::Array(items) => depth < 8 && items.iter().any(|item| walk(item, depth + 1)),
            Value::Object(map) => map.iter().any(|(key, value)| match key.to_ascii_lowercase().as_str() {
                "status" => value == "DISABLED",
                "enable" => is(value, false),
                "autoenable" => is(value, false) || value == "NONE",
                _ => depth < 8 && walk(value, depth + 1),
            }),
            _ => false,
        }
    }
    value.is_some_and(|value| walk(value, 0))
}

fn guardrail(call: &Call<'_>) -> Option<Weakening> {
    let because = match (call.service, call.event) {
        ("iam", "DeleteUserPermissionsBoundary" | "DeleteRolePermissionsBoundary")
        | ("sso", "DeletePermissionsBoundaryFromPermissionSet") => {
            "the permissions boundary is gone".to_owned()
        }
        ("iam", "PutUserPermissionsBoundary" | "PutRolePermissionsBoundary")
        | ("sso", "PutPermissionsBoundaryToPermissionSet") => {
            let granted = Granted::of(call.record)?;
            let open = matches!(granted.level, Grants::Admin | Grants::IamAdmin);
            open.then(|| format!("the permissions boundary holds nobody back: {}", granted.because))?
        }
        (
            "iam",
            "DetachUserPolicy" | "DetachRolePolicy" | "DetachGroupPolicy" | "DeleteUserPolicy"
            | "DeleteRolePolicy" | "DeleteGroupPolicy" | "DeletePolicy",
        )
        | (
            "sso",
            "DetachManagedPolicyFromPermissionSet" | "DetachCustomerManagedPolicyReferenceFromPermissionSet",
        ) => {
            let keys = ["policyName", "policyArn", "managedPolicyArn"];
            let name = keys.iter().find_map(|key| call.record.parameter(key))?;
            holds_back(name).then(|| {
                format!("policy {} seems to hold somebody back, and is taken away", crate::facts::short(name))
            })?
        }
        ("iam", "RemoveUserFromGroup") => {
            let name = call.record.parameter("groupName")?;
            holds_back(name)
                .then(|| format!("group {} seems to hold its members back", crate::facts::short(name)))?
        }
        ("iam", "DeleteAccountPasswordPolicy") => "passwords may be anything".to_owned(),
        ("iam", "UpdateAccountPasswordPolicy") => {
            let length = call.value("minimumPasswordLength").and_then(Value::as_u64);
            length
                .is_some_and(|length| length < 8)
                .then(|| "passwords may be shorter than eight characters".to_owned())?
        }
        ("organizations", "LeaveOrganization" | "RemoveAccountFromOrganization") => {
            "the organisation's policies bind the account no more".to_owned()
        }
        ("organizations", "DeleteOrganization") => "the organisation's policies are gone".to_owned(),
        ("organizations", "DetachPolicy" | "DisablePolicyType" | "DeletePolicy") => {
            "a policy of the organisation binds fewer accounts, or none".to_owned()
        }
        ("organizations", "UpdatePolicy") => match call.value("content").map(decode) {
            Some(Ok(document))
                if document.statements.iter().any(|statement| statement.effect == Effect::Deny) =>
            {
                return None;
            }
            Some(Ok(_)) => "the organisation's policy forbids nothing any more".to_owned(),
            Some(Err(error)) => format!("what the organisation's policy forbids is not known: {error}"),
            // Its name or description.
            None if !call.has_no_parameters() => return None,
            None => "what of the organisation's policy was to change is not in the record".to_owned(),
        },
        _ => return None,
    };
    Some(Weakening::new(Weakens::Guardrail, because))
}

/// Words in names of policies and groups that hold people back. A guess by name, for raising only.
const HOLD_BACK: [&str; 8] =
    ["deny", "quarantine", "guardrail", "boundary", "mfa", "restrict", "lockdown", "revokeoldersessions"];

fn holds_back(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    HOLD_BACK.iter().any(|word| last.contains(word))
}

fn mfa(call: &Call<'_>) -> Option<&'static str> {
    Some(match (call.service, call.event) {
        ("iam", "DeactivateMFADevice" | "DeleteVirtualMFADevice")
        | ("sso-directory", "DeleteMfaDeviceForUser") => "a second factor is gone",
        ("sso", "PutMfaDeviceManagementForDirectory") => "whether people need a second factor was changed",
        ("cognito-idp", "SetUserPoolMfaConfig") => {
            let off = call.text("mfaConfiguration") == "OFF" || call.has_no_parameters();
            off.then_some("the user pool asks for no second factor any more")?
        }
        _ => return None,
    })
}

fn public_block(call: &Call<'_>) -> Option<&'static str> {
    Some(match (call.service, call.event) {
        (
            "s3",
            "DeleteBucketPublicAccessBlock" | "DeleteAccountPublicAccessBlock" | "DeletePublicAccessBlock",
        ) => "nothing keeps it from being made public any more",
        ("s3", "PutBucketPublicAccessBlock" | "PutAccountPublicAccessBlock" | "PutPublicAccessBlock") => {
            let block = call.value("PublicAccessBlockConfiguration");
            let flags = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
            // A flag that is not set is false.
            let all_on = block.is_some_and(|block| {
                flags.iter().all(|flag| member(block, flag).is_some_and(|value| is(value, true)))
            });
            (!all_on).then_some("a part of the block on public access is off")?
        }
        ("ec2", "DisableImageBlockPublicAccess" | "DisableSnapshotBlockPublicAccess") => {
            "images or snapshots can be made public"
        }
        ("ec2", "ModifyVpcBlockPublicAccessOptions") => (call.text("internetGatewayBlockMode") == "off"
            || call.has_no_parameters())
        .then_some("networks can be reached from the internet again")?,
        ("ec2", "CreateVpcBlockPublicAccessExclusion" | "ModifyVpcBlockPublicAccessExclusion") => {
            "a network is left out of the block on internet access"
        }
        ("ec2", "DisableAllowedImagesSettings") => "machines can be started from anybody's images",
        ("ssm", "UpdateServiceSetting" | "ResetServiceSetting")
            if call.text("settingId").contains("public-sharing-permission") =>
        {
            (call.text("settingValue").eq_ignore_ascii_case("enable") || call.event == "ResetServiceSetting")
                .then_some("documents can be shared with everybody")?
        }
        ("lambda", event) if event.starts_with("PutPublicAccessBlockConfig") => {
            let off = call.value("publicAccessBlockConfig").and_then(Value::as_object);
            let off = off.is_some_and(|block| block.values().any(|flag| is(flag, false)));
            (off || call.has_no_parameters()).then_some("functions can be made public")?
        }
        ("elasticmapreduce", "PutBlockPublicAccessConfiguration") => {
            let block = call.value("blockPublicAccessConfiguration");
            let off = block
                .and_then(|block| member(block, "blockPublicSecurityGroupRules"))
                .is_some_and(|flag| is(flag, false));
            (off || call.has_no_parameters()).then_some("clusters can be opened to the internet")?
        }
        _ => return None,
    })
}

fn encryption(call: &Call<'_>) -> Option<&'static str> {
    Some(match (call.service, call.event) {
        (
            "kms",
            "DisableKey"
            | "ScheduleKeyDeletion"
            | "DeleteImportedKeyMaterial"
            | "DeleteCustomKeyStore"
            | "DisconnectCustomKeyStore",
        ) => "what the key encrypts can't be read any more",
        ("kms", "DisableKeyRotation") => "the key is not rotated any more",
        ("s3", "DeleteBucketEncryption") => "the bucket's own choice of encryption is gone",
        ("ec2", "DisableEbsEncryptionByDefault") => "new volumes are not encrypted by default",
        _ => return None,
    })
}
