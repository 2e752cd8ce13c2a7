//! Paths of nodes: as jq writes them, as people write them, and back to the value.

use std::fmt::Write as _;

use serde_json::Value;

use super::build::json_inside;
use super::step::Step;
use crate::widget::text::json_text;

/// As jq writes it, behind the path of the whole: `.policyDocument | fromjson | .Statement[0]`.
pub(crate) fn jq(root: &str, steps: &[Step]) -> String {
    let mut out = root.to_owned();
    // At the start of a path a bracket needs a dot before it.
    let mut fresh = root.is_empty();
    for step in steps {
        let dot = if fresh { "." } else { "" };
        // Writing to a String does not fail.
        let _ = match step {
            Step::Key(key) if is_word(key) => write!(out, ".{key}"),
            Step::Key(key) => write!(out, "{dot}[{}]", json_text(key)),
            Step::Index(at) => write!(out, "{dot}[{at}]"),
            Step::Decoded => write!(out, " | @urid"),
            Step::Parsed => write!(out, " | fromjson | "),
        };
        fresh = matches!(step, Step::Parsed);
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

/// As people write it: `policyDocument.Statement[0].Action`.
pub(crate) fn dotted(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                out.push_str(if out.is_empty() { "" } else { "." });
                out.push_str(key);
            }
            Step::Index(at) => {
                // Writing to a String does not fail.
                let _ = write!(out, "[{at}]");
            }
            Step::Decoded | Step::Parsed => {}
        }
    }
    out
}

fn is_word(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The value that the steps lead to.
pub(crate) fn find(root: &Value, steps: &[Step]) -> Option<Value> {
    let mut value = root.clone();
    for step in steps {
        value = match step {
            Step::Key(key) => value.get(key)?.clone(),
            Step::Index(at) => value.get(at)?.clone(),
            // Reading it as JSON takes the encoding off too.
            Step::Decoded => value,
            Step::Parsed => json_inside(&value)?.0,
        };
    }
    Some(value)
}
