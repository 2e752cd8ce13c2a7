//! A batch of the Slack queue, put in order before anything is told: what nobody can ever read is set
//! aside, what a later version may read goes back, what Slack need not hear is done, and the rest becomes
//! posts, the most urgent first.
//!
//! A storm is one actor's alerts in one post. CRITICAL alerts and the pipeline's own alarms stand
//! alone, and so do a few tests; tests come last, since they warn of nothing. Of an alarm only the
//! newest change is told. What the posts look like is [`super::slack`]'s matter.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::Value;

use super::input::{Input, Message};
use super::slack::actor;
use crate::alert::VERSION;
use crate::json;
use crate::{Alert, Health, Severity};

/// So many tests of a batch stand alone. Of more, one post tells all: anybody who may send events can
/// send them by the hundred, under any name.
const TESTS: usize = 3;

/// An alert, and the messages that brought it: SQS can bring one twice.
#[derive(Debug)]
pub(super) struct Queued {
    pub(super) alert: Box<Alert>,
    pub(super) messages: Vec<String>,
}

/// One thing to do.
#[derive(Debug)]
pub(super) enum Item {
    /// A post about these, the worst first. More than one are one actor's, or tests.
    Alerts(Vec<Queued>),
    /// A post about an alarm.
    Alarm(Box<Health>, String),
    /// An event that is fed back, to be looked at like a new one.
    Event(Box<Input>, String),
}

/// The batch in the order in which it is worked off.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<Item>,
    /// Messages that nobody can ever read, and why.
    pub(super) unreadable: Vec<(Message, String)>,
    /// Messages of a higher version, and why they can't be read yet.
    pub(super) later: Vec<(String, String)>,
}

impl Batch {
    /// Puts a batch in order. `wanted` says whether Slack is to hear of an alert at all.
    pub(super) fn of(messages: Vec<Message>, wanted: impl Fn(&Alert) -> bool) -> Self {
        let mut batch = Self::default();
        let mut alerts: Vec<Queued> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut alarms: Vec<(Box<Health>, String)> = Vec::new();
        for message in messages {
            match Content::of(&message) {
                Content::Alert(alert) if !wanted(&alert) => {}
                Content::Alert(alert) => {
                    let place = *places.entry(alert.id.0.clone()).or_insert(alerts.len());
                    match alerts.get_mut(place) {
                        Some(known) => known.messages.push(message.id),
                        None => alerts.push(Queued { alert, messages: vec![message.id] }),
                    }
                }
                Content::Alarm(health) => keep_newest(&mut alarms, health, message.id),
                Content::Event(input) => batch.items.push(Item::Event(input, message.id)),
                Content::NotForSlack => {}
                Content::Later(why) => batch.later.push((message.id, why)),
                Content::Unreadable(why) => batch.unreadable.push((message, why)),
            }
        }
        batch.items.extend(alarms.into_iter().map(|(health, message)| Item::Alarm(health, message)));
        batch.items.extend(folded(alerts));
        // Stable: what is equally urgent stays as it came.
        batch.items.sort_by_key(Item::urgency);
        batch
    }
}

impl Item {
    /// Returns the rank of an item, the most urgent first. Events that are fed back are quick, and may raise
    /// more alerts.
    fn urgency(&self) -> (u8, Reverse<Option<Severity>>) {
        let worst = match self {
            Self::Alerts(alerts) => alerts.first().map(|carried| carried.alert.severity),
            _ => None,
        };
        let class = match self {
            Self::Alerts(alerts) if alerts.iter().any(|carried| carried.alert.test) => 4,
            Self::Alerts(_) if worst == Some(Severity::Critical) => 0,
            Self::Alarm(..) => 1,
            Self::Event(..) => 2,
            Self::Alerts(_) => 3,
        };
        (class, Reverse(worst))
    }
}

/// An alarm that came and went for hours while Slack was away is told as it is now: what it was
/// before is done. Where two have no time, the one that came last is the newer.
fn keep_newest(alarms: &mut Vec<(Box<Health>, String)>, health: Box<Health>, message: String) {
    let same = |known: &Health| {
        known.alarm == health.alarm && known.account == health.account && known.region == health.region
    };
    match alarms.iter_mut().find(|(known, _)| same(known)) {
        Some((known, _)) if known.at > health.at => {}
        Some(known) => *known = (health, message),
        None => alarms.push((health, message)),
    }
}

