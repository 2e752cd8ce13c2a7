//! Records around an alert, from CloudTrail's event history: one region after the other, 50 records a call.

use std::collections::HashSet;

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use detector::joins::Part;
use detector::json;
use detector::{Call, Detector, Link, Record};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{By, Question, Step, global_region, last_part};
use crate::aws::{Aws, EventHistory, identity};

/// Events without a readable record that are told one by one.
const MOST_TOLD: usize = 10;
/// Time for which the event history knows calls.
const KEPT: SignedDuration = SignedDuration::from_hours(90 * 24 - 1);

/// Returns the attribute that the event history knows of a property; `None` for an address, which it does not know.
fn attribute(by: &By) -> Option<LookupAttribute> {
    let (key, value) = match by {
        By::Key(key) => (LookupAttributeKey::AccessKeyId, key.as_str()),
        By::Session(arn) => (LookupAttributeKey::Username, last_part(arn)),
        By::User { name, .. } => (LookupAttributeKey::Username, name.as_str()),
        By::Address(_) | By::Any(_) => return None,
    };
    LookupAttribute::builder().attribute_key(key).attribute_value(value).build().ok()
}

/// Asks the event history, and hands over what comes, page by page. Ends early where nobody wants to know any more.
pub(crate) async fn look_up(question: Question, aws: Aws, detector: &Detector, steps: mpsc::Sender<Step>) {
    let attributes: Vec<LookupAttribute> = question.by.each().iter().filter_map(attribute).collect();
    if attributes.is_empty() {
        let why = "ask by key, session or user: CloudTrail's event history can't be searched by address";
        drop(steps.send(Step::Failed { why: why.to_owned(), denied: None }).await);
        return;
    }
    if Timestamp::now().checked_sub(KEPT).is_ok_and(|oldest| question.since < oldest) {
        let why = "use log files for what is older: CloudTrail's event history goes back 90 days".to_owned();
        drop(steps.send(Step::Failed { why, denied: None }).await);
    }
    if !covers_any(&question, &aws, &steps).await {
        return;
    }
    let (mut seen, mut asked) = (HashSet::new(), 0);
    let (mut unreadable, mut told) = (HashSet::new(), 0);
    'regions: for region in &question.regions {
        let mut history = EventHistory::new(region.clone(), &aws.in_region(region));
        for attribute in &attributes {
            let mut token = None;
            loop {
                // A word that finds no room is not missed: another one stands before it.
                let waits = |wait, why| drop(steps.try_send(Step::Waits { wait, why }));
                let span = (question.since, question.until);
                let page = history.page(Some(attribute.clone()), span, token.take(), waits).await;
                let answer = match page {
                    Ok(answer) => answer,
                    Err(why) => {
                        let denied = why.is_denied().then(|| region.clone());
                        let is_refused = denied.is_some();
                        let why = format!("{region} incomplete: {}", history.explain(&why));
                        if steps.send(Step::Failed { why, denied }).await.is_err() {
                            return;
                        }
                        if is_refused {
                            continue 'regions;
                        }
                        break;
                    }
                };
                asked += 1;
                token = answer.next_token.filter(|token| !token.is_empty());
                let (mut found, mut unread) = (Vec::new(), Vec::new());
                for event in answer.events.unwrap_or_default() {
                    match read(&event, detector) {
                        Ok(read) => found.push(read),
                        Err(why) => unread.push(why),
                    }
                }
                found.retain(|(call, _)| question.takes(call) && seen.insert(call.id.clone()));
                if steps.send(Step::Calls { found, asked }).await.is_err() {
                    return;
                }
                // One that two attributes bring is told once.
                unread.retain(|why| unreadable.insert(why.clone()));
                for why in unread.into_iter().take(MOST_TOLD.saturating_sub(told)) {
                    told += 1;
                    if steps.send(Step::Failed { why, denied: None }).await.is_err() {
                        return;
                    }
                }
                if token.is_none() {
                    break;
                }
            }
        }
    }
    let more = unreadable.len() - told;
    if more > 0 {
        let why = format!("{more} more events can't be read");
        drop(steps.send(Step::Failed { why, denied: None }).await);
    }
}

/// Returns whether the credentials are of an account that is asked for; accounts that they are not of are told.
async fn covers_any(question: &Question, aws: &Aws, steps: &mpsc::Sender<Step>) -> bool {
    let Some(own) = identity(aws).await.account else { return true };
    let others: Vec<&str> =
        question.accounts.iter().map(String::as_str).filter(|of| own.as_str() != *of).collect();
    if others.is_empty() {
        return true;
    }
    let of = others.join(", ");
    let why = format!(
        "use credentials of account {of} (--profile) for its calls: these are of account {own}, whose event history \
         holds none of them"
    );
    drop(steps.send(Step::Failed { why, denied: None }).await);
    others.len() < question.accounts.len()
}

/// Looks in the event history for the call that issued an access key. Returns it as a link; none where the history has
/// none. Fails in words, and for a refusal with the region that refused.
pub(crate) async fn start_of(
    key: &str,
    aws: &Aws,
    detector: &Detector,
) -> Result<Vec<Link>, (String, Option<String>)> {
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::ResourceName)
        .attribute_value(key)
        .build()
        .map_err(|error| (error.to_string(), None))?;
    let now = Timestamp::now();
    let span = (now.checked_sub(KEPT).unwrap_or(Timestamp::MIN), now);
    let own = aws.region();
    let global = global_region(own);
    let regions = [own, global];
    for region in regions.iter().take(if own == global { 1 } else { 2 }) {
        let mut history = EventHistory::new((*region).to_owned(), &aws.in_region(region));
        let answer = history.page(Some(attribute.clone()), span, None, |_, _| {}).await;
        let denied = |is: bool| is.then(|| (*region).to_owned());
        let answer = answer.map_err(|why| (history.explain(&why), denied(why.is_denied())))?;
        let records = answer.events.unwrap_or_default().into_iter().filter_map(|event| {
            let record = json::read(event.cloud_trail_event()?.as_bytes()).ok()?;
            Record::new(record).ok()
        });
        let issued = |link: &Link| {
            link.joins.iter().any(|join| join.0 == Part::Give && join.1 == "cred" && join.2 == key)
        };
        let links: Vec<Link> =
            records.filter_map(|record| detector.link(&record, |_| false)).filter(issued).collect();
        if !links.is_empty() {
            return Ok(links);
        }
    }
    Ok(Vec::new())
}

/// Judges an event; the error names it where its record can't be read.
fn read(event: &Event, detector: &Detector) -> Result<(Call, Value), String> {
    let unread = |why: &dyn std::fmt::Display| {
        let name = event.event_name().unwrap_or("unnamed");
        format!("event {} ({name}) can't be read: {why}", event.event_id().unwrap_or("without ID"))
    };
    let text = event.cloud_trail_event().ok_or_else(|| unread(&"CloudTrail gave no record"))?;
    let record = json::read(text.as_bytes()).map_err(|error| unread(&error))?;
    let record = Record::new(record).map_err(|error| unread(&error))?;
    let (call, _) = detector.call(&record, Timestamp::now());
    Ok((call, record.into_value()))
}
