//! Bounding the message. SNS takes 262,144 bytes of body and attributes together, and a CloudTrail
//! record alone may be as large: the alert must go out all the same.
//!
//! The record goes first, then parameters are cut, then joins, then every other field by the same rule. Only what
//! identifies the alert and says how bad it is stays as it is; those are short by themselves.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>

use serde_json::Value;

use super::Alert;

/// The alert can't be made to fit, or can't be written at all.
#[derive(Debug, thiserror::Error)]
pub enum TooLarge {
    /// Even without record and parameters it is too long.
    #[error("alert too large: {size} bytes without its record (limit {limit})")]
    Cut {
        /// Bytes that are left after all cuts.
        size: usize,
        /// Bytes that are allowed.
        limit: usize,
    },
    /// It can't be written as JSON.
    #[error("can't serialize the alert as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Mark of a text that was cut.
const MARK: &str = "…[cut]";

pub(super) fn message(alert: &Alert, limit: usize) -> Result<String, TooLarge> {
    let whole = serde_json::to_string(alert)?;
    if whole.len() <= limit {
        return Ok(whole);
    }
    let mut small = Alert { record: None, ..alert.clone() };
    small.truncated.push("record".to_owned());
    let without_record = serde_json::to_string(&small)?;
    if without_record.len() <= limit {
        return Ok(without_record);
    }
    small.truncated.push("parameters".to_owned());
    // Halve the longest text allowed until it fits: every parameter keeps its beginning.
    for longest in
        std::iter::successors(Some(16_384_usize), |longest| Some(longest / 2)).take_while(|&n| n >= 64)
    {
        small.parameters = cut(&alert.parameters, longest);
        let text = serde_json::to_string(&small)?;
        if text.len() <= limit {
            return Ok(text);
        }
    }
    // Not long texts but very many of them: nothing of the structure can be kept.
    small.parameters = Value::Null;
    if !small.joins.is_empty() {
        small.joins.clear();
        small.truncated.push("joins".to_owned());
    }
    cut_everything(&small, limit)
}

/// Fields that are short by themselves, and must stay what they are.
const KEPT: [&str; 7] = ["version", "id", "severity", "time", "detected_at", "test", "truncated"];

/// Cuts whatever is long in any field, texts and lists, a little more each time until it fits.
fn cut_everything(alert: &Alert, limit: usize) -> Result<String, TooLarge> {
    let whole = serde_json::to_value(alert)?;
    let mut size = whole.to_string().len();
    if size <= limit {
        return Ok(whole.to_string());
    }
    for most in std::iter::successors(Some(16_384_usize), |most| Some(most / 2)).take_while(|&n| n >= 8) {
        let mut small = whole.clone();
        let mut changed = alert.truncated.clone();
        for (name, field) in small.as_object_mut().into_iter().flatten() {
            if KEPT.contains(&name.as_str()) {
                continue;
            }
            let shorter = shorten(&cut(field, most.max(64)), most);
            if shorter != *field {
                *field = shorter;
                changed.push(name.clone());
            }
        }
        if let Some(truncated) = small.get_mut("truncated") {
            *truncated = changed.into();
        }
        let text = small.to_string();
        size = text.len();
        if size <= limit {
            return Ok(text);
        }
    }
    Err(TooLarge::Cut { size, limit })
}

/// Lists of at most so many items, at every depth.
fn shorten(value: &Value, most: usize) -> Value {
    match value {
        Value::Array(items) => items.iter().take(most).map(|item| shorten(item, most)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), shorten(item, most)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn cut(value: &Value, longest: usize) -> Value {
    match value {
        Value::String(text) if text.len() > longest => {
            let end = (0..=longest).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            Value::String(format!("{}{MARK}", text.get(..end).unwrap_or_default()))
        }
        Value::Array(items) => items.iter().map(|item| cut(item, longest)).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, item)| (key.clone(), cut(item, longest)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}
