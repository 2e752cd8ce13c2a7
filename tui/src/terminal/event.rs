//! Events of the terminal and of the process that runs in it.

/// Event of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A signal that ends the process, by its number; also that the terminal is gone.
    Signal(u8),
    /// The process is asked to stop, as by Ctrl-Z.
    Suspend,
    /// The process goes on after a stop.
    Continued,
}
