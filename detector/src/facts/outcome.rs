//! Outcome of a call: success, denial or failure. A failed call must never be told as if it had changed
//! something.

use serde::{Deserialize, Serialize};

use crate::record::Record;

/// Result of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The call did what its name says.
    Success,
    /// The caller has no permission for the call, and tried it.
    Denied,
    /// The call failed for another reason: no such user, too many keys, a malformed policy.
    Failed,
}

/// Kind of policy that refused a call, as the error message says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// The caller's own policies.
    Identity,
    /// The policy of the resource.
    Resource,
    /// A service control policy of the organisation.
    Scp,
    /// A resource control policy of the organisation.
    Rcp,
    /// A permissions boundary.
    Boundary,
    /// The policy of the session.
    Session,
    /// The policy of a VPC endpoint.
    VpcEndpoint,
    /// The message does not say.
    #[serde(other)]
    Unknown,
}

impl DeniedBy {
    /// Reads the end of an error message: "… because no identity-based policy allows the iam:CreateUser
    /// action", "… with an explicit deny in a service control policy".
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
    pub fn of_message(message: &str) -> Self {
        let kinds = [
            ("service control polic", Self::Scp),
            ("resource control polic", Self::Rcp),
            ("permissions boundar", Self::Boundary),
            ("session polic", Self::Session),
            ("vpc endpoint polic", Self::VpcEndpoint),
            ("resource-based polic", Self::Resource),
            ("identity-based polic", Self::Identity),
        ];
        // Behind the resource's name, which the caller chooses.
        let message = message.to_ascii_lowercase();
        let why = [" because ", " with an explicit deny "].iter().find_map(|mark| message.rsplit_once(mark));
        let why = why.map_or("", |(_, why)| why);
        kinds.iter().find(|(words, _)| why.contains(words)).map_or(Self::Unknown, |(_, kind)| *kind)
    }
}

/// Outcome of a call: its result, and the reason for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Result of the call.
    #[serde(rename = "outcome")]
    pub verdict: Verdict,
    /// `errorCode` as recorded, or `errorMessage` where there is no code (sign-in).
    #[serde(default, rename = "error", skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Kind of policy that refused the call, where the call was denied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<DeniedBy>,
}

/// Words in error codes that mean "you may not". Services spell it in many ways: AccessDenied,
/// AccessDeniedException, UnauthorizedException, Client.UnauthorizedOperation.
const DENIED: [&str; 8] = [
    "accessdenied",
    "unauthorized",
    "notauthorized",
    "noauthorization",
    "authorizationerror",
    "forbidden",
    "insufficientpermission",
    "insufficientprivilege",
];

/// Words in error codes that mean that the call could change nothing and says nothing about intent:
/// scripts that run twice, limits, throttling.
const ROUTINE: [&str; 60] = [
    "nosuch",
    "resourceconflict",
    "alreadyexists",
    "limitexceeded",
    "throttl",
    "notfound",
    "invalidtrailname",
    "toomanyrequests",
    "requestlimit",
    "quota",
    "concurrentmodification",
    "doesnotexist",
    "duplicate",
    "inuse",
    "incorrectstate",
    "toolarge",
    // The call was written wrongly: a typing error, and nobody's attempt.
    "malformed",
    "validation",
    "badrequest",
    "missingparameter",
    "parametervalue",
    "serializationexception",
    "unsupportedoperation",
    "notsupported",
    "parsingexception",
    // Tries out whether one might, and changes nothing.
    "dryrunoperation",
    "unmodifiable",
    "passwordpolicyviolation",
    "notattach",
    "keypairmismatch",
    "idpcommunication",
    "lengthexceeded",
    "preconditionfailed",
    "methodnotallowed",
    "unknownoperation",
    // A trail's bucket, key or topic does not let CloudTrail in yet.
    "insufficients3bucketpolicy",
    "insufficientencryptionpolicy",
    "insufficientsnstopicpolicy",
    "deliveryunavailable",
    // A bucket is in another region, or somebody has its name.
    "permanentredirect",
    "illegallocation",
    "alreadyowned",
    "regiondisabled",
    // AWS itself was not able to.
    "internalfailure",
    "internalerror",
    "internalexception",
    "serviceexception",
    "serviceunavailable",
    "operationaborted",
    "slowdown",
    "notimplemented",
    "dependencytimeout",
    "kmsinvalidstate",
    "finalizing",
    // Credentials that ended, or a clock that is wrong.
    "expiredtoken",
    "requestexpired",
    "timetooskewed",
    "incompletesignature",
    "unrecognizedclient",
    "optinrequired",
];

/// Words in codes that begin with "Invalid" and mean credentials, not a call that was written wrongly.
const INVALID_CREDENTIALS: [&str; 10] = [
    "token",
    "signature",
    "credential",
    "accesskey",
    "security",
    "grant",
    "authentication",
    "password",
    "assertion",
    "client",
];

/// `InvalidParameterValue`, `InvalidInput`, `InvalidRequestException` and the like of every service.
fn is_invalid_input(folded: &str) -> bool {
    // EC2 writes `Client.InvalidInstanceID.NotFound`.
    folded.split('.').any(|part| {
        part.starts_with("invalid") && !INVALID_CREDENTIALS.iter().any(|word| part.contains(word))
    })
}

/// A status that means success, which some services write as an error code: `200`, `Success`.
fn is_success(code: &str) -> bool {
    let code = code.split_whitespace().next().unwrap_or(code);
    let is_status =
        code.len() == 3 && code.starts_with('2') && code.bytes().all(|byte| byte.is_ascii_digit());
    is_status || ["success", "ok", "none", "-"].iter().any(|word| code.eq_ignore_ascii_case(word))
}

