//! Opening a database: of an earlier schema, of a later one, of somebody else, damaged, new.

use super::*;

use serde_json::json;

/// `fixtures/schema-1.db` was written by the console of schema 1, from a queue.
#[test]
fn a_database_of_schema_1_is_brought_to_this_one() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-1.db", folder.file()).unwrap();
    let before: Vec<(String, Option<i64>, i64, String)> = {
        let old = Connection::open(folder.file()).unwrap();
        let mut rows = old.prepare("SELECT id, severity, time, event FROM alert ORDER BY number").unwrap();
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        rows.query_map([], row).unwrap().map(Result::unwrap).collect()
    };
    let database = Database::open(&folder.file()).unwrap();
    let connection = database.connection();
    assert_eq!(before.len(), 5);
    for (id, severity, time, event) in before {
        let row = connection.query_row(read::BY_ID, [&id], read::row).unwrap();
        assert_eq!((row.severity.map(read::number), row.time.as_microsecond()), (severity, time));
        assert_eq!((row.event.as_str(), row.state), (event.as_str(), TriageState::Open));
        let content = read::content(connection, &row.id).unwrap().unwrap();
        assert_eq!(matches!(content, Content::Unreadable { .. }), severity.is_none());
    }
    assert_eq!(found(connection, "AttachUserPolicy").len(), 1);
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, super::super::version::SCHEMA);
    let check: String = connection.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    let tables = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE '%\\_1' ESCAPE '\\'";
    assert_eq!(
        connection.query_row(tables, [], |row| row.get::<_, i64>(0)).unwrap(),
        0,
        "nothing is left over"
    );
}

/// `fixtures/schema-2.db` was written by the console of schema 2, from a queue.
#[test]
fn a_database_of_schema_2_keeps_its_alerts_and_learns_of_alarms() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-2.db", folder.file()).unwrap();
    let mut database = Database::open(&folder.file()).unwrap();
    let mut before = ids(read::newest(database.connection(), 9).unwrap());
    before.sort();
    assert_eq!((before.len(), &before[..3]), (4, &["a".to_owned(), "b".to_owned(), "c".to_owned()][..]));
    assert!(before[3].starts_with("unreadable-"));
    let late = alarm("iam-sentinel-slack-late", detector::health::State::Alarm, 10);
    database.alarms(&AlarmChange::Came(vec![late.clone()])).unwrap();
    drop(database);
    let reader = Reader::open(&folder.file()).unwrap();
    assert_eq!(reader.alarms().unwrap(), [late], "a restart still knows");
    assert_eq!(reader.count().unwrap(), 4);
    assert_eq!(found(Database::open(&folder.file()).unwrap().connection(), "user/ev").len(), 3);
}

/// `fixtures/schema-3.db` was written by the store of schema 3.
#[test]
fn a_database_of_schema_3_is_indexed_anew() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-3.db", folder.file()).unwrap();
    let mut database = Database::open(&folder.file()).unwrap();
    fill(&mut database);
    let found = |filter: &str| found(database.connection(), filter);
    assert_eq!(
        (found("lice"), found("ot JSO"), found("note:drill")),
        (
            vec!["c".to_owned(), "b".to_owned(), "a".to_owned()],
            vec!["unreadable-1".to_owned()],
            vec!["a".to_owned()],
        )
    );
    let check: String =
        database.connection().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}

/// `fixtures/schema-4.db` was written by the store of schema 4.
#[test]
fn a_database_of_schema_4_shows_event_and_target_where_it_knows_no_objects() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-4.db", folder.file()).unwrap();
    let mut database = Database::open(&folder.file()).unwrap();
    database.insert(&[alert("c", 3)]).unwrap();
    let rows = read::newest(database.connection(), 9).unwrap();
    let what: Vec<_> = rows.iter().map(|row| (row.id.0.as_str(), row.what.as_str(), row.state)).collect();
    assert_eq!(
        what,
        [
            ("c", "AttachUserPolicy  AdministratorAccess → user bob", TriageState::Open),
            ("b", "AttachUserPolicy  user bob", TriageState::Acknowledged),
            ("a", "UpdateAssumeRolePolicy  role deploy", TriageState::Open),
        ]
    );
    assert_eq!(found(database.connection(), "note:drill"), ["a"]);
}

