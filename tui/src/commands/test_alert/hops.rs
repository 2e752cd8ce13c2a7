//! The way of a test: what each hop took, or where it stopped, by what can be seen from here.

use detector::{Alert, SafeText};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::aws::{Call, Refusal};
use crate::format::span;

/// The dead-letter queues that a test may end in, in the order of its way.
pub(crate) const DEAD_LETTERS: [&str; 5] =
    ["rule-dlq", "function-dlq", "subscriptions-dlq", "slack-dlq", "consoles-dlq"];

/// Times at which a test passed each point of its way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// By this machine's clock.
    pub(crate) sent: Timestamp,
    pub(crate) taken: Timestamp,
    /// By the function's clock.
    pub(crate) detected: Option<Timestamp>,
    /// By the queue's clock; none where another console received it.
    pub(crate) queued: Option<Timestamp>,
    /// By this machine's clock.
    pub(crate) here: Timestamp,
}

/// One hop.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hop {
    pub(crate) name: &'static str,
    words: &'static str,
    pub(crate) at: Timestamp,
    /// Since the hop before; below zero where two clocks differ.
    pub(crate) took: SignedDuration,
}

impl Times {
    pub(crate) fn hops(self) -> Vec<Hop> {
        let known = [
            Some(("eventbridge", "accepted by EventBridge", self.taken)),
            self.detected.map(|at| ("function", "detected by the function", at)),
            self.queued.map(|at| ("queue", "queued by SNS", at)),
            Some(("here", "received and stored", self.here)),
        ];
        let mut before = self.sent;
        let mut hops = Vec::new();
        for (name, words, at) in known.into_iter().flatten() {
            hops.push(Hop { name, words, at, took: at.duration_since(before) });
            before = at;
        }
        hops
    }

    pub(crate) fn total(self) -> SignedDuration {
        self.here.duration_since(self.sent)
    }
}

/// Milliseconds are what clocks of different machines can tell at best.
fn seconds(took: SignedDuration) -> String {
    let millis = took.as_millis();
    let sign = if millis < 0 { "-" } else { "" };
    let millis = millis.unsigned_abs();
    format!("{sign}{}.{:03} s", millis / 1_000, millis % 1_000)
}

/// The way of a test that came back, in lines.
pub(crate) fn lines(times: Times, alert: &Alert, by_other: bool) -> Vec<String> {
    let mut lines = vec![format!("{}  {}", alert.severity, SafeText::new(&alert.title))];
    let hops = times.hops();
    lines.extend(hops.iter().map(|hop| format!("  {:27} {:>10}", hop.words, seconds(hop.took))));
    lines.push(format!("  {:27} {:>10}", "total", seconds(times.total())));
    if let Some(hop) = hops.iter().find(|hop| hop.took.is_negative()) {
        lines.push(format!(
            "Clock skew: \"{}\" appears {} before the previous hop. The total is correct: it uses this computer's \
             clock only.",
            hop.words,
            seconds(hop.took.abs())
        ));
    }
    if by_other {
        lines.push("Received by a running console on this database.".to_owned());
    }
    if !alert.test {
        lines.push(
            "The alert is not marked as a test: the function is an older version. Deploy it again."
                .to_owned(),
        );
    }
    lines
}

pub(crate) fn json(times: Times, alert: &Alert, by_other: bool) -> Value {
    let millis = |took: SignedDuration| i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let hops: Vec<Value> = times
        .hops()
        .iter()
        .map(|hop| json!({"hop": hop.name, "at": hop.at, "ms": millis(hop.took)}))
        .collect();
    json!({
        "arrived": true, "id": alert.id, "severity": alert.severity, "title": alert.title, "test": alert.test,
        "hops": hops, "total_ms": millis(times.total()),
        "clocks_differ": times.hops().iter().any(|hop| hop.took.is_negative()),
        "received_by": if by_other { "another console on this database" } else { "this command" },
    })
}