impl Outcome {
    pub(crate) fn of(record: &Record) -> Self {
        let worked = record.text(&["errorCode"]).is_some_and(is_success);
        let code = record.text(&["errorCode"]).filter(|_| !worked);
        let message = record.text(&["errorMessage"]).filter(|_| !worked);
        // A sign-in carries no error code: {"ConsoleLogin": "Failure"} in its response.
        let refused = record.text(&["responseElements", record.event_name()]) == Some("Failure");
        let error = code.or(message).map(str::to_owned);
        let folded = code.unwrap_or_default().to_ascii_lowercase();
        let verdict = if code.is_none() && message.is_none() && !refused {
            Verdict::Success
        } else if refused || DENIED.iter().any(|word| folded.contains(word)) {
            Verdict::Denied
        } else {
            Verdict::Failed
        };
        let denied_by =
            (verdict == Verdict::Denied).then(|| DeniedBy::of_message(message.unwrap_or_default()));
        Self { verdict, error, denied_by }
    }

    /// True where the call failed in a way that happens every day and tells nothing.
    pub fn is_routine_failure(&self) -> bool {
        // A code is one word. A message in its place holds names that somebody chose.
        let code = self.error.as_deref().filter(|error| !error.contains(char::is_whitespace));
        let folded = code.unwrap_or_default().to_ascii_lowercase();
        self.verdict == Verdict::Failed
            // Two calls at once; one that can't delete what is in use (DeleteConflict) is somebody's attempt.
            && (folded == "conflictexception" || ROUTINE.iter().any(|word| folded.contains(word)) || is_invalid_input(&folded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn verdict(value: serde_json::Value) -> Verdict {
        Outcome::of(&Record::new(value).unwrap()).verdict
    }

    #[test]
    fn tells_success_denial_and_failure_apart() {
        assert_eq!(verdict(json!({"eventName": "CreateUser"})), Verdict::Success);
        assert_eq!(verdict(json!({"eventName": "CreateUser", "errorCode": null})), Verdict::Success);
        for code in
            ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation", "UnauthorizedException"]
        {
            assert_eq!(
                verdict(json!({"eventName": "CreateUser", "errorCode": code})),
                Verdict::Denied,
                "{code}"
            );
        }
        assert_eq!(
            verdict(json!({"eventName": "CreateUser", "errorCode": "EntityAlreadyExistsException"})),
            Verdict::Failed
        );
        let sign_in = json!({"eventName": "ConsoleLogin", "errorMessage": "Failed authentication",
            "responseElements": {"ConsoleLogin": "Failure"}});
        assert_eq!(verdict(sign_in), Verdict::Denied);
    }

    #[test]
    fn the_message_says_what_refused_it() {
        let of = |why: &str| {
            let message = format!(
                "User: arn:aws:iam::111122223333:user/eve is not authorized to perform: iam:X on resource: user because{why}"
            );
            let record = json!({"eventName": "X", "errorCode": "AccessDenied", "errorMessage": message});
            Outcome::of(&Record::new(record).unwrap()).denied_by
        };
        assert_eq!(of(" because no identity-based policy allows the iam:X action"), Some(DeniedBy::Identity));
        assert_eq!(of(" with an explicit deny in a service control policy"), Some(DeniedBy::Scp));
        assert_eq!(of(" because no service control policy allows the iam:X action"), Some(DeniedBy::Scp));
        assert_eq!(of(" with an explicit deny in a permissions boundary"), Some(DeniedBy::Boundary));
        assert_eq!(of(" with an explicit deny in a session policy"), Some(DeniedBy::Session));
        assert_eq!(of(""), Some(DeniedBy::Unknown));
        let worked = Outcome::of(&Record::new(json!({"eventName": "X"})).unwrap());
        assert_eq!(worked.denied_by, None);
    }

    #[test]
    fn a_call_that_was_written_wrongly_is_nobodys_attempt() {
        let of = |code: &str| {
            let outcome =
                Outcome::of(&Record::new(json!({"eventName": "UpdateTrail", "errorCode": code})).unwrap());
            (outcome.verdict, outcome.is_routine_failure())
        };
        for code in [
            "MalformedPolicyDocument",
            "MalformedPolicyDocumentException",
            "ValidationException",
            "ValidationError",
            "InvalidParameterValueException",
            "InvalidInputException",
            "InvalidCloudWatchLogsRoleArnException",
            "Client.InvalidParameterValue",
            "Client.InvalidInstanceID.NotFound",
            "Client.InvalidPermission.Duplicate",
        ] {
            assert_eq!(of(code), (Verdict::Failed, true), "{code}");
        }
        for code in [
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "Client.AuthFailure",
            "PublicPolicyException",
        ] {
            assert_eq!(of(code), (Verdict::Failed, false), "{code}");
        }
        for code in ["200", "204", "200 OK", "Success", "-"] {
            assert_eq!(of(code), (Verdict::Success, false), "{code}");
        }
        assert_eq!(of("404").0, Verdict::Failed);
    }

    #[test]
    fn routine_failures_are_known() {
        let of = |code: &str| {
            let record = json!({"eventName": "CreateUser", "errorCode": code});
            Outcome::of(&Record::new(record).unwrap()).is_routine_failure()
        };
        assert!(
            of("NoSuchEntityException")
                && of("EntityAlreadyExists")
                && of("LimitExceededException")
                && of("Throttling")
        );
        assert!(!of("PublicPolicyException") && !of("AccessDenied"));
    }
}
