//! Identity of the credentials in use: profile, key, account, region, in few words. A console on a wall shows
//! it, and `doctor` says it, since a wrong account looks like a quiet one.

use std::fmt;

use detector::SafeText;

/// Owner of the credentials in use, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) profile: Option<SafeText>,
    /// The access key's id, shortened.
    pub(crate) key: Option<String>,
    pub(crate) account: Option<SafeText>,
    pub(crate) region: String,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.profile, &self.key) {
            (Some(profile), Some(key)) => write!(f, "profile {profile} ({key})")?,
            (Some(profile), None) => write!(f, "profile {profile}")?,
            (None, Some(key)) => write!(f, "key {key}")?,
            (None, None) => f.write_str("no credentials")?,
        }
        if let Some(account) = &self.account {
            write!(f, ", account {account}")?;
        }
        write!(f, ", {}", self.region)
    }
}
