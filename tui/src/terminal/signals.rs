//! Signals: those that end the process (the first asks the console to end, a second ends it at
//! once), and those that stop and continue it.

use std::io;

use tokio::sync::mpsc;

use super::Event;

/// Sends each to the app.
#[cfg(unix)]
pub(crate) fn forward(app: &mpsc::Sender<Event>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    for kind in kinds {
        let mut stream = signal(kind)?;
        let app = app.clone();
        let number = u8::try_from(kind.as_raw_value()).unwrap_or(0);
        tokio::spawn(async move {
            stream.recv().await;
            // A full inbox must not swallow it.
            if app.try_send(Event::Signal(number)).is_ok() {
                stream.recv().await;
            }
            super::guard::restore();
            std::process::exit(i32::from(128 + number));
        });
    }
    // Stopped from outside it gives the terminal back first; continued, it takes it again.
    let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
    let go_on = SignalKind::from_raw(rustix::process::Signal::CONT.as_raw());
    for (kind, event) in [(stop, Event::Suspend), (go_on, Event::Continued)] {
        let mut stream = signal(kind)?;
        let app = app.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                // A full inbox must not swallow it.
                if app.send(event).await.is_err() {
                    break;
                }
            }
        });
    }
    Ok(())
}

/// Sends each to the app.
#[cfg(not(unix))]
pub(crate) fn forward(app: &mpsc::Sender<Event>) -> io::Result<()> {
    let app = app.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            drop(app.send(Event::Signal(2)).await);
        }
    });
    Ok(())
}
