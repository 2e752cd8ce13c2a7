//! Reads on a thread of its own, a few pieces ahead of whoever wants them.

use std::io::{self, Read};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread::{self, Scope};

/// Bytes in a piece, and pieces that may wait.
const PIECE: usize = 256 * 1024;
const AHEAD: usize = 4;

/// Input that another thread reads.
pub(super) struct ReadAhead {
    /// An empty piece is the end. Without one, the thread has not come to its end.
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    used: usize,
    ended: bool,
}

impl ReadAhead {
    /// Starts reading.
    ///
    /// # Errors
    /// Returns an error where no thread can be started.
    pub(super) fn start<'scope>(
        scope: &'scope Scope<'scope, '_>,
        input: impl Read + Send + 'scope,
    ) -> io::Result<Self> {
        let (pieces_in, pieces) = mpsc::sync_channel(AHEAD);
        let read = move || read(input, &pieces_in);
        thread::Builder::new().name("replay-ahead".to_owned()).spawn_scoped(scope, read)?;
        Ok(Self { pieces, piece: Vec::new(), used: 0, ended: false })
    }
}

fn read(mut input: impl Read, pieces: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        // One read a piece: what has come is handed on, however little it is.
        let read = match input.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let last = !matches!(read, Ok(1..));
        let sent = pieces.send(read.map(|length| {
            piece.truncate(length);
            piece
        }));
        if last || sent.is_err() {
            return;
        }
    }
}

impl Read for ReadAhead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used == self.piece.len() && !self.ended {
            let next = self.pieces.recv().map_err(|_| io::Error::other("reader thread ended early"))?;
            // After an error too there is nothing more.
            self.ended = !matches!(&next, Ok(piece) if !piece.is_empty());
            (self.piece, self.used) = (next?, 0);
        }
        let read = self.piece.get(self.used..).unwrap_or_default().read(buffer)?;
        self.used += read;
        Ok(read)
    }
}
