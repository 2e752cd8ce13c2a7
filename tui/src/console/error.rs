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
    #[error(transparent)]
    Keymap(#[from] KeymapError),
}
