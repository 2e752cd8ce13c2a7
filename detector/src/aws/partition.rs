//! Partitions: worlds of AWS that share nothing, each with a name in its ARNs and a DNS suffix.
//!
//! Source: `partitions.json` of botocore 1.44.5.

/// Each partition with the DNS suffix of its services.
pub(crate) const PARTITIONS: [(&str, &str); 8] = [
    ("aws", "amazonaws.com"),
    ("aws-cn", "amazonaws.com.cn"),
    ("aws-us-gov", "amazonaws.com"),
    ("aws-iso", "c2s.ic.gov"),
    ("aws-iso-b", "sc2s.sgov.gov"),
    ("aws-iso-e", "cloud.adc-e.uk"),
    ("aws-iso-f", "csp.hci.ic.gov"),
    ("aws-eusc", "amazonaws.eu"),
];

/// Returns whether an ARN can begin with this partition.
pub(crate) fn is_partition(name: &str) -> bool {
    PARTITIONS.iter().any(|(partition, _)| *partition == name)
}

/// Returns the part of a service's name before the DNS suffix of its partition: `ec2` of
/// `ec2.amazonaws.com.cn`, `cognito-identity.us-gov-east-1` of `cognito-identity.us-gov-east-1.amazonaws.com`.
/// `None` where it is no name of a service of AWS.
pub(crate) fn service_of(name: &str) -> Option<&str> {
    PARTITIONS.iter().find_map(|(_, suffix)| {
        let before = name.strip_suffix(suffix)?.strip_suffix('.')?;
        (!before.is_empty()).then_some(before)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_known_in_each_partition() {
        for (partition, suffix) in PARTITIONS {
            assert!(is_partition(partition));
            assert_eq!(service_of(&format!("ec2.{suffix}")), Some("ec2"), "{partition}");
        }
        for no in
            ["amazonaws.com", ".amazonaws.com", "ec2.amazonaws.com.evil.example", "evilamazonaws.com", ""]
        {
            assert_eq!(service_of(no), None, "{no}");
        }
        assert!(!is_partition("aws-*") && !is_partition(""));
    }
}
