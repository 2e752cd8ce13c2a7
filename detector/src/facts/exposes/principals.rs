//! Principals that stand in a call's parameters, outside a policy.

use serde_json::Value;

use super::account::account_of;
use super::{Exposed, Exposes, HomeAccount, short};
use crate::aws::{Arn, service_of};
use crate::record::member;

/// Returns the level of a principal in a parameter: `*`, a service, an account, an ARN.
pub(super) fn one(name: &str, own: HomeAccount<'_>) -> Exposed {
    // Lake Formation's words for everybody of an account.
    let name = name.strip_suffix(":IAMPrincipals").unwrap_or(name);
    match name {
        // SSM takes it in any case.
        _ if name == "*" || name.eq_ignore_ascii_case("all") => Exposed::everybody("allows everyone"),
        _ if service_of(name).is_some() || name == "alexa-appkit.amazon.com" => {
            Exposed::one(Exposes::Service, name, format!("allows service {}", short(name)))
        }
        _ if Arn::parse(name).is_some_and(|arn| arn.service == "organizations") => {
            // The resource is organization/o-…, or ou/o-…/ou-…
            let id = name.split('/').nth(1).unwrap_or(name);
            Exposed::one(own.organisation(id), name, format!("allows {}", short(name)))
        }
        _ => match account_of(name) {
            Some(account) => Exposed::account(account, own),
            None => Exposed::one(Exposes::Unknown, name, format!("allows {} (account unknown)", short(name))),
        },
    }
}

/// Returns the widest level of a list of principals, or of one.
pub(super) fn listed(names: &Value, own: HomeAccount<'_>) -> Exposed {
    let read = |name: &Value| match text_of(name) {
        Some(name) => one(name, own),
        None => Exposed::unknown("allows a principal with an unreadable name"),
    };
    match names {
        Value::Array(names) => Exposed::widest(names.iter().map(read)),
        name => read(name),
    }
}

/// Returns the text of a name; EC2 also writes `{"tag": 1, "content": "…"}`.
fn text_of(name: &Value) -> Option<&str> {
    member(name, "content").unwrap_or(name).as_str()
}
