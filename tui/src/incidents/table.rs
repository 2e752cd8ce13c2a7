//! The table of edges: which records an identity joins, by its kind. Windows and limits stand here and are no settings;
//! they were swept on labelled attacks (docs/decisions.md).

use detector::joins::Part;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Longest pause in what one identity does.
const PAUSE: i64 = 12 * HOUR;
/// Longest pause between alerts of HIGH and CRITICAL by one long-lived key.
const KEY_PAUSE: i64 = 72 * HOUR;
/// Time in which something that was created, opened or set is joined to its use.
const HAND_OVER: i64 = 14 * DAY;
/// The same where the giver gives to many.
const BULK_HAND_OVER: i64 = HOUR;
/// Time in which a grant is joined to the first use after it.
const GRANT: i64 = DAY;
/// Time in which a function or an instance that was taken over is joined to what it does.
const TAKEN_OVER: i64 = 7 * DAY;
/// Clocks of services that record a function's creation and its first call.
const EARLY: i64 = MINUTE;
/// Longest pause of a routine job.
pub(super) const ROUTINE_PAUSE: i64 = 26 * HOUR;
/// Longest time between a call that assumed a role and records of the session that hold nothing but its ARN.
const ARN_AGE: i64 = 12 * HOUR;
/// Longest pause between such records.
const ARN_PAUSE: i64 = HOUR;
/// Known uses of an opened role beyond which only the first is joined.
const BUSY_TRUST: usize = 10;

/// A record at a node.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property by itself")]
pub(crate) struct Touch {
    /// Number of the record.
    pub(crate) record: u64,
    /// Seconds since 1970.
    pub(crate) time: i64,
    pub(crate) part: Part,
    /// True for an alert, and for a link from which issued credentials lead to one.
    pub(crate) live: bool,
    /// True for an alert of HIGH or CRITICAL.
    pub(crate) severe: bool,
    /// True for an alert of a routine job.
    pub(crate) routine: bool,
    /// The call, which two accounts may have recorded.
    pub(crate) call: u64,
    /// True where the giver gives to more identities than a person would in half a day.
    pub(crate) bulk: bool,
    /// True where the giver gives to no other identity within half a day.
    pub(crate) alone: bool,
}

/// An edge between two records; the first is the giver, or the earlier one.
pub(crate) type Edge = (u64, u64);

/// Returns the edges of a node. Touches are in order of time and id, those of links that are not live among them.
pub(crate) fn edges(kind: &str, value: &str, touches: &[Touch]) -> Vec<Edge> {
    let live: Vec<&Touch> = touches.iter().filter(|touch| touch.live).collect();
    let uses = || live.iter().copied().filter(|touch| touch.part == Part::Use);
    let steady = || uses().filter(|touch| !touch.routine);
    match kind {
        "cred" if value.starts_with("AKIA") => {
            let mut edges = handed_over(&live, Part::Key);
            edges.extend(neighbours(steady().filter(|touch| touch.severe), KEY_PAUSE));
            edges
        }
        "cred" | "console" | "signin" | "shared" | "token" => neighbours(live.iter().copied(), i64::MAX),
        "sess" => issued(&live, touches),
        "user" => {
            let mut edges = handed_over(&live, Part::Made);
            edges.extend(neighbours(steady(), PAUSE));
            edges
        }
        "name" => first_after(&live, &live, Part::Granted, |give| if give.alone { GRANT } else { -1 }),
        "person" | "idc" | "foreign" => neighbours(steady(), PAUSE),
        "login" => {
            let all: Vec<&Touch> = touches.iter().collect();
            first_after(&live, &all, Part::Give, hand_over)
        }
        "opened" | "prov" => opened(&live, touches),
        "fn" => taken_over(&live, EARLY),
        "inst" => {
            let mut edges = taken_over(&live, 0);
            edges.extend(neighbours(steady(), PAUSE));
            edges
        }
        "arn" => by_arn(&live),
        "routine" => neighbours(live.iter().copied().filter(|touch| touch.routine), ROUTINE_PAUSE),
        _ => Vec::new(),
    }
}

/// True where a link that gives the node is live once this use of it is.
pub(crate) fn issues(kind: &str, value: &str, touches: &[Touch], give: &Touch, used: &Touch) -> bool {
    match kind {
        "cred" => !value.starts_with("AKIA"),
        "signin" | "token" => true,
        "sess" => is_one_call(touches),
        "arn" => last_give(touches.iter(), used).is_some_and(|last| last.call == give.call),
        _ => false,
    }
}

