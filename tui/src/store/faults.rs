//! Files that are taken away, cut, replaced or damaged under the console: what is said to be stored is in
//! a file that has its name, whatever happened to the one before.

use std::path::Path;

use detector::AlertId;
use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{Reader, Retention, Store};
use crate::model::Event;
use crate::model::testing::alert;

use super::tests::Folder;

fn store(path: &Path) -> (Store, mpsc::Receiver<Event>) {
    let (events, inbox) = mpsc::channel(1_000);
    (Store::open(Some(path.to_owned()), Retention::new(400, 8_192), events).unwrap(), inbox)
}

fn has(path: &Path, id: &str) -> bool {
    Reader::open(path).unwrap().has(&AlertId(id.to_owned())).unwrap()
}

/// The next word of this kind.
async fn told<T>(inbox: &mut mpsc::Receiver<Event>, wanted: impl Fn(Event) -> Option<T>) -> T {
    let next = async {
        loop {
            if let Some(found) = wanted(inbox.recv().await.unwrap()) {
                return found;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), next).await.unwrap()
}

async fn notice(inbox: &mut mpsc::Receiver<Event>) -> String {
    told(inbox, |msg| match msg {
        Event::Notice(words) => Some(words),
        _ => None,
    })
    .await
}

/// Takes something from the files of a database that is in use.
type Harm = fn(&Folder);

#[tokio::test]
async fn what_is_stored_after_the_files_were_taken_away_is_in_a_file_that_is_there() {
    // Name, what is done, whether all from before can be saved.
    let harms: [(&str, Harm, bool); 8] = [
        ("database", |folder| std::fs::remove_file(folder.beside("")).unwrap(), true),
        ("log", |folder| std::fs::remove_file(folder.beside("-wal")).unwrap(), true),
        ("index of the log", |folder| std::fs::remove_file(folder.beside("-shm")).unwrap(), true),
        (
            "all",
            |folder| {
                for ending in ["", "-wal", "-shm"] {
                    std::fs::remove_file(folder.beside(ending)).unwrap();
                }
            },
            true,
        ),
        ("folder", |folder| std::fs::remove_dir_all(folder.0.path()).unwrap(), true),
        (
            "cut before its log was written back",
            |folder| {
                std::fs::File::options().write(true).open(folder.file()).unwrap().set_len(8_192).unwrap();
            },
            false,
        ),
        (
            "cut",
            |folder| std::fs::File::options().write(true).open(folder.file()).unwrap().set_len(0).unwrap(),
            false,
        ),
        (
            "replaced",
            |folder| {
                let other = folder.0.path().join("other.db");
                let connection = Connection::open(&other).unwrap();
                connection.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
                drop(super::database::Database::open(&other).unwrap());
                std::fs::rename(other, folder.file()).unwrap();
            },
            false,
        ),
    ];
    for (name, harm, saved) in harms {
        // A folder for each: the store of the one before may still be closing, and SQLite then removes a log by
        // its name.
        let folder = Folder::new();
        let (store, mut inbox) = store(&folder.file());
        store.insert((0..50).map(|n| alert(&format!("before-{n}"), n)).collect()).await.unwrap();
        harm(&folder);
        store.insert(vec![alert("after", 60)]).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(has(&folder.file(), "after"), "{name}: what is said to be stored is there");
        assert_eq!(has(&folder.file(), "before-49"), saved, "{name}");
        let words = notice(&mut inbox).await;
        let is_told =
            ["was removed or replaced while in use", "was corrupt"].iter().any(|why| words.contains(why));
        assert!(is_told, "{name}: {words}");
        // It goes on, reading and writing.
        store.insert(vec![alert("later", 61)]).await.unwrap();
        assert!(has(&folder.file(), "later"), "{name}");
        let loaded = store.load(AlertId("after".to_owned())).await.unwrap();
        assert!(loaded.is_some(), "{name}: the reader has the new file too");
        let check: String = Connection::open(folder.file())
            .unwrap()
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .unwrap();
        assert_eq!(check, "ok", "{name}");
    }
}

/// The words of an error, however its message nests.
async fn refused(store: &Store, id: &str) {
    let error = store.insert(vec![alert(id, 70)]).await.unwrap_err().to_string();
    assert!(error.contains("Messages stay in the queue"), "{error}");
}

#[tokio::test]
async fn what_is_removed_is_copied_when_it_can_be_and_until_then_nothing_is_stored() {
    let folder = Folder::new();
    let inside = folder.0.path().join("inside");
    let path = inside.join("alerts.db");
    let (store, mut inbox) = store(&path);
    store.insert((0..50).map(|n| alert(&format!("before-{n}"), n)).collect()).await.unwrap();
    // A file stands where the folder was: nothing can be made in it.
    std::fs::remove_dir_all(&inside).unwrap();
    std::fs::write(&inside, "").unwrap();
    refused(&store, "a").await;
    refused(&store, "b").await;
    std::fs::remove_file(&inside).unwrap();
    store.insert(vec![alert("after", 60)]).await.unwrap();
    for id in ["before-49", "after"] {
        assert!(has(&path, id), "{id}");
    }
    let words = notice(&mut inbox).await;
    assert!(words.contains("restored without loss"), "{words}");
}

#[tokio::test]
async fn a_file_that_comes_back_after_another_was_in_its_place_is_written_again() {
    let folder = Folder::new();
    let (store, _inbox) = store(&folder.file());
    store.insert(vec![alert("before", 1)]).await.unwrap();
    std::fs::rename(folder.file(), folder.beside(".kept")).unwrap();
    std::fs::write(folder.file(), "somebody else's words, which are no database at all").unwrap();
    refused(&store, "a").await;
    refused(&store, "b").await;
    std::fs::rename(folder.beside(".kept"), folder.file()).unwrap();
    store.insert(vec![alert("after", 2)]).await.unwrap();
    assert!(has(&folder.file(), "after"), "what is said to be stored is in no stand-in");
}

#[tokio::test]
async fn a_file_that_somebody_vacuums_is_the_same() {
    let folder = Folder::new();
    let (store, mut inbox) = store(&folder.file());
    store.insert((0..3_000).map(|n| alert(&format!("a-{n}"), n)).collect()).await.unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    store.insert(vec![alert("noted", 60)]).await.unwrap();
    let before = std::fs::metadata(folder.file()).unwrap().len();
    let smaller = "PRAGMA foreign_keys = OFF; DELETE FROM alert WHERE id LIKE 'a-%'; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);";
    other.execute_batch(smaller).unwrap();
    assert!(std::fs::metadata(folder.file()).unwrap().len() < before);
    store.insert(vec![alert("after", 61)]).await.unwrap();
    for id in ["noted", "after"] {
        assert!(has(&folder.file(), id), "{id}");
    }
    while let Ok(msg) = inbox.try_recv() {
        assert!(!matches!(msg, Event::Notice(_)), "{msg:?}");
    }
}

#[tokio::test]
async fn a_row_that_can_not_be_read_costs_its_text_and_no_other_row() {
    let folder = Folder::new();
    {
        let (store, _inbox) = store(&folder.file());
        store.insert((0..1_500).map(|n| alert(&format!("a-{n}"), n)).collect()).await.unwrap();
    }
    let damage = Connection::open(folder.file()).unwrap();
    damage
        .execute_batch(
            "UPDATE alert SET id = CAST(x'ff41' AS TEXT), actor = CAST(x'fe' AS TEXT) WHERE id = 'a-700'",
        )
        .unwrap();
    drop(damage);
    let (_store, mut inbox) = store(&folder.file());
    let rows = told(&mut inbox, |msg| match msg {
        Event::Page { rows, .. } => Some(rows),
        _ => None,
    })
    .await;
    assert_eq!(rows.len(), 1_500);
    assert!(rows.iter().any(|row| row.id.0 == "\u{fffd}A"));
    assert_eq!(Reader::open(&folder.file()).unwrap().arrived_after(0, 9_999).unwrap().len(), 1_500);
}

#[tokio::test]
async fn a_page_that_is_damaged_is_found_at_the_start_set_aside_and_told() {
    let folder = Folder::new();
    {
        let (store, _inbox) = store(&folder.file());
        store.insert((0..3_000).map(|n| alert(&format!("a-{n}"), n)).collect()).await.unwrap();
    }
    let mut bytes = std::fs::read(folder.file()).unwrap();
    // All but the beginning, which says what it is, and the tables' own page.
    bytes[16_384..].fill(0xa5);
    std::fs::write(folder.file(), &bytes).unwrap();
    let (store, mut inbox) = store(&folder.file());
    let words = notice(&mut inbox).await;
    assert!(words.contains("was corrupt") && words.contains(".damaged-"), "{words}");
    store.insert(vec![alert("after", 1)]).await.unwrap();
    assert!(has(&folder.file(), "after"));
}

#[tokio::test]
async fn that_nothing_can_be_stored_is_told_and_that_it_can_again() {
    let folder = Folder::new();
    let (store, mut inbox) = store(&folder.file());
    store.insert(vec![alert("a", 1)]).await.unwrap();
    let other = Connection::open(folder.file()).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON alert BEGIN SELECT RAISE(FAIL, 'disk full'); END",
        )
        .unwrap();
    assert!(store.insert(vec![alert("b", 2)]).await.is_err());
    let unstored = |msg| match msg {
        Event::StoreBlocked(why) => Some(why),
        _ => None,
    };
    assert!(told(&mut inbox, unstored).await.unwrap().contains("disk full"));
    other.execute_batch("DROP TRIGGER full").unwrap();
    store.insert(vec![alert("a", 1)]).await.unwrap();
    assert_eq!(told(&mut inbox, unstored).await, None, "also where nothing is new");
}
