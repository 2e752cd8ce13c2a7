//! All that runs without the screen. `inputs.rs` and `replay::request` also build the console's source, for
//! `main.rs`. Three commands work on the pipeline itself:
//!
//! ```text
//!  test-alert   PutEvents ──► rule ──► function ──► topic ──► own queue ──► store      (each hop timed)
//!  backfill     CloudTrail's LookupEvents ──► the same detector ──► store what never arrived
//!  redrive      dead-letter queue ──► the queue it was on its way to
//! ```
//!
//! Results go to standard output, messages to standard error.

pub(crate) mod backfill;
pub(crate) mod calls;
pub(crate) mod context;
pub(crate) mod doctor;
pub(crate) mod exit;
pub(crate) mod export;
pub(crate) mod incidents;
pub(crate) mod inputs;
mod pipeline;
pub(crate) mod redrive;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod tail;
pub(crate) mod test_alert;

use std::io;
use std::process::ExitCode;

use tokio::runtime::Runtime;

pub(crate) use pipeline::Pipeline;

use self::exit::{failed, failed_usage, written};
use crate::aws::AwsError;
use crate::cli::{Cli, Command};
use crate::store::StoreError;

/// Reason why a command could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperateError {
    /// Wrong use of the command: an option, a setting or a file that it names.
    #[error("{0}")]
    Usage(String),
    /// Something outside refused or did not answer; the text says what to do.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Rules(#[from] rules::RulesError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Of standard output, or of the runtime.
    #[error("can't write to standard output: {0}")]
    Output(#[from] io::Error),
}

/// Runs a command against the pipeline.
pub(crate) fn operate(command: Command, cli: &Cli) -> ExitCode {
    let path = match inputs::database(cli) {
        Ok(path) => path,
        Err(error) => return failed(&error),
    };
    let detector = || Ok::<_, OperateError>(inputs::detector(cli.rules.as_deref())?.0);
    let keep = inputs::retention(cli);
    let code = match command {
        Command::TestAlert(options) => detector()
            .and_then(|detector| test_alert::run(&options, cli, &detector, &path, keep))
            .map(|well| u8::from(!well)),
        Command::Backfill(options) => {
            detector().and_then(|detector| backfill::run(&options, cli, &detector, &path, keep))
        }
        Command::Redrive(options) => redrive::run(&options, cli, &path),
        _ => Ok(0),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(OperateError::Output(error)) => written(Err(error)),
        Err(OperateError::Usage(error)) => failed_usage(&error),
        Err(OperateError::Aws(error)) => failed_usage(&error),
        Err(error) => failed(&error),
    }
}

fn runtime() -> io::Result<Runtime> {
    // The main thread writes: a slow reader of standard output must not hold up what is received.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// `1 alert`, `1,204 alerts`.
fn count(number: u64, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {name}{plural}", crate::format::number(number))
}
