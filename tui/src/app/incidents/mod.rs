//! Incidents in the console: what is known of them, when to ask for them again, and the board over the screen. They are
//! asked for while somebody looks at them, and whenever alerts or links have come meanwhile.

pub(crate) mod board;
pub(crate) mod page;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use detector::{AlertId, SafeText};

use crate::app::effect::{ContextWork, Effect, Lookup};
use crate::incidents::{Incident, Overview, State};
use crate::model::Members;
use board::Board;

/// Characters of an incident's id that people see.
const SHORT: usize = 8;
/// Characters of a UUID, as CloudTrail's ids are.
const UUID: usize = 36;

/// Incidents of the stored alerts.
#[derive(Debug, Default)]
pub(crate) struct Incidents {
    /// `None` until they were asked for.
    known: Option<Overview>,
    /// Number of answers so far, by which what is known is told from what was.
    version: u64,
    /// Place of the incident of each alert.
    of_alert: HashMap<String, usize>,
    /// Places of the incidents in the order of the board: open ones first, the worst of them first, of these the one
    /// with the newest alert.
    order: Vec<usize>,
    /// True once the stored alerts or links have changed since the last question.
    is_stale: bool,
    is_asked: bool,
    /// Alerts older than these, or the beginnings of their ids, whose incidents were asked for.
    asked: HashSet<AlertId>,
    /// Those of them that no stored alert has.
    nowhere: HashSet<AlertId>,
    /// Access keys of sessions whose start was looked for.
    looked_for: HashSet<String>,
    /// The board; `None` while it is closed.
    pub(crate) board: Option<Board>,
}

impl Incidents {
    /// Notes that alerts, links or triage have changed.
    pub(crate) const fn changed(&mut self) {
        self.is_stale = true;
    }

    /// True where nothing has changed since the last answer was asked for.
    pub(crate) const fn is_current(&self) -> bool {
        !self.is_stale
    }

    /// Returns the question for them where somebody looks, at an alert or through filters that name incidents, and what
    /// is known is old or has not this alert or these incidents.
    pub(crate) fn wants(&mut self, at: Option<&AlertId>, named: Vec<String>) -> Option<Effect> {
        if self.is_asked {
            return None;
        }
        if self.known.is_none() || self.is_stale {
            (self.is_asked, self.is_stale) = (true, false);
            self.asked.clear();
            self.nowhere.clear();
            return Some(Effect::Lookup(Lookup::Incidents));
        }
        let board = self.board.as_ref().and_then(|board| board.at.as_ref());
        let read = board.or(at).filter(|at| !self.of_alert.contains_key(&at.0)).cloned();
        let named = named.into_iter().filter(|id| self.named(id).next().is_none()).map(AlertId);
        let mut unknown = read.into_iter().chain(named).filter(|id| id.0.chars().count() >= Members::LEAST);
        let unknown = unknown.find(|id| !self.asked.contains(id))?;
        self.asked.insert(unknown.clone());
        Some(Effect::Lookup(Lookup::IncidentsOf(unknown)))
    }

    /// Returns the incidents of the alerts whose ids begin so; of the one that has the whole of it, if there is one.
    fn named(&self, id: &str) -> impl Iterator<Item = &Incident> {
        let exact = self.of_alert.get(id);
        let begun = id.to_ascii_lowercase();
        let begins = move |known: &str| {
            known.get(..begun.len()).is_some_and(|start| start.eq_ignore_ascii_case(&begun))
        };
        let alike = self.of_alert.iter().filter(move |(known, _)| exact.is_none() && begins(known));
        let places: BTreeSet<usize> = exact.into_iter().chain(alike.map(|(_, at)| at)).copied().collect();
        places.into_iter().filter_map(|at| self.known.as_ref()?.incidents.get(at))
    }

    /// Returns the alerts of the incidents of the alerts whose ids begin so; `None` while none is known.
    pub(crate) fn members(&self, id: &str) -> Option<Arc<Members>> {
        self.named(id).map(Incident::members).reduce(Members::and).map(Arc::new)
    }

    /// Returns the question for the starts of sessions that are not known, of the incident whose timeline is read. Each
    /// is asked for once.
    pub(crate) fn wants_starts(&mut self) -> Option<Effect> {
        let board = self.board.as_ref().filter(|board| board.is_open)?;
        let incident = board.at.as_ref().and_then(|at| self.of(at))?;
        let new = incident.unknown_keys.iter().filter(|key| !self.looked_for.contains(*key));
        let keys: Vec<String> = new.cloned().collect();
        self.looked_for.extend(keys.iter().cloned());
        (!keys.is_empty()).then_some(Effect::Context(ContextWork::Starts { keys }))
    }