const fn hand_over(give: &Touch) -> i64 {
    if give.bulk { BULK_HAND_OVER } else { HAND_OVER }
}

/// Joins each touch to the next, where the pause is short enough.
fn neighbours<'a>(touches: impl Iterator<Item = &'a Touch>, pause: i64) -> Vec<Edge> {
    let touches: Vec<&Touch> = touches.collect();
    let pairs = touches.windows(2).filter_map(|pair| match pair {
        [one, next] if one.record != next.record && next.time - one.time <= pause => {
            Some((one.record, next.record))
        }
        _ => None,
    });
    pairs.collect()
}

/// Joins a give to each use after it, within the time of a hand-over.
fn handed_over(live: &[&Touch], part: Part) -> Vec<Edge> {
    let mut edges = Vec::new();
    for give in live.iter().filter(|touch| touch.part == part) {
        let within = |used: &&&Touch| {
            used.part == Part::Use && (0..=hand_over(give)).contains(&(used.time - give.time))
        };
        edges.extend(live.iter().filter(within).map(|used| (give.record, used.record)));
    }
    edges
}

/// Joins a give to the first known use after it, if that one is live.
fn first_after(live: &[&Touch], known: &[&Touch], part: Part, within: impl Fn(&Touch) -> i64) -> Vec<Edge> {
    let mut edges = Vec::new();
    for give in live.iter().filter(|touch| touch.part == part) {
        let first = known
            .iter()
            .find(|used| used.part == Part::Use && used.time >= give.time && used.record != give.record);
        edges.extend(
            first
                .filter(|used| used.live && used.time - give.time <= within(give))
                .map(|used| (give.record, used.record)),
        );
    }
    edges
}

/// True where one call alone began the session of this name in this second.
fn is_one_call(touches: &[Touch]) -> bool {
    let mut calls = touches.iter().filter(|touch| touch.part == Part::Give).map(|touch| touch.call);
    calls.next().is_some_and(|first| calls.all(|call| call == first))
}

/// Joins the call that began a session to each use of it.
fn issued(live: &[&Touch], touches: &[Touch]) -> Vec<Edge> {
    if !is_one_call(touches) {
        return Vec::new();
    }
    let mut edges = Vec::new();
    for give in live.iter().filter(|touch| touch.part == Part::Give) {
        let uses = live.iter().filter(|used| used.part == Part::Use && used.record != give.record);
        edges.extend(uses.map(|used| (give.record, used.record)));
    }
    edges
}

/// Joins the opening of a role or provider to each use after it; of a busy one to the first alone.
fn opened(live: &[&Touch], touches: &[Touch]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for give in live.iter().filter(|touch| touch.part == Part::Give) {
        let within = |used: &&Touch| {
            used.part == Part::Use && (0..=hand_over(give)).contains(&(used.time - give.time))
        };
        let known: Vec<&Touch> = touches.iter().filter(within).collect();
        let joined = if known.len() > BUSY_TRUST { known.get(..1).unwrap_or_default() } else { &known };
        edges.extend(joined.iter().filter(|used| used.live).map(|used| (give.record, used.record)));
    }
    edges
}

/// Joins the change of a function or the reach into an instance to what it does then.
fn taken_over(live: &[&Touch], early: i64) -> Vec<Edge> {
    let mut edges = Vec::new();
    for give in live.iter().filter(|touch| touch.part == Part::Give) {
        let uses = live.iter().filter(|used| {
            used.part == Part::Use && (-early..=TAKEN_OVER).contains(&(used.time - give.time))
        });
        edges.extend(uses.map(|used| (give.record, used.record)));
    }
    edges
}

/// The last give before a use, by a session's ARN.
fn last_give<'a>(touches: impl Iterator<Item = &'a Touch>, used: &Touch) -> Option<&'a Touch> {
    let gives =
        touches.filter(|give| give.part == Part::Give && (0..=ARN_AGE).contains(&(used.time - give.time)));
    gives.last()
}

/// Joins records of sessions that hold no more than the session's ARN.
fn by_arn(live: &[&Touch]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for used in live.iter().filter(|touch| touch.part == Part::Use) {
        edges.extend(
            last_give(live.iter().copied(), used)
                .filter(|give| give.record != used.record)
                .map(|give| (give.record, used.record)),
        );
    }
    edges.extend(neighbours(live.iter().copied().filter(|touch| touch.part == Part::Use), ARN_PAUSE));
    edges
}
