//! The incident of one alert, found from that alert on: from each record over its identities to the records that these
//! join, until there is no new one. So a store keeps touches and no incidents, and whatever comes late, goes, or comes
//! in another order leaves nothing to be mended.
//!
//! The edges of an identity are worked out by `table.rs`, as for a whole set. An identity with many touches is looked
//! at around the record alone.

use std::collections::{BTreeSet, HashMap, HashSet};

use detector::joins::Part;
use jiff::Timestamp;

use super::group::{self, Edge, Group};
use super::guards::Guarded;
use super::incident::Incident;
use super::kept::{Lane, Node, node};
use super::record::Record;
use super::story;
use super::table::{self, Issuers, Touch};

/// A stored touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stored {
    /// Number of the record.
    pub(crate) record: u64,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) part: Part,
    pub(crate) lane: Lane,
}

/// Touches of an identity.
#[derive(Debug)]
pub(crate) enum Touches {
    All(Vec<Stored>),
    /// More than are read at once: the parts and lanes that they are of.
    Many(Vec<(Part, Lane)>),
}

/// Touches of each part and lane that are read around a second, to either side, and how many where these are not
/// enough: between two acts of a person a job of theirs may have run often.
const NEAR: [usize; 2] = [16, 500];

/// Place that the records are read from. A record is named by a number; one that is gone is left out.
pub(crate) trait Source {
    type Error;

    /// Returns the touches of an identity, in any order, where these are not many.
    fn touches(&self, node: Node) -> Result<Touches, Self::Error>;

    /// Returns all touches of an identity, in any order; `None` where there are more than this.
    fn all(&self, node: Node, most: usize) -> Result<Option<Vec<Stored>>, Self::Error>;

    /// Returns the nearest touches of an identity to a second, of each of these parts and lanes at most so many before
    /// it, and as many from it on.
    fn near(
        &self,
        node: Node,
        second: i64,
        of: &[(Part, Lane)],
        most: usize,
    ) -> Result<Vec<Stored>, Self::Error>;

    /// Returns a record's time and id, by which records of one second are put in order.
    fn place(&self, record: u64) -> Result<Option<(Timestamp, String)>, Self::Error>;

    /// Returns the guards of an alert; those of a link are the default.
    fn guarded(&self, record: u64) -> Result<Guarded, Self::Error>;

    fn record(&self, record: u64) -> Result<Option<Record>, Self::Error>;
}

/// Most records of one incident; whatever is beyond is told as others.
const MOST: usize = 20_000;

/// An identity that was looked at.
enum Known {
    /// Its edges, by the records at both ends.
    Edges(HashMap<u64, Vec<table::Edge>>),
    /// It has many touches, and is looked at around each record.
    Large(Large),
}

/// An identity with many touches.
#[derive(Debug, Clone)]
struct Large {
    /// Parts and lanes that its touches are of.
    of: Vec<(Part, Lane)>,
    /// Times that it was looked at.
    looks: usize,
}

impl Large {
    /// Looks after which reading it whole is tried, and again each time that these have doubled.
    const LOOKS: usize = 64;
    /// Touches that cost as much to read with the rest as one look does.
    const TOUCHES_A_LOOK: usize = 32;
    /// Most touches that are read for one record that may be joined with one far away.
    const MOST: usize = 50_000;

    /// Counts a look, and returns the number of touches that may be read instead.
    fn look(&mut self) -> Option<usize> {
        self.looks += 1;
        let is_due = self.looks >= Self::LOOKS && self.looks.is_power_of_two();
        is_due.then_some(self.looks * Self::TOUCHES_A_LOOK)
    }
}

/// A walk through the records of a source. What it has read once it knows, so one walk is for one state of the source.
pub(crate) struct Walk<'s, S> {
    source: &'s S,
    near: [usize; 2],
    records: HashMap<u64, Option<Record>>,
    guarded: HashMap<u64, Guarded>,
    live: HashMap<u64, bool>,
    nodes: HashMap<Node, Known>,
    /// Records of incidents that were told.
    told: HashSet<u64>,
}

