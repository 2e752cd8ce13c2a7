//! An SQS queue, long-polled for ever: receive, store, and only then delete. What waits in it is asked
//! seldom (`backlog`); whether the way to it is whole is tried seldom too (`probe`). What is said here of alerts
//! goes to other consoles (`speaker`).

mod backlog;
mod probe;
mod speaker;

use std::time::Duration;

use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName, QueueAttributeName,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;

use self::backlog::{Answer, Backlog, Brought};
use self::probe::{Post, Prober, Reading};
use super::message::{self, Read};
use super::topic::{self, Topic};
use super::{Health, TopicSettings};
use crate::app::Msg;
use crate::store::{AlarmChange, Store};

/// Both are the most that SQS allows.
const BATCH: i32 = 10;
const LONG_POLL: i32 = 20;
/// A connection can die without a word (a laptop that slept, a VPN that dropped). A try may take
/// the long poll and a little more, and all tries of a call together twice that.
const ATTEMPT: Duration = Duration::from_secs(30);
const CALL: Duration = Duration::from_secs(65);
const CONNECT: Duration = Duration::from_secs(5);
/// How many messages wait is nice to know, and nothing that the next receive waits long for.
const NICE_TO_KNOW: Duration = Duration::from_secs(2);
/// The waits between tries that fail: doubled from the first to the last.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(super) async fn run(
    queue_url: String,
    profile: Option<String>,
    region: Option<String>,
    topic: Option<TopicSettings>,
    store: Store,
    app: mpsc::Sender<Msg>,
) {
    run_for(queue_url, profile, region, topic, store, app, None).await;
}

/// A message that somebody waits for.
#[derive(Debug)]
pub(crate) struct Awaited {
    /// What is in its body and in no other's.
    pub(crate) text: String,
    /// Told when it was sent to the queue, as soon as it is stored and deleted.
    pub(crate) told: mpsc::UnboundedSender<Option<Timestamp>>,
}

/// The same, for somebody who waits for one message besides.
pub(crate) async fn run_for(
    queue_url: String,
    profile: Option<String>,
    region: Option<String>,
    topic: Option<TopicSettings>,
    store: Store,
    app: mpsc::Sender<Msg>,
    awaited: Option<Awaited>,
) {
    let config = config(&queue_url, profile, region).await;
    let console = topic::names(&queue_url).1.to_owned();
    let post = topic.and_then(|settings| {
        let topic = Topic::new(&config, settings.arn);
        tokio::spawn(speaker::run(topic.clone(), store.clone(), app.clone()));
        let every = settings.probe_every?;
        let (prober, post) = Prober::new(topic, every, console.clone(), store.clone(), app.clone());
        tokio::spawn(prober.run());
        Some(post)
    });
    // The SDK asks where its region's queues are, whatever host the URL names.
    let is_of_aws = region_of(&queue_url).is_some();
    let host = config.endpoint_url().or_else(|| is_of_aws.then_some(queue_url.as_str())).and_then(host);
    let queue = Queue { client: Client::new(&config), url: queue_url, host, console, store, post, awaited };
    let mut failures = 0_u32;
    let mut last_receive = None;
    let mut backlog = Backlog::default();
    // A short first poll: an empty queue answers within a second, and the screen can say "live".
    let mut wait = 1;
    loop {
        let received = queue.receive(wait).await;
        if let Some(post) = &queue.post {
            post.read(match &received {
                Ok(brought) if brought.messages > 0 => Reading::Busy,
                Ok(_) => Reading::Empty,
                Err(_) => Reading::Failed,
            });
        }
        let health = match received {
            Ok(brought) => {
                failures = 0;
                wait = LONG_POLL;
                let now = Timestamp::now();
                last_receive = Some(now);
                if backlog.received(brought, now) {
                    backlog.told(queue.messages().await, now);
                }
                Health::Live { last_receive: now, waiting: backlog.waiting() }
            }
            Err(why) => {
                tracing::warn!("{why}");
                let pause = back_off(failures);
                failures = failures.saturating_add(1);
                let next = Timestamp::now() + SignedDuration::try_from(pause).unwrap_or(SignedDuration::ZERO);
                if app.send(Msg::Health(Health::Retrying { why, next, last_receive })).await.is_err() {
                    return;
                }
                tokio::time::sleep(pause).await;
                continue;
            }
        };
        if app.send(Msg::Health(health)).await.is_err() {
            return;
        }
    }
}

struct Queue {
    client: Client,
    url: String,
    /// Its console's name.
    console: String,
    /// Who is asked, as far as that is known.
    host: Option<String>,
    store: Store,
    /// None where there are no probes.
    post: Option<Post>,
    awaited: Option<Awaited>,
}

