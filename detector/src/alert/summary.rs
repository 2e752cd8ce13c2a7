//! The sentence that a person reads first: who did what to whom, and whether it worked.

use crate::facts::{Facts, TargetKind, Verdict, short};
use crate::record::Record;

/// What stands where the record says nothing; never an empty bracket.
const UNSAID: &str = "(not in the record)";

/// Writes the sentence.
pub(super) fn sentence(record: &Record, facts: &Facts) -> String {
    let actor = &facts.actor.name;
    let parameter = |key: &str| record.parameter(key).map_or_else(|| UNSAID.to_owned(), short);
    let target = |kind: TargetKind| {
        let named = facts.target.as_ref().filter(|target| target.kind == kind);
        format!("{} {}", kind.word(), named.map_or(UNSAID, |target| target.name.as_str()))
    };
    let policy = || {
        let arn = parameter("policyArn");
        format!("policy {}", arn.rsplit('/').next().unwrap_or(&arn))
    };
    // (what was done, what was tried, to what)
    let (done, tried, object) = match record.event_name() {
        "CreateUser" => ("created", "create", target(TargetKind::User)),
        "DeleteUser" => ("deleted", "delete", target(TargetKind::User)),
        "CreateAccessKey" => ("made", "make", {
            let user = target(TargetKind::User);
            format!("an access key for {user}")
        }),
        "PutUserPolicy" => ("wrote", "write", {
            format!("inline policy {} on {}", parameter("policyName"), target(TargetKind::User))
        }),
        "AttachUserPolicy" => ("attached", "attach", format!("{} to {}", policy(), target(TargetKind::User))),
        "AttachGroupPolicy" => {
            ("attached", "attach", format!("{} to {}", policy(), target(TargetKind::Group)))
        }
        "AttachRolePolicy" => ("attached", "attach", format!("{} to {}", policy(), target(TargetKind::Role))),
        "UpdateAssumeRolePolicy" => {
            ("changed", "change", format!("who may assume {}", target(TargetKind::Role)))
        }
        "AddUserToGroup" => {
            ("added", "add", { format!("{} to group {}", target(TargetKind::User), parameter("groupName")) })
        }
        "RemoveUserFromGroup" => ("removed", "remove", {
            format!("{} from group {}", target(TargetKind::User), parameter("groupName"))
        }),
        other => ("called", "call", {
            let on =
                facts.target.as_ref().map(|target| format!(" on {} {}", target.kind.word(), target.name));
            format!("{other}{}", on.unwrap_or_default())
        }),
    };
    let error = facts.outcome.error.as_deref().and_then(|error| error.split_whitespace().next());
    match facts.outcome.verdict {
        Verdict::Success => format!("{actor} {done} {object}"),
        Verdict::Denied => format!("{actor} tried to {tried} {object}: denied ({})", error.unwrap_or(UNSAID)),
        Verdict::Failed => format!("{actor} tried to {tried} {object}: failed ({})", error.unwrap_or(UNSAID)),
    }
}