impl<'s, S: Source> Walk<'s, S> {
    pub(crate) fn new(source: &'s S) -> Self {
        Self {
            source,
            near: NEAR,
            records: HashMap::new(),
            guarded: HashMap::new(),
            live: HashMap::new(),
            nodes: HashMap::new(),
            told: HashSet::new(),
        }
    }

    /// The same with another number of touches that are read around a record at first.
    #[cfg(test)]
    pub(crate) fn looking_at(source: &'s S, few: usize) -> Self {
        Self { near: [few, 500], ..Self::new(source) }
    }

    /// Returns the incident of an alert; `None` where it was told before, or the alert is gone.
    pub(crate) fn incident(&mut self, alert: u64) -> Result<Option<Incident>, S::Error> {
        if !self.told.insert(alert) {
            return Ok(None);
        }
        let (mut members, mut waiting) = (Vec::new(), vec![alert]);
        let mut edges = BTreeSet::new();
        let mut is_whole = true;
        while let Some(number) = waiting.pop() {
            if members.len() >= MOST {
                is_whole = false;
                break;
            }
            let Some(record) = self.take(number)? else { continue };
            for (kind, value) in identities(&record) {
                let Some(time) = record.seconds() else { continue };
                for (from, to) in self.edges(kind, &value, number, time)? {
                    let other = if from == number { to } else { from };
                    if self.told.insert(other) {
                        waiting.push(other);
                    }
                    edges.insert((from, to, kind.to_owned(), value.clone()));
                }
            }
            members.push((record, number));
        }
        members.sort();
        let places: HashMap<u64, usize> =
            (0..).zip(&members).map(|(place, (_, number))| (*number, place)).collect();
        let at = |number: u64| places.get(&number).copied();
        let edges = edges
            .into_iter()
            .filter_map(|(from, to, kind, value)| Some(Edge { from: at(from)?, to: at(to)?, kind, value }));
        let mut group = Group { records: (0..members.len()).collect(), edges: edges.collect() };
        group.edges.sort();
        let records: Vec<Record> = members.into_iter().map(|(record, _)| record).collect();
        let mut told = story::tell(&records, &group);
        if let Some(incident) = told.as_mut().filter(|_| !is_whole) {
            incident
                .unknown
                .push(format!("what else belongs to it: these are {MOST} records, and there are more"));
        }
        Ok(told)
    }

    /// Returns the edges of an identity that begin or end at a record.
    fn edges(
        &mut self,
        kind: &str,
        value: &str,
        number: u64,
        time: i64,
    ) -> Result<Vec<table::Edge>, S::Error> {
        let node = node(kind, value);
        if !self.nodes.contains_key(&node) {
            let known = match self.source.touches(node)? {
                Touches::All(found) => {
                    let touches = self.judged(kind, found)?;
                    Known::Edges(edges_of(kind, value, &touches))
                }
                // A role that was opened a thousand times and never assumed, a user to whom nobody ever gave anything.
                Touches::Many(of) if !may_join(kind, &of) => Known::Edges(HashMap::new()),
                Touches::Many(of) => Known::Large(Large { of, looks: 0 }),
            };
            self.nodes.insert(node, known);
        }
        let of = match self.nodes.get_mut(&node) {
            Some(Known::Large(large)) => {
                // An incident with most of its records at one busy identity would look at it again for each of them.
                let most = large.look();
                let of = large.of.clone();
                let all = most.map(|most| self.source.all(node, most)).transpose()?.flatten();
                if let Some(all) = all {
                    return self.read_whole((kind, value), node, all, number);
                }
                of
            }
            Some(Known::Edges(known)) => return Ok(known.get(&number).cloned().unwrap_or_default()),
            None => return Ok(Vec::new()),
        };
        let mut edges = Vec::new();
        let mut is_known = false;
        for most in self.near {
            let found = self.source.near(node, time, &of, most)?;
            let touches = self.judged(kind, found)?;
            edges = edges_of(kind, value, &touches).remove(&number).unwrap_or_default();
            // One to an earlier record and one to a later one, or nothing between that was passed over.
            is_known = edges.len() > 1 || touches.iter().all(|touch| !touch.routine && touch.live);
            if is_known {
                break;
            }
        }
        // Something further away may be joined: what is joined must not depend on where the walk began.
        if !is_known && let Some(all) = self.source.all(node, Large::MOST)? {
            return self.read_whole((kind, value), node, all, number);
        }
        Ok(edges)
    }

