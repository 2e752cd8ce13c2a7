//! Ends the console when its terminal is gone, also where no SIGHUP comes: to a session that was
//! left by `setsid`, or after the shell was killed.

use std::io;

use tokio::sync::mpsc;

use super::Event;

/// SIGHUP, as every Unix numbers it.
#[cfg(unix)]
const HANGUP: u8 = 1;

/// Watches from a thread of its own that sleeps until then; nothing wakes it before.
#[cfg(unix)]
pub(crate) fn watch(app: &mpsc::Sender<Event>) -> io::Result<()> {
    use std::io::IsTerminal as _;
    use std::os::fd::AsFd as _;

    use rustix::event::{PollFd, PollFlags, poll};

    let terminal = if io::stdin().is_terminal() {
        io::stdin().as_fd().try_clone_to_owned()?
    } else {
        // Records come from standard input, keys from the terminal.
        std::fs::File::open("/dev/tty")?.into()
    };
    let app = app.clone();
    let work = move || {
        loop {
            // Asked for nothing, it returns for a hang-up only.
            let mut watched = [PollFd::new(&terminal, PollFlags::empty())];
            match poll(&mut watched, None) {
                // The BSDs say so of a terminal that they can't watch.
                Ok(_) if watched.iter().all(|fd| fd.revents().contains(PollFlags::NVAL)) => return,
                Ok(_) => break,
                Err(rustix::io::Errno::INTR) => {}
                // It can't be watched here; the signal is what is left.
                Err(_) => return,
            }
        }
        let _ = app.blocking_send(Event::Signal(HANGUP));
    };
    std::thread::Builder::new().name("hang-up".to_owned()).spawn(work)?;
    Ok(())
}

/// Windows ends what was in a window that is closed.
#[cfg(not(unix))]
pub(crate) fn watch(_app: &mpsc::Sender<Event>) -> io::Result<()> {
    Ok(())
}
