//! Errors that keep the console from starting, or end it.

use crate::keymap::KeymapError;
use crate::store::StoreError;

/// Reason why the console could not start or had to stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsoleError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("terminal error: {0}")]
    Terminal(#[from] std::io::Error),
    #[error("no case {0} yet: name the log files to start it with, as in replay --case {0} logs/")]
    NoCase(String),
    #[error(transparent)]
    Keymap(#[from] KeymapError),
}
