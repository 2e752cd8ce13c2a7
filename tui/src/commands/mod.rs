//! Commands that an operator runs against the pipeline, without a screen: try it out, look for what it lost,
//! send on what it could not deliver.
//!
//! ```text
//!  test-alert   PutEvents ──► rule ──► function ──► topic ──► own queue ──► store      (each hop timed)
//!  backfill     CloudTrail's LookupEvents ──► the same detector ──► store what never arrived
//!  redrive      dead-letter queue ──► the queue it was on its way to
//! ```
//!
//! Results go to standard output, words to standard error. Nothing here is used by the console.

pub(crate) mod backfill;
pub(crate) mod doctor;
mod pipeline;
pub(crate) mod redrive;
pub(crate) mod replay;
pub(crate) mod rules;
pub(crate) mod tail;
pub(crate) mod test_alert;

use std::io;

use tokio::runtime::Runtime;

pub(crate) use pipeline::Pipeline;

use crate::aws::AwsError;
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
    Store(#[from] StoreError),
    /// Of standard output, or of the runtime.
    #[error("standard output can't be written: {0}")]
    Output(#[from] io::Error),
}

fn runtime() -> io::Result<Runtime> {
    // Standard output may be slow, and must not hold up what is received.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()
}

/// `1 alert`, `1,204 alerts`.
fn count(number: u64, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {name}{plural}", crate::format::number(number))
}
