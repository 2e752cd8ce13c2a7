//! The function's probe: a message of kind `probe` that it publishes to the alerts topic with each canary.
//! A console that receives it knows that its queue still hears that topic, which its own probe over the
//! topic of consoles does not show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The version of the message that this code writes, and the highest that it reads.
pub const VERSION: u32 = 1;

/// The message: one JSON object. A reader skips fields that it does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineProbe {
    /// [`VERSION`].
    pub version: u32,
    /// The function's name, which is the pipeline's.
    pub pipeline: String,
    /// Seconds until the next one is due.
    pub every: u32,
    /// Time at which the function published it.
    pub at: Timestamp,
}
