//! Explanation of a call to AWS that did not work: who refused it and why, or what stood in the way, and
//! the remedy. It comes first in every sentence, since a footer may have room for no more.

use std::error::Error;

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata};
use detector::SafeText;
use detector::facts::DeniedBy;

use crate::aws::http::proxy;

/// Explanation of a call that did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    kind: Kind,
    words: String,
}

/// Kind of obstacle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A policy, and whether it denies in so many words.
    Denied { by: DeniedBy, explicitly: bool },
    /// The key that the thing is encrypted with.
    Key,
    /// The clock of this machine.
    Clock,
    /// Credentials that have ended.
    Ended,
    /// Credentials that AWS does not know.
    Unknown,
    /// No credentials at all.
    None,
    /// No queue or topic of that name.
    Gone,
    /// Too many calls.
    Throttled,
    /// AWS's own trouble.
    Theirs,
    /// Another refusal, by AWS's own word.
    Refused,
    /// A certificate that nobody here trusts.
    Certificate,
    /// An answer that AWS does not give.
    NotAws,
    /// No answer in time.
    Silent,
    /// No connection.
    Unreachable,
}

/// A call: the service, its action, and its resource, as IAM writes them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) service: &'a str,
    /// The permission that it needs: `sqs:SendMessage`.
    pub(crate) action: &'a str,
    pub(crate) on: &'a str,
}

