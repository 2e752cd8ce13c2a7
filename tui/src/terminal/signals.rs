//! Signals that end the process: the first asks the console to end, a second ends it at once.

use std::io;

use tokio::sync::mpsc;

use crate::app::Msg;

/// Sends each to the app.
#[cfg(unix)]
pub(crate) fn forward(app: &mpsc::Sender<Msg>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
    for kind in kinds {
        let mut stream = signal(kind)?;
        let app = app.clone();
        let number = u8::try_from(kind.as_raw_value()).unwrap_or(0);
        tokio::spawn(async move {
            stream.recv().await;
            // A full inbox must not swallow it.
            if app.try_send(Msg::Signal(number)).is_ok() {
                stream.recv().await;
            }
            super::guard::restore();
            std::process::exit(i32::from(128 + number));
        });
    }
    Ok(())
}

/// Sends each to the app.
#[cfg(not(unix))]
pub(crate) fn forward(app: &mpsc::Sender<Msg>) -> io::Result<()> {
    let app = app.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            drop(app.send(Msg::Signal(2)).await);
        }
    });
    Ok(())
}
