//! The story of an incident: what was created, opened and taken over, whether it was used, how bad the whole is, and
//! the sentences that tell it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use detector::Severity;
use detector::facts::TargetKind;
use detector::joins::Part;

use super::group::Group;
use super::incident::{Created, Exposed, Incident, Key, Opened, State, Step, TACTICS, TakenOver, VERSION};
use super::record::{Record, Told};
use super::sentences::Sentence;
use super::teller::{Teller, last_part};

/// Most sentences of a story.
const MOST_SENTENCES: usize = 8;
/// Tactics from which on an incident may be worse than its worst alert.
const MANY_TACTICS: usize = 3;
/// Most sessions whose start is not known that are named.
const MOST_UNKNOWN: usize = 8;

/// Tells the incident of a group; `None` for a group without an alert, of which there is none.
pub(super) fn tell(records: &[Record], group: &Group) -> Option<Incident> {
    let teller = Teller::new(records, group);
    let alerts: Vec<(&Record, &Told)> =
        teller.records.iter().filter_map(|record| Some((*record, record.alert.as_ref()?))).collect();
    let (first, _) = alerts.first()?;
    let (worst, told) = alerts.iter().max_by(|(one, a), (other, b)| {
        // The worst; of these the latest tactic, then the earliest.
        (a.severity, latest(a)).cmp(&(b.severity, latest(b))).then_with(|| other.cmp(one))
    })?;
    let (created, opened, taken_over) = (teller.created(), teller.opened(), teller.taken_over());
    let all: BTreeSet<&String> = alerts.iter().filter_map(|(_, told)| told.tactic.as_ref()).collect();
    let tactics: Vec<String> = TACTICS
        .iter()
        .filter(|tactic| all.iter().any(|one| one == *tactic))
        .map(|one| (*one).to_owned())
        .collect();
    let acted = created.iter().any(|one| one.used)
        || opened.iter().any(|one| one.used)
        || taken_over.iter().any(|one| one.used);
    let raised = acted && tactics.len() >= MANY_TACTICS && told.severity < Severity::Critical;
    let mut sentences = teller.sentences();
    sentences.sort();
    let title = sentences
        .iter()
        .min_by_key(|sentence| (sentence.rank, sentence.time))
        .map_or_else(|| told.title.clone(), |sentence| sentence.words.clone());
    let story = story(sentences, &alerts, worst);
    let of_alerts = |field: fn(&Record) -> Option<&String>| -> Vec<String> {
        let values: BTreeSet<&String> = alerts.iter().filter_map(|(record, _)| field(record)).collect();
        values.into_iter().filter(|value| !value.is_empty()).cloned().collect()
    };
    let unknown_keys = teller.unknown();
    let times = || alerts.iter().filter_map(|(record, _)| record.time);
    let is_open = alerts.iter().any(|(_, told)| !told.acknowledged);
    Some(Incident {
        version: VERSION,
        id: first.id.clone(),
        severity: if raised { one_more(told.severity) } else { told.severity },
        raised,
        state: if is_open { State::Open } else { State::Acknowledged },
        title,
        story,
        first: times().min(),
        last: times().max(),
        accounts: of_alerts(|record| record.account.as_ref()),
        actors: of_alerts(|record| Some(&record.actor)),
        addresses: of_alerts(|record| record.address.as_ref()),
        tactics,
        alerts: alerts.iter().map(|(record, _)| record.id.clone()).collect(),
        steps: teller.records.iter().map(|record| step(record)).collect(),
        created,
        opened,
        taken_over,
        unknown: unknown_keys.iter().map(|key| format!("who started the session of key {key}")).collect(),
        unknown_keys,
        names: names(&alerts),
        keys: keys(&alerts),
        link_keys: link_keys(&teller.records),
        exposed: exposed(&alerts),
        acknowledged: alerts.iter().filter(|(_, told)| told.acknowledged).count(),
        reopened: 0,
        related: Vec::new(),
    })
}

/// The story: the hand-overs in order of time, then the worst alerts in order of time, the worst of all last.
fn story(sentences: Vec<Sentence>, alerts: &[(&Record, &Told)], worst: &Record) -> Vec<String> {
    let mut story: Vec<String> = sentences.into_iter().map(|sentence| sentence.words).collect();
    story.truncate(MOST_SENTENCES - 1);
    let mut severe: Vec<&(&Record, &Told)> = alerts
        .iter()
        .filter(|(record, told)| told.severity >= Severity::High && record.id != worst.id)
        .collect();
    severe.sort_by_key(|(_, told)| std::cmp::Reverse(told.severity));
    severe.truncate(MOST_SENTENCES - 1 - story.len());
    severe.sort_by_key(|(record, _)| *record);
    story.extend(severe.into_iter().map(|(record, _)| record.sentence.clone()));
    story.push(worst.sentence.clone());
    story
}

