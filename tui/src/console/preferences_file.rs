//! The file of the preferences, beside the database: JSON.
//!
//! A file that can't be read is never overwritten: one with invalid contents is renamed, and one that
//! can't be opened or renamed is left alone and nothing is kept in this run.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::preferences::Preferences;
use crate::files;

/// Reason why the preferences can't be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PreferencesError {
    #[error("invalid preferences file ({why}): moved to {aside}, using the defaults")]
    Aside { why: String, aside: PathBuf },
    #[error(
        "can't read the preferences in {path}: {why}; fix or remove the file, until then nothing is saved"
    )]
    Read { path: PathBuf, why: String },
    #[error("can't save the preferences in {path}: {source}; they apply until you quit")]
    Write { path: PathBuf, source: io::Error },
}

/// Reads what is kept; none where nothing is.
pub(crate) fn load(path: &Path) -> Result<Option<Preferences>, PreferencesError> {
    let unread = |why: String| PreferencesError::Read { path: path.to_owned(), why };
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(why) => return Err(unread(why.to_string())),
    };
    let why = match serde_json::from_slice::<Preferences>(&bytes) {
        Ok(kept) => return Ok(Some(kept.sound())),
        Err(why) => why.to_string(),
    };
    let aside = (1..100_u32)
        .map(|number| path.with_added_extension(format!("damaged-{number}")))
        .find(|aside| !aside.exists());
    let Some(aside) = aside else { return Err(unread(why)) };
    match std::fs::rename(path, &aside) {
        Ok(()) => Err(PreferencesError::Aside { why, aside }),
        Err(_) => Err(unread(why)),
    }
}

/// Reads the preferences, which lie beside the saved views. Returns the file to write them to; `None` where nothing
/// may be written.
pub(super) fn start(views: Option<&Path>) -> (Result<Option<Preferences>, String>, Option<PreferencesFile>) {
    let Some(views) = views else { return (Ok(None), None) };
    let path = views.with_file_name("columns.json");
    let loaded = load(&path);
    // An unreadable file must not be written over.
    let is_writable = matches!(loaded, Ok(_) | Err(PreferencesError::Aside { .. }));
    let file = is_writable.then(|| PreferencesFile::new(path));
    (loaded.map_err(|error| error.to_string()), file)
}

/// Writes the file, one change after another; of changes that wait, only the last.
#[derive(Debug)]
pub(crate) struct PreferencesFile {
    path: PathBuf,
    waiting: Mutex<Option<Preferences>>,
    writing: Mutex<()>,
}

impl PreferencesFile {
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self { path, waiting: Mutex::new(None), writing: Mutex::new(()) }
    }

    /// Queues the preferences for [`Self::write`].
    pub(crate) fn queue(&self, preferences: Preferences) {
        *locked(&self.waiting) = Some(preferences);
    }

    /// Writes what waits. May block.
    pub(crate) fn write(&self) -> Result<(), PreferencesError> {
        let _one = locked(&self.writing);
        let Some(kept) = locked(&self.waiting).take() else { return Ok(()) };
        let error = |source| PreferencesError::Write { path: self.path.clone(), source };
        let text = serde_json::to_string_pretty(&kept).map_err(|why| error(why.into()))?;
        files::make_folder_of(&self.path).map_err(error)?;
        files::replace(&self.path, &(text + "\n")).map_err(error)
    }
}

