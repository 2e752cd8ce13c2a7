//! The store on real files: what is kept, what is migrated, what is refused, what two consoles see.

mod opening;

use std::path::{Path, PathBuf};
use std::time::Duration;

use detector::AlertId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::database::Database;
use super::{AlarmChange, Reader, Retention, Store, StoreError, index, open, read, related, retention};
use crate::filter::{Clock, Filter};
use crate::model::testing::{alarm, alert};
use crate::model::{Alarm, Content, Event, Incoming, Row, TriageAction, TriageCommand, TriageState};

/// Folder of a database, which is gone with its test.
pub(super) struct Folder(pub(super) tempfile::TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn file(&self) -> PathBuf {
        self.beside("")
    }

    /// Returns a path that begins as the database's and ends so.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        self.0.path().join(format!("alerts.db{ending}"))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .0
            .path()
            .read_dir()
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn ids(rows: Vec<Row>) -> Vec<String> {
    rows.into_iter().map(|row| row.id.0).collect()
}

fn id(id: &str) -> AlertId {
    AlertId(id.to_owned())
}

fn refused(path: &Path) -> String {
    open::open(path, Timestamp::UNIX_EPOCH).map(drop).unwrap_err().to_string()
}

#[test]
fn what_is_stored_comes_back_once_newest_first_and_after_a_restart() {
    let folder = Folder::new();
    let path = folder.0.path().join("deep/alerts.db");
    let (mut database, _) = open::open(&path, Timestamp::UNIX_EPOCH).unwrap();
    let batch = [alert("a", 10), alert("b", 30), alert("c", 20)];
    assert_eq!(ids(database.insert(&batch).unwrap()), ["a", "b", "c"]);
    assert_eq!(ids(database.insert(&batch[..1]).unwrap()), ["a"], "another console may have stored it");
    assert_eq!(read::newest(database.connection(), 9).unwrap().len(), 3, "the same alert twice is one row");
    drop(database);
    let database = Database::open(&path).unwrap();
    let connection = database.connection();
    let newest = read::newest(connection, 2).unwrap();
    assert_eq!(newest[0], Row::of(&batch[1]), "a row is the same from the database and from the alert");
    let last = newest[1].clone();
    assert_eq!(ids(newest), ["b", "c"]);
    assert_eq!(ids(read::older(connection, (last.time, &last.id), 9).unwrap()), ["a"]);
    assert_eq!(read::content(connection, &id("c")).unwrap(), Some(batch[2].content.clone()));
    assert_eq!(read::content(connection, &id("x")).unwrap(), None);
}

#[test]
fn what_could_not_be_read_is_kept_raw() {
    let mut database = Database::in_memory().unwrap();
    let content = Content::Unreadable { why: "not JSON".into(), raw: "\u{1b}[31m{".into() };
    let incoming = Incoming { id: id("m"), received: Timestamp::UNIX_EPOCH, content };
    let rows = database.insert(std::slice::from_ref(&incoming)).unwrap();
    assert_eq!((rows[0].severity, rows[0].actor.as_str()), (None, "not JSON"));
    assert_eq!(read::content(database.connection(), &incoming.id).unwrap(), Some(incoming.content));
}

/// Returns the ids of all rows that a filter finds; by the index, where it can be asked, and row by row, they
/// are the same.
fn found(connection: &Connection, filter: &str) -> Vec<String> {
    let filter = Filter::parse(filter, &Clock::utc_now()).unwrap();
    let seek = |literals: &[String]| {
        let behind = (Timestamp::MAX, &id("nothing"));
        super::seek::seek(connection, behind, Timestamp::MIN, literals, |row| filter.matches(row)).unwrap()
    };
    let (by_index, one_by_one) = (seek(&filter.literals()), seek(&[]));
    assert_eq!(by_index.rows, one_by_one.rows, "the index loses nothing");
    assert!(by_index.last && one_by_one.walked);
    ids(by_index.rows)
}

fn fill(database: &mut Database) {
    while index::fill(database.connection()).unwrap() {}
}

#[test]
fn the_index_finds_whatever_a_filter_lets_through_and_in_the_same_order() {
    let mut database = Database::in_memory().unwrap();
    let mut hostile = alert("hostile", 4);
    let Content::Alert(inner) = &mut hostile.content else { unreachable!() };
    inner.user = Some("arn:aws:iam::111122223333:user/Admin\u{17f}\u{202e}, K\u{212a}".to_owned());
    (inner.facts, inner.region) = (None, Some("\"quoted\" AND (x*".to_owned()));
    let unreadable = Incoming {
        content: Content::Unreadable {
            why: format!("neither JSON nor text{}the end", "-".repeat(9_000)),
            raw: "{".to_owned(),
        },
        ..alert("unreadable-1", 5)
    };
    database.insert(&[alert("trust", 2), alert("admin", 3), alert("gone", 1)]).unwrap();
    fill(&mut database);
    database.insert(&[alert("Later", 3), hostile, unreadable]).unwrap();
    // Of the index's own business: what it still has may be gone.
    let gone = "DELETE FROM body WHERE number = 3; DELETE FROM alert WHERE id = 'gone'";
    database.connection().execute_batch(gone).unwrap();
    database
        .triage(&[command(&["admin"], TriageAction::Note(Some("expected".into())))], "ana", Timestamp::MIN)
        .unwrap();
    let expected = [
        ("alice", "Later admin trust"),
        ("lice 3.0.113", "Later admin trust"),
        ("ALICE", ""),
        ("ttachuse", "Later admin"),
        ("admin", "hostile Later admin"),
        ("*Admin*", "hostile Later admin"),
        ("admins", "hostile"),
        (", kk", "hostile"),
        ("actor:*min?*k", "hostile"),
        ("\"quoted\\\" and\"", "hostile"),
        ("region:\"AND (x\"", "hostile"),
        ("id:ruS or id:stile", "hostile"),
        ("neither", "unreadable-1"),
        ("actor:\"the end\"", "unreadable-1"),
        ("ip=203.0.113.7 updateassume", "hostile trust"),
        ("ip:203.0.0.0/12 attach", "Later admin"),
        ("ip=203.0.113.70", ""),
        ("ip:0.0.0.0/0 hostile", "hostile"),
        ("id:unreadable", "unreadable-1"),
        ("note:expected", "admin"),
        ("-alice", "unreadable-1 hostile"),
        ("actor~lice admin", "Later admin"),
        ("nobody", ""),
    ];
    for filled in ["in part", "whole"] {
        for (filter, ids) in expected {
            assert_eq!(
                found(database.connection(), filter).join(" "),
                ids,
                "{filter}, the index filled {filled}"
            );
        }
        fill(&mut database);
    }
}

#[test]
fn the_index_is_asked_where_few_have_it_and_else_row_after_row_is_looked_at() {
    let mut database = Database::in_memory().unwrap();
    let rare = |id: &str, second| {
        let mut rare = alert(id, second);
        let Content::Alert(inner) = &mut rare.content else { unreachable!() };
        inner.facts.as_mut().unwrap().actor.name = "somebody-rare".to_owned();
        rare
    };
    let insert = |database: &mut Database, ids: std::ops::Range<i64>| {
        let batch: Vec<_> = ids.map(|number| alert(&format!("n{number}"), number)).collect();
        database.insert(&batch).unwrap();
    };
    database.insert(&[rare("first", 1)]).unwrap();
    insert(&mut database, 2..10_002);
    let looked_at = std::cell::Cell::new(0);
    let seek = |database: &Database, text: &str| {
        looked_at.set(0);
        let filter = Filter::parse(text, &Clock::utc_now()).unwrap();
        let matches = |row: &Row| {
            looked_at.set(looked_at.get() + 1);
            filter.matches(row)
        };
        let behind = (Timestamp::MAX, &id("nothing"));
        let sought =
            super::seek::seek(database.connection(), behind, Timestamp::MIN, &filter.literals(), matches)
                .unwrap();
        (sought.walked, sought.rows.len(), sought.last, looked_at.get())
    };
    assert_eq!(seek(&database, "rare"), (true, 0, false, 10_000), "of 10,001 none is indexed yet");
    fill(&mut database);
    assert_eq!(seek(&database, "rare"), (false, 1, true, 1));
    assert_eq!(seek(&database, "alice"), (false, 2_000, false, 10_000), "all others have it");
    database.insert(&[rare("last", 10_002)]).unwrap();
    assert_eq!(seek(&database, "rare"), (false, 2, true, 2), "what is not indexed yet is looked at too");
    insert(&mut database, 10_003..10_004);
    assert_eq!(seek(&database, "alice"), (true, 2_000, false, 2_001), "10,001 have it");
    assert_eq!(seek(&database, "actor~rare"), (true, 1, false, 10_000), "it can't be asked for that");
}

#[test]
fn of_many_hits_the_index_gives_a_page_and_where_it_ends() {
    let mut database = Database::in_memory().unwrap();
    let batch: Vec<_> = (0..5_000).map(|second| alert(&format!("n{second}"), second / 7)).collect();
    database.insert(&batch).unwrap();
    fill(&mut database);
    let seek = |behind: (Timestamp, &AlertId), literals: &[String]| {
        let only = |row: &Row| row.id.0.len() % 2 == 1;
        super::seek::seek(database.connection(), behind, Timestamp::MIN, literals, only).unwrap()
    };
    let mut rows = Vec::new();
    let (mut behind, literals) = ((Timestamp::MAX, id("nothing")), ["alice".to_owned()]);
    let mut pages = 0;
    loop {
        let sought = seek((behind.0, &behind.1), &literals);
        pages += 1;
        rows.extend(sought.rows);
        match (sought.last, sought.end) {
            (true, _) => break,
            (false, end) => behind = end.unwrap(),
        }
    }
    // n0 to n4999: those of three and five letters are n10 to n99 and n1000 to n4999.
    assert_eq!((rows.len(), pages), (4_090, 3));
    let mut all = read::newest(database.connection(), 9_999).unwrap();
    all.retain(|row| row.id.0.len() % 2 == 1);
    assert_eq!(rows, all);
}

#[test]
fn related_alerts_are_those_of_the_hour_and_those_of_the_day() {
    let mut database = Database::in_memory().unwrap();
    let hours = |hours: i64| hours * 3_600 + hours % 2;
    let at = [("now", 0), ("soon", 600), ("before", -4), ("evening", hours(5)), ("tomorrow", hours(25))];
    database.insert(&at.map(|(id, second)| alert(id, second))).unwrap();
    let groups = related::related(database.connection(), &id("now")).unwrap();
    let said: Vec<_> =
        groups.into_iter().map(|(by, rows)| format!("{by}: {}", ids(rows).join(" "))).collect();
    assert_eq!(
        said,
        [
            "same actor, within the hour: soon before",
            "same actor, within the day: evening",
            "same address, within the hour: soon before",
            "same address, within the day: evening",
            "same target, within the hour: soon before",
        ]
    );
    assert_eq!(related::related(database.connection(), &id("gone")).unwrap(), []);
}

fn command(alerts: &[&str], change: TriageAction) -> TriageCommand {
    TriageCommand { alerts: alerts.iter().map(|alert| id(alert)).collect(), action: change }
}

#[test]
fn triage_is_written_with_who_and_when_and_its_undoing_is_exact() {
    let mut database = Database::in_memory().unwrap();
    database.insert(&[alert("a", 1), alert("b", 2), alert("c", 3)]).unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let mut triage = |commands: &[TriageCommand]| database.triage(commands, "ana", now).unwrap();
    triage(&[
        command(&["b"], TriageAction::Acknowledge),
        command(&["b"], TriageAction::Note(Some("before".into()))),
    ]);
    let done = triage(&[
        command(&["a", "b", "gone"], TriageAction::Acknowledge),
        command(&["a", "b"], TriageAction::Note(Some("drill".into()))),
        command(&["c"], TriageAction::Tag("drill".into())),
    ]);
    let a = done.rows.iter().rfind(|row| row.id.0 == "a").unwrap();
    let said = a.remarks.as_deref().unwrap();
    assert_eq!((a.state, said.by.as_str(), said.at), (TriageState::Acknowledged, "ana", now));
    assert_eq!(said.note.as_deref(), Some("drill"));
    assert_eq!(
        done.undo,
        [
            command(&["a"], TriageAction::Reopen),
            command(&["a"], TriageAction::Note(None)),
            command(&["b"], TriageAction::Note(Some("before".into()))),
            command(&["c"], TriageAction::Untag("drill".into())),
        ],
        "b was acknowledged before, and stays so"
    );
    triage(&done.undo);
    let row = |which: &str| database.connection().query_row(read::BY_ID, [which], read::row).unwrap();
    assert_eq!((row("a").state, row("b").state), (TriageState::Open, TriageState::Acknowledged));
    assert_eq!(row("b").remarks.unwrap().note.as_deref(), Some("before"));
    assert_eq!(row("c").remarks.unwrap().tags, Vec::<String>::new());
    let journal: i64 =
        database.connection().query_row("SELECT count(*) FROM triage", [], |row| row.get(0)).unwrap();
    assert_eq!(journal, 10, "who did what stays written, what was undone too");
    let steps = super::triage::history(database.connection(), &id("b")).unwrap();
    let words: Vec<_> = steps.iter().map(|step| format!("{}: {}", step.by, step.action.words())).collect();
    assert_eq!(words, ["ana: note: before", "ana: note: drill", "ana: note: before", "ana: acknowledged"]);
}

#[test]
fn what_is_too_old_or_too_much_is_forgotten_from_the_oldest_on() {
    let mut database = Database::in_memory().unwrap();
    let batch: Vec<_> = (0..1_200).map(|second| alert(&second.to_string(), second)).collect();
    database.insert(&batch).unwrap();
    database.triage(&[command(&["3"], TriageAction::Acknowledge)], "ana", Timestamp::UNIX_EPOCH).unwrap();
    let start = Row::of(&batch[0]).time;
    let keep = Retention::new(1, 1_024);
    let now = start + SignedDuration::from_hours(24);
    assert!(database.maintain(keep, now).unwrap(), "there is more to index");
    let left = |database: &Database| read::newest(database.connection(), 9_999).unwrap().len();
    assert_eq!(left(&database), 1_200, "nothing is as old as a day and a second");
    while database.maintain(keep, now + SignedDuration::from_secs(100)).unwrap() {}
    assert_eq!(left(&database), 1_100);
    let size = retention::size(database.connection()).unwrap();
    let small = Retention { bytes: size / 2, ..Retention::new(1, 0) };
    while database.maintain(small, now).unwrap() {}
    assert!(retention::size(database.connection()).unwrap() <= size / 2);
    let oldest = ids(read::newest(database.connection(), 9_999).unwrap()).pop().unwrap();
    assert!(oldest.parse::<i64>().unwrap() > 100, "{oldest}");
    let indexed = "SELECT count(*) FROM search WHERE search MATCH '\"ali\"'";
    let indexed: isize = database.connection().query_row(indexed, [], |row| row.get(0)).unwrap();
    assert_eq!(indexed.unsigned_abs(), left(&database));
    for orphans in [
        "SELECT count(*) FROM body WHERE number NOT IN (SELECT number FROM alert)",
        "SELECT count(*) FROM triage WHERE alert NOT IN (SELECT number FROM alert)",
    ] {
        let count: i64 = database.connection().query_row(orphans, [], |row| row.get(0)).unwrap();
        assert_eq!(count, 0, "{orphans}");
    }
}

async fn told(inbox: &mut mpsc::Receiver<Event>) -> Event {
    tokio::time::timeout(Duration::from_secs(30), inbox.recv()).await.unwrap().unwrap()
}

/// The next rows that come without being a page.
async fn stored(inbox: &mut mpsc::Receiver<Event>) -> Vec<Row> {
    loop {
        if let Event::Stored(rows) = told(inbox).await {
            return rows;
        }
    }
}

#[tokio::test]
async fn two_consoles_on_one_database_see_each_others_changes() {
    let folder = Folder::new();
    let open = || {
        let (events, inbox) = mpsc::channel(64);
        (Store::open(Some(folder.file()), Retention::new(10_000, 1_024), events).unwrap(), inbox)
    };
    let (ana, mut anas) = open();
    let (ben, mut bens) = open();
    ana.insert(vec![alert("a", 1)]).await.unwrap();
    assert_eq!(ids(stored(&mut anas).await), ["a"]);
    assert_eq!(ids(stored(&mut bens).await), ["a"], "though ben stores nothing himself");
    ben.triage(vec![command(&["a"], TriageAction::Acknowledge)]).await.unwrap();
    assert_eq!(stored(&mut anas).await[0].state, TriageState::Acknowledged);
    ben.insert(vec![alert("a", 1), alert("b", 2)]).await.unwrap();
    assert_eq!(ids(stored(&mut anas).await), ["b"], "what is new, once");
    // A reader beside the writer sees what is committed.
    assert!(ana.load(id("b")).await.unwrap().is_some());
    assert_eq!(ana.related(id("a")).await.unwrap().len(), 2);
}

/// The next alarms that are told, and whether they were there before.
async fn alarms(inbox: &mut mpsc::Receiver<Event>) -> (Vec<Alarm>, bool) {
    loop {
        if let Event::Alarms { alarms, first } = told(inbox).await {
            return (alarms, first);
        }
    }
}

#[tokio::test]
async fn alarms_are_told_to_every_console_on_the_database_and_to_the_next_that_starts() {
    use detector::health::State;
    let folder = Folder::new();
    let open = || {
        let (events, inbox) = mpsc::channel(64);
        (Store::open(Some(folder.file()), Retention::new(10_000, 1_024), events).unwrap(), inbox)
    };
    let ((ana, mut anas), (_ben, mut bens)) = (open(), open());
    let late = |state, minute| alarm("slack-late", state, minute);
    let came = |alarm: &Alarm| AlarmChange::Came(vec![alarm.clone()]);
    ana.alarms(came(&late(State::Alarm, 5))).await.unwrap();
    assert_eq!(alarms(&mut anas).await, (vec![late(State::Alarm, 5)], false));
    assert_eq!(alarms(&mut bens).await, (vec![late(State::Alarm, 5)], false), "though ben receives nothing");
    let (_cleo, mut cleos) = open();
    assert_eq!(alarms(&mut cleos).await, (vec![late(State::Alarm, 5)], true), "it was so before");
    ana.alarms(came(&late(State::Ok, 4))).await.unwrap();
    ana.alarms(came(&late(State::Ok, 6))).await.unwrap();
    assert_eq!(alarms(&mut anas).await.0, [late(State::Ok, 6)], "what is older is not told");
    ana.alarms(AlarmChange::Forget(late(State::Ok, 6).key)).await.unwrap();
    assert_eq!(alarms(&mut anas).await.0, []);
}

#[tokio::test]
async fn a_store_in_memory_answers_as_one_on_disk_does() {
    let (events, mut inbox) = mpsc::channel(64);
    let store = Store::open(None, Retention::new(1, 1), events).unwrap();
    store.insert(vec![alert("a", 1)]).await.unwrap();
    assert_eq!(ids(stored(&mut inbox).await), ["a"]);
    assert!(store.load(id("a")).await.unwrap().is_some());
    let time = Row::of(&alert("b", 2)).time;
    assert_eq!(ids(store.older((time, id("b"))).await.unwrap()), ["a"]);
    store.insert(vec![alert("b", 2), alert("c", 3)]).await.unwrap();
    let behind = || (time + jiff::SignedDuration::from_secs(1), id("c"));
    let sought = store.seek(behind(), Timestamp::MIN, Vec::new(), |row| row.id.0 == "a").await.unwrap();
    assert_eq!((ids(sought.rows), sought.end.unwrap().1, sought.last), (vec!["a".to_owned()], id("a"), true));
    let sought = store.seek(behind(), Timestamp::MIN, Vec::new(), |_| false).await.unwrap();
    assert_eq!((sought.rows.len(), sought.end.unwrap().1, sought.last), (0, id("a"), true));
    let sought = store.seek(behind(), time, Vec::new(), |_| true).await.unwrap();
    assert_eq!((ids(sought.rows), sought.last), (vec!["b".to_owned()], true), "and not before that");
}

#[test]
fn errors_say_what_to_do_first() {
    let of = |code| {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        StoreError::Sqlite(error).to_string()
    };
    assert!(of(rusqlite::ffi::SQLITE_FULL).starts_with("free disk space"));
    assert!(of(rusqlite::ffi::SQLITE_READONLY).starts_with("make the database and its folder writable"));
    assert!(of(rusqlite::ffi::SQLITE_IOERR).starts_with("check the disk"));
}