/// Access keys by which the alerts' calls were made, each once, with the name of the caller.
fn keys(alerts: &[(&Record, &Told)]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (record, _) in alerts {
        let used = record.joins.iter().filter(|join| join.0 == Part::Use && join.1 == "cred");
        for key in used.map(|join| &join.2) {
            if !keys.iter().any(|known| known.id == *key) {
                keys.push(Key { id: key.clone(), of: record.actor_name.clone() });
            }
        }
    }
    keys
}

/// Access keys that links used and issued, each once.
fn link_keys(records: &[&Record]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for record in records.iter().filter(|record| record.alert.is_none()) {
        let of =
            record.joins.iter().filter(|join| join.1 == "cred" && matches!(join.0, Part::Use | Part::Give));
        for key in of.map(|join| &join.2) {
            if !keys.contains(key) {
                keys.push(key.clone());
            }
        }
    }
    keys
}

/// Resources that the alerts' calls opened beside roles and providers, each once.
fn exposed(alerts: &[(&Record, &Told)]) -> Vec<Exposed> {
    let mut exposed = BTreeSet::new();
    for (record, _) in alerts {
        if let (Some((kind, name)), Some(whom)) = (&record.target, &record.lets_in)
            && kind != TargetKind::Role.label()
        {
            exposed.insert(Exposed { kind: kind.clone(), id: name.clone(), to: whom.clone() });
        }
    }
    exposed.into_iter().collect()
}

/// Names of those who acted, each once, in order of time.
fn names(alerts: &[(&Record, &Told)]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (record, _) in alerts {
        if !names.contains(&record.actor_name) {
            names.push(record.actor_name.clone());
        }
    }
    names
}

const fn one_more(severity: Severity) -> Severity {
    match severity {
        Severity::Low => Severity::Medium,
        Severity::Medium => Severity::High,
        Severity::High | Severity::Critical => Severity::Critical,
    }
}

/// Place of an alert's latest tactic in ATT&CK's order.
fn latest(told: &Told) -> Option<usize> {
    TACTICS.iter().rposition(|tactic| told.tactic.as_deref() == Some(tactic))
}

fn step(record: &Record) -> Step {
    Step {
        time: record.time,
        event_id: record.id.clone(),
        event: record.event.clone(),
        tactic: record.alert.as_ref().and_then(|told| told.tactic.clone()),
        sentence: record.sentence.clone(),
        alert: record.alert.is_some(),
        severity: record.alert.as_ref().map(|told| told.severity),
        actor: record.actor.clone(),
        address: record.address.clone(),
        call: record.joins.iter().find(|join| join.1 == "shared").map(|join| join.2.clone()),
    }
}

