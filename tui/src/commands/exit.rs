//! Exit codes, and the line on standard error that explains them.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

/// Returns the exit code of a command that has written to standard output; `false` is a failure that is
/// written there already.
pub(crate) fn written(result: io::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever read the alerts has read enough: `| head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => failed(&format_args!("can't write to standard output: {error}")),
    }
}

/// Reports an error in the request itself: exit code 2.
pub(crate) fn failed_usage(error: &dyn Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::from(2)
}

/// Reports an error: exit code 1.
pub(crate) fn failed(error: &dyn Display) -> ExitCode {
    eprintln!("sentinel-tui: {error}");
    ExitCode::FAILURE
}
