//! CloudTrail's event history in one region: `LookupEvents`, page after page, at the pace that CloudTrail allows, and
//! slower where it says so.
//!
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::retry::RetryConfig;
use aws_sdk_cloudtrail::operation::lookup_events::LookupEventsOutput;
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::LookupAttribute;
use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{Call, Refusal};

/// The most events that CloudTrail gives at once.
const PAGE: i32 = 50;
/// Two calls a second, for an account in a region.
const PACE: Duration = Duration::from_millis(500);
/// The first wait after a call that was one too many, or had no answer; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Tries of one call: minutes in all.
const TRIES: u32 = 8;

/// The event history of a region.
#[derive(Debug)]
pub(crate) struct EventHistory {
    region: String,
    client: Client,
    pace: Interval,
}

impl EventHistory {
    pub(crate) fn new(region: String, config: &SdkConfig) -> Self {
        // Tries of the SDK's own would not keep the pace.
        let config = aws_sdk_cloudtrail::config::Builder::from(config).retry_config(RetryConfig::disabled());
        let mut pace = interval(PACE);
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { region, client: Client::from_conf(config.build()), pace }
    }

    /// Asks for one page of the events of a span, newest first, that have an attribute. `waits` hears of each wait
    /// before another try, with the reason.
    ///
    /// # Errors
    /// Returns the refusal that did not pass, or that was still there after the last try.
    pub(crate) async fn page(
        &mut self,
        attribute: Option<LookupAttribute>,
        (since, until): (Timestamp, Timestamp),
        token: Option<String>,
        mut waits: impl FnMut(Duration, String) + Send,
    ) -> Result<LookupEventsOutput, Refusal> {
        let mut wait = FIRST_WAIT;
        let mut tries = 1;
        loop {
            self.pace.tick().await;
            let asked = self
                .client
                .lookup_events()
                .set_lookup_attributes(attribute.clone().map(|attribute| vec![attribute]))
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
            waits(wait, why.message().to_string());
            tokio::time::sleep(wait).await;
            wait = wait.saturating_mul(2).min(LONGEST_WAIT);
        }
    }

    /// The region that it is of.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// Explains why the history can't be read, with the remedy.
    pub(crate) fn explain(&self, why: &Refusal) -> String {
        let on = format!("* in {}", self.region);
        why.explain(Call { service: "CloudTrail", action: "cloudtrail:LookupEvents", on: &on })
    }
}

/// An event history that answers each call so.
#[cfg(test)]
pub(crate) async fn stub(status: u16, body: serde_json::Value) -> wiremock::MockServer {
    let server = wiremock::MockServer::start().await;
    let answer =
        wiremock::ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/x-amz-json-1.1");
    let call = wiremock::matchers::header("x-amz-target", "CloudTrail_20131101.LookupEvents");
    wiremock::Mock::given(call).respond_with(answer).mount(&server).await;
    server
}
