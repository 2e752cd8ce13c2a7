//! The identities of an incident that somebody has to revoke, in words: created, opened, taken over.

use super::incident::Incident;
use super::teller::last_part;

impl Incident {
    /// Returns the identities to revoke, each with true where it was used.
    pub(crate) fn to_revoke(&self) -> Vec<(String, bool)> {
        let used = |is_used: bool| if is_used { "used" } else { "not used" };
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
        created.chain(opened).chain(taken).collect()
    }
}
