//! Properties that alerts can share: the actor, its session, the access key, the address, the target.
//!
//! Each is kept as a 64-bit hash of its kind and its value: an index over numbers takes a third of the room
//! of one over ARNs. An attacker could make two values with one hash; this would only show an unrelated alert
//! among the related ones.

use std::net::IpAddr;

use detector::Alert;

/// Property that two alerts can share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Facet {
    /// The same person, user or role.
    Actor,
    /// The same session of a role.
    Session,
    /// The same access key, long-lived or of a session.
    AccessKey,
    /// The same source address; services, which have none, have nothing in common by that.
    Address,
    /// The same user, role, key, bucket … acted on.
    Target,
}

impl Facet {
    pub(crate) const ALL: [Self; 5] =
        [Self::Actor, Self::Session, Self::AccessKey, Self::Address, Self::Target];

    /// Returns the hash of an alert's value; `None` where the alert has no value.
    pub(crate) fn of(self, alert: &Alert) -> Option<i64> {
        self.value(alert).map(|value| self.key(&value))
    }

    /// The key of a value.
    pub(crate) fn key(self, value: &str) -> i64 {
        hash(self.label(), value)
    }

    /// The value itself.
    pub(crate) fn value(self, alert: &Alert) -> Option<String> {
        let user = alert.user.as_deref();
        let facts = alert.facts.as_ref();
        let value = match self {
            Self::Actor => facts.map(|facts| facts.actor.id.as_str()).or(user),
            Self::Session => {
                user.filter(|arn| arn.contains(":assumed-role/") || arn.contains(":federated-user/"))
            }
            Self::AccessKey => {
                let record = alert.record.as_ref();
                record.and_then(|record| record.pointer("/userIdentity/accessKeyId")?.as_str())
            }
            Self::Address => alert.source_ip.as_deref().filter(|text| text.parse::<IpAddr>().is_ok()),
            Self::Target => {
                let target = facts.and_then(|facts| facts.target.as_ref())?;
                let account = target.account.as_deref().or(alert.account.as_deref()).unwrap_or_default();
                return Some(format!("{} {account} {}", target.kind.label(), target.name));
            }
        };
        value.filter(|value| !value.is_empty()).map(str::to_owned)
    }

    /// As a person says it.
    /// Part of stored hashes: never changed.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Session => "session",
            Self::AccessKey => "access key",
            Self::Address => "address",
            Self::Target => "target",
        }
    }
}

/// The keys of an alert, in the order of [`Facet::ALL`]; none where the record does not say.
pub(crate) fn keys(alert: &Alert) -> [Option<i64>; 5] {
    Facet::ALL.map(|facet| facet.of(alert))
}

/// Returns the number under which the database keeps a value of this kind. FNV-1a, 64 bits: the same on every machine
/// and in every version, which std's hasher does not promise.
pub(crate) fn hash(kind: &str, value: &str) -> i64 {
    let bytes = kind.bytes().chain([0]).chain(value.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash.cast_signed()
}
