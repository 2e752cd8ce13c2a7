//! The alerts that the console shows, as a file. A thread that may block calls it: it waits for the
//! store, a few alerts at a time, so that whoever opens one meanwhile does not wait for the file.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use detector::AlertId;
use tokio::runtime::Handle;

use super::{ExportError, Writer};
use crate::files;
use crate::format::number;
use crate::model::ExportFormat;
use crate::store::Store;

/// Alerts that the store is asked for at a time.
const AT_ONCE: usize = 100;

/// Writes these alerts in this order to a new file, and says what came of it; `goes_on` hears how many are
/// written, and says whether to go on: where not, nothing stays. Until it is whole, the file's
/// name ends in `.part`, as it does where the console ends meanwhile.
pub(crate) fn shown(
    store: &Store,
    path: &str,
    format: ExportFormat,
    alerts: &[AlertId],
    mut goes_on: impl FnMut(u64) -> bool,
) -> Result<String, ExportError> {
    let path = place(path);
    let written = new_file(&path, |file| {
        let failed = |source| ExportError::of(&path, source);
        let mut out = Writer::new(BufWriter::new(file), format).map_err(failed)?;
        let mut written = 0;
        for ids in alerts.chunks(AT_ONCE) {
            if !goes_on(written) {
                return Err(ExportError::Stopped(written));
            }
            for stored in Handle::current().block_on(store.stored(ids.to_vec()))? {
                out.entry(&stored).map_err(failed)?;
                written += 1;
            }
        }
        out.finish().map_err(failed)?;
        Ok(written)
    })?;
    let plural = if written == 1 { "" } else { "s" };
    let gone = alerts.len() as u64 - written;
    let gone = match gone {
        0 => String::new(),
        1 => "; 1 is forgotten by now".to_owned(),
        gone => format!("; {} are forgotten by now", number(gone)),
    };
    Ok(format!("{} alert{plural} in {}{gone}", number(written), path.display()))
}

/// Makes a new file of this path. Until it is whole, its name ends in `.part`, as it does where the console ends
/// meanwhile; where it can't be written to its end, nothing stays.
pub(super) fn new_file<T>(
    path: &Path,
    write: impl FnOnce(File) -> Result<T, ExportError>,
) -> Result<T, ExportError> {
    let failed = |source| ExportError::of(path, source);
    if path.symlink_metadata().is_ok() {
        return Err(failed(io::ErrorKind::AlreadyExists.into()));
    }
    let part = path.with_added_extension(format!("{}.part", std::process::id()));
    let file = files::create(&part).map_err(failed)?;
    // A second name, where nobody has taken it meanwhile; a rename would take its place.
    let written = write(file).and_then(|written| {
        std::fs::hard_link(&part, path).map_err(failed)?;
        Ok(written)
    });
    // It is ours: it was not there before.
    let removed = std::fs::remove_file(&part);
    let written = written?;
    removed.map_err(|source| ExportError::of(&part, source))?;
    Ok(written)
}

/// Returns the absolute path, resolved from the working directory, or from home where it begins with `~/`.
pub(super) fn place(path: &str) -> PathBuf {
    let home = path.strip_prefix("~/").and_then(|rest| Some(std::env::home_dir()?.join(rest)));
    let path = home.unwrap_or_else(|| PathBuf::from(path));
    std::path::absolute(&path).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::alert;
    use crate::store::Retention;

    /// Exports to this file, and returns the message to the user and the file's contents.
    async fn written(
        name: &str,
        format: ExportFormat,
        ids: &'static [&str],
    ) -> (Result<String, String>, String) {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join(name);
        let (app, _inbox) = tokio::sync::mpsc::channel(16);
        let store = Store::open(None, Retention::new(400, 8_192), app).unwrap();
        store.insert(vec![alert("a", 1), alert("b", 2), alert("c", 3)]).await.unwrap();
        let text = path.to_str().unwrap().to_owned();
        let said = tokio::task::spawn_blocking(move || {
            let ids: Vec<_> = ids.iter().map(|id| AlertId((*id).to_owned())).collect();
            shown(&store, &text, format, &ids, |_| true).map_err(|error| error.to_string())
        });
        let said = said.await.unwrap();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        #[cfg(unix)]
        if let Ok(file) = std::fs::metadata(&path) {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(file.permissions().mode() & 0o777, 0o600);
        }
        (said.map(|words| words.replace(path.to_str().unwrap(), "FILE")), text)
    }

    #[tokio::test]
    async fn what_is_shown_is_written_in_that_order_and_what_is_gone_is_told() {
        let (said, text) = written("x.jsonl", ExportFormat::Jsonl, &["b", "gone", "a"]).await;
        assert_eq!(said.unwrap(), "2 alerts in FILE; 1 is forgotten by now");
        let ids: Vec<_> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].clone())
            .collect();
        assert_eq!(ids, ["b", "a"]);
        let (said, text) = written("x.csv", ExportFormat::Csv, &["c"]).await;
        assert_eq!((said.unwrap().as_str(), text.lines().count()), ("1 alert in FILE", 2));
        let (said, text) = written("x.md", ExportFormat::Markdown, &["c", "b", "a"]).await;
        assert_eq!((said.unwrap().as_str(), text.lines().count()), ("3 alerts in FILE", 5));
    }

    #[tokio::test]
    async fn whoever_stops_it_has_no_half_of_a_file() {
        let temp = tempfile::tempdir().unwrap();
        let (app, _inbox) = tokio::sync::mpsc::channel(16);
        let store = Store::open(None, Retention::new(400, 8_192), app).unwrap();
        store.insert((0..150).map(|at| alert(&at.to_string(), at)).collect()).await.unwrap();
        let path = temp.path().join("x.csv").display().to_string();
        let said = tokio::task::spawn_blocking(move || {
            let ids: Vec<_> = (0..150).map(|at| AlertId(at.to_string())).collect();
            let mut heard = Vec::new();
            let said = shown(&store, &path, ExportFormat::Csv, &ids, |written| {
                heard.push(written);
                written == 0
            });
            (said.unwrap_err().to_string(), heard)
        });
        let (said, heard) = said.await.unwrap();
        assert_eq!(heard, [0, 100]);
        assert_eq!(said, "export cancelled after 100 alerts, no file written");
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_file_that_is_there_stays_and_a_folder_that_is_not_is_told() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("x.csv");
        std::fs::write(&path, "mine").unwrap();
        let (app, _inbox) = tokio::sync::mpsc::channel(16);
        let store = Store::open(None, Retention::new(400, 8_192), app).unwrap();
        let refused =
            |path: &str| shown(&store, path, ExportFormat::Csv, &[], |_| true).unwrap_err().to_string();
        let error = refused(path.to_str().unwrap());
        assert!(error.contains("exists: choose another name"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        let error = refused("/nowhere/at/all.csv");
        assert!(error.contains("folder /nowhere/at does not exist"), "{error}");
    }
}
