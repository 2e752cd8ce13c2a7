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
pub(super) const ARN_AGE: i64 = 12 * HOUR;
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

/// Returns the edges of a node, so many as connect what belongs together and tell which gives were used. Touches are
/// in order of time and id, those of links that are not live among them.
pub(crate) fn edges(kind: &str, value: &str, touches: &[Touch]) -> Vec<Edge> {
    let live: Vec<&Touch> = touches.iter().filter(|touch| touch.live).collect();
    let of = |part| live.iter().copied().filter(move |touch| touch.part == part);
    let uses: Vec<&Touch> = of(Part::Use).collect();
    let steady = || uses.iter().copied().filter(|touch| !touch.routine);
    let handed_over = |part| reach(of(part).map(|give| (give, 0, hand_over(give))), &uses);
    let known = || touches.iter().filter(|touch| touch.part == Part::Use).collect::<Vec<_>>();
    match kind {
        "cred" if value.starts_with("AKIA") => {
            let mut edges = handed_over(Part::Key);
            edges.extend(neighbours(steady().filter(|touch| touch.severe), KEY_PAUSE));
            edges
        }
        "cred" | "console" | "signin" | "shared" | "token" => neighbours(live.iter().copied(), i64::MAX),
        "sess" if is_one_call(touches) => reach(of(Part::Give).map(|give| (give, i64::MIN, i64::MAX)), &uses),
        "user" => {
            let mut edges = handed_over(Part::Made);
            edges.extend(neighbours(steady(), PAUSE));
            edges
        }
        "name" => first_after(of(Part::Granted), &uses, |give| if give.alone { GRANT } else { -1 }),
        "person" | "idc" | "foreign" => neighbours(steady(), PAUSE),
        "login" => first_after(of(Part::Give), &known(), hand_over),
        "opened" | "prov" => opened(of(Part::Give), &uses, &known()),
        "fn" => reach(of(Part::Give).map(|give| (give, -EARLY, TAKEN_OVER)), &uses),
        "inst" => {
            let mut edges = reach(of(Part::Give).map(|give| (give, 0, TAKEN_OVER)), &uses);
            edges.extend(neighbours(steady(), PAUSE));
            edges
        }
        "arn" => {
            let give = |used: &Touch| touches.get(last_give(touches, used)?).filter(|give| give.live);
            let mut edges: Vec<Edge> =
                uses.iter().filter_map(|used| Some((give(used)?.record, used.record))).collect();
            edges.extend(neighbours(uses.iter().copied(), ARN_PAUSE));
            edges
        }
        "routine" => neighbours(uses.iter().copied().filter(|touch| touch.routine), ROUTINE_PAUSE),
        _ => Vec::new(),
    }
}

/// Calls that issued a credential, and so are live once a use of it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Issuers {
    All,
    /// The call at this place, which two accounts may have recorded.
    At(usize),
    Nobody,
}

/// Returns the calls that are live once this use of the node is.
pub(crate) fn issuers(kind: &str, value: &str, touches: &[Touch], used: &Touch) -> Issuers {
    match kind {
        "cred" if !value.starts_with("AKIA") => Issuers::All,
        "signin" | "token" => Issuers::All,
        "sess" if is_one_call(touches) => Issuers::All,
        "arn" => last_give(touches, used).map_or(Issuers::Nobody, Issuers::At),
        _ => Issuers::Nobody,
    }
}

const fn hand_over(give: &Touch) -> i64 {
    if give.bulk { BULK_HAND_OVER } else { HAND_OVER }
}

/// Joins each touch to the next, where the pause is short enough.
fn neighbours<'a>(touches: impl Iterator<Item = &'a Touch>, pause: i64) -> Vec<Edge> {
    let touches: Vec<&Touch> = touches.collect();
    let pairs = touches.windows(2).filter_map(|pair| match pair {
        [one, next] if one.record != next.record && next.time.saturating_sub(one.time) <= pause => {
            Some((one.record, next.record))
        }
        _ => None,
    });
    pairs.collect()
}

/// Number of the first of these touches that is not before a time.
fn from(touches: &[&Touch], time: i64) -> usize {
    touches.partition_point(|touch| touch.time < time)
}

/// Joins each give to the uses within its span, which begins and ends so many seconds after it: to the first of them,
/// and each of them to the next. So the edges are as few as the touches, however many gives reach a use.
fn reach<'a>(gives: impl Iterator<Item = (&'a Touch, i64, i64)>, uses: &[&Touch]) -> Vec<Edge> {
    let mut edges = Vec::new();
    // Change, at each use, of the number of gives that reach this use and the next.
    let mut change = vec![0_i64; uses.len() + 1];
    for (give, begins, ends) in gives {
        let first = from(uses, give.time.saturating_add(begins));
        let behind = from(uses, give.time.saturating_add(ends).saturating_add(1));
        let Some(nearest) = uses.get(first).filter(|_| first < behind) else { continue };
        // Of a record that gives what it uses, the next use counts.
        let nearest = if nearest.record == give.record {
            uses.get(first + 1).filter(|_| first + 1 < behind)
        } else {
            Some(nearest)
        };
        edges.extend(nearest.map(|nearest| (give.record, nearest.record)));
        for (at, more) in [(first, 1), (behind - 1, -1)] {
            if let Some(place) = change.get_mut(at) {
                *place += more;
            }
        }
    }
    let mut reaching = 0;
    for (pair, more) in uses.windows(2).zip(change) {
        reaching += more;
        if let [one, next] = pair
            && reaching > 0
            && one.record != next.record
        {
            edges.push((one.record, next.record));
        }
    }
    edges
}