/// `fixtures/schema-5.db` was written by the console of schema 5, as a case.
#[test]
fn a_database_of_schema_5_has_room_for_links_and_its_incidents_are_told() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-5.db", folder.file()).unwrap();
    let mut database = Database::open(&folder.file()).unwrap();
    while database.maintain(Retention::FOREVER, Timestamp::UNIX_EPOCH).unwrap() {}
    let found = super::super::incidents::overview(database.connection()).unwrap();
    let told: Vec<_> = found.incidents.iter().map(|one| (one.id.as_str(), one.alerts.len())).collect();
    assert_eq!(told, [("fixture-5-1", 2)], "joined by the user's key, which old alerts name in their record");
    assert_eq!(found.incidents[0].state, crate::incidents::State::Open, "one of two is acknowledged");
    let link = json!({"version": 1, "id": "link-1", "time": "2026-11-24T03:00:00Z", "event": "AssumeRole",
        "class": "person", "actor": {"kind": "iam_user", "id": "a", "name": "a"}, "summary": "a assumed role r",
        "joins": [["give", "cred", "ASIA"]]});
    let link: detector::Link = serde_json::from_value(link).unwrap();
    for _ in 0..2 {
        database.insert_links(std::slice::from_ref(&link)).unwrap();
    }
    assert_eq!(super::super::links::all(database.connection()).unwrap(), [link]);
}

/// `fixtures/schema-7.db` was written by the store of schema 7.
#[test]
fn a_database_of_schema_7_finds_related_alerts_without_its_indices() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-7.db", folder.file()).unwrap();
    let mut database = Database::open(&folder.file()).unwrap();
    database.insert(&[alert("new", 3)]).unwrap();
    let found = related::related(database.connection(), &id("fixture7-0002")).unwrap();
    let told: Vec<_> = found.into_iter().map(|(by, rows)| format!("{by}: {}", ids(rows).join(" "))).collect();
    assert_eq!(
        told,
        [
            "same actor, within the hour: new fixture7-0001",
            "same address, within the hour: new fixture7-0001",
        ]
    );
    let sql = "SELECT group_concat(name, ' ') FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'alert'";
    let indices: String = database.connection().query_row(sql, [], |row| row.get(0)).unwrap();
    assert_eq!(indices, "sqlite_autoindex_alert_1 alert_by_time");
}

