//! The database: where it is, whether it can be used, and whether others can read it.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::commands::doctor::Finding;
use crate::commands::doctor::terminal::Environment;
use crate::format::number;
use crate::model::alarm_label;
use crate::store::{self, NOBODY, Reader, StoreError};
use detector::health::State;

/// Looks at the file at this path without changing it.
pub(crate) fn findings(path: Result<PathBuf, StoreError>) -> Vec<Finding> {
    let path = match path {
        Ok(path) => path,
        Err(error) => return vec![Finding::wrong(error.to_string(), "set --db FILE")],
    };
    if !path.exists() {
        return vec![not_yet(&path)];
    }
    let name = path.display();
    let mut findings = vec![contents(&path)];
    if std::fs::metadata(&path).is_ok_and(|file| file.permissions().readonly()) {
        findings.push(Finding::wrong(
            format!("{name} is not writable"),
            format!("chmod u+w {name}, or choose another file with --db"),
        ));
    }
    findings.extend(seen_by_others(&path));
    findings
}

/// The alarms of the pipeline that the console knows of.
pub(crate) fn alarms(path: &Path) -> Vec<Finding> {
    // Another check reports errors of the file.
    let Some(alarms) =
        Some(path).filter(|path| path.exists()).and_then(|path| Reader::open(path).ok()?.alarms().ok())
    else {
        return vec![Finding::well("no alarm data: no database yet")];
    };
    let mut findings = Vec::new();
    for alarm in alarms.iter().filter(|alarm| alarm.state != State::Ok) {
        let what = format!("{}: {} since {:.0}", alarm.key.name, alarm_label(alarm.state), alarm.since);
        let remedy = alarm.description.as_ref().or(alarm.reason.as_ref());
        let remedy = remedy.map_or("check it in CloudWatch", String::as_str);
        let finding = if alarm.is_on() { Finding::wrong } else { Finding::note };
        findings.push(finding(what, remedy.to_owned()));
    }
    let well = alarms.len() - findings.len();
    if alarms.is_empty() {
        let words = "no active alarms known (only changes received through the queue are visible)";
        findings.push(Finding::well(words));
    } else if well > 0 {
        findings.push(Finding::well(format!("{well} of {} known pipeline alarms OK", alarms.len())));
    }
    findings
}

/// As whom one acknowledges and writes notes: the store says it with each, to every console.
pub(crate) fn author(environment: &Environment<'_>) -> Finding {
    match store::author(environment) {
        Some((name, author)) => {
            Finding::well(format!("your acks, notes and tags are signed {author} ({name})"))
        }
        None => Finding::note(
            format!("USER, LOGNAME and USERNAME not set: your acks, notes and tags are signed \"{NOBODY}\""),
            "set your name: USER=ana sentinel-tui",
        ),
    }
}

fn contents(path: &Path) -> Finding {
    let name = path.display();
    let reader = match Reader::open(path) {
        Ok(reader) => reader,
        Err(error @ (StoreError::Newer { .. } | StoreError::Older { .. })) => {
            return Finding::wrong(error.to_string(), "or choose another file with --db");
        }
        Err(error) => return damaged(error.to_string()),
    };
    match (check(path), reader.count()) {
        (Ok(said), Ok(alerts)) if said == "ok" => {
            let size = std::fs::metadata(path).map_or(0, |file| file.len()).div_ceil(1_024);
            Finding::well(format!("{name}: {} alerts, {} KiB", number(alerts), number(size)))
        }
        (Ok(said), Ok(_)) => damaged(format!("{name} is corrupt: {said}")),
        (Err(error), _) => damaged(format!("{name} is corrupt: {error}")),
        (_, Err(error)) => damaged(error.to_string()),
    }
}

/// SQLite's own check; in a large database it takes seconds.
fn check(path: &Path) -> rusqlite::Result<String> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
}

fn damaged(what: String) -> Finding {
    Finding::wrong(what, "the next console start moves it aside and creates a new one")
}

/// The nearest folder above that is there must be one to write into.
fn not_yet(path: &Path) -> Finding {
    let above = path.ancestors().skip(1).find(|folder| folder.exists());
    let writable = above
        .and_then(|folder| folder.metadata().ok())
        .is_some_and(|folder| folder.is_dir() && !folder.permissions().readonly());
    if writable {
        Finding::well(format!("{} does not exist yet: created at first start", path.display()))
    } else {
        Finding::wrong(
            format!("{} does not exist, and its folder can't be created", path.display()),
            "choose another file with --db",
        )
    }
}

/// Alerts tell who may do what, and who has tried: nobody else on this machine needs them.
#[cfg(unix)]
fn seen_by_others(path: &Path) -> Option<Finding> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| path.metadata().map_or(0, |file| file.permissions().mode());
    let open = mode(path) & 0o044 != 0 && path.parent().is_none_or(|folder| mode(folder) & 0o011 != 0);
    let name = path.display();
    open.then(|| Finding::note(format!("readable by other users: {name}"), format!("chmod go-rwx {name}*")))
}

#[cfg(not(unix))]
fn seen_by_others(_: &Path) -> Option<Finding> {
    None
}

#[cfg(test)]
mod tests {
    use crate::commands::doctor::Verdict;
    use crate::commands::doctor::database::*;
    use crate::model::testing::alert;
    use crate::store::{Retention, Store};

    #[test]
    fn who_triages_is_told_and_how_to_say_it_where_nobody_does() {
        let author = |set: &[(&str, &str)]| {
            author(&|name| {
                let value = set.iter().find(|(known, _)| *known == name)?.1;
                Some(value.to_owned())
            })
        };
        assert_eq!(
            author(&[("USER", "ana"), ("LOGNAME", "root")]),
            Finding::well("your acks, notes and tags are signed ana (USER)")
        );
        assert!(author(&[("USER", " "), ("LOGNAME", "ana")]).what.ends_with("ana (LOGNAME)"));
        let nobody = author(&[]);
        assert_eq!(nobody.verdict, Verdict::Note);
        assert!(nobody.what.contains("somebody") && nobody.remedy.unwrap().contains("USER=ana"));
    }

    #[test]
    fn a_database_is_there_or_will_be_or_is_damaged() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("alerts.db");
        let findings = || findings(Ok(path.clone()));
        assert!(findings()[0].what.ends_with("does not exist yet: created at first start"));
        assert!(!path.exists(), "looking makes no file");

        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (app, _inbox) = tokio::sync::mpsc::channel(8);
            let store = Store::open(Some(path.clone()), Retention::new(400, 8_192), app).unwrap();
            store.insert(vec![alert("a", 1), alert("b", 2)]).await.unwrap();
        });
        assert_eq!(findings()[0].verdict, Verdict::Well);
        assert!(findings()[0].what.contains(": 2 alerts, "), "{:?}", findings());

        let text = temp.path().join("text.db");
        std::fs::write(&text, "no database, and more than a hundred bytes of it: ".repeat(20)).unwrap();
        assert_eq!(super::findings(Ok(text))[0].verdict, Verdict::Wrong);
        assert!(super::findings(Ok(PathBuf::from("/dev/null/x/alerts.db")))[0].what.contains("can't"));
    }
}
