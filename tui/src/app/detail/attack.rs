//! Names of the ATT&CK techniques that the rules are tagged with (<https://attack.mitre.org/techniques/enterprise/>).

/// Techniques by id, in order.
const TECHNIQUES: [(&str, &str); 36] = [
    ("T1021", "Remote Services"),
    ("T1059", "Command and Scripting Interpreter"),
    ("T1070", "Indicator Removal"),
    ("T1078", "Valid Accounts"),
    ("T1078.004", "Cloud Accounts"),
    ("T1087.004", "Cloud Account Discovery"),
    ("T1098", "Account Manipulation"),
    ("T1098.001", "Additional Cloud Credentials"),
    ("T1098.003", "Additional Cloud Roles"),
    ("T1098.004", "SSH Authorized Keys"),
    ("T1098.006", "Additional Container Cluster Roles"),
    ("T1133", "External Remote Services"),
    ("T1136.003", "Create Cloud Account"),
    ("T1199", "Trusted Relationship"),
    ("T1484.002", "Trust Modification"),
    ("T1485", "Data Destruction"),
    ("T1486", "Data Encrypted for Impact"),
    ("T1490", "Inhibit System Recovery"),
    ("T1525", "Implant Internal Image"),
    ("T1530", "Data from Cloud Storage"),
    ("T1531", "Account Access Removal"),
    ("T1535", "Unused Cloud Regions"),
    ("T1537", "Transfer Data to Cloud Account"),
    ("T1550.001", "Application Access Token"),
    ("T1552", "Unsecured Credentials"),
    ("T1552.001", "Credentials In Files"),
    ("T1552.005", "Cloud Instance Metadata API"),
    ("T1555.006", "Cloud Secrets Management Stores"),
    ("T1556", "Modify Authentication Process"),
    ("T1556.006", "Multi-Factor Authentication"),
    ("T1562", "Impair Defenses"),
    ("T1562.001", "Disable or Modify Tools"),
    ("T1562.008", "Disable or Modify Cloud Logs"),
    ("T1578.002", "Create Cloud Instance"),
    ("T1648", "Serverless Execution"),
    ("T1651", "Cloud Administration Command"),
];

/// Returns a technique by its tag (`attack.t1098.003`) with its name: `T1098.003 Additional Cloud Roles`. The id alone
/// where its name is not known here; `None` for a tag that is no technique.
pub(super) fn technique(tag: &str) -> Option<String> {
    let id = format!("T{}", tag.strip_prefix("attack.t")?);
    if !id.get(1..2)?.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    Some(match TECHNIQUES.binary_search_by(|(known, _)| (*known).cmp(&id)) {
        Ok(at) => TECHNIQUES.get(at).map_or_else(|| id.clone(), |(id, name)| format!("{id} {name}")),
        Err(_) => id,
    })
}

/// Returns the address of the page about a technique that [`technique`] has named.
pub(super) fn technique_page(named: &str) -> String {
    let id = named.split(' ').next().unwrap_or_default().replace('.', "/");
    format!("https://attack.mitre.org/techniques/{id}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_technique_of_the_rules_has_a_name() {
        assert!(TECHNIQUES.is_sorted_by(|(a, _), (b, _)| a < b));
        for rule in detector::Rules::default().all() {
            for tag in rule.tags.iter().filter(|tag| tag.starts_with("attack.t1")) {
                let named = technique(tag).unwrap();
                assert!(named.contains(' '), "{tag} of {}", rule.title);
            }
        }
        assert_eq!(technique("attack.t9999"), Some("T9999".to_owned()));
        assert_eq!(
            technique_page("T1098.003 Additional Cloud Roles"),
            "https://attack.mitre.org/techniques/T1098/003/"
        );
        assert_eq!((technique("attack.t"), technique("attack.persistence")), (None, None));
    }
}
