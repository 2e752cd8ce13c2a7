//! Names of accounts and identities in policies.

use crate::aws::{Arn, is_account_id};

/// Returns the account of a bare id or an ARN: twelve digits, with no wildcard before or in it, since `*`
/// crosses colons.
pub(super) fn account_of(name: &str) -> Option<&str> {
    if is_account_id(name) {
        return Some(name);
    }
    let arn = Arn::parse(name)?;
    let is_written_out =
        ![arn.partition, arn.service, arn.region].iter().any(|part| part.contains(['*', '?']));
    arn.account_id().filter(|_| is_written_out)
}

/// True for one of IAM's unique ids: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
pub(super) fn is_unique_id(name: &str) -> bool {
    ["AROA", "AIDA", "AGPA"].iter().any(|prefix| name.starts_with(prefix))
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
