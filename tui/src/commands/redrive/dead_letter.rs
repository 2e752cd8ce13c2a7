//! One message of a dead-letter queue: what it is about, and why it is there, as far as whoever put it
//! there has said. All of it is foreign text.
//!
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use detector::{SafeText, json};
use jiff::Timestamp;
use serde_json::Value;

/// The most characters of a message that nothing is known of.
const START: usize = 100;

/// A message, in hand for a while.
#[derive(Debug)]
pub(crate) struct DeadLetter {
    pub(crate) id: String,
    pub(crate) message: Message,
    body: Value,
}

impl DeadLetter {
    pub(crate) fn new(message: Message) -> Self {
        let body = json::read(message.body().unwrap_or_default().as_bytes()).unwrap_or_default();
        Self { id: message.message_id().unwrap_or("without-id").to_owned(), message, body }
    }

    /// Returns the time at which the message was sent to this queue, or to the one that it was moved from;
    /// `None` where SQS does not say.
    pub(crate) fn sent(&self) -> Option<Timestamp> {
        let millis = self.message.attributes()?.get(&MessageSystemAttributeName::SentTimestamp)?;
        Timestamp::from_millisecond(millis.parse().ok()?).ok()
    }

    /// The ARN of the queue that SQS moved it from, where it was SQS that did.
    pub(crate) fn moved_from(&self) -> Option<&str> {
        let name = MessageSystemAttributeName::DeadLetterQueueSourceArn;
        self.message.attributes()?.get(&name).map(String::as_str)
    }

    /// Returns the reason why the message is there; `None` where nobody gives one. EventBridge and SNS say it
    /// in attributes, Lambda in the body.
    pub(crate) fn reason(&self) -> Option<SafeText> {
        let attribute = |name: &str| {
            let value = self.message.message_attributes()?.get(name)?;
            value.string_value().map(str::to_owned)
        };
        let body = |path: &str| self.body.pointer(path)?.as_str().map(str::to_owned);
        let parts = [
            attribute("ERROR_CODE").or_else(|| attribute("ErrorCode")),
            attribute("ERROR_MESSAGE").or_else(|| attribute("ErrorMessage")),
            body("/responsePayload/errorType"),
            body("/responsePayload/errorMessage"),
        ];
        let mut words: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        if words.is_empty() {
            // Lambda has no answer of a function that was never run.
            words.extend(body("/requestContext/condition"));
        }
        (!words.is_empty()).then(|| SafeText::from(words.join(": ")))
    }

    /// Returns words for the content: an event, an alert, an alarm or a notification, else its start.
    pub(crate) fn what(&self) -> SafeText {
        let mut body = &self.body;
        while let Some(inner) = ["requestPayload", "detail"].iter().find_map(|inner| body.get(inner)) {
            body = inner;
        }
        let text = |path: &str| body.pointer(path).and_then(Value::as_str);
        let words = if let Some(event) = text("/eventName") {
            let who = ["/userIdentity/userName", "/userIdentity/arn", "/userIdentity/type"];
            let who = who.iter().find_map(|path| text(path)).unwrap_or("unknown principal");
            format!("event {event} by {who}")
        } else if let (Some(severity), Some(event)) = (text("/severity"), text("/event")) {
            format!("alert {severity} {}", text("/summary").unwrap_or(event))
        } else if let (Some(alarm), Some(state)) = (text("/AlarmName"), text("/NewStateValue")) {
            format!("alarm {alarm} {state}")
        } else if text("/Type") == Some("Notification") {
            format!("notification {}", text("/Subject").unwrap_or_default())
        } else {
            let all = self.message.body().unwrap_or_default();
            let start: String = all.chars().take(START).collect();
            if start.len() < all.len() { format!("{start} …") } else { start }
        };
        SafeText::new(&words)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::commands::redrive::dead_letter::*;
    use aws_sdk_sqs::types::MessageAttributeValue;
    use serde_json::json;

    pub(crate) fn letter(id: &str, body: &Value, attributes: &[(&str, &str)]) -> DeadLetter {
        let mut message = Message::builder().message_id(id).receipt_handle(id).body(body.to_string());
        for (name, value) in attributes {
            let value = MessageAttributeValue::builder().data_type("String").string_value(*value);
            message = message.message_attributes(*name, value.build().unwrap());
        }
        DeadLetter::new(message.build())
    }

    #[test]
    fn each_kind_says_what_it_is_and_why_it_is_there() {
        let record = json!({"eventName": "CreateUser", "userIdentity": {"userName": "mallory\u{1b}[2J"}});
        let event = json!({"source": "aws.iam", "detail": record});
        let of_rule = letter(
            "a",
            &event,
            &[("ERROR_CODE", "NO_PERMISSIONS"), ("ERROR_MESSAGE", "not allowed"), ("RULE_ARN", "x")],
        );
        assert_eq!(of_rule.what().as_str(), "event CreateUser by mallory␛[2J");
        assert_eq!(of_rule.reason().unwrap().as_str(), "NO_PERMISSIONS: not allowed");

        let failed = json!({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event,
            "responsePayload": {"errorType": "Sns", "errorMessage": "SNS refused"}});
        let of_function = letter("b", &failed, &[]);
        assert_eq!(of_function.what().as_str(), "event CreateUser by mallory␛[2J");
        assert_eq!(of_function.reason().unwrap().as_str(), "Sns: SNS refused");
        let never_run = json!({"requestContext": {"condition": "EventAgeExceeded"}, "requestPayload": event});
        assert_eq!(letter("b", &never_run, &[]).reason().unwrap().as_str(), "EventAgeExceeded");

        let alert = json!({"severity": "HIGH", "event": "CreateUser", "summary": "mallory made a user"});
        assert_eq!(
            letter("c", &alert, &[("kind", "alert")]).what().as_str(),
            "alert HIGH mallory made a user"
        );
        assert!(letter("c", &alert, &[("kind", "alert")]).reason().is_none());
        let alarm = json!({"AlarmName": "x-slack-late", "NewStateValue": "ALARM"});
        assert_eq!(letter("d", &alarm, &[]).what().as_str(), "alarm x-slack-late ALARM");
        assert_eq!(letter("e", &json!("x".repeat(200)), &[]).what().as_str().chars().count(), START + 2);
    }
}
