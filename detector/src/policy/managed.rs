//! Documents of AWS's managed policies, as of the day that `.ci/managed-policies` wrote them: for people to read. AWS
//! changes them at times, and an event names a policy without its version; a verdict on a permission set uses the
//! detector's own list of levels.

use serde_json::Value;

use super::{Document, decode};
use crate::aws::Arn;

/// Sorted by name; of each its version, the day of the version, and its document.
const POLICIES: &str = include_str!("../../policies/aws-managed.tsv");

/// An AWS managed policy with its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedPolicy {
    /// Its name, the last part of its ARN.
    pub name: &'static str,
    /// Its version, `v2`.
    pub version: &'static str,
    /// Day on which AWS made the version, `2019-06-21`.
    pub day: &'static str,
    /// Its statements.
    pub document: Document,
}

impl ManagedPolicy {
    /// Returns the policy with an ARN; `None` for a policy of the account's own, and for one whose document this
    /// version does not have.
    #[must_use]
    pub fn by_arn(arn: &str) -> Option<Self> {
        let Arn { service: "iam", account: "aws", resource, .. } = Arn::parse(arn)? else { return None };
        let path = resource.strip_prefix("policy/")?;
        let name = path.rsplit('/').next()?;
        POLICIES.lines().find_map(|line| {
            let mut parts = line.splitn(4, '\t');
            let known = parts.next().filter(|known| *known == name)?;
            let (version, day, document) = (parts.next()?, parts.next()?, parts.next()?);
            let document = decode(&Value::from(document)).ok()?;
            Some(Self { name: known, version, day, document })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_document_can_be_read() {
        let mut last = "";
        for line in POLICIES.lines() {
            let name = line.split('\t').next().unwrap();
            assert!(last < name, "{name} is not in order");
            last = name;
            let policy = ManagedPolicy::by_arn(&format!("arn:aws:iam::aws:policy/{name}")).unwrap();
            assert_eq!(policy.name, name);
            assert!(!policy.document.statements.is_empty() && policy.day.len() == 10, "{name}");
            assert!(policy.version.starts_with('v'), "{name}: {}", policy.version);
        }
    }

    #[test]
    fn only_aws_s_own_policies_have_documents() {
        let by_arn = ManagedPolicy::by_arn;
        assert!(by_arn("arn:aws-us-gov:iam::aws:policy/AdministratorAccess").is_some());
        assert!(by_arn("arn:aws:iam::aws:policy/job-function/DataScientist").is_some());
        for other in [
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:aws:eks::aws:cluster-access-policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/NoSuchPolicy",
            "AdministratorAccess",
            "",
        ] {
            assert_eq!(by_arn(other), None, "{other}");
        }
    }
}