impl Queue {
    async fn receive(&self, wait: i32) -> Result<Brought, String> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(BATCH)
            .wait_time_seconds(wait)
            .message_attribute_names("kind")
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .send()
            .await
            .map_err(|error| {
                explain("receive", self.host.as_deref(), &error, error.code(), error.message())
            })?;
        let messages = answer.messages.unwrap_or_default();
        if messages.is_empty() {
            return Ok(Brought::default());
        }
        let now = Timestamp::now();
        let came = tokio::time::Instant::now();
        let (mut batch, mut alarms, mut said) = (Vec::new(), Vec::new(), Vec::new());
        for message in &messages {
            let id = message.message_id().unwrap_or("without-id");
            match message::read(id, kind(message), message.body().unwrap_or_default(), now) {
                Read::Entry(entry) => batch.push(entry),
                Read::Alarm(alarm) => alarms.push(alarm),
                Read::Said(Some(word)) => said.push(word),
                Read::Said(None) => tracing::warn!(
                    message = id,
                    "another console says of an alert what this version does not know: update sentinel-tui"
                ),
                Read::Probe(probe) => {
                    let is_ours = self.post.as_ref().is_some_and(|post| post.came(&probe, came));
                    // Somebody on this machine may wait for it: `doctor`.
                    if !is_ours && probe.console == self.console {
                        let change = AlarmChange::Probe(probe.id);
                        self.store.alarms(change).await.map_err(|error| error.to_string())?;
                    }
                }
            }
        }
        // Not stored, not deleted: SQS brings it again.
        if !batch.is_empty() {
            self.store.insert(batch).await.map_err(|error| error.to_string())?;
        }
        if !alarms.is_empty() {
            self.store.alarms(AlarmChange::Came(alarms)).await.map_err(|error| error.to_string())?;
        }
        if !said.is_empty() {
            self.store.hear(said).await.map_err(|error| error.to_string())?;
        }
        self.delete(&messages).await;
        if let Some(awaited) = &self.awaited {
            let is_it = |message: &&Message| message.body().is_some_and(|body| body.contains(&awaited.text));
            // Whoever waited may be gone by now.
            for message in messages.iter().filter(is_it) {
                let _ = awaited.told.send(sent(message));
            }
        }
        Ok(Brought { messages: messages.len(), oldest: messages.iter().filter_map(sent).min() })
    }

    /// About how many messages wait, where the queue says so soon.
    async fn messages(&self) -> Answer {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let asked = self.client.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        match tokio::time::timeout(NICE_TO_KNOW, asked.send()).await {
            Ok(Ok(answer)) => {
                let messages = answer.attributes.as_ref().and_then(|attributes| attributes.get(&name));
                messages.and_then(|messages| messages.parse().ok()).map_or(Answer::None, Answer::Messages)
            }
            Ok(Err(error)) => {
                tracing::info!("how many messages wait is not told: {}", DisplayErrorContext(&error));
                let refused = error.code().is_some_and(|code| code.contains("AccessDenied"));
                if refused { Answer::Refused } else { Answer::None }
            }
            Err(_) => Answer::None,
        }
    }

    /// A delete that fails brings the message again, and the store knows it: nothing to do but say so.
    async fn delete(&self, messages: &[Message]) {
        let entries = messages.iter().enumerate().filter_map(|(n, message)| {
            let handle = message.receipt_handle()?;
            DeleteMessageBatchRequestEntry::builder().id(n.to_string()).receipt_handle(handle).build().ok()
        });
        let request = self.client.delete_message_batch().queue_url(&self.url);
        match request.set_entries(Some(entries.collect())).send().await {
            Ok(answer) if answer.failed().is_empty() => {}
            Ok(answer) => tracing::warn!("{} messages could not be deleted", answer.failed().len()),
            Err(error) => tracing::warn!("delete: {}", DisplayErrorContext(&error)),
        }
    }
}

/// When a message was sent to the queue.
fn sent(message: &Message) -> Option<Timestamp> {
    let millis = message.attributes()?.get(&MessageSystemAttributeName::SentTimestamp)?;
    Timestamp::from_millisecond(millis.parse().ok()?).ok()
}

/// What its attribute says that it is.
pub(crate) fn kind(message: &Message) -> Option<&str> {
    message.message_attributes()?.get("kind")?.string_value()
}

