//! New files that hold what is not everybody's business: alerts, and settings.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a file that only its owner may read. One that is there is left as it is, and is an error
/// (`AlreadyExists`).
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