impl Teller<'_> {
    fn created(&self) -> Vec<Created> {
        let keys = self.gives(Part::Key, "cred").map(|(record, join)| Created {
            kind: "access_key",
            id: join.2.clone(),
            of: record.target.as_ref().map(|(_, name)| name.clone()),
            at: record.time,
            used: self.is_used(record, join),
        });
        let users = self.gives(Part::Made, "user").map(|(record, join)| Created {
            kind: "user",
            id: join.2.clone(),
            of: None,
            at: record.time,
            used: self.is_used(record, join),
        });
        // The first of each; used where any of them was.
        let mut found: BTreeMap<(&'static str, String), Created> = BTreeMap::new();
        for one in keys.chain(users) {
            let known = found.entry((one.kind, one.id.clone())).or_insert_with(|| one.clone());
            known.used |= one.used;
        }
        found.into_values().collect()
    }

    fn opened(&self) -> Vec<Opened> {
        // A role's ARN as a call that assumed it has it.
        let assumed: HashMap<(&str, &str), &String> = self
            .records
            .iter()
            .filter_map(|record| {
                let arn = record.role.as_ref()?;
                Some(((arn.split(':').nth(4)?, last_part(arn)), arn))
            })
            .collect();
        let roles = self.gives(Part::Give, "opened").filter_map(|(record, join)| {
            let mut parts = join.2.splitn(3, '|');
            let (account, name, to) = (parts.next()?, parts.next()?, parts.next()?);
            let known = assumed.get(&(account, name)).map(|arn| (*arn).clone());
            Some(Opened {
                kind: "role",
                id: known.unwrap_or_else(|| format!("arn:{}:iam::{account}:role/{name}", partition(record))),
                to: Some(to.to_owned()),
                at: record.time,
                used: self.is_used(record, join),
            })
        });
        let providers = self.gives(Part::Give, "prov").map(|(record, join)| Opened {
            kind: "provider",
            id: join.2.clone(),
            to: None,
            at: record.time,
            used: self.is_used(record, join),
        });
        let mut found: BTreeMap<(&'static str, String, Option<String>), Opened> = BTreeMap::new();
        for one in roles.chain(providers) {
            let key = (one.kind, one.id.clone(), one.to.clone());
            let known = found.entry(key).or_insert_with(|| one.clone());
            known.used |= one.used;
        }
        found.into_values().collect()
    }

    fn taken_over(&self) -> Vec<TakenOver> {
        let passwords = self.gives(Part::Give, "login").filter_map(|(record, join)| {
            let (account, name) = join.2.split_once('|')?;
            Some(TakenOver {
                kind: "user",
                id: self.user_arn(record, account, name),
                how: "password set".to_owned(),
                at: record.time,
                used: self.is_used(record, join),
            })
        });
        let functions = self.gives(Part::Give, "fn").filter_map(|(record, join)| {
            let mut parts = join.2.splitn(3, '|');
            let (account, role, name) = (parts.next()?, parts.next()?, parts.next()?);
            let mut ways = record.joins.iter().filter(|join| join.0 == Part::Give && join.1 == "fn");
            let used = ways.any(|way| self.is_used(record, way));
            Some(TakenOver {
                kind: "role",
                id: format!("{account}/{}/{name}", last_part(role)),
                how: "function".to_owned(),
                at: record.time,
                used,
            })
        });
        let instances = self.gives(Part::Give, "inst").filter_map(|(record, join)| {
            Some(TakenOver {
                kind: "instance",
                id: join.2.split_once('|')?.1.to_owned(),
                how: record.event.clone(),
                at: record.time,
                used: self.is_used(record, join),
            })
        });
        let roles = self.assumed().map(|(record, role)| TakenOver {
            kind: "role",
            id: role.clone(),
            how: record.event.clone(),
            at: record.time,
            used: record.alert.is_none() || self.has_session(record),
        });
        // The earliest of each; used where any of them was.
        let mut found: BTreeMap<(&'static str, String, String), TakenOver> = BTreeMap::new();
        for one in passwords.chain(functions).chain(instances).chain(roles) {
            let known =
                found.entry((one.kind, one.id.clone(), one.how.clone())).or_insert_with(|| one.clone());
            known.used |= one.used;
            known.at = known.at.min(one.at);
        }
        found.into_values().collect()
    }

    /// Returns the ARN of a user by account and name: as its own calls have it, else without a path.
    fn user_arn(&self, setter: &Record, account: &str, name: &str) -> String {
        let is_it = |arn: &&String| {
            arn.contains(&format!(":{account}:user/")) && arn.rsplit('/').next() == Some(name)
        };
        let own = self.records.iter().map(|record| &record.actor).find(is_it);
        let partition =
            setter.actor.split(':').nth(1).filter(|part| part.starts_with("aws")).unwrap_or("aws");
        own.cloned().unwrap_or_else(|| format!("arn:{partition}:iam::{account}:user/{name}"))
    }

    /// True where the session that a call began acts in the incident.
    fn has_session(&self, record: &Record) -> bool {
        let mut gives = record.joins.iter().filter(|join| join.0 == Part::Give);
        gives.any(|give| self.used.contains(&(give.1.as_str(), give.2.as_str())))
    }

    /// Access keys of sessions of roles whose start is in no record, though one would be expected.
    fn unknown(&self) -> Vec<String> {
        let mut named = BTreeSet::new();
        let mut found = Vec::new();
        for record in &self.records {
            let value = |kind: &str| {
                record.joins.iter().find(|join| join.0 == Part::Use && join.1 == kind).map(|join| &join.2)
            };
            let is_plain = record.actor.contains(":role/")
                && ["person", "inst", "prov", "console"].iter().all(|kind| value(kind).is_none())
                && !value("fn").is_some_and(|value| value.starts_with("arn:"))
                && !record.actor.contains(":role/aws-service-role/");
            let Some(key) = value("cred").filter(|key| is_plain && key.starts_with("ASIA")) else { continue };
            let session = value("sess").unwrap_or(key);
            let is = |kind: &str, value: &str| self.given.contains(&(kind, value));
            let is_given =
                is("cred", key) || is("sess", session) || value("fn").is_some_and(|name| is("fn", name));
            if !is_given && named.insert(session) && found.len() < MOST_UNKNOWN {
                found.push(key.clone());
            }
        }
        found
    }
}

/// Partition of whoever made a call.
fn partition(record: &Record) -> &str {
    record.actor.split(':').nth(1).filter(|part| part.starts_with("aws")).unwrap_or("aws")
}