/// How AWS is reached: whose credentials, which region, how long to wait.
pub(crate) async fn config(queue_url: &str, profile: Option<String>, region: Option<String>) -> SdkConfig {
    let http = aws_smithy_http_client::Builder::new()
        .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
            aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
        ))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    // It looks ten times a second whether bytes flow, and so wakes a console that only waits; these
    // calls are small, and the time limits above end those that hang.
    let unwatched = StalledStreamProtectionConfig::disabled();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .stalled_stream_protection(unwatched);
    if let Some(region) = region.or_else(|| region_of(queue_url)) {
        loader = loader.region(Region::new(region));
    }
    if let Some(profile) = profile {
        loader = loader.profile_name(profile);
    }
    loader.load().await
}

/// The host of a URL, with its port.
fn host(url: &str) -> Option<String> {
    let host = url.split_once("://")?.1.split('/').next()?;
    // What stands before an @ is somebody's name and word.
    let host = host.rsplit('@').next().filter(|host| !host.is_empty())?;
    Some(host.to_owned())
}

/// A queue's URL names its region, and no other region knows the queue.
fn region_of(queue_url: &str) -> Option<String> {
    let host = queue_url.split_once("://")?.1.split(['/', ':']).next()?;
    let region = host.strip_prefix("sqs.")?.split(".amazonaws.").next()?;
    (host.contains(".amazonaws.") && region.contains('-')).then(|| region.to_owned())
}

/// Doubles up to a minute, less up to a quarter by chance, so that many consoles that lost one
/// network do not come back in step.
fn back_off(failures: u32) -> Duration {
    let whole = FIRST_WAIT.saturating_mul(1 << failures.min(6)).min(LONGEST_WAIT);
    let chance = f64::from(Timestamp::now().subsec_nanosecond().unsigned_abs() % 1_000) / 1_000.0;
    whole.mul_f64(1.0 - chance / 4.0)
}

/// What helps against an error of this code, where that is known.
pub(crate) fn help(code: &str) -> Option<&'static str> {
    Some(match code {
        "AWS.SimpleQueueService.NonExistentQueue" | "QueueDoesNotExist" => {
            "check --queue-url and the account of your credentials"
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            "renew your credentials (aws sso login, or what your team uses)"
        }
        "AccessDenied" | "AccessDeniedException" => {
            "these credentials may not read the queue; attach the console policy that Terraform made"
        }
        "InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch" => {
            "these credentials are not valid; check AWS_PROFILE"
        }
        _ => return None,
    })
}

/// Says what failed and what helps. SQS's own message where it gave one; else the innermost cause.
fn explain(
    what: &str,
    host: Option<&str>,
    error: &(dyn std::error::Error + 'static),
    code: Option<&str>,
    message: Option<&str>,
) -> String {
    if let Some(code) = code {
        let help = help(code).map(|help| format!(": {help}")).unwrap_or_default();
        return format!("SQS refuses to {what}: {code} {}{help}", message.unwrap_or_default());
    }
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let whole = DisplayErrorContext(error).to_string();
    if whole.contains("signing region") || whole.contains("region must be set") {
        return "no region: the queue's URL does not name one; set --region or AWS_REGION".to_owned();
    }
    if whole.contains("credentials") || whole.contains("identity") {
        return format!("no credentials: {cause}; set AWS_PROFILE, or run aws sso login");
    }
    let host = host.map(|host| format!(" at {host}")).unwrap_or_default();
    format!("cannot reach SQS{host}: {cause}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_is_the_queues() {
        let of = |url| region_of(url);
        assert_eq!(of("https://sqs.eu-west-1.amazonaws.com/111122223333/q").as_deref(), Some("eu-west-1"));
        assert_eq!(of("https://sqs.cn-north-1.amazonaws.com.cn/1/q").as_deref(), Some("cn-north-1"));
        assert_eq!(of("http://127.0.0.1:5000/123456789012/q"), None);
        assert_eq!(of("https://queue.amazonaws.com/1/q"), None);
    }

    #[test]
    fn the_host_is_told_without_what_is_secret() {
        assert_eq!(
            host("https://sqs.eu-west-1.amazonaws.com/1/q").as_deref(),
            Some("sqs.eu-west-1.amazonaws.com")
        );
        assert_eq!(host("http://me:word@127.0.0.1:5000/1/q").as_deref(), Some("127.0.0.1:5000"));
        assert_eq!((host("q"), host("http:///q")), (None, None));
    }

    #[test]
    fn waits_grow_to_a_minute_and_never_beyond() {
        let waits: Vec<_> = [0, 1, 5, 6, 40].into_iter().map(back_off).collect();
        assert!(waits[0] <= FIRST_WAIT && waits[0] >= FIRST_WAIT.mul_f64(0.75));
        assert!(waits[1] > FIRST_WAIT && waits[3] > LONGEST_WAIT.mul_f64(0.7) && waits[4] <= LONGEST_WAIT);
    }
}
