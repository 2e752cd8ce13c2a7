//! The function's settings, from its environment.

use std::time::Duration;

use crate::{Severity, Watched};

use super::slack::{Hosts, Webhook, WebhookSource};

/// Sender of the posts to Slack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlackDelivery {
    /// The invocation that detects also posts.
    Direct,
    /// An SQS queue subscribed to the topic brings alerts back, and each is retried by itself.
    Queue,
}

/// Milliseconds between two posts of one instance. Slack takes about one a second. The queue's
/// trigger runs two instances, and there is no telling how many detect.
const PACE_QUEUE: u64 = 2_000;
const PACE_DIRECT: u64 = 1_000;
/// With a longer pace than this a batch could not be told in the time that the function has.
const LONGEST_PACE: u64 = 15_000;
/// Minutes from one canary to the next, where nobody says.
const USUAL_CANARY: u16 = 5;

/// The topic of links, and the links that are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Links {
    /// ARN of the topic.
    pub(super) topic: String,
    /// True where links of instances, functions and pods are published too.
    pub(super) machines: bool,
}

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Settings {
    pub(super) topic: Option<String>,
    /// Topic of links; `None` where they are not published.
    pub(super) links: Option<Links>,
    pub(super) webhook: Option<WebhookSource>,
    pub(super) webhook_hosts: Hosts,
    pub(super) dead_letter_queue: Option<String>,
    pub(super) canary_minutes: u16,
    pub(super) delivery: SlackDelivery,
    pub(super) min_severity: Severity,
    pub(super) pace: Duration,
    pub(super) function: String,
    pub(super) watched: Watched,
}

/// A setting that can't be used. Never holds a secret.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{name}: {why}")]
pub struct SettingsError {
    name: &'static str,
    why: String,
}

/// Reads which links are published, and where.
fn links(topic: Option<String>, which: Option<&str>) -> Result<Option<Links>, SettingsError> {
    let machines = match which {
        None | Some("default") => false,
        Some("all") => true,
        Some("none") => return Ok(None),
        Some(other) => {
            let why = format!("unknown value `{other}`: use default, all or none");
            return Err(SettingsError { name: "LINKS", why });
        }
    };
    if let Some(topic) = topic.as_deref().filter(|topic| !topic.starts_with("arn:")) {
        let why = format!("`{topic}` is not the ARN of a topic");
        return Err(SettingsError { name: "LINKS_TOPIC_ARN", why });
    }
    Ok(topic.map(|topic| Links { topic, machines }))
}

