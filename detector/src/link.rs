//! Links: records that are no alerts and that issue a credential or sign somebody in. They are the steps between the
//! alerts of an attack that takes one role after another; a console needs them to see that the alerts are one incident.
//!
//! The class of a link, told from the record alone, decides on its publication: services, instances and portals issue
//! hundreds of thousands a day, and their sessions say by themselves whose they are.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::alert::{self, AlertId};
use crate::facts::{Actor, Facts, Verdict};
use crate::joins::{self, Join};
use crate::record::Record;

/// The version of the message.
pub const VERSION: u32 = 1;

/// Class of a link: who got the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// An AWS service took the role. The session's name says which function or instance acts.
    Service,
    /// A token of an identity provider was exchanged. Each record of the session names the provider.
    Web,
    /// Identity Center signed a person in to an account. Each record of the session names the person.
    Portal,
    /// The caller's own account records the same call, and it is heard too.
    Twin,
    /// An instance, a function or a pod took the role: told by what AWS alone writes.
    Machine,
    /// A pipeline took the role: a session of an identity provider other than a cluster's.
    Pipeline,
    /// A user, root, a federated user or a person of Identity Center.
    Person,
    /// Somebody of an account that is not heard.
    Foreign,
    /// A session of another role.
    Chain,
    /// A newer detector knows it.
    #[serde(other)]
    Unknown,
}

impl Class {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Web => "web",
            Self::Portal => "portal",
            Self::Twin => "twin",
            Self::Machine => "machine",
            Self::Pipeline => "pipeline",
            Self::Person => "person",
            Self::Foreign => "foreign",
            Self::Chain => "chain",
            Self::Unknown => "unknown",
        }
    }

    /// True for a class that is published: all but those whose sessions say by themselves whose they are, and whose
    /// links come by the hundred thousand. `machines`: those of instances, functions and pods too, which are seldom
    /// needed.
    #[must_use]
    pub const fn is_published(self, machines: bool) -> bool {
        match self {
            Self::Pipeline | Self::Person | Self::Foreign | Self::Chain => true,
            Self::Machine => machines,
            Self::Service | Self::Web | Self::Portal | Self::Twin | Self::Unknown => false,
        }
    }

    /// Reads the class from the record alone; `is_heard` tells whether an account's own records come too.
    fn of(record: &Record, is_heard: impl Fn(&str) -> bool) -> Self {
        let identity = |key: &str| record.text(&["userIdentity", key]);
        let provider =
            record.text(&["userIdentity", "sessionContext", "webIdFederationData", "federatedProvider"]);
        let is_machine = record.get(&["userIdentity", "sessionContext", "ec2RoleDelivery"]).is_some()
            || record.text(&["userIdentity", "inScopeOf", "credentialsIssuedTo"]).is_some()
            || provider.is_some_and(|provider| provider.contains("oidc.eks."));
        let issuer = record.text(&["userIdentity", "sessionContext", "sessionIssuer", "arn"]);
        let into_portal = record.parameter("roleArn").is_some_and(|arn| arn.contains(joins::PORTAL));
        match (record.event_name(), identity("type")) {
            (_, Some("AWSService")) => Self::Service,
            ("AssumeRoleWithWebIdentity", _) => Self::Web,
            ("AssumeRoleWithSAML", _) if into_portal => Self::Portal,
            (_, Some("AWSAccount")) if identity("accountId").is_some_and(is_heard) => Self::Twin,
            (_, Some("AWSAccount")) => Self::Foreign,
            (_, Some("AssumedRole")) if is_machine => Self::Machine,
            (_, Some("AssumedRole")) if provider.is_some() => Self::Pipeline,
            (_, Some("AssumedRole")) if issuer.is_none_or(|arn| !arn.contains(joins::PORTAL)) => Self::Chain,
            _ => Self::Person,
        }
    }
}

/// A link, as it is published: one JSON object of about 1 KB.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// [`VERSION`].
    pub version: u32,
    /// CloudTrail's `eventID`.
    pub id: AlertId,
    /// Time of the call.
    pub time: Timestamp,
    /// `eventName`.
    pub event: String,
    /// Class of the link.
    pub class: Class,
    /// The account the event is about.
    #[serde(default)]
    pub account: Option<String>,
    /// `awsRegion`.
    #[serde(default)]
    pub region: Option<String>,
    /// Identity that made the call.
    pub actor: Actor,
    /// ARN of the role that was assumed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// `sourceIPAddress`.
    #[serde(default)]
    pub source_ip: Option<String>,
    /// One sentence: who took what.
    pub summary: String,
    /// Identities that the call used and issued.
    pub joins: Vec<Join>,
}