impl Refusal {
    pub(crate) fn of<E: Error + ProvideErrorMetadata + 'static>(error: &E) -> Self {
        if let Some(code) = error.code() {
            return Self::of_answer(Some(code), error.message());
        }
        Self::without_a_code(error)
    }

    /// Explains an error that is no service's answer: the SDK's own, or one of credentials.
    pub(crate) fn without_a_code(error: &(dyn Error + 'static)) -> Self {
        let mut cause = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        let whole = DisplayErrorContext(error).to_string();
        let has = |parts: &[&str]| parts.iter().any(|part| whole.contains(part));
        let words = cause.to_string();
        let kind = if has(&["InvalidCertificate", "invalid peer certificate", "UnknownIssuer"]) {
            Kind::Certificate
        } else if has(&["CredentialsNotLoaded", "CredentialsError", "credentials provider", "ProviderError"])
            || has(&["no providers in chain", "ResolveIdentity", "identity"])
        {
            Kind::None
        } else if has(&["ResponseError", "deserializ", "expected token", "unhandled error"])
            || words == "Error"
        {
            Kind::NotAws
        } else if has(&["timed out", "timeout", "TimeoutError"]) {
            Kind::Silent
        } else {
            Kind::Unreachable
        };
        Self { kind, words: if words == "Error" { "unexpected response format".to_owned() } else { words } }
    }

    /// No answer within so many seconds.
    pub(crate) fn silent(seconds: u64) -> Self {
        Self { kind: Kind::Silent, words: format!("no answer within {seconds} s") }
    }

    /// Explains an answer that holds the refusal itself, as that of `PutEvents` does.
    pub(crate) fn of_answer(code: Option<&str>, message: Option<&str>) -> Self {
        let (code, message) = (code.unwrap_or_default(), message.unwrap_or_default());
        let words = format!("{code} {message}").trim().to_owned();
        Self { kind: Kind::of(code, message), words }
    }

    pub(crate) fn is_denied(&self) -> bool {
        matches!(self.kind, Kind::Denied { .. })
    }

    /// True where there is no such queue.
    pub(crate) fn is_gone(&self) -> bool {
        self.kind == Kind::Gone
    }

    /// True where the answer says that a receipt handle is none.
    pub(crate) fn is_about_the_handle(&self) -> bool {
        self.words.starts_with("ReceiptHandle")
    }

    /// True where it may work the next time by itself: no answer, or one that says that it is AWS's fault.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Theirs | Kind::Silent | Kind::Unreachable | Kind::NotAws)
    }

    /// AWS's words, made safe.
    pub(crate) fn message(&self) -> SafeText {
        SafeText::new(&self.words)
    }

    /// Remedy, who refused what, and AWS's own words.
    pub(crate) fn explain(&self, call: Call<'_>) -> String {
        format!("{}: {}", self.remedy(call), self.what(call))
    }

    /// Cause, in a sentence.
    pub(crate) fn what(&self, call: Call<'_>) -> String {
        let Call { service, action, on } = call;
        let words = self.message();
        match self.kind {
            Kind::Denied { by, explicitly } => {
                let who = match by {
                    DeniedBy::Scp => "a service control policy (SCP)",
                    DeniedBy::Rcp => "a resource control policy (RCP)",
                    DeniedBy::Boundary => "the permissions boundary of these credentials",
                    DeniedBy::Session => "the session policy of these credentials",
                    DeniedBy::VpcEndpoint => "the VPC endpoint policy",
                    DeniedBy::Resource => "the resource policy",
                    DeniedBy::Identity | DeniedBy::Unknown if explicitly => "an explicit Deny",
                    DeniedBy::Identity | DeniedBy::Unknown => {
                        return format!("no permission for {action} on {on} ({service}: {words})");
                    }
                };
                format!("{who} denies {action} on {on} ({service}: {words})")
            }
            Kind::Key => format!("no permission for the KMS key of {on} ({service}: {words})"),
            Kind::Clock => format!("{service} rejects the request time ({words})"),
            Kind::Ended => format!("credentials expired ({service}: {words})"),
            Kind::Unknown => format!("invalid credentials ({service}: {words})"),
            Kind::None => format!("no credentials: {words}"),
            Kind::Gone => format!("{service}: {on} does not exist ({words})"),
            Kind::Throttled => format!("{service} throttles requests ({words})"),
            Kind::Theirs => format!("{service} internal error ({words})"),
            Kind::Refused => format!("{service} rejects {action} on {on}: {words}"),
            Kind::Certificate => format!("untrusted {service} certificate ({words})"),
            Kind::NotAws => format!("response not from {service}: {words}"),
            Kind::Silent => format!("no response from {service}: {words}"),
            Kind::Unreachable => format!("can't reach {service}: {words}"),
        }
    }

    /// Remedy, in a clause.
    pub(crate) fn remedy(&self, call: Call<'_>) -> String {
        let Call { action, on, .. } = call;
        match self.kind {
            Kind::Denied { by, explicitly } => match by {
                DeniedBy::Scp | DeniedBy::Rcp => {
                    "ask your organization's administrators to allow it".to_owned()
                }
                DeniedBy::Boundary => "allow it in the permissions boundary".to_owned(),
                DeniedBy::Session => "assume the role without that session policy".to_owned(),
                DeniedBy::VpcEndpoint => format!("allow {action} on {on} in the VPC endpoint policy"),
                DeniedBy::Resource => {
                    format!("compare the policy of {on} with Terraform (terraform plan), or use its account")
                }
                DeniedBy::Identity | DeniedBy::Unknown if explicitly => {
                    "have that Deny removed; an additional Allow does not help".to_owned()
                }
                DeniedBy::Identity | DeniedBy::Unknown => {
                    format!("attach a policy that allows {action} (terraform output has the ARNs)")
                }
            },
            Kind::Key => "allow kms:Decrypt and kms:GenerateDataKey on the key".to_owned(),
            Kind::Clock => "set this computer's clock; the credentials are fine".to_owned(),
            Kind::Ended => "renew your credentials (for example aws sso login)".to_owned(),
            Kind::Unknown => "check the profile's keys (AWS_PROFILE, --profile)".to_owned(),
            Kind::None => "set AWS_PROFILE or --profile, or run aws sso login".to_owned(),
            Kind::Gone => "check the URL or ARN, and the account and region of your credentials".to_owned(),
            Kind::Throttled | Kind::Theirs => "no action needed, retrying".to_owned(),
            Kind::Refused => "see the AWS message".to_owned(),
            Kind::Certificate => {
                "set AWS_CA_BUNDLE to your company's certificates (TLS-inspecting proxy?)".to_owned()
            }
            Kind::NotAws => format!("check {} and AWS_ENDPOINT_URL", the_proxy()),
            Kind::Silent | Kind::Unreachable => {
                format!("check the network, {} and AWS_ENDPOINT_URL", the_proxy())
            }
        }
    }
}

