//! Frames go out from a thread of its own: a terminal that does not read (Ctrl-S, a frozen ssh) stops
//! this thread and nothing else. One frame at a time, each in one write.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::guard;
use super::stdout::standard_output;

/// Buffer that a frame is drawn into before it is written.
#[derive(Clone, Default)]
pub(super) struct Paper(Rc<RefCell<Vec<u8>>>);

impl Paper {
    /// Returns the frame, and leaves the buffer empty.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.borrow_mut())
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The thread that writes.
pub(super) struct Writer {
    frames: SyncSender<Vec<u8>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    busy: AtomicBool,
    written: Notify,
    failure: Mutex<Option<io::Error>>,
}

impl Writer {
    pub(super) fn start() -> io::Result<Self> {
        let mut out = standard_output()?;
        let (frames, inbox) = sync_channel::<Vec<u8>>(1);
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let write = move || {
            for frame in inbox {
                let taken = guard::hold();
                // A terminal that was given back meanwhile gets nothing more.
                let result = if *taken { out.write_all(&frame) } else { Ok(()) };
                drop(taken);
                if let Err(error) = result {
                    *theirs.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
                theirs.busy.store(false, Ordering::Release);
                theirs.written.notify_one();
            }
        };
        std::thread::Builder::new().name("screen".to_owned()).spawn(write)?;
        Ok(Self { frames, shared })
    }

    /// Hands a frame over. An error is one of an earlier frame.
    pub(super) fn write(&self, frame: Vec<u8>) -> io::Result<()> {
        if let Some(error) = self.shared.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        self.shared.busy.store(true, Ordering::Release);
        self.frames.send(frame).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }

    pub(super) fn is_busy(&self) -> bool {
        self.shared.busy.load(Ordering::Acquire)
    }

    pub(super) async fn written(&self) {
        while self.is_busy() {
            self.shared.written.notified().await;
        }
    }
}
