//! Private files and folders: alerts and settings are for their owner only.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Makes the folder that a file is to be in, and those above it, for their owner only.
pub(crate) fn make_folder_of(path: &Path) -> io::Result<()> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| io::Error::other(format!("can't create folder {}: {error}", folder.display())))
}

/// Links that are followed where the last one leads to nothing.
const MOST_LINKS: usize = 40;

/// Returns the path of a file by which it is the same whatever links it is named by; it may not be there yet.
pub(crate) fn real(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let Ok(target) = path.read_link() else { break };
        path = path.parent().map_or_else(|| target.clone(), |folder| folder.join(&target));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let real = folder.unwrap_or(Path::new(".")).canonicalize();
    real.ok().zip(path.file_name()).map_or(path.clone(), |(folder, name)| folder.join(name))
}

/// Makes a file that only its owner may read. One that is there is left as it is, and is an error
/// (`AlreadyExists`).
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a file the name `to`, which must be free (`AlreadyExists` otherwise); it may keep its own besides.
pub(crate) fn name(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        // A file system without links has a rename, and a moment between the two.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            if to.exists() {
                Err(io::ErrorKind::AlreadyExists.into())
            } else {
                std::fs::rename(from, to)
            }
        }
        linked => linked,
    }
}

/// Puts this text in the place of what the file held, whole or not at all, whatever happens meanwhile;
/// only its owner may read it.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_added_extension(format!("{}-{number}", std::process::id()));
    // Left behind by another process of this number.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&beside, path)).inspect_err(|_| {
        let _ = std::fs::remove_file(&beside);
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_not_be_made_is_named_and_is_no_file_that_is_there() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let file = file.path();
        let error = make_folder_of(&file.join("config.toml")).unwrap_err();
        assert!(error.to_string().contains(&*file.to_string_lossy()), "{error}");
        assert_ne!(
            error.kind(),
            io::ErrorKind::AlreadyExists,
            "`config init` would say that its file is there"
        );
    }
}
