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

impl Identity {
    /// The profile and the key, as far as they are known; `None` where neither is.
    pub(crate) fn credentials(&self) -> Option<String> {
        match (&self.profile, &self.key) {
            (Some(profile), Some(key)) => Some(format!("profile {profile} ({key})")),
            (Some(profile), None) => Some(format!("profile {profile}")),
            (None, key) => key.as_ref().map(|key| format!("key {key}")),
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.credentials().as_deref().unwrap_or("no credentials"))?;
        if let Some(account) = &self.account {
            write!(f, ", account {account}")?;
        }
        write!(f, ", {}", self.region)
    }
}