/// One post for each CRITICAL alert and each of a few tests, and one for all else of each actor.
fn folded(mut alerts: Vec<Queued>) -> Vec<Item> {
    // The worst first, and of the same weight the oldest; an alert without a time is no older.
    alerts.sort_by_key(|carried| {
        (Reverse(carried.alert.severity), carried.alert.time.is_none(), carried.alert.time)
    });
    let (tests, alerts): (Vec<_>, Vec<_>) = alerts.into_iter().partition(|carried| carried.alert.test);
    let mut posts: Vec<Vec<Queued>> = match tests.len() {
        0..=TESTS => tests.into_iter().map(|test| vec![test]).collect(),
        _ => vec![tests],
    };
    let mut places = HashMap::new();
    for carried in alerts {
        if carried.alert.severity == Severity::Critical {
            posts.push(vec![carried]);
            continue;
        }
        let place = *places.entry(actor(&carried.alert)).or_insert(posts.len());
        match posts.get_mut(place) {
            Some(post) => post.push(carried),
            None => posts.push(vec![carried]),
        }
    }
    posts.into_iter().map(Item::Alerts).collect()
}

/// Content of a queue message.
enum Content {
    Alert(Box<Alert>),
    Alarm(Box<Health>),
    Event(Box<Input>),
    NotForSlack,
    /// A function of a later version can read it.
    Later(String),
    Unreadable(String),
}

impl Content {
    fn of(message: &Message) -> Self {
        let value = match json::read(message.body.as_bytes()) {
            Ok(value) => value,
            Err(error) => return Self::Unreadable(format!("message is not valid JSON: {error}")),
        };
        // A subscription without raw delivery wraps what was sent in SNS's envelope, attributes too.
        let attributes = value.get("MessageAttributes");
        let inner_kind =
            attributes.and_then(|all| all.get("kind")?.get("Value")?.as_str().map(str::to_owned));
        let value = match value.get("Message").and_then(Value::as_str) {
            Some(inner) => json::read(inner.as_bytes()).unwrap_or(Value::Null),
            None => value,
        };
        let is_alert = value.get("version").is_some() && value.get("severity").is_some();
        match message.kind.clone().or(inner_kind).as_deref() {
            Some("triage" | "probe") => Self::NotForSlack,
            // CloudWatch sets no attributes, and what comes over the topic of alerts has some: who may
            // publish there must not be able to say that an alarm has ended.
            Some(_) if Health::is_shape_of(&value) => Self::Unreadable(
                "alarm with the attribute `kind`, which CloudWatch never sets: not sent by CloudWatch"
                    .to_owned(),
            ),
            _ if is_alert => Self::alert(value),
            Some("alert") => Self::Unreadable("kind is alert, but the message is not an alert".to_owned()),
            // Of a later version: an alert has a severity, whatever its kind.
            Some(_) => Self::NotForSlack,
            None if Health::is_shape_of(&value) => Self::alarm(value),
            None => match Input::parse(value) {
                Ok(Input::Batch(_)) => Self::Unreadable("batch nested in a message".to_owned()),
                Ok(input) => Self::Event(Box::new(input)),
                Err(error) => Self::Unreadable(error.to_string()),
            },
        }
    }

    fn alarm(value: Value) -> Self {
        let is_news = Health::is_news(&value);
        match serde_json::from_value(value) {
            Ok(_) if !is_news => Self::NotForSlack,
            Ok(health) => Self::Alarm(Box::new(health)),
            Err(error) => Self::Unreadable(format!("unreadable alarm: {error}")),
        }
    }

    fn alert(value: Value) -> Self {
        let version = value.get("version").and_then(Value::as_u64);
        if version.is_some_and(|version| version > u64::from(VERSION)) {
            return Self::Later("alert version not supported by this function: update it".to_owned());
        }
        match serde_json::from_value(value) {
            Ok(alert) => Self::Alert(Box::new(alert)),
            Err(error) => Self::Unreadable(format!("unreadable alert: {error}")),
        }
    }
}
