//! Records around an alert, from log files: all of them are read again, and only those parsed whose text has the
//! property. So nothing has to be kept of a replay.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use detector::Detector;
use regex::bytes::RegexBuilder;
use tokio::sync::mpsc;

use super::issued::{Issued, ROUNDS};
use super::{By, Question, Step};
use crate::filter::criteria::Criteria;
use crate::source::replay::{ENDED_EARLY, Found, Next, Replay, Request, Scope};

/// Between two looks at what was found.
const PACE: Duration = Duration::from_millis(100);
/// Records that are handed over in one go.
const MANY: usize = 500;

/// Reads the files, and hands over what it finds; for an incident once more with the keys that its records issued.
/// Blocks; ends early where nobody wants to know any more.
pub(crate) fn read(
    question: &Question,
    paths: Vec<PathBuf>,
    detector: Arc<Detector>,
    steps: &mpsc::Sender<Step>,
) {
    let (mut question, mut issued) = (question.clone(), Issued::of(&question.by));
    for round in 0..ROUNDS {
        // Unreadable things are told once.
        let reading = Reading { question: &question, steps, tells: round == 0 };
        if reading.read(paths.clone(), Arc::clone(&detector), issued.as_mut()).is_break() {
            return;
        }
        let new = issued.as_mut().map(Issued::take).unwrap_or_default();
        if new.is_empty() {
            return;
        }
        question.by = By::Any(new);
    }
}

/// One reading of the files.
struct Reading<'a> {
    question: &'a Question,
    steps: &'a mpsc::Sender<Step>,
    /// True where it tells what can't be read.
    tells: bool,
}

impl Reading<'_> {
    /// Breaks where nobody wants to know any more.
    fn send(&self, step: Step) -> ControlFlow<()> {
        match self.steps.blocking_send(step) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    fn read(
        &self,
        paths: Vec<PathBuf>,
        detector: Arc<Detector>,
        mut issued: Option<&mut Issued>,
    ) -> ControlFlow<()> {
        let question = self.question;
        let texts: Vec<String> = question.by.each().iter().map(|by| regex::escape(by.text())).collect();
        let pattern = RegexBuilder::new(&texts.join("|")).build();
        let wanted =
            Criteria { since: Some(question.since), until: Some(question.until), ..Criteria::default() };
        let scope = Scope::Calls(pattern.into_iter().collect());
        let mut replay = match Replay::start(Request::headless(paths, wanted, detector, scope)) {
            Ok(replay) => replay,
            Err(error) => return self.send(failed(format!("can't start a thread: {error}"))),
        };
        let mut found = Vec::new();
        loop {
            let next = replay.next(PACE);
            let is_pause = matches!(next, Next::Nothing | Next::End);
            let is_end = matches!(next, Next::End);
            match next {
                Next::Found(Found::Call(call)) if question.takes(&call.0) => {
                    if let Some(issued) = &mut issued {
                        issued.add(&call.0, &call.1);
                    }
                    found.push(*call);
                }
                Next::Found(Found::Unread(why, _)) if self.tells => self.send(failed(why))?,
                Next::Found(_) | Next::Nothing | Next::End => {}
            }
            if found.len() >= MANY || (is_pause && !found.is_empty()) {
                self.send(Step::Calls { found: std::mem::take(&mut found), asked: 0 })?;
            }
            if is_end {
                break;
            }
            if self.steps.is_closed() {
                return ControlFlow::Break(());
            }
        }
        if replay.progress.progress().unfinished > 0 && self.tells {
            self.send(failed(ENDED_EARLY.to_owned()))?;
        }
        ControlFlow::Continue(())
    }
}

const fn failed(why: String) -> Step {
    Step::Failed { why, denied: None }
}