impl Kind {
    fn of(code: &str, message: &str) -> Self {
        let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
        let says = |parts: &[&str]| parts.iter().any(|part| message.contains(part));
        if has(&["RequestTimeTooSkewed", "RequestInTheFuture"])
            || says(&["Signature expired", "not yet current", "is now earlier than", "skew"])
        {
            return Self::Clock;
        }
        if has(&["KMS", "Kms"]) || (has(&["AccessDenied"]) && says(&["kms:", "ciphertext"])) {
            return Self::Key;
        }
        if has(&[
            "AccessDenied",
            "NotAuthorized",
            "Unauthorized",
            "OperationNotPermitted",
            "AuthorizationError",
        ]) {
            let explicitly = message.to_ascii_lowercase().contains("explicit deny");
            return Self::Denied { by: DeniedBy::of_message(message), explicitly };
        }
        if has(&["ExpiredToken", "RequestExpired", "TokenRefreshRequired"]) {
            return Self::Ended;
        }
        if has(&["InvalidClientTokenId", "UnrecognizedClient", "SignatureDoesNotMatch", "InvalidAccessKeyId"])
            || has(&["MissingAuthenticationToken", "InvalidSignature", "IncompleteSignature"])
        {
            return Self::Unknown;
        }
        if has(&["NonExistentQueue", "QueueDoesNotExist", "NotFound"]) {
            return Self::Gone;
        }
        if has(&["Throttl", "TooManyRequests", "RequestLimitExceeded", "SlowDown"]) {
            return Self::Throttled;
        }
        if has(&[
            "InternalFailure",
            "InternalError",
            "InternalServer",
            "ServiceUnavailable",
            "ServiceException",
        ]) {
            return Self::Theirs;
        }
        Self::Refused
    }
}

/// The proxy that is in the way, where one is set.
fn the_proxy() -> String {
    proxy().map_or_else(
        || "the proxy (HTTPS_PROXY)".to_owned(),
        |(name, url)| format!("the proxy {url} ({name})"),
    )
}

#[cfg(test)]
mod tests {
    use crate::aws::refusal::*;

    const CALL: Call<'_> = Call { service: "SQS", action: "sqs:ReceiveMessage", on: "q-slack" };

    fn explain(code: &str, message: &str) -> String {
        Refusal::of_answer(Some(code), Some(message)).explain(CALL)
    }

    #[test]
    fn a_refusal_says_what_to_do_first_then_who_refused_what() {
        assert_eq!(
            explain("AccessDeniedException", "no\x1b"),
            "attach a policy that allows sqs:ReceiveMessage (terraform output has the ARNs): no permission for \
             sqs:ReceiveMessage on q-slack (SQS: AccessDeniedException no␛)"
        );
        assert!(explain("QueueDoesNotExist", "").contains("q-slack does not exist"));
        assert!(explain("ExpiredToken", "old").starts_with("renew your credentials"));
        assert!(explain("UnrecognizedClientException", "").starts_with("check the profile's keys"));
        assert!(explain("KMS.AccessDeniedException", "no").starts_with("allow kms:Decrypt"));
        assert!(explain("KmsDisabled", "no").contains("no permission for the KMS key of q-slack"));
        assert!(Refusal::of_answer(Some("ThrottlingException"), None).may_pass());
        assert!(!Refusal::of_answer(Some("AccessDenied"), None).may_pass());
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_as_such_and_not_as_bad_credentials() {
        for (code, message) in [
            (
                "SignatureDoesNotMatch",
                "Signature expired: 20261124T010000Z is now earlier than 20261124T015500Z",
            ),
            ("SignatureDoesNotMatch", "Signature not yet current: 20261124T030000Z is still later than x"),
            ("InvalidSignatureException", "Signature expired: x"),
            (
                "RequestTimeTooSkewed",
                "The difference between the request time and the server's time is too large.",
            ),
        ] {
            assert!(explain(code, message).starts_with("set this computer's clock"), "{code} {message}");
        }
        assert!(explain("SignatureDoesNotMatch", "The request signature we calculated …").contains("keys"));
    }

    #[test]
    fn who_denied_it_decides_what_helps() {
        let message = |why: &str| {
            format!(
                "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: sqs:ReceiveMessage on resource: arn {why}"
            )
        };
        for (why, remedy) in [
            ("with an explicit deny in a service control policy", "ask your organization's administrators"),
            (
                "because no service control policy allows the sqs:ReceiveMessage action",
                "ask your organization",
            ),
            ("with an explicit deny in a VPC endpoint policy", "allow"),
            ("because no VPC endpoint policy allows the sqs:ReceiveMessage action", "allow"),
            (
                "with an explicit deny in a resource-based policy",
                "compare the policy of q-slack with Terraform",
            ),
            (
                "because no permissions boundary allows the sqs:ReceiveMessage action",
                "allow it in the permissions boundary",
            ),
            ("because no session policy allows the sqs:ReceiveMessage action", "assume the role without"),
            ("with an explicit deny in an identity-based policy", "have that Deny removed"),
            ("with an explicit deny", "have that Deny removed"),
            ("because no identity-based policy allows the sqs:ReceiveMessage action", "attach a policy"),
        ] {
            let said = explain("AccessDenied", &message(why));
            assert!(said.starts_with(remedy), "{why}: {said}");
        }
    }
}
