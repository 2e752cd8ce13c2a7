//! A program in a terminal of its own, and the screen that it draws.

use std::io::{Read as _, Write};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// The longest wait for something to be on the screen.
const PATIENCE: Duration = Duration::from_secs(120);

/// A pseudo-terminal with a program in it.
pub(crate) struct Pty {
    /// Closing it would hang up.
    pub(crate) master: Box<dyn MasterPty + Send>,
    input: Box<dyn Write + Send>,
    pub(crate) child: Box<dyn Child + Send + Sync>,
    /// Output so far, and a signal for each change of it.
    pub(crate) output: Arc<(Mutex<Output>, Condvar)>,
}

/// Output of the program.
pub(crate) struct Output {
    pub(crate) parser: vt100::Parser,
    pub(crate) bytes: Vec<u8>,
    ended: bool,
}

impl Drop for Pty {
    fn drop(&mut self) {
        // A test that fails must not leave it running.
        let _ = self.child.kill();
    }
}

impl Pty {
    pub(crate) fn start(command: CommandBuilder, columns: u16, rows: u16) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let parser = vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0);
        let output =
            Arc::new((Mutex::new(Output { parser, bytes: Vec::new(), ended: false }), Condvar::new()));
        let shared = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let mut output = shared.0.lock().unwrap();
                let new = buffer.get(..read).unwrap_or_default();
                output.parser.process(new);
                output.bytes.extend(new);
                output.ended = read == 0;
                shared.1.notify_all();
                if read == 0 {
                    break;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        Self { master: pair.master, input, child, output }
    }

    /// Types.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Waits until the screen is so.
    pub(crate) fn wait_for(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let end = Instant::now() + PATIENCE;
        let (lock, changed) = &*self.output;
        let mut output = lock.lock().unwrap();
        loop {
            let screen = output.parser.screen().contents();
            if is_so(&screen) {
                return screen;
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !output.ended, "waited in vain for {what}:\n{screen}");
            output = changed.wait_timeout(output, left).unwrap().0;
        }
    }

    /// Waits for the program's end, and for all that it has written.
    pub(crate) fn wait_for_end(&mut self) -> u32 {
        let code = self.end_of_child();
        let modes = format!("{:?}", self.master.get_termios().unwrap().local_flags);
        assert!(modes.contains("ICANON") && modes.contains("ECHO"), "it leaves raw mode on: {modes}");
        let (lock, changed) = &*self.output;
        let mut output = lock.lock().unwrap();
        while !output.ended {
            output = changed.wait_timeout(output, PATIENCE).unwrap().0;
        }
        code
    }

    fn end_of_child(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < end, "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