/// Number of messages in a queue before and after the test; an error where the queue can't be asked.
#[derive(Debug, Clone)]
pub(crate) struct Counted {
    pub(crate) queue: String,
    pub(crate) suffix: &'static str,
    pub(crate) before: Result<u64, Refusal>,
    pub(crate) after: Result<u64, Refusal>,
}

impl Counted {
    fn grew(&self) -> bool {
        matches!((&self.before, &self.after), (Ok(before), Ok(after)) if after > before)
    }
}

/// Point at which a test stopped.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The hop that it did not get over, as far as it can be seen.
    pub(crate) hop: &'static str,
    pub(crate) what: String,
    /// Steps that the operator should take next.
    pub(crate) next: Vec<String>,
}

impl Stop {
    /// EventBridge did not take it.
    pub(crate) fn refused(why: &Refusal, bus: &str) -> Self {
        let call = Call { service: "EventBridge", action: "events:PutEvents", on: bus };
        let mut next = Vec::new();
        if why.is_denied() {
            next.push("attach the policy NAME-test created by Terraform (see `terraform output`)".to_owned());
        }
        Self { hop: "eventbridge", what: format!("EventBridge rejected it. {}", why.explain(call)), next }
    }

    /// It was taken, and did not come within this time.
    pub(crate) fn of(name: &str, counted: &[Counted], receive: Option<&str>, waited: SignedDuration) -> Self {
        let within = format!("within {}", span(waited.as_secs()));
        let grew = |suffix| counted.iter().any(|queue| queue.suffix == suffix && queue.grew());
        let redrive = |which: &str| format!("for the reason, run `sentinel-tui redrive {which} --dry-run`");
        let stop = |hop, what: String, next: Vec<String>| Self { hop, what, next };
        if let Some(why) = receive {
            return stop(
                "here",
                format!("can't read the queue: {why}"),
                vec!["run `sentinel-tui doctor`".to_owned()],
            );
        }
        if grew("rule-dlq") {
            let what =
                format!("EventBridge could not deliver an event to the function: {name}-rule-dlq has grown");
            return stop("rule", what, vec![redrive("rule")]);
        }
        if grew("function-dlq") {
            let what = format!("function failed on an event: {name}-function-dlq has grown");
            return stop(
                "function",
                what,
                vec![redrive("function"), format!("check the log group of function {name}")],
            );
        }
        if grew("subscriptions-dlq") {
            let what =
                format!("SNS could not deliver an alert to a queue: {name}-subscriptions-dlq has grown");
            return stop("topic", what, vec![redrive("subscriptions")]);
        }
        if grew("consoles-dlq") {
            let what = format!("received repeatedly and never deleted: {name}-consoles-dlq has grown");
            return stop("queue", what, vec![redrive("consoles"), "run `sentinel-tui doctor`".to_owned()]);
        }
        let mut next = vec![
            "another console with another database may have received it: look for TEST there. Only one console \
             may read a queue"
                .to_owned(),
            format!(
                "no rule may have matched: check the pipeline's name {name} (--name) and the rule {name}-self-test"
            ),
            format!(
                "the function may be failing and retrying for three minutes: check its log group, or wait longer \
                 (--timeout 300)"
            ),
        ];
        if grew("slack-dlq") {
            next.insert(0, format!("Slack rejects alerts: {name}-slack-dlq has grown; {}", redrive("slack")));
        }
        let what = format!("accepted by EventBridge, not received {within}, and not in a dead-letter queue");
        stop("unknown", what, next)
    }

    /// In lines, with the queues that could not be asked.
    pub(crate) fn lines(&self, counted: &[Counted]) -> Vec<String> {
        let mut lines = vec![format!("Test alert not received: {}", self.what)];
        lines.extend(self.next.iter().map(|next| format!("  -> {next}")));
        for queue in counted {
            if let Err(why) = &queue.after {
                let call = Call { service: "SQS", action: "sqs:GetQueueAttributes", on: &queue.queue };
                lines.push(format!("  can't check {}: {}", queue.queue, why.explain(call)));
            }
        }
        lines
    }