/// Returns whether a record of this `eventName` and `eventSource` could be a link. This prefilter spares most records
/// of a log file from being parsed.
#[must_use]
pub fn may_be(event_name: &str, event_source: &str) -> bool {
    match event_source {
        "sts.amazonaws.com" => {
            event_name.starts_with("AssumeRo")
                || matches!(event_name, "GetSessionToken" | "GetFederationToken" | "GetWebIdentityToken")
        }
        "signin.amazonaws.com" => matches!(event_name, "ConsoleLogin" | "CreateOAuth2Token"),
        _ => false,
    }
}

impl Link {
    /// Makes the link of a record; `None` where it issues no credential and signs nobody in. `is_heard` tells whether
    /// an account's own records come too.
    pub fn of(record: &Record, facts: &Facts, is_heard: impl Fn(&str) -> bool) -> Option<Self> {
        if !may_be(record.event_name(), record.event_source().unwrap_or_default())
            || facts.outcome.verdict != Verdict::Success
        {
            return None;
        }
        let text = |path: &[&str]| record.text(path).map(str::to_owned);
        let joins = joins::of(record, facts);
        if !joins.iter().any(|join| join.0 == joins::Part::Give || join.1 == "login") {
            return None;
        }
        Some(Self {
            version: VERSION,
            id: AlertId::of(record),
            time: record.event_time()?,
            event: record.event_name().to_owned(),
            class: Class::of(record, is_heard),
            account: record.account().map(str::to_owned),
            region: text(&["awsRegion"]),
            actor: facts.actor.clone(),
            role: record.parameter("roleArn").map(str::to_owned),
            source_ip: text(&["sourceIPAddress"]),
            summary: alert::sentence(record, facts),
            joins,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Watched;
    use serde_json::{Value, json};

    fn class(patch: &Value) -> Option<Class> {
        let mut record = json!({"eventName": "AssumeRole", "eventSource": "sts.amazonaws.com",
            "eventTime": "2026-11-26T10:00:00Z", "recipientAccountId": "111122223333",
            "requestParameters": {"roleArn": "arn:aws:iam::111122223333:role/ops", "roleSessionName": "s"},
            "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLE"}}});
        for (key, value) in patch.as_object().unwrap() {
            record[key] = value.clone();
        }
        let record = Record::new(record).unwrap();
        let facts = Facts::of(&record, &Watched::default());
        Link::of(&record, &facts, |account| account == "111122223333").map(|link| link.class)
    }

    #[test]
    fn classes_are_told_from_the_record_alone() {
        let role =
            |context: Value| json!({"userIdentity": {"type": "AssumedRole", "sessionContext": context}});
        let provider = |name: &str| role(json!({"webIdFederationData": {"federatedProvider": name}}));
        let sso = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123";
        for (patch, wanted) in [
            (
                json!({"userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}}),
                Class::Service,
            ),
            (json!({"eventName": "AssumeRoleWithWebIdentity"}), Class::Web),
            (
                json!({"eventName": "AssumeRoleWithSAML", "requestParameters": {"roleArn": sso}}),
                Class::Portal,
            ),
            (json!({"eventName": "AssumeRoleWithSAML"}), Class::Person),
            (json!({"userIdentity": {"type": "AWSAccount", "accountId": "111122223333"}}), Class::Twin),
            (json!({"userIdentity": {"type": "AWSAccount", "accountId": "999900001111"}}), Class::Foreign),
            (role(json!({"ec2RoleDelivery": "2.0"})), Class::Machine),
            (
                provider("arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A"),
                Class::Machine,
            ),
            (provider("arn:aws:iam::111122223333:oidc-provider/gitlab.com"), Class::Pipeline),
            (role(json!({"sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/ops"}})), Class::Chain),
            (role(json!({"sessionIssuer": {"arn": sso}})), Class::Person),
            (json!({"userIdentity": {"type": "IAMUser"}}), Class::Person),
            // A user agent or a session's name is the caller's choice, and hides no link.
            (
                json!({"userIdentity": {"type": "IAMUser"}, "userAgent": "lambda.amazonaws.com"}),
                Class::Person,
            ),
        ] {
            assert_eq!(class(&patch), Some(wanted), "{patch}");
        }
    }

    #[test]
    fn a_call_that_failed_or_issues_nothing_is_no_link() {
        assert_eq!(class(&json!({"errorCode": "AccessDenied"})), None);
        assert_eq!(class(&json!({"eventName": "GetCallerIdentity"})), None);
        let bare = json!({"responseElements": null, "requestParameters": null});
        assert_eq!(class(&bare), None);
    }
}
