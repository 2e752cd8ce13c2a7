//! A replay that is running: a thread lists the files, a worker on each core reads them, and the findings are
//! taken in the order of the files.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::seen::Seen;
use super::{Found, Next, Progress, Request, files, worker};

/// Files whose findings may wait for their turn, for each worker.
const FILES_AHEAD: usize = 4;
/// Findings of one file that may wait for their turn.
const FINDINGS_AHEAD: usize = 64;

/// A replay that is running.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) progress: Arc<Progress>,
    units: Receiver<Receiver<Found>>,
    current: Option<Receiver<Found>>,
    seen: Seen,
}

impl Replay {
    /// Starts reading. It ends by itself when this is dropped.
    pub(crate) fn start(request: Request) -> io::Result<Self> {
        let workers = thread::available_parallelism().map_or(1, usize::from);
        let progress = Arc::new(Progress::default());
        let (units_in, units) = mpsc::sync_channel(FILES_AHEAD * workers);
        let (work_in, work) = mpsc::sync_channel(FILES_AHEAD * workers);
        let work = Arc::new(Mutex::new(work));
        let summed = Arc::new(Mutex::new(Seen::default()));
        let named = |name: &str| thread::Builder::new().name(name.to_owned());
        for _ in 0..workers {
            let (work, progress) = (Arc::clone(&work), Arc::clone(&progress));
            let (detector, wanted) = (Arc::clone(&request.detector), request.wanted.clone());
            let (scope, summed) = (request.scope.clone(), Arc::clone(&summed));
            named("replay-worker")
                .spawn(move || worker::run(&work, (&detector, &scope), &wanted, &progress, &summed))?;
        }
        if request.shows_progress {
            let (paths, progress) = (request.paths.clone(), Arc::clone(&progress));
            named("replay-measure").spawn(move || progress.measure(&paths))?;
        }
        let (paths, listed) = (request.paths, Arc::clone(&progress));
        named("replay-files").spawn(move || {
            for file in files::all(&paths, &|what| listed.pass_over(what)) {
                let (findings_in, findings) = mpsc::sync_channel(FINDINGS_AHEAD);
                let sent = units_in.send(findings).is_ok()
                    && match file {
                        Ok(input) => {
                            listed.file_is_listed();
                            work_in.send(worker::Unit { input, findings: findings_in }).is_ok()
                        }
                        Err(why) => findings_in.send(Found::Unread(why, 1)).is_ok(),
                    };
                if !sent {
                    return;
                }
            }
        })?;
        Ok(Self { progress, units, current: None, seen: Seen::default() })
    }

    /// Returns the next finding, and waits for it no longer than this.
    pub(crate) fn next(&mut self, patience: Duration) -> Next {
        let end = Instant::now() + patience;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if let Some(findings) = &self.current {
                match findings.recv_timeout(left) {
                    Ok(Found::Alert(alert)) if !self.seen.is_new(&alert.id) => {
                        self.progress.alert_is_repeated();
                        continue;
                    }
                    Ok(Found::Call(call)) if !self.seen.is_new(&call.0.id) => {
                        self.progress.alert_is_repeated();
                        continue;
                    }
                    Ok(found) => return Next::Found(found),
                    Err(RecvTimeoutError::Timeout) => return Next::Nothing,
                    Err(RecvTimeoutError::Disconnected) => self.current = None,
                }
            }
            match self.units.recv_timeout(left) {
                Ok(findings) => self.current = Some(findings),
                Err(RecvTimeoutError::Timeout) => return Next::Nothing,
                Err(RecvTimeoutError::Disconnected) => return Next::End,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::criteria::Criteria;
    use crate::source::replay::Scope;
    use flate2::{Compression, write::GzEncoder};
    use std::fs;
    use std::io::Write as _;

    /// A small file, a gzipped one, a large one that is a stream, and one that is cut.
    #[test]
    fn each_byte_of_each_file_is_counted_once() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path();
        let record = r#"{"eventName":"ListUsers","eventSource":"iam.amazonaws.com"}"#;
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(record.repeat(50).as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        let large = usize::try_from(detector::log_file::WHOLE).unwrap() + 1;
        fs::write(folder.join("1.json"), record).unwrap();
        fs::write(folder.join("2.json.gz"), &packed).unwrap();
        fs::write(folder.join("3.json"), format!("{record}{}", "\n".repeat(large))).unwrap();
        fs::write(folder.join("4.json.gz"), &packed[..packed.len() / 2]).unwrap();
        let all: u64 =
            fs::read_dir(folder).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();

        let request =
            Request::headless(vec![folder.to_owned()], Criteria::default(), Arc::default(), Scope::Alerts);
        let mut replay = Replay::start(request).unwrap();
        let mut unread = 0;
        loop {
            match replay.next(Duration::from_secs(60)) {
                Next::Found(Found::Unread(..)) => unread += 1,
                Next::Found(_) => panic!("no record here raises an alert"),
                Next::Nothing => {}
                Next::End => break,
            }
        }
        let progress = replay.progress.progress();
        assert_eq!((progress.bytes, progress.files, unread), (all, 4, 1));
    }
}