#[test]
fn a_database_of_an_older_schema_is_copied_before_it_is_changed() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-6.db", folder.file()).unwrap();
    let (database, word) = open::open(&folder.file(), Timestamp::UNIX_EPOCH).unwrap();
    let sql = "SELECT count(*) FROM facet JOIN alert ON alert.number = facet.alert
        WHERE key IN (actor_key, session_key, access_key, address_key, target_key) GROUP BY alert ORDER BY alert";
    let properties: Vec<i64> = {
        let mut properties = database.connection().prepare(sql).unwrap();
        properties.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    assert_eq!(properties, [4, 5], "the second one is of a role's session");
    drop(database);
    let copy = folder.0.path().join("alerts.db.schema-6");
    assert!(word.unwrap().contains(&format!("schema 6 to 8. The old one is kept as {}", copy.display())));
    let old = Connection::open(&copy).unwrap();
    let version: i64 = old.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    let alerts: i64 = old.query_row("SELECT count(*) FROM alert", [], |row| row.get(0)).unwrap();
    assert_eq!((version, alerts), (6, 2));
    let (_, word) = open::open(&folder.file(), Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(word, None, "once");
}

#[test]
fn a_database_that_can_t_be_copied_is_upgraded_and_says_so() {
    let folder = Folder::new();
    std::fs::copy("src/store/fixtures/schema-6.db", folder.file()).unwrap();
    // A broken link is no copy, and nothing can be written through it.
    std::os::unix::fs::symlink(folder.0.path().join("none/copy"), folder.0.path().join("alerts.db.schema-6"))
        .unwrap();
    let (database, word) = open::open(&folder.file(), Timestamp::UNIX_EPOCH).unwrap();
    assert!(word.unwrap().contains("without a copy of the old one: "));
    let alerts: i64 =
        database.connection().query_row("SELECT count(*) FROM alert", [], |row| row.get(0)).unwrap();
    assert_eq!(alerts, 2);
}

#[test]
fn a_newer_database_is_refused_with_a_clear_word_and_left_alone() {
    let folder = Folder::new();
    Connection::open(folder.file()).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(folder.file()).unwrap();
    let error = refused(&folder.file());
    assert!(error.contains("newer sentinel-tui (schema 99, supported 8): update"), "{error}");
    assert_eq!(
        (std::fs::read(folder.file()).unwrap(), folder.names()),
        (before, vec!["alerts.db".to_owned()])
    );
}

#[test]
fn what_is_not_ours_is_refused_and_left_alone() {
    let folder = Folder::new();
    let text = "not a database, and long enough to have a header that SQLite would look at\n".repeat(20);
    std::fs::write(folder.file(), &text).unwrap();
    let error = refused(&folder.file());
    assert!(error.contains("not a sentinel-tui database") && error.contains("--db"), "{error}");
    assert_eq!(std::fs::read_to_string(folder.file()).unwrap(), text);
    std::fs::remove_file(folder.file()).unwrap();
    Connection::open(folder.file()).unwrap().execute_batch("CREATE TABLE of_another_program (x)").unwrap();
    let before = std::fs::read(folder.file()).unwrap();
    assert!(refused(&folder.file()).contains("not a sentinel-tui database"));
    assert_eq!(
        (std::fs::read(folder.file()).unwrap(), folder.names()),
        (before, vec!["alerts.db".to_owned()])
    );
}

#[cfg(unix)]
#[test]
fn a_new_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    // A folder that is not there yet, as on the first start.
    let new = folder.0.path().join("new");
    let (mut database, _) = open::open(&new.join("alerts.db"), Timestamp::UNIX_EPOCH).unwrap();
    database.insert(&[alert("a", 1)]).unwrap();
    assert_eq!(new.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    for entry in new.read_dir().unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", entry.path().display());
    }
}

#[test]
fn a_damaged_database_is_set_aside_and_a_new_one_begun() {
    let folder = Folder::new();
    for (round, damage) in [[0xff_u8; 64], [0; 64]].into_iter().enumerate() {
        let mut database = Database::open(&folder.file()).unwrap();
        database.insert(&[alert("a", 1)]).unwrap();
        drop(database);
        let mut bytes = std::fs::read(folder.file()).unwrap();
        // Once the tables' own page is broken, once the whole beginning is zeros.
        let at = if round == 0 { 100 } else { 0 };
        bytes[at..at + 64].copy_from_slice(&damage);
        std::fs::write(folder.file(), &bytes).unwrap();
        let (database, word) = open::open(&folder.file(), Timestamp::UNIX_EPOCH).unwrap();
        let aside = format!("alerts.db.damaged-19700101T000000Z-{}", round + 1);
        assert!(word.unwrap().contains(&aside));
        assert_eq!(std::fs::read(folder.0.path().join(&aside)).unwrap(), bytes, "as it was");
        assert_eq!(read::newest(database.connection(), 9).unwrap(), []);
    }
    open::remember_damage(&folder.file());
    let (_, word) = open::open(&folder.file(), Timestamp::UNIX_EPOCH).unwrap();
    assert!(word.unwrap().contains("Z-3"), "damage that was seen while it ran");
    assert!(!folder.names().contains(&"alerts.db-damaged".to_owned()));
}