    pub(crate) fn json(&self, id: &str, counted: &[Counted]) -> Value {
        let queues: Vec<Value> = counted
            .iter()
            .map(|queue| {
                let error = queue.after.as_ref().err().map(|why| why.message().to_string());
                json!({"queue": queue.queue, "before": queue.before.as_ref().ok(), "after": queue.after.as_ref().ok(), "error": error})
            })
            .collect();
        json!({"arrived": false, "id": id, "stopped_at": self.hop, "what": self.what, "next": self.next, "queues": queues})
    }
}

#[cfg(test)]
mod tests {
    use crate::commands::test_alert::hops::*;
    use crate::model::Content;
    use crate::model::testing::alert;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_000_000 + millis).unwrap()
    }

    fn test() -> Alert {
        let Content::Alert(mut alert) = alert("test-1", 1).content else { panic!() };
        alert.test = true;
        *alert
    }

    #[test]
    fn each_hop_is_told_and_so_are_clocks_that_differ() {
        let times = Times {
            sent: at(0),
            taken: at(42),
            detected: Some(at(900)),
            queued: Some(at(950)),
            here: at(1_204),
        };
        let written = lines(times, &test(), false);
        let took = |words: &str| {
            let line = written.iter().find(|line| line.contains(words)).unwrap();
            line.split("  ").last().unwrap().trim().to_owned()
        };
        assert_eq!(took("accepted by EventBridge"), "0.042 s");
        assert_eq!(took("detected by the function"), "0.858 s");
        assert_eq!(took("queued by SNS"), "0.050 s");
        assert_eq!(took("received and stored"), "0.254 s");
        assert_eq!(took("total"), "1.204 s");
        assert!(!written.iter().any(|line| line.contains("Clock skew")));
        let json = json(times, &test(), true);
        assert_eq!((json["total_ms"].as_i64(), json["clocks_differ"].as_bool()), (Some(1_204), Some(false)));

        let behind = Times { detected: Some(at(-300)), queued: None, ..times };
        let lines = lines(behind, &test(), true);
        assert!(lines.iter().any(|line| line.contains("-0.342 s")), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("Clock skew")), "{lines:?}");
    }

    #[test]
    fn where_it_stopped_is_told_by_what_has_grown() {
        let counted = |grown: Option<&'static str>| -> Vec<Counted> {
            let one = |suffix| Counted {
                queue: format!("x-{suffix}"),
                suffix,
                before: Ok(1),
                after: Ok(if Some(suffix) == grown { 2 } else { 1 }),
            };
            DEAD_LETTERS.map(one).to_vec()
        };
        let minute = SignedDuration::from_secs(60);
        let stop = |grown| Stop::of("x", &counted(grown), None, minute);
        for (queue, hop) in [
            ("rule-dlq", "rule"),
            ("function-dlq", "function"),
            ("subscriptions-dlq", "topic"),
            ("consoles-dlq", "queue"),
        ] {
            let stop = stop(Some(queue));
            assert_eq!(stop.hop, hop);
            assert!(stop.what.contains(queue) && stop.next[0].contains("redrive"), "{stop:?}");
        }
        assert_eq!(stop(None).hop, "unknown");
        assert!(stop(None).next.iter().any(|next| next.contains("another console")));
        assert!(stop(Some("slack-dlq")).next[0].contains("slack-dlq"));
        let mut unknown = counted(None);
        unknown[0].after = Err(Refusal::of_answer(Some("AccessDenied"), Some("no")));
        let lines = Stop::of("x", &unknown, None, minute).lines(&unknown);
        assert!(lines.last().unwrap().contains("sqs:GetQueueAttributes on x-rule-dlq"), "{lines:?}");
        let refused = Stop::refused(
            &Refusal::of_answer(Some("AccessDeniedException"), Some("no")),
            "event-bus/default",
        );
        assert!(refused.what.contains("events:PutEvents on event-bus/default"), "{refused:?}");
    }
}
