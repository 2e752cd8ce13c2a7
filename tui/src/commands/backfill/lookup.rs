//! One region's answers: `LookupEvents`, page after page, at the pace that CloudTrail allows, and slower
//! where it says so.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::retry::RetryConfig;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::Event;
use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::aws::{Call, Refusal};
use crate::commands::backfill::plan::Question;

/// The most events that CloudTrail gives at once.
pub(crate) const PAGE: i32 = 50;
/// Two calls a second, for an account in a region.
const PACE: Duration = Duration::from_millis(500);
/// The first wait after a call that was one too many, or had no answer; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Tries of one call: minutes in all.
const TRIES: u32 = 8;

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
    pub(crate) name: String,
    client: Client,
    pace: Interval,
    steps: mpsc::Sender<Step>,
}

impl Region {
    pub(crate) fn new(number: usize, name: String, config: &SdkConfig, steps: mpsc::Sender<Step>) -> Self {
        // Tries of the SDK's own would not keep the pace.
        let config = aws_sdk_cloudtrail::config::Builder::from(config).retry_config(RetryConfig::disabled());
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { number, name, client: Client::from_conf(config.build()), pace, steps }
    }

    /// Asks all of it, and hands over what comes. It ends early where nobody wants to know any more.
    pub(crate) async fn ask(mut self, questions: Vec<Question>, (since, until): (Timestamp, Timestamp)) {
        for (number, question) in questions.iter().enumerate() {
            let mut token = None;
            loop {
                let answer = match self.page(question, (since, until), token.take()).await {
                    Ok(answer) => answer,
                    Err(why) => {
                        let call = Call {
                            service: "CloudTrail",
                            action: "cloudtrail:LookupEvents",
                            on: &format!("* in {}", self.name),
                        };
                        let why = why.explain(call);
                        drop(self.steps.send(Step::Failed { region: self.number, why }).await);
                        return;
                    }
                };
                token = answer.next_token;
                let events = answer.events.unwrap_or_default();
                let step = Step::Page { region: self.number, question: number, events };
                if self.steps.send(step).await.is_err() {
                    return;
                }
                if token.is_none() {
                    break;
                }
            }
        }
    }

    async fn page(
        &mut self,
        question: &Question,
        (since, until): (Timestamp, Timestamp),
        token: Option<String>,
    ) -> Result<LookupEventsOutput, Refusal> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            self.pace.tick().await;
            let asked = self
                .client
                .lookup_events()
                .set_lookup_attributes(question.attribute().map(|attribute| vec![attribute]))
                .start_time(DateTime::from_secs(since.as_second()))
                .end_time(DateTime::from_secs(until.as_second()))
                .max_results(PAGE)
                .set_next_token(token.clone());
            let why = match asked.send().await {
                Ok(answer) => return Ok(answer),
                Err(error) => Refusal::of(&error),
            };
            if !why.may_pass() || tries >= TRIES {
                return Err(why);
            }
            tries += 1;
            let word = why.message().to_string();
            drop(self.steps.send(Step::Waits { region: self.number, wait, why: word }).await);
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }
}
