//! Ctrl-C in a redrive: the first ends it once what is in hand is finished, the second at once.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::commands::redrive::post::IN_HAND;

/// Exit code that a shell reports for a program that Ctrl-C ended.
pub(crate) const INTERRUPTED: u8 = 130;

/// True once somebody has pressed Ctrl-C.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens from here on.
    pub(crate) fn listen() -> io::Result<Self> {
        let stop = Self::default();
        let theirs = stop.clone();
        let mut presses = Presses::listen()?;
        tokio::spawn(async move {
            presses.next().await;
            theirs.0.store(true, Ordering::Relaxed);
            eprintln!("sentinel-tui: finishing the current batch; press Ctrl-C again to stop at once");
            presses.next().await;
            eprintln!(
                "sentinel-tui: stopped: received messages stay hidden for up to {} minutes, and a message \
                 being sent may be sent again by the next run",
                IN_HAND.as_secs() / 60
            );
            // The main thread may be waiting for an answer, or for somebody to read what it writes.
            std::process::exit(i32::from(INTERRUPTED));
        });
        Ok(stop)
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Ctrl-C, again and again: what is pressed between two looks is not lost.
struct Presses {
    #[cfg(unix)]
    signal: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Presses {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { signal: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        if self.signal.recv().await.is_none() {
            // Nothing will come any more.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(not(unix))]
impl Presses {
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