    /// Keeps the edges of an identity whose touches are all read, and returns those of a record.
    fn read_whole(
        &mut self,
        (kind, value): (&str, &str),
        node: Node,
        all: Vec<Stored>,
        number: u64,
    ) -> Result<Vec<table::Edge>, S::Error> {
        let touches = self.judged(kind, all)?;
        let edges = edges_of(kind, value, &touches);
        let of_record = edges.get(&number).cloned().unwrap_or_default();
        self.nodes.insert(node, Known::Edges(edges));
        Ok(of_record)
    }

    /// Returns touches with all that edges depend on, in order of time and id.
    fn judged(&mut self, kind: &str, found: Vec<Stored>) -> Result<Vec<Touch>, S::Error> {
        if found.len() < 2 {
            return Ok(Vec::new());
        }
        let mut touches = self.ordered(kind, found)?;
        for (touch, lane) in &mut touches {
            touch.live = match lane {
                Lane::Severe | Lane::Alert => true,
                Lane::Warm => self.is_live(touch.record)?,
                Lane::Cold => false,
            };
            if matches!(lane, Lane::Severe | Lane::Alert) {
                let known = self.guarded.get(&touch.record).copied();
                let guarded = known.map_or_else(|| self.source.guarded(touch.record), Ok)?;
                self.guarded.insert(touch.record, guarded);
                (touch.bulk, touch.alone, touch.routine) = (guarded.bulk, guarded.alone, guarded.routine);
            }
        }
        Ok(touches.into_iter().map(|(touch, _)| touch).collect())
    }

    /// Returns touches in order of time and id, without a judgement on them.
    fn ordered(&mut self, kind: &str, mut found: Vec<Stored>) -> Result<Vec<(Touch, Lane)>, S::Error> {
        found.sort_by_key(|touch| (touch.time, touch.record, touch.part));
        let mut ordered = Vec::with_capacity(found.len());
        for second in found.chunk_by(|one, next| one.time == next.time) {
            let mut second = second.to_vec();
            if second.iter().any(|touch| Some(touch.record) != second.first().map(|first| first.record)) {
                let mut places = HashMap::new();
                for touch in &second {
                    places.insert(touch.record, self.source.place(touch.record)?);
                }
                second.sort_by(|one, next| places.get(&one.record).cmp(&places.get(&next.record)));
            }
            ordered.extend(second);
        }
        let gives = ordered.iter().filter(|touch| touch.part == Part::Give).count();
        let asks_for_calls = gives > 1 && matches!(kind, "sess" | "arn");
        let mut touches = Vec::with_capacity(ordered.len());
        for Stored { record, time, part, lane } in ordered {
            let call = match part {
                Part::Give if asks_for_calls => self.call(record)?,
                _ => record,
            };
            let severe = lane == Lane::Severe;
            let touch = Touch {
                record,
                time,
                part,
                live: false,
                severe,
                routine: false,
                call,
                bulk: false,
                alone: false,
            };
            touches.push((touch, lane));
        }
        Ok(touches)
    }

    /// Number of the call that a record is of: two accounts record one call.
    fn call(&mut self, number: u64) -> Result<u64, S::Error> {
        let record = self.read(number)?;
        let shared = record.and_then(|record| record.joins.iter().find(|join| join.1 == "shared"));
        // Numbers of records are small, and hashes are not.
        Ok(shared.map_or(number, |join| node("shared", &join.2).cast_unsigned()))
    }