impl Settings {
    /// Reads the settings: `SNS_TOPIC_ARN`, `SLACK_WEBHOOK` or `SLACK_WEBHOOK_PARAMETER`,
    /// `SLACK_DELIVERY` (`direct`, the default, or `queue`), `SLACK_MIN_SEVERITY` (`LOW`),
    /// `SLACK_PACE_MS` (the least time between two posts; 2000 with the queue, else 1000),
    /// `SLACK_WEBHOOK_HOSTS` (hosts besides Slack's own that the webhook may name, with commas between
    /// them), `SLACK_DEAD_LETTER_QUEUE_URL` (where messages of the Slack queue go that nobody can read;
    /// unset, they stay in it), `CANARY_MINUTES` (from one canary to the next; 5), `LINKS_TOPIC_ARN` (where
    /// links are published; unset, none are), `LINKS` (`default`; `all`: those of instances, functions and
    /// pods too; `none`), `WATCHED`
    /// (JSON: lists of names as in `rules/watched.yml`, added to those that are built in).
    /// Empty counts as unset.
    ///
    /// # Errors
    /// Returns an error where a value is none of those allowed.
    pub fn from_env(env: impl Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        let get = |name| env(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        // A webhook in the wrong variable must not come back in an error.
        let secret = |value: &str| value.contains("://");
        for name in [
            "SLACK_WEBHOOK_PARAMETER",
            "SLACK_DELIVERY",
            "SLACK_MIN_SEVERITY",
            "SLACK_PACE_MS",
            "SNS_TOPIC_ARN",
            "LINKS_TOPIC_ARN",
        ] {
            if get(name).as_deref().is_some_and(secret) {
                return Err(SettingsError {
                    name,
                    why: "contains a URL, which is allowed in SLACK_WEBHOOK only".into(),
                });
            }
        }
        let webhook_hosts = Hosts::new(get("SLACK_WEBHOOK_HOSTS").as_deref().unwrap_or_default());
        let webhook = match (get("SLACK_WEBHOOK"), get("SLACK_WEBHOOK_PARAMETER")) {
            (_, Some(name)) => Some(WebhookSource::Parameter(name)),
            (Some(url), None) => Some(WebhookSource::Plain(
                Webhook::new(&url, &webhook_hosts)
                    .map_err(|why| SettingsError { name: "SLACK_WEBHOOK", why: why.to_string() })?,
            )),
            (None, None) => None,
        };
        let delivery = match get("SLACK_DELIVERY").as_deref() {
            None | Some("direct") => SlackDelivery::Direct,
            Some("queue") => SlackDelivery::Queue,
            Some(other) => {
                let why = format!("unknown value `{other}`: use direct or queue");
                return Err(SettingsError { name: "SLACK_DELIVERY", why });
            }
        };
        let min_severity = get("SLACK_MIN_SEVERITY")
            .map_or(Ok(Severity::Low), |text| text.parse::<Severity>())
            .map_err(|error| SettingsError { name: "SLACK_MIN_SEVERITY", why: error.to_string() })?;
        let topic = get("SNS_TOPIC_ARN");
        if let Some(topic) = &topic
            && !topic.starts_with("arn:")
        {
            let why = format!("`{topic}` is not the ARN of a topic");
            return Err(SettingsError { name: "SNS_TOPIC_ARN", why });
        }
        let links = links(get("LINKS_TOPIC_ARN"), get("LINKS").as_deref())?;
        let pace = match get("SLACK_PACE_MS") {
            None if delivery == SlackDelivery::Queue => PACE_QUEUE,
            None => PACE_DIRECT,
            Some(text) => text.parse().ok().filter(|pace| *pace <= LONGEST_PACE).ok_or_else(|| {
                let why = format!("`{text}` is not a number of milliseconds from 0 to {LONGEST_PACE}");
                SettingsError { name: "SLACK_PACE_MS", why }
            })?,
        };
        let canary_minutes = get("CANARY_MINUTES").map_or(Ok(USUAL_CANARY), |text| {
            text.parse().ok().filter(|minutes| (1..=60).contains(minutes)).ok_or_else(|| {
                let why = format!("`{text}` is not a number of minutes from 1 to 60");
                SettingsError { name: "CANARY_MINUTES", why }
            })
        })?;
        let dead_letter_queue = get("SLACK_DEAD_LETTER_QUEUE_URL");
        let function = get("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "local".to_owned());
        let watched = get("WATCHED")
            .map_or(Ok(Watched::default()), |text| serde_json::from_str(&text))
            .map_err(|error| SettingsError {
                name: "WATCHED",
                why: format!("{error}; must be lists of names as JSON"),
            })?;
        Ok(Self {
            topic,
            links,
            webhook,
            webhook_hosts,
            dead_letter_queue,
            canary_minutes,
            delivery,
            min_severity,
            pace: Duration::from_millis(pace),
            function,
            watched,
        })
    }

    /// Says once, at the start, what is not set and what that means.
    pub(super) fn log_what_is_missing(&self) {
        if self.topic.is_none() {
            tracing::warn!("SNS_TOPIC_ARN is not set: alerts go to Slack only, not to consoles");
        }
        if self.webhook.is_none() {
            tracing::warn!("neither SLACK_WEBHOOK_PARAMETER nor SLACK_WEBHOOK is set: no messages to Slack");
        }
        if self.topic.is_none() && self.delivery == SlackDelivery::Queue {
            tracing::warn!("SLACK_DELIVERY is queue, but requires SNS_TOPIC_ARN: posting directly");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        Settings::from_env(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_set_is_allowed() {
        let none = settings(&[("SNS_TOPIC_ARN", " ")]).unwrap();
        assert_eq!((none.topic, none.webhook), (None, None));
        assert_eq!((none.delivery, none.min_severity), (SlackDelivery::Direct, Severity::Low));
    }

    #[test]
    fn a_parameter_wins_over_a_plain_webhook() {
        let both = settings(&[
            ("SLACK_WEBHOOK", "https://hooks.slack.com/services/T/B/secret"),
            ("SLACK_WEBHOOK_PARAMETER", "/sentinel/webhook"),
            ("SLACK_DELIVERY", "queue"),
            ("SLACK_MIN_SEVERITY", "high"),
        ]);
        let both = both.unwrap();
        assert_eq!(both.webhook, Some(WebhookSource::Parameter("/sentinel/webhook".into())));
        assert_eq!((both.delivery, both.min_severity), (SlackDelivery::Queue, Severity::High));
    }

    #[test]
    fn the_pace_follows_the_delivery_unless_it_is_said() {
        let pace = |pairs: &[(&str, &str)]| settings(pairs).unwrap().pace.as_millis();
        assert_eq!(pace(&[]), 1_000);
        assert_eq!(pace(&[("SLACK_DELIVERY", "queue")]), 2_000);
        assert_eq!(pace(&[("SLACK_DELIVERY", "queue"), ("SLACK_PACE_MS", "500")]), 500);
        for text in ["-1", "2 s", "15001"] {
            let error = settings(&[("SLACK_PACE_MS", text)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("SLACK_PACE_MS: `{text}` is not a number")), "{error}");
        }
    }

    #[test]
    fn links_need_a_topic() {
        let links = |pairs: &[(&str, &str)]| {
            settings(pairs).map(|settings| settings.links.map(|links| links.machines))
        };
        let topic = ("LINKS_TOPIC_ARN", "arn:aws:sns:us-east-1:111122223333:sentinel-links");
        assert_eq!(links(&[("LINKS", "all")]), Ok(None));
        assert_eq!(links(&[topic]), Ok(Some(false)));
        assert_eq!(links(&[topic, ("LINKS", "all")]), Ok(Some(true)));
        assert_eq!(links(&[topic, ("LINKS", "none")]), Ok(None));
        let wrong = links(&[topic, ("LINKS", "x")]).unwrap_err().to_string();
        assert_eq!(wrong, "LINKS: unknown value `x`: use default, all or none");
    }

    #[test]
    fn watched_names_are_lists_in_json() {
        let some =
            settings(&[("WATCHED", r#"{"roles": ["break-glass*"], "detector": ["iam-sentinel"]}"#)]).unwrap();
        assert!(some.watched.roles.has("break-glass-1") && some.watched.detector.has("iam-sentinel"));
        let error = settings(&[("WATCHED", r#"{"rolls": []}"#)]).unwrap_err().to_string();
        assert!(error.starts_with("WATCHED: ") && error.contains("rolls"), "{error}");
    }

    #[test]
    fn errors_name_the_setting_and_never_the_secret() {
        let text = |pairs| settings(pairs).unwrap_err().to_string();
        assert_eq!(
            text(&[("SLACK_DELIVERY", "pigeon")]),
            "SLACK_DELIVERY: unknown value `pigeon`: use direct or queue"
        );
        assert!(text(&[("SLACK_MIN_SEVERITY", "x")]).contains("LOW, MEDIUM, HIGH or CRITICAL"));
        assert!(text(&[("SNS_TOPIC_ARN", "alerts")]).contains("not the ARN"));
        let error = text(&[("SLACK_WEBHOOK_PARAMETER", "https://hooks.slack.com/services/T/B/secret")]);
        assert!(error.contains("SLACK_WEBHOOK_PARAMETER") && !error.contains("secret"), "{error}");
        let error = text(&[("SLACK_WEBHOOK", "ftp://hooks.slack.com/services/T/B/secret")]);
        assert!(error.contains("https") && !error.contains("secret"), "{error}");
    }
}
