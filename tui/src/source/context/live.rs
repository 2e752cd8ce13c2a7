//! Records around an alert, from CloudTrail's event history: one region after the other, 50 records a call.

use std::collections::HashSet;

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use detector::joins::Part;
use detector::json;
use detector::{AlertId, Call, Detector, Link, Record};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::mpsc;

use super::issued::{Issued, ROUNDS};
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

/// Asks the event history, and hands over what comes, page by page; for an incident then for the keys that its records
/// issued. Ends early where nobody wants to know any more.
pub(crate) async fn look_up(question: Question, aws: Aws, detector: &Detector, steps: mpsc::Sender<Step>) {
    let mut attributes: Vec<LookupAttribute> = question.by.each().iter().filter_map(attribute).collect();
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
    let histories =
        question.regions.iter().map(|region| EventHistory::new(region.clone(), &aws.in_region(region)));
    let mut histories: Vec<EventHistory> = histories.collect();
    let issued = Issued::of(&question.by);
    let mut asking = Asking {
        question,
        detector,
        steps,
        issued,
        seen: HashSet::new(),
        asked: 0,
        unreadable: HashSet::new(),
        told: 0,
    };
    for _ in 0..ROUNDS {
        let mut answering = Vec::new();
        for mut history in histories {
            match asking.region(&mut history, &attributes).await {
                Some(true) => answering.push(history),
                // It refused, and is not asked again.
                Some(false) => {}
                None => return,
            }
        }
        histories = answering;
        let new = asking.issued.as_mut().map(Issued::take).unwrap_or_default();
        attributes = new.iter().filter_map(attribute).collect();
        if attributes.is_empty() {
            break;
        }
        asking.question.by = By::Any(new);
    }
    let more = asking.unreadable.len() - asking.told;
    if more > 0 {
        asking.fail(format!("{more} more events can't be read"), None).await;
    }
}

/// A question that is being asked, and what came of it so far.
struct Asking<'a> {
    question: Question,
    detector: &'a Detector,
    steps: mpsc::Sender<Step>,
    issued: Option<Issued>,
    /// Records that were handed over.
    seen: HashSet<AlertId>,
    /// Calls to CloudTrail.
    asked: u64,
    /// Events without a readable record, and how many of them were told.
    unreadable: HashSet<String>,
    told: usize,
}

impl Asking<'_> {
    /// Tells that a part could not be read. False where nobody wants to know any more.
    async fn fail(&self, why: String, denied: Option<String>) -> bool {
        self.steps.send(Step::Failed { why, denied }).await.is_ok()
    }

    /// Asks one region. Returns whether it answers; `None` where nobody wants to know any more.
    async fn region(&mut self, history: &mut EventHistory, attributes: &[LookupAttribute]) -> Option<bool> {
        for attribute in attributes {
            let mut token = None;
            loop {
                // A word that finds no room is not missed: another one stands before it.
                let waits = |wait, why| drop(self.steps.try_send(Step::Waits { wait, why }));
                let span = (self.question.since, self.question.until);
                let page = history.page(Some(attribute.clone()), span, token.take(), waits).await;
                let answer = match page {
                    Ok(answer) => answer,
                    Err(why) => {
                        let region = history.region();
                        let denied = why.is_denied().then(|| region.to_owned());
                        let is_refused = denied.is_some();
                        let why = format!("{region} incomplete: {}", history.explain(&why));
                        if !self.fail(why, denied).await {
                            return None;
                        }
                        if is_refused {
                            return Some(false);
                        }
                        break;
                    }
                };
                token = answer.next_token.filter(|token| !token.is_empty());
                self.hand_over(answer.events.unwrap_or_default()).await?;
                if token.is_none() {
                    break;
                }
            }
        }
        Some(true)
    }

    /// Hands over the records of a page. `None` where nobody wants to know any more.
    async fn hand_over(&mut self, events: Vec<Event>) -> Option<()> {
        self.asked += 1;
        let (mut found, mut unread) = (Vec::new(), Vec::new());
        for event in events {
            match read(&event, self.detector) {
                Ok(read) => found.push(read),
                Err(why) => unread.push(why),
            }
        }
        found.retain(|(call, _)| self.question.takes(call) && self.seen.insert(call.id.clone()));
        for (call, record) in &found {
            if let Some(issued) = &mut self.issued {
                issued.add(call, record);
            }
        }
        self.steps.send(Step::Calls { found, asked: self.asked }).await.ok()?;
        // One that two attributes bring is told once.
        unread.retain(|why| self.unreadable.insert(why.clone()));
        for why in unread.into_iter().take(MOST_TOLD.saturating_sub(self.told)) {
            self.told += 1;
            if !self.fail(why, None).await {
                return None;
            }
        }
        Some(())
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
