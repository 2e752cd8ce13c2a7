//! Records around an alert, from log files: all of them are read again, and only those parsed whose text has the
//! property. So nothing has to be kept of a replay.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use detector::Detector;
use regex::bytes::RegexBuilder;
use tokio::sync::mpsc;

use super::{Question, Step};
use crate::filter::criteria::Criteria;
use crate::source::replay::{ENDED_EARLY, Found, Next, Replay, Request, Scope};

/// Between two looks at what was found.
const PACE: Duration = Duration::from_millis(100);
/// Records that are handed over in one go.
const MANY: usize = 500;

/// Reads the files, and hands over what it finds. Blocks; ends early where nobody wants to know any more.
pub(crate) fn read(
    question: &Question,
    paths: Vec<PathBuf>,
    detector: Arc<Detector>,
    steps: &mpsc::Sender<Step>,
) {
    let texts: Vec<String> = question.by.each().iter().map(|by| regex::escape(by.text())).collect();
    let pattern = RegexBuilder::new(&texts.join("|")).build();
    let wanted = Criteria { since: Some(question.since), until: Some(question.until), ..Criteria::default() };
    let request = Request::headless(paths, wanted, detector, Scope::Calls(pattern.into_iter().collect()));
    let mut replay = match Replay::start(request) {
        Ok(replay) => replay,
        Err(error) => {
            drop(steps.blocking_send(failed(format!("can't start a thread: {error}"))));
            return;
        }
    };
    let mut found = Vec::new();
    loop {
        let next = replay.next(PACE);
        let is_pause = matches!(next, Next::Nothing | Next::End);
        let is_end = matches!(next, Next::End);
        match next {
            Next::Found(Found::Call(call)) if question.takes(&call.0) => found.push(*call),
            Next::Found(Found::Unread(why, _)) => {
                if steps.blocking_send(failed(why)).is_err() {
                    return;
                }
            }
            Next::Found(_) | Next::Nothing | Next::End => {}
        }
        if found.len() >= MANY || (is_pause && !found.is_empty()) {
            let found = std::mem::take(&mut found);
            if steps.blocking_send(Step::Calls { found, asked: 0 }).is_err() {
                return;
            }
        }
        if is_end {
            break;
        }
        if steps.is_closed() {
            return;
        }
    }
    if replay.progress.progress().unfinished > 0 {
        drop(steps.blocking_send(failed(ENDED_EARLY.to_owned())));
    }
}

const fn failed(why: String) -> Step {
    Step::Failed { why, denied: None }
}
