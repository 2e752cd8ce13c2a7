//! The identities of an incident that somebody has to revoke, in words: created, opened, taken over.

use super::incident::Incident;
use super::teller::last_part;

impl Incident {
    /// Returns the identities to revoke, each with true where it was used.
    pub(crate) fn to_revoke(&self) -> Vec<(String, bool)> {
        let used = |is_used: bool| if is_used { "used" } else { "no alert by it" };
        let created = self.created.iter().map(|one| {
            let of = one.of.as_ref().map(|of| format!(" of user {of}")).unwrap_or_default();
            let kind = one.kind.replace('_', " ");
            (format!("{kind} {}{of}: created, {}", last_part(&one.id), used(one.used)), one.used)
        });
        let opened = self.opened.iter().map(|one| {
            let to = one.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            (format!("{} {}: opened{to}, {}", one.kind, last_part(&one.id), used(one.used)), one.used)
        });
        let taken = self.taken_over.iter().map(|one| {
            (format!("{} {}: {}, {}", one.kind, last_part(&one.id), one.how, used(one.used)), one.used)
        });
        let exposed =
            self.exposed.iter().map(|one| (format!("{} {}: opened to {}", one.kind, one.id, one.to), false));
        created.chain(opened).chain(exposed).chain(taken).collect()
    }

    /// Returns the access keys by which the alerts' calls were made, in words.
    pub(crate) fn acting_keys(&self) -> impl Iterator<Item = String> {
        self.keys.iter().map(|key| format!("access key {} of {}", key.id, key.of))
    }
}
