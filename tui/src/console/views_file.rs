//! The file of the saved views, beside the database: JSON, an object of names, each with its view.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::app::query::saved_views::{ViewChange, Views};
use crate::files;

/// Reason why views can't be read or saved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ViewsError {
    #[error("can't read the saved views in {path}: {why}; left unchanged, fix or remove the file")]
    Read { path: PathBuf, why: String },
    #[error("can't save the views in {path}: {source}; they apply until you quit")]
    Write { path: PathBuf, source: io::Error },
}

/// Reads the views. No file is no views.
pub(crate) fn load(path: &Path) -> Result<Views, ViewsError> {
    let error = |why: String| ViewsError::Read { path: path.to_owned(), why };
    match std::fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|why| error(why.to_string())),
        Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(Views::new()),
        Err(why) => Err(error(why.to_string())),
    }
}

/// Changes the saved views. They are read again first, since another console may have changed them.
pub(crate) fn change(path: &Path, change: ViewChange) -> Result<Views, ViewsError> {
    // Two changes in a row must not read the same file.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut views = load(path)?;
    match change {
        ViewChange::Save(name, view) => drop(views.insert(name, view)),
        ViewChange::Remove(name) => drop(views.remove(&name)),
    }
    let error = |source| ViewsError::Write { path: path.to_owned(), source };
    let text = serde_json::to_string_pretty(&views).map_err(|why| error(why.into()))?;
    files::make_folder_of(path).map_err(error)?;
    files::replace(path, &(text + "\n")).map_err(error)?;
    Ok(views)
}

#[cfg(test)]
mod tests {
    use crate::app::query::columns::TimeStyle;
    use crate::app::query::saved_views::SavedView;
    use crate::console::views_file::*;

    #[test]
    fn views_come_back_and_what_can_not_be_read_is_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("deep/views.json");
        assert_eq!(load(&path).unwrap(), Views::new());
        let filters = vec!["severity>=high".into(), "-actor:ci".into()];
        let night = ViewChange::Save("night".into(), SavedView { filters, ..SavedView::default() });
        change(&path, night).unwrap();
        let both = change(&path, ViewChange::Save("all".into(), SavedView::default())).unwrap();
        assert_eq!((load(&path).unwrap(), both.len(), both["night"].filters.len()), (both.clone(), 2, 2));
        assert_eq!(change(&path, ViewChange::Remove("night".into())).unwrap().len(), 1);
        std::fs::write(&path, r#"{"old": ["sev:high"], "new": {"filters": [], "times": "local"}}"#).unwrap();
        let read = load(&path).unwrap();
        assert_eq!((read["old"].filters.len(), read["new"].times), (1, Some(TimeStyle::Local)));
        std::fs::write(&path, "{").unwrap();
        let error = change(&path, ViewChange::Remove("all".into())).unwrap_err().to_string();
        assert!(error.contains("fix or remove the file"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{");
    }
}
