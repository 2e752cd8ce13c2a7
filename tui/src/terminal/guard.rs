//! Takes the terminal over and gives it back: on a normal end, an error, a panic, a signal and a stop,
//! all by the same [`restore`], once.

use std::io::{self, Write as _};
use std::sync::mpsc::channel;
use std::sync::{Mutex, MutexGuard, Once, PoisonError, TryLockError};
use std::time::Duration;

use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, queue, style};

use super::environment;
use super::stdout::standard_output;

/// True while the console has taken the terminal over. Locked while a frame is written, so that no frame
/// follows after another thread has given the terminal back.
static TAKEN: Mutex<bool> = Mutex::new(false);
static HOOK: Once = Once::new();

/// The exit code that Rust programs end with when they panic.
const PANICKED: i32 = 101;
/// Longest time that a terminal that does not read can delay the end of the process.
const PATIENCE: Duration = Duration::from_millis(500);

/// Buttons, wheel and drags, in coordinates of any size; not crossterm's `EnableMouseCapture`, which
/// also asks for every move of the mouse, and so wakes the console for nothing.
pub(super) const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
pub(super) const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// The window's title onto the terminal's stack, and back from it (XTWINOPS, in xterm's `ctlseqs`).
const KEEP_TITLE: &[u8] = b"\x1b[22;2t";
const TITLE_BACK: &[u8] = b"\x1b[23;2t";

/// The terminal is ours while this lives.
pub(super) struct TerminalGuard(());

impl TerminalGuard {
    pub(super) fn enter(mouse: bool) -> io::Result<Self> {
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
        let guard = Self(());
        take(mouse)?;
        Ok(guard)
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        restore();
    }
}

/// Takes the terminal, though it may be ours in part already: a shell that had it meanwhile has made
/// of its modes what it likes.
pub(super) fn take(mouse: bool) -> io::Result<()> {
    let mut taken = hold();
    // crossterm thinks that it still has raw mode, after a stop that nobody was asked about.
    disable_raw_mode()?;
    enable_raw_mode()?;
    // After a stop that nobody was asked about, the title of before is kept already.
    let keep_title = !std::mem::replace(&mut *taken, true) && environment::has_title();
    let mut bytes = Vec::new();
    queue!(bytes, EnterAlternateScreen, cursor::Hide, EnableBracketedPaste, EnableFocusChange)?;
    if keep_title {
        bytes.extend_from_slice(KEEP_TITLE);
    }
    if mouse {
        bytes.extend_from_slice(MOUSE_ON);
    }
    standard_output()?.write_all(&bytes)
}

/// Waits for the terminal; what it gives says whether it is ours.
pub(super) fn hold() -> MutexGuard<'static, bool> {
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// As [`hold`], but not for ever: a frame may hang in a terminal that does not read.
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
    let mut bytes = Vec::new();
    let _ = queue!(bytes, EndSynchronizedUpdate);
    bytes.extend_from_slice(MOUSE_OFF);
    if environment::has_title() {
        bytes.extend_from_slice(TITLE_BACK);
    }
    let _ = queue!(
        bytes,
        DisableFocusChange,
        DisableBracketedPaste,
        style::ResetColor,
        cursor::Show,
        LeaveAlternateScreen
    );
    write_with_patience(bytes);
    let _ = disable_raw_mode();
    if let Some(taken) = held.as_mut() {
        **taken = false;
    }
}

/// Writes, and goes on where the terminal does not take it: the process has to end all the same.
fn write_with_patience(bytes: Vec<u8>) {
    let (done, answer) = channel();
    let write = move || {
        let _ = standard_output().and_then(|mut out| out.write_all(&bytes));
        let _ = done.send(());
    };
    if std::thread::Builder::new().spawn(write).is_ok() {
        let _ = answer.recv_timeout(PATIENCE);
    }
}
