//! The probe, the whole way: published to the topic, and waited for in the queue. What else is received
//! meanwhile is held and given back at the end, once each: which database it belongs into, the console
//! knows that reads this queue, and nobody else. Where such a console on this machine gets the probe
//! first, its database says so.

use std::path::Path;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, Message};
use jiff::Timestamp;
use serde_json::Value;
use tokio::time::Instant;

use crate::aws::{Call, Refusal};
use crate::commands::doctor::Finding;
use crate::commands::doctor::call::{PATIENCE, in_time};
use crate::format::number;
use crate::source::message::{self, Read};
use crate::source::sqs;
use crate::source::topic::{self, Topic};
use crate::store::Reader;

/// Behind more messages than this, the probe would not come in time, and each of them would have been
/// received once more.
const MOST_WAITING: u64 = 50;
/// Seconds that what is received is hidden from others: longer than we wait.
const HIDDEN: i32 = 30;
/// Seconds of a receive.
const POLL: i32 = 2;

/// The queue through which a probe must come back.
pub(crate) struct ProbedQueue<'a> {
    pub(crate) client: &'a Client,
    pub(crate) url: &'a str,
    /// The queue's ARN, where it says so.
    pub(crate) arn: Option<&'a str>,
    /// Messages that wait in it.
    pub(crate) waiting: u64,
    /// The database of the console that may read it.
    pub(crate) database: Option<&'a Path>,
}

/// Publishes one, and says how long it took or what is wrong.
pub(crate) async fn findings(topic: &Topic, queue: &ProbedQueue<'_>) -> Vec<Finding> {
    let mut findings: Vec<_> = of_another(topic, queue.arn).into_iter().collect();
    findings.extend(hears_alerts(topic, queue).await);
    if queue.waiting > MOST_WAITING {
        findings.push(Finding::note(
            format!("probe skipped: {} messages are waiting", number(queue.waiting)),
            "start the console to receive them; its header shows the probe (I for details)",
        ));
        return findings;
    }
    let probe = topic::probe(topic::names(queue.url).1);
    let start = Instant::now();
    match tokio::time::timeout(PATIENCE, topic.publish(&probe)).await {
        Ok(Ok(())) => {}
        Ok(Err(refused)) => {
            let what = format!("can't publish the probe to {}: {}", topic.arn.as_str(), refused.why);
            findings.push(Finding::wrong(what, refused.remedy));
            return findings;
        }
        Err(_) => {
            let call = Call { service: "SNS", action: "sns:Publish", on: topic.arn.as_str() };
            let why = Refusal::silent(PATIENCE.as_secs());
            let what = format!("can't publish the probe: {}", why.what(call));
            findings.push(Finding::wrong(what, why.remedy(call)));
            return findings;
        }
    }
    let mut held = Vec::new();
    let came = wait(queue, &probe.id, start, &mut held).await;
    give_back(queue, &held, &mut findings).await;
    match came {
        Ok(Some((took, by))) => {
            let took = format!("{:.1} s", took.as_secs_f64());
            findings.push(Finding::well(match by {
                By::Us => format!("probe received from the consoles topic through the queue in {took}"),
                By::Console => {
                    format!("probe received from the consoles topic by the running console, within {took}")
                }
            }));
        }
        Ok(None) => {
            let (what, remedy) = why_not(topic, queue).await;
            let what = format!(
                "probe published, not received through the queue within {} s: {what}",
                PATIENCE.as_secs()
            );
            findings.push(Finding::wrong(what, remedy));
        }
        Err(why) => {
            let call = Call { service: "SQS", action: "sqs:ReceiveMessage", on: queue.url };
            let what = format!("can't receive the probe: {}", why.what(call));
            findings.push(Finding::wrong(what, why.remedy(call)));
        }
    }
    findings
}

/// Receiver of the probe: this process, or a console that shares the database.
enum By {
    Us,
    Console,
}

