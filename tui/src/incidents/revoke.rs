//! The identities of an incident that somebody has to revoke, in words: created, opened, taken over.

use super::incident::{Incident, TakenOver};
use super::teller::last_part;

/// True for two names of one identity: an ARN, or the end of it.
fn is_same(kind: &str, id: &str, other_kind: &str, other: &str) -> bool {
    let are_arns = id.starts_with("arn:") && other.starts_with("arn:");
    kind == other_kind && if are_arns { id == other } else { last_part(id) == last_part(other) }
}

impl Incident {
    /// Returns the identities to revoke, each with true where it was used.
    pub(crate) fn to_revoke(&self) -> Vec<(String, bool)> {
        let used = |is_used: bool| if is_used { "used" } else { "no alert by it" };
        let created = self.created.iter().map(|one| {
            let of = one.of.as_ref().map(|of| format!(" of user {of}")).unwrap_or_default();
            let kind = one.kind.replace('_', " ");
            // One line for an identity: a user that was created, and then got a password.
            let then =
                self.taken_over.iter().filter(|taken| is_same(taken.kind, &taken.id, one.kind, &one.id));
            let is_used = one.used || then.clone().any(|taken| taken.used);
            let hows: Vec<&str> =
                ["created"].into_iter().chain(then.map(|taken| taken.how.as_str())).collect();
            (format!("{kind} {}{of}: {}, {}", last_part(&one.id), hows.join(", "), used(is_used)), is_used)
        });
        let opened = self.opened.iter().map(|one| {
            let to = one.to.as_ref().map(|to| format!(" to {to}")).unwrap_or_default();
            (format!("{} {}: opened{to}, {}", one.kind, last_part(&one.id), used(one.used)), one.used)
        });
        let is_told = |taken: &&TakenOver| {
            !self.created.iter().any(|one| is_same(taken.kind, &taken.id, one.kind, &one.id))
        };
        let taken = self.taken_over.iter().filter(is_told).map(|one| {
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
