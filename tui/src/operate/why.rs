//! Why a call to AWS did not work: its code where AWS answered, the innermost cause where nothing did;
//! and what to do about it, the missing permission by its name.

use std::error::Error;

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use detector::SafeText;

/// Why a call did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Why {
    /// AWS's own word for it; none where no answer came.
    code: Option<String>,
    words: String,
}

/// What a call was: the service, its action, and on what, as IAM writes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) service: &'a str,
    /// The permission that it needs: `sqs:SendMessage`.
    pub(super) action: &'a str,
    pub(super) on: &'a str,
}

impl Why {
    pub(super) fn of<E: Error + ProvideErrorMetadata + 'static>(error: &E) -> Self {
        if let Some(code) = error.code() {
            let words = format!("{code} {}", error.message().unwrap_or_default());
            return Self { code: Some(code.to_owned()), words: words.trim().to_owned() };
        }
        let mut cause: &(dyn Error + 'static) = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let whole = DisplayErrorContext(error).to_string();
        let words = if whole.contains("signing region") || whole.contains("region must be set") {
            "no region".to_owned()
        } else if whole.contains("credentials") || whole.contains("identity") {
            format!("no credentials: {cause}")
        } else {
            match cause.to_string() {
                // What the SDK says of an answer without a code.
                word if word == "Error" => "an answer that AWS does not give; a proxy's perhaps".to_owned(),
                words => words,
            }
        };
        Self { code: None, words }
    }

    /// What an answer said that holds the refusal itself, as that of `PutEvents` does.
    pub(super) fn said(code: Option<&str>, message: Option<&str>) -> Self {
        let words = format!("{} {}", code.unwrap_or_default(), message.unwrap_or_default());
        Self { code: code.map(str::to_owned), words: words.trim().to_owned() }
    }

    fn has(&self, parts: &[&str]) -> bool {
        self.code.as_deref().is_some_and(|code| parts.iter().any(|part| code.contains(part)))
    }

    pub(super) fn is_denied(&self) -> bool {
        self.has(&["AccessDenied", "NotAuthorized", "UnauthorizedOperation", "OperationNotPermitted"])
    }

    /// Whether there is no such queue.
    pub(super) fn is_gone(&self) -> bool {
        self.has(&["NonExistentQueue", "QueueDoesNotExist"])
    }

    /// Whether too much was asked in too short a time.
    pub(super) fn is_throttled(&self) -> bool {
        self.has(&["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown"])
    }

    /// Whether it may work the next time by itself: no answer, or one that says that it is AWS's fault.
    pub(super) fn may_pass(&self) -> bool {
        let lasting = ["no region", "no credentials"].iter().any(|part| self.words.starts_with(part));
        self.is_throttled()
            || (self.code.is_none() && !lasting)
            || self.has(&["InternalFailure", "InternalError", "InternalServer", "ServiceUnavailable"])
    }

    /// AWS's words, made safe.
    pub(super) fn words(&self) -> SafeText {
        SafeText::new(&self.words)
    }

    /// Who refused what, and what helps.
    pub(super) fn explain(&self, call: Call<'_>) -> String {
        let Call { service, action, on } = call;
        let words = self.words();
        match &self.code {
            _ if self.is_denied() => {
                format!("{service} refuses: {words}. These credentials need {action} on {on}")
            }
            Some(_) if self.is_gone() => format!(
                "{service} knows no queue {on} ({words}). Check the account of your credentials, and --name"
            ),
            Some(code) => {
                let help = crate::source::sqs::help(code).map(|help| format!(": {help}")).unwrap_or_default();
                format!("{service} refuses {action} on {on}: {words}{help}")
            }
            None if self.words == "no region" => {
                "no region: the queue's URL does not name one; set --region or AWS_REGION".to_owned()
            }
            None if self.words.starts_with("no credentials") => {
                format!("{words}; set AWS_PROFILE, or run aws sso login")
            }
            None => format!(
                "cannot reach {service}: {words}. Check the network, the proxy, and AWS_ENDPOINT_URL if it is set"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_who_refused_what_and_what_is_missing() {
        let call = Call { service: "SQS", action: "sqs:SendMessage", on: "q-slack" };
        let said = |code, message| Why::said(Some(code), Some(message)).explain(call);
        assert_eq!(
            said("AccessDeniedException", "no\x1b"),
            "SQS refuses: AccessDeniedException no␛. These credentials need sqs:SendMessage on q-slack"
        );
        assert!(said("QueueDoesNotExist", "").contains("knows no queue q-slack"));
        assert!(
            said("ExpiredToken", "old")
                .ends_with("renew your credentials (aws sso login, or what your team uses)")
        );
        assert!(Why::said(Some("ThrottlingException"), None).is_throttled());
        assert!(!Why::said(Some("AccessDenied"), None).may_pass());
    }
}