/// Receives until the probe is there, by whomever, or it takes too long.
async fn wait(
    queue: &ProbedQueue<'_>,
    id: &str,
    start: Instant,
    held: &mut Vec<Message>,
) -> Result<Option<(Duration, By)>, Refusal> {
    let database = queue.database.filter(|path| path.exists()).and_then(|path| Reader::open(path).ok());
    while start.elapsed() < PATIENCE {
        let receive = queue
            .client
            .receive_message()
            .queue_url(queue.url)
            .max_number_of_messages(10)
            .wait_time_seconds(POLL)
            .visibility_timeout(HIDDEN)
            .set_message_attribute_names(Some(message::ATTRIBUTES.map(str::to_owned).to_vec()));
        let messages = in_time(receive.send()).await?.messages.unwrap_or_default();
        let took = start.elapsed();
        let mut found = false;
        for message in messages {
            let body = message.body().unwrap_or_default();
            let read = message::read("", sqs::attributes(&message), body, Timestamp::now());
            if matches!(read, Read::Probe(probe) if probe.id == id) {
                found = true;
                if let Some(handle) = message.receipt_handle() {
                    let delete = queue.client.delete_message().queue_url(queue.url).receipt_handle(handle);
                    if let Err(why) = in_time(delete.send()).await {
                        tracing::warn!("can't delete the probe: {}", why.message());
                    }
                }
            } else {
                held.push(message);
            }
        }
        if found {
            return Ok(Some((took, By::Us)));
        }
        if database.as_ref().is_some_and(|database| database.saw_probe(id).unwrap_or(false)) {
            return Ok(Some((took, By::Console)));
        }
    }
    Ok(None)
}

/// Lets others receive at once what is not ours.
async fn give_back(queue: &ProbedQueue<'_>, held: &[Message], findings: &mut Vec<Finding>) {
    for ten in held.chunks(10) {
        let entries = ten.iter().enumerate().filter_map(|(n, message)| {
            let handle = message.receipt_handle()?;
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder().id(n.to_string());
            entry.receipt_handle(handle).visibility_timeout(0).build().ok()
        });
        let request = queue.client.change_message_visibility_batch().queue_url(queue.url);
        // They come back by themselves, later.
        if let Err(why) = in_time(request.set_entries(Some(entries.collect())).send()).await {
            findings.push(Finding::note(
                format!("can't return {} messages received with the probe: {}", held.len(), why.message()),
                format!("no action needed: they are visible again in {HIDDEN} s"),
            ));
            return;
        }
    }
}

/// A topic of another account or region than the queue's may be meant so; mostly it is a mistake.
fn of_another(topic: &Topic, queue: Option<&str>) -> Option<Finding> {
    let (arn, mut queue) = (&topic.arn, queue?.split(':').skip(3));
    let (region, account) = (queue.next()?, queue.next()?);
    let what = match (region == arn.region, account == arn.account) {
        (true, true) => return None,
        (_, false) => format!("topic in account {}, queue in account {account}", arn.account),
        (false, true) => format!("topic in {}, queue in {region}", arn.region),
    };
    Some(Finding::note(
        what,
        "check --topic-arn: `terraform -chdir=terraform output consoles` lists it for each queue",
    ))
}

/// A queue's subscription to a topic, as SNS tells it.
enum Subscription {
    /// It is subscribed, with this filter policy.
    There(Option<String>),
    Missing,
    /// These credentials are not told.
    Unknown,
}

async fn subscription(client: &aws_sdk_sns::Client, topic: &str, queue: &str) -> Subscription {
    let mut pages = client.list_subscriptions_by_topic().topic_arn(topic).into_paginator().send();
    let mut ours = None;
    loop {
        match tokio::time::timeout(PATIENCE, pages.next()).await {
            Ok(Some(Ok(page))) => {
                let mut all = page.subscriptions.unwrap_or_default().into_iter();
                ours = ours.or(all.find(|subscription| subscription.endpoint() == Some(queue)));
            }
            Ok(None) => break,
            Ok(Some(Err(_))) | Err(_) => return Subscription::Unknown,
        }
    }
    let Some(subscription) = ours else { return Subscription::Missing };
    let arn = subscription.subscription_arn().unwrap_or_default();
    let asked = client.get_subscription_attributes().subscription_arn(arn).send();
    let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, asked).await else { return Subscription::Unknown };
    let policy = answer.attributes().and_then(|attributes| attributes.get("FilterPolicy"));
    Subscription::There(policy.cloned())
}

/// Checks that the queue is subscribed to the topic of alerts, which this console's own probe does not show:
/// that one goes over the topic of consoles. Nothing where SNS does not tell.
async fn hears_alerts(topic: &Topic, queue: &ProbedQueue<'_>) -> Option<Finding> {
    let alerts = topic.arn.clone().of_alerts();
    if alerts == topic.arn {
        return None;
    }
    let name = alerts.as_str();
    Some(match subscription(&topic.client, name, queue.arn?).await {
        Subscription::There(Some(policy)) if holds_back(&policy, "alert") => Finding::wrong(
            format!("the filter policy of the queue's subscription to {name} blocks alerts: {policy}"),
            "apply the pipeline's Terraform, which sets the filter policy",
        ),
        Subscription::There(_) => Finding::well(format!("queue subscribed to {name}")),
        Subscription::Missing => Finding::wrong(
            format!("queue not subscribed to {name}: no alerts"),
            "subscribe it (Terraform variable consoles), or check --topic-arn",
        ),
        Subscription::Unknown => return None,
    })
}

