//! Sentences of an incident's story: one for each hand-over that was used, and one for the roles that were assumed.

use std::collections::BTreeSet;

use detector::joins::Part;
use jiff::Timestamp;

use super::record::Record;
use super::teller::{Teller, last_part};

/// A sentence of the story. Of those that could be the title the first rank is it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sentence {
    pub(super) time: Option<Timestamp>,
    pub(super) rank: u8,
    pub(super) words: String,
}

impl Teller<'_> {
    /// Sentences about hand-overs. Title is the earliest one of the lowest rank: keys, opened roles and passwords come
    /// before functions and instances, and those before roles that were assumed.
    pub(super) fn sentences(&self) -> Vec<Sentence> {
        let mut found = Vec::new();
        let mut add = |time, rank, words| found.push(Sentence { time, rank, words });
        for (record, join) in self.gives(Part::Key, "cred") {
            if let Some(user) = self.users(record, join).next() {
                let of = record.target.as_ref().map_or("a user", |(_, name)| name);
                let from = from(user);
                add(
                    record.time,
                    0,
                    format!("{} created an access key for {of}; it was used{from}", record.actor_name),
                );
            }
        }
        for (record, join) in self.gives(Part::Give, "opened") {
            let mut parts = join.2.splitn(3, '|');
            let (_, name, to) =
                (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            if self.is_used(record, join) {
                let whom = if to == "*" {
                    "everybody; it was then assumed".to_owned()
                } else {
                    format!("{to}, which then assumed it")
                };
                add(record.time, 0, format!("{} opened role {name} to {whom}", record.actor_name));
            }
        }
        for (record, join) in self.gives(Part::Give, "login") {
            if let Some(user) = self.users(record, join).next() {
                let (_, name) = join.2.split_once('|').unwrap_or_default();
                let from = from(user);
                add(
                    record.time,
                    0,
                    format!("{} set a password for {name}, who then signed in{from}", record.actor_name),
                );
            }
        }
        let mut functions = BTreeSet::new();
        for (record, join) in self.gives(Part::Give, "fn").chain(self.gives(Part::Give, "inst")) {
            let Some(user) = self.users(record, join).next() else { continue };
            if functions.insert(&record.id) {
                let acted = format!("its role {} then acted", user.actor_name);
                add(record.time, 1, format!("{}; {acted}", record.sentence));
            }
        }
        found.extend(self.chain_of_roles());
        found
    }

    /// `data-eng assumed role ops-read, ops-admin in 2 accounts`
    fn chain_of_roles(&self) -> Option<Sentence> {
        // The caller's own account tells who called.
        let (first, _) =
            self.assumed().find(|(record, _)| !record.by_account).or_else(|| self.assumed().next())?;
        let mut roles: Vec<&str> = Vec::new();
        let mut accounts: Vec<&str> = Vec::new();
        for (_, role) in self.assumed() {
            let name = last_part(role);
            if !roles.contains(&name) {
                roles.push(name);
            }
            let account = role.split(':').nth(4).unwrap_or_default();
            if Some(account) != first.actor_account.as_deref() && !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        let place = match accounts.as_slice() {
            [] => String::new(),
            [one] => format!(" in {one}"),
            more => format!(" in {} accounts", more.len()),
        };
        let plural = if roles.len() == 1 { "role" } else { "roles" };
        let words = format!("{} assumed {plural} {}{place}", first.actor_name, roles.join(", "));
        Some(Sentence { time: first.time, rank: 2, words })
    }
}

/// ` from 192.0.2.1`
fn from(record: &Record) -> String {
    record.address.as_ref().map(|address| format!(" from {address}")).unwrap_or_default()
}
