//! Export of the database's alerts to a file or to standard output.

use std::process::ExitCode;

use super::exit::{failed, written};
use super::inputs;
use crate::cli::{self, Cli};
use crate::export::{self, ExportError};
use crate::filter::criteria::Criteria;

/// Writes the alerts that are asked for.
pub(crate) fn run(options: cli::Export, cli: &Cli) -> ExitCode {
    let wanted = Criteria {
        since: options.since.map(|moment| moment.0),
        until: options.until.map(|moment| moment.0),
        severity: options.min_severity,
        filter: options.filter,
    };
    let path = match inputs::database(cli) {
        Ok(path) => path,
        Err(error) => return failed(&error),
    };
    match export::run(&path, options.output.as_deref(), options.format, &wanted) {
        Ok(()) => ExitCode::SUCCESS,
        Err(ExportError::Output(error)) => written(Err(error)),
        Err(error) => failed(&error),
    }
}