/// Reason why a probe may not have come, as far as SNS tells these credentials, and the remedy.
async fn why_not(topic: &Topic, queue: &ProbedQueue<'_>) -> (String, String) {
    let unknown = || {
        let remedy = "check the topic's subscriptions: this queue needs one with raw delivery and a filter policy \
                    that allows kind probe; stop other consoles that read this queue, and retry";
        ("cause unknown".to_owned(), remedy.to_owned())
    };
    let Some(queue_arn) = queue.arn else { return unknown() };
    match subscription(&topic.client, topic.arn.as_str(), queue_arn).await {
        Subscription::Unknown => unknown(),
        Subscription::Missing => {
            let remedy = "subscribe it (Terraform variable consoles), or check --topic-arn";
            ("queue not subscribed to the topic".to_owned(), remedy.to_owned())
        }
        Subscription::There(Some(policy)) if holds_back(&policy, "probe") => {
            let remedy = "allow kind probe in the subscription's filter policy, or remove the policy";
            (format!("blocked by the subscription's filter policy: {policy}"), remedy.to_owned())
        }
        Subscription::There(_) => {
            let what = "queue subscribed, but another consumer received it or SNS is not allowed to send";
            let remedy = "stop other consoles that read this queue, and retry; then check the queue policy \
                        (sqs:SendMessage for the topic) and the alarm of the subscriptions' dead-letter queue";
            (what.to_owned(), remedy.to_owned())
        }
    }
}

/// True where a filter policy on attributes lets nothing of this kind through: all of its keys must match.
fn holds_back(policy: &str, kind: &str) -> bool {
    let Ok(Value::Object(policy)) = serde_json::from_str(policy) else { return false };
    let is_alert = kind == "alert";
    policy.iter().any(|(key, wanted)| match key.as_str() {
        "kind" => !wanted.as_array().is_some_and(|wanted| wanted.iter().any(|wanted| lets(wanted, kind))),
        // An alert has these, of any value; a console's probe those: which are meant, is the filter's business.
        "severity" | "event" | "account" => !is_alert,
        "console" | "sender" => is_alert,
        // Such as that of a test alert, or one of a later version: not there.
        _ => !wanted.as_array().is_some_and(|wanted| {
            wanted.iter().any(|wanted| wanted.get("exists") == Some(&Value::Bool(false)))
        }),
    })
}

fn lets(wanted: &Value, kind: &str) -> bool {
    let but = match wanted.get("anything-but") {
        Some(Value::Array(but)) => but.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => return wanted == kind || wanted.get("exists").is_some_and(|exists| exists == true),
    };
    !but.contains(&Value::from(kind))
}

#[cfg(test)]
mod tests {
    use crate::commands::doctor::probe::*;

    #[test]
    fn a_filter_that_lets_no_probe_through_is_known() {
        for (policy, held) in [
            ("{}", false),
            (r#"{"kind": ["alert", "probe"]}"#, false),
            (r#"{"kind": [{"anything-but": ["triage"]}]}"#, false),
            (r#"{"kind": [{"anything-but": ["triage", "probe"]}]}"#, true),
            (r#"{"kind": [{"anything-but": "probe"}]}"#, true),
            (r#"{"kind": ["alert"]}"#, true),
            (r#"{"severity": ["CRITICAL"]}"#, true),
            (r#"{"console": ["oncall"]}"#, false),
            ("no JSON", false),
        ] {
            assert_eq!(holds_back(policy, "probe"), held, "{policy}");
        }
        // Terraform's own.
        assert!(!holds_back(r#"{"kind": ["triage", "probe"], "sender": ["console"]}"#, "probe"));
        assert!(!holds_back(r#"{"kind": [{"exists": true}]}"#, "alert"));
        assert!(!holds_back(r#"{"kind": ["alert"], "test": [{"exists": false}]}"#, "alert"));
        assert!(holds_back(r#"{"kind": ["triage", "probe"], "sender": ["console"]}"#, "alert"));
    }
}
