//! Takes the terminal over and gives it back: on a normal end, an error, a panic and a signal, all
//! by the same [`restore`], once.

use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::time::Duration;

use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue, style};

/// Whether the terminal is ours. Held while a frame is written, so that none comes after the
/// terminal was given back by another thread.
static TAKEN: Mutex<bool> = Mutex::new(false);
static HOOK: Once = Once::new();

/// The exit code that Rust programs end with when they panic.
const PANICKED: i32 = 101;

/// The terminal is ours while this lives.
pub(super) struct TerminalGuard(());

impl TerminalGuard {
    pub(super) fn enter() -> io::Result<Self> {
        // Before anything is taken, so that a panic half-way gives it back too.
        HOOK.call_once(|| {
            let previous = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                restore();
                previous(panic);
                // Of whatever thread or task: without it the console would go on half dead. What was
                // received is on disk, and what was not stored is still in the queue.
                std::process::exit(PANICKED);
            }));
        });
        // crossterm obeys NO_COLOR by dropping every attribute, the reverse video of the selection
        // included. We obey it ourselves, in the theme.
        style::force_color_output(true);
        enable_raw_mode()?;
        *hold() = true;
        let guard = Self(());
        let mut out = io::stdout();
        queue!(out, EnterAlternateScreen, cursor::Hide)?;
        out.flush()?;
        Ok(guard)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// Waits for the terminal; what it gives says whether it is ours.
pub(super) fn hold() -> MutexGuard<'static, bool> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`hold`], but not for ever: the thread that panicked may be the one that was drawing.
fn hold_if_possible() -> Option<MutexGuard<'static, bool>> {
    for _ in 0..100 {
        match TAKEN.try_lock() {
            Ok(taken) => return Some(taken),
            Err(TryLockError::Poisoned(taken)) => return Some(taken.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    None
}

/// Gives the terminal back, if it is taken. The reverse of taking it; what fails is passed over,
/// since the rest must be done all the same.
pub(super) fn restore() {
    let mut held = hold_if_possible();
    if held.as_ref().is_some_and(|taken| !**taken) {
        return;
    }
    let mut out = io::stdout();
    let _ = queue!(out, EndSynchronizedUpdate, style::ResetColor, cursor::Show, LeaveAlternateScreen);
    let _ = out.flush();
    let _ = disable_raw_mode();
    if let Some(taken) = held.as_mut() {
        **taken = false;
    }
}