    /// True for a link from which issued credentials lead to an alert, over any number of links.
    fn is_live(&mut self, link: u64) -> Result<bool, S::Error> {
        if let Some(known) = self.live.get(&link) {
            return Ok(*known);
        }
        let (mut seen, mut waiting) = (HashSet::from([link]), vec![link]);
        while let Some(number) = waiting.pop() {
            let Some(record) = self.read(number)? else { continue };
            let time = record.seconds().unwrap_or_default();
            let given: Vec<(String, String)> = record
                .joins
                .iter()
                .filter(|join| join.0 == Part::Give)
                .map(|join| (join.1.clone(), join.2.clone()))
                .collect();
            for (kind, value) in given {
                if !matches!(kind.as_str(), "cred" | "sess" | "signin" | "token" | "arn") {
                    continue;
                }
                let node = node(&kind, &value);
                let found = match self.source.touches(node)? {
                    Touches::All(found) => found,
                    Touches::Many(of) => self.source.near(node, time, &of, self.near[1])?,
                };
                let (touches, lanes): (Vec<Touch>, Vec<Lane>) =
                    self.ordered(&kind, found)?.into_iter().unzip();
                for (used, lane) in touches.iter().zip(lanes) {
                    if used.part != Part::Use || lane == Lane::Cold || seen.contains(&used.record) {
                        continue;
                    }
                    let is_issuer = match table::issuers(&kind, &value, &touches, used) {
                        Issuers::All => true,
                        Issuers::At(place) => {
                            group::same_call(&touches, place).iter().any(|give| give.record == number)
                        }
                        Issuers::Nobody => false,
                    };
                    if is_issuer && lane == Lane::Warm {
                        seen.insert(used.record);
                        waiting.push(used.record);
                    } else if is_issuer {
                        self.live.insert(link, true);
                        return Ok(true);
                    }
                }
            }
        }
        self.live.extend(seen.into_iter().map(|link| (link, false)));
        Ok(false)
    }

    fn read(&mut self, number: u64) -> Result<Option<&Record>, S::Error> {
        if !self.records.contains_key(&number) {
            let record = self.source.record(number)?;
            self.records.insert(number, record);
        }
        Ok(self.records.get(&number).and_then(Option::as_ref))
    }

    /// Returns a record for good: it is of one incident.
    fn take(&mut self, number: u64) -> Result<Option<Record>, S::Error> {
        match self.records.remove(&number) {
            Some(record) => Ok(record),
            None => self.source.record(number),
        }
    }
}

/// Returns the edges between touches of an identity, by the records at both ends.
fn edges_of(kind: &str, value: &str, touches: &[Touch]) -> HashMap<u64, Vec<table::Edge>> {
    let mut of_record: HashMap<u64, Vec<table::Edge>> = HashMap::new();
    if touches.len() > 1 {
        for edge in table::edges(kind, value, touches) {
            for end in [edge.0, edge.1] {
                of_record.entry(end).or_default().push(edge);
            }
        }
    }
    of_record
}

/// True where touches of these parts may have edges between them: most kinds join those who give with those who use.
fn may_join(kind: &str, of: &[(Part, Lane)]) -> bool {
    let has_uses = of.iter().any(|(part, _)| *part == Part::Use);
    let has_gives = of.iter().any(|(part, _)| *part != Part::Use);
    match kind {
        "cred" | "console" | "signin" | "shared" | "token" => true,
        "user" | "person" | "idc" | "foreign" | "inst" | "arn" | "routine" => has_uses,
        _ => has_uses && has_gives,
    }
}

/// Identities at which a record may be joined, each once.
fn identities(record: &Record) -> BTreeSet<(&str, String)> {
    let known = record.joins.iter().filter(|join| join.0 != Part::Unknown);
    let job = group::routine(record).map(|job| ("routine", job));
    known.map(|join| (join.1.as_str(), join.2.clone())).chain(job).collect()
}