/// Nothing that is locked here can be left half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::effect::{Effect, FileWork};
    use crate::app::list::sort::{Column, Sort};
    use crate::app::msg::Msg;
    use crate::app::query::columns::TimeStyle;
    use crate::app::query::columns::WIDEST;
    use crate::app::{State, update};
    use crate::model::testing::now;
    use crate::view::testing::{state_with, type_in};
    use crossterm::event::{KeyCode, KeyEvent};

    /// Types keys and returns the settings that they ask to be kept.
    fn kept(state: &mut State, keys: &str) -> Vec<Preferences> {
        let mut kept = Vec::new();
        for letter in keys.chars() {
            let code = if letter == '\u{1b}' { KeyCode::Esc } else { KeyCode::Char(letter) };
            for effect in update(state, Msg::Key(KeyEvent::from(code)), now()) {
                if let Effect::File(FileWork::SavePreferences(now)) = effect {
                    kept.push(now);
                }
            }
        }
        kept
    }

    #[test]
    fn columns_and_sort_come_back_with_the_next_run() {
        let mut state = state_with(120, 24, 4);
        assert_eq!(kept(&mut state, "jjGg/x\u{1b}"), [], "nothing has changed");
        let first = kept(&mut state, "sv");
        assert_eq!(first.len(), 1);
        let then = kept(&mut state, "OJ k++\u{1b}T");
        assert_eq!(then.len(), 2, "once the list of columns is closed, and the times");

        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let path = folder.join("deep/columns.json");
        assert_eq!(load(&path).unwrap(), None);
        let keeper = PreferencesFile::new(path.clone());
        first.into_iter().chain(then).for_each(|kept| keeper.queue(kept));
        keeper.write().unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }

        let mut next = state_with(120, 24, 4);
        next.restore(load(&path).unwrap().unwrap());
        assert_eq!(next.list().sort(), Sort { by: Column::Severity, reversed: false });
        assert_eq!(next.query().columns.placed, state.query().columns.placed);
        assert_eq!(next.query().columns.time, TimeStyle::Local);
        assert_eq!(kept(&mut next, "jk"), [], "as it was is no change");
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn the_mouse_and_what_was_run_by_name_are_kept() {
        let mut state = state_with(120, 24, 4);
        let key = |state: &mut State, code| update(state, Msg::Key(KeyEvent::from(code)), now());
        assert_eq!(kept(&mut state, ":filter severity>=high"), []);
        let asked = key(&mut state, KeyCode::Enter);
        assert!(matches!(asked.as_slice(), [.., Effect::File(FileWork::SavePreferences(_))]), "{asked:?}");
        assert_eq!(state.query().chips.chips[0].text, "severity>=high");
        let asked = key(&mut state, KeyCode::F(2));
        let [.., Effect::File(FileWork::SavePreferences(then))] = asked.as_slice() else {
            panic!("{asked:?}")
        };
        let text = serde_json::to_string(then).unwrap();
        let mut next = state_with(120, 24, 4);
        next.restore(serde_json::from_str::<Preferences>(&text).unwrap().sound());
        assert_eq!(
            (next.shell().mouse.chosen, next.shell().recent.as_slice()),
            (Some(false), ["filter severity>=high".to_owned()].as_slice())
        );
        // Kept by a version that knew neither.
        let old = r#"{"columns": [], "sort": {"by": "time", "reversed": false}, "times": "utc"}"#;
        next.restore(serde_json::from_str::<Preferences>(old).unwrap().sound());
        assert_eq!((next.shell().mouse.chosen, next.shell().recent.len()), (None, 0));
    }

    #[test]
    fn what_makes_no_sense_is_set_aside_and_what_can_not_be_read_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let path = folder.join("columns.json");
        for number in 1..3 {
            std::fs::write(&path, "{").unwrap();
            let error = load(&path).unwrap_err();
            let PreferencesError::Aside { aside, .. } = &error else { panic!("{error}") };
            assert_eq!(*aside, folder.join(format!("columns.json.damaged-{number}")));
            assert_eq!(std::fs::read_to_string(aside).unwrap(), "{");
        }
        assert!(load(&path).unwrap().is_none(), "and the next start is as the first");
        std::fs::create_dir(&path).unwrap();
        let error = load(&path).unwrap_err();
        assert!(
            matches!(&error, PreferencesError::Read { .. }) && error.to_string().contains("fix or remove"),
            "{error}"
        );
    }

    #[test]
    fn a_file_of_another_version_makes_no_second_column_and_none_without_end() {
        let text = r#"{"columns": [{"column": "event", "on": true, "wider": 32767}, {"column": "event", "on": false,
            "wider": 0}], "sort": {"by": "time", "reversed": false}, "times": "utc"}"#;
        let kept = serde_json::from_str::<Preferences>(text).unwrap().sound();
        assert_eq!(kept.columns.len(), Column::ALL.len());
        assert_eq!(
            (kept.columns[0].column, kept.columns[0].on, kept.columns[0].wider),
            (Column::Event, true, WIDEST)
        );
        let mut state = state_with(80, 24, 2);
        state.restore(kept);
        assert!(state.list().is_followed());
        type_in(&mut state, "OK");
    }
}
