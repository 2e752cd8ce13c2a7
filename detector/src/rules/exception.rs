//! Exceptions: Sigma filters that keep rules silent where somebody has said why, for how long, and
//! who answers for it.
//!
//! <https://sigmahq.io/docs/meta/filters.html>. Beside Sigma's keys an exception has `owner`,
//! `reason` and `expires` (a day, UTC; the exception holds through it), and without any of them it
//! is refused: an exception that nobody answers for stays for ever.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::Value;

use super::sigma::{Event, Expression, Rule, SigmaError};

/// A Sigma filter.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Sigma's `id`.
    pub id: String,
    /// What it lets pass.
    pub title: String,
    /// Who answers for it.
    pub owner: String,
    /// Why it is harmless.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Date,
    /// The rules that it is about, by id; empty for any rule.
    pub rules: Vec<String>,
    /// Where it was read from.
    pub file: String,
    /// What must hold for a rule to speak all the same.
    keep: Expression,
}

impl Exception {
    /// Reads an exception that was YAML.
    ///
    /// # Errors
    /// Where a part is missing or can't be used.
    pub fn from_value(value: &Value) -> Result<Self, SigmaError> {
        let text = |key: &'static str, what: &'static str| {
            let text = value.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            text.map(str::to_owned).ok_or(SigmaError::Missing(key, what))
        };
        let filter = value
            .get("filter")
            .and_then(Value::as_object)
            .ok_or(SigmaError::Missing("filter", "a map with `rules`, selections and a condition"))?;
        let rules = match filter.get("rules") {
            Some(Value::Array(ids)) if !ids.is_empty() => ids
                .iter()
                .map(|id| id.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or(SigmaError::Missing("filter.rules", "a list of rule ids"))?,
            Some(Value::String(word)) if word == "any" => Vec::new(),
            _ => return Err(SigmaError::Missing("filter.rules", "a list of rule ids, or `any`")),
        };
        let selections = filter.iter().filter(|(key, _)| *key != "rules");
        let detection = selections.map(|(key, value)| (key.clone(), value.clone())).collect();
        Ok(Self {
            id: text("id", "a UUID")?,
            title: text("title", "a text")?,
            owner: text("owner", "a text: who answers for this exception")?,
            reason: text("reason", "a text: why this is harmless")?,
            expires: text("expires", "a day such as 2027-06-30")?
                .parse()
                .map_err(|_| SigmaError::Missing("expires", "a day such as 2027-06-30"))?,
            rules,
            file: String::new(),
            keep: Expression::parse(&detection)?,
        })
    }

    /// Whether it keeps this rule silent on this event.
    pub fn covers(&self, rule: &Rule, event: &Event<'_>) -> bool {
        (self.rules.is_empty() || self.rules.contains(&rule.id)) && !self.keep.matches(event)
    }

    /// Whether it holds at a time: through the whole of its last day.
    pub fn holds_at(&self, now: Timestamp) -> bool {
        Offset::UTC.to_datetime(now).date() <= self.expires
    }
}