/// Joins a give to the first known use after it, if that one is live and within so many seconds.
fn first_after<'a>(
    gives: impl Iterator<Item = &'a Touch>,
    known: &[&Touch],
    within: impl Fn(&Touch) -> i64,
) -> Vec<Edge> {
    let first = |give: &'a Touch| {
        let later = known.get(from(known, give.time)..).unwrap_or_default();
        let used = later.iter().find(|used| used.record != give.record)?;
        let is_joined = used.live && used.time.saturating_sub(give.time) <= within(give);
        is_joined.then_some((give.record, used.record))
    };
    gives.filter_map(first).collect()
}

/// True where one call alone began the session of this name in this second.
fn is_one_call(touches: &[Touch]) -> bool {
    let mut calls = touches.iter().filter(|touch| touch.part == Part::Give).map(|touch| touch.call);
    calls.next().is_some_and(|first| calls.all(|call| call == first))
}

/// Joins the opening of a role or provider to each use after it; of a busy one to the first alone.
fn opened<'a>(gives: impl Iterator<Item = &'a Touch>, uses: &[&Touch], known: &[&Touch]) -> Vec<Edge> {
    let mut edges = Vec::new();
    let mut few = Vec::new();
    for give in gives {
        let first = from(known, give.time);
        let behind = from(known, give.time.saturating_add(hand_over(give)).saturating_add(1));
        if behind.saturating_sub(first) <= BUSY_TRUST {
            few.push((give, 0, hand_over(give)));
        } else if let Some(used) = known.get(first).filter(|used| used.live) {
            edges.push((give.record, used.record));
        }
    }
    edges.extend(reach(few.into_iter(), uses));
    edges
}

/// Place of the last give before a use, by a session's ARN. A session that assumes its own role anew is not its own
/// start.
fn last_give(touches: &[Touch], used: &Touch) -> Option<usize> {
    let behind = touches.partition_point(|touch| touch.time <= used.time);
    let before = touches.get(..behind)?.iter().enumerate().rev();
    let near = before.take_while(|(_, touch)| used.time.saturating_sub(touch.time) <= ARN_AGE);
    near.filter(|(_, touch)| touch.part == Part::Give && touch.record != used.record).map(|(at, _)| at).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Touches of an identity, each with its part and time; the record's number is its place.
    fn touches(all: &[(Part, i64)]) -> Vec<Touch> {
        let touch = |(record, (part, time)): (u64, &(Part, i64))| Touch {
            record,
            time: *time,
            part: *part,
            live: true,
            severe: true,
            routine: false,
            call: record,
            bulk: false,
            alone: true,
        };
        (0..).zip(all).map(touch).collect()
    }

    #[test]
    fn edges_are_as_few_as_touches_however_many_gives_reach_a_use() {
        for kind in ["fn", "inst", "user", "cred", "opened", "login", "name", "arn"] {
            let part = match kind {
                "user" => Part::Made,
                "cred" => Part::Key,
                "name" => Part::Granted,
                _ => Part::Give,
            };
            let all: Vec<_> = (0..4_000).map(|at| (if at % 2 == 0 { part } else { Part::Use }, at)).collect();
            let found = edges(kind, "AKIA", &touches(&all));
            assert!(!found.is_empty() && found.len() <= 3 * all.len(), "{kind}: {}", found.len());
        }
    }

    #[test]
    fn a_give_reaches_the_uses_in_its_span_and_no_others() {
        let day = DAY;
        let all = touches(&[
            (Part::Use, -1),
            (Part::Give, 0),
            (Part::Use, day),
            (Part::Use, 7 * day),
            (Part::Use, 7 * day + 1),
        ]);
        // The first use is within the minute that clocks may differ by.
        assert_eq!(edges("fn", "f", &all), [(1, 0), (0, 2), (2, 3)]);
        assert_eq!(edges("inst", "i", &all), [(1, 2), (2, 3), (3, 4)], "and neighbours within half a day");
    }

    #[test]
    fn times_at_the_end_of_the_world_overflow_nothing() {
        for kind in [
            "fn", "inst", "user", "cred", "opened", "login", "name", "arn", "person", "sess", "routine",
            "console",
        ] {
            let all = touches(&[
                (Part::Give, i64::MIN),
                (Part::Use, i64::MIN),
                (Part::Made, 0),
                (Part::Use, i64::MAX),
                (Part::Give, i64::MAX),
            ]);
            let _ = edges(kind, "AKIA", &all);
        }
    }
}
