//! Ctrl-Z: stops the console's whole job, so that the shell has the terminal until `fg`.

/// True where a shell can continue the process. A job of a shell has a process group of its own; in the
/// session's first group there is no shell that could run `fg`, as in a window that runs nothing else.
#[cfg(unix)]
pub(crate) fn is_possible() -> bool {
    use rustix::process::{getpgrp, getsid};
    getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Stops, with everything in its job: a pipe before it, a script around it. SIGSTOP and not SIGTSTP,
/// which is dropped in some groups and caught in ours. SIGCONT comes as a message of its own.
#[cfg(unix)]
pub(crate) fn stop() {
    if let Err(error) = rustix::process::kill_current_process_group(rustix::process::Signal::STOP) {
        tracing::warn!("could not stop: {error}");
    }
}

/// Windows has no jobs.
#[cfg(not(unix))]
pub(crate) const fn is_possible() -> bool {
    false
}

/// Windows has no jobs.
#[cfg(not(unix))]
pub(crate) const fn stop() {}
