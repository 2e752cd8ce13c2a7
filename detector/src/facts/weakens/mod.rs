//! Security controls that a call makes weaker, judged by the call's content and direction: turning a trail's
//! validation off weakens, turning it on does not.
//!
//! A refused call carries no parameters, so the attempt itself counts as weakening.

mod audit;
mod controls;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::record::Record;

/// Security control that is weaker after a call, if the call worked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weakens {
    /// Records of what happens: trails, flow logs, log groups.
    Audit,
    /// Means of detection: `GuardDuty`, Config, Security Hub, alarms.
    Detection,
    /// Guardrails that hold people back: permissions boundaries, denying policies, service control policies.
    Guardrail,
    /// The second factor.
    Mfa,
    /// Blocks that keep things from being public.
    PublicBlock,
    /// Keys and default encryption.
    Encryption,
    /// Nothing, as far as the record shows.
    #[default]
    #[serde(other)]
    None,
}

/// A weakening, and what it is in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weakening {
    pub(crate) what: Weakens,
    pub(crate) because: String,
}

impl Weakening {
    fn new(what: Weakens, because: impl Into<String>) -> Self {
        Self { what, because: because.into() }
    }

    /// Returns the security control that a call makes weaker; `None` where it makes none weaker.
    pub(super) fn of(record: &Record) -> Option<Self> {
        let call = Call { record, service: record.service()?, event: record.event_name() };
        audit::of(&call).or_else(|| controls::of(&call))
    }
}

/// Returns whether a call does nothing but make the audit trail stronger.
pub(super) fn strengthens(record: &Record) -> bool {
    audit::strengthens(record)
}

/// A call, as the tables here ask about it.
struct Call<'a> {
    record: &'a Record,
    service: &'a str,
    event: &'a str,
}

impl<'a> Call<'a> {
    fn value(&self, key: &str) -> Option<&'a Value> {
        self.record.parameter_value(key)
    }

    fn text(&self, key: &str) -> &'a str {
        self.record.parameter(key).unwrap_or_default()
    }

    /// A switch that is set to off. CloudTrail writes some booleans as text.
    fn is_off(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| is(value, false))
    }

    fn is_on(&self, key: &str) -> bool {
        self.value(key).is_some_and(|value| is(value, true))
    }

    /// True where the request is not known: the call was refused, or its parameters were left out.
    fn has_no_parameters(&self) -> bool {
        self.record.parameters().is_null() || self.record.parameters_are_omitted()
    }
}

/// A boolean or its text.
fn is(value: &Value, wanted: bool) -> bool {
    match value {
        Value::Bool(flag) => *flag == wanted,
        Value::String(text) => text.eq_ignore_ascii_case(if wanted { "true" } else { "false" }),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
