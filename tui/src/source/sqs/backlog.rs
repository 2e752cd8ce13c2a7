//! Number of messages in the queue, and their delay. An empty queue is not asked: a long poll that comes back
//! without a message has said that nothing waits. Else the queue is asked for the number of its messages,
//! seldom, and only after a receive has just returned; no timer is set for it. A console that may not ask
//! does without.

use jiff::{SignedDuration, Timestamp};

use crate::model::Backlog;

/// From one question to the next, while messages come.
const EVERY: SignedDuration = SignedDuration::from_secs(60);
/// A refusal is a line in somebody's CloudTrail; what was refused stays refused for a while.
const AFTER_REFUSAL: SignedDuration = SignedDuration::from_hours(1);

/// Number and age of the messages that a receive has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Brought {
    pub(super) messages: usize,
    /// Time at which the oldest of them was sent; `None` where that is not known.
    pub(super) oldest: Option<Timestamp>,
}

/// Answer of the queue about the number of messages that wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Messages(u64),
    /// It took too long, or something went wrong.
    None,
    /// The console is not allowed to ask.
    Refused,
}

/// Knowledge of the messages that still wait in the queue.
#[derive(Debug, Default)]
pub(super) struct BacklogEstimate {
    backlog: Backlog,
    /// Time before which the queue is not asked.
    next: Option<Timestamp>,
}

impl BacklogEstimate {
    /// Takes in the result of a receive. Returns true where the queue is to be asked for the number of
    /// messages that still wait.
    pub(super) fn received(&mut self, brought: Brought, now: Timestamp) -> bool {
        if brought.messages == 0 {
            self.backlog = Backlog { messages: Some(0), behind: None };
            return false;
        }
        let fewer = |known: u64| known.saturating_sub(brought.messages as u64);
        self.backlog = Backlog {
            messages: self.backlog.messages.map(fewer),
            behind: brought.oldest.map(|sent| now.duration_since(sent)),
        };
        self.next.is_none_or(|next| next <= now)
    }

    /// Takes the queue's answer. Without one, the last number holds; after a refusal none is known.
    pub(super) fn answered(&mut self, answer: Answer, now: Timestamp) {
        let (wait, messages) = match answer {
            Answer::Messages(messages) => (EVERY, Some(messages)),
            Answer::None => (EVERY, self.backlog.messages),
            Answer::Refused => (AFTER_REFUSAL, None),
        };
        self.next = Some(now + wait);
        self.backlog.messages = messages;
    }

    pub(super) const fn backlog(&self) -> Backlog {
        self.backlog
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ten(sent: i64) -> Brought {
        Brought { messages: 10, oldest: Some(at(sent)) }
    }

    #[test]
    fn a_queue_is_asked_once_a_minute_while_messages_come_and_never_while_it_is_empty() {
        let mut backlog = BacklogEstimate::default();
        assert!(!backlog.received(Brought::default(), at(1_000)));
        assert_eq!(backlog.backlog(), Backlog { messages: Some(0), behind: None });
        assert!(backlog.received(ten(958), at(1_000)));
        backlog.answered(Answer::Messages(45), at(1_000));
        assert_eq!(
            backlog.backlog(),
            Backlog { messages: Some(45), behind: Some(SignedDuration::from_secs(42)) }
        );
        assert!(!backlog.received(ten(1_000), at(1_001)));
        assert_eq!(backlog.backlog().messages, Some(35), "less what has come since");
        assert!(backlog.received(ten(1_000), at(1_060)));
        assert!(!backlog.received(Brought::default(), at(2_000)), "an empty queue has said so");
        assert_eq!(backlog.backlog(), Backlog { messages: Some(0), behind: None });
    }

    #[test]
    fn who_may_not_ask_does_without_and_does_not_ask_again_and_again() {
        let mut backlog = BacklogEstimate::default();
        assert!(backlog.received(ten(999), at(1_000)));
        backlog.answered(Answer::Refused, at(1_000));
        assert_eq!(backlog.backlog().messages, None);
        assert!(!backlog.received(ten(999), at(1_000 + 3_599)));
        assert!(backlog.received(ten(999), at(1_000 + 3_600)));
    }

    #[test]
    fn who_gets_no_answer_keeps_what_is_known_and_asks_again_soon() {
        let mut backlog = BacklogEstimate::default();
        assert!(backlog.received(ten(999), at(1_000)));
        backlog.answered(Answer::Messages(45), at(1_000));
        assert!(backlog.received(ten(1_059), at(1_060)));
        backlog.answered(Answer::None, at(1_060));
        assert_eq!(backlog.backlog().messages, Some(35));
        assert!(backlog.received(ten(1_119), at(1_120)));
    }
}