    /// Takes the answer. Returns why the alert at which the board should be is not found, if it is not.
    pub(crate) fn take(&mut self, found: Overview) -> Option<String> {
        self.is_asked = false;
        self.known = Some(found);
        self.sort();
        self.find_place()
    }

    /// Takes the incidents of an alert that is older than all of these, or of several that its id may be.
    pub(crate) fn take_of(&mut self, id: AlertId, found: Vec<Incident>) -> Option<String> {
        if found.is_empty() {
            self.nowhere.insert(id);
        }
        if let Some(known) = &mut self.known {
            let new = found.into_iter().filter(|one| !self.of_alert.contains_key(&one.id));
            known.incidents.extend(new.collect::<Vec<_>>());
        }
        self.sort();
        self.find_place()
    }

    /// Number of answers so far.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// Puts the incidents in order, and finds the one of each alert.
    fn sort(&mut self) {
        self.version += 1;
        let Some(found) = &self.known else { return };
        self.of_alert = (0..)
            .zip(&found.incidents)
            .flat_map(|(at, incident)| incident.alerts.iter().map(move |id| (id.clone(), at)))
            .collect();
        self.order = (0..found.incidents.len()).collect();
        self.order.sort_by(|one, other| {
            let key = |at: &usize| {
                let of = found.incidents.get(*at)?;
                Some((of.state == State::Open, of.severity, of.last, &of.id))
            };
            key(other).cmp(&key(one))
        });
    }

    /// Finds the alert at which the board should be, where only the beginning of its id is known. Returns why it is
    /// not found; it is looked for again with the next answer.
    fn find_place(&mut self) -> Option<String> {
        let board = self.board.as_mut().filter(|board| board.is_asked)?;
        let at = board.at.as_ref().filter(|at| !self.of_alert.contains_key(&at.0))?;
        let id = SafeText::new(&at.0);
        if at.0.chars().count() < Members::LEAST {
            return Some(format!(
                "{id} is too short: give at least {} characters of an alert's id",
                Members::LEAST
            ));
        }
        let begun = at.0.to_ascii_lowercase();
        let mut found = self.of_alert.keys().filter(|id| id.to_ascii_lowercase().starts_with(&begun));
        match (found.next().cloned(), found.count()) {
            // It may be older than what is known.
            (None, _) => self.nowhere.contains(at).then(|| format!("no alert with ID {id}")),
            (Some(one), 0) => {
                board.at = Some(AlertId(one));
                None
            }
            (Some(_), more) => {
                Some(format!("{} alerts have an ID that begins with {id}: give more of it", more + 1))
            }
        }
    }

    /// The question failed; it is asked again with the next change.
    pub(crate) const fn failed(&mut self) {
        self.is_asked = false;
    }

    /// True while the board waits for an alert that was asked for by its id.
    pub(crate) fn is_looking(&self) -> bool {
        let is_unknown = |board: &Board| {
            board.is_asked && board.at.as_ref().is_some_and(|at| !self.of_alert.contains_key(&at.0))
        };
        self.board.as_ref().is_some_and(is_unknown)
    }

    /// Returns what is known; `None` until it was read.
    pub(crate) const fn known(&self) -> Option<&Overview> {
        self.known.as_ref()
    }

    /// Returns the incident of an alert.
    pub(crate) fn of(&self, alert: &AlertId) -> Option<&Incident> {
        self.known.as_ref()?.incidents.get(*self.of_alert.get(&alert.0)?)
    }

    /// Returns the incidents that the board shows, in its order.
    pub(crate) fn shown(&self, board: &Board) -> Vec<&Incident> {
        let Some(known) = &self.known else { return Vec::new() };
        let all = self.order.iter().filter_map(|at| known.incidents.get(*at));
        all.filter(|incident| board.shows(incident)).collect()
    }

    /// Returns the words of an alert's Summary on its incident; `None` where nothing joins the alert.
    pub(crate) fn words_of(&self, alert: &AlertId) -> Option<String> {
        let incident = self.of(alert).filter(|incident| incident.alerts.len() > 1)?;
        Some(format!("{}, {} alerts: {}", short(&incident.id), incident.alerts.len(), incident.title))
    }
}

/// The first characters of an event's id; any other id as it is.
pub(crate) fn short(id: &str) -> String {
    if id.len() == UUID { id.chars().take(SHORT).collect() } else { id.to_owned() }
}
