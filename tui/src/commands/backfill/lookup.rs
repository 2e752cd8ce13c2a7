//! One region's answers, question after question.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudtrail::types::Event;
use jiff::Timestamp;
use tokio::sync::mpsc;

use crate::aws::EventHistory;
use crate::commands::backfill::plan::Question;

/// A word of a region.
#[derive(Debug)]
pub(crate) enum Step {
    /// Some events, newest first.
    Page { region: usize, question: usize, events: Vec<Event> },
    /// It waits so long before it tries again.
    Waits { region: usize, wait: Duration, why: String },
    /// It could not be asked.
    Failed { region: usize, why: String },
}

/// A region that is asked.
pub(crate) struct Region {
    pub(crate) number: usize,
    history: EventHistory,
    steps: mpsc::Sender<Step>,
}

impl Region {
    pub(crate) fn new(number: usize, name: String, config: &SdkConfig, steps: mpsc::Sender<Step>) -> Self {
        Self { number, history: EventHistory::new(name, config), steps }
    }

    /// Asks all of it, and hands over what comes. It ends early where nobody wants to know any more.
    pub(crate) async fn ask(mut self, questions: Vec<Question>, span: (Timestamp, Timestamp)) {
        let (region, steps) = (self.number, self.steps);
        for (question, asked) in questions.iter().enumerate() {
            let mut token = None;
            loop {
                // A word that finds no room is not missed: another one stands before it.
                let waits = |wait, why| drop(steps.try_send(Step::Waits { region, wait, why }));
                let answer = match self.history.page(asked.attribute(), span, token.take(), waits).await {
                    Ok(answer) => answer,
                    Err(why) => {
                        let why = self.history.explain(&why);
                        drop(steps.send(Step::Failed { region, why }).await);
                        return;
                    }
                };
                token = answer.next_token;
                let events = answer.events.unwrap_or_default();
                if steps.send(Step::Page { region, question, events }).await.is_err() {
                    return;
                }
                if token.is_none() {
                    break;
                }
            }
        }
    }
}
