//! Export of the database's alerts to a file or to standard output.

use std::process::ExitCode;

use super::exit::{failed, failed_usage, written};
use super::inputs;
use crate::cli::{self, Cli};
use crate::export::{self, ExportError};
use crate::store::StoreError;

/// Writes the alerts that are asked for.
pub(crate) fn run(options: cli::Export, cli: &Cli) -> ExitCode {
    let mut wanted = options.bounds.and(options.filter);
    let path = match inputs::database(cli) {
        Ok(path) => path,
        Err(error) => return failed(&error),
    };
    match export::run(&path, options.output.as_deref(), options.format, &mut wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ExportError::Output(error)) => written(Err(error)),
        // The filter names it.
        Err(ExportError::Store(error @ StoreError::NoAlert(_))) => failed_usage(&error),
        Err(error) => failed(&error),
    }
}
